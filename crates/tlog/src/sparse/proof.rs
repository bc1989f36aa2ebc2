//! Proofs of presence and absence: made from a tree, checked against a root.

use super::{EMPTY, Key, SparseTree, Value, join, leaf_hash, left_entries, root_hash, shared_bits};
use crate::hash::Hash;

/// Evidence that a key is in a map with a value, or is not in it.
///
/// The bytes are on [the module's page](crate::sparse). The proof does not name its key; the verifier does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SparseProof {
    pub(super) entries: u64,
    /// From the top: what lies beside the way at depths 1, 2, …; `EMPTY` for an empty subtree.
    pub(super) siblings: Vec<Hash>,
    pub(super) ending: Ending,
}

/// Where the way along the key's bits ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Empty,
    Own(Value),
    Other(Key, Value),
}

/// What a proof that holds says about its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The key is in the map, with this value.
    Present(Value),
    /// The key is not in the map.
    Absent,
}

/// Why a sparse proof does not hold for a key under a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SparseProofError {
    /// The hashes lead to another root.
    #[error("the proof leads to root {computed}, not to {expected}")]
    RootMismatch {
        /// The root that was to be shown.
        expected: Hash,
        /// The root that the proof gives for this key.
        computed: Hash,
    },
    /// The leaf shown instead of the key's own cannot be where the key would be.
    #[error(
        "the proof ends at key {other}, which is not on the way to key {key}\nhint: was it made for another key?"
    )]
    NotOnTheWay {
        /// The key asked about.
        key: Key,
        /// The key at the end of the proof.
        other: Key,
    },
    /// The proof claims absence and shows the key's own leaf.
    #[error("the proof shows key {key} as that of another entry")]
    OwnLeafAsOther {
        /// The key asked about.
        key: Key,
    },
}

impl SparseProof {
    /// Checks the proof for `key` under `root`; at most 258 hashes.
    ///
    /// # Errors
    /// [`SparseProofError`] when the proof shows neither presence nor absence of this key under this root.
    pub fn verify(&self, root: &Hash, key: &Key) -> Result<Outcome, SparseProofError> {
        let (end, outcome) = match &self.ending {
            Ending::Empty => (EMPTY, Outcome::Absent),
            Ending::Own(value) => (leaf_hash(key, value), Outcome::Present(*value)),
            Ending::Other(other, _) if other == key => {
                return Err(SparseProofError::OwnLeafAsOther { key: *key });
            }
            Ending::Other(other, _) if shared_bits(key, other) < self.siblings.len() => {
                return Err(SparseProofError::NotOnTheWay { key: *key, other: *other });
            }
            Ending::Other(other, value) => (leaf_hash(other, value), Outcome::Absent),
        };
        let from_the_end = self.siblings.iter().enumerate().rev();
        let top = from_the_end.fold(end, |below, (depth, sibling)| join(key, depth, &below, sibling));
        let computed = root_hash(self.entries, &top);
        if computed == *root {
            Ok(outcome)
        } else {
            Err(SparseProofError::RootMismatch { expected: *root, computed })
        }
    }

    /// Entries of the map, as bound by the root; meaningful once [`SparseProof::verify`] held.
    pub fn entries(&self) -> u64 {
        self.entries
    }
}

/// Walks down `tree` along the bits of `key` and notes what lies beside the way.
pub(super) fn along(tree: &SparseTree, key: &Key) -> SparseProof {
    let (mut low, mut high) = (0, tree.entries.len());
    let mut siblings = Vec::new();
    let ending = loop {
        let entries = &tree.entries[low..high];
        let (first, last) = match entries {
            [] => break Ending::Empty,
            [(own, value)] if own == key => break Ending::Own(*value),
            [(other, value)] => break Ending::Other(*other, *value),
            [(first, _), .., (last, _)] => (first, last),
        };
        let fork_depth = shared_bits(first, last);
        let leaves_at = shared_bits(key, first);
        if leaves_at < fork_depth {
            // The key turns off where all these entries go on: they are its sibling, and its own side is empty.
            siblings.resize(leaves_at, EMPTY);
            siblings.push(tree.subtree(low, high, leaves_at + 1));
            break Ending::Empty;
        }
        siblings.resize(fork_depth, EMPTY);
        let middle = low + left_entries(entries, fork_depth);
        if key.bit(fork_depth) {
            siblings.push(tree.subtree(low, middle, fork_depth + 1));
            low = middle;
        } else {
            siblings.push(tree.subtree(middle, high, fork_depth + 1));
            high = middle;
        }
    };
    SparseProof { entries: tree.entries.len() as u64, siblings, ending }
}
