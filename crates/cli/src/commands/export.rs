//! `candor export`: everything of one person, for that person.

use std::path::PathBuf;

use anyhow::Context as _;
use candor_consent::AccessPermit;
use candor_portal::{export_document, export_page};
use candor_vault::durable;
use serde_json::json;

use super::person::PersonArguments;
use crate::context::Context;
use crate::failure::WrongInput;

/// Give a person everything that is held of them: JSON for machines, HTML to read
///
/// Holds their profile, choices, receipts and turns, and the replies that nobody else's words went into.
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
    let value = export_document(&subject, &export);
    std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let files = [("export.json", format!("{value:#}\n")), ("export.html", export_page(&value))];
    for (name, text) in files {
        let path = folder.join(name);
        durable::write_file(&path, text.as_bytes(), 0o600)
            .with_context(|| format!("write {}", path.display()))?;
    }
    let conversations = export.conversations.len();
    let text = format!(
        "wrote {conversations} conversations and {} receipts of {} into {}",
        export.receipts.len(),
        arguments.person.subject,
        folder.display()
    );
    context.answer(&text, &json!({ "folder": folder, "conversations": conversations }))
}
