//! Which subtrees a root or a proof is made of, whatever keeps them.

use super::{LeafIndex, RangeError, TreeSize};
use crate::hash::{Hash, empty_root, node_hash};

/// A full subtree: the leaves from `position * 2^height` to `(position + 1) * 2^height`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subtree {
    pub(crate) height: u32,
    pub(crate) position: u64,
}

/// Whatever keeps the roots of full subtrees.
pub(crate) trait Subtrees {
    /// Why one could not be had.
    type Error;

    /// Root of a full subtree.
    fn root_of(&mut self, subtree: Subtree) -> Result<Hash, Self::Error>;
}

/// Root over the first `size` leaves.
pub(crate) fn root<S: Subtrees>(size: TreeSize, subtrees: &mut S) -> Result<Hash, S::Error> {
    range_root(0, size.0, subtrees)
}

/// Refuses a leaf that a tree does not have.
pub(crate) fn check_index(index: LeafIndex, size: TreeSize) -> Result<(), RangeError> {
    if index.0 >= size.0 { Err(RangeError::IndexOutside { index, size }) } else { Ok(()) }
}

/// Refuses a size that is more than there is.
pub(crate) fn check_size(size: TreeSize, held: TreeSize) -> Result<(), RangeError> {
    if size > held { Err(RangeError::SizeBeyond { size, held }) } else { Ok(()) }
}

/// Refuses to prove consistency backwards.
pub(crate) fn check_order(old: TreeSize, new: TreeSize) -> Result<(), RangeError> {
    if old > new { Err(RangeError::OldBeyondNew { old, new }) } else { Ok(()) }
}

/// The inclusion proof of a leaf that is in the tree, the leaf's sibling first.
pub(crate) fn inclusion<S: Subtrees>(
    index: LeafIndex,
    size: TreeSize,
    subtrees: &mut S,
) -> Result<Vec<Hash>, S::Error> {
    let mut proof = Vec::new();
    let (mut low, mut high) = (0, size.0);
    while high - low > 1 {
        let middle = low + left_size(high - low);
        if index.0 < middle {
            proof.push(range_root(middle, high, subtrees)?);
            high = middle;
        } else {
            proof.push(range_root(low, middle, subtrees)?);
            low = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The consistency proof between two sizes, the old one not the larger.
pub(crate) fn consistency<S: Subtrees>(
    old: TreeSize,
    new: TreeSize,
    subtrees: &mut S,
) -> Result<Vec<Hash>, S::Error> {
    if old.0 == 0 || old == new {
        return Ok(Vec::new());
    }
    let mut proof = Vec::new();
    let (mut low, mut high) = (0, new.0);
    // Descends to the last full subtree of the old tree, noting the siblings on the way.
    while old.0 != high {
        let middle = low + left_size(high - low);
        if old.0 <= middle {
            proof.push(range_root(middle, high, subtrees)?);
            high = middle;
        } else {
            proof.push(range_root(low, middle, subtrees)?);
            low = middle;
        }
    }
    // When that subtree is the whole old tree, the verifier has its root already.
    if low != 0 {
        proof.push(range_root(low, high, subtrees)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Root over leaves `low..high`, where `low` is a multiple of the smallest power of two that covers the range.
fn range_root<S: Subtrees>(low: u64, high: u64, subtrees: &mut S) -> Result<Hash, S::Error> {
    let count = high - low;
    if count == 0 {
        return Ok(empty_root());
    }
    if count.is_power_of_two() {
        let height = count.trailing_zeros();
        return subtrees.root_of(Subtree { height, position: low >> height });
    }
    let middle = low + left_size(count);
    Ok(node_hash(&range_root(low, middle, subtrees)?, &range_root(middle, high, subtrees)?))
}

/// Leaves in the left part of a tree over `count > 1` leaves: the largest power of two below `count`.
fn left_size(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}
