//! One line of JSON for each request: what, how long, how it ended; never content, never who.

use std::io::{BufWriter, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use serde_json::Value;

/// Lines that may wait; beyond them lines are dropped, because the relay never waits for a log.
const LINES_MAX: usize = 8192;

/// Where lines go; nowhere, if the operator wants none.
pub(crate) struct AccessLog {
    lines: Option<SyncSender<Value>>,
}

impl AccessLog {
    /// Nothing is written.
    pub(crate) fn off() -> Self {
        Self { lines: None }
    }

    /// Writes to `out` from a thread of its own, which ends with the log.
    pub(crate) fn to(out: impl Write + Send + 'static) -> (Self, JoinHandle<()>) {
        let (lines, waiting) = sync_channel(LINES_MAX);
        let writer = std::thread::spawn(move || write(out, &waiting));
        (Self { lines: Some(lines) }, writer)
    }

    pub(crate) fn line(&self, line: impl FnOnce() -> Value) {
        if let Some(lines) = &self.lines {
            // Full, or the reader is gone: the request matters more.
            let _ = lines.try_send(line());
        }
    }
}

fn write(out: impl Write, waiting: &Receiver<Value>) {
    let mut out = BufWriter::new(out);
    while let Ok(line) = waiting.recv() {
        let mut written = writeln!(out, "{line}");
        for line in waiting.try_iter() {
            written = written.and_then(|()| writeln!(out, "{line}"));
        }
        if written.and_then(|()| out.flush()).is_err() {
            return;
        }
    }
}
