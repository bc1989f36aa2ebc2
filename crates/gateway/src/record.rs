//! What is told of a request when it ends: counts, a line in the access log, and, if it may be kept, the exchange.

use std::sync::Arc;
use std::time::Duration;

use candor_wire::surface::Surface;
use hyper::Method;
use tokio::time::Instant;

use crate::body::Copied;
use crate::exchange::Exchange;
use crate::gateway::Gateway;
use crate::metrics::{CauseLabels, DecisionLabels, RequestLabels, status_class};

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
    first_byte: Option<Duration>,
    answer_bytes: usize,
    is_over: bool,
}

impl Record {
    pub(crate) fn start(gateway: Arc<Gateway>, method: Method) -> Self {
        gateway.metrics.open_requests.inc();
        Self {
            gateway,
            started: Instant::now(),
            method,
            surface: Surface::Other,
            status: 0,
            decision: None,
            tenant: None,
            exchange: None,
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
        self.gateway.access_log.line(|| {
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

impl Drop for Record {
    /// The client left before there was an answer.
    fn drop(&mut self) {
        if !self.is_over {
            self.tell(Ended::ClientLeft);
        }
    }
}
