//! What only the holder of the operator's key may do: see, make and revoke keys, have the settings read again, and
//! have the gateway stop.
//!
//! The key comes in `Authorization` alone, which no page of another site can make a browser send, and nothing here
//! answers to a browser's question whether it may. Each request is a line in the access log.

use candor_conversation::Kind;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CACHE_CONTROL, HeaderValue, WWW_AUTHENTICATE};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::{Fault, JSON, Operation, respond};
use crate::answer::Answer;
use crate::body::{BodyError, RequestBody, RequestBounds};
use crate::gateway::Gateway;
use crate::identity::{KeySettings, NewKey};
use crate::key_file::{KeyFileError, add_key, revoke_key};
use crate::serve::reload;

/// Largest body, in bytes.
const BODY_BYTES_MAX: u64 = 16 << 10;

/// What was done.
struct Done {
    status: StatusCode,
    body: Value,
    /// The key that was made or revoked, by name.
    key: Option<String>,
}

pub(super) async fn answer(
    gateway: &Gateway,
    operation: Operation,
    request: Request<Incoming>,
) -> Response<Answer> {
    let (parts, body) = request.into_parts();
    let done = act(gateway, operation, (&parts, body)).await;
    let (status, key) = match &done {
        Ok(done) => (done.status, done.key.as_deref()),
        Err(fault) => (fault.status, None),
    };
    gateway.ways.access_log.line(|| {
        json!({
            "at": gateway.now().to_string(),
            "method": parts.method.as_str(),
            "operation": format!("{operation:?}"),
            "status": status.as_u16(),
            "key": key,
        })
    });
    match done {
        Ok(Done { status: StatusCode::NO_CONTENT, .. }) => {
            let mut response = Response::new(Answer::own(Default::default()));
            *response.status_mut() = StatusCode::NO_CONTENT;
            response
        }
        Ok(done) => {
            let mut response = respond(done.status, JSON, done.body.to_string());
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(fault) => fault.into_response(),
    }
}

async fn act(
    gateway: &Gateway,
    operation: Operation,
    (parts, body): (&Parts, Incoming),
) -> Result<Done, Fault> {
    is_operator(gateway, parts)?;
    let done = |status, body| Done { status, body, key: None };
    match operation {
        Operation::MakeKey => {
            let bytes = read(gateway, body).await?;
            let wanted: NewKey = serde_json::from_slice(&bytes)
                .map_err(|error| Fault::new(StatusCode::BAD_REQUEST, error.to_string()))?;
            tokio::task::block_in_place(|| make(gateway, wanted))
        }
        Operation::RevokeKey => tokio::task::block_in_place(|| revoke(gateway, parts.uri.path())),
        Operation::Reload => {
            tokio::task::block_in_place(|| reload(gateway))
                .map_err(|error| Fault::new(StatusCode::CONFLICT, error.to_string()))?;
            Ok(done(StatusCode::OK, json!({ "reloaded": true })))
        }
        Operation::Drain => {
            gateway.drain();
            Ok(done(StatusCode::ACCEPTED, json!({ "draining": true })))
        }
        _ => Ok(done(StatusCode::OK, keys(gateway))),
    }
}

fn is_operator(gateway: &Gateway, parts: &Parts) -> Result<(), Fault> {
    let Some(known) = gateway.current().settings.operator_key else {
        let text = "nobody has an operator's key\nhint: `candor gateway operator-key` makes one";
        return Err(Fault::new(StatusCode::FORBIDDEN, text));
    };
    let sent = parts.headers.get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    if sent.is_some_and(|key| known.is_of(key)) {
        return Ok(());
    }
    let mut fault =
        Fault::new(StatusCode::UNAUTHORIZED, "this takes `Authorization: Bearer` and the operator's key");
    fault.header = Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
    Err(fault)
}

async fn read(gateway: &Gateway, body: Incoming) -> Result<bytes::Bytes, Fault> {
    let idle = gateway.current().settings.limits.body_idle();
    let bounds = RequestBounds { bytes_max: BODY_BYTES_MAX, copied_bytes_max: 0, idle };
    RequestBody::collect(body, bounds).await.map_err(|error| {
        let status = match error {
            BodyError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            BodyError::Idle(_) => StatusCode::REQUEST_TIMEOUT,
            BodyError::Broken(_) => StatusCode::BAD_REQUEST,
        };
        Fault::new(status, error.to_string())
    })
}

/// All virtual keys in force, in order of their names; neither keys nor hashes.
fn keys(gateway: &Gateway) -> Value {
    let current = gateway.current();
    let mut keys: Vec<_> = current.settings.identity.keys.iter().collect();
    keys.sort_by(|one, other| one.name.cmp(&other.name));
    let shown = |key: &&KeySettings| {
        json!({
            "name": key.name,
            "tenant": key.tenant,
            "subject": key.subject,
            "hints": key.hints,
            "requests_per_minute": key.requests_per_minute,
            "upstream": key.upstream,
        })
    };
    json!({ "keys": keys.iter().map(shown).collect::<Vec<_>>() })
}

/// Makes a key that counts from now on.
fn make(gateway: &Gateway, wanted: NewKey) -> Result<Done, Fault> {
    let _turn = gateway.changing();
    let current = gateway.current();
    let (key, made) = wanted.make(&current.settings.capture.tenant, gateway.random());
    let (name, tenant) = (made.name.clone(), made.tenant.clone());
    let mut keys = current.settings.identity.keys.clone();
    if keys.iter().any(|known| known.name == name) {
        return Err(KeyFileError::Taken(name).into());
    }
    keys.push(made.clone());
    let next = current.with_keys(keys).map_err(KeyFileError::from)?;
    add_key(&gateway.settings_file, made)?;
    gateway.replace(next);
    let body = json!({ "name": name, "tenant": tenant, "key": key });
    Ok(Done { status: StatusCode::CREATED, body, key: Some(name) })
}

/// Revokes a key from now on, also where the settings could not be read again.
fn revoke(gateway: &Gateway, path: &str) -> Result<Done, Fault> {
    let name = candor_wire::path::decode(path.strip_prefix("/keys/").unwrap_or_default());
    let _turn = gateway.changing();
    let current = gateway.current();
    revoke_key(&gateway.settings_file, &name)?;
    let mut keys = current.settings.identity.keys.clone();
    keys.retain(|key| key.name != name);
    gateway.replace(current.with_keys(keys).map_err(KeyFileError::from)?);
    Ok(Done { status: StatusCode::NO_CONTENT, body: Value::Null, key: Some(name) })
}

impl From<KeyFileError> for Fault {
    fn from(error: KeyFileError) -> Self {
        let status = match error.kind() {
            Kind::Invalid => StatusCode::BAD_REQUEST,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Conflict => StatusCode::CONFLICT,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::new(status, error.to_string())
    }
}
