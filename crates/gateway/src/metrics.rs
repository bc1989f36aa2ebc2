//! What is counted: never content, never who.

use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// A finished request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct RequestLabels {
    /// What was asked for: `chat`, `messages`, …
    pub(crate) surface: &'static str,
    /// `2xx`, `4xx`, …
    pub(crate) status: &'static str,
    /// `whole`, `client-left`, `upstream-failed`, `stopped`, `refused`.
    pub(crate) ended: &'static str,
}

/// What was decided about keeping an exchange.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct DecisionLabels {
    /// `kept`, or the reason why not.
    pub(crate) decision: &'static str,
}

/// An exchange that was to be kept, and was not.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct CauseLabels {
    /// `queue-full`, `too-large`, `nothing-new`.
    pub(crate) cause: &'static str,
}

/// An identifier that was masked, or acted on by the guard.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct IdentifierLabels {
    /// Its type.
    pub(crate) kind: &'static str,
    /// What was done.
    pub(crate) action: &'static str,
}

/// All of them.
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) requests: Family<RequestLabels, Counter>,
    pub(crate) request_seconds: Histogram,
    pub(crate) first_byte_seconds: Histogram,
    pub(crate) open_requests: Gauge,
    pub(crate) draining: Gauge,
    pub(crate) decisions: Family<DecisionLabels, Counter>,
    pub(crate) shed: Family<CauseLabels, Counter>,
    pub(crate) durable_exchanges: Counter,
    pub(crate) durable_turns: Counter,
    pub(crate) durable_files: Counter,
    pub(crate) left_out_files: Counter,
    pub(crate) capture_failures: Counter,
    pub(crate) identifiers: Family<IdentifierLabels, Counter>,
    pub(crate) untrusted_identity: Counter,
    pub(crate) lost_spans: Counter,
    pub(crate) lost_events: Counter,
}

const SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 20.0, 60.0];

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("candor"),
            requests: Family::default(),
            request_seconds: Histogram::new(SECONDS),
            first_byte_seconds: Histogram::new(SECONDS),
            open_requests: Gauge::default(),
            draining: Gauge::default(),
            decisions: Family::default(),
            shed: Family::default(),
            durable_exchanges: Counter::default(),
            durable_turns: Counter::default(),
            durable_files: Counter::default(),
            left_out_files: Counter::default(),
            capture_failures: Counter::default(),
            identifiers: Family::default(),
            untrusted_identity: Counter::default(),
            lost_spans: Counter::default(),
            lost_events: Counter::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("requests", "Requests that ended", self.requests.clone());
        registry.register_with_unit(
            "request",
            "Time from a request's headers to the end of its answer",
            Unit::Seconds,
            self.request_seconds.clone(),
        );
        registry.register_with_unit(
            "first_byte",
            "Time from a request's headers to the headers of its answer",
            Unit::Seconds,
            self.first_byte_seconds.clone(),
        );
        registry.register("open_requests", "Requests under way", self.open_requests.clone());
        registry.register("draining", "1 while the gateway stops", self.draining.clone());
        registry.register("decisions", "Decisions about keeping an exchange", self.decisions.clone());
        registry.register("shed", "Exchanges permitted but not kept, by cause", self.shed.clone());
        registry.register("durable_exchanges", "Exchanges on disk", self.durable_exchanges.clone());
        registry.register("durable_turns", "Turns on disk", self.durable_turns.clone());
        registry.register("durable_files", "Files of turns on disk", self.durable_files.clone());
        registry.register(
            "left_out_files",
            "Files of kept turns of which only the digest is kept, for their size",
            self.left_out_files.clone(),
        );
        registry.register(
            "capture_failures",
            "Groups that could not be written",
            self.capture_failures.clone(),
        );
        registry.register("identifiers", "Identifiers masked or guarded", self.identifiers.clone());
        registry.register("lost_spans", "Spans that no collector took in time", self.lost_spans.clone());
        registry.register("lost_events", "Events that no detector took in time", self.lost_events.clone());
        registry.register(
            "untrusted_identity",
            "Requests with identity headers from a peer that is not trusted",
            self.untrusted_identity.clone(),
        );
    }

    /// The Prometheus text format.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// The hundreds of a status.
pub(crate) fn status_class(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
