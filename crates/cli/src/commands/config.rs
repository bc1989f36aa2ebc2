//! `candor config`: check and show the settings.

use crate::config::Config;
use crate::context::Context;

/// Check and show the settings of the data directory
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Read candor.toml and say whether it can be used
    Check,
    /// Print the settings in force: defaults, file and environment together
    Show,
}

pub(crate) fn run(context: &Context, command: &Command) -> anyhow::Result<()> {
    // Reading the settings happened on the way here; a wrong file never gets this far.
    let value = serde_json::to_value(&context.config)?;
    let text = match command {
        Command::Check => {
            context.config.making(&context.data)?;
            context.tenant(None)?;
            format!("{} can be used", Config::path(&context.data).display())
        }
        Command::Show => toml::to_string(&context.config)?,
    };
    context.answer(&text, &value)
}
