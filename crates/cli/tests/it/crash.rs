//! Killed at every durable step and at any other moment: nothing lost, nothing half there (N6).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::run::{World, files};
use crate::town;

/// When releases decide.
const AS_OF: &str = "2026-02-20T00:00:00Z";

/// A command that passes durable steps, and what came before it.
struct Story {
    before: &'static [&'static [&'static str]],
    command: &'static [&'static str],
    /// Steps at which it is killed; `name:2` is the second passage.
    steps: &'static [&'static str],
    /// Exit code of the same command run again. A choice that was recorded and a person who was erased are not
    /// recorded or erased again: what could not be answered is there.
    again: i32,
}

const STORIES: [Story; 13] = [
    Story {
        before: &[],
        command: &["notice", "publish", "notice-2.toml"],
        steps: &["notice-committed"],
        again: 0,
    },
    Story { before: &[], command: &["policy", "set", "rules.toml"], steps: &["rules-committed"], again: 0 },
    Story {
        before: &[],
        command: &["enrol", "gus", "hal", "--region", "US"],
        steps: &["people-committed", "log-tiles", "log-checkpoint"],
        again: 0,
    },
    Story {
        before: &[],
        command: &["consent", "give", "cy", "insights"],
        steps: &["people-committed", "log-tiles", "log-checkpoint"],
        again: 1,
    },
    Story {
        before: &[BUILD],
        command: &["consent", "withdraw", "ada", "train"],
        steps: &["people-committed", "log-tiles"],
        again: 1,
    },
    Story {
        before: &[BUILD],
        command: &["consent", "import", "more.csv", "--attested-by", "crm"],
        steps: &["people-committed", "log-tiles", "log-tiles:2", "people-committed:2", "log-checkpoint:2"],
        again: 0,
    },
    Story {
        before: &[],
        command: &["import", "more.jsonl"],
        steps: &["segment-put", "capture-committed"],
        again: 0,
    },
    Story {
        before: &[],
        command: BUILD,
        steps: &[
            "release-written",
            "release-committed",
            "log-tiles",
            "log-checkpoint",
            "release-proved",
            "release-in-place",
        ],
        again: 0,
    },
    Story {
        before: &[BUILD],
        command: &["erase", "ada", "--yes"],
        steps: &["erasure-committed", "log-tiles", "log-checkpoint"],
        again: 1,
    },
    Story {
        before: &[BUILD, &["erase", "ada", "--yes"]],
        command: &["retention", "run"],
        steps: &["segment-rewritten", "segment-replaced"],
        again: 0,
    },
    Story {
        before: &[&["consent", "withdraw", "bo", "train"], &["consent", "withdraw", "bo", "history"]],
        command: &["retention", "run"],
        steps: &["segment-rewritten", "segment-replaced"],
        again: 0,
    },
    Story {
        before: &[&["erase", "bo", "--yes"]],
        command: &["keys", "rotate"],
        steps: &["epoch-added", "rotation-committed", "epoch-condemned", "epoch-destroyed"],
        again: 0,
    },
    Story {
        before: &[],
        command: &["consent", "commit"],
        steps: &["states-committed", "log-tiles", "log-checkpoint"],
        again: 0,
    },
];

const BUILD: &[&str] = &["release", "build", "first", "--as-of", AS_OF];

/// The town with the files that the stories use.
fn stage() -> World {
    let world = town::settled();
    let notice = fs::read_to_string(world.beside("notice.toml")).unwrap();
    let notice = notice.replace("version = 1", "version = 2").replace("2025-01-01T", "2026-02-01T");
    world.write("notice-2.toml", notice);
    world.write("rules.toml", "not_kept = [\"FR\"]\n");
    world.write(
        "more.csv",
        "subject,purpose,state,effective_at\ncy,insights,given,2026-02-25T00:00:00Z\n\
         ivy,train,given,2026-01-02T00:00:00Z\nfay,train,withdrawn,2026-02-25T00:00:00Z\n",
    );
    let said: [(&str, &str); 2] =
        [("fay", "What keeps turmeric dry through a damp winter?"), ("", "A tin with a rubber ring.")];
    world.write("more.jsonl", town::thread("0011", &said) + &town::log());
    world
}

/// All that the catalogue says, apart from what is random or told by the clock; and the rows of a release made
/// of it now.
fn state(world: &World) -> Vec<String> {
    let counts = [
        "SELECT COUNT(*), COUNT(DISTINCT epoch) FROM subject",
        "SELECT version FROM notice ORDER BY version",
        "SELECT purpose, sequence, state, effective_at, attested, COUNT(*) FROM event \
         GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
        "SELECT COUNT(*), MAX(position), CAST(SUM(LENGTH(entry)) AS BIGINT) FROM log_entry",
        "SELECT CAST(SUM(turns) AS BIGINT), CAST(SUM(pieces) AS BIGINT), CAST(SUM(joint_pieces) AS BIGINT) FROM segment",
        "SELECT COUNT(DISTINCT path) > 0 FROM segment",
        "SELECT reference, LENGTH(turns) FROM conversation ORDER BY reference",
        "SELECT release, row_number, cause FROM recall ORDER BY 1, 2",
        "SELECT reference, purged_at IS NULL FROM tombstone ORDER BY 1",
        "SELECT name, id, log_position FROM release ORDER BY name",
        "SELECT finished, COUNT(*) FROM import_job GROUP BY 1 ORDER BY 1",
    ];
    let mut state: Vec<String> = counts.iter().flat_map(|sql| world.query(sql)).collect();
    let probe = world.copy();
    let manifest = probe.json(&["release", "build", "probe", "--as-of", AS_OF]);
    for part in ["/turns", "/rows", "/people", "/commitment/rows_root"] {
        state.push(manifest.pointer(part).unwrap().to_string());
    }
    state
}

/// Nothing half there: what looks like a release is one, every segment has its entry, and receipts verify.
fn assert_whole(world: &World, when: &str) {
    world.ok(&["recall"]);
    let listed = world.json(&["release", "list"]);
    let names: BTreeSet<&str> =
        listed.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    for folder in releases(world) {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with(".partial") {
            let entered = names.iter().any(|name| !world.release(name).exists());
            assert!(!folder.join("release.log.json").exists() || entered);
            continue;
        }
        assert!(names.contains(name.as_str()), "{when}: {name} is not in the log");
        assert_eq!(world.verifies(&folder).code, Some(0), "{when}: {name}");
    }
    let probe = world.copy();
    let receipts = town::receipts_of(&probe, "cy");
    for receipt in files(&receipts).keys() {
        assert_eq!(probe.verifies(&receipts.join(receipt)).code, Some(0), "{when}: {}", receipt.display());
    }
}

/// Nothing is left that only a crash leaves.
fn assert_clean(world: &World, when: &str) {
    let known: BTreeSet<String> = world.query("SELECT path FROM segment").into_iter().collect();
    let stored = files(&world.data().join("objects/segments")).into_keys();
    let stored = stored.map(|path| format!("segments/{}", path.display())).collect();
    assert_eq!(known, stored, "{when}: segments without an entry, or entries without a segment");
    let work = world.data().join("work");
    assert!(!work.exists() || files(&work).is_empty(), "{when}: working files");
    let keys = files(&world.data().join("keys"));
    let epochs = keys.keys().filter(|path| path.to_str().unwrap().contains("epoch")).count();
    assert_eq!(epochs, 1, "{when}: {:?}", keys.keys());
    for folder in releases(world) {
        assert!(folder.extension().is_none(), "{when}: {}", folder.display());
    }
}

fn releases(world: &World) -> Vec<PathBuf> {
    let entries = fs::read_dir(world.data().join("releases")).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Tells a story undisturbed, then once for each of its steps with a crash there.
fn tell(story: &Story) {
    let stage = stage();
    for command in story.before {
        stage.ok(command);
    }
    let undisturbed = stage.copy();
    undisturbed.ok(story.command);
    let expected = state(&undisturbed);
    for step in story.steps {
        let world = stage.copy();
        world.aborted(step, story.command);
        assert_whole(&world, step);
        let again = world.run(story.command);
        assert_eq!(again.code, Some(story.again), "{step}: {again:?}");
        assert_eq!(state(&world), expected, "{step} in {:?}", story.command);
        if story.command == BUILD {
            assert_eq!(files(&world.release("first")), files(&undisturbed.release("first")), "{step}");
        }
        world.ok(&["retention", "run"]);
        assert_whole(&world, step);
        assert_clean(&world, step);
    }
}

#[test]
fn a_crash_while_a_notice_people_or_choices_are_recorded_loses_nothing() {
    STORIES[..6].iter().for_each(tell);
}

#[test]
fn a_crash_while_importing_loses_nothing_and_imports_nothing_twice() {
    tell(&STORIES[6]);
}

#[test]
fn a_crash_while_building_leaves_no_release_or_the_same_one() {
    tell(&STORIES[7]);
}

#[test]
fn a_crash_while_forgetting_is_made_good_by_the_next_run() {
    STORIES[8..12].iter().for_each(tell);
}

#[test]
fn a_crash_while_states_are_committed_leaves_one_epoch() {
    tell(&STORIES[12]);
}

#[test]
fn receipts_are_whole_and_one_that_a_power_cut_emptied_is_written_again() {
    let world = town::agreed();
    let receipts = town::receipts_of(&world, "cy");
    let whole = files(&receipts);
    assert_eq!(whole.len(), 3, "enrolment and two choices, no temporary file");
    for name in whole.keys() {
        fs::write(receipts.join(name), "").unwrap();
        town::receipts_of(&world, "cy");
        assert_eq!(files(&receipts), whole);
    }
}

#[test]
fn every_durable_step_in_the_sources_is_in_a_story() {
    let told: BTreeSet<&str> = STORIES
        .iter()
        .flat_map(|story| story.steps)
        .map(|step| step.split_once(':').map_or(*step, |(name, _)| name))
        .collect();
    let mut named = BTreeSet::new();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for entry in fs::read_dir(crates).unwrap() {
        let sources = entry.unwrap().path().join("src");
        for (path, bytes) in files(&sources) {
            if path.extension().is_some_and(|extension| extension == "rs") {
                let text = String::from_utf8(bytes).unwrap();
                let steps = text.split("durable::step(\"").skip(1).filter_map(|rest| rest.split('"').next());
                named.extend(steps.map(str::to_owned));
            }
        }
    }
    // Others are told where they belong.
    let elsewhere: [(&str, &[&str]); 6] = [
        ("vault/tests/it/catalogue.rs", &["migrated"]),
        (
            "vault/tests/it/dying.rs",
            &["inbox-written", "inbox-synced", "inbox-rolled", "inbox-absorbed", "files-put"],
        ),
        ("vault/tests/it/own.rs", &["conversation-rewritten", "conversation-forgotten"]),
        ("cli/tests/it/log.rs", &["witness-held"]),
        ("cli/tests/it/requests.rs", &["request-committed"]),
        ("cli/tests/it/train.rs", &["train-checkpoint", "model-written"]),
    ];
    let mut told_there = Vec::new();
    for (file, steps) in elsewhere {
        let text = fs::read_to_string(crates.join(file)).unwrap();
        assert!(steps.iter().all(|step| text.contains(&format!("\"{step}\""))), "{file}");
        told_there.extend(steps);
    }
    let told: BTreeSet<&str> = told.into_iter().chain(told_there).collect();
    assert_eq!(named.iter().map(String::as_str).collect::<BTreeSet<_>>(), told);
    assert!(named.len() > 15, "{named:?}");
}
