use std::collections::BTreeMap;

use candor_tlog::hash::Hash;
use candor_tlog::sparse::{
    BuildError, DecodeError, Key, Outcome, PROOF_BYTES_MAX, SparseProof, SparseProofError, SparseTree, Value,
};
use proptest::prelude::*;

use super::reference::{self, Bytes32, Map, sha256};

fn numbered(number: u8) -> (Bytes32, Bytes32) {
    (sha256(&[b"key", &[number]]), sha256(&[b"value", &[number]]))
}

fn numbered_map(count: u8) -> Map {
    (0..count).map(numbered).collect()
}

fn build(map: &Map) -> SparseTree {
    SparseTree::build(map.iter().map(|(key, value)| (Key(*key), Value(*value))).collect()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn expected(map: &Map, key: &Bytes32) -> Outcome {
    map.get(key).map_or(Outcome::Absent, |value| Outcome::Present(Value(*value)))
}

/// Random-looking keys, and keys that share long beginnings, down to the last bit.
fn any_key() -> impl Strategy<Value = Bytes32> {
    let clustered = (0..4usize, any::<u8>(), 0..3u8).prop_map(|(at, byte, last)| {
        let mut key = [0xA5; 32];
        key[[0, 1, 20, 31][at]] = byte;
        key[31] ^= last;
        key
    });
    prop_oneof![any::<Bytes32>(), clustered]
}

fn any_map() -> impl Strategy<Value = Map> {
    prop::collection::btree_map(any_key(), any::<Bytes32>(), 0..40)
}

#[test]
fn roots_and_proofs_are_those_of_a_separate_program() {
    // From a recursive version of the module page in Python; keys SHA-256("key" ‖ n), values SHA-256("value" ‖ n).
    let roots = [
        (0, "9a3ce7dc1d527ac61a6e410143c8bdc6e4ada3d3ddf1287d9ff2f9a63c2b1459"),
        (1, "157b5b69584695b5fb255d05bab49c4d2c394cac720f12fa3c99bdb289580b6c"),
        (2, "71990269b7795abac655af68a03f14834dfbf403eb8719c4274b2205504faca7"),
        (3, "14bad470ce8572692d849c6ce3224d4ccabffae4e603a6b0ef4508535ab29d9f"),
        (20, "7303a1e62331b2d34a4c5a2d14090ce3bf235e36e18b2c61b0a408662c6eadec"),
    ];
    for (count, root) in roots {
        assert_eq!(build(&numbered_map(count)).root().to_string(), root, "{count} entries");
    }
    let three = build(&numbered_map(3));
    let own = concat!(
        "010100000000000000030002c0",
        "c88418a1d049a9b2868f2fd6394a94197e2ee74c7a0e6c7b9197d6ae0ad36fcc",
        "0b7d2946ab4239ff6b7674c467ed3bb624f00968001c934bde87a10249b9707e",
        "8d0ff54a63da89bd496e1e51b20fa6571b9569d0b5dc7763167c6528b679bc73",
    );
    let absent = concat!(
        "01020000000000000003000180",
        "305dcffbae0f7c3a526683b78df22f5b9d250aca5ea91dff6d5e13784718088d",
        "dc1f67f2bd8392ce9b65634c8c2011a492b4930d160e88d53da75d420f1af944",
        "2ac3e771679dfe9ec82b8748f6f7718f3ad0e4eaafabc9f68f4bc25187a5f230",
    );
    assert_eq!(hex(&three.prove(&Key(numbered(1).0)).encode()), own);
    assert_eq!(hex(&three.prove(&Key(numbered(3).0)).encode()), absent);
}

#[test]
fn keys_that_differ_in_the_last_bit_alone_are_told_apart() {
    let (mut last, first) = ([0; 32], [0; 32]);
    last[31] = 1;
    let map = Map::from([(first, numbered(0).1), (last, numbered(1).1)]);
    let tree = build(&map);
    assert_eq!(tree.root().to_string(), "f2b66b0d3b76a11513988da772a0e15fec6929cece6f53053a9fbbe6c1d4c44f");
    let proof = tree.prove(&Key(first));
    assert_eq!(proof.encode().len(), 12 + 32 + 32 + 32);
    assert_eq!(
        hex(&sha256(&[&proof.encode()])),
        "09d1f6353d49d833f97d80471e59f26121a6b6ce11bc9a786241ce155d4a86a3"
    );
    assert_eq!(proof.verify(&tree.root(), &Key(first)), Ok(Outcome::Present(Value(numbered(0).1))));
}

#[test]
fn an_empty_tree_proves_every_key_absent() {
    let tree = SparseTree::build(Vec::new()).unwrap();
    let proof = SparseProof::decode(&tree.prove(&Key([5; 32])).encode()).unwrap();
    assert_eq!(proof.verify(&tree.root(), &Key([6; 32])), Ok(Outcome::Absent));
    assert!(tree.is_empty());
    assert_eq!(proof.entries(), 0);
}

#[test]
fn a_repeated_key_is_refused() {
    let (key, value) = (Key([3; 32]), Value([4; 32]));
    for other in [value, Value([5; 32])] {
        let entries = vec![(key, value), (Key([9; 32]), value), (key, other)];
        assert_eq!(SparseTree::build(entries).unwrap_err(), BuildError::RepeatedKey { key });
    }
}

#[test]
fn a_tree_built_by_threads_has_the_root_and_proofs_of_the_definition_and_short_proofs() {
    let map: Map = (0..6000u32).map(|n| (sha256(&[&n.to_be_bytes()]), [n as u8; 32])).collect();
    let tree = build(&map);
    assert_eq!(tree.root(), Hash(reference::sparse_root(&map)));
    for asked in (0..200u32).map(|n| sha256(&[&(n * 61).to_be_bytes()])) {
        let bytes = tree.prove(&Key(asked)).encode();
        assert_eq!(
            SparseProof::decode(&bytes).unwrap().verify(&tree.root(), &Key(asked)),
            Ok(expected(&map, &asked))
        );
        assert!(bytes.len() <= 1024, "{} bytes", bytes.len());
    }
    for key in map.keys().take(5) {
        assert_eq!(tree.prove(&Key(*key)).encode(), reference::sparse_proof(&map, key));
    }
}

#[test]
fn every_changed_bit_of_a_proof_is_refused() {
    let map = numbered_map(20);
    let tree = build(&map);
    let mut endings = [0; 3];
    for asked in (0..60).map(|number| numbered(number).0) {
        let bytes = tree.prove(&Key(asked)).encode();
        endings[usize::from(bytes[1])] += 1;
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            if let Ok(proof) = SparseProof::decode(&changed) {
                proof.verify(&tree.root(), &Key(asked)).expect_err(&format!("bit {bit}"));
            }
        }
        for bit in 0..256 {
            let mut root = tree.root();
            root.0[bit / 8] ^= 1 << (bit % 8);
            let proof = SparseProof::decode(&bytes).unwrap();
            assert!(matches!(proof.verify(&root, &Key(asked)), Err(SparseProofError::RootMismatch { .. })));
        }
    }
    assert!(endings.iter().all(|count| *count > 0), "endings seen: {endings:?}");
}

#[test]
fn a_leaf_that_is_not_on_the_way_shows_no_absence() {
    let tree = build(&numbered_map(20));
    let (asked, other) = (Key(numbered(1).0), Key(numbered(2).0));
    // The true proof of another entry, retold as "this is the leaf I found instead of yours".
    let mut bytes = tree.prove(&other).encode();
    bytes[1] = 2;
    let value = bytes.split_off(bytes.len() - 32);
    let retold = SparseProof::decode(&[bytes.as_slice(), &other.0, &value].concat()).unwrap();
    assert_eq!(retold.verify(&tree.root(), &asked), Err(SparseProofError::NotOnTheWay { key: asked, other }));
    assert_eq!(retold.verify(&tree.root(), &other), Err(SparseProofError::OwnLeafAsOther { key: other }));
}

#[test]
fn the_number_of_entries_is_bound_by_the_root() {
    let tree = build(&numbered_map(20));
    let key = Key(numbered(1).0);
    let mut bytes = tree.prove(&key).encode();
    assert_eq!(SparseProof::decode(&bytes).unwrap().entries(), 20);
    bytes[9] = 21;
    assert!(SparseProof::decode(&bytes).unwrap().verify(&tree.root(), &key).is_err());
}

#[test]
fn encodings_that_no_tree_gives_are_refused() {
    let header = |ending: u8, entries: u64, depth: u16| {
        [&[1, ending], entries.to_be_bytes().as_slice(), &depth.to_be_bytes()].concat()
    };
    let decode = |parts: &[&[u8]]| SparseProof::decode(&parts.concat()).unwrap_err();
    let (hash, not_canonical) = ([7u8; 32], |reason| DecodeError::NotCanonical { reason });

    assert_eq!(decode(&[]), DecodeError::Truncated { bytes: 0, within: "header" });
    assert_eq!(decode(&[&[2, 0]]), DecodeError::UnknownVersion { version: 2 });
    assert_eq!(decode(&[&header(3, 1, 0)]), DecodeError::UnknownEnding { ending: 3 });
    assert_eq!(decode(&[&header(0, 9, 257), &[0xFF; 33]]), DecodeError::TooDeep { depth: 257 });
    assert_eq!(decode(&[&header(0, 0, 0), &[0]]), DecodeError::TrailingBytes { extra: 1 });
    assert_eq!(decode(&[&header(1, 1, 0), &hash, &[0]]), DecodeError::TrailingBytes { extra: 1 });
    assert_eq!(decode(&[&vec![1; PROOF_BYTES_MAX + 5]]), DecodeError::TrailingBytes { extra: 5 });
    assert_eq!(
        decode(&[&header(1, 1, 0), &hash[1..]]),
        DecodeError::Truncated { bytes: 43, within: "value" }
    );
    assert_eq!(
        decode(&[&header(0, 2, 1), &[0xC0], &hash]),
        not_canonical("its bitmap goes on below the ending")
    );
    assert_eq!(decode(&[&header(0, 2, 2), &[0x80], &hash]), not_canonical("its last sibling is empty"));
    assert_eq!(
        decode(&[&header(0, 2, 1), &[0x80], &[0; 32]]),
        not_canonical("it spells out an empty sibling")
    );
    let at_top = not_canonical("it ends at the top, which does not fit the number of entries");
    assert_eq!(decode(&[&header(0, 1, 0)]), at_top);
    assert_eq!(decode(&[&header(1, 2, 0), &hash]), at_top);
    let too_many = not_canonical("it has more siblings than the number of entries allows");
    assert_eq!(decode(&[&header(0, 1, 1), &[0x80], &hash]), too_many);
    assert_eq!(decode(&[&header(1, 2, 2), &[0xC0], &hash, &hash, &hash]), too_many);
}

proptest! {
    // Each case asks every key against every proof.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn root_and_proofs_are_the_definition(map in any_map(), asked in any_key()) {
        let tree = build(&map);
        prop_assert_eq!(tree.root(), Hash(reference::sparse_root(&map)));
        for key in map.keys().chain([&asked]) {
            let proof = tree.prove(&Key(*key));
            let bytes = proof.encode();
            prop_assert_eq!(&bytes, &reference::sparse_proof(&map, key));
            prop_assert_eq!(SparseProof::decode(&bytes), Ok(proof.clone()));
            prop_assert_eq!(proof.verify(&tree.root(), &Key(*key)), Ok(expected(&map, key)));
            prop_assert_eq!(tree.value(&Key(*key)), map.get(key).map(|value| Value(*value)));
        }
    }

    #[test]
    fn the_order_of_entries_does_not_matter(
        entries in any_map().prop_flat_map(|map| Just(map.into_iter().collect::<Vec<_>>()).prop_shuffle()),
    ) {
        let sorted = build(&entries.iter().copied().collect());
        let shuffled = entries.into_iter().map(|(key, value)| (Key(key), Value(value))).collect();
        prop_assert_eq!(SparseTree::build(shuffled).unwrap().root(), sorted.root());
    }

    /// A proof made for one key and shown for another either fails or still tells the truth.
    #[test]
    fn no_proof_lies_about_any_key(map in any_map(), made_for in any_key(), shown_for in any_key()) {
        let tree = build(&map);
        let keys: Vec<_> = map.keys().copied().chain([made_for, shown_for]).collect();
        for made_for in &keys {
            let proof = tree.prove(&Key(*made_for));
            for shown_for in &keys {
                let outcome = proof.verify(&tree.root(), &Key(*shown_for));
                let present = matches!(expected(&map, made_for), Outcome::Present(_));
                if present && made_for != shown_for {
                    prop_assert!(outcome.is_err());
                } else if let Ok(outcome) = outcome {
                    prop_assert_eq!(outcome, expected(&map, shown_for));
                }
            }
        }
    }

    #[test]
    fn another_map_has_another_root(map in any_map(), key in any_key(), value in any::<Bytes32>()) {
        let mut other: BTreeMap<_, _> = map.clone();
        other.insert(key, value);
        prop_assert_eq!(build(&map).root() == build(&other).root(), map == other);
    }
}
