//! What a release holds, read back from its files, and the operator's notices that tests publish.

use std::fs;
use std::path::{Path, PathBuf};

use candor_release::{data, stage};
use serde_json::Value;

use crate::run::World;

/// One row: roles and texts, and how many it stands for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) messages: Vec<(String, String)>,
    pub(crate) weight: u32,
}

/// All rows of a release.
pub(crate) fn rows(release: &Path) -> Vec<Row> {
    let manifest = manifest(release);
    let mut rows = Vec::new();
    for file in manifest["files"].as_array().unwrap() {
        let name = file["path"].as_str().unwrap();
        let visit = |batch: &stage::RowBatch| {
            let read = stage::messages_of(&batch.messages).unwrap();
            for (row, weight) in read.into_iter().zip(batch.weights.values()) {
                let messages = row.into_iter().map(|message| (message.role, message.content)).collect();
                rows.push(Row { messages, weight: *weight });
            }
            Ok::<(), data::DataError>(())
        };
        data::read(fs::read(release.join(name)).unwrap().into(), name, visit).unwrap();
    }
    rows
}

/// The manifest of a release.
pub(crate) fn manifest(release: &Path) -> Value {
    serde_json::from_slice(&fs::read(release.join("release.json")).unwrap()).unwrap()
}

/// The sum of an object's numbers, or one number.
pub(crate) fn total(counts: &Value) -> u64 {
    match counts {
        Value::Object(counts) => counts.values().map(total).sum(),
        count => count.as_u64().unwrap(),
    }
}

/// Checks that what an import says adds up.
pub(crate) fn adds_up(import: &Value) {
    let parts = ["imported", "duplicate", "withheld", "failed"];
    assert_eq!(
        total(&import["examined"]),
        parts.iter().map(|part| total(&import[part])).sum::<u64>(),
        "{import}"
    );
}

/// Checks the sums of a manifest, and that the weights of the rows are what went in.
pub(crate) fn sums_agree(manifest: &Value, rows: &[Row]) {
    let (turns, counts) = (&manifest["turns"], &manifest["rows"]);
    assert_eq!(total(&turns["examined"]), total(&turns["used"]) + total(&turns["withheld"]), "{turns}");
    let merged = total(&counts["exact_duplicates"]) + total(&counts["near_duplicates"]);
    assert_eq!(total(&counts["candidates"]), total(&counts["released"]) + merged, "{counts}");
    assert_eq!(total(&counts["released"]), rows.len() as u64);
    assert_eq!(total(&counts["candidates"]), rows.iter().map(|row| u64::from(row.weight)).sum::<u64>());
}

/// Publishes our notice as a version in force from a time, with training kept for so many days.
pub(crate) fn publish(world: &World, version: u32, from: &str, training_days: u32) {
    let draft = fs::read_to_string(world.data().join("notices/draft.toml")).unwrap();
    let text = draft
        .replace("version = 1\n", &format!("version = {version}\n"))
        .replace("2026-01-01T00:00:00Z", from)
        .replace(
            "[purposes.train]\nretention_days = 365",
            &format!("[purposes.train]\nretention_days = {training_days}"),
        );
    let path = world.write(&format!("notice-{version}.toml"), text);
    world.ok(&["notice", "publish", path.to_str().unwrap()]);
}

/// Proves to a person that they are or are not in a release; gives the claim once the proof verifies.
pub(crate) fn proof_claim(world: &World, release: &str, person: &[&str]) -> String {
    let folder = world.beside(&format!("receipts-{}", person[0]));
    world.ok(&[&["consent", "log"], person, &["--receipts", folder.to_str().unwrap()]].concat());
    let own = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let receipt = own.join("0000-enrolment.receipt.json");
    let proof = world.beside(&format!("{}.proof.json", person[0]));
    let (receipt, to) = (receipt.to_str().unwrap(), proof.to_str().unwrap());
    let answer = world.json(&["prove", release, "--receipt", receipt, "--to", to]);
    let verified = world.verifies(&proof);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    answer["claim"].as_str().unwrap().to_owned()
}

/// A folder of the shared corpora, or a message that it is not here.
pub(crate) fn corpus(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: the corpus {name} is not here");
    None
}
