//! What is remembered of one person: which pieces are theirs, and what decides about the turns in them.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use candor_consent::{Purpose, Reason};
use candor_conversation::{Part, Role, Timestamp};

use super::{
    Beginning, ConversationKey, Files, Look, OwnList, OwnOpened, OwnSummary, OwnTurn, PurposeSummary, Wanted,
};
use crate::capture::{SegmentRow, bucket_of};
use crate::piece::{StoredTurn, TurnReference};
use crate::segments::{read_segment, read_segment_with_files};
use crate::standing::{Asking, Captured};
use crate::{Decompressor, Objects, VaultError};

/// One person's.
#[derive(Default)]
pub(super) struct Shelf {
    /// The number of the list of segments that this is as of.
    pub(super) seen: Option<u64>,
    /// By path.
    segments: HashMap<String, Segment>,
    /// What turns have in common: who they are by, and what they were bound to. Each once.
    kinds: Vec<Kind>,
    /// The newest first.
    conversations: Vec<Conversation>,
    places: HashMap<ConversationKey, usize>,
}

/// The person's pieces in a segment.
struct Segment {
    row: Arc<SegmentRow>,
    pieces: Vec<Piece>,
    /// Turns in pieces that others stand behind, too.
    joint: Vec<(ConversationKey, u32)>,
}

struct Piece {
    /// Its row in the segment.
    number: u32,
    conversation: ConversationKey,
    turns: Box<[Turn]>,
    /// How its first human turn begins, and the order of that.
    begins: Option<(u32, Beginning)>,
}

/// A turn in little room: a person may have a hundred thousand.
#[derive(Clone, Copy)]
struct Turn {
    reference: TurnReference,
    parent: Option<TurnReference>,
    said_at: Option<Timestamp>,
    order: u32,
    kind: u32,
}

/// A turn of which only what many share counts; the rest is empty.
struct Kind(StoredTurn);

struct Conversation {
    key: ConversationKey,
    /// In order, each with the place of the one it answers, where that is among them.
    turns: Vec<(Turn, Option<u32>)>,
    begins: Option<Beginning>,
    last_at: Option<Timestamp>,
    joint_turns: u32,
}

impl Shelf {
    /// Reads the segments that are new, and forgets those that are gone. After an error it is as far as it came.
    pub(super) fn read_new(
        &mut self,
        rows: &[Arc<SegmentRow>],
        look: Look<'_>,
        objects: &Objects,
    ) -> Result<(), VaultError> {
        let tag = look.person.subject.tag;
        let may_hold =
            |row: &&Arc<SegmentRow>| row.joint_pieces > 0 || bucket_of(tag, row.bucket_bits) == row.bucket;
        let listed: HashSet<&str> = rows.iter().filter(may_hold).map(|row| row.path.as_str()).collect();
        let before = self.segments.len();
        self.segments.retain(|path, _| listed.contains(path.as_str()));
        let mut changed = self.segments.len() != before;
        let new: Vec<&Arc<SegmentRow>> =
            rows.iter().filter(may_hold).filter(|row| !self.segments.contains_key(&row.path)).collect();
        let mut decompressor = Decompressor::new()?;
        let read = new.into_iter().try_for_each(|row| {
            let segment = self.read(row, look, objects, &mut decompressor)?;
            changed |= !segment.is_empty();
            self.segments.insert(row.path.clone(), segment);
            Ok(())
        });
        if changed {
            self.arrange();
        }
        read
    }

    fn read(
        &mut self,
        row: &Arc<SegmentRow>,
        look: Look<'_>,
        objects: &Objects,
        decompressor: &mut Decompressor,
    ) -> Result<Segment, VaultError> {
        let subject = &look.person.subject;
        let mut segment = Segment { row: Arc::clone(row), pieces: Vec::new(), joint: Vec::new() };
        for (number, sealed) in (0..).zip(read_segment(objects, row)?) {
            let conversation = ConversationKey(sealed.conversation);
            if sealed.authors != [subject.tag] {
                if sealed.authors.contains(&subject.tag) {
                    segment.joint.push((conversation, sealed.turns));
                }
                continue;
            }
            let open = sealed.open(&[&subject.key], decompressor)?;
            let parts = open.text_for_author(subject.tag, look.permit, decompressor)?.unwrap_or_default();
            let said = open.turns.iter().zip(&parts).filter(|(turn, _)| turn.author.is_some());
            let first = said.min_by_key(|(turn, _)| turn.order);
            let begins = first.and_then(|(turn, parts)| Some((turn.order, Beginning::of(parts)?)));
            let last = open.turns.iter().filter_map(|turn| turn.said_at).max();
            let turns = open.turns.into_iter().map(|turn| self.remember(turn, last)).collect();
            segment.pieces.push(Piece { number, conversation, turns, begins });
        }
        Ok(segment)
    }

    fn remember(&mut self, turn: StoredTurn, last: Option<Timestamp>) -> Turn {
        let (reference, parent, order) = (turn.reference, turn.parent, turn.order);
        let said_at = turn.said_at.or(last);
        let kind = Kind::of(turn);
        // What was said one after the other is mostly of one kind.
        let known = self.kinds.iter().rposition(|other| other.0 == kind.0);
        let kind = known.unwrap_or_else(|| {
            self.kinds.push(kind);
            self.kinds.len() - 1
        }) as u32;
        Turn { reference, parent, said_at, order, kind }
    }

    /// Puts conversations together from the pieces.
    fn arrange(&mut self) {
        let mut by_key: HashMap<ConversationKey, Vec<&Piece>> = HashMap::new();
        let mut joint: HashMap<ConversationKey, u32> = HashMap::new();
        for segment in self.segments.values() {
            for piece in &segment.pieces {
                by_key.entry(piece.conversation).or_default().push(piece);
            }
            for (key, turns) in &segment.joint {
                *joint.entry(*key).or_default() += turns;
            }
        }
        let arranged = by_key.into_iter().map(|(key, pieces)| {
            let joint_turns = joint.get(&key).copied().unwrap_or_default();
            Conversation::of(key, &pieces, joint_turns)
        });
        self.conversations = arranged.collect();
        self.conversations.sort_by_key(|conversation| Reverse((conversation.last_at, conversation.key)));
        let places = self.conversations.iter().enumerate().map(|(at, conversation)| (conversation.key, at));
        self.places = places.collect();
    }

    pub(super) fn list(&self, look: Look<'_>, wanted: Wanted) -> OwnList {
        let is_wanted = |conversation: &&Conversation| {
            wanted.purpose.is_none_or(|purpose| self.is_allowed(conversation, purpose, look))
        };
        let mut found = self.conversations.iter().filter(is_wanted).skip(wanted.skip);
        let listed: Vec<&Conversation> = found.by_ref().take(wanted.limit).collect();
        OwnList {
            has_older: found.next().is_some(),
            conversations: listed.into_iter().map(|one| self.summary(one, look)).collect(),
            total: self.conversations.len(),
        }
    }

    /// Opens a conversation's pieces, and what they say.
    pub(super) fn open(
        &self,
        look: Look<'_>,
        key: ConversationKey,
        from: (&Objects, Files),
    ) -> Result<Option<OwnOpened>, VaultError> {
        let Some(conversation) = self.places.get(&key).and_then(|at| self.conversations.get(*at)) else {
            return Ok(None);
        };
        let mut said = self.said(look, key, from)?;
        let mut turns = Vec::with_capacity(conversation.turns.len());
        let mut standing: Vec<Vec<(Purpose, Result<Timestamp, Reason>)>> =
            vec![Vec::with_capacity(Purpose::ALL.len()); conversation.turns.len()];
        for purpose in Purpose::ALL {
            let ruled = self.standing(conversation, purpose, look);
            standing.iter_mut().zip(ruled).for_each(|(turn, ruled)| turn.push((purpose, ruled)));
        }
        for ((turn, _), standing) in conversation.turns.iter().zip(standing) {
            if let Some((turn, parts)) = said.remove(&turn.reference) {
                turns.push(OwnTurn { turn, parts, standing });
            }
        }
        Ok(Some(OwnOpened { key, turns, joint_turns: conversation.joint_turns }))
    }

    fn said(
        &self,
        look: Look<'_>,
        key: ConversationKey,
        (objects, files): (&Objects, Files),
    ) -> Result<HashMap<TurnReference, (StoredTurn, Vec<Part>)>, VaultError> {
        let mut decompressor = Decompressor::new()?;
        let subject = &look.person.subject;
        let mut said = HashMap::new();
        for segment in self.segments.values() {
            let own = segment.pieces.iter().filter(|piece| piece.conversation == key);
            let numbers: Vec<usize> = own.map(|piece| piece.number as usize).collect();
            if numbers.is_empty() {
                continue;
            }
            let sealed = match files {
                Files::Named => read_segment(objects, &segment.row)?,
                Files::Opened => read_segment_with_files(objects, &segment.row)?,
            };
            for sealed in numbers.iter().filter_map(|number| sealed.get(*number)) {
                let open = sealed.open(&[&subject.key], &mut decompressor)?;
                let parts = match files {
                    Files::Named => open.text_for_author(subject.tag, look.permit, &mut decompressor),
                    Files::Opened => {
                        open.text_with_files_for_author(subject.tag, look.permit, &mut decompressor)
                    }
                }?;
                let turns = open.turns.into_iter().zip(parts.unwrap_or_default());
                said.extend(turns.map(|(turn, parts)| (turn.reference, (turn, parts))));
            }
        }
        Ok(said)
    }

    fn is_allowed(&self, conversation: &Conversation, purpose: Purpose, look: Look<'_>) -> bool {
        let kind = |(turn, _): &(Turn, _)| self.kinds.get(turn.kind as usize);
        // What was not bound to a purpose is not asked about: there may be a hundred thousand of them.
        let mut kinds = conversation.turns.iter().filter_map(kind);
        kinds.any(|kind| kind.is_bound(purpose))
            && self.standing(conversation, purpose, look).any(|ruled| ruled.is_ok())
    }

    /// What holds for each turn now, in order. A purpose other than keeping needs the turns before it, too: what
    /// follows a withheld turn is withheld.
    fn standing<'s>(
        &'s self,
        conversation: &'s Conversation,
        purpose: Purpose,
        look: Look<'s>,
    ) -> impl Iterator<Item = Result<Timestamp, Reason>> + 's {
        let asking = Asking { notices: look.policy.notices(), now: look.now };
        let mut is_withheld = Vec::with_capacity(conversation.turns.len());
        conversation.turns.iter().map(move |(turn, parent)| {
            let before = parent.and_then(|parent| is_withheld.get(parent as usize)).copied();
            let ruled = match self.kinds.get(turn.kind as usize) {
                _ if before == Some(true) && purpose != Purpose::History => Err(Reason::AfterWithheld),
                Some(kind) => kind.ask(turn, purpose, (&asking, look.person)),
                None => Err(Reason::NotBound),
            };
            is_withheld.push(ruled.is_err());
            ruled
        })
    }

    fn summary(&self, conversation: &Conversation, look: Look<'_>) -> OwnSummary {
        let kind = |turn: &Turn| self.kinds.get(turn.kind as usize);
        let one = |purpose| {
            let mut summary = PurposeSummary { purpose, bound: 0, allowed: 0, reasons: Vec::new() };
            let ruled = self.standing(conversation, purpose, look);
            for ((turn, _), ruled) in conversation.turns.iter().zip(ruled) {
                summary.bound += u32::from(kind(turn).is_some_and(|kind| kind.is_bound(purpose)));
                match ruled {
                    Ok(_) => summary.allowed += 1,
                    // What stands behind a withheld turn says nothing beside the reason of that one.
                    Err(Reason::AfterWithheld) => {}
                    Err(reason) if !summary.reasons.contains(&reason) => summary.reasons.push(reason),
                    Err(_) => {}
                }
            }
            if summary.reasons.is_empty() && (summary.allowed as usize) < conversation.turns.len() {
                summary.reasons.push(Reason::AfterWithheld);
            }
            summary
        };
        let is_own = |(turn, _): &&(Turn, _)| kind(turn).is_some_and(|kind| kind.0.author.is_some());
        OwnSummary {
            key: conversation.key,
            begins: conversation.begins.clone(),
            first_at: conversation.turns.iter().filter_map(|(turn, _)| turn.said_at).min(),
            last_at: conversation.last_at,
            turns: conversation.turns.len() as u32,
            own_turns: conversation.turns.iter().filter(is_own).count() as u32,
            joint_turns: conversation.joint_turns,
            standing: Purpose::ALL.into_iter().map(one).collect(),
        }
    }

    /// About how much room it takes.
    pub(super) fn bytes(&self) -> usize {
        let segments: usize = self.segments.values().map(Segment::bytes).sum();
        let conversation = |one: &Conversation| {
            size_of::<Conversation>()
                + one.turns.capacity() * size_of::<(Turn, Option<u32>)>()
                + size_of::<(ConversationKey, usize)>()
        };
        segments + self.conversations.iter().map(conversation).sum::<usize>()
    }
}

impl Segment {
    fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.joint.is_empty()
    }

    fn bytes(&self) -> usize {
        let piece =
            |piece: &Piece| size_of::<Piece>() + size_of_val(&piece.turns[..]) + Beginning::CHARACTERS_MAX;
        let pieces: usize = self.pieces.iter().map(piece).sum();
        size_of::<Self>() + 2 * self.row.path.len() + pieces + size_of_val(&self.joint[..])
    }
}

impl Kind {
    fn of(turn: StoredTurn) -> Self {
        let nothing = TurnReference(0);
        Self(StoredTurn {
            reference: nothing,
            parent: None,
            order: 0,
            said_at: None,
            role: Role::User,
            ..turn
        })
    }

    fn is_bound(&self, purpose: Purpose) -> bool {
        self.0.bindings.iter().any(|binding| binding.purpose == purpose)
    }

    fn ask(
        &self,
        turn: &Turn,
        purpose: Purpose,
        (asking, person): (&Asking<'_>, &crate::Person),
    ) -> Result<Timestamp, Reason> {
        let captured = Captured {
            author: self.0.author,
            said_at: turn.said_at,
            tier: self.0.tier,
            region: self.0.region.as_ref(),
            age: self.0.age,
            bindings: &self.0.bindings,
        };
        let permit = asking.ask_about(purpose, &captured, &[person])?;
        // A reply is asked about as what is said now would be: it may not have been kept for the purpose.
        if self.is_bound(purpose) { Ok(permit.keep_until()) } else { Err(Reason::NotBound) }
    }
}

impl Conversation {
    fn of(key: ConversationKey, pieces: &[&Piece], joint_turns: u32) -> Self {
        let mut turns: Vec<Turn> = pieces.iter().flat_map(|piece| piece.turns.iter().copied()).collect();
        let begins = pieces.iter().filter_map(|piece| piece.begins.as_ref()).min_by_key(|(order, _)| *order);
        turns.sort_unstable_by_key(|turn| (turn.order, turn.said_at, turn.reference));
        turns.dedup_by_key(|turn| turn.reference);
        let places: HashMap<TurnReference, u32> =
            turns.iter().zip(0..).map(|(turn, at)| (turn.reference, at)).collect();
        let last_at = turns.iter().filter_map(|turn| turn.said_at).max();
        let with_parent = |(turn, at): (Turn, u32)| {
            let parent = turn.parent.and_then(|parent| places.get(&parent)).copied();
            (turn, parent.filter(|place| *place < at))
        };
        let turns = turns.into_iter().zip(0..).map(with_parent).collect();
        Self { key, turns, begins: begins.map(|(_, begins)| begins.clone()), last_at, joint_turns }
    }
}
