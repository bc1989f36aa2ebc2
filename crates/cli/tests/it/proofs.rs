//! `candor prove` gives only proofs that hold, and overwrites none.

use std::fs;

use crate::run::{World, files};
use crate::town;

const BUILD: [&str; 3] = ["release", "build", "first"];

/// The enrolment receipt of a person.
fn enrolment(world: &World, name: &str) -> String {
    let folder = town::receipts_of(world, name);
    let first = files(&folder).into_keys().next().unwrap();
    folder.join(first).to_str().unwrap().to_owned()
}

#[test]
fn no_proof_is_written_for_a_receipt_that_can_show_nothing_about_the_release() {
    let world = town::settled();
    world.ok(&BUILD);
    world.ok(&["enrol", "late"]);
    let late = enrolment(&world, "late");
    world.run(&["prove", "first", "--receipt", &late]).fails(1, "enrolled too late");
    let other = town::settled();
    let of_another = enrolment(&other, "ada");
    world.run(&["prove", "first", "--receipt", &of_another]).fails(1, "show nothing");
    assert!(!world.beside("first.proof.json").exists());
}

#[test]
fn a_proof_that_is_there_is_not_overwritten_and_the_report_names_the_release_by_its_id() {
    let world = town::settled();
    let id = world.json(&BUILD)["id"].as_str().unwrap().to_owned();
    let receipt = enrolment(&world, "ada");
    let prove = ["prove", "first", "--receipt", &receipt];
    world.ok(&prove);
    let proof = world.beside("first.proof.json");
    let before = fs::read(&proof).unwrap();
    world.run(&prove).fails(1, "first.proof.json exists");
    assert_eq!(fs::read(&proof).unwrap(), before);
    let answer = world.verifies(&proof);
    assert!(answer.code == Some(0) && answer.out.contains(&id), "{answer:?}");
}
