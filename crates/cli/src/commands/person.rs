//! Naming a person on the command line, and handing them their receipts.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_conversation::{RequestId, TenantId};
use candor_vault::{Subject, Vault};

use crate::context::Context;

/// The person a command is about.
#[derive(clap::Args)]
pub(crate) struct PersonArguments {
    /// Your name for the person: their account id
    pub(crate) subject: String,
    /// Their tenant [default: the configured one]
    #[arg(long, value_name = "TENANT")]
    pub(crate) tenant: Option<TenantId>,
}

impl PersonArguments {
    /// The enrolled person.
    pub(crate) fn find(&self, context: &Context, vault: &Vault) -> anyhow::Result<Subject> {
        Ok(vault.subject(&context.tenant(self.tenant.as_ref())?, &self.subject)?)
    }
}

/// Where receipts wait to be handed to people, unless a folder is named.
pub(crate) fn receipts_folder(context: &Context, given: Option<&Path>) -> PathBuf {
    given.map_or_else(|| context.data.join("receipts"), Path::to_owned)
}

/// Writes all receipts of a person, one file each, into a folder of theirs; gives that folder.
pub(crate) fn write_receipts(vault: &Vault, subject: &Subject, folder: &Path) -> anyhow::Result<PathBuf> {
    let own = folder.join(subject.id.to_string());
    std::fs::create_dir_all(&own).with_context(|| format!("make {}", own.display()))?;
    for (number, receipt) in vault.receipts(subject)?.iter().enumerate() {
        let kind = if receipt.enrolment_nonce().is_some() { "enrolment" } else { "consent" };
        let path = own.join(format!("{number:04}-{kind}.receipt.json"));
        // A power cut may leave the name without the bytes, which were not forced to the disk.
        let written = std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() > 0);
        if number > 0 && written {
            continue;
        }
        let text = format!("{:#}\n", receipt.to_value());
        write_private(&path, text.as_bytes()).with_context(|| format!("write {}", path.display()))?;
    }
    Ok(own)
}

/// Writes the receipts of a request's steps, one file each; gives the folder.
pub(crate) fn write_request_receipts(vault: &Vault, id: RequestId, folder: &Path) -> anyhow::Result<PathBuf> {
    let own = folder.join(vault.request_folder(id)?);
    std::fs::create_dir_all(&own).with_context(|| format!("make {}", own.display()))?;
    for (number, (step, receipt)) in vault.request_receipts(id)?.iter().enumerate() {
        let path = own.join(format!("request-{id}-{number:02}-{step}.receipt.json"));
        let text = format!("{:#}\n", receipt.to_value());
        write_private(&path, text.as_bytes()).with_context(|| format!("write {}", path.display()))?;
    }
    Ok(own)
}

/// Removes the receipts of requests that were forgotten, of people who were not enrolled when they asked.
pub(crate) fn remove_forgotten_receipts(vault: &Vault, folder: &Path) -> anyhow::Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    let kept: Vec<RequestId> = vault.requests()?.iter().map(|filed| filed.request.id).collect();
    for entry in entries {
        let path = entry.with_context(|| format!("list {}", folder.display()))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let id = name.strip_prefix("request-").and_then(|id| id.parse::<RequestId>().ok());
        if id.is_some_and(|id| !kept.contains(&id)) {
            std::fs::remove_dir_all(&path).with_context(|| format!("remove {}", path.display()))?;
        }
    }
    Ok(())
}

/// Writes a file, whole or not at all, that only its owner reads. It is not forced to the disk: the vault can
/// issue it again.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension("partial");
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&temporary)?.write_all(bytes)?;
    std::fs::rename(&temporary, path)
}
