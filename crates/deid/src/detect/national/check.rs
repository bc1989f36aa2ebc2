//! The arithmetic that check digits are made with. All functions take the letters and digits of a number, upper case,
//! and treat what is missing as zero: the shapes that the tables give make sure that nothing is.

use std::ops::Range;

/// The digit at a place; a letter counts from 10 as in base 36.
pub(super) fn value(text: &[u8], at: usize) -> u32 {
    text.get(at).and_then(|byte| char::from(*byte).to_digit(36)).unwrap_or(0)
}

/// The number that a range of digits writes.
pub(super) fn number(text: &[u8], range: Range<usize>) -> u64 {
    range.fold(0, |number, at| number * 10 + u64::from(value(text, at)))
}

/// The sum of the first values, each by its weight.
pub(super) fn weighted(text: &[u8], weights: &[u32]) -> u32 {
    weights.iter().enumerate().map(|(at, weight)| value(text, at) * weight).sum()
}

/// The check digit of a remainder by 11: itself where it is 0 or 1, else what is missing to 11.
pub(super) fn below_two_or_complement(remainder: u32) -> u32 {
    if remainder < 2 { remainder } else { 11 - remainder }
}

/// Luhn over digits: the doubled-digit sum is a multiple of ten.
pub(super) fn luhn(text: &[u8]) -> bool {
    let digits: Vec<u8> = (0..text.len()).map(|at| value(text, at) as u8).collect();
    crate::detect::card::luhn(&digits)
}

/// ISO 7064, MOD 11-10, over digits.
pub(super) fn mod_11_10(text: &[u8]) -> bool {
    let last = text.len().saturating_sub(1);
    let product = (0..last).fold(10, |product, at| {
        let sum = (product + value(text, at)) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (product + value(text, last)) % 10 == 1
}

/// Verhoeff's check over digits, by the dihedral group of order ten.
pub(super) fn verhoeff(text: &[u8]) -> bool {
    const PERMUTATION: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let multiply = |a: u32, b: u32| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b) % 5 + 5,
        (false, true) => (a + 5 - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let permuted =
        |digit: u32, times: usize| (0..times % 8).fold(digit, |digit, _| PERMUTATION[digit as usize]);
    let digits = (0..text.len()).rev().map(|at| value(text, at) % 10);
    digits.enumerate().fold(0, |check, (place, digit)| multiply(check, permuted(digit, place))) == 0
}

/// Whether a month and a day, and where it matters a year, are a date; a year of two digits is taken for leap when
/// one of its centuries is.
pub(super) fn is_date(year: u64, month: u64, day: u64) -> bool {
    let leap =
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400) || year < 100);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u64::from(leap),
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// Whether the text holds a year of two digits, a month and a day, from `at` on.
pub(super) fn is_yymmdd(text: &[u8], at: usize) -> bool {
    is_date(number(text, at..at + 2), number(text, at + 2..at + 4), number(text, at + 4..at + 6))
}

/// Whether the text holds a day, a month and a year of two digits, from `at` on.
pub(super) fn is_ddmmyy(text: &[u8], at: usize) -> bool {
    is_date(number(text, at + 4..at + 6), number(text, at + 2..at + 4), number(text, at..at + 2))
}

/// Whether not all characters are the same.
pub(super) fn varies(text: &[u8]) -> bool {
    text.iter().any(|byte| *byte != text[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verhoeff_and_mod_11_10_hold_for_their_published_examples_and_no_neighbour() {
        assert!(verhoeff(b"2363") && mod_11_10(b"07945"));
        for check in (0..10).filter(|check| *check != 3) {
            assert!(!verhoeff(format!("236{check}").as_bytes()));
        }
        assert!(!mod_11_10(b"07946"));
    }

    #[test]
    fn a_date_has_the_days_of_its_month() {
        assert!(is_date(2024, 2, 29) && is_date(0, 2, 29) && is_date(99, 12, 31));
        assert!(!is_date(2023, 2, 29) && !is_date(1900, 2, 29) && !is_date(50, 4, 31) && !is_date(50, 13, 1));
    }
}
