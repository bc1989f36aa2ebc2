//! Text that is text already: any, JSON, tables.

use std::borrow::Cow;

use crate::limits::{Budget, Unreadable};
use crate::place::{Place, TextPart};

/// UTF-8, or UTF-16 that says so, without a byte order mark.
pub(crate) fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, odd) = bytes.as_chunks::<2>();
        if !odd.is_empty() {
            return Err(Unreadable::Unknown);
        }
        let text: Result<String, _> = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
        text.map(Cow::Owned).map_err(|_| Unreadable::Unknown)
    };
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        all => utf8(all),
    }?;
    // Control characters that no text has: it is something else that happens to be valid.
    let strange = text.bytes().any(|byte| byte < 0x09 || (0x0e..0x1b).contains(&byte));
    if strange { Err(Unreadable::Unknown) } else { Ok(text) }
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| Unreadable::Unknown)
}

pub(crate) fn text(text: Cow<'_, str>, budget: &mut Budget) -> Result<Vec<TextPart>, Unreadable> {
    budget.take_text(text.len())?;
    Ok(vec![TextPart { place: Place::Whole, text: text.into_owned() }])
}

/// The same with `\u0041` read as the character, so that nothing hides behind it.
pub(crate) fn json(source: Cow<'_, str>, budget: &mut Budget) -> Result<Vec<TextPart>, Unreadable> {
    text(unescaped(&source).into(), budget)
}

/// Replaces escapes of characters that JSON allows to stand as they are; others stay.
fn unescaped(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let (read, length) = match escape.as_bytes().get(1) {
            Some(b'u') => character(escape).unwrap_or((None, 2)),
            Some(b'/') => (Some('/'), 2),
            Some(byte) if byte.is_ascii() => (None, 2),
            _ => (None, 1),
        };
        match read {
            Some(c) => out.push(c),
            None => out.push_str(&escape[..length]),
        }
        rest = &escape[length..];
    }
    out.push_str(rest);
    out
}

/// The character of an escape, unless it must be escaped, and the escape's length.
fn character(escape: &str) -> Option<(Option<char>, usize)> {
    let unit = |from: usize| u16::from_str_radix(escape.get(from..from + 4)?, 16).ok();
    let first = unit(2)?;
    let second = (escape.get(6..8) == Some("\\u")).then(|| unit(8)).flatten();
    let pair = second.map(|second| [first, second]);
    let (units, length): (&[u16], usize) = match &pair {
        Some(pair) if (0xd800..0xdc00).contains(&first) => (pair, 12),
        _ => (&[first], 6),
    };
    let c = char::decode_utf16(units.iter().copied()).next()?.ok();
    Some((c.filter(|c| !c.is_control() && !matches!(c, '"' | '\\')), length))
}

/// Lines that are told apart in one part.
const PART_LINES: u64 = 100;

/// A table as it is written, in parts of some lines each, so that a place can be named.
pub(crate) fn table(source: Cow<'_, str>, budget: &mut Budget) -> Result<Vec<TextPart>, Unreadable> {
    let separator = separator(&source).ok_or(Unreadable::Damaged)?;
    budget.take_text(source.len())?;
    let mut reader = reader(&source, separator);
    let mut record = csv::ByteRecord::new();
    let (mut parts, mut start, mut first) = (Vec::new(), 0, 1);
    let mut cut = |from: usize, to: usize, lines: (u64, u64)| {
        let text = source.get(from..to).unwrap_or_default().trim_end_matches(['\r', '\n']).to_owned();
        parts.push(TextPart { place: Place::Lines { first: lines.0, last: lines.1 }, text });
    };
    while reader.read_byte_record(&mut record).map_err(|_| Unreadable::Damaged)? {
        budget.take_steps(1)?;
        let (at, line) = (reader.position().byte() as usize, reader.position().line());
        if line.saturating_sub(first) >= PART_LINES {
            cut(start, at, (first, line - 1));
            (start, first) = (at, line);
        }
    }
    let lines = source.lines().count() as u64;
    cut(start, source.len(), (first, lines.max(first)));
    Ok(parts)
}

fn reader(source: &str, separator: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(source.as_bytes())
}

/// What separates the values of a table: its first lines have it, all equally often.
pub(crate) fn separator(text: &str) -> Option<u8> {
    const LINES: usize = 20;
    const COLUMNS_MIN: usize = 2;
    [b',', b';', b'\t', b'|'].into_iter().find(|separator| {
        let mut reader = reader(text, *separator);
        let mut widths =
            reader.byte_records().take(LINES).map(|record| record.map_or(0, |record| record.len()));
        let Some(first) = widths.next() else { return false };
        // A sentence with one comma over another with one comma is no table yet.
        let least = if *separator == b',' { COLUMNS_MIN + 1 } else { COLUMNS_MIN };
        let mut lines = 1;
        let same = widths.all(|width| {
            lines += 1;
            width == first
        });
        same && first >= COLUMNS_MIN && lines >= 2 && (first >= least || lines >= 4)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_characters_that_need_none_are_read() {
        assert_eq!(
            unescaped(r#"{"a":"ada\u0040x.org \ud83d\ude00 \\u0041 \n \u0022 \/"}"#),
            r#"{"a":"ada@x.org 😀 \\u0041 \n \u0022 /"}"#
        );
        assert_eq!(unescaped(r"\ud83d \u00 \"), r"\ud83d \u00 \");
    }

    #[test]
    fn tables_are_told_from_prose() {
        assert_eq!(separator("name,phone,city\nAda,1,London\n"), Some(b','));
        assert_eq!(separator("name;phone\nAda;1\n"), Some(b';'));
        assert_eq!(separator("Well, yes.\nNo, not so.\n"), None);
        assert_eq!(separator("One line, one, two, three"), None);
    }
}
