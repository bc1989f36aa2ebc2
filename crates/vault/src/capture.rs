//! Capture: decide about each turn, seal what may be kept, write it so that it lasts.
//!
//! Used by import now; the gateway's capture comes through the same door. A turn that no purpose permits is
//! not written anywhere (N3). Pieces are written first, then one transaction makes them and the position of
//! the work known: a crash leaves either all of a batch or none of it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use candor_consent::{NoticeBook, Reason};
use candor_conversation::{
    Age, CanonicalBytes, Conversation, ConversationId, Region, TenantId, Tier, Timestamp, TurnId,
};
use rayon::prelude::*;

use crate::compress::Compressor;
use crate::erase::ForgottenBy;
use crate::keys::{Index, KeyChain};
use crate::people::Known;
use crate::piece::{SealedPiece, TurnReference};
use crate::{Entropy, Person, Vault, VaultError, durable};

mod group;
mod job;
mod known;
mod plan;

pub use job::Job;

pub(crate) use group::{
    Conversation as GroupedConversation, FILES, SEGMENT_BYTES, SEGMENTS, Segment, SegmentRow, bucket_of,
    expiry_day, into_pieces, into_segments,
};
pub(crate) use job::forget_unfinished_jobs;
pub(crate) use known::{KnownTurn, KnownTurns};
pub(crate) use plan::{Authors, PlannedTurn, Voice, follow};

/// Sealed bytes that are held before they are written as segments.
const BUFFER_BYTES_MAX: usize = 64 << 20;
/// People whose keys and histories are held in memory at once.
const PEOPLE_MAX: usize = 200_000;

/// What holds where a source does not say.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// The tenant.
    pub tenant: TenantId,
    /// Author of turns whose author the source does not name.
    pub author: Option<String>,
    /// Tier.
    pub tier: Option<Tier>,
    /// Region.
    pub region: Option<Region>,
    /// Age.
    pub age: Option<Age>,
    /// When turns were said whose time the source does not tell.
    pub said_at: Option<Timestamp>,
}

/// What became of the turns that were examined.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CaptureCounts {
    /// All turns seen.
    pub examined: u64,
    /// Written.
    pub imported: u64,
    /// In the vault already.
    pub duplicate: u64,
    /// Not written, by reason.
    pub withheld: BTreeMap<Reason, u64>,
}

impl CaptureCounts {
    /// Turns withheld for any reason.
    pub fn withheld_total(&self) -> u64 {
        self.withheld.values().sum()
    }

    /// Adds another count.
    pub fn add(&mut self, other: &CaptureCounts) {
        self.examined += other.examined;
        self.imported += other.imported;
        self.duplicate += other.duplicate;
        for (reason, count) in &other.withheld {
            *self.withheld.entry(*reason).or_default() += count;
        }
    }
}

/// Who an author's name stands for, with what decides.
#[derive(Clone)]
pub enum Author {
    /// Enrolled.
    Person(Arc<Person>),
    /// Erased.
    Erased,
    /// Unknown.
    Nobody,
}

/// Conversations on their way into the vault.
pub struct Capture<'v> {
    vault: &'v mut Vault,
    defaults: Defaults,
    now: Timestamp,
    entropy: &'v mut Entropy,
    notices: NoticeBook,
    people: HashMap<(TenantId, String), Author>,
    pieces: Vec<SealedPiece>,
    piece_bytes: usize,
    fresh: HashMap<[u8; 16], KnownTurns>,
}

/// One conversation, with all that the parallel part needs.
struct Work {
    conversation: Conversation,
    tenant: TenantId,
    id: ConversationId,
    reference: [u8; 16],
    known: HashSet<TurnReference>,
    forgotten: ForgottenBy,
    entropy: Entropy,
}

struct Outcome {
    reference: [u8; 16],
    pieces: Vec<SealedPiece>,
    fresh: Vec<KnownTurn>,
    counts: CaptureCounts,
}

impl<'v> Capture<'v> {
    /// Starts capturing into a vault. Segments that an earlier crash left without an entry are removed first.
    pub fn begin(
        vault: &'v mut Vault,
        defaults: Defaults,
        now: Timestamp,
        entropy: &'v mut Entropy,
    ) -> Result<Self, VaultError> {
        vault.remove_orphans()?;
        let notices = vault.notices()?;
        Ok(Self {
            vault,
            defaults,
            now,
            entropy,
            notices,
            people: HashMap::new(),
            pieces: Vec::new(),
            piece_bytes: 0,
            fresh: HashMap::new(),
        })
    }

    /// Decides about conversations and holds what may be kept, sealed. What is counted here is durable after
    /// the next [`Capture::commit`].
    pub fn add(&mut self, conversations: Vec<Conversation>) -> Result<CaptureCounts, VaultError> {
        let mut counts = CaptureCounts::default();
        let mut waiting = conversations;
        // A conversation that appears twice in a batch waits for the next round, which sees the first as known.
        while !waiting.is_empty() {
            let mut seen = HashSet::new();
            let mut round = Vec::new();
            let mut later = Vec::new();
            for conversation in waiting {
                let tenant = conversation.tenant.clone().unwrap_or_else(|| self.defaults.tenant.clone());
                let id = ConversationId::derive(&tenant, &conversation.source_id);
                if seen.insert(id) {
                    round.push(self.prepare(conversation, tenant, id)?);
                } else {
                    later.push(conversation);
                }
            }
            waiting = later;
            counts.add(&self.run(round)?);
        }
        Ok(counts)
    }

    /// Whether enough is held that a commit is due.
    pub fn is_full(&self) -> bool {
        self.piece_bytes >= BUFFER_BYTES_MAX
    }

    /// Makes everything added so far durable, together with the state of the job. What fails stays held, so that
    /// another commit can follow.
    pub fn commit(&mut self, job: Option<&Job>) -> Result<(), VaultError> {
        let segments = into_segments(std::mem::take(&mut self.pieces));
        let batch = Batch { segments: &segments, replaced: &[], fresh: &self.fresh, job };
        let written = self.vault.write_batch(&batch, self.entropy);
        if let Err(error) = written {
            self.pieces = segments.into_iter().flat_map(|segment| segment.pieces).collect();
            return Err(error);
        }
        self.piece_bytes = 0;
        self.fresh.clear();
        durable::step("capture-committed");
        Ok(())
    }

    fn prepare(
        &mut self,
        mut conversation: Conversation,
        tenant: TenantId,
        id: ConversationId,
    ) -> Result<Work, VaultError> {
        for turn in conversation.turns_mut() {
            if turn.author.is_none() && turn.is_human() {
                turn.author.clone_from(&self.defaults.author);
            }
            turn.at = turn.at.or(self.defaults.said_at);
            if let Some(name) = &turn.author {
                self.look_up(&tenant, name)?;
            }
        }
        let reference = conversation_reference(self.vault.keys.index(), &id);
        let mut known: HashSet<TurnReference> =
            KnownTurns::read(&self.vault.db, &reference)?.references().collect();
        known.extend(self.fresh.get(&reference).into_iter().flat_map(KnownTurns::references));
        let forgotten = ForgottenBy::read(&self.vault.db, &reference)?;
        Ok(Work { conversation, tenant, id, reference, known, forgotten, entropy: self.entropy.fork() })
    }

    fn look_up(&mut self, tenant: &TenantId, name: &str) -> Result<(), VaultError> {
        let key = (tenant.clone(), name.to_owned());
        if self.people.contains_key(&key) {
            return Ok(());
        }
        if self.people.len() >= PEOPLE_MAX {
            self.people.clear();
        }
        let author = match self.vault.known(tenant, name)? {
            Known::Subject(subject) => Author::Person(Arc::new(self.vault.person(*subject)?)),
            Known::Erased => Author::Erased,
            Known::Nobody => Author::Nobody,
        };
        self.people.insert(key, author);
        Ok(())
    }

    fn run(&mut self, round: Vec<Work>) -> Result<CaptureCounts, VaultError> {
        let (people, notices, defaults, now) = (&self.people, &self.notices, &self.defaults, self.now);
        let keys = &self.vault.keys;
        let outcomes: Vec<Result<Outcome, VaultError>> = round
            .into_par_iter()
            .map_init(Compressor::new, |compressor, work| {
                let Ok(compressor) = compressor else {
                    return Compressor::new().map(|_| Outcome::nothing(&work)).map_err(VaultError::from);
                };
                let (tenant, forgotten) = (work.tenant.clone(), work.forgotten.clone());
                let question =
                    plan::Question { people, notices, defaults, now, tenant: &tenant, forgotten: &forgotten };
                one(work, keys, &question, compressor)
            })
            .collect();
        let mut counts = CaptureCounts::default();
        for outcome in outcomes {
            let outcome = outcome?;
            counts.add(&outcome.counts);
            self.piece_bytes += outcome.pieces.iter().map(SealedPiece::stored_bytes).sum::<usize>();
            if !outcome.fresh.is_empty() {
                self.fresh.entry(outcome.reference).or_default().add(outcome.fresh, &outcome.pieces);
            }
            self.pieces.extend(outcome.pieces);
        }
        Ok(counts)
    }
}

impl Outcome {
    fn nothing(work: &Work) -> Self {
        Self {
            reference: work.reference,
            pieces: Vec::new(),
            fresh: Vec::new(),
            counts: CaptureCounts::default(),
        }
    }
}

/// Decides about one conversation and seals what may be kept.
fn one(
    mut work: Work,
    keys: &KeyChain,
    question: &plan::Question<'_>,
    compressor: &mut Compressor,
) -> Result<Outcome, VaultError> {
    let mut outcome = Outcome::nothing(&work);
    let references: Vec<TurnReference> =
        work.conversation.turns().iter().map(|turn| turn_reference(keys.index(), &work.id, turn)).collect();
    let planned = plan::plan(&work.conversation, &references, question);
    let mut kept = Vec::new();
    for (turn, reference) in planned.into_iter().zip(&references) {
        outcome.counts.examined += 1;
        match turn {
            Err(Reason::Erased) => *outcome.counts.withheld.entry(Reason::Erased).or_default() += 1,
            _ if work.known.contains(reference) => outcome.counts.duplicate += 1,
            Ok(planned) => {
                outcome.counts.imported += 1;
                outcome.fresh.push(KnownTurn::new(*reference, &planned.captured.permits));
                kept.push(planned);
            }
            Err(reason) => *outcome.counts.withheld.entry(reason).or_default() += 1,
        }
    }
    let place = group::Conversation { id: work.id, reference: work.reference, notices: question.notices };
    outcome.pieces = group::into_pieces(kept, &place, compressor, &mut work.entropy)?;
    Ok(outcome)
}

/// Keyed, because it stays in the catalogue after an erasure: who guesses what was said cannot check it.
pub(crate) fn turn_reference(
    index: &Index,
    conversation: &ConversationId,
    turn: &candor_conversation::Turn,
) -> TurnReference {
    let mut content = CanonicalBytes::new("candor-turn-content-1");
    content.field(turn.role.as_str().as_bytes()).parts(&turn.parts);
    let id = TurnId::derive(conversation, &turn.source_id, &content.into_bytes());
    let reference = index.reference("candor-turn-reference-1", &[id.as_bytes()]);
    let (first, _) = reference.split_at(8);
    TurnReference(first.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// What becomes part of the vault together.
pub(crate) struct Batch<'a> {
    pub(crate) segments: &'a [Segment],
    /// Segments whose pieces are in the others.
    pub(crate) replaced: &'a [SegmentRow],
    /// Turns by conversation.
    pub(crate) fresh: &'a HashMap<[u8; 16], KnownTurns>,
    pub(crate) job: Option<&'a Job>,
}

impl Vault {
    /// Writes the segments, then makes them, the turns in them and the job's state known in one transaction, in which
    /// those that they replace go.
    pub(crate) fn write_batch(&mut self, batch: &Batch<'_>, entropy: &mut Entropy) -> Result<(), VaultError> {
        let mut rows = Vec::with_capacity(batch.segments.len());
        for segment in batch.segments {
            rows.push(self.put_segment(segment, entropy)?);
            durable::step("segment-put");
        }
        let key = job::state_key(&self.keys);
        let tx = self.db.begin("capture")?;
        for row in batch.replaced {
            row.delete(&tx)?;
        }
        for row in &rows {
            row.insert(&tx)?;
        }
        for (reference, turns) in batch.fresh {
            turns.write(&tx, reference)?;
        }
        if let Some(job) = batch.job {
            job.write(&tx, &key, entropy)?;
        }
        tx.commit()?;
        batch.replaced.iter().try_for_each(|row| self.remove_segment(row))
    }
}

/// How the catalogue knows a conversation.
pub(crate) fn conversation_reference(index: &Index, id: &ConversationId) -> [u8; 16] {
    index.reference("candor-conversation-1", &[id.as_bytes()])
}
