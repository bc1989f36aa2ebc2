//! `candor sample`: generated conversations and choices, for trying things out and for measuring.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use candor_sample::{Plan, write_consents_csv, write_conversations};
use serde_json::json;

use crate::context::Context;

/// Write generated conversations and choices: conversations.jsonl and choices.csv
///
/// Nobody in it exists. The same seed and size give the same bytes, apart from the dates.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder to write into
    folder: PathBuf,
    /// How many turns
    #[arg(long, default_value_t = 1600)]
    turns: u32,
    /// Everyone agrees to everything from the first day on, under notice 1; for measuring
    #[arg(long)]
    everyone_agrees: bool,
    /// Another seed gives other people and conversations
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let plan = Plan { now: context.now, ..Plan::benchmark(arguments.seed, arguments.turns) };
    let (_, choices) = write(&plan, &arguments.folder)?;
    if arguments.everyone_agrees {
        write_agreement(&plan, &choices).with_context(|| format!("write {}", choices.display()))?;
    }
    let text = format!(
        "wrote {} conversations and the choices of {} people into {}",
        plan.conversations,
        plan.people,
        arguments.folder.display()
    );
    let value = json!({ "conversations": plan.conversations, "people": plan.people });
    context.answer(&text, &value)
}

/// Writes a plan's conversations and choices into a folder; gives their paths.
pub(crate) fn write(plan: &Plan, folder: &std::path::Path) -> anyhow::Result<(PathBuf, PathBuf)> {
    std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let create = |name: &str| -> anyhow::Result<(PathBuf, BufWriter<File>)> {
        let path = folder.join(name);
        let file = File::create(&path).with_context(|| format!("make {}", path.display()))?;
        Ok((path, BufWriter::with_capacity(1 << 20, file)))
    };
    let (conversations, mut out) = create("conversations.jsonl")?;
    write_conversations(plan, &mut out)?;
    out.flush()?;
    let (choices, mut out) = create("choices.csv")?;
    write_consents_csv(plan, &mut out)?;
    out.flush()?;
    Ok((conversations, choices))
}

/// Replaces the choices by a yes of everyone.
fn write_agreement(plan: &Plan, choices: &std::path::Path) -> std::io::Result<()> {
    let (from, _) = candor_sample::notice_times(plan);
    let mut out = BufWriter::new(File::create(choices)?);
    writeln!(out, "subject,tenant,region,purpose,state,effective_at,notice")?;
    for person in candor_sample::people(plan) {
        writeln!(out, "{},{},{},train,given,{from},1", person.name, person.tenant, person.region)?;
    }
    out.flush()
}
