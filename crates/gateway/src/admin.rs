//! The operator's side: health, readiness, metrics, and what this gateway is doing. Content is never shown.

use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
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

/// Answers an operator.
pub(crate) fn answer(gateway: &Gateway, request: &Request<Incoming>) -> Response<Answer> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/healthz") => respond(StatusCode::OK, TEXT, "ok\n".into()),
        (&Method::GET, "/readyz") => ready(gateway),
        (&Method::GET, "/metrics") => respond(StatusCode::OK, METRICS, gateway.metrics.text()),
        (&Method::GET, "/openapi.json") => respond(StatusCode::OK, JSON, OPENAPI.into()),
        (&Method::GET, "/routes") => respond(StatusCode::OK, JSON, routes(gateway)),
        (&Method::GET, "/guard/report") => respond(StatusCode::OK, JSON, gateway.guard_report().to_string()),
        (_, "/healthz" | "/readyz" | "/metrics" | "/openapi.json" | "/routes" | "/guard/report") => {
            respond(StatusCode::METHOD_NOT_ALLOWED, JSON, json!({ "error": "only GET" }).to_string())
        }
        _ => respond(StatusCode::NOT_FOUND, JSON, json!({ "error": "see /openapi.json" }).to_string()),
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
