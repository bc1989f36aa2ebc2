//! What is read: a file or standard input, whole or line by line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use anyhow::Context as _;
use indicatif::ProgressBar;

use crate::context::{Context, Unit};
use crate::failure::WrongInput;

/// The largest text that is read as one.
const TEXT_BYTES_MAX: u64 = 1 << 30;
/// The longest line.
const LINE_BYTES_MAX: u64 = 64 << 20;
/// From this size on a file shows how far it was read.
const PROGRESS_BYTES_MIN: u64 = 8 << 20;
const BUFFER_BYTES: usize = 1 << 18;

/// A file, or standard input.
pub(super) struct Input {
    name: String,
    reader: BufReader<Box<dyn Read>>,
    bar: ProgressBar,
}

impl Input {
    /// Opens a file, or standard input for `-`.
    pub(super) fn open(context: &Context, path: &Path) -> anyhow::Result<Self> {
        if path == Path::new("-") {
            let reader = BufReader::with_capacity(BUFFER_BYTES, Box::new(io::stdin()) as Box<dyn Read>);
            return Ok(Self { name: "standard input".into(), reader, bar: ProgressBar::hidden() });
        }
        let name = path.display().to_string();
        let file = File::open(path).with_context(|| format!("open {name}"))?;
        let metadata = file.metadata().with_context(|| format!("open {name}"))?;
        if metadata.is_dir() {
            return Err(WrongInput(format!(
                "{name} is a folder\nhint: name one file, or - for standard input"
            ))
            .into());
        }
        let bar = if metadata.len() >= PROGRESS_BYTES_MIN {
            context.bar(Unit::Bytes)
        } else {
            ProgressBar::hidden()
        };
        bar.set_length(metadata.len());
        bar.set_message("search");
        let reader = BufReader::with_capacity(BUFFER_BYTES, Box::new(bar.wrap_read(file)) as Box<dyn Read>);
        Ok(Self { name, reader, bar })
    }

    /// What it is called in messages.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// All of it.
    pub(super) fn whole(&mut self) -> anyhow::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = (&mut self.reader).take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes);
        read.with_context(|| format!("read {}", self.name))?;
        self.bar.finish_and_clear();
        if bytes.len() as u64 > TEXT_BYTES_MAX {
            let text =
                format!("{} is longer than 1 GiB\nhint: read it as lines, with --format lines", self.name);
            return Err(WrongInput(text).into());
        }
        Ok(bytes)
    }

    /// Puts the next line into `line`, with its end; false at the end of the input.
    pub(super) fn line(&mut self, line: &mut Vec<u8>) -> anyhow::Result<bool> {
        line.clear();
        let read = (&mut self.reader).take(LINE_BYTES_MAX + 1).read_until(b'\n', line);
        read.with_context(|| format!("read {}", self.name))?;
        if line.len() as u64 > LINE_BYTES_MAX {
            return Err(WrongInput(format!("{} has a line longer than 64 MiB", self.name)).into());
        }
        if line.is_empty() {
            self.bar.finish_and_clear();
        }
        Ok(!line.is_empty())
    }

    /// Whether nothing more is at hand without waiting for it.
    pub(super) fn would_wait(&self) -> bool {
        self.reader.buffer().is_empty()
    }
}
