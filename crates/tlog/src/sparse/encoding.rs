//! The bytes of a sparse proof; the layout is on the page of [`crate::sparse`].

use super::proof::{Ending, SparseProof};
use super::{DEPTH_MAX, EMPTY, Key, PROOF_BYTES_MAX, Value};
use crate::hash::Hash;

/// First byte of every proof.
const VERSION: u8 = 1;

const ENDING_EMPTY: u8 = 0;
const ENDING_OWN: u8 = 1;
const ENDING_OTHER: u8 = 2;

/// Bytes that are not the encoding of a sparse proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes stop early.
    #[error("the proof stops after {bytes} bytes, within its {within}")]
    Truncated {
        /// How many bytes there are.
        bytes: usize,
        /// The part that is cut.
        within: &'static str,
    },
    /// The bytes go on after the proof.
    #[error("{extra} bytes follow the proof")]
    TrailingBytes {
        /// How many.
        extra: usize,
    },
    /// Made by another version, or no proof at all.
    #[error("the proof has version {version}; this program reads version {VERSION}")]
    UnknownVersion {
        /// The first byte.
        version: u8,
    },
    /// The second byte is none of the three endings.
    #[error("the proof has ending {ending}, not 0, 1 or 2")]
    UnknownEnding {
        /// The second byte.
        ending: u8,
    },
    /// Deeper than a key has bits.
    #[error("the proof is {depth} deep; the most is {DEPTH_MAX}")]
    TooDeep {
        /// The depth it claims.
        depth: usize,
    },
    /// Readable, but not what an encoder writes or a tree can have.
    #[error("the proof is not canonical: {reason}")]
    NotCanonical {
        /// What is wrong, in words.
        reason: &'static str,
    },
}

impl SparseProof {
    /// The proof's bytes, at most [`PROOF_BYTES_MAX`].
    pub fn encode(&self) -> Vec<u8> {
        let depth = self.siblings.len();
        let mut bitmap = vec![0u8; depth.div_ceil(8)];
        let mut hashes = Vec::new();
        for (at, sibling) in self.siblings.iter().enumerate() {
            if *sibling != EMPTY {
                bitmap[at / 8] |= 0x80 >> (at % 8);
                hashes.extend_from_slice(&sibling.0);
            }
        }
        let ending = match self.ending {
            Ending::Empty => ENDING_EMPTY,
            Ending::Own(_) => ENDING_OWN,
            Ending::Other(..) => ENDING_OTHER,
        };
        let mut bytes = vec![VERSION, ending];
        bytes.extend_from_slice(&self.entries.to_be_bytes());
        bytes.extend_from_slice(&(depth as u16).to_be_bytes());
        bytes.extend_from_slice(&bitmap);
        bytes.extend_from_slice(&hashes);
        match &self.ending {
            Ending::Empty => {}
            Ending::Own(value) => bytes.extend_from_slice(&value.0),
            Ending::Other(key, value) => {
                bytes.extend_from_slice(&key.0);
                bytes.extend_from_slice(&value.0);
            }
        }
        bytes
    }

    /// Reads what [`SparseProof::encode`] writes and nothing else.
    ///
    /// # Errors
    /// [`DecodeError`] for junk, missing or trailing bytes, and encodings that no tree gives.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(DecodeError::TrailingBytes { extra: bytes.len() - PROOF_BYTES_MAX });
        }
        let mut reader = Reader { bytes, at: 0 };
        let [version, ending] = reader.take("header")?;
        if version != VERSION {
            return Err(DecodeError::UnknownVersion { version });
        }
        if ending > ENDING_OTHER {
            return Err(DecodeError::UnknownEnding { ending });
        }
        let entries = u64::from_be_bytes(reader.take("number of entries")?);
        let depth = usize::from(u16::from_be_bytes(reader.take("depth")?));
        let siblings = reader.siblings(depth)?;
        let ending = match ending {
            ENDING_EMPTY => Ending::Empty,
            ENDING_OWN => Ending::Own(Value(reader.take("value")?)),
            _ => Ending::Other(Key(reader.take("other key")?), Value(reader.take("other value")?)),
        };
        let extra = bytes.len() - reader.at;
        if extra > 0 {
            return Err(DecodeError::TrailingBytes { extra });
        }
        let proof = Self { entries, siblings, ending };
        proof.check_count()?;
        Ok(proof)
    }

    /// Refuses a number of entries that cannot have this shape.
    fn check_count(&self) -> Result<(), DecodeError> {
        let reason = if self.siblings.is_empty() {
            let at_top = if self.ending == Ending::Empty { 0 } else { 1 };
            (self.entries != at_top).then_some("it ends at the top, which does not fit the number of entries")
        } else {
            // Each sibling holds an entry; beside an empty ending the last one holds two.
            let shown = self.siblings.iter().filter(|sibling| **sibling != EMPTY).count() as u64;
            (self.entries < shown + 1).then_some("it has more siblings than the number of entries allows")
        };
        reason.map_or(Ok(()), |reason| Err(DecodeError::NotCanonical { reason }))
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self, within: &'static str) -> Result<[u8; N], DecodeError> {
        let truncated = DecodeError::Truncated { bytes: self.bytes.len(), within };
        let (taken, _) = self.bytes[self.at..].split_first_chunk::<N>().ok_or(truncated)?;
        self.at += N;
        Ok(*taken)
    }

    fn siblings(&mut self, depth: usize) -> Result<Vec<Hash>, DecodeError> {
        if depth > DEPTH_MAX {
            return Err(DecodeError::TooDeep { depth });
        }
        let mut bitmap = Vec::new();
        for _ in 0..depth.div_ceil(8) {
            let [byte] = self.take("bitmap")?;
            bitmap.push(byte);
        }
        let bit = |at: usize| bitmap[at / 8] << (at % 8) & 0x80 != 0;
        if (depth..bitmap.len() * 8).any(bit) {
            return Err(DecodeError::NotCanonical { reason: "its bitmap goes on below the ending" });
        }
        if depth > 0 && !bit(depth - 1) {
            return Err(DecodeError::NotCanonical { reason: "its last sibling is empty" });
        }
        let mut siblings = Vec::with_capacity(depth);
        for at in 0..depth {
            if !bit(at) {
                siblings.push(EMPTY);
                continue;
            }
            let sibling = Hash(self.take("siblings")?);
            if sibling == EMPTY {
                return Err(DecodeError::NotCanonical { reason: "it spells out an empty sibling" });
            }
            siblings.push(sibling);
        }
        Ok(siblings)
    }
}
