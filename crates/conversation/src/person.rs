//! What decides how a person's turns may be used, apart from their choice: tier, region, age.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A value that is not a tier, region or age.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{value}` is not {what}; expected {expected}")]
pub struct InvalidPerson {
    what: &'static str,
    expected: &'static str,
    value: String,
}

/// The kind of account a person speaks through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// A private person with an account of their own, free or paid.
    Consumer,
    /// An organisation's account.
    Business,
    /// A school's or university's account.
    Education,
    /// Access by a key, through a program.
    Api,
}

impl Tier {
    /// All tiers, in the order notices list them.
    pub const ALL: [Tier; 4] = [Tier::Consumer, Tier::Business, Tier::Education, Tier::Api];

    /// The word used in notices, files and flags.
    pub fn as_str(self) -> &'static str {
        match self {
            Tier::Consumer => "consumer",
            Tier::Business => "business",
            Tier::Education => "education",
            Tier::Api => "api",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Tier {
    type Err = InvalidPerson;

    fn from_str(text: &str) -> Result<Self, InvalidPerson> {
        Tier::ALL.into_iter().find(|tier| tier.as_str() == text).ok_or_else(|| InvalidPerson {
            what: "a tier",
            expected: "consumer, business, education or api",
            value: text.to_owned(),
        })
    }
}

/// Where a person is: an ISO 3166-1 alpha-2 country, with an optional 3166-2 subdivision (`US-CA`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);

impl Region {
    /// The country's two letters.
    pub fn country(&self) -> &str {
        &self.0[..2]
    }

    /// Whether a place is this one, or lies in it.
    pub fn holds(&self, place: &Region) -> bool {
        self == place || self.0 == place.country()
    }

    /// Country and subdivision as written, in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Region {
    type Err = InvalidPerson;

    fn from_str(text: &str) -> Result<Self, InvalidPerson> {
        let upper = text.to_ascii_uppercase();
        let (country, rest) = upper.split_once('-').map_or((upper.as_str(), None), |(c, r)| (c, Some(r)));
        let country_ok = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
        let rest_ok = rest.is_none_or(|r| {
            (1..=3).contains(&r.len()) && r.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        });
        if country_ok && rest_ok {
            return Ok(Self(upper));
        }
        Err(InvalidPerson {
            what: "a region",
            expected: "a country such as `DE`, or a subdivision such as `US-CA`",
            value: text.to_owned(),
        })
    }
}

impl TryFrom<String> for Region {
    type Error = InvalidPerson;

    fn try_from(text: String) -> Result<Self, InvalidPerson> {
        text.parse()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> String {
        region.0
    }
}

/// The youngest that a person may be, in whole years: all that an age rule needs.
///
/// Read from `13-17`, `18+`, `under-13` or `34`. An age band keeps its lower bound only, because a band that
/// may hold a minor is treated as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Age(u8);

impl Age {
    /// A person of at least this many years.
    pub fn at_least(years: u8) -> Self {
        Self(years)
    }

    /// The lower bound in years.
    pub fn years(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+", self.0)
    }
}

impl FromStr for Age {
    type Err = InvalidPerson;

    fn from_str(text: &str) -> Result<Self, InvalidPerson> {
        let text = text.trim();
        if text.starts_with("under-") || text.starts_with('<') || text == "minor" {
            return Ok(Age(0));
        }
        if text == "adult" {
            return Ok(Age(18));
        }
        let lower = text.split(['-', '+', '–']).next().unwrap_or_default();
        lower.parse().map(Age).map_err(|_| InvalidPerson {
            what: "an age",
            expected: "a band such as `13-17` or `18+`, a number of years, `under-13`, `minor` or `adult`",
            value: text.to_owned(),
        })
    }
}

impl TryFrom<String> for Age {
    type Error = InvalidPerson;

    fn try_from(text: String) -> Result<Self, InvalidPerson> {
        text.parse()
    }
}

impl From<Age> for String {
    fn from(age: Age) -> String {
        age.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_band_counts_as_its_youngest_member() {
        let years: Vec<u8> = ["13-17", "18+", "34", "under-13", "<18", "minor", "adult"]
            .iter()
            .map(|text| text.parse::<Age>().unwrap().years())
            .collect();
        assert_eq!(years, [13, 18, 34, 0, 0, 0, 18]);
    }

    #[test]
    fn a_region_is_a_country_with_an_optional_subdivision() {
        assert_eq!("us-ca".parse::<Region>().unwrap().country(), "US");
        for wrong in ["", "USA", "U1", "US-", "US-CALI", "é"] {
            assert!(wrong.parse::<Region>().is_err(), "{wrong}");
        }
    }
}
