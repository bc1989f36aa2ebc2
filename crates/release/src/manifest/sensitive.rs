//! Sensitive classes as settings and the manifest write them.

use std::collections::BTreeMap;

use candor_deid::sensitive::{Action, Class, Policy};
use serde::{Deserialize, Serialize};

use crate::assemble::SensitiveCounts;

/// A class by its name, such as `customer-data`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SensitiveClass(pub Class);

/// What becomes of sentences of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SensitiveAction {
    /// They stay, and are counted.
    Keep,
    /// Words such as `[something about health]` stand for them.
    Generalise,
    /// Their turn is withheld, and what follows it.
    Withhold,
}

/// What becomes of each class; one that is not named is as in [`Policy::standard`].
pub type SensitiveActions = BTreeMap<SensitiveClass, SensitiveAction>;

/// Sentences of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sentences {
    /// That stay, in used turns.
    pub kept: u64,
    /// That something stands for, in used turns.
    pub generalised: u64,
    /// In turns that were withheld because of one of their sentences.
    pub withheld: u64,
}

impl TryFrom<String> for SensitiveClass {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let found = Class::ALL.into_iter().find(|class| class.name() == name);
        found.map(Self).ok_or_else(|| {
            format!("`{name}` is not a class, expected one of: {}", Class::ALL.map(Class::name).join(", "))
        })
    }
}

impl From<SensitiveClass> for String {
    fn from(class: SensitiveClass) -> Self {
        class.0.name().to_owned()
    }
}

/// All classes with what a policy does to them.
pub fn actions_of(policy: &Policy) -> SensitiveActions {
    let of = |class: Class| match policy.actions.get(&class).copied().unwrap_or(Action::Keep) {
        Action::Keep => SensitiveAction::Keep,
        Action::Generalise => SensitiveAction::Generalise,
        Action::Withhold => SensitiveAction::Withhold,
    };
    Class::ALL.into_iter().map(|class| (SensitiveClass(class), of(class))).collect()
}

/// The policy with these actions.
pub fn policy_of(actions: &SensitiveActions) -> Policy {
    let mut policy = Policy::standard();
    policy.actions.extend(actions.iter().map(|(class, action)| {
        let action = match action {
            SensitiveAction::Keep => Action::Keep,
            SensitiveAction::Generalise => Action::Generalise,
            SensitiveAction::Withhold => Action::Withhold,
        };
        (class.0, action)
    }));
    policy
}

/// The counts of a build, by class.
pub(crate) fn sentences_of(counts: &SensitiveCounts) -> BTreeMap<SensitiveClass, Sentences> {
    let mut sentences: BTreeMap<SensitiveClass, Sentences> = BTreeMap::new();
    for ((class, action), count) in counts {
        let of = sentences.entry(SensitiveClass(*class)).or_default();
        match action {
            Action::Keep => of.kept += count,
            Action::Generalise => of.generalised += count,
            Action::Withhold => of.withheld += count,
        }
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_what_its_actions_say() {
        for policy in [Policy::standard(), Policy::keeping()] {
            assert_eq!(policy_of(&actions_of(&policy)), policy);
        }
    }

    #[test]
    fn classes_are_written_by_name_and_others_are_refused_with_the_names() {
        let actions: SensitiveActions = serde_json::from_str(r#"{"criminal-record":"keep"}"#).unwrap();
        assert_eq!(actions, [(SensitiveClass(Class::Criminal), SensitiveAction::Keep)].into());
        assert_eq!(serde_json::to_string(&actions).unwrap(), r#"{"criminal-record":"keep"}"#);
        let error = serde_json::from_str::<SensitiveActions>(r#"{"wealth":"keep"}"#).unwrap_err().to_string();
        assert!(error.contains("`wealth` is not a class") && error.contains("customer-data"), "{error}");
    }
}
