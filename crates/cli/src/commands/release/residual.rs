//! `candor release residual`: a second look at a release that is there.

use std::path::PathBuf;

use anyhow::Context as _;
use candor_release::residual::again::{Again, look};
use candor_release::{Manifest, layout};
use serde_json::json;

use crate::commands::train::place;
use crate::context::{Context, table};

/// What to look at.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Name of a release in the data directory, or the folder of any release
    release: PathBuf,
    /// Look at every so many'th row
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..))]
    every: u32,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let folder = place(&arguments.release, &context.data.join("releases"), layout::MANIFEST)?;
    let path = folder.join(layout::MANIFEST);
    let text = std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    let manifest: Manifest =
        serde_json::from_str(&text).with_context(|| format!("read {}", path.display()))?;
    let settings = context.config.identifier_settings()?;
    let again = look(&folder, &manifest, (&settings, arguments.every as usize))?;
    let mut rows = vec![
        vec!["rows looked at".to_owned(), again.rows.to_string()],
        vec!["turns in them".to_owned(), again.turns.to_string()],
    ];
    rows.extend(lines(&manifest));
    let text = format!("{}\n\n{}", table(&rows), table(&suspects(&again)));
    context.answer(&text, &json!({ "again": again, "build": manifest.residual }))
}

fn suspects(again: &Again) -> Vec<Vec<String>> {
    let header = ["kind", "engine, easily convinced", "shape alone", "second detector", "its guesses"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for (kind, found) in &again.suspects {
        let counts = [found.low_threshold, found.bare, found.second, found.second_guesses];
        rows.push([kind.clone()].into_iter().chain(counts.map(|count| count.to_string())).collect());
    }
    rows
}

/// What the build's own second look found, for people.
pub(super) fn lines(manifest: &Manifest) -> Vec<Vec<String>> {
    let Some(residual) = &manifest.residual else { return Vec::new() };
    let leaks: u64 = residual.leaks.values().sum();
    let mut rows = vec![vec!["replaced values that still stand somewhere".to_owned(), leaks.to_string()]];
    if let Some(missed) = &residual.missed_per_1000_turns {
        let words = format!("{} ({} to {})", missed.value, missed.low, missed.high);
        rows.push(vec!["identifiers missed for 1,000 turns, estimated".to_owned(), words]);
    }
    rows
}
