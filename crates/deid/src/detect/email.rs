//! E-mail addresses, around each `@`.
//!
//! Reserved domains (`example.com`) are redacted too: people mask half an address that way, and the other half is
//! often a name. Not found yet: quoted local parts, address literals, non-ASCII addresses, "name (at) host".

use crate::candidate::Evidence;
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_word};

/// The longest local part, in bytes (RFC 5321, 4.5.3.1.1).
const LOCAL_BYTES_MAX: usize = 64;
/// The longest domain, in bytes (RFC 5321, 4.5.3.1.2).
const DOMAIN_BYTES_MAX: usize = 255;
/// Last labels that are file endings rather than top-level domains: `logo@2x.png`, `getty@tty1.service`.
const FILE_ENDINGS: [&str; 16] = [
    "png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "ts", "json", "html", "pdf", "txt", "service",
    "socket", "timer",
];

pub(super) fn detect(scan: &mut Scan<'_>, at_sign: usize) {
    let mut start = scan.run_start(at_sign, LOCAL_BYTES_MAX, is_local);
    while start < at_sign && !is_word(scan.at(start)) && scan.at(start) != b'+' {
        start += 1;
    }
    if start == at_sign
        || scan.before(at_sign) == b'.'
        || is_local(scan.before(start)) && is_word(scan.before(start))
    {
        return;
    }
    let Some(end) = domain_end(scan, at_sign + 1) else { return };
    // `git@host:path` names a repository, not a person.
    if &scan.text[start..at_sign] == "git" {
        return;
    }
    scan.claim(start..end, IdentifierKind::Email, Evidence::shape("email-address"), 0.97);
}

/// Where the domain that starts at `from` ends, when it is one: two labels at least, the last of letters.
fn domain_end(scan: &mut Scan<'_>, from: usize) -> Option<usize> {
    let mut end = scan
        .run_end(from, DOMAIN_BYTES_MAX, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let domain = &scan.text[from..end];
    // A full stop, an ellipsis or a dash after the address is not part of it.
    let trimmed = domain.trim_end_matches(['.', '-']);
    let trimmed = &trimmed[..trimmed.find("..").unwrap_or(trimmed.len())];
    end = from + trimmed.len();
    let labels: Vec<&str> = trimmed.split('.').collect();
    let (last, others) = labels.split_last()?;
    let last_is_domain = last.len() >= 2
        && (last.bytes().all(|byte| byte.is_ascii_alphabetic())
            || last.to_ascii_lowercase().starts_with("xn--"))
        && !FILE_ENDINGS.contains(&last.to_ascii_lowercase().as_str());
    let others_are_labels = !others.is_empty()
        && others
            .iter()
            .all(|label| (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-'));
    (last_is_domain && others_are_labels).then_some(end)
}

fn is_local(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b'.' | b'-' | b'+' | b'\'' | b'%' | b'&' | b'~')
}
