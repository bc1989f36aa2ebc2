//! `candor release restore` and `candor release forget-key`: the way back from surrogates, and its end.

use std::collections::{BTreeMap, BTreeSet};

use candor_conversation::Message;
use candor_release::restore::restore;
use candor_release::verify::open_release;
use candor_release::{Plan, layout, manifest};
use candor_vault::VaultError;
use serde_json::{Value, json};

use super::BuildArguments;
use crate::commands::train::place;
use crate::context::Context;
use crate::failure::{AnswerIsNo, WrongInput};

/// Which rows to restore.
#[derive(clap::Args)]
pub(crate) struct RestoreArguments {
    /// Name of a release in the data directory
    name: String,
    /// Number of a row, from 0, through all its files; may be given several times
    #[arg(long, value_name = "N", required = true)]
    row: Vec<u64>,
}

/// Whose key to forget.
#[derive(clap::Args)]
pub(crate) struct ForgetArguments {
    /// Name of a release
    name: String,
    /// Do it; without this, only say what would be done
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(context: &Context, arguments: &RestoreArguments) -> anyhow::Result<()> {
    let vault = context.vault()?;
    let folder = place(arguments.name.as_ref(), &context.data.join("releases"), layout::MANIFEST)?;
    let (_, described) = open_release(&folder, None)?;
    let plan = Plan {
        purpose: described.purpose,
        attachments: described.configuration.attachments,
        sensitive: manifest::policy_of(&described.configuration.sensitive),
        ..super::plan(context, &BuildArguments::named(&described.name), context.now)?
    };
    let rows: BTreeSet<u64> = arguments.row.iter().copied().collect();
    let found = restore(&vault, &plan, (&folder, &described, &rows))?;
    let value: BTreeMap<&u64, Value> = found.iter().map(|(row, said)| (row, messages(said))).collect();
    context.answer(&text(&found), &json!({ "rows": value }))?;
    let missing: Vec<String> =
        rows.iter().filter(|row| !found.contains_key(row)).map(u64::to_string).collect();
    if missing.is_empty() {
        return Ok(());
    }
    context.tell(&format!(
        "not restored: row {}: somebody who wrote in it left or took the yes back, a term ended, or [identifiers] is not \
         what the release was built with",
        missing.join(", ")
    ));
    Err(AnswerIsNo.into())
}

pub(super) fn forget(context: &Context, arguments: &ForgetArguments) -> anyhow::Result<()> {
    let vault = context.vault()?;
    let name = &arguments.name;
    vault.release(name)?.ok_or_else(|| VaultError::UnknownRelease(name.clone()))?;
    if !arguments.yes {
        let text = format!(
            "the key of the surrogates of release {name} would be destroyed: no row of it could be restored any more\n\
             hint: add --yes to do it"
        );
        return Err(WrongInput(text).into());
    }
    vault.destroy_record(&layout::record_path(name, layout::RECORD_SURROGATE_KEY))?;
    context.answer(
        &format!("nothing leads back from release {name} any more, but for copies of the data directory"),
        &json!({ "release": name, "key": "forgotten" }),
    )
}

fn text(found: &BTreeMap<u64, Vec<Message>>) -> String {
    let row = |(number, messages): (&u64, &Vec<Message>)| {
        let said = messages.iter().map(|message| format!("{}: {}", message.role, message.content));
        format!("row {number}\n{}", said.collect::<Vec<_>>().join("\n"))
    };
    found.iter().map(row).collect::<Vec<_>>().join("\n\n")
}

fn messages(said: &[Message]) -> Value {
    said.iter().map(|message| json!({ "role": message.role, "content": message.content })).collect()
}
