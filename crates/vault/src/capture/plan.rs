//! The decision about each turn of a conversation at capture.

use std::collections::HashMap;
use std::sync::Arc;

use candor_consent::{Moment, NoticeBook, Permit, Permits, Purpose, Reason};
use candor_conversation::{Conversation, Part, TenantId, Timestamp, Turn};

use super::{Author, Defaults};
use crate::Person;
use crate::asking::{Answers, Circumstances, Lowered, ask_every, ruling, tier_of, youngest};
use crate::erase::ForgottenBy;
use crate::piece::{CapturedTurn, StoredTurn, TurnReference};

/// A turn that may be kept, and everyone who stands behind it.
pub(crate) struct PlannedTurn<'p> {
    /// The turn with its permits.
    pub(crate) captured: CapturedTurn,
    /// Its author, or everyone who wrote before it.
    pub(crate) authors: Authors<'p>,
    /// Day since the epoch on which it goes at the latest, where that was promised before.
    pub(crate) expires_by: Option<i64>,
}

/// People sorted by tag, each once. Shared: in a thread of many people there is a list for each of them.
pub(crate) type Authors<'p> = Arc<[&'p Person]>;

/// Whose words a turn is, and what that says about it.
pub(crate) enum Voice<'p> {
    /// The model's, a tool's or the operator's: it stands as everyone before it on the path does.
    Reply,
    /// A person's, whom nobody knows, or with what they permit.
    Human(Option<&'p Person>, Box<Answers>),
    /// A person's whose turn is in the vault already, with what they permit for what it was kept for: it only ends
    /// what it was not kept for.
    Kept(Box<Answers>),
}

/// What the decisions are made from.
pub(super) struct Question<'a> {
    pub(super) people: &'a HashMap<(TenantId, String), Author>,
    pub(super) notices: &'a NoticeBook,
    pub(super) defaults: &'a Defaults,
    pub(super) now: Timestamp,
    pub(super) tenant: &'a TenantId,
    pub(super) forgotten: &'a ForgottenBy,
}

impl Voice<'_> {
    /// A person's of whom nothing is known but why they permit nothing.
    pub(crate) fn nobody(reason: Reason) -> Self {
        Voice::Human(None, Box::new(Purpose::ALL.map(|_| Err(reason))))
    }

    pub(crate) fn is_human(&self) -> bool {
        !matches!(self, Voice::Reply)
    }
}

/// What the path down to a turn permits.
#[derive(Clone)]
struct Path<'p> {
    /// By purpose: `None` while no human turn came that says so, then the combined permit or the reason it ended.
    purposes: Vec<Option<Result<Permit, Reason>>>,
    has_human: bool,
    authors: Authors<'p>,
}

impl<'p> Path<'p> {
    fn start() -> Self {
        Self { purposes: vec![None; Purpose::ALL.len()], has_human: false, authors: Arc::new([]) }
    }

    /// The path with one more human turn.
    fn with_human(&self, own: &Answers, author: Option<&'p Person>) -> Self {
        let join = |(before, own): (&Option<Result<Permit, Reason>>, &Result<Permit, Reason>)| {
            Some(match (before, own) {
                (Some(Err(_)), _) | (_, Err(_)) => Err(Reason::AfterWithheld),
                (None, Ok(own)) => Ok(own.clone()),
                (Some(Ok(before)), Ok(own)) => Permit::for_reply(&[before, own]).ok_or(Reason::AfterWithheld),
            })
        };
        let authors =
            author.map_or_else(|| self.authors.clone(), |person| with_author(&self.authors, person));
        Self { purposes: self.purposes.iter().zip(own).map(join).collect(), has_human: true, authors }
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
    let voice = |(turn, facts): (&Turn, &StoredTurn)| match author_of(turn, question) {
        _ if !turn.is_human() => Voice::Reply,
        Err(reason) => Voice::nobody(reason),
        Ok(person) if question.forgotten.reaches([&person.subject.tag].into_iter(), facts.said_at) => {
            Voice::nobody(Reason::Erased)
        }
        Ok(person) => Voice::Human(Some(person), Box::new(ask(turn, facts, person, question))),
    };
    let voices: Vec<Voice<'p>> = turns.iter().zip(&stored).map(voice).collect();
    let parents: Vec<Option<usize>> = turns.iter().map(|turn| turn.parent).collect();
    follow(&parents, &stored, &voices, |index| turns[index].parts.clone())
}

/// The same where it is known what each turn's author permits. Parents by index, what is stored of the turns and
/// their voices are parallel, parents before children; `parts` gives the content of those that are kept.
pub(crate) fn follow<'p>(
    parents: &[Option<usize>],
    stored: &[StoredTurn],
    voices: &[Voice<'p>],
    parts: impl Fn(usize) -> Vec<Part>,
) -> Vec<Result<PlannedTurn<'p>, Reason>> {
    let mut paths: Vec<Path> = Vec::with_capacity(voices.len());
    let mut planned: Vec<Result<PlannedTurn<'p>, Reason>> = Vec::with_capacity(voices.len());
    let start = Path::start();
    for ((facts, voice), parent) in stored.iter().zip(voices).zip(parents) {
        let before = parent.map_or(&start, |parent| &paths[parent]);
        let keep = |permits, authors| PlannedTurn {
            captured: CapturedTurn { turn: facts.clone(), parts: Vec::new(), permits },
            authors,
            expires_by: None,
        };
        let (outcome, path) = match voice {
            Voice::Reply => {
                let outcome = before.permits().map(|permits| keep(permits, before.authors.clone()));
                (outcome.ok_or(Reason::AfterWithheld), before.clone())
            }
            Voice::Human(author, own) => {
                let alone = author.map_or_else(|| Arc::new([]) as Authors, |person| Arc::new([person]));
                let outcome = ruling(own).map(|permits| keep(permits, alone));
                (outcome, before.with_human(own, *author))
            }
            Voice::Kept(own) => (Err(Reason::NotBound), before.with_human(own, None)),
        };
        planned.push(outcome);
        paths.push(path);
    }
    keep_openings(parents, stored, (&paths, voices), &mut planned);
    for (index, turn) in planned.iter_mut().enumerate() {
        if let Ok(turn) = turn {
            turn.captured.parts = parts(index);
        }
    }
    planned
}

/// Turns before the first human one (a system prompt) go with the first kept turn under them.
fn keep_openings(
    parents: &[Option<usize>],
    stored: &[StoredTurn],
    (paths, voices): (&[Path<'_>], &[Voice<'_>]),
    planned: &mut [Result<PlannedTurn<'_>, Reason>],
) {
    // Children come after their parents, so backwards the first kept child is the last one that is seen.
    let mut first_kept: Vec<Option<usize>> = vec![None; parents.len()];
    for index in (0..parents.len()).rev() {
        let is_opening = !voices[index].is_human() && !paths[index].has_human;
        let follower = first_kept[index].and_then(|follower| planned[follower].as_ref().ok());
        if let Some(follower) = follower.filter(|_| is_opening) {
            planned[index] = Ok(PlannedTurn {
                captured: CapturedTurn {
                    turn: stored[index].clone(),
                    parts: Vec::new(),
                    permits: follower.captured.permits.clone(),
                },
                authors: follower.authors.clone(),
                expires_by: None,
            });
        }
        if let (Some(parent), Ok(_)) = (parents[index], &planned[index]) {
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
        tier: tier_of([turn.tier, defaults.tier, profile.map(|profile| profile.tier)]),
        region: known_region.or(profile.and_then(|profile| profile.region.as_ref())).cloned(),
        age: youngest([turn.age, defaults.age, profile.and_then(|profile| profile.age)]),
        complete: true,
        bindings: Vec::new(),
    }
}

fn author_of<'a>(turn: &Turn, question: &Question<'a>) -> Result<&'a Person, Reason> {
    let name = turn.author.as_ref().ok_or(Reason::UnknownSubject)?;
    match question.people.get(&(question.tenant.clone(), name.clone())) {
        Some(Author::Person(person)) => Ok(person),
        Some(Author::Erased) => Err(Reason::Erased),
        Some(Author::Nobody) | None => Err(Reason::UnknownSubject),
    }
}

fn ask(turn: &Turn, stored: &StoredTurn, person: &Person, question: &Question<'_>) -> Answers {
    let about = Circumstances {
        moment: Moment::Capture,
        said_at: stored.said_at,
        now: question.now,
        tier: stored.tier,
        region: stored.region.as_ref(),
        age: stored.age,
        lowered: if turn.opted_out { Lowered::Everything } else { Lowered::Nothing },
    };
    ask_every(person, &about, question.notices)
}
