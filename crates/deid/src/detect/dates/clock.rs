//! Times of day.

use std::ops::Range;

use crate::detect::number::value;
use crate::scan::{Scan, is_word};

/// Words before a time: `at 10:30`.
const WORDS: [&str; 22] = [
    "at", "by", "until", "till", "before", "after", "around", "from", "to", "time", "um", "bis", "gegen",
    "ab", "à", "las", "vers", "alle", "às", "om", "kl", "time:",
];
/// Marks of the half of the day, longest first.
const HALVES: [&str; 6] = ["a.m.", "p.m.", "a.m", "p.m", "am", "pm"];
/// The longest zone: ` GMT+02:00`.
const ZONE_BYTES_MAX: usize = 10;

/// Looks for a time whose hour is the digits in `hour`.
pub(in crate::detect) fn detect(scan: &mut Scan<'_>, hour: Range<usize>) {
    if hour.len() > 2
        || is_word(scan.before(hour.start))
        || matches!(scan.before(hour.start), b':' | b'.' | b'-' | b'/' | b'$')
    {
        return;
    }
    let (end, has_seconds) = match end_of_clock(scan, &hour) {
        Some(found) => found,
        None => (hour.end, false),
    };
    let by_clock = end > hour.end;
    let half = half_end(scan, end);
    if !by_clock && (half.is_none() || !(1..=12).contains(&value(scan, &hour))) {
        return;
    }
    let announced = WORDS.contains(&scan.word_before(hour.start).to_lowercase().as_str());
    let confidence = match (half, announced, has_seconds) {
        (Some(_), ..) => 0.75,
        (None, true, _) => 0.65,
        (None, false, true) => 0.6,
        (None, false, false) => return,
    };
    let end = zone_end(scan, half.unwrap_or(end));
    if !is_word(scan.at(end)) && scan.at(end) != b':' {
        super::claim(scan, hour.start..end, "time-of-day", confidence);
    }
}

/// Where a time ends that stands behind a date: `2000-04-16 11:34:35`, `2000-04-16T11:34Z`, `12 March, 10:30 am`.
pub(super) fn end_of_time_behind(scan: &mut Scan<'_>, date_end: usize) -> Option<usize> {
    let from = match (scan.at(date_end), scan.at(date_end + 1)) {
        (b',', b' ') => date_end + 2,
        (b' ' | b'T' | b't', _) => date_end + 1,
        _ => return None,
    };
    let from =
        if scan.text.get(from..).is_some_and(|rest| rest.starts_with("at ")) { from + 3 } else { from };
    let hour = from..scan.run_end(from, 3, |byte| byte.is_ascii_digit());
    let (end, _) = end_of_clock(scan, &hour)?;
    let end = half_end(scan, end).unwrap_or(end);
    let end = zone_end(scan, end);
    (!is_word(scan.at(end))).then_some(end)
}

/// Where `:30`, or `:30:45.123`, behind an hour ends, and whether there are seconds.
fn end_of_clock(scan: &mut Scan<'_>, hour: &Range<usize>) -> Option<(usize, bool)> {
    let two_digits = |scan: &Scan<'_>, at: usize| {
        matches!((scan.at(at), scan.at(at + 1)), (b'0'..=b'5', b'0'..=b'9'))
            && !scan.at(at + 2).is_ascii_digit()
    };
    let hour_fits = (1..=2).contains(&hour.len()) && value(scan, hour) < 24;
    if !hour_fits || !matches!(scan.at(hour.end), b':' | b'h') || !two_digits(scan, hour.end + 1) {
        return None;
    }
    let minutes = hour.end + 3;
    if scan.at(minutes) != b':' || !two_digits(scan, minutes + 1) {
        return Some((minutes, false));
    }
    let seconds = minutes + 3;
    if matches!(scan.at(seconds), b'.' | b',') && scan.at(seconds + 1).is_ascii_digit() {
        return Some((scan.run_end(seconds + 1, 9, |byte| byte.is_ascii_digit()), true));
    }
    Some((seconds, true))
}

/// Where ` p.m.` behind a time ends.
fn half_end(scan: &mut Scan<'_>, end: usize) -> Option<usize> {
    let from = end + usize::from(scan.at(end) == b' ');
    scan.note_work(4);
    let rest = scan.bytes.get(from..)?;
    let half = HALVES
        .iter()
        .find(|half| rest.get(..half.len()).is_some_and(|head| head.eq_ignore_ascii_case(half.as_bytes())))?;
    let end = from + half.len();
    (!is_word(scan.at(end))).then_some(end)
}

/// Where a zone behind a time ends: `Z`, `+02:00`, ` UTC`.
fn zone_end(scan: &mut Scan<'_>, end: usize) -> usize {
    let from = end + usize::from(scan.at(end) == b' ');
    let zone = from..scan.run_end(from, ZONE_BYTES_MAX, |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b':')
    });
    let text = &scan.text[zone.clone()];
    let offset = text.strip_prefix(['+', '-']).is_some_and(|rest| {
        (4..=5).contains(&rest.len())
            && from == end
            && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
    });
    let named = matches!(
        text,
        "UTC" | "GMT" | "CET" | "CEST" | "EST" | "EDT" | "PST" | "PDT" | "CST" | "MST" | "BST" | "IST"
    );
    if named || offset || text == "Z" && from == end { zone.end } else { end }
}
