//! Trees as they are built: a root that streams, and a tree that keeps what its proofs need.

use rayon::prelude::*;

use super::{LeafIndex, RangeError, TreeSize};
use crate::hash::{Hash, empty_root, node_hash};

/// Below this many nodes in a level, threads cost more than they save.
const PARALLEL_NODES_MIN: usize = 4096;

/// Computes a root while leaf hashes stream by, in memory for at most 64 hashes.
#[derive(Clone, Debug, Default)]
pub struct RootBuilder {
    size: u64,
    /// Roots of the full subtrees that make up the tree, largest first: one for each set bit of `size`.
    frontier: Vec<Hash>,
}

impl RootBuilder {
    /// A tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut root = leaf;
        // Each trailing one bit of the old size is a full subtree as large as the one just made.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.frontier.pop() {
                root = node_hash(&left, &root);
            }
        }
        self.frontier.push(root);
        self.size += 1;
    }

    /// Leaves so far.
    pub fn size(&self) -> TreeSize {
        TreeSize(self.size)
    }

    /// Root over the leaves so far.
    pub fn root(&self) -> Hash {
        self.frontier
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(empty_root)
    }
}

impl Extend<Hash> for RootBuilder {
    fn extend<I: IntoIterator<Item = Hash>>(&mut self, leaves: I) {
        leaves.into_iter().for_each(|leaf| self.push(leaf));
    }
}

/// A tree that keeps all its full subtrees, about 64 bytes a leaf, and can prove any state it has been in.
#[derive(Clone, Debug)]
pub struct MerkleTree {
    /// `levels[h][i]` is the root over the leaves from `i * 2^h` to `(i + 1) * 2^h`; only full subtrees are kept.
    levels: Vec<Vec<Hash>>,
}

impl MerkleTree {
    /// Builds the tree over leaf hashes, in their order.
    pub fn new(leaves: Vec<Hash>) -> Self {
        let mut levels = vec![leaves];
        while let Some(above) = levels.last().and_then(|below| level_above(below)) {
            levels.push(above);
        }
        Self { levels }
    }

    /// Appends a leaf and returns its index.
    pub fn append(&mut self, leaf: Hash) -> LeafIndex {
        let index = self.size().0;
        let mut root = leaf;
        for height in 0.. {
            if height == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let level = &mut self.levels[height];
            level.push(root);
            let position = level.len() - 1;
            if position.is_multiple_of(2) {
                break;
            }
            root = node_hash(&level[position - 1], &level[position]);
        }
        LeafIndex(index)
    }

    /// Number of leaves.
    pub fn size(&self) -> TreeSize {
        TreeSize(self.levels.first().map_or(0, Vec::len) as u64)
    }

    /// Root over all leaves.
    pub fn root(&self) -> Hash {
        self.range_root(0, self.size().0)
    }

    /// Root over the first `size` leaves, as the tree was then.
    ///
    /// # Errors
    /// [`RangeError::SizeBeyond`] when there are fewer leaves.
    pub fn root_at(&self, size: TreeSize) -> Result<Hash, RangeError> {
        self.hold(size)?;
        Ok(self.range_root(0, size.0))
    }

    /// Hash of a leaf.
    ///
    /// # Errors
    /// [`RangeError::IndexOutside`] when there is no such leaf.
    pub fn leaf(&self, index: LeafIndex) -> Result<Hash, RangeError> {
        let size = self.size();
        let outside = RangeError::IndexOutside { index, size };
        if index.0 >= size.0 { Err(outside) } else { Ok(self.levels[0][index.0 as usize]) }
    }

    /// Proof that leaf `index` is in the tree over the first `size` leaves, the leaf's sibling first.
    ///
    /// # Errors
    /// [`RangeError`] when there is no such leaf, or no such size.
    pub fn inclusion_proof(&self, index: LeafIndex, size: TreeSize) -> Result<Vec<Hash>, RangeError> {
        self.hold(size)?;
        if index.0 >= size.0 {
            return Err(RangeError::IndexOutside { index, size });
        }
        let mut proof = Vec::new();
        let (mut low, mut high) = (0, size.0);
        while high - low > 1 {
            let middle = low + left_size(high - low);
            if index.0 < middle {
                proof.push(self.range_root(middle, high));
                high = middle;
            } else {
                proof.push(self.range_root(low, middle));
                low = middle;
            }
        }
        proof.reverse();
        Ok(proof)
    }

    /// Proof that the tree over the first `new` leaves only appended to the tree over the first `old`.
    ///
    /// # Errors
    /// [`RangeError`] when there is no such size, or `old` is the larger.
    pub fn consistency_proof(&self, old: TreeSize, new: TreeSize) -> Result<Vec<Hash>, RangeError> {
        self.hold(new)?;
        if old > new {
            return Err(RangeError::OldBeyondNew { old, new });
        }
        if old.0 == 0 || old == new {
            return Ok(Vec::new());
        }
        let mut proof = Vec::new();
        let (mut low, mut high) = (0, new.0);
        // Descends to the last full subtree of the old tree, noting the siblings on the way.
        while old.0 != high {
            let middle = low + left_size(high - low);
            if old.0 <= middle {
                proof.push(self.range_root(middle, high));
                high = middle;
            } else {
                proof.push(self.range_root(low, middle));
                low = middle;
            }
        }
        // When that subtree is the whole old tree, the verifier has its root already.
        if low != 0 {
            proof.push(self.range_root(low, high));
        }
        proof.reverse();
        Ok(proof)
    }

    fn hold(&self, size: TreeSize) -> Result<(), RangeError> {
        let held = self.size();
        if size > held { Err(RangeError::SizeBeyond { size, held }) } else { Ok(()) }
    }

    /// Root over leaves `low..high`, where `low` is a multiple of the smallest power of two that covers the range.
    fn range_root(&self, low: u64, high: u64) -> Hash {
        let count = high - low;
        if count == 0 {
            return empty_root();
        }
        if count.is_power_of_two() {
            let height = count.trailing_zeros();
            return self.levels[height as usize][(low >> height) as usize];
        }
        let middle = low + left_size(count);
        node_hash(&self.range_root(low, middle), &self.range_root(middle, high))
    }
}

/// Leaves in the left part of a tree over `count > 1` leaves: the largest power of two below `count`.
fn left_size(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// The full subtrees one level up, or `None` when there is none.
fn level_above(below: &[Hash]) -> Option<Vec<Hash>> {
    if below.len() < 2 {
        return None;
    }
    let pair = |pair: &[Hash]| node_hash(&pair[0], &pair[1]);
    Some(if below.len() < PARALLEL_NODES_MIN {
        below.chunks_exact(2).map(pair).collect()
    } else {
        below.par_chunks_exact(2).map(pair).collect()
    })
}
