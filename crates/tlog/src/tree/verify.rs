//! Checking tree proofs with nothing but hashes.

use super::{LeafIndex, ProofError, TreeSize};
use crate::hash::{Hash, empty_root, node_hash};

/// Checks that `leaf` is at `index` of the tree of `size` leaves with this root.
///
/// `size` must be as trustworthy as `root`: take both from one signed checkpoint. Cost: one hash for each hash
/// of the proof, at most 64; longer proofs are refused before any work is done on their tail.
///
/// # Errors
/// [`ProofError`] says whether the shape or the hashes are wrong.
pub fn verify_inclusion(
    leaf: &Hash,
    index: LeafIndex,
    size: TreeSize,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index.0 >= size.0 {
        return Err(ProofError::IndexOutside { index, size });
    }
    let wrong_length = ProofError::WrongLength { found: proof.len() };
    // RFC 9162 section 2.1.3.2: `position` walks up from the leaf, `last` from the last leaf of the tree.
    let (mut position, mut last) = (index.0, size.0 - 1);
    let mut computed = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(wrong_length);
        }
        if position & 1 == 1 || position == last {
            computed = node_hash(sibling, &computed);
            let levels_without_sibling = position.trailing_zeros();
            position >>= levels_without_sibling;
            last >>= levels_without_sibling;
        } else {
            computed = node_hash(&computed, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong_length);
    }
    same_root(root, computed)
}

/// One end of a consistency proof: how many leaves a tree has, and its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// Number of leaves.
    pub size: TreeSize,
    /// Root over them.
    pub root: Hash,
}

/// Checks that the tree at `new` holds the leaves of the tree at `old`, in their places, and maybe more after.
///
/// # Errors
/// [`ProofError`] says whether the shape, the old root or the new root is wrong.
pub fn verify_consistency(old: TreeHead, new: TreeHead, proof: &[Hash]) -> Result<(), ProofError> {
    if old.size > new.size {
        return Err(ProofError::Shrunk { old: old.size, new: new.size });
    }
    let wrong_length = ProofError::WrongLength { found: proof.len() };
    if old.size.0 == 0 || old.size == new.size {
        if !proof.is_empty() {
            return Err(wrong_length);
        }
        if new.size.0 == 0 {
            same_root(&new.root, empty_root())?;
        }
        let expected_old = if old.size.0 == 0 { empty_root() } else { new.root };
        return same_old_root(&old.root, expected_old);
    }
    // RFC 9162 section 2.1.4.2. A full old tree is itself the first hash of the path.
    let (mut position, mut last) = (old.size.0 - 1, new.size.0 - 1);
    let levels_shared = position.trailing_ones();
    position >>= levels_shared;
    last >>= levels_shared;
    let (start, path) = if old.size.0.is_power_of_two() {
        (old.root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(wrong_length)?;
        (*first, rest)
    };
    let (mut old_root, mut new_root) = (start, start);
    for sibling in path {
        if last == 0 {
            return Err(wrong_length);
        }
        if position & 1 == 1 || position == last {
            old_root = node_hash(sibling, &old_root);
            new_root = node_hash(sibling, &new_root);
            let levels_without_sibling = position.trailing_zeros();
            position >>= levels_without_sibling;
            last >>= levels_without_sibling;
        } else {
            new_root = node_hash(&new_root, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong_length);
    }
    same_old_root(&old.root, old_root)?;
    same_root(&new.root, new_root)
}

fn same_root(expected: &Hash, computed: Hash) -> Result<(), ProofError> {
    if *expected == computed {
        Ok(())
    } else {
        Err(ProofError::RootMismatch { expected: *expected, computed })
    }
}

fn same_old_root(expected: &Hash, computed: Hash) -> Result<(), ProofError> {
    if *expected == computed {
        Ok(())
    } else {
        Err(ProofError::OldRootMismatch { expected: *expected, computed })
    }
}
