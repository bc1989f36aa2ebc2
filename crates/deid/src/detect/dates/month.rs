//! Dates that name their month or the day of the week, in English, German, French, Spanish, Italian, Portuguese and
//! Dutch.

use std::ops::Range;

use crate::detect::number::value;
use crate::scan::{Scan, is_word};

/// Names of months, lower case; shorter forms are anchors of their own.
#[rustfmt::skip]
pub(in crate::detect) const MONTHS: &[&str] = &[
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
    "januar", "jänner", "februar", "märz", "mai", "juni", "juli", "oktober", "dezember", "mrz", "okt", "dez",
    "janvier", "février", "mars", "avril", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    "janv", "févr", "avr", "juil", "déc",
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "setiembre", "octubre",
    "noviembre", "diciembre", "ene", "abr", "ago", "dic",
    "gennaio", "febbraio", "aprile", "maggio", "giugno", "luglio", "settembre", "ottobre", "dicembre",
    "gen", "mag", "giu", "lug", "ott",
    "janeiro", "fevereiro", "março", "maio", "junho", "julho", "setembro", "outubro", "novembro", "dezembro",
    "fev", "mai", "set", "out",
    "januari", "februari", "maart", "mei", "augustus", "mrt",
];
/// Days of the week; the first fourteen, English and German, count alone.
#[rustfmt::skip]
pub(in crate::detect) const WEEKDAYS: &[&str] = &[
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag",
    "mon", "tue", "tues", "wed", "thu", "thurs", "fri", "sat", "sun",
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
    "lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo",
    "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica",
    "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira",
    "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag",
];
/// How many of the days count alone.
const WEEKDAYS_ALONE: usize = 14;
/// Names of months that are other words too, and count in a whole date only.
const AMBIGUOUS: [&str; 12] =
    ["set", "out", "ago", "gen", "mag", "mar", "dic", "ene", "lug", "mai", "mars", "mei"];
/// Names of months that, in lower case, are verbs and adjectives.
const VERBS: [&str; 3] = ["march", "august", "marche"];
/// Words before a day of the week in lower case.
const WEEKDAY_WORDS: [&str; 8] = ["on", "next", "last", "this", "every", "by", "until", "since"];
/// How many of the days are English.
const WEEKDAYS_ENGLISH: usize = 7;
/// Behind the number of a day.
const DAY_MARKS: [&str; 8] = ["st", "nd", "rd", "th", "er", "º", "ª", "."];
/// Between day and month, or month and year.
const JOINTS: [&str; 8] = [" of ", " de ", " del ", ". ", ", ", " ", "-", "/"];
/// Words before a month that stands alone.
const WORDS: [&str; 17] = [
    "in", "since", "last", "next", "this", "until", "till", "by", "early", "late", "mid", "im", "seit",
    "ende", "anfang", "mitte", "during",
];

/// Looks for a date around the name of a month.
pub(in crate::detect) fn detect_month(scan: &mut Scan<'_>, name: Range<usize>) {
    if !scan.is_whole_word(&name) || is_word(scan.before(name.start)) || is_word(scan.at(name.end)) {
        return;
    }
    let after = name.end + usize::from(scan.at(name.end) == b'.' && name.len() <= 5);
    let day_before = day_before(scan, name.start);
    let (day_after, year_end) = day_and_year_after(scan, after, day_before.is_some());
    let capital = scan.text[name.clone()].chars().next().is_some_and(char::is_uppercase);
    let start = day_before.unwrap_or(name.start);
    let end = year_end.or(day_after).unwrap_or(name.end);
    let has_day = day_before.is_some() || day_after.is_some();
    let word = scan.text[name.clone()].to_lowercase();
    if year_end.is_none() && (AMBIGUOUS.contains(&word.as_str()) || is_list_item(scan, day_before, &word)) {
        return;
    }
    let confidence = match (has_day, year_end.is_some()) {
        (true, true) => 0.92,
        (true, false) if capital || day_before.is_some() && name.len() > 3 => 0.8,
        (true, false) if name.len() > 4 && !VERBS.contains(&word.as_str()) => 0.7,
        (false, true) if capital || name.len() > 3 => 0.8,
        (false, false) if capital && name.len() > 3 => {
            let word = scan.word_before(name.start).to_lowercase();
            if !WORDS.contains(&word.as_str()) {
                return;
            }
            0.55
        }
        _ => return,
    };
    let start = weekday_before(scan, start).unwrap_or(start);
    let end = if has_day { super::clock::end_of_time_behind(scan, end).unwrap_or(end) } else { end };
    super::claim(scan, start..end, "date-with-month", confidence);
}

/// Whether a day is the number of an item: `3. May I ask`.
fn is_list_item(scan: &Scan<'_>, day: Option<usize>, month: &str) -> bool {
    let Some(day) = day else { return false };
    let begins_line = matches!(scan.before(day), 0 | b'\n') || scan.text[..day].ends_with("\n ");
    let dotted = scan.bytes[day..].iter().take(3).any(|byte| *byte == b'.');
    dotted && (begins_line || matches!(month, "may" | "march"))
}

/// Looks for a day of the week that stands for a date: `on Tuesday`.
pub(in crate::detect) fn detect_weekday(scan: &mut Scan<'_>, name: Range<usize>, place: usize) {
    let capital = scan.text[name.clone()].chars().next().is_some_and(char::is_uppercase);
    let shouted = scan.text[name.clone()].chars().all(char::is_uppercase);
    let in_lower_case = !capital
        && place < WEEKDAYS_ENGLISH
        && WEEKDAY_WORDS.contains(&scan.word_before(name.start).to_lowercase().as_str());
    if place < WEEKDAYS_ALONE
        && (capital || in_lower_case)
        && !shouted
        && scan.is_whole_word(&name)
        && !is_word(scan.before(name.start))
        && !is_word(scan.at(name.end))
    {
        super::claim(scan, name, "day-of-the-week", 0.55);
    }
}

/// Where the day before a month begins: `12th of `, `3. `, `le 1er `.
fn day_before(scan: &mut Scan<'_>, month: usize) -> Option<usize> {
    let joint =
        JOINTS.iter().find(|joint| scan.text[..month].ends_with(*joint)).map_or(0, |joint| joint.len());
    if joint == 0 {
        return None;
    }
    let mark_end = month - joint;
    let mark =
        DAY_MARKS.iter().find(|mark| scan.text[..mark_end].ends_with(*mark)).map_or(0, |mark| mark.len());
    let digits_end = mark_end - mark;
    let start = scan.run_start(digits_end, 3, |byte| byte.is_ascii_digit());
    is_day(scan, &(start..digits_end)).then_some(start)
}

/// Where the day behind a month ends, and where the year behind that ends.
fn day_and_year_after(scan: &mut Scan<'_>, month: usize, has_day: bool) -> (Option<usize>, Option<usize>) {
    let Some(from) = joint_end(scan, month) else { return (None, None) };
    let digits = from..scan.run_end(from, 5, |byte| byte.is_ascii_digit());
    if is_year(scan, &digits) {
        return (None, Some(digits.end));
    }
    if has_day || !is_day(scan, &digits) {
        return (None, None);
    }
    let rest = &scan.text[digits.end..];
    let mark = DAY_MARKS[..4].iter().find(|mark| rest.starts_with(**mark)).map_or(0, |mark| mark.len());
    let day_end = digits.end + mark;
    // `March 12:30` is a time, `March 12.5` a number.
    if is_word(scan.at(day_end))
        || matches!(scan.at(day_end), b':' | b'%')
        || scan.at(day_end) == b'.' && scan.at(day_end + 1).is_ascii_digit()
    {
        return (None, None);
    }
    let year = joint_end(scan, day_end).map(|from| from..scan.run_end(from, 5, |byte| byte.is_ascii_digit()));
    (Some(day_end), year.filter(|year| is_year(scan, year)).map(|year| year.end))
}

/// Where what joins two parts of a date ends.
fn joint_end(scan: &mut Scan<'_>, at: usize) -> Option<usize> {
    scan.note_work(5);
    let rest = scan.text.get(at..)?;
    JOINTS.iter().find(|joint| rest.starts_with(**joint)).map(|joint| at + joint.len())
}

fn is_day(scan: &Scan<'_>, digits: &Range<usize>) -> bool {
    (1..=2).contains(&digits.len())
        && (1..=31).contains(&value(scan, digits))
        && !is_word(scan.before(digits.start))
        && !matches!(scan.before(digits.start), b'$' | b'.' | b':')
}

fn is_year(scan: &Scan<'_>, digits: &Range<usize>) -> bool {
    digits.len() == 4 && super::YEARS.contains(&value(scan, digits)) && !is_word(scan.at(digits.end))
}

/// Where a day of the week that stands before a date begins.
fn weekday_before(scan: &mut Scan<'_>, date: usize) -> Option<usize> {
    let text = &scan.text[..date];
    let rest = text
        .strip_suffix(", ")
        .or_else(|| text.strip_suffix(". "))
        .or_else(|| text.strip_suffix(" the "))
        .or_else(|| text.strip_suffix(' '))?;
    let word = scan.word_before(rest.len());
    WEEKDAYS.contains(&word.to_lowercase().as_str()).then(|| rest.len() - word.len())
}
