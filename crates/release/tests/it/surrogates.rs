//! Releases in which surrogates stand for identifiers.

use std::collections::BTreeSet;
use std::fs;

use candor_conversation::{Conversation, Message, Part, Role, Turn};
use candor_release::restore::{RestoreError, restore};
use candor_release::verify::verify_release;
use candor_release::{Built, MEMORY_BYTES, Plan, Replacement, SurrogateKey, build, data, layout};
use candor_vault::Entropy;
use proptest::prelude::*;

use crate::builds::World;

fn conversation(name: usize, texts: &[String]) -> Conversation {
    let turn = |(number, text): (usize, &String)| {
        let role = if number % 2 == 0 { Role::User } else { Role::Assistant };
        Turn::new(format!("t{number}"), number.checked_sub(1), role, vec![Part::Text(text.clone())])
    };
    Conversation::new(format!("c{name}"), texts.iter().enumerate().map(turn).collect()).unwrap()
}

/// The rows of a release, each its messages.
fn rows(built: &Built) -> Vec<Vec<Message>> {
    let mut rows = Vec::new();
    for file in &built.manifest.files {
        let bytes = fs::read(built.folder.join(&file.path)).unwrap();
        data::read(bytes.into(), &file.path, |batch| -> Result<(), data::DataError> {
            rows.extend(candor_release::stage::messages_of(&batch.messages).unwrap());
            Ok(())
        })
        .unwrap();
    }
    rows
}

fn texts(row: &[Message]) -> Vec<String> {
    row.iter().map(|message| message.content.clone()).collect()
}

/// A build; what is drawn in it is decided by the seed.
fn built(world: &mut World, name: &str, replacement: Replacement, seed: u8) -> Built {
    let output = world.folder.path().join(format!("{name}-{seed}"));
    let plan = Plan { name: name.into(), replacement, ..World::plan(&output, MEMORY_BYTES) };
    build(&mut world.vault, &plan, &mut Entropy::from_seed([seed; 32]), &|_| {}).unwrap()
}

fn restored(world: &World, built: &Built) -> Result<Vec<Option<Vec<String>>>, RestoreError> {
    let name = built.manifest.name.clone();
    let plan = Plan { name, ..World::plan(&built.folder, MEMORY_BYTES) };
    let all: BTreeSet<u64> = (0..built.manifest.rows.released).collect();
    let mut found = restore(&world.vault, &plan, (&built.folder, &built.manifest, &all))?;
    Ok(all.iter().map(|row| found.remove(row).map(|messages| texts(&messages))).collect())
}

const KEPT: Replacement = Replacement::Surrogates(SurrogateKey::Keep);
const DESTROYED: Replacement = Replacement::Surrogates(SurrogateKey::Destroy);

fn letter() -> Vec<String> {
    [
        "I am Maria Delgado, maria.delgado@posteo.example, +44 20 7946 0018. Please call Maria.",
        "Dear Ms Delgado, I will write to maria.delgado@posteo.example and call +44 20 7946 0018.",
        "Thanks. My key is AKIAIOSFODNN7EXAMPLQ.",
    ]
    .map(str::to_owned)
    .to_vec()
}

#[test]
fn surrogates_read_like_what_they_replace_and_are_no_leak_and_no_suspicion() {
    let mut world = World::new(vec![conversation(0, &letter())]);
    let plain = built(&mut world, "plain", Replacement::Placeholders, 1);
    let release = built(&mut world, "drawn", DESTROYED, 1);
    assert!(verify_release(&release.folder, None).is_ok());
    let whole = texts(&rows(&release)[0]).join("\n");
    for value in ["Maria", "Delgado", "posteo", "7946 0018"] {
        assert!(!whole.contains(value), "{value} stands in: {whole}");
    }
    assert!(whole.contains('@') && whole.contains("+44") && !whole.contains("[EMAIL"), "{whole}");
    let of = |built: &Built| built.manifest.residual.clone().unwrap();
    assert_eq!(of(&release).leaks, [].into());
    assert_eq!(of(&release).suspects, of(&plain).suspects, "what looks like an identifier is none of ours");
    assert_eq!(release.manifest.identifiers, plain.manifest.identifiers);
    assert!(release.manifest.surrogates > 0 && plain.manifest.surrogates == 0);
    let card = fs::read_to_string(release.folder.join("README.md")).unwrap();
    assert!(card.contains("Surrogates stand for") && card.contains("nothing leads back"), "{card}");
    assert!(matches!(restored(&world, &release), Err(RestoreError::NoKey(_))));
    assert!(matches!(restored(&world, &plain), Err(RestoreError::NoKey(_))));
}

#[test]
fn copies_that_differ_in_names_alone_are_one_row_whatever_stands_for_the_names() {
    let said = |name: &str| vec![format!("Write a letter to {name}@posteo.example about bread and rivers.")];
    let mut world = World::new(vec![conversation(0, &said("ada")), conversation(1, &said("bob"))]);
    let placeholders = built(&mut world, "plain", Replacement::Placeholders, 1);
    let surrogates = built(&mut world, "drawn", DESTROYED, 1);
    assert_eq!(placeholders.manifest.rows, surrogates.manifest.rows);
    assert_eq!(surrogates.manifest.rows.released, 1);
}

#[test]
fn what_was_pasted_is_where_it_stands_in_the_file() {
    let answer = "Dear Maria Delgado, the tide turns about every six hours and a quarter on most coasts.";
    let said = ["When does it turn? I am Maria Delgado.", answer, answer].map(str::to_owned);
    let mut world = World::new(vec![conversation(0, &said)]);
    let release = built(&mut world, "drawn", DESTROYED, 1);
    // Both verifiers recount the spans from the messages as they are written.
    assert!(verify_release(&release.folder, None).is_ok());
    let pasted = release.manifest.origin.bytes[&candor_release::origin::SpanKind::PastedFromAssistant];
    let row = texts(&rows(&release)[0]);
    assert_eq!((row[1].clone(), pasted), (row[2].clone(), row[2].len() as u64));
}

#[test]
fn who_is_erased_is_not_restored_and_a_forgotten_key_restores_nobody() {
    let mut world = World::new(vec![conversation(0, &letter())]);
    let release = built(&mut world, "kept", KEPT, 1);
    assert_eq!(restored(&world, &release).unwrap(), [Some(letter())]);
    let path = layout::record_path("kept", layout::RECORD_SURROGATE_KEY);
    let key = world.vault.read_record(&path).unwrap();
    world.vault.destroy_record(&path).unwrap();
    assert!(matches!(restored(&world, &release), Err(RestoreError::NoKey(_))));
    world.vault.write_record(&path, &key, &mut Entropy::from_seed([2; 32])).unwrap();
    world.erase_ada();
    assert_eq!(restored(&world, &release).unwrap(), [None], "with the key there is still nothing to read");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_key_decides_the_bytes_and_leads_back_to_what_was_said(
        turns in prop::collection::vec(
            prop::collection::vec(
                prop::sample::select(vec![
                    "Maria Delgado", "Maria", "Mr Nkosi", "ada@lovelace.org", "Ada@Lovelace.org", "212-736-5000",
                    "4111 1111 1111 1111", "10.20.30.40", "AKIAIOSFODNN7EXAMPLQ", "[EMAIL_1]", "Lyon", "and",
                    "my phone is", "said:", "\n", "ß", "write to", ".",
                ]),
                1..12,
            ),
            1..5,
        ),
    ) {
        let said: Vec<String> = turns.iter().map(|words| words.join(" ")).collect();
        let mut world = World::new(vec![conversation(0, &said)]);
        let first = built(&mut world, "first", KEPT, 5);
        let mut again = World::new(vec![conversation(0, &said)]);
        let second = built(&mut again, "first", KEPT, 5);
        prop_assert_eq!(&first.manifest.commitment, &second.manifest.commitment);
        prop_assert!(verify_release(&first.folder, None).is_ok());
        prop_assert_eq!(&first.manifest.residual.as_ref().unwrap().leaks, &[].into());
        prop_assert_eq!(restored(&world, &first).unwrap(), [Some(said)]);
        let plain = built(&mut world, "plain", Replacement::Placeholders, 5);
        prop_assert_eq!(&plain.manifest.identifiers, &first.manifest.identifiers);
    }
}
