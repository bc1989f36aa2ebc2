//! What of one exchange may be written: decided again at the last moment, and for replies with all that was said
//! before on the path.

use std::collections::BTreeMap;

use candor_consent::{Permit, Permits, Reason};
use candor_conversation::{ConversationId, Role, Timestamp, Turn};

use super::Fresh;
use super::said::{Recent, Said};
use crate::asking::{Answers, Spoken, tier_of};
use crate::capture::{
    KnownTurn, KnownTurns, PlannedTurn, Voice, conversation_reference, follow, turn_reference,
};
use crate::live::{Live, Policy};
use crate::piece::{StoredTurn, TurnReference};
use crate::{Author, Person, VaultError};

/// What becomes of an exchange.
pub(super) struct Exchange<'p> {
    pub(super) id: ConversationId,
    pub(super) reference: [u8; 16],
    /// The turns to write.
    pub(super) kept: Vec<PlannedTurn<'p>>,
    /// The human turns among them, for what follows.
    pub(super) said: Vec<(TurnReference, Said)>,
    pub(super) duplicates: u64,
    pub(super) left_out: u64,
    pub(super) withheld: BTreeMap<Reason, u64>,
}

/// What an exchange is decided from.
pub(super) struct Asked<'a, 'p> {
    pub(super) policy: &'p Policy,
    pub(super) recent: &'a Recent,
    pub(super) live: &'a Live,
    pub(super) now: Timestamp,
}

/// The author as of now, with what they permit.
struct Speaker<'p> {
    person: &'p Person,
    reference: [u8; 16],
    spoken: Spoken,
    answers: Answers,
}

/// Where on the path the turns begin that are written: at the first fresh one, or at the very start where no person
/// spoke before.
fn first_fresh(fresh: &Fresh) -> usize {
    let before = fresh.path.iter().take(fresh.fresh_from);
    if before.clone().any(Turn::is_human) { fresh.fresh_from.min(fresh.path.len()) } else { 0 }
}

/// The index of the turn that a turn of the path answers, always smaller than its own.
fn parent(fresh: &Fresh, index: usize) -> Option<usize> {
    fresh.path.get(index).and_then(|turn| turn.parent).filter(|parent| *parent < index)
}

/// Decides about an exchange.
pub(super) fn decide<'p>(fresh: &Fresh, asked: &Asked<'_, 'p>) -> Result<Exchange<'p>, VaultError> {
    let id = ConversationId::derive(&fresh.tenant, &fresh.conversation);
    let reference = conversation_reference(asked.live.index(), &id);
    let mut exchange = Exchange {
        id,
        reference,
        kept: Vec::new(),
        said: Vec::new(),
        duplicates: 0,
        left_out: 0,
        withheld: BTreeMap::new(),
    };
    let first = first_fresh(fresh);
    let speaker = match speaker(fresh, asked) {
        Ok(speaker) => speaker,
        Err(reason) => {
            exchange.withheld.insert(reason, (fresh.path.len() - first) as u64);
            return Ok(exchange);
        }
    };
    let stored = stored(fresh, &speaker, (first, id), asked);
    let (voices, expires_by) = voices(fresh, &speaker, (first, &stored, reference), asked)?;
    let parents: Vec<Option<usize>> = (0..voices.len()).map(|index| parent(fresh, index)).collect();
    let parts = |index: usize| {
        let is_fresh = index >= first;
        fresh.path.get(index).filter(|_| is_fresh).map_or_else(Vec::new, |turn| turn.parts.clone())
    };
    let mut planned = follow(&parents, &stored, &voices, parts);
    for reply in planned.iter_mut().flatten().filter(|turn| turn.captured.turn.author.is_none()) {
        reply.expires_by = expires_by;
    }
    restrict_replies(&mut planned, &voices, first, &speaker);
    exchange.take(fresh, (first, &voices, planned), &speaker, asked);
    Ok(exchange)
}

fn speaker<'p>(fresh: &Fresh, asked: &Asked<'_, 'p>) -> Result<Speaker<'p>, Reason> {
    let subject = &fresh.author.subject;
    let reference = asked.policy.reference(&fresh.tenant, &subject.profile.name);
    let person = match asked.policy.by_reference(&reference) {
        Some(Author::Person(person)) if person.subject.id == subject.id => person,
        Some(Author::Erased) => return Err(Reason::Erased),
        _ => return Err(Reason::UnknownSubject),
    };
    // A clock that goes back while a request runs makes nothing of it a turn from the future.
    let spoken = Spoken { now: asked.now.max(fresh.spoken.now), ..fresh.spoken.clone() };
    let answers = asked.policy.ask(person, &spoken.by(&person.subject.profile)).map(|answer| {
        let permit = answer?;
        // What the person was told stands: nothing is kept for a purpose that was not among it.
        let told = fresh.ruling.purpose(permit.purpose()).map(Permit::binding);
        if told == Some(permit.binding()) { Ok(permit) } else { Err(Reason::NotBound) }
    });
    Ok(Speaker { person, reference, spoken, answers })
}

/// What is stored of each turn. The references of the model's earlier turns are left out, except where a fresh one
/// names it as its parent: hashing a long conversation with each of its turns would be most of the work.
fn stored(
    fresh: &Fresh,
    speaker: &Speaker<'_>,
    (first, id): (usize, ConversationId),
    asked: &Asked<'_, '_>,
) -> Vec<StoredTurn> {
    let spoken = &speaker.spoken;
    let own = spoken.by(&speaker.person.subject.profile);
    let mut is_needed: Vec<bool> =
        fresh.path.iter().enumerate().map(|(index, turn)| index >= first || turn.is_human()).collect();
    for answered in (first..fresh.path.len()).filter_map(|index| parent(fresh, index)) {
        is_needed[answered] = true;
    }
    let refer = |(turn, is_needed)| {
        if is_needed { turn_reference(asked.live.index(), &id, turn) } else { TurnReference(0) }
    };
    let references: Vec<TurnReference> = fresh.path.iter().zip(is_needed).map(refer).collect();
    let last_said = fresh.path.iter().rposition(|turn| turn.role != Role::Assistant);
    let one = |(index, turn): (usize, &Turn)| {
        let human = turn.is_human();
        let is_answer = !human && last_said.is_none_or(|last| index > last);
        StoredTurn {
            reference: references[index],
            parent: parent(fresh, index).map(|parent| references[parent]),
            order: index as u32,
            role: turn.role,
            author: human.then_some(speaker.person.subject.tag),
            said_at: if human { Some(spoken.at) } else { turn.at.or(Some(spoken.at)) },
            tier: if human { own.tier } else { tier_of([spoken.tier]) },
            region: if human { own.region.cloned() } else { spoken.region.clone() },
            age: if human { own.age } else { spoken.age },
            bindings: Vec::new(),
            complete: fresh.complete || !is_answer,
        }
    };
    fresh.path.iter().enumerate().map(one).collect()
}

fn voices<'p>(
    fresh: &Fresh,
    speaker: &Speaker<'p>,
    (first, stored, conversation): (usize, &[StoredTurn], [u8; 16]),
    asked: &Asked<'_, 'p>,
) -> Result<(Vec<Voice<'p>>, Option<i64>), VaultError> {
    let mut in_vault: Option<KnownTurns> = None;
    let mut expires_by = None;
    let mut voices = Vec::with_capacity(fresh.path.len());
    for (index, (turn, facts)) in fresh.path.iter().zip(stored).enumerate() {
        let name = &speaker.person.subject.profile.name;
        let voice = if !turn.is_human() {
            Voice::Reply
        } else if index >= first {
            match &turn.author {
                Some(other) if other != name => Voice::nobody(Reason::UnknownSubject),
                _ if turn.opted_out => Voice::nobody(Reason::OptedOut),
                _ => Voice::Human(Some(speaker.person), Box::new(speaker.answers.clone())),
            }
        } else if let Some(said) = asked.recent.find(facts.reference) {
            said_before(said, asked).unwrap_or_else(Voice::nobody)
        } else {
            let known = match in_vault.take() {
                Some(known) => known,
                None => asked.live.known_turns(&conversation)?,
            };
            let kept = known.turns.iter().find(|turn| turn.reference == facts.reference).copied();
            // Nobody here knows how long this one is kept; an answer to it goes no later than the first of them.
            expires_by = if kept.is_some() { known.expires_day } else { expires_by };
            in_vault = Some(known);
            kept.map_or_else(|| Voice::nobody(Reason::AfterWithheld), |kept| kept_before(kept, speaker))
        };
        voices.push(voice);
    }
    Ok((voices, expires_by))
}

/// How a turn stands of which the vault only tells what it was kept for. When it was said nobody here knows: if its
/// author ever took a yes back, it may have been since.
fn kept_before<'p>(turn: KnownTurn, speaker: &Speaker<'_>) -> Voice<'p> {
    let answers = speaker.answers.clone().map(|answer| {
        let permit = answer?;
        let purpose = permit.purpose();
        let was_taken_back = speaker.person.history(purpose).iter().any(|event| event.state.takes_back());
        if turn.is_for(purpose) && !was_taken_back { Ok(permit) } else { Err(Reason::NotBound) }
    });
    Voice::Kept(Box::new(answers))
}

/// How a turn that was captured lately stands now.
fn said_before<'p>(said: &Said, asked: &Asked<'_, 'p>) -> Result<Voice<'p>, Reason> {
    match asked.policy.by_reference(&said.author) {
        Some(Author::Person(person)) => {
            let now = asked.now.max(said.at);
            let answers = asked.policy.ask(person, &said.by(&person.subject.profile, now));
            Ok(Voice::Human(Some(person), Box::new(answers)))
        }
        Some(Author::Erased) => Err(Reason::Erased),
        _ => Err(Reason::UnknownSubject),
    }
}

/// Where no person speaks now (the results of tools are sent), the replies stand on what was said before, and on
/// what the person permits for this request.
fn restrict_replies(
    planned: &mut [Result<PlannedTurn<'_>, Reason>],
    voices: &[Voice<'_>],
    first: usize,
    speaker: &Speaker<'_>,
) {
    let (before, now) = voices.split_at(first);
    if now.iter().any(Voice::is_human) {
        return;
    }
    let last_human = before.iter().rev().find(|voice| voice.is_human());
    let is_certain = matches!(last_human, Some(Voice::Human(..)));
    for outcome in planned.iter_mut().skip(first) {
        let Ok(turn) = outcome else { continue };
        let both = |permit: &Permit| {
            let own = speaker.answers.iter().flatten().find(|own| own.purpose() == permit.purpose())?;
            Permit::for_reply(&[own, permit])
        };
        let permits = Permits::new(turn.captured.permits.all().iter().filter_map(both).collect());
        match permits.filter(|_| is_certain) {
            Some(permits) => turn.captured.permits = permits,
            None => *outcome = Err(Reason::AfterWithheld),
        }
    }
}

impl<'p> Exchange<'p> {
    /// Sorts the fresh turns into what is written and what is not.
    fn take(
        &mut self,
        fresh: &Fresh,
        (first, voices, planned): (usize, &[Voice<'_>], Vec<Result<PlannedTurn<'p>, Reason>>),
        speaker: &Speaker<'p>,
        asked: &Asked<'_, 'p>,
    ) {
        let first_human = voices.iter().position(Voice::is_human);
        let mut was_sent_before = false;
        let mut kept = Vec::new();
        for (index, outcome) in planned.into_iter().enumerate().skip(first) {
            let is_human = voices.get(index).is_some_and(Voice::is_human);
            match outcome {
                Err(reason) => *self.withheld.entry(reason).or_default() += 1,
                Ok(_) if !is_human && !fresh.reply_may_be_kept => self.left_out += 1,
                Ok(turn) => {
                    let reference = turn.captured.turn.reference;
                    if is_human && asked.recent.find(reference).is_some() {
                        self.duplicates += 1;
                        was_sent_before |= first_human == Some(index);
                        continue;
                    }
                    if is_human {
                        self.said.push((reference, said(&turn, speaker)));
                    }
                    kept.push((index, turn));
                }
            }
        }
        for (index, turn) in kept {
            // What came before a person's first turn went with it when that was sent first.
            if was_sent_before && first_human.is_some_and(|human| index < human) {
                self.duplicates += 1;
            } else {
                self.kept.push(turn);
            }
        }
    }
}

fn said(turn: &PlannedTurn<'_>, speaker: &Speaker<'_>) -> Said {
    let facts = &turn.captured.turn;
    Said {
        author: speaker.reference,
        at: speaker.spoken.at,
        tier: facts.tier,
        region: facts.region.clone(),
        age: facts.age,
        bindings: turn.captured.permits.all().iter().map(Permit::binding).collect(),
    }
}
