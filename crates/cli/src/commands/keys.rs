//! `candor keys`: show the public ones, rotate the secret ones.

use serde_json::json;

use crate::context::Context;

/// Public keys for auditors, and the rotation of the vault's own
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Print the public keys with which receipts, releases and the log verify
    Show,
    /// Start a new key epoch: wrap every person's key again and destroy the old epoch's key
    ///
    /// Whatever older copies of the catalogue (backups, write-ahead logs, dumps) hold of people who were erased
    /// since opens no more. Schedule it within the time you promise for erasure.
    Rotate,
}

pub(crate) fn run(context: &Context, command: &Command) -> anyhow::Result<()> {
    let mut vault = context.vault()?;
    match command {
        Command::Show => {
            let keys = vault.public_keys();
            context.answer(&keys, &json!(keys.lines().collect::<Vec<_>>()))
        }
        Command::Rotate => {
            let epoch = vault.rotate_epoch(context.now, &mut context.entropy()?)?;
            let text = format!("epoch {} is in force; the keys of earlier epochs are destroyed", epoch.0);
            context.answer(&text, &json!({ "epoch": epoch.0 }))
        }
    }
}
