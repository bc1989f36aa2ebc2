//! Files of turns: kept under the turn's permits, with it, as long as it, and no longer.

use std::collections::BTreeSet;
use std::path::Path;

use candor_consent::{AccessPermit, Purpose, State};
use candor_conversation::{Attachment, File, FileDigest, Held, Part, Turn};
use candor_vault::{Act, Capture, Fresh, Vault, VaultError};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;

use super::place::{Place, defaults, person, tenant, thread, threads, time};
use super::speech::{SAID, conversation, entropy, everything, inbox, path, said, spoken, take_in};

/// A part with a file of these bytes.
fn part(bytes: &[u8]) -> Part {
    Part::Attachment(Attachment {
        media_type: Some("image/png".into()),
        name: Some("a.png".into()),
        held: Held::File(File::new(bytes.to_vec())),
        ..Attachment::of_kind("image")
    })
}

/// The files that a person's export gives.
fn exported(vault: &Vault, name: &str) -> BTreeSet<Vec<u8>> {
    let subject = person(vault, name);
    let permit = AccessPermit::for_own(subject.id, subject.id).unwrap();
    let mut found = BTreeSet::new();
    let visit = |attachment: &Attachment, file: &File| -> Result<(), VaultError> {
        assert_eq!(attachment.media_type.as_deref(), Some("image/png"));
        assert!(found.insert(file.bytes().unwrap().to_vec()), "each file once");
        Ok(())
    };
    vault.export_files(&subject, &permit, visit).unwrap();
    found
}

/// Sealed files in the object store.
fn sealed(root: &Path) -> i64 {
    let Ok(entries) = std::fs::read_dir(root.join("objects/files")) else { return 0 };
    let rows = |path| {
        let file = std::fs::File::open(path).unwrap();
        ParquetRecordBatchReaderBuilder::try_new(file).unwrap().metadata().file_metadata().num_rows()
    };
    entries.map(|entry| rows(entry.unwrap().path())).sum()
}

/// What a gateway hands over: these turns of Ada's, one below the other.
fn ask(inbox: &candor_vault::Inbox, turns: &[(&str, &[Vec<u8>])]) -> Fresh {
    let texts: Vec<(char, &str)> = turns.iter().map(|(text, _)| ('u', *text)).collect();
    let mut turns_said: Vec<Turn> = path(&texts);
    for (turn, (_, files)) in turns_said.iter_mut().zip(turns) {
        turn.parts.extend(files.iter().map(|bytes| part(bytes)));
    }
    said(inbox.policy(), "ada", (&turns_said, 0), &spoken(time(SAID))).unwrap()
}

/// Any few files, some of them more than once.
fn files() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let file = (0..4_u8, 1..3_usize).prop_map(|(byte, length)| vec![byte; length * 700]);
    proptest::collection::vec(file, 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn what_is_sealed_again_keeps_the_files_that_the_remaining_turns_name_and_no_other(
        first in files(),
        second in files(),
    ) {
        let place = Place::new();
        // Two processes: the second does not know that the first has the first turn already.
        for (number, turns) in [&[("one", &first[..])][..], &[("one", &first[..]), ("two", &second[..])]]
            .into_iter()
            .enumerate()
        {
            let mut inbox = inbox(&place.root(), number as u8);
            let fresh = ask(&inbox, turns);
            let given: usize = turns.iter().map(|(_, files)| files.len()).sum();
            let appended = inbox.append(&[fresh], time(SAID)).unwrap();
            prop_assert_eq!((appended.files, appended.files_left_out), (given as u64, 0));
            drop(inbox);
            let absorbed = take_in(&mut place.open(), time(SAID));
            prop_assert_eq!((absorbed.turns, absorbed.duplicates), (1, number as u64));
        }
        let mut vault = place.open();
        let of = |files: &[Vec<u8>]| files.iter().cloned().collect::<BTreeSet<_>>();
        let (first, second) = (of(&first), of(&second));
        prop_assert_eq!(exported(&vault, "ada"), first.union(&second).cloned().collect());
        prop_assert_eq!(sealed(&place.root()), (first.len() + second.len()) as i64);
        // Text readers are told what they are and get none of the bytes.
        for kept in everything(&vault).into_values() {
            prop_assert!(kept.parts.iter().filter_map(Part::file).all(|file| file.bytes().is_none()));
        }
        vault.erase(&person(&vault, "ada"), &[], time(SAID)).unwrap();
        vault.run_retention(time(SAID), &mut entropy(9)).unwrap();
        prop_assert_eq!(sealed(&place.root()), 0);
        prop_assert_eq!(vault.holdings().unwrap().files_bytes, 0);
    }
}

/// Every person's turn of these conversations with a file of its own.
fn with_files(place: &mut Place, vault: &mut Vault) -> BTreeSet<Vec<u8>> {
    let mut all = BTreeSet::new();
    let mut conversations = threads();
    conversations.push(thread("more", &["ada"]));
    for turn in conversations.iter_mut().flat_map(|conversation| conversation.turns_mut()) {
        if turn.author.is_some() {
            let bytes = format!("file {} of {}", all.len(), turn.author.as_deref().unwrap()).into_bytes();
            turn.parts.push(part(&bytes));
            all.insert(bytes);
        }
    }
    let mut capture = Capture::begin(vault, defaults(), time(SAID), &mut place.entropy).unwrap();
    capture.add(conversations).unwrap();
    capture.commit(None).unwrap();
    all
}

fn of(all: &BTreeSet<Vec<u8>>, name: &str) -> BTreeSet<Vec<u8>> {
    all.iter().filter(|bytes| String::from_utf8_lossy(bytes).ends_with(name)).cloned().collect()
}

#[test]
fn an_erasure_and_a_withdrawal_take_the_files_of_one_person_and_leave_the_others() {
    let mut place = Place::new();
    let mut vault = place.open();
    let all = with_files(&mut place, &mut vault);
    for name in ["ada", "bo"] {
        assert_eq!(exported(&vault, name), of(&all, name));
    }
    assert_eq!(sealed(&place.root()), all.len() as i64);
    let bo = person(&vault, "bo");
    let notice = vault.notice(None, time(SAID)).unwrap().0;
    let acts = [Purpose::History, Purpose::Train].map(|purpose| Act {
        subject: bo.id,
        purpose,
        state: State::Withdrawn,
        notice,
        effective_at: time(SAID),
        attested_by: None,
        evidence: None,
    });
    vault.record(&acts, time(SAID), &mut place.entropy).unwrap();
    vault.run_retention(time(SAID), &mut place.entropy).unwrap();
    assert_eq!(exported(&vault, "ada"), of(&all, "ada"));
    assert!(exported(&vault, "bo").is_empty());
    assert_eq!(sealed(&place.root()), of(&all, "ada").len() as i64);
    vault.rotate_epoch(time("2026-01-07T00:00:00Z"), &mut place.entropy).unwrap();
    assert_eq!(exported(&vault, "ada"), of(&all, "ada"));
    vault.run_retention(time("2099-01-01T00:00:00Z"), &mut place.entropy).unwrap();
    assert!(exported(&vault, "ada").is_empty(), "their time is over");
    assert_eq!(std::fs::read_dir(place.root().join("objects/files")).unwrap().count(), 0);
}

#[test]
fn a_withdrawal_of_one_purpose_leaves_the_files_of_turns_that_another_permits() {
    let mut place = Place::new();
    let mut vault = place.open();
    let all = with_files(&mut place, &mut vault);
    let act = Act {
        subject: person(&vault, "ada").id,
        purpose: Purpose::Train,
        state: State::Withdrawn,
        notice: vault.notice(None, time(SAID)).unwrap().0,
        effective_at: time(SAID),
        attested_by: None,
        evidence: None,
    };
    vault.record(&[act], time(SAID), &mut place.entropy).unwrap();
    vault.run_retention(time(SAID), &mut place.entropy).unwrap();
    for name in ["ada", "bo"] {
        assert_eq!(exported(&vault, name), of(&all, name));
    }
}

#[test]
fn of_a_file_whose_bytes_are_not_given_the_digest_is_kept_and_counted() {
    let place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    let mut fresh = ask(&inbox, &[("one", &[b"large".to_vec(), b"small".to_vec()])]);
    fresh.path[0].parts[1].file_mut().unwrap().drop_bytes();
    let appended = inbox.append(&[fresh], time(SAID)).unwrap();
    assert_eq!((appended.files, appended.files_left_out), (1, 1));
    drop(inbox);
    let mut vault = place.open();
    take_in(&mut vault, time(SAID));
    let parts = everything(&vault).into_values().next().unwrap().parts;
    let digests: Vec<FileDigest> = parts.iter().filter_map(Part::file).map(File::digest).collect();
    assert_eq!(digests, [b"large", b"small"].map(|bytes| File::new(bytes.to_vec()).digest()));
    assert_eq!(exported(&vault, "ada"), BTreeSet::from([b"small".to_vec()]));
}

#[test]
fn a_file_that_was_changed_at_rest_is_told_of_and_text_is_read_all_the_same() {
    let place = Place::new();
    let mut vault = place.open();
    let mut entropy = entropy(3);
    let mut capture = Capture::begin(&mut vault, defaults(), time(SAID), &mut entropy).unwrap();
    let mut turns = path(&[('u', "one")]);
    turns[0].parts.push(part(b"bytes"));
    turns[0].author = Some("ada".into());
    capture.add(vec![conversation(turns)]).unwrap();
    capture.commit(None).unwrap();
    let folder = place.root().join("objects/files");
    let file = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(everything(&vault).len(), 1);
    let subject = vault.subject(&tenant(), "ada").unwrap();
    let permit = AccessPermit::for_own(subject.id, subject.id).unwrap();
    let error = vault.export_files(&subject, &permit, |_, _| Ok::<_, VaultError>(())).unwrap_err();
    assert!(error.to_string().contains("is not what was written"), "{error}");
}
