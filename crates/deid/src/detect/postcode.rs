//! Postal codes: British and Canadian by their form, American behind a state, others behind a word for one.

use std::ops::Range;

use crate::candidate::Evidence;
use crate::detect::Cue;
use crate::detect::number::{Phrase, stands_alone};
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_word};

/// How near a word for a postal code must end, in bytes.
const WORD_BYTES_MAX: usize = 12;
/// The codes of states, districts, territories and military mail of the United States.
#[rustfmt::skip]
const STATES: [&[u8; 2]; 62] = [
    b"AL", b"AK", b"AZ", b"AR", b"CA", b"CO", b"CT", b"DE", b"FL", b"GA", b"HI", b"ID", b"IL", b"IN", b"IA", b"KS", b"KY", b"LA",
    b"ME", b"MD", b"MA", b"MI", b"MN", b"MS", b"MO", b"MT", b"NE", b"NV", b"NH", b"NJ", b"NM", b"NY", b"NC", b"ND", b"OH", b"OK",
    b"OR", b"PA", b"RI", b"SC", b"SD", b"TN", b"TX", b"UT", b"VT", b"VA", b"WA", b"WV", b"WI", b"WY", b"DC", b"PR", b"VI", b"GU",
    b"AS", b"MP", b"AA", b"AE", b"AP", b"FM", b"MH", b"PW",
];

/// Looks for codes of digits among the groups of a phrase.
pub(super) fn detect_phrase(scan: &mut Scan<'_>, phrase: &Phrase) {
    for (at, group) in phrase.groups.iter().enumerate() {
        let next = phrase.groups.get(at + 1).filter(|next| next.start == group.end + 1);
        detect_group(scan, group.clone(), next.cloned());
    }
}

fn detect_group(scan: &mut Scan<'_>, group: Range<usize>, next: Option<Range<usize>>) {
    let least = if next.is_some() { 2 } else { 3 };
    if !(least..=6).contains(&group.len()) {
        return;
    }
    let joined = next.filter(|next| scan.at(group.end) == b'-' && (3..=4).contains(&next.len()));
    let range = group.start..joined.as_ref().map_or(group.end, |next| next.end);
    if !stands_alone(scan, &range) {
        return;
    }
    if group.len() == 5
        && joined.as_ref().is_none_or(|next| next.len() == 4)
        && is_behind_state(scan, group.start)
    {
        return scan.claim(range, IdentifierKind::Address, Evidence::shape("us-zip"), 0.75);
    }
    let word = scan.cue_distance(group.start, &[Cue::PostalCode]);
    if word.is_some_and(|distance| distance <= WORD_BYTES_MAX) {
        let range = range.start..second_part_end(scan, range.end);
        scan.claim(range, IdentifierKind::Address, Evidence::context("postal-code"), 0.75);
    }
}

/// Where a code whose first part ends at `end` ends: `394 13`, `7412 SL`.
fn second_part_end(scan: &mut Scan<'_>, end: usize) -> usize {
    let from = end + usize::from(scan.at(end) == b' ');
    let digits = scan.run_end(from, 4, |byte| byte.is_ascii_digit());
    let letters = scan.run_end(from, 3, |byte| byte.is_ascii_uppercase());
    match from > end {
        true if (2..=3).contains(&(digits - from)) && !is_word(scan.at(digits)) => digits,
        true if letters - from == 2 && !is_word(scan.at(letters)) => letters,
        _ => end,
    }
}

/// Whether `, IL ` or ` IL ` stands before a code.
fn is_behind_state(scan: &Scan<'_>, code: usize) -> bool {
    let Some(state) = code.checked_sub(3).and_then(|at| scan.bytes.get(at..at + 2)) else { return false };
    let before = scan.before(code - 3);
    scan.before(code) == b' '
        && matches!(before, b' ' | b',' | b'\n')
        && STATES.iter().any(|known| *known == state)
}

/// Looks for a British or Canadian code whose first digit is at `digit`.
pub(super) fn detect_lettered(scan: &mut Scan<'_>, digit: usize) {
    let start = scan.run_start(digit, 3, |byte| byte.is_ascii_uppercase());
    let letters = digit - start;
    let middle = scan.run_end(digit, 3, |byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    if !(1..=2).contains(&letters) || is_word(scan.before(start)) || scan.at(middle) != b' ' {
        return;
    }
    let inward = scan.bytes.get(middle + 1..middle + 4).unwrap_or_default();
    let end = middle + 4;
    if is_word(scan.at(end)) || inward.len() < 3 {
        return;
    }
    let outward = &scan.bytes[digit..middle];
    let is_letter_of_street = |byte: u8| byte.is_ascii_uppercase() && !b"CIKMOV".contains(&byte);
    let british = outward.len() <= 2
        && outward[1..].iter().all(|byte| byte.is_ascii_alphanumeric())
        && inward[0].is_ascii_digit()
        && is_letter_of_street(inward[1])
        && is_letter_of_street(inward[2])
        && !matches!(scan.at(start), b'Q' | b'V' | b'X');
    let canadian = letters == 1
        && matches!(outward, [b'0'..=b'9', letter] if letter.is_ascii_uppercase())
        && b"ABCEGHJKLMNPRSTVXY".contains(&scan.at(start))
        && inward[0].is_ascii_digit()
        && inward[1].is_ascii_uppercase()
        && inward[2].is_ascii_digit();
    if british {
        scan.claim(start..end, IdentifierKind::Address, Evidence::shape("uk-postcode"), 0.75);
    } else if canadian {
        scan.claim(start..end, IdentifierKind::Address, Evidence::shape("canadian-postal-code"), 0.8);
    }
}
