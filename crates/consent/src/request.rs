//! Requests of people about their rights: what they ask for, how far that is, and until when it is due.
//!
//! States and reasons are those of the Data Rights Protocol 1.0 (Consumer Reports), so that a request which comes that
//! way is answered in its own words; the kinds are those of the GDPR, articles 15 to 21. Nothing here reads a clock or a
//! store: a step and a time give the next request, or why there is none.

use candor_conversation::{RequestId, SubjectId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Purpose;
use crate::record::Record;

mod clock;
mod error;

pub use clock::{Clock, Regime};
pub use error::RequestError;

/// The schema of a record of a step of a request.
pub const REQUEST_SCHEMA: &str = "candor-request-record-1";
/// Days after which a question about identity that nobody answered ends a request.
pub const IDENTITY_DAYS: u32 = 90;
/// Months for which a request is kept after its end (11 CCR 7101(a)), unless its person is erased before.
pub const KEPT_MONTHS: u32 = 24;

/// Display and parsing of an enum that is a closed set of words.
macro_rules! word {
    ($name:ident, $what:literal) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::request::RequestError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let found = Self::ALL.into_iter().find(|one| one.as_str() == text);
                found.ok_or_else(|| $crate::request::RequestError::Unknown {
                    what: $what,
                    given: text.to_owned(),
                    known: Self::ALL.map(Self::as_str).join(", "),
                })
            }
        }
    };
}
use word;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// To be told all that is held (article 15).
    Access,
    /// To be given it for another service (article 20).
    Portability,
    /// To have it erased (article 17).
    Erasure,
    /// To have it not used for some purposes (article 21).
    Objection,
    /// To have it kept and not used (article 18).
    Restriction,
}

word!(RequestKind, "kind of request");

impl RequestKind {
    /// All kinds.
    pub const ALL: [RequestKind; 5] = [
        RequestKind::Access,
        RequestKind::Portability,
        RequestKind::Erasure,
        RequestKind::Objection,
        RequestKind::Restriction,
    ];

    /// The word used in files, flags and records.
    pub fn as_str(self) -> &'static str {
        match self {
            RequestKind::Access => "access",
            RequestKind::Portability => "portability",
            RequestKind::Erasure => "erasure",
            RequestKind::Objection => "objection",
            RequestKind::Restriction => "restriction",
        }
    }

    /// Whether it asks for nothing but less use. Whoever asks that need not show who they are (11 CCR 7060(b)): a
    /// stranger who asked in a person's place would have shown and destroyed nothing.
    pub fn only_lowers(self) -> bool {
        matches!(self, RequestKind::Objection | RequestKind::Restriction)
    }
}

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// It came.
    Open,
    /// Something was done about it.
    InProgress,
    /// What was asked for is done.
    Fulfilled,
    /// The person took it back.
    Revoked,
    /// It is not done, for a reason.
    Denied,
    /// Nobody answered the question about identity.
    Expired,
}

word!(RequestState, "state of a request");

impl RequestState {
    /// All states.
    pub const ALL: [RequestState; 6] = [
        RequestState::Open,
        RequestState::InProgress,
        RequestState::Fulfilled,
        RequestState::Revoked,
        RequestState::Denied,
        RequestState::Expired,
    ];

    /// The word used in files and records.
    pub fn as_str(self) -> &'static str {
        match self {
            RequestState::Open => "open",
            RequestState::InProgress => "in_progress",
            RequestState::Fulfilled => "fulfilled",
            RequestState::Revoked => "revoked",
            RequestState::Denied => "denied",
            RequestState::Expired => "expired",
        }
    }

    /// Whether nothing comes after it.
    pub fn is_final(self) -> bool {
        !matches!(self, RequestState::Open | RequestState::InProgress)
    }

    /// Whether `next` may follow this state.
    pub fn may_become(self, next: RequestState) -> bool {
        !self.is_final() && next != RequestState::Open
    }
}

/// Whether the one who asks is the one it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Identity {
    /// Not looked at.
    Unverified,
    /// The person was asked to show it.
    Asked {
        /// When.
        at: Timestamp,
    },
    /// Shown.
    Verified {
        /// How, such as `signed in`.
        method: String,
    },
    /// Not shown.
    Failed,
}

/// Why a request is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denial {
    /// It looks like fraud.
    SuspectedFraud,
    /// Identity was not shown.
    InsufVerification,
    /// Nobody is known by what was given.
    NoMatch,
    /// The law does not give this right here.
    ClaimNotCovered,
    /// The law does not hold for this person.
    OutsideJurisdiction,
    /// The same was asked too often.
    TooManyRequests,
    /// Another reason, in words.
    Other,
}

word!(Denial, "reason to deny a request");

impl Denial {
    /// All reasons.
    pub const ALL: [Denial; 7] = [
        Denial::SuspectedFraud,
        Denial::InsufVerification,
        Denial::NoMatch,
        Denial::ClaimNotCovered,
        Denial::OutsideJurisdiction,
        Denial::TooManyRequests,
        Denial::Other,
    ];

    /// The word of the protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            Denial::SuspectedFraud => "suspected_fraud",
            Denial::InsufVerification => "insuf_verification",
            Denial::NoMatch => "no_match",
            Denial::ClaimNotCovered => "claim_not_covered",
            Denial::OutsideJurisdiction => "outside_jurisdiction",
            Denial::TooManyRequests => "too_many_requests",
            Denial::Other => "other",
        }
    }
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Step {
    /// It came.
    Opened,
    /// The person was asked to show who they are (article 12(6)).
    IdentityAsked {
        /// Why there are doubts, as the person was told.
        reason: String,
    },
    /// They showed it.
    IdentityVerified {
        /// How.
        method: String,
    },
    /// They did not.
    IdentityFailed,
    /// It takes longer (article 12(3)).
    Extended {
        /// Why, as the person was told.
        reason: String,
    },
    /// It is done.
    Fulfilled {
        /// What was done.
        evidence: String,
    },
    /// It is not done.
    Denied {
        /// Why.
        reason: Denial,
        /// The same in words, as the person was told.
        words: Option<String>,
    },
    /// The person took it back.
    Revoked,
    /// Nobody answered the question about identity.
    Expired,
}

impl Step {
    /// The word for it in records and names of files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Step::Opened => "opened",
            Step::IdentityAsked { .. } => "identity_asked",
            Step::IdentityVerified { .. } => "identity_verified",
            Step::IdentityFailed => "identity_failed",
            Step::Extended { .. } => "extended",
            Step::Fulfilled { .. } => "fulfilled",
            Step::Denied { .. } => "denied",
            Step::Revoked => "revoked",
            Step::Expired => "expired",
        }
    }

    /// The state that it leads to.
    fn leads_to(&self) -> RequestState {
        match self {
            Step::Opened => RequestState::Open,
            Step::IdentityAsked { .. }
            | Step::IdentityVerified { .. }
            | Step::IdentityFailed
            | Step::Extended { .. } => RequestState::InProgress,
            Step::Fulfilled { .. } => RequestState::Fulfilled,
            Step::Denied { .. } => RequestState::Denied,
            Step::Revoked => RequestState::Revoked,
            Step::Expired => RequestState::Expired,
        }
    }

    /// What is said in words, which must say something.
    fn words(&self) -> Option<&str> {
        match self {
            Step::IdentityAsked { reason } | Step::Extended { reason } => Some(reason),
            Step::IdentityVerified { method } => Some(method),
            Step::Fulfilled { evidence } => Some(evidence),
            Step::Denied { reason: Denial::Other, words } => Some(words.as_deref().unwrap_or_default()),
            Step::Denied { words, .. } => words.as_deref(),
            Step::Opened | Step::IdentityFailed | Step::Revoked | Step::Expired => None,
        }
    }
}

/// A request, as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// What is asked for.
    pub kind: RequestKind,
    /// Under which law.
    pub regime: Regime,
    /// Purposes that an objection is about; none otherwise.
    pub purposes: Vec<Purpose>,
    /// How far it is.
    pub state: RequestState,
    /// Whether the person asks.
    pub identity: Identity,
    /// When it came, and what bears on when it is due.
    pub clock: Clock,
    /// Why it was denied, if it was.
    pub denial: Option<Denial>,
    /// When it ended, if it did.
    pub closed_at: Option<Timestamp>,
}

impl Request {
    /// A request that came at a time, about nothing in particular yet.
    pub fn open(
        id: RequestId,
        (kind, regime): (RequestKind, Regime),
        received_at: Timestamp,
        now: Timestamp,
    ) -> Result<Self, RequestError> {
        if received_at > now {
            return Err(RequestError::Future { received_at, now });
        }
        let every = || Purpose::ALL.into_iter().filter(|purpose| *purpose != Purpose::History);
        Ok(Self {
            id,
            kind,
            regime,
            purposes: if kind == RequestKind::Objection { every().collect() } else { Vec::new() },
            state: RequestState::Open,
            identity: Identity::Unverified,
            clock: Clock::starting(received_at),
            denial: None,
            closed_at: None,
        })
    }

    /// The request after a step, or why that cannot come next.
    pub fn after(&self, step: &Step, now: Timestamp) -> Result<Self, RequestError> {
        if !self.state.may_become(step.leads_to()) {
            return Err(RequestError::Closed { state: self.state });
        }
        if step.words().is_some_and(|words| words.trim().is_empty()) {
            return Err(RequestError::Wordless { step: step.as_str() });
        }
        let (mut next, law) = (self.clone(), (self.regime, self.kind));
        match step {
            Step::IdentityAsked { .. } => {
                next.identity = Identity::Asked { at: now };
                next.clock = next.clock.standing(law, now);
            }
            Step::IdentityVerified { method } => {
                next.identity = Identity::Verified { method: method.clone() }
            }
            Step::IdentityFailed => next.identity = Identity::Failed,
            Step::Extended { .. } => next.clock = next.clock.extended(law, now)?,
            Step::Fulfilled { .. } if self.needs_verification() => {
                return Err(RequestError::Unverified { kind: self.kind });
            }
            Step::Denied { reason, .. } => next.denial = Some(*reason),
            Step::Expired if !self.may_expire(now) => return Err(RequestError::NotExpired),
            Step::Opened | Step::Fulfilled { .. } | Step::Revoked | Step::Expired => {}
        }
        if !matches!(step, Step::IdentityAsked { .. } | Step::Extended { .. }) {
            next.clock = next.clock.going_on(now);
        }
        next.state = step.leads_to();
        next.closed_at = next.state.is_final().then_some(now);
        Ok(next)
    }

    /// Whether it must be shown first that the person asks: `need_user_verification` in the protocol.
    pub fn needs_verification(&self) -> bool {
        let is_verified = matches!(self.identity, Identity::Verified { .. });
        !self.kind.only_lowers() && !self.state.is_final() && !is_verified
    }

    /// When it is due, as it looks at a time; of a request that is over, when it was.
    pub fn due_at(&self, at: Timestamp) -> Timestamp {
        self.clock.due_at((self.regime, self.kind), self.closed_at.unwrap_or(at))
    }

    /// Whether it should be over by now.
    pub fn is_overdue(&self, at: Timestamp) -> bool {
        !self.state.is_final() && at > self.due_at(at)
    }

    /// Whether a question about identity was left unanswered for so long that the request ends.
    pub fn may_expire(&self, now: Timestamp) -> bool {
        match self.identity {
            Identity::Asked { at } => now >= at.plus_days(IDENTITY_DAYS),
            _ => false,
        }
    }

    /// Whether its time of being kept is over.
    pub fn may_be_forgotten(&self, now: Timestamp) -> bool {
        self.closed_at.is_some_and(|at| now >= at.plus_months(KEPT_MONTHS))
    }

    /// The record of a step that led here, of an enrolled person or of somebody else.
    pub fn record(&self, step: &Step, subject: Option<SubjectId>, now: Timestamp) -> Record {
        Record::of(&json!({
            "schema": REQUEST_SCHEMA,
            "request_id": self.id,
            "pii_principal_id": subject,
            "kind": self.kind,
            "regime": self.regime,
            "purposes": self.purposes,
            "received_at": self.clock.received_at,
            "due_at": self.due_at(now),
            "state": self.state,
            "step": step,
            "recorded_at": now,
        }))
    }
}

#[cfg(test)]
mod tests;
