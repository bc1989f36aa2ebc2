//! Vehicle identification numbers (ISO 3779). North American ones carry a check digit; others need a word.

use std::ops::Range;

use crate::candidate::Evidence;
use crate::detect::Cue;
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_word};

const LENGTH: usize = 17;
const WEIGHTS: [u32; LENGTH] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
/// The place of the check digit.
const CHECK: usize = 8;

/// Judges the word around its first digit.
pub(super) fn detect(scan: &mut Scan<'_>, digit: usize, word_end: usize) {
    let start = scan.run_start(digit, LENGTH, |byte| byte.is_ascii_alphanumeric());
    if word_end - start != LENGTH || is_word(scan.before(start)) || is_word(scan.at(word_end)) {
        return;
    }
    let word: Range<usize> = start..word_end;
    scan.note_work(LENGTH);
    let upper = scan.bytes[word.clone()].to_ascii_uppercase();
    let letters = upper.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let serial = upper[LENGTH - 4..].iter().all(u8::is_ascii_digit);
    if !(3..=13).contains(&letters) || !serial || upper.iter().any(|byte| b"IOQ".contains(byte)) {
        return;
    }
    let named = scan.has_cue(start, &[Cue::Vehicle]);
    let one_case = scan.bytes[word.clone()] == upper[..];
    let claim = match (checks(&upper), named) {
        (true, true) => (Evidence::checksum("vin"), 0.97),
        (true, false) if one_case => (Evidence::checksum("vin"), 0.7),
        (false, true) => (Evidence::context("vin"), 0.75),
        _ => return,
    };
    scan.claim(word, IdentifierKind::Vehicle, claim.0, claim.1);
}

fn checks(upper: &[u8]) -> bool {
    // A to H are 1 to 8, J to R 1 to 9 and S to Z 2 to 9 (49 CFR 565.15).
    let value = |byte: u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'H' => u32::from(byte - b'A') + 1,
        b'J'..=b'R' => u32::from(byte - b'J') + 1,
        _ => u32::from(byte - b'S') + 2,
    };
    let sum: u32 = upper.iter().zip(WEIGHTS).map(|(byte, weight)| value(*byte) * weight).sum();
    b"0123456789X"[(sum % 11) as usize] == upper[CHECK]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ninth_place_is_the_check_digit() {
        assert!(checks(b"11111111111111111") && checks(b"1M8GDM9AXKP042788"));
        assert!(!checks(b"1M8GDM9A1KP042788"));
    }
}
