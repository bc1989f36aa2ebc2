//! What is told of a request when it ends: counts, a line in the access log, and, if it may be kept, the exchange.

use std::sync::Arc;
use std::time::Duration;

use candor_conversation::{SubjectId, Timestamp};
use candor_wire::surface::Surface;
use hyper::Method;
use tokio::time::Instant;

use crate::body::Copied;
use crate::decide::is_conversation;
use crate::events::ExchangeEvent;
use crate::exchange::Exchange;
use crate::gateway::Gateway;
use crate::identity::KeyRecord;
use crate::metrics::{CauseLabels, DecisionLabels, RequestLabels, status_class};
use crate::telemetry::Span;

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It came whole.
    Whole,
    /// The client hung up.
    ClientLeft,
    /// The upstream broke off.
    UpstreamFailed,
    /// The guard ended it.
    Stopped,
    /// The gateway answered itself.
    Refused,
}

impl Ended {
    fn as_str(self) -> &'static str {
        match self {
            Ended::Whole => "whole",
            Ended::ClientLeft => "client-left",
            Ended::UpstreamFailed => "upstream-failed",
            Ended::Stopped => "stopped",
            Ended::Refused => "refused",
        }
    }
}

/// A request under way.
pub(crate) struct Record {
    gateway: Arc<Gateway>,
    started: Instant,
    method: Method,
    pub(crate) surface: Surface,
    pub(crate) status: u16,
    /// `kept`, or why not; `None` where nothing is ever kept.
    pub(crate) decision: Option<&'static str>,
    pub(crate) tenant: Option<String>,
    pub(crate) exchange: Option<Box<Exchange>>,
    pub(crate) trace: Option<Box<Trace>>,
    pub(crate) subject: Option<SubjectId>,
    pub(crate) key: Option<Arc<KeyRecord>>,
    started_at: Timestamp,
    first_byte: Option<Duration>,
    answer_bytes: usize,
    is_over: bool,
}

impl Record {
    pub(crate) fn start(gateway: Arc<Gateway>, method: Method) -> Self {
        gateway.metrics.open_requests.inc();
        let started_at = gateway.now();
        Self {
            gateway,
            started: Instant::now(),
            method,
            surface: Surface::Other,
            status: 0,
            decision: None,
            tenant: None,
            exchange: None,
            trace: None,
            subject: None,
            key: None,
            started_at,
            first_byte: None,
            answer_bytes: 0,
            is_over: false,
        }
    }

    /// The headers of the answer came.
    pub(crate) fn answered(&mut self, status: u16) {
        self.status = status;
        self.first_byte = Some(self.started.elapsed());
    }

    /// A piece of the answer went out.
    pub(crate) fn piece(&mut self, bytes: usize) {
        self.answer_bytes += bytes;
    }

    /// The answer ended: what may be kept goes on to be written.
    pub(crate) fn end(mut self, ended: Ended, answer: Option<Copied>) {
        self.tell(ended);
        let Some(exchange) = self.exchange.take() else { return };
        let is_error = !(200..300).contains(&self.status);
        let answer = answer.filter(|_| !is_error);
        match answer.map(Copied::into_pieces) {
            Some(None) => {
                self.gateway.metrics.shed.get_or_create(&CauseLabels { cause: "too-large" }).inc();
            }
            pieces => self.gateway.keep(exchange.ended(pieces.flatten().unwrap_or_default(), ended)),
        }
    }

    fn tell(&mut self, ended: Ended) {
        self.is_over = true;
        let metrics = &self.gateway.metrics;
        let labels = RequestLabels {
            surface: self.surface.as_str(),
            status: status_class(self.status),
            ended: ended.as_str(),
        };
        metrics.requests.get_or_create(&labels).inc();
        metrics.request_seconds.observe(self.started.elapsed().as_secs_f64());
        if let Some(first_byte) = self.first_byte {
            metrics.first_byte_seconds.observe(first_byte.as_secs_f64());
        }
        if let Some(decision) = self.decision {
            metrics.decisions.get_or_create(&DecisionLabels { decision }).inc();
        }
        metrics.open_requests.dec();
        if let Some(trace) = self.trace.take() {
            self.tell_span(*trace, ended);
        }
        if is_conversation(self.surface) && self.gateway.ways.events.are_wanted() {
            self.tell_event();
        }
        self.gateway.ways.access_log.line(|| {
            serde_json::json!({
                "at": self.gateway.now().to_string(),
                "method": self.method.as_str(),
                "surface": self.surface.as_str(),
                "status": self.status,
                "ended": ended.as_str(),
                "ms": self.started.elapsed().as_millis() as u64,
                "first_byte_ms": self.first_byte.map(|time| time.as_millis() as u64),
                "answer_bytes": self.answer_bytes,
                "tenant": self.tenant,
                "capture": self.decision,
            })
        });
    }
}

impl Record {
    fn tell_span(&self, trace: Trace, ended: Ended) {
        let span = Span {
            trace: trace.trace,
            id: self.gateway.random(),
            parent: trace.parent,
            started_ms: self.started_at.millis(),
            ended_ms: self.started_at.millis() + self.started.elapsed().as_millis() as i64,
            operation: operation(self.surface),
            provider: trace.provider,
            model: trace.model,
            stream: trace.stream,
            sampling: trace.sampling,
            first_chunk_seconds: self.first_byte.map(|time| time.as_secs_f64()),
            status: self.status,
            server: trace.server,
            capture: self.decision,
            ended: ended.as_str(),
        };
        if !self.gateway.ways.spans.tell(span) {
            self.gateway.metrics.lost_spans.inc();
        }
    }

    fn tell_event(&self) {
        let events = &self.gateway.ways.events;
        let event = ExchangeEvent {
            at: self.gateway.now(),
            tenant: self.tenant.clone(),
            subject: self.subject.map(|subject| events.pseudonym(subject.as_bytes())),
            key: self.key.as_ref().map(|key| key.name.clone()),
            surface: self.surface.as_str(),
            status: self.status,
            answer_bytes: self.answer_bytes,
            milliseconds: self.started.elapsed().as_millis() as u64,
            shingles: self.exchange.as_ref().map(|exchange| events.shingles(exchange)).unwrap_or_default(),
        };
        if !events.tell(event) {
            self.gateway.metrics.lost_events.inc();
        }
    }
}

/// What a span needs to know that the record does not hold.
pub(crate) struct Trace {
    pub(crate) trace: [u8; 16],
    pub(crate) parent: Option<[u8; 8]>,
    pub(crate) provider: &'static str,
    pub(crate) server: String,
    pub(crate) model: Option<String>,
    pub(crate) stream: bool,
    pub(crate) sampling: Vec<(&'static str, f64)>,
}

/// The conventions' name for what a surface does.
fn operation(surface: Surface) -> &'static str {
    match surface {
        Surface::Completions => "text_completion",
        Surface::Embeddings => "embeddings",
        _ => "chat",
    }
}

impl Drop for Record {
    /// The client left before there was an answer.
    fn drop(&mut self) {
        if !self.is_over {
            self.tell(Ended::ClientLeft);
        }
    }
}
