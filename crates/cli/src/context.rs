//! What every command needs: the settings that all share, and how to answer.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use candor_conversation::{TenantId, Timestamp};
use candor_vault::{Entropy, Vault};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use crate::config::Config;
use crate::edge;

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people.
    Text,
    /// For programs: one JSON document on standard output.
    Json,
}

/// The settings that all commands share.
pub(crate) struct Context {
    pub(crate) data: PathBuf,
    pub(crate) format: OutputFormat,
    pub(crate) quiet: bool,
    pub(crate) now: Timestamp,
    pub(crate) config: Config,
}

impl Context {
    /// The same for another data directory, with default settings and without remarks or progress.
    pub(crate) fn quietly_at(&self, data: PathBuf, now: Timestamp) -> Self {
        Self { data, format: self.format, quiet: true, now, config: Config::default() }
    }

    /// Opens the data directory, with what gateways captured up to now.
    pub(crate) fn vault(&self) -> anyhow::Result<Vault> {
        let mut vault = Vault::open(&self.data)?;
        // A full disk must not keep anybody from taking a yes back: what is not taken in now is the next time.
        match vault.absorb_inbox(self.now, &mut self.entropy()?) {
            Ok(absorbed) if absorbed.damaged > 0 => self.tell(&format!(
                "{} records of what gateways captured are not what was written; the files are in {} until the next \
                 retention run",
                absorbed.damaged,
                self.data.join("inbox").display()
            )),
            Ok(_) => {}
            Err(error) => {
                let error = anyhow::Error::from(error);
                self.tell(&format!("what gateways captured lately is not in the vault yet: {error:#}"));
            }
        }
        Ok(vault)
    }

    /// A random source.
    pub(crate) fn entropy(&self) -> anyhow::Result<Entropy> {
        edge::entropy()
    }

    /// The tenant that was named, or the configured one.
    pub(crate) fn tenant(&self, given: Option<&TenantId>) -> anyhow::Result<TenantId> {
        given.map_or_else(|| Ok(self.config.tenant.parse()?), |tenant| Ok(tenant.clone()))
    }

    /// Prints a result: `text` for people, `value` for programs.
    pub(crate) fn answer(&self, text: &str, value: &Value) -> anyhow::Result<()> {
        match self.format {
            OutputFormat::Text => self.print(text.trim_end()),
            OutputFormat::Json => self.print(&format!("{value:#}")),
        }
    }

    /// Prints lines on standard output; a reader that went away is no error.
    pub(crate) fn print(&self, text: &str) -> anyhow::Result<()> {
        match writeln!(io::stdout().lock(), "{text}") {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.context("write to standard output"),
        }
    }

    /// Tells something beside the result, on standard error.
    pub(crate) fn tell(&self, text: &str) {
        if !self.quiet {
            // Nothing can be done if standard error is gone.
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }

    /// A progress bar on standard error; hidden when that is no terminal, under `--quiet` and `NO_PROGRESS`.
    pub(crate) fn bar(&self, unit: Unit) -> ProgressBar {
        let hidden = self.quiet || edge::variable("NO_PROGRESS").is_some() || !io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if hidden {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let template = match unit {
            Unit::Bytes => "{msg:24} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} eta {eta}",
            Unit::Items => "{msg:24} {bar:30} {human_pos}/{human_len} eta {eta}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }
}

/// What a progress bar counts.
#[derive(Clone, Copy)]
pub(crate) enum Unit {
    /// Bytes read.
    Bytes,
    /// Anything else.
    Items,
}

/// A table of two or more columns for people: the first left, the others right.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
            if column == 0 { format!("{cell}{pad}") } else { format!("{pad}{cell}") }
        });
        format!("  {}", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
