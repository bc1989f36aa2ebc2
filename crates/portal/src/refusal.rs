//! What a person is told when a page cannot be shown or an act was not done.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use candor_conversation::Kind;
use candor_vault::VaultError;
use serde::Deserialize;

use crate::page::{Frame, page_with, see};
use crate::portal::Portal;
use crate::visitor::Visitor;

/// Why there is no such page, or why nothing was done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    SignIn,
    /// There is no such page, or it is not this person's: no difference is told.
    #[error("there is no such page")]
    NotFound,
    /// Everything of theirs was erased.
    #[error("everything of theirs was erased")]
    Erased,
    /// The form did not come from a page of ours.
    #[error("the form is not ours")]
    Forged,
    /// The form is not one of ours, or too large.
    #[error("the form cannot be read")]
    Form,
    /// What was asked does not go, such as taking back what was never given.
    #[error("what was asked does not go")]
    Denied,
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A bug.
    #[error("{0}")]
    Broken(&'static str),
}

/// The words for refusals.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefusalText {
    not_found: Words,
    forged: Words,
    form: Words,
    denied: Words,
    busy: Words,
    broken: Words,
    erased: Words,
    back: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    title: String,
    body: String,
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage<'a> {
    frame: Frame<'a>,
    words: &'a Words,
    back: &'a str,
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Refusal::SignIn => StatusCode::SEE_OTHER,
            Refusal::NotFound => StatusCode::NOT_FOUND,
            Refusal::Forged => StatusCode::FORBIDDEN,
            Refusal::Form => StatusCode::BAD_REQUEST,
            Refusal::Denied => StatusCode::CONFLICT,
            Refusal::Erased => StatusCode::GONE,
            Refusal::Vault(error) => match error.kind() {
                Kind::Invalid | Kind::Denied | Kind::Conflict => StatusCode::CONFLICT,
                Kind::NotFound => StatusCode::NOT_FOUND,
                Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                Kind::Corrupt | Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Refusal::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The page that says so.
    pub(crate) fn answer(&self, portal: &Portal, visitor: &Visitor) -> Response {
        let status = self.status();
        if matches!(self, Refusal::SignIn) {
            return see(&format!("/sign-in?next={}", percent_encoded(&visitor.path)));
        }
        if status.is_server_error() {
            portal.note(&format!("{}: {self}", visitor.route));
        }
        let text = portal.texts.refusal.of(visitor.locale);
        let words = match status {
            StatusCode::NOT_FOUND => &text.not_found,
            StatusCode::FORBIDDEN => &text.forged,
            StatusCode::BAD_REQUEST => &text.form,
            StatusCode::CONFLICT => &text.denied,
            StatusCode::GONE => &text.erased,
            StatusCode::SERVICE_UNAVAILABLE => &text.busy,
            _ => &text.broken,
        };
        let page = RefusalPage { frame: Frame::new(portal, visitor), words, back: &text.back };
        page_with(status, &page).unwrap_or_default()
    }
}

/// A path as the value of a query parameter.
fn percent_encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
