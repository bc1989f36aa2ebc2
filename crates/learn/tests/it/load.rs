//! Only what a release lists gets in.

use std::fs;

use candor_learn::{LoadError, load};
use candor_release::TrustedKeys;
use candor_release::verify::VerifyError;

use crate::town::{Town, dialogue};

#[test]
fn a_release_is_read_row_by_row_and_the_read_set_names_what_was_read() {
    let town = Town::new(20);
    let trusted = TrustedKeys::parse(&town.vault.public_keys()).unwrap();
    let corpus = load(&town.release, Some(&trusted)).unwrap();
    assert_eq!(corpus.rows.len(), 20);
    let questions: Vec<String> = (0..20).map(|number| dialogue(number).0).collect();
    assert!(corpus.rows.iter().all(|row| questions.contains(&row.messages[0].content)));
    assert_eq!(corpus.rows.iter().map(|row| row.number).collect::<Vec<_>>(), (0..20).collect::<Vec<_>>());
    let set = corpus.read_set;
    assert!(set.signer_trusted);
    assert_eq!(set.files.iter().map(|file| file.rows).sum::<u64>(), 20);
    assert_eq!(set.commitment.rows, 20);
    assert_eq!(set.notices.len(), 1);
}

#[test]
fn a_file_slipped_into_the_folder_is_refused() {
    let town = Town::new(3);
    for name in ["data/part-00001.parquet", "data/more.jsonl", "notes.txt"] {
        let slipped = town.release.join(name);
        fs::write(&slipped, b"text that nobody agreed to").unwrap();
        let refused = load(&town.release, None).map(drop).unwrap_err();
        assert!(
            matches!(&refused, LoadError::Release(VerifyError::Unlisted(path)) if path == name),
            "{refused}"
        );
        fs::remove_file(slipped).unwrap();
    }
    assert!(load(&town.release, None).is_ok());
}

#[test]
fn a_changed_or_missing_file_is_refused() {
    let town = Town::new(3);
    let data = town.release.join("data/part-00000.parquet");
    let bytes = fs::read(&data).unwrap();
    let mut changed = bytes.clone();
    changed[bytes.len() / 2] ^= 1;
    fs::write(&data, changed).unwrap();
    let refused = load(&town.release, None).map(drop).unwrap_err();
    assert!(matches!(refused, LoadError::Release(VerifyError::Digest { .. })), "{refused}");
    fs::remove_file(&data).unwrap();
    let refused = load(&town.release, None).map(drop).unwrap_err();
    assert!(matches!(refused, LoadError::Release(VerifyError::Gone(_))), "{refused}");
}

#[test]
fn a_release_that_the_trusted_key_did_not_sign_is_refused() {
    let town = Town::new(3);
    let other = Town::new(4);
    let keys = TrustedKeys::parse(&other.vault.public_keys()).unwrap();
    let mut same_name = TrustedKeys::parse(&town.vault.public_keys()).unwrap();
    assert!(load(&town.release, Some(&same_name)).is_ok());
    same_name.operator = "else.example/operator+00000000+AQ==".parse().unwrap_or(keys.log);
    let refused = load(&town.release, Some(&same_name)).map(drop).unwrap_err();
    assert!(matches!(refused, LoadError::Release(VerifyError::Signature(_))), "{refused}");
}
