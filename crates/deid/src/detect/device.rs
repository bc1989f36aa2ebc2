//! Serial numbers of devices: IMEI (3GPP TS 23.003), fifteen digits with a Luhn check digit, or in printed groups.

use crate::candidate::Evidence;
use crate::detect::Cue;
use crate::detect::card::luhn;
use crate::detect::number::{Stretch, stands_apart};
use crate::identifier::IdentifierKind;
use crate::scan::Scan;

/// How an IMEI is printed: type allocation code in one or two groups, serial number, check digit.
const GROUPINGS: [&[usize]; 3] = [&[2, 6, 6, 1], &[8, 6, 1], &[6, 2, 6, 1]];
/// Digits of an IMEI, and of an IMEI with software version.
const DIGITS: usize = 15;
const DIGITS_WITH_VERSION: usize = 16;
/// Digits of the number of a SIM card, which begins with 89 (ITU-T E.118).
const SIM_DIGITS: std::ops::RangeInclusive<usize> = 18..=19;

pub(super) fn detect(scan: &mut Scan<'_>, stretch: &Stretch<'_>) {
    let count = stretch.digit_count();
    if count < DIGITS || !stands_apart(scan, &stretch.range) {
        return;
    }
    let digits = stretch.digits(scan);
    let shape = stretch.shape();
    let whole = shape.len() == 1;
    let printed = GROUPINGS.contains(&shape.as_slice());
    let named = scan.has_cue(stretch.range.start, &[Cue::Device]);
    let checks = luhn(&digits) && digits.iter().any(|digit| *digit != digits[0]);
    let claim = match count {
        DIGITS if checks && (whole || printed) && named => Some((Evidence::checksum("imei"), 0.97)),
        DIGITS if checks && printed => Some((Evidence::checksum("imei"), 0.8)),
        DIGITS_WITH_VERSION if whole && named => Some((Evidence::context("imei"), 0.7)),
        count if SIM_DIGITS.contains(&count) && whole && named && digits.starts_with(&[8, 9]) => {
            Some((Evidence::context("iccid"), 0.8))
        }
        _ => None,
    };
    if let Some((evidence, confidence)) = claim {
        scan.claim(stretch.range.clone(), IdentifierKind::Device, evidence, confidence);
    }
}
