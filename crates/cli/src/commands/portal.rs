//! `candor portal`: the settings of the pages.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_portal::{Bound, Edge, Open, Portal, Settings, TEMPLATE};
use serde_json::json;

use crate::context::Context;
use crate::edge;
use crate::failure::WrongInput;

/// The pages for people: their choices, what is kept of theirs, and a chat
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Write portal.toml with every setting explained; `candor serve` then shows the pages
    Init,
    /// Check portal.toml without serving
    Check,
}

/// Where the settings are.
pub(crate) fn settings_file(data: &Path) -> PathBuf {
    data.join("portal.toml")
}

pub(crate) fn run(context: &Context, command: &Command) -> anyhow::Result<()> {
    let file = settings_file(&context.data);
    match command {
        Command::Init => {
            if file.exists() {
                let text = format!("{} is there already\nhint: edit it, or remove it first", file.display());
                return Err(WrongInput(text).into());
            }
            std::fs::write(&file, TEMPLATE).with_context(|| format!("write {}", file.display()))?;
            let text = format!("wrote {}; `candor serve` shows the pages from now on", file.display());
            context.answer(&text, &json!({ "settings": file }))
        }
        Command::Check => {
            let settings = Settings::read(&file)?;
            let text = format!("{} is good; pages are on http://{}", file.display(), settings.listen);
            context.answer(&text, &json!({ "settings": file, "listen": settings.listen }))
        }
    }
}

/// Takes the address of the pages of a data directory whose settings ask for them, beside a gateway with these settings.
pub(crate) fn bind(
    context: &Context,
    (gateway, guide_steps): (&candor_gateway::Settings, Option<u32>),
    notes: fn(&str),
) -> anyhow::Result<Option<Bound>> {
    let file = settings_file(&context.data);
    if !file.is_file() {
        return Ok(None);
    }
    let settings = Settings::read(&file)?;
    if gateway.tls.is_some() && settings.gateway.is_none() {
        let text = format!(
            "{}: the chat page speaks plain HTTP to the gateway of its own process, which has [tls]\nhint: name the \
             gateway as its certificate does, `gateway = \"https://chat.example.org\"`, with a key from `candor gateway \
             key pages --hints` in `gateway_key_file`; or let a proxy speak TLS, and take out [tls]",
            file.display()
        );
        return Err(WrongInput(text).into());
    }
    let open = Open {
        data: &context.data,
        settings,
        entropy: context.entropy()?,
        guide: Some(super::guide::guide(&context.data, guide_steps)),
        making: context.config.making(&context.data)?,
        edge: Edge { clock: || edge::now(None), notes },
    };
    Ok(Some(Bound::to_address(Portal::open(open)?)?))
}
