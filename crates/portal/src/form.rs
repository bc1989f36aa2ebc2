//! Forms: taken only from pages of ours.
//!
//! A form of a person who is signed in brings back their session's token. Beside that, a browser says from where a form
//! was sent, and other sites' are refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use subtle::ConstantTimeEq;

use crate::portal::Portal;
use crate::refusal::Refusal;
use crate::visitor::Visitor;

mod multipart;

/// The field of a form that holds the session's token.
pub(crate) const FORM_TOKEN: &str = "form_token";
/// Most fields of a form.
const FIELDS_MAX: usize = 200;

/// A form that a page of ours sent, with whoever sent it.
pub(crate) struct Submitted {
    fields: BTreeMap<String, String>,
    file: Option<Upload>,
}

/// A file that came with a form.
#[derive(Clone)]
pub(crate) struct Upload {
    /// What its sender calls it.
    pub(crate) name: String,
    /// What the browser takes it for.
    pub(crate) media_type: Option<String>,
    pub(crate) bytes: Bytes,
}

impl Submitted {
    /// A field that must be there.
    pub(crate) fn field(&self, name: &str) -> Result<&str, Refusal> {
        self.optional(name).ok_or(Refusal::Form)
    }

    /// A field that may be there.
    pub(crate) fn optional(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// The file, if one was chosen.
    pub(crate) fn file(&self) -> Option<&Upload> {
        self.file.as_ref()
    }
}

impl FromRequest<Arc<Portal>> for Submitted {
    type Rejection = axum::response::Response;

    async fn from_request(request: Request, portal: &Arc<Portal>) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let Ok(visitor) =
            <Visitor as axum::extract::FromRequestParts<_>>::from_request_parts(&mut parts, portal).await;
        let read = async {
            if !is_own_site(&parts.headers) {
                return Err(Refusal::Forged);
            }
            let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            let boundary = kind.and_then(multipart::boundary).map(str::to_owned);
            let body = Bytes::from_request(Request::from_parts(parts, body), portal);
            let body = body.await.map_err(|_| Refusal::Form)?;
            let form = match boundary {
                Some(boundary) => with_file(&body, &boundary)?,
                None => Submitted { fields: fields(&body)?, file: None },
            };
            check_token(&visitor, form.fields.get(FORM_TOKEN))?;
            Ok(form)
        };
        read.await.map_err(|refusal: Refusal| refusal.answer(portal, &visitor))
    }
}

/// A form in parts, with one file at most.
fn with_file(body: &Bytes, boundary: &str) -> Result<Submitted, Refusal> {
    let mut form = Submitted { fields: BTreeMap::new(), file: None };
    for part in multipart::parts(body, boundary).ok_or(Refusal::Form)? {
        match part.file_name {
            // What a browser sends where no file was chosen.
            Some(name) if name.is_empty() && part.bytes.is_empty() => {}
            Some(_) if form.file.is_some() => return Err(Refusal::Form),
            Some(name) => {
                form.file = Some(Upload { name, media_type: part.media_type, bytes: part.bytes });
            }
            None => {
                let value = String::from_utf8(part.bytes.into()).map_err(|_| Refusal::Form)?;
                if form.fields.insert(part.name, value).is_some() {
                    return Err(Refusal::Form);
                }
            }
        }
    }
    Ok(form)
}

fn fields(body: &[u8]) -> Result<BTreeMap<String, String>, Refusal> {
    let mut fields = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(body) {
        if fields.len() >= FIELDS_MAX || fields.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(Refusal::Form);
        }
    }
    Ok(fields)
}

fn check_token(visitor: &Visitor, token: Option<&String>) -> Result<(), Refusal> {
    let Some(session) = &visitor.session else { return Ok(()) };
    let token = token.map_or("", String::as_str);
    if bool::from(session.form_token.as_bytes().ct_eq(token.as_bytes())) {
        Ok(())
    } else {
        Err(Refusal::Forged)
    }
}

/// Whether a browser says that the form is from the site it goes to. Those that say nothing are no browsers of today,
/// and need the token all the same.
pub(crate) fn is_own_site(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let from_here = text("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none");
    let own_origin = text(ORIGIN.as_str()).is_none_or(|origin| {
        let host = origin.split_once("://").map(|(_, host)| host);
        host.is_some() && host == text(HOST.as_str())
    });
    from_here && own_origin
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn a_form_of_another_site_is_not_ours() {
        let host = ("host", "a.example");
        assert!(is_own_site(&headers(&[host])));
        assert!(is_own_site(&headers(&[
            host,
            ("origin", "https://a.example"),
            ("sec-fetch-site", "same-origin")
        ])));
        assert!(!is_own_site(&headers(&[host, ("origin", "https://b.example")])));
        assert!(!is_own_site(&headers(&[host, ("origin", "null")])));
        assert!(!is_own_site(&headers(&[host, ("sec-fetch-site", "same-site")])));
    }

    #[test]
    fn a_field_that_comes_twice_and_fields_without_end_are_refused() {
        assert_eq!(fields(b"a=1&b=%C3%BC").unwrap()["b"], "ü");
        assert!(fields(b"a=1&a=2").is_err());
        let many: String = (0..=FIELDS_MAX).map(|number| format!("{number}=&")).collect();
        assert!(fields(many.as_bytes()).is_err());
    }
}
