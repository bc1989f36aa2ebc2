//! The response header that tells what was decided about a request.
//!
//! `candor-capture: kept; purposes="history train"` or `candor-capture: withheld; reason=refused`: an item of
//! RFC 8941 with one parameter. It tells the decision; it does not promise that anything is on disk.

/// Name of the header.
pub const CAPTURE_HEADER: &str = "candor-capture";

/// What the header says, as a reader of it sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Capture {
    /// Kept, for these purposes.
    Kept {
        /// Codes of the purposes.
        purposes: Vec<String>,
    },
    /// Not kept.
    Withheld {
        /// Code of the reason.
        reason: String,
    },
}

/// The value for what is kept. Codes are words of the program, never text of a request: hence `'static`.
///
/// ```
/// assert_eq!(candor_wire::capture_header::kept(&["history", "train"]), "kept; purposes=\"history train\"");
/// ```
pub fn kept(purposes: &[&'static str]) -> String {
    format!("kept; purposes=\"{}\"", purposes.join(" "))
}

/// The value for what is not kept.
pub fn withheld(reason: &'static str) -> String {
    format!("withheld; reason={reason}")
}

impl Capture {
    /// Reads a value; `None` where it is not one of ours. Parameters that are not known are skipped.
    pub fn read(value: &str) -> Option<Self> {
        let mut members = value.split(';').map(str::trim);
        let word = members.next()?;
        let parameter = |name: &str| {
            members.clone().find_map(|member| {
                let (key, value) = member.split_once('=')?;
                (key == name).then(|| value.trim_matches('"'))
            })
        };
        match word {
            "kept" => {
                let purposes = parameter("purposes")?.split(' ').filter(|purpose| !purpose.is_empty());
                Some(Capture::Kept { purposes: purposes.map(str::to_owned).collect() })
            }
            "withheld" => Some(Capture::Withheld { reason: parameter("reason")?.to_owned() }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let purposes = ["history", "human_review"];
        let read = Capture::Kept { purposes: purposes.map(str::to_owned).to_vec() };
        assert_eq!(Capture::read(&kept(&purposes)), Some(read));
        let read = Capture::Withheld { reason: "notice_broader".into() };
        assert_eq!(Capture::read(&withheld("notice_broader")), Some(read));
    }

    #[test]
    fn other_values_are_not_read() {
        for value in ["", "kept", "withheld; purposes=x", "maybe; reason=x", ";;;"] {
            assert_eq!(Capture::read(value), None, "{value}");
        }
        let more = Capture::read("withheld; reason=refused; since=3");
        assert_eq!(more, Some(Capture::Withheld { reason: "refused".into() }));
    }
}
