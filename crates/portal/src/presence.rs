//! `/privacy/where`: what of a person is in each release, shown by the proof that they can take along.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use candor_consent::Purpose;
use candor_consent::receipt::Receipt;
use candor_release::dsse::Envelope;
use candor_release::prove::{self, ProofError};
use candor_vault::{ReleaseRow, Vault};
use serde::Deserialize;
use serde_json::Value;

use crate::kept::download;
use crate::page::{Frame, page};
use crate::portal::Portal;
use crate::receipts::acts;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::standing::{StandingText, day};
use crate::visitor::Visitor;

/// Row numbers that are listed of a release; the proof has all.
const ROWS_SHOWN: usize = 100;
/// Releases that are listed, the newest first.
const RELEASES_SHOWN: usize = 40;
/// Largest model card that is read, in bytes.
const CARD_BYTES_MAX: u64 = 1 << 20;

/// The words of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PresenceText {
    title: String,
    intro: String,
    none: String,
    decided: String,
    made_for: String,
    absent: String,
    present: String,
    merged: String,
    only_for_you: String,
    too_late: String,
    unknown: String,
    more: String,
    recalled: String,
    withdrawn: String,
    erased: String,
    deleted: String,
    models: String,
    proof: String,
    check: String,
    back: String,
}

/// What is known of a person's part in a release.
pub(crate) enum Part {
    Absent,
    Present(Present),
    /// It was decided before they were enrolled.
    TooLate,
    /// Its records are lost: nobody can tell.
    Unknown,
}

/// Their rows.
#[derive(Default)]
pub(crate) struct Present {
    own: Vec<u64>,
    own_count: usize,
    /// Rows that stand for others that were nearly the same.
    merged: usize,
    /// Rows that must not be used again, by why.
    recalled: BTreeMap<String, usize>,
    /// Models that learned from the release.
    models: Vec<String>,
}

/// A release, and their part in it.
pub(crate) struct InRelease {
    name: String,
    day: String,
    purpose: Option<Purpose>,
    part: Part,
}

#[derive(Template)]
#[template(path = "presence.html")]
struct PresencePage<'a> {
    frame: Frame<'a>,
    text: &'a PresenceText,
    standing: &'a StandingText,
    releases: &'a [InRelease],
}

/// The page.
pub(crate) async fn show(State(portal): State<Arc<Portal>>, visitor: Visitor) -> Response {
    let answer = async {
        let releases = releases(&portal, visitor.signed_in()?).await?;
        page(&PresencePage {
            frame: Frame::new(&portal, &visitor),
            text: portal.texts.presence.of(visitor.locale),
            standing: portal.texts.standing.of(visitor.locale),
            releases: &releases,
        })
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// The proof about a release and whoever is signed in.
pub(crate) async fn proof(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Response {
    let answer = async {
        let session = Arc::clone(visitor.signed_in()?);
        let proof = portal.act(move |vault, _| {
            vault.release(&name)?.ok_or(Refusal::NotFound)?;
            let enrolment = enrolment(vault, &session)?;
            prove::prove(vault, &name, &enrolment).map_err(|_| Refusal::Broken("make a proof"))
        });
        let bytes = format!("{:#}\n", proof.await?).into_bytes();
        Ok(download("application/json", "release.proof.json", bytes))
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

async fn releases(portal: &Arc<Portal>, session: &Arc<Session>) -> Result<Arc<Vec<InRelease>>, Refusal> {
    let (acts, now) = (acts(portal, session)?, portal.now());
    if let Some(releases) = session.presence.fresh(acts, now) {
        return Ok(releases);
    }
    let whose = Arc::clone(session);
    let found = portal.act(move |vault, _| {
        let enrolment = enrolment(vault, &whose)?;
        let models = models(vault.root());
        let mut rows = vault.releases()?;
        rows.reverse();
        rows.truncate(RELEASES_SHOWN);
        rows.into_iter().map(|row| in_release(vault, row, &enrolment, &models)).collect::<Result<Vec<_>, _>>()
    });
    Ok(session.presence.hold(acts, now, found.await?))
}

fn enrolment(vault: &Vault, session: &Session) -> Result<Receipt, Refusal> {
    let subject = vault.subject(&session.tenant, &session.name)?;
    vault.receipts(&subject)?.into_iter().next().ok_or(Refusal::Broken("read a receipt"))
}

fn in_release(
    vault: &Vault,
    row: ReleaseRow,
    enrolment: &Receipt,
    models: &[(String, String)],
) -> Result<InRelease, Refusal> {
    let proof = prove::prove(vault, &row.name, enrolment);
    let part = match proof.and_then(|proof| prove::verify_proof(&proof, None).map(|_| proof)) {
        Ok(proof) if proof["claim"] == "absent" => Part::Absent,
        Ok(proof) => Part::Present(present(vault, &row, &proof, models)?),
        Err(ProofError::EnrolledLate { .. }) => Part::TooLate,
        Err(_) => Part::Unknown,
    };
    Ok(InRelease { day: day(row.as_of), purpose: purpose(&row), name: row.name, part })
}

fn present(
    vault: &Vault,
    release: &ReleaseRow,
    proof: &Value,
    models: &[(String, String)],
) -> Result<Present, Refusal> {
    let mut present = Present::default();
    let mut rows = Vec::new();
    for listed in proof["rows"].as_array().into_iter().flatten() {
        let row = listed["row"].as_u64().ok_or(Refusal::Broken("read a proof"))?;
        rows.push(row);
        match listed["represents"].as_bool() {
            Some(true) => present.merged += 1,
            _ => present.own.push(row),
        }
    }
    present.own_count = present.own.len();
    present.own.truncate(ROWS_SHOWN);
    for recall in vault.recalls()? {
        if recall.release == release.name && rows.contains(&recall.row) {
            *present.recalled.entry(recall.cause).or_default() += 1;
        }
    }
    let learned = models.iter().filter(|(_, id)| *id == release.id).map(|(name, _)| name.clone());
    present.models = learned.collect();
    present.models.dedup();
    Ok(present)
}

/// What a release was made for, by its signed statement.
pub(crate) fn purpose(release: &ReleaseRow) -> Option<Purpose> {
    statement(release)?.pointer("/predicate/purpose")?.as_str()?.parse().ok()
}

/// The signed statement of a release.
pub(crate) fn statement(release: &ReleaseRow) -> Option<Value> {
    let envelope: Value = serde_json::from_str(&release.statement).ok()?;
    Envelope::from_value(&envelope).ok()?.statement().ok()
}

/// The models of a data directory, each with the id of every release that it learned from, in order of their names.
fn models(root: &FilePath) -> Vec<(String, String)> {
    let mut models = Vec::new();
    for folder in std::fs::read_dir(root.join("models")).into_iter().flatten().flatten() {
        let path = folder.path().join("card.json");
        if std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() > CARD_BYTES_MAX) {
            continue;
        }
        let card = std::fs::read(&path).ok().and_then(|card| serde_json::from_slice::<Value>(&card).ok());
        let sets = card.as_ref().and_then(|card| card.get("read_sets")?.as_array());
        for id in sets.into_iter().flatten().filter_map(|set| set.get("release_id")?.as_str()) {
            models.push((folder.file_name().to_string_lossy().into_owned(), id.to_owned()));
        }
    }
    models.sort();
    models
}

impl Present {
    fn has_more(&self) -> bool {
        self.own_count > self.own.len()
    }
}

impl PresenceText {
    fn cause(&self, cause: &str) -> &str {
        match cause {
            "withdrawn" => &self.withdrawn,
            "erased" => &self.erased,
            _ => &self.deleted,
        }
    }
}

impl InRelease {
    /// Whether there is something to prove.
    fn is_known(&self) -> bool {
        !matches!(self.part, Part::Unknown | Part::TooLate)
    }
}
