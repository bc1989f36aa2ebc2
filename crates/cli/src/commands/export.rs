//! `candor export`: everything of one person, for that person.

use std::path::PathBuf;

use anyhow::Context as _;
use candor_consent::AccessPermit;
use candor_conversation::{Attachment, File, Held, Part};
use candor_vault::{Export, StoredTurn, Subject, durable};
use serde_json::{Value, json};

use self::files::Written;
use super::person::PersonArguments;
use crate::context::Context;
use crate::failure::WrongInput;

mod files;
mod html;

/// Give a person everything that is held of them: JSON for machines, HTML to read
///
/// Holds their profile, choices, receipts and turns with the files that were kept of them, and the replies that
/// nobody else's words went into.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    person: PersonArguments,
    /// Folder to write into; must not exist
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let vault = context.vault()?;
    let subject = arguments.person.find(context, &vault)?;
    let folder = &arguments.folder;
    if folder.exists() {
        return Err(WrongInput(format!("{} exists; name a new folder", folder.display())).into());
    }
    let permit = AccessPermit::for_own(subject.id, subject.id)
        .ok_or_else(|| WrongInput("a person may read only their own".into()))?;
    let export = vault.export(&subject, &permit)?;
    std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let written = files::write(&vault, (&subject, &permit), folder)?;
    let value = value(&subject, &export, &written);
    let documents = [("export.json", format!("{value:#}\n")), ("export.html", html::page(&value))];
    for (name, text) in documents {
        let path = folder.join(name);
        durable::write_file(&path, text.as_bytes(), 0o600)
            .with_context(|| format!("write {}", path.display()))?;
    }
    let conversations = export.conversations.len();
    let text = format!(
        "wrote {conversations} conversations, {} files and {} receipts of {} into {}",
        written.len(),
        export.receipts.len(),
        arguments.person.subject,
        folder.display()
    );
    let files = written.len();
    context.answer(&text, &json!({ "folder": folder, "conversations": conversations, "files": files }))
}

/// Everything as one JSON document.
fn value(subject: &Subject, export: &Export, written: &Written) -> Value {
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
        "conversations": conversations,
        "replies_not_shown_because_others_wrote_before_them": export.joint_turns,
    })
}

fn turn_value(turn: &StoredTurn, parts: &[Part], written: &Written) -> Value {
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
fn attachment_value(attachment: &Attachment, written: &Written) -> Value {
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
