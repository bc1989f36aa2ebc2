//! Street addresses whose form is certain: a house number with the word for a street, in English, Germanic and Romance
//! order, post-office boxes, and units such as `Apt. 4`. Places and whole addresses in free form are the name model's.

mod words;

use std::ops::Range;

use crate::candidate::Evidence;
use crate::detect::Cue;
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_word};

pub(super) use words::{BOXES, CORNERS, MILITARY, PREFIXES, SUFFIXES, TYPES, UNITS};

/// The most words of a street's name.
const NAME_WORDS_MAX: usize = 4;
/// The most words of a city's name.
const CITY_WORDS_MAX: usize = 3;
/// Digits of a house number.
const HOUSE_DIGITS: std::ops::RangeInclusive<usize> = 1..=5;
/// Words in lower case within names of streets.
const PARTICLES: [&str; 28] = [
    "de", "du", "des", "la", "le", "les", "del", "della", "delle", "dei", "degli", "di", "da", "do", "dos",
    "das", "ten", "ter", "el", "los", "las", "van", "von", "der", "den", "am", "y", "e",
];

/// Looks for `123 Main St, Apt 4` around the word for a street, English style.
pub(super) fn detect_type(scan: &mut Scan<'_>, word: Range<usize>) {
    if !scan.is_whole_word(&word) || is_word(scan.before(word.start)) || is_word(scan.at(word.end)) {
        return;
    }
    let named = scan.has_cue(word.start, &[Cue::Address]);
    let Some(name) = name_before(scan, word.start, named) else { return };
    let Some(start) = house_number_before(scan, name) else { return };
    let end = word.end + usize::from(scan.at(word.end) == b'.' && word.len() <= 5);
    if named || scan.bytes[word.start].is_ascii_uppercase() {
        finish(scan, start..end, "street-address", 0.85);
    }
}

/// Looks for `Hauptstraße 12` around the ending of a street's name, Germanic style.
pub(super) fn detect_suffix(scan: &mut Scan<'_>, ending: Range<usize>) {
    let end = ending.end + usize::from(scan.at(ending.end) == b'.' && scan.before(ending.end) == b'r');
    if scan.char_at(ending.end).is_some_and(char::is_alphabetic) || scan.at(end) != b' ' {
        return;
    }
    let Some(number) = house_number_at(scan, end + 1) else { return };
    let start = word_start(scan, ending.start);
    let start =
        if start == ending.start { scan.text[..start].trim_end_matches([' ', '-']).len() } else { start };
    let start = word_start(scan, start);
    let named = scan.has_cue(start, &[Cue::Address]);
    let capital = scan.char_at(start).is_some_and(char::is_uppercase);
    if start < ending.start && (capital || named) {
        finish(scan, start..number, "street-and-number", 0.8);
    }
}

/// Looks for `Via Tasso 129` and `12 rue de la Paix` behind the word for a street, Romance style.
pub(super) fn detect_prefix(scan: &mut Scan<'_>, word: Range<usize>) {
    if scan.char_before(word.start).is_some_and(char::is_alphabetic) || is_word(scan.before(word.start)) {
        return;
    }
    let after = word.end + usize::from(scan.at(word.end) == b'.');
    let Some(name_end) = name_after(scan, after) else { return };
    let joint = scan.skip(name_end, 2, b", ");
    let joint = joint + usize::from(scan.text[joint..].starts_with("n.")) * 2;
    let number_behind = if joint > name_end { house_number_at(scan, joint) } else { None };
    let number_before = house_number_before(scan, word.start);
    let capital = scan.char_at(word.start).is_some_and(char::is_uppercase);
    match (number_before, number_behind) {
        (_, Some(end)) if capital || scan.has_cue(word.start, &[Cue::Address]) => {
            finish(scan, number_before.unwrap_or(word.start)..end, "street-and-number", 0.8);
        }
        (Some(start), None) => finish(scan, start..name_end, "number-and-street", 0.8),
        _ => {}
    }
}

/// Looks for `P.O. Box 287`.
pub(super) fn detect_box(scan: &mut Scan<'_>, word: Range<usize>) {
    if !scan.is_whole_word(&word) || is_word(scan.before(word.start)) {
        return;
    }
    let digits = scan.skip(word.end, 3, b" .#:");
    let end = scan.run_end(digits, 7, |byte| byte.is_ascii_digit());
    if digits > word.end && end > digits && !is_word(scan.at(end)) {
        finish(scan, word.start..end, "post-office-box", 0.85);
    }
}

/// Looks for `Apt. 595` on its own.
pub(super) fn detect_unit(scan: &mut Scan<'_>, word: Range<usize>) {
    let capital = scan.bytes[word.start].is_ascii_uppercase() || scan.has_cue(word.start, &[Cue::Address]);
    if let Some(end) = unit_end(scan, word.clone())
        && capital
        && !is_word(scan.before(word.start))
    {
        scan.claim(word.start..end, IdentifierKind::Address, Evidence::shape("unit"), 0.65);
    }
}

/// Looks for military and diplomatic mail: `Unit 4719 Box 7394`, with `DPO AP 70942` behind it.
pub(super) fn detect_military(scan: &mut Scan<'_>, word: Range<usize>) {
    if !scan.is_whole_word(&word) || is_word(scan.before(word.start)) {
        return;
    }
    let Some(unit) = unit_end(scan, word.clone()) else { return };
    let joint = scan.skip(unit, 2, b", ");
    let is_box = scan.bytes.get(joint..joint + 4).is_some_and(|word| word.eq_ignore_ascii_case(b"box "));
    let end = scan.run_end(joint + 4, 5, |byte| byte.is_ascii_digit());
    if joint > unit && is_box && end > joint + 4 && !is_word(scan.at(end)) {
        finish(scan, word.start..end, "military-mail", 0.85);
    }
}

/// Looks for `the corner of 5th Avenue and Main Street`.
pub(super) fn detect_corner(scan: &mut Scan<'_>, words: Range<usize>) {
    if !scan.is_whole_word(&words) {
        return;
    }
    let Some(first) = crossing_end(scan, words.end) else { return };
    let joints = [" and ", " & ", " und ", " et ", " y "];
    let Some(joint) = joints.iter().find(|joint| scan.text[first..].starts_with(**joint)) else { return };
    if let Some(end) = crossing_end(scan, first + joint.len() - 1) {
        let start = words.start - if scan.text[..words.start].ends_with("the ") { 4 } else { 0 };
        scan.claim(start..end, IdentifierKind::Address, Evidence::shape("street-corner"), 0.8);
    }
}

/// Where the name of a street behind a space ends: words with a capital, numbers, particles; at least one of the first.
fn crossing_end(scan: &mut Scan<'_>, at: usize) -> Option<usize> {
    let mut end = at;
    let mut named = None;
    for _ in 0..=NAME_WORDS_MAX {
        if scan.at(end) != b' ' {
            break;
        }
        let rest = &scan.text[end + 1..scan.text.floor_char_boundary(end + 33)];
        let belongs = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’' | '-');
        let length = rest.find(|c: char| !belongs(c)).unwrap_or(rest.len());
        let word = &rest[..length];
        let capital = word.chars().next().is_some_and(char::is_uppercase);
        let number = word.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
        let particle = PARTICLES.contains(&word) || PREFIXES.contains(&word);
        if word.is_empty() || !capital && !number && !particle {
            break;
        }
        scan.note_work(length);
        end += 1 + length;
        if capital || number {
            named = Some(end);
        }
        let stop = scan.at(end) == b'.' && scan.at(end + 1) == b' ' && length <= 4;
        end += usize::from(stop);
    }
    named
}

/// Claims a street with all of the address that certainly follows: unit, place and postal code.
fn finish(scan: &mut Scan<'_>, street: Range<usize>, rule: &'static str, confidence: f32) {
    // Some write the number of a district or a building first: `5049 12 Elm Road`.
    let start = house_number_before(scan, street.start).unwrap_or(street.start);
    let mut end = street.end;
    for _ in 0..2 {
        let joint = scan.skip(end, 4, b", \n>");
        let word = joint..scan.letters_end(joint, 12);
        if word.is_empty() || !UNITS.contains(&scan.text[word.clone()].to_lowercase().as_str()) {
            break;
        }
        let Some(unit) = unit_end(scan, word) else { break };
        end = unit;
    }
    end = place_end(scan, end).unwrap_or(end);
    scan.claim(start..end, IdentifierKind::Address, Evidence::shape(rule), confidence);
}

/// Where the number of a unit ends.
fn unit_end(scan: &mut Scan<'_>, word: Range<usize>) -> Option<usize> {
    let gap = scan.skip(word.end, 3, b". #");
    let end = scan.run_end(gap, 6, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let number = &scan.bytes[gap..end];
    let fits = number.iter().any(u8::is_ascii_digit) || number.len() == 1 && number[0].is_ascii_uppercase();
    (gap > word.end && fits && !is_word(scan.at(end))).then_some(end)
}

/// Where `, Springfield, IL 62704` or `, 10115 Berlin` behind a street ends.
fn place_end(scan: &mut Scan<'_>, street: usize) -> Option<usize> {
    let joint = scan.skip(street, 3, b", \n");
    if joint == street {
        return None;
    }
    let code = scan.run_end(joint, 6, |byte| byte.is_ascii_digit());
    if (4..=5).contains(&(code - joint)) && scan.at(code) == b' ' {
        return city_end(scan, code + 1);
    }
    let office = joint + 3;
    let city = if is_military(scan, office) { office } else { city_end(scan, joint)? };
    let state = scan.skip(city, 3, b", \n");
    let written = |at: usize| scan.at(at).is_ascii_uppercase();
    let shaped =
        (written(state) && written(state + 1) || is_military(scan, city)) && scan.at(state + 2) == b' ';
    let zip = scan.run_end(state + 3, 5, |byte| byte.is_ascii_digit());
    if !shaped || zip != state + 8 || scan.at(zip).is_ascii_digit() {
        return None;
    }
    let more = scan.run_end(zip + 1, 4, |byte| byte.is_ascii_digit());
    Some(if scan.at(zip) == b'-' && more == zip + 5 { more } else { zip })
}

/// Whether what ends here is the office of military mail: `APO`, in letters of any size.
fn is_military(scan: &Scan<'_>, end: usize) -> bool {
    end.checked_sub(3).and_then(|start| scan.bytes.get(start..end)).is_some_and(|office| {
        [b"apo", b"fpo", b"dpo"].iter().any(|known| office.eq_ignore_ascii_case(*known))
    })
}

/// Where the name of a city that begins here ends: capitalised words.
fn city_end(scan: &mut Scan<'_>, at: usize) -> Option<usize> {
    let mut end = at;
    for _ in 0..CITY_WORDS_MAX {
        let from = end + usize::from(end > at);
        let word = scan.letters_end(from, 24);
        let capital = scan.char_at(from).is_some_and(char::is_uppercase);
        // A state is no part of its city's name.
        let state = word - from == 2 && scan.bytes[from..word].iter().all(u8::is_ascii_uppercase);
        if !capital || word == from || state || end > at && !matches!(scan.at(end), b' ' | b'-') {
            break;
        }
        end = word;
    }
    (end > at).then_some(end)
}

/// Where the name of a street that ends before `at` begins: one to four capitalised words, or numbers such as `42nd`;
/// words in lower case too where an address is announced.
fn name_before(scan: &mut Scan<'_>, at: usize, announced: bool) -> Option<usize> {
    let mut start = at;
    for words in 0..NAME_WORDS_MAX {
        if scan.before(start) != b' ' {
            return (words > 0).then_some(start);
        }
        let end = start - 1;
        let from = word_start(scan, if matches!(scan.before(end), b'.') { end - 1 } else { end });
        let capital = scan.char_at(from).is_some_and(|c| c.is_uppercase() || announced && c.is_alphabetic());
        let ordinal = scan.at(from).is_ascii_digit() && scan.before(end).is_ascii_alphabetic();
        if from >= end || !(capital || ordinal) {
            return (words > 0).then_some(start);
        }
        start = from;
    }
    Some(start)
}

/// Where the name of a street that begins behind `at` ends: a space, and words with a capital or particles.
fn name_after(scan: &mut Scan<'_>, at: usize) -> Option<usize> {
    let mut end = at;
    let mut named = None;
    for _ in 0..=NAME_WORDS_MAX {
        if scan.at(end) != b' ' && !(matches!(scan.at(end), b'\'' | b'.') && end > at) {
            break;
        }
        let from = end
            + scan.text[end..].bytes().take_while(|byte| matches!(byte, b' ' | b'\'' | b'.')).take(2).count();
        let word = scan.letters_end(from, 24);
        let capital = scan.char_at(from).is_some_and(char::is_uppercase);
        let particle =
            PARTICLES.contains(&scan.text[from..word].to_lowercase().as_str()) || scan.at(word) == b'\'';
        if word == from || !capital && !particle {
            break;
        }
        end = word;
        if capital {
            named = Some(word);
        }
    }
    named
}

/// Where the house number right before a name begins: `12 `, `12b `, `12, `.
fn house_number_before(scan: &mut Scan<'_>, name: usize) -> Option<usize> {
    let end = if scan.text[..name].ends_with(", ") { name - 2 } else { name.checked_sub(1)? };
    let letter = usize::from(scan.before(end).is_ascii_alphabetic());
    let digits_end = end - letter;
    let start = scan.run_start(digits_end, 6, |byte| byte.is_ascii_digit());
    let fits = matches!(scan.at(end), b' ' | b',') && HOUSE_DIGITS.contains(&(digits_end - start));
    let free =
        !is_word(scan.before(start)) && !matches!(scan.before(start), b'.' | b'$' | b'/' | b',' | b':');
    (fits && free).then_some(start)
}

/// Where the house number that begins here ends.
fn house_number_at(scan: &mut Scan<'_>, at: usize) -> Option<usize> {
    let digits = scan.run_end(at, 5, |byte| byte.is_ascii_digit());
    let letter = usize::from(scan.at(digits).is_ascii_alphabetic());
    let end = further_number_end(scan, digits + letter);
    let decimal = matches!(scan.at(end), b'.' | b',') && scan.at(end + 1).is_ascii_digit();
    let free = !is_word(scan.at(end)) && !matches!(scan.at(end), b':' | b'%') && !decimal;
    ((1..=4).contains(&(digits - at)) && free).then_some(end)
}

/// Where a house number ends that goes on behind a mark: `10/05`, `28-30`; a third number makes it something else.
fn further_number_end(scan: &mut Scan<'_>, end: usize) -> usize {
    let mark = scan.at(end);
    let further = scan.run_end(end + 1, 5, |byte| byte.is_ascii_digit());
    let goes_on = scan.at(further) == mark || is_word(scan.at(further));
    let is_number = matches!(mark, b'/' | b'-') && (1..=4).contains(&(further - end - 1)) && !goes_on;
    if is_number { further } else { end }
}

/// Where the word of letters and digits that ends at `at` begins.
fn word_start(scan: &mut Scan<'_>, at: usize) -> usize {
    let from = scan.text.floor_char_boundary(at.saturating_sub(40));
    scan.note_work(at - from);
    let text = &scan.text[from..at];
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’' | '-');
    text.rfind(|c: char| !belongs(c)).map_or(from, |last| from + text.ceil_char_boundary(last + 1))
}
