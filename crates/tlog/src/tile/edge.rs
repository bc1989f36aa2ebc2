//! The right edge of a tree: all that growing it needs.

use crate::hash::{Hash, empty_root, node_hash};
use crate::tile::{LEVELS_MAX, TILE_WIDTH, TileAddress, hashes_of};
use crate::tree::TreeSize;

/// A tile to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Where.
    pub address: TileAddress,
    /// Its hashes, as many as the address says.
    pub hashes: Vec<Hash>,
}

impl Tile {
    /// The bytes of its file.
    pub fn bytes(&self) -> Vec<u8> {
        self.hashes.iter().flat_map(|hash| hash.0).collect()
    }
}

/// The tiles of a tree that are not full: at most 255 hashes a level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// By level; fewer than 256 hashes each.
    levels: [Vec<Hash>; LEVELS_MAX as usize],
}

impl Edge {
    /// The edge of a tree of this size, from its tiles. What `read` returns is not checked here: the root is.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn read<E>(
        size: TreeSize,
        mut read: impl FnMut(TileAddress) -> Result<Vec<Hash>, E>,
    ) -> Result<Self, E> {
        let mut edge = Self { size: size.0, ..Self::default() };
        for tile in TileAddress::partial(size) {
            edge.levels[usize::from(tile.level)] = read(tile)?;
        }
        Ok(edge)
    }

    /// Leaves so far.
    pub fn size(&self) -> TreeSize {
        TreeSize(self.size)
    }

    /// Appends leaves; returns the tiles that are full now, none of which changes again.
    pub fn append(&mut self, leaves: impl IntoIterator<Item = Hash>) -> Vec<Tile> {
        let mut full = Vec::new();
        for leaf in leaves {
            self.push(leaf, &mut full);
            self.size += 1;
        }
        full
    }

    /// The tiles that are not full and are not in a tree of the size that was before.
    pub fn partial_since(&self, before: TreeSize) -> Vec<Tile> {
        let known: Vec<TileAddress> = TileAddress::partial(before).collect();
        let fresh = TileAddress::partial(self.size()).filter(|address| !known.contains(address));
        let hashes = |address: &TileAddress| self.levels[usize::from(address.level)].clone();
        fresh.map(|address| Tile { hashes: hashes(&address), address }).collect()
    }

    /// Root over all leaves.
    ///
    /// A tile's hashes and the ragged rest to their right, which is smaller than one of them, make a tree of the
    /// same shape as that many leaves.
    pub fn root(&self) -> Hash {
        let mut rest: Option<Hash> = None;
        for level in &self.levels {
            let mut hashes = level.clone();
            hashes.extend(rest);
            rest = ragged_root(&hashes);
        }
        rest.unwrap_or_else(empty_root)
    }

    fn push(&mut self, leaf: Hash, full: &mut Vec<Tile>) {
        let mut hash = leaf;
        for level in 0..LEVELS_MAX {
            let place = usize::from(level);
            self.levels[place].push(hash);
            if (self.levels[place].len() as u64) < TILE_WIDTH {
                return;
            }
            let hashes = std::mem::take(&mut self.levels[place]);
            let Some(root) = ragged_root(&hashes) else { return };
            let index = hashes_of(TreeSize(self.size), level + 1);
            full.push(Tile { address: TileAddress { level, index, width: TILE_WIDTH as u16 }, hashes });
            hash = root;
        }
    }
}

/// Root of a tree with these leaves; `None` for none.
fn ragged_root(hashes: &[Hash]) -> Option<Hash> {
    let mut level = hashes.to_vec();
    while level.len() > 1 {
        let pair = |pair: &[Hash]| match pair {
            [left, right] => node_hash(left, right),
            // Without a sibling a hash goes up as it is.
            alone => alone[0],
        };
        level = level.chunks(2).map(pair).collect();
    }
    level.first().copied()
}
