//! A serving process that dies or finds the disk full at any step: what it acknowledged is there, once.
//!
//! Each test runs itself again as another process, which is the one that dies.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use candor_consent::AccessPermit;
use candor_conversation::{Attachment, File, Held, Part};
use candor_vault::{Inbox, Vault, VaultError};

use super::place::{Place, person, test_named, time};
use super::speech::{SAID, entropy, everything, exchange, take_in};

/// Names the data directory to the other process.
const ROOT: &str = "CANDOR_TEST_ROOT";
/// Extensions of the files in which it notes how many turns were acknowledged, and how many groups failed.
const ACKNOWLEDGED: &str = "acknowledged";
#[cfg(unix)]
const FAILED: &str = "failed";
/// Exchanges that it writes, if it lives.
const EXCHANGES: usize = 6;

/// The data directory, in the process that is to die.
fn root() -> Option<PathBuf> {
    std::env::var_os(ROOT).map(PathBuf::from)
}

/// This test again, as another process started by `command`.
fn run(mut command: Command, test: &str, root: &Path) -> bool {
    command.args(["--exact", &test_named(module_path!(), test), "--quiet"]).env(ROOT, root);
    command.output().unwrap().status.success()
}

fn note(root: &Path, what: &str, count: u64) {
    let path = root.with_extension(what);
    writeln!(fs::File::options().append(true).create(true).open(path).unwrap(), "{count}").unwrap();
}

fn noted(root: &Path, what: &str) -> u64 {
    let text = fs::read_to_string(root.with_extension(what)).unwrap_or_default();
    text.lines().map(|line| line.parse::<u64>().unwrap()).sum()
}

/// How many files Ada's export gives.
fn files(vault: &Vault) -> u64 {
    let ada = person(vault, "ada");
    let permit = AccessPermit::for_own(ada.id, ada.id).unwrap();
    let mut count = 0;
    let visit = |_: &Attachment, file: &File| -> Result<(), VaultError> {
        assert!(file.bytes().unwrap().starts_with(b"file "));
        count += 1;
        Ok(())
    };
    vault.export_files(&ada, &permit, visit).unwrap();
    count
}

/// Writes, ends a file with every second exchange, and takes them in.
fn serve(root: &Path) {
    let mut inbox = Inbox::open(root, entropy(4)).unwrap();
    for number in 0..EXCHANGES {
        let mut fresh = exchange(inbox.policy(), "ada", "a", number);
        for (index, turn) in fresh.path.iter_mut().enumerate() {
            let held = Held::File(File::new(format!("file {index}").into_bytes()));
            turn.parts.push(Part::Attachment(Attachment { held, ..Attachment::of_kind("file") }));
        }
        note(root, ACKNOWLEDGED, inbox.append(&[fresh], time(SAID)).unwrap().turns);
        if number % 2 == 1 {
            inbox.roll().unwrap();
            let mut vault = Vault::open(root).unwrap();
            vault.absorb_inbox(time(SAID), &mut entropy(50 + number as u8)).unwrap();
        }
    }
}

#[test]
fn what_was_acknowledged_is_there_once_whatever_step_a_process_dies_at() {
    if let Some(root) = root() {
        return serve(&root);
    }
    let test = "what_was_acknowledged_is_there_once_whatever_step_a_process_dies_at";
    for step in
        ["inbox-written", "inbox-synced", "inbox-rolled", "files-put", "segment-put", "inbox-absorbed"]
    {
        let mut passage = 1;
        loop {
            let place = Place::new();
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.env("CANDOR_ABORT_AT", format!("{step}:{passage}"));
            let lived = run(command, test, &place.root());
            let mut vault = place.open();
            take_in(&mut vault, time(SAID));
            // A group may be on disk and not have been answered for.
            let (found, acknowledged) = (everything(&vault).len() as u64, noted(&place.root(), ACKNOWLEDGED));
            assert!(found == acknowledged || found == acknowledged + 2, "{step}:{passage}: {found}");
            assert_eq!(files(&vault), found, "{step}:{passage}: each turn has its file");
            if lived {
                assert_eq!(acknowledged, 2 * EXCHANGES as u64);
                assert!(passage > 2, "{step} is passed");
                break;
            }
            passage += 1;
            assert!(passage < 40, "{step}: it never lives");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_disk_that_is_full_costs_nothing_that_was_acknowledged_and_not_the_next_group() {
    if let Some(root) = root() {
        let mut inbox = Inbox::open(&root, entropy(4)).unwrap();
        let mut failed = 0;
        for number in 0..400 {
            let fresh = exchange(inbox.policy(), "ada", &format!("thread-{number}"), 0);
            match inbox.append(&[fresh], time(SAID)) {
                Ok(appended) => note(&root, ACKNOWLEDGED, appended.turns),
                Err(_) => failed += 1,
            }
        }
        return note(&root, FAILED, failed);
    }
    let test = "a_disk_that_is_full_costs_nothing_that_was_acknowledged_and_not_the_next_group";
    let place = Place::new();
    // No file of the other process grows beyond this many blocks of 512 bytes or of 1 KiB, depending on the shell.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\""]);
    command.arg(std::env::current_exe().unwrap());
    assert!(run(command, test, &place.root()));
    let failed = noted(&place.root(), FAILED);
    assert!((1..40).contains(&failed), "{failed} groups failed");
    let acknowledged = noted(&place.root(), ACKNOWLEDGED);
    assert_eq!(acknowledged, 2 * (400 - failed));
    let mut vault = place.open();
    let absorbed = take_in(&mut vault, time(SAID));
    assert_eq!((absorbed.turns, absorbed.damaged), (acknowledged, 0));
    assert!(absorbed.files > 1, "after each failure another file is written");
}
