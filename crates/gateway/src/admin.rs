//! The operator's side: health, readiness, metrics, what this gateway is doing, and, with the operator's key, keys,
//! settings and the end. Content is never shown.

mod change;

use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::json;

use crate::answer::Answer;
use crate::gateway::Gateway;

/// The OpenAPI document of this side.
const OPENAPI: &str = include_str!("admin/openapi.json");

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";
/// The text format that Prometheus and OpenMetrics readers take.
const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Health,
    Readiness,
    Metrics,
    Document,
    Routes,
    GuardReport,
    Keys,
    MakeKey,
    RevokeKey,
    Reload,
    Drain,
}

/// Where. A path that ends with a slash has a name after it.
const OPERATIONS: [(Operation, Method, &str); 11] = [
    (Operation::Health, Method::GET, "/healthz"),
    (Operation::Readiness, Method::GET, "/readyz"),
    (Operation::Metrics, Method::GET, "/metrics"),
    (Operation::Document, Method::GET, "/openapi.json"),
    (Operation::Routes, Method::GET, "/routes"),
    (Operation::GuardReport, Method::GET, "/guard/report"),
    (Operation::Keys, Method::GET, "/keys"),
    (Operation::MakeKey, Method::POST, "/keys"),
    (Operation::RevokeKey, Method::DELETE, "/keys/"),
    (Operation::Reload, Method::POST, "/reload"),
    (Operation::Drain, Method::POST, "/drain"),
];

impl Operation {
    fn of(method: &Method, path: &str) -> Result<Self, Fault> {
        let is_there = |known: &str| match path.strip_prefix(known) {
            Some(rest) => rest.is_empty() != known.ends_with('/'),
            None => false,
        };
        let there = || OPERATIONS.iter().filter(|(_, _, path)| is_there(path));
        if let Some((operation, _, _)) = there().find(|(_, known, _)| known == method) {
            return Ok(*operation);
        }
        let allowed: Vec<&str> = there().map(|(_, method, _)| method.as_str()).collect();
        if allowed.is_empty() {
            return Err(Fault::new(StatusCode::NOT_FOUND, "see /openapi.json"));
        }
        let mut fault = Fault::new(StatusCode::METHOD_NOT_ALLOWED, "not with this method");
        fault.header = HeaderValue::from_str(&allowed.join(", ")).ok().map(|allowed| (ALLOW, allowed));
        Err(fault)
    }
}

/// Answers an operator.
pub(crate) async fn answer(gateway: &Gateway, request: Request<Incoming>) -> Response<Answer> {
    let operation = match Operation::of(request.method(), request.uri().path()) {
        Ok(operation) => operation,
        Err(fault) => return fault.into_response(),
    };
    match operation {
        Operation::Health => respond(StatusCode::OK, TEXT, "ok\n".into()),
        Operation::Readiness => ready(gateway),
        Operation::Metrics => respond(StatusCode::OK, METRICS, gateway.metrics.text()),
        Operation::Document => respond(StatusCode::OK, JSON, OPENAPI.into()),
        Operation::Routes => respond(StatusCode::OK, JSON, routes(gateway)),
        Operation::GuardReport => respond(StatusCode::OK, JSON, gateway.guard_report().to_string()),
        Operation::Keys
        | Operation::MakeKey
        | Operation::RevokeKey
        | Operation::Reload
        | Operation::Drain => change::answer(gateway, operation, request).await,
    }
}

/// Why an operator does not get what was asked for.
struct Fault {
    status: StatusCode,
    error: String,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Fault {
    fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into(), header: None }
    }

    fn into_response(self) -> Response<Answer> {
        let mut response = respond(self.status, JSON, json!({ "error": self.error }).to_string());
        response.headers_mut().extend(self.header);
        response
    }
}

/// Ready while requests are taken and what decides about keeping is known.
fn ready(gateway: &Gateway) -> Response<Answer> {
    let draining = gateway.metrics.draining.get() > 0;
    let knows = gateway.ways.queue.is_none() || gateway.policy().is_some();
    let guards = crate::learner::guards(gateway);
    let learnt = !guards || gateway.guard.knows();
    let status = if draining || !knows || !learnt { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    respond(
        status,
        JSON,
        json!({ "draining": draining, "knows_choices": knows, "guard_knows": learnt }).to_string(),
    )
}

/// Where requests go and what is done on the way, without any key.
fn routes(gateway: &Gateway) -> String {
    let current = gateway.current();
    let routes: Vec<_> = current
        .settings
        .routes
        .iter()
        .map(|route| {
            json!({
                "prefix": route.prefix,
                "upstream": route.upstream.to_string(),
                "distillable": route.distillable,
                "masking": format!("{:?}", route.masking).to_lowercase(),
                "guard": format!("{:?}", route.guard).to_lowercase(),
            })
        })
        .collect();
    json!({ "capture": current.settings.capture.enabled, "routes": routes }).to_string()
}

fn respond(status: StatusCode, kind: &'static str, body: String) -> Response<Answer> {
    let mut response = Response::new(Answer::own(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn the_document_names_every_operation_and_no_other() {
        let document: Value = serde_json::from_str(OPENAPI).unwrap();
        let mut documented = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                documented.insert((method.to_uppercase(), path.replace("{name}", "")));
            }
        }
        let known: BTreeSet<_> = OPERATIONS
            .iter()
            .map(|(_, method, path)| (method.as_str().to_owned(), (*path).to_owned()))
            .collect();
        assert_eq!(documented, known);
    }

    #[test]
    fn a_path_is_taken_as_it_is_and_a_wrong_method_is_told_the_right_ones() {
        let find = |method: &str, path: &str| {
            Operation::of(&method.parse().unwrap(), path).map_err(|fault| {
                let allowed = fault.header.map(|(_, allowed)| allowed.to_str().unwrap().to_owned());
                (fault.status.as_u16(), allowed.unwrap_or_default())
            })
        };
        assert_eq!(find("GET", "/keys"), Ok(Operation::Keys));
        assert_eq!(find("DELETE", "/keys/team"), Ok(Operation::RevokeKey));
        assert_eq!(find("DELETE", "/keys"), Err((405, "GET, POST".into())));
        assert_eq!(find("OPTIONS", "/keys/team"), Err((405, "DELETE".into())));
        assert_eq!(find("GET", "/drain"), Err((405, "POST".into())));
        for path in ["/keys/", "/keysteam", "/reload/now", "/", "/KEYS"] {
            assert_eq!(find("POST", path), Err((404, String::new())), "{path}");
        }
    }
}
