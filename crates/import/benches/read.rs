//! Reads a generated log of about 100 MB and prints the speed.
//!
//! `cargo bench -p candor-import --bench read`

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use candor_import::{Item, Limits, Reader};

const LOG_BYTES: usize = 100_000_000;

/// What a run over the log came to.
struct Run {
    conversations: usize,
    turns: usize,
    bytes: u64,
}

fn main() -> ExitCode {
    let mut out = std::io::stdout().lock();
    match measure(&mut out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            drop(writeln!(out, "{error}"));
            ExitCode::FAILURE
        }
    }
}

fn measure(out: &mut impl Write) -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("log.jsonl");
    write_log(&path)?;
    for round in 1..=3 {
        let started = monotonic();
        let run = read(&path)?;
        let seconds = started.elapsed().as_secs_f64();
        let megabytes = run.bytes as f64 / 1e6;
        writeln!(
            out,
            "round {round}: {megabytes:.0} MB, {} conversations, {} turns: {:.0} MB/s, {:.0} turns/s",
            run.conversations,
            run.turns,
            megabytes / seconds,
            run.turns as f64 / seconds
        )?;
    }
    if let Some(peak) = peak_memory() {
        writeln!(out, "peak memory: {peak}")?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Run, Box<dyn std::error::Error>> {
    let mut reader = Reader::open(&[path.to_owned()], Limits::default())?;
    let mut run = Run { conversations: 0, turns: 0, bytes: 0 };
    while let Some(batch) = reader.next_batch()? {
        run.bytes = batch.bytes_read;
        for item in batch.items {
            match item {
                Item::Conversation(conversation) => {
                    run.conversations += 1;
                    run.turns += conversation.turns().len();
                }
                Item::Failure(failure) => return Err(failure.to_string().into()),
            }
        }
    }
    Ok(run)
}

/// Conversations of two to eight turns of about 400 bytes, each different.
fn write_log(path: &Path) -> std::io::Result<()> {
    let words = ["lichen", "harbour", "seven", "quietly", "éclair", "violin", "gravel", "window"];
    let mut log = BufWriter::new(std::fs::File::create(path)?);
    let (mut written, mut number) = (0, 0_usize);
    while written < LOG_BYTES {
        number += 1;
        let mut line = format!("{{\"user\":\"user-{}\",\"created\":1700000000,\"messages\":[", number % 5000);
        for turn in 0..2 + number % 7 {
            let role = if turn % 2 == 0 { "user" } else { "assistant" };
            let separator = if turn == 0 { "" } else { "," };
            line += &format!("{separator}{{\"role\":\"{role}\",\"content\":\"{number} {turn}");
            for word in 0..52 {
                line.push(' ');
                line += words[(number * 31 + turn * 7 + word * word) % words.len()];
            }
            line += " \\\"so\\\"\\n\"}";
        }
        line += "]}\n";
        written += line.len();
        log.write_all(line.as_bytes())?;
    }
    log.flush()
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn monotonic() -> Instant {
    Instant::now()
}

/// The most memory that this process held, as the kernel says; `None` where it does not.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.trim_start_matches("VmHWM:").trim().to_owned())
}
