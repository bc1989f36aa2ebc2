//! House rules: what an operator lays down beside notice and law. They only make less possible.

use std::collections::BTreeMap;

use candor_conversation::{Age, Kind, Region};
use serde::{Deserialize, Serialize};

use crate::law::{self, ALONE_FROM_MAX};

/// Longest file of house rules that is read, in bytes.
pub const RULES_BYTES_MAX: usize = 1 << 18;
/// The highest age that house rules may ask for, in years.
const AGE_MAX: u8 = 21;

/// The rules. Without any, everything is as notice and law say.
///
/// Regions are where the service is offered to somebody: where they signed up or where a request comes from. Nothing
/// here is about where anybody is from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HouseRules {
    /// Where the service is not offered. Nothing is kept from there either.
    pub not_served: Vec<Region>,
    /// Where the service is offered, and nothing that people say may be kept.
    pub not_kept: Vec<Region>,
    /// Where silence is no yes, whatever a notice says, beside those places where law says so.
    pub act_of_consent: Vec<Region>,
    /// From which age on a person agrees alone, where that is higher than in law.
    pub alone_from: BTreeMap<Region, u8>,
    /// What somebody is of whom no age is known.
    pub unknown_age: UnknownAge,
}

/// What somebody is of whom no age is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownAge {
    /// Old enough.
    #[default]
    Adult,
    /// Perhaps a minor: nothing of theirs is used.
    Minor,
}

/// Why a file holds no house rules.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// Not the TOML that is expected.
    #[error("house rules: {0}")]
    Syntax(String),
    /// Larger than [`RULES_BYTES_MAX`].
    #[error("house rules: the file has {0} bytes, more than {RULES_BYTES_MAX}")]
    TooLong(usize),
    /// Less strict than law.
    #[error(
        "house rules: alone_from is {asked} for {region}, and law asks for {law} ({source_of_law})\nhint: house rules \
         can only be stricter"
    )]
    Laxer {
        /// Where.
        region: Region,
        /// The age in the file.
        asked: u8,
        /// The age in the table.
        law: u8,
        /// Where law says so.
        source_of_law: &'static str,
    },
    /// No age.
    #[error("house rules: alone_from is {asked} for {region}, expected at most {AGE_MAX}")]
    Age {
        /// Where.
        region: Region,
        /// The age in the file.
        asked: u8,
    },
}

impl RulesError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        Kind::Invalid
    }
}

impl HouseRules {
    /// Reads and checks a file (TOML).
    pub fn parse(text: &str) -> Result<Self, RulesError> {
        if text.len() > RULES_BYTES_MAX {
            return Err(RulesError::TooLong(text.len()));
        }
        let rules: Self =
            toml::from_str(text).map_err(|error| RulesError::Syntax(error.to_string().trim_end().into()))?;
        rules.check()?;
        Ok(rules)
    }

    /// Canonical JSON, as it is stored.
    pub fn to_json(&self) -> String {
        serde_json::to_value(self).map(|value| value.to_string()).unwrap_or_default()
    }

    /// Reads what [`HouseRules::to_json`] wrote.
    pub fn from_json(json: &str) -> Result<Self, RulesError> {
        let rules: Self =
            serde_json::from_str(json).map_err(|error| RulesError::Syntax(error.to_string()))?;
        rules.check()?;
        Ok(rules)
    }

    fn check(&self) -> Result<(), RulesError> {
        for (region, &asked) in &self.alone_from {
            let place = law::place(Some(region));
            if asked < place.alone_from {
                let (region, law) = (region.clone(), place.alone_from);
                return Err(RulesError::Laxer { region, asked, law, source_of_law: place.age_source });
            }
            if asked > AGE_MAX {
                return Err(RulesError::Age { region: region.clone(), asked });
            }
        }
        Ok(())
    }

    /// The rule by which somebody there is not served, if there is one. Whoever is somewhere unknown is.
    pub fn not_served_in(&self, region: Option<&Region>) -> Option<&Region> {
        let region = region?;
        self.not_served.iter().find(|there| there.holds(region))
    }

    /// Whether nothing may be kept of what somebody there says. Whoever may be in such a place is counted in: those of
    /// whom only the country is known, and, as soon as there is any such place, those of whom nothing is known.
    pub fn keeps_nothing_from(&self, region: Option<&Region>) -> bool {
        let mut named = self.not_served.iter().chain(&self.not_kept);
        match region {
            None => named.next().is_some(),
            Some(here) => named.any(|there| there.holds(here) || here.holds(there)),
        }
    }

    /// Whether somebody of whom no age is known counts as a minor.
    pub fn unknown_age_is_young(&self) -> bool {
        self.unknown_age == UnknownAge::Minor
    }

    /// Whether silence of somebody there is no yes, by law or by these rules.
    pub fn asks_for_consent(&self, region: Option<&Region>, age: Option<Age>) -> bool {
        let named =
            |here: &Region| self.act_of_consent.iter().any(|there| there.holds(here) || here.holds(there));
        law::place(region).asks_for_consent(age) || region.is_some_and(named)
    }

    /// From how many years on a person there agrees alone, by law and these rules.
    pub fn alone_from(&self, region: Option<&Region>) -> u8 {
        let may_hold = |there: &Region| region.is_none_or(|here| there.holds(here) || here.holds(there));
        let raised = self.alone_from.iter().filter(|(there, _)| may_hold(there)).map(|(_, years)| *years);
        raised.chain([law::place(region).alone_from]).max().unwrap_or(ALONE_FROM_MAX)
    }

    /// Whether somebody of that age needs a guardian who agrees.
    pub fn is_too_young_alone(&self, age: Age, region: Option<&Region>) -> bool {
        // Nearly everybody is of age everywhere, and needs no look at the table.
        let is_of_age = self.alone_from.is_empty() && age.years() >= ALONE_FROM_MAX;
        !is_of_age && age.years() < self.alone_from(region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn house_rules_that_are_laxer_than_law_are_refused() {
        let error = HouseRules::parse("[alone_from]\nDE = 14\n").unwrap_err().to_string();
        assert!(error.contains("law asks for 16") && error.contains("only be stricter"), "{error}");
        assert!(HouseRules::parse("[alone_from]\nDE = 22\n").is_err());
        assert!(HouseRules::parse("[alone_form]\nDE = 16\n").unwrap_err().to_string().contains("alone_form"));
    }

    #[test]
    fn whoever_may_be_where_nothing_is_kept_is_counted_in_and_only_who_is_there_is_not_served() {
        let rules = HouseRules::parse("not_served = ['CU']\nnot_kept = ['US-IL', 'FR']\n").unwrap();
        let kept = |code: &str| !rules.keeps_nothing_from(Some(&code.parse().unwrap()));
        assert!(kept("DE") && kept("US-NY"));
        assert!(!kept("FR") && !kept("FR-IDF") && !kept("US-IL") && !kept("US") && !kept("CU"));
        assert!(rules.keeps_nothing_from(None), "whoever is nobody knows where");
        assert!(!HouseRules::default().keeps_nothing_from(None));
        let served = |code: &str| rules.not_served_in(Some(&code.parse().unwrap())).is_none();
        assert!(served("FR") && !served("CU") && rules.not_served_in(None).is_none());
    }

    #[test]
    fn a_higher_age_counts_in_its_place_and_where_it_is_not_known_where_somebody_is() {
        let rules = HouseRules::parse("[alone_from]\n'US-CA' = 16\n'IN' = 20\n").unwrap();
        let of = |code: &str| rules.alone_from(Some(&code.parse().unwrap()));
        assert_eq!((of("US-CA"), of("US-NY"), of("US"), of("IN-DL"), of("DE")), (16, 13, 16, 20, 16));
        assert_eq!(rules.alone_from(None), 20);
    }

    #[test]
    fn house_rules_read_back_from_what_is_stored() {
        let rules = HouseRules::parse(
            "not_kept = ['FR']\nact_of_consent = ['US']\nunknown_age = 'minor'\n[alone_from]\nUS = 14\n",
        );
        let rules = rules.unwrap();
        assert_eq!(HouseRules::from_json(&rules.to_json()).unwrap(), rules);
    }
}
