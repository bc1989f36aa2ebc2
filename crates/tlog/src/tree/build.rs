//! Trees as they are built: a root that streams, and a tree that keeps what its proofs need.

use std::convert::Infallible;

use rayon::prelude::*;

use super::path::{self, Subtree, Subtrees};
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
        let Ok(root) = path::root(self.size(), &mut &*self);
        root
    }

    /// Root over the first `size` leaves, as the tree was then.
    ///
    /// # Errors
    /// [`RangeError::SizeBeyond`] when there are fewer leaves.
    pub fn root_at(&self, size: TreeSize) -> Result<Hash, RangeError> {
        path::check_size(size, self.size())?;
        let Ok(root) = path::root(size, &mut &*self);
        Ok(root)
    }

    /// Hash of a leaf.
    ///
    /// # Errors
    /// [`RangeError::IndexOutside`] when there is no such leaf.
    pub fn leaf(&self, index: LeafIndex) -> Result<Hash, RangeError> {
        path::check_index(index, self.size())?;
        Ok(self.levels[0][index.0 as usize])
    }

    /// Proof that leaf `index` is in the tree over the first `size` leaves, the leaf's sibling first.
    ///
    /// # Errors
    /// [`RangeError`] when there is no such leaf, or no such size.
    pub fn inclusion_proof(&self, index: LeafIndex, size: TreeSize) -> Result<Vec<Hash>, RangeError> {
        path::check_size(size, self.size())?;
        path::check_index(index, size)?;
        let Ok(proof) = path::inclusion(index, size, &mut &*self);
        Ok(proof)
    }

    /// Proof that the tree over the first `new` leaves only appended to the tree over the first `old`.
    ///
    /// # Errors
    /// [`RangeError`] when there is no such size, or `old` is the larger.
    pub fn consistency_proof(&self, old: TreeSize, new: TreeSize) -> Result<Vec<Hash>, RangeError> {
        path::check_size(new, self.size())?;
        path::check_order(old, new)?;
        let Ok(proof) = path::consistency(old, new, &mut &*self);
        Ok(proof)
    }
}

impl Subtrees for &MerkleTree {
    type Error = Infallible;

    fn root_of(&mut self, subtree: Subtree) -> Result<Hash, Infallible> {
        Ok(self.levels[subtree.height as usize][subtree.position as usize])
    }
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
