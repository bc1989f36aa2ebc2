//! Where the gateway answers itself: always in the provider's own words for an error.

use candor_wire::surface::{ErrorKind, Namespace, error_body};
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};

use crate::answer::Answer;

/// Why a request does not go on.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) namespace: Namespace,
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    pub(crate) retry_after_seconds: Option<u64>,
}

impl Refusal {
    pub(crate) fn new(namespace: Namespace, kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { namespace, kind, message: message.into(), retry_after_seconds: None }
    }

    pub(crate) fn status(&self) -> u16 {
        self.kind.status(self.namespace)
    }

    pub(crate) fn into_response(self) -> Response<Answer> {
        let (status, body) = error_body(self.namespace, self.kind, &self.message);
        let mut response = Response::new(Answer::own(body.into()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
