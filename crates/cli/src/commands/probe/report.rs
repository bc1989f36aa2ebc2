//! What a probe found: a folder with the report, the figures and the pictures.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_learn::probe::Figure;
use candor_vault::durable;
use serde_json::{Value, json};

use crate::context::{Context, table};

/// A part of a report.
pub(super) struct Section {
    pub(super) title: String,
    /// What the figures are, how they were found, after whom, and what they do not show.
    pub(super) method: String,
    /// The first row has the headings.
    pub(super) rows: Vec<Vec<String>>,
    /// What follows from them.
    pub(super) finding: String,
}

/// What a probe found.
pub(super) struct Report {
    pub(super) title: String,
    pub(super) about: String,
    pub(super) sections: Vec<Section>,
    /// File name, what it shows, and SVG.
    pub(super) pictures: Vec<(String, String, String)>,
    pub(super) figures: Value,
}

impl Report {
    /// Writes the folder, where `name` is the probe's and what it was about, and answers. Replaces an earlier report.
    pub(super) fn tell(&self, context: &Context, into: Option<&Path>, name: &str) -> anyhow::Result<()> {
        // Where there is no data directory none is begun.
        let place = if context.data.is_dir() { context.data.join("probes") } else { PathBuf::from("probes") };
        let folder = into.map_or_else(|| place.join(name), PathBuf::from);
        std::fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
        let value = json!({ "probe": self.title, "about": self.about, "figures": self.figures });
        let files = [("report.md", self.markdown()), ("figures.json", format!("{value:#}\n"))];
        let pictures = self.pictures.iter().map(|(name, _, picture)| (name.as_str(), picture.clone()));
        for (name, text) in files.into_iter().chain(pictures) {
            let path = folder.join(name);
            durable::write_file(&path, text.as_bytes(), 0o644)
                .with_context(|| format!("write {}", path.display()))?;
        }
        let text = format!("{}\nreport in {}", self.text(), folder.display());
        let told =
            json!({ "folder": folder, "probe": self.title, "about": self.about, "figures": self.figures });
        context.answer(&text, &told)
    }

    /// For a terminal.
    fn text(&self) -> String {
        let mut text = format!("{}\n{}\n", self.title.to_uppercase(), self.about);
        for section in &self.sections {
            text += &format!("\n{}\n{}\n", section.title, table(&section.rows));
            if !section.finding.is_empty() {
                text += &format!("  {}\n", section.finding);
            }
        }
        text
    }

    fn markdown(&self) -> String {
        let mut text = format!("# {}\n\n{}\n", self.title, self.about);
        for section in &self.sections {
            text += &format!("\n## {}\n\n{}\n\n", section.title, section.method);
            for (at, row) in section.rows.iter().enumerate() {
                let cells: Vec<String> = row.iter().map(|cell| cell.trim().replace('|', "\\|")).collect();
                // Writing to a string cannot fail.
                let _ = writeln!(text, "| {} |", cells.join(" | "));
                if at == 0 {
                    text += &format!("|{}\n", "---|".repeat(row.len()));
                }
            }
            text += &format!("\n{}\n", section.finding);
        }
        for (name, shows, _) in &self.pictures {
            text += &format!("\n![{shows}]({name})\n");
        }
        text
    }
}

/// A figure with its interval: `1.23 (1.20 to 1.26)`.
pub(super) fn shown(figure: &Figure) -> String {
    format!("{:.3} ({:.3} to {:.3})", figure.value, figure.low, figure.high)
}

/// A row of a table.
pub(super) fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}
