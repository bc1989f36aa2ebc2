//! Choices of many people from a file, and acts that go through although a release's record is lost.

use std::fs;

use crate::run::{Answer, World};
use crate::town;

fn import(world: &World, name: &str, text: &str) -> Answer {
    let file = world.write(name, text);
    world.run(&["--output", "json", "consent", "import", file.to_str().unwrap(), "--attested-by", "crm"])
}

fn events(world: &World) -> Vec<String> {
    world.query("SELECT purpose, state, COUNT(*) FROM event GROUP BY 1, 2 ORDER BY 1, 2")
}

#[test]
fn a_file_without_ages_and_tiers_makes_no_adult_and_no_consumer() {
    let world = World::new();
    world.ok(&["enrol", "kid", "--age", "15"]);
    world.ok(&["enrol", "biz", "--tier", "business"]);
    let rows = "subject,purpose,state,effective_at\nkid,train,given,2026-01-02T00:00:00Z\n\
                biz,train,given,2026-01-02T00:00:00Z\n";
    assert_eq!(import(&world, "c.csv", rows).code, Some(0));
    world.ok(&["enrol", "kid", "biz"]);
    let log = world.write(
        "log.jsonl",
        [
            town::thread("1", &[("kid", "one kite"), ("", "yes")]),
            town::thread("2", &[("biz", "two"), ("", "no")]),
        ]
        .concat(),
    );
    let counts = world.json(&["import", log.to_str().unwrap()]);
    assert_eq!(counts["imported"], 0, "{counts}");
    assert_eq!(counts["withheld"]["under-age"], 1, "{counts}");
    assert_eq!(counts["withheld"]["no-contract"], 1, "{counts}");
}

#[test]
fn a_file_whose_rows_have_no_time_can_be_given_again() {
    let world = World::new();
    let rows = "subject,purpose,state\nada,train,give\nada,history,yes\nbo,train,no\n";
    let first = import(&world, "c.csv", rows).json();
    assert_eq!((&first["enrolled"], &first["recorded"]), (&2.into(), &3.into()), "{first}");
    let before = events(&world);
    let again = import(&world, "c.csv", rows).json();
    assert_eq!((&again["recorded"], &again["known"]), (&0.into(), &3.into()), "{again}");
    assert_eq!(events(&world), before);
}

#[test]
fn a_file_with_a_wrong_row_enrols_nobody() {
    let world = World::new();
    for wrong in ["bo,train,withdraw", "bo,train,perhaps", "bo,everything,given", "\"b\no\",train,given"] {
        let answer = import(&world, "c.csv", &format!("subject,purpose,state\nada,train,given\n{wrong}\n"));
        answer.fails(1, "line 3");
        assert_eq!(world.query("SELECT COUNT(*) FROM subject"), ["0"], "{wrong}");
    }
    let file = world.write("d.csv", "subject,purpose,state\nada,train,given\n");
    let blank = ["consent", "import", file.to_str().unwrap(), "--attested-by", " "];
    world.run(&blank).fails(1, "--attested-by is blank");
}

#[test]
fn one_erased_person_does_not_keep_the_others_of_a_file_out() {
    let world = World::new();
    world.ok(&["enrol", "ada"]);
    world.ok(&["erase", "ada", "--yes"]);
    let counts = import(&world, "c.csv", "subject,purpose,state\nada,train,given\nbo,train,given\n").json();
    assert_eq!((&counts["erased"], &counts["recorded"]), (&1.into(), &1.into()), "{counts}");
    let file = world.beside("c.csv");
    let told = world.ok(&["consent", "import", file.to_str().unwrap(), "--attested-by", "crm"]);
    assert!(told.out.contains("erased: lines 2"), "{told:?}");
}

#[test]
fn a_lost_release_record_keeps_nobody_in() {
    let world = town::settled();
    world.ok(&["release", "build", "first", "--as-of", "2026-03-01T00:00:00Z"]);
    world.ok(&["release", "build", "second", "--as-of", "2026-03-01T00:00:00Z"]);
    fs::remove_dir_all(world.data().join("objects/releases/first")).unwrap();
    world.run(&["consent", "withdraw", "bo", "train"]).fails(3, "unknown for: first");
    assert_eq!(world.query("SELECT DISTINCT release FROM recall"), ["second"]);
    assert!(world.ok(&["consent", "show", "bo"]).out.contains("withdrawn"));
    world.run(&["erase", "ada", "--yes"]).fails(3, "unknown for: first");
    world.run(&["erase", "ada", "--yes"]).fails(1, "was erased");
}

#[test]
fn an_erasure_removes_receipts_in_the_folders_named_and_tells_of_others() {
    let world = World::new();
    let folder = world.beside("elsewhere");
    let to = folder.to_str().unwrap();
    let own = |name: &str| {
        world.json(&["enrol", name, "--receipts", to])[0]["receipts"].as_str().unwrap().to_owned()
    };
    let (ada, bo) = (own("ada"), own("bo"));
    world.ok(&["erase", "ada", "--yes", "--receipts", to]);
    assert!(!fs::exists(&ada).unwrap() && fs::exists(&bo).unwrap());
    let told = world.ok(&["erase", "bo", "--yes"]);
    assert!(told.out.contains("receipts written elsewhere"), "{told:?}");
}

#[test]
fn a_yes_dated_by_a_day_covers_nothing_said_that_day() {
    let world = World::new();
    world.ok(&["enrol", "ada"]);
    world.ok(&["consent", "give", "ada", "train", "--effective-at", "2026-01-10", "--attested-by", "sheet"]);
    let shown = world.ok(&["consent", "show", "ada"]);
    assert!(shown.out.contains("2026-01-10T23:59:59.999Z"), "{shown:?}");
}
