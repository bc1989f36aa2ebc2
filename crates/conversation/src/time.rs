//! Time as an argument: milliseconds since 1970-01-01T00:00:00Z.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Text that is not a point in time.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a time; expected RFC 3339, such as 2026-03-01T09:00:00Z, or a date")]
pub struct InvalidTime(String);

/// A point in time, in milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

const DAY_MS: i64 = 86_400_000;

impl Timestamp {
    /// The first moment that a four-digit year can write, used as "before everything".
    pub const MIN: Timestamp = Timestamp(-62_135_596_800_000);
    /// The last moment that can be written with any UTC offset, used as "never".
    pub const MAX: Timestamp = Timestamp(253_402_207_200_000);

    /// From milliseconds since the Unix epoch, kept within [`Timestamp::MIN`] and [`Timestamp::MAX`].
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(Self::MIN.0, Self::MAX.0))
    }

    /// From seconds since the Unix epoch with a fraction, as ChatGPT's exports write it; `None` if not finite.
    pub fn from_seconds(seconds: f64) -> Option<Self> {
        seconds.is_finite().then(|| Self::from_millis((seconds * 1000.0).round() as i64))
    }

    /// Milliseconds since the Unix epoch.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// The start of a day, which is given in whole days since the Unix epoch.
    pub fn of_day(day: i64) -> Self {
        Self::from_millis(day.saturating_mul(DAY_MS))
    }

    /// The day (UTC), such as `2026-03-01`.
    pub fn date(self) -> String {
        self.to_string().chars().take_while(|letter| *letter != 'T').collect()
    }

    /// Whole days since the Unix epoch.
    pub fn day(self) -> i64 {
        self.0.div_euclid(DAY_MS)
    }

    /// This moment and `days` later, kept within range.
    pub fn plus_days(self, days: u32) -> Self {
        Self::from_millis(self.0.saturating_add(i64::from(days) * DAY_MS))
    }

    /// The same time of day `months` later by the calendar (UTC), or on the last day of that month if it has no such day;
    /// kept within range.
    pub fn plus_months(self, months: u32) -> Self {
        let later = || {
            let utc = jiff::Timestamp::from_millisecond(self.0).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
            let later = utc.datetime().checked_add(jiff::Span::new().try_months(months).ok()?).ok()?;
            Some(later.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
        };
        later().map_or(Self::MAX, Self::from_millis)
    }

    /// Whole days from `earlier` to this moment; negative if `earlier` is later.
    pub fn days_since(self, earlier: Timestamp) -> i64 {
        (self.0 - earlier.0).div_euclid(DAY_MS)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => write!(f, "{time}"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let text = text.trim();
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return Ok(Self::from_millis(time.as_millisecond()));
        }
        // A date, or a time without an offset, is read as UTC.
        let civil = text.parse::<jiff::civil::DateTime>();
        let utc = civil.ok().and_then(|time| time.to_zoned(jiff::tz::TimeZone::UTC).ok());
        utc.map(|zoned| Self::from_millis(zoned.timestamp().as_millisecond()))
            .ok_or_else(|| InvalidTime(text.to_owned()))
    }
}

/// A time as people write it in a table: a moment, or a whole day (UTC).
///
/// Someone who writes a day does not say when on that day. For a yes that is the day's end, for a no its start: the
/// reading that permits less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MomentOrDay {
    earliest: Timestamp,
    latest: Timestamp,
}

impl MomentOrDay {
    /// A moment.
    pub fn at(moment: Timestamp) -> Self {
        Self { earliest: moment, latest: moment }
    }

    /// The moment, or the first millisecond of the day.
    pub fn earliest(self) -> Timestamp {
        self.earliest
    }

    /// The moment, or the last millisecond of the day.
    pub fn latest(self) -> Timestamp {
        self.latest
    }
}

impl FromStr for MomentOrDay {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let text = text.trim();
        let moment: Timestamp = text.parse()?;
        if text.parse::<jiff::civil::Date>().is_ok() && !text.contains([':', 'T', 't']) {
            let latest = Timestamp::from_millis(moment.0 + DAY_MS - 1);
            return Ok(Self { earliest: moment, latest });
        }
        Ok(Self::at(moment))
    }
}

impl TryFrom<String> for Timestamp {
    type Error = InvalidTime;

    fn try_from(text: String) -> Result<Self, InvalidTime> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> String {
        time.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_offset_without_offset_and_dates_are_read_as_utc() {
        let read = |text: &str| text.parse::<Timestamp>().unwrap().to_string();
        assert_eq!(read("2023-02-07T17:29:24.727400+00:00"), "2023-02-07T17:29:24.727Z");
        assert_eq!(read("2025-05-01T10:00:00+08:00"), "2025-05-01T02:00:00Z");
        assert_eq!(read("2025-05-01T10:00:00"), "2025-05-01T10:00:00Z");
        assert_eq!(read("2025-05-01"), "2025-05-01T00:00:00Z");
        assert!("yesterday".parse::<Timestamp>().is_err());
    }

    #[test]
    fn a_day_lasts_from_its_first_to_its_last_millisecond_and_a_moment_is_itself() {
        let day: MomentOrDay = "2026-03-01".parse().unwrap();
        assert_eq!(day.earliest().to_string(), "2026-03-01T00:00:00Z");
        assert_eq!(day.latest().to_string(), "2026-03-01T23:59:59.999Z");
        let moment: MomentOrDay = "2026-03-01T15:00:00Z".parse().unwrap();
        assert_eq!((moment.earliest(), moment.latest()), (moment.earliest(), moment.earliest()));
        assert!("soon".parse::<MomentOrDay>().is_err());
    }

    #[test]
    fn the_bounds_print_and_read_back() {
        for bound in [Timestamp::MIN, Timestamp::MAX] {
            assert_eq!(bound.to_string().parse::<Timestamp>().unwrap(), bound);
        }
        assert_eq!(Timestamp::from_seconds(f64::NAN), None);
        assert_eq!(Timestamp::from_seconds(1e300), Some(Timestamp::MAX));
    }
}
