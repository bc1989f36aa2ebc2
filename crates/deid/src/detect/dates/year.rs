//! Years alone, where the words around one say that it is no other number.

use std::ops::Range;

use crate::detect::Cue;
use crate::detect::number::{stands_alone, value};
use crate::scan::{Scan, is_word};

/// Words right before a year.
const WORDS: [&str; 46] = [
    "in",
    "since",
    "during",
    "until",
    "till",
    "before",
    "after",
    "circa",
    "early",
    "late",
    "mid",
    "year",
    "founded",
    "established",
    "est",
    "spring",
    "summer",
    "autumn",
    "fall",
    "winter",
    "copyright",
    "©",
    "born",
    "died",
    "jahr",
    "jahre",
    "seit",
    "ab",
    "bis",
    "von",
    "en",
    "depuis",
    "desde",
    "année",
    "año",
    "nel",
    "dal",
    "anno",
    "em",
    "ano",
    "sinds",
    "jaar",
    "mid-",
    "around",
    "by",
    "from",
];
/// Words before `of` and a year: `class of 1987`.
const OF_WORDS: [&str; 10] =
    ["class", "summer", "winter", "spring", "fall", "autumn", "end", "beginning", "start", "year"];
/// Words behind a number that make it no year.
const UNITS: [&str; 40] = [
    "words",
    "years",
    "bytes",
    "characters",
    "dollars",
    "people",
    "meters",
    "metres",
    "miles",
    "km",
    "feet",
    "steps",
    "days",
    "hours",
    "minutes",
    "seconds",
    "times",
    "mg",
    "kg",
    "percent",
    "lines",
    "pieces",
    "euros",
    "pounds",
    "points",
    "calories",
    "users",
    "items",
    "units",
    "bc",
    "pages",
    "tokens",
    "students",
    "men",
    "ft",
    "m",
    "x",
    "ml",
    "watts",
    "rpm",
];

/// Looks for a year in a group of digits.
pub(super) fn detect(scan: &mut Scan<'_>, group: Range<usize>) {
    let plausible = group.len() == 4 && super::YEARS.contains(&value(scan, &group));
    if !plausible || !stands_alone(scan, &group) || matches!(scan.before(group.start), b':' | b'+') {
        return;
    }
    let unit = scan.word_at(group.end + 1).to_lowercase();
    if scan.at(group.end) == b' ' && UNITS.contains(&unit.as_str())
        || scan.at(group.end) == b',' && scan.at(group.end + 1).is_ascii_digit()
    {
        return;
    }
    if let Some(confidence) = judge(scan, &group, &unit) {
        super::claim(scan, group, "year", confidence);
    }
}

fn judge(scan: &mut Scan<'_>, group: &Range<usize>, next: &str) -> Option<f32> {
    let word = scan.word_before(group.start).to_lowercase();
    let recent = (1850..2040).contains(&value(scan, group));
    let before = group.start - word.len().min(group.start);
    if WORDS.contains(&word.as_str()) {
        return Some(if recent { 0.7 } else { 0.55 });
    }
    if scan.cue_distance(group.start, &[Cue::Birth]).is_some_and(|distance| distance <= 6) && recent {
        return Some(0.7);
    }
    let open = scan.before(group.start) == b'(';
    if open && matches!(scan.at(group.end), b')') && recent {
        return Some(0.6);
    }
    match word.as_str() {
        "of" if recent => {
            let earlier = scan.word_before(before.saturating_sub(1));
            let capital = earlier.chars().next().is_some_and(char::is_uppercase);
            (capital || OF_WORDS.contains(&earlier.to_lowercase().as_str())).then_some(0.6)
        }
        "a" | "the" if recent && !value(scan, group).is_multiple_of(100) && !next.is_empty() => {
            (scan.at(group.end) == b' ').then_some(0.55)
        }
        _ => None,
    }
}

/// Looks for two years with a dash between them: `1990-1995`.
pub(super) fn detect_span(scan: &mut Scan<'_>, from: &Range<usize>, to: &Range<usize>) -> bool {
    let is_year = |scan: &Scan<'_>, group: &Range<usize>| {
        group.len() == 4 && (1500..2040).contains(&value(scan, group))
    };
    let range = from.start..to.end;
    let fits = &scan.bytes[from.end..to.start] == b"-"
        && is_year(scan, from)
        && is_year(scan, to)
        && value(scan, from) < value(scan, to)
        && stands_alone(scan, &range)
        && !is_word(scan.before(range.start));
    if fits {
        super::claim(scan, range, "years", 0.6);
    }
    fits
}
