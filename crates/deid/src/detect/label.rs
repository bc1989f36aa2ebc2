//! Numbers that only a label tells from others: `passport no. X1234567`, `MRN: 00123456`, `sort code 12-34-56`.

mod labels;

use std::ops::Range;

use crate::candidate::Evidence;
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_letter, is_word};

pub(super) use labels::LABELS;

/// A form that the numbers behind a label have.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// Letters and digits, spaces allowed between groups with digits: least and most characters, least digits.
    Code(usize, usize, usize),
    /// One word of letters and digits: least and most characters, least digits.
    Word(usize, usize, usize),
    /// Digits in groups: least and most.
    Digits(usize, usize),
    /// Nine digits with the checksum of American banks.
    Aba,
    /// Eight or eleven characters: bank, country, place, branch (ISO 9362).
    Bic,
    /// A number plate.
    Plate,
}

/// A label and what follows it.
pub(super) struct Label {
    pub(super) kind: IdentifierKind,
    rule: &'static str,
    form: Form,
    /// Lower case; `*` at the end lets letters follow.
    pub(super) words: &'static [&'static str],
}

/// The most bytes between a label and its number.
const GAP_BYTES_MAX: usize = 28;
/// The most groups of a number.
const GROUPS_MAX: usize = 6;
/// The most numbers behind one label, and what stands between two.
const VALUES_MAX: usize = 6;
const JOINTS: [&str; 9] = [" and ", " & ", " or ", " und ", " et ", " y ", " e ", " en ", " i "];
/// Words between a label and its number.
const BETWEEN: [&str; 34] = [
    "number", "numbers", "no", "num", "nr", "n", "id", "code", "is", "was", "ist", "lautet", "est", "es",
    "è", "nummer", "numéro", "número", "numero", "card", "account", "of", "the", "hash", "ending", "has",
    "hat", "é", "jest", "er", "este", "to", "in", "it",
];

/// Looks for the number behind a label.
pub(super) fn detect(scan: &mut Scan<'_>, words: Range<usize>, label: &Label, open: bool) {
    let begins = !scan.char_before(words.start).is_some_and(is_letter);
    if !begins || !open && scan.char_at(words.end).is_some_and(is_letter) {
        return;
    }
    let mut at = if open { scan.letters_end(words.end, GAP_BYTES_MAX) } else { words.end };
    let limit = words.end + GAP_BYTES_MAX;
    while at < limit {
        let gap = scan.skip(at, 4, b" :#=.-\"'(\t\n|*,");
        // The signs of `no. ` and of `°`, which are not ASCII.
        let gap = gap
            + scan.text[gap..]
                .chars()
                .next()
                .filter(|c| matches!(c, 'º' | '°' | '№'))
                .map_or(0, char::len_utf8);
        let word = scan.word_at(gap);
        let joined = matches!(scan.at(gap + word.len()), b'0'..=b'9' | b'-');
        let between = !word.is_empty() && !joined && BETWEEN.contains(&word.to_lowercase().as_str());
        if !between {
            at = gap;
            break;
        }
        at = gap + word.len();
    }
    if at == words.end {
        return;
    }
    let evidence = match label.form {
        Form::Aba => Evidence::checksum(label.rule),
        _ => Evidence::context(label.rule),
    };
    // `passports X1234567 and X1234568`. In a text that streams, the label may be out of sight by then.
    let values_max = if scan.wanted.in_whole_texts() { VALUES_MAX } else { 1 };
    for _ in 0..values_max {
        let Some(range) = value(scan, at, label.form) else { return };
        let end = range.end;
        scan.claim(range, label.kind, evidence, 0.8);
        let Some(joint) = JOINTS.iter().find(|joint| scan.text[end..].starts_with(**joint)) else { return };
        at = end + joint.len();
    }
}

/// The number that begins here, when it has the form.
fn value(scan: &mut Scan<'_>, at: usize, form: Form) -> Option<Range<usize>> {
    if is_word(scan.before(at)) {
        return None;
    }
    let spaced = !matches!(form, Form::Word(..) | Form::Bic);
    let mut end = group_end(scan, at);
    let mut groups = 1;
    while spaced && groups < GROUPS_MAX && scan.at(end) == b' ' {
        let next = group_end(scan, end + 1);
        let group = &scan.bytes[end + 1..next];
        let goes_on = group.iter().any(u8::is_ascii_digit) && !group.iter().any(u8::is_ascii_lowercase)
            || form == Form::Plate && group.len() == 3 && is_british_plate(&scan.bytes[at..next])
            || form == Form::Plate
                && !group.is_empty()
                && group.len() <= 3
                && group.iter().all(u8::is_ascii_uppercase);
        if !goes_on {
            break;
        }
        end = next;
        groups += 1;
    }
    let range = at..end;
    (fits(&scan.bytes[range.clone()], form) && !scan.char_at(end).is_some_and(is_letter)).then_some(range)
}

/// Where a group of letters, digits and the signs within numbers ends.
fn group_end(scan: &mut Scan<'_>, at: usize) -> usize {
    let belongs = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'/' | b'.');
    // The districts of German plates have umlauts: `GÜ-D 45`.
    let mut end = scan.run_end(at, 30, belongs);
    while end < at + 3 && scan.char_at(end).is_some_and(|c| matches!(c, 'ä' | 'ö' | 'ü' | 'Ä' | 'Ö' | 'Ü'))
    {
        end = scan.run_end(end + 2, 30, belongs);
    }
    at + scan.text[at..end].trim_end_matches(['.', '-', '/']).len()
}

fn fits(text: &[u8], form: Form) -> bool {
    let characters: Vec<u8> = text.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
    let digits = characters.iter().filter(|byte| byte.is_ascii_digit()).count();
    match form {
        Form::Code(least, most, digits_min) | Form::Word(least, most, digits_min) => {
            (least..=most).contains(&characters.len()) && digits >= digits_min && !is_date(text)
        }
        Form::Digits(least, most) => {
            (least..=most).contains(&digits) && digits == characters.len() && !is_date(text)
        }
        Form::Aba => characters.len() == 9 && digits == 9 && is_routing_number(&characters),
        Form::Bic => is_bic(text),
        Form::Plate => {
            let letters = characters.len() - digits;
            let whole = digits >= 5 && digits == characters.len();
            (4..=9).contains(&characters.len())
                && digits >= 1
                && (letters >= 1 || whole)
                && (!characters.iter().any(u8::is_ascii_lowercase) || is_typed_plate(text))
        }
    }
}

/// Two letters, two digits, three letters, in either case: `ab12 cde`.
fn is_british_plate(text: &[u8]) -> bool {
    let shape: [fn(&u8) -> bool; 8] = [
        u8::is_ascii_alphabetic,
        u8::is_ascii_alphabetic,
        u8::is_ascii_digit,
        u8::is_ascii_digit,
        |byte| *byte == b' ',
        u8::is_ascii_alphabetic,
        u8::is_ascii_alphabetic,
        u8::is_ascii_alphabetic,
    ];
    text.len() == shape.len() && text.iter().zip(shape).all(|(byte, is)| is(byte))
}

/// A plate in lower case, told from a size by the hyphens that plates are printed with, `gr-884-te`, or by its letters.
fn is_typed_plate(text: &[u8]) -> bool {
    let mut groups = text.split(|byte| *byte == b'-');
    let count = |is: fn(&u8) -> bool| text.iter().filter(|byte| is(byte)).count();
    let is_size = [&b"cm"[..], b"mm", b"in", b"kg", b"px", b"th"].iter().any(|unit| text.ends_with(unit));
    // In one word: `fu799hp`.
    let joined = (6..=8).contains(&text.len())
        && text.iter().all(u8::is_ascii_alphanumeric)
        && count(u8::is_ascii_digit) >= 2
        && count(u8::is_ascii_alphabetic) >= 2;
    is_british_plate(text)
        || joined && !is_size
        || text.len() >= 6
            && text.contains(&b'-')
            && groups.all(|group| {
                let alike = |is: fn(&u8) -> bool| group.iter().all(is);
                let mixed = group.len() == 4
                    && group[0].is_ascii_digit()
                    && group[2..].iter().all(u8::is_ascii_digit);
                (1..=4).contains(&group.len())
                    && (mixed || alike(u8::is_ascii_digit) || alike(u8::is_ascii_lowercase))
            })
}

fn is_date(text: &[u8]) -> bool {
    let mut groups = text.split(|byte| matches!(byte, b'/' | b'-' | b'.')).map(<[u8]>::len);
    matches!(
        (groups.next(), groups.next(), groups.next(), groups.next()),
        (Some(1 | 2), Some(1 | 2), Some(4), None) | (Some(4), Some(2), Some(2), None)
    )
}

/// Weights 3, 7 and 1, and a first pair that a district of the Federal Reserve has.
fn is_routing_number(digits: &[u8]) -> bool {
    let value = |at: usize| u32::from(digits[at] - b'0');
    let sum: u32 = (0..9).map(|at| value(at) * [3, 7, 1][at % 3]).sum();
    matches!(value(0) * 10 + value(1), 1..=12 | 21..=32 | 61..=72 | 80) && sum.is_multiple_of(10)
}

fn is_bic(text: &[u8]) -> bool {
    matches!(text.len(), 8 | 11)
        && text[..6].iter().all(u8::is_ascii_uppercase)
        && text[6..].iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_routing_number_has_a_checksum() {
        assert!(is_routing_number(b"021000021") && is_routing_number(b"011401533"));
        assert!(!is_routing_number(b"021000022") && !is_routing_number(b"990000000"));
    }
}
