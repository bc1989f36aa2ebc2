//! `candor request fulfil`: does what was asked, and records what was done.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_consent::request::{RequestError, RequestKind, Step};
use candor_consent::{State, last_answer};
use candor_conversation::RequestId;
use candor_release::prove::{Departure, recalls};
use candor_vault::{Act, Filed, PendingReceipt, Subject, Vault, durable};
use serde_json::{Value, json};

use super::{show, step};
use crate::commands::consent::recalls_of;
use crate::commands::export::write_export;
use crate::commands::forget::remove_receipts;
use crate::commands::person::{
    receipts_folder, remove_forgotten_receipts, write_receipts, write_request_receipts,
};
use crate::commands::recalls::all_told;
use crate::context::Context;
use crate::failure::WrongInput;

/// What to do, and where to.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The request
    id: RequestId,
    /// For access and portability: the folder to write the export into; must not exist
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// For an erasure: do it; without this, only say what would be done
    #[arg(long)]
    yes: bool,
    /// For an erasure: the file for the person's receipt [default: ID.erasure.receipt.json]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// For an erasure: another folder that holds receipts of theirs, to remove them there too; may be given several times
    #[arg(long, value_name = "DIR")]
    receipts: Vec<PathBuf>,
    /// What else was done, for the record; for a restriction: what was done
    #[arg(long, value_name = "WORDS")]
    evidence: Option<String>,
}

impl Arguments {
    /// What was done, with what the operator adds.
    fn evidence(&self, done: &str) -> String {
        self.evidence.as_ref().map_or_else(|| done.to_owned(), |more| format!("{done}; {more}"))
    }
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let default = || PathBuf::from(format!("{}.erasure.receipt.json", arguments.id));
    let to = arguments.to.clone().unwrap_or_else(default);
    let mut vault = context.vault()?;
    if let Some(pending) = read_pending(&to)?
        && finish(&vault, &pending, &to)?
    {
        remove_forgotten_receipts(&vault, &receipts_folder(context, None))?;
        return answer_erased(context, arguments.id, &to, None);
    }
    let filed = vault.request(arguments.id)?;
    if filed.request.needs_verification() {
        return Err(RequestError::Unverified { kind: filed.request.kind }.into());
    }
    if filed.request.state.is_final() {
        return Err(RequestError::Closed { state: filed.request.state }.into());
    }
    if filed.request.kind == RequestKind::Restriction {
        let evidence = arguments.evidence.clone().ok_or_else(|| {
            let text = "nothing holds a person's turns back and keeps them: say with --evidence what you did";
            WrongInput(format!("{text}\nhint: an objection takes them out of use for good, at once"))
        })?;
        drop(vault);
        return step(context, arguments.id, &Step::Fulfilled { evidence });
    }
    let subject = vault.subject(&filed.tenant, &filed.name).with_context(|| {
        format!("nothing is held of them: `candor request deny {} --reason no_match`", arguments.id)
    })?;
    match filed.request.kind {
        RequestKind::Erasure => erase(context, arguments, (&mut vault, &subject), &to),
        RequestKind::Objection => object(context, arguments, (&mut vault, &subject), &filed),
        _ => export(context, arguments, (&mut vault, &subject)),
    }
}

fn export(
    context: &Context,
    arguments: &Arguments,
    (vault, subject): (&mut Vault, &Subject),
) -> anyhow::Result<()> {
    let folder = arguments.folder.as_ref().ok_or_else(|| {
        WrongInput("name the folder for what is held of them, with --folder; it must not exist".into())
    })?;
    let written = write_export(vault, subject, folder)?;
    let done = format!(
        "gave an export of {} conversations and {} files, whose document has SHA-256 {}",
        written.conversations, written.files, written.digest
    );
    close(context, arguments, vault, &done)
}

fn object(
    context: &Context,
    arguments: &Arguments,
    (vault, subject): (&mut Vault, &Subject),
    filed: &Filed,
) -> anyhow::Result<()> {
    let mut acts = Vec::new();
    for purpose in filed.request.purposes.iter().copied() {
        let history = vault.history(subject.id, purpose)?;
        let last = last_answer(&history).map(|event| event.state);
        let state = match last {
            Some(state) if state.permits() => State::Withdrawn,
            Some(State::Refused | State::Withdrawn) => continue,
            _ => State::Refused,
        };
        let (notice, _) = vault.notice(None, context.now)?;
        acts.push(Act {
            subject: subject.id,
            purpose,
            state,
            notice,
            effective_at: context.now,
            attested_by: None,
            evidence: None,
        });
    }
    let recalls = recalls_of(vault, &acts)?;
    vault.record_and_recall(&acts, &recalls.rows, context.now, &mut context.entropy()?)?;
    write_receipts(vault, subject, &receipts_folder(context, None))?;
    let words: Vec<String> = acts.iter().map(|act| format!("{} {}", act.purpose, act.state)).collect();
    let became = if words.is_empty() { "nothing was left to refuse".into() } else { words.join(", ") };
    let done = format!("{became}; {} rows of releases recalled", recalls.rows.len());
    close(context, arguments, vault, &done)?;
    all_told(&recalls)
}

/// Records that it was done.
fn close(context: &Context, arguments: &Arguments, vault: &mut Vault, done: &str) -> anyhow::Result<()> {
    let fulfilled = Step::Fulfilled { evidence: arguments.evidence(done) };
    let filed = vault.step_request(arguments.id, &fulfilled, context.now, &mut context.entropy()?)?;
    let receipts = write_request_receipts(vault, arguments.id, &receipts_folder(context, None))?;
    show::answer(context, &filed, &receipts)
}

fn erase(
    context: &Context,
    arguments: &Arguments,
    (vault, subject): (&mut Vault, &Subject),
    to: &Path,
) -> anyhow::Result<()> {
    if to.symlink_metadata().is_ok() {
        let text = format!("{} exists\nhint: name another file with --to", to.display());
        return Err(WrongInput(text).into());
    }
    let recalls = recalls(vault, &[Departure { subject, purpose: None }])?;
    let rows = recalls.rows.len();
    if !arguments.yes {
        let text = format!(
            "{} of tenant {} would be erased for good, with what they asked for; {rows} rows of earlier releases would \
             be recalled\nhint: add --yes to do it",
            subject.profile.name, subject.tenant
        );
        return Err(WrongInput(text).into());
    }
    let done = arguments.evidence(&format!("erased; {rows} rows of releases recalled"));
    // What the receipt is made of must outlive the erasure, whatever happens in between.
    let pending = vault.prepare_erasure(arguments.id, &done, context.now, &mut context.entropy()?)?;
    write(&pending_path(to), &pending.to_value())?;
    remove_receipts(context, subject, &arguments.receipts)?;
    vault.erase_as_asked(subject, &recalls.rows, (arguments.id, &pending), context.now)?;
    remove_forgotten_receipts(vault, &receipts_folder(context, None))?;
    finish(vault, &pending, to)?;
    answer_erased(context, arguments.id, to, Some(rows))?;
    all_told(&recalls)
}

fn answer_erased(context: &Context, id: RequestId, to: &Path, rows: Option<usize>) -> anyhow::Result<()> {
    let recalled =
        rows.map(|rows| format!("; {rows} rows of earlier releases are recalled")).unwrap_or_default();
    let text = format!(
        "request {id}: erased{recalled}\n  the receipt is {}: give it to the person and keep no copy\nnext: `candor \
         retention run` removes the ciphertext, `candor keys rotate` closes older copies",
        to.display()
    );
    context
        .answer(&text, &json!({ "request": id, "state": "fulfilled", "receipt": to, "recalled_rows": rows }))
}

/// Completes a receipt, if what it is about was done.
fn finish(vault: &Vault, pending: &PendingReceipt, to: &Path) -> anyhow::Result<bool> {
    let Some(receipt) = vault.complete(pending)? else { return Ok(false) };
    write(to, &receipt.to_value())?;
    let path = pending_path(to);
    durable::remove_file(&path).with_context(|| format!("remove {}", path.display()))?;
    Ok(true)
}

/// What an erasure that was cut short has left to make its receipt of.
fn read_pending(to: &Path) -> anyhow::Result<Option<PendingReceipt>> {
    let path = pending_path(to);
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    let bytes = std::fs::read(&path).with_context(|| format!("read {}", path.display()))?;
    Ok(serde_json::from_slice(&bytes).ok().as_ref().and_then(PendingReceipt::from_value))
}

fn pending_path(to: &Path) -> PathBuf {
    to.with_extension("pending")
}

fn write(path: &Path, value: &Value) -> anyhow::Result<()> {
    durable::write_file(path, format!("{value:#}\n").as_bytes(), 0o600)
        .with_context(|| format!("write {}", path.display()))
}
