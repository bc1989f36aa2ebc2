//! Telephone numbers: candidates by grouping, decided by the numbering plans of libphonenumber.
//!
//! International numbers need only be valid. National ones must be valid in one of the engine's regions, and either
//! stand after a word such as "phone" or be grouped as a phone number is and nothing else: `(212) 555-0123`,
//! `212-555-0123`, or three groups that begin with the trunk prefix 0.

use std::ops::Range;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat};

use crate::candidate::Evidence;
use crate::detect::number::{Phrase, Stretch, stands_alone};
use crate::identifier::IdentifierKind;
use crate::scan::Scan;
use crate::settings::PhoneRegion;

/// Fewest and most digits of a number that is dialled (ITU-T E.164 allows 15).
pub(super) const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// The longest extension, in digits.
const EXTENSION_DIGITS_MAX: usize = 6;
/// What stands between a number and its extension, lower case.
pub(crate) const EXTENSION_MARKS: [&[u8]; 6] = [b" ext. ", b" ext ", b" x", b"x", b", ext. ", b" extension "];
/// Words after which a number that is not grouped is believed too.
const SURE_WORDS: [&str; 12] = [
    "phone",
    "telephone",
    "tel",
    "mobile",
    "cell",
    "cellphone",
    "fax",
    "whatsapp",
    "telefon",
    "call",
    "dial",
    "sms",
];
/// Words after which a number that is grouped, or valid, is believed.
const MORE_WORDS: [&str; 22] = [
    "phones",
    "calls",
    "calling",
    "called",
    "text me",
    "ring",
    "contact",
    "reach me",
    "answering at",
    "handy",
    "telefono",
    "teléfono",
    "portable",
    "mobil",
    "telefone",
    "celular",
    "puhelin",
    "telefoon",
    "number is",
    "phone no",
    "hotline",
    "helpline",
];
const OTHER_NUMBERS: [&str; 22] = [
    "order",
    "invoice",
    "isbn",
    "issn",
    "ticket",
    "version",
    "patent",
    "doi",
    "arxiv",
    "serial",
    "model",
    "part",
    "tracking",
    "reference",
    "ref",
    "case",
    "score",
    "population",
    "id",
    "pmid",
    "license",
    "licence",
];

pub(super) fn detect(scan: &mut Scan<'_>, phrase: &Phrase, stretch: &Stretch<'_>) {
    if !DIGITS.contains(&stretch.digit_count()) {
        return;
    }
    let start = opening(scan, stretch);
    let international = scan.before(start) == b'+' || scan.before(stretch.range.start) == b'+';
    if international {
        return detect_international(scan, stretch);
    }
    let is_whole_phrase = stretch.groups.len() == phrase.groups.len();
    let range = start..stretch.range.end;
    if !stands_alone(scan, &range) || is_date_or_range(scan, stretch) || stretch.separator(scan) == Some(b'/')
    {
        return;
    }
    let named = is_named(scan, start);
    let shaped = is_shaped_as_a_phone(scan, stretch, start, is_whole_phrase);
    if !(shaped || named && is_whole_phrase) || !named && scan.context_before(start, &OTHER_NUMBERS) {
        return;
    }
    if stretch.groups.len() == 1 && !scan.context_before(start, &SURE_WORDS) {
        return;
    }
    let text = &scan.text[range.clone()];
    scan.note_work(text.len());
    let valid = parse_national(text, scan.phone_regions).is_some();
    let end = extension_end(scan, range.end);
    let (evidence, confidence) = match (valid, named) {
        (true, true) => (Evidence::library("phone-national"), 0.95),
        (true, false) => (Evidence::library("phone-national"), 0.75),
        (false, true) if stretch.groups.len() > 1 || shaped => (Evidence::context("phone-national"), 0.6),
        _ => return,
    };
    scan.claim(start..end, IdentifierKind::Phone, evidence, confidence);
}

fn detect_international(scan: &mut Scan<'_>, stretch: &Stretch<'_>) {
    let start = if scan.before(stretch.range.start) == b'+' {
        stretch.range.start - 1
    } else {
        opening(scan, stretch) - 1
    };
    let before = scan.before(start);
    if before.is_ascii_alphanumeric()
        || matches!(before, b'+' | b'=' | b'.')
        || scan.at(stretch.range.end).is_ascii_alphanumeric()
    {
        return;
    }
    let text = &scan.text[start..stretch.range.end];
    scan.note_work(text.len());
    let valid = PHONE_NUMBER_UTIL.parse(text, None).is_ok_and(|number| number.is_valid());
    let named = !valid && is_named(scan, start);
    let end = extension_end(scan, stretch.range.end);
    if valid {
        scan.claim(start..end, IdentifierKind::Phone, Evidence::library("phone-international"), 0.95);
    } else if named || stretch.digit_count() >= 10 && stretch.groups.len() >= 3 {
        scan.claim(start..end, IdentifierKind::Phone, Evidence::shape("phone-international"), 0.55);
    }
}

/// Whether a word for a phone, or for calling, stands before it.
fn is_named(scan: &mut Scan<'_>, start: usize) -> bool {
    scan.context_before(start, &SURE_WORDS) || scan.context_before(start, &MORE_WORDS)
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
    let closes = stretch.groups.first().is_some_and(|group| scan.at(group.end) == b')');
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
        [1, 3, 3, 4] => scan.at(stretch.range.start) == b'1' && separator != Some(b'/'),
        _ => false,
    };
    let trunk = scan.at(stretch.range.start) == b'0'
        && scan.at(stretch.range.start + 1) != b'0'
        && (3..=6).contains(&shape.len())
        && shape.iter().all(|digits| *digits >= 2)
        && (9..=11).contains(&stretch.digit_count())
        && matches!(separator, Some(b'-' | b' '));
    north_american || trunk || bracketed && (8..=11).contains(&stretch.digit_count()) && shape.len() <= 5
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

/// Where ` ext. 12` or ` x12` after a number ends.
fn extension_end(scan: &mut Scan<'_>, end: usize) -> usize {
    let rest = &scan.bytes[end.min(scan.bytes.len())..];
    let Some(mark) = EXTENSION_MARKS
        .iter()
        .find(|mark| rest.get(..mark.len()).is_some_and(|head| head.eq_ignore_ascii_case(mark)))
    else {
        return end;
    };
    let from = end + mark.len();
    let to = scan.run_end(from, EXTENSION_DIGITS_MAX, |byte| byte.is_ascii_digit());
    if to > from && !scan.at(to).is_ascii_alphanumeric() { to } else { end }
}
