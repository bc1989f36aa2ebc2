//! `candor gateway`: the settings of the gateway, and keys for its clients.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_conversation::TenantId;
use candor_gateway::identity::{NewKey, UpstreamCredential, new_operator_key};
use candor_gateway::{Settings, TEMPLATE, add_key, revoke_key, set_operator_key};
use candor_vault::durable;
use serde_json::json;

use crate::context::Context;
use crate::failure::WrongInput;

/// Set up the gateway that `candor serve` runs
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Write gateway.toml into the data directory, every setting at its default and explained
    Init,
    /// Say whether gateway.toml can be used, with all files it names
    Check,
    /// Make a key for a client, and enter its hash in gateway-keys.toml; the key itself is shown once and kept nowhere
    Key(KeyArguments),
    /// Take back a key that `candor gateway key` or the operator's interface made
    Revoke {
        /// What it is called
        name: String,
    },
    /// Make the key with which an operator makes and revokes keys, reloads and drains a running gateway over HTTP; it is
    /// shown once, and the one before counts no more
    OperatorKey,
}

#[derive(clap::Args)]
pub(crate) struct KeyArguments {
    /// What it is called in logs and metrics
    name: String,
    /// The tenant for whom it speaks [default: the configured one]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<TenantId>,
    /// The one person who uses it
    #[arg(long, value_name = "NAME", conflicts_with = "hints")]
    subject: Option<String>,
    /// Believe the body about who is speaking: `user`, `safety_identifier` or `metadata.user_id`. For your own backend,
    /// which speaks for many people
    #[arg(long)]
    hints: bool,
    /// Requests a minute
    #[arg(long, value_name = "COUNT")]
    requests_per_minute: Option<std::num::NonZeroU32>,
}

/// Where the gateway's settings are.
pub(crate) fn settings_file(data: &Path) -> PathBuf {
    data.join("gateway.toml")
}

pub(crate) fn run(context: &Context, command: &Command) -> anyhow::Result<()> {
    let file = settings_file(&context.data);
    match command {
        Command::Init => init(context, &file),
        Command::Check => check(context, &file),
        Command::Key(arguments) => key(context, &file, arguments),
        Command::Revoke { name } => revoke(context, &file, name),
        Command::OperatorKey => operator_key(context, &file),
    }
}

fn init(context: &Context, file: &Path) -> anyhow::Result<()> {
    if file.exists() {
        return Err(WrongInput(format!("{} exists; nothing is overwritten", file.display())).into());
    }
    if !context.data.is_dir() {
        let text = format!("{} is no data directory\nhint: `candor init` makes one", context.data.display());
        return Err(WrongInput(text).into());
    }
    durable::write_file(file, TEMPLATE.as_bytes(), 0o600)
        .with_context(|| format!("write {}", file.display()))?;
    let text = format!(
        "wrote {}: say there where requests go\nnext: `candor gateway key NAME` makes a key for a client, \
         `candor serve` starts",
        file.display()
    );
    context.answer(&text, &json!({ "settings": file }))
}

fn check(context: &Context, file: &Path) -> anyhow::Result<()> {
    let settings = Settings::check_file(file)?;
    let routes: Vec<String> =
        settings.routes.iter().map(|route| format!("  {}  to {}", route.prefix, route.upstream)).collect();
    let text = format!("{} can be used\n{}", file.display(), routes.join("\n"));
    context.answer(&text, &json!({ "settings": file, "routes": routes.len() }))
}

fn key(context: &Context, file: &Path, arguments: &KeyArguments) -> anyhow::Result<()> {
    let tenant = context.tenant(arguments.tenant.as_ref())?;
    let wanted = NewKey {
        name: arguments.name.clone(),
        tenant: None,
        subject: arguments.subject.clone(),
        hints: arguments.hints,
        requests_per_minute: arguments.requests_per_minute,
        upstream: UpstreamCredential::Own,
    };
    let (key, made) = wanted.make(&tenant, context.entropy()?.bytes());
    add_key(file, made)?;
    let told = format!(
        "{key}\n\nshown once; clients send it as their API key. A running gateway knows it after SIGHUP."
    );
    context.answer(&told, &json!({ "name": arguments.name, "tenant": tenant.to_string(), "key": key }))
}

fn revoke(context: &Context, file: &Path, name: &str) -> anyhow::Result<()> {
    revoke_key(file, name)?;
    let told = format!("revoked `{name}`; a running gateway refuses it after SIGHUP");
    context.answer(&told, &json!({ "name": name }))
}

fn operator_key(context: &Context, file: &Path) -> anyhow::Result<()> {
    let (key, hash) = new_operator_key(context.entropy()?.bytes());
    set_operator_key(file, hash)?;
    let told = format!(
        "{key}\n\nshown once; sent as `Authorization: Bearer` to admin_listen. A running gateway knows it after SIGHUP."
    );
    context.answer(&told, &json!({ "key": key }))
}
