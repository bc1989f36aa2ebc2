//! `kill -9` at random moments, and a log whose files and catalogue come from different moments.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use crate::run::{World, copy_folder, files};
use crate::town;

const AS_OF: &str = "2026-03-02T00:00:00Z";

/// Two thousand generated turns and their choices, not yet imported.
fn crowd() -> World {
    let mut world = World::new();
    world.set_now(AS_OF);
    // The sample's people answer two notices: one from 300 days and one from 60 days before its end.
    let notice = fs::read_to_string(world.beside("notice.toml")).unwrap();
    let second = notice.replace("version = 1", "version = 2").replace("2025-01-01T", "2025-12-01T");
    let second = world.write("notice-2.toml", second);
    world.ok(&["notice", "publish", second.to_str().unwrap()]);
    world.ok(&["sample", "sample", "--turns", "2000"]);
    world.ok(&["consent", "import", "sample/choices.csv", "--attested-by", "crm"]);
    world
}

const IMPORT: [&str; 2] = ["import", "sample/conversations.jsonl"];
const BUILD: [&str; 5] = ["release", "build", "crowd", "--as-of", AS_OF];

/// Ten moments within a run, in thousandths of its length, from a fixed seed.
fn moments() -> Vec<u32> {
    let mut state = 0x2545_f491_u32;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state % 1000
    };
    (0..10).map(next).collect()
}

/// Runs a command ten times, each in a copy of its own, and kills it at ten moments; gives the copies.
///
/// The moments are fractions of how long the same command just took: a kill needs a clock, and whether it comes
/// before or after a step changes nothing in what must hold.
#[expect(
    clippy::disallowed_methods,
    reason = "measures how long a run takes, to kill others within that time"
)]
fn killed(stage: &World, command: &[&str]) -> (World, Vec<World>) {
    let undisturbed = stage.copy();
    let start = Instant::now();
    undisturbed.ok(command);
    let length = start.elapsed();
    let mut cut_short = 0;
    let worlds: Vec<World> = moments()
        .into_iter()
        .map(|moment| {
            let world = stage.copy();
            let mut child = world.start(command);
            std::thread::sleep(length * moment / 1000);
            cut_short += u32::from(child.try_wait().unwrap().is_none());
            child.kill().unwrap();
            child.wait().unwrap();
            world
        })
        .collect();
    assert!(cut_short >= 3, "only {cut_short} of 10 runs were still going when they were killed");
    (undisturbed, worlds)
}

fn held(world: &World) -> Vec<String> {
    let mut held = world.query("SELECT CAST(SUM(turns) AS BIGINT), CAST(SUM(pieces) AS BIGINT) FROM segment");
    held.extend(world.query("SELECT reference, LENGTH(turns) FROM conversation ORDER BY 1"));
    held
}

#[test]
fn an_import_killed_at_ten_moments_and_run_again_accounts_for_the_same_turns() {
    let (undisturbed, worlds) = killed(&crowd(), &IMPORT);
    let expected = undisturbed.json(&IMPORT);
    let rows = undisturbed.json(&BUILD);
    assert!(rows["rows"]["released"].as_u64().unwrap() > 100, "{rows}");
    for (number, world) in worlds.into_iter().enumerate() {
        let counts = world.json(&IMPORT);
        let total = |name: &str| counts[name].as_u64().unwrap();
        assert_eq!(counts["examined"], expected["examined"]);
        assert_eq!(counts["withheld"], expected["withheld"]);
        assert_eq!(total("imported") + total("duplicate"), expected["duplicate"].as_u64().unwrap());
        assert_eq!(held(&world), held(&undisturbed));
        let stored = files(&world.data().join("objects/segments")).len();
        assert_eq!(world.query("SELECT COUNT(*) FROM segment"), [stored.to_string()]);
        if number % 4 != 0 {
            continue;
        }
        let again = world.json(&BUILD);
        for part in ["turns", "rows", "commitment", "files"] {
            assert_eq!(again[part], rows[part]);
        }
    }
}

#[test]
fn a_build_killed_at_ten_moments_and_run_again_gives_the_same_bytes() {
    let stage = crowd();
    stage.ok(&IMPORT);
    // Little memory, so that the build lives on its working files.
    fs::write(stage.data().join("candor.toml"), "[build]\nmemory_mib = 4\n").unwrap();
    let (undisturbed, worlds) = killed(&stage, &BUILD);
    let whole = files(&undisturbed.release("crowd"));
    let words = readable_words(&stage);
    let mut working_files = 0;
    for world in worlds {
        let place = world.release("crowd");
        assert!(!place.exists() || world.verifies(&place).code == Some(0), "half a release looks like one");
        let work = world.data().join("work");
        working_files +=
            if work.exists() { files(&work).values().filter(|bytes| bytes.len() > 1000).count() } else { 0 };
        // The half-made folder holds rows that are de-identified already; everything else must not be readable.
        for (path, bytes) in files(&world.data()) {
            let released = path.starts_with("releases");
            let found = words.iter().find(|word| memchr::memmem::find(&bytes, word.as_bytes()).is_some());
            assert!(released || found.is_none(), "{found:?} in {}", path.display());
        }
        let again = world.run(&BUILD);
        assert!(again.code == Some(0) || place.exists(), "{again:?}");
        assert_eq!(files(&place), whole);
        assert!(!work.join("crowd").exists());
    }
    assert!(working_files > 5, "{working_files} working files were searched");
}

/// Longer words of what people said in the sample, some of each conversation.
fn readable_words(world: &World) -> Vec<String> {
    let text = fs::read_to_string(world.beside("sample/conversations.jsonl")).unwrap();
    let contents = text.split(r#""content":""#).skip(1).filter_map(|rest| rest.split('"').next());
    let phrase = |content: &str| {
        let words: Vec<&str> = content.split(' ').take(4).collect();
        (words.len() == 4 && !content.contains('\\')).then(|| words.join(" "))
    };
    let phrases: std::collections::BTreeSet<String> = contents.filter_map(phrase).collect();
    let some: Vec<String> = phrases.into_iter().step_by(7).collect();
    assert!(some.len() > 50, "{}", some.len());
    some
}

/// The files of the log, and what they stand for.
fn log_files(world: &World) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    files(&world.data().join("log"))
}

#[test]
fn tiles_that_were_written_but_never_signed_are_written_again() {
    let base = town::agreed();
    let size: usize = base.query("SELECT COUNT(*) FROM log_entry")[0].parse().unwrap();
    let next = [format!("tile/0/000.p/{}", size + 1), format!("tile/entries/000.p/{}", size + 1)];
    for junk in [&[7_u8; 32][..], &[7; 5], &[]] {
        let world = base.copy();
        for name in &next {
            fs::write(world.data().join("log").join(name), junk).unwrap();
        }
        world.ok(&["enrol", "gus"]);
        world.ok(&["enrol", "hal"]);
        world.ok(&["log", "check"]);
        for name in &next {
            assert_ne!(fs::read(world.data().join("log").join(name)).unwrap(), junk, "{name}");
        }
        for name in ["ada", "gus", "hal"] {
            let receipts = town::receipts_of(&world, name);
            for receipt in files(&receipts).keys() {
                assert_eq!(world.verifies(&receipts.join(receipt)).code, Some(0));
            }
        }
    }
}

#[test]
fn a_log_that_is_behind_the_catalogue_catches_up() {
    let world = town::agreed();
    let log = world.data().join("log");
    copy_folder(&log, &world.beside("older-log"));
    world.ok(&["enrol", "gus"]);
    let newest = log_files(&world);
    fs::remove_dir_all(&log).unwrap();
    copy_folder(&world.beside("older-log"), &log);
    assert_ne!(log_files(&world), newest);
    world.ok(&["recall"]);
    assert_eq!(log_files(&world), newest);
}

#[test]
fn a_log_that_is_not_the_catalogues_is_refused_and_nothing_is_signed() {
    /// The last tile and bundle, which the start reads.
    fn last(world: &World, kind: &str) -> PathBuf {
        let folder = world.data().join(format!("log/tile/{kind}/000.p"));
        let width = |path: &PathBuf| path.to_str().unwrap().parse::<u16>().unwrap();
        folder.join(files(&folder).keys().max_by_key(|path| width(path)).unwrap())
    }
    fn flip(path: PathBuf) {
        let mut bytes = fs::read(&path).unwrap();
        bytes[40] ^= 1;
        fs::write(path, bytes).unwrap();
    }
    type Fault = Box<dyn Fn(&mut World)>;
    let older_catalogue: Fault = Box::new(|world| {
        let older = world.copy();
        world.ok(&["enrol", "gus"]);
        world.take_catalogue_of(older);
    });
    let other_entry_in_catalogue: Fault = Box::new(|world| {
        let first = "(SELECT entry FROM log_entry WHERE position = 0)";
        world.tamper(&format!("UPDATE log_entry SET entry = {first} WHERE position = 2"));
    });
    let missing_tile: Fault = Box::new(|world| fs::remove_file(last(world, "0")).unwrap());
    let cut_tile: Fault = Box::new(|world| {
        let tile = last(world, "0");
        let bytes = fs::read(&tile).unwrap();
        fs::write(tile, &bytes[..bytes.len() - 32]).unwrap();
    });
    let missing_bundle: Fault = Box::new(|world| fs::remove_file(last(world, "entries")).unwrap());
    let checkpoint_of_another: Fault = Box::new(|world| {
        let other = World::new();
        fs::copy(other.data().join("log/checkpoint"), world.data().join("log/checkpoint")).unwrap();
    });
    let junk_checkpoint: Fault =
        Box::new(|world| fs::write(world.data().join("log/checkpoint"), "nothing of ours\n").unwrap());
    let faults: [(Fault, &str); 9] = [
        (older_catalogue, "the catalogue is older than the log"),
        (Box::new(|world| flip(last(world, "0"))), "Nothing was signed"),
        (Box::new(|world| flip(last(world, "entries"))), "Nothing was signed"),
        (other_entry_in_catalogue, "Nothing was signed"),
        (missing_tile, "Nothing was signed"),
        (cut_tile, "Nothing was signed"),
        (missing_bundle, "Nothing was signed"),
        (checkpoint_of_another, "checkpoint does not verify with this log's key"),
        (junk_checkpoint, "checkpoint does not read"),
    ];
    let base = town::agreed();
    for (fault, words) in faults {
        let mut world = base.copy();
        fault(&mut world);
        let before = log_files(&world);
        world.run(&["enrol", "hal"]).fails(3, words);
        world.run(&["consent", "give", "cy", "insights"]).fails(3, words);
        assert_eq!(log_files(&world), before, "{words}");
    }
}
