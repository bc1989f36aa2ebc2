//! What the operator knows of a person, and how it grows.

use candor_conversation::{Age, Region, Tier};
use serde::{Deserialize, Serialize};

use crate::VaultError;

/// What the operator knows of a person; sealed under their key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The operator's name for them: an account id.
    pub name: String,
    /// Their account.
    pub tier: Tier,
    /// Where they are.
    pub region: Option<Region>,
    /// Their age.
    pub age: Option<Age>,
    /// What conversations may call them: the display name and the e-mail address of the account. Each is looked for
    /// exactly where text is de-identified.
    #[serde(default)]
    pub called: Vec<String>,
}

/// The most names and addresses of one person that are kept.
const CALLED_MAX: usize = 16;

/// Shows nothing of the person.
impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Profile(***)")
    }
}

impl Profile {
    /// Adds what another source says of the same person.
    ///
    /// What it leaves out stays as it is, and so does a tier when it says `consumer`, which is what sources say that
    /// know nothing. An age only falls, and nothing leaves an organisation's tier for another: no file makes an
    /// adult of a minor or a private person of an employee. [`crate::Vault::change_tier`] is the deliberate way.
    pub fn learn(&mut self, other: &Profile) {
        if is_organisation(other.tier) || (self.tier == Tier::Consumer && other.tier != Tier::Consumer) {
            self.tier = other.tier;
        }
        if let Some(region) = &other.region {
            self.region = Some(region.clone());
        }
        for called in &other.called {
            if !self.called.contains(called) && self.called.len() < CALLED_MAX {
                self.called.push(called.clone());
            }
        }
        self.age = [self.age, other.age].into_iter().flatten().min();
    }

    /// What text about them may call them: [`Self::called`], and the account id where it is an address.
    pub fn known_by(&self) -> impl Iterator<Item = &str> {
        let address = self.name.contains('@').then_some(self.name.as_str());
        self.called.iter().map(String::as_str).chain(address)
    }
}

/// Refuses a name that nobody could tell from another on a screen.
pub(crate) fn check_name(name: &str) -> Result<(), VaultError> {
    if name.trim().is_empty() {
        return Err(VaultError::Name("is empty"));
    }
    if name.chars().any(char::is_control) {
        return Err(VaultError::Name("holds a control character, such as a line break or a tab"));
    }
    Ok(())
}

/// Whether an organisation's contract decides about the account, too.
pub(crate) fn is_organisation(tier: Tier) -> bool {
    matches!(tier, Tier::Business | Tier::Education)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(tier: Tier, age: Option<u8>) -> Profile {
        Profile { name: "kid".into(), tier, region: None, age: age.map(Age::at_least), called: Vec::new() }
    }

    fn learned(mut known: Profile, other: &Profile) -> (Tier, Option<u8>) {
        known.learn(other);
        (known.tier, known.age.map(Age::years))
    }

    #[test]
    fn an_age_only_falls_and_an_organisation_is_not_left() {
        for (known, other, expected) in [
            ((Tier::Consumer, Some(15)), (Tier::Consumer, None), (Tier::Consumer, Some(15))),
            ((Tier::Consumer, Some(15)), (Tier::Consumer, Some(40)), (Tier::Consumer, Some(15))),
            ((Tier::Consumer, Some(40)), (Tier::Consumer, Some(15)), (Tier::Consumer, Some(15))),
            ((Tier::Consumer, None), (Tier::Api, Some(30)), (Tier::Api, Some(30))),
            ((Tier::Business, None), (Tier::Consumer, None), (Tier::Business, None)),
            ((Tier::Education, None), (Tier::Api, None), (Tier::Education, None)),
            ((Tier::Education, None), (Tier::Business, None), (Tier::Business, None)),
            ((Tier::Api, None), (Tier::Consumer, None), (Tier::Api, None)),
        ] {
            let found = learned(profile(known.0, known.1), &profile(other.0, other.1));
            assert_eq!(found, expected, "{known:?} {other:?}");
        }
    }
}
