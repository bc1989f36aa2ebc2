//! Other people's logs, in whatever shape they come: imported, imported again, released, verified.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::rows::{self, adds_up, sums_agree, total};
use crate::run::World;

const SAID_AT: &str = "2026-01-20T10:00:00Z";
/// Pairs of transcripts that are imported; the others are of the same kind.
const PAIRS: usize = 400;
const WORKERS: usize = 20;

/// Records that everyone agrees to training, but every fifth, who refuses.
fn choose(world: &World, people: &[String]) {
    let mut csv = "subject,purpose,state,effective_at\n".to_owned();
    for (number, person) in people.iter().enumerate() {
        let state = if number % 5 == 4 { "refused" } else { "given" };
        csv += &format!("{person},train,{state},2026-01-02T00:00:00Z\n");
    }
    let path = world.write("choices.csv", csv);
    world.ok(&["consent", "import", path.to_str().unwrap(), "--attested-by", "records"]);
}

/// Imports twice, builds, verifies; gives what the first import said, and the manifest.
fn run_through(world: &World, paths: &[&Path], flags: &[&str]) -> (Value, Value) {
    let paths: Vec<&str> = paths.iter().map(|path| path.to_str().unwrap()).collect();
    let arguments = [&["import"], paths.as_slice(), flags].concat();
    let first = world.json(&arguments);
    adds_up(&first);
    assert!(total(&first["imported"]) > 0, "{first}");
    let again = world.json(&arguments);
    adds_up(&again);
    assert_eq!(again["imported"], json!(0), "{again}");
    assert_eq!(total(&again["duplicate"]), total(&first["imported"]) + total(&first["duplicate"]));
    for same in ["examined", "withheld", "failed"] {
        assert_eq!(again[same], first[same], "{same}");
    }
    world.ok(&["release", "build", "first"]);
    let release = world.release("first");
    let manifest = rows::manifest(&release);
    sums_agree(&manifest, &rows::rows(&release));
    assert_eq!(manifest["turns"]["examined"], first["imported"]);
    assert!(total(&manifest["rows"]["released"]) > 0);
    let verified = world.verifies(&release);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    (first, manifest)
}

/// The turns of a transcript.
fn turns(transcript: &str) -> Vec<Value> {
    let mut turns = Vec::new();
    for piece in transcript.split("\n\nHuman: ").skip(1) {
        for (number, text) in piece.split("\n\nAssistant: ").enumerate() {
            let role = if number == 0 { "user" } else { "assistant" };
            turns.push(json!({ "role": role, "content": text }));
        }
    }
    turns
}

#[test]
fn pairs_of_transcripts_keep_their_refusers_out_and_their_common_openings_apart() {
    let Some(folder) = rows::corpus("a02_hh_rlhf_harmless_test") else { return };
    let file = fs::File::open(folder.join("test.jsonl.gz")).unwrap();
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
    let mut lines = String::new();
    let mut examined = 0;
    for (number, line) in text.lines().take(PAIRS).enumerate() {
        let pair: Value = serde_json::from_str(line).unwrap();
        for side in ["chosen", "rejected"] {
            let messages = turns(pair[side].as_str().unwrap());
            examined += messages.len() as u64;
            let id = format!("transcript-{number}-{side}");
            let user = format!("worker-{:02}", number % WORKERS);
            let record = json!({ "id": id, "user": user, "created_at": SAID_AT, "messages": messages });
            lines += &format!("{record}\n");
        }
    }
    let world = World::new();
    let people: Vec<String> = (0..WORKERS).map(|number| format!("worker-{number:02}")).collect();
    choose(&world, &people);
    let log = world.write("transcripts.jsonl", lines);
    let (import, manifest) = run_through(&world, &[&log], &[]);
    assert_eq!(total(&import["examined"]), examined);
    assert_eq!(total(&import["failed"]), 0);
    assert!(total(&import["withheld"]["refused"]) > 0);
    assert_eq!(manifest["people"], json!(WORKERS - WORKERS / 5));
    assert_eq!(rows::proof_claim(&world, "first", &["worker-04"]), "absent");
    assert_eq!(rows::proof_claim(&world, "first", &["worker-05"]), "present");
}

#[test]
fn study_sessions_are_released_without_those_who_refuse() {
    let Some(folder) = rows::corpus("a04_halie_human_lm") else { return };
    let file = fs::File::open(folder.join("dialogue.event_blocks.csv.zst")).unwrap();
    let table = zstd::decode_all(file).unwrap();
    let mut reader = csv::Reader::from_reader(table.as_slice());
    let mut sessions: BTreeMap<String, (String, Vec<Value>)> = BTreeMap::new();
    for row in reader.deserialize::<BTreeMap<String, String>>() {
        let row = row.unwrap();
        let (_, messages) = sessions
            .entry(row["session_id"].clone())
            .or_insert_with(|| (row["worker_id"].clone(), Vec::new()));
        messages.push(json!({ "role": "user", "content": row["user_input"] }));
        messages.push(json!({ "role": "assistant", "content": row["model_completion"] }));
    }
    let mut workers: Vec<String> = sessions.values().map(|(worker, _)| worker.clone()).collect();
    workers.sort_unstable();
    workers.dedup();
    assert!(sessions.len() > 100 && workers.len() > 20, "{} sessions", sessions.len());
    let line = |(id, (worker, messages)): (&String, &(String, Vec<Value>))| {
        let record = json!({ "id": id, "worker_id": worker, "created_at": SAID_AT, "messages": messages });
        format!("{record}\n")
    };
    let world = World::new();
    choose(&world, &workers);
    let log = world.write("sessions.jsonl", sessions.iter().map(line).collect::<String>());
    let (import, _) = run_through(&world, &[&log], &[]);
    assert_eq!(total(&import["failed"]), 0);
    assert!(total(&import["withheld"]["refused"]) > 0);
    assert_eq!(rows::proof_claim(&world, "first", &[&workers[4]]), "absent");
    let shown: String = rows::rows(&world.release("first")).iter().map(|row| format!("{row:?}")).collect();
    assert!(workers.iter().all(|worker| !shown.contains(worker)), "an account id is released");
}

#[test]
fn a_persons_own_exports_need_only_their_name() {
    let Some(folder) = rows::corpus("c01_export_fixtures") else { return };
    let names = [
        "knowledgemaxxing/conversations_chatgpt.json",
        "librechat/chatgpt-citations.json",
        "librechat/chatgpt-export.json",
        "librechat/chatgpt-modern-export.json",
        "librechat/chatgpt-tree.json",
    ];
    let paths: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
    let world = World::empty("2026-03-01T00:00:00Z");
    rows::publish(&world, 1, "2015-01-01T00:00:00Z", 36_500);
    let csv = "subject,purpose,state,effective_at\nme,train,given,2015-01-02T00:00:00Z\n";
    let csv = world.write("choices.csv", csv);
    world.ok(&["consent", "import", csv.to_str().unwrap(), "--attested-by", "me"]);
    let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let (import, manifest) = run_through(&world, &paths, &["--author", "me", "--said-at", SAID_AT]);
    assert_eq!(import["failed"], json!({ "unknown-format": 1 }), "one entry is damaged on purpose");
    assert_eq!(manifest["people"], json!(1));
    assert_eq!(rows::proof_claim(&world, "first", &["me"]), "present");
}
