//! The decision about each turn of a conversation at capture.

use std::collections::HashMap;
use std::sync::Arc;

use candor_consent::{Decision, Facts, Moment, NoticeBook, Permit, Permits, Purpose, Reason, decide};
use candor_conversation::{Conversation, TenantId, Tier, Timestamp, Turn};

use super::{Author, Defaults};
use crate::Person;
use crate::piece::{CapturedTurn, StoredTurn, TurnReference};

/// A turn that may be kept, and everyone who stands behind it.
pub(super) struct PlannedTurn<'p> {
    /// The turn with its permits.
    pub(super) captured: CapturedTurn,
    /// Its author, or everyone who wrote before it.
    pub(super) authors: Authors<'p>,
}

/// People sorted by tag, each once. Shared: in a thread of many people there is a list for each of them.
pub(super) type Authors<'p> = Arc<[&'p Person]>;

/// What the decisions are made from.
pub(super) struct Question<'a> {
    pub(super) people: &'a HashMap<(TenantId, String), Author>,
    pub(super) notices: &'a NoticeBook,
    pub(super) defaults: &'a Defaults,
    pub(super) now: Timestamp,
    pub(super) tenant: &'a TenantId,
}

/// What the path down to a turn permits.
#[derive(Clone)]
struct Path<'p> {
    /// By purpose: `None` while no human turn came, then the combined permit or the reason it ended.
    purposes: Vec<Option<Result<Permit, Reason>>>,
    authors: Authors<'p>,
}

impl<'p> Path<'p> {
    fn start() -> Self {
        Self { purposes: vec![None; Purpose::ALL.len()], authors: Arc::new([]) }
    }

    fn has_human(&self) -> bool {
        self.purposes.iter().any(Option::is_some)
    }

    /// The path with one more human turn.
    fn with_human(&self, own: &[Result<Permit, Reason>], author: Option<&'p Person>) -> Self {
        let join = |(before, own): (&Option<Result<Permit, Reason>>, &Result<Permit, Reason>)| {
            Some(match (before, own) {
                (Some(Err(_)), _) | (_, Err(_)) => Err(Reason::AfterWithheld),
                (None, Ok(own)) => Ok(own.clone()),
                (Some(Ok(before)), Ok(own)) => Permit::for_reply(&[before, own]).ok_or(Reason::AfterWithheld),
            })
        };
        let authors =
            author.map_or_else(|| self.authors.clone(), |person| with_author(&self.authors, person));
        Self { purposes: self.purposes.iter().zip(own).map(join).collect(), authors }
    }

    fn permits(&self) -> Option<Permits> {
        Permits::new(self.purposes.iter().flatten().filter_map(|p| p.as_ref().ok()).cloned().collect())
    }
}

/// The list with one more person; the same list if they are in it.
fn with_author<'p>(authors: &Authors<'p>, person: &'p Person) -> Authors<'p> {
    match authors.binary_search_by_key(&person.subject.tag, |other| other.subject.tag) {
        Ok(_) => authors.clone(),
        Err(at) => authors[..at].iter().chain([&person]).chain(&authors[at..]).copied().collect(),
    }
}

/// For each turn: what is kept, or why it is not.
pub(super) fn plan<'p>(
    conversation: &Conversation,
    references: &[TurnReference],
    question: &Question<'p>,
) -> Vec<Result<PlannedTurn<'p>, Reason>> {
    let turns = conversation.turns();
    let stored: Vec<StoredTurn> =
        (0..turns.len()).map(|index| stored_turn(turns, index, references, question)).collect();
    let mut paths: Vec<Path> = Vec::with_capacity(turns.len());
    let mut planned: Vec<Result<PlannedTurn<'p>, Reason>> = Vec::with_capacity(turns.len());
    let start = Path::start();
    for (turn, facts) in turns.iter().zip(&stored) {
        let before = turn.parent.map_or(&start, |parent| &paths[parent]);
        let keep = |permits, authors| PlannedTurn {
            captured: CapturedTurn { turn: facts.clone(), parts: turn.parts.clone(), permits },
            authors,
        };
        let (outcome, path) = match author_of(turn, question) {
            _ if !turn.is_human() => {
                let outcome = before.permits().map(|permits| keep(permits, before.authors.clone()));
                (outcome.ok_or(Reason::AfterWithheld), before.clone())
            }
            Err(reason) => {
                let own = vec![Err(reason); Purpose::ALL.len()];
                (Err(reason), before.with_human(&own, None))
            }
            Ok(person) => {
                let own = Purpose::ALL.map(|purpose| ask(purpose, turn, facts, (person, question)));
                let permits = Permits::new(own.iter().flatten().cloned().collect());
                let outcome = permits.map(|permits| keep(permits, Arc::new([person])));
                (outcome.ok_or_else(|| shown_reason(&own)), before.with_human(&own, Some(person)))
            }
        };
        planned.push(outcome);
        paths.push(path);
    }
    keep_openings(turns, &stored, &paths, &mut planned);
    planned
}

/// Turns before the first human one (a system prompt) go with the first kept turn under them.
fn keep_openings(
    turns: &[Turn],
    stored: &[StoredTurn],
    paths: &[Path<'_>],
    planned: &mut [Result<PlannedTurn<'_>, Reason>],
) {
    // Children come after their parents, so backwards the first kept child is the last one that is seen.
    let mut first_kept: Vec<Option<usize>> = vec![None; turns.len()];
    for index in (0..turns.len()).rev() {
        let is_opening = !turns[index].is_human() && !paths[index].has_human();
        let follower = first_kept[index].and_then(|follower| planned[follower].as_ref().ok());
        if let Some(follower) = follower.filter(|_| is_opening) {
            planned[index] = Ok(PlannedTurn {
                captured: CapturedTurn {
                    turn: stored[index].clone(),
                    parts: turns[index].parts.clone(),
                    permits: follower.captured.permits.clone(),
                },
                authors: follower.authors.clone(),
            });
        }
        if let (Some(parent), Ok(_)) = (turns[index].parent, &planned[index]) {
            first_kept[parent] = Some(index);
        }
    }
}

fn stored_turn(
    turns: &[Turn],
    index: usize,
    references: &[TurnReference],
    question: &Question<'_>,
) -> StoredTurn {
    let turn = &turns[index];
    let author = author_of(turn, question).ok();
    let profile = author.map(|person| &person.subject.profile);
    let defaults = question.defaults;
    let known_region = turn.region.as_ref().or(defaults.region.as_ref());
    StoredTurn {
        reference: references[index],
        parent: turn.parent.map(|parent| references[parent]),
        order: index as u32,
        role: turn.role,
        author: author.map(|person| person.subject.tag),
        said_at: turn.at,
        tier: tier([turn.tier, defaults.tier, profile.map(|profile| profile.tier)]),
        region: known_region.or(profile.and_then(|profile| profile.region.as_ref())).cloned(),
        // The youngest that anyone says they are: nothing that a request or a file says makes a minor older.
        age: [turn.age, defaults.age, profile.and_then(|profile| profile.age)].into_iter().flatten().min(),
        bindings: Vec::new(),
    }
}

/// The first tier known, unless another one is an organisation's, whose contract then decides.
fn tier(known: [Option<Tier>; 3]) -> Tier {
    let mut known = known.into_iter().flatten();
    let organisation = known.clone().find(|tier| matches!(tier, Tier::Business | Tier::Education));
    organisation.or_else(|| known.next()).unwrap_or(Tier::Consumer)
}

fn author_of<'a>(turn: &Turn, question: &Question<'a>) -> Result<&'a Person, Reason> {
    let name = turn.author.as_ref().ok_or(Reason::UnknownSubject)?;
    match question.people.get(&(question.tenant.clone(), name.clone())) {
        Some(Author::Person(person)) => Ok(person),
        Some(Author::Erased) => Err(Reason::Erased),
        Some(Author::Nobody) | None => Err(Reason::UnknownSubject),
    }
}

fn ask(
    purpose: Purpose,
    turn: &Turn,
    stored: &StoredTurn,
    (person, question): (&Person, &Question<'_>),
) -> Result<Permit, Reason> {
    let facts = Facts {
        purpose,
        moment: Moment::Capture,
        said_at: stored.said_at,
        now: question.now,
        tier: stored.tier,
        region: stored.region.as_ref(),
        age: stored.age,
        contract: &person.contract,
        opted_out: turn.opted_out,
        history: person.history(purpose),
        notices: question.notices,
    };
    match decide(&facts) {
        Decision::Allowed(permit) => Ok(permit),
        Decision::Withheld(reason) => Err(reason),
    }
}

/// The reason shown for a turn that no purpose permits: the one for training, which is what people ask about,
/// unless the notice does not even name it.
fn shown_reason(own: &[Result<Permit, Reason>]) -> Reason {
    let reason_of = |purpose: Purpose| {
        let index = Purpose::ALL.iter().position(|other| *other == purpose)?;
        own.get(index)?.as_ref().err().copied()
    };
    let train = reason_of(Purpose::Train).filter(|reason| *reason != Reason::NotInNotice);
    train.or_else(|| reason_of(Purpose::History)).unwrap_or(Reason::NotInNotice)
}
