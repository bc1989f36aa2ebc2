//! Forms with files (RFC 7578), whole in memory: what a page of ours sends, and no more of the format than that.

use axum::body::Bytes;
use memchr::memmem;

/// Most parts of a form.
const PARTS_MAX: usize = 50;
/// Longest boundary (RFC 2046, section 5.1.1).
const BOUNDARY_BYTES_MAX: usize = 70;

/// A field or a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    /// What a file is called; `None` for a field.
    pub(super) file_name: Option<String>,
    pub(super) media_type: Option<String>,
    pub(super) bytes: Bytes,
}

/// The boundary that a content type names.
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let parameters = content_type.strip_prefix("multipart/form-data")?;
    let named = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("boundary="))?;
    Some(named.trim_matches('"')).filter(|named| (1..=BOUNDARY_BYTES_MAX).contains(&named.len()))
}

/// The parts of a body, in order; `None` where it is not one.
pub(super) fn parts(body: &Bytes, boundary: &str) -> Option<Vec<Part>> {
    let delimiter = format!("\r\n--{boundary}");
    let finder = memmem::Finder::new(delimiter.as_bytes());
    let mut at = delimiter.len() - 2;
    if !body.starts_with(&delimiter.as_bytes()[2..]) {
        return None;
    }
    let mut parts = Vec::new();
    loop {
        let rest = body.get(at..)?;
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        let start = at + rest.strip_prefix(b"\r\n").map(|_| 2)?;
        let end = start + finder.find(body.get(start..)?)?;
        if parts.len() >= PARTS_MAX {
            return None;
        }
        parts.push(part(&body.slice(start..end))?);
        at = end + delimiter.len();
    }
}

fn part(bytes: &Bytes) -> Option<Part> {
    let end = memmem::find(bytes, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let header = |wanted: &str| {
        head.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim())
        })
    };
    let disposition = header("content-disposition")?.strip_prefix("form-data")?;
    Some(Part {
        name: parameter(disposition, "name")?,
        file_name: parameter(disposition, "filename"),
        media_type: header("content-type").map(str::to_owned),
        bytes: bytes.slice(end + 4..),
    })
}

/// A quoted parameter. Browsers write `"`, CR and LF in percent-encoding (the WHATWG HTML standard, 4.10.21.8).
fn parameter(disposition: &str, name: &str) -> Option<String> {
    let begin = format!("; {name}=\"");
    let start = disposition.find(&begin)? + begin.len();
    let value = &disposition[start..];
    let value = &value[..value.find('"')?];
    Some(value.replace("%22", "\"").replace("%0D", " ").replace("%0A", " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "--xyz\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhello\r\n--not\r\n--xyz\r\n\
                        Content-Disposition: form-data; name=\"file\"; filename=\"a %22b%22.png\"\r\n\
                        Content-Type: image/png\r\n\r\n\0\r\n\r\n\u{1}\r\n--xyz--\r\n";

    #[test]
    fn fields_and_files_are_read_as_browsers_write_them() {
        assert_eq!(boundary("multipart/form-data; boundary=xyz"), Some("xyz"));
        assert_eq!(boundary("text/plain; boundary=xyz"), None);
        let parts = parts(&Bytes::from(BODY), "xyz").unwrap();
        assert_eq!((parts[0].name.as_str(), &parts[0].bytes[..]), ("text", &b"hello\r\n--not"[..]));
        assert_eq!(parts[1].file_name.as_deref(), Some("a \"b\".png"));
        assert_eq!(parts[1].media_type.as_deref(), Some("image/png"));
        assert_eq!(&parts[1].bytes[..], b"\0\r\n\r\n\x01");
    }

    #[test]
    fn a_body_that_is_cut_anywhere_is_no_form() {
        for end in 0..BODY.len() - 4 {
            assert!(parts(&Bytes::from(&BODY[..end]), "xyz").is_none(), "{end}");
        }
        let many =
            "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n".repeat(PARTS_MAX + 1) + "--x--";
        assert!(parts(&Bytes::from(many), "x").is_none());
    }
}
