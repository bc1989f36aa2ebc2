//! The state map: where everybody's choices stood at one moment, committed so that each person can show their own.
//!
//! An epoch is a sparse tree ([`candor_tlog::sparse`]) with an entry for each subject and purpose about which there was
//! an act. Its root is a public entry of the log, and holds for all acts that stand before that entry.
//!
//! ```text
//! key   = SHA-256(field("candor-state-key-1") number(epoch) field(purpose) field(nonce))
//! value = SHA-256(field("candor-state-value-1") field(blind) field(state) field(event id) field(notice id))
//! field = 8-byte big-endian length, bytes;   number = 8 bytes big-endian
//! ```
//!
//! The nonce is in the person's enrolment receipt; the blind is told in proofs alone. Keys name the epoch, so that
//! nobody can follow an entry from one epoch to the next, and a neighbour that a proof shows tells nothing.
//!
//! A proof is one JSON file that stands alone: the enrolment receipt, the entry of the epoch with its log proof, the way
//! through the tree, and the opening where there is an entry. No entry under the key that the nonce gives means that
//! there was no act about the purpose at all, hence no yes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use candor_conversation::{CanonicalBytes, Kind, Timestamp};
use candor_tlog::hash::{Hash, leaf_hash};
use candor_tlog::note::VerifierKey;
use candor_tlog::proof_file::LogProof;
use candor_tlog::sparse::{Key, Outcome, SparseProof, Value as TreeValue};
use candor_tlog::tree::LeafIndex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::receipt::{Receipt, ReceiptError};
use crate::{EventId, NoticeId, Purpose, State};

const FORMAT: &str = "candor-state-proof-1";
const ENTRY_TYPE: &str = "states";

/// Where a choice stood, and what hides it in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The state.
    pub state: State,
    /// The event that brought it about.
    pub event: EventId,
    /// The notice that was shown.
    pub notice: NoticeId,
    /// Secret of this entry.
    pub blind: [u8; 32],
}

/// An epoch as the log tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochEntry {
    #[serde(rename = "type")]
    kind: String,
    /// Counts up from 1.
    pub epoch: u64,
    /// When it was committed.
    pub at: Timestamp,
    /// How many entries its tree has.
    pub entries: u64,
    /// The tree's root, in hexadecimal.
    pub root: String,
}

/// A state proof that cannot be made or does not hold.
#[derive(Debug, thiserror::Error)]
pub enum StateProofError {
    /// The receipt is for another act.
    #[error(
        "enrolment: the receipt is not an enrolment receipt\nhint: the first receipt a person gets has the nonce"
    )]
    NotEnrolment,
    /// Not JSON, or not of the shape of a proof.
    #[error("state proof: `{0}` is missing or malformed")]
    Shape(&'static str),
    /// The receipt does not hold.
    #[error("enrolment")]
    Receipt(#[from] ReceiptError),
    /// The log does not show the epoch.
    #[error("epoch: the log does not show it")]
    Log(#[source] candor_tlog::proof_file::LogProofError),
    /// The nonce was enrolled after the epoch.
    #[error(
        "enrolment: the nonce stands at {enrolled} in the log, but the epoch at {epoch}: it was enrolled too late to \
         show anything"
    )]
    EnrolledLate {
        /// Place of the enrolment.
        enrolled: LeafIndex,
        /// Place of the epoch.
        epoch: LeafIndex,
    },
    /// The way through the tree does not hold.
    #[error(
        "state tree: the proof does not lead to the committed root: it is for another epoch, person or purpose"
    )]
    Tree,
    /// The opening is not what was committed.
    #[error("opening: the state is not what the epoch committed to")]
    Opening,
}

impl StateProofError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        Kind::Invalid
    }
}

/// What a verified state proof shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateFacts {
    /// About which purpose.
    pub purpose: Purpose,
    /// Where it stood; nothing if there was no act about it.
    pub stated: Option<Stated>,
    /// The epoch.
    pub epoch: EpochEntry,
    /// Its place in the log: acts at earlier places are in it, later ones are not.
    pub position: LeafIndex,
}

/// The key under which an epoch files a person's choice.
pub fn state_key(epoch: u64, purpose: Purpose, nonce: &[u8; 32]) -> Key {
    let mut bytes = CanonicalBytes::new("candor-state-key-1");
    bytes.number(epoch).field(purpose.as_str().as_bytes()).field(nonce);
    Key(Sha256::digest(bytes.into_bytes()).into())
}

impl Stated {
    /// The committed value.
    pub fn value(&self) -> TreeValue {
        let mut bytes = CanonicalBytes::new("candor-state-value-1");
        bytes.field(&self.blind).field(self.state.as_str().as_bytes());
        bytes.field(&self.event.0).field(&self.notice.0);
        TreeValue(Sha256::digest(bytes.into_bytes()).into())
    }

    fn to_json(&self) -> Value {
        json!({
            "state": self.state,
            "event": self.event.to_string(),
            "notice": self.notice.to_string(),
            "blind": Hash(self.blind).to_string(),
        })
    }

    fn from_json(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        Some(Self {
            state: text("state")?.parse().ok()?,
            event: text("event")?.to_owned().try_into().ok()?,
            notice: text("notice")?.parse().ok()?,
            blind: text("blind")?.parse::<Hash>().ok()?.0,
        })
    }
}

impl EpochEntry {
    /// An epoch on its way into the log.
    pub fn new(epoch: u64, at: Timestamp, entries: u64, root: Hash) -> Self {
        Self { kind: ENTRY_TYPE.to_owned(), epoch, at, entries, root: root.to_string() }
    }

    /// Canonical JSON: what the log's leaf commits to.
    pub fn canonical_json(&self) -> String {
        serde_json::to_value(self).map(|value| value.to_string()).unwrap_or_default()
    }

    /// Reads a public entry of the log; `None` if it is another one.
    pub fn from_json(json: &str) -> Option<Self> {
        let entry: Self = serde_json::from_str(json).ok()?;
        (entry.kind == ENTRY_TYPE).then_some(entry)
    }
}

/// Puts a proof together; `stated` is nothing where the tree shows that there is no entry.
pub fn to_proof(
    receipt: &Receipt,
    (entry, log_proof): (&EpochEntry, &LogProof),
    purpose: Purpose,
    path: &SparseProof,
    stated: Option<&Stated>,
) -> Value {
    json!({
        "format": FORMAT,
        "purpose": purpose,
        "receipt": receipt.to_value(),
        "epoch": { "entry": entry, "log_proof": log_proof.to_string() },
        "path": STANDARD.encode(path.encode()),
        "opening": stated.map(Stated::to_json),
    })
}

/// Whether a JSON document says that it is a state proof.
pub fn is_proof(value: &Value) -> bool {
    value.get("format").and_then(Value::as_str) == Some(FORMAT)
}

/// Checks a state proof with nothing but itself and, if given, the operator's and the log's keys.
pub fn verify(
    proof: &Value,
    trusted: Option<(&VerifierKey, &VerifierKey)>,
) -> Result<StateFacts, StateProofError> {
    if !is_proof(proof) {
        return Err(StateProofError::Shape("format"));
    }
    let part = |name: &'static str| proof.get(name).ok_or(StateProofError::Shape(name));
    let text = |name: &'static str| part(name)?.as_str().ok_or(StateProofError::Shape(name));
    let purpose: Purpose = text("purpose")?.parse().map_err(|_| StateProofError::Shape("purpose"))?;
    let receipt = Receipt::from_value(part("receipt")?)?;
    let nonce = receipt.enrolment_nonce().ok_or(StateProofError::NotEnrolment)?;
    let enrolled = match trusted {
        Some((operator, log)) => receipt.verify(operator, log)?,
        None => receipt.verify_integrity()?,
    };
    let (entry, position) = shown_epoch(part("epoch")?, trusted.map(|(_, log)| log))?;
    if enrolled.position >= position {
        return Err(StateProofError::EnrolledLate { enrolled: enrolled.position, epoch: position });
    }
    let path = STANDARD.decode(text("path")?).ok().and_then(|bytes| SparseProof::decode(&bytes).ok());
    let root: Hash = entry.root.parse().map_err(|_| StateProofError::Shape("root"))?;
    let key = state_key(entry.epoch, purpose, &nonce);
    let path = path.ok_or(StateProofError::Shape("path"))?;
    let outcome = path.verify(&root, &key).map_err(|_| StateProofError::Tree)?;
    let opening = part("opening")?;
    let stated = match outcome {
        Outcome::Absent if opening.is_null() => None,
        Outcome::Absent => return Err(StateProofError::Opening),
        Outcome::Present(value) => {
            let stated = Stated::from_json(opening).ok_or(StateProofError::Shape("opening"))?;
            Some(stated).filter(|stated| stated.value() == value).ok_or(StateProofError::Opening)?.into()
        }
    };
    Ok(StateFacts { purpose, stated, epoch: entry, position })
}

fn shown_epoch(epoch: &Value, log: Option<&VerifierKey>) -> Result<(EpochEntry, LeafIndex), StateProofError> {
    let json = epoch.get("entry").ok_or(StateProofError::Shape("entry"))?.to_string();
    let entry = EpochEntry::from_json(&json).ok_or(StateProofError::Shape("entry"))?;
    let log_proof = epoch.get("log_proof").and_then(Value::as_str);
    let log_proof = log_proof.and_then(|text| LogProof::parse(text.as_bytes()).ok());
    let log_proof = log_proof.ok_or(StateProofError::Shape("log_proof"))?;
    let leaf = leaf_hash(json.as_bytes());
    match log {
        Some(key) => log_proof.verify(&leaf, key).map(|_| ()).map_err(StateProofError::Log)?,
        None => log_proof.verify_integrity_only(&leaf).map(|_| ()).map_err(StateProofError::Log)?,
    }
    Ok((entry, log_proof.index()))
}
