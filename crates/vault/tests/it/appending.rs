//! Many who record at once, and a process that dies meanwhile: what was answered is in the log, and the log never has
//! two histories.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use candor_consent::{Purpose, State};
use candor_tlog::checkpoint::Checkpoint;
use candor_tlog::note::SignedNote;
use candor_tlog::tree::{TreeSize, verify_consistency};
use candor_vault::{Act, Entropy, Known, LogFiles, Profile, Sequencer, Vault, VaultError};

use super::place::{Place, person, tenant, test_named, time};

/// Names the data directory to the other process.
const ROOT: &str = "CANDOR_TEST_APPENDING";
/// Appends in all.
const APPENDS: usize = 10_000;
/// Who append at once.
const THREADS: usize = 24;
/// Answers after which a process is killed.
const KILLED_AFTER: [usize; 3] = [700, 3_000, 6_500];

fn stranger(number: usize) -> Profile {
    let name = format!("stranger-{number}");
    Profile { name, tier: candor_conversation::Tier::Consumer, region: None, age: None, called: Vec::new() }
}

/// The names that were answered for; the last line may be cut.
fn answered(root: &Path) -> BTreeSet<usize> {
    let text = fs::read_to_string(root.with_extension("answered")).unwrap_or_default();
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().map(|line| line.parse().unwrap()).collect()
}

/// Enrols everybody who was not answered for yet, many at once, and notes each answer after it came.
fn append(root: &Path) {
    let done = answered(root);
    let open: Vec<usize> = (0..APPENDS).filter(|number| !done.contains(number)).collect();
    let notes = File::options().append(true).create(true).open(root.with_extension("answered")).unwrap();
    let (notes, next) = (Mutex::new(notes), AtomicUsize::new(0));
    let sequencer = Sequencer::start(root, Entropy::from_seed([done.len() as u8; 32])).unwrap();
    let work = || {
        while let Some(number) = open.get(next.fetch_add(1, Ordering::SeqCst)) {
            let profile = stranger(*number);
            let now = time("2026-02-01T00:00:00Z");
            let enrolled = sequencer.record::<_, VaultError>(move |group, entropy| {
                group.enrol(&tenant(), &[profile], now, entropy)
            });
            assert_eq!(enrolled.wait().unwrap().len(), 1);
            writeln!(notes.lock().unwrap(), "{number}").unwrap();
        }
    };
    thread::scope(|scope| (0..THREADS).for_each(|_| drop(scope.spawn(work))));
}

fn sized(note: &SignedNote) -> TreeSize {
    Checkpoint::from_text(note.unverified_text()).unwrap().size()
}

#[test]
fn ten_thousand_concurrent_appends_survive_kills_without_a_loss_or_a_fork() {
    if let Some(root) = std::env::var_os(ROOT).map(PathBuf::from) {
        return append(&root);
    }
    let test = "ten_thousand_concurrent_appends_survive_kills_without_a_loss_or_a_fork";
    let test = test_named(module_path!(), test);
    let place = Place::new();
    let root = place.root();
    let files = LogFiles::at(&root.join("log"));
    let mut seen: Vec<SignedNote> = vec![files.published().unwrap()];
    for killed_after in KILLED_AFTER.into_iter().map(Some).chain([None]) {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", &test, "--quiet"]).env(ROOT, &root).stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if killed_after.is_some_and(|count| answered(&root).len() >= count) {
                child.kill().unwrap();
                break child.wait().unwrap();
            }
            // What everybody is shown at some moment.
            if let Ok(note) = files.published()
                && seen.last() != Some(&note)
            {
                seen.push(note);
            }
            thread::sleep(Duration::from_millis(1));
        };
        assert_eq!(status.success(), killed_after.is_none(), "{killed_after:?}");
        let vault = place.open();
        for number in answered(&root) {
            let Known::Subject(subject) = vault.known(&tenant(), &stranger(number).name).unwrap() else {
                panic!("{number} was answered for and is gone");
            };
            assert!(subject.log_position.0 < vault.log_size().0);
        }
        assert_eq!(vault.check_log(&mut |_| ()).unwrap().size, vault.log_size());
    }
    let vault = place.open();
    assert_eq!(answered(&root).len(), APPENDS);
    // Two people, their four choices and the notice came first. Whoever was written and not answered for was enrolled
    // again without an entry.
    assert_eq!(vault.log_size().0 as usize, APPENDS + 7);
    let newest = vault.checkpoint().clone();
    let now = Checkpoint::from_text(newest.unverified_text()).unwrap().head();
    assert!(seen.len() > 10, "{} checkpoints", seen.len());
    assert!(seen.windows(2).all(|pair| sized(&pair[0]) <= sized(&pair[1])));
    for note in &seen {
        let then = Checkpoint::from_text(note.unverified_text()).unwrap().head();
        let proof = files.consistency(then.size, newest.clone()).unwrap().proof;
        verify_consistency(then, now, &proof).unwrap();
    }
    let receipt = &vault.receipts(&person(&vault, "stranger-4711")).unwrap()[0];
    receipt.verify_integrity().unwrap();
}

#[test]
fn an_act_that_fails_leaves_nothing_and_those_beside_it_are_recorded() {
    let place = Place::new();
    let now = time("2026-02-01T00:00:00Z");
    let (ada, notice) = {
        let vault = place.open();
        (person(&vault, "ada").id, vault.notice(None, now).unwrap().0)
    };
    let sequencer = Sequencer::start(&place.root(), Entropy::from_seed([3; 32])).unwrap();
    let act = move |purpose, state| Act {
        subject: ada,
        purpose,
        state,
        notice,
        effective_at: now,
        attested_by: None,
        evidence: None,
    };
    let record = |acts: Vec<Act>| {
        sequencer
            .record::<_, VaultError>(move |group, entropy| group.record_and_recall(&acts, &[], now, entropy))
    };
    // The second act of the middle one cannot follow: its first goes with it.
    let given = record(vec![act(Purpose::Insights, State::Given)]);
    let refused = record(vec![
        act(Purpose::History, State::Withdrawn),
        act(Purpose::Insights, State::Deferred),
        act(Purpose::Insights, State::Given),
        act(Purpose::Insights, State::Given),
    ]);
    let withdrawn = record(vec![act(Purpose::Train, State::Withdrawn)]);
    assert_eq!(given.wait().unwrap().len(), 1);
    assert!(refused.wait().is_err());
    assert_eq!(withdrawn.wait().unwrap().len(), 1);
    drop(sequencer);
    let vault = place.open();
    let last = |purpose| vault.history(ada, purpose).unwrap().pop().map(|event| event.state);
    assert_eq!(last(Purpose::Insights), Some(State::Given));
    assert_eq!(last(Purpose::Train), Some(State::Withdrawn));
    assert_eq!(last(Purpose::History), Some(State::Given));
    assert_eq!(vault.log_size(), TreeSize(9));
}

#[test]
fn a_process_that_finds_the_log_taken_waits_or_is_refused_and_never_writes_beside_the_other() {
    let place = Place::new();
    let vault = place.open();
    assert!(matches!(Vault::open_now(&place.root()), Err(VaultError::Lock(_))));
    let sequencer = Sequencer::start(&place.root(), Entropy::from_seed([3; 32])).unwrap();
    let now = time("2026-02-01T00:00:00Z");
    let waiting = sequencer
        .record::<_, VaultError>(move |group, entropy| group.enrol(&tenant(), &[stranger(1)], now, entropy));
    assert_eq!(vault.log_size(), TreeSize(7));
    assert!(matches!(vault.known(&tenant(), "stranger-1").unwrap(), Known::Nobody));
    drop(vault);
    assert_eq!(waiting.wait().unwrap().len(), 1);
    drop(sequencer);
    assert_eq!(place.open().log_size(), TreeSize(8));
}
