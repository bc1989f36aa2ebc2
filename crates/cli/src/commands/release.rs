//! `candor release`: build, list, show, look again.

use std::path::PathBuf;

use anyhow::Context as _;
use candor_consent::Purpose;
use candor_conversation::Timestamp;
use candor_release::indicators::Reference;
use candor_release::{Built, Manifest, Plan, Progress, build, manifest};
use candor_vault::Vault;
use serde_json::{Value, json};

use super::handover;
use crate::context::{Context, Unit, table};
use crate::failure::WrongInput;

mod residual;
mod restore;

/// Build training sets that hold only what was agreed to, with a proof
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Decide again now, de-identify, de-duplicate, write, commit, sign, and enter it in the log
    ///
    /// The folder stands alone: data/*.parquet with a `messages` column, release.json, a dataset card, a signed
    /// statement and the log's proof. A build that is interrupted leaves no release and can be run again.
    Build(BuildArguments),
    /// List the releases
    List,
    /// Print the signed statement of a release
    Show {
        /// Its name
        name: String,
    },
    /// Look for what a release still holds, once more, from its files
    ///
    /// Other detectors read the written rows: the engine where it is easily convinced, shapes alone, and a second
    /// detector that shares nothing with it. Beside their finds stand the figures of the build, which also knew what it
    /// had replaced. What they mean: docs/residual-risk.md.
    Residual(residual::Arguments),
    /// Print rows of a release as they were before surrogates stood in them
    ///
    /// Only where `surrogate_key` was "keep", and only rows that everyone who wrote in them still lets be used: they are
    /// made again from the vault, which takes as long as a part of a build. What is printed identifies people.
    Restore(restore::RestoreArguments),
    /// Destroy the kept key of a release's surrogates, so that nothing leads back
    ForgetKey(restore::ForgetArguments),
    /// Write the rows of a release for another trainer, one JSON object a line
    ///
    /// Refuses a release with a file too many, too few or changed. How to train with the lines: docs/training.md.
    Export(handover::Arguments),
}

/// What to build.
#[derive(clap::Args)]
pub(crate) struct BuildArguments {
    /// Name of the release: 1 to 64 of a-z, 0-9, `.`, `_`, `-`, not ending in .partial
    name: String,
    /// What it may be used for: train or publish
    #[arg(long, default_value = "train")]
    purpose: Purpose,
    /// The folder to make [default: releases/NAME in the data directory]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Decide as of this time [default: now]; the same time on the same vault gives the same bytes, while no
    /// promised term ends
    #[arg(long, value_name = "TIME")]
    as_of: Option<Timestamp>,
}

pub(crate) fn run(context: &Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Build(arguments) => {
            let mut vault = context.vault()?;
            let built = build_release(context, &mut vault, arguments)?;
            context.answer(&text(&built), &serde_json::to_value(&built.manifest)?)
        }
        Command::List => list(context),
        Command::Show { name } => show(context, name),
        Command::Residual(arguments) => residual::run(context, arguments),
        Command::Restore(arguments) => restore::run(context, arguments),
        Command::ForgetKey(arguments) => restore::forget(context, arguments),
        Command::Export(arguments) => handover::run(context, arguments),
    }
}

impl BuildArguments {
    /// A training release of this name with all defaults.
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.into(), purpose: Purpose::Train, folder: None, as_of: None }
    }
}

/// Builds a release with the configured settings.
pub(crate) fn build_release(
    context: &Context,
    vault: &mut Vault,
    arguments: &BuildArguments,
) -> anyhow::Result<Built> {
    if !matches!(arguments.purpose, Purpose::Train | Purpose::Publish) {
        let text = format!("a release is for train or publish, not {}", arguments.purpose);
        return Err(WrongInput(text).into());
    }
    // Without --as-of, a build that was interrupted after it was entered in the log goes on as of its own time.
    let entered = vault.release(&arguments.name)?.map(|row| row.as_of);
    let as_of = arguments.as_of.or(entered).unwrap_or(context.now);
    if as_of > context.now {
        return Err(WrongInput(format!("--as-of {as_of} is in the future")).into());
    }
    let plan = plan(context, arguments, as_of)?;
    if entered.is_none() {
        vault.commit_changed_states(context.now, &mut context.entropy()?)?;
    }
    let bar = context.bar(Unit::Items);
    let progress = |progress: Progress| {
        bar.set_message(progress.stage);
        bar.set_length(progress.total.max(progress.done));
        bar.set_position(progress.done);
    };
    let built = build(vault, &plan, &mut context.entropy()?, &progress)?;
    bar.finish_and_clear();
    Ok(built)
}

/// What is to be built, with the configured settings.
fn plan(context: &Context, arguments: &BuildArguments, as_of: Timestamp) -> anyhow::Result<Plan> {
    let releases = context.data.join("releases");
    let output = arguments.folder.clone().unwrap_or_else(|| releases.join(&arguments.name));
    Ok(Plan {
        name: arguments.name.clone(),
        purpose: arguments.purpose,
        as_of,
        now: context.now,
        output,
        identifiers: context.config.identifier_settings()?,
        second_reader: context.config.second_reader(&context.data)?,
        replacement: context.config.replacement(),
        near_duplicates: context.config.build.near_duplicates,
        pasted_permille: u32::from(context.config.build.pasted_weight_percent) * 10,
        reference: language_reference(context)?,
        attachments: context.config.release.attachments,
        sensitive: manifest::policy_of(&context.config.release.sensitive),
        look: context.config.release.residual.look(),
        memory_bytes: (context.config.build.memory_mib as usize) << 20,
        tool: format!("candor {}", env!("CARGO_PKG_VERSION")),
    })
}

/// The text that the settings name, if they name one.
fn language_reference(context: &Context) -> anyhow::Result<Option<Reference>> {
    let path = &context.config.build.language_reference;
    if path.as_os_str().is_empty() {
        return Ok(None);
    }
    let path = context.data.join(path);
    let text = std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    Ok(Some(Reference::of_lines(&text)))
}

/// What came out, for people.
pub(crate) fn text(built: &Built) -> String {
    let manifest = &built.manifest;
    let line = |name: String, count: u64| vec![name, count.to_string()];
    let mut rows = vec![
        line("turns looked at".into(), manifest.turns.examined),
        line("turns used".into(), manifest.turns.used),
    ];
    for (basis, count) in &manifest.turns.basis {
        rows.push(line(format!("  of people, by {}", basis.as_str()), *count));
    }
    for (reason, count) in &manifest.turns.withheld {
        rows.push(line(format!("turns withheld: {}", reason.words()), *count));
    }
    if manifest.rows.paths_left_out > 0 {
        let left_out = manifest.rows.paths_left_out;
        rows.push(line("branches left out of conversations with too many".into(), left_out));
    }
    rows.extend([
        line("rows before de-duplication".into(), manifest.rows.candidates),
        line("exact duplicates merged".into(), manifest.rows.exact_duplicates),
        line("near duplicates merged".into(), manifest.rows.near_duplicates),
        line("rows released".into(), manifest.rows.released),
        line("people".into(), manifest.people),
    ]);
    rows.push(match manifest.identifiers.values().sum() {
        0 => vec!["no identifiers replaced".into(), String::new()],
        count => line("identifiers replaced in the rows".into(), count),
    });
    rows.extend(sensitive(manifest));
    rows.extend(residual::lines(manifest));
    rows.extend(human_share(manifest));
    for (who, change) in manifest.language.alarms() {
        rows.push(vec![
            format!("ALARM, turns of {who}: {}", change.indicator.words()),
            format!("{} -> {}", change.before, change.now),
        ]);
    }
    format!("release {} in {}\n{}", manifest.name, built.folder.display(), table(&rows))
}

fn sensitive(manifest: &Manifest) -> Vec<Vec<String>> {
    let of = |count: fn(&manifest::Sentences) -> u64| manifest.sensitive.values().map(count).sum::<u64>();
    let counts = [
        ("kept", of(|found| found.kept)),
        ("generalised", of(|found| found.generalised)),
        ("withheld with their turn", of(|found| found.withheld)),
    ];
    let told = counts.into_iter().filter(|(_, count)| *count > 0);
    told.map(|(became, count)| vec![format!("sensitive sentences {became}"), count.to_string()]).collect()
}

fn human_share(manifest: &Manifest) -> Option<Vec<String>> {
    let share = manifest.origin.human_share.as_ref()?;
    let words = format!("{} ({} to {})", share.value, share.low, share.high);
    Some(vec!["share of people's text not shown to be pasted".into(), words])
}

fn list(context: &Context) -> anyhow::Result<()> {
    let vault = context.vault()?;
    let mut rows = vec![vec!["name".into(), "as of".into(), "id".into()]];
    let mut values = Vec::new();
    for row in vault.releases()? {
        values.push(json!({ "name": row.name, "as_of": row.as_of, "id": row.id }));
        rows.push(vec![row.name, row.as_of.to_string(), row.id]);
    }
    context.answer(&table(&rows), &Value::Array(values))
}

fn show(context: &Context, name: &str) -> anyhow::Result<()> {
    let vault = context.vault()?;
    let row = vault.release(name)?;
    let row = row.ok_or_else(|| candor_vault::VaultError::UnknownRelease(name.to_owned()))?;
    let envelope: Value = serde_json::from_str(&row.statement)?;
    let statement = candor_release::dsse::Envelope::from_value(&envelope)
        .and_then(|envelope| envelope.statement())
        .map_err(candor_release::verify::VerifyError::from)?;
    context.answer(&format!("{statement:#}"), &statement)
}
