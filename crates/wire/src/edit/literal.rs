//! JSON string literals: what they say, and how to say something else.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Stands for half of a surrogate pair, which JSON can write and no text can hold.
pub(super) const LOST_SURROGATE: char = '\u{fffd}';

/// What the escape after a backslash says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// A character, and the bytes that it took, the backslash included.
    Char(char, usize),
    /// The first half of a pair is there, and the second may still come.
    Unfinished,
}

/// Reads the escape that the text begins with. What is no escape of JSON's stands for the character itself, and
/// half a pair for [`LOST_SURROGATE`].
pub(super) fn read_escape(text: &str) -> Escape {
    let Some(letter) = text.chars().nth(1) else { return Escape::Unfinished };
    let plain = match letter {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return read_unicode(text),
        other => other,
    };
    Escape::Char(plain, 1 + letter.len_utf8())
}

fn read_unicode(text: &str) -> Escape {
    let first = match read_unit(text) {
        Unit::Is(unit) => unit,
        Unit::Unfinished => return Escape::Unfinished,
        Unit::None => return Escape::Char('u', 2),
    };
    if let Some(plain) = char::from_u32(first.into()) {
        return Escape::Char(plain, 6);
    }
    if first >= 0xdc00 {
        return Escape::Char(LOST_SURROGATE, 6);
    }
    match read_unit(&text[6..]) {
        Unit::Unfinished => Escape::Unfinished,
        Unit::Is(second) => match char::decode_utf16([first, second]).next() {
            Some(Ok(pair)) => Escape::Char(pair, 12),
            _ => Escape::Char(LOST_SURROGATE, 6),
        },
        Unit::None => Escape::Char(LOST_SURROGATE, 6),
    }
}

enum Unit {
    Is(u16),
    /// The text ends where more of it would make a unit.
    Unfinished,
    None,
}

/// Reads `\uXXXX` at the start of the text.
fn read_unit(text: &str) -> Unit {
    let bytes = text.as_bytes();
    let is_possible = bytes.iter().take(6).enumerate().all(|(place, byte)| match place {
        0 => *byte == b'\\',
        1 => *byte == b'u',
        _ => byte.is_ascii_hexdigit(),
    });
    if !is_possible {
        return Unit::None;
    }
    let unit = text.get(2..6).and_then(|digits| u16::from_str_radix(digits, 16).ok());
    unit.map_or(Unit::Unfinished, Unit::Is)
}

/// What a literal says, from what stands between its quotes.
pub(super) fn decode(inner: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'\\', inner.as_bytes()) else { return Cow::Borrowed(inner) };
    let mut said = String::with_capacity(inner.len());
    said.push_str(&inner[..first]);
    let mut rest = &inner[first..];
    while !rest.is_empty() {
        match read_escape(rest) {
            Escape::Char(plain, length) => {
                said.push(plain);
                rest = &rest[length..];
            }
            // The literal ends within a pair, so its first half stands alone.
            Escape::Unfinished => {
                said.push(LOST_SURROGATE);
                rest = rest.get(6..).unwrap_or_default();
            }
        }
        let plain = memchr::memchr(b'\\', rest.as_bytes()).unwrap_or(rest.len());
        said.push_str(&rest[..plain]);
        rest = &rest[plain..];
    }
    Cow::Owned(said)
}

/// Appends text as it stands between quotes, with no more escapes than JSON demands.
pub(super) fn escape_into(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Writing to a string cannot fail.
            control if control < ' ' => _ = write!(out, "\\u{:04x}", u32::from(control)),
            other => out.push(other),
        }
    }
}

/// A whole literal, quotes included.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    escape_into(text, &mut out);
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_say_what_json_says() {
        for (inner, said) in [
            ("plain", "plain"),
            ("\\u00e9\\n\\/\\\"\\\\", "\u{e9}\n/\"\\"),
            ("\\ud83d\\ude00!", "\u{1f600}!"),
            ("\\ud83d!", "\u{fffd}!"),
            ("\\ud83d\\u0041", "\u{fffd}A"),
            ("\\ud83d\\ud83d\\ude00", "\u{fffd}\u{1f600}"),
            ("\\ude00\\ud83d", "\u{fffd}\u{fffd}"),
            ("\\ud83d\\n", "\u{fffd}\n"),
        ] {
            assert_eq!(decode(inner), said, "{inner}");
        }
    }

    proptest! {
        #[test]
        fn what_is_quoted_reads_back(text in any::<String>()) {
            let literal = quote(&text);
            prop_assert_eq!(serde_json::from_str::<String>(&literal).unwrap(), &*text);
            prop_assert_eq!(decode(&literal[1..literal.len() - 1]), text);
        }

        #[test]
        fn every_unit_decodes_as_a_lossy_reader_does(units in prop::collection::vec(
            prop_oneof![any::<u16>(), 0xd800u16..0xe000], 0..8)) {
            let inner: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            prop_assert_eq!(decode(&inner), String::from_utf16_lossy(&units));
        }
    }
}
