//! What a log asks of a witness, and what the witness must say to it.

use std::fmt;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::decimal::parse_decimal;
use crate::hash::Hash;
use crate::note::{NOTE_BYTES_MAX, NoteError, SignedNote, VerifierKey};
use crate::tree::{ProofError, TreeHead, TreeSize, verify_consistency};

/// The most lines of a consistency proof, by the specification.
pub const CONSISTENCY_LINES_MAX: usize = 63;

/// The longest request, in bytes.
pub const REQUEST_BYTES_MAX: usize = NOTE_BYTES_MAX + CONSISTENCY_LINES_MAX * 45 + 64;

/// A checkpoint with the proof that its log only appended to an older one. `Display` gives the request's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size of the older tree.
    pub old: TreeSize,
    /// Consistency proof from there to the checkpoint.
    pub proof: Vec<Hash>,
    /// The newer checkpoint.
    pub checkpoint: SignedNote,
}

/// Why a witness does not sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a request.
    #[error("the request is malformed: {0}")]
    Malformed(String),
    /// A log that the witness was not told of.
    #[error("log `{0}` is not known here")]
    UnknownLog(String),
    /// The log's key did not sign it.
    #[error("the checkpoint does not verify with the key of its log: {0}")]
    Untrusted(CheckpointError),
    /// The older size is the larger.
    #[error("the old size {old} is more than the checkpoint's {new}")]
    OldBeyondNew {
        /// The size given as the old one.
        old: TreeSize,
        /// The checkpoint's.
        new: TreeSize,
    },
    /// The witness signed another size last: the request is late, or the log went back.
    #[error("the checkpoint that was signed last has {held} entries, not {old}")]
    OtherSize {
        /// The size given as the old one.
        old: TreeSize,
        /// What was signed last.
        held: TreeSize,
    },
    /// The same size with another root: the log has two histories.
    #[error("the log forked: at {held} entries its root was {signed}, and is {root} now")]
    Forked {
        /// The size.
        held: TreeSize,
        /// The root that was signed.
        signed: Hash,
        /// The root that is to be signed.
        root: Hash,
    },
    /// The proof does not show that the log only appended.
    #[error("the log is not shown to have only appended: {0}")]
    Inconsistent(ProofError),
}

impl Refusal {
    /// The HTTP status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Refusal::Malformed(_) | Refusal::OldBeyondNew { .. } => 400,
            Refusal::Untrusted(_) => 403,
            Refusal::UnknownLog(_) => 404,
            Refusal::OtherSize { .. } | Refusal::Forked { .. } => 409,
            Refusal::Inconsistent(_) => 422,
        }
    }

    /// The size that was signed last, which is the body of an answer with status 409.
    pub fn held(&self) -> Option<TreeSize> {
        match self {
            Refusal::OtherSize { held, .. } | Refusal::Forked { held, .. } => Some(*held),
            _ => None,
        }
    }
}

impl AddCheckpoint {
    /// Reads a request's body; checks no signature and no proof.
    ///
    /// # Errors
    /// [`Refusal::Malformed`]
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let malformed = |reason: &str| Refusal::Malformed(reason.to_owned());
        if bytes.len() > REQUEST_BYTES_MAX {
            return Err(malformed("it is too long"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(malformed("no empty line ends its proof"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(parse_decimal);
        let old = old.map(TreeSize).ok_or(malformed("its first line is not `old ` and a tree size"))?;
        // One more than the most is enough to know that there are too many.
        let proof =
            lines.take(CONSISTENCY_LINES_MAX + 1).map(Hash::from_base64).collect::<Result<Vec<_>, _>>();
        let proof = proof.map_err(|error| malformed(&error.to_string()))?;
        if proof.len() > CONSISTENCY_LINES_MAX {
            return Err(malformed("its proof has more than 63 lines"));
        }
        let not_a_note = |error: NoteError| malformed(&error.to_string());
        let request =
            Self { old, proof, checkpoint: SignedNote::parse(checkpoint.as_bytes()).map_err(not_a_note)? };
        request.claimed().map_err(|error| malformed(&error.to_string()))?;
        Ok(request)
    }

    /// The checkpoint, its signature not checked.
    ///
    /// # Errors
    /// [`CheckpointError`] when the note is none.
    pub fn claimed(&self) -> Result<Checkpoint, CheckpointError> {
        Checkpoint::from_text(self.checkpoint.unverified_text())
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", hash.to_base64()))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// Whether a witness may sign: `log` is the key it was given for the checkpoint's origin, if any, and `held` what it
/// signed last for that log. The tree head that is returned must be on disk before the signature leaves the house.
///
/// # Errors
/// [`Refusal`]
pub fn judge(
    request: &AddCheckpoint,
    log: Option<&VerifierKey>,
    held: Option<TreeHead>,
) -> Result<TreeHead, Refusal> {
    let claimed = request.claimed().map_err(|error| Refusal::Malformed(error.to_string()))?;
    let log = log.ok_or_else(|| Refusal::UnknownLog(claimed.origin().to_owned()))?;
    let new = Checkpoint::open(&request.checkpoint, log).map_err(Refusal::Untrusted)?.head();
    let old = request.old;
    if old > new.size {
        return Err(Refusal::OldBeyondNew { old, new: new.size });
    }
    let held = held.unwrap_or(TreeHead { size: TreeSize(0), root: crate::hash::empty_root() });
    if old != held.size {
        return Err(Refusal::OtherSize { old, held: held.size });
    }
    if new.size == held.size && new.root != held.root {
        return Err(Refusal::Forked { held: held.size, signed: held.root, root: new.root });
    }
    verify_consistency(held, new, &request.proof).map_err(Refusal::Inconsistent)?;
    Ok(new)
}
