//! Forgetting (N7), and what may be found nowhere (N3, N9, N10).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::run::{World, copy_folder, files};
use crate::town::{self, CANARIES};

const AS_OF: &str = "2026-03-01T00:00:00Z";

/// The town with one release.
fn released() -> World {
    let world = town::settled();
    world.ok(&["release", "build", "first", "--as-of", AS_OF]);
    world
}

/// The rows of a release that a person's receipt proves to be theirs; empty when it proves their absence.
fn proved_rows(world: &World, release: &str, receipts: &std::path::Path) -> BTreeSet<u64> {
    let receipt = receipts.join("0000-enrolment.receipt.json");
    let proof = world.beside("proof.json");
    let (receipt, to) = (receipt.to_str().unwrap(), proof.to_str().unwrap());
    world.ok(&["prove", release, "--receipt", receipt, "--to", to]);
    let shown = world.verifies(&proof);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    let proof: Value = serde_json::from_slice(&fs::read(&proof).unwrap()).unwrap();
    let rows = proof["rows"].as_array().into_iter().flatten();
    let rows: BTreeSet<u64> = rows.map(|row| row["row"].as_u64().unwrap()).collect();
    assert_eq!(proof["claim"], if rows.is_empty() { "absent" } else { "present" });
    rows
}

fn recalled(world: &World, release: &str, cause: &str) -> BTreeSet<u64> {
    let listed = world.json(&["recall", release]);
    let rows = listed.as_array().unwrap().iter().inspect(|row| assert_eq!(row["cause"], cause));
    rows.map(|row| row["row"].as_u64().unwrap()).collect()
}

fn used(world: &World, release: &str) -> Value {
    world.json(&["release", "build", release, "--as-of", AS_OF])
}

#[test]
fn who_is_erased_is_in_no_later_release_and_the_earlier_ones_rows_are_recalled() {
    let world = released();
    let receipts = town::receipts_of(&world, "ada");
    let rows = proved_rows(&world, "first", &receipts);
    assert_eq!(rows.len(), 3, "two threads of her own, and the shared one");
    world.run(&["erase", "ada"]).fails(1, "3 rows of earlier releases");
    assert_eq!(world.json(&["recall"]), Value::Array(Vec::new()), "asking is not doing");
    world.ok(&["erase", "ada", "--yes"]);

    assert_eq!(recalled(&world, "first", "erased"), rows);
    let manifest = used(&world, "second");
    // Her own four turns, the reply that she and Bo stand behind, and the reply to her in the shared thread.
    assert_eq!(manifest["turns"]["withheld"]["erased"], 7);
    assert_eq!(proved_rows(&world, "first", &receipts), rows, "presence is proved after the erasure");
    assert_eq!(proved_rows(&world, "second", &receipts), BTreeSet::new());
    assert_eq!(world.verifies(&world.release("first")).code, Some(0), "what was shipped still verifies");

    let log = town::import_file(&world);
    let again = world.json(&["import", log.to_str().unwrap()]);
    assert_eq!(again["imported"], 0);
    assert_eq!(again["withheld"]["erased"], 3);
    world.run(&["enrol", "ada"]).fails(1, "was erased");
    world.ok(&["retention", "run"]);
    let after = world.json(&["import", log.to_str().unwrap()]);
    assert_eq!(
        (&after["imported"], &after["withheld"]["erased"]),
        (&again["imported"], &again["withheld"]["erased"])
    );
    let third = used(&world, "third");
    assert_eq!(third["turns"]["withheld"].get("erased"), None, "her ciphertext is gone");
    assert_eq!((&third["rows"], &third["people"]), (&manifest["rows"], &manifest["people"]));
}

/// The sealed bytes of every piece, by its authors' tags, as they rest in the segments.
fn ciphertexts(world: &World) -> BTreeMap<Vec<u8>, Vec<Vec<u8>>> {
    let mut found: BTreeMap<Vec<u8>, Vec<Vec<u8>>> = BTreeMap::new();
    for (_, bytes) in files(&world.data().join("objects/segments")) {
        let reader =
            parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes));
        for batch in reader.unwrap().build().unwrap() {
            let batch = batch.unwrap();
            let column = |name: &str| {
                use arrow_array::cast::AsArray;
                batch.column_by_name(name).unwrap().as_binary::<i32>().clone()
            };
            let (authors, meta, text, key) =
                (column("authors"), column("meta"), column("text"), column("wrapped_key"));
            for row in 0..batch.num_rows() {
                let sealed = [meta.value(row), text.value(row), key.value(row)].map(<[u8]>::to_vec);
                found.entry(authors.value(row).to_vec()).or_default().extend(sealed);
            }
        }
    }
    found
}

#[test]
fn after_the_retention_run_no_file_holds_anything_of_who_was_erased() {
    let world = released();
    let tag = {
        // Only an erasure tells which tag is whose.
        let probe = world.copy();
        probe.ok(&["erase", "ada", "--yes"]);
        probe.query("SELECT tag FROM tombstone").remove(0)
    };
    let hexadecimal = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let sealed = ciphertexts(&world);
    let (hers, others): (Vec<_>, Vec<_>) =
        sealed.iter().partition(|(authors, _)| hexadecimal(authors).contains(&tag));
    let (hers, others): (Vec<&Vec<u8>>, Vec<&Vec<u8>>) = (
        hers.into_iter().flat_map(|(_, all)| all).collect(),
        others.into_iter().flat_map(|(_, all)| all).collect(),
    );
    assert!(hers.len() >= 9 && others.len() >= 9, "{} {}", hers.len(), others.len());
    let catalogue_secrets: Vec<Vec<u8>> = {
        let db = rusqlite::Connection::open(world.data().join("catalogue.sqlite")).unwrap();
        let sql =
            "SELECT wrapped_key, sealed_profile, sealed_enrolment FROM subject WHERE lower(hex(tag)) = ?1";
        db.query_row(sql, [&tag], |row| Ok(vec![row.get(0)?, row.get(1)?, row.get(2)?])).unwrap()
    };
    for bytes in hers.iter().copied().chain(&catalogue_secrets) {
        assert!(!world.files_with(bytes).is_empty(), "the search finds what is there");
    }
    // A killed build leaves sealed pieces among its working files.
    world.aborted("release-written", &["release", "build", "killed"]);
    fs::write(world.data().join("work/killed/pieces-0000"), hers[0]).unwrap();
    // A write that was cut off leaves a file that no listing of the store shows.
    fs::write(world.data().join("objects/segments/0123.parquet#1"), hers[1]).unwrap();

    world.ok(&["erase", "ada", "--yes"]);
    for secret in &catalogue_secrets {
        assert_eq!(world.files_with(secret), Vec::<PathBuf>::new(), "keys and records go at once");
    }
    let report = world.json(&["retention", "run"]);
    assert_eq!(report["turns_purged"], 7);
    for bytes in hers {
        assert_eq!(world.files_with(bytes), Vec::<PathBuf>::new());
    }
    for bytes in others {
        assert!(!world.files_with(bytes).is_empty(), "others' pieces stay");
    }
    let mut left =
        fs::read_dir(world.data().join("releases")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(!left.any(|name| name.to_str().unwrap().ends_with(".partial")));
    let words = town::own_words("ada").iter().copied().chain(["ada", "Ada"]);
    for (path, bytes) in files(&world.data()) {
        if path.starts_with("releases") {
            continue;
        }
        for word in words.clone().filter(|word| word.len() > 3) {
            assert!(memchr::memmem::find(&bytes, word.as_bytes()).is_none(), "{word} in {}", path.display());
        }
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("\"ada\""), "{}", path.display());
    }
}

#[test]
fn copies_taken_before_an_erasure_open_nothing_with_the_keys_after_a_rotation() {
    let world = town::settled();
    // A copy taken while the write-ahead log is still there: the command is killed before it can clean up.
    world.aborted("people-committed", &["enrol", "gus"]);
    assert!(fs::metadata(world.data().join("catalogue.sqlite-wal")).unwrap().len() > 0);
    let copy = world.copy();
    world.ok(&["erase", "ada", "--yes"]);
    world.ok(&["keys", "rotate"]);
    let keys = copy.data().join("keys");
    fs::remove_dir_all(&keys).unwrap();
    copy_folder(&world.data().join("keys"), &keys);
    for name in ["ada", "bo", "cy"] {
        copy.run(&["consent", "show", name]).fails(3, "epoch 1 is gone");
        let folder = copy.beside("export");
        copy.run(&["export", name, "--folder", folder.to_str().unwrap()]).fails(3, "epoch 1 is gone");
        assert!(!folder.exists());
    }
    copy.run(&["release", "build", "first"]).fails(3, "epoch 1 is gone");
    // Those who stayed lost nothing.
    for name in ["bo", "cy"] {
        let words = exported(&world, name);
        assert!(town::own_words(name).iter().all(|word| words.contains(word)), "{name}");
    }
}

/// Everything that a person's export holds, as text.
fn exported(world: &World, name: &str) -> String {
    let folder = world.beside(&format!("export-of-{name}"));
    let _ = fs::remove_dir_all(&folder);
    world.ok(&["export", name, "--folder", folder.to_str().unwrap()]);
    let files = files(&folder);
    assert_eq!(files.len(), 2);
    files.into_values().map(|bytes| String::from_utf8(bytes).unwrap()).collect()
}

#[test]
fn an_export_holds_all_of_one_person_and_nothing_of_another() {
    let world = town::settled();
    let people = ["ada", "bo", "cy", "fay"];
    for name in people {
        let export = exported(&world, name);
        for other in people {
            for word in town::own_words(other) {
                // Ada and Bo say their words in the thread that they share, too.
                assert_eq!(export.contains(word), name == other, "{word} in the export of {name}");
            }
            let subject = format!("\"subject\": \"{other}\"");
            assert_eq!(export.contains(&subject), name == other, "{other} in the export of {name}");
        }
    }
    assert!(exported(&world, "ada").contains("quiet airfield"), "the reply that only she stands behind");
    for name in ["ada", "bo"] {
        let export = exported(&world, name);
        assert!(!export.contains("southern pier"), "the reply to both is shown to neither");
        assert!(export.contains("\"replies_not_shown_because_others_wrote_before_them\": 1"), "{name}");
    }
}

#[test]
fn a_reply_to_two_people_closes_when_either_is_erased() {
    let base = released();
    for (gone, stays) in [("ada", "bo"), ("bo", "ada")] {
        let world = base.copy();
        let joint = |world: &World| world.query("SELECT SUM(joint_pieces) FROM segment");
        assert_eq!(joint(&world), ["1"]);
        let receipts = town::receipts_of(&world, stays);
        let before = proved_rows(&world, "first", &receipts);
        world.ok(&["erase", gone, "--yes"]);
        world.ok(&["retention", "run"]);
        assert_eq!(joint(&world), ["0"]);
        used(&world, "second");
        let after = proved_rows(&world, "second", &receipts);
        // Ada opened the shared thread: with her it goes, without Bo her part of it stays.
        assert_eq!((before.len(), after.len()), if gone == "ada" { (2, 1) } else { (3, 3) }, "{gone}");
        let export = exported(&world, stays);
        assert!(town::own_words(stays).iter().all(|word| export.contains(word)));
    }
}

#[test]
fn a_withdrawal_recalls_the_rows_made_for_it_and_the_other_purposes_keep() {
    let world = released();
    let receipts = town::receipts_of(&world, "bo");
    let rows = proved_rows(&world, "first", &receipts);
    world.ok(&["consent", "give", "bo", "insights"]);
    world.ok(&["consent", "withdraw", "bo", "insights"]);
    assert_eq!(recalled(&world, "first", "withdrawn"), BTreeSet::new(), "no release was made for insights");
    world.ok(&["consent", "withdraw", "bo", "train"]);
    assert_eq!(recalled(&world, "first", "withdrawn"), rows);
    let manifest = used(&world, "second");
    assert!(manifest["turns"]["withheld"]["withdrawn"].as_u64() == Some(2), "{manifest}");
    assert_eq!(proved_rows(&world, "second", &receipts), BTreeSet::new());

    let report = world.json(&["retention", "run"]);
    assert_eq!(report["turns_purged"], 0, "history still permits every turn");
    let export = exported(&world, "bo");
    assert!(town::own_words("bo").iter().all(|word| export.contains(word)));

    world.ok(&["consent", "withdraw", "bo", "history"]);
    let report = world.json(&["retention", "run"]);
    // His turn and the reply to it, his turn in the shared thread and the reply to both.
    assert_eq!(report["turns_purged"], 4);
    let export = exported(&world, "bo");
    assert!(!town::own_words("bo").iter().any(|word| export.contains(word)));
    let export = exported(&world, "ada");
    assert!(export.contains("quiet airfield"), "nothing else goes");
}

#[test]
fn files_are_dropped_when_their_time_is_over_and_not_a_day_later() {
    let mut world = town::settled();
    let days = world.query("SELECT DISTINCT expires_day FROM segment");
    let day: i64 = days[0].parse().unwrap();
    assert_eq!(days.len(), 1);
    // 365 days after 2026-01-20; retention is kept in steps of eight days, rounded down.
    let promised = 20_473 + 365;
    assert!((promised - 8..=promised).contains(&day), "{day}");
    let date = |day: i64| {
        let days_in_2027 = day - 20_819;
        assert!((0..31).contains(&days_in_2027));
        format!("2027-01-{:02}", days_in_2027 + 1)
    };
    world.set_now(&format!("{}T23:59:59Z", date(day - 1)));
    assert_eq!(world.json(&["retention", "run"])["turns_expired"], 0);
    assert!(exported(&world, "cy").contains("obsidian"));
    world.set_now(&format!("{}T00:00:00Z", date(day)));
    let report = world.json(&["retention", "run"]);
    assert_eq!(report["turns_expired"], town::KEPT_TURNS);
    assert!(files(&world.data().join("objects/segments")).is_empty());
    assert!(!exported(&world, "cy").contains("obsidian"));
}

#[test]
fn what_may_not_be_kept_is_found_in_no_file_not_even_of_a_killed_import() {
    let base = town::agreed();
    let log = town::import_file(&base);
    let import = ["import", log.to_str().unwrap()];
    let worlds = ["segment-put", "capture-committed", ""].map(|step| {
        let world = base.copy();
        match step {
            "" => assert!(CANARIES.iter().all(|canary| !world.ok(&import).printed().contains(canary))),
            step => world.aborted(step, &import),
        }
        world
    });
    for world in &worlds {
        for needle in CANARIES.iter().copied().chain(["locker code", "stranger"]) {
            assert_eq!(world.files_with(needle.as_bytes()), Vec::<PathBuf>::new(), "{needle}");
        }
        // Nor is what may be kept readable.
        for name in ["ada", "bo", "cy", "fay"] {
            for word in town::own_words(name) {
                assert_eq!(world.files_with(word.as_bytes()), Vec::<PathBuf>::new(), "{word}");
            }
        }
    }
    // Later choices open none of it.
    let world = &worlds[2];
    world.ok(&["consent", "give", "ned", "history"]);
    world.ok(&["consent", "give", "ned", "train"]);
    let again = world.json(&import);
    assert_eq!(again["imported"], 0, "a later yes does not reach back");
    for canary in CANARIES {
        assert_eq!(world.files_with(canary.as_bytes()), Vec::<PathBuf>::new());
    }
}
