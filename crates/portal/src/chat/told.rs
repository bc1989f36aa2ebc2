//! What is said under a message: for which purposes it is kept, or why not.

use candor_consent::{Purpose, Reason};
use candor_conversation::Timestamp;
use candor_vault::{Lowered, Person, Policy, Spoken};
use candor_wire::capture_header::Capture;

/// What was decided when a message was sent: by the gateway, which answers with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    capture: Option<Capture>,
    /// What the request itself asked for.
    lowered: Lowered,
    /// The name of an earlier session's message: it is in the vault.
    is_from_vault: bool,
}

/// Where a message is on its way to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing is kept.
    Nothing,
    /// It was decided to keep it; it is not in the store yet.
    Writing,
    /// It is in the store.
    Kept,
}

/// What holds for one purpose now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    Kept,
    /// Not for this purpose.
    Not(Reason),
    /// Not, for a reason of the gateway's own.
    NotKept(String),
}

impl Told {
    /// From the header of an answer.
    pub(crate) fn by(header: Option<&str>, lowered: Lowered) -> Self {
        Self { capture: header.and_then(Capture::read), lowered, is_from_vault: false }
    }

    /// Of a message that was read from the vault, bound to these purposes.
    pub(crate) fn kept_for(purposes: &[Purpose]) -> Self {
        let purposes = purposes.iter().map(|purpose| purpose.as_str().to_owned()).collect();
        Self { capture: Some(Capture::Kept { purposes }), lowered: Lowered::Nothing, is_from_vault: true }
    }

    #[cfg(test)]
    pub(super) fn nothing() -> Self {
        Self { capture: None, lowered: Lowered::Nothing, is_from_vault: false }
    }

    pub(crate) fn is_kept_for(&self, purpose: Purpose) -> bool {
        let Some(Capture::Kept { purposes }) = &self.capture else { return false };
        purposes.iter().any(|kept| kept == purpose.as_str())
    }

    /// Whether anything was to be kept.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(self.capture, Some(Capture::Kept { .. }))
    }

    /// How far it is, where the store holds so many messages of this person's in the conversation, and so many of them
    /// came before.
    pub(crate) fn progress(&self, (held, before): (usize, usize)) -> Progress {
        match self.is_kept() {
            false => Progress::Nothing,
            true if self.is_from_vault || held > before => Progress::Kept,
            true => Progress::Writing,
        }
    }

    /// What holds now for each purpose of the notice: what was decided then, and what was chosen since. A later yes
    /// changes nothing.
    pub(crate) fn holds(
        &self,
        (policy, person): (&Policy, &Person),
        (said_at, now): (Timestamp, Timestamp),
    ) -> Vec<(Purpose, Holds)> {
        let spoken = spoken(said_at, now, self.lowered);
        let one = |(purpose, ruled): (Purpose, Result<_, Reason>)| {
            let reason = ruled.err();
            let holds = match (&self.capture, reason) {
                (_, Some(Reason::NotInNotice)) => return None,
                (Some(Capture::Kept { .. }), None) if self.is_kept_for(purpose) => Holds::Kept,
                (Some(Capture::Withheld { reason }), None) if is_of_the_gateway(reason) => {
                    Holds::NotKept(reason.clone())
                }
                (_, Some(reason)) => Holds::Not(reason),
                (_, None) => Holds::Not(Reason::NotBound),
            };
            Some((purpose, holds))
        };
        policy.rule_each(person, &spoken).into_iter().filter_map(one).collect()
    }
}

/// Something that was said, of which nothing else is known than who says it.
pub(crate) fn spoken(at: Timestamp, now: Timestamp, lowered: Lowered) -> Spoken {
    Spoken { at, now: now.max(at), lowered, tier: None, region: None, age: None }
}

/// Whether a code is none of the vault's reasons.
fn is_of_the_gateway(code: &str) -> bool {
    code.parse::<Reason>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decided_is_being_written_until_the_store_has_it() {
        let told = Told::by(Some("kept; purposes=\"history train\""), Lowered::Nothing);
        assert!(told.is_kept_for(Purpose::Train) && !told.is_kept_for(Purpose::Publish));
        assert_eq!(told.progress((0, 0)), Progress::Writing);
        assert_eq!(told.progress((1, 1)), Progress::Writing);
        assert_eq!(told.progress((2, 1)), Progress::Kept);
        for header in [None, Some("withheld; reason=refused"), Some("nonsense")] {
            assert_eq!(Told::by(header, Lowered::Nothing).progress((9, 0)), Progress::Nothing);
        }
    }

    #[test]
    fn reasons_of_the_gateway_are_told_from_those_of_the_vault() {
        assert!(is_of_the_gateway("capture-off") && !is_of_the_gateway("refused"));
    }
}
