//! Who asks for a page.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use candor_wire::opt_out::{Dialect, read_headers};

use crate::locale::Locale;
use crate::portal::Portal;
use crate::refusal::Refusal;
use crate::session::Session;

/// Whoever asks, signed in or not.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) locale: Locale,
    pub(crate) session: Option<Arc<Session>>,
    /// Path and query that were asked for.
    pub(crate) path: String,
    /// The pattern of the path, which names nobody.
    pub(crate) route: String,
    /// The signal by which the browser asks that nothing is used for more than its author, such as `sec-gpc`.
    pub(crate) signal: Option<&'static str>,
}

impl Visitor {
    /// The session, or a way to sign in.
    pub(crate) fn signed_in(&self) -> Result<&Arc<Session>, Refusal> {
        self.session.as_ref().ok_or(Refusal::SignIn)
    }
}

/// The strictest signal among the headers, read as the gateway reads them.
fn signal(headers: &HeaderMap) -> Option<&'static str> {
    let (_, dialect) = read_headers(headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
    dialect.map(Dialect::code)
}

impl FromRequestParts<Arc<Portal>> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, portal: &Arc<Portal>) -> Result<Self, Infallible> {
        let route = parts.extensions.get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
        Ok(Visitor {
            locale: Locale::of_request(&parts.headers),
            session: portal.sessions.of_request(&parts.headers, portal.now()),
            path: parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            route,
            signal: signal(&parts.headers),
        })
    }
}
