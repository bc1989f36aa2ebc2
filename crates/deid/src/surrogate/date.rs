//! Dates: all of a conversation move by the same number of weeks, so weekdays and distances stay true.

/// A day, as days since 1970-01-01.
type Day = i64;

/// Days that the dates of a conversation move by: whole weeks, up to a year, never none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shift(Day);

/// Weeks to either side.
const WEEKS_MAX: usize = 52;

const MONTHS: [[&str; 5]; 12] = [
    ["january", "januar", "janvier", "enero", "gennaio"],
    ["february", "februar", "février", "febrero", "febbraio"],
    ["march", "märz", "mars", "marzo", "marzo"],
    ["april", "april", "avril", "abril", "aprile"],
    ["may", "mai", "mai", "mayo", "maggio"],
    ["june", "juni", "juin", "junio", "giugno"],
    ["july", "juli", "juillet", "julio", "luglio"],
    ["august", "august", "août", "agosto", "agosto"],
    ["september", "september", "septembre", "septiembre", "settembre"],
    ["october", "oktober", "octobre", "octubre", "ottobre"],
    ["november", "november", "novembre", "noviembre", "novembre"],
    ["december", "dezember", "décembre", "diciembre", "dicembre"],
];
/// A year without a leap day, for dates that name none.
const PLAIN_YEAR: i64 = 2023;
const LEAP_YEAR: i64 = 2024;

impl Shift {
    /// The shift for a number below 104.
    pub(super) fn of(number: usize) -> Self {
        let weeks = number as Day % (2 * WEEKS_MAX as Day) - WEEKS_MAX as Day;
        Self(7 * if weeks >= 0 { weeks + 1 } else { weeks })
    }

    /// How many shifts there are.
    pub(super) const COUNT: usize = 2 * WEEKS_MAX;

    /// The date moved, in the form it was written; none where the form is not understood.
    ///
    /// A weekday by itself, a time of day and a date such as `yesterday` come back as they are: they hold after
    /// whole weeks too.
    pub(super) fn apply(self, covered: &str) -> Option<String> {
        let tokens = tokens(covered);
        let numbers: Vec<usize> = (0..tokens.len()).filter(|at| tokens[*at].number.is_some()).collect();
        let month = (0..tokens.len()).find_map(|at| month_name(tokens[at].text).map(|month| (at, month)));
        let value = |at: usize| tokens[at].number.unwrap_or_default();
        let is_year = |at: &usize| tokens[*at].text.len() == 4 && (1000..=2999).contains(&value(*at));
        let year = numbers.iter().copied().find(is_year);
        let written = match (month, numbers.as_slice()) {
            (None, []) => return Some(covered.to_owned()),
            (None, [only]) if year == Some(*only) => self.by_name(&tokens, None, None, year),
            (None, all) => self.by_numbers(&tokens, all),
            (Some(month), all) => {
                let day = all.iter().copied().find(|at| Some(*at) != year && (1..=31).contains(&value(*at)));
                self.by_name(&tokens, Some(month), day, year)
            }
        };
        written.or_else(|| is_time(covered).then(|| covered.to_owned()))
    }

    /// `5 March 2024`, `March 5th`, `March 2024`, `2024`.
    fn by_name(
        self,
        tokens: &[Token<'_>],
        month: Option<(usize, Month)>,
        day: Option<usize>,
        year: Option<usize>,
    ) -> Option<String> {
        let value = |at: usize| tokens[at].number.unwrap_or_default();
        let month_number = month.map_or(7, |(_, month)| month.number);
        let day_number = day.map_or(if month.is_some() { 15 } else { 1 }, value);
        let assumed = if (month_number, day_number) == (2, 29) { LEAP_YEAR } else { PLAIN_YEAR };
        let before = day_of(year.map_or(assumed, value), month_number, day_number)?;
        let (new_year, new_month, new_day) = date_of(before + self.0);
        let each = tokens.iter().enumerate().map(|(at, token)| {
            if Some(at) == day {
                as_wide(token.text, new_day)
            } else if Some(at) == year {
                new_year.to_string()
            } else if let Some((_, month)) = month.filter(|month| month.0 == at) {
                month.write(token.text, new_month)
            } else {
                ordinal(tokens, at, day, new_day).unwrap_or_else(|| token.text.to_owned())
            }
        });
        Some(each.collect())
    }

    /// `2024-03-05`, `5.3.24`, `03/05/2024 10:30`.
    fn by_numbers(self, tokens: &[Token<'_>], numbers: &[usize]) -> Option<String> {
        let [a, b, c] = [*numbers.first()?, *numbers.get(1)?, *numbers.get(2)?];
        let separator = tokens[a + 1].text;
        if b != a + 2 || c != b + 2 || tokens[b + 1].text != separator {
            return None;
        }
        if !["-", "/", ".", ". ", "年"].contains(&separator) {
            return None;
        }
        let value = |at: usize| tokens[at].number.unwrap_or_default();
        let order = if tokens[a].text.len() == 4 {
            [a, b, c]
        } else if value(a) > 12 || value(b) <= 12 && separator != "/" {
            [c, b, a]
        } else {
            [c, a, b]
        };
        let [year, month, day] = order;
        let full_year = match tokens[year].text.len() {
            4 => value(year),
            2 if value(year) < 50 => 2000 + value(year),
            2 => 1900 + value(year),
            _ => return None,
        };
        let (new_year, new_month, new_day) = date_of(day_of(full_year, value(month), value(day))? + self.0);
        // `5.12.` has no leading zeros; `10.12.` does not tell, and is taken to have them.
        let padded = tokens[month].text.len() == 2 && tokens[day].text.len() == 2;
        let write = |number: i64| if padded { format!("{number:02}") } else { number.to_string() };
        let each = tokens.iter().enumerate().map(|(at, token)| {
            if at == year {
                let short = tokens[year].text.len() == 2;
                if short { format!("{:02}", new_year.rem_euclid(100)) } else { new_year.to_string() }
            } else if at == month {
                write(new_month)
            } else if at == day {
                write(new_day)
            } else {
                token.text.to_owned()
            }
        });
        Some(each.collect())
    }
}

/// A run of digits, of letters, or of anything else.
struct Token<'t> {
    text: &'t str,
    number: Option<i64>,
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let class = |c: char| (c.is_ascii_digit(), c.is_alphabetic());
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| class(c) != class(first)).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        tokens.push(Token { text: token, number: token.parse().ok() });
        rest = after;
    }
    tokens
}

/// A month by name: its number, the language's place in the table, and how many letters were written.
#[derive(Clone, Copy)]
struct Month {
    number: i64,
    language: usize,
    letters: Option<usize>,
}

fn month_name(word: &str) -> Option<Month> {
    let word = word.to_lowercase();
    let count = word.chars().count();
    if count < 3 {
        return None;
    }
    for language in 0..5 {
        for (names, number) in MONTHS.iter().zip(1..) {
            let name = names[language];
            if name == word {
                return Some(Month { number, language, letters: None });
            }
            if count <= 4 && name.starts_with(&word) {
                return Some(Month { number, language, letters: Some(count) });
            }
        }
    }
    None
}

impl Month {
    fn write(self, pattern: &str, number: i64) -> String {
        let name = MONTHS[(number - 1).rem_euclid(12) as usize][self.language];
        let name: String = name.chars().take(self.letters.unwrap_or(usize::MAX)).collect();
        let mut letters = name.chars();
        let capital: String =
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters.as_str().chars()).collect();
        crate::surrogate::shape::in_case_of(pattern, &capital)
    }
}

/// The `th` behind the day, for the new day.
fn ordinal(tokens: &[Token<'_>], at: usize, day: Option<usize>, number: i64) -> Option<String> {
    let follows = at > 0 && day == Some(at - 1);
    if !follows || !["st", "nd", "rd", "th"].contains(&tokens[at].text.to_lowercase().as_str()) {
        return None;
    }
    let ending = match (number % 10, number / 10) {
        (1, tens) if tens != 1 => "St",
        (2, tens) if tens != 1 => "Nd",
        (3, tens) if tens != 1 => "Rd",
        _ => "Th",
    };
    Some(crate::surrogate::shape::in_case_of(tokens[at].text, ending))
}

/// With a leading zero where the old one had one.
fn as_wide(old: &str, number: i64) -> String {
    if old.starts_with('0') { format!("{number:02}") } else { number.to_string() }
}

/// `10:30`, `9pm`.
fn is_time(text: &str) -> bool {
    let lower = text.to_lowercase();
    let digits = lower.chars().filter(char::is_ascii_digit).count();
    let marked = lower.contains(':')
        || ["am", "pm", "a.m.", "p.m.", "uhr", "h"].iter().any(|mark| lower.ends_with(mark));
    (1..=6).contains(&digits) && marked
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar; none for a day that is in no month.
fn day_of(year: i64, month: i64, day: i64) -> Option<Day> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(1..=9999).contains(&year) {
        return None;
    }
    // Years begin in March, so that a leap day is the last of its year.
    let shifted = year - i64::from(month <= 2);
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    (date_of(days) == (year, month, day)).then_some(days)
}

fn date_of(days: Day) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_form_of_a_date_stays() {
        let week = Shift(7);
        for (before, after) in [
            ("2024-02-26", "2024-03-04"),
            ("05/03/2024", "05/10/2024"),
            ("25/03/2024", "01/04/2024"),
            ("5.3.2024", "12.3.2024"),
            ("05.12.24", "12.12.24"),
            ("March 5, 2024", "March 12, 2024"),
            ("Mar 28", "Apr 4"),
            ("the 24th of March", "the 31st of March"),
            ("28. Februar 1999", "7. März 1999"),
            ("Tuesday, 5 MARCH 2024", "Tuesday, 12 MARCH 2024"),
            ("2024-12-30T10:30:00Z", "2025-01-06T10:30:00Z"),
            ("Tuesday", "Tuesday"),
            ("10:30", "10:30"),
            ("1999", "1999"),
        ] {
            assert_eq!(week.apply(before).as_deref(), Some(after), "{before}");
        }
        assert_eq!(week.apply("12345"), None);
        assert_eq!(week.apply("2024-13-45"), None);
    }

    proptest! {
        #[test]
        fn distances_and_weekdays_stay_and_no_date_stays(number in 0..Shift::COUNT, day in -30_000..30_000_i64, apart in 0..9_000_i64) {
            let shift = Shift::of(number);
            prop_assert!(shift.0 != 0 && shift.0 % 7 == 0 && shift.0.abs() <= 364);
            let write = |day: Day| {
                let (year, month, day) = date_of(day);
                format!("{year:04}-{month:02}-{day:02}")
            };
            let moved = |day: Day| shift.apply(&write(day)).unwrap();
            prop_assert_eq!(moved(day), write(day + shift.0));
            prop_assert_eq!(moved(day + apart), write(day + apart + shift.0));
        }
    }
}
