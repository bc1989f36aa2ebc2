//! What changed between two notices, in words, and whether the new one asks for more.

use std::fmt;

use candor_conversation::{Region, Tier};
use serde::Serialize;

use crate::notice::{AfterWithdrawal, Default, Notice};
use crate::{HouseRules, NoticeVersion, Purpose};

/// One difference; its `Display` says it in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The purpose it concerns; all of them if `None`.
    pub purpose: Option<Purpose>,
    /// Whether the new notice asks for more than the old one there, or for less.
    pub scope: Scope,
    /// What is different.
    pub difference: Difference,
}

/// What a difference comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// It asks for more: an older yes does not cover it.
    Broader,
    /// It asks for less.
    Narrower,
    /// Neither.
    Same,
}

impl Scope {
    /// The word in comparisons.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Broader => "broader",
            Scope::Narrower => "narrower",
            Scope::Same => "same",
        }
    }

    fn of(is_broader: bool) -> Self {
        if is_broader { Scope::Broader } else { Scope::Narrower }
    }
}

impl Change {
    /// Whether it asks for more.
    pub fn is_broader(&self) -> bool {
        self.scope == Scope::Broader
    }

    /// Whether it asks for more of what somebody agreed to for a purpose.
    pub fn widens(&self, purpose: Purpose) -> bool {
        self.is_broader() && self.purpose.is_none_or(|concerned| concerned == purpose)
    }
}

/// What is different in a new notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Somebody else decides about the use.
    Controller {
        /// Before.
        old: String,
        /// From now on.
        new: String,
    },
    /// Another address for questions.
    Contact {
        /// Before.
        old: String,
        /// From now on.
        new: String,
    },
    /// Another youngest age at which a person can agree, in years.
    MinimumAge {
        /// Before.
        old: u8,
        /// From now on.
        new: u8,
    },
    /// After a withdrawal what was kept stays; it was purged.
    KeepsAfterWithdrawal,
    /// After a withdrawal what was kept is purged; it stayed.
    PurgesAfterWithdrawal,
    /// A thumb is announced to override a refusal.
    FeedbackOverrides,
    /// A thumb no longer overrides a refusal.
    FeedbackOverridesNoMore,
    /// The purpose is new.
    Asked,
    /// The purpose is gone.
    AskedNoMore,
    /// Kept for another number of days.
    RetentionDays {
        /// Before.
        old: u32,
        /// From now on.
        new: u32,
    },
    /// Silence is used as a yes where it was not.
    SilenceIsYes,
    /// Silence is no longer a yes where it was.
    SilenceIsYesNoMore,
    /// What silence means is said in another way, and is the same.
    SilenceChanged,
    /// Accounts of organisations are used where their contract allows it.
    BusinessWithContract,
    /// Accounts of organisations are not used any more.
    BusinessNoMore,
    /// Somebody else receives the conversations.
    Recipient(String),
    /// Somebody no longer receives them.
    RecipientNoMore(String),
    /// The text.
    Wording,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let purpose = self.purpose.map_or("all", Purpose::as_str);
        match &self.difference {
            Difference::Controller { old, new } => write!(f, "another controller: {new} instead of {old}"),
            Difference::Contact { old, new } => write!(f, "another contact: {new} instead of {old}"),
            Difference::MinimumAge { old, new } => write!(f, "the minimum age is {new}, was {old}"),
            Difference::KeepsAfterWithdrawal => {
                f.write_str("after a withdrawal, what was kept stays for its term; it was purged before")
            }
            Difference::PurgesAfterWithdrawal => {
                f.write_str("after a withdrawal, what was kept is purged; it stayed before")
            }
            Difference::FeedbackOverrides => f.write_str("a thumb is announced to override a refusal"),
            Difference::FeedbackOverridesNoMore => f.write_str("a thumb no longer overrides a refusal"),
            Difference::Asked => write!(f, "{purpose} is asked for the first time"),
            Difference::AskedNoMore => write!(f, "{purpose} is no longer asked for"),
            Difference::RetentionDays { old, new } => {
                let word = if new > old { "longer" } else { "shorter" };
                write!(f, "{purpose} is kept {word}: {new} days instead of {old}")
            }
            Difference::SilenceIsYes => {
                write!(f, "silence is used as a yes to {purpose} where it was not before")
            }
            Difference::SilenceIsYesNoMore => {
                write!(f, "silence is no longer used as a yes to {purpose} where it was before")
            }
            Difference::SilenceChanged => {
                write!(f, "what silence means for {purpose} is said in another way")
            }
            Difference::BusinessWithContract => {
                write!(f, "{purpose} may use business accounts whose contract allows it")
            }
            Difference::BusinessNoMore => write!(f, "{purpose} no longer uses business accounts"),
            Difference::Recipient(who) => write!(f, "{purpose} also goes to {who}"),
            Difference::RecipientNoMore(who) => write!(f, "{purpose} no longer goes to {who}"),
            Difference::Wording => f.write_str("the wording changed"),
        }
    }
}

/// The differences from `old` to `new`, purposes in order.
pub fn diff(old: &Notice, new: &Notice) -> Vec<Change> {
    let mut changes = Vec::new();
    whole_notice(old, new, &mut changes);
    for purpose in Purpose::ALL {
        one_purpose(purpose, old, new, &mut changes);
    }
    if old.text != new.text {
        changes.push(Change { purpose: None, scope: Scope::Same, difference: Difference::Wording });
    }
    changes
}

/// Whether a yes under `old` falls short of what `new` asks for this purpose.
pub fn is_broader(old: &Notice, new: &Notice, purpose: Purpose) -> bool {
    diff(old, new).iter().any(|change| change.widens(purpose))
}

fn whole_notice(old: &Notice, new: &Notice, changes: &mut Vec<Change>) {
    let mut add = |scope, difference| changes.push(Change { purpose: None, scope, difference });
    if old.controller != new.controller {
        let (old, new) = (old.controller.clone(), new.controller.clone());
        add(Scope::Broader, Difference::Controller { old, new });
    }
    if old.contact != new.contact {
        add(Scope::Same, Difference::Contact { old: old.contact.clone(), new: new.contact.clone() });
    }
    if old.minimum_age != new.minimum_age {
        let (old, new) = (old.minimum_age, new.minimum_age);
        add(Scope::of(new < old), Difference::MinimumAge { old, new });
    }
    if old.after_withdrawal != new.after_withdrawal {
        match new.after_withdrawal {
            AfterWithdrawal::Keep => add(Scope::Broader, Difference::KeepsAfterWithdrawal),
            AfterWithdrawal::Purge => add(Scope::Narrower, Difference::PurgesAfterWithdrawal),
        }
    }
    if old.feedback_overrides != new.feedback_overrides {
        if new.feedback_overrides {
            add(Scope::Broader, Difference::FeedbackOverrides);
        } else {
            add(Scope::Narrower, Difference::FeedbackOverridesNoMore);
        }
    }
}

fn one_purpose(purpose: Purpose, old: &Notice, new: &Notice, changes: &mut Vec<Change>) {
    let mut add = |scope, difference| changes.push(Change { purpose: Some(purpose), scope, difference });
    let (before, after) = match (old.purposes.get(&purpose), new.purposes.get(&purpose)) {
        (None, None) => return,
        (None, Some(_)) => return add(Scope::Broader, Difference::Asked),
        (Some(_), None) => return add(Scope::Narrower, Difference::AskedNoMore),
        (Some(before), Some(after)) => (before, after),
    };
    if before.retention_days != after.retention_days {
        let (old, new) = (before.retention_days, after.retention_days);
        add(Scope::of(new > old), Difference::RetentionDays { old, new });
    }
    if (before.default, &before.default_for) != (after.default, &after.default_for) {
        // The same question, asked the other way round.
        match (turns_on(purpose, old, new), turns_on(purpose, new, old)) {
            (true, _) => add(Scope::Broader, Difference::SilenceIsYes),
            (false, true) => add(Scope::Narrower, Difference::SilenceIsYesNoMore),
            (false, false) => add(Scope::Same, Difference::SilenceChanged),
        }
    }
    if before.business_with_contract != after.business_with_contract {
        if after.business_with_contract {
            add(Scope::Broader, Difference::BusinessWithContract);
        } else {
            add(Scope::Narrower, Difference::BusinessNoMore);
        }
    }
    for recipient in after.recipients.iter().filter(|who| !before.recipients.contains(who)) {
        add(Scope::Broader, Difference::Recipient(recipient.clone()));
    }
    for recipient in before.recipients.iter().filter(|who| !after.recipients.contains(who)) {
        add(Scope::Narrower, Difference::RecipientNoMore(recipient.clone()));
    }
}

/// Whether silence becomes a yes for anyone for whom it was none. A region that no rule names fares like an
/// unknown one, so that those named are all there is to ask about.
fn turns_on(purpose: Purpose, old: &Notice, new: &Notice) -> bool {
    let terms = [old, new].into_iter().filter_map(|notice| notice.purposes.get(&purpose));
    let named = terms.flat_map(|terms| &terms.default_for).flat_map(|rule| &rule.regions);
    let regions: Vec<Option<&Region>> = named.map(Some).chain([None]).collect();
    let is_on = |notice: &Notice, tier, region| notice.default_for(purpose, tier, region) == Default::On;
    let newly = |tier, region| is_on(new, tier, region) && !is_on(old, tier, region);
    Tier::ALL.into_iter().any(|tier| regions.iter().any(|region| newly(tier, *region)))
}

/// What holds for everybody: the notices that were published, by the time from which each is in force, and the house
/// rules, by which less may be permitted than a notice and a person's yes would.
#[derive(Clone, Debug, PartialEq)]
pub struct NoticeBook {
    notices: Vec<(crate::NoticeId, Notice)>,
    rules: HouseRules,
}

impl NoticeBook {
    /// Orders notices by their effective time, then version.
    pub fn new(notices: Vec<Notice>) -> Self {
        let mut notices: Vec<_> = notices.into_iter().map(|notice| (notice.id(), notice)).collect();
        notices.sort_by_key(|(_, notice)| (notice.effective_at, notice.version));
        Self { notices, rules: HouseRules::default() }
    }

    /// The same with house rules.
    pub fn with_rules(self, rules: HouseRules) -> Self {
        Self { rules, ..self }
    }

    /// The house rules.
    pub fn rules(&self) -> &HouseRules {
        &self.rules
    }

    /// The notice in force at a time, if any was.
    pub fn in_force(&self, at: candor_conversation::Timestamp) -> Option<(crate::NoticeId, &Notice)> {
        let found = self.notices.iter().rev().find(|(_, notice)| notice.effective_at <= at);
        found.map(|(id, notice)| (*id, notice))
    }

    /// The notice with an id.
    pub fn by_id(&self, id: crate::NoticeId) -> Option<&Notice> {
        self.notices.iter().find(|(other, _)| *other == id).map(|(_, notice)| notice)
    }

    /// The notice with a version.
    pub fn by_version(&self, version: NoticeVersion) -> Option<(crate::NoticeId, &Notice)> {
        let found = self.notices.iter().find(|(_, notice)| notice.version == version);
        found.map(|(id, notice)| (*id, notice))
    }

    /// All notices in the order in which they came into force.
    pub fn all(&self) -> impl Iterator<Item = &Notice> {
        self.notices.iter().map(|(_, notice)| notice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DefaultFor, examples};

    fn words(old: &str, new: &str) -> String {
        let (old, new) = (Notice::parse(old).unwrap(), Notice::parse(new).unwrap());
        let lines = diff(&old, &new).into_iter().map(|change| {
            let purpose = change.purpose.map_or("all", Purpose::as_str);
            format!("{purpose}: {}: {change}\n", change.scope.as_str())
        });
        lines.collect()
    }

    #[test]
    fn from_our_notice_to_the_providers_nearly_everything_is_broader() {
        insta::assert_snapshot!(words(examples::OURS, examples::PROVIDERS));
    }

    #[test]
    fn a_notice_is_not_broader_than_itself() {
        let notice = Notice::parse(examples::OURS).unwrap();
        assert!(Purpose::ALL.into_iter().all(|purpose| !is_broader(&notice, &notice, purpose)));
    }

    #[test]
    fn an_exception_that_goes_away_is_broader_and_one_more_rule_that_changes_nothing_is_not() {
        let old = Notice::parse(examples::PROVIDERS).unwrap();
        let mut new = old.clone();
        let rules = new.purposes.get_mut(&Purpose::Train).map(|terms| std::mem::take(&mut terms.default_for));
        assert!(is_broader(&old, &new, Purpose::Train));
        assert!(!is_broader(&new, &old, Purpose::Train));
        let mut again = rules.unwrap();
        let regions = vec!["US".parse().unwrap()];
        again.push(DefaultFor { tiers: Vec::new(), regions, default: Default::On });
        if let Some(terms) = new.purposes.get_mut(&Purpose::Train) {
            terms.default_for = again;
        }
        assert!(!is_broader(&old, &new, Purpose::Train));
    }

    #[test]
    fn a_longer_retention_is_broader_for_its_purpose_only() {
        let old = Notice::parse(examples::OURS).unwrap();
        let mut new = old.clone();
        if let Some(terms) = new.purposes.get_mut(&Purpose::Train) {
            terms.retention_days += 1;
        }
        assert!(is_broader(&old, &new, Purpose::Train));
        assert!(!is_broader(&old, &new, Purpose::HumanReview));
        assert!(!is_broader(&new, &old, Purpose::Train));
    }
}
