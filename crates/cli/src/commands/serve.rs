//! `candor serve`: the gateway.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use candor_deid::Engine;
use candor_gateway::identity::PagesSecret;
use candor_gateway::{Addresses, Edge, InProcess, Serve, Settings, SettingsError};
use candor_portal::{Bound, Running};
use candor_vault::Vault;

use super::witnessing::Witnessing;
use crate::context::Context;
use crate::edge;
use crate::failure::WrongInput;
use crate::reference::{self, Place};

/// Relay requests to models, unchanged, and keep only what each person agreed to
///
/// Clients speak to it as to OpenAI or Anthropic; every answer says in the header `candor-capture` what was decided
/// about keeping it. Settings are in gateway.toml of the data directory: `candor gateway init` writes one,
/// `candor gateway key` makes keys for clients. SIGHUP reads them again; SIGTERM lets running requests end, then
/// stops. Other commands can be used meanwhile: a choice counts for everything that is written after it.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The settings [default: gateway.toml in the data directory]
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// Steps of a training on the guided page, if not as many as `candor train` takes.
    #[arg(skip)]
    pub(crate) guide_steps: Option<u32>,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    serve(context, arguments, |_| {})
}

/// Serves, and tells where the pages are once they are there.
pub(crate) fn serve(
    context: &Context,
    arguments: &Arguments,
    shown: impl FnOnce(SocketAddr),
) -> anyhow::Result<()> {
    let settings_file =
        arguments.settings.clone().unwrap_or_else(|| super::gateway::settings_file(&context.data));
    if !settings_file.is_file() {
        let text = format!(
            "{} is missing\nhint: `candor gateway init` writes one with every setting explained",
            settings_file.display()
        );
        return Err(SettingsError::Value(text).into());
    }
    if !Vault::is_at(&context.data) {
        let text = format!("{} is no data directory\nhint: `candor init` makes one", context.data.display());
        return Err(WrongInput(text).into());
    }
    let settings = Settings::read(&settings_file)?;
    // Bound first: routes need its address. Settings that are read again later may name it, too.
    let reference = reference::Bound::to_loopback()?;
    let pages = super::portal::bind(context, (&settings, arguments.guide_steps), remark)?;
    let secret = context.entropy()?.bytes();
    let serve = Serve {
        data: &context.data,
        settings_file: &settings_file,
        engine: Engine::new(context.config.identifier_settings()?.for_streams()),
        entropy: context.entropy()?,
        edge: Edge { clock: || edge::now(None), notes: remark },
        events: None,
        in_process: InProcess {
            pages: pages.is_some().then_some(PagesSecret(secret)),
            reference: Some(reference.address()),
        },
    };
    let reference = reference.start(reference_place(context, settings.reference.models))?;
    let witnessing = Witnessing::start(&context.data, remark).context("have the log witnessed")?;
    let mut running = None;
    let served = candor_gateway::run(serve, |addresses| {
        running = start(context, pages, (addresses, secret));
        if let Some(running) = &running {
            shown(running.address());
        }
    });
    if let Some(running) = running {
        running.stop().context("stop the pages")?;
    }
    if let Some(witnessing) = witnessing {
        witnessing.stop().context("stop asking witnesses")?;
    }
    reference.stop().context("stop the reference model")?;
    Ok(served?)
}

/// Where the built-in model finds what it learned.
fn reference_place(context: &Context, models: PathBuf) -> Place {
    Place {
        models,
        releases: context.data.join("releases"),
        trust: context.data.join("trust.keys"),
        clock: || edge::now(None),
        notes: remark,
    }
}

/// Starts the pages, if there are any, and tells where everything is.
fn start(
    context: &Context,
    pages: Option<Bound>,
    (Addresses { clients, admin }, secret): (Addresses, [u8; 32]),
) -> Option<Running> {
    let running = match pages.map(|pages| pages.start((clients, secret))).transpose() {
        Ok(running) => running,
        Err(error) => {
            remark(&format!("no pages: {error}"));
            None
        }
    };
    if let Some(running) = &running {
        context.tell(&format!("people: http://{}", running.address()));
    }
    context.tell(&format!(
        "clients: {clients}\noperator: http://{admin}/healthz, /readyz, /metrics, /routes, /guard/report, /openapi.json"
    ));
    running
}

/// Tells the operator something, one line on standard error.
pub(crate) fn remark(text: &str) {
    // Nothing can be done if standard error is gone.
    let _ = writeln!(std::io::stderr().lock(), "candor: {text}");
}
