//! Files in rows, and the second look at what was written.

use std::fs;

use candor_conversation::{Attachment, Conversation, File, Held, Kind, Part, Role, Turn};
use candor_release::build::BuildError;
use candor_release::residual::{Gates, Look, again};
use candor_release::verify::verify_release;
use candor_release::{Attachments, MEMORY_BYTES, Plan, build, data};
use candor_vault::Entropy;

use crate::builds::World;

fn file(bytes: &[u8]) -> Part {
    Part::Attachment(Attachment {
        held: Held::File(File::new(bytes.to_vec())),
        ..Attachment::of_kind("file")
    })
}

fn says(parts: Vec<Part>, id: &str) -> Conversation {
    Conversation::new(id.to_owned(), vec![Turn::new("t0", None, Role::User, parts)]).unwrap()
}

fn text(text: &str) -> Part {
    Part::Text(text.into())
}

pub(crate) fn rows(built: &candor_release::Built) -> Vec<String> {
    let mut rows = Vec::new();
    for file in &built.manifest.files {
        let bytes = fs::read(built.folder.join(&file.path)).unwrap();
        data::read(bytes.into(), &file.path, |batch| -> Result<(), data::DataError> {
            let messages = candor_release::stage::messages_of(&batch.messages).unwrap();
            rows.extend(messages.into_iter().flatten().map(|message| message.content));
            Ok(())
        })
        .unwrap();
    }
    rows.sort();
    rows
}

#[test]
fn the_text_of_a_file_is_in_the_row_without_its_identifiers_and_a_picture_is_not() {
    let mut world = World::new(vec![
        says(vec![text("Read this:"), file(b"Dear Bob,\nwrite to ada@lovelace.org.\n")], "letter"),
        says(vec![text("And look:"), file(b"\xff\xd8\xff\xe0 bob@example.org")], "picture"),
    ]);
    let plan = World::plan(&world.folder.path().join("text"), MEMORY_BYTES);
    let withheld = World::build_plan(&mut world.vault, &plan);
    assert_eq!(rows(&withheld), ["And look:\n[FILE]", "Read this:\n[FILE]"]);
    assert_eq!(withheld.manifest.attachments, [("withheld".to_owned(), 2)].into());
    let output = world.folder.path().join("more");
    let plan = Plan { name: "second".into(), output, attachments: Attachments::Text, ..plan };
    let built = World::build_plan(&mut world.vault, &plan);
    let [picture, letter] = &rows(&built)[..] else { panic!("two rows") };
    assert_eq!(picture, "And look:\n[FILE]");
    assert!(
        letter.starts_with("Read this:\n[FILE]\nDear ") && letter.contains("write to [EMAIL_1]."),
        "{letter}"
    );
    let outcomes = [("image".to_owned(), 1), ("read".to_owned(), 1)];
    assert_eq!(built.manifest.attachments, outcomes.into());
    assert!(verify_release(&built.folder, None).is_ok());
    let card = fs::read_to_string(built.folder.join("README.md")).unwrap();
    assert!(card.contains("| withheld: not readable (`image`) | 1 |"), "{card}");
}

/// A number that is a telephone number where a word says so, and any number where none does.
fn leaking() -> World {
    let turn = |number: usize, said: &str| {
        Turn::new(format!("t{number}"), number.checked_sub(1), Role::User, vec![text(said)])
    };
    let turns = vec![turn(0, "My phone is 212-736-5000, call me."), turn(1, "So I told them: 2127365000.")];
    World::new(vec![Conversation::new("c", turns).unwrap()])
}

#[test]
fn a_value_that_was_replaced_and_still_stands_is_a_leak_and_can_stop_the_release() {
    let mut world = leaking();
    let output = world.folder.path().join("release");
    let plan = World::plan(&output, MEMORY_BYTES);
    let strict = Look { gates: Gates { leaks_max: Some(0), ..Gates::default() }, ..Look::default() };
    let refused = Plan { look: strict, ..plan.clone() };
    let error = build(&mut world.vault, &refused, &mut Entropy::from_seed([9; 32]), &|_| {}).unwrap_err();
    assert!(matches!(&error, BuildError::Residual(over) if over.gate == "leaks_max"), "{error}");
    assert_eq!(error.kind(), Kind::Denied);
    assert!(!error.to_string().contains("212"), "{error}");
    assert!(!output.exists() && world.vault.releases().unwrap().is_empty());
    let left: Vec<_> = fs::read_dir(world.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["vault"]);

    let built = World::build_plan(&mut world.vault, &plan);
    let residual = built.manifest.residual.as_ref().unwrap();
    assert_eq!(residual.leaks, [("PHONE".to_owned(), 1)].into());
    assert_eq!((residual.rows, residual.turns), (1, 2));
    assert!(verify_release(&built.folder, None).is_ok());
    let card = fs::read_to_string(built.folder.join("README.md")).unwrap();
    assert!(card.contains("**1 values that were replaced in a conversation still stand"), "{card}");
}

#[test]
fn what_the_engine_misses_is_estimated_and_can_stop_the_release() {
    let said = "My name is Thandiwe Nkosi, reach me at thandi@nkosi.example.";
    let mut world = World::new(vec![says(vec![text(said)], "c")]);
    let mut plan = World::plan(&world.folder.path().join("release"), MEMORY_BYTES);
    // An engine that knows addresses only.
    plan.identifiers.kinds = vec![candor_deid::IdentifierKind::Email];
    let gates = Gates { missed_per_1000_turns_max: Some(500.0), ..Gates::default() };
    let refused = Plan { look: Look { gates, ..Look::default() }, ..plan.clone() };
    let error = build(&mut world.vault, &refused, &mut Entropy::from_seed([9; 32]), &|_| {}).unwrap_err();
    assert!(
        matches!(&error, BuildError::Residual(over) if over.gate == "missed_per_1000_turns_max"),
        "{error}"
    );
    let built = World::build_plan(&mut world.vault, &plan);
    let residual = built.manifest.residual.as_ref().unwrap();
    let (person, email) = (&residual.caught["PERSON"], &residual.caught["EMAIL"]);
    assert_eq!((person.engine, person.second, person.missed.value.as_str()), (0, 1, "1.0000"));
    assert_eq!((email.engine, email.second, email.both, email.missed.value.as_str()), (1, 1, 1, "0.0000"));
    assert_eq!(residual.missed_per_1000_turns.as_ref().unwrap().value, "1000.0000");
    let again = again::look(&built.folder, &built.manifest, (&plan.identifiers, 1)).unwrap();
    assert_eq!((again.rows, again.turns, again.suspects["PERSON"].second), (1, 1, 1));
    assert_eq!(again.suspects, residual.suspects);
}

#[test]
fn without_a_sample_nobody_looks_and_the_card_says_so() {
    let mut world = leaking();
    let plan = World::plan(&world.folder.path().join("release"), MEMORY_BYTES);
    let look = Look { sample_turns: 0, ..Look::default() };
    let built = World::build_plan(&mut world.vault, &Plan { look, ..plan });
    assert_eq!(built.manifest.residual, None);
    let card = fs::read_to_string(built.folder.join("README.md")).unwrap();
    assert!(card.contains("Nobody looked a second time"));
    assert!(verify_release(&built.folder, None).is_ok());
}
