//! `candor deid`: the de-identification engine on files, without a vault.

mod conll;
mod filter;
mod gold;
mod input;
mod markup;
pub(crate) mod model;
mod placed;
mod records;
mod review;
mod score;
mod segments;
mod told;

use std::path::PathBuf;
use std::sync::Arc;

use candor_deid::encoder::Encoder;
use candor_deid::{Engine, IdentifierKind, PublicNames, Settings};

use crate::config::Config;
use crate::context::Context;

/// Hide what identifies people in a text: a filter from a file, or standard input, to standard output
///
/// Needs no data directory; where there is one, its settings hold. What people wrote stays on this machine: nothing is
/// sent anywhere. No detector finds everything: `candor deid score` tells how much is missed on marked text.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    filter: filter::FilterArguments,
}

#[derive(clap::Subcommand)]
enum Command {
    Score(score::Arguments),
    Review(review::Arguments),
    Model(model::Arguments),
}

/// What is looked for.
#[derive(clap::Args)]
struct Looking {
    /// Only these kinds, such as email,phone [default: all]
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = str::parse::<IdentifierKind>)]
    kinds: Vec<IdentifierKind>,
    /// The least confidence, 0 to 1 [default: the data directory's, or 0.5]
    #[arg(long, value_name = "CONFIDENCE", value_parser = confidence)]
    threshold: Option<f32>,
    /// The least probability, 0 to 1, that a word needs to be taken for a name; lower finds more, and more that is
    /// none [default: 0.25]
    #[arg(long, value_name = "PROBABILITY", value_parser = confidence)]
    name_threshold: Option<f32>,
    /// Keep the names of public figures, works, places and organisations, unless the text speaks of them as somebody's
    /// own
    #[arg(long)]
    keep_public: bool,
    /// A second reader of names, which `candor deid model` wrote
    #[arg(long, value_name = "FILE")]
    encoder: Option<PathBuf>,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    match &arguments.command {
        None => filter::run(context, &arguments.filter),
        Some(Command::Score(arguments)) => score::run(context, arguments),
        Some(Command::Review(arguments)) => review::run(context, arguments),
        Some(Command::Model(arguments)) => model::run(context, arguments),
    }
}

impl Looking {
    fn engine(&self, context: &Context) -> anyhow::Result<Engine> {
        Ok(engine(self.settings(context)?, self.encoder()?.as_ref()))
    }

    /// The second reader, where one is named. Reading it is what costs; engines share it.
    fn encoder(&self) -> anyhow::Result<Option<Arc<Encoder>>> {
        Ok(self.encoder.as_deref().map(model::load).transpose()?.map(|(encoder, _)| encoder))
    }

    fn settings(&self, context: &Context) -> anyhow::Result<Settings> {
        let mut settings = match Config::path(&context.data).exists() {
            true => context.config.identifier_settings()?,
            false => Settings::standard(),
        };
        if self.keep_public {
            settings.public_names = PublicNames::Keep;
        }
        if !self.kinds.is_empty() {
            settings.kinds.clone_from(&self.kinds);
        }
        settings.threshold = self.threshold.unwrap_or(settings.threshold);
        settings.name_threshold = self.name_threshold.unwrap_or(settings.name_threshold);
        Ok(settings)
    }
}

fn engine(settings: Settings, encoder: Option<&Arc<Encoder>>) -> Engine {
    match encoder {
        Some(encoder) => Engine::with_encoder(settings, Arc::clone(encoder)),
        None => Engine::new(settings),
    }
}

fn confidence(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|_| "expected a number from 0 to 1".to_owned())?;
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err("expected a number from 0 to 1".to_owned()) }
}
