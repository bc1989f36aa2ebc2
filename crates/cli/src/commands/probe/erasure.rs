//! `candor probe erasure`: what is left of people who left, in models.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_learn::probe::{Figure, ratio};
use candor_learn::{Corpus, Model, Row, artifact, load};
use candor_vault::Vault;
use serde_json::{Value, json};

use super::report::{Report, Section, row, shown};
use crate::commands::train::{cost_path, open_model, trust};
use crate::context::Context;
use crate::failure::WrongInput;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A model (its name, or its folder) to look at [default: every model in the data directory]
    model: Option<PathBuf>,
    /// Compare with this model, which was trained again without the rows
    #[arg(long, value_name = "MODEL", requires = "model")]
    retrained: Option<PathBuf>,
    /// The folder of the report [default: probes/erasure in the data directory]
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

const SAW_METHOD: &str = "Rows of people who were erased, or took a yes back, are recalled: they must not be used again \
     (`candor recall`). A model saw a row if its card says that it read the release, and its plan did not hold the row out. A \
     model does not forget: what it learned stays in its numbers until it is trained again without the rows. The seconds are \
     those that its own training took here.";
const COMPARE_METHOD: &str = "How many bits more for each byte the retrained model needs to write down a row than the old \
     one; 95 % intervals over rows by the delete-one jackknife. Rows that both learned are the yardstick: the difference \
     between the two groups is what the old model knew of the recalled rows and the new one does not. A difference shows \
     that the old one had learned them; it does not show that nothing of them is left in the new one, which may know the \
     same things from others.";

pub(crate) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let recalled = recalled(&context.vault()?)?;
    let folders = match &arguments.model {
        Some(model) => vec![model.clone()],
        None => models(&context.data.join("models"))?,
    };
    let mut rows =
        vec![row(&["model", "release", "rows recalled", "of these learned", "seconds to train again"])];
    let mut figures = Vec::new();
    let mut compared = None;
    for folder in &folders {
        let model = open_model(context, folder)?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let seconds = seconds(context, folder);
        let told = seconds.map_or_else(|| "unknown".to_owned(), |seconds| format!("{seconds:.1}"));
        let all = seen(context, &model, &recalled)?;
        for seen in &all {
            let (gone, learned) = (seen.recalled.to_string(), seen.learned.len().to_string());
            rows.push(row(&[&name, &seen.release, &gone, &learned, &told]));
            figures.push(json!({
                "model": name,
                "release": seen.release,
                "rows_recalled": seen.recalled,
                "rows_learned": seen.learned.len(),
                "seconds_to_train": seconds,
            }));
        }
        if let Some(retrained) = &arguments.retrained {
            compared = compare(context, (&model, &all), retrained)?;
        }
    }
    let report = report(rows, &figures, compared.as_ref());
    report.tell(context, arguments.into.as_deref(), "erasure")
}

/// Rows recalled, by release.
fn recalled(vault: &Vault) -> anyhow::Result<BTreeMap<String, BTreeSet<u64>>> {
    let mut rows: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for recall in vault.recalls()? {
        rows.entry(recall.release).or_default().insert(recall.row);
    }
    Ok(rows)
}

fn models(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut models = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("list {}", folder.display()))?.path();
        if artifact::is_model(&path) {
            models.push(path);
        }
    }
    models.sort();
    Ok(models)
}

/// How long a model took to train, in seconds.
fn seconds(context: &Context, model: &Path) -> Option<f64> {
    let places = [model.to_owned(), context.data.join("models").join(model)];
    let text = places.iter().find_map(|folder| std::fs::read_to_string(cost_path(folder)).ok())?;
    serde_json::from_str::<Value>(&text).ok()?.get("seconds")?.as_f64()
}

/// What a model saw of a release's recalled rows.
struct Seen {
    release: String,
    recalled: usize,
    /// Recalled rows that it learned from.
    learned: Vec<Row>,
    /// Rows that it learned from and that are not recalled.
    others: Vec<Row>,
}

fn seen(
    context: &Context,
    model: &Model,
    recalled: &BTreeMap<String, BTreeSet<u64>>,
) -> anyhow::Result<Vec<Seen>> {
    let card = model.card();
    let mut all = Vec::new();
    for (at, set) in card.read_sets.iter().enumerate() {
        let none = BTreeSet::new();
        let rows = recalled.get(&set.release).unwrap_or(&none);
        let folder = context.data.join("releases").join(&set.release);
        let corpus: Corpus = load(&folder, trust(context, None)?.as_ref())
            .with_context(|| format!("read {}", folder.display()))?;
        // Of earlier trainings the card does not keep what they held out: all may have been learned.
        let is_last = at + 1 == card.read_sets.len();
        let learned = |row: &Row| card.plan.learns(row) || !is_last && row.sampling_permille > 0;
        let (gone, others): (Vec<Row>, Vec<Row>) =
            corpus.rows.into_iter().filter(learned).partition(|row| rows.contains(&row.number));
        all.push(Seen { release: set.release.clone(), recalled: rows.len(), learned: gone, others });
    }
    Ok(all)
}

/// What a model that was trained again no longer knows.
struct Compared {
    /// Bits more for each byte of recalled rows.
    recalled: Figure,
    /// The same of rows that both learned.
    both: Figure,
    /// Recalled rows whose words are in the retrained model's releases all the same: somebody else said them, too.
    said_by_others: usize,
}

/// `None` where there is nothing to compare: too few rows on either side.
fn compare(
    context: &Context,
    (old, seen): (&Model, &[Seen]),
    retrained: &Path,
) -> anyhow::Result<Option<Compared>> {
    let new = open_model(context, retrained)?;
    let nothing = BTreeMap::new();
    let learned_again = self::seen(context, &new, &nothing)?;
    let again: HashSet<Vec<(&str, &str)>> =
        learned_again.iter().flat_map(|seen| &seen.others).map(words).collect();
    let is_again = |row: &&Row| again.contains(&words(row));
    let gone: Vec<&Row> = seen.iter().flat_map(|seen| &seen.learned).collect();
    if gone.is_empty() {
        let text = "the first model learned none of the recalled rows, so there is nothing to compare";
        return Err(WrongInput(text.into()).into());
    }
    let (said_by_others, gone): (Vec<&Row>, Vec<&Row>) = gone.into_iter().partition(is_again);
    let both: Vec<&Row> = seen.iter().flat_map(|seen| &seen.others).filter(is_again).collect();
    let figures = more_bits(old, &new, &gone)?.zip(more_bits(old, &new, &both)?);
    let compared = |(recalled, both)| Compared { recalled, both, said_by_others: said_by_others.len() };
    Ok(figures.map(compared))
}

fn words(row: &Row) -> Vec<(&str, &str)> {
    row.messages.iter().map(|message| (message.role.as_str(), message.content.as_str())).collect()
}

/// Bits for each byte that the new model needs beyond the old one's.
fn more_bits(old: &Model, new: &Model, rows: &[&Row]) -> anyhow::Result<Option<Figure>> {
    let both = old.likelihoods(rows)?.into_iter().zip(new.likelihoods(rows)?);
    let more = both.map(|(old, new)| (new.bits() - old.bits(), new.bytes as f64));
    Ok(ratio(&more.collect::<Vec<_>>()))
}

fn report(rows: Vec<Vec<String>>, figures: &[Value], compared: Option<&Compared>) -> Report {
    let learned: u64 = figures.iter().filter_map(|figure| figure["rows_learned"].as_u64()).sum();
    let finding = match (rows.len(), learned) {
        (1, _) => "There is no model in this data directory.".to_owned(),
        (_, 0) => "No model learned from a recalled row.".to_owned(),
        _ => "Models that learned from recalled rows know them until they are trained again from a new release."
            .to_owned(),
    };
    let mut sections =
        vec![Section { title: "Who saw the rows".into(), method: SAW_METHOD.into(), rows, finding }];
    if let Some(compared) = compared {
        sections.push(comparison(compared));
    }
    Report {
        title: "What is left after an erasure".into(),
        about: "Models against the rows that must not be used again.".into(),
        sections,
        pictures: Vec::new(),
        figures: json!({
            "models": figures,
            "compared": compared.map(|compared| json!({
                "recalled_rows_more_bits_per_byte": compared.recalled,
                "rows_of_both_more_bits_per_byte": compared.both,
                "recalled_rows_said_by_others": compared.said_by_others,
            })),
        }),
    }
}

fn comparison(compared: &Compared) -> Section {
    let finding = match compared.recalled.is_above(compared.both.high) {
        true => "The old model had learned the recalled rows; the retrained one finds them stranger.",
        false => "No difference is shown: with so few rows, or rows so much like the others, none can be.",
    };
    let others = compared.said_by_others.to_string();
    Section {
        title: "What training again changed".into(),
        method: COMPARE_METHOD.into(),
        rows: vec![
            row(&["rows", "more bits per byte than the old model needs", "rows compared"]),
            row(&["recalled", &shown(&compared.recalled), &compared.recalled.cases.to_string()]),
            row(&["learned by both", &shown(&compared.both), &compared.both.cases.to_string()]),
            row(&["recalled, but said by others too (left out)", "", &others]),
        ],
        finding: finding.into(),
    }
}
