use candor_tlog::checkpoint::{Checkpoint, CheckpointError, EXTENSION_LINES_MAX, LINE_BYTES_MAX};
use candor_tlog::hash::{Hash, empty_root, leaf_hash};
use candor_tlog::note::{SignedNote, SignerKey};
use candor_tlog::proof_file::{EXTRA_BYTES_MAX, LogProof, LogProofError};
use candor_tlog::tree::{LeafIndex, MerkleTree, TreeSize};

use super::notes::key;

const ORIGIN: &str = "log.example/consent";

fn log() -> (MerkleTree, SignerKey) {
    let leaves = (0..13u8).map(|entry| leaf_hash(&[entry])).collect();
    (MerkleTree::new(leaves), key(ORIGIN, 1))
}

pub(crate) fn proof(index: u64) -> LogProof {
    let (tree, key) = log();
    let checkpoint = Checkpoint::new(ORIGIN, tree.size(), tree.root()).unwrap();
    let path = tree.inclusion_proof(LeafIndex(index), tree.size()).unwrap();
    LogProof::new(LeafIndex(index), path, checkpoint.sign(&[&key]).unwrap()).unwrap()
}

#[test]
fn a_checkpoint_text_has_the_lines_of_the_specification() {
    // The example of c2sp.org/tlog-checkpoint.
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let checkpoint = Checkpoint::from_text(text).unwrap();
    assert_eq!(checkpoint.origin(), "example.com/behind-the-sofa");
    assert_eq!(checkpoint.size(), TreeSize(20_852_163));
    assert_eq!(checkpoint.root().to_base64(), "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=");
    assert_eq!(checkpoint.text(), text);
    let extended = checkpoint.with_extensions(vec!["one".to_owned(), "two more".to_owned()]).unwrap();
    assert_eq!(extended.text(), format!("{text}one\ntwo more\n"));
    assert_eq!(Checkpoint::from_text(&extended.text()), Ok(extended));
}

#[test]
fn a_checkpoint_opens_with_its_own_logs_key_alone() {
    let (tree, log_key) = log();
    let checkpoint = Checkpoint::new(ORIGIN, tree.size(), tree.root()).unwrap();
    let witness = key("witness.example", 2);
    let note = checkpoint.sign(&[&witness, &log_key]).unwrap();
    assert_eq!(Checkpoint::open(&note, log_key.verifier()), Ok(checkpoint));

    let error = Checkpoint::open(&note, witness.verifier()).unwrap_err();
    assert!(matches!(error, CheckpointError::OtherLog { .. }));
    let error = Checkpoint::open(&note, key(ORIGIN, 9).verifier()).unwrap_err();
    assert!(matches!(error, CheckpointError::Note(_)), "{error}");
}

#[test]
fn checkpoint_texts_of_another_form_are_refused() {
    let root = Hash([7; 32]).to_base64();
    let texts = [
        String::new(),
        "\n".to_owned(),
        format!("log\n5\n{root}"),
        "log\n5\n".to_owned(),
        format!("\n5\n{root}\n"),
        format!("log\n05\n{root}\n"),
        format!("log\n+5\n{root}\n"),
        format!("log\n-5\n{root}\n"),
        format!("log\n\n{root}\n"),
        format!("log\n18446744073709551616\n{root}\n"),
        format!("log\n5\n{}\n", root.trim_end_matches('=')),
        format!("log\n5\n{root} \n"),
        format!("log\n5\n{root}\n\n"),
        format!("log\n5\n{root}\n\nextension\n"),
        // Size 0 has one root only.
        format!("log\n0\n{root}\n"),
        format!("log\n5\n{root}\n{}\n", "x".repeat(LINE_BYTES_MAX + 1)),
        format!("log\n5\n{root}\n{}", "x\n".repeat(EXTENSION_LINES_MAX + 1)),
        // The same root with its two unused bits set.
        format!("log\n5\n{}\n", root.replace("Bwc=", "Bwd=")),
    ];
    for text in &texts {
        assert!(Checkpoint::from_text(text).is_err(), "{text:?}");
    }
    Checkpoint::from_text(&format!(
        "log\n18446744073709551615\n{root}\n{}",
        "x\n".repeat(EXTENSION_LINES_MAX)
    ))
    .unwrap();
    Checkpoint::from_text(&format!("log\n0\n{}\n", empty_root().to_base64())).unwrap();
}

#[test]
fn a_proof_file_has_the_lines_of_the_specification() {
    let proof = proof(12).with_extra(b"opaque".to_vec()).unwrap();
    let text = proof.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..3], ["c2sp.org/tlog-proof@v1", "extra b3BhcXVl", "index 12"]);
    // Leaf 12 of 13 is alone on the right: its siblings are the four on its left and the eight before them.
    assert_eq!(lines[3..5], [proof.hashes()[0].to_base64(), proof.hashes()[1].to_base64()]);
    assert_eq!(lines[5..8], ["", ORIGIN, "13"]);
    assert_eq!(lines[9], "");
    assert!(lines[10].starts_with("— log.example/consent "));
    assert_eq!(lines.len(), 11);
}

#[test]
fn every_leafs_proof_file_verifies_after_a_round_trip_and_no_other_leaf_does() {
    let (tree, key) = log();
    for index in 0..13 {
        let made = proof(u64::from(index)).with_extra(vec![index; usize::from(index)]).unwrap();
        let read = LogProof::parse(made.to_string().as_bytes()).unwrap();
        assert_eq!(read, made);
        for entry in 0..14u8 {
            let verified = read.verify(&leaf_hash(&[entry]), key.verifier());
            assert_eq!(verified.is_ok(), entry == index);
            assert_eq!(read.verify_integrity_only(&leaf_hash(&[entry])).is_ok(), entry == index);
        }
        assert_eq!(read.verify(&leaf_hash(&[index]), key.verifier()).unwrap().root(), tree.root());
    }
}

#[test]
fn every_changed_bit_of_a_proof_file_is_refused() {
    let (_, key) = log();
    let file = proof(6).to_string().into_bytes();
    for bit in 0..file.len() * 8 {
        let mut changed = file.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let verified =
            LogProof::parse(&changed).and_then(|proof| proof.verify(&leaf_hash(&[6]), key.verifier()));
        verified.expect_err(&format!("bit {bit}"));
    }
}

#[test]
fn a_proof_that_someone_else_signed_holds_together_but_is_denied() {
    let (_, key) = log();
    let other = super::notes::key(ORIGIN, 2);
    let proof = proof(3);
    let checkpoint = proof.unverified_checkpoint().unwrap().sign(&[&other]).unwrap();
    let forged = LogProof::new(LeafIndex(3), proof.hashes().to_vec(), checkpoint).unwrap();
    assert!(forged.verify_integrity_only(&leaf_hash(&[3])).is_ok());
    let error = forged.verify(&leaf_hash(&[3]), key.verifier()).unwrap_err();
    assert!(matches!(error, LogProofError::Checkpoint(_)), "{error}");
}

#[test]
fn proof_files_of_another_form_are_refused() {
    let good = proof(6).to_string();
    let hash = proof(6).hashes()[0].to_base64();
    let malformed = [
        String::new(),
        good.replace("@v1", "@v2"),
        format!("\n{good}"),
        good.replace("index 6", "index 06"),
        good.replace("index 6", "index -6"),
        good.replace("index 6", "index 6 "),
        good.replace("index 6", "Index 6"),
        good.replace("index 6\n", ""),
        good.replace("index 6", "extra \nindex 6"),
        good.replace("index 6", "extra YQ\nindex 6"),
        good.replace("index 6", "extra YQ==\nextra YQ==\nindex 6"),
        good.replace("index 6", "index 6\nextra YQ=="),
        good.replace("index 6\n", "index 6\n\n"),
        good.replace(&hash, &hash[1..]),
        good.replace(&hash, &format!("{hash}\n").repeat(65)),
        good.replace('\n', "\r\n"),
        good.split_once("\n\n").unwrap().0.to_owned(),
        format!("{good}\n"),
        // A checkpoint must be one, not just any note.
        format!("c2sp.org/tlog-proof@v1\nindex 0\n\n{}", SignedNote::sign("hello\n", &[&log().1]).unwrap()),
    ];
    for file in &malformed {
        assert!(LogProof::parse(file.as_bytes()).is_err(), "{file}");
    }
    LogProof::parse(good.replace("index 6", "extra YQ==\nindex 6").as_bytes()).unwrap();
    let too_long = proof(6).with_extra(vec![0; EXTRA_BYTES_MAX + 1]);
    assert_eq!(too_long, Err(LogProofError::ExtraTooLong));
    let most = proof(6).with_extra(vec![0; EXTRA_BYTES_MAX]).unwrap();
    assert_eq!(LogProof::parse(most.to_string().as_bytes()), Ok(most));
}
