//! `candor erase`, `candor recall` and `candor retention`.

use std::path::PathBuf;

use anyhow::Context as _;
use candor_release::prove::{Departure, recalls};
use candor_release::remove_interrupted_builds;
use candor_vault::Subject;
use serde_json::json;

use super::person::{PersonArguments, receipts_folder, remove_forgotten_receipts};
use super::recalls::all_told;
use crate::context::{Context, table};
use crate::failure::WrongInput;

/// Erase a person: destroy their key and records at once
///
/// First the rows that they have in earlier releases are recalled; then what they wrote can no longer be opened,
/// and importing the old logs again brings nothing back. `candor retention run` removes the ciphertext, and
/// `candor keys rotate` ends what older copies of the catalogue could open. Receipts that were written elsewhere with
/// `--receipts DIR` are removed only when you name that folder here too.
#[derive(clap::Args)]
pub(crate) struct EraseArguments {
    #[command(flatten)]
    person: PersonArguments,
    /// Do it; without this, only say what would be done
    #[arg(long)]
    yes: bool,
    /// Another folder that holds receipts of theirs, to remove them there too; may be given several times
    #[arg(long, value_name = "DIR")]
    receipts: Vec<PathBuf>,
}

pub(crate) fn erase(context: &Context, arguments: &EraseArguments) -> anyhow::Result<()> {
    let mut vault = context.vault()?;
    let subject = arguments.person.find(context, &vault)?;
    let recalls = recalls(&vault, &[Departure { subject: &subject, purpose: None }])?;
    let name = &arguments.person.subject;
    if !arguments.yes {
        let text = format!(
            "{name} of tenant {} would be erased for good: key, choices and profile; {} rows of earlier releases \
             would be recalled\nhint: add --yes to do it",
            subject.tenant,
            recalls.rows.len()
        );
        return Err(WrongInput(text).into());
    }
    remove_receipts(context, &subject, &arguments.receipts)?;
    vault.erase(&subject, &recalls.rows, context.now)?;
    remove_forgotten_receipts(&vault, &receipts_folder(context, None))?;
    let mut text = format!(
        "erased {name}: nothing of theirs opens any more; {} rows of earlier releases are recalled\nnext: \
         `candor retention run` removes the ciphertext, `candor keys rotate` closes older copies",
        recalls.rows.len()
    );
    if arguments.receipts.is_empty() {
        text += &format!(
            "\nreceipts written elsewhere with --receipts are still there: remove their folder {} yourself",
            subject.id
        );
    }
    let value = json!({
        "subject": name,
        "recalled_rows": recalls.rows.len(),
        "recall_unknown": recalls.unknown,
    });
    context.answer(&text, &value)?;
    all_told(&recalls)
}

/// Removes a person's receipts, before they are erased: then nothing tells any more which folder was theirs. Until then
/// they can be written again.
pub(crate) fn remove_receipts(context: &Context, subject: &Subject, more: &[PathBuf]) -> anyhow::Result<()> {
    let folders = std::iter::once(receipts_folder(context, None)).chain(more.iter().cloned());
    for receipts in folders.map(|folder| folder.join(subject.id.to_string())) {
        if receipts.exists() {
            std::fs::remove_dir_all(&receipts).with_context(|| format!("remove {}", receipts.display()))?;
        }
    }
    Ok(())
}

/// List the rows of releases that must not be used again
#[derive(clap::Args)]
pub(crate) struct RecallArguments {
    /// Only of this release
    release: Option<String>,
}

pub(crate) fn recall(context: &Context, arguments: &RecallArguments) -> anyhow::Result<()> {
    let vault = context.vault()?;
    let mut recalls = vault.recalls()?;
    recalls.retain(|recall| arguments.release.as_ref().is_none_or(|name| *name == recall.release));
    let mut rows = vec![vec!["release".into(), "row".into(), "cause".into(), "recalled".into()]];
    for recall in &recalls {
        rows.push(vec![
            recall.release.clone(),
            recall.row.to_string(),
            recall.cause.clone(),
            recall.recalled_on.clone(),
        ]);
    }
    context.answer(&table(&rows), &serde_json::to_value(&recalls)?)
}

/// Drop what its time is over for, and purge what was erased or taken back
#[derive(clap::Subcommand)]
pub(crate) enum RetentionCommand {
    /// Run it now; schedule this at least once a day
    Run,
}

pub(crate) fn retention(context: &Context, command: &RetentionCommand) -> anyhow::Result<()> {
    let RetentionCommand::Run = command;
    let mut vault = context.vault()?;
    remove_interrupted_builds(&vault)?;
    let report = vault.run_retention(context.now, &mut context.entropy()?)?;
    remove_forgotten_receipts(&vault, &receipts_folder(context, None))?;
    let line = |name: &str, count: u64| vec![name.to_owned(), count.to_string()];
    let rows = [
        line("files dropped, their time over", report.segments_dropped),
        line("turns in them", report.turns_expired),
        line("files rewritten", report.segments_rewritten),
        line("turns purged: erased or taken back", report.turns_purged),
    ];
    context.answer(&table(&rows), &serde_json::to_value(report)?)
}
