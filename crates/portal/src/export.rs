//! Everything that is held of a person, as one document and as a page to read: for the person alone.

use std::io::{Cursor, Write};

use candor_conversation::{Attachment, File, Held, Part};
use candor_vault::{Export, Filed, StoredTurn, Subject};
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::refusal::Refusal;

mod files;
mod html;

pub use files::{WrittenFiles, export_files};
pub(crate) use files::{extension, media_type};
pub use html::export_page;

/// Everything as one JSON document, in the format `candor-export-1`; `written` says where its files are.
pub fn export_document(subject: &Subject, export: &Export, written: &WrittenFiles) -> Value {
    let events: Vec<Value> = export
        .events
        .iter()
        .map(|(event, attested_by)| {
            json!({
                "purpose": event.purpose,
                "state": event.state,
                "effective_at": event.effective_at,
                "recorded_at": event.recorded_at,
                "attested_by": attested_by,
            })
        })
        .collect();
    let conversations: Vec<Value> = export
        .conversations
        .iter()
        .map(|(id, turns)| {
            let turns: Vec<Value> =
                turns.iter().map(|(turn, parts)| turn_value(turn, parts, written)).collect();
            json!({ "conversation": id.to_string(), "turns": turns })
        })
        .collect();
    json!({
        "format": "candor-export-1",
        "subject": subject.profile.name,
        "tenant": subject.tenant,
        "id": subject.id.to_string(),
        "tier": subject.profile.tier,
        "region": subject.profile.region,
        "age": subject.profile.age,
        "enrolled_at": subject.enrolled_at,
        "choices": events,
        "receipts": export.receipts.iter().map(|receipt| receipt.to_value()).collect::<Vec<_>>(),
        "requests": export.requests.iter().map(request_value).collect::<Vec<_>>(),
        "conversations": conversations,
        "replies_not_shown_because_others_wrote_before_them": export.joint_turns,
    })
}

fn request_value(filed: &Filed) -> Value {
    json!({
        "request": filed.request.id,
        "kind": filed.request.kind,
        "state": filed.request.state,
        "received_at": filed.request.clock.received_at,
        "closed_at": filed.request.closed_at,
        "said": filed.details,
    })
}

fn turn_value(turn: &StoredTurn, parts: &[Part], written: &WrittenFiles) -> Value {
    let text: Vec<String> = parts.iter().map(part_text).collect();
    let purposes: Vec<_> = turn.bindings.iter().map(|binding| binding.purpose).collect();
    let attachments = parts.iter().filter_map(|part| match part {
        Part::Attachment(attachment) => Some(attachment_value(attachment, written)),
        Part::Text(_) | Part::ToolCall { .. } => None,
    });
    json!({
        "role": turn.role,
        "said_at": turn.said_at,
        "yours": turn.author.is_some(),
        "complete": turn.complete,
        "kept_for": purposes,
        "text": text.join("\n"),
        "attachments": attachments.collect::<Vec<_>>(),
    })
}

/// What is held of an image, recording or document: `file` is where it lies in the export, `reference` where it was
/// when it was said.
fn attachment_value(attachment: &Attachment, written: &WrittenFiles) -> Value {
    let digest = attachment.file().map(File::digest);
    let reference = match &attachment.held {
        Held::Reference(reference) => Some(reference),
        Held::File(_) | Held::Nothing => None,
    };
    json!({
        "kind": attachment.kind,
        "media_type": attachment.media_type,
        "name": attachment.name,
        "sha256": digest,
        "file": digest.and_then(|digest| written.get(&digest)),
        "reference": reference,
    })
}

fn part_text(part: &Part) -> String {
    match part {
        Part::Text(text) => text.clone(),
        Part::ToolCall { name, arguments } => format!("{name}({arguments})"),
        Part::Attachment(attachment) => format!("[{}]", attachment.kind),
    }
}

/// The document, the page and the files, in an archive.
pub(crate) fn archive(document: &Value, files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, Refusal> {
    let write = || -> zip::result::ZipResult<Vec<u8>> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default();
        archive.start_file("export.json", options)?;
        archive.write_all(format!("{document:#}\n").as_bytes())?;
        archive.start_file("export.html", options)?;
        archive.write_all(export_page(document).as_bytes())?;
        for (place, bytes) in files {
            archive.start_file(place, options)?;
            archive.write_all(bytes)?;
        }
        Ok(archive.finish()?.into_inner())
    };
    write().map_err(|_| Refusal::Broken("write an export"))
}
