//! `candor import`: logs and exports into the vault.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context as _;
use candor_consent::Reason;
use candor_conversation::{Age, Region, TenantId, Tier, Timestamp};
use candor_import::{Item, Limits, Position, Reader};
use candor_vault::{Capture, CaptureCounts, Defaults, Job, Vault};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::context::{Context, Unit, table};
use crate::failure::AnswerIsNo;

mod preview;

/// Failures that are listed one by one; the others are only counted.
const FAILURES_SHOWN: usize = 20;

/// Import logs or exports: decide about each turn, keep what its author agreed to, sealed
///
/// Reads files, folders and zip archives: OpenAI chat and Hugging Face `messages`, ShareGPT, OASST message rows,
/// ChatGPT exports; the format is told by structure. A turn that no purpose permits is not written at all.
/// Importing again is harmless: turns that are there already are counted as duplicates. An import that was
/// interrupted goes on where it stopped.
///
/// The accounting always adds up: examined = imported + duplicate + withheld + failed. The exit code is 1 when
/// nothing could be read.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Files, folders or archives
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Print what a release would make of the first so many conversations, with the settings as they are, and write
    /// nothing [default: 3]
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "3",
          value_parser = clap::value_parser!(u32).range(1..))]
    preview: Option<u32>,
    #[command(flatten)]
    pub(crate) defaults: DefaultArguments,
}

/// What holds where a source does not say.
#[derive(clap::Args, Clone, Default)]
pub(crate) struct DefaultArguments {
    /// Tenant, where the source names none [default: the configured one]
    #[arg(long, value_name = "TENANT")]
    pub(crate) tenant: Option<TenantId>,
    /// Author of the people's turns, where the source names none (an export of one person's account)
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) author: Option<String>,
    /// Tier, where the source tells none
    #[arg(long)]
    pub(crate) tier: Option<Tier>,
    /// Region, where the source tells none
    #[arg(long)]
    pub(crate) region: Option<Region>,
    /// Age, where the source tells none
    #[arg(long)]
    pub(crate) age: Option<Age>,
    /// When turns were said, where the source does not tell
    #[arg(long, value_name = "TIME")]
    pub(crate) said_at: Option<Timestamp>,
}

/// The accounting of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Accounting {
    /// Turns, decided about.
    pub(crate) turns: CaptureCounts,
    /// Records that could not be read, by reason; each counts as one examined.
    pub(crate) failed: BTreeMap<String, u64>,
}

impl Accounting {
    fn failed_total(&self) -> u64 {
        self.failed.values().sum()
    }

    /// All that was examined.
    pub(crate) fn examined(&self) -> u64 {
        self.turns.examined + self.failed_total()
    }

    /// Whether there were turns, and not one of them is of somebody who is enrolled.
    fn knows_nobody(&self) -> bool {
        let withheld = &self.turns.withheld;
        let follows = |reason: &Reason| matches!(reason, Reason::UnknownSubject | Reason::AfterWithheld);
        self.turns.withheld_total() == self.turns.examined
            && withheld.contains_key(&Reason::UnknownSubject)
            && withheld.keys().all(follows)
    }
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    if let Some(conversations) = arguments.preview {
        return preview::run(context, arguments, conversations as usize);
    }
    let mut vault = context.vault()?;
    let accounting = import(context, &mut vault, &arguments.paths, &arguments.defaults)?;
    context.answer(&text(&accounting), &value(&accounting))?;
    if accounting.knows_nobody() {
        let tenant = context.tenant(arguments.defaults.tenant.as_ref())?;
        context
            .tell(&format!("hint: nobody in these logs is enrolled in tenant `{tenant}`; wrong --tenant?"));
    }
    let nothing_read = accounting.turns.examined == 0 && accounting.failed_total() > 0;
    if nothing_read { Err(AnswerIsNo.into()) } else { Ok(()) }
}

/// Imports everything under some paths, going on where an earlier run of the same files stopped.
pub(crate) fn import(
    context: &Context,
    vault: &mut Vault,
    paths: &[PathBuf],
    defaults: &DefaultArguments,
) -> anyhow::Result<Accounting> {
    let mut entropy = context.entropy()?;
    let tenant = context.tenant(defaults.tenant.as_ref())?;
    let source = vault.job_source(&job_names(paths, &tenant, defaults));
    let unfinished = vault.unfinished_job(&source)?;
    let (mut reader, mut accounting) = open(context, paths, unfinished)?;
    let defaults = Defaults {
        tenant,
        author: defaults.author.clone(),
        tier: defaults.tier,
        region: defaults.region.clone(),
        age: defaults.age,
        said_at: defaults.said_at,
    };
    let bar = context.bar(Unit::Bytes);
    bar.set_length(reader.total_bytes());
    bar.set_message("import");
    let mut capture = Capture::begin(vault, defaults, context.now, &mut entropy)?;
    let mut shown = 0;
    while let Some(batch) = reader.next_batch()? {
        let mut conversations = Vec::with_capacity(batch.items.len());
        for item in batch.items {
            match item {
                Item::Conversation(conversation) => conversations.push(*conversation),
                Item::Failure(failure) => {
                    *accounting.failed.entry(failure.reason.code().to_owned()).or_default() += 1;
                    shown += 1;
                    if shown <= FAILURES_SHOWN {
                        bar.suspend(|| context.tell(&format!("failed: {failure}")));
                    }
                }
            }
        }
        accounting.turns.add(&capture.add(conversations)?);
        bar.set_position(batch.bytes_read);
        if capture.is_full() {
            let position = serde_json::to_string(&batch.position).context("write position")?;
            capture.commit(Some(&job(&source, Some(position), &accounting)?))?;
        }
    }
    capture.commit(Some(&job(&source, None, &accounting)?))?;
    bar.finish_and_clear();
    for ignored in reader.ignored() {
        context.tell(&format!("passed over: {}: {}", ignored.file, ignored.reason.code()));
    }
    if shown > FAILURES_SHOWN {
        context.tell(&format!("and {} more failures", shown - FAILURES_SHOWN));
    }
    Ok(accounting)
}

fn open(
    context: &Context,
    paths: &[PathBuf],
    unfinished: Option<Job>,
) -> anyhow::Result<(Reader, Accounting)> {
    let resumed = unfinished.and_then(|job| {
        let position: Position = serde_json::from_str(job.position.as_deref()?).ok()?;
        let accounting: Accounting = serde_json::from_str(&job.counts).ok()?;
        Some((position, accounting))
    });
    if let Some((position, accounting)) = resumed {
        match Reader::resume(paths, Limits::default(), &position) {
            Ok(reader) => {
                context.tell("going on where the last import of these files stopped");
                return Ok((reader, accounting));
            }
            Err(candor_import::OpenError::Changed { file }) => {
                context.tell(&format!("`{file}` changed since the last import stopped; starting again"));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok((Reader::open(paths, Limits::default())?, Accounting::default()))
}

/// What makes two imports the same job: the same paths, imported into the same tenant with the same flags.
fn job_names(paths: &[PathBuf], tenant: &TenantId, defaults: &DefaultArguments) -> Vec<String> {
    let DefaultArguments { tenant: _, author, tier, region, age, said_at } = defaults;
    let flags = format!("{tenant:?} {author:?} {tier:?} {region:?} {age:?} {said_at:?}");
    let absolute =
        |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone()).display().to_string();
    paths.iter().map(absolute).chain([flags]).collect()
}

fn job(source: &str, position: Option<String>, accounting: &Accounting) -> anyhow::Result<Job> {
    let counts = serde_json::to_string(accounting).context("write counts")?;
    Ok(Job { source: source.to_owned(), position, counts })
}

/// The accounting for people.
pub(crate) fn text(accounting: &Accounting) -> String {
    let turns = &accounting.turns;
    let line = |name: &str, count: u64| vec![name.to_owned(), count.to_string()];
    let mut rows = vec![
        line("examined", accounting.examined()),
        line("imported", turns.imported),
        line("duplicate", turns.duplicate),
        line("withheld", turns.withheld_total()),
    ];
    for (reason, count) in &turns.withheld {
        rows.push(line(&format!("  {reason}: {}", reason.words()), *count));
    }
    rows.push(line("failed", accounting.failed_total()));
    for (reason, count) in &accounting.failed {
        rows.push(line(&format!("  {reason}"), *count));
    }
    format!("turns\n{}", table(&rows))
}

/// The accounting for programs.
pub(crate) fn value(accounting: &Accounting) -> serde_json::Value {
    json!({
        "examined": accounting.examined(),
        "imported": accounting.turns.imported,
        "duplicate": accounting.turns.duplicate,
        "withheld": accounting.turns.withheld,
        "failed": accounting.failed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_of_the_same_files_into_another_tenant_is_another_job() {
        let names = |tenant: &str, defaults: &DefaultArguments| {
            job_names(&["logs.jsonl".into()], &tenant.parse().unwrap(), defaults)
        };
        let configured = DefaultArguments::default();
        let given = DefaultArguments { tenant: Some("acme".parse().unwrap()), ..configured.clone() };
        assert_ne!(names("acme", &configured), names("home", &configured));
        assert_eq!(names("acme", &configured), names("acme", &given), "however the tenant was told");
        let author = DefaultArguments { author: Some("ada".into()), ..configured.clone() };
        assert_ne!(names("acme", &configured), names("acme", &author));
    }
}
