//! `candor init`: a new data directory.

use std::path::Path;

use anyhow::Context as _;
use candor_vault::{CatalogueUrl, Vault, VaultError, durable};
use serde_json::json;

use crate::config::{Config, TEMPLATE};
use crate::context::Context;

/// Make a data directory: catalogue, keys, log, and a draft notice to edit
///
/// The folder must not exist or be empty; nothing is ever overwritten. Keep a copy of keys/master.key somewhere
/// safe and apart from backups of the rest: without it nothing opens.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Name of the operator in keys and log, best a domain name you own
    #[arg(long, default_value = "candor.example", value_name = "NAME")]
    name: String,
    /// Where the catalogue is: a file of the data directory, or postgres://USER@HOST/DATABASE
    ///
    /// A password stands in a file that the URL names: `?password_file=/path`. See docs/catalogue.md.
    #[arg(long, default_value_t, value_name = "URL")]
    catalogue: CatalogueUrl,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let vault = create(&context.data, (&arguments.name, &arguments.catalogue), context)?;
    let root = vault.root().display();
    let text = format!(
        "made {root}\n  keys/master.key       keep a copy apart; without it nothing opens\n  \
         notices/draft.toml    edit it, then `candor notice publish {root}/notices/draft.toml`\n  \
         notices/providers.toml  how the big providers ship it, to compare\n  \
         candor.toml           settings\n  trust.keys            give this to auditors"
    );
    context.answer(&text, &json!({ "data": context.data, "public_keys": vault.public_keys() }))
}

/// Makes a data directory with its draft notices and settings. It grows beside its place and is moved there when
/// it is whole, so that an interrupted `init` can be run again.
pub(crate) fn create(
    data: &Path,
    (name, catalogue): (&str, &CatalogueUrl),
    context: &Context,
) -> anyhow::Result<Vault> {
    if std::fs::read_dir(data).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(VaultError::Exists(data.to_owned()).into());
    }
    let mut growing = data.file_name().unwrap_or_default().to_owned();
    growing.push(".partial");
    let growing = data.with_file_name(growing);
    if growing.join("keys").is_dir() {
        std::fs::remove_dir_all(&growing).with_context(|| format!("remove {}", growing.display()))?;
    }
    drop(Vault::create_with(&growing, name, catalogue, &mut context.entropy()?)?);
    let notices = growing.join("notices");
    std::fs::create_dir(&notices).with_context(|| format!("make {}", notices.display()))?;
    let files = [
        (notices.join("draft.toml"), candor_consent::examples::OURS),
        (notices.join("providers.toml"), candor_consent::examples::PROVIDERS),
        (Config::path(&growing), TEMPLATE),
    ];
    for (path, text) in files {
        durable::write_file(&path, text.as_bytes(), 0o644)
            .with_context(|| format!("write {}", path.display()))?;
    }
    std::fs::rename(&growing, data).with_context(|| format!("move {}", growing.display()))?;
    durable::sync_directory_of(data).with_context(|| format!("sync {}", data.display()))?;
    Ok(Vault::open(data)?)
}
