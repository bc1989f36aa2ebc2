//! Numbers that states and banks give: IBAN (ISO 13616) and the United States social security number.

use crate::candidate::Evidence;
use crate::detect::Cue;
use crate::detect::number::{Stretch, stands_apart};
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_letter, is_word};

/// Country codes and the length of their IBANs (SWIFT IBAN registry, and what countries outside it use).
#[rustfmt::skip]
const IBAN_LENGTHS: [(&[u8; 2], usize); 111] = [
    (b"AD", 24), (b"AE", 23), (b"AL", 28), (b"AO", 25), (b"AT", 20), (b"AZ", 28), (b"BA", 20),
    (b"BE", 16), (b"BF", 28), (b"BG", 22), (b"BH", 22), (b"BI", 27), (b"BJ", 28), (b"BR", 29),
    (b"BY", 28), (b"CF", 27), (b"CG", 27), (b"CH", 21), (b"CI", 28), (b"CM", 27), (b"CR", 22),
    (b"CV", 25), (b"CY", 28), (b"CZ", 24), (b"DE", 22), (b"DJ", 27), (b"DK", 18), (b"DO", 28),
    (b"DZ", 26), (b"EE", 20), (b"EG", 29), (b"ES", 24), (b"FI", 18), (b"FK", 18), (b"FO", 18),
    (b"FR", 27), (b"GA", 27), (b"GB", 22), (b"GE", 22), (b"GI", 23), (b"GL", 18), (b"GQ", 27),
    (b"GR", 27), (b"GT", 28), (b"GW", 25), (b"HN", 28), (b"HR", 21), (b"HU", 28), (b"IE", 22),
    (b"IL", 23), (b"IQ", 23), (b"IR", 26), (b"IS", 26), (b"IT", 27), (b"JO", 30), (b"KM", 27),
    (b"KW", 30), (b"KZ", 20), (b"LB", 28), (b"LC", 32), (b"LI", 21), (b"LT", 20), (b"LU", 20),
    (b"LV", 21), (b"LY", 25), (b"MA", 28), (b"MC", 27), (b"MD", 24), (b"ME", 22), (b"MG", 27),
    (b"MK", 19), (b"ML", 28), (b"MN", 20), (b"MR", 27), (b"MT", 31), (b"MU", 30), (b"MZ", 25),
    (b"NE", 28), (b"NI", 28), (b"NL", 18), (b"NO", 15), (b"OM", 23), (b"PK", 24), (b"PL", 28),
    (b"PS", 29), (b"PT", 25), (b"QA", 29), (b"RO", 24), (b"RS", 22), (b"RU", 33), (b"SA", 24),
    (b"SC", 31), (b"SD", 18), (b"SE", 24), (b"SI", 19), (b"SK", 24), (b"SM", 27), (b"SN", 28),
    (b"SO", 23), (b"ST", 25), (b"SV", 28), (b"TD", 27), (b"TG", 28), (b"TL", 23), (b"TN", 24),
    (b"TR", 26), (b"UA", 29), (b"VA", 22), (b"VG", 24), (b"XK", 20), (b"YE", 30),
];

/// How many characters of an IBAN are printed together.
const IBAN_GROUP: usize = 4;

/// Looks for an IBAN whose check digits begin at `digit`.
pub(super) fn detect(scan: &mut Scan<'_>, digit: usize) {
    let Some(start) = digit.checked_sub(2) else { return };
    if !scan.at(digit + 1).is_ascii_digit()
        || is_word(scan.before(start))
        || scan.char_before(start).is_some_and(is_letter)
    {
        return;
    }
    let Some(length) = iban_length([scan.at(start), scan.at(start + 1)]) else { return };
    let Some((end, characters)) = collect(scan, start, length) else { return };
    if mod_97(&characters) == Some(1) {
        scan.claim(start..end, IdentifierKind::Iban, Evidence::checksum("iban"), 0.99);
    }
}

/// The length of the IBANs of a country, whose code may be in any case.
pub(crate) fn iban_length(country: [u8; 2]) -> Option<usize> {
    let country = country.map(|letter| letter.to_ascii_uppercase());
    IBAN_LENGTHS.iter().find(|(code, _)| **code == country).map(|(_, length)| *length)
}

/// The next `length` letters and digits, single spaces or hyphens between them skipped, and where they end.
fn collect(scan: &mut Scan<'_>, start: usize, length: usize) -> Option<(usize, Vec<u8>)> {
    let mut characters = Vec::with_capacity(length);
    let mut at = start;
    while characters.len() < length {
        let byte = scan.at(at);
        if byte.is_ascii_alphanumeric() {
            characters.push(byte.to_ascii_uppercase());
        } else if !matches!(byte, b' ' | b'-') || !scan.at(at + 1).is_ascii_alphanumeric() {
            return None;
        } else if byte == b'-' && !characters.len().is_multiple_of(IBAN_GROUP) {
            // Hyphens within hexadecimal identifiers stand elsewhere.
            return None;
        }
        at += 1;
    }
    scan.note_work(at - start);
    (!is_word(scan.at(at)) && !scan.char_at(at).is_some_and(is_letter)).then_some((at, characters))
}

/// The remainder by 97 of the rearranged number, in which A is 10 and Z is 35 (ISO 7064, MOD 97-10).
fn mod_97(characters: &[u8]) -> Option<u32> {
    let (head, tail) = characters.split_at_checked(4)?;
    let mut remainder = 0;
    for character in tail.iter().chain(head) {
        let number = char::from(*character).to_digit(36)?;
        remainder = (remainder * if number < 10 { 10 } else { 100 } + number) % 97;
    }
    Some(remainder)
}

/// Looks for a social security number: three, two and four digits, or nine when the words say so.
pub(super) fn detect_ssn(scan: &mut Scan<'_>, stretch: &Stretch<'_>) {
    if stretch.digit_count() != 9 || !stands_apart(scan, &stretch.range) {
        return;
    }
    let shape = stretch.shape();
    let grouped = shape == [3, 2, 4];
    if !grouped && shape != [9] || !ssn_is_issued(&stretch.digits(scan)) {
        return;
    }
    let named = scan.has_cue(stretch.range.start, &[Cue::NationalId]);
    let (evidence, confidence) = match (grouped, stretch.separator(scan), named) {
        (true, Some(b'-'), false) => (Evidence::shape("us-ssn"), 0.85),
        (true, Some(b' '), false) => (Evidence::shape("us-ssn"), 0.55),
        (true, Some(b'-' | b' ' | b'.'), true) => (Evidence::shape("us-ssn"), 0.97),
        (false, _, true) => (Evidence::context("us-ssn"), 0.8),
        _ => return,
    };
    scan.claim(stretch.range.clone(), IdentifierKind::NationalId, evidence, confidence);
}

/// Areas 000, 666 and 900 up, group 00 and serial 0000 are never issued (Social Security Administration).
fn ssn_is_issued(digits: &[u8]) -> bool {
    let number =
        |range: std::ops::Range<usize>| digits[range].iter().fold(0, |n, digit| n * 10 + u32::from(*digit));
    let area = number(0..3);
    area != 0 && area != 666 && area < 900 && number(3..5) != 0 && number(5..9) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_iban_table_is_sorted_without_repeats() {
        assert!(IBAN_LENGTHS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn mod_97_is_one_only_for_the_right_check_digits() {
        let right =
            (2..=98).filter(|check| mod_97(format!("GB{check:02}WEST12345698765432").as_bytes()) == Some(1));
        assert_eq!(right.collect::<Vec<_>>(), [82]);
    }
}
