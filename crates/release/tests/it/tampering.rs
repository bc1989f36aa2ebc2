//! Every way to tamper with a release, a receipt or a proof that we know, and the check that finds it.
//!
//! Each runs through both verifiers, ours and the one in Python, which must name the same check.

use candor_release::layout;
use candor_release::layout::{CARD, LOG_PROOF, MANIFEST, STATEMENT};
use candor_release::prove::{Departure, recalls};
use serde_json::{Value, json};

use forgery::{Forger, Forgery, PART};
use world::{FIRST, SECOND, World};

mod forgery;
mod world;

/// Something a forger does to the files of a release.
struct Case {
    what: &'static str,
    tamper: fn(&Forgery),
    /// The check that finds it in the files as they are.
    found: &'static str,
    /// The check that finds it when digests are recomputed and all is signed again by someone who is trusted,
    /// such as an operator who cheats.
    found_if_signed: &'static str,
}

const fn case(
    what: &'static str,
    tamper: fn(&Forgery),
    found: &'static str,
    found_if_signed: &'static str,
) -> Case {
    Case { what, tamper, found, found_if_signed }
}

const FILES: &[Case] = &[
    case("a flipped byte in a data file", flip_a_byte, "digest", "rows"),
    case("a row removed", |f| f.edit_rows(|rows| drop(rows.pop())), "digest", "rows"),
    case("a row added", |f| f.edit_rows(|rows| rows.push(rows[0].clone())), "digest", "rows"),
    case("two rows exchanged", |f| f.edit_rows(|rows| rows.swap(0, 1)), "digest", "row tree"),
    case("a text edited", |f| f.edit_rows(|rows| rows[0].0[0].content.push('!')), "digest", "row tree"),
    case("a role edited", |f| f.edit_rows(|rows| rows[0].0[0].role = "system".into()), "digest", "row tree"),
    case("a message removed", |f| f.edit_rows(|rows| drop(rows[0].0.pop())), "digest", "row tree"),
    case("an edited weight", |f| f.edit_rows(|rows| rows[0].1 += 1), "digest", "row tree"),
    case("a data file cut off", |f| f.truncate(PART), "digest", "rows"),
    case("an empty data file", |f| f.write(PART, b""), "digest", "rows"),
    case("an edited count of turns", |f| edit_count(f, "/turns/used", 1), "digest", "sums"),
    case("an edited count of people", |f| edit_count(f, "/people", 1), "digest", "sums"),
    case("an edited count of rows", |f| edit_count(f, "/rows/released", 1), "digest", "sums"),
    case("a count that wraps around", wrap_around, "digest", "sums"),
    case("an edited size", |f| f.edit_manifest(|m| m["files"][0]["bytes"] = 1.into()), "digest", "sums"),
    case("candidates and duplicates edited alike", invent_candidates, "digest", "weights"),
    case("an edited count of bytes", |f| edit_count(f, "/origin/bytes/unknown", 1), "digest", "origin"),
    case("an edited name", |f| f.edit_manifest(|m| m["name"] = "other".into()), "digest", "manifest"),
    case("an edited purpose", |f| f.edit_manifest(|m| m["purpose"] = "publish".into()), "digest", "manifest"),
    case("an edited root", |f| f.edit_manifest(edit_root), "digest", "manifest"),
    case("an unknown field", |f| f.edit_manifest(|m| m["note"] = "x".into()), "digest", "file"),
    case("release.json cut off", |f| f.truncate(MANIFEST), "digest", "file"),
    case("a data file added", |f| f.write("data/more.parquet", f.bytes(PART)), "files", "manifest"),
    case("a page added", |f| f.write("page.html", "x"), "files", "manifest"),
    case("a data file removed", |f| f.remove(PART), "files", "manifest"),
];

#[test]
fn each_change_of_a_file_is_found_also_when_all_that_follows_is_signed_again() {
    let world = World::new();
    let (forger, first) = (Forger::new(), world.folder(FIRST));
    for case in FILES {
        let forged = || {
            let forgery = Forgery::of(&first, world.root.path().join("forged"));
            (case.tamper)(&forgery);
            forgery
        };
        let verdict = world.release(&forged().folder, Some(&world.trusted));
        assert_eq!(verdict.as_deref(), Some(case.found), "{}", case.what);

        let signed = forged();
        signed.sign(&forger, (5, 4));
        let verdict = world.release(&signed.folder, Some(&world.trusted));
        assert_eq!(verdict.as_deref(), Some("signature"), "{}, signed by another key", case.what);
        let verdict = world.release(&signed.folder, Some(&forger.keys()));
        assert_eq!(verdict.as_deref(), Some(case.found_if_signed), "{}, signed again", case.what);
        let verdict = world.release(&signed.folder, None);
        assert_eq!(verdict.as_deref(), Some(case.found_if_signed), "{}, no keys given", case.what);
    }
}

type RowsChange = fn(&Forgery);

const ROWS: &[(&str, RowsChange)] = &[
    ("a row removed", |f| f.edit_rows(|rows| drop(rows.pop()))),
    ("a row added", |f| f.edit_rows(|rows| rows.push(rows[0].clone()))),
    ("a text edited", |f| f.edit_rows(|rows| rows[0].0[0].content.push('!'))),
    ("an edited weight", |f| f.edit_rows(|rows| rows[0].1 += 1)),
    ("merging hidden", |f| f.edit_rows(|rows| rows.iter_mut().for_each(|row| row.1 = 1))),
    ("many rows added", |f| f.edit_rows(|rows| *rows = repeated(rows, 6_000))),
    ("a long conversation", |f| f.edit_rows(|rows| rows[0].0 = repeated(&rows[0].0, 20_000))),
    ("an empty conversation", |f| f.edit_rows(|rows| rows[1].0.clear())),
    ("no rows left", |f| f.edit_rows(Vec::clear)),
];

#[test]
fn when_even_counts_and_roots_are_recomputed_the_other_key_alone_tells() {
    let world = World::new();
    let forger = Forger::new();
    for (what, tamper) in ROWS {
        let forgery = Forgery::of(&world.folder(FIRST), world.root.path().join("forged"));
        tamper(&forgery);
        forgery.recompute_rows();
        let verdict = world.release(&forgery.folder, Some(&world.trusted));
        assert_eq!(verdict.as_deref(), Some("signature"), "{what}, the old signature kept");
        forgery.sign(&forger, (5, 4));
        let verdict = world.release(&forgery.folder, Some(&world.trusted));
        assert_eq!(verdict.as_deref(), Some("signature"), "{what}, signed by another key");
        // That it holds for whoever trusts the forger shows that nothing else was left to find.
        assert_eq!(world.release(&forgery.folder, Some(&forger.keys())), None, "{what}");
    }
}

type StatementChange = fn(&Forgery, &World);

/// What a forger does to statement or log entry without any key, and the check that finds it.
const STATEMENTS: &[(&str, StatementChange, &str)] = &[
    ("an edited statement", |f, _| f.edit_statement(|s| s["predicate"]["name"] = "x".into()), "signature"),
    ("a statement cut off", |f, _| f.truncate(STATEMENT), "file"),
    ("no signature", |f, _| f.edit_json(STATEMENT, |e| e["signatures"] = json!([])), "signature"),
    ("an edited signature", |f, _| f.edit_json(STATEMENT, edit_signature), "signature"),
    ("no statement", |f, _| f.remove(STATEMENT), "file"),
    ("the statement of another release", |f, w| swap(f, w, STATEMENT), "log"),
    ("the log entry of another release", |f, w| swap(f, w, LOG_PROOF), "log"),
    ("a log entry cut off", |f, _| f.truncate(LOG_PROOF), "file"),
    ("an edited log entry", |f, _| f.edit_json(LOG_PROOF, |l| l["entry"]["name"] = "x".into()), "log"),
    ("an edited checkpoint", |f, _| edit_log_proof(f, |text| edit_digit(text, "/log\n")), "log"),
    ("an edited position", |f, _| edit_log_proof(f, |text| edit_digit(text, "index ")), "log"),
    ("a log proof without its path", |f, _| edit_log_proof(f, without_path), "log"),
    ("a checkpoint signed by nobody", |f, _| edit_log_proof(f, without_signature), "log"),
];

#[test]
fn each_change_of_a_statement_or_log_entry_is_found() {
    let world = World::new();
    for (what, tamper, found) in STATEMENTS {
        let forgery = Forgery::of(&world.folder(FIRST), world.root.path().join("forged"));
        tamper(&forgery, &world);
        let verdict = world.release(&forgery.folder, Some(&world.trusted));
        assert_eq!(verdict.as_deref(), Some(*found), "{what}");
    }
}

#[test]
fn a_release_entered_before_its_decision_or_another_kind_of_statement_is_found_under_a_trusted_key() {
    let world = World::new();
    let forger = Forger::new();
    let signed = |tamper: &dyn Fn(&Forgery), places| {
        let forgery = Forgery::of(&world.folder(FIRST), world.root.path().join("forged"));
        tamper(&forgery);
        forgery.sign(&forger, places);
        world.release(&forgery.folder, Some(&forger.keys()))
    };
    let kind = |name: &'static str| move |f: &Forgery| f.edit_statement(|s| s[name] = "urn:other".into());
    assert_eq!(signed(&|_| {}, (4, 4)), None);
    assert_eq!(signed(&|_| {}, (3, 4)).as_deref(), Some("log"));
    assert_eq!(signed(&kind("predicateType"), (4, 4)).as_deref(), Some("file"));
    assert_eq!(signed(&kind("_type"), (4, 4)).as_deref(), Some("file"));
}

#[test]
fn releases_receipts_and_proofs_as_made_hold_for_both_verifiers_with_keys_and_without() {
    let world = World::new();
    for trusted in [None, Some(&world.trusted)] {
        for release in [FIRST, SECOND] {
            assert_eq!(world.release(&world.folder(release), trusted), None);
            for (name, claim) in [("ada", "present"), ("eve", "present"), ("ben", "absent")] {
                let proof = world.proof(release, name);
                assert_eq!(proof["claim"], claim, "{name}");
                assert_eq!(world.proof_verdict(&proof, trusted), None, "{name}");
            }
        }
        for receipt in world.receipts("ada") {
            assert_eq!(world.receipt_verdict(&receipt.to_value(), trusted), None);
        }
    }
    let merged =
        world.proof(FIRST, "ada")["rows"].as_array().unwrap().iter().any(|row| row["represents"] == true);
    assert!(merged, "a merged row is in the proof of its author");
}

type ForgedProof = fn(&World) -> Value;

/// What a forger does to a proof, and the check that finds it.
const PROOFS: &[(&str, ForgedProof, &str)] = &[
    (
        "presence claimed to be absence",
        |w| edited(w, "ada", |p| p["claim"] = "absent".into()),
        "subject tree",
    ),
    (
        "absence claimed to be presence",
        |w| edited(w, "ben", |p| p["claim"] = "present".into()),
        "subject tree",
    ),
    ("no claim", |w| edited(w, "ben", |p| p["claim"] = "maybe".into()), "proof"),
    ("the proof for another release", |w| with(w, SECOND, "ben", "release"), "subject tree"),
    ("the proof of presence for another release", |w| with(w, SECOND, "ada", "release"), "subject tree"),
    ("the way of another person", |w| with(w, FIRST, "eve", "subject_path"), "subject tree"),
    ("the receipt of another person", |w| with(w, FIRST, "eve", "receipt"), "subject tree"),
    ("a nonce enrolled too late", |w| w.proof(FIRST, "late"), "enrolment"),
    ("the receipt of another act", act_receipt, "enrolment"),
    (
        "a chosen nonce",
        |w| edited(w, "ada", |p| p["receipt"]["record"]["nonce"] = "00".repeat(32).into()),
        "enrolment",
    ),
    (
        "a receipt's edited place",
        |w| edited(w, "ada", |p| edit_text(&mut p["receipt"]["log_proof"])),
        "enrolment",
    ),
    ("a row left out", |w| edited(w, "ada", |p| drop(p["rows"].as_array_mut().unwrap().pop())), "opening"),
    ("a merged row called own", |w| edited(w, "ada", call_own), "opening"),
    ("an edited blind", |w| edited(w, "ada", |p| p["blind"] = "00".repeat(32).into()), "opening"),
    (
        "another row's leaf",
        |w| edited(w, "ada", |p| p["rows"][0]["leaf"] = p["rows"][1]["leaf"].clone()),
        "row tree",
    ),
    ("no leaf", |w| edited(w, "ada", |p| p["rows"][0]["leaf"] = Value::Null), "proof"),
    ("an edited leaf", |w| edited(w, "ada", |p| p["rows"][0]["leaf"] = "00".repeat(32).into()), "row tree"),
    ("a row's path cut", |w| edited(w, "ada", |p| p["rows"][0]["path"] = json!([])), "row tree"),
    ("a way cut off", |w| edited(w, "ada", |p| p["subject_path"] = "AQE=".into()), "proof"),
    ("no way", |w| edited(w, "ada", |p| p["subject_path"] = Value::Null), "proof"),
    (
        "an edited log entry",
        |w| edited(w, "ada", |p| edit_text(&mut p["release"]["log"]["log_proof"])),
        "log",
    ),
    (
        "an edited signature",
        |w| edited(w, "ada", |p| edit_signature(&mut p["release"]["statement"])),
        "signature",
    ),
];

#[test]
fn each_change_of_a_proof_is_found() {
    let world = World::new();
    for (what, tamper, found) in PROOFS {
        let verdict = world.proof_verdict(&tamper(&world), Some(&world.trusted));
        assert_eq!(verdict.as_deref(), Some(*found), "{what}");
    }
}

#[test]
fn a_proof_about_a_release_signed_by_another_key_is_found_by_its_signature() {
    let world = World::new();
    let forgery = Forgery::of(&world.folder(FIRST), world.root.path().join("forged"));
    forgery.sign(&Forger::new(), (50, 40));
    let mut proof = world.proof(FIRST, "ben");
    let parsed = |name| serde_json::from_slice::<Value>(&forgery.bytes(name)).unwrap();
    proof["release"] = json!({ "statement": parsed(STATEMENT), "log": parsed(LOG_PROOF) });
    assert_eq!(world.proof_verdict(&proof, Some(&world.trusted)).as_deref(), Some("signature"));
}

#[test]
fn each_change_of_a_receipt_is_found() {
    let world = World::new();
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 5] = [
        ("an edited record", |r| r["record"]["recorded_at"] = "2020-01-01T00:00:00Z".into()),
        ("an edited salt", |r| r["salt"] = "00".repeat(32).into()),
        ("another record's signature", |r| r["signature"] = r["log_proof"].take()),
        ("an edited place in the log", |r| edit_text(&mut r["log_proof"])),
        ("no salt", |r| r["salt"] = Value::Null),
    ];
    for (what, change) in changes {
        let mut receipt = world.receipts("ada")[0].to_value();
        change(&mut receipt);
        let verdict = world.receipt_verdict(&receipt, Some(&world.trusted));
        assert_eq!(verdict.as_deref(), Some("receipt"), "{what}");
    }
    let receipt = world.receipts("ada")[0].to_value();
    let verdict = world.receipt_verdict(&receipt, Some(&Forger::new().keys()));
    assert_eq!(verdict.as_deref(), Some("receipt"), "signed by another key");
}

fn repeated<T: Clone>(items: &[T], times: usize) -> Vec<T> {
    items.iter().cycle().take(items.len() * times).cloned().collect()
}

fn flip_a_byte(forgery: &Forgery) {
    let mut bytes = forgery.bytes(PART);
    bytes[100] ^= 1;
    forgery.write(PART, bytes);
}

fn edit_count(forgery: &Forgery, pointer: &str, by: u64) {
    forgery.edit_manifest(|manifest| {
        let count = manifest.pointer_mut(pointer).unwrap();
        *count = (count.as_u64().unwrap() + by).into();
    });
}

/// Adds to two counts what overflows to nothing.
fn wrap_around(forgery: &Forgery) {
    forgery.edit_manifest(|manifest| {
        manifest["turns"]["withheld"]["refused"] = u64::MAX.into();
        manifest["turns"]["withheld"]["deferred"] = 1.into();
    });
}

/// Claims that more was merged than was.
fn invent_candidates(forgery: &Forgery) {
    edit_count(forgery, "/rows/candidates", 7);
    edit_count(forgery, "/rows/exact_duplicates", 7);
}

fn edit_root(manifest: &mut Value) {
    manifest["commitment"]["rows_root"] = "00".repeat(32).into();
}

fn edit_signature(envelope: &mut Value) {
    let signature = envelope["signatures"][0]["sig"].as_str().unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    envelope["signatures"][0]["sig"] = format!("{first}{}", &signature[1..]).into();
}

fn swap(forgery: &Forgery, world: &World, name: &str) {
    std::fs::copy(world.folder(SECOND).join(name), forgery.path(name)).unwrap();
}

fn edit_log_proof(forgery: &Forgery, edit: impl FnOnce(&str) -> String) {
    forgery.edit_json(LOG_PROOF, |log| log["log_proof"] = edit(log["log_proof"].as_str().unwrap()).into());
}

/// Changes the digit after a mark.
fn edit_digit(text: &str, mark: &str) -> String {
    let at = text.find(mark).unwrap() + mark.len();
    let other = if &text[at..=at] == "1" { "2" } else { "1" };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

/// Changes the position in a log proof.
fn edit_text(proof: &mut Value) {
    *proof = edit_digit(proof.as_str().unwrap(), "index ").into();
}

fn without_path(text: &str) -> String {
    let (head, checkpoint) = text.split_once("\n\n").unwrap();
    let head: Vec<&str> = head.lines().take(2).collect();
    format!("{}\n\n{checkpoint}", head.join("\n"))
}

fn without_signature(text: &str) -> String {
    text.replace("/log ", "/log-of-nobody ")
}

fn edited(world: &World, name: &str, edit: fn(&mut Value)) -> Value {
    let mut proof = world.proof(FIRST, name);
    edit(&mut proof);
    proof
}

/// Ada's or Ben's proof about the first release with one part of another proof.
fn with(world: &World, release: &str, name: &str, part: &str) -> Value {
    let own = if name == "ben" { "ben" } else { "ada" };
    let mut proof = world.proof(FIRST, own);
    proof[part] = world.proof(release, name)[part].take();
    proof
}

fn act_receipt(world: &World) -> Value {
    let mut proof = world.proof(FIRST, "ada");
    proof["receipt"] = world.receipts("ada")[1].to_value();
    proof
}

fn call_own(proof: &mut Value) {
    let rows = proof["rows"].as_array_mut().unwrap();
    let merged = rows.iter_mut().find(|row| row["represents"] == true).unwrap();
    merged["represents"] = false.into();
}

#[test]
fn the_card_cannot_be_changed_either() {
    let world = World::new();
    let forgery = Forgery::of(&world.folder(FIRST), world.root.path().join("forged"));
    forgery.write(CARD, "# Another card");
    assert_eq!(world.release(&forgery.folder, Some(&world.trusted)).as_deref(), Some("digest"));
}

#[test]
fn a_link_or_a_device_in_the_place_of_a_file_is_refused_without_being_read() {
    let world = World::new();
    for (name, target) in [(PART, "/dev/zero"), (CARD, "/dev/zero"), (STATEMENT, "/dev/zero")] {
        let forgery = Forgery::of(&world.folder(FIRST), world.root.path().join("forged"));
        forgery.remove(name);
        std::os::unix::fs::symlink(target, forgery.path(name)).unwrap();
        let verdict = world.release(&forgery.folder, Some(&world.trusted));
        assert_eq!(verdict.as_deref(), Some("file"), "{name}");
    }
    let forgery = Forgery::of(&world.folder(FIRST), world.root.path().join("forged"));
    forgery.remove(PART);
    std::os::unix::fs::symlink(world.folder(FIRST).join(PART), forgery.path(PART)).unwrap();
    assert_eq!(world.release(&forgery.folder, Some(&world.trusted)).as_deref(), Some("file"));
}

#[test]
fn a_lost_record_of_one_release_is_named_and_keeps_nobody_from_leaving_the_others() {
    let world = World::new();
    let (ada, ben, eve) = (world.person("ada"), world.person("ben"), world.person("eve"));
    let departures = [&ada, &ben, &eve].map(|subject| Departure { subject, purpose: None });
    let whole = recalls(&world.vault, &departures).unwrap();
    assert_eq!(whole.unknown, Vec::<String>::new());
    let alone = |one: &Departure<'_>| recalls(&world.vault, &[*one]).unwrap().rows;
    let apart: std::collections::BTreeSet<(String, u64)> = departures.iter().flat_map(alone).collect();
    assert_eq!(whole.rows, apart.into_iter().collect::<Vec<_>>(), "a batch recalls what each alone would");
    let record = world.vault.root().join("objects").join(layout::record_path(FIRST, layout::RECORD_SUBJECTS));
    std::fs::remove_file(record).unwrap();
    let damaged = recalls(&world.vault, &departures).unwrap();
    assert_eq!(damaged.unknown, [FIRST]);
    let of_second: Vec<_> = whole.rows.into_iter().filter(|(release, _)| release == SECOND).collect();
    assert!(!of_second.is_empty());
    assert_eq!(damaged.rows, of_second);
}
