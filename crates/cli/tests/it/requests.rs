//! Requests about rights: from intake to the end, on time, with proof, and gone with the person.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::run::{World, files};
use crate::town;

/// What somebody says when they ask, and what may be left nowhere.
const SAID: &str = "quokka-marzipan-17";

fn opened(world: &World, arguments: &[&str]) -> String {
    let told = world.json(&[&["request", "open"], arguments].concat());
    told["request"].as_str().unwrap().to_owned()
}

fn verified(world: &World, id: &str) -> Value {
    world.json(&["request", "verify-identity", id, "--method", "signed in"])
}

/// All receipts of requests in the data directory.
fn receipts(world: &World) -> Vec<PathBuf> {
    let folder = world.data().join("receipts");
    let all = files(&folder).into_keys().filter(|path| path.to_str().unwrap().contains("/request-"));
    all.map(|path| folder.join(path)).collect()
}

fn assert_verify(world: &World, receipts: &[PathBuf]) {
    for receipt in receipts {
        let shown = world.verifies(receipt);
        assert_eq!(shown.code, Some(0), "{}: {shown:?}", receipt.display());
    }
}

#[test]
fn a_request_is_answered_with_an_export_and_each_step_of_it_is_proved() {
    let world = town::agreed();
    let id = opened(&world, &["ada", "--kind", "access", "--said", SAID]);
    let folder = world.beside("hers");
    let to = folder.to_str().unwrap();
    world.run(&["request", "fulfil", &id, "--folder", to]).fails(1, "nobody has shown yet");
    assert_eq!(verified(&world, &id)["state"], "in_progress");
    world.run(&["request", "fulfil", &id]).fails(1, "--folder");
    let done = world.json(&["request", "fulfil", &id, "--folder", to]);
    assert_eq!((&done["state"], &done["overdue"]), (&"fulfilled".into(), &false.into()));
    let export: Value = serde_json::from_slice(&fs::read(folder.join("export.json")).unwrap()).unwrap();
    assert_eq!(export["requests"][0]["said"]["said"], SAID, "what she asked is hers, too");
    let steps = receipts(&world);
    assert_eq!(steps.len(), 3, "opened, verified, fulfilled: {steps:?}");
    assert_verify(&world, &steps);
    let last: Value = serde_json::from_slice(&fs::read(&steps[2]).unwrap()).unwrap();
    assert!(last["record"]["step"]["evidence"].as_str().unwrap().contains("SHA-256"), "{last}");
    let changed = world.write("c.json", last.to_string().replace("fulfilled", "denied"));
    world.verifies(&changed).fails(1, "NOT VERIFIED");
    world.run(&["request", "revoke", &id]).fails(1, "nothing comes after that");
}

#[test]
fn who_is_overdue_comes_first_and_a_schedule_is_told_by_the_exit_code() {
    let mut world = World::new();
    world.ok(&["enrol", "cal", "--region", "US-CA"]);
    world.set_now("2026-03-31T09:00:00Z");
    let european = opened(&world, &["eva", "--kind", "erasure"]);
    let californian = opened(&world, &["cal", "--kind", "access"]);
    let asked = opened(&world, &["uma", "--kind", "access", "--region", "DE"]);
    world.ok(&["request", "verify-identity", &asked, "--ask", "the address is new to us"]);
    assert_eq!(world.ok(&["request", "list", "--overdue"]).out.trim(), "no requests");

    world.set_now("2026-05-01T09:00:00Z");
    world.run(&["request", "list", "--overdue"]).fails(1, &european).fails(1, "2026-04-30T09:00:00Z OVERDUE");
    let listed = world.json(&["request", "list"]);
    let ids: Vec<&str> =
        listed["requests"].as_array().unwrap().iter().map(|row| row["request"].as_str().unwrap()).collect();
    assert_eq!(ids, [&european, &californian, &asked], "the last one's clock stands while she is asked");
    assert_eq!(listed["requests"][0]["reason"], "need_user_verification");
    assert_eq!(listed["requests"][1]["due_at"], "2026-05-15T09:00:00Z");
    world.run(&["request", "extend", &european, "--reason", "many"]).fails(1, "had to be told by");
    let extended = world.json(&["request", "extend", &californian, "--reason", "many"]);
    assert_eq!(extended["due_at"], "2026-06-29T09:00:00Z");
    world.run(&["request", "extend", &californian, "--reason", "more"]).fails(1, "no more time");
    world.run(&["request", "deny", &european, "--reason", "other"]).fails(1, "needs words");
    let denied = world.json(&["request", "deny", &european, "--reason", "no_match"]);
    assert_eq!((&denied["state"], &denied["reason"]), (&"denied".into(), &"no_match".into()));
    world.ok(&["request", "list", "--overdue"]);

    world.set_now("2026-06-29T09:00:00Z");
    world.ok(&["retention", "run"]);
    assert_eq!(world.json(&["request", "show", &asked])["state"], "expired");
    assert_verify(&world, &receipts(&world));
}

#[test]
fn an_objection_and_a_request_in_the_words_of_the_protocol_lower_what_was_agreed() {
    let world = town::agreed();
    let file = world.write(
        "drp.json",
        r#"{ "exercise": "x-train:opt-out", "regime": "ccpa", "agent-request-id": "7", "subject": "ada" }"#,
    );
    let file = file.to_str().unwrap();
    let id = opened(&world, &["--json", file]);
    world.run(&["request", "open", "--json", file]).fails(1, &id);
    world.ok(&["request", "fulfil", &id]);
    let choice = |purpose: &str| {
        let shown = world.json(&["consent", "show", "ada"]);
        let rows = shown["choices"].as_array().unwrap().iter();
        rows.filter(|row| row["purpose"] == purpose).map(|row| row["state"].clone()).next().unwrap()
    };
    assert_eq!((choice("train"), choice("history")), ("withdrawn".into(), "given".into()));
    let rest = opened(&world, &["ada", "--kind", "objection"]);
    world.ok(&["request", "fulfil", &rest]);
    assert_eq!((choice("train"), choice("publish")), ("withdrawn".into(), "refused".into()));
    let kept = opened(&world, &["ada", "--kind", "restriction"]);
    world.run(&["request", "fulfil", &kept]).fails(1, "say with --evidence");
    world.ok(&["request", "fulfil", &kept, "--evidence", "taken off the nightly job"]);

    let unknown = world.write("unknown.json", "{ \"exercise\": \"access\",\n  \"claims\": [] }");
    world.run(&["request", "open", "--json", unknown.to_str().unwrap()]).fails(1, "line 2");
    let opt_in = world.write("in.json", "{ \"exercise\": \"sale:opt-in\", \"subject\": \"ada\" }");
    world.run(&["request", "open", "--json", opt_in.to_str().unwrap()]).fails(1, "sale:opt-in");
    let late = r#"{ "exercise": "access", "subject": "bo", "expires-at": "2026-02-01T00:00:00Z" }"#;
    let late = world.write("late.json", late);
    world.run(&["request", "open", "--json", late.to_str().unwrap()]).fails(1, "expired at");
}

/// An erasure that ada asked for, ready to be done.
fn erasure() -> (World, String) {
    let world = town::agreed();
    // Before she is enrolled under this name nobody knows her; what she said then goes with her, too.
    let before = opened(&world, &["zoe", "--kind", "access", "--said", SAID]);
    world.ok(&["request", "extend", &before, "--reason", SAID]);
    world.ok(&["enrol", "zoe"]);
    let other = opened(&world, &["zoe", "--kind", "portability", "--said", SAID]);
    world.ok(&["request", "deny", &other, "--reason", "other", "--words", SAID]);
    let id = opened(&world, &["zoe", "--kind", "erasure", "--said", SAID]);
    verified(&world, &id);
    (world, id)
}

fn assert_gone(world: &World, receipt: &Path) {
    assert_eq!(world.files_with(SAID.as_bytes()), Vec::<PathBuf>::new());
    assert_eq!(world.query("SELECT COUNT(*) FROM request"), ["0"]);
    assert_eq!(world.query("SELECT COUNT(*) FROM request_step"), ["0"]);
    let tally = world.query("SELECT kind, state, forgotten FROM request_tally ORDER BY kind");
    assert_eq!(tally, ["access in_progress 1", "erasure fulfilled 1", "portability denied 1"]);
    assert_eq!(receipts(world), Vec::<PathBuf>::new());
    assert_verify(world, &[receipt.to_owned()]);
    let shown: Value = serde_json::from_slice(&fs::read(receipt).unwrap()).unwrap();
    assert_eq!(shown["record"]["state"], "fulfilled");
    world.run(&["enrol", "zoe"]).fails(1, "was erased");
}

#[test]
fn after_an_erasure_no_file_holds_what_was_asked_and_the_receipt_proves_that_it_was_done() {
    let (world, id) = erasure();
    assert!(!world.files_with(SAID.as_bytes()).is_empty(), "receipts that wait for her hold it");
    let receipt = world.beside("erased.json");
    let to = receipt.to_str().unwrap();
    world.run(&["request", "fulfil", &id, "--to", to]).fails(1, "add --yes");
    world.ok(&["request", "fulfil", &id, "--to", to, "--yes"]);
    assert_gone(&world, &receipt);
    world.run(&["request", "show", &id]).fails(1, "there is no request");
    assert!(world.ok(&["request", "list"]).out.contains("3 more were forgotten"));
}

#[test]
fn an_erasure_without_a_request_takes_the_persons_requests_with_it() {
    let (world, _) = erasure();
    world.ok(&["erase", "zoe", "--yes"]);
    assert_eq!(world.files_with(SAID.as_bytes()), Vec::<PathBuf>::new());
    let tally = world.query("SELECT kind, state, forgotten FROM request_tally ORDER BY kind");
    assert_eq!(tally, ["access in_progress 1", "erasure in_progress 1", "portability denied 1"]);
}

#[test]
fn what_is_over_is_forgotten_with_time_though_nobody_was_enrolled() {
    let mut world = World::new();
    let id = opened(&world, &["zoe", "--kind", "access", "--said", SAID]);
    world.ok(&["request", "deny", &id, "--reason", "other", "--words", SAID]);
    world.set_now("2028-02-29T00:00:00Z");
    world.ok(&["retention", "run"]);
    world.ok(&["request", "show", &id]);
    world.set_now("2028-03-01T00:00:00Z");
    world.ok(&["retention", "run"]);
    assert_eq!(world.files_with(SAID.as_bytes()), Vec::<PathBuf>::new());
    assert_eq!(world.query("SELECT kind, state, forgotten FROM request_tally"), ["access denied 1"]);
}

#[test]
fn a_crash_at_any_step_of_a_request_loses_nothing_and_doubles_nothing() {
    for step in ["request-committed", "log-tiles", "log-checkpoint"] {
        let world = town::agreed();
        let open = ["request", "open", "ada", "--kind", "access"];
        world.aborted(step, &open);
        world.run(&open).fails(1, "is not over yet");
        let id = world.json(&["request", "list"])["requests"][0]["request"].as_str().unwrap().to_owned();
        let verify = ["request", "verify-identity", &id, "--method", "signed in"];
        world.aborted(step, &verify);
        let told = world.json(&["request", "show", &id]);
        assert_eq!((&told["state"], &told["reason"]), (&"in_progress".into(), &Value::Null), "{step}");
        assert_eq!(receipts(&world).len(), 2, "{step}");
        assert_verify(&world, &receipts(&world));
    }
}

#[test]
fn a_crash_of_an_erasure_that_was_asked_for_leaves_the_receipt_to_be_made_by_the_same_command() {
    let (stage, id) = erasure();
    for step in ["erasure-committed", "log-tiles", "log-checkpoint"] {
        let world = stage.copy();
        let receipt = world.beside("erased.json");
        let fulfil = ["request", "fulfil", &id, "--yes", "--to", receipt.to_str().unwrap()];
        world.aborted(step, &fulfil);
        assert!(!receipt.exists(), "{step}");
        world.ok(&fulfil);
        assert_gone(&world, &receipt);
        assert!(!receipt.with_extension("pending").exists(), "{step}");
        world.run(&fulfil).fails(1, "there is no request");
    }
}
