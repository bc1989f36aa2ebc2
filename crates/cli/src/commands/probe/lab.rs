//! Where probes train models that nobody keeps.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_learn::probe::lot;
use candor_learn::{Corpus, Model, Plan, Row, Trained, load, train};
use candor_release::layout;
use candor_release::prove::rows_of_each;
use candor_vault::Vault;

use crate::commands::train::{place, trust};
use crate::context::{Context, Unit};

/// What the probes of a release share.
#[derive(clap::Args)]
pub(super) struct Options {
    /// Name of a release in the data directory, or the folder of any release
    pub(super) release: PathBuf,
    /// Where all chance comes from
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Steps of each training [default: 8 times over the text, at least 60]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(super) steps: Option<u32>,
    /// The folder of the report [default: probes/PROBE-RELEASE in the data directory]
    #[arg(long, value_name = "DIR")]
    pub(super) into: Option<PathBuf>,
    /// Keys that must have signed the release: a file, or the keys themselves [default: trust.keys in the data
    /// directory]
    #[arg(long, value_name = "KEYS")]
    pub(super) trust: Option<String>,
}

/// A release that is measured on, and a place for what is trained meanwhile.
pub(super) struct Lab<'a> {
    context: &'a Context,
    pub(super) corpus: Corpus,
    /// Of each row, those of the people still known whom it is of or stands for, as numbers without a meaning; none
    /// outside the data directory that made the release.
    people: Option<Vec<Vec<usize>>>,
    folder: PathBuf,
    seed: u64,
    steps: Option<u32>,
    /// How the whole release is trained on.
    whole: Plan,
}

/// How a corpus is trained on; nothing is held out by the plan itself.
fn plan(corpus: &Corpus, seed: u64, steps: Option<u32>) -> Plan {
    let plan = Plan::new(corpus, seed);
    Plan { held_out_percent: 0, steps: steps.unwrap_or(plan.steps), ..plan }
}

impl<'a> Lab<'a> {
    pub(super) fn open(context: &'a Context, options: &Options, probe: &str) -> anyhow::Result<Self> {
        let folder = place(&options.release, &context.data.join("releases"), layout::MANIFEST)?;
        let trusted = trust(context, options.trust.as_deref())?;
        let corpus = load(&folder, trusted.as_ref()).with_context(|| format!("read {}", folder.display()))?;
        let people = match context.data.join("keys").is_dir() {
            true => people(&Vault::open(&context.data)?, &corpus)?,
            false => None,
        };
        let work = format!("{probe}-{}.training", corpus.read_set.release);
        let folder = match &options.into {
            Some(into) => into.with_added_extension("training"),
            None => context.data.join("probes").join(work),
        };
        let (seed, steps) = (options.seed, options.steps);
        let whole = plan(&corpus, seed, steps);
        Ok(Self { context, corpus, people, folder, seed, steps, whole })
    }

    /// Where checkpoints lie.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it is known which rows are of one person.
    pub(super) fn knows_people(&self) -> bool {
        self.people.is_some()
    }

    /// Whose row it is: a number without a meaning.
    pub(super) fn person(&self, row: &Row) -> Option<usize> {
        self.people_of(row).first().copied()
    }

    fn people_of(&self, row: &Row) -> &[usize] {
        self.people.as_ref().and_then(|people| people.get(row.number as usize)).map_or(&[], Vec::as_slice)
    }

    /// Splits the rows: those of so many of a hundred people (or conversations, where people are not known), and the
    /// others.
    pub(super) fn split(&self, percent: usize) -> (Vec<&Row>, Vec<&Row>) {
        self.corpus.rows.iter().partition(|row| self.is_among(row, percent))
    }

    /// Whether a row is of anyone whose lot, out of a hundred, lies below so many.
    pub(super) fn is_among(&self, row: &Row, percent: usize) -> bool {
        match self.people_of(row) {
            // Branches of one conversation begin alike and stay together.
            [] => Plan { held_out_percent: percent as u32, ..self.whole }.holds_out(row),
            people => people.iter().any(|person| lot(self.seed, "person", *person as u64) < percent),
        }
    }

    /// How the whole release is trained on; nothing is held out by the plan itself.
    pub(super) fn plan(&self) -> Plan {
        self.whole
    }

    /// The rows as a corpus of the same release.
    pub(super) fn corpus_of(&self, rows: &[&Row]) -> Corpus {
        let rows = rows.iter().map(|row| (*row).clone()).collect();
        Corpus { read_set: self.corpus.read_set.clone(), rows }
    }

    /// Trains a model on some rows; `name` is the arm's.
    pub(super) fn train(&self, name: &str, rows: &[&Row], base: Option<&Model>) -> anyhow::Result<Model> {
        let corpus = self.corpus_of(rows);
        let plan = match base {
            Some(base) => {
                let plan = Plan::fine_tuning(&corpus, base, self.seed);
                Plan { held_out_percent: 0, steps: self.steps.unwrap_or(plan.steps), ..plan }
            }
            None => Plan { shape: self.whole.shape, ..plan(&corpus, self.seed, self.steps) },
        };
        train_arm(self.context, &self.folder, name, (&corpus, plan, base))
    }

    /// Removes what lay there for going on.
    pub(super) fn clear(self) -> anyhow::Result<()> {
        match std::fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("remove {}", self.folder.display()))
            }
            _ => Ok(()),
        }
    }
}

/// Trains one arm of an experiment with a progress bar; its checkpoint lies in the experiment's folder.
pub(super) fn train_arm(
    context: &Context,
    folder: &Path,
    name: &str,
    (corpus, plan, base): (&Corpus, Plan, Option<&Model>),
) -> anyhow::Result<Model> {
    let bar = context.bar(Unit::Items);
    bar.set_length(plan.steps.into());
    bar.set_message(name.to_owned());
    let mut progress = |progress: candor_learn::Progress| {
        bar.set_position(progress.step.into());
        ControlFlow::Continue(())
    };
    let trained = train(corpus, &plan, base, &folder.join(name.replace(' ', "-")), &mut progress)?;
    bar.finish_and_clear();
    match trained {
        Trained::Finished(model) => Ok(*model),
        Trained::Stopped => anyhow::bail!("the run stopped by itself"),
    }
}

/// Whose each row is. `None` if the vault did not make the release.
fn people(vault: &Vault, corpus: &Corpus) -> anyhow::Result<Option<Vec<Vec<usize>>>> {
    let set = &corpus.read_set;
    let ours = vault.release(&set.release)?.is_some_and(|row| row.id == set.release_id);
    if !ours {
        return Ok(None);
    }
    let mut people = vec![Vec::new(); corpus.rows.len()];
    for (person, rows) in rows_of_each(vault, &set.release)?.iter().enumerate() {
        for row in rows {
            if let Some(of) = people.get_mut(*row as usize) {
                of.push(person);
            }
        }
    }
    Ok(Some(people))
}
