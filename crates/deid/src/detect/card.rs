//! Payment cards: issuer prefix, length, grouping and Luhn (ISO/IEC 7812-1).

use std::ops::RangeInclusive;

use crate::candidate::Evidence;
use crate::detect::number::{Stretch, stands_alone};
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

/// Published issuer ranges (ISO/IEC 7812 registrations as the schemes print them).
const ISSUERS: [Issuer; 27] = [
    issuer(4..=4, 16..=16, 0.95),       // Visa
    issuer(4..=4, 13..=13, 0.45),       // Visa, old
    issuer(4..=4, 19..=19, 0.8),        // Visa, long
    issuer(51..=55, 16..=16, 0.95),     // Mastercard
    issuer(2221..=2720, 16..=16, 0.9),  // Mastercard, since 2017
    issuer(34..=34, 15..=15, 0.95),     // American Express
    issuer(37..=37, 15..=15, 0.95),     // American Express
    issuer(6011..=6011, 16..=19, 0.95), // Discover
    issuer(644..=649, 16..=19, 0.9),    // Discover
    issuer(65..=65, 16..=19, 0.9),      // Discover
    issuer(62..=62, 16..=19, 0.9),      // UnionPay
    issuer(300..=305, 14..=19, 0.9),    // Diners Club
    issuer(309..=309, 14..=19, 0.85),   // Diners Club
    issuer(36..=36, 14..=19, 0.85),     // Diners Club
    issuer(38..=39, 14..=19, 0.85),     // Diners Club
    issuer(3528..=3589, 16..=19, 0.9),  // JCB
    issuer(1800..=1800, 15..=15, 0.7),  // JCB, old
    issuer(2131..=2131, 15..=15, 0.7),  // JCB, old
    issuer(2200..=2204, 16..=19, 0.85), // Mir
    issuer(5018..=5018, 12..=19, 0.6),  // Maestro
    issuer(5020..=5020, 12..=19, 0.6),  // Maestro
    issuer(5038..=5038, 12..=19, 0.6),  // Maestro
    issuer(56..=58, 12..=19, 0.6),      // Maestro
    issuer(6304..=6304, 12..=19, 0.6),  // Maestro
    issuer(6390..=6390, 12..=19, 0.6),  // Maestro
    issuer(6759..=6759, 12..=19, 0.6),  // Maestro
    issuer(6761..=6763, 12..=19, 0.6),  // Maestro
];
/// Groupings that are printed on cards; any other grouping is not one number.
const GROUPINGS: [&[usize]; 7] =
    [&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3], &[4, 4, 4, 1], &[4, 4, 5], &[6, 13]];
const WORDS: [&str; 14] = [
    "card",
    "cards",
    "credit",
    "debit",
    "visa",
    "mastercard",
    "amex",
    "maestro",
    "cc",
    "pan",
    "payment",
    "pay",
    "ccn",
    "discover",
];
const OTHER_NUMBERS: [&str; 14] = [
    "isbn",
    "imei",
    "ean",
    "upc",
    "gtin",
    "order",
    "tracking",
    "timestamp",
    "serial",
    "doi",
    "issn",
    "invoice",
    "id",
    "phone",
];
/// What a card word nearby adds.
const CONTEXT_BONUS: f32 = 0.3;

pub(super) fn detect(scan: &mut Scan<'_>, stretch: &Stretch<'_>) {
    let length = stretch.digit_count();
    let plausible = (12..=19).contains(&length)
        && stands_alone(scan, &stretch.range)
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
    let confidence = if scan.context_before(stretch.range.start, &WORDS) {
        confidence + CONTEXT_BONUS
    } else if scan.context_before(stretch.range.start, &OTHER_NUMBERS) {
        confidence - 0.5
    } else {
        confidence
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

fn is_grouped_as_a_card(scan: &Scan<'_>, stretch: &Stretch<'_>) -> bool {
    if stretch.groups.len() == 1 {
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
    ISSUERS.iter().find(matches).map(|issuer| issuer.confidence)
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
