//! Proofs from tiles.

use std::collections::HashMap;

use crate::hash::{Hash, node_hash};
use crate::tile::{LEVEL_BITS, TILE_WIDTH, TileAddress};
use crate::tree::path::{self, Subtree, Subtrees};
use crate::tree::{LeafIndex, RangeError, TreeSize};

/// A tree of a certain size whose tiles are somewhere else.
///
/// Each question reads the tiles that it needs, about two for each level, and forgets them. What is read is not
/// checked: the proof is, by whoever gets it.
#[derive(Clone, Copy, Debug)]
pub struct TileTree<R> {
    size: TreeSize,
    read: R,
}

/// A proof that cannot be made from tiles.
#[derive(Debug, thiserror::Error)]
pub enum TileError<E: std::error::Error + 'static> {
    /// The question is about leaves that the tree does not have.
    #[error(transparent)]
    Range(#[from] RangeError),
    /// A tile could not be had.
    #[error(transparent)]
    Read(E),
    /// A tile has another number of hashes than it must have.
    #[error("{tile} has {found} hashes")]
    Width {
        /// Which.
        tile: TileAddress,
        /// How many it has.
        found: usize,
    },
}

impl<E, R> TileTree<R>
where
    E: std::error::Error + 'static,
    R: Fn(TileAddress) -> Result<Vec<Hash>, E>,
{
    /// A tree of `size` leaves; `read` gives the hashes of one of its tiles.
    pub fn new(size: TreeSize, read: R) -> Self {
        Self { size, read }
    }

    /// Root over the first `size` leaves.
    ///
    /// # Errors
    /// [`TileError`]
    pub fn root_at(&self, size: TreeSize) -> Result<Hash, TileError<E>> {
        path::check_size(size, self.size)?;
        path::root(size, &mut self.reading())
    }

    /// Proof that leaf `index` is in the tree over the first `size` leaves, the leaf's sibling first.
    ///
    /// # Errors
    /// [`TileError`]
    pub fn inclusion_proof(&self, index: LeafIndex, size: TreeSize) -> Result<Vec<Hash>, TileError<E>> {
        path::check_size(size, self.size)?;
        path::check_index(index, size)?;
        path::inclusion(index, size, &mut self.reading())
    }

    /// Proof that the tree over the first `new` leaves only appended to the tree over the first `old`.
    ///
    /// # Errors
    /// [`TileError`]
    pub fn consistency_proof(&self, old: TreeSize, new: TreeSize) -> Result<Vec<Hash>, TileError<E>> {
        path::check_size(new, self.size)?;
        path::check_order(old, new)?;
        path::consistency(old, new, &mut self.reading())
    }

    fn reading(&self) -> Reading<'_, R> {
        Reading { tree: self, tiles: HashMap::new() }
    }
}

/// One question, with the tiles that it has read.
struct Reading<'a, R> {
    tree: &'a TileTree<R>,
    tiles: HashMap<TileAddress, Vec<Hash>>,
}

impl<E, R> Subtrees for Reading<'_, R>
where
    E: std::error::Error + 'static,
    R: Fn(TileAddress) -> Result<Vec<Hash>, E>,
{
    type Error = TileError<E>;

    fn root_of(&mut self, subtree: Subtree) -> Result<Hash, TileError<E>> {
        let (level, height) = ((subtree.height / LEVEL_BITS) as u8, subtree.height % LEVEL_BITS);
        let first = subtree.position << height;
        let size = self.tree.size;
        let held = RangeError::SizeBeyond { size: TreeSize(u64::MAX), held: size };
        let tile = TileAddress::in_tree(size, level, first / TILE_WIDTH).ok_or(held)?;
        if !self.tiles.contains_key(&tile) {
            let hashes = (self.tree.read)(tile).map_err(TileError::Read)?;
            self.tiles.insert(tile, hashes);
        }
        let hashes = &self.tiles[&tile];
        let start = (first % TILE_WIDTH) as usize;
        let found = hashes.len();
        let part = (found == usize::from(tile.width)).then(|| hashes.get(start..start + (1 << height)));
        let part = part.flatten().ok_or(TileError::Width { tile, found })?;
        Ok(full_root(part))
    }
}

/// Root over a number of hashes that is a power of two.
fn full_root(hashes: &[Hash]) -> Hash {
    match hashes {
        [hash] => *hash,
        _ => {
            let (left, right) = hashes.split_at(hashes.len() / 2);
            node_hash(&full_root(left), &full_root(right))
        }
    }
}
