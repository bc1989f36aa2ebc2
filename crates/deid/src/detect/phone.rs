//! Telephone numbers: candidates by grouping, decided by the numbering plans of libphonenumber.
//!
//! International numbers need only be valid. National ones must be valid in one of the engine's regions, and either
//! stand after a word such as "phone" or be grouped as a phone number is and nothing else: `(212) 555-0123`,
//! `212-555-0123`, or three groups that begin with the trunk prefix 0.

use std::ops::Range;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat};

use crate::candidate::Evidence;
use crate::detect::Cue;
use crate::detect::number::{Phrase, Stretch, stands_alone};
use crate::identifier::IdentifierKind;
use crate::scan::Scan;
use crate::settings::PhoneRegion;

/// Fewest and most digits of a number that is dialled (ITU-T E.164 allows 15).
pub(super) const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// The longest extension, in digits.
const EXTENSION_DIGITS_MAX: usize = 6;
/// What stands between a number and its extension, lower case.
pub(crate) const EXTENSION_MARKS: [&[u8]; 13] = [
    b" ext. ",
    b" ext ",
    b" ext.",
    b" ext: ",
    b" ext",
    b"ext. ",
    b"ext",
    b" x",
    b"x",
    b", ext. ",
    b", ext ",
    b" extension ",
    b" extn ",
];
/// How near a word for a phone must end for a number that no plan knows to be believed, in bytes: `Phone:\n`.
const LABEL_BYTES_MAX: usize = 14;
/// The fewest digits of a number in one group behind a word for calling.
const CALLED_DIGITS_MIN: usize = 9;
/// The most digits of a number that no plan knows, written without the code of its country.
const UNKNOWN_DIGITS_MAX: usize = 12;
/// The fewest digits behind a `+` for a number that no plan knows.
const INTERNATIONAL_DIGITS_MIN: usize = 10;
/// How many digits a number with a trunk prefix has.
const TRUNK_DIGITS: std::ops::RangeInclusive<usize> = 10..=12;
/// The digits of a number in a record of a person.
const LISTED_DIGITS: std::ops::RangeInclusive<usize> = 9..=12;
/// What may stand between an e-mail address and the number listed behind it, and how much of the address is read.
const GAP_BYTES_MAX: usize = 6;
const EMAIL_BYTES_MAX: usize = 48;
/// The longest name under a letter, and the fewest digits of a number below it.
const NAME_BYTES_MAX: usize = 40;
const NAME_WORDS_MAX: usize = 5;
const SIGNED_DIGITS_MIN: usize = 9;
/// Words that call a number nothing else.
const NUMBER_WORDS: [&[u8]; 5] = [b"number", b"nummer", b"numero", b"numer", b"nr."];
/// Exit codes of national networks, which stand where others write `+`.
const EXIT_CODES: [&str; 2] = ["00", "011"];

pub(super) fn detect(scan: &mut Scan<'_>, phrase: &Phrase, stretch: &Stretch<'_>) {
    if !DIGITS.contains(&stretch.digit_count()) && !begins_with_exit_code(scan, stretch) {
        return;
    }
    let start = opening(scan, stretch);
    let international = scan.before(start) == b'+' || scan.before(stretch.range.start) == b'+';
    if international {
        return detect_international(scan, stretch);
    }
    let is_whole_phrase = stretch.groups.len() == phrase.groups.len();
    let range = start..stretch.range.end;
    let extension_end = extension_end(scan, range.end);
    let stands = stands_alone(scan, &range)
        || extension_end > range.end && stands_alone(scan, &(start..extension_end));
    if !stands || is_date_or_range(scan, stretch) {
        return;
    }
    let name = Name::of(scan, start);
    let shaped = is_shaped_as_a_phone(scan, stretch, start, is_whole_phrase);
    let has_extension = extension_end > range.end && stretch.groups.len() > 1;
    let listed = name.is_none() && is_whole_phrase && (is_listed(scan, stretch) || is_signed(scan, stretch));
    let believed = shaped || (name.is_some() || listed) && is_whole_phrase || has_extension;
    if !believed || name.is_none() && is_another_number(scan, start) {
        return;
    }
    let by_itself = match name {
        Some(Name::Phone | Name::Label) => true,
        Some(Name::Call) => stretch.digit_count() >= CALLED_DIGITS_MIN,
        None => listed,
    };
    if stretch.groups.len() == 1 && !by_itself {
        return;
    }
    let valid = is_valid_national(scan, range);
    let short = stretch.digit_count() <= UNKNOWN_DIGITS_MAX;
    let (evidence, confidence) = match (valid, name) {
        (true, Some(_)) => (Evidence::library("phone-national"), 0.95),
        (true, None) => (Evidence::library("phone-national"), 0.75),
        (false, Some(Name::Label)) if short => (Evidence::context("phone-national"), 0.6),
        (false, Some(_)) if short && stretch.groups.len() > 1 => (Evidence::context("phone-national"), 0.6),
        (false, None) if shaped && has_extension => (Evidence::shape("phone-with-extension"), 0.6),
        _ => return,
    };
    scan.claim(start..extension_end, IdentifierKind::Phone, evidence, confidence);
}

/// Whether a number stands in a record of a person: behind an e-mail address or a date, or, with a trunk prefix, behind
/// the bare word `number`: `'jo@orchard.org', '01212001490'`.
fn is_listed(scan: &mut Scan<'_>, stretch: &Stretch<'_>) -> bool {
    let start = stretch.range.start;
    if !LISTED_DIGITS.contains(&stretch.digit_count()) {
        return false;
    }
    let gap = scan.run_start(start, GAP_BYTES_MAX, |byte| b" ,;|'\"\t:".contains(&byte));
    let word = scan.run_start(gap, EMAIL_BYTES_MAX, |byte| byte > b' ' && !b",;|'\"<>".contains(&byte));
    let before = &scan.text.as_bytes()[word..gap];
    let has_trunk =
        scan.at(start) == b'0' && scan.at(start + 1) != b'0' && TRUNK_DIGITS.contains(&stretch.digit_count());
    let is_field = scan.bytes[gap..start].iter().any(|byte| b",;|\t".contains(byte));
    gap < start
        && (is_field && (before.contains(&b'@') || is_date(before))
            || has_trunk
                && (before.contains(&b'@')
                    || NUMBER_WORDS.iter().any(|word| before.eq_ignore_ascii_case(word))))
}

/// Whether a word is a date of digits, or the year that one with a name for its month ends in.
fn is_date(word: &[u8]) -> bool {
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    let marks = word.iter().filter(|byte| b"./-".contains(byte)).count();
    let century = [&b"19"[..], b"20"].iter().any(|head| word.starts_with(head));
    digits + marks == word.len()
        && (marks == 2 && (4..=8).contains(&digits) || digits == 4 && marks == 0 && century)
}

/// Whether a number stands alone on its line under a signature: a line that ends in a comma, then a name.
fn is_signed(scan: &mut Scan<'_>, stretch: &Stretch<'_>) -> bool {
    let (start, end) = (stretch.range.start, stretch.range.end);
    if scan.before(start) != b'\n'
        || !matches!(scan.at(end), 0 | b'\n')
        || stretch.digit_count() < SIGNED_DIGITS_MIN
    {
        return false;
    }
    let name =
        scan.run_start(start - 1, NAME_BYTES_MAX, |byte| !byte.is_ascii_control() && !byte.is_ascii_digit());
    let words = scan.text.get(name..start - 1).map_or(0, |name| name.split_whitespace().count());
    let closing = scan.run_start(name, 2, |byte| byte == b'\n');
    (1..=NAME_WORDS_MAX).contains(&words) && closing < name && scan.before(closing) == b','
}

/// Whether a word for another number stands before, in the same paragraph.
fn is_another_number(scan: &mut Scan<'_>, start: usize) -> bool {
    let distance = scan.cue_distance(start, &[Cue::OtherNumber]);
    let between = |distance| &scan.bytes[start.saturating_sub(distance)..start];
    distance.is_some_and(|distance| !between(distance).windows(2).any(|pair| pair == b"\n\n"))
}

fn is_valid_national(scan: &mut Scan<'_>, range: Range<usize>) -> bool {
    let text = &scan.text[range];
    scan.note_work(text.len());
    let exits = EXIT_CODES.iter().filter_map(|code| text.strip_prefix(code));
    let abroad = exits
        .map(|rest| format!("+{rest}"))
        .any(|text| PHONE_NUMBER_UTIL.parse(&text, None).is_ok_and(|number| number.is_valid()));
    abroad || parse_national(text, scan.phone_regions).is_some()
}

/// What the words before a number call it.
#[derive(Clone, Copy, PartialEq)]
enum Name {
    /// A word for a phone, and nothing else, stands right before it.
    Label,
    /// A word for a phone stands near.
    Phone,
    /// A word for calling stands near.
    Call,
}

impl Name {
    fn of(scan: &mut Scan<'_>, start: usize) -> Option<Self> {
        let phone = scan.cue_distance(start, &[Cue::Phone]);
        match phone {
            Some(distance) if distance <= LABEL_BYTES_MAX => Some(Name::Label),
            Some(_) => Some(Name::Phone),
            None => scan.has_cue(start, &[Cue::Call]).then_some(Name::Call),
        }
    }
}

/// Whether it is written as it is dialled abroad: `001-212-…`, `0044 20 …`.
fn begins_with_exit_code(scan: &Scan<'_>, stretch: &Stretch<'_>) -> bool {
    let text = &scan.text[stretch.range.clone()];
    (*DIGITS.end()..=DIGITS.end() + 3).contains(&stretch.digit_count())
        && EXIT_CODES.iter().any(|code| text.starts_with(code))
}

fn detect_international(scan: &mut Scan<'_>, stretch: &Stretch<'_>) {
    let start = if scan.before(stretch.range.start) == b'+' {
        stretch.range.start - 1
    } else {
        opening(scan, stretch) - 1
    };
    let before = scan.before(start);
    let end = extension_end(scan, stretch.range.end);
    if before.is_ascii_alphanumeric()
        || matches!(before, b'+' | b'=' | b'.')
        || end == stretch.range.end && scan.at(end).is_ascii_alphanumeric()
    {
        return;
    }
    let text = &scan.text[start..stretch.range.end];
    scan.note_work(text.len());
    let parsed = PHONE_NUMBER_UTIL.parse(text, None);
    let valid = parsed.as_ref().is_ok_and(|number| number.is_valid());
    let named = !valid && Name::of(scan, start).is_some();
    if valid {
        scan.claim(start..end, IdentifierKind::Phone, Evidence::library("phone-international"), 0.95);
    } else if named || parsed.is_ok() && stretch.digit_count() >= INTERNATIONAL_DIGITS_MIN {
        scan.claim(start..end, IdentifierKind::Phone, Evidence::shape("phone-international"), 0.55);
    }
}

/// The number as E.164 text, when a plan knows it: what makes two spellings one identifier.
pub(crate) fn canonical(text: &str, regions: &[PhoneRegion]) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(text, None).ok().or_else(|| parse_national(text, regions))?;
    Some(number.format_as(PhoneNumberFormat::E164).into_owned())
}

fn parse_national(text: &str, regions: &[PhoneRegion]) -> Option<PhoneNumber> {
    regions.iter().find_map(|region| {
        let number = PHONE_NUMBER_UTIL.parse(text, Some(region.0)).ok()?;
        number.is_valid_for_region(region.0).then_some(number)
    })
}

/// The start with an opening bracket before the first digit taken in.
fn opening(scan: &Scan<'_>, stretch: &Stretch<'_>) -> usize {
    let closes = stretch.groups.len() > 1 && scan.at(stretch.groups[0].end) == b')';
    if closes && scan.before(stretch.range.start) == b'(' {
        stretch.range.start - 1
    } else {
        stretch.range.start
    }
}

/// Groupings that hardly anything but a phone number has.
fn is_shaped_as_a_phone(scan: &Scan<'_>, stretch: &Stretch<'_>, start: usize, is_whole_phrase: bool) -> bool {
    let shape = stretch.shape();
    let bracketed = start < stretch.range.start;
    let separator = stretch.separator(scan);
    let north_american = match shape.as_slice() {
        [3, 3, 4] => {
            bracketed
                || matches!(separator, Some(b'-' | b'.'))
                || separator == Some(b' ') && is_whole_phrase
                || dashed_tail(scan, stretch)
        }
        [1, 3, 3, 4] | [3, 3, 3, 4] => {
            let code = &scan.bytes[stretch.groups[0].clone()];
            matches!(code, b"1" | b"001") && separator != Some(b'/')
        }
        _ => false,
    };
    let digits = stretch.digit_count();
    let first_group = &scan.bytes[stretch.groups[0].clone()];
    let area = first_group.first() == Some(&b'0') && first_group.get(1) != Some(&b'0');
    let evenly = shape.iter().all(|digits| *digits >= 2);
    let trunk = area
        && evenly
        && (9..=12).contains(&digits)
        && match shape.len() {
            3..=6 => {
                stretch.separators_are(scan, b"- ") || shape.len() >= 4 && stretch.separators_are(scan, b".")
            }
            2 => {
                shape[0] >= 3
                    && shape[1] >= 5
                    && (stretch.separators_are(scan, b"-/") || is_whole_phrase && separator == Some(b' '))
            }
            _ => false,
        };
    let abroad = is_whole_phrase
        && matches!(first_group, [b'0', b'0', ..] | [b'0', b'1', b'1'])
        && shape.len() >= 3
        && digits >= 11
        && stretch.separators_are(scan, b"- .");
    north_american
        || trunk
        || abroad
        || digit_by_digit(stretch)
        || bracketed && (8..=11).contains(&digits) && shape.len() <= 5
}

/// `0 1 7 1 2 3 4 5 6 7 8`.
fn digit_by_digit(stretch: &Stretch<'_>) -> bool {
    stretch.is_digit_by_digit() && (10..=12).contains(&stretch.digit_count())
}

/// `212 555-0123`.
fn dashed_tail(scan: &Scan<'_>, stretch: &Stretch<'_>) -> bool {
    stretch.groups.get(1).is_some_and(|group| scan.at(group.end) == b'-')
}

/// `2023-10-05`, `10.05.2023`, `05-10-1990`, `1990-1995`, `2000 01 01 12`.
fn is_date_or_range(scan: &Scan<'_>, stretch: &Stretch<'_>) -> bool {
    let is_year = |group: &Range<usize>| {
        matches!(scan.bytes[group.clone()], [b'1', b'6'..=b'9', _, _] | [b'2', b'0' | b'1', _, _])
    };
    match stretch.groups {
        [first, second] => is_year(first) && is_year(second),
        [first, middle, last, ..] => {
            let short = |group: &Range<usize>| group.len() <= 2;
            is_year(first) && short(middle) && short(last) || short(first) && short(middle) && is_year(last)
        }
        _ => false,
    }
}

/// Whether an extension stands right behind a number.
pub(super) fn has_extension(scan: &mut Scan<'_>, end: usize) -> bool {
    extension_end(scan, end) > end
}

/// Where ` ext. 12` or ` x12` after a number ends.
fn extension_end(scan: &mut Scan<'_>, end: usize) -> usize {
    let rest = &scan.bytes[end.min(scan.bytes.len())..];
    let leads = |mark: &&&[u8]| {
        rest.get(..mark.len()).is_some_and(|head| head.eq_ignore_ascii_case(mark))
            && rest.get(mark.len()).is_some_and(u8::is_ascii_digit)
    };
    let Some(mark) = EXTENSION_MARKS.iter().find(leads) else {
        return end;
    };
    let from = end + mark.len();
    let to = scan.run_end(from, EXTENSION_DIGITS_MAX, |byte| byte.is_ascii_digit());
    if to > from && !scan.at(to).is_ascii_alphanumeric() { to } else { end }
}
