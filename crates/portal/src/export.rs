//! Everything that is held of a person, as one document and as a page to read: for the person alone.

use std::io::{Cursor, Write};

use candor_release::assemble;
use candor_vault::{Export, Subject};
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::refusal::Refusal;

mod html;

pub use html::export_page;

/// Everything as one JSON document, in the format `candor-export-1`.
pub fn export_document(subject: &Subject, export: &Export) -> Value {
    let events: Vec<Value> = export
        .events
        .iter()
        .map(|event| {
            json!({
                "purpose": event.purpose,
                "state": event.state,
                "effective_at": event.effective_at,
                "recorded_at": event.recorded_at,
                "attested_by": event.attested_by,
            })
        })
        .collect();
    let conversations: Vec<Value> = export
        .conversations
        .iter()
        .map(|(id, turns)| {
            let turns: Vec<Value> = turns
                .iter()
                .map(|(turn, parts)| {
                    let purposes: Vec<_> = turn.bindings.iter().map(|binding| binding.purpose).collect();
                    json!({
                        "role": turn.role,
                        "said_at": turn.said_at,
                        "yours": turn.author.is_some(),
                        "kept_for": purposes,
                        "text": assemble::content(parts),
                    })
                })
                .collect();
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
        "conversations": conversations,
        "replies_not_shown_because_others_wrote_before_them": export.joint_turns,
    })
}

/// The document and the page, in an archive.
pub(crate) fn archive(document: &Value) -> Result<Vec<u8>, Refusal> {
    let write = || -> zip::result::ZipResult<Vec<u8>> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default();
        archive.start_file("export.json", options)?;
        archive.write_all(format!("{document:#}\n").as_bytes())?;
        archive.start_file("export.html", options)?;
        archive.write_all(export_page(document).as_bytes())?;
        Ok(archive.finish()?.into_inner())
    };
    write().map_err(|_| Refusal::Broken("write an export"))
}
