use std::collections::BTreeMap;
use std::convert::Infallible;

use candor_tlog::hash::{Hash, leaf_hash};
use candor_tlog::tile::{
    BundleError, ENTRY_BYTES_MAX, Edge, TileAddress, TileError, TileTree, entries_of, hashes_in, push_entry,
};
use candor_tlog::tree::{LeafIndex, MerkleTree, TreeSize};
use proptest::prelude::*;

type Stored = BTreeMap<String, Vec<u8>>;

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

/// The files of a log that grew by these sizes, one after another.
fn grown(sizes: &[u64]) -> (Edge, Stored) {
    let (mut edge, mut stored) = (Edge::default(), Stored::new());
    for size in sizes {
        let before = edge.size();
        let full = edge.append(leaves(*size).into_iter().skip(before.0 as usize));
        for tile in full.into_iter().chain(edge.partial_since(before)) {
            assert_eq!(tile.hashes.len(), usize::from(tile.address.width));
            stored.insert(tile.address.to_string(), tile.bytes());
        }
    }
    (edge, stored)
}

fn read(stored: &Stored, tile: TileAddress) -> Result<Vec<Hash>, Infallible> {
    Ok(hashes_in(&stored[&tile.to_string()]).unwrap())
}

/// Paths and sizes that the specification names.
#[test]
fn paths_and_widths_are_those_of_the_specification() {
    let tile = |level, index, width| TileAddress { level, index, width }.to_string();
    assert_eq!(tile(0, 1_234_067, 256), "tile/0/x001/x234/067");
    assert_eq!(tile(3, 0, 5), "tile/3/000.p/5");
    let bundle = TileAddress { level: 0, index: 1_234_067, width: 12 };
    assert_eq!(bundle.bundle_path(), "tile/entries/x001/x234/067.p/12");
    assert_eq!(bundle.partial_bundle_folder(), "tile/entries/x001/x234/067.p");

    let (_, stored) = grown(&[70_000]);
    let of_level = |level: u8| {
        let start = format!("tile/{level}/");
        stored.keys().filter(move |path| path.starts_with(&start)).cloned().collect::<Vec<_>>()
    };
    assert_eq!(of_level(0).len(), 274);
    assert_eq!(stored["tile/0/273.p/112"].len(), 112 * 32);
    assert_eq!(of_level(1), ["tile/1/000", "tile/1/001.p/17"]);
    assert_eq!(of_level(2), ["tile/2/000.p/1"]);
    assert_eq!(of_level(3).len(), 0);
    let (_, stored) = grown(&[256]);
    assert_eq!(stored.keys().collect::<Vec<_>>(), ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(TileAddress::partial(TreeSize(0)).count(), 0);
    let last = TileAddress::in_tree(TreeSize(u64::MAX), 7, 0).unwrap();
    assert_eq!((last.width, TileAddress::in_tree(TreeSize(u64::MAX), 8, 0)), (255, None));
}

#[test]
fn a_tile_holds_the_roots_that_its_definition_names() {
    let count = 66_000;
    let (_, stored) = grown(&[count]);
    let all = leaves(count);
    for (path, level, index, at) in
        [("tile/1/000", 1, 0, 200), ("tile/1/001.p/1", 1, 1, 0), ("tile/2/000.p/1", 2, 0, 0)]
    {
        let span = 256_usize.pow(level);
        let start = (index * 256 + at) * span;
        let root = MerkleTree::new(all[start..start + span].to_vec()).root();
        assert_eq!(hashes_in(&stored[path]).unwrap()[at], root, "{path}");
    }
}

#[test]
fn proofs_from_tiles_are_those_of_the_tree_in_memory_at_every_level() {
    let count = 66_100;
    let (edge, stored) = grown(&[300, 65_536, 65_537, count]);
    let memory = MerkleTree::new(leaves(count));
    let size = TreeSize(count);
    let tiles = TileTree::new(size, |tile| read(&stored, tile));
    assert_eq!(edge.root(), memory.root());
    for index in [0, 1, 255, 256, 299, 40_000, 65_535, 65_536, 65_600, count - 1] {
        for of in [count, 65_536, 65_537, index + 1] {
            let (index, of) = (LeafIndex(index), TreeSize(of));
            let expected = memory.inclusion_proof(index, of);
            assert_eq!(tiles.inclusion_proof(index, of).ok(), expected.ok(), "{index} of {of}");
        }
    }
    for old in [0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, count] {
        let old = TreeSize(old);
        assert_eq!(tiles.consistency_proof(old, size).unwrap(), memory.consistency_proof(old, size).unwrap());
        assert_eq!(tiles.root_at(old).unwrap(), memory.root_at(old).unwrap());
    }
    assert!(matches!(tiles.root_at(TreeSize(count + 1)), Err(TileError::Range(_))));
    let short = TileTree::new(size, |_| Ok::<_, Infallible>(vec![]));
    assert!(matches!(short.root_at(size), Err(TileError::Width { found: 0, .. })));
}

#[test]
fn a_bundle_gives_back_its_entries_and_a_cut_one_says_where() {
    let entries: [&[u8]; 4] = [b"one", b"", &[7; ENTRY_BYTES_MAX], b"{}"];
    let mut bundle = Vec::new();
    entries.iter().for_each(|entry| push_entry(&mut bundle, entry).unwrap());
    assert_eq!(&bundle[..5], b"\x00\x03one");
    assert_eq!(entries_of(&bundle).unwrap(), entries);
    assert_eq!(entries_of(&bundle[..bundle.len() - 1]), Err(BundleError { entry: 3 }));
    assert_eq!(entries_of(&bundle[..6]), Err(BundleError { entry: 1 }));
    assert!(push_entry(&mut bundle, &[0; ENTRY_BYTES_MAX + 1]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn however_a_log_grows_its_tiles_are_the_same_and_prove_the_same(
        mut sizes in prop::collection::vec(1_u64..1_500, 1..6),
        index: u64,
        old: u64,
    ) {
        sizes.sort_unstable();
        let count = *sizes.last().unwrap();
        let (edge, stored) = grown(&sizes);
        let (at_once, of_one) = grown(&[count]);
        prop_assert_eq!(&edge, &at_once);
        prop_assert!(of_one.iter().all(|(path, bytes)| stored.get(path) == Some(bytes)));
        let size = TreeSize(count);
        prop_assert_eq!(&Edge::read(size, |tile| read(&stored, tile)).unwrap(), &edge);
        let memory = MerkleTree::new(leaves(count));
        prop_assert_eq!(edge.root(), memory.root());
        let tiles = TileTree::new(size, |tile| read(&stored, tile));
        let (index, old) = (LeafIndex(index % count), TreeSize(old % (count + 1)));
        prop_assert_eq!(tiles.inclusion_proof(index, size).unwrap(), memory.inclusion_proof(index, size).unwrap());
        prop_assert_eq!(tiles.consistency_proof(old, size).unwrap(), memory.consistency_proof(old, size).unwrap());
    }
}
