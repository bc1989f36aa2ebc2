//! `candor witness`: signing for other logs.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use anyhow::Context as _;
use candor_tlog::note::KeyName;
use candor_witness::Witness;
use serde_json::json;

use super::serve::remark;
use crate::context::Context;
use crate::edge;
use crate::failure::WrongInput;

/// Sign for other operators' logs that they only append (C2SP tlog-witness)
///
/// A witness has a folder and a key of its own, and needs no data directory.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Make a witness's folder and key
    Init {
        /// The folder
        folder: PathBuf,
        /// What the witness is called in signatures, such as witness.example.org
        #[arg(long)]
        name: String,
    },
    /// Answer POST /add-checkpoint for the logs in logs.keys of the folder
    Serve {
        /// The folder
        folder: PathBuf,
        /// Address and port; put a server with TLS before it that the world may reach
        #[arg(long, default_value = "127.0.0.1:7878", value_name = "ADDRESS")]
        listen: SocketAddr,
    },
}

pub(crate) fn run(context: &Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Init { folder, name } => {
            let name: KeyName = name.parse().map_err(|error| WrongInput(format!("{error}")))?;
            let key = Witness::create(folder, name, &context.entropy()?.bytes())?;
            let text = format!(
                "{key}\nhint: give this key to the operators of the logs, and put theirs into {}",
                folder.join("logs.keys").display()
            );
            context.answer(&text, &json!({ "key": key.to_string(), "folder": folder }))
        }
        Command::Serve { folder, listen } => {
            let witness = Witness::open(folder)?;
            let listener = TcpListener::bind(listen).with_context(|| format!("listen on {listen}"))?;
            let address = listener.local_addr()?;
            let logs: Vec<&str> = witness.logs().collect();
            if logs.is_empty() {
                remark(&format!(
                    "no log is known\nhint: put verifier keys into {}",
                    folder.join("logs.keys").display()
                ));
            }
            context.tell(&format!("witness {}: http://{address}", witness.key().name()));
            candor_witness::serve(witness, listener, || edge::now(None), remark).context("serve")
        }
    }
}
