//! The edge: the only place that reads the clock, the system's random source and the environment.

use std::time::Instant;

use anyhow::Context;
use candor_conversation::Timestamp;
use candor_vault::Entropy;

/// Environment variable that names a file with the milliseconds by which a debug build's clock is ahead.
const CLOCK_AHEAD: &str = "CANDOR_CLOCK_AHEAD";

/// The time now, or the one that was given for a reproducible run.
#[expect(clippy::disallowed_methods, reason = "the edge")]
pub(crate) fn now(given: Option<Timestamp>) -> Timestamp {
    given.unwrap_or_else(|| Timestamp::from_millis(jiff::Timestamp::now().as_millisecond() + ahead_ms()))
}

/// By how much the clock of a debug build is ahead, for tests of what holds weeks later; none in a release build.
fn ahead_ms() -> i64 {
    if !cfg!(debug_assertions) {
        return 0;
    }
    let text = variable(CLOCK_AHEAD).and_then(|file| std::fs::read_to_string(file).ok());
    text.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// A random source seeded by the operating system.
#[expect(clippy::disallowed_methods, reason = "the edge")]
pub(crate) fn entropy() -> anyhow::Result<Entropy> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).context("read the system's random source")?;
    Ok(Entropy::from_seed(seed))
}

/// Starts measuring how long something takes.
#[expect(clippy::disallowed_methods, reason = "the edge")]
pub(crate) fn stopwatch() -> Instant {
    Instant::now()
}

/// An environment variable, if it is set and not empty.
#[expect(clippy::disallowed_methods, reason = "the edge")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Makes a write beyond the file-size limit fail, as one to a full disk does, instead of ending the process.
pub(crate) fn refuse_to_die_of_large_files() {
    #[cfg(unix)]
    {
        // Without the handler such a write ends the process, which then cannot say what is wrong.
        let ignored = std::sync::Arc::default();
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, ignored);
    }
}
