//! `/privacy/receipts`: every act of a person in order, and the receipts for them.

use std::io::{Cursor, Write};
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use candor_consent::State as ChoiceState;
use candor_consent::receipt::Receipt;
use candor_consent::record::EventFacts;
use candor_conversation::Timestamp;
use candor_release::layout::sha256_hex;
use candor_vault::Author;
use serde::Deserialize;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::kept::download;
use crate::page::{Frame, page};
use crate::portal::Portal;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::standing::{StandingText, minute};
use crate::visitor::Visitor;

/// Acts on a page.
const ACTS: usize = 50;

/// The words of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReceiptsText {
    title: String,
    intro: String,
    list: String,
    enrolled: String,
    notice: String,
    position: String,
    vouched: String,
    one: String,
    all: String,
    check: String,
    older: String,
    newer: String,
    back: String,
    states: States,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct States {
    given: String,
    renewed: String,
    refused: String,
    withdrawn: String,
    deferred: String,
    other: String,
}

/// An act, as its receipt tells it.
pub(crate) struct Paper {
    /// Nothing for the enrolment.
    event: Option<EventFacts>,
    at: Timestamp,
    position: u64,
}

struct Line<'a> {
    title: &'a str,
    state: &'a str,
    minute: String,
    machine: String,
    notice: Option<u64>,
    attested: bool,
    position: u64,
    link: String,
}

#[derive(Template)]
#[template(path = "receipts.html")]
struct ReceiptsPage<'a> {
    frame: Frame<'a>,
    text: &'a ReceiptsText,
    lines: Vec<Line<'a>>,
    earlier: Option<usize>,
    later: Option<usize>,
}

/// Which page of the list.
#[derive(Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    page: usize,
}

/// The page.
pub(crate) async fn show(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Query(which): Query<Which>,
) -> Response {
    let answer = async {
        let session = visitor.signed_in()?;
        let papers = papers(&portal, session).await?;
        let text = portal.texts.receipts.of(visitor.locale);
        let standing = portal.texts.standing.of(visitor.locale);
        let pages = papers.len().div_ceil(ACTS);
        if which.page >= pages {
            return Err(Refusal::NotFound);
        }
        let numbered = papers.iter().enumerate().skip(which.page * ACTS).take(ACTS);
        let lines =
            numbered.map(|(number, paper)| paper.line((text, standing), link(session, number))).collect();
        let frame = Frame { path: "/privacy/receipts", ..Frame::new(&portal, &visitor) };
        let later = Some(which.page + 1).filter(|next| *next < pages);
        page(&ReceiptsPage { frame, text, lines, earlier: which.page.checked_sub(1), later })
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// One receipt, as a file.
pub(crate) async fn one(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Path(key): Path<String>,
) -> Response {
    let answer = async {
        let session = visitor.signed_in()?;
        let receipts = receipts(&portal, session).await?;
        let found = receipts.iter().enumerate().find(|(number, _)| link(session, *number) == key);
        let (number, receipt) = found.ok_or(Refusal::NotFound)?;
        Ok(download("application/json", &file_name(number, receipt), file(receipt)))
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// All of them, in an archive.
pub(crate) async fn all(State(portal): State<Arc<Portal>>, visitor: Visitor) -> Response {
    let answer = async {
        let receipts = receipts(&portal, visitor.signed_in()?).await?;
        let archive = tokio::task::spawn_blocking(move || archive(&receipts)).await;
        let archive = archive.map_err(|_| Refusal::Broken("write receipts"))?;
        let archive = archive.map_err(|_| Refusal::Broken("write receipts"))?;
        Ok(download("application/zip", "candor-receipts.zip", archive))
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// How many acts of theirs there are: what follows from them is found out again when there are more.
pub(crate) fn acts(portal: &Portal, session: &Session) -> Result<usize, Refusal> {
    let Author::Person(person) = portal.desk.policy()?.author(&session.tenant, &session.name) else {
        return Err(Refusal::SignIn);
    };
    Ok(person.histories.iter().map(|(_, events)| events.len()).sum())
}

async fn receipts(portal: &Arc<Portal>, session: &Arc<Session>) -> Result<Vec<Receipt>, Refusal> {
    let session = Arc::clone(session);
    let read = portal.act(move |vault, _| {
        let subject = vault.subject(&session.tenant, &session.name)?;
        Ok(vault.receipts(&subject)?)
    });
    read.await
}

async fn papers(portal: &Arc<Portal>, session: &Arc<Session>) -> Result<Arc<Vec<Paper>>, Refusal> {
    let (acts, now) = (acts(portal, session)?, portal.now());
    if let Some(papers) = session.papers.fresh(acts, now) {
        return Ok(papers);
    }
    let papers: Option<Vec<Paper>> = receipts(portal, session).await?.iter().map(Paper::of).collect();
    Ok(session.papers.hold(acts, now, papers.ok_or(Refusal::Broken("read a receipt"))?))
}

/// A receipt's name in its session's links: it says nothing, not even how many there are.
fn link(session: &Session, number: usize) -> String {
    let named = format!("candor-receipt-link-1 {} {number}", session.form_token);
    sha256_hex(named.as_bytes())[..16].to_owned()
}

fn file(receipt: &Receipt) -> Vec<u8> {
    format!("{:#}\n", receipt.to_value()).into_bytes()
}

fn file_name(number: usize, receipt: &Receipt) -> String {
    let kind = if receipt.enrolment_nonce().is_some() { "enrolment" } else { "consent" };
    format!("{number:04}-{kind}.receipt.json")
}

fn archive(receipts: &[Receipt]) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (number, receipt) in receipts.iter().enumerate() {
        archive.start_file(file_name(number, receipt), SimpleFileOptions::default())?;
        archive.write_all(&file(receipt))?;
    }
    Ok(archive.finish()?.into_inner())
}

impl Paper {
    fn of(receipt: &Receipt) -> Option<Self> {
        let record = receipt.record();
        let event = record.event();
        let at = event.as_ref().map(|event| event.recorded_at).or_else(|| Some(record.enrolment()?.1))?;
        let position = receipt.verify_integrity().ok()?.position.0;
        Some(Self { event, at, position })
    }

    fn line<'a>(&self, (text, standing): (&'a ReceiptsText, &'a StandingText), link: String) -> Line<'a> {
        let event = self.event.as_ref();
        Line {
            title: event.map_or(&text.enrolled, |event| standing.purpose(&event.purpose)),
            state: event.map_or("", |event| text.states.word(event.state)),
            minute: minute(self.at),
            machine: self.at.to_string(),
            notice: event.map(|event| event.notice.0.into()),
            attested: event.is_some_and(|event| event.attested_by.is_some()),
            position: self.position,
            link,
        }
    }
}

impl States {
    fn word(&self, state: ChoiceState) -> &str {
        match state {
            ChoiceState::Given => &self.given,
            ChoiceState::Renewed => &self.renewed,
            ChoiceState::Refused => &self.refused,
            ChoiceState::Withdrawn => &self.withdrawn,
            ChoiceState::Deferred => &self.deferred,
            _ => &self.other,
        }
    }
}
