//! What a conversation may be used for; each purpose is chosen on its own.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One use of a person's turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Keep my chats for me.
    History,
    /// Train models.
    Train,
    /// Let people read them to check quality and safety.
    HumanReview,
    /// Count and summarise them with others'.
    Insights,
    /// Publish them.
    Publish,
}

/// A word that is not a purpose.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a purpose; expected history, train, human_review, insights or publish")]
pub struct InvalidPurpose(String);

impl Purpose {
    /// All purposes, in the order notices list them.
    pub const ALL: [Purpose; 5] =
        [Purpose::History, Purpose::Train, Purpose::HumanReview, Purpose::Insights, Purpose::Publish];

    /// The word used in notices, files and flags.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::History => "history",
            Purpose::Train => "train",
            Purpose::HumanReview => "human_review",
            Purpose::Insights => "insights",
            Purpose::Publish => "publish",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Purpose {
    type Err = InvalidPurpose;

    fn from_str(text: &str) -> Result<Self, InvalidPurpose> {
        Purpose::ALL
            .into_iter()
            .find(|purpose| purpose.as_str() == text)
            .ok_or_else(|| InvalidPurpose(text.to_owned()))
    }
}
