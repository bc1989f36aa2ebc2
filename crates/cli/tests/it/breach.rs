//! Whose data an exposure could touch, and what is written about it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::run::World;
use crate::town;

const KNOWN_AT: &str = "2026-03-01T09:00:00Z";
const EVERYTHING: [&str; 4] = ["--catalogue", "--objects", "--epoch-key", "1"];

fn scope(world: &World, flags: &[&str]) -> Value {
    world.json(&[&["breach", "scope"], flags].concat())
}

/// The town, whose keys are rotated ten days after everything was entered.
fn rotated() -> World {
    let mut world = town::settled();
    world.set_now("2026-03-11T00:00:00Z");
    world.ok(&["keys", "rotate"]);
    world.set_now("2026-03-21T00:00:00Z");
    world
}

fn names_anybody(text: &str) -> bool {
    let mut words = text.split(|letter: char| !letter.is_alphanumeric());
    words.any(|word| ["ada", "bo", "cy", "fay", "ned"].contains(&word))
}

#[test]
fn a_breach_names_whom_it_could_touch_in_files_alone() {
    let world = town::settled();
    let folder = world.beside("breach");
    let flags = ["--known-at", KNOWN_AT, "--to-folder", folder.to_str().unwrap()];
    let answer = world.ok(&[["breach", "scope"].as_slice(), &EVERYTHING, &flags].concat());
    assert!(!names_anybody(&answer.out) && answer.err.is_empty(), "{answer:?}");
    let told = answer.out.replace(world.beside("").to_str().unwrap(), "DIR/");
    let file = |name: &str| {
        let path = folder.join(name);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
        fs::read_to_string(path).unwrap()
    };
    let mut persons: Vec<String> = file("persons.csv").lines().map(str::to_owned).collect();
    persons[1..].sort();
    let regulator = file("regulator.md");
    assert!(!names_anybody(&regulator) && names_anybody(&persons.join(" ")), "{regulator}");
    assert_snapshot!(format!(
        "{told}\n--- persons.csv\n{}\n\n--- regulator.md\n{regulator}",
        persons.join("\n")
    ));
}

#[test]
fn what_is_exposed_together_decides_what_can_be_read() {
    let world = town::settled();
    world.ok(&["release", "build", "first", "--as-of", "2026-03-01T00:00:00Z"]);
    let notify = |flags: &[&str]| scope(&world, flags)["notify"].clone();
    let of = |yes: u64, consider: u64, no: u64| json!({ "yes": yes, "consider": consider, "no": no });
    assert_eq!(notify(&["--catalogue"]), of(0, 0, 5));
    assert_eq!(notify(&["--epoch-key", "1"]), of(0, 0, 0));
    assert_eq!(notify(&["--master-key"]), of(0, 0, 0));
    assert_eq!(notify(&["--access-log", "--operator-key"]), of(0, 0, 0));
    assert_eq!(notify(&["--catalogue", "--epoch-key", "1"]), of(0, 5, 0));
    // Ned refused everything: there is nothing of his to read but that.
    assert_eq!(notify(&EVERYTHING), of(4, 1, 0));
    assert_eq!(notify(&["--catalogue", "--objects", "--master-key"]), of(4, 1, 0));
    assert_eq!(notify(&["--release", "first"]), of(0, 3, 0));
}

#[test]
fn a_key_that_was_destroyed_before_the_time_opens_nothing_and_a_person_who_came_later_was_not_there() {
    let mut world = rotated();
    world.ok(&["enrol", "late"]);
    let people = |flags: &[&str]| {
        let told = scope(&world, &[&EVERYTHING, flags].concat());
        (told["could_be_read"]["text"].as_u64().unwrap_or(0), told["people"].as_u64().unwrap(), told)
    };
    let (text, all, told) = people(&["--from", "2026-03-12T00:00:00Z"]);
    assert_eq!((text, all), (0, 6));
    assert!(told["remarks"].to_string().contains("key of epoch 1 was not in force"), "{told}");
    let (text, all, _) = people(&["--from", "2026-03-12T00:00:00Z", "--epoch-key", "2"]);
    assert_eq!((text, all), (4, 6));
    let (text, all, _) = people(&["--to", "2026-03-10T00:00:00Z"]);
    assert_eq!((text, all), (4, 5), "who came later was not in it");
    let (_, all, _) = people(&["--to", "2026-01-01T00:00:00Z"]);
    assert_eq!(all, 0, "nothing was said, nobody was enrolled");
    world.set_now("2026-03-22T00:00:00Z");
    world.ok(&["erase", "ada", "--yes"]);
    let told = scope(&world, &EVERYTHING);
    assert_eq!((&told["erased_since"], &told["people"]), (&1.into(), &5.into()));
}

#[test]
fn a_stolen_key_of_the_gateway_speaks_for_its_person_or_for_its_tenant() {
    let world = town::settled();
    world.ok(&["gateway", "init"]);
    world.ok(&["gateway", "key", "adas", "--subject", "ada"]);
    world.ok(&["gateway", "key", "backend", "--hints"]);
    assert_eq!(scope(&world, &["--gateway-key", "adas"])["notify"]["yes"], 1);
    assert_eq!(scope(&world, &["--gateway-key", "backend"])["notify"]["yes"], 5);
    world.run(&["breach", "scope", "--gateway-key", "x"]).fails(1, "no key of the gateway is named `x`");
}

#[test]
fn a_question_that_states_nothing_or_what_there_is_not_is_refused() {
    let world = town::settled();
    world.run(&["breach", "scope"]).fails(1, "nothing is said to be exposed");
    world.run(&["breach", "scope", "--release", "x"]).fails(1, "x");
    let backwards = ["breach", "scope", "--catalogue", "--from", "2026-02-02", "--to", "2026-02-01"];
    world.run(&backwards).fails(1, "is after --to");
}
