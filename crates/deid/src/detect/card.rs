//! Payment cards: issuer prefix, length, grouping and Luhn (ISO/IEC 7812-1).

use std::ops::RangeInclusive;

use crate::candidate::Evidence;
use crate::detect::Cue;
use crate::detect::number::{Stretch, stands_apart};
use crate::identifier::IdentifierKind;
use crate::scan::Scan;

/// An issuer's range: leading digits from..=to, lengths, and how much a bare Luhn pass is worth there.
struct Issuer {
    prefixes: RangeInclusive<u32>,
    lengths: RangeInclusive<usize>,
    confidence: f32,
}

const fn issuer(prefixes: RangeInclusive<u32>, lengths: RangeInclusive<usize>, confidence: f32) -> Issuer {
    Issuer { prefixes, lengths, confidence }
}

/// Published issuer ranges (ISO/IEC 7812 registrations as the schemes print them); the first that fits counts.
const ISSUERS: [Issuer; 36] = [
    issuer(4..=4, 16..=16, 0.95),           // Visa
    issuer(4..=4, 13..=13, 0.55),           // Visa, old
    issuer(4..=4, 19..=19, 0.8),            // Visa, long
    issuer(51..=55, 16..=16, 0.95),         // Mastercard
    issuer(2221..=2720, 16..=16, 0.9),      // Mastercard, since 2017
    issuer(34..=34, 15..=15, 0.95),         // American Express
    issuer(37..=37, 15..=15, 0.95),         // American Express
    issuer(6011..=6011, 16..=19, 0.95),     // Discover
    issuer(622126..=622925, 16..=19, 0.95), // Discover with UnionPay
    issuer(644..=649, 16..=19, 0.9),        // Discover
    issuer(65..=65, 16..=19, 0.9),          // Discover, RuPay
    issuer(62..=62, 16..=19, 0.9),          // UnionPay
    issuer(81..=82, 16..=19, 0.7),          // UnionPay, RuPay
    issuer(300..=305, 14..=19, 0.9),        // Diners Club
    issuer(3095..=3095, 14..=19, 0.85),     // Diners Club
    issuer(36..=36, 14..=19, 0.85),         // Diners Club
    issuer(38..=39, 14..=19, 0.85),         // Diners Club
    issuer(3528..=3589, 16..=19, 0.9),      // JCB
    issuer(35..=35, 16..=16, 0.7),          // JCB, as older lists have it
    issuer(3088..=3094, 16..=16, 0.7),      // JCB, old
    issuer(3096..=3102, 16..=16, 0.7),      // JCB, old
    issuer(3112..=3120, 16..=16, 0.7),      // JCB, old
    issuer(3158..=3159, 16..=16, 0.7),      // JCB, old
    issuer(3337..=3349, 16..=16, 0.7),      // JCB, old
    issuer(1800..=1800, 15..=15, 0.7),      // JCB, old
    issuer(2131..=2131, 15..=15, 0.7),      // JCB, old
    issuer(2200..=2205, 16..=19, 0.85),     // Mir, Borica
    issuer(9792..=9792, 16..=16, 0.8),      // Troy
    issuer(8600..=8600, 16..=16, 0.7),      // UzCard
    issuer(9860..=9860, 16..=16, 0.7),      // Humo
    issuer(50..=50, 12..=19, 0.6),          // Maestro, Verve, Dankort, Elo
    issuer(56..=58, 12..=19, 0.6),          // Maestro
    issuer(604..=604, 12..=19, 0.55),       // Maestro, Prostir
    issuer(606..=608, 16..=19, 0.6),        // Hipercard, RuPay
    issuer(63..=63, 12..=19, 0.6),          // Maestro, InstaPayment
    issuer(67..=67, 12..=19, 0.6),          // Maestro
];
/// The issuer prefix of some Maestro cards, which begins with a zero.
const MAESTRO_WITH_ZERO: [u8; 4] = [0, 6, 0, 4];
/// Groupings that are printed on cards; any other grouping is not one number.
const GROUPINGS: [&[usize]; 13] = [
    &[4, 4, 4, 4],
    &[4, 6, 5],
    &[4, 6, 4],
    &[4, 4, 4, 4, 3],
    &[4, 4, 4, 1],
    &[4, 4, 5],
    &[4, 4, 4],
    &[4, 4, 4, 2],
    &[4, 4, 4, 3],
    &[4, 5, 6],
    &[6, 13],
    &[8, 8],
    &[4, 4, 4, 4, 2],
];
/// What a card word nearby adds.
const CONTEXT_BONUS: f32 = 0.3;
/// How much farther off a card word may be than another and still count, in bytes: `card no. for order 7`.
const CARD_WORD_LEAD: usize = 16;
/// What a word for another number takes away.
const OTHER_PENALTY: f32 = 0.5;

pub(super) fn detect(scan: &mut Scan<'_>, stretch: &Stretch<'_>) {
    let length = stretch.digit_count();
    let plausible = (12..=19).contains(&length)
        && stands_apart(scan, &stretch.range)
        && is_grouped_as_a_card(scan, stretch);
    if !plausible {
        return;
    }
    let digits = stretch.digits(scan);
    let Some(confidence) = issuer_confidence(&digits) else { return };
    let all_same = digits.iter().all(|digit| *digit == digits[0]);
    if all_same || !luhn(&digits) {
        return;
    }
    let confidence = match (is_card_word_nearest(scan, stretch.range.start), stretch.groups.len() > 1) {
        (Some(true), _) => confidence + CONTEXT_BONUS,
        (Some(false), false) => confidence - OTHER_PENALTY,
        // Hardly any other number is grouped so and has these digits.
        (Some(false), true) | (None, _) => confidence,
    };
    scan.claim(
        stretch.range.clone(),
        IdentifierKind::Card,
        Evidence::checksum("payment-card"),
        confidence.min(0.99),
    );
}

/// Whether the doubled-digit sum is a multiple of ten.
pub(crate) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let doubled = u32::from(*digit) * (1 + place as u32 % 2);
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether the nearest word that says what the number is says that it is a card.
fn is_card_word_nearest(scan: &mut Scan<'_>, at: usize) -> Option<bool> {
    let card = scan.cue_distance(at, &[Cue::Card]);
    let other = scan.cue_distance(at, &[Cue::OtherNumber, Cue::Device]);
    match (card, other) {
        (Some(card), Some(other)) => Some(card <= other + CARD_WORD_LEAD),
        (Some(_), None) => Some(true),
        (None, Some(_)) => Some(false),
        (None, None) => None,
    }
}

fn is_grouped_as_a_card(scan: &Scan<'_>, stretch: &Stretch<'_>) -> bool {
    if stretch.groups.len() == 1 || stretch.is_digit_by_digit() {
        return true;
    }
    let separated = matches!(stretch.separator(scan), Some(b' ' | b'-' | b'.'));
    separated && GROUPINGS.contains(&stretch.shape().as_slice())
}

fn issuer_confidence(digits: &[u8]) -> Option<f32> {
    let leading =
        |count: usize| digits.iter().take(count).fold(0, |number, digit| number * 10 + u32::from(*digit));
    let matches = |issuer: &&Issuer| {
        let prefix_digits = issuer.prefixes.end().to_string().len();
        issuer.lengths.contains(&digits.len()) && issuer.prefixes.contains(&leading(prefix_digits))
    };
    let with_zero = || digits.starts_with(&MAESTRO_WITH_ZERO).then_some(0.55);
    ISSUERS.iter().find(matches).map(|issuer| issuer.confidence).or_else(with_zero)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_one_digit_changed_breaks_luhn() {
        let digits = [4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
        assert!(luhn(&digits));
        for place in 0..digits.len() {
            let mut wrong = digits;
            wrong[place] = (wrong[place] + 1) % 10;
            assert!(!luhn(&wrong), "digit {place}");
        }
    }
}
