//! The append-only Merkle tree of RFC 6962, with its inclusion and consistency proofs.
//!
//! **Shape.** A tree over `n > 1` leaves is a node over two trees: the left one over the first `k` leaves, the
//! right one over the rest, where `k` is the largest power of two smaller than `n`. A tree over one leaf is that
//! leaf's hash. Hashes are those of [`crate::hash`].
//!
//! **Inclusion proof** of leaf `i` in a tree of `n`: the hashes of the subtrees that are siblings on the way from
//! the leaf to the root, the leaf's own sibling first. At most 64 hashes.
//!
//! **Consistency proof** from `m` to `n` leaves, `0 < m < n`: the hashes of RFC 6962 section 2.1.2. From 0, or
//! when `m = n`, the proof is empty; then the verifier compares roots and nothing else.
//!
//! Proofs here are lists of 32-byte hashes; [`crate::proof_file`] gives them a text form. They are checked with
//! the procedures of RFC 9162 sections 2.1.3.2 and 2.1.4.2.
//!
//! **What a proof does not bind.** An inclusion proof shows that the root commits to this leaf *at this index of
//! a tree of this size*; the size itself must come from where the root came from, a signed checkpoint. The root
//! alone does not say how many leaves it has.

mod build;
pub(crate) mod path;
mod verify;

use std::fmt;

use crate::hash::Hash;

pub use build::{MerkleTree, RootBuilder};
pub use verify::{TreeHead, verify_consistency, verify_inclusion};

/// The longest inclusion proof there can be: one hash for each bit of an index.
pub const INCLUSION_HASHES_MAX: usize = 64;

/// The longest consistency proof there can be: an inclusion path, and the old tree's last full subtree.
pub const CONSISTENCY_HASHES_MAX: usize = INCLUSION_HASHES_MAX + 1;

/// Position of a leaf, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafIndex(pub u64);

/// Number of leaves of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeSize(pub u64);

impl fmt::Display for LeafIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for TreeSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A proof that the tree cannot give, because the question is about leaves it does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// The leaf is at or past the end of the tree asked about.
    #[error("leaf {index} is outside a tree of {size} leaves")]
    IndexOutside {
        /// The leaf asked for.
        index: LeafIndex,
        /// The size asked about.
        size: TreeSize,
    },
    /// The size asked about is more than the tree holds.
    #[error("a tree of {size} leaves was asked for, but there are only {held}")]
    SizeBeyond {
        /// The size asked about.
        size: TreeSize,
        /// The leaves there are.
        held: TreeSize,
    },
    /// Consistency was asked for backwards.
    #[error("the old size {old} is more than the new size {new}\nhint: give the smaller size first")]
    OldBeyondNew {
        /// The size given as the old one.
        old: TreeSize,
        /// The size given as the new one.
        new: TreeSize,
    },
}

/// Why a tree proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf is at or past the end of the tree.
    #[error("leaf {index} is outside a tree of {size} leaves")]
    IndexOutside {
        /// The leaf in the proof.
        index: LeafIndex,
        /// The size of the tree.
        size: TreeSize,
    },
    /// The old tree is larger than the new one.
    #[error("the old tree has {old} leaves, more than the {new} of the new one")]
    Shrunk {
        /// Leaves of the old tree.
        old: TreeSize,
        /// Leaves of the new tree.
        new: TreeSize,
    },
    /// The number of hashes does not fit index and size.
    #[error("a proof of {found} hashes does not fit the tree's shape")]
    WrongLength {
        /// Hashes in the proof.
        found: usize,
    },
    /// The hashes lead to another root.
    #[error("the proof leads to root {computed}, not to {expected}")]
    RootMismatch {
        /// The root that was to be shown.
        expected: Hash,
        /// The root that the proof gives.
        computed: Hash,
    },
    /// The hashes do not lead to the old root, so the new tree is not an extension of it.
    #[error("the proof leads to old root {computed}, not to {expected}")]
    OldRootMismatch {
        /// The old root that was to be shown.
        expected: Hash,
        /// The old root that the proof gives.
        computed: Hash,
    },
}
