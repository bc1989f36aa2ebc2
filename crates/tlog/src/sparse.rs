//! A map from 256-bit keys to 256-bit values whose root gives proofs of presence *and of absence*.
//!
//! Keys and values are hashes made by the caller; keys must look random, since their bits are the way down the
//! tree. Bit 0 of a key is the highest bit of its first byte.
//!
//! **Hashes**, all SHA-256, each behind its own 16 ASCII bytes, so that none can be taken for another, nor for a
//! hash of [`crate::hash`]:
//!
//! | what | value |
//! | --- | --- |
//! | empty subtree | 32 zero bytes |
//! | leaf | SHA-256(`"candor-smt1-leaf" ‖ key (32) ‖ value (32)`) |
//! | node | SHA-256(`"candor-smt1-node" ‖ left (32) ‖ right (32)`) |
//! | root | SHA-256(`"candor-smt1-root" ‖ U64 entries ‖ top (32)`) |
//!
//! **Shape.** The top is the subtree of all entries at depth 0. A subtree at depth `d` without entries is empty;
//! with one entry it is that leaf, whatever the depth; otherwise it is a node over the entries whose bit `d` is 0
//! (left) and those whose bit `d` is 1 (right), both at depth `d + 1`. So the root depends on the set of entries
//! alone, and the way down along a key's bits ends in one place only: at the key's own leaf, at an empty
//! subtree, or at the leaf of a key that shares the bits so far. That is why presence and absence exclude each
//! other under any root, even one made by a cheat.
//!
//! **The root binds the number of entries**, and each proof shows it. It is the committer's word, as far as one
//! proof goes; whoever has all entries checks it with the root.
//!
//! **Proof bytes**, the only encoding of a proof:
//!
//! | bytes | content |
//! | --- | --- |
//! | 1 | version, `0x01` |
//! | 1 | ending: `0x00` empty subtree, `0x01` the key's own leaf, `0x02` the leaf of another key |
//! | 8 | `U64` number of entries in the tree |
//! | 2 | `U16` depth `d` of the ending, 0 to 256 |
//! | ⌈d / 8⌉ | bitmap: bit `i`, counted from the highest bit of the first byte, is 1 when the sibling at depth `i + 1` is not empty; bits from `d` on are 0 |
//! | 32 for each 1 | the siblings that are not empty, the one nearest the top first |
//! | 0, 32 or 64 | ending `0x00`: nothing; `0x01`: value; `0x02`: key ‖ value |
//!
//! A decoder also refuses what no tree can have: a last sibling that is empty (the subtree above it would have
//! collapsed), a sibling of 32 zero bytes, more siblings than entries allow (siblings + 1 ≤ entries when
//! `d > 0`), and at depth 0 an empty ending with entries or a leaf without exactly one.
//!
//! **To verify** for a key: start with the ending (`0x00`: zero bytes; `0x01`: leaf of the key and value; `0x02`:
//! leaf of the other key, which must differ from the key and share its first `d` bits). For `i` from `d - 1` down
//! to 0 join it with sibling `i`, on the left when bit `i` of the key is 0, else on the right. Hash the result
//! with the number of entries and compare with the root.

mod encoding;
mod proof;

use std::fmt;

use rayon::prelude::*;

use crate::hash::{HASH_BYTES, Hash, sha256};

pub use encoding::DecodeError;
pub use proof::{Outcome, SparseProof, SparseProofError};

/// Bits of a key, and so the deepest a leaf can be.
pub const DEPTH_MAX: usize = HASH_BYTES * 8;

/// The longest encoding of a proof, in bytes. A tree of a million random keys stays under 1,024.
pub const PROOF_BYTES_MAX: usize = 12 + DEPTH_MAX / 8 + DEPTH_MAX * HASH_BYTES + 2 * HASH_BYTES;

/// The empty subtree.
const EMPTY: Hash = Hash([0; HASH_BYTES]);

const LEAF_TAG: &[u8; 16] = b"candor-smt1-leaf";
const NODE_TAG: &[u8; 16] = b"candor-smt1-node";
const ROOT_TAG: &[u8; 16] = b"candor-smt1-root";

/// Below this many entries a subtree is built by one thread.
const PARALLEL_ENTRIES_MIN: usize = 2048;

/// Where an entry is in the map: 256 bits that look random.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub [u8; HASH_BYTES]);

/// What the map holds for a key: a commitment of 256 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value(pub [u8; HASH_BYTES]);

/// A map of entries that cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// Two entries have one key.
    #[error("key {key} is given twice")]
    RepeatedKey {
        /// The key.
        key: Key,
    },
}

/// The tree over a set of entries, with what its proofs need: 96 bytes an entry.
#[derive(Clone)]
pub struct SparseTree {
    /// By key.
    entries: Vec<(Key, Value)>,
    /// `forks[i]` is the node whose left part ends with entry `i` and whose right part begins with entry `i + 1`.
    /// Every node with two parts that are not empty is at exactly one such gap, so no child links are kept.
    forks: Vec<Hash>,
    top: Hash,
}

impl SparseTree {
    /// Builds the tree, on all threads of the current rayon pool; the order of the entries does not matter.
    ///
    /// # Errors
    /// [`BuildError::RepeatedKey`] when two entries have one key, even with the same value.
    pub fn build(mut entries: Vec<(Key, Value)>) -> Result<Self, BuildError> {
        entries.par_sort_unstable();
        if let Some(pair) = entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(BuildError::RepeatedKey { key: pair[0].0 });
        }
        let mut forks = vec![EMPTY; entries.len().saturating_sub(1)];
        let top = fill(&entries, &mut forks, 0);
        Ok(Self { entries, forks, top })
    }

    /// The root, which commits to every entry and to their number.
    pub fn root(&self) -> Hash {
        root_hash(self.entries.len() as u64, &self.top)
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What the map holds for a key.
    pub fn value(&self, key: &Key) -> Option<Value> {
        let at = self.entries.binary_search_by_key(key, |entry| entry.0).ok()?;
        Some(self.entries[at].1)
    }

    /// Proof that the key is in the map with its value, or that it is not.
    pub fn prove(&self, key: &Key) -> SparseProof {
        proof::along(self, key)
    }

    /// Hash of the subtree that holds exactly the entries `low..high`, seen from `depth`.
    fn subtree(&self, low: usize, high: usize, depth: usize) -> Hash {
        match &self.entries[low..high] {
            [] => EMPTY,
            [(key, value)] => leaf_hash(key, value),
            entries => {
                let shared = shared_bits(&entries[0].0, &entries[entries.len() - 1].0);
                let fork = self.forks[low + left_entries(entries, shared) - 1];
                lift(fork, &entries[0].0, shared, depth)
            }
        }
    }
}

impl fmt::Debug for SparseTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SparseTree({} entries, root {})", self.len(), self.root())
    }
}

/// Computes the subtree of `entries` at `depth` and notes its forks.
fn fill(entries: &[(Key, Value)], forks: &mut [Hash], depth: usize) -> Hash {
    let (first, last) = match entries {
        [] => return EMPTY,
        [(key, value)] => return leaf_hash(key, value),
        [(first, _), .., (last, _)] => (first, last),
    };
    let shared = shared_bits(first, last);
    let left_count = left_entries(entries, shared);
    let (left_entries, right_entries) = entries.split_at(left_count);
    let (left_forks, rest) = forks.split_at_mut(left_count - 1);
    let (fork, right_forks) = rest.split_at_mut(1);
    let (left, right) = if entries.len() < PARALLEL_ENTRIES_MIN {
        (fill(left_entries, left_forks, shared + 1), fill(right_entries, right_forks, shared + 1))
    } else {
        rayon::join(
            || fill(left_entries, left_forks, shared + 1),
            || fill(right_entries, right_forks, shared + 1),
        )
    };
    fork[0] = node_hash(&left, &right);
    lift(fork[0], first, shared, depth)
}

/// Carries a subtree at depth `from` up to depth `to`, where all siblings on the way are empty.
fn lift(subtree: Hash, key: &Key, from: usize, to: usize) -> Hash {
    (to..from).rev().fold(subtree, |below, depth| join(key, depth, &below, &EMPTY))
}

/// The node at `depth` on the way to `key`, from the subtree on that way and its sibling.
fn join(key: &Key, depth: usize, on_way: &Hash, sibling: &Hash) -> Hash {
    if key.bit(depth) { node_hash(sibling, on_way) } else { node_hash(on_way, sibling) }
}

/// How many of the sorted `entries`, which share their first `depth` bits, have bit `depth` 0.
fn left_entries(entries: &[(Key, Value)], depth: usize) -> usize {
    entries.partition_point(|entry| !entry.0.bit(depth))
}

/// How many first bits two keys have in common.
fn shared_bits(one: &Key, other: &Key) -> usize {
    let pairs = one.0.iter().zip(&other.0);
    match pairs.map(|(a, b)| a ^ b).enumerate().find(|(_, differing)| *differing != 0) {
        Some((byte, differing)) => byte * 8 + differing.leading_zeros() as usize,
        None => DEPTH_MAX,
    }
}

fn leaf_hash(key: &Key, value: &Value) -> Hash {
    let mut bytes = [0; 80];
    bytes[..16].copy_from_slice(LEAF_TAG);
    bytes[16..48].copy_from_slice(&key.0);
    bytes[48..].copy_from_slice(&value.0);
    sha256(&[&bytes])
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [0; 80];
    bytes[..16].copy_from_slice(NODE_TAG);
    bytes[16..48].copy_from_slice(&left.0);
    bytes[48..].copy_from_slice(&right.0);
    sha256(&[&bytes])
}

fn root_hash(entries: u64, top: &Hash) -> Hash {
    sha256(&[ROOT_TAG, &entries.to_be_bytes(), &top.0])
}

impl Key {
    fn bit(&self, depth: usize) -> bool {
        self.0[depth / 8] << (depth % 8) & 0x80 != 0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hash(self.0).fmt(f)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?})", Hash(self.0))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hash(self.0).fmt(f)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({:?})", Hash(self.0))
    }
}
