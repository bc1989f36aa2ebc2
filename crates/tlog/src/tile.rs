//! The tree as files: tiles of 256 hashes, and bundles of 256 entries (C2SP `tlog-tiles`).
//!
//! **Tile** `n` of level `l`, both counted from 0, holds the hashes for `i` from 0 to 255:
//!
//! ```text
//! root over the leaves from (n * 256 + i) * 256^l to (n * 256 + i + 1) * 256^l
//! ```
//!
//! one after another, 32 bytes each. In a tree of `s` leaves the last tile of a level has
//! `floor(s / 256^l) mod 256` of them; a tile without any does not exist. **Bundle** `n` holds the entries of tile
//! `n` of level 0, each behind its length in two bytes, big-endian.
//!
//! **Paths**, below the folder or the address of the log:
//!
//! | what | path |
//! | --- | --- |
//! | checkpoint | `checkpoint` |
//! | tile | `tile/` level `/` index |
//! | bundle | `tile/entries/` index |
//! | either, when not full | the same, `.p/` and its width, 1 to 255 |
//!
//! An index is written in groups of three digits with `/` between them, each but the last behind an `x`:
//! 1234067 is `x001/x234/067`.
//!
//! [`Edge`] says which tiles a log that grows has to write, with nothing in memory but the last tile of each
//! level. [`TileTree`] makes proofs from tiles, reading a few for each.
//!
//! Source: c2sp.org/tlog-tiles@v0.1.0.

mod bundle;
mod edge;
mod tree;

use std::fmt;

use crate::hash::{HASH_BYTES, Hash};
use crate::tree::TreeSize;

pub use bundle::{BundleError, ENTRY_BYTES_MAX, EntryTooLong, entries_of, push_entry};
pub use edge::{Edge, Tile};
pub use tree::{TileError, TileTree};

/// Hashes of a full tile, and entries of a full bundle.
pub const TILE_WIDTH: u64 = 256;

/// Levels of the tallest tree: 256^8 leaves are more than a size can say.
pub const LEVELS_MAX: u8 = 8;

/// Bits of a leaf's index that one level takes.
const LEVEL_BITS: u32 = 8;

/// Where a tile is, and how many hashes it has. `Display` gives its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileAddress {
    /// Height of its hashes, in steps of eight.
    pub level: u8,
    /// Its place in the level.
    pub index: u64,
    /// Its hashes, 1 to 256.
    pub width: u16,
}

impl TileAddress {
    /// The tile of a level at an index as a tree of this size has it; `None` if it has none.
    pub fn in_tree(size: TreeSize, level: u8, index: u64) -> Option<Self> {
        let hashes = hashes_of(size, level);
        let width = hashes.saturating_sub(index.checked_mul(TILE_WIDTH)?).min(TILE_WIDTH);
        (width > 0).then_some(Self { level, index, width: width as u16 })
    }

    /// The tiles of a tree of this size that are not full, the lowest level first: one a level at most.
    pub fn partial(size: TreeSize) -> impl Iterator<Item = Self> {
        let last = move |level| Self::in_tree(size, level, hashes_of(size, level) / TILE_WIDTH);
        (0..LEVELS_MAX).filter_map(last)
    }

    /// Whether it has all the hashes that it will ever have.
    pub fn is_full(&self) -> bool {
        u64::from(self.width) == TILE_WIDTH
    }

    /// The same tile once it is full.
    pub fn full(self) -> Self {
        Self { width: TILE_WIDTH as u16, ..self }
    }

    /// Path of the bundle with the entries of this tile, which is of level 0.
    pub fn bundle_path(&self) -> String {
        format!("tile/entries/{}", self.path_in_level())
    }

    /// Path of the folder with the tiles that this one was before it was full.
    pub fn partial_folder(&self) -> String {
        format!("tile/{}/{}.p", self.level, grouped(self.index))
    }

    /// The same for its bundle.
    pub fn partial_bundle_folder(&self) -> String {
        format!("tile/entries/{}.p", grouped(self.index))
    }

    fn path_in_level(&self) -> String {
        let index = grouped(self.index);
        if self.is_full() { index } else { format!("{index}.p/{}", self.width) }
    }
}

impl fmt::Display for TileAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/{}", self.level, self.path_in_level())
    }
}

/// Hashes that a level has in a tree of this size, over all its tiles.
fn hashes_of(size: TreeSize, level: u8) -> u64 {
    size.0.checked_shr(u32::from(level) * LEVEL_BITS).unwrap_or(0)
}

/// An index as in a path.
fn grouped(index: u64) -> String {
    let mut path = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    path
}

/// Reads the bytes of a tile; `None` if they are not a number of whole hashes.
pub fn hashes_in(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    rest.is_empty().then(|| hashes.iter().map(|hash| Hash(*hash)).collect())
}
