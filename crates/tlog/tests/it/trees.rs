use candor_tlog::hash::{Hash, empty_root, leaf_hash};
use candor_tlog::tree::{
    INCLUSION_HASHES_MAX, LeafIndex, MerkleTree, ProofError, RangeError, RootBuilder, TreeHead, TreeSize,
    verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

use super::reference;

const LEAVES: usize = 70;

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|at| leaf_hash(&(at as u64).to_be_bytes())).collect()
}

fn raw(hashes: &[Hash]) -> Vec<[u8; 32]> {
    hashes.iter().map(|hash| hash.0).collect()
}

fn flipped(hash: &Hash, bit: usize) -> Hash {
    let mut bytes = hash.0;
    bytes[bit / 8 % 32] ^= 1 << (bit % 8);
    Hash(bytes)
}

/// Calls `check` with every list that differs from `proof` by one bit of one hash, or by one hash more or less.
fn for_each_damage(proof: &[Hash], mut check: impl FnMut(&[Hash])) {
    for at in 0..proof.len() {
        for bit in [0, 7, 100, 255] {
            let mut changed = proof.to_vec();
            changed[at] = flipped(&proof[at], bit);
            check(&changed);
        }
        let mut shorter = proof.to_vec();
        shorter.remove(at);
        check(&shorter);
    }
    check(&[proof, &[Hash([7; 32])]].concat());
    check(&[&[Hash([7; 32])], proof].concat());
}

#[test]
fn roots_of_the_eight_certificate_transparency_test_leaves_are_the_published_ones() {
    // The leaves and roots every implementation of RFC 6962 is tried with.
    let entries: [&[u8]; 8] = [
        b"",
        &[0x00],
        &[0x10],
        &[0x20, 0x21],
        &[0x30, 0x31],
        &[0x40, 0x41, 0x42, 0x43],
        &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
    ];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut builder = RootBuilder::new();
    assert_eq!(builder.root().to_string(), roots[0]);
    for (entry, root) in entries.iter().zip(&roots[1..]) {
        builder.push(leaf_hash(entry));
        assert_eq!(builder.root().to_string(), *root);
    }
}

#[test]
fn streamed_built_and_appended_roots_are_the_recursive_definition() {
    let leaves = leaves(LEAVES);
    let whole = MerkleTree::new(leaves.clone());
    let (mut builder, mut appended) = (RootBuilder::new(), MerkleTree::new(Vec::new()));
    for size in 0..=LEAVES {
        let expected = Hash(reference::tree_root(&raw(&leaves[..size])));
        assert_eq!(builder.root(), expected, "streamed, {size} leaves");
        assert_eq!(appended.root(), expected, "appended, {size} leaves");
        assert_eq!(MerkleTree::new(leaves[..size].to_vec()).root(), expected, "built, {size} leaves");
        assert_eq!(whole.root_at(TreeSize(size as u64)), Ok(expected), "past, {size} leaves");
        if size < LEAVES {
            builder.push(leaves[size]);
            assert_eq!(appended.append(leaves[size]), LeafIndex(size as u64));
        }
    }
    assert_eq!(builder.size(), appended.size());
}

#[test]
fn a_tree_large_enough_for_threads_has_the_streamed_root() {
    let leaves = leaves(20_001);
    let mut builder = RootBuilder::new();
    builder.extend(leaves.iter().copied());
    assert_eq!(MerkleTree::new(leaves).root(), builder.root());
}

#[test]
fn inclusion_proofs_are_the_recursive_path_and_damaged_ones_are_refused() {
    let leaves = leaves(LEAVES);
    let tree = MerkleTree::new(leaves.clone());
    for size in 1..=LEAVES {
        let root = tree.root_at(TreeSize(size as u64)).unwrap();
        for index in 0..size {
            let (at, of) = (LeafIndex(index as u64), TreeSize(size as u64));
            let proof = tree.inclusion_proof(at, of).unwrap();
            assert_eq!(raw(&proof), reference::path(index, &raw(&leaves[..size])), "leaf {index} of {size}");
            assert_eq!(verify_inclusion(&leaves[index], at, of, &proof, &root), Ok(()));

            for other in (0..size + 2).filter(|other| *other != index) {
                let other = LeafIndex(other as u64);
                verify_inclusion(&leaves[index], other, of, &proof, &root).unwrap_err();
            }
            for other in (0..=LEAVES).filter(|other| *other != size) {
                let other = TreeSize(other as u64);
                let root = tree.root_at(other).unwrap();
                verify_inclusion(&leaves[index], at, other, &proof, &root).unwrap_err();
            }
            for_each_damage(&proof, |damaged| {
                verify_inclusion(&leaves[index], at, of, damaged, &root).unwrap_err();
            });
        }
    }
}

#[test]
fn consistency_proofs_hold_for_all_pairs_and_damaged_ones_are_refused() {
    let leaves = leaves(LEAVES);
    let tree = MerkleTree::new(leaves.clone());
    let head = |size: usize| {
        let size = TreeSize(size as u64);
        TreeHead { size, root: tree.root_at(size).unwrap() }
    };
    for new in 0..=LEAVES {
        for old in 0..=new {
            let proof = tree.consistency_proof(head(old).size, head(new).size).unwrap();
            if old > 0 {
                assert_eq!(raw(&proof), reference::consistency(old, &raw(&leaves[..new])), "{old} to {new}");
            }
            assert_eq!(verify_consistency(head(old), head(new), &proof), Ok(()), "{old} to {new}");

            for_each_damage(&proof, |damaged| {
                verify_consistency(head(old), head(new), damaged).unwrap_err();
            });
            let wrong_old = TreeHead { root: flipped(&head(old).root, 3), ..head(old) };
            verify_consistency(wrong_old, head(new), &proof).unwrap_err();
            if old > 0 || new == 0 {
                let wrong_new = TreeHead { root: flipped(&head(new).root, 3), ..head(new) };
                verify_consistency(head(old), wrong_new, &proof).unwrap_err();
            }
            for other in (1..=new).filter(|other| old > 0 && *other != old) {
                verify_consistency(head(other), head(new), &proof).unwrap_err();
            }
        }
    }
}

#[test]
fn a_rewritten_history_is_not_consistent() {
    let mut rewritten = leaves(40);
    let old = MerkleTree::new(rewritten[..23].to_vec());
    rewritten[11] = leaf_hash(b"something else");
    let new = MerkleTree::new(rewritten);
    let proof = new.consistency_proof(old.size(), new.size()).unwrap();
    let heads = [&old, &new].map(|tree| TreeHead { size: tree.size(), root: tree.root() });
    assert!(matches!(
        verify_consistency(heads[0], heads[1], &proof),
        Err(ProofError::OldRootMismatch { .. })
    ));
}

#[test]
fn questions_about_leaves_that_are_not_there_are_errors() {
    let tree = MerkleTree::new(leaves(5));
    let held = TreeSize(5);
    assert_eq!(tree.leaf(LeafIndex(4)), Ok(leaves(5)[4]));
    for index in [LeafIndex(5), LeafIndex(u64::MAX)] {
        assert_eq!(tree.leaf(index), Err(RangeError::IndexOutside { index, size: held }));
        assert_eq!(tree.inclusion_proof(index, held), Err(RangeError::IndexOutside { index, size: held }));
    }
    for size in [TreeSize(6), TreeSize(u64::MAX)] {
        let beyond = RangeError::SizeBeyond { size, held };
        assert_eq!(tree.root_at(size), Err(beyond));
        assert_eq!(tree.inclusion_proof(LeafIndex(0), size), Err(beyond));
        assert_eq!(tree.consistency_proof(TreeSize(1), size), Err(beyond));
    }
    let backwards = RangeError::OldBeyondNew { old: TreeSize(4), new: TreeSize(3) };
    assert_eq!(tree.consistency_proof(TreeSize(4), TreeSize(3)), Err(backwards));
    let empty = MerkleTree::new(Vec::new());
    assert_eq!(empty.root(), empty_root());
    assert!(empty.inclusion_proof(LeafIndex(0), TreeSize(0)).is_err());
}

proptest! {
    #[test]
    fn verifiers_answer_any_numbers_without_panic(
        index in edge_number(), size in edge_number(), old in edge_number(), hashes in 0..INCLUSION_HASHES_MAX + 4,
    ) {
        let (root, hashes) = (Hash([9; 32]), vec![Hash([7; 32]); hashes]);
        let leaf = Hash([8; 32]);
        prop_assert!(verify_inclusion(&leaf, LeafIndex(index), TreeSize(size), &hashes, &root).is_err());
        let (old, new) = (TreeHead { size: TreeSize(old), root }, TreeHead { size: TreeSize(size), root });
        let same = old.size == new.size && hashes.is_empty() && size != 0;
        prop_assert_eq!(verify_consistency(old, new, &hashes).is_ok(), same);
    }
}

/// Numbers near zero, near powers of two and near the largest.
fn edge_number() -> impl Strategy<Value = u64> {
    let power =
        (0..64u32, 0..3u64).prop_map(|(power, off)| (1u64 << power).wrapping_add(off).wrapping_sub(1));
    prop_oneof![0..5u64, power, u64::MAX - 3..=u64::MAX, any::<u64>()]
}
