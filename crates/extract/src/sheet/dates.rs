//! Which cells hold dates, and the dates that numbers of days are.

use crate::limits::{Budget, Unreadable};
use crate::xml::{Met, attribute, walk};

/// Which of a workbook's cell styles show dates, and from when days are counted.
pub(super) struct Formats {
    /// By number of the style.
    dates: Vec<bool>,
    from_1904: bool,
}

impl Formats {
    pub(super) fn read(workbook: &str, styles: &str, budget: &mut Budget) -> Result<Self, Unreadable> {
        let mut from_1904 = false;
        walk(workbook, budget, |met, _| {
            if let Met::Open("workbookPr", tag) = met {
                from_1904 = matches!(attribute(tag, "date1904").as_deref(), Some("1" | "true"));
            }
            Ok(())
        })?;
        let (mut own, mut dates, mut in_cells) = (Vec::new(), Vec::new(), false);
        walk(styles, budget, |met, _| {
            let number = |tag, name| attribute(tag, name).and_then(|number| number.parse::<u32>().ok());
            match met {
                Met::Open("numFmt", tag) => {
                    let code = attribute(tag, "formatCode").unwrap_or_default();
                    own.extend(number(tag, "numFmtId").filter(|_| shows_date(&code)));
                }
                Met::Open("cellXfs", _) => in_cells = true,
                Met::Close("cellXfs") => in_cells = false,
                Met::Open("xf", tag) if in_cells => {
                    let format = number(tag, "numFmtId").unwrap_or_default();
                    dates.push(is_built_in_date(format) || own.contains(&format));
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(Self { dates, from_1904 })
    }

    pub(super) fn is_date(&self, style: usize) -> bool {
        self.dates.get(style).copied().unwrap_or_default()
    }

    /// The date and time that a number of days is, `2031-05-09` or `2031-05-09 14:30`.
    pub(super) fn date(&self, days: f64) -> Option<String> {
        /// 9999-12-31.
        const DAYS_MAX: f64 = 2_958_466.0;
        if !(0.0..DAYS_MAX).contains(&days) {
            return None;
        }
        let minutes = ((days.fract() * 1440.0).round() as u32).min(1439);
        // Day 60 of the count from 1900 is a 29 February that there was not, so all before it is a day off.
        let early = if days < 61.0 { 1 } else { 0 };
        let epoch = if self.from_1904 { UNIX_DAYS_1904 } else { UNIX_DAYS_1899 + early };
        let (year, month, day) = civil(days as i64 + epoch);
        let date = format!("{year:04}-{month:02}-{day:02}");
        Some(if minutes == 0 { date } else { format!("{date} {:02}:{:02}", minutes / 60, minutes % 60) })
    }
}

/// 1899-12-30 and 1904-01-01 in days since 1970-01-01.
const UNIX_DAYS_1899: i64 = -25_569;
const UNIX_DAYS_1904: i64 = -24_107;

/// The built-in formats that show a date or a time: ECMA-376 part 1 §18.8.30, with those of East Asia.
fn is_built_in_date(format: u32) -> bool {
    matches!(format, 14..=22 | 27..=36 | 45..=47 | 50..=58 | 71..=81)
}

/// Whether a format code has a letter for day, month, year or hour outside of quotes, brackets and escapes.
fn shows_date(code: &str) -> bool {
    let mut quoted = false;
    let mut bracket = false;
    let mut escaped = false;
    code.chars().any(|c| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match c {
            '"' => quoted = !quoted,
            '[' if !quoted => bracket = true,
            ']' if !quoted => bracket = false,
            '\\' | '_' | '*' if !quoted => escaped = true,
            'd' | 'D' | 'm' | 'M' | 'y' | 'Y' | 'h' | 'H' if !quoted && !bracket => return true,
            _ => {}
        }
        false
    })
}

/// Year, month and day of a number of days since 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        let formats = Formats { dates: vec![], from_1904: false };
        assert_eq!(formats.date(1.0).as_deref(), Some("1900-01-01"));
        assert_eq!(formats.date(61.0).as_deref(), Some("1900-03-01"));
        assert_eq!(formats.date(31_245.0).as_deref(), Some("1985-07-17"));
        assert_eq!(formats.date(45_292.5).as_deref(), Some("2024-01-01 12:00"));
        assert_eq!(Formats { from_1904: true, ..formats }.date(0.0).as_deref(), Some("1904-01-01"));
    }

    #[test]
    fn formats_of_dates_are_told_from_formats_of_numbers() {
        for code in ["yyyy-mm-dd", "d. mmmm", "[$-409]h:mm AM/PM", "\"on \"dd"] {
            assert!(shows_date(code), "{code}");
        }
        for code in ["0.00", "#,##0", "\"days\" 0", "[Red]0", "\\d0", "General"] {
            assert!(!shows_date(code), "{code}");
        }
    }
}
