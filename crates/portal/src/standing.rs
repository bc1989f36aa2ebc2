//! What holds for something that was said, purpose by purpose, in words.

use std::collections::BTreeMap;

use candor_consent::{Purpose, Reason};
use candor_conversation::Timestamp;
use serde::Deserialize;

/// The words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StandingText {
    /// Before a date: what may be used, and until when.
    pub(crate) until: String,
    /// Before a reason.
    pub(crate) withheld: String,
    purposes: Purposes,
    reasons: Reasons,
}

/// A short name for each purpose.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Purposes {
    history: String,
    train: String,
    human_review: String,
    insights: String,
    publish: String,
}

/// Words for every reason, as they complete "not used: …".
#[derive(Deserialize)]
#[serde(try_from = "BTreeMap<Reason, String>")]
struct Reasons(BTreeMap<Reason, String>);

impl TryFrom<BTreeMap<Reason, String>> for Reasons {
    type Error = String;

    fn try_from(words: BTreeMap<Reason, String>) -> Result<Self, String> {
        match Reason::ALL.into_iter().find(|reason| !words.contains_key(reason)) {
            Some(missing) => Err(format!("no words for the reason `{}`", missing.code())),
            None => Ok(Self(words)),
        }
    }
}

/// What holds for one purpose.
pub(crate) struct Stand {
    pub(crate) purpose: Purpose,
    /// Until when it may be used.
    pub(crate) until: Option<String>,
    /// Why not.
    pub(crate) reason: Option<Reason>,
}

impl Stand {
    pub(crate) fn of(purpose: Purpose, ruled: &Result<Timestamp, Reason>) -> Self {
        let until = ruled.as_ref().ok().map(|until| day(*until));
        Self { purpose, until, reason: ruled.err() }
    }
}

impl StandingText {
    pub(crate) fn purpose(&self, purpose: &Purpose) -> &str {
        let names = &self.purposes;
        match purpose {
            Purpose::History => &names.history,
            Purpose::Train => &names.train,
            Purpose::HumanReview => &names.human_review,
            Purpose::Insights => &names.insights,
            Purpose::Publish => &names.publish,
        }
    }

    pub(crate) fn reason(&self, reason: &Reason) -> &str {
        self.reasons.0.get(reason).map_or("", String::as_str)
    }
}

/// The day of a time, such as `2026-03-01`.
pub(crate) fn day(at: Timestamp) -> String {
    at.date()
}

/// The minute of a time, such as `2026-03-01 17:05 UTC`.
pub(crate) fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    let time: String = text.chars().skip_while(|letter| *letter != 'T').skip(1).take(5).collect();
    format!("{} {time} UTC", day(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_without_words_is_found_when_the_words_are_read() {
        let words = BTreeMap::from([(Reason::Refused, "you said no".to_owned())]);
        let error = Reasons::try_from(words).err().unwrap();
        assert_eq!(error, "no words for the reason `unknown-subject`");
    }

    #[test]
    fn times_are_written_to_the_minute() {
        let at: Timestamp = "2026-03-01T17:05:09Z".parse().unwrap();
        assert_eq!((day(at).as_str(), minute(at).as_str()), ("2026-03-01", "2026-03-01 17:05 UTC"));
    }
}
