//! `candor consent commit`, `epochs` and `prove`: where choices stood at one moment.

use std::path::PathBuf;

use anyhow::Context as _;
use candor_consent::Purpose;
use candor_consent::receipt::Receipt;
use candor_consent::states;
use candor_release::TrustedKeys;
use candor_vault::StateEpoch;
use serde_json::{Value, json};

use crate::commands::proof::{read_receipt, words_of_state, write_proof};
use crate::context::{Context, table};

/// What is to be proven, and to whom.
#[derive(clap::Args)]
pub(crate) struct ProveStateArguments {
    /// What for: history, train, human_review, insights or publish
    purpose: Purpose,
    /// The person's enrolment receipt
    #[arg(long, value_name = "FILE")]
    receipt: PathBuf,
    /// The epoch [default: the newest; `candor consent epochs` lists them]
    #[arg(long, value_name = "NUMBER")]
    epoch: Option<u64>,
    /// Receipts of the person's choices: needed once they were erased, when nothing here tells any more what they chose
    #[arg(long, value_name = "FILE", num_args = 1..)]
    choices: Vec<PathBuf>,
    /// The proof file to write [default: PURPOSE.state-proof.json]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

pub(crate) fn commit(context: &Context) -> anyhow::Result<()> {
    let mut vault = context.vault()?;
    let before = vault.last_state_epoch()?;
    let epoch = vault.commit_changed_states(context.now, &mut context.entropy()?)?;
    let unchanged = if before.as_ref() == Some(&epoch) { ", since when nobody acted" } else { "" };
    let text = format!(
        "epoch {} of the state map{unchanged}: {} choices, at {} in the log, root {}",
        epoch.entry.epoch, epoch.entry.entries, epoch.position, epoch.entry.root
    );
    context.answer(&text, &value(&epoch))
}

pub(crate) fn epochs(context: &Context) -> anyhow::Result<()> {
    let epochs = context.vault()?.state_epochs()?;
    let mut rows =
        vec![vec!["epoch".into(), "committed".into(), "place".into(), "choices".into(), "root".into()]];
    for epoch in &epochs {
        rows.push(vec![
            epoch.entry.epoch.to_string(),
            epoch.entry.at.to_string(),
            epoch.position.to_string(),
            epoch.entry.entries.to_string(),
            epoch.entry.root.clone(),
        ]);
    }
    context.answer(&table(&rows), &Value::Array(epochs.iter().map(value).collect()))
}

pub(crate) fn prove(context: &Context, arguments: &ProveStateArguments) -> anyhow::Result<()> {
    let vault = context.vault()?;
    let receipt = read_receipt(&arguments.receipt)?;
    let own: Vec<Receipt> =
        arguments.choices.iter().map(|path| read_receipt(path)).collect::<Result<_, _>>()?;
    let proof = vault.prove_state(&receipt, arguments.purpose, arguments.epoch, &own)?;
    // Whoever gets the proof must be able to check it: what is too late or another operator's is told here.
    let keys = TrustedKeys::parse(&vault.public_keys())?;
    let facts = states::verify(&proof, Some((&keys.operator, &keys.log)))
        .context("this receipt can show nothing about the epoch")?;
    let name = format!("{}.state-proof.json", arguments.purpose);
    let to = write_proof(&proof, arguments.to.as_deref(), &name)?;
    let text = format!("{}; proof in {}", words_of_state(&facts), to.display());
    let state = facts.stated.as_ref().map(|stated| stated.state);
    let value = json!({ "epoch": facts.epoch.epoch, "purpose": facts.purpose, "state": state, "proof": to });
    context.answer(&text, &value)
}

fn value(epoch: &StateEpoch) -> Value {
    json!({
        "epoch": epoch.entry.epoch,
        "at": epoch.entry.at,
        "position": epoch.position.0,
        "entries": epoch.entry.entries,
        "root": epoch.entry.root,
    })
}
