//! The way to the gateway, for whom the chat page speaks as the person who is signed in.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, Method, Request, Response};
use candor_conversation::{TenantId, Timestamp};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use serde::Deserialize;

use crate::client::{Client, client};
use crate::portal::PortalError;
use crate::settings::SettingsError;

mod token;

/// Time until an answer begins; the gateway's own limit is shorter.
const FIRST_BYTE: Duration = Duration::from_secs(900);
/// Time for the list of models, for which a page waits.
const MODELS: Duration = Duration::from_secs(2);
/// For how long the list of models is remembered.
const MODELS_MS: i64 = 60_000;
/// Models that are offered.
const MODELS_MAX: usize = 50;
/// Longest name of a model, in bytes.
const MODEL_BYTES_MAX: usize = 200;
/// Longest list of models that is read, in bytes.
const MODELS_BYTES_MAX: usize = 1 << 20;

/// A gateway.
pub(crate) struct Gateway {
    address: String,
    client: Client,
    credential: Credential,
    models: Mutex<Option<(Timestamp, Arc<Vec<String>>)>>,
}

/// How the pages show for whom they speak.
pub(crate) enum Credential {
    /// Tokens under the secret of this process.
    Secret([u8; 32]),
    /// A virtual key whose `hints` are believed.
    Key(HeaderValue),
}

/// For whom.
#[derive(Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) name: &'a str,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// The gateway is not there, or not in time.
    Unreachable,
    /// The gateway, or the model behind it, refused with this status.
    Refused(u16),
}

impl Gateway {
    pub(crate) fn new(address: String, credential: Credential) -> Result<Self, PortalError> {
        Ok(Self { address, client: client()?, credential, models: Mutex::default() })
    }

    /// Says something to the model: the body of a chat completion, with headers of the conversation's own.
    pub(crate) async fn say(
        &self,
        asker: Asker<'_>,
        mut body: serde_json::Value,
        headers: Vec<(HeaderName, HeaderValue)>,
        now: Timestamp,
    ) -> Result<Response<Incoming>, Unanswered> {
        if let (Credential::Key(_), Some(fields)) = (&self.credential, body.as_object_mut()) {
            fields.insert("user".into(), asker.name.into());
        }
        let mut request = self.request(Method::POST, "/v1/chat/completions", (asker, now), body.to_string());
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request.headers_mut().extend(headers);
        let sent = tokio::time::timeout(FIRST_BYTE, self.client.request(request)).await;
        let response = sent.map_err(|_| Unanswered::Unreachable)?.map_err(|_| Unanswered::Unreachable)?;
        match response.status() {
            status if status.is_success() => Ok(response),
            status => Err(Unanswered::Refused(status.as_u16())),
        }
    }

    /// The models that the gateway lists, as of a minute ago or less; none, if it does not list any.
    pub(crate) async fn models(&self, asker: Asker<'_>, now: Timestamp) -> Arc<Vec<String>> {
        let known = self.models.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, models)) = known
            && (0..MODELS_MS).contains(&(now.millis() - at.millis()))
        {
            return models;
        }
        let asked = tokio::time::timeout(MODELS, self.list_models(asker, now)).await;
        let models = Arc::new(asked.ok().flatten().unwrap_or_default());
        *self.models.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&models)));
        models
    }

    async fn list_models(&self, asker: Asker<'_>, now: Timestamp) -> Option<Vec<String>> {
        let request = self.request(Method::GET, "/v1/models", (asker, now), String::new());
        let response =
            self.client.request(request).await.ok().filter(|response| response.status().is_success())?;
        let body = Limited::new(response.into_body(), MODELS_BYTES_MAX).collect().await.ok()?.to_bytes();
        let listed: Listed = serde_json::from_slice(&body).ok()?;
        let fits = |id: &String| !id.is_empty() && id.len() <= MODEL_BYTES_MAX;
        Some(listed.data.into_iter().map(|model| model.id).filter(fits).take(MODELS_MAX).collect())
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        (asker, now): (Asker<'_>, Timestamp),
        body: String,
    ) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = method;
        // The address was checked when the gateway was made, and paths are ours.
        *request.uri_mut() = format!("{}{path}", self.address).parse().unwrap_or_default();
        let credential = match &self.credential {
            Credential::Secret(secret) => {
                let token = token::of(secret, asker, now);
                HeaderValue::try_from(token).ok().map(|token| (token::HEADER, token))
            }
            Credential::Key(key) => Some((AUTHORIZATION, key.clone())),
        };
        request.headers_mut().extend(credential.map(|(name, value)| (Some(name), value)));
        request
    }
}

impl Credential {
    /// The key in a file.
    pub(crate) fn read(path: &std::path::Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| SettingsError::File { path: path.to_owned(), source })?;
        let mut value = HeaderValue::try_from(format!("Bearer {}", text.trim()))
            .map_err(|_| SettingsError::Value(format!("{} holds no key", path.display())))?;
        value.set_sensitive(true);
        Ok(Credential::Key(value))
    }
}

#[derive(Deserialize)]
struct Listed {
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
}
