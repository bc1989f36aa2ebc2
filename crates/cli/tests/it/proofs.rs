//! `candor prove` gives only proofs that hold, and overwrites none.

use std::fs;
use std::path::Path;
use std::process::Command;

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

/// Whether the second verifier, which shares no code with ours, agrees.
fn python_agrees(world: &World, proof: &Path) -> bool {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../verify/candor_states.py");
    let mut verifier = Command::new("python3");
    verifier.arg(script).arg(proof).arg("--trust").arg(world.data().join("trust.keys"));
    verifier.output().unwrap().status.code() == Some(0)
}

#[test]
fn who_took_a_yes_back_shows_when_and_what_a_release_had_to_know() {
    let world = town::settled();
    world.ok(&BUILD);
    world.ok(&["consent", "withdraw", "ada", "train"]);
    world.ok(&["release", "build", "second"]);
    let receipt = enrolment(&world, "ada");
    let prove = |epoch: &str, purpose: &str, to: &str| {
        world.ok(&["consent", "prove", purpose, "--receipt", &receipt, "--epoch", epoch, "--to", to]);
        world.beside(to)
    };
    for (epoch, purpose, shown) in [
        ("1", "train", "was `given` at epoch 1"),
        ("2", "train", "was `withdrawn` at epoch 2"),
        ("2", "publish", "there was no yes at epoch 2"),
    ] {
        let proof = prove(epoch, purpose, &format!("{epoch}-{purpose}.json"));
        let answer = world.verifies(&proof);
        assert!(answer.code == Some(0) && answer.out.contains(shown), "{answer:?}");
        assert!(python_agrees(&world, &proof), "{}", proof.display());
    }
    let forged =
        fs::read_to_string(world.beside("2-train.json")).unwrap().replace("\"withdrawn\"", "\"given\"");
    let forged = world.write("forged.json", forged);
    assert_eq!(world.verifies(&forged).code, Some(1));
    assert!(!python_agrees(&world, &forged));

    let folder = town::receipts_of(&world, "ada");
    let withdrawal = files(&folder).into_keys().next_back().unwrap();
    let withdrawal = folder.join(withdrawal).to_str().unwrap().to_owned();
    for (release, shown) in
        [("first", "`withdrawn` for train is at"), ("second", "the release had to obey it")]
    {
        let folder = world.data().join("releases").join(release).to_str().unwrap().to_owned();
        let keys = world.data().join("trust.keys").to_str().unwrap().to_owned();
        let told = world.ok(&["verify", &folder, "--receipt", &withdrawal, "--trust", &keys]).out;
        assert!(told.contains(shown), "{told}");
        assert_eq!(told.contains("could not know of it"), release == "first", "{told}");
    }
}
