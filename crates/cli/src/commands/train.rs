//! `candor train`: a reference model from a release.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_learn::{Card, Model, Plan, Trained, artifact, load, train};
use candor_release::{TrustedKeys, layout};
use candor_vault::{Vault, durable};
use serde_json::json;

use super::proof::trusted_keys;
use crate::context::{Context, Unit, table};
use crate::edge;
use crate::failure::WrongInput;

/// Train a small reference model on a release, and on nothing else
///
/// Refuses a release with a file too many, too few or changed. The folder stands alone: numbers, vocabulary, model
/// card, and a statement, signed in a data directory, that binds the model to what it has read. The same release and
/// seed give the same bytes. A run that is interrupted goes on where it was when it is run again.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Name of a release in the data directory, or the folder of any release
    release: PathBuf,
    /// Go on from this model (its name, or its folder) instead of from nothing; it keeps its vocabulary and size
    #[arg(long, value_name = "MODEL")]
    from: Option<PathBuf>,
    /// The folder to make [default: models/RELEASE in the data directory]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Where all chance comes from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Steps of training [default: 8 times over the text, at least 60]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    steps: Option<u32>,
    /// Rows in a hundred that are kept out of training, to measure on
    #[arg(long, default_value_t = 5, value_name = "PERCENT", value_parser = clap::value_parser!(u32).range(0..=90))]
    held_out: u32,
    /// Keys that must have signed the release: a file, or the keys themselves [default: trust.keys in the data
    /// directory]
    #[arg(long, value_name = "KEYS")]
    trust: Option<String>,
}

impl Arguments {
    /// Training on a release of this name with all defaults, but for the steps where they are said.
    pub(crate) fn named(release: &str, steps: Option<u32>) -> Self {
        let held_out = 5;
        Self { release: release.into(), from: None, folder: None, seed: 1, steps, held_out, trust: None }
    }
}

/// A model that was trained.
pub(crate) struct Made {
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// Its card.
    pub(crate) card: Card,
    /// Whether the operator's key signed it.
    pub(crate) signed: bool,
    /// How long it took.
    pub(crate) seconds: f64,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let made = make(context, arguments)?;
    let value =
        json!({ "folder": made.folder, "signed": made.signed, "seconds": made.seconds, "card": made.card });
    context.answer(&text(&made), &value)
}

/// Trains a model and puts it in its place.
pub(crate) fn make(context: &Context, arguments: &Arguments) -> anyhow::Result<Made> {
    let watch = edge::stopwatch();
    let release = place(&arguments.release, &context.data.join("releases"), layout::MANIFEST)?;
    let folder = match &arguments.folder {
        Some(folder) => folder.clone(),
        None => context.data.join("models").join(release.file_name().context("the release has no name")?),
    };
    if folder.symlink_metadata().is_ok() {
        return Err(candor_learn::ModelError::Exists(folder).into());
    }
    let base = match &arguments.from {
        Some(from) => Some(open_model(context, from)?),
        None => None,
    };
    let corpus = load(&release, trust(context, arguments.trust.as_deref())?.as_ref())
        .with_context(|| format!("read {}", release.display()))?;
    let mut plan = match &base {
        Some(base) => Plan::fine_tuning(&corpus, base, arguments.seed),
        None => Plan::new(&corpus, arguments.seed),
    };
    plan.held_out_percent = arguments.held_out;
    plan.steps = arguments.steps.unwrap_or(plan.steps);
    let work = work_folder(&folder);
    let bar = context.bar(Unit::Items);
    bar.set_length(plan.steps.into());
    let mut progress = |progress: candor_learn::Progress| {
        bar.set_position(progress.step.into());
        bar.set_message(format!("loss {:.3}", progress.loss));
        ControlFlow::Continue(())
    };
    let trained = train(&corpus, &plan, base.as_ref(), &work, &mut progress)?;
    bar.finish_and_clear();
    let Trained::Finished(model) = trained else { anyhow::bail!("the run stopped by itself") };
    let (card, signed) = publish(context, &model, &folder)?;
    if work.exists() {
        std::fs::remove_dir_all(&work).with_context(|| format!("remove {}", work.display()))?;
    }
    let seconds = watch.elapsed().as_secs_f64();
    note_cost(&folder, seconds)?;
    Ok(Made { folder, card, signed, seconds })
}

/// Opens a model by its name in the data directory, or by its folder.
pub(crate) fn open_model(context: &Context, given: &Path) -> anyhow::Result<Model> {
    let models = context.data.join("models");
    let found = [given.to_owned(), models.join(given)].into_iter().find(|folder| artifact::is_model(folder));
    let Some(folder) = found else {
        let text =
            format!("{}: no such model in {}, and not the folder of one", given.display(), models.display());
        return Err(WrongInput(text).into());
    };
    Model::open(&folder).with_context(|| format!("open {}", folder.display()))
}

/// A folder that was given, or one of that name in the data directory, which has `file` in it.
pub(crate) fn place(given: &Path, folder: &Path, file: &str) -> anyhow::Result<PathBuf> {
    let found = [given.to_owned(), folder.join(given)].into_iter().find(|place| place.join(file).is_file());
    found.ok_or_else(|| {
        let text = format!(
            "{}: no such release in {}, and not the folder of one",
            given.display(),
            folder.display()
        );
        WrongInput(text).into()
    })
}

/// Keys that were given, or those of the data directory if there is one.
pub(crate) fn trust(context: &Context, given: Option<&str>) -> anyhow::Result<Option<TrustedKeys>> {
    let own = context.data.join("trust.keys");
    match given {
        Some(given) => trusted_keys(given).map(Some),
        None if own.is_file() => trusted_keys(&own.to_string_lossy()).map(Some),
        None => Ok(None),
    }
}

/// Where the checkpoint of a run lies until its model is in its place.
fn work_folder(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".training");
    folder.with_file_name(name)
}

/// Writes the model's folder, signed with the operator's key if this is a data directory.
fn publish(context: &Context, model: &Model, folder: &Path) -> anyhow::Result<(Card, bool)> {
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent).with_context(|| format!("make {}", parent.display()))?;
    }
    if !context.data.join("keys").is_dir() {
        return Ok((artifact::write(model, folder, None)?, false));
    }
    let vault = Vault::open(&context.data)?;
    Ok((artifact::write(model, folder, Some(vault.operator_key()))?, true))
}

/// Notes beside the model how long it took: it must not be in it, or the same run would give other bytes.
fn note_cost(folder: &Path, seconds: f64) -> anyhow::Result<()> {
    let path = cost_path(folder);
    let value = json!({ "seconds": (seconds * 10.0).round() / 10.0 });
    durable::write_file(&path, format!("{value:#}\n").as_bytes(), 0o644)
        .with_context(|| format!("write {}", path.display()))
}

/// Where it stands how long a model took.
pub(crate) fn cost_path(folder: &Path) -> PathBuf {
    folder.with_added_extension("cost.json")
}

/// What came out, for people.
pub(crate) fn text(made: &Made) -> String {
    let (card, facts) = (&made.card, &made.card.facts);
    let bits =
        |bits: Option<f64>| bits.map_or_else(|| "nothing held out".into(), |bits| format!("{bits:.3}"));
    let line = |name: &str, value: String| vec![name.to_owned(), value];
    let rows = [
        line("parameters", card.parameters.to_string()),
        line("rows learned", facts.rows_learned.to_string()),
        line("rows held out", facts.rows_held_out.to_string()),
        line("steps", card.plan.steps.to_string()),
        line("held-out bits per byte before", bits(facts.held_out_before)),
        line("held-out bits per byte after", bits(facts.held_out_after)),
        line("seconds", format!("{:.1}", made.seconds)),
    ];
    let statement = match made.signed {
        true => "its statement is signed with the operator's key",
        false => "its statement is UNSIGNED: there is no data directory here, so nobody vouches for it",
    };
    format!("model in {}\n{}\n  {statement}", made.folder.display(), table(&rows))
}
