//! Why a request cannot be opened or go on.

use candor_conversation::{Kind, Timestamp};

use super::{IDENTITY_DAYS, Regime, RequestKind, RequestState};

/// Why a request cannot be opened or go on.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RequestError {
    /// Not a word of the set.
    #[error("`{given}` is not a {what}; expected one of {known}")]
    Unknown {
        /// Of which set.
        what: &'static str,
        /// What was given.
        given: String,
        /// The words that there are.
        known: String,
    },
    /// It is over.
    #[error("the request is {state}: nothing comes after that\nhint: open another one")]
    Closed {
        /// How it ended.
        state: RequestState,
    },
    /// Nobody knows who asks.
    #[error(
        "nobody has shown yet that the person asks for this themselves, and {kind} shows or destroys what is theirs\n\
         hint: `candor request verify-identity ID --method HOW`, or deny it for insuf_verification"
    )]
    Unverified {
        /// What is asked for.
        kind: RequestKind,
    },
    /// Something must be said in words.
    #[error("{step} needs words that say something")]
    Wordless {
        /// The step.
        step: &'static str,
    },
    /// The law gives no more time.
    #[error("{regime} gives no more time for this {kind}: once, and not where it asks for less use")]
    NoExtension {
        /// What is asked for.
        kind: RequestKind,
        /// The law.
        regime: Regime,
    },
    /// The person would be told too late.
    #[error(
        "the person had to be told by {due} that it takes longer\nhint: answer now; the log shows the delay"
    )]
    ExtendedLate {
        /// By when.
        due: Timestamp,
    },
    /// Nobody was asked who they are, or not long enough ago.
    #[error("a request expires {IDENTITY_DAYS} days after a question about identity that nobody answered")]
    NotExpired,
    /// It would have come in the future.
    #[error("a request cannot have come at {received_at}, after now ({now})")]
    Future {
        /// When it is said to have come.
        received_at: Timestamp,
        /// Now.
        now: Timestamp,
    },
}

impl RequestError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            RequestError::Closed { .. } | RequestError::NoExtension { .. } => Kind::Conflict,
            RequestError::Unverified { .. } => Kind::Denied,
            _ => Kind::Invalid,
        }
    }
}
