//! Consent events and the state machine they follow.
//!
//! The states are those of the W3C Data Privacy Vocabulary 2.3 (`dpv:ConsentStatus`). Only *given* and
//! *renewed* are valid for processing; "not now" is *deferred*, and deferred is not a yes.

use std::fmt;
use std::str::FromStr;

use candor_conversation::{Kind, SubjectId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{NoticeId, Purpose};

/// Where a person's consent for one purpose stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Asked, not answered.
    Requested,
    /// "Decide later".
    Deferred,
    /// No.
    Refused,
    /// Yes.
    Given,
    /// Yes again, under a newer notice or for a new term.
    Renewed,
    /// Its term ended.
    Expired,
    /// Found not to have been a valid yes.
    Invalidated,
    /// Ended by someone else than the person.
    Revoked,
    /// Ended by the person.
    Withdrawn,
}

impl State {
    /// All states.
    pub const ALL: [State; 9] = [
        State::Requested,
        State::Deferred,
        State::Refused,
        State::Given,
        State::Renewed,
        State::Expired,
        State::Invalidated,
        State::Revoked,
        State::Withdrawn,
    ];

    /// The word used in files, flags and records.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Requested => "requested",
            State::Deferred => "deferred",
            State::Refused => "refused",
            State::Given => "given",
            State::Renewed => "renewed",
            State::Expired => "expired",
            State::Invalidated => "invalidated",
            State::Revoked => "revoked",
            State::Withdrawn => "withdrawn",
        }
    }

    /// The term of the W3C Data Privacy Vocabulary.
    pub fn dpv_term(self) -> &'static str {
        match self {
            State::Requested => "dpv:ConsentRequested",
            State::Deferred => "dpv:ConsentRequestDeferred",
            State::Refused => "dpv:ConsentRefused",
            State::Given => "dpv:ConsentGiven",
            State::Renewed => "dpv:RenewedConsentGiven",
            State::Expired => "dpv:ConsentExpired",
            State::Invalidated => "dpv:ConsentInvalidated",
            State::Revoked => "dpv:ConsentRevoked",
            State::Withdrawn => "dpv:ConsentWithdrawn",
        }
    }

    /// Whether this state permits anything.
    pub fn permits(self) -> bool {
        matches!(self, State::Given | State::Renewed)
    }

    /// Whether this state takes back what an earlier yes allowed.
    pub fn takes_back(self) -> bool {
        matches!(
            self,
            State::Refused | State::Expired | State::Invalidated | State::Revoked | State::Withdrawn
        )
    }

    /// Whether `next` may follow this answer; `None` is a person who never gave one. Being asked is no answer and
    /// ends none, so that it may follow any: how often is for [`check_next`].
    pub fn may_become(from: Option<State>, next: State) -> bool {
        let ends_a_yes =
            matches!(next, State::Expired | State::Invalidated | State::Revoked | State::Withdrawn);
        match from {
            _ if next == State::Requested => true,
            Some(State::Given | State::Renewed) => ends_a_yes || next == State::Renewed,
            Some(same) if same == next => false,
            None | Some(_) => !ends_a_yes && next != State::Renewed,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = EventError;

    fn from_str(text: &str) -> Result<Self, EventError> {
        State::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| EventError::UnknownState(text.to_owned()))
    }
}

/// Identifies a consent event; random.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventId(pub [u8; 16]);

impl EventId {
    /// The id of random bytes: they become a UUID of version 4 (RFC 9562), as records of consent ask for.
    pub fn random(mut bytes: [u8; 16]) -> Self {
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Self(bytes)
    }
}

impl TryFrom<String> for EventId {
    type Error = EventError;

    fn try_from(text: String) -> Result<Self, EventError> {
        let number = u128::from_str_radix(&text, 16).ok().filter(|_| text.len() == 32);
        number.map(|n| EventId(n.to_be_bytes())).ok_or(EventError::UnknownId(text))
    }
}

impl From<EventId> for String {
    fn from(id: EventId) -> String {
        id.to_string()
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Written for every turn that is kept: one number is far quicker than sixteen.
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventId({self})")
    }
}

/// One act, or the end of one, in the history of a person's choice about a purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Whose choice.
    pub subject: SubjectId,
    /// About which purpose.
    pub purpose: Purpose,
    /// What it became.
    pub state: State,
    /// The notice that was shown.
    pub notice: NoticeId,
    /// From when it holds.
    pub effective_at: Timestamp,
    /// When it was written down; never earlier than `effective_at`.
    pub recorded_at: Timestamp,
    /// Whether somebody vouches for it, because it was written down after the fact. Its record says who.
    pub attested: bool,
    /// Whether it is the act of a guardian of somebody too young to agree alone. Somebody always vouches for that.
    pub guardian: bool,
}

/// The last answer in a history: what is asked in between changes nothing.
pub fn last_answer(history: &[Event]) -> Option<&Event> {
    history.iter().rfind(|event| event.state != State::Requested)
}

/// Days that nobody is asked again after they were asked, or after they said no or not now.
pub const ASK_AGAIN_DAYS: u32 = 30;

/// From when on somebody with this history may be asked; `None` if they may be at any time.
pub fn may_be_asked_from(history: &[Event]) -> Option<Timestamp> {
    let is_pause = |event: &&Event| {
        matches!(event.state, State::Requested | State::Deferred | State::Refused | State::Withdrawn)
    };
    history.iter().filter(is_pause).map(|event| event.effective_at.plus_days(ASK_AGAIN_DAYS)).max()
}

/// Why an event cannot be recorded.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EventError {
    /// Not a state of the vocabulary.
    #[error(
        "`{0}` is not a consent state; expected requested, deferred, refused, given, renewed, expired, \
         invalidated, revoked or withdrawn"
    )]
    UnknownState(String),
    /// Not an event id.
    #[error("`{0}` is not an event id (32 hexadecimal digits)")]
    UnknownId(String),
    /// The state machine does not allow it.
    #[error("consent for {purpose} is {from} and cannot become {next}{}", hint(*from, *next))]
    Transition {
        /// Purpose concerned.
        purpose: Purpose,
        /// State now.
        from: Standing,
        /// State asked for.
        next: State,
    },
    /// It would take effect before an event that is already recorded.
    #[error(
        "{next} at {effective_at} comes before the last recorded event, which took effect at {last}\nhint: \
         events of one purpose are recorded in the order in which they take effect"
    )]
    OutOfOrder {
        /// State asked for.
        next: State,
        /// When it would take effect.
        effective_at: Timestamp,
        /// When the last one did.
        last: Timestamp,
    },
    /// The person was asked, or said no, not long ago.
    #[error(
        "consent for {purpose} may not be asked for again before {from}\nhint: nobody is asked more than once in \
         {ASK_AGAIN_DAYS} days, and silence is a no"
    )]
    AskedTooSoon {
        /// Purpose concerned.
        purpose: Purpose,
        /// From when on it may be.
        from: Timestamp,
    },
    /// A guardian's act about somebody who needs none.
    #[error(
        "a guardian's act counts only for somebody who is known to be too young to agree alone: below {alone_from} years \
         there"
    )]
    NoGuardianNeeded {
        /// The age from which a person agrees alone where they are.
        alone_from: u8,
    },
    /// A guardian's act that is no yes, or for which nobody vouches.
    #[error(
        "a guardian's act is a yes, and somebody vouches that it is the guardian's\nhint: a no counts whoever says it, \
         and is recorded as any other"
    )]
    GuardianOnlyAgrees,
    /// It would take effect in the future.
    #[error("{next} cannot take effect at {effective_at}, after it is recorded at {recorded_at}")]
    Future {
        /// State asked for.
        next: State,
        /// When it would take effect.
        effective_at: Timestamp,
        /// Now.
        recorded_at: Timestamp,
    },
}

impl EventError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            EventError::UnknownState(_)
            | EventError::UnknownId(_)
            | EventError::NoGuardianNeeded { .. }
            | EventError::GuardianOnlyAgrees
            | EventError::Future { .. } => Kind::Invalid,
            EventError::Transition { .. }
            | EventError::AskedTooSoon { .. }
            | EventError::OutOfOrder { .. } => Kind::Conflict,
        }
    }
}

/// A state, or none yet; prints as a word either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing(pub Option<State>);

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(state) => state.fmt(f),
            None => f.write_str("not asked for yet"),
        }
    }
}

fn hint(from: Standing, next: State) -> &'static str {
    match (from.0, next) {
        (Some(State::Given | State::Renewed), State::Refused | State::Deferred) => {
            "\nhint: to take a yes back, withdraw it"
        }
        (Some(State::Given | State::Renewed), State::Given) => {
            "\nhint: it is given already; a yes to a newer notice is recorded as renewed"
        }
        (_, State::Renewed) => "\nhint: there is no yes to renew; record it as given",
        (_, State::Withdrawn) => "\nhint: there is no yes to take back; record a no as refused",
        _ => "",
    }
}

/// Checks that `next` may follow the recorded history of the same subject and purpose.
pub fn check_next(history: &[Event], next: &Event) -> Result<(), EventError> {
    if next.effective_at > next.recorded_at {
        return Err(EventError::Future {
            next: next.state,
            effective_at: next.effective_at,
            recorded_at: next.recorded_at,
        });
    }
    let last = history.last();
    if let Some(last) = last.filter(|last| next.effective_at < last.effective_at) {
        return Err(EventError::OutOfOrder {
            next: next.state,
            effective_at: next.effective_at,
            last: last.effective_at,
        });
    }
    if next.state == State::Requested {
        // What others report of an asking that was, they report as it was.
        let from = may_be_asked_from(history).filter(|from| *from > next.effective_at && !next.attested);
        return from.map_or(Ok(()), |from| Err(EventError::AskedTooSoon { purpose: next.purpose, from }));
    }
    let from = last_answer(history).map(|last| last.state);
    if !State::may_become(from, next.state) {
        return Err(EventError::Transition { purpose: next.purpose, from: Standing(from), next: next.state });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_machine_is_this_table() {
        let mut table = String::new();
        let starts = std::iter::once(None).chain(State::ALL.into_iter().map(Some));
        for from in starts {
            let next: Vec<&str> = State::ALL
                .into_iter()
                .filter(|next| State::may_become(from, *next))
                .map(State::as_str)
                .collect();
            table += &format!("{} -> {}\n", Standing(from), next.join(" "));
        }
        insta::assert_snapshot!(table, @r"
        not asked for yet -> requested deferred refused given
        requested -> requested deferred refused given
        deferred -> requested refused given
        refused -> requested deferred given
        given -> requested renewed expired invalidated revoked withdrawn
        renewed -> requested renewed expired invalidated revoked withdrawn
        expired -> requested deferred refused given
        invalidated -> requested deferred refused given
        revoked -> requested deferred refused given
        withdrawn -> requested deferred refused given
        ");
    }

    fn event(state: State, day: u32) -> Event {
        let at = Timestamp::from_millis(0).plus_days(day);
        Event {
            id: EventId([day as u8; 16]),
            subject: SubjectId::from_bytes([1; 16]),
            purpose: Purpose::Train,
            state,
            notice: NoticeId([0; 32]),
            effective_at: at,
            recorded_at: at,
            attested: false,
            guardian: false,
        }
    }

    #[test]
    fn nobody_is_asked_twice_in_thirty_days_nor_soon_after_a_no_and_a_yes_stays_one() {
        use State::{Deferred, Given, Refused, Renewed, Requested, Withdrawn};
        let asked_on = |history: &[(State, u32)], day| {
            let history: Vec<Event> = history.iter().map(|(state, day)| event(*state, *day)).collect();
            check_next(&history, &event(Requested, day)).is_ok()
        };
        assert!(asked_on(&[], 0) && asked_on(&[(Given, 1)], 2));
        for state in [Requested, Deferred, Refused] {
            assert!(!asked_on(&[(state, 1)], 30) && asked_on(&[(state, 1)], 31), "{state}");
        }
        assert!(!asked_on(&[(Given, 1), (Withdrawn, 5)], 34) && asked_on(&[(Given, 1), (Withdrawn, 5)], 35));
        assert!(!asked_on(&[(Refused, 1), (Given, 2)], 30), "a no is not forgotten by a yes");
        let renewing = [event(Given, 1), event(Requested, 5)];
        assert_eq!(check_next(&renewing, &event(Renewed, 6)), Ok(()));
        assert_eq!(last_answer(&renewing).map(|event| event.state), Some(Given));
        assert!(check_next(&renewing, &event(Refused, 6)).is_err(), "it is withdrawn, as without the asking");
    }

    #[test]
    fn only_given_and_renewed_permit() {
        let permitting: Vec<State> = State::ALL.into_iter().filter(|state| state.permits()).collect();
        assert_eq!(permitting, [State::Given, State::Renewed]);
    }
}
