//! Reading a whole log, and computing again what its tiles say.

use candor_tlog::hash::{Hash, leaf_hash};
use candor_tlog::tile::{Edge, TILE_WIDTH, Tile, TileAddress};
use candor_tlog::tree::{LeafIndex, TreeSize};

use super::audit::LogFault;
use super::files::LogFiles;

/// What looks at the entries of each bundle, with the position of the first.
pub(super) type Each<'a> = dyn FnMut(u64, &[Vec<u8>]) -> Result<(), LogFault> + 'a;

/// What a walk found.
pub(super) struct Walked {
    /// Root over all entries.
    pub(super) root: Hash,
    /// Root over those before the mark.
    pub(super) root_at_mark: Hash,
}

/// Reads the entries of a log in order, and checks every tile up to `size` against them.
pub(super) fn walk(
    files: &LogFiles,
    size: TreeSize,
    mark: TreeSize,
    each: &mut Each<'_>,
) -> Result<Walked, LogFault> {
    let mut edge = Edge::default();
    let mut root_at_mark = edge.root();
    for index in 0..size.0.div_ceil(TILE_WIDTH) {
        let Some(tile) = TileAddress::in_tree(size, 0, index) else { break };
        let first = index * TILE_WIDTH;
        let entries = files.entries(tile)?;
        let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        check_entries(files, tile, &leaves)?;
        each(first, &entries)?;
        let before_mark = mark.0.saturating_sub(first).min(leaves.len() as u64) as usize;
        let mut full = edge.append(leaves[..before_mark].iter().copied());
        if before_mark > 0 && first + before_mark as u64 == mark.0 {
            root_at_mark = edge.root();
        }
        full.extend(edge.append(leaves[before_mark..].iter().copied()));
        full.iter().filter(|tile| tile.address.level > 0).try_for_each(|tile| check_tile(files, tile))?;
    }
    let partial = edge.partial_since(TreeSize(0));
    partial.iter().try_for_each(|tile| check_tile(files, tile))?;
    Ok(Walked { root: edge.root(), root_at_mark })
}

/// Checks that a bundle has the entries that its tile was made of.
fn check_entries(files: &LogFiles, tile: TileAddress, leaves: &[Hash]) -> Result<(), LogFault> {
    let hashes = files.tile(tile)?;
    let at = (0..usize::from(tile.width)).find(|at| hashes.get(*at) != leaves.get(*at));
    let Some(at) = at else { return Ok(()) };
    let position = LeafIndex(tile.index * TILE_WIDTH + at as u64);
    // One entry fewer, and from there on each is the tree's next: it was taken out. Else it was changed.
    let is_shifted = leaves.len() < usize::from(tile.width) && hashes.get(at + 1..) == Some(&leaves[at..]);
    Err(match (hashes.get(at), leaves.get(at)) {
        (None, _) => LogFault::Tile { path: tile.to_string() },
        (_, None) => LogFault::Dropped { position },
        _ if is_shifted => LogFault::Dropped { position },
        _ => LogFault::Rewritten { position },
    })
}

fn check_tile(files: &LogFiles, made: &Tile) -> Result<(), LogFault> {
    if files.tile(made.address)? == made.hashes {
        Ok(())
    } else {
        Err(LogFault::Tile { path: made.address.to_string() })
    }
}
