//! Taking back every yes, taking everything along, and having everything erased.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use candor_consent::AccessPermit;
use candor_release::prove::{self, Departure};
use serde::Deserialize;

use crate::export;
use crate::form::Submitted;
use crate::kept::download;
use crate::page::{Frame, page, see, set_cookie};
use crate::portal::Portal;
use crate::privacy::withdraw_everything;
use crate::refusal::Refusal;
use crate::session::SESSION_COOKIE;
use crate::visitor::Visitor;

/// The words of these pages.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeavingText {
    title: String,
    intro: String,
    at_once: String,
    unreadable: String,
    records: String,
    rows: String,
    signed_out: String,
    later: String,
    clean_up: String,
    copies: String,
    stays: String,
    releases: String,
    tombstone: String,
    first: String,
    kept: String,
    erase: String,
    keep: String,
    erased_title: String,
    erased: String,
    erased_later: String,
}

#[derive(Template)]
#[template(path = "leaving.html")]
struct LeavingPage<'a> {
    frame: Frame<'a>,
    text: &'a LeavingText,
    is_done: bool,
}

/// Takes back every yes.
pub(crate) async fn withdraw(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    _form: Submitted,
) -> Response {
    let answer = async {
        withdraw_everything(&portal, Arc::clone(visitor.signed_in()?)).await?;
        Ok(see("/privacy"))
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// Everything that is held of the person, in an archive.
pub(crate) async fn export(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    _form: Submitted,
) -> Response {
    let answer = async {
        let session = Arc::clone(visitor.signed_in()?);
        let document = portal.act(move |vault, _| {
            let subject = vault.subject(&session.tenant, &session.name)?;
            let permit = AccessPermit::for_own(subject.id, subject.id).ok_or(Refusal::NotFound)?;
            let mut files = Vec::new();
            let written = export::export_files(vault, (&subject, &permit), |place, bytes| {
                files.push((place.to_owned(), bytes.to_vec()));
                Ok::<_, Refusal>(())
            })?;
            Ok((export::export_document(&subject, &vault.export(&subject, &permit)?, &written), files))
        });
        let (document, files) = document.await?;
        // Whoever waits for the vault does not wait for this.
        let archive = tokio::task::spawn_blocking(move || export::archive(&document, &files));
        let archive = archive.await.map_err(|_| Refusal::Broken("write an export"))??;
        Ok(download("application/zip", "candor-export.zip", archive))
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// Says what an erasure does, and by when.
pub(crate) async fn ask(State(portal): State<Arc<Portal>>, visitor: Visitor) -> Response {
    let answer = || {
        visitor.signed_in()?;
        leaving_page(&portal, &visitor, false)
    };
    answer().unwrap_or_else(|refusal| refusal.answer(&portal, &visitor))
}

/// Erases the person, and ends their sessions.
pub(crate) async fn erase(State(portal): State<Arc<Portal>>, visitor: Visitor, _form: Submitted) -> Response {
    let answer = async {
        let session = Arc::clone(visitor.signed_in()?);
        let (tenant, name, now) = (session.tenant.clone(), session.name.clone(), portal.now());
        let desk = Arc::clone(&portal);
        portal
            .act(move |vault, _| {
                let subject = vault.subject(&tenant, &name)?;
                let departure = Departure { subject: &subject, purpose: None };
                let recalls = prove::recalls(vault, &[departure]);
                let recalls = recalls.map_err(|_| Refusal::Broken("look up rows to recall"))?;
                // Once the person is erased, nothing tells any more which receipts were theirs.
                desk.desk.remove_receipts(subject.id).map_err(|_| Refusal::Broken("remove receipts"))?;
                vault.erase(&subject, &recalls.rows, now)?;
                Ok(())
            })
            .await?;
        portal.sessions.end_all_of(&session.tenant, &session.name);
        portal.desk.tidy(now)?;
        let mut response = see("/privacy/erased");
        set_cookie(&mut response, &portal, (SESSION_COOKIE, ""), Some(0));
        Ok(response)
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// Says that it is done.
pub(crate) async fn erased(State(portal): State<Arc<Portal>>, visitor: Visitor) -> Response {
    leaving_page(&portal, &visitor, true).unwrap_or_else(|refusal| refusal.answer(&portal, &visitor))
}

fn leaving_page(portal: &Portal, visitor: &Visitor, is_done: bool) -> Result<Response, Refusal> {
    let text = portal.texts.leaving.of(visitor.locale);
    page(&LeavingPage { frame: Frame::new(portal, visitor), text, is_done })
}
