//! The answer in words, for programs, and as the two files that name people or go to the authority.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_conversation::Timestamp;
use candor_vault::breach::{Exposed, Readable, Risk};
use candor_vault::durable;
use serde_json::{Value, json};

use super::{Scope, Touched};
use crate::context::table;

/// Within which the authority is to be told (GDPR article 33(1)).
const NOTIFICATION_HOURS: i64 = 72;
const HOUR_MS: i64 = 3_600_000;

/// The files that were written.
pub(super) struct Files {
    persons: PathBuf,
    regulator: PathBuf,
}

/// Writes who is to be told, and the summary for the authority.
pub(super) fn write(folder: &Path, scope: &Scope) -> anyhow::Result<Files> {
    std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let files = Files { persons: folder.join("persons.csv"), regulator: folder.join("regulator.md") };
    let put = |path: &Path, bytes: &[u8]| {
        durable::write_file(path, bytes, 0o600).with_context(|| format!("write {}", path.display()))
    };
    put(&files.persons, &persons(scope)?)?;
    put(&files.regulator, regulator(scope).as_bytes())?;
    Ok(files)
}

/// What is printed: numbers, and no name.
pub(super) fn text(scope: &Scope, files: Option<&Files>) -> String {
    let mut text = format!("exposed: {}\nfrom {}", things(scope), from(scope));
    text += &format!(" until {}\n", scope.window.to);
    if scope.people.is_empty() {
        text += "nobody's data can be read with it\n";
    } else {
        let mut rows = vec![vec!["could be read".into(), "people".into()]];
        rows.extend(
            by_readable(scope).into_iter().map(|(what, people)| vec![what.into(), people.to_string()]),
        );
        text += &format!("{}\n", table(&rows));
    }
    let [high, medium, low] = by_risk(scope);
    text += &format!("to be told (likely high risk, GDPR article 34): {high}\n");
    text += &format!("to be thought about, case by case: {medium}\nnot by this alone: {low}\n");
    for remark in remarks(scope) {
        text += &format!("{remark}\n");
    }
    if !scope.people.is_empty() {
        text += &format!("the authority is to be told by {}\n", deadline(scope));
    }
    match files {
        Some(files) => {
            text += &format!(
                "names in {}, for the authority {}",
                files.persons.display(),
                files.regulator.display()
            );
        }
        None => text += "names and the summary for the authority: add --to-folder DIR",
    }
    text
}

/// The same for programs.
pub(super) fn value(scope: &Scope, files: Option<&Files>) -> Value {
    let [high, medium, low] = by_risk(scope);
    json!({
        "exposed": scope.exposed.iter().map(thing).collect::<Vec<_>>(),
        "from": (scope.window.from > Timestamp::MIN).then_some(scope.window.from),
        "to": scope.window.to,
        "people": scope.people.len(),
        "turns": turns(scope),
        "could_be_read": by_readable(scope),
        "notify": { "yes": high, "consider": medium, "no": low },
        "erased_since": scope.erased,
        "authority_by": deadline(scope),
        "remarks": remarks(scope),
        "persons_file": files.map(|files| &files.persons),
        "regulator_file": files.map(|files| &files.regulator),
    })
}

fn persons(scope: &Scope) -> anyhow::Result<Vec<u8>> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["tenant", "name", "region", "could_be_read", "turns", "notify"])?;
    for touched in &scope.people {
        let subject = &touched.holding.subject;
        let region = subject.profile.region.as_ref().map(ToString::to_string).unwrap_or_default();
        let readable: Vec<&str> = touched.readable.iter().map(|readable| readable.as_str()).collect();
        out.write_record([
            subject.tenant.as_str(),
            &subject.profile.name,
            &region,
            &readable.join("; "),
            &turns_of(touched).to_string(),
            notify(touched.risk),
        ])?;
    }
    out.into_inner().context("write persons.csv")
}

fn notify(risk: Risk) -> &'static str {
    match risk {
        Risk::High => "yes",
        Risk::Medium => "consider",
        Risk::Low => "no",
    }
}

/// What article 33(3) asks for, as far as it is known here; what only people know is left open in brackets.
fn regulator(scope: &Scope) -> String {
    let [high, medium, low] = by_risk(scope);
    let mut out = format!(
        "# Notification of a personal data breach (GDPR article 33)\n\nKnown since {}. To be notified by {} \
         (72 hours).\n\n## (a) Nature of the breach\n\nExposed: {}.\n\nIt could be taken from {} until {}.\n\n",
        scope.known_at,
        deadline(scope),
        things(scope),
        from(scope),
        scope.window.to
    );
    out += &format!(
        "- People concerned: approximately {}.\n- Records concerned: approximately {} turns of conversations, and the \
         rows of each release named above.\n",
        scope.people.len(),
        turns(scope)
    );
    for (what, people) in by_readable(scope) {
        out += &format!("- {what}: {people} people.\n");
    }
    let regions = by_region(scope);
    out += &format!("- Where they are: {}.\n", if regions.is_empty() { "nobody".into() } else { regions });
    for remark in remarks(scope) {
        out += &format!("- Note: {remark}.\n");
    }
    out += "\n## (b) Contact\n\n[name and contact details of the data protection officer]\n\n\
            ## (c) Likely consequences\n\n";
    let consequences = consequences(scope);
    out += &consequences.iter().map(|line| format!("- {line}\n")).collect::<String>();
    out += "\n## (d) Measures\n\n";
    out += &measures(scope).iter().map(|line| format!("- {line}\n")).collect::<String>();
    out += &format!(
        "- People told under article 34: {high} likely at high risk; {medium} decided case by case; {low} not by this \
         alone.\n- [what was done besides]\n"
    );
    out
}

fn consequences(scope: &Scope) -> Vec<&'static str> {
    let all: BTreeSet<Readable> =
        scope.people.iter().flat_map(|touched| touched.readable.iter().copied()).collect();
    let words = |readable: Readable| match readable {
        Readable::Metadata => {
            "Who has it sees sizes, times and states of choices under random ids, and not whose they are."
        }
        Readable::Rows => {
            "Text without names and identifiers; somebody who knows a person may recognise them by what they say."
        }
        Readable::Profile => {
            "Names of accounts, display names, region and age may be used to approach people."
        }
        Readable::Choices => "What people chose about their data, and when, is known.",
        Readable::DroppedText => "Conversations that are no longer held may have been read.",
        Readable::Text => "What people wrote and were answered can be read, sensitive matters included.",
        Readable::Files => "What people uploaded can be read.",
        Readable::Voice => "Somebody can speak as these people, and fetch what a provider stored for them.",
    };
    let mut lines: Vec<&str> = all.into_iter().map(words).collect();
    if scope.exposed.contains(&Exposed::OperatorKey) || scope.exposed.contains(&Exposed::MasterKey) {
        lines.push("Receipts and releases can be signed in the operator's name; what was signed before still verifies.");
    }
    if lines.is_empty() {
        lines.push("None for people that follows from what was exposed.");
    }
    lines
}

fn measures(scope: &Scope) -> Vec<String> {
    let mut lines = BTreeSet::new();
    for exposed in &scope.exposed {
        let line = match exposed {
            Exposed::Catalogue | Exposed::Objects | Exposed::Inbox => {
                "Content is sealed under a key for each person, which an epoch's key outside the catalogue wraps."
            }
            Exposed::EpochKey(_) | Exposed::MasterKey => {
                "`candor keys rotate` wraps every person's key anew; it closes copies of the catalogue made from then \
                 on, not what was copied with the key."
            }
            Exposed::OperatorKey => {
                "Those who verify receipts and releases are told to trust no new signature."
            }
            Exposed::AccessLog => "The access log holds no content and names no person.",
            Exposed::Release(_) => {
                "Rows are de-identified before they are released; whoever got the release is asked to delete it."
            }
            Exposed::GatewayKey(_) => "The key is revoked with `candor gateway revoke`.",
        };
        lines.insert(line.to_owned());
    }
    lines.into_iter().collect()
}

fn remarks(scope: &Scope) -> Vec<String> {
    let mut remarks = scope.remarks.clone();
    if scope.erased > 0 {
        remarks.push(format!(
            "{} people were erased since the beginning of this time and may have been in the catalogue: nothing tells \
             who they were",
            scope.erased
        ));
    }
    let opens_nobody = |exposed: &&Exposed| matches!(exposed, Exposed::AccessLog | Exposed::OperatorKey);
    for exposed in scope.exposed.iter().filter(opens_nobody) {
        remarks.push(format!("{} alone makes nobody's data readable", thing(exposed)));
    }
    remarks
}

fn by_readable(scope: &Scope) -> BTreeMap<&'static str, usize> {
    let count = |readable| scope.people.iter().filter(|touched| touched.readable.contains(&readable)).count();
    let mut counts: BTreeMap<&str, usize> =
        Readable::ALL.into_iter().map(|readable| (readable.as_str(), count(readable))).collect();
    let only = |touched: &&Touched| touched.readable.iter().all(|readable| *readable == Readable::Metadata);
    counts.insert("metadata only", scope.people.iter().filter(only).count());
    counts.retain(|_, people| *people > 0);
    counts
}

fn by_risk(scope: &Scope) -> [usize; 3] {
    [Risk::High, Risk::Medium, Risk::Low]
        .map(|risk| scope.people.iter().filter(|touched| touched.risk == risk).count())
}

fn by_region(scope: &Scope) -> String {
    let mut regions: BTreeMap<String, usize> = BTreeMap::new();
    for touched in &scope.people {
        let region = touched.holding.subject.profile.region.as_ref();
        *regions.entry(region.map_or("unknown".into(), ToString::to_string)).or_default() += 1;
    }
    regions.iter().map(|(region, people)| format!("{region} {people}")).collect::<Vec<_>>().join(", ")
}

/// Turns whose text can be read.
fn turns(scope: &Scope) -> u64 {
    scope.people.iter().map(turns_of).sum()
}

fn turns_of(touched: &Touched) -> u64 {
    if touched.readable.contains(&Readable::Text) { touched.holding.turns } else { 0 }
}

fn deadline(scope: &Scope) -> Timestamp {
    Timestamp::from_millis(scope.known_at.millis() + NOTIFICATION_HOURS * HOUR_MS)
}

fn from(scope: &Scope) -> String {
    if scope.window.from == Timestamp::MIN { "the beginning".into() } else { scope.window.from.to_string() }
}

fn things(scope: &Scope) -> String {
    scope.exposed.iter().map(thing).collect::<Vec<_>>().join(", ")
}

fn thing(exposed: &Exposed) -> String {
    match exposed {
        Exposed::Catalogue => "the catalogue".into(),
        Exposed::Objects => "the object store".into(),
        Exposed::Inbox => "the inbox".into(),
        Exposed::EpochKey(epoch) => format!("the key of epoch {}", epoch.0),
        Exposed::MasterKey => "the master key".into(),
        Exposed::OperatorKey => "the operator's key".into(),
        Exposed::AccessLog => "the access log".into(),
        Exposed::Release(name) => format!("release `{name}`"),
        Exposed::GatewayKey(name) => format!("the gateway's key `{name}`"),
    }
}
