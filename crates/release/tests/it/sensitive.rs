//! What tells something sensitive: generalised, or left out with what answers it.

use std::fs;

use candor_consent::Reason;
use candor_conversation::{Conversation, Part, Role, Turn};
use candor_deid::sensitive::{Class, Policy};
use candor_release::manifest::{SensitiveClass, Sentences};
use candor_release::verify::verify_release;
use candor_release::{MEMORY_BYTES, Plan};

use crate::builds::World;
use crate::second_look::rows;

const ILL: &str = "I was diagnosed with epilepsy last year.";
const TOLD: &str = "My friend told me in strict confidence that she is leaving her husband.";

/// A tree of turns: parent, whether a person said it, text.
fn conversation(turns: &[(Option<usize>, Role, &str)]) -> Conversation {
    let turn = |(number, (parent, role, text)): (usize, &(Option<usize>, Role, &str))| {
        Turn::new(format!("t{number}"), *parent, *role, vec![Part::Text((*text).into())])
    };
    Conversation::new("c".to_owned(), turns.iter().enumerate().map(turn).collect()).unwrap()
}

fn world() -> World {
    use Role::{Assistant, User};
    World::new(vec![conversation(&[
        (None, User, &format!("Hello. {ILL} What may I eat?")),
        (Some(0), Assistant, "Whatever you like."),
        (Some(1), User, &format!("Thanks! {TOLD} {ILL}")),
        (Some(2), Assistant, "That is sad."),
        (Some(3), User, "Indeed."),
        (Some(1), User, "And what may I drink?"),
        (Some(5), Assistant, "Water."),
    ])])
}

fn sentences(built: &candor_release::Built, class: Class) -> [u64; 3] {
    let found = built.manifest.sensitive.get(&SensitiveClass(class)).copied();
    let Sentences { kept, generalised, withheld } = found.unwrap_or_default();
    [kept, generalised, withheld]
}

#[test]
fn what_is_told_of_another_is_left_out_with_its_answers_and_what_one_tells_of_oneself_is_generalised() {
    let mut world = world();
    let plan = World::plan(&world.folder.path().join("release"), MEMORY_BYTES);
    let built = World::build_plan(&mut world.vault, &plan);
    let told = "Hello. [something about health] What may I eat?";
    assert_eq!(rows(&built), ["And what may I drink?", told, "Water.", "Whatever you like."]);
    let turns = &built.manifest.turns;
    assert_eq!((turns.examined, turns.used), (7, 4));
    assert_eq!(turns.withheld, [(Reason::Sensitive, 1), (Reason::AfterWithheld, 2)].into());
    assert_eq!(sentences(&built, Class::Health), [0, 1, 1]);
    assert_eq!(sentences(&built, Class::Confidence), [0, 0, 1]);
    assert!(verify_release(&built.folder, None).is_ok());
    let card = fs::read_to_string(built.folder.join("README.md")).unwrap();
    assert!(card.contains("| health | 0 | 1 | 1 |") && card.contains("(`sensitive`) | 1 |"), "{card}");
    for file in ["release.json", "README.md"] {
        let text = fs::read_to_string(built.folder.join(file)).unwrap();
        assert!(!text.contains("epilepsy") && !text.contains("husband"), "{file}");
    }
}

#[test]
fn a_path_that_ends_at_a_withheld_turn_is_a_row_up_to_it() {
    use Role::{Assistant, User};
    let mut world = World::new(vec![conversation(&[
        (None, User, "How do I keep bread fresh?"),
        (Some(0), Assistant, "In a cloth bag."),
        (Some(1), User, TOLD),
        (Some(1), User, &format!("Well. {TOLD}")),
    ])]);
    let plan = World::plan(&world.folder.path().join("release"), MEMORY_BYTES);
    let built = World::build_plan(&mut world.vault, &plan);
    assert_eq!(built.manifest.rows.candidates, 1, "both branches end in the same row");
    assert_eq!(rows(&built), ["How do I keep bread fresh?", "In a cloth bag."]);
    assert_eq!(built.manifest.turns.withheld, [(Reason::Sensitive, 2)].into());
}

#[test]
fn a_policy_that_keeps_all_changes_nothing_and_counts() {
    let mut world = world();
    let plan = World::plan(&world.folder.path().join("release"), MEMORY_BYTES);
    let built = World::build_plan(&mut world.vault, &Plan { sensitive: Policy::keeping(), ..plan });
    assert_eq!(built.manifest.turns.used, 7);
    assert!(rows(&built).iter().any(|text| text.contains(TOLD)));
    // The turns that two rows share count once.
    assert_eq!(sentences(&built, Class::Health), [2, 0, 0]);
    assert_eq!(sentences(&built, Class::Confidence), [1, 0, 0]);
}
