//! Notices: an immutable, versioned text shown to people, with the terms that the program keeps.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use candor_conversation::{Kind, Region, Tier, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Purpose;

/// Longest notice file that is read, in bytes.
pub const NOTICE_BYTES_MAX: usize = 1 << 20;
/// Longest retention that a notice may promise, in days (a hundred years).
pub const RETENTION_DAYS_MAX: u32 = 36_525;

/// SHA-256 of a notice's canonical JSON: the same text and terms have the same id everywhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoticeId(pub [u8; 32]);

impl fmt::Display for NoticeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.split_at(16);
        let number = |half: &[u8]| half.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        write!(f, "{:032x}{:032x}", number(first), number(second))
    }
}

impl fmt::Debug for NoticeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoticeId({self})")
    }
}

/// Number of a notice; versions count up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NoticeVersion(pub u32);

impl fmt::Display for NoticeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Why a file is not a notice.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// The file is not the TOML that is expected.
    #[error("notice: {0}")]
    Syntax(String),
    /// The file is larger than [`NOTICE_BYTES_MAX`].
    #[error("notice: the file has {0} bytes, more than {NOTICE_BYTES_MAX}")]
    TooLong(usize),
    /// The file reads, but says something that cannot be kept.
    #[error("notice: {0}")]
    Meaning(String),
}

impl NoticeError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        Kind::Invalid
    }
}

/// What a person sees, and the terms that hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Counts up with each published notice.
    pub version: NoticeVersion,
    /// From when it is in force.
    pub effective_at: Timestamp,
    /// Who decides about the use of the conversations, as people should address it.
    pub controller: String,
    /// Where to complain, ask or withdraw.
    pub contact: String,
    /// Postal address of the controller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Where what is kept is stored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stored_in: Vec<Region>,
    /// Whose law the consent is given under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jurisdiction: Option<Region>,
    /// Youngest age, in whole years, at which a person can agree.
    pub minimum_age: u8,
    /// What happens to what was kept when a person withdraws.
    pub after_withdrawal: AfterWithdrawal,
    /// Whether a thumb on an answer is announced to override a refusal. Candor never acts on it.
    #[serde(default)]
    pub feedback_overrides: bool,
    /// Terms for each purpose; a purpose that is not named permits nothing.
    pub purposes: BTreeMap<Purpose, Terms>,
    /// Text by locale (BCP 47), at least one.
    pub text: BTreeMap<String, LocaleText>,
}

/// What remains after a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AfterWithdrawal {
    /// Nothing: what was kept is purged at the next retention run.
    Purge,
    /// What was kept stays for its term but is not used again.
    Keep,
}

/// The terms of one purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Days from when a turn was said to when it must be gone.
    pub retention_days: u32,
    /// What holds for someone who made no choice.
    #[serde(default)]
    pub default: Default,
    /// Exceptions to `default`; the first that fits holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default_for: Vec<DefaultFor>,
    /// Whether turns of business and education tenants may be used where their contract allows it.
    #[serde(default)]
    pub business_with_contract: bool,
    /// Who else receives the conversations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<String>,
}

/// What silence means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Default {
    /// Silence is a no.
    #[default]
    Off,
    /// Silence is used as if it were a yes, as the big providers do. Never what we ship.
    On,
}

/// A default for some tiers and regions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultFor {
    /// Tiers it is for; all if empty.
    #[serde(default)]
    pub tiers: Vec<Tier>,
    /// Countries or subdivisions it is for; all if empty.
    #[serde(default)]
    pub regions: Vec<Region>,
    /// What silence means there.
    pub default: Default,
}

/// The words for one locale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocaleText {
    /// Heading.
    pub title: String,
    /// The notice itself.
    pub body: String,
    /// One sentence for each purpose, shown beside its choice.
    pub purposes: BTreeMap<Purpose, String>,
}

impl Notice {
    /// Reads and checks a notice file (TOML).
    pub fn parse(text: &str) -> Result<Self, NoticeError> {
        if text.len() > NOTICE_BYTES_MAX {
            return Err(NoticeError::TooLong(text.len()));
        }
        let notice: Notice =
            toml::from_str(text).map_err(|error| NoticeError::Syntax(error.to_string().trim_end().into()))?;
        notice.check()?;
        Ok(notice)
    }

    /// Canonical JSON: keys sorted, no white space. The id is its digest.
    pub fn canonical_json(&self) -> String {
        // Going through `Value` sorts the keys; a notice holds nothing that JSON cannot write.
        serde_json::to_value(self).map(|value| value.to_string()).unwrap_or_default()
    }

    /// Reads what [`Notice::canonical_json`] wrote.
    pub fn from_json(json: &str) -> Result<Self, NoticeError> {
        let notice: Notice = serde_json::from_str(json).map_err(|e| NoticeError::Syntax(e.to_string()))?;
        notice.check()?;
        Ok(notice)
    }

    /// The notice's id.
    pub fn id(&self) -> NoticeId {
        NoticeId(Sha256::digest(self.canonical_json().as_bytes()).into())
    }

    /// What silence means for a person of this tier and place.
    pub fn default_for(&self, purpose: Purpose, tier: Tier, region: Option<&Region>) -> Default {
        let Some(terms) = self.purposes.get(&purpose) else { return Default::Off };
        let fits = |rule: &&DefaultFor| {
            let tier_fits = rule.tiers.is_empty() || rule.tiers.contains(&tier);
            let region_fits = rule.regions.is_empty()
                || region.is_some_and(|here| rule.regions.iter().any(|there| there.holds(here)));
            tier_fits && region_fits
        };
        terms.default_for.iter().find(fits).map_or(terms.default, |rule| rule.default)
    }

    /// Terms that people should be warned about: what a notice may say but what ours does not.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        for (purpose, terms) in &self.purposes {
            let on =
                terms.default == Default::On || terms.default_for.iter().any(|r| r.default == Default::On);
            if on {
                warnings.push(format!(
                    "{purpose} is on by default: silence is used as a yes, is refused where law asks for \
                     consent, and is counted apart on every card"
                ));
            }
        }
        if self.feedback_overrides {
            warnings.push(
                "feedback_overrides announces that a thumb overrides a refusal; Candor never acts on it"
                    .into(),
            );
        }
        if self.address.is_none() || self.stored_in.is_empty() || self.jurisdiction.is_none() {
            warnings.push(
                "address, stored_in and jurisdiction are not all stated: records of consent will say so, where \
                 ISO/IEC TS 27560 asks for them"
                    .into(),
            );
        }
        if self.after_withdrawal == AfterWithdrawal::Keep {
            warnings.push("after a withdrawal, what was kept stays for its term".into());
        }
        warnings
    }

    fn check(&self) -> Result<(), NoticeError> {
        let wrong = |text: String| Err(NoticeError::Meaning(text));
        if self.version.0 == 0 {
            return wrong("versions start at 1".into());
        }
        if self.controller.trim().is_empty() || self.contact.trim().is_empty() {
            return wrong("`controller` and `contact` must name who answers to people".into());
        }
        if self.purposes.is_empty() {
            return wrong("no purpose has terms; add a section such as [purposes.train]".into());
        }
        for (purpose, terms) in &self.purposes {
            if terms.retention_days == 0 || terms.retention_days > RETENTION_DAYS_MAX {
                return wrong(format!(
                    "retention_days of {purpose} is {}, expected 1 to {RETENTION_DAYS_MAX}",
                    terms.retention_days
                ));
            }
        }
        if self.text.is_empty() {
            return wrong("no text for any locale; add a section such as [text.en]".into());
        }
        for (locale, text) in &self.text {
            if text.title.trim().is_empty() || text.body.trim().is_empty() {
                return wrong(format!("the text for `{locale}` lacks a title or a body"));
            }
            if let Some(purpose) = self.purposes.keys().find(|purpose| !text.purposes.contains_key(purpose)) {
                return wrong(format!("the text for `{locale}` says nothing about {purpose}"));
            }
        }
        Ok(())
    }
}

impl FromStr for NoticeId {
    type Err = NoticeError;

    fn from_str(text: &str) -> Result<Self, NoticeError> {
        let bytes: Vec<u8> = (0..text.len() / 2)
            .map_while(|i| u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok())
            .collect();
        let array: Result<[u8; 32], _> = bytes.try_into();
        match array {
            Ok(array) if text.len() == 64 => Ok(NoticeId(array)),
            _ => Err(NoticeError::Meaning(format!("`{text}` is not a notice id (64 hexadecimal digits)"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples;

    #[test]
    fn both_examples_are_notices_and_read_back_from_canonical_json() {
        for text in [examples::OURS, examples::PROVIDERS] {
            let notice = Notice::parse(text).unwrap();
            let again = Notice::from_json(&notice.canonical_json()).unwrap();
            assert_eq!(again.id(), notice.id());
        }
    }

    #[test]
    fn our_notice_warns_of_nothing_and_the_providers_of_five_things() {
        assert_eq!(Notice::parse(examples::OURS).unwrap().warnings(), Vec::<String>::new());
        assert_eq!(Notice::parse(examples::PROVIDERS).unwrap().warnings().len(), 5);
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_its_line() {
        let text = examples::OURS.replace("minimum_age", "minimal_age");
        let error = Notice::parse(&text).unwrap_err().to_string();
        assert!(error.contains("minimal_age") && error.contains("line"), "{error}");
    }

    #[test]
    fn a_purpose_without_words_for_people_is_refused() {
        let mut notice = Notice::parse(examples::OURS).unwrap();
        for text in notice.text.values_mut() {
            text.purposes.remove(&Purpose::Train);
        }
        let error = Notice::from_json(&notice.canonical_json()).unwrap_err().to_string();
        assert!(error.contains("says nothing about train"), "{error}");
    }
}
