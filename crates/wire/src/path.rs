//! Paths of requests, however they are spelt.
//!
//! `/v1//chat/completions`, `/v1/chat%2Fcompletions` and `/v1/chat/completions;a=b` are three paths to one server and
//! the same to another. Whoever decides by the path what is done with a request must see the one that all of them
//! may be taken for: [`normal_form`]. Nothing here changes what is sent.

use std::borrow::Cow;

/// Rounds of percent-decoding: a path that was encoded more often than this is not read further.
const ROUNDS_MAX: usize = 4;

/// The plainest path that a server may take this one for, without its query: percent-encoding undone as often as
/// there is some, backslashes as slashes, parameters after `;` cut off, empty segments and those of one dot left out.
/// Letters keep their case.
///
/// ```
/// use candor_wire::path::normal_form;
///
/// assert_eq!(normal_form("/v1//chat%252Fcompletions;a=b/?stream"), "/v1/chat/completions");
/// ```
pub fn normal_form(path: &str) -> Cow<'_, str> {
    let path = without_query(path);
    let trimmed = path.trim_end_matches('/');
    if !trimmed.is_empty() && is_plain(trimmed, |_| false) {
        return Cow::Borrowed(trimmed);
    }
    let mut decoded = path.to_owned();
    for _ in 0..ROUNDS_MAX {
        if !decoded.contains('%') {
            break;
        }
        decoded = decode(&decoded);
    }
    // What was encoded may hide where a query begins.
    let decoded = without_query(&decoded).replace('\\', "/");
    let mut normal = String::with_capacity(decoded.len());
    for segment in decoded.split('/') {
        let segment = segment.split(';').next().unwrap_or_default().trim();
        if !matches!(segment, "" | ".") {
            normal.push('/');
            normal.push_str(segment);
        }
    }
    Cow::Owned(normal)
}

/// Whether no server could take a path for another: it has no empty segments within, no dots for a segment, no
/// parameters, and nothing in percent-encoding but what cannot stand in a path as it is, such as a space.
///
/// ```
/// use candor_wire::path::is_spelt_plainly;
///
/// assert!(is_spelt_plainly("/v1/files/my%20file/?a=//b"));
/// assert!(!is_spelt_plainly("/v1//files") && !is_spelt_plainly("/v1/%66iles"));
/// ```
pub fn is_spelt_plainly(path: &str) -> bool {
    let is_harmless = |byte: u8| {
        let has_meaning = byte.is_ascii_alphanumeric() || b"-._~/\\%;?#".contains(&byte);
        !has_meaning && !byte.is_ascii_control()
    };
    is_plain(without_query(path).trim_end_matches('/'), is_harmless)
}

/// `is_harmless` tells which bytes may stand in percent-encoding.
fn is_plain(path: &str, is_harmless: impl Fn(u8) -> bool) -> bool {
    let mut bytes = path.as_bytes();
    let mut segment: &[u8] = b"-";
    while let Some((first, rest)) = bytes.split_first() {
        match first {
            b'/' if matches!(rest, [] | [b'/', ..]) => return false,
            b'/' => segment = rest,
            b'\\' | b';' | b'#' => return false,
            b'.' if segment.len() == bytes.len() && is_dots(bytes) => return false,
            b'%' if !hex_pair(rest).is_some_and(&is_harmless) => return false,
            byte if byte.is_ascii_control() || *byte == b' ' => return false,
            _ => {}
        }
        bytes = rest;
    }
    true
}

fn is_dots(bytes: &[u8]) -> bool {
    let end = bytes.iter().position(|byte| *byte == b'/').unwrap_or(bytes.len());
    matches!(&bytes[..end], b"." | b"..")
}

fn without_query(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

/// A text with its percent-encoding undone once; bytes that are no UTF-8 become U+FFFD.
pub fn decode(path: &str) -> String {
    let mut out = Vec::with_capacity(path.len());
    let mut bytes = path.as_bytes();
    while let Some((first, rest)) = bytes.split_first() {
        bytes = rest;
        match hex_pair(rest).filter(|_| *first == b'%') {
            Some(byte) => {
                out.push(byte);
                bytes = &rest[2..];
            }
            None => out.push(*first),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hex_pair(bytes: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    Some((digit(0)? << 4 | digit(1)?) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_spelling_has_one_normal_form_and_is_known_for_what_it_is() {
        let spellings = [
            "/v1/chat/completions",
            "/v1/chat/completions/",
            "/v1/chat/completions?a=/../%2F",
            "//v1/chat/completions",
            "/v1//chat/completions",
            "/v1/./chat/completions",
            "/v1/%2e/chat/completions",
            "/v1/chat%2Fcompletions",
            "/v1/chat%2fcompletions",
            "/v1/chat%252Fcompletions",
            "/v1/chat%5Ccompletions",
            "/v1/chat\\completions",
            "/v1/c%68at/completions",
            "/v1/chat;a=b/completions",
            "/v1/chat/completions;",
            "/v1/chat/completions%3Fa=b",
            "/v1/chat/completions%20",
        ];
        for spelling in spellings {
            assert_eq!(normal_form(spelling), "/v1/chat/completions", "{spelling}");
        }
        let plain: Vec<_> = spellings.into_iter().filter(|path| is_spelt_plainly(path)).collect();
        assert_eq!(
            plain,
            [
                "/v1/chat/completions",
                "/v1/chat/completions/",
                "/v1/chat/completions?a=/../%2F",
                "/v1/chat/completions%20",
            ]
        );
    }

    #[test]
    fn names_that_need_percent_encoding_are_plain() {
        for path in
            ["/v1/models/ft%3Agpt-4", "/v1/files/a%20b.txt", "/v1/files/%C3%A9", "/v1/models/gpt-4.1..x"]
        {
            assert!(is_spelt_plainly(path), "{path}");
        }
        for path in ["/v1/models/a%2Fb", "/v1/%", "/v1/%4", "/v1/%zz", "/v1/a%00", "/v1/..", "/v1/../x"] {
            assert!(!is_spelt_plainly(path), "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_normal_form_is_its_own(path in "(/|[a-z.;%\\\\?]|%2[eEfF5]|%41){0,24}") {
            let once = normal_form(&path).into_owned();
            // What is left in percent-encoding was encoded more often than is read.
            if !once.contains('%') {
                prop_assert_eq!(normal_form(&once).into_owned(), once);
            }
        }

        #[test]
        fn what_is_spelt_plainly_is_changed_in_its_ends_and_names_only(path in "(/|[a-z._;%\\\\]|%2[eEfF0]){1,24}") {
            if is_spelt_plainly(&path) && !path.contains('%') {
                prop_assert_eq!(normal_form(&path), path.trim_end_matches('/'));
            }
        }
    }
}
