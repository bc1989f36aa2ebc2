//! `candor export`: everything of one person, for that person.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_consent::AccessPermit;
use candor_portal::{export_document, export_files, export_page};
use candor_tlog::hash::Hash;
use candor_vault::{Subject, Vault, durable};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::person::PersonArguments;
use crate::context::Context;
use crate::failure::WrongInput;

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
    let Written { conversations, files, receipts, .. } = write_export(&vault, &subject, folder)?;
    let text = format!(
        "wrote {conversations} conversations, {files} files and {receipts} receipts of {} into {}",
        arguments.person.subject,
        folder.display()
    );
    context.answer(&text, &json!({ "folder": folder, "conversations": conversations, "files": files }))
}

/// What an export holds.
pub(crate) struct Written {
    pub(crate) conversations: usize,
    pub(crate) files: usize,
    pub(crate) receipts: usize,
    /// SHA-256 of its document.
    pub(crate) digest: Hash,
}

/// Writes everything of a person into a new folder.
pub(crate) fn write_export(vault: &Vault, subject: &Subject, folder: &Path) -> anyhow::Result<Written> {
    if folder.exists() {
        return Err(WrongInput(format!("{} exists; name a new folder", folder.display())).into());
    }
    let permit = AccessPermit::for_own(subject.id, subject.id)
        .ok_or_else(|| WrongInput("a person may read only their own".into()))?;
    let export = vault.export(subject, &permit)?;
    std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let written = export_files(vault, (subject, &permit), |place, bytes| {
        let path = folder.join(place);
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        made.and_then(|()| durable::write_file(&path, bytes, 0o600))
            .with_context(|| format!("write {}", path.display()))
    })?;
    let value = export_document(subject, &export, &written);
    let json = format!("{value:#}\n");
    let digest = Hash(Sha256::digest(&json).into());
    let documents = [("export.json", json), ("export.html", export_page(&value))];
    for (name, text) in documents {
        let path = folder.join(name);
        durable::write_file(&path, text.as_bytes(), 0o600)
            .with_context(|| format!("write {}", path.display()))?;
    }
    Ok(Written {
        conversations: export.conversations.len(),
        files: written.len(),
        receipts: export.receipts.len(),
        digest,
    })
}
