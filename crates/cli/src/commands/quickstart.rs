//! `candor quickstart`: everything in order, in a temporary folder.

use std::path::PathBuf;

use crate::context::Context;

/// See it work: everything in order on a generated sample, or on your own export, in a temporary folder
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Your own export or log; a generated sample without it
    path: Option<PathBuf>,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let _ = (context, arguments);
    Ok(())
}
