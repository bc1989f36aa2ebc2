//! `candor probe`: what learning did, each figure with an interval and the method's source.

use crate::context::Context;

mod canaries;
mod canary_frames;
mod canary_world;
mod collapse;
mod erasure;
mod gain;
mod lab;
mod memory;
mod picture;
mod report;

/// Measure what learning did: what was gained, memorised, lost and forgotten
///
/// Each makes a folder with report.md, figures.json and pictures (SVG). The models that a probe trains are for
/// measuring and are not kept. A probe of a release that is interrupted goes on where it was when it is run again.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Does sharing help? How much better are people foreseen who agreed, but were kept out of training
    ///
    /// Trains on a quarter, a half and all of the other people of a release, and measures each model on those kept
    /// out, by language and topic. Less is better: bits for each byte of text. In the data directory that made the
    /// release, people are kept out whole; elsewhere conversations are, since a release does not tell whose they are.
    Gain(gain::Arguments),
    /// What can be told, or drawn, out of a model? Membership inference and verbatim extraction
    ///
    /// Without --model, trains on a half of the people and tries to tell it from the other half. With --model, does
    /// so for that model and the rows that it held out. Attacks better than these exist: a bad result is certain, a
    /// good one is not.
    Memory(memory::Arguments),
    /// Are planted secrets learned? Of people who agreed, with and without de-identification, and of people who refused
    ///
    /// Makes a vault in a temporary folder in which invented people say secrets to a model, half of them agreeing to
    /// training and half refusing, builds a release, trains on it, and ranks each secret among a thousand that nobody
    /// said (exposure, Carlini et al. 2019). Exits with 1 if a refuser's secret shows, if an identifier shows in spite
    /// of de-identification, or if what must show does not: then the probe itself could not see.
    Canaries(canaries::Arguments),
    /// What becomes of the language if models learn from models? Generations with and without people's turns
    Collapse(collapse::Arguments),
    /// After an erasure or a withdrawal: which models saw the rows, what retraining costs, and whether a retrained
    /// model still knows them
    Erasure(erasure::Arguments),
}

pub(crate) fn run(context: &Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Gain(arguments) => gain::run(context, arguments),
        Command::Memory(arguments) => memory::run(context, arguments),
        Command::Canaries(arguments) => canaries::run(context, arguments),
        Command::Collapse(arguments) => collapse::run(context, arguments),
        Command::Erasure(arguments) => erasure::run(context, arguments),
    }
}
