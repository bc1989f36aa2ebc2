//! A person's choices: shown as they are, and changed one at a time.

use std::sync::Arc;

use askama::Template;
use candor_consent::{Evidence, NoticeBook, NoticeVersion, Purpose, Reason, State, is_broader, last_answer};
use candor_conversation::{SubjectId, Timestamp};
use candor_release::prove::{self, Departure};
use candor_vault::{Act, Author, Entropy, Group, Lowered, Person, Signal, SignalSeen, Spoken};
use candor_wire::opt_out::{DIALECTS, OptOut};

use super::PrivacyText;
use super::seen::{self, Asking, Secrets};
use crate::portal::Portal;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::visitor::Visitor;

/// What a person can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
    Later,
}

impl Answer {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        match text {
            "yes" => Ok(Answer::Yes),
            "no" => Ok(Answer::No),
            "later" => Ok(Answer::Later),
            _ => Err(Refusal::Form),
        }
    }

    /// What an answer makes of a choice: nothing if it says what holds already.
    fn becomes(self, now: Option<State>, covers_notice: bool) -> Option<State> {
        let is_yes = now.is_some_and(State::permits);
        match self {
            Answer::Yes if is_yes && covers_notice => None,
            Answer::Yes if is_yes => Some(State::Renewed),
            Answer::Yes => Some(State::Given),
            Answer::No if is_yes => Some(State::Withdrawn),
            Answer::No if now.is_some_and(State::takes_back) => None,
            Answer::No => Some(State::Refused),
            // Whoever answered has decided.
            Answer::Later if now.is_none() => Some(State::Deferred),
            Answer::Later => None,
        }
    }
}

/// All choices of a person under the notice in force.
pub(crate) struct Choices {
    /// `None`: nothing was published yet.
    pub(crate) notice: Option<Shown>,
    pub(crate) choices: Vec<Choice>,
    /// Whoever is, or may be, a minor is asked nothing.
    pub(crate) is_minor: bool,
    /// The signal by which the browser asks that nothing is used for more than its author.
    pub(crate) signal: Option<&'static str>,
    /// The signals that came with requests.
    pub(crate) remembered: Vec<Remembered>,
}

/// A signal that came with requests.
pub(crate) struct Remembered {
    pub(crate) dialect: String,
    pub(crate) last_on: String,
}

impl Remembered {
    fn of(signal: &Signal) -> Self {
        Self { dialect: signal.dialect.clone(), last_on: Timestamp::of_day(signal.last_day).date() }
    }
}

/// The notice as a person reads it.
pub(crate) struct Shown {
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) contact: String,
}

/// One choice.
pub(crate) struct Choice {
    pub(crate) purpose: Purpose,
    /// The notice's sentence about it.
    pub(crate) sentence: String,
    pub(crate) retention_days: u32,
    pub(crate) recipients: Vec<String>,
    /// What was answered.
    pub(crate) answer: Option<Answer>,
    /// The notice grew broader than the yes.
    pub(crate) is_outgrown: bool,
    /// The form, with its evidence.
    pub(crate) form: String,
}

#[derive(Template)]
#[template(path = "choice.html")]
struct ChoiceForm<'a> {
    text: &'a PrivacyText,
    choice: &'a Choice,
    name: &'a str,
    notice: NoticeVersion,
    next: &'a str,
    secrets: &'a Secrets,
}

impl Choice {
    pub(crate) fn is(&self, answer: &str) -> bool {
        Answer::parse(answer).is_ok_and(|answer| self.answer == Some(answer))
    }
}

impl Choices {
    /// The choices of whoever is signed in, with forms that lead back to `next`.
    pub(crate) fn of(portal: &Portal, visitor: &Visitor, next: &str) -> Result<Self, Refusal> {
        let session = visitor.signed_in()?;
        let policy = portal.desk.policy()?;
        let Author::Person(person) = policy.author(&session.tenant, &session.name) else {
            return Err(Refusal::SignIn);
        };
        let (now, signal) = (portal.now(), visitor.signal);
        let Some((_, notice)) = policy.notices().in_force(now) else {
            return Ok(Self {
                notice: None,
                choices: Vec::new(),
                is_minor: false,
                signal,
                remembered: Vec::new(),
            });
        };
        let words = notice.text.get(visitor.locale.tag()).or_else(|| notice.text.values().next());
        let words = words.ok_or(Refusal::Broken("notice without text"))?;
        let ruled = policy.rule_each(&person, &spoken(now));
        let profile = &person.subject.profile;
        let rules = policy.notices().rules();
        let needs_guardian =
            profile.age.is_some_and(|age| rules.is_too_young_alone(age, profile.region.as_ref()));
        let is_minor = needs_guardian || ruled.iter().any(|(_, ruled)| *ruled == Err(Reason::UnderAge));
        let asking = Asking { session, locale: visitor.locale, notice: notice.version, now };
        let text = portal.texts.privacy.of(visitor.locale);
        let mut choices = Vec::new();
        for (purpose, _) in ruled.into_iter().filter(|_| !is_minor) {
            let Some(terms) = notice.purposes.get(&purpose) else { continue };
            let mut choice = Choice {
                purpose,
                sentence: words.purposes.get(&purpose).cloned().unwrap_or_default(),
                retention_days: terms.retention_days,
                recipients: terms.recipients.clone(),
                ..Choice::answered(&person, purpose, policy.notices(), now)
            };
            choice.form = choice.form(text, asking, next)?;
            choices.push(choice);
        }
        let notice =
            Shown { title: words.title.clone(), body: words.body.clone(), contact: notice.contact.clone() };
        let remembered = portal.desk.signals(&person.subject)?.iter().map(Remembered::of).collect();
        Ok(Self { notice: Some(notice), choices, is_minor, signal, remembered })
    }

    /// Whether there is something that the person was never asked, or that grew beyond their yes. A no and a "later"
    /// are answers: nobody is asked again.
    pub(crate) fn is_due(&self) -> bool {
        self.choices.iter().any(|choice| choice.answer.is_none() || choice.is_outgrown)
    }
}

impl Choice {
    fn answered(person: &Person, purpose: Purpose, notices: &NoticeBook, now: Timestamp) -> Self {
        let last = last_answer(person.history(purpose));
        let answer = last.map(|last| match last.state {
            state if state.permits() => Answer::Yes,
            state if state.takes_back() => Answer::No,
            _ => Answer::Later,
        });
        let covers = last.is_none_or(|last| covers(notices, last.notice, purpose, now));
        Self {
            purpose,
            sentence: String::new(),
            retention_days: 0,
            recipients: Vec::new(),
            answer,
            is_outgrown: answer == Some(Answer::Yes) && !covers,
            form: String::new(),
        }
    }

    fn form(&self, text: &PrivacyText, asking: Asking<'_>, next: &str) -> Result<String, Refusal> {
        let (name, notice) = (text.name(self.purpose), asking.notice);
        seen::form(asking, self.purpose, |secrets| {
            ChoiceForm { text, choice: self, name, notice, next, secrets }.render()
        })
    }
}

/// Whether a yes to a notice covers what the one in force asks for.
fn covers(notices: &NoticeBook, agreed: candor_consent::NoticeId, purpose: Purpose, now: Timestamp) -> bool {
    match (notices.by_id(agreed), notices.in_force(now)) {
        (Some(agreed), Some((_, current))) => !is_broader(agreed, current, purpose),
        _ => false,
    }
}

/// Something said now, of which nothing is known but who says it.
pub(crate) fn spoken(now: Timestamp) -> Spoken {
    Spoken { at: now, now, lowered: Lowered::Nothing, tier: None, region: None, age: None }
}

/// Records an answer to the notice that was shown. A yes to one that was replaced meanwhile is refused: nobody has
/// read the new one. A no holds all the same.
pub(super) async fn record(
    portal: &Arc<Portal>,
    session: Arc<Session>,
    (purpose, answer): (Purpose, Answer),
    (shown, evidence, signal): (NoticeVersion, Option<Evidence>, Option<&'static str>),
) -> Result<(), Refusal> {
    let now = portal.now();
    portal
        .record(move |group, entropy| {
            let vault = group.vault();
            let subject = vault.subject(&session.tenant, &session.name)?;
            note(group, (subject.id, signal, now), entropy)?;
            let (notice, current) = vault.notice(None, now)?;
            if answer == Answer::Yes && current.version != shown {
                return Err(Refusal::Denied);
            }
            let history = vault.history(subject.id, purpose)?;
            let last = last_answer(&history);
            let notices = vault.notices()?;
            let is_covered = last.is_some_and(|last| covers(&notices, last.notice, purpose, now));
            let Some(state) = answer.becomes(last.map(|last| last.state), is_covered) else { return Ok(()) };
            let departure = Departure { subject: &subject, purpose: Some(purpose) };
            let recalls = if state.takes_back() {
                prove::recalls(vault, &[departure])
                    .map_err(|_| Refusal::Broken("look up rows to recall"))?
                    .rows
            } else {
                Vec::new()
            };
            let subject = subject.id;
            let act = Act { subject, purpose, state, notice, effective_at: now, attested_by: None, evidence };
            group.record_and_recall(&[act], &recalls, now, entropy)?;
            Ok(())
        })
        .await
}

/// Remembers the signal of the browser in which somebody answered.
fn note(
    group: &Group<'_>,
    (subject, signal, at): (SubjectId, Option<&'static str>, Timestamp),
    entropy: &mut Entropy,
) -> Result<(), Refusal> {
    let Some(row) = DIALECTS.iter().find(|row| Some(row.code) == signal) else { return Ok(()) };
    let lowered = match row.means {
        OptOut::None => return Ok(()),
        OptOut::Training => Lowered::AllButHistory,
        OptOut::Everything => Lowered::Everything,
    };
    let seen = SignalSeen { subject, dialect: row.code.to_owned(), lowered, at };
    Ok(group.note_signals(&[seen], entropy)?)
}

/// Takes back every yes.
pub(crate) async fn withdraw_everything(portal: &Arc<Portal>, session: Arc<Session>) -> Result<(), Refusal> {
    let now = portal.now();
    portal
        .record(move |group, entropy| {
            let vault = group.vault();
            let subject = vault.subject(&session.tenant, &session.name)?;
            let (notice, _) = vault.notice(None, now)?;
            let mut acts = Vec::new();
            for purpose in Purpose::ALL {
                let history = vault.history(subject.id, purpose)?;
                if last_answer(&history).is_some_and(|last| last.state.permits()) {
                    let (subject, state) = (subject.id, State::Withdrawn);
                    acts.push(Act {
                        subject,
                        purpose,
                        state,
                        notice,
                        effective_at: now,
                        attested_by: None,
                        evidence: None,
                    });
                }
            }
            let departures: Vec<Departure<'_>> =
                acts.iter().map(|act| Departure { subject: &subject, purpose: Some(act.purpose) }).collect();
            let recalls = prove::recalls(vault, &departures);
            let recalls = recalls.map_err(|_| Refusal::Broken("look up rows to recall"))?;
            group.record_and_recall(&acts, &recalls.rows, now, entropy)?;
            Ok(())
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_becomes_an_act_that_may_follow_and_a_no_is_always_heard() {
        let states: Vec<Option<State>> = [None].into_iter().chain(State::ALL.map(Some)).collect();
        for before in states {
            for answer in [Answer::Yes, Answer::No, Answer::Later] {
                for is_covered in [false, true] {
                    let Some(next) = answer.becomes(before, is_covered) else { continue };
                    assert!(State::may_become(before, next), "{before:?} {answer:?} {next}");
                    assert_eq!(next.permits(), answer == Answer::Yes);
                }
            }
            let after_no = Answer::No.becomes(before, true).or(before);
            assert!(after_no.is_some_and(State::takes_back), "{before:?}");
        }
    }
}
