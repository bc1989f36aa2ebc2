//! Pairs of geographic coordinates that say where somebody stands: decimal degrees with at least four decimals (about
//! ten metres), or degrees, minutes and seconds.

use std::ops::Range;

use crate::candidate::Evidence;
use crate::detect::Cue;
use crate::detect::number::Phrase;
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_word};

/// The fewest decimals of each number of a pair.
const DECIMALS_MIN: usize = 4;
/// The most bytes between the two numbers: `, "longitude": `.
const JOINT_BYTES_MAX: usize = 24;
/// The longest of one coordinate in degrees, minutes and seconds, in bytes.
const SEXAGESIMAL_BYTES_MAX: usize = 26;

/// Looks for a pair whose latitude is the first two groups of a phrase: `48.85837`.
pub(super) fn detect_phrase(scan: &mut Scan<'_>, phrase: &Phrase) {
    let Some(first) = phrase.groups.first() else { return };
    let Some((latitude, latitude_range)) = decimal(scan, first.start) else { return };
    let hemisphere = scan.skip(latitude_range.end, 3, b" NSns\xc2\xb0");
    let joint_end = scan.run_end(hemisphere, JOINT_BYTES_MAX, |byte| {
        byte.is_ascii_alphabetic() || matches!(byte, b',' | b' ' | b':' | b'"' | b'\'' | b';' | b'/' | b'=')
    });
    let negative = scan.at(joint_end) == b'-';
    let Some((longitude, range)) = decimal(scan, joint_end + usize::from(negative)) else { return };
    if joint_end == latitude_range.end || latitude.abs() > 90.0 || longitude.abs() > 180.0 {
        return;
    }
    let joint = &scan.text[latitude_range.end..joint_end];
    let bare_joint = joint.trim_matches([' ', '°', 'N', 'S', 'n', 's']);
    let named = scan.has_cue(latitude_range.start, &[Cue::Coordinates]);
    let confidence = match (named, bare_joint) {
        (true, _) => 0.95,
        (false, "," | ";" | "/") => 0.7,
        _ => return,
    };
    let end = if matches!(scan.at(range.end), b'E' | b'W') && !is_word(scan.at(range.end + 1)) {
        range.end + 1
    } else {
        range.end
    };
    scan.claim(
        latitude_range.start..end,
        IdentifierKind::Coordinates,
        Evidence::shape("decimal-degrees"),
        confidence,
    );
}

/// The decimal number whose first digit is at `at`, with its sign, when it is precise enough.
fn decimal(scan: &mut Scan<'_>, at: usize) -> Option<(f64, Range<usize>)> {
    let whole = scan.run_end(at, 4, |byte| byte.is_ascii_digit());
    if whole == at || whole - at > 3 || scan.at(whole) != b'.' {
        return None;
    }
    let end = scan.run_end(whole + 1, 18, |byte| byte.is_ascii_digit());
    let start = at - usize::from(matches!(scan.before(at), b'-' | b'+'));
    let joined = is_word(scan.before(start))
        || scan.before(start) == b'.'
        || scan.at(end) == b'.' && scan.at(end + 1).is_ascii_digit();
    if end - whole <= DECIMALS_MIN
        || joined
        || is_word(scan.at(end)) && !matches!(scan.at(end), b'N' | b'S' | b'E' | b'W')
    {
        return None;
    }
    Some((scan.text[at..end].parse().ok()?, start..end))
}

/// Looks for degrees, minutes and seconds of latitude and longitude around a degree sign: `40°26'46"N 79°58'56"W`.
pub(super) fn detect_degrees(scan: &mut Scan<'_>, sign: Range<usize>) {
    let start = scan.run_start(sign.start, 9, |byte| byte.is_ascii_digit() || byte == b'.' || byte == b' ');
    let start = start + scan.text[start..sign.start].len() - scan.text[start..sign.start].trim_start().len();
    let Some(first_end) = sexagesimal_end(scan, start, sign.end, b"NSns") else { return };
    let next = scan.skip(first_end, 3, b", /");
    let digits = scan.run_end(next, 9, |byte| byte.is_ascii_digit() || byte == b'.');
    if digits == next || !scan.text[digits..].trim_start_matches(' ').starts_with('°') {
        return;
    }
    let sign_end = digits + scan.text[digits..].find('°').map_or(0, |at| at + '°'.len_utf8());
    if let Some(end) = sexagesimal_end(scan, next, sign_end, b"EWOLewol") {
        scan.claim(start..end, IdentifierKind::Coordinates, Evidence::shape("degrees-minutes-seconds"), 0.95);
    }
}

/// Where a coordinate ends whose digits begin at `start` and whose degree sign ends at `sign_end`: behind its letter.
fn sexagesimal_end(scan: &mut Scan<'_>, start: usize, sign_end: usize, letters: &[u8]) -> Option<usize> {
    let rest = &scan.text[sign_end..];
    let limit = start + SEXAGESIMAL_BYTES_MAX;
    let is_part =
        |c: char| c.is_ascii_digit() || matches!(c, ' ' | '.' | '\'' | '"' | '′' | '″' | '’' | '”' | '´');
    let length = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
    scan.note_work(length.min(SEXAGESIMAL_BYTES_MAX));
    let end = sign_end + length;
    let letter_fits = letters.contains(&scan.at(end)) && !is_word(scan.at(end + 1));
    (start < sign_end
        && end <= limit
        && letter_fits
        && scan.text[start..end].bytes().any(|byte| byte.is_ascii_digit()))
    .then_some(end + 1)
}
