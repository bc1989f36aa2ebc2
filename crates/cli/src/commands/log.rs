//! `candor log`: what an operator, an auditor and a witness do with the transparency log.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_tlog::checkpoint::Checkpoint;
use candor_tlog::note::SignedNote;
use candor_tlog::policy::Policy;
use candor_tlog::tree::TreeSize;
use candor_vault::{Audit, Audited, Held, LogFault, LogFiles, durable};
use serde_json::json;

use super::proof::{read_file, trusted_keys};
use super::witnessing;
use crate::context::{Context, Unit};
use crate::failure::{AnswerIsNo, WrongInput};

/// Check the transparency log, prove that it only appends, and have others witness it
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Read the whole log and hold it against the catalogue and its checkpoint
    Check,
    Consistency(ConsistencyArguments),
    Verify(VerifyArguments),
    /// Ask the witnesses of witness.policy in the data directory to sign the newest checkpoint
    ///
    /// `candor serve` does it by itself. A witness that does not answer is told about and asked again the next time;
    /// nobody's choice waits for it.
    Witness,
}

/// Write the proof that the log only appended to an older checkpoint
///
/// The file has the form of a request to a witness (C2SP tlog-witness): `old` and a size, the proof, an empty line,
/// the newer checkpoint. `candor verify RECEIPT --checkpoint FILE` reads it.
#[derive(clap::Args)]
pub(crate) struct ConsistencyArguments {
    /// The older checkpoint: a file, or its number of entries
    #[arg(long, value_name = "FILE|SIZE")]
    from: String,
    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

/// Check a copy of a log's folder, without its operator
///
/// Says which: a rewritten record, a dropped entry, a forked log, a rolled-back checkpoint, a wrong or missing witness.
#[derive(clap::Args)]
pub(crate) struct VerifyArguments {
    /// The copy: the folder with `checkpoint` and `tile`
    folder: PathBuf,
    /// Keys you trust: a file such as trust.keys, or the keys themselves
    #[arg(long, value_name = "KEYS")]
    trust: String,
    /// What you kept of an earlier state: a checkpoint, or a copy of the folder, which tells more
    #[arg(long, value_name = "FILE|DIR")]
    held: Option<PathBuf>,
    /// The policy that says which witnesses must have signed
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

pub(crate) fn run(context: &Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Check => check(context),
        Command::Consistency(arguments) => consistency(context, arguments),
        Command::Verify(arguments) => verify(context, arguments),
        Command::Witness => witness(context),
    }
}

/// Reads a policy file.
pub(crate) fn read_policy(path: &Path) -> anyhow::Result<Policy> {
    Policy::parse(&read_file(path)?)
        .map_err(|error| WrongInput(format!("{}: {error}", path.display())).into())
}

fn check(context: &Context) -> anyhow::Result<()> {
    let vault = context.vault()?;
    let bar = context.bar(Unit::Items).with_message("checking the log");
    bar.set_length(vault.log_size().0);
    let checked = vault.check_log(&mut |entries| bar.set_position(entries));
    bar.finish_and_clear();
    tell(context, checked)
}

fn verify(context: &Context, arguments: &VerifyArguments) -> anyhow::Result<()> {
    let keys = trusted_keys(&arguments.trust)?;
    let policy = arguments.policy.as_deref().map(read_policy).transpose()?;
    let held = arguments.held.as_deref().map(|path| held(path, &keys.log)).transpose()?;
    let files = LogFiles::at(&arguments.folder);
    let audit = Audit { files: &files, key: &keys.log, held: held.as_ref(), policy: policy.as_ref() };
    let bar = context.bar(Unit::Items).with_message("reading the log");
    let checked = audit.run(&mut |entries| bar.set_position(entries));
    bar.finish_and_clear();
    tell(context, checked)
}

/// What was kept of an earlier state.
fn held(path: &Path, key: &candor_tlog::note::VerifierKey) -> anyhow::Result<Held> {
    let reading = || format!("read {}", path.display());
    let (note, files) = if path.is_dir() {
        let files = LogFiles::at(path);
        (files.published()?, Some(files))
    } else {
        (SignedNote::parse(&read_file(path)?).with_context(reading)?, None)
    };
    Ok(Held { checkpoint: Checkpoint::open(&note, key).with_context(reading)?, files })
}

/// Answers with what was found.
fn tell(context: &Context, checked: Result<Audited, LogFault>) -> anyhow::Result<()> {
    match checked {
        Ok(Audited { size, root, witnesses }) => {
            let mut text = format!("VERIFIED\n  {size} entries, root {root}");
            if !witnesses.is_empty() {
                text += &format!("\n  witnessed by {}", witnesses.join(", "));
            }
            let value = json!({
                "verified": true, "entries": size.0, "root": root.to_string(), "witnesses": witnesses,
            });
            context.answer(&text, &value)
        }
        Err(error) => {
            let reason = format!("{:#}", anyhow::Error::from(error));
            let value = json!({ "verified": false, "reason": reason });
            context.answer(&format!("NOT VERIFIED\n  {reason}"), &value)?;
            Err(AnswerIsNo.into())
        }
    }
}

fn consistency(context: &Context, arguments: &ConsistencyArguments) -> anyhow::Result<()> {
    let vault = context.vault()?;
    let files = vault.log_files();
    let old = match arguments.from.parse::<u64>() {
        Ok(size) => TreeSize(size),
        Err(_) => {
            let reading = || format!("read {}", arguments.from);
            let note = SignedNote::parse(&read_file(Path::new(&arguments.from))?).with_context(reading)?;
            Checkpoint::from_text(note.unverified_text()).with_context(reading)?.size()
        }
    };
    let published = files.published()?;
    let new = Checkpoint::from_text(published.unverified_text()).context("read the checkpoint")?.size();
    if old > new {
        return Err(WrongInput(format!("the log has {new} entries, fewer than {old}")).into());
    }
    let proof = files.consistency(old, published)?.to_string();
    let Some(to) = &arguments.to else { return context.print(proof.trim_end()) };
    durable::write_file(to, proof.as_bytes(), 0o644).with_context(|| format!("write {}", to.display()))?;
    let text = format!("from {old} to {new} entries: {}", to.display());
    context.answer(&text, &json!({ "from": old.0, "to": new.0, "file": to }))
}

fn witness(context: &Context) -> anyhow::Result<()> {
    let round = witnessing::ask(context, &mut candor_witness::Client::new()?)?;
    let failed: Vec<_> =
        round.failed.iter().map(|(name, why)| json!({ "witness": name, "why": why })).collect();
    let mut text = match round.signed.as_slice() {
        [] => "no witness signed".to_owned(),
        signed => format!("signed by {}", signed.join(", ")),
    };
    for (name, why) in &round.failed {
        text += &format!("\n{name} did not sign: {why}");
    }
    text += if round.published {
        "\nthe checkpoint is published"
    } else {
        "\nthe checkpoint waits for the quorum"
    };
    let value = json!({ "signed": round.signed, "failed": failed, "published": round.published });
    context.answer(&text, &value)?;
    if round.published { Ok(()) } else { Err(AnswerIsNo.into()) }
}
