//! Input that is wrong, and a machine that fails: a clear error, the right exit code, nothing lost.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use zip::write::SimpleFileOptions;

use crate::run::{Answer, World, copy_folder, files};
use crate::town;

/// What the hostile files hold as conversation text; it must show up in no message.
const SECRET: &str = "canary-okapi-9914";

fn line(text: &str) -> String {
    format!(r#"{{"user": "ada", "messages": [{{"role": "user", "content": "{text} {SECRET}"}}]}}"#) + "\n"
}

fn archive(path: &Path, entries: &[(&str, &[u8])]) {
    let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

/// Imports a hostile file, then the good log: the first fails and says why, the second loses nothing by it.
fn refused(world: &World, path: &Path, reason: &str) {
    let answer = world.run(&["import", path.to_str().unwrap()]);
    answer.fails(1, reason);
    assert!(!answer.printed().contains(SECRET), "{reason}: the message holds conversation text");
    let words = ["imported", "0"];
    let imported = answer.out.lines().find(|line| line.trim().starts_with(words[0])).unwrap();
    assert!(imported.ends_with(words[1]), "{reason}: {imported}");
    assert_eq!(world.files_with(SECRET.as_bytes()), Vec::<PathBuf>::new());
}

fn still_works(world: &World) {
    let log = town::import_file(world);
    let counts = world.json(&["import", log.to_str().unwrap()]);
    let total = |name: &str| counts[name].as_u64().unwrap();
    assert_eq!(total("imported") + total("duplicate"), town::KEPT_TURNS);
    world.ok(&["release", "build", "after"]);
    assert_eq!(world.verifies(&world.release("after")).code, Some(0));
}

#[test]
fn damaged_input_is_refused_with_its_reason() {
    let world = town::agreed();
    let whole = world.beside("whole.zip");
    archive(&whole, &[("log.jsonl", line("hello").repeat(200).as_bytes())]);
    let bytes = fs::read(&whole).unwrap();
    let cut = world.write("cut.zip", &bytes[..bytes.len() / 2]);
    refused(&world, &cut, "cut short");

    let damaged = line("bytes \u{7}").replace('\u{7}', "X").into_bytes();
    let damaged: Vec<u8> = damaged.iter().map(|byte| if *byte == b'X' { 0xff } else { *byte }).collect();
    refused(&world, &world.write("bytes.jsonl", damaged), "not UTF-8");

    let deep = format!("{{\"messages\": {}{SECRET}", "[".repeat(100_000));
    refused(&world, &world.write("deep.jsonl", deep), "levels deep");

    let half = line("half");
    refused(&world, &world.write("half.json", &half[..half.len() - 12]), "ends too early");
    still_works(&world);
}

#[test]
fn a_compression_bomb_and_a_name_that_leads_out_are_refused() {
    let world = town::agreed();
    let bomb = world.beside("bomb.zip");
    let text = line(&"a".repeat(40 << 20));
    archive(&bomb, &[("log.jsonl", text.as_bytes())]);
    assert!(fs::metadata(&bomb).unwrap().len() < 1 << 20);
    refused(&world, &bomb, "expands to more than");

    let outside = world.beside("outside.zip");
    archive(&outside, &[("../../evil.jsonl", line("out").as_bytes()), ("/etc/evil", line("out").as_bytes())]);
    refused(&world, &outside, "leads out of the archive");
    assert!(!world.beside("evil.jsonl").exists() && !Path::new("/etc/evil").exists());
    still_works(&world);
}

#[test]
fn a_line_of_100_megabytes_fails_alone() {
    let world = town::agreed();
    let path = world.beside("long.jsonl");
    let mut out = BufWriter::new(File::create(&path).unwrap());
    let long = line(&"word ".repeat(20 << 20));
    assert!(long.len() > 100 << 20);
    for part in [town::log().as_bytes(), long.as_bytes()] {
        out.write_all(part).unwrap();
    }
    out.flush().unwrap();
    drop(out);
    let answer = world.run(&["--output", "json", "import", path.to_str().unwrap()]);
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    assert!(answer.err.contains("longer than") && !answer.printed().contains(SECRET), "{}", answer.err);
    let counts = answer.json();
    assert_eq!((counts["failed"]["too-large"].as_u64(), counts["imported"].as_u64()), (Some(1), Some(18)));
    still_works(&world);
}

#[test]
fn bad_choices_are_refused_as_a_whole() {
    let world = town::agreed();
    let before = world.query("SELECT COUNT(*) FROM event");
    for (rows, words) in [
        ("subject,purpose,state\nada,train,maybe\n", "line 2"),
        ("subject,purpose,state\nada,insights,given\nada,insights,refused\n", "cannot become"),
        (
            "subject,purpose,state,effective_at\nada,insights,given,2031-01-01T00:00:00Z\n",
            "cannot take effect",
        ),
        ("subject,purpose,sate\nada,train,given\n", "sate"),
    ] {
        let file = world.write("bad.csv", rows);
        let answer = world.run(&["consent", "import", file.to_str().unwrap(), "--attested-by", "crm"]);
        answer.fails(1, words);
        assert_eq!(world.query("SELECT COUNT(*) FROM event"), before, "{rows}");
    }
}

/// A fault in the data directory, what tells of it, and the exit code.
type Fault = (&'static str, fn(&World), &'static str, i32);

const FAULTS: [Fault; 7] = [
    (
        "another master key",
        |world| fs::write(world.data().join("keys/master.key"), "7".repeat(64)).unwrap(),
        "master key",
        1,
    ),
    (
        "no master key",
        |world| fs::remove_file(world.data().join("keys/master.key")).unwrap(),
        "master.key",
        3,
    ),
    (
        "half a master key",
        |world| fs::write(world.data().join("keys/master.key"), "77").unwrap(),
        "hexadecimal",
        1,
    ),
    (
        "no epoch key",
        |world| fs::remove_file(world.data().join("keys/epoch-000001.key")).unwrap(),
        "epoch 1 is gone",
        3,
    ),
    ("half a catalogue", |world| cut(&world.data().join("catalogue.sqlite"), 2), "catalogue", 3),
    ("an empty catalogue", |world| cut(&world.data().join("catalogue.sqlite"), usize::MAX), "catalogue", 3),
    (
        "no segments",
        |world| fs::remove_dir_all(world.data().join("objects/segments")).unwrap(),
        "segments/",
        3,
    ),
];

fn cut(path: &Path, by: usize) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() / by]).unwrap();
}

#[test]
fn a_data_directory_that_is_not_whole_says_what_is_missing_and_works_once_it_is_back() {
    let base = town::settled();
    for (name, fault, words, code) in FAULTS {
        let world = base.copy();
        copy_folder(&world.data(), &world.beside("backup"));
        fault(&world);
        let answer = world.run(&["release", "build", "after"]);
        answer.fails(code, words);
        assert!(!world.release("after").exists(), "{name}");
        fs::remove_dir_all(world.data()).unwrap();
        copy_folder(&world.beside("backup"), &world.data());
        still_works(&world);
    }
}

#[test]
fn a_changed_byte_of_a_segment_is_noticed_wherever_it_is_and_nothing_is_purged_for_it() {
    let world = town::settled();
    let segments = world.data().join("objects/segments");
    let name = files(&segments).into_keys().next().unwrap();
    let whole = fs::read(segments.join(&name)).unwrap();
    for place in (0..whole.len()).step_by(whole.len() / 9) {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        fs::write(segments.join(&name), changed).unwrap();
        world.run(&["release", "build", "after"]).fails(3, "is not what was written");
        let folder = world.beside("export");
        world
            .run(&["export", "ada", "--folder", folder.to_str().unwrap()])
            .fails(3, "is not what was written");
        assert!(!folder.exists() && !world.release("after").exists());
    }
    world.ok(&["consent", "withdraw", "bo", "train"]);
    world.run(&["retention", "run"]).fails(3, "is not what was written");
    assert_eq!(files(&segments).len(), 1);
    fs::write(segments.join(&name), whole).unwrap();
    still_works(&world);
}

#[test]
fn a_folder_that_takes_no_files_is_reported_and_the_next_run_completes() {
    let world = town::agreed();
    let segments = world.data().join("objects/segments");
    // A file where a folder belongs stops root, too, whom permissions do not.
    fs::write(&segments, "in the way").unwrap();
    let log = town::import_file(&world);
    let answer = world.run(&["import", log.to_str().unwrap()]);
    assert_eq!(answer.code, Some(3), "{answer:?}");
    answer.fails(3, "segments");
    fs::remove_file(&segments).unwrap();
    still_works(&world);

    fs::remove_dir_all(world.data().join("releases")).unwrap();
    fs::write(world.data().join("releases"), "in the way").unwrap();
    world.run(&["release", "build", "second"]).fails(3, "releases");
    fs::remove_file(world.data().join("releases")).unwrap();
    world.ok(&["release", "build", "second"]);
    assert_eq!(world.verifies(&world.release("second")).code, Some(0));
}

/// Runs a command under a limit on the size of files, in blocks of 512 bytes or of 1,024, as the shell has it.
fn limited(world: &World, blocks: u32, arguments: &[&str]) -> Answer {
    let command = world.command(arguments);
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("ulimit -f {blocks}; exec \"$@\"")).arg("sh").arg(command.get_program());
    Answer::of(shell.args(command.get_args()).current_dir(command.get_current_dir().unwrap()))
}

#[test]
fn a_file_size_limit_is_an_error_and_the_next_run_completes() {
    let base = town::agreed();
    let big = base.write("big.jsonl", town::log() + &many_threads(60));
    let import = ["import", big.to_str().unwrap()];
    let expected = {
        let world = base.copy();
        world.json(&import)
    };
    let mut failed = 0;
    for blocks in [0, 8, 16, 64, 128] {
        let world = base.copy();
        let answer = limited(&world, blocks, &import);
        if answer.code == Some(0) {
            continue;
        }
        answer.fails(3, "candor: ");
        assert!(answer.err.len() > 20, "{answer:?}");
        failed += 1;
        let counts = world.json(&import);
        assert_eq!(counts, expected, "{blocks} blocks");
    }
    assert!(failed >= 3, "{failed}");

    let world = base.copy();
    world.ok(&import);
    let mut failed = 0;
    for blocks in [0, 2, 8, 24, 48] {
        let name = format!("limited-{blocks}");
        let build = ["release", "build", name.as_str()];
        let answer = limited(&world, blocks, &build);
        if answer.code != Some(0) {
            answer.fails(3, "candor: ");
            failed += 1;
            assert!(!world.release(&name).exists());
            world.ok(&build);
        }
        assert_eq!(world.verifies(&world.release(&name)).code, Some(0));
    }
    assert!(failed >= 3, "{failed}");
}

#[test]
fn a_choice_that_meets_a_file_size_limit_is_in_the_log_or_not_recorded() {
    let base = town::agreed();
    for blocks in [0, 1, 2, 8, 64] {
        let world = base.copy();
        let answer = limited(&world, blocks, &["consent", "give", "cy", "insights"]);
        if answer.code != Some(0) {
            answer.fails(3, "candor: ");
        }
        world.run(&["consent", "give", "cy", "insights"]);
        assert_eq!(world.query("SELECT COUNT(*) FROM event WHERE purpose = 'insights'"), ["1"]);
        let receipts = town::receipts_of(&world, "cy");
        for receipt in files(&receipts).keys() {
            assert_eq!(world.verifies(&receipts.join(receipt)).code, Some(0), "{blocks}");
        }
    }
}

/// Threads of Fay's, each of other words.
fn many_threads(count: usize) -> String {
    let text = |at: usize| {
        let words = (0..150).map(|word| format!("w{}", (at * 7919 + word * 104_729) % 1_000_003));
        words.collect::<Vec<_>>().join(" ")
    };
    (0..count).map(|at| town::thread(&format!("1{at:03}"), &[("fay", &text(at)), ("", "Noted.")])).collect()
}

#[test]
fn a_full_disk_is_an_error_and_the_next_run_with_room_completes() {
    let world = town::agreed();
    let big = world.write("big.jsonl", town::log() + &many_threads(400));
    let expected = world.copy().json(&["import", big.to_str().unwrap()]);
    // A file system of its own, which goes away with the process that made it.
    let script = r#"
        set -e
        mkdir small && mount -t tmpfs -o size=64m tmpfs small && cp -r data small/data || { echo unavailable; exit 0; }
        room() { mount -o remount,size="$(($(du -sk small | cut -f1) + $1))"k small; }
        room 100
        code=0; "$1" --data small/data --now "$2" import big.jsonl > first 2>&1 || code=$?
        echo "import $code"
        mount -o remount,size=64m small
        "$1" --data small/data --now "$2" --output json import big.jsonl > second
        "$1" --data small/data --now "$2" --quiet release build big > build
        "$1" verify small/data/releases/big --trust small/data/trust.keys > verified
        room 60
        code=0; "$1" --data small/data --now "$2" release build more > third 2>&1 || code=$?
        echo "build $code"; ls small/data/releases
        mount -o remount,size=64m small
        "$1" --data small/data --now "$2" --quiet release build more > build
        "$1" verify small/data/releases/more --trust small/data/trust.keys > verified
        echo done
    "#;
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", script, "sh", env!("CARGO_BIN_EXE_candor"), crate::run::NOW]);
    let Ok(output) = command.current_dir(world.beside("")).output() else {
        return println!("skipped: no unshare here");
    };
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() && told.is_empty() || told.contains("unavailable") {
        return println!("skipped: no file system of its own can be mounted here: {errors}");
    }
    let read = |name: &str| fs::read_to_string(world.beside(name)).unwrap_or_default();
    assert!(told.starts_with("import 3\n"), "{told}{errors}{}", read("first"));
    assert!(told.contains("build 3\nbig\ndone"), "{told}{errors}{}", read("third"));
    for name in ["first", "third"] {
        assert!(read(name).contains("candor: ") && !read(name).contains("panicked"), "{}", read(name));
    }
    let counts: serde_json::Value = serde_json::from_str(&read("second")).unwrap();
    assert_eq!(counts, expected);
}
