//! Writes the benchmark's conversations to standard output: `generate [TURNS] [SEED]`, or the quickstart's
//! with `generate quickstart`.

use std::io::{self, BufWriter, Write};

use candor_conversation::Timestamp;
use candor_sample::{Plan, write_conversations};

/// 2026-06-01T12:00:00Z.
const QUICKSTART_NOW_MS: i64 = 1_780_315_200_000;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let turns = arguments.next();
    let seed = arguments.next().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let plan = match turns.as_deref() {
        Some("quickstart") => Plan::quickstart(Timestamp::from_millis(QUICKSTART_NOW_MS)),
        turns => Plan::benchmark(seed, turns.and_then(|turns| turns.parse().ok()).unwrap_or(1_000_000)),
    };
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    write_conversations(&plan, &mut out)?;
    out.flush()
}
