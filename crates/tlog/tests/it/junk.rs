//! Every parser, on any bytes: an error or a value that is written back as the same bytes; never a panic.

use candor_tlog::checkpoint::Checkpoint;
use candor_tlog::hash::Hash;
use candor_tlog::note::{SignedNote, VerifierKey};
use candor_tlog::proof_file::LogProof;
use candor_tlog::sparse::{Key, SparseProof, SparseTree, Value};
use candor_tlog::tree::LeafIndex;
use proptest::prelude::*;

use super::files::proof;
use super::notes::key;

/// What the parsers accept, whichever it is, must be the one way to write it.
fn accepts_only_what_it_writes(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(note) = SignedNote::parse(bytes) {
        prop_assert_eq!(note.to_string().into_bytes(), bytes);
    }
    if let Ok(proof) = LogProof::parse(bytes) {
        prop_assert_eq!(proof.to_string().into_bytes(), bytes);
    }
    if let Ok(proof) = SparseProof::decode(bytes) {
        prop_assert_eq!(proof.encode(), bytes);
        let _ = proof.verify(&Hash([0; 32]), &Key([0; 32]));
    }
    let text = String::from_utf8_lossy(bytes);
    if let Ok(checkpoint) = Checkpoint::from_text(&text) {
        prop_assert_eq!(checkpoint.text(), text.as_ref());
    }
    if let Ok(key) = text.parse::<VerifierKey>() {
        prop_assert_eq!(key.to_string(), text.as_ref());
    }
    if let Ok(hash) = text.parse::<Hash>() {
        prop_assert_eq!(hash.to_string(), text.as_ref());
    }
    if let Ok(hash) = Hash::from_base64(&text) {
        prop_assert_eq!(hash.to_base64(), text.as_ref());
    }
    Ok(())
}

/// One good example of each format.
fn examples() -> Vec<Vec<u8>> {
    let entries = (0..50u8).map(|n| (Key([n.wrapping_mul(37); 32]), Value([n; 32]))).collect();
    let tree = SparseTree::build(entries).unwrap();
    let log_proof = proof(5).with_extra(b"extra".to_vec()).unwrap();
    assert_eq!(log_proof.index(), LeafIndex(5));
    vec![
        tree.prove(&Key([37; 32])).encode(),
        tree.prove(&Key([0x81; 32])).encode(),
        log_proof.to_string().into_bytes(),
        log_proof.signed_checkpoint().to_string().into_bytes(),
        log_proof.signed_checkpoint().unverified_text().as_bytes().to_vec(),
        key("log.example", 1).verifier().to_string().into_bytes(),
        Hash([0xAB; 32]).to_string().into_bytes(),
        Hash([0xAB; 32]).to_base64().into_bytes(),
    ]
}

#[test]
fn the_examples_are_accepted_so_that_their_damage_is_worth_testing() {
    let examples = examples();
    assert!(examples[..2].iter().all(|bytes| SparseProof::decode(bytes).is_ok()));
    assert!(LogProof::parse(&examples[2]).is_ok());
    assert!(SignedNote::parse(&examples[3]).is_ok());
    let texts: Vec<_> = examples[4..].iter().map(|bytes| String::from_utf8(bytes.clone()).unwrap()).collect();
    assert!(Checkpoint::from_text(&texts[0]).is_ok());
    assert!(texts[1].parse::<VerifierKey>().is_ok());
    assert!(texts[2].parse::<Hash>().is_ok());
    assert!(Hash::from_base64(&texts[3]).is_ok());
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        accepts_only_what_it_writes(&bytes)?;
    }

    #[test]
    fn any_bytes_behind_a_sparse_header_are_answered(
        ending in 0..3u8, entries in any::<u64>(), depth in 0..300u16, bytes in prop::collection::vec(any::<u8>(), 0..9000),
    ) {
        let header = [&[1, ending], entries.to_be_bytes().as_slice(), &depth.to_be_bytes()].concat();
        accepts_only_what_it_writes(&[header, bytes].concat())?;
    }

    #[test]
    fn damaged_examples_are_answered(
        which in 0..8usize, at in any::<prop::sample::Index>(), cut in 0..40usize,
        patch in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            "[ -~\n—+=/]{0,12}".prop_map(String::into_bytes),
            prop::sample::select(vec!["\n", "\n\n", "=", "0", "— ", " ", "+", "extra ", "index "]).prop_map(|part| part.as_bytes().to_vec()),
        ],
    ) {
        let mut bytes = examples().swap_remove(which);
        let start = at.index(bytes.len());
        let end = (start + cut).min(bytes.len());
        bytes.splice(start..end, patch);
        accepts_only_what_it_writes(&bytes)?;
    }
}
