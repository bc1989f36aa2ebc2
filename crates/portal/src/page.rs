//! What every page has around it, and how it is sent.

use askama::Template;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::assets;
use crate::locale::Locale;
use crate::portal::Portal;
use crate::refusal::Refusal;
use crate::visitor::Visitor;

/// What is sent with everything: nothing is loaded from elsewhere, nothing inline runs, nobody frames a page, and what
/// a page says of a person stays in no cache.
const HEADERS: [(HeaderName, &str); 7] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // No other site learns an address. With `no-referrer`, browsers would say of our own forms that they are from nowhere.
    (REFERRER_POLICY, "same-origin"),
    (CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Adds what is sent with everything, where an answer does not say otherwise.
pub(crate) async fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The words around every page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FrameText {
    pub(crate) skip: String,
    pub(crate) navigation: String,
    pub(crate) privacy: String,
    pub(crate) chat: String,
    pub(crate) guide: String,
    pub(crate) signed_in_as: String,
    pub(crate) sign_out: String,
    pub(crate) sign_in: String,
    pub(crate) language: String,
    pub(crate) help: String,
    pub(crate) everybody: String,
    pub(crate) status: String,
    pub(crate) check: String,
    pub(crate) two_worlds: String,
}

/// What the base template shows. A page's own template holds one as `frame`.
pub(crate) struct Frame<'a> {
    pub(crate) text: &'a FrameText,
    pub(crate) locale: Locale,
    /// The path of this page, for coming back.
    pub(crate) path: &'a str,
    /// The name of whoever is signed in.
    pub(crate) person: Option<&'a str>,
    /// Brought back by every form; empty for nobody.
    pub(crate) form_token: &'a str,
    /// Whether there is a guided page.
    pub(crate) has_guide: bool,
    /// Whether there are two worlds to compare.
    pub(crate) has_two_worlds: bool,
    pub(crate) style: &'static str,
    pub(crate) script: &'static str,
    pub(crate) icon: &'static str,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(portal: &'a Portal, visitor: &'a Visitor) -> Self {
        let session = visitor.session.as_deref();
        Self {
            text: portal.texts.frame.of(visitor.locale),
            locale: visitor.locale,
            path: &visitor.path,
            person: session.map(|session| session.name.as_str()),
            form_token: session.map_or("", |session| session.form_token.as_str()),
            has_guide: portal.guide.is_some(),
            has_two_worlds: portal.has_two_worlds,
            style: assets::STYLE.path(),
            script: assets::SCRIPT.path(),
            icon: assets::ICON.path(),
        }
    }

    pub(crate) fn locales(&self) -> [Locale; 2] {
        Locale::ALL
    }

    /// Whether a link leads to this page.
    pub(crate) fn is_here(&self, path: &str) -> bool {
        self.path == path || self.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// Sends a page.
pub(crate) fn page(template: &impl Template) -> Result<Response, Refusal> {
    page_with(StatusCode::OK, template)
}

/// Sends a page under a status.
pub(crate) fn page_with(status: StatusCode, template: &impl Template) -> Result<Response, Refusal> {
    let html = template.render().map_err(|_| Refusal::Broken("write page"))?;
    Ok((status, [(CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response())
}

/// Sends the browser on with GET, after a form was taken.
pub(crate) fn see(path: &str) -> Response {
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

/// A cookie that scripts do not see and other sites do not send; for how many seconds, or until the browser closes.
pub(crate) fn set_cookie(
    response: &mut Response,
    portal: &Portal,
    (name, value): (&str, &str),
    seconds: Option<u32>,
) {
    let secure = if portal.settings.is_secure() { "; Secure" } else { "" };
    let age = seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
    let line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    if let Ok(line) = HeaderValue::from_str(&line) {
        response.headers_mut().append(SET_COOKIE, line);
    }
}

/// A path of these pages that a form or link asked to go back to; anything else is the front page.
pub(crate) fn own_path(asked: Option<&str>) -> &str {
    let is_own = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    asked.filter(is_own).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_link_leads_to_another_site() {
        assert_eq!(own_path(Some("/privacy?a=b")), "/privacy?a=b");
        for other in
            ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\r\nb", "javascript:a"]
        {
            assert_eq!(own_path(Some(other)), "/", "{other}");
        }
        assert_eq!(own_path(None), "/");
    }
}
