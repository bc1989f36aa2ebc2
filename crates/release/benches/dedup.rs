//! Quality, speed and memory of de-duplication at full size, beside a peer that does not verify.
//!
//! `cargo bench -p candor-release --bench dedup -- [task-train|task-test|assistant] [peer]`
//!
//! Each run makes near copies of real turns (one for every four) and tells how many were removed, how many
//! base turns were lost to another, turns for each second of processor time of the whole process, and how much
//! the peak of resident memory grew (of the process: true for the first run of a process only).
#![expect(clippy::print_stdout, reason = "a bench reports on stdout")]

#[path = "../tests/it/copies.rs"]
mod copies;
#[path = "../tests/it/corpora.rs"]
mod corpora;
#[path = "../tests/it/peer.rs"]
mod peer;
#[path = "../tests/it/pipeline.rs"]
mod pipeline;

use copies::{Row, Score, with_copies};
use corpora::Corpus;

type Failure = Box<dyn std::error::Error>;

/// Base turns of a full-size run.
const BASES: usize = 160_000;
/// Memory budget of the exchange, in bytes.
const EXCHANGE_BYTES: usize = 64 << 20;
const SEED: u64 = 1;
const CORPORA: [(&str, Corpus); 3] =
    [("task-train", Corpus::TaskTrain), ("task-test", Corpus::TaskTest), ("assistant", Corpus::Assistant)];

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let asked = |word: &str| words.iter().any(|given| given == word);
    let all = !CORPORA.iter().any(|(name, _)| asked(name));
    for (name, corpus) in CORPORA.into_iter().filter(|(name, _)| all || asked(name)) {
        let Some(mut bases) = corpora::turns(corpus) else {
            println!("{name}: skipped, the corpus is absent");
            continue;
        };
        bases.truncate(BASES);
        let rows = with_copies(&bases, SEED);
        measure(&format!("{name}, this crate"), &rows, candor)?;
        if asked("peer") {
            measure(&format!("{name}, MinHash 0.7, char-5, 16 x 8, unverified"), &rows, |rows| {
                Ok(peer::representatives(rows.iter().map(|row| row.text.as_str())))
            })?;
        }
    }
    Ok(())
}

fn candor(rows: &[Row]) -> Result<Vec<usize>, Failure> {
    let turns = pipeline::conversations(rows.iter().map(|row| row.text.as_str()));
    let directory = tempfile::tempdir()?;
    let outcome = pipeline::deduplicate(&turns, directory.path(), EXCHANGE_BYTES)?;
    println!("  {:.2} candidate pairs a turn", outcome.candidates as f64 / rows.len() as f64);
    Ok(outcome.standing(rows.len()))
}

fn measure(
    name: &str,
    rows: &[Row],
    run: impl Fn(&[Row]) -> Result<Vec<usize>, Failure>,
) -> Result<(), Failure> {
    println!("{name}");
    let (cpu, rss) = (cpu_seconds()?, peak_kilobytes()?);
    let standing = run(rows)?;
    let (cpu, grown) = (cpu_seconds()? - cpu, peak_kilobytes()? - rss);
    let score = Score::of(rows, &standing);
    let turns = rows.len();
    println!("  {turns} turns, {} of them base turns", score.bases);
    println!(
        "  {:.0} turns per core-second; peak memory grew {} bytes a turn",
        turns as f64 / cpu,
        grown * 1024 / turns
    );
    println!(
        "  copies removed {:.2} %; base turns lost {:.3} %; merged although only case or punctuation differ: {}",
        score.recall() * 100.0,
        score.lost_share() * 100.0,
        score.folded_alike
    );
    for (change, (made, joined)) in &score.copies {
        println!("    {change:?}: {joined} of {made}, {:.2} %", *joined as f64 / *made as f64 * 100.0);
    }
    Ok(())
}

/// Processor time of the whole process so far, user and system, in seconds.
fn cpu_seconds() -> Result<f64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(')').next().ok_or("no process name")?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    Ok(ticks as f64 / TICKS_PER_SECOND)
}

/// Linux reports processor time in this unit on every common machine.
const TICKS_PER_SECOND: f64 = 100.0;

/// Most memory the process ever held, in kilobytes.
fn peak_kilobytes() -> Result<usize, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM")).ok_or("no VmHWM")?;
    Ok(line.split_whitespace().nth(1).ok_or("no value")?.parse()?)
}
