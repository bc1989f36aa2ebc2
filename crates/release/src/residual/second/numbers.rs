//! Addresses, numbers and keys: by their form.

use std::ops::Range;

use candor_deid::IdentifierKind;

use super::Find;

fn sure(range: Range<usize>, kind: IdentifierKind) -> Find {
    Find { range, kind, guessed: false }
}

/// Addresses with a dot behind the `@`.
pub(super) fn emails(text: &str) -> Vec<Find> {
    let bytes = text.as_bytes();
    let is_part =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-');
    let ats = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'@');
    let found = ats.filter_map(|(at, _)| {
        // An address is not longer than 254 bytes (RFC 5321).
        let before = bytes[..at].iter().rev().take(64).take_while(|byte| is_part(byte)).count();
        let after = bytes[at + 1..].iter().take(254).take_while(|byte| is_part(byte)).count();
        let domain = text[at + 1..at + 1 + after].trim_end_matches(['.', '-', '_']);
        let (_, top) = domain.rsplit_once('.')?;
        let fits = before > 0 && top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic());
        fits.then(|| sure(at - before..at + 1 + domain.len(), IdentifierKind::Email))
    });
    found.collect()
}

/// The longest run that is looked at as one number, in bytes.
const RUN_BYTES_MAX: usize = 42;

/// Numbers, by how their digits are grouped and by check digits.
pub(super) fn numbers(text: &str) -> Vec<Find> {
    let bytes = text.as_bytes();
    let mut finds = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let opens =
            bytes[at].is_ascii_digit() || matches!(bytes[at], b'+' | b'(') || is_iban_start(bytes, at);
        let is_free = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        if !(opens && is_free) {
            at += 1;
            continue;
        }
        let letters = bytes[at].is_ascii_alphabetic();
        let run = run(bytes, at, letters);
        let shown = text[at..at + run].trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        match if letters { iban(shown) } else { number(shown) } {
            Some((length, kind)) => {
                finds.push(sure(at..at + length, kind));
                at += length;
            }
            None if letters => at += 1,
            None => at += shown.len().max(1),
        }
    }
    finds
}

fn is_iban_start(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at..at + 4), Some([a, b, c, d])
        if a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_digit())
}

/// How many bytes from here may be one number: digits, or letters too, with one separator between.
fn run(bytes: &[u8], at: usize, letters: bool) -> usize {
    let mut separators = 0;
    let mut fits = |byte: &u8| {
        let is_separator = matches!(byte, b' ' | b'-' | b'.' | b'(' | b')' | b'+');
        separators = if is_separator { separators + 1 } else { 0 };
        byte.is_ascii_digit() || letters && byte.is_ascii_uppercase() || is_separator && separators <= 2
    };
    bytes[at..].iter().take(RUN_BYTES_MAX).take_while(|byte| fits(byte)).count()
}

fn number(shown: &str) -> Option<(usize, IdentifierKind)> {
    let digits: Vec<u32> = shown.chars().filter_map(|c| c.to_digit(10)).collect();
    let groups: Vec<usize> =
        shown.split(|c: char| !c.is_ascii_digit()).map(str::len).filter(|length| *length > 0).collect();
    let dots = shown.bytes().filter(|byte| *byte == b'.').count();
    let kind = match groups[..] {
        _ if dots == 3 && groups.len() == 4 => return ip(shown).then_some((shown.len(), IdentifierKind::Ip)),
        [3, 2, 4] if shown.matches('-').count() == 2 => IdentifierKind::NationalId,
        _ if shown.starts_with('+') && (8..=15).contains(&digits.len()) => IdentifierKind::Phone,
        [3, 3, 4] | [1, 3, 3, 4] => IdentifierKind::Phone,
        [4, 4, 4, 4] | [4, 6, 5] | [13..=19] if is_card(&digits) => IdentifierKind::Card,
        // A card, and something behind it.
        [4, 4, 4, 4, ..] => {
            let end =
                shown.char_indices().filter(|(_, c)| c.is_ascii_digit()).nth(15).map(|(at, _)| at + 1)?;
            return is_card(&digits[..16]).then_some((end, IdentifierKind::Card));
        }
        _ => return None,
    };
    Some((shown.len(), kind))
}

/// Four numbers below 256 that are not a network of one's own.
fn ip(shown: &str) -> bool {
    let parts: Vec<u8> = shown.split('.').filter_map(|part| part.parse().ok()).collect();
    match parts[..] {
        [0 | 10 | 127 | 255, ..] | [192, 168, ..] | [169, 254, ..] => false,
        [172, second, ..] if (16..32).contains(&second) => false,
        // Versions have small numbers.
        [a, b, c, d] => a.max(b).max(c).max(d) > 31,
        _ => false,
    }
}

/// Luhn's check digit, and a first digit that networks give out.
fn is_card(digits: &[u32]) -> bool {
    let doubled = |(place, digit): (usize, &u32)| match place % 2 {
        0 => *digit,
        _ => digit * 2 - if *digit > 4 { 9 } else { 0 },
    };
    let sum: u32 = digits.iter().rev().enumerate().map(doubled).sum();
    sum.is_multiple_of(10) && matches!(digits.first(), Some(3..=6))
}

/// ISO 13616: the remainder of 97 is 1. The longest beginning that fits is taken.
fn iban(shown: &str) -> Option<(usize, IdentifierKind)> {
    let mut found = None;
    let ends = shown.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()).map(|(at, _)| at + 1);
    for end in ends.skip(14).take(20) {
        let plain: Vec<char> = shown[..end].chars().filter(char::is_ascii_alphanumeric).collect();
        let moved = plain[4..].iter().chain(&plain[..4]);
        let remainder = moved.fold(0_u64, |sum, c| {
            let value = u64::from(c.to_digit(36).unwrap_or_default());
            (sum * if value > 9 { 100 } else { 10 } + value) % 97
        });
        if remainder == 1 {
            found = Some((end, IdentifierKind::Iban));
        }
    }
    found
}

/// Words that look drawn at random: both cases and digits, and not hexadecimal.
pub(super) fn secrets(text: &str) -> Vec<Find> {
    const BYTES: Range<usize> = 20..200;
    const CHANGES_MIN: usize = 6;
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/' | '=');
    let words = text.split(move |c| !is_part(c)).filter(|word| BYTES.contains(&word.len()));
    let drawn = words.filter(|word| {
        let class = |byte: u8| match byte {
            b'a'..=b'z' => 0,
            b'A'..=b'Z' => 1,
            b'0'..=b'9' => 2,
            _ => 3,
        };
        let count = |wanted| word.bytes().filter(|byte| class(*byte) == wanted).count();
        let changes = word.as_bytes().windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count();
        let hexadecimal = word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        // Paths and names of things have slashes, dashes and underscores between words.
        !hexadecimal
            && count(0) >= 3
            && count(1) >= 3
            && count(2) >= 3
            && count(3) <= 2
            && changes >= CHANGES_MIN
    });
    drawn
        .map(|word| {
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            sure(start..start + word.len(), IdentifierKind::Secret)
        })
        .collect()
}
