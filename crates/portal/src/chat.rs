//! `/chat`: talking to a model through the gateway, with the choice beside it, and under each message what is kept.
//!
//! Nothing of a conversation is written to a disk here: it is in the memory of the session, and in the vault as far as
//! the gateway kept it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_vault::{Author, Lowered, Person, Policy};
use candor_wire::capture_header::CAPTURE_HEADER;
use candor_wire::opt_out::{OptOut, read_headers};
use serde::Deserialize;
use serde_json::json;

use crate::form::Submitted;
use crate::gateway::{Asker, Gateway, Unanswered};
use crate::kept;
use crate::page::{page_with, see};
use crate::portal::Portal;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::visitor::Visitor;

mod exchange;
mod rating;
mod request;
mod shelf;
mod shown;
mod text;
mod told;

pub(crate) use rating::{keep_rating, rate};
pub(crate) use shelf::{Load, Shelf};
pub(crate) use text::ChatText;

use exchange::Asked;
use shelf::{FILE_BYTES_MAX, Full, MESSAGE_BYTES_MAX, Message};
use shown::{ChatPage, Open};
use told::Told;

/// Largest form of this page, in bytes: a file, a message and what is around them.
pub(crate) const SAY_BYTES_MAX: usize = FILE_BYTES_MAX + 2 * MESSAGE_BYTES_MAX;

/// Why a message was not sent, or was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alert {
    Empty,
    TextTooLong,
    FileTooLarge,
    NotTaken(Full),
    Unanswered(Unanswered),
    NotResumed,
}

impl Alert {
    fn status(self) -> StatusCode {
        match self {
            Alert::Empty => StatusCode::BAD_REQUEST,
            Alert::TextTooLong | Alert::FileTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Alert::NotTaken(Full::Gone) => StatusCode::NOT_FOUND,
            Alert::NotTaken(Full::NoRoom) => StatusCode::SERVICE_UNAVAILABLE,
            Alert::NotTaken(_) | Alert::NotResumed => StatusCode::CONFLICT,
            Alert::Unanswered(_) => StatusCode::BAD_GATEWAY,
        }
    }
}

/// Which part of a conversation is asked for.
#[derive(Deserialize)]
pub(crate) struct Part {
    until: Option<usize>,
}

/// The page for a new conversation.
pub(crate) async fn new(State(portal): State<Arc<Portal>>, visitor: Visitor) -> Response {
    show(&portal, &visitor, Open::default()).await.unwrap_or_else(|refusal| refusal.answer(&portal, &visitor))
}

/// A conversation of this session.
pub(crate) async fn conversation(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(asked): Query<Part>,
) -> Response {
    let answer = async {
        let session = visitor.signed_in()?;
        session.shelf.see(&id).ok_or(Refusal::NotFound)?;
        show(&portal, &visitor, Open { id: Some(id), until: asked.until, ..Open::default() }).await
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// Goes on with a conversation that the vault holds, or says why not.
pub(crate) async fn resume(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Path(key): Path<String>,
) -> Response {
    let answer = async {
        let session = visitor.signed_in()?;
        let key = key.parse().map_err(|_| Refusal::NotFound)?;
        let resumed = portal
            .look(session, move |own, look| {
                let opened = own.open_conversation(look, key)?.ok_or(Refusal::NotFound)?;
                Ok(request::resumed(&opened, look.policy, &look.person.subject))
            })
            .await?;
        let Some((name, messages)) = resumed else {
            return show(&portal, &visitor, Open { alert: Some(Alert::NotResumed), ..Open::default() }).await;
        };
        let now = portal.now();
        if let Some(open) = session.shelf.list(now).into_iter().find(|listed| listed.name == name) {
            return Ok(see(&path(&open.id)));
        }
        let id = new_id(&portal);
        match session.shelf.begin((id.clone(), name), false, messages, now) {
            Ok(()) => Ok(see(&path(&id))),
            Err(full) => {
                let alert = Some(Alert::NotTaken(full));
                show(&portal, &visitor, Open { alert, ..Open::default() }).await
            }
        }
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// Says something, and answers with the page, or to the page's script with what comes as it comes.
pub(crate) async fn say(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    headers: HeaderMap,
    form: Submitted,
) -> Response {
    let answer = async {
        let session = visitor.signed_in()?;
        let chat = form.optional("conversation").filter(|id| !id.is_empty());
        match ask(&portal, session, (&headers, &form)).await? {
            Ok((_, answer)) if wants_events(&headers) => {
                let mut response = Body::new(answer).into_response();
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
                Ok(response)
            }
            Ok((id, answer)) => {
                answer.whole().await;
                Ok(see(&path(&id)))
            }
            Err(alert) => {
                // A conversation that is gone takes nothing of what was written with it.
                let id = chat.filter(|id| session.shelf.see(id).is_some()).map(str::to_owned);
                let draft = form.field("text")?.to_owned();
                let is_temporary = form.optional("temporary").is_some();
                let model = form.optional("model").map(str::to_owned);
                let open = Open { id, until: None, alert: Some(alert), draft, is_temporary, model };
                show(&portal, &visitor, open).await
            }
        }
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// Ends an answer that is on its way.
pub(crate) async fn stop(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Path(id): Path<String>,
    _form: Submitted,
) -> Response {
    let answer = || match visitor.signed_in()?.shelf.stop(&id) {
        true => Ok(see(&path(&id))),
        false => Err(Refusal::NotFound),
    };
    answer().unwrap_or_else(|refusal| refusal.answer(&portal, &visitor))
}

/// Deletes a conversation, here and in the vault.
pub(crate) async fn delete(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Path(id): Path<String>,
    _form: Submitted,
) -> Response {
    let answer = async {
        let session = visitor.signed_in()?;
        let seen = session.shelf.see(&id).ok_or(Refusal::NotFound)?;
        session.shelf.stop(&id);
        let is_kept = seen.messages.iter().any(|message| message.told.as_ref().is_some_and(Told::is_kept));
        if is_kept {
            let (policy, person) = person(&portal, session)?;
            let key = request::key(&policy, &person.subject, &seen.name);
            kept::forget_one(&portal, session, key).await?;
        }
        session.shelf.forget(&id);
        Ok(see("/chat"))
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// The person of a session, with everything that decides.
fn person(portal: &Portal, session: &Session) -> Result<(Policy, Arc<Person>), Refusal> {
    let policy = portal.desk.policy()?;
    match policy.author(&session.tenant, &session.name) {
        Author::Person(person) => Ok((policy, person)),
        Author::Erased | Author::Nobody => Err(Refusal::SignIn),
    }
}

fn gateway(portal: &Portal) -> Result<&Gateway, Refusal> {
    portal.gateway.as_ref().ok_or(Refusal::Broken("find the gateway"))
}

fn asker(session: &Session) -> Asker<'_> {
    Asker { tenant: &session.tenant, name: &session.name }
}

fn path(id: &str) -> String {
    format!("/chat/{id}")
}

fn new_id(portal: &Portal) -> String {
    URL_SAFE_NO_PAD.encode(portal.random::<16>())
}

fn wants_events(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).is_some_and(|accept| accept == "text/event-stream")
}

type Begun = Result<(String, exchange::Answer), Alert>;

async fn ask(
    portal: &Portal,
    session: &Arc<Session>,
    (headers, form): (&HeaderMap, &Submitted),
) -> Result<Begun, Refusal> {
    let now = portal.now();
    let gateway = gateway(portal)?;
    // Browsers send lines of a text field with CR LF.
    let text = form.field("text")?.replace("\r\n", "\n");
    let file = form.file().cloned();
    if let Some(alert) = unfit(&text, file.as_ref().map_or(0, |file| file.bytes.len()), file.is_some()) {
        return Ok(Err(alert));
    }
    let models = gateway.models(asker(session), now).await;
    let model = form.optional("model").filter(|asked| models.iter().any(|model| model == asked));
    let model = model.unwrap_or(&portal.settings.model).to_owned();
    let message = Message { file, model: Some(model.clone()), ..Message::of_person(text, now) };
    let said = match form.optional("conversation").filter(|id| !id.is_empty()) {
        Some(id) => session.shelf.say(id, message),
        None => {
            let names = (new_id(portal), request::name(&message.text, portal.random()));
            session.shelf.begin_with(names, form.optional("temporary").is_some(), message)
        }
    };
    let (question, seen) = match said {
        Ok(said) => said,
        Err(full) => return Ok(Err(Alert::NotTaken(full))),
    };
    let id = seen.id.clone();
    let asked = Asked::new(Arc::clone(session), id.clone(), question);
    let (lowered, own_headers) = lowered(seen.is_temporary, headers);
    let named = HeaderValue::try_from(&seen.name).map_err(|_| Refusal::Broken("name a conversation"))?;
    let own_headers =
        own_headers.into_iter().chain([(HeaderName::from_static("candor-conversation"), named)]);
    let body = request::body(&seen.messages, &model);
    let response = match gateway.say(asker(session), body, own_headers.collect(), now).await {
        Ok(response) => response,
        Err(unanswered) => return Ok(Err(Alert::Unanswered(unanswered))),
    };
    let capture = response.headers().get(CAPTURE_HEADER).and_then(|header| header.to_str().ok());
    let told = Told::by(capture, lowered);
    let first = json!({ "path": path(&id) });
    Ok(Ok((id, asked.answered(response, (told, first), portal.now()))))
}

fn unfit(text: &str, file_bytes: usize, has_file: bool) -> Option<Alert> {
    if text.trim().is_empty() && !has_file {
        return Some(Alert::Empty);
    }
    if text.len() > MESSAGE_BYTES_MAX {
        return Some(Alert::TextTooLong);
    }
    (file_bytes > FILE_BYTES_MAX).then_some(Alert::FileTooLarge)
}

/// What a request asks for itself, and the headers that say so: a temporary conversation, and what the browser asks for,
/// read as the gateway reads it. It only lowers what is kept.
fn lowered(is_temporary: bool, headers: &HeaderMap) -> (Lowered, Vec<(HeaderName, HeaderValue)>) {
    let asked = read_headers(headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))).0;
    let temporary = (HeaderName::from_static("candor-temporary"), HeaderValue::from_static("true"));
    let no_training = (HeaderName::from_static("content-usage"), HeaderValue::from_static("train-ai=n"));
    match asked {
        _ if is_temporary => (Lowered::Everything, vec![temporary]),
        OptOut::Everything => (Lowered::Everything, vec![temporary]),
        OptOut::Training => (Lowered::AllButHistory, vec![no_training]),
        OptOut::None => (Lowered::Nothing, Vec::new()),
    }
}

async fn show(portal: &Arc<Portal>, visitor: &Visitor, open: Open) -> Result<Response, Refusal> {
    let status = open.alert.map_or(StatusCode::OK, Alert::status);
    page_with(status, &ChatPage::of(portal, visitor, open).await?.template(portal, visitor))
}
