//! The proof that an entry is in a log, as one file that verifies offline (C2SP `tlog-proof`; `.tlog-proof`).
//!
//! ```text
//! "c2sp.org/tlog-proof@v1" newline
//! optional:  "extra " base64 of one or more bytes, newline
//! "index " zero-based index of the entry, ASCII decimal, no leading zero, newline
//! zero or more:  base64 of a 32-byte hash, newline           (inclusion proof, the leaf's sibling first)
//! an empty line
//! the signed checkpoint, byte for byte                       (crate::checkpoint)
//! ```
//!
//! The file does not hold the entry: the verifier brings its leaf hash. The extra bytes are *not* covered by any
//! signature.
//!
//! Source: c2sp.org/tlog-proof. We also refuse what its writers never produce: an `extra` line without bytes, and
//! more hashes than an index has bits.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::decimal::parse_decimal;
use crate::hash::{Hash, InvalidHash, shown};
use crate::note::{NOTE_BYTES_MAX, NoteError, SignedNote, VerifierKey};
use crate::tree::{INCLUSION_HASHES_MAX, LeafIndex, ProofError, verify_inclusion};

/// The most extra bytes.
pub const EXTRA_BYTES_MAX: usize = 65_536;

/// The longest file, in bytes: the longest note, the most extra bytes in base64, the longest path, and the words.
pub const PROOF_FILE_BYTES_MAX: usize =
    NOTE_BYTES_MAX + EXTRA_BYTES_MAX / 3 * 4 + 4 + INCLUSION_HASHES_MAX * 45 + 128;

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Evidence that the log's entry at an index has a certain leaf hash.
///
/// `Display` gives the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    extra: Vec<u8>,
    index: LeafIndex,
    hashes: Vec<Hash>,
    checkpoint: SignedNote,
}

/// A proof file that cannot be read, or does not show that the entry is in the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogProofError {
    /// Longer than [`PROOF_FILE_BYTES_MAX`].
    #[error("the proof has {bytes} bytes; the most is {PROOF_FILE_BYTES_MAX}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not of the form on the module's page.
    #[error("the proof is malformed: {reason}")]
    Malformed {
        /// What is wrong, in words.
        reason: &'static str,
    },
    /// The first line is another.
    #[error("`{line}` is not the first line of a proof, `{HEADER}`")]
    Header {
        /// The line's start.
        line: String,
    },
    /// The index line cannot be read.
    #[error(
        "`{line}` is not an index line\nhint: `index ` and a decimal number below 2^64 without leading zeros"
    )]
    Index {
        /// The line's start.
        line: String,
    },
    /// More than [`EXTRA_BYTES_MAX`] extra bytes.
    #[error("the proof has more than {EXTRA_BYTES_MAX} extra bytes")]
    ExtraTooLong,
    /// More than [`INCLUSION_HASHES_MAX`] hashes.
    #[error("the proof has more than {INCLUSION_HASHES_MAX} hashes")]
    TooManyHashes,
    /// A line of the path cannot be read.
    #[error("read a hash of the inclusion proof")]
    Hash(#[source] InvalidHash),
    /// The checkpoint cannot be read or trusted.
    #[error("open the proof's checkpoint")]
    Checkpoint(#[source] CheckpointError),
    /// The entry is not in the checkpoint's tree at this index.
    #[error("check the inclusion proof")]
    Inclusion(#[source] ProofError),
}

impl From<NoteError> for LogProofError {
    fn from(error: NoteError) -> Self {
        Self::Checkpoint(CheckpointError::Note(error))
    }
}

impl LogProof {
    /// Joins index, inclusion proof and signed checkpoint. Whether they fit is [`LogProof::verify`]'s to say.
    ///
    /// # Errors
    /// [`LogProofError`] when there are too many hashes, or the note is not a checkpoint.
    pub fn new(index: LeafIndex, hashes: Vec<Hash>, checkpoint: SignedNote) -> Result<Self, LogProofError> {
        if hashes.len() > INCLUSION_HASHES_MAX {
            return Err(LogProofError::TooManyHashes);
        }
        let proof = Self { extra: Vec::new(), index, hashes, checkpoint };
        proof.unverified_checkpoint()?;
        Ok(proof)
    }

    /// The same with extra bytes, which nothing authenticates. No bytes: no line.
    ///
    /// # Errors
    /// [`LogProofError::ExtraTooLong`].
    pub fn with_extra(self, extra: Vec<u8>) -> Result<Self, LogProofError> {
        if extra.len() > EXTRA_BYTES_MAX {
            Err(LogProofError::ExtraTooLong)
        } else {
            Ok(Self { extra, ..self })
        }
    }

    /// Reads a proof file, its checkpoint's grammar included; checks no hash and no signature.
    ///
    /// # Errors
    /// [`LogProofError`] for anything that is not exactly of the form on the module's page.
    pub fn parse(bytes: &[u8]) -> Result<Self, LogProofError> {
        if bytes.len() > PROOF_FILE_BYTES_MAX {
            return Err(LogProofError::TooLong { bytes: bytes.len() });
        }
        let malformed = |reason| LogProofError::Malformed { reason };
        let file = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
        let (head, checkpoint) = file.split_once("\n\n").ok_or(malformed("no empty line ends its path"))?;
        let mut lines = head.split('\n').peekable();
        let header = lines.next().unwrap_or_default();
        if header != HEADER {
            return Err(LogProofError::Header { line: shown(header) });
        }
        let extra = lines.next_if(|line| line.starts_with("extra ")).map_or(Ok(Vec::new()), parse_extra)?;
        let index = parse_index(lines.next().unwrap_or_default())?;
        // One more than the most is enough to know that there are too many.
        let hashes = lines.take(INCLUSION_HASHES_MAX + 1).map(Hash::from_base64);
        let hashes = hashes.collect::<Result<_, _>>().map_err(LogProofError::Hash)?;
        Self::new(index, hashes, SignedNote::parse(checkpoint.as_bytes())?)?.with_extra(extra)
    }

    /// Checks that the entry with this leaf hash is in the log of this key, and returns the log's checkpoint.
    ///
    /// # Errors
    /// [`LogProofError`] says whether signature, log or inclusion is at fault.
    pub fn verify(&self, leaf: &Hash, log_key: &VerifierKey) -> Result<Checkpoint, LogProofError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, log_key).map_err(LogProofError::Checkpoint)?;
        self.check_inclusion(leaf, &checkpoint)?;
        Ok(checkpoint)
    }

    /// Checks only that file and entry fit together: anyone could have written the checkpoint.
    ///
    /// # Errors
    /// [`LogProofError`] when the entry is not in the tree that the checkpoint claims.
    pub fn verify_integrity_only(&self, leaf: &Hash) -> Result<Checkpoint, LogProofError> {
        let checkpoint = self.unverified_checkpoint()?;
        self.check_inclusion(leaf, &checkpoint)?;
        Ok(checkpoint)
    }

    /// The checkpoint the file claims, its signature not checked.
    ///
    /// # Errors
    /// [`LogProofError::Checkpoint`] when it is none.
    pub fn unverified_checkpoint(&self) -> Result<Checkpoint, LogProofError> {
        Checkpoint::from_text(self.checkpoint.unverified_text()).map_err(LogProofError::Checkpoint)
    }

    /// The signed checkpoint, to check the signatures of witnesses.
    pub fn signed_checkpoint(&self) -> &SignedNote {
        &self.checkpoint
    }

    /// Where the entry is in the log.
    pub fn index(&self) -> LeafIndex {
        self.index
    }

    /// The inclusion proof, the leaf's sibling first.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The extra bytes, which nothing authenticates; empty when there are none.
    pub fn extra(&self) -> &[u8] {
        &self.extra
    }

    fn check_inclusion(&self, leaf: &Hash, checkpoint: &Checkpoint) -> Result<(), LogProofError> {
        verify_inclusion(leaf, self.index, checkpoint.size(), &self.hashes, &checkpoint.root())
            .map_err(LogProofError::Inclusion)
    }
}

impl fmt::Display for LogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if !self.extra.is_empty() {
            writeln!(f, "extra {}", STANDARD.encode(&self.extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{}", hash.to_base64()))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

fn parse_extra(line: &str) -> Result<Vec<u8>, LogProofError> {
    let base64 = line.strip_prefix("extra ").unwrap_or_default();
    match STANDARD.decode(base64) {
        Ok(extra) if extra.is_empty() => {
            Err(LogProofError::Malformed { reason: "its extra line has no bytes; leave the line out" })
        }
        Ok(extra) => Ok(extra),
        Err(_) => Err(LogProofError::Malformed { reason: "its extra line is not base64" }),
    }
}

fn parse_index(line: &str) -> Result<LeafIndex, LogProofError> {
    let index = line.strip_prefix("index ").and_then(parse_decimal);
    index.map(LeafIndex).ok_or_else(|| LogProofError::Index { line: shown(line) })
}
