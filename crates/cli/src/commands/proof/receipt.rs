//! A receipt held against what the log shows today, and against who witnessed it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_consent::receipt::Receipt;
use candor_release::TrustedKeys;
use candor_release::verify::Report;
use candor_tlog::checkpoint::Checkpoint;
use candor_tlog::note::SignedNote;
use candor_tlog::witness::AddCheckpoint;
use candor_vault::{Audit, Held, LogFault, LogFiles, only_appended};
use serde_json::Value;

use super::read_file;
use crate::commands::log::read_policy;
use crate::failure::WrongInput;

/// What else a receipt is held against.
#[derive(clap::Args)]
pub(crate) struct Beside {
    /// For a receipt: a newer copy of the log's folder, which must still hold it
    #[arg(long, value_name = "DIR")]
    log: Option<PathBuf>,
    /// For a receipt: a newer checkpoint of the log, or the file of `candor log consistency`
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// For a receipt: the policy that says which witnesses must have signed its checkpoint
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl Beside {
    /// Whether there is anything.
    pub(super) fn is_asked(&self) -> bool {
        self.log.is_some() || self.checkpoint.is_some() || self.policy.is_some()
    }
}

/// Verifies a receipt, and holds it against all that is given.
pub(super) fn check(path: &Path, trusted: Option<&TrustedKeys>, beside: &Beside) -> anyhow::Result<Report> {
    let Some(trusted) = trusted else {
        let text =
            "a log is held against a receipt only with its key\nhint: give the operator's keys with --trust";
        return Err(WrongInput(text.into()).into());
    };
    let not_a_receipt = || format!("{}: --log, --checkpoint and --policy are for receipts", path.display());
    let value: Value = serde_json::from_slice(&read_file(path)?).with_context(not_a_receipt)?;
    let receipt = Receipt::from_value(&value).with_context(not_a_receipt)?;
    let facts = receipt.verify(&trusted.operator, &trusted.log)?;
    let mut report = Report {
        what: "receipt",
        shows: format!("the log holds this record at position {}", facts.position),
        held: vec!["signature", "record", "log"],
        signer_trusted: true,
    };
    if let Some(file) = &beside.policy {
        let witnesses = read_policy(file)?.check(receipt.log_proof().signed_checkpoint())?.join(", ");
        report.held.push("witnesses");
        report.shows += &match witnesses.as_str() {
            "" => "; the policy asks for no witness".to_owned(),
            names => format!("; witnessed by {names}"),
        };
    }
    if let Some(folder) = &beside.log {
        let files = LogFiles::at(folder);
        let held = Held { checkpoint: facts.checkpoint.clone(), files: None };
        let audit = Audit { files: &files, key: &trusted.log, held: Some(&held), policy: None };
        let found = audit.entry(facts.position, &receipt.leaf())?;
        report.held.push("newer log");
        report.shows += &format!("; the log has {} entries now and only appended", found.size());
    }
    if let Some(file) = &beside.checkpoint {
        let found = newer(file, &facts.checkpoint, trusted)?;
        report.held.push("newer checkpoint");
        report.shows += &format!("; the checkpoint of {} entries only appended", found.size());
    }
    Ok(report)
}

/// Reads a newer checkpoint, alone or with a proof, and holds it against the one in the receipt.
fn newer(file: &Path, held: &Checkpoint, trusted: &TrustedKeys) -> anyhow::Result<Checkpoint> {
    let bytes = read_file(file)?;
    let reading = || format!("read {}", file.display());
    let (note, proof) = if bytes.starts_with(b"old ") {
        let proof = AddCheckpoint::parse(&bytes).with_context(reading)?;
        let found = Checkpoint::open(&proof.checkpoint, &trusted.log).with_context(reading)?;
        if proof.old != held.size() {
            return Err(LogFault::NotShown { old: held.size(), new: found.size() }.into());
        }
        (proof.checkpoint, proof.proof)
    } else {
        (SignedNote::parse(&bytes).with_context(reading)?, Vec::new())
    };
    let found = Checkpoint::open(&note, &trusted.log).with_context(reading)?;
    only_appended(held, &found, &proof)?;
    Ok(found)
}
