//! The one function that says whether a turn may be used for a purpose.

use candor_conversation::{Age, Region, SubjectId, Tier, Timestamp};
use serde::{Deserialize, Serialize};

use crate::notice::Default;
use crate::{
    AfterWithdrawal, Event, EventId, Notice, NoticeBook, NoticeId, Purpose, Reason, State, is_broader,
};

/// What a yes rests on; each kind is counted apart on a card. Ordered from strongest to weakest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// An act of consent that was on record before the turn was said.
    Consent,
    /// An act of consent of a guardian, for somebody too young to agree alone, on record before the turn was said.
    GuardianConsent,
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
            Basis::GuardianConsent => "guardian-consent",
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
    /// The notices that were published, with the house rules beside them.
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
    match permit(facts, &mut Nobody) {
        Ok(permit) => Decision::Allowed(permit),
        Err(reason) => Decision::Withheld(reason),
    }
}

/// A rule that a decision asks about, in the order in which it does. Those that do not concern a turn are passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// It is known when it was said, and that is not in the future.
    SaidAt,
    /// A notice was in force then.
    Notice,
    /// It asks for the purpose.
    Purpose,
    /// Something may be kept from where the person is.
    Region,
    /// The person is as old as the notice asks for.
    Age,
    /// The organisation's contract allows it.
    Contract,
    /// The request did not ask otherwise.
    Request,
    /// No later no takes the yes back.
    LaterNo,
    /// The answer that was in force when it was said is no no.
    Choice,
    /// Where there is no answer: the notice may take silence for a yes.
    Silence,
    /// Whoever is too young to agree alone has a guardian who agreed.
    Guardian,
    /// The yes was on record, or somebody vouches for it.
    OnRecord,
    /// The notice in force asks for no more than the one that was agreed to.
    SameTerms,
    /// It was captured under this very yes and notice.
    Binding,
    /// The promised time runs.
    Retention,
}

/// Hears what each rule says while it is decided.
pub(crate) trait Hearing {
    /// Passes an outcome on.
    fn hears<T>(&mut self, rule: Rule, outcome: Result<T, Reason>) -> Result<T, Reason>;
}

/// Nobody listens: what an ordinary decision costs.
struct Nobody;

impl Hearing for Nobody {
    fn hears<T>(&mut self, _: Rule, outcome: Result<T, Reason>) -> Result<T, Reason> {
        outcome
    }
}

/// Asks every rule in turn, up to the first that says no.
pub(crate) fn permit(facts: &Facts<'_>, hearing: &mut impl Hearing) -> Result<Permit, Reason> {
    let said_at = hearing.hears(Rule::SaidAt, said_at(facts))?;
    let in_force = facts.notices.in_force(said_at).ok_or(Reason::NoNotice);
    let (notice_id, notice) = hearing.hears(Rule::Notice, in_force)?;
    let terms = notice.purposes.get(&facts.purpose).ok_or(Reason::NotInNotice);
    let terms = hearing.hears(Rule::Purpose, terms)?;
    let rules = facts.notices.rules();
    hearing.hears(Rule::Region, unless(rules.keeps_nothing_from(facts.region), Reason::RegionNotKept))?;
    let is_young = facts.age.map_or(rules.unknown_age_is_young(), |age| age.years() < notice.minimum_age);
    hearing.hears(Rule::Age, unless(is_young, Reason::UnderAge))?;
    if matches!(facts.tier, Tier::Business | Tier::Education) {
        let allowed = terms.business_with_contract && facts.contract.contains(&facts.purpose);
        hearing.hears(Rule::Contract, unless(!allowed, Reason::NoContract))?;
    }
    hearing.hears(Rule::Request, unless(facts.opted_out, Reason::OptedOut))?;
    let (event, basis, agreed_to) = standing(facts, (said_at, notice_id, notice), hearing)?;
    let binding = Binding { purpose: facts.purpose, event, notice: notice_id };
    if let Moment::Use(bindings) = facts.moment {
        hearing.hears(Rule::Binding, unless(!bindings.contains(&binding), Reason::NotBound))?;
    }
    let keep_until = said_at.plus_days(terms.retention_days.min(agreed_to));
    hearing.hears(Rule::Retention, unless(keep_until <= facts.now, Reason::RetentionEnded))?;
    Ok(Permit { binding, basis, keep_until })
}

fn unless(broken: bool, reason: Reason) -> Result<(), Reason> {
    if broken { Err(reason) } else { Ok(()) }
}

fn said_at(facts: &Facts<'_>) -> Result<Timestamp, Reason> {
    let said_at = facts.said_at.ok_or(Reason::UnknownTime)?;
    if said_at > facts.now { Err(Reason::TimeInFuture) } else { Ok(said_at) }
}

/// The event that stands behind a turn, what it rests on, and the retention in days that was agreed to.
fn standing(
    facts: &Facts<'_>,
    (said_at, notice_id, notice): (Timestamp, NoticeId, &Notice),
    hearing: &mut impl Hearing,
) -> Result<(Option<EventId>, Basis, u32), Reason> {
    let known = answers(facts);
    let split = known.iter().take_while(|event| event.effective_at <= said_at).count();
    let (before, after) = known.split_at(split);

    // A later no always reaches back, whatever was said again after it.
    let later_no = after.iter().find(|event| event.state.takes_back());
    hearing.hears(Rule::LaterNo, later_no.map_or(Ok(()), |event| Err(no_of(event.state))))?;
    let Some(event) = hearing.hears(Rule::Choice, choice(before, after))? else {
        let days = hearing.hears(Rule::Silence, default_terms(facts, notice))?;
        if is_too_young_alone(facts) {
            hearing.hears(Rule::Guardian, Err::<(), _>(Reason::GuardianNeeded))?;
        }
        return Ok((None, Basis::NoticeDefault, days));
    };
    if is_too_young_alone(facts) {
        hearing.hears(Rule::Guardian, unless(!event.guardian, Reason::GuardianNeeded))?;
    }
    let basis = hearing.hears(Rule::OnRecord, basis_of(event, said_at))?;
    let terms = hearing.hears(Rule::SameTerms, agreed_terms(facts, event, (notice_id, notice)))?;
    Ok((Some(event.id), basis, terms))
}

/// The answers that count. Being asked is none: it neither is a yes nor ends a no. A no counts from when it is known,
/// also where the question is asked as of an earlier time; a yes only once it is on record.
pub(crate) fn answers<'a>(facts: &Facts<'a>) -> Vec<&'a Event> {
    let answers = facts.history.iter().filter(|event| event.state != State::Requested);
    answers.filter(|event| !event.state.permits() || event.recorded_at <= facts.now).collect()
}

/// The yes that was in force; `None` if there is no answer at all.
fn choice<'a>(before: &[&'a Event], after: &[&'a Event]) -> Result<Option<&'a Event>, Reason> {
    match before.last() {
        Some(event) if event.state.permits() => Ok(Some(event)),
        Some(event) => Err(no_of(event.state)),
        None if after.iter().any(|event| event.state.permits()) => Err(Reason::BeforeConsent),
        None => after.last().map_or(Ok(None), |put_off| Err(no_of(put_off.state))),
    }
}

/// Whether a person's own yes does not suffice where they are.
pub(crate) fn is_too_young_alone(facts: &Facts<'_>) -> bool {
    // Whoever is of the highest age anywhere needs no look at the table.
    facts.age.is_some_and(|age| facts.notices.rules().is_too_young_alone(age, facts.region))
}

fn basis_of(event: &Event, said_at: Timestamp) -> Result<Basis, Reason> {
    match (event.recorded_at <= said_at, event.guardian, event.attested) {
        (true, false, _) => Ok(Basis::Consent),
        (true, true, _) => Ok(Basis::GuardianConsent),
        (false, false, true) => Ok(Basis::AttestedConsent),
        // Nobody can vouch afterwards for what a guardian of somebody so young had agreed to.
        (false, true, _) | (false, false, false) => Err(Reason::RecordedLate),
    }
}

/// The retention in days that was agreed to, if that covers the notice in force.
fn agreed_terms(
    facts: &Facts<'_>,
    event: &Event,
    (notice_id, notice): (NoticeId, &Notice),
) -> Result<u32, Reason> {
    let agreed = facts.notices.by_id(event.notice).ok_or(Reason::NoNotice)?;
    let terms = agreed.purposes.get(&facts.purpose).ok_or(Reason::NotInNotice)?;
    if event.notice != notice_id && is_broader(agreed, notice, facts.purpose) {
        return Err(Reason::NoticeBroader);
    }
    Ok(terms.retention_days)
}

/// What silence means: a no, unless the notice says otherwise and law does not ask for an act.
fn default_terms(facts: &Facts<'_>, notice: &Notice) -> Result<u32, Reason> {
    let default = notice.default_for(facts.purpose, facts.tier, facts.region);
    let asks = || facts.notices.rules().asks_for_consent(facts.region, facts.age);
    match (default, notice.purposes.get(&facts.purpose)) {
        (Default::On, Some(_)) if asks() => Err(Reason::LawAsksForConsent),
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
