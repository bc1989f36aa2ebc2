//! The one function that says whether a turn may be used for a purpose.

use std::fmt;
use std::str::FromStr;

use candor_conversation::{Age, Region, SubjectId, Tier, Timestamp};
use serde::{Deserialize, Serialize};

use crate::notice::Default;
use crate::{AfterWithdrawal, Event, EventId, Notice, NoticeBook, NoticeId, Purpose, State, is_broader, law};

/// Why a turn is withheld. The codes are stable: they stand in cards, manifests and responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Nobody knows who wrote it.
    UnknownSubject,
    /// The person had everything erased.
    Erased,
    /// Nobody knows when it was said, so no yes can be shown to have come before.
    UnknownTime,
    /// It claims to have been said in the future.
    TimeInFuture,
    /// No notice was in force when it was said.
    NoNotice,
    /// The notice in force has no terms for the purpose.
    NotInNotice,
    /// The person is, or may be, younger than the notice allows.
    UnderAge,
    /// A business or education tenant whose contract does not allow it.
    NoContract,
    /// The request itself asked not to be kept.
    OptedOut,
    /// The person was never asked, or never answered.
    NeverAsked,
    /// "Decide later".
    Deferred,
    /// No.
    Refused,
    /// Taken back by the person.
    Withdrawn,
    /// Taken back by someone else.
    Revoked,
    /// The yes had a term, and it is over.
    Expired,
    /// The yes was found invalid.
    Invalidated,
    /// It was said before the yes.
    BeforeConsent,
    /// The yes was written down after the turn, and nobody vouches for it.
    RecordedLate,
    /// The notice grew broader than the one that was agreed to.
    NoticeBroader,
    /// Silence would be used as a yes, where law asks for an act of consent.
    LawAsksForConsent,
    /// The promised time is over.
    RetentionEnded,
    /// It was not bound to a yes for this purpose when it was captured.
    NotBound,
    /// An answer that broke off before its end.
    BrokenOff,
    /// It tells something that the settings keep out of releases.
    Sensitive,
    /// It comes after a turn that is withheld.
    AfterWithheld,
    /// Its conversation has too many branches to write them all out.
    TooManyBranches,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Reason; 26] = [
        Reason::UnknownSubject,
        Reason::Erased,
        Reason::UnknownTime,
        Reason::TimeInFuture,
        Reason::NoNotice,
        Reason::NotInNotice,
        Reason::UnderAge,
        Reason::NoContract,
        Reason::OptedOut,
        Reason::NeverAsked,
        Reason::Deferred,
        Reason::Refused,
        Reason::Withdrawn,
        Reason::Revoked,
        Reason::Expired,
        Reason::Invalidated,
        Reason::BeforeConsent,
        Reason::RecordedLate,
        Reason::NoticeBroader,
        Reason::LawAsksForConsent,
        Reason::RetentionEnded,
        Reason::NotBound,
        Reason::BrokenOff,
        Reason::Sensitive,
        Reason::AfterWithheld,
        Reason::TooManyBranches,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        self.entry().0
    }

    /// The reason in plain words, as they complete "withheld: …".
    pub fn words(self) -> &'static str {
        self.entry().1
    }

    fn entry(self) -> (&'static str, &'static str) {
        match self {
            Reason::UnknownSubject => ("unknown-subject", "nobody knows who wrote it"),
            Reason::Erased => ("erased", "its author had everything erased"),
            Reason::UnknownTime => ("unknown-time", "nobody knows when it was said"),
            Reason::TimeInFuture => ("time-in-future", "it claims to be from the future"),
            Reason::NoNotice => ("no-notice", "no notice was in force when it was said"),
            Reason::NotInNotice => ("not-in-notice", "the notice in force does not ask for this purpose"),
            Reason::UnderAge => ("under-age", "its author is, or may be, a minor"),
            Reason::NoContract => ("no-contract", "a business account whose contract does not allow it"),
            Reason::OptedOut => ("opted-out", "the request itself asked not to be kept"),
            Reason::NeverAsked => ("never-asked", "its author made no choice"),
            Reason::Deferred => ("deferred", "its author put the choice off"),
            Reason::Refused => ("refused", "its author said no"),
            Reason::Withdrawn => ("withdrawn", "its author took the yes back"),
            Reason::Revoked => ("revoked", "the yes was revoked"),
            Reason::Expired => ("expired", "the yes had a term that is over"),
            Reason::Invalidated => ("invalidated", "the yes was found invalid"),
            Reason::BeforeConsent => ("before-consent", "it was said before the yes"),
            Reason::RecordedLate => {
                ("recorded-late", "the yes was written down afterwards and nobody vouches for it")
            }
            Reason::NoticeBroader => ("notice-broader", "the notice grew broader than what was agreed to"),
            Reason::LawAsksForConsent => {
                ("law-asks-for-consent", "silence is no yes where law asks for consent")
            }
            Reason::RetentionEnded => ("retention-ended", "the promised time is over"),
            Reason::NotBound => ("not-bound", "it was captured without a yes for this purpose"),
            Reason::BrokenOff => ("broken-off", "the answer broke off before its end"),
            Reason::Sensitive => ("sensitive", "it tells something sensitive that the settings keep out"),
            Reason::AfterWithheld => ("after-withheld", "it follows a withheld turn"),
            Reason::TooManyBranches => ("too-many-branches", "its conversation has too many branches"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A code that is not a reason.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a reason code")]
pub struct InvalidReason(String);

impl FromStr for Reason {
    type Err = InvalidReason;

    fn from_str(code: &str) -> Result<Self, InvalidReason> {
        let found = Reason::ALL.into_iter().find(|reason| reason.code() == code);
        found.ok_or_else(|| InvalidReason(code.to_owned()))
    }
}

/// What a yes rests on; each kind is counted apart on a card. Ordered from strongest to weakest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// An act of consent that was on record before the turn was said.
    Consent,
    /// An act of consent that was written down afterwards, and that someone vouches for.
    AttestedConsent,
    /// No act at all: the notice says that silence is a yes.
    NoticeDefault,
}

impl Basis {
    /// The word on cards.
    pub fn as_str(self) -> &'static str {
        match self {
            Basis::Consent => "consent",
            Basis::AttestedConsent => "attested-consent",
            Basis::NoticeDefault => "notice-default",
        }
    }
}

/// What a turn was bound to when it was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Binding {
    /// The purpose.
    pub purpose: Purpose,
    /// The consent event in force; `None` where the notice's default stood in for one.
    pub event: Option<EventId>,
    /// The notice in force.
    pub notice: NoticeId,
}

/// When the question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment<'a> {
    /// When the turn is captured or imported: nothing is bound yet.
    Capture,
    /// Later, about a stored turn with these bindings.
    Use(&'a [Binding]),
}

/// All that bears on the decision about one human turn and one purpose.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The use asked about.
    pub purpose: Purpose,
    /// Whether the turn is being captured or is stored.
    pub moment: Moment<'a>,
    /// When it was said.
    pub said_at: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
    /// The author's account.
    pub tier: Tier,
    /// Where the author was.
    pub region: Option<&'a Region>,
    /// The author's age.
    pub age: Option<Age>,
    /// Purposes that the tenant's contract allows; only business and education tenants need one.
    pub contract: &'a [Purpose],
    /// The request asked not to be kept.
    pub opted_out: bool,
    /// The author's events for this purpose, in the order in which they took effect.
    pub history: &'a [Event],
    /// The notices that were published.
    pub notices: &'a NoticeBook,
}

/// The outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may be used.
    Allowed(Permit),
    /// It may not.
    Withheld(Reason),
}

/// A yes. Only [`decide`] and [`Permit::for_reply`] make one, and the vault asks for it by type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    binding: Binding,
    basis: Basis,
    keep_until: Timestamp,
}

impl Permit {
    /// The purpose it is for.
    pub fn purpose(&self) -> Purpose {
        self.binding.purpose
    }

    /// What the turn is bound to.
    pub fn binding(&self) -> Binding {
        self.binding
    }

    /// What it rests on.
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// When the promised retention ends.
    pub fn keep_until(&self) -> Timestamp {
        self.keep_until
    }

    /// The permit of a turn of the model, the tool or the operator: the most restrictive of the permits of
    /// every human turn before it on its path. No human turn, no permit.
    pub fn for_reply(human_turns_before: &[&Permit]) -> Option<Permit> {
        let last = human_turns_before.last()?;
        let basis = human_turns_before.iter().map(|permit| permit.basis).max()?;
        let keep_until = human_turns_before.iter().map(|permit| permit.keep_until).min()?;
        let one_purpose = human_turns_before.iter().all(|permit| permit.purpose() == last.purpose());
        one_purpose.then_some(Permit { binding: last.binding, basis, keep_until })
    }
}

/// The permits of one turn, one for each purpose that may use it; at least one. The vault writes no turn
/// without them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permits(Vec<Permit>);

impl Permits {
    /// `None` if no purpose permits the turn: then it is not written at all.
    pub fn new(permits: Vec<Permit>) -> Option<Permits> {
        (!permits.is_empty()).then_some(Permits(permits))
    }

    /// The permits.
    pub fn all(&self) -> &[Permit] {
        &self.0
    }

    /// The permit for a purpose.
    pub fn purpose(&self, purpose: Purpose) -> Option<&Permit> {
        self.0.iter().find(|permit| permit.purpose() == purpose)
    }

    /// When the last promised retention ends.
    pub fn keep_until(&self) -> Timestamp {
        self.0.iter().map(|permit| permit.keep_until).max().unwrap_or(Timestamp::MIN)
    }
}

/// A person's right to read what they wrote themselves; it opens nothing of anyone else (N10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessPermit {
    subject: SubjectId,
}

impl AccessPermit {
    /// The permit of a person for what `author` wrote: only if they are the same.
    pub fn for_own(person: SubjectId, author: SubjectId) -> Option<AccessPermit> {
        (person == author).then_some(AccessPermit { subject: author })
    }

    /// Whose turns it opens.
    pub fn subject(&self) -> SubjectId {
        self.subject
    }
}

/// Decides about one human turn and one purpose.
///
/// Anything but a current yes for the purpose, under a notice that covers it, is a no (N1). At capture the
/// turn is bound to the event and notice then in force; a later yes never covers it, a later no always does
/// (N2). Request opt-outs only lower (N4).
pub fn decide(facts: &Facts<'_>) -> Decision {
    match permit(facts) {
        Ok(permit) => Decision::Allowed(permit),
        Err(reason) => Decision::Withheld(reason),
    }
}

fn permit(facts: &Facts<'_>) -> Result<Permit, Reason> {
    let said_at = facts.said_at.ok_or(Reason::UnknownTime)?;
    if said_at > facts.now {
        return Err(Reason::TimeInFuture);
    }
    let (notice_id, notice) = facts.notices.in_force(said_at).ok_or(Reason::NoNotice)?;
    let terms = notice.purposes.get(&facts.purpose).ok_or(Reason::NotInNotice)?;
    if facts.age.is_some_and(|age| age.years() < notice.minimum_age) {
        return Err(Reason::UnderAge);
    }
    let organisation = matches!(facts.tier, Tier::Business | Tier::Education);
    if organisation && !(terms.business_with_contract && facts.contract.contains(&facts.purpose)) {
        return Err(Reason::NoContract);
    }
    if facts.opted_out {
        return Err(Reason::OptedOut);
    }
    let (event, basis, agreed_to) = standing(facts, said_at, notice_id, notice)?;
    if let Moment::Use(bindings) = facts.moment {
        let bound = Binding { purpose: facts.purpose, event, notice: notice_id };
        if !bindings.contains(&bound) {
            return Err(Reason::NotBound);
        }
    }
    let keep_until = said_at.plus_days(terms.retention_days.min(agreed_to));
    if keep_until <= facts.now {
        return Err(Reason::RetentionEnded);
    }
    let binding = Binding { purpose: facts.purpose, event, notice: notice_id };
    Ok(Permit { binding, basis, keep_until })
}

/// The event that stands behind a turn, what it rests on, and the retention in days that was agreed to.
fn standing(
    facts: &Facts<'_>,
    said_at: Timestamp,
    notice_id: NoticeId,
    notice: &Notice,
) -> Result<(Option<EventId>, Basis, u32), Reason> {
    // Being asked is no answer: it neither is a yes nor ends a no. And a no counts from when it is known, also
    // where the question is asked as of an earlier time.
    let answers = facts.history.iter().filter(|event| event.state != State::Requested);
    let known: Vec<&Event> =
        answers.filter(|event| !event.state.permits() || event.recorded_at <= facts.now).collect();
    let split = known.iter().take_while(|event| event.effective_at <= said_at).count();
    let (before, after) = known.split_at(split);

    // A later no always reaches back, whatever was said again after it.
    if let Some(no) = after.iter().find(|event| event.state.takes_back()) {
        return Err(no_of(no.state));
    }
    let Some(event) = before.last() else {
        if after.iter().any(|event| event.state.permits()) {
            return Err(Reason::BeforeConsent);
        }
        if let Some(put_off) = after.last() {
            return Err(no_of(put_off.state));
        }
        let days = default_terms(facts, notice)?;
        return Ok((None, Basis::NoticeDefault, days));
    };
    if !event.state.permits() {
        return Err(no_of(event.state));
    }
    let basis = match (event.recorded_at <= said_at, event.attested) {
        (true, _) => Basis::Consent,
        (false, true) => Basis::AttestedConsent,
        (false, false) => return Err(Reason::RecordedLate),
    };
    let agreed = facts.notices.by_id(event.notice).ok_or(Reason::NoNotice)?;
    let terms = agreed.purposes.get(&facts.purpose).ok_or(Reason::NotInNotice)?;
    if event.notice != notice_id && is_broader(agreed, notice, facts.purpose) {
        return Err(Reason::NoticeBroader);
    }
    Ok((Some(event.id), basis, terms.retention_days))
}

/// What silence means: a no, unless the notice says otherwise and law does not ask for an act.
fn default_terms(facts: &Facts<'_>, notice: &Notice) -> Result<u32, Reason> {
    let default = notice.default_for(facts.purpose, facts.tier, facts.region);
    match (default, notice.purposes.get(&facts.purpose)) {
        (Default::On, Some(_)) if law::asks_for_consent(facts.region) => Err(Reason::LawAsksForConsent),
        (Default::On, Some(terms)) => Ok(terms.retention_days),
        _ => Err(Reason::NeverAsked),
    }
}

/// Whether a stored turn stays in the vault although its purpose no longer permits use: only while its term
/// runs, under a notice that keeps what was given before a withdrawal.
pub fn stays_after(reason: Reason, notice: &Notice) -> bool {
    reason == Reason::Withdrawn && notice.after_withdrawal == AfterWithdrawal::Keep
}

fn no_of(state: State) -> Reason {
    match state {
        State::Deferred => Reason::Deferred,
        State::Refused => Reason::Refused,
        State::Withdrawn => Reason::Withdrawn,
        State::Revoked => Reason::Revoked,
        State::Expired => Reason::Expired,
        State::Invalidated => Reason::Invalidated,
        State::Requested | State::Given | State::Renewed => Reason::NeverAsked,
    }
}

#[cfg(test)]
mod tests;
