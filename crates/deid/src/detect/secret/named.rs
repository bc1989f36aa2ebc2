//! Where a named value stands: what joins it to its name, and where it ends.

use std::ops::Range;

use crate::detect::secret::value::{self, Drawn};
use crate::scan::{Scan, is_word};

/// The longest rest of a name after the word: `_ACCESS_KEY_ID`.
pub(super) const NAME_REST_BYTES_MAX: usize = 28;
/// The most bytes of quotes, spaces, signs and brackets between name and value.
pub(super) const JOINT_BYTES_MAX: usize = 16;
/// The longest value, and how much farther one goes that looks random.
const VALUE_BYTES_MAX: usize = 192;
const RANDOM_BYTES_MAX: usize = 1024;

/// How a value is tied to its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// By a sign: `=`, `:`, `>`.
    Assigned,
    /// By `is`.
    Said,
    /// It just follows, or stands in a call.
    Follows,
}

/// A value under a name.
pub(super) struct Named {
    pub(super) range: Range<usize>,
    pub(super) joint: Joint,
    /// It stands in quotes.
    pub(super) closed: bool,
    /// It stands on a line of its own.
    pub(super) below: bool,
    /// Nothing but one sign or a tag's end, or a space and a quote, is between name and value.
    pub(super) direct: bool,
}
/// Whether a sign assigns a value to a name.
pub(super) fn is_assigned(scan: &mut Scan<'_>, word_end: usize) -> bool {
    let name_end = scan.run_end(word_end, NAME_REST_BYTES_MAX, |byte| is_word(byte) || byte == b'-');
    let joint_end = scan.run_end(name_end, JOINT_BYTES_MAX, is_joint);
    scan.bytes[name_end..joint_end].iter().any(|byte| matches!(byte, b':' | b'=' | b'>'))
}

/// Reads the value that follows a name that begins with `word`.
pub(super) fn read(scan: &mut Scan<'_>, word: Range<usize>) -> Option<Named> {
    let name_end = scan.run_end(word.end, NAME_REST_BYTES_MAX, |byte| is_word(byte) || byte == b'-');
    let joint_end = scan.run_end(name_end, JOINT_BYTES_MAX, is_joint);
    let signs = &scan.bytes[name_end..joint_end];
    let assigned = signs.iter().any(|byte| matches!(byte, b':' | b'=' | b'>'));
    let below = signs.contains(&b'\n');
    let (start, joint) = match assigned {
        true => (joint_end, Joint::Assigned),
        false => skip_is(scan, joint_end),
    };
    if start == name_end {
        return None;
    }
    let attribute = skip_attribute(scan, start);
    let joint = if attribute > start { Joint::Assigned } else { joint };
    let start = skip_scheme(scan, attribute);
    let quote = scan.before(start);
    let quoted = matches!(quote, b'"' | b'\'' | b'`');
    let run_end = value_end(scan, start, |byte| match quoted {
        true => is_quotable(byte) && byte != quote,
        false => is_value(byte),
    });
    let closed = quoted && scan.at(run_end) == quote;
    let run_end = if quoted && !closed { value_end(scan, start, is_value) } else { run_end };
    let end = match closed {
        true => run_end,
        false => start + scan.text[start..run_end].trim_end_matches(['.', ':', '!', '?', '*', '&']).len(),
    };
    let called = matches!(scan.at(run_end), b'(' | b'[' | b'{');
    let direct = matches!(&scan.bytes[name_end..start], b"=" | b">" | b" '" | b" \"");
    (end > start && !called).then_some(Named { range: start..end, joint, closed, below, direct })
}

/// Where a value ends; one that looks random may be longer than others.
fn value_end(scan: &mut Scan<'_>, start: usize, accept: impl Fn(u8) -> bool) -> usize {
    let end = scan.run_end(start, VALUE_BYTES_MAX, &accept);
    let goes_on = end - start == VALUE_BYTES_MAX && value::drawn(&scan.text[start..end]) == Drawn::Mixed;
    if goes_on { scan.run_end(end, RANDOM_BYTES_MAX, accept) } else { end }
}
/// Steps over `is`, in any case, after a name: "my password is …".
fn skip_is(scan: &mut Scan<'_>, at: usize) -> (usize, Joint) {
    let said = scan.bytes.get(at..at + 3).is_some_and(|is| is.eq_ignore_ascii_case(b"is "));
    if !said {
        return (at, Joint::Follows);
    }
    (scan.run_end(at + 3, JOINT_BYTES_MAX, is_joint), Joint::Said)
}

/// Steps over `value="`, with which XML gives a name its value.
fn skip_attribute(scan: &Scan<'_>, at: usize) -> usize {
    let attribute = b"value=\"";
    let found =
        scan.bytes.get(at..at + attribute.len()).is_some_and(|head| head.eq_ignore_ascii_case(attribute));
    at + if found { attribute.len() } else { 0 }
}

/// Steps over the scheme of an `Authorization` header.
fn skip_scheme(scan: &Scan<'_>, at: usize) -> usize {
    let schemes: [&[u8]; 5] = [b"bearer ", b"basic ", b"token ", b"apikey ", b"ssws "];
    let rest = &scan.bytes[at..];
    let scheme = schemes
        .iter()
        .find(|scheme| rest.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)));
    at + scheme.map_or(0, |scheme| scheme.len())
}
fn is_joint(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t'
            | b'\r'
            | b'\n'
            | b'"'
            | b'\''
            | b'`'
            | b':'
            | b'='
            | b'>'
            | b']'
            | b'\\'
            | b','
            | b'('
            | b')'
            | b'|'
    )
}

/// What a value in quotes may hold: nothing that lies between words.
pub(super) fn is_quotable(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'`' | b'<' | b'>' | b'|')
}

fn is_value(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'_'
                | b'.'
                | b'+'
                | b'/'
                | b'='
                | b'~'
                | b'%'
                | b'!'
                | b'$'
                | b'@'
                | b'#'
                | b'^'
                | b'&'
                | b'*'
                | b':'
                | b'?'
        )
}
