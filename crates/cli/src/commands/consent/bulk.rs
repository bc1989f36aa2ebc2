//! Choices of many people from a file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::Context as _;
use candor_consent::{NoticeVersion, Purpose, State};
use candor_conversation::{Age, Region, SubjectId, TenantId, Tier, Timestamp};
use candor_vault::{Act, Profile, Vault};
use serde::Deserialize;
use serde_json::json;

use super::super::person::{receipts_folder, write_receipts};
use crate::context::Context;
use crate::failure::WrongInput;

/// Longest line of a JSON lines file, in bytes.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// One row. Empty cells count as absent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Choice {
    subject: String,
    tenant: Option<String>,
    tier: Option<String>,
    region: Option<String>,
    age: Option<String>,
    purpose: Option<String>,
    state: Option<String>,
    effective_at: Option<String>,
    notice: Option<u32>,
}

/// What became of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct BulkCounts {
    /// Rows read.
    rows: usize,
    /// People who were not enrolled before.
    enrolled: usize,
    /// Events recorded.
    recorded: usize,
    /// Events that were recorded before.
    known: usize,
}

pub(super) fn run(
    context: &Context,
    file: &Path,
    attested_by: &str,
    receipts: Option<&Path>,
) -> anyhow::Result<()> {
    let mut vault = context.vault()?;
    let (counts, people) = import_choices(context, &mut vault, file, attested_by)?;
    let folder = receipts_folder(context, receipts);
    for id in &people {
        if let Some(subject) = vault.subject_by_id(*id)? {
            write_receipts(&vault, &subject, &folder)?;
        }
    }
    let text = format!(
        "{} rows: {} people enrolled, {} events recorded, {} recorded before; receipts of {} people in {}",
        counts.rows,
        counts.enrolled,
        counts.recorded,
        counts.known,
        people.len(),
        folder.display()
    );
    let value = json!({
        "rows": counts.rows,
        "enrolled": counts.enrolled,
        "recorded": counts.recorded,
        "known": counts.known,
        "receipts": folder,
    });
    context.answer(&text, &value)
}

/// Records every row of a file, all or none; gives the people concerned.
fn import_choices(
    context: &Context,
    vault: &mut Vault,
    file: &Path,
    attested_by: &str,
) -> anyhow::Result<(BulkCounts, BTreeSet<SubjectId>)> {
    let mut choices = read(file)?;
    let mut entropy = context.entropy()?;
    let before = vault.subject_count()?;
    let people = enrol(context, vault, &choices, &mut entropy)?;
    let mut counts = BulkCounts {
        rows: choices.len(),
        enrolled: (vault.subject_count()? - before) as usize,
        ..BulkCounts::default()
    };
    choices.retain(|(_, choice)| choice.purpose.is_some());
    let mut acts = Vec::with_capacity(choices.len());
    for (line, choice) in &choices {
        let tenant = tenant_of(context, choice)?;
        let subject = people.get(&(tenant, choice.subject.clone())).copied();
        let subject = subject.ok_or_else(|| WrongInput(format!("line {line}: no subject")))?;
        let act = act_of(context, vault, choice, subject)
            .with_context(|| format!("{} line {line}", file.display()))?;
        acts.push(Act { attested_by: Some(attested_by.to_owned()), ..act });
    }
    acts.sort_by_key(|act| act.effective_at);
    let fresh = without_known(vault, acts, &mut counts)?;
    counts.recorded = fresh.len();
    let recalls = super::recalls_of(vault, &fresh)?;
    vault
        .record_and_recall(&fresh, &recalls, context.now, &mut entropy)
        .with_context(|| format!("record {}", file.display()))?;
    Ok((counts, people.into_values().collect()))
}

type People = HashMap<(TenantId, String), SubjectId>;

fn enrol(
    context: &Context,
    vault: &mut Vault,
    choices: &[(usize, Choice)],
    entropy: &mut candor_vault::Entropy,
) -> anyhow::Result<People> {
    let mut by_tenant: BTreeMap<TenantId, BTreeMap<String, Profile>> = BTreeMap::new();
    for (line, choice) in choices {
        if choice.subject.is_empty() {
            return Err(WrongInput(format!("line {line}: `subject` is missing")).into());
        }
        let tenant = tenant_of(context, choice)?;
        let profile = profile_of(choice).with_context(|| format!("line {line}"))?;
        let people = by_tenant.entry(tenant).or_default();
        let known = people.entry(choice.subject.clone()).or_insert_with(|| profile.clone());
        // A later row may know what an earlier one left out.
        known.region = known.region.take().or(profile.region);
        known.age = known.age.take().into_iter().chain(profile.age).min();
    }
    let mut people = People::new();
    for (tenant, profiles) in by_tenant {
        let profiles: Vec<Profile> = profiles.into_values().collect();
        let ids = vault.enrol(&tenant, &profiles, context.now, entropy)?;
        people
            .extend(profiles.into_iter().zip(ids).map(|(profile, id)| ((tenant.clone(), profile.name), id)));
    }
    Ok(people)
}

fn tenant_of(context: &Context, choice: &Choice) -> anyhow::Result<TenantId> {
    let named = choice.tenant.as_deref().filter(|tenant| !tenant.is_empty());
    named.map_or_else(|| context.tenant(None), |tenant| Ok(tenant.parse()?))
}

fn profile_of(choice: &Choice) -> anyhow::Result<Profile> {
    fn cell(value: &Option<String>) -> Option<&str> {
        value.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }
    Ok(Profile {
        name: choice.subject.clone(),
        tier: cell(&choice.tier).map_or(Ok(Tier::Consumer), str::parse)?,
        region: cell(&choice.region).map(str::parse::<Region>).transpose()?,
        age: cell(&choice.age).map(str::parse::<Age>).transpose()?,
    })
}

fn act_of(context: &Context, vault: &Vault, choice: &Choice, subject: SubjectId) -> anyhow::Result<Act> {
    let effective_at = match choice.effective_at.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => text.parse::<Timestamp>()?,
        None => context.now,
    };
    let state = choice.state.as_deref().unwrap_or_default();
    let state = match state {
        "give" | "yes" => State::Given,
        "refuse" | "no" => State::Refused,
        "defer" | "later" => State::Deferred,
        "withdraw" => State::Withdrawn,
        other => other.parse()?,
    };
    let (notice, _) = vault.notice(choice.notice.map(NoticeVersion), effective_at)?;
    let purpose: Purpose = choice.purpose.as_deref().unwrap_or_default().parse()?;
    Ok(Act { subject, purpose, state, notice, effective_at, attested_by: None })
}

/// Leaves out acts that were recorded before, by state and time of effect.
fn without_known(vault: &Vault, acts: Vec<Act>, counts: &mut BulkCounts) -> anyhow::Result<Vec<Act>> {
    let mut histories = HashMap::new();
    let mut fresh = Vec::with_capacity(acts.len());
    for act in acts {
        let key = (act.subject, act.purpose);
        if let std::collections::hash_map::Entry::Vacant(entry) = histories.entry(key) {
            entry.insert(vault.history(act.subject, act.purpose)?);
        }
        let known = histories[&key]
            .iter()
            .any(|event| event.state == act.state && event.effective_at == act.effective_at);
        if known {
            counts.known += 1;
        } else {
            fresh.push(act);
        }
    }
    Ok(fresh)
}

/// Rows with their line numbers.
fn read(file: &Path) -> anyhow::Result<Vec<(usize, Choice)>> {
    let opened = File::open(file).with_context(|| format!("read {}", file.display()))?;
    let wrong = |line: usize, error: &dyn std::fmt::Display| {
        WrongInput(format!("{} line {line}: {error}", file.display()))
    };
    let mut reader = BufReader::new(opened);
    let start = reader.fill_buf().with_context(|| format!("read {}", file.display()))?;
    let is_json = start.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let mut choices = Vec::new();
    if !is_json {
        let mut rows = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(reader);
        for (index, row) in rows.deserialize::<Choice>().enumerate() {
            choices.push((index + 2, row.map_err(|error| wrong(index + 2, &error))?));
        }
        return Ok(choices);
    }
    for number in 1.. {
        let mut line = String::new();
        let read = (&mut reader).take(LINE_BYTES_MAX).read_line(&mut line);
        if read.map_err(|error| wrong(number, &error))? == 0 {
            break;
        }
        if !line.trim().is_empty() {
            choices.push((number, serde_json::from_str(&line).map_err(|error| wrong(number, &error))?));
        }
    }
    Ok(choices)
}
