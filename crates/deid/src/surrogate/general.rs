//! Ages, titles and groups: said less exactly.

use crate::identifier::IdentifierKind;
use crate::plain::plain;
use crate::surrogate::draw::Stream;
use crate::surrogate::shape::{in_case_of, map_words, words};

/// The age from which all are one group.
const OLDEST: u32 = 90;
/// The age at which a person is grown up: nobody crosses it.
const GROWN_UP: u32 = 18;

const UNITS: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// Forms of address, which say little and stay.
const ADDRESS: &str = "mr mrs ms miss mx dr doctor prof professor sir madam dame lord lady herr frau fräulein señor señora \
                       sr sra don doña monsieur madame mademoiselle mme mlle signor signora dott rev reverend father \
                       sister brother captain major colonel general sergeant judge senator president";
/// Stems of occupations, and the sort of work they are.
const OCCUPATIONS: [(&str, &str); 9] = [
    (
        "doctor physician surgeon nurs dentist pharmac therap midwife paramedic veterinar psycholog psychiatr",
        "health worker",
    ),
    (
        "engineer developer programmer technician analyst architect administrator scientist data software tester",
        "technical worker",
    ),
    ("teacher professor lecturer tutor librarian instructor principal educator", "educator"),
    ("lawyer attorney solicitor barrister paralegal notary judge clerk", "legal worker"),
    (
        "manager director executive president chief officer head supervisor coordinator founder owner",
        "manager",
    ),
    ("accountant auditor banker broker economist bookkeeper treasurer actuary teller", "finance worker"),
    (
        "plumber electrician carpenter mechanic welder builder painter driver packager operator labourer labor",
        "manual worker",
    ),
    (
        "writer author journalist editor actor actress musician singer artist designer photograph film",
        "creative worker",
    ),
    (
        "sales retail cashier waiter waitress chef cook barista hairdress receptionist agent assistant secretary",
        "service worker",
    ),
];
/// Stems of groups, and what they are groups of.
const GROUPS: [(&str, &str); 3] = [
    (
        "christian catholic protestant muslim islam jew hindu buddh sikh atheis mormon lutheran orthodox baptist methodist \
         evangelic quaker anglican sunni shia agnostic",
        "religious",
    ),
    (
        "democrat republican conservativ labour socialis communis liberal green libertarian tory tories fascis anarchis \
         nationalis left-wing right-wing progressive",
        "political",
    ),
    ("an ian ish ese i ean german french greek dutch swiss czech thai arab welsh", "foreign"),
];

/// Something less exact of the same sort; none where the sort is not known.
pub(super) fn write(kind: IdentifierKind, covered: &str, stream: &mut Stream) -> Option<String> {
    match kind {
        IdentifierKind::Age => age(covered, stream),
        IdentifierKind::Title => title(covered),
        IdentifierKind::Group => group(covered),
        _ => None,
    }
}

/// One or two years more or less; nobody grows up or gets younger than 18 by it; 90 and over are `90+`.
fn age(covered: &str, stream: &mut Stream) -> Option<String> {
    let numbers: Vec<u32> = words(covered).into_iter().filter_map(number).collect();
    let [years] = numbers.as_slice() else { return None };
    let moved = moved(*years, stream);
    let mut written = false;
    let out = map_words(covered, |word| match number(word) {
        Some(_) if *years >= OLDEST => "90+".to_owned(),
        Some(_) if word.parse::<u32>().is_ok() => moved.to_string(),
        Some(_) => in_case_of(word, &spelt(moved)),
        // `45yo`, `12th`.
        None if !written && word.starts_with(|c: char| c.is_ascii_digit()) => {
            written = true;
            word.to_owned()
        }
        None => word.to_owned(),
    });
    (!written).then_some(out)
}

fn moved(years: u32, stream: &mut Stream) -> u32 {
    let range = if years < GROWN_UP { 0..=GROWN_UP - 1 } else { GROWN_UP..=OLDEST - 1 };
    let near = years.saturating_sub(2)..=years + 2;
    let choices: Vec<u32> = near.filter(|other| *other != years && range.contains(other)).collect();
    stream.pick(&choices).copied().unwrap_or(years)
}

fn number(word: &str) -> Option<u32> {
    let lower = word.to_lowercase();
    let small = || UNITS.iter().position(|unit| *unit == lower);
    let tens = || TENS.iter().position(|tens| !tens.is_empty() && *tens == lower).map(|at| at * 10);
    word.parse()
        .ok()
        .or_else(|| small().or_else(tens).map(|number| number as u32))
        .filter(|number| *number < 130)
}

fn spelt(number: u32) -> String {
    let (tens, unit) = (number as usize / 10, number as usize % 10);
    let word = match number {
        0..=19 => UNITS[number as usize].to_owned(),
        _ if unit == 0 => TENS[tens.min(9)].to_owned(),
        _ => format!("{}-{}", TENS[tens.min(9)], UNITS[unit]),
    };
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}

/// A form of address as it is; an occupation as the sort of work.
fn title(covered: &str) -> Option<String> {
    let all: Vec<String> = words(covered).into_iter().map(plain).collect();
    if all.iter().all(|word| ADDRESS.split_whitespace().any(|entry| plain(entry) == *word)) {
        return Some(covered.to_owned());
    }
    sort_of(&OCCUPATIONS, &all, |word, stem| word.starts_with(stem)).map(|sort| cased(covered, sort))
}

/// A religion, a political direction or a nationality as such.
fn group(covered: &str) -> Option<String> {
    let all: Vec<String> = words(covered).into_iter().map(plain).collect();
    let (nations, others) = GROUPS.split_last()?;
    let sort = sort_of(others, &all, |word, stem| word.starts_with(stem)).or_else(|| {
        let is_nation = |word: &String| {
            let singular = word.strip_suffix('s').unwrap_or(word);
            nations.0.split_whitespace().any(|ending| singular.ends_with(ending))
        };
        all.iter().any(is_nation).then_some(nations.1)
    })?;
    Some(cased(covered, sort))
}

fn sort_of<'s>(table: &[(&str, &'s str)], all: &[String], is: fn(&str, &str) -> bool) -> Option<&'s str> {
    let holds = |stems: &str| stems.split_whitespace().any(|stem| all.iter().any(|word| is(word, stem)));
    table.iter().find(|row| holds(row.0)).map(|row| row.1)
}

/// Lower case, but for a covered text that is all capitals: a sort of work is no name.
fn cased(covered: &str, sort: &str) -> String {
    let is_loud =
        covered.chars().filter(|c| c.is_alphabetic()).count() > 1 && !covered.chars().any(char::is_lowercase);
    if is_loud { sort.to_uppercase() } else { sort.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surrogate::draw::Draws;

    fn age_of(covered: &str, key: u8) -> Option<String> {
        write(IdentifierKind::Age, covered, &mut Draws::new(&[key; 32], "").stream("AGE", "", 0))
    }

    #[test]
    fn an_age_moves_by_two_years_at_most_and_nobody_comes_of_age() {
        for key in 0..60 {
            for age in 0..90_u32 {
                let moved: u32 = age_of(&age.to_string(), key).unwrap().parse().unwrap();
                assert!(moved != age && moved.abs_diff(age) <= 2 && (moved < 18) == (age < 18) && moved < 90);
            }
        }
        assert_eq!(age_of("93 years old", 1).as_deref(), Some("90+ years old"));
        assert_eq!(age_of("45yo", 1), None);
        let spelt = age_of("Forty years old", 1).unwrap();
        assert!(
            ["Thirty-eight", "Thirty-nine", "Forty-one", "Forty-two"]
                .iter()
                .any(|age| spelt.starts_with(age))
        );
    }

    #[test]
    fn titles_and_groups_are_said_less_exactly() {
        let written = |kind, covered| write(kind, covered, &mut Draws::new(&[1; 32], "").stream("", "", 0));
        assert_eq!(written(IdentifierKind::Title, "Dr.").as_deref(), Some("Dr."));
        assert_eq!(written(IdentifierKind::Title, "Software Engineer").as_deref(), Some("technical worker"));
        assert_eq!(written(IdentifierKind::Title, "zzyzx"), None);
        assert_eq!(written(IdentifierKind::Group, "Catholic").as_deref(), Some("religious"));
        assert_eq!(written(IdentifierKind::Group, "Brazilian").as_deref(), Some("foreign"));
    }
}
