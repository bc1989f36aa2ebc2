//! Epochs of the state map: where everybody's choices stood, committed in the log, and proofs of it.
//!
//! What is kept of an epoch are the keys and values of its tree, which tell nothing without a nonce and a blind. The
//! blinds follow from the operator's seed; the states themselves are looked up again in a person's events, or taken from
//! the receipts that they bring, so that erasing somebody leaves nothing here that is about them.

use std::collections::HashSet;

use candor_consent::receipt::Receipt;
use candor_consent::states::{EpochEntry, StateProofError, Stated, state_key, to_proof};
use candor_consent::{EventId, NoticeId, Purpose};
use candor_conversation::{Kind, SubjectId, Timestamp};
use candor_tlog::sparse::{Key, SparseTree, Value};
use candor_tlog::tree::LeafIndex;
use serde_json::Value as Json;

use crate::catalogue::{CatalogueError, Row, values};
use crate::keys::keyed_hash;
use crate::log;
use crate::people::{SUBJECT_COLUMNS, subject_row};
use crate::{Entropy, Vault, VaultError, durable, records};

/// People who are read at once.
const PAGE_PEOPLE: i64 = 2_000;
/// Bytes of an entry as it is kept: key, value.
const ENTRY_BYTES: usize = 64;

/// An epoch and where the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateEpoch {
    /// What the log tells of it.
    pub entry: EpochEntry,
    /// Where.
    pub position: LeafIndex,
}

/// Why a state cannot be proven.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Nothing was committed yet.
    #[error(
        "no state of choices was committed yet\nhint: `candor consent commit`; `candor release build` does it too"
    )]
    NoEpoch,
    /// There is no such epoch.
    #[error("there is no epoch {0} of the state map\nhint: `candor consent epochs` shows those there are")]
    UnknownEpoch(u64),
    /// The tree that is kept is not the one in the log.
    #[error("what is kept of epoch {0} does not give the root that the log has")]
    OtherRoot(u64),
    /// There is an entry, and no event or receipt that opens it.
    #[error(
        "epoch {epoch} has a choice about {purpose} under this receipt, and nothing here tells which\nhint: after an \
         erasure only the person knows: give their receipts of choices too"
    )]
    Unopened {
        /// The epoch.
        epoch: u64,
        /// The purpose.
        purpose: Purpose,
    },
    /// The receipt.
    #[error(transparent)]
    Proof(#[from] StateProofError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<CatalogueError> for StateError {
    fn from(error: CatalogueError) -> Self {
        StateError::Vault(error.into())
    }
}

impl StateError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            StateError::NoEpoch | StateError::UnknownEpoch(_) => Kind::NotFound,
            StateError::OtherRoot(_) => Kind::Corrupt,
            StateError::Unopened { .. } => Kind::Invalid,
            StateError::Proof(error) => error.kind(),
            StateError::Vault(error) => error.kind(),
        }
    }
}

impl Vault {
    /// Commits where everybody's choices stand now: a new epoch, whose root is in the log when this returns.
    pub fn commit_states(&mut self, now: Timestamp, entropy: &mut Entropy) -> Result<StateEpoch, VaultError> {
        let epoch = self.last_state_epoch()?.map_or(1, |last| last.entry.epoch + 1);
        let entries = self.state_entries(epoch)?;
        let kept = entries.iter().flat_map(|(key, value)| [key.0, value.0]).flatten().collect::<Vec<u8>>();
        let tree = SparseTree::build(entries).map_err(|_| VaultError::Stored("nonces"))?;
        let entry = EpochEntry::new(epoch, now, tree.len() as u64, tree.root());
        // A crash before the commit leaves a record of an epoch that is not there; the next one takes its place.
        self.write_record(&record_path(epoch), &kept, entropy)?;
        let json = entry.canonical_json();
        let tx = self.db.begin("begin epoch of states")?;
        records::advance_clock(&tx, now)?;
        let position = log::add(&tx, json.as_bytes())?;
        tx.execute(
            "write epoch of states",
            "INSERT INTO state_epoch (epoch, log_position, entry) VALUES ($1, $2, $3)",
            values![epoch as i64, position.0 as i64, &json],
        )?;
        tx.commit()?;
        durable::step("states-committed");
        self.log.catch_up(&self.db)?;
        Ok(StateEpoch { entry, position })
    }

    /// The same if somebody enrolled or acted since the newest epoch; else that one, which holds.
    pub fn commit_changed_states(
        &mut self,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<StateEpoch, VaultError> {
        match self.last_state_epoch()? {
            Some(last) if !self.states_changed()? => Ok(last),
            _ => self.commit_states(now, entropy),
        }
    }

    /// All epochs, oldest first.
    pub fn state_epochs(&self) -> Result<Vec<StateEpoch>, VaultError> {
        let sql = "SELECT entry, log_position FROM state_epoch ORDER BY epoch";
        self.db.all("list epochs of states", sql, values![], state_epoch)
    }

    /// The newest epoch, if there is one.
    pub fn last_state_epoch(&self) -> Result<Option<StateEpoch>, VaultError> {
        let sql = "SELECT entry, log_position FROM state_epoch ORDER BY epoch DESC LIMIT 1";
        self.db.first("read last epoch of states", sql, values![], state_epoch)
    }

    /// Whether somebody enrolled or acted since the newest epoch.
    pub fn states_changed(&self) -> Result<bool, VaultError> {
        let Some(last) = self.last_state_epoch()? else { return Ok(true) };
        let newer: i64 = self.db.one(
            "look for acts since the last epoch",
            "SELECT COUNT(*) FROM (SELECT 1 FROM log_entry WHERE position > $1 AND LENGTH(entry) = 32 LIMIT 1) newer",
            values![last.position.0 as i64],
        )?;
        Ok(newer > 0)
    }

    /// The proof to the holder of an enrolment receipt of where their choice about a purpose stood, at an epoch or the
    /// newest. `own` are other receipts of theirs, which are needed once they were erased.
    pub fn prove_state(
        &self,
        receipt: &Receipt,
        purpose: Purpose,
        epoch: Option<u64>,
        own: &[Receipt],
    ) -> Result<Json, StateError> {
        let nonce = receipt.enrolment_nonce().ok_or(StateProofError::NotEnrolment)?;
        let epochs = self.state_epochs()?;
        let found = match epoch {
            Some(number) => {
                let found = epochs.into_iter().find(|epoch| epoch.entry.epoch == number);
                found.ok_or(StateError::UnknownEpoch(number))?
            }
            None => epochs.into_iter().next_back().ok_or(StateError::NoEpoch)?,
        };
        let number = found.entry.epoch;
        let tree = self.state_tree(&found.entry)?;
        let key = state_key(number, purpose, &nonce);
        let stated = match tree.value(&key) {
            None => None,
            Some(value) => {
                let mut candidates = self.candidates(receipt, purpose, own)?.into_iter();
                let blinded =
                    |(state, event, notice)| Stated { state, event, notice, blind: self.blind(&key) };
                let opened = candidates.by_ref().map(blinded).find(|stated| stated.value() == value);
                Some(opened.ok_or(StateError::Unopened { epoch: number, purpose })?)
            }
        };
        let log_proof = self.log_proof(found.position)?;
        Ok(to_proof(receipt, (&found.entry, &log_proof), purpose, &tree.prove(&key), stated.as_ref()))
    }

    fn state_tree(&self, entry: &EpochEntry) -> Result<SparseTree, StateError> {
        let kept = self.read_record(&record_path(entry.epoch))?;
        let (pairs, rest) = kept.as_chunks::<ENTRY_BYTES>();
        let pair = |bytes: &[u8; ENTRY_BYTES]| {
            let (key, value) = bytes.split_at(ENTRY_BYTES / 2);
            Some((Key(key.try_into().ok()?), Value(value.try_into().ok()?)))
        };
        let entries: Option<Vec<(Key, Value)>> = pairs.iter().map(pair).collect();
        let tree = entries.filter(|_| rest.is_empty()).and_then(|entries| SparseTree::build(entries).ok());
        tree.filter(|tree| tree.root().to_string() == entry.root).ok_or(StateError::OtherRoot(entry.epoch))
    }

    /// All that may open a person's entry: their events as they are known here and as their receipts tell them.
    fn candidates(
        &self,
        receipt: &Receipt,
        purpose: Purpose,
        own: &[Receipt],
    ) -> Result<Vec<Candidate>, StateError> {
        let mut candidates = Vec::new();
        if let Some(subject) = receipt.record().enrolled() {
            let events = self.history(subject, purpose)?;
            candidates.extend(events.into_iter().map(|event| (event.state, event.id, event.notice)));
        }
        let told = own.iter().filter_map(|receipt| receipt.record().event());
        let told = told.filter(|facts| facts.purpose == purpose);
        candidates.extend(told.map(|facts| (facts.state, facts.event, facts.notice_id)));
        Ok(candidates)
    }

    /// The entries of an epoch: the last act of everybody about each purpose.
    fn state_entries(&self, epoch: u64) -> Result<Vec<(Key, Value)>, VaultError> {
        let people =
            format!("SELECT {SUBJECT_COLUMNS} FROM subject WHERE id > $1 ORDER BY id LIMIT {PAGE_PEOPLE}");
        let mut entries = Vec::new();
        let mut after = Vec::new();
        loop {
            let rows = self.db.all("read subjects", &people, values![&after], subject_row)?;
            if rows.is_empty() {
                return Ok(entries);
            }
            for row in rows {
                let subject = row.open(&self.keys)?;
                after = subject.id.as_bytes().to_vec();
                for (purpose, (state, event, notice)) in self.last_acts(subject.id)? {
                    let key = state_key(epoch, purpose, &subject.nonce);
                    entries.push((key, Stated { state, event, notice, blind: self.blind(&key) }.value()));
                }
            }
        }
    }

    fn last_acts(&self, subject: SubjectId) -> Result<Vec<(Purpose, Candidate)>, VaultError> {
        let sql =
            "SELECT purpose, state, id, notice FROM event WHERE subject = $1 ORDER BY purpose, sequence DESC";
        let read = |row: &Row<'_>| {
            let corrupt = |_| CatalogueError::Corrupt("a consent event");
            let purpose: Purpose =
                row.get::<String>(0)?.parse().map_err(|_| CatalogueError::Corrupt("a purpose"))?;
            let state = row.get::<String>(1)?.parse().map_err(corrupt)?;
            Ok::<_, CatalogueError>((purpose, (state, EventId(row.get(2)?), NoticeId(row.get(3)?))))
        };
        let mut acts = self.db.all("read last acts", sql, values![subject.as_bytes()], read)?;
        let mut seen = HashSet::new();
        acts.retain(|(purpose, _)| seen.insert(*purpose));
        Ok(acts)
    }

    fn blind(&self, key: &Key) -> [u8; 32] {
        keyed_hash(&self.keys.state_key(), "candor-state-blind-1", &[&key.0])
    }
}

type Candidate = (candor_consent::State, EventId, NoticeId);

fn state_epoch(row: &Row<'_>) -> Result<StateEpoch, VaultError> {
    let json: String = row.get(0)?;
    let entry = EpochEntry::from_json(&json).ok_or(CatalogueError::Corrupt("an epoch of states"))?;
    Ok(StateEpoch { entry, position: LeafIndex(row.get(1)?) })
}

fn record_path(epoch: u64) -> String {
    format!("states/{epoch:08}")
}
