//! `candor train`: killed at its durable steps, and refused a release that somebody added to.

use std::fs;

use crate::run::{World, files};
use crate::town;

const BUILD: &[&str] = &["release", "build", "first"];
/// More than one checkpoint's worth of steps.
const TRAIN: &[&str] = &["train", "first", "--steps", "30"];

fn with_a_release() -> World {
    let world = town::settled();
    let log = town::import_file(&world);
    world.ok(&["import", log.to_str().unwrap()]);
    world.ok(BUILD);
    world
}

#[test]
fn a_run_that_was_killed_goes_on_to_the_same_model() {
    let stage = with_a_release();
    let undisturbed = stage.copy();
    undisturbed.ok(TRAIN);
    let expected = files(&undisturbed.data().join("models/first"));
    assert!(expected.len() > 4, "{:?}", expected.keys());
    for step in ["train-checkpoint", "model-written"] {
        let world = stage.copy();
        world.aborted(step, TRAIN);
        let model = world.data().join("models/first");
        if model.exists() {
            assert_eq!(files(&model), expected, "{step}");
            continue;
        }
        world.ok(TRAIN);
        assert_eq!(files(&model), expected, "{step}");
        world.ok(&[
            "verify",
            model.to_str().unwrap(),
            "--trust",
            world.data().join("trust.keys").to_str().unwrap(),
        ]);
    }
}

#[test]
fn a_file_that_was_slipped_into_a_release_keeps_it_from_being_learned() {
    let world = with_a_release();
    fs::write(world.release("first").join("data/more.parquet"), b"more").unwrap();
    world.run(TRAIN).fails(1, "more.parquet");
    assert!(!world.data().join("models/first").exists());
}
