//! `candor release export`: a release for other trainers.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use anyhow::Context as _;
use candor_learn::handover::{Format, OPENAI_EXAMPLES_MIN, Written, write_lines};
use candor_learn::load;
use candor_release::layout;
use serde_json::json;

use super::train::{place, trust};
use crate::context::Context;
use crate::failure::WrongInput;

/// What to hand over.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Name of a release in the data directory, or the folder of any release
    release: PathBuf,
    /// For whom: trl (Hugging Face TRL) or openai (OpenAI fine-tuning)
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Shape,
    /// The file to write; must not exist
    #[arg(long, value_name = "FILE")]
    into: PathBuf,
    /// Keys that must have signed the release: a file, or the keys themselves [default: trust.keys in the data
    /// directory]
    #[arg(long, value_name = "KEYS")]
    trust: Option<String>,
}

/// For whom the lines are.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Shape {
    /// Every row as it is.
    Trl,
    /// Each row up to its last answer, without rows that hold the result of a tool.
    Openai,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let release = place(&arguments.release, &context.data.join("releases"), layout::MANIFEST)?;
    if arguments.into.symlink_metadata().is_ok() {
        let text = format!("{} exists\nhint: name another file with --into", arguments.into.display());
        return Err(WrongInput(text).into());
    }
    let corpus = load(&release, trust(context, arguments.trust.as_deref())?.as_ref())
        .with_context(|| format!("read {}", release.display()))?;
    let format = match arguments.format {
        Shape::Trl => Format::Trl,
        Shape::Openai => Format::OpenAi,
    };
    let written = write(&arguments.into, |out| write_lines(&corpus, format, out))?;
    if format == Format::OpenAi && written.rows < OPENAI_EXAMPLES_MIN {
        context.tell(&format!(
            "OpenAI takes no fewer than {OPENAI_EXAMPLES_MIN} examples; these are {}",
            written.rows
        ));
    }
    let text = format!(
        "{} rows in {}\n  left out, because the format cannot hold them: {}\n  turns cut after the last answer: {}",
        written.rows,
        arguments.into.display(),
        written.left_out,
        written.turns_cut
    );
    context.answer(&text, &json!({ "file": arguments.into, "written": written }))
}

/// Writes a file that appears whole or not at all.
fn write(
    into: &PathBuf,
    lines: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<Written>,
) -> anyhow::Result<Written> {
    let partial = into.with_extension("partial");
    let writing = || format!("write {}", partial.display());
    let mut out = BufWriter::new(File::create(&partial).with_context(writing)?);
    let written = lines(&mut out).with_context(writing)?;
    out.get_ref().sync_all().with_context(writing)?;
    std::fs::rename(&partial, into).with_context(|| format!("move {}", into.display()))?;
    Ok(written)
}
