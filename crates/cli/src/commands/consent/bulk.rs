//! Choices of many people from a file.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::Context as _;
use candor_consent::{Event, EventId, NoticeVersion, Purpose, State, check_next, last_answer};
use candor_conversation::{Age, MomentOrDay, Region, SubjectId, TenantId, Tier, Timestamp};
use candor_release::prove::Recalls;
use candor_vault::{Act, Known, Profile, Vault};
use serde::Deserialize;
use serde_json::json;

use super::super::person::{receipts_folder, write_receipts};
use super::super::recalls::all_told;
use super::shown::Shown;
use super::taking_effect;
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
    locale: Option<String>,
    shown_at: Option<String>,
    layout_sha256: Option<String>,
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
    /// Rows of people who had everything erased.
    erased: usize,
}

/// What a file says, checked as a whole before anything is written.
struct Checked {
    /// Who is in it, by tenant and name, with what it says of them.
    people: BTreeMap<(TenantId, String), Profile>,
    /// Lines of people who had everything erased.
    erased: Vec<usize>,
    /// Acts to record, in the order in which they take effect.
    acts: Vec<((TenantId, String), Act)>,
    /// Acts that were recorded before.
    known: usize,
}

pub(super) fn run(
    context: &Context,
    file: &Path,
    attested_by: &str,
    receipts: Option<&Path>,
) -> anyhow::Result<()> {
    super::check_source(Some(attested_by))?;
    let mut vault = context.vault()?;
    let (checked, rows) = check(context, &vault, file, attested_by)?;
    let erased = checked.erased.clone();
    let (counts, people, recalls) =
        write(context, &mut vault, checked).with_context(|| format!("record {}", file.display()))?;
    let counts = BulkCounts { rows, ..counts };
    let folder = receipts_folder(context, receipts);
    for id in &people {
        if let Some(subject) = vault.subject_by_id(*id)? {
            write_receipts(&vault, &subject, &folder)?;
        }
    }
    let mut text = format!(
        "{} rows: {} people enrolled, {} events recorded, {} recorded before; receipts of {} people in {}",
        counts.rows,
        counts.enrolled,
        counts.recorded,
        counts.known,
        people.len(),
        folder.display()
    );
    if !erased.is_empty() {
        let lines: Vec<String> = erased.iter().map(usize::to_string).collect();
        text += &format!("\nskipped, because these people were erased: lines {}", lines.join(", "));
    }
    let value = json!({
        "rows": counts.rows,
        "enrolled": counts.enrolled,
        "recorded": counts.recorded,
        "known": counts.known,
        "erased": counts.erased,
        "recall_unknown": recalls.unknown,
        "receipts": folder,
    });
    context.answer(&text, &value)?;
    all_told(&recalls)
}

/// Reads a file and checks every row against what is recorded; writes nothing.
fn check(
    context: &Context,
    vault: &Vault,
    file: &Path,
    attested_by: &str,
) -> anyhow::Result<(Checked, usize)> {
    let choices = read(file)?;
    let mut checked = Checked { people: BTreeMap::new(), erased: Vec::new(), acts: Vec::new(), known: 0 };
    let mut histories: HashMap<(TenantId, String, Purpose), Vec<Event>> = HashMap::new();
    let mut drafts = Vec::with_capacity(choices.len());
    for (line, choice) in &choices {
        let at = || format!("{} line {line}", file.display());
        let person = person_of(context, choice).with_context(at)?;
        let profile = profile_of(choice).with_context(at)?;
        let subject = match vault.known(&person.0, &person.1)? {
            Known::Erased => {
                checked.erased.push(*line);
                continue;
            }
            Known::Subject(subject) => Some(subject.id),
            Known::Nobody => None,
        };
        checked.people.entry(person.clone()).and_modify(|known| known.learn(&profile)).or_insert(profile);
        if choice.purpose.is_none() {
            continue;
        }
        let draft = act_of(context, vault, choice, subject.unwrap_or_else(not_yet)).with_context(at)?;
        let key = (person.0.clone(), person.1.clone(), draft.purpose);
        if let (Some(id), Entry::Vacant(entry)) = (subject, histories.entry(key)) {
            entry.insert(vault.history(id, draft.purpose)?);
        }
        let moment = choice.effective_at.as_deref().and_then(|text| text.parse::<MomentOrDay>().ok());
        let dated = moment.is_some_and(|given| given.earliest() == given.latest());
        let draft = Act { attested_by: Some(attested_by.to_owned()), ..draft };
        drafts.push((*line, person, draft, dated));
    }
    drafts.sort_by_key(|(_, _, act, _)| act.effective_at);
    for (line, person, act, dated) in drafts {
        let history = histories.entry((person.0.clone(), person.1.clone(), act.purpose)).or_default();
        if is_known(history, &act, dated) {
            checked.known += 1;
            continue;
        }
        let renews = !dated
            && act.state == State::Given
            && last_answer(history).is_some_and(|last| last.state.permits());
        let act = Act { state: if renews { State::Renewed } else { act.state }, ..act };
        let next = event_of(&act, context.now);
        check_next(history, &next).with_context(|| format!("{} line {line}", file.display()))?;
        history.push(next);
        checked.acts.push((person, act));
    }
    Ok((checked, choices.len()))
}

/// Stands for the id of someone who is enrolled only when the whole file is found right.
fn not_yet() -> SubjectId {
    SubjectId::from_bytes([0; 16])
}

/// Whether an act was recorded before: at the same time of effect, or, if its row has none, as the last one.
fn is_known(history: &[Event], act: &Act, dated: bool) -> bool {
    if dated {
        return history
            .iter()
            .any(|event| event.state == act.state && event.effective_at == act.effective_at);
    }
    let last = if act.state == State::Requested { history.last() } else { last_answer(history) };
    last.is_some_and(|last| {
        let both_yes = last.state.permits() && act.state.permits();
        if both_yes { last.notice == act.notice } else { last.state == act.state }
    })
}

fn event_of(act: &Act, recorded_at: Timestamp) -> Event {
    Event {
        id: EventId([0; 16]),
        subject: act.subject,
        purpose: act.purpose,
        state: act.state,
        notice: act.notice,
        effective_at: act.effective_at,
        recorded_at,
        attested: act.attested_by.is_some(),
        guardian: false,
    }
}

/// Enrols and records what was checked; gives the people concerned and the rows recalled.
fn write(
    context: &Context,
    vault: &mut Vault,
    checked: Checked,
) -> anyhow::Result<(BulkCounts, BTreeSet<SubjectId>, Recalls)> {
    let mut entropy = context.entropy()?;
    let before = vault.subject_count()?;
    let mut by_tenant: BTreeMap<TenantId, Vec<Profile>> = BTreeMap::new();
    for ((tenant, _), profile) in checked.people {
        by_tenant.entry(tenant).or_default().push(profile);
    }
    let mut ids: HashMap<(TenantId, String), SubjectId> = HashMap::new();
    for (tenant, profiles) in by_tenant {
        let enrolled = vault.enrol(&tenant, &profiles, context.now, &mut entropy)?;
        let named = profiles.into_iter().zip(enrolled);
        ids.extend(named.map(|(profile, id)| ((tenant.clone(), profile.name), id)));
    }
    let acts = checked.acts.into_iter();
    let acts: Vec<Act> = acts
        .filter_map(|(person, act)| ids.get(&person).map(|subject| Act { subject: *subject, ..act }))
        .collect();
    let recalls = super::recalls_of(vault, &acts)?;
    vault.record_and_recall(&acts, &recalls.rows, context.now, &mut entropy)?;
    let counts = BulkCounts {
        rows: 0,
        enrolled: (vault.subject_count()? - before) as usize,
        recorded: acts.len(),
        known: checked.known,
        erased: checked.erased.len(),
    };
    Ok((counts, ids.into_values().collect(), recalls))
}

fn person_of(context: &Context, choice: &Choice) -> anyhow::Result<(TenantId, String)> {
    if choice.subject.trim().is_empty() || choice.subject.chars().any(char::is_control) {
        return Err(WrongInput("`subject` is missing, or holds a control character".into()).into());
    }
    Ok((tenant_of(context, choice)?, choice.subject.clone()))
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
        called: Vec::new(),
    })
}

fn act_of(context: &Context, vault: &Vault, choice: &Choice, subject: SubjectId) -> anyhow::Result<Act> {
    let state = choice.state.as_deref().unwrap_or_default();
    let state = match state {
        "give" | "yes" => State::Given,
        "refuse" | "no" => State::Refused,
        "defer" | "later" => State::Deferred,
        "withdraw" => State::Withdrawn,
        other => other.parse()?,
    };
    let effective_at = match choice.effective_at.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => taking_effect(text.parse()?, state, context),
        None => context.now,
    };
    let (notice, shown) = vault.notice(choice.notice.map(NoticeVersion), effective_at)?;
    let purpose: Purpose = choice.purpose.as_deref().unwrap_or_default().parse()?;
    let cell = |cell: &Option<String>| cell.clone().filter(|text| !text.is_empty());
    let told = Shown {
        shown_in: cell(&choice.locale),
        shown_at: cell(&choice.shown_at).map(|text| text.parse()).transpose()?,
        shown_sha256: cell(&choice.layout_sha256).map(|text| text.parse()).transpose()?,
    };
    let evidence = told.evidence(&shown, effective_at)?;
    Ok(Act { subject, purpose, state, notice, effective_at, attested_by: None, evidence })
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
