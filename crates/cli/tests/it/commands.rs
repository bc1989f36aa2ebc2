//! What the commands print, word for word, and how they exit. Ids, digests and paths are left out.

use std::fs;
use std::process::{Command, Stdio};

use insta::assert_snapshot;

use crate::rows::publish;
use crate::run::{Answer, World};
use crate::town;

/// Every command, as it is typed.
const COMMANDS: [&str; 44] = [
    "",
    "quickstart",
    "init",
    "notice",
    "notice check",
    "notice publish",
    "notice show",
    "notice list",
    "notice diff",
    "notice campaign",
    "enrol",
    "tenant",
    "tenant contract",
    "consent",
    "consent give",
    "consent refuse",
    "consent defer",
    "consent withdraw",
    "consent show",
    "consent log",
    "consent import",
    "consent report",
    "policy",
    "policy explain",
    "policy law",
    "policy show",
    "policy set",
    "import",
    "release",
    "release build",
    "release list",
    "prove",
    "verify",
    "deid",
    "deid score",
    "deid review",
    "export",
    "erase",
    "recall",
    "retention run",
    "keys",
    "breach",
    "breach scope",
    "sample",
];

/// A run of hexadecimal digits at least this long is an id or a digest.
const HEX_DIGITS_MIN: usize = 16;

/// The text without what differs from run to run: ids, digests, temporary paths, sizes of files.
fn without_chance(world: &World, text: &str) -> String {
    let folder = world.beside("");
    let text = text.replace(folder.to_str().unwrap(), "DIR/");
    let mut out = String::new();
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_hexdigit() {
            run.push(c);
            continue;
        }
        out += if run.len() >= HEX_DIGITS_MIN { "HEX" } else { run.as_str() };
        run.clear();
        out.push(c);
    }
    out.lines().map(|line| without_place(line) + "\n").collect()
}

/// The line without the place of a recalled row, which chance gives, and without a signed note.
fn without_place(line: &str) -> String {
    let key = line.trim_start().split(':').next().unwrap_or_default();
    if key == "\"row\"" || key == "\"log_checkpoint\"" {
        return line.split(':').next().unwrap_or_default().to_owned() + ": …";
    }
    let mut cells: Vec<&str> = line.split_whitespace().collect();
    if let [_, place, "erased", _] = cells.as_mut_slice() {
        *place = "…";
        return format!("  {}", cells.join("  "));
    }
    line.to_owned()
}

/// A command with everything it answered.
fn told(world: &World, arguments: &[&str]) -> String {
    let Answer { code, out, err, .. } = world.run(arguments);
    let code = code.unwrap();
    let shown = without_chance(world, &arguments.join(" "));
    let mut text = format!("$ candor {} -> {code}\n", shown.trim());
    for (stream, printed) in [("", out), ("stderr: ", err)] {
        for line in without_chance(world, &printed).trim_end().lines() {
            text += &format!("{stream}{line}\n");
        }
    }
    text
}

fn all_told(world: &World, commands: &[&[&str]]) -> String {
    commands.iter().map(|arguments| told(world, arguments)).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_help_of_every_command_reads_so() {
    let help = |command: &str| {
        let mut run = Command::new(env!("CARGO_BIN_EXE_candor"));
        let answer = Answer::of(run.args(command.split_whitespace()).arg("--help").env("COLUMNS", "100"));
        assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""), "{command}");
        format!("$ candor {command} --help\n{}", answer.out)
    };
    let text = COMMANDS.map(help).join("\n");
    assert_snapshot!(text);
}

#[test]
fn the_first_steps_of_an_operator_are_told_so() {
    let world = World::empty("2026-03-01T00:00:00Z");
    let folder = world.beside("receipts");
    let receipts = folder.to_str().unwrap();
    let draft = world.data().join("notices/draft.toml");
    let providers = world.data().join("notices/providers.toml");
    let (draft, providers) = (draft.to_str().unwrap(), providers.to_str().unwrap());
    let text = all_told(
        &world,
        &[
            &["init"],
            &["notice", "check", draft],
            &["notice", "check", providers],
            &["notice", "publish", draft],
            &["notice", "list"],
            &["notice", "show"],
            &["notice", "diff", draft, providers],
            &["notice", "diff", providers, draft],
            &["notice", "diff", draft, draft],
            &["enrol", "ada", "--region", "DE", "--age", "34", "--receipts", receipts],
            &["consent", "give", "ada", "train", "--receipts", receipts],
            &["consent", "show", "ada"],
            &["tenant", "contract", "fernhill", "train"],
            &["config", "check"],
            &["config", "show"],
            &["keys", "rotate"],
            &["release", "list"],
        ],
    );
    assert_snapshot!(text);
}

#[test]
fn from_import_to_recall_results_are_told_so() {
    let world = town::settled();
    let log = town::import_file(&world);
    let log = log.to_str().unwrap();
    let trust = world.data().join("trust.keys");
    let trust = trust.to_str().unwrap();
    let release = world.release("first");
    let release = release.to_str().unwrap();
    let receipt = town::receipts_of(&world, "ned").join("0000-enrolment.receipt.json");
    let receipt = receipt.to_str().unwrap();
    let text = all_told(
        &world,
        &[
            &["import", log],
            &["release", "build", "first"],
            &["release", "list"],
            &["verify", release],
            &["verify", release, "--trust", trust],
            &["verify", receipt, "--trust", trust],
            &["prove", "first", "--receipt", receipt, "--to", "ned.json"],
            &["verify", "ned.json", "--trust", trust],
            &["export", "ada", "--folder", "ada"],
            &["erase", "ada"],
            &["erase", "ada", "--yes"],
            &["recall"],
            &["retention", "run"],
        ],
    );
    assert_snapshot!(text);
}

#[test]
fn the_same_results_for_programs_have_these_shapes() {
    let world = town::settled();
    let log = town::import_file(&world);
    let log = log.to_str().unwrap();
    let release = world.release("first");
    let release = release.to_str().unwrap();
    let trust = world.data().join("trust.keys");
    let trust = trust.to_str().unwrap();
    let mut text = String::new();
    let commands: [&[&str]; 13] = [
        &["notice", "list"],
        &["enrol", "eve"],
        &["consent", "give", "eve", "train"],
        &["consent", "show", "eve"],
        &["consent", "log", "eve"],
        &["consent", "withdraw", "eve", "train"],
        &["import", log],
        &["release", "build", "first"],
        &["release", "list"],
        &["verify", release, "--trust", trust],
        &["erase", "ada", "--yes"],
        &["recall"],
        &["retention", "run"],
    ];
    for arguments in commands {
        let arguments = [&["--output", "json"], arguments].concat();
        let answer = world.run(&arguments);
        serde_json::from_str::<serde_json::Value>(&answer.out).unwrap();
        // Sizes of compressed files may change with the library that writes them.
        let told = told_again(&world, &arguments, &answer);
        let told = without_language(&told);
        text += &told
            .lines()
            .filter(|line| !line.contains("\"bytes\""))
            .map(|l| format!("{l}\n"))
            .collect::<String>();
    }
    assert_snapshot!(text);
}

/// Without what a release says of its language: which rows that is measured on depends on the data directory's keys,
/// which are random.
fn without_language(told: &str) -> String {
    let (before, rest) = told.split_once("  \"language\": {\n").unwrap_or((told, ""));
    let after = rest.split_once("\n  },\n").map_or(rest, |(_, after)| after);
    format!("{before}{after}")
}

fn told_again(world: &World, arguments: &[&str], answer: &Answer) -> String {
    let shown = without_chance(world, &arguments.join(" "));
    format!("$ candor {} -> {}\n{}", shown.trim(), answer.code.unwrap(), without_chance(world, &answer.out))
}

#[test]
fn what_cannot_be_done_is_told_with_its_exit_code_and_the_next_step() {
    let world = World::empty("2026-03-01T00:00:00Z");
    publish(&world, 1, "2026-01-01T00:00:00Z", 365);
    world.ok(&["enrol", "ada"]);
    world.ok(&["consent", "refuse", "ada", "train"]);
    let again = world.beside("notice-1.toml");
    let longer = fs::read_to_string(&again).unwrap().replace("retention_days = 365", "retention_days = 366");
    let longer = world.write("longer.toml", longer);
    let longer = longer.to_str().unwrap();
    let wrong = world.write("wrong.toml", "version = 1\nminimal_age = 3\n");
    let (again, wrong) = (again.to_str().unwrap(), wrong.to_str().unwrap());
    let mut text = all_told(
        &world,
        &[
            &["consent", "withdraw", "ada", "train"],
            &["consent", "refuse", "ada", "train"],
            &["consent", "give", "ada", "train", "--effective-at", "2026-02-01"],
            &["consent", "give", "ada", "train", "--effective-at", "2027-01-01"],
            &["consent", "give", "nobody", "train"],
            &["consent", "give", "ada", "everything"],
            &["notice", "publish", again],
            &["notice", "publish", longer],
            &["notice", "check", wrong],
            &["notice", "show", "7"],
            &["import", "not-there.jsonl"],
            &["release", "build", "Bad Name"],
            &["release", "build", "r", "--purpose", "insights"],
            &["release", "build", "r", "--as-of", "2027-01-01"],
            &["release", "show", "r"],
            &["verify", "not-there"],
            &["verify", wrong],
            &["erase", "ada"],
            &["no-such-command"],
            &["enrol"],
        ],
    );
    let nowhere = world.beside("nowhere");
    let mut elsewhere = Command::new(env!("CARGO_BIN_EXE_candor"));
    let answer = Answer::of(elsewhere.arg("--data").arg(&nowhere).args(["release", "list"]));
    text += &format!("\n$ candor --data nowhere -> {}\n", answer.code.unwrap());
    text += &without_chance(&world, &answer.err);
    fs::write(world.data().join("candor.toml"), "[build]\nmemory = 3\n").unwrap();
    text += &told(&world, &["config", "check"]);
    assert_snapshot!(text);
}

#[test]
fn nobody_who_stops_reading_is_shown_an_error() {
    let world = World::empty("2026-03-01T00:00:00Z");
    let mut child = world
        .command(&["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
