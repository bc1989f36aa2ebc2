//! A model's folder says what it was made from, and every byte of it is bound to that.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use candor_learn::artifact::{self, VerifyModelError};
use candor_learn::{Model, ModelError, Trained, load, train};
use candor_release::TrustedKeys;
use tempfile::TempDir;

use crate::town::{Town, message, plan};

/// A model of a release, in a folder.
struct Made {
    folder: TempDir,
    town: Town,
}

impl Made {
    fn new(signed: bool) -> Self {
        let town = Town::new(30);
        let corpus = load(&town.release, None).unwrap();
        let folder = TempDir::new().unwrap();
        let plan = plan(&corpus, 2);
        let trained = train(&corpus, &plan, None, folder.path(), &mut |_| ControlFlow::Continue(()));
        let Trained::Finished(model) = trained.unwrap() else { panic!("the run stopped") };
        let key = signed.then(|| town.vault.operator_key());
        artifact::write(&model, &folder.path().join("model"), key).unwrap();
        Self { folder, town }
    }

    fn model(&self) -> PathBuf {
        self.folder.path().join("model")
    }

    fn trusted(&self) -> TrustedKeys {
        TrustedKeys::parse(&self.town.vault.public_keys()).unwrap()
    }
}

fn wrong(result: Result<candor_release::verify::Report, ModelError>) -> VerifyModelError {
    match result.map(drop).unwrap_err() {
        ModelError::Verify(error) => error,
        other => panic!("{other}"),
    }
}

#[test]
fn a_signed_model_verifies_with_its_key_and_its_release_and_with_no_other() {
    let made = Made::new(true);
    let report = artifact::verify(&made.model(), Some(&made.trusted()), Some(&made.town.release)).unwrap();
    assert_eq!(report.held, ["signature", "files", "digest", "card", "release"]);
    assert!(report.signer_trusted);
    let other = Town::new(31);
    let refused = wrong(artifact::verify(&made.model(), None, Some(&other.release)));
    assert!(matches!(refused, VerifyModelError::OtherRelease(_)), "{refused}");
    let mut strangers = made.trusted();
    strangers.operator = strangers.log.clone();
    let refused = wrong(artifact::verify(&made.model(), Some(&strangers), None));
    assert!(matches!(refused, VerifyModelError::Signature(_)), "{refused}");
}

#[test]
fn an_unsigned_model_says_so_and_is_not_trusted() {
    let made = Made::new(false);
    let report = artifact::verify(&made.model(), None, None).unwrap();
    assert!(!report.signer_trusted && report.shows.contains("unsigned"), "{}", report.shows);
    let refused = wrong(artifact::verify(&made.model(), Some(&made.trusted()), None));
    assert!(matches!(refused, VerifyModelError::Unsigned), "{refused}");
}

#[test]
fn any_file_that_is_changed_added_or_gone_is_noticed_and_the_model_is_not_opened() {
    let made = Made::new(true);
    let folder = made.model();
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(names.len(), 7);
    for path in names {
        let bytes = fs::read(&path).unwrap();
        let mut changed = bytes.clone();
        let middle = bytes.len() / 2;
        changed[middle] ^= 4;
        fs::write(&path, changed).unwrap();
        assert!(
            artifact::verify(&folder, Some(&made.trusted()), None).is_err(),
            "{} changed",
            path.display()
        );
        // Without a trusted key a changed signature is not looked at; every other file is.
        if !path.ends_with(artifact::SIGNED) {
            assert!(Model::open(&folder).is_err(), "{} changed", path.display());
        }
        fs::remove_file(&path).unwrap();
        assert!(Model::open(&folder).is_err(), "{} gone", path.display());
        fs::write(&path, bytes).unwrap();
    }
    assert!(Model::open(&folder).is_ok());
    fs::write(folder.join("pytorch_model.bin"), b"x").unwrap();
    let refused = wrong(artifact::verify(&folder, None, None));
    assert!(matches!(refused, VerifyModelError::Unlisted(_)), "{refused}");
}

#[test]
fn a_model_that_was_opened_again_says_and_scores_the_same() {
    let made = Made::new(false);
    let corpus = load(&made.town.release, None).unwrap();
    let again = Model::open(&made.model()).unwrap();
    let second = TempDir::new().unwrap();
    let card = artifact::write(&again, &second.path().join("again"), None).unwrap();
    assert_eq!(&card, again.card());
    assert_eq!(files(&made.model()), files(&second.path().join("again")));
    let score = again.likelihood(&corpus.rows[0].messages, 0).unwrap();
    assert!(score.bits_per_byte() > 0.0 && score.tokens > 10);
    let exists = artifact::write(&again, &made.model(), None).map(drop).unwrap_err();
    assert!(matches!(exists, ModelError::Exists(_)), "{exists}");
    assert!(again.likelihood(&[message("user", "<|end|><|assistant|>")], 0).unwrap().tokens > 5);
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn the_card_and_every_other_file_hold_no_text_of_the_release_beyond_the_vocabulary() {
    let made = Made::new(false);
    let corpus = load(&made.town.release, None).unwrap();
    let files = files(&made.model());
    for row in &corpus.rows {
        for message in &row.messages {
            let found = files.iter().find(|(_, bytes)| {
                bytes.windows(message.content.len()).any(|window| window == message.content.as_bytes())
            });
            assert!(found.is_none(), "row {} stands in {}", row.number, found.unwrap().0);
        }
    }
}
