//! Times the log: appends in groups beside one at a time, receipts, and proofs from a large log.
//!
//! `cargo run --release -p candor-vault --example log_figures -- [EVENTS [ENTRIES]]`: consent events to append, and
//! entries of the large log. Prints one figure a line, name and value.

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use candor_consent::{Notice, NoticeId, Purpose, State, examples};
use candor_conversation::{SubjectId, Tier, Timestamp};
use candor_tlog::checkpoint::Checkpoint;
use candor_tlog::hash::leaf_hash;
use candor_tlog::note::SignerKey;
use candor_tlog::proof_file::LogProof;
use candor_tlog::tile::{Edge, Tile};
use candor_tlog::tree::{LeafIndex, TreeSize};
use candor_vault::{Act, Entropy, LogFiles, Profile, Sequencer, Vault, VaultError};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const THEN: &str = "2026-01-02T00:00:00Z";
/// Threads that append, and acts that each has on the way at once.
const THREADS: usize = 8;
const ON_THE_WAY: usize = 128;
/// Acts that are recorded one at a time.
const ALONE: usize = 200;
/// Receipts that are made and verified.
const RECEIPTS: usize = 500;
/// Proofs from the large log.
const PROOFS: u64 = 2_000;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1).map(|word| word.parse::<usize>());
    let events = arguments.next().transpose()?.unwrap_or(100_000);
    let entries = arguments.next().transpose()?.unwrap_or(10_000_000);
    let folder = tempfile::tempdir()?;
    appends(&folder.path().join("vault"), events)?;
    large(&folder.path().join("large"), entries as u64)
}

/// Acts of people who give one purpose after another.
fn appends(root: &Path, events: usize) -> Outcome<()> {
    let purposes = [Purpose::History, Purpose::Train, Purpose::Insights, Purpose::HumanReview];
    let (mut vault, people, notice) = town(root, (events + ALONE).div_ceil(purposes.len()))?;
    let then: Timestamp = THEN.parse()?;
    let act = |number: usize| {
        let (subject, purpose) = (people[number / purposes.len()], purposes[number % purposes.len()]);
        given(subject, purpose, (notice, then))
    };
    let mut entropy = Entropy::from_seed([3; 32]);
    let alone = stopwatch();
    for number in 0..ALONE {
        vault.record(&[act(number)], then, &mut entropy)?;
    }
    let alone = ALONE as f64 / alone.elapsed().as_secs_f64();
    show("appends_one_at_a_time_per_s", format!("{alone:.0}"));
    drop(vault);

    let sequencer = Sequencer::start(root, entropy.fork())?;
    let next = AtomicUsize::new(ALONE);
    let work = || -> Result<Vec<Duration>, VaultError> {
        let mut times = Vec::new();
        loop {
            let first = next.fetch_add(ON_THE_WAY, Ordering::SeqCst);
            let mine: Vec<usize> = (first..first + ON_THE_WAY).filter(|n| *n < events + ALONE).collect();
            if mine.is_empty() {
                return Ok(times);
            }
            let waiting: Vec<_> = mine
                .into_iter()
                .map(|number| {
                    let act = act(number);
                    let since = stopwatch();
                    let recording = sequencer.record::<_, VaultError>(move |group, entropy| {
                        group.record_and_recall(&[act], &[], then, entropy)
                    });
                    (since, recording)
                })
                .collect();
            for (since, recording) in waiting {
                recording.wait()?;
                times.push(since.elapsed());
            }
        }
    };
    let began = stopwatch();
    let times = thread::scope(|scope| -> Outcome<Vec<Duration>> {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        let mut times = Vec::new();
        for thread in threads {
            times.extend(thread.join().map_err(|_| "a thread panicked")??);
        }
        Ok(times)
    })?;
    let together = events as f64 / began.elapsed().as_secs_f64();
    drop(sequencer);
    show("appends_in_groups_per_s", format!("{together:.0}"));
    show("appends_in_groups_ratio", format!("{:.1}", together / alone));
    show_times("append_in_groups", times);
    receipts(root, &people)
}

fn receipts(root: &Path, people: &[SubjectId]) -> Outcome<()> {
    let vault = Vault::open(root)?;
    let (mut made, mut verified) = (Vec::new(), Vec::new());
    for id in people.iter().take(RECEIPTS) {
        let Some(subject) = vault.subject_by_id(*id)? else { continue };
        let since = stopwatch();
        let receipts = vault.receipts(&subject)?;
        made.push(since.elapsed() / receipts.len() as u32);
        for receipt in receipts {
            let key = vault.operator_key().verifier();
            let log = vault.public_keys().lines().nth(1).ok_or("no log key")?.parse()?;
            let since = stopwatch();
            receipt.verify(key, &log)?;
            verified.push(since.elapsed());
        }
    }
    show_times("receipt_made", made);
    show_times("receipt_verified", verified);
    let since = stopwatch();
    drop(vault);
    let vault = Vault::open(root)?;
    show("vault_open_ms", since.elapsed().as_millis());
    let since = stopwatch();
    let checked = vault.check_log(&mut |_| ())?;
    let rate = checked.size.0 as f64 / since.elapsed().as_secs_f64();
    show("check_entries_per_s", format!("{rate:.0}"));
    Ok(())
}

/// A log of many entries, its files alone.
fn large(folder: &Path, entries: u64) -> Outcome<()> {
    const CHUNK: u64 = 65_536;
    let mut edge = Edge::default();
    let since = stopwatch();
    while edge.size().0 < entries {
        let first = edge.size().0;
        let last = entries.min(first + CHUNK);
        let full = edge.append((first..last).map(|entry| leaf_hash(&entry.to_be_bytes())));
        full.iter().try_for_each(|tile| write(folder, tile))?;
    }
    edge.partial_since(TreeSize(0)).iter().try_for_each(|tile| write(folder, tile))?;
    show("large_log_entries", entries);
    show("large_log_tiles_written_s", format!("{:.1}", since.elapsed().as_secs_f64()));
    let key = SignerKey::from_seed("log.example/log".parse()?, &[7; 32]);
    let checkpoint = Checkpoint::new("log.example/log", edge.size(), edge.root())?.sign(&[&key])?;
    let files = LogFiles::at(folder);
    let (mut times, mut proof_bytes, mut path_bytes) = (Vec::new(), 0, 0);
    for number in 0..PROOFS {
        let position = LeafIndex(number.wrapping_mul(6_364_136_223_846_793_005) % entries);
        let since = stopwatch();
        let path = files.tree(edge.size()).inclusion_proof(position, edge.size())?;
        times.push(since.elapsed());
        path_bytes = path_bytes.max(path.len() * 32);
        let proof = LogProof::new(position, path, checkpoint.clone())?;
        proof.verify(&leaf_hash(&position.0.to_be_bytes()), key.verifier())?;
        proof_bytes = proof_bytes.max(proof.to_string().len());
    }
    show_times("large_log_proof", times);
    show("large_log_path_bytes_max", path_bytes);
    show("large_log_proof_file_bytes_max", proof_bytes);
    let old = TreeSize(entries / 3);
    let since = stopwatch();
    let proof = files.consistency(old, checkpoint)?.proof;
    show("large_log_consistency_us", since.elapsed().as_micros());
    show("large_log_consistency_bytes", proof.len() * 32);
    show("memory_peak_mib", peak_mib());
    Ok(())
}

fn write(folder: &Path, tile: &Tile) -> Outcome<()> {
    let path = folder.join(tile.address.to_string());
    fs::create_dir_all(path.parent().unwrap_or(folder))?;
    Ok(fs::write(path, tile.bytes())?)
}

fn town(root: &Path, count: usize) -> Outcome<(Vault, Vec<SubjectId>, NoticeId)> {
    let mut entropy = Entropy::from_seed([1; 32]);
    let then: Timestamp = THEN.parse()?;
    let mut vault = Vault::create(root, "chat.example.org", &mut entropy)?;
    let notice = vault.publish_notice(&Notice::parse(examples::OURS)?, then)?;
    let profile = |number: usize| Profile {
        name: format!("person-{number}"),
        tier: Tier::Consumer,
        region: None,
        age: None,
        called: Vec::new(),
    };
    let profiles: Vec<Profile> = (0..=count).map(profile).collect();
    let people = vault.enrol(&"home".parse()?, &profiles, then, &mut entropy)?;
    Ok((vault, people, notice))
}

fn given(subject: SubjectId, purpose: Purpose, (notice, at): (NoticeId, Timestamp)) -> Act {
    let state = State::Given;
    Act { subject, purpose, state, notice, effective_at: at, attested_by: None, evidence: None }
}

fn show_times(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    for (part, name_of_part) in [(0.5, "p50"), (0.99, "p99")] {
        let at = ((times.len() as f64 * part) as usize).min(times.len().saturating_sub(1));
        let value = times.get(at).copied().unwrap_or_default();
        show(&format!("{name}_us_{name_of_part}"), value.as_micros());
    }
}

/// Largest memory of this process, in MiB, where the system tells.
fn peak_mib() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")).and_then(|kib| kib.parse::<u64>().ok());
    kib.map_or_else(|| "unknown".to_owned(), |kib| (kib / 1024).to_string())
}

fn show(name: &str, value: impl std::fmt::Display) {
    // Nothing can be done if standard output is gone.
    let _ = writeln!(std::io::stdout().lock(), "{name} {value}");
}

#[expect(clippy::disallowed_methods, reason = "an example that times")]
fn stopwatch() -> Instant {
    Instant::now()
}
