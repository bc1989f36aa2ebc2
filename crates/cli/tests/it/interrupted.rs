//! Releases whose build was interrupted, moved to other folders, or dated before a promise ended.

use std::fs;
use std::path::PathBuf;

use crate::run::World;
use crate::town;

const AS_OF: &str = "2026-03-01T00:00:00Z";
const BUILD: [&str; 5] = ["release", "build", "first", "--as-of", AS_OF];

/// Folders in the releases' folder that are not yet one.
fn half_made(world: &World) -> Vec<PathBuf> {
    let entries = fs::read_dir(world.data().join("releases")).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "partial")).collect()
}

#[test]
fn an_interrupted_release_is_void_once_someone_in_it_was_erased() {
    for retention_first in [false, true] {
        let world = town::settled();
        world.aborted("release-committed", &BUILD);
        assert_eq!(half_made(&world).len(), 1);
        world.ok(&["erase", "ada", "--yes"]);
        if retention_first {
            world.ok(&["retention", "run"]);
            assert_eq!(half_made(&world), Vec::<PathBuf>::new(), "retention drops what can never be placed");
            world.run(&BUILD).fails(1, "first");
        } else {
            world.run(&BUILD).fails(1, "is void");
        }
        assert_eq!(half_made(&world), Vec::<PathBuf>::new());
        assert!(!world.release("first").exists());
        world.run(&BUILD).fails(1, "first");
        world.ok(&["release", "build", "second", "--as-of", AS_OF]);
    }
}

#[test]
fn an_interrupted_release_is_completed_as_of_its_own_time_when_none_is_named() {
    let world = town::settled();
    world.aborted("release-committed", &BUILD);
    world.ok(&["release", "build", "first"]);
    assert_eq!(world.verifies(&world.release("first")).code, Some(0));
}

#[test]
fn an_interrupted_release_survives_retention_and_is_completed_by_the_same_build_only() {
    let world = town::settled();
    world.aborted("release-committed", &BUILD);
    world.ok(&["retention", "run"]);
    let elsewhere = world.beside("elsewhere");
    let other: [&[&str]; 3] = [
        &["release", "build", "first", "--as-of", AS_OF, "--folder", elsewhere.to_str().unwrap()],
        &["release", "build", "first", "--as-of", "2026-02-19T00:00:00Z"],
        &["release", "build", "first", "--as-of", AS_OF, "--purpose", "publish"],
    ];
    for command in other {
        let answer = world.run(command);
        answer.fails(1, "half made").fails(1, AS_OF).fails(1, "releases/first");
    }
    world.ok(&BUILD);
    assert_eq!(world.verifies(&world.release("first")).code, Some(0));
    assert_eq!(half_made(&world), Vec::<PathBuf>::new());
}

#[test]
fn a_folder_given_with_dots_is_made_where_it_says_and_one_without_a_name_is_refused_before_any_work() {
    let world = town::settled();
    world.ok(&["release", "build", "dots", "--as-of", AS_OF, "--folder", "new/./deep/."]);
    assert_eq!(world.verifies(&world.beside("new/deep")).code, Some(0));
    let refused = ["release", "build", "first", "--as-of", AS_OF, "--folder", "new/.."];
    world.run(&refused).fails(1, "does not name a new folder");
    world.ok(&BUILD);
}

#[test]
fn a_build_started_in_one_working_directory_is_completed_only_for_the_folder_it_was_given() {
    let world = town::settled();
    let build = ["release", "build", "first", "--as-of", AS_OF, "--folder", "mine"];
    world.aborted("release-committed", &build);
    fs::create_dir(world.beside("below")).unwrap();
    let mut other = world.command(&build);
    let answer = crate::run::Answer::of(other.current_dir(world.beside("below")));
    answer.fails(1, "half made");
    world.ok(&build);
    assert_eq!(world.verifies(&world.beside("mine")).code, Some(0));
}

#[test]
fn building_a_release_touches_no_folder_that_another_made() {
    let world = town::settled();
    world.run(&["release", "build", "first.partial", "--as-of", AS_OF]).fails(1, "cannot name a release");
    fs::create_dir_all(world.release("first.partial")).unwrap();
    fs::create_dir(world.beside("mine.partial")).unwrap();
    world.ok(&BUILD);
    world.ok(&["release", "build", "second", "--as-of", AS_OF, "--folder", "mine"]);
    assert!(world.release("first.partial").exists() && world.beside("mine.partial").exists());
}

#[test]
fn a_turn_whose_promised_time_is_over_is_not_used_by_a_decision_dated_before_that() {
    let mut world = town::settled();
    world.set_now("2036-03-01T00:00:00Z");
    let manifest = world.json(&["release", "build", "late", "--as-of", AS_OF]);
    assert_eq!(manifest["turns"]["used"], 0);
    assert!(manifest["turns"]["withheld"]["retention-ended"].as_u64().unwrap() > 0, "{manifest}");
}
