//! `candor prove` and `candor verify`.

mod receipt;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_consent::receipt::Receipt;
use candor_consent::states::{self, StateFacts};
use candor_learn::artifact;
use candor_release::TrustedKeys;
use candor_release::order;
use candor_release::prove::{self, PROOF_BYTES_MAX};
use candor_release::verify::{Report, verify_release};
use candor_vault::durable;
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::{AnswerIsNo, WrongInput};

/// Prove to a person that they are, or are not, in a release
///
/// Needs only their enrolment receipt, so it works after an erasure too. The proof is one file that anyone can
/// check with `candor verify`, or with the Python verifier. It shows the receipt's secret number to whoever gets
/// it: give it to the person, who decides.
#[derive(clap::Args)]
pub(crate) struct ProveArguments {
    /// Name of the release
    release: String,
    /// The person's enrolment receipt
    #[arg(long, value_name = "FILE")]
    receipt: PathBuf,
    /// The proof file to write [default: RELEASE.proof.json]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

pub(crate) fn prove(context: &Context, arguments: &ProveArguments) -> anyhow::Result<()> {
    let vault = context.vault()?;
    let receipt = read_receipt(&arguments.receipt)?;
    let proof = prove::prove(&vault, &arguments.release, &receipt)?;
    // Whoever gets the proof must be able to check it: what is too late or another operator's is told here.
    let keys = TrustedKeys::parse(&vault.public_keys())?;
    prove::verify_proof(&proof, Some(&keys)).context("this receipt can show nothing about the release")?;
    let to = write_proof(&proof, arguments.to.as_deref(), &format!("{}.proof.json", arguments.release))?;
    let claim = proof.get("claim").and_then(Value::as_str).unwrap_or_default();
    let text = format!("the holder of the receipt is {claim}; proof in {}", to.display());
    context.answer(&text, &json!({ "claim": claim, "proof": to }))
}

/// Writes a proof where it was asked for; without a word about that under a name in this folder, over nothing.
pub(crate) fn write_proof(proof: &Value, to: Option<&Path>, name: &str) -> anyhow::Result<PathBuf> {
    let default = Path::new(name);
    if to.is_none() && default.symlink_metadata().is_ok() {
        return Err(WrongInput(format!("{name} exists\nhint: name another file with --to")).into());
    }
    let to = to.unwrap_or(default);
    durable::write_file(to, format!("{proof:#}\n").as_bytes(), 0o600)
        .with_context(|| format!("write {}", to.display()))?;
    Ok(to.to_owned())
}

/// Check a release, a model, a receipt or a proof with nothing but the files
///
/// Exit code 0: everything holds and a trusted key signed it. Exit code 1: it does not hold, or no key was
/// trusted ("integrity only, signer unknown").
#[derive(clap::Args)]
pub(crate) struct VerifyArguments {
    /// A release's or a model's folder, a receipt or a proof
    path: PathBuf,
    /// For a model: the folder of a release that it must have read
    #[arg(long, value_name = "DIR", conflicts_with = "receipt")]
    release: Option<PathBuf>,
    /// For a release: a receipt, to be told whether its act came before the release was decided or after it
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    /// Keys you trust: a file such as trust.keys, or the keys themselves
    #[arg(long, value_name = "KEYS")]
    trust: Option<String>,
    #[command(flatten)]
    beside: receipt::Beside,
}

pub(crate) fn verify(context: &Context, arguments: &VerifyArguments) -> anyhow::Result<()> {
    let trusted = arguments.trust.as_deref().map(trusted_keys).transpose()?;
    let trusted = trusted.as_ref();
    let checked = match (&arguments.release, &arguments.receipt) {
        _ if arguments.beside.is_asked() => receipt::check(&arguments.path, trusted, &arguments.beside),
        (Some(release), _) => {
            artifact::verify(&arguments.path, trusted, Some(release)).map_err(anyhow::Error::from)
        }
        (None, Some(receipt)) => {
            let receipt = read_receipt(receipt)?;
            order::verify_order(&arguments.path, &receipt, trusted).map_err(anyhow::Error::from)
        }
        (None, None) => check(&arguments.path, trusted),
    };
    let report = match checked {
        Ok(report) => report,
        Err(error) => {
            let reason = format!("{error:#}");
            let value = json!({ "verified": false, "reason": reason });
            context.answer(&format!("NOT VERIFIED\n  {reason}"), &value)?;
            return Err(AnswerIsNo.into());
        }
    };
    let mut value = serde_json::to_value(&report)?;
    value["verified"] = report.signer_trusted.into();
    context.answer(&words(&report), &value)?;
    if report.signer_trusted { Ok(()) } else { Err(AnswerIsNo.into()) }
}

/// Reads trusted keys from a file, or from the argument itself.
pub(crate) fn trusted_keys(given: &str) -> anyhow::Result<TrustedKeys> {
    let path = Path::new(given);
    let text = if path.is_file() {
        std::fs::read_to_string(path).with_context(|| format!("read {given}"))?
    } else if given.contains('+') {
        given.to_owned()
    } else {
        return Err(WrongInput(format!("--trust {given}: no such file, and not a key")).into());
    };
    Ok(TrustedKeys::parse(&text)?)
}

/// Verifies whatever lies at a path.
pub(crate) fn check(path: &Path, trusted: Option<&TrustedKeys>) -> anyhow::Result<Report> {
    if artifact::is_model(path) {
        return Ok(artifact::verify(path, trusted, None)?);
    }
    if path.is_dir() {
        return Ok(verify_release(path, trusted)?);
    }
    let bytes = read_file(path)?;
    let value: Value = serde_json::from_slice(&bytes)
        .map_err(|error| WrongInput(format!("{} is not JSON: {error}", path.display())))?;
    if prove::is_proof(&value) {
        return Ok(prove::verify_proof(&value, trusted)?);
    }
    if states::is_proof(&value) {
        let facts = states::verify(&value, trusted.map(|keys| (&keys.operator, &keys.log)))?;
        let mut held = vec!["enrolment", "log", "enrolled before the epoch", "state tree"];
        if trusted.is_some() {
            held.insert(0, "signature");
        }
        return Ok(Report {
            what: "state",
            shows: words_of_state(&facts),
            held,
            signer_trusted: trusted.is_some(),
        });
    }
    let receipt = Receipt::from_value(&value)?;
    let facts = match trusted {
        Some(trusted) => receipt.verify(&trusted.operator, &trusted.log)?,
        None => receipt.verify_integrity()?,
    };
    let mut held = vec!["record", "log"];
    if trusted.is_some() {
        held.insert(0, "signature");
    }
    Ok(Report {
        what: "receipt",
        shows: format!("the log holds this record at position {}", facts.position),
        held,
        signer_trusted: trusted.is_some(),
    })
}

/// Reads a receipt file.
pub(crate) fn read_receipt(path: &Path) -> anyhow::Result<Receipt> {
    Receipt::parse(&read_file(path)?).with_context(|| format!("read {}", path.display()))
}

/// What a state proof shows, in a sentence.
pub(crate) fn words_of_state(facts: &StateFacts) -> String {
    let (purpose, epoch) = (facts.purpose, facts.epoch.epoch);
    let stood = match &facts.stated {
        Some(stated) => format!("the holder's choice about {purpose} was `{}`", stated.state),
        None => format!("the holder had made no choice about {purpose}: there was no yes"),
    };
    format!("{stood} at epoch {epoch}, by all acts before {} in the log", facts.position)
}

fn words(report: &Report) -> String {
    let verdict = if report.signer_trusted {
        "VERIFIED".to_owned()
    } else {
        "integrity only, signer unknown\n  hint: give the operator's keys with --trust, from a source you trust"
            .to_owned()
    };
    format!("{verdict}\n  {}\n  checked: {}", report.shows, report.held.join(", "))
}

pub(crate) fn read_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    let reading = || format!("read {}", path.display());
    let metadata = std::fs::metadata(path).with_context(reading)?;
    // A pipe or a device may never end.
    if !metadata.is_file() {
        return Err(WrongInput(format!("{} is not a regular file", path.display())).into());
    }
    if metadata.len() > PROOF_BYTES_MAX as u64 {
        let text = format!("{} has {} bytes, too many", path.display(), metadata.len());
        return Err(WrongInput(text).into());
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).with_context(reading)?;
    file.take(PROOF_BYTES_MAX as u64).read_to_end(&mut bytes).with_context(reading)?;
    Ok(bytes)
}
