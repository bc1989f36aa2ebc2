//! `candor request list` and `show`.

use std::path::Path;

use candor_consent::request::Identity;
use candor_conversation::{RequestId, Timestamp};
use candor_vault::Filed;
use serde_json::{Value, json};

use crate::commands::person::{receipts_folder, write_request_receipts};
use crate::context::{Context, table};
use crate::failure::AnswerIsNo;

pub(super) fn list(context: &Context, only_overdue: bool) -> anyhow::Result<()> {
    let vault = context.vault()?;
    let now = context.now;
    let mut requests = vault.requests()?;
    requests.sort_by_key(|filed| {
        let request = &filed.request;
        (!request.is_overdue(now), request.state.is_final(), request.due_at(now), request.id)
    });
    requests.retain(|filed| !only_overdue || filed.request.is_overdue(now));
    let mut rows = vec![["request", "kind", "whose", "state", "due"].map(str::to_owned).to_vec()];
    for Filed { request, name, .. } in &requests {
        let late = if request.is_overdue(now) { " OVERDUE" } else { "" };
        rows.push(vec![
            request.id.to_string(),
            request.kind.to_string(),
            name.clone(),
            state_words(request),
            format!("{}{late}", request.due_at(now)),
        ]);
    }
    let forgotten = vault.forgotten_requests()?;
    let mut text = if requests.is_empty() { "no requests".to_owned() } else { table(&rows) };
    let count: u64 = forgotten.iter().map(|tally| tally.forgotten).sum();
    if count > 0 && !only_overdue {
        text += &format!("\n  {count} more were forgotten, with their people or with time");
    }
    let listed: Vec<Value> = requests.iter().map(|filed| value_of(filed, now)).collect();
    let value = json!({ "requests": listed, "forgotten": forgotten });
    context.answer(&text, &value)?;
    if only_overdue && !requests.is_empty() { Err(AnswerIsNo.into()) } else { Ok(()) }
}

pub(super) fn show(context: &Context, id: RequestId, receipts: Option<&Path>) -> anyhow::Result<()> {
    let vault = context.vault()?;
    let filed = vault.request(id)?;
    let receipts = write_request_receipts(&vault, id, &receipts_folder(context, receipts))?;
    answer(context, &filed, &receipts)
}

/// Answers with one request.
pub(super) fn answer(context: &Context, filed: &Filed, receipts: &Path) -> anyhow::Result<()> {
    let (request, now) = (&filed.request, context.now);
    let mut text = format!(
        "request {}: {} of {} is {}\n  came {}, {} {} ({})",
        request.id,
        request.kind,
        filed.name,
        state_words(request),
        request.clock.received_at,
        if request.state.is_final() { "was due" } else { "due" },
        request.due_at(now),
        request.regime
    );
    if request.is_overdue(now) {
        text += "\n  OVERDUE";
    }
    if request.needs_verification() {
        text += &format!("\n  next: `candor request verify-identity {} --method HOW`", request.id);
    }
    text += &format!("\n  receipts in {}", receipts.display());
    let mut value = value_of(filed, now);
    value["details"] = filed.details.clone();
    value["receipts"] = json!(receipts);
    context.answer(&text, &value)
}

/// The state in words, with the reason where there is one.
fn state_words(request: &candor_consent::request::Request) -> String {
    match reason_of(request) {
        Some(reason) => format!("{} ({reason})", request.state),
        None => request.state.to_string(),
    }
}

/// The reason that the protocol gives beside a state.
fn reason_of(request: &candor_consent::request::Request) -> Option<&'static str> {
    let waits = request.needs_verification().then_some("need_user_verification");
    request.denial.map(|denial| denial.as_str()).or(waits)
}

fn value_of(filed: &Filed, now: Timestamp) -> Value {
    let request = &filed.request;
    let method = match &request.identity {
        Identity::Verified { method } => Some(method),
        Identity::Unverified | Identity::Asked { .. } | Identity::Failed => None,
    };
    json!({
        "request": request.id,
        "kind": request.kind,
        "regime": request.regime,
        "purposes": request.purposes,
        "subject": filed.name,
        "tenant": filed.tenant,
        "state": request.state,
        "reason": reason_of(request),
        "identity_verified_by": method,
        "received_at": request.clock.received_at,
        "due_at": request.due_at(now),
        "extended": request.clock.extended,
        "overdue": request.is_overdue(now),
        "closed_at": request.closed_at,
    })
}
