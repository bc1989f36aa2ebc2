//! Dates and times of day as people write them: numeric, with the month by name, and years that a word makes one.
//!
//! A date behind a word for a birth is a [`IdentifierKind::BirthDate`].

mod clock;
mod month;
mod year;

use std::ops::Range;

use crate::candidate::Evidence;
use crate::detect::Cue;
use crate::detect::number::{Phrase, stands_alone, value};
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_word};

pub(super) use clock::detect as detect_time;
pub(super) use month::{MONTHS, WEEKDAYS, detect_month, detect_weekday};

/// How near a word for a birth must end to make a date one of birth, in bytes.
const BIRTH_BYTES_MAX: usize = 30;
/// The years that a numeric date may be in.
const YEARS: Range<u32> = 1000..2101;

/// Looks for numeric dates, and years, among the groups of a phrase.
pub(super) fn detect_phrase(scan: &mut Scan<'_>, phrase: &Phrase) {
    let mut first = 0;
    while first < phrase.groups.len() {
        let left = &phrase.groups[first..];
        first += match left {
            [a, b, c, ..] if numeric(scan, [a, b, c]) => 3,
            [a, b, ..] if month_and_year(scan, a, b) || year::detect_span(scan, a, b) => 2,
            [a, ..] => {
                year::detect(scan, a.clone());
                1
            }
            [] => 1,
        };
    }
}

/// Claims a date, as one of birth where the words before it say so.
fn claim(scan: &mut Scan<'_>, range: Range<usize>, rule: &'static str, confidence: f32) {
    let birth =
        scan.cue_distance(range.start, &[Cue::Birth]).is_some_and(|distance| distance <= BIRTH_BYTES_MAX);
    if birth {
        scan.claim(range, IdentifierKind::BirthDate, Evidence::context("birth-date"), confidence.max(0.85));
    } else {
        scan.claim(range, IdentifierKind::Date, Evidence::shape(rule), confidence);
    }
}

/// `2023-10-05`, `05/10/1990`, `5.10.90`, with a time behind it or not.
fn numeric(scan: &mut Scan<'_>, groups: [&Range<usize>; 3]) -> bool {
    let [a, b, c] = groups;
    let joint = &scan.bytes[a.end..b.start];
    let [separator @ (b'-' | b'/' | b'.')] = joint else { return false };
    if &scan.bytes[b.end..c.start] != joint {
        return false;
    }
    let (first, middle, last) = (value(scan, a), value(scan, b), value(scan, c));
    let is_day_and_month = |x: u32, y: u32| (1..=31).contains(&x) && (1..=31).contains(&y) && x.min(y) <= 12;
    let confidence = match (a.len(), b.len(), c.len()) {
        (4, 1 | 2, 1 | 2) if YEARS.contains(&first) && middle <= 12 && is_day_and_month(middle, last) => 0.9,
        (1 | 2, 1 | 2, 4) if YEARS.contains(&last) && is_day_and_month(first, middle) => 0.9,
        (1 | 2, 1 | 2, 2) if *separator == b'/' && is_day_and_month(first, middle) => 0.65,
        (2, 2, 2) if is_day_and_month(first, middle) => {
            let birth = scan.has_cue(a.start, &[Cue::Birth]);
            let enclosed = scan.before(a.start) == b'(' && scan.at(c.end) == b')'
                || scan.text[..a.start].ends_with(", ") && scan.at(c.end) == b',';
            if birth {
                0.9
            } else if enclosed {
                0.65
            } else {
                0.45
            }
        }
        _ => return false,
    };
    let with_time = clock::end_of_time_behind(scan, c.end);
    let range = a.start..with_time.unwrap_or(c.end);
    // `2000-04-16T11:34` goes on in a letter.
    let free = with_time.map_or_else(|| stands_alone(scan, &range), |_| !is_word(scan.before(range.start)));
    if free {
        claim(scan, range, "numeric-date", confidence);
    }
    free
}

/// `05/2019`.
fn month_and_year(scan: &mut Scan<'_>, month: &Range<usize>, year: &Range<usize>) -> bool {
    let shaped = month.len() == 2 && year.len() == 4 && &scan.bytes[month.end..year.start] == b"/";
    let range = month.start..year.end;
    let fits = shaped
        && (1..=12).contains(&value(scan, month))
        && (1900..2100).contains(&value(scan, year))
        && stands_alone(scan, &range);
    if fits {
        claim(scan, range, "month-and-year", 0.6);
    }
    fits
}
