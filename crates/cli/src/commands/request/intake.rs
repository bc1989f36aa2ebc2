//! `candor request open`: from flags, or from a file in the form of the Data Rights Protocol.

use std::path::Path;

use anyhow::Context as _;
use candor_consent::Purpose;
use candor_consent::request::{Regime, Request, RequestKind};
use candor_conversation::{RequestId, Timestamp};
use candor_vault::{Filed, Known};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{OpenArguments, show};
use crate::commands::person::{receipts_folder, write_request_receipts};
use crate::context::Context;
use crate::failure::WrongInput;

/// Longest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// A request as the Data Rights Protocol 1.0 writes it, without its envelope: who signed it is for the endpoint to check
/// that took it in. `subject`, and more words for `exercise` and `regime`, are ours.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Document {
    exercise: Exercise,
    regime: Option<Regime>,
    /// The operator's name for the person.
    subject: Option<String>,
    agent_id: Option<String>,
    business_id: Option<String>,
    agent_request_id: Option<String>,
    issued_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    #[serde(rename = "drp.version")]
    version: Option<String>,
    #[serde(default)]
    relationships: Vec<String>,
    #[serde(rename = "status_callback")]
    status_callback: Option<String>,
    name: Option<String>,
    email: Option<String>,
    #[serde(rename = "email_verified")]
    email_verified: Option<bool>,
    #[serde(rename = "phone_number")]
    phone_number: Option<String>,
    #[serde(rename = "phone_number_verified")]
    phone_number_verified: Option<bool>,
    address: Option<Value>,
    #[serde(rename = "address_verified")]
    address_verified: Option<bool>,
}

/// The right that is exercised.
#[derive(Clone, Copy, Deserialize, Serialize)]
enum Exercise {
    #[serde(rename = "access", alias = "access:categories", alias = "access:specific")]
    Access,
    #[serde(rename = "portability")]
    Portability,
    #[serde(rename = "deletion")]
    Deletion,
    #[serde(rename = "sale:opt-out", alias = "objection")]
    OptOut,
    #[serde(rename = "x-train:opt-out")]
    TrainOptOut,
    #[serde(rename = "restriction")]
    Restriction,
}

/// What is to be filed.
struct Intake {
    name: String,
    kind: RequestKind,
    purposes: Vec<Purpose>,
    regime: Option<Regime>,
    details: Value,
}

pub(super) fn open(context: &Context, arguments: &OpenArguments) -> anyhow::Result<()> {
    let intake = match &arguments.json {
        Some(file) => from_file(file, arguments, context.now)?,
        None => from_flags(arguments)?,
    };
    let mut vault = context.vault()?;
    let mut entropy = context.entropy()?;
    let tenant = context.tenant(arguments.tenant.as_ref())?;
    let known = match vault.known(&tenant, &intake.name)? {
        Known::Subject(subject) => subject.profile.region,
        Known::Erased | Known::Nobody => None,
    };
    let region = arguments.region.as_ref().or(known.as_ref());
    let law = (intake.kind, intake.regime.unwrap_or_else(|| Regime::of(region)));
    let id = RequestId::from_bytes(entropy.bytes());
    let received_at = arguments.received_at.unwrap_or(context.now);
    let mut request = Request::open(id, law, received_at, context.now)?;
    if !intake.purposes.is_empty() {
        request.purposes = intake.purposes;
    }
    let filed = Filed { request, tenant, name: intake.name, details: intake.details };
    vault.open_request(&filed, context.now, &mut entropy)?;
    let receipts = write_request_receipts(&vault, id, &receipts_folder(context, None))?;
    show::answer(context, &filed, &receipts)
}

fn from_flags(arguments: &OpenArguments) -> anyhow::Result<Intake> {
    let (Some(name), Some(kind)) = (arguments.subject.clone(), arguments.kind) else {
        return Err(WrongInput("name the person and --kind, or a file with --json".into()).into());
    };
    if kind != RequestKind::Objection && !arguments.purposes.is_empty() {
        return Err(WrongInput(format!("--purpose is for an objection, and this is {kind}")).into());
    }
    let details = json!({ "said": arguments.said });
    Ok(Intake { name, kind, purposes: arguments.purposes.clone(), regime: arguments.regime, details })
}

fn from_file(file: &Path, arguments: &OpenArguments, now: Timestamp) -> anyhow::Result<Intake> {
    let reading = || format!("read {}", file.display());
    let size = std::fs::metadata(file).with_context(reading)?.len();
    if size > FILE_BYTES_MAX {
        let text = format!("{} has {size} bytes, more than {FILE_BYTES_MAX}", file.display());
        return Err(WrongInput(text).into());
    }
    let text = std::fs::read_to_string(file).with_context(reading)?;
    let document: Document =
        serde_json::from_str(&text).map_err(|error| WrongInput(format!("{}: {error}", file.display())))?;
    if let Some(expired) = document.expires_at.filter(|expires_at| *expires_at < now) {
        let text = format!("{}: the request expired at {expired}", file.display());
        return Err(WrongInput(format!("{text}\nhint: ask whoever sent it to send it again")).into());
    }
    let told = [&document.subject, &document.email, &document.phone_number, &document.name];
    let name = arguments.subject.as_ref().or_else(|| told.into_iter().flatten().next()).cloned();
    let name = name.ok_or_else(|| {
        WrongInput(format!(
            "{}: nothing says whose it is\nhint: name the person before --json",
            file.display()
        ))
    })?;
    let (kind, purposes) = match document.exercise {
        Exercise::Access => (RequestKind::Access, Vec::new()),
        Exercise::Portability => (RequestKind::Portability, Vec::new()),
        Exercise::Deletion => (RequestKind::Erasure, Vec::new()),
        Exercise::OptOut => (RequestKind::Objection, Vec::new()),
        Exercise::TrainOptOut => (RequestKind::Objection, vec![Purpose::Train]),
        Exercise::Restriction => (RequestKind::Restriction, Vec::new()),
    };
    let regime = document.regime;
    let details = serde_json::to_value(&document).context("write the request")?;
    Ok(Intake { name, kind, purposes, regime, details })
}
