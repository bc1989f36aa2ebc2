//! OpenTelemetry spans by the GenAI conventions, without content: OTLP over HTTP, in JSON.
//!
//! Spans are sent in the background; when the collector is slow or away they are dropped and counted. The conventions'
//! attributes for messages and instructions are never set.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::hex;
use crate::settings::Telemetry;

/// Spans that may wait.
const WAITING_MAX: usize = 4096;
/// Spans that are sent together.
const BATCH_MAX: usize = 512;
/// How long a span waits for others.
const BATCH_TIME: Duration = Duration::from_secs(2);
/// Time for the collector to answer.
const SEND: Duration = Duration::from_secs(10);
/// Longest model name that is told, in bytes.
const MODEL_BYTES_MAX: usize = 128;

/// One exchange with a model.
pub(crate) struct Span {
    pub(crate) trace: [u8; 16],
    pub(crate) id: [u8; 8],
    pub(crate) parent: Option<[u8; 8]>,
    pub(crate) started_ms: i64,
    pub(crate) ended_ms: i64,
    pub(crate) operation: &'static str,
    pub(crate) provider: &'static str,
    pub(crate) model: Option<String>,
    pub(crate) stream: bool,
    pub(crate) sampling: Vec<(&'static str, f64)>,
    pub(crate) first_chunk_seconds: Option<f64>,
    pub(crate) status: u16,
    pub(crate) server: String,
    pub(crate) capture: Option<&'static str>,
    pub(crate) ended: &'static str,
}

/// The way to the exporter; none, if no collector is set.
pub(crate) struct Spans(Option<Sender<Span>>);

impl Spans {
    /// The way, and its other end with the collector's address.
    pub(crate) fn new(telemetry: Option<&Telemetry>) -> (Self, Option<(Receiver<Span>, Uri)>) {
        let Some(telemetry) = telemetry else { return (Self(None), None) };
        let (sender, receiver) = channel(WAITING_MAX);
        (Self(Some(sender)), Some((receiver, telemetry.traces.clone())))
    }

    pub(crate) fn are_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// `false` if it had to be dropped.
    pub(crate) fn tell(&self, span: Span) -> bool {
        self.0.as_ref().is_none_or(|sender| sender.try_send(span).is_ok())
    }
}

/// Trace and parent of a request (W3C Trace Context, version 00); `None` if it names none.
pub(crate) fn parent_of(headers: &HeaderMap) -> Option<([u8; 16], [u8; 8])> {
    let value = headers.get("traceparent")?.to_str().ok()?;
    let mut fields = value.split('-');
    let (version, trace, parent) = (fields.next()?, fields.next()?, fields.next()?);
    let (trace, parent) = (hex::decode::<16>(trace)?, hex::decode::<8>(parent)?);
    let is_valid = version != "ff" && trace != [0; 16] && parent != [0; 8];
    is_valid.then_some((trace, parent))
}

/// Sends spans until nobody can make any more.
pub(crate) async fn export(
    mut spans: Receiver<Span>,
    collector: Uri,
    connector: HttpsConnector<HttpConnector>,
) {
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let mut batch = Vec::new();
    while spans.recv_many(&mut batch, BATCH_MAX).await > 0 {
        // Whatever comes meanwhile goes along.
        let more =
            async { while batch.len() < BATCH_MAX && spans.recv_many(&mut batch, BATCH_MAX).await > 0 {} };
        let _ = tokio::time::timeout(BATCH_TIME, more).await;
        let body = request_body(&batch).to_string();
        batch.clear();
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = collector.clone();
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // A collector that is away loses these; the relay goes on.
        let _ = tokio::time::timeout(SEND, client.request(request)).await;
    }
}

fn request_body(spans: &[Span]) -> Value {
    let spans: Vec<Value> = spans.iter().map(span_value).collect();
    json!({
        "resourceSpans": [{
            "resource": { "attributes": [text("service.name", "candor")] },
            "scopeSpans": [{ "scope": { "name": "candor-gateway" }, "spans": spans }],
        }]
    })
}

fn span_value(span: &Span) -> Value {
    let model = span.model.as_deref().filter(|model| is_name(model));
    let mut attributes = vec![
        text("gen_ai.operation.name", span.operation),
        text("gen_ai.provider.name", span.provider),
        text("server.address", &span.server),
        json!({ "key": "gen_ai.request.stream", "value": { "boolValue": span.stream } }),
        json!({ "key": "http.response.status_code", "value": { "intValue": span.status.to_string() } }),
        text("candor.answer.ended", span.ended),
    ];
    attributes.extend(model.map(|model| text("gen_ai.request.model", model)));
    attributes.extend(span.capture.map(|decision| text("candor.capture.decision", decision)));
    let seconds = span.first_chunk_seconds.map(|seconds| ("gen_ai.response.time_to_first_chunk", seconds));
    attributes.extend(span.sampling.iter().copied().chain(seconds).map(|(key, value)| number(key, value)));
    let is_error = span.status >= 400 || span.status == 0;
    if is_error {
        attributes.push(text("error.type", &span.status.to_string()));
    }
    let mut value = json!({
        "traceId": hex::encode(&span.trace),
        "spanId": hex::encode(&span.id),
        "name": format!("{} {}", span.operation, model.unwrap_or_default()).trim_end(),
        "kind": 3,
        "startTimeUnixNano": (i128::from(span.started_ms) * 1_000_000).to_string(),
        "endTimeUnixNano": (i128::from(span.ended_ms) * 1_000_000).to_string(),
        "attributes": attributes,
        "status": { "code": if is_error { 2 } else { 1 } },
    });
    if let Some(parent) = span.parent {
        value["parentSpanId"] = hex::encode(&parent).into();
    }
    value
}

/// Whether it is the name of a model, and not text that somebody put there.
fn is_name(model: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@".contains(&byte);
    model.len() <= MODEL_BYTES_MAX && model.bytes().all(allowed)
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

fn number(key: &str, value: f64) -> Value {
    json!({ "key": key, "value": { "doubleValue": value } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parent(value: &'static str) -> Option<([u8; 16], [u8; 8])> {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", HeaderValue::from_static(value));
        parent_of(&headers)
    }

    #[test]
    fn the_trace_of_a_request_goes_on() {
        let found = parent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
        assert_eq!(
            (hex::encode(&found.0), hex::encode(&found.1)),
            ("4bf92f3577b34da6a3ce929d0e0e4736".into(), "00f067aa0ba902b7".into())
        );
        for wrong in
            ["", "00-x-y-01", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-4bf9-00f0-01"]
        {
            assert_eq!(parent(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn text_in_place_of_a_model_is_not_told() {
        assert!(is_name("gpt-5.1-2026/chat:latest"));
        assert!(!is_name("my diagnosis is"));
    }
}
