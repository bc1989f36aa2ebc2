//! What all requests share, and how it changes while they run.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use candor_conversation::Timestamp;
use candor_deid::Engine;
use candor_guard::{Finding, Mask};
use candor_vault::{Author, Entropy, Key, Policy};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::access_log::AccessLog;
use crate::events::Events;
use crate::exchange::Heard;
use crate::guarding::Guard;
use crate::identity::{Identifier, IdentityError, KeySettings, PagesSecret};
use crate::keeper::Queue;
use crate::limit::Limits;
use crate::masks::{AnswerKey, Masks, Scope};
use crate::metrics::{CauseLabels, Metrics};
use crate::route::Routes;
use crate::settings::{Settings, SettingsError};
use crate::signals::Signals;
use crate::telemetry::Spans;

/// What the gateway asks of its caller, because nothing here reads the time of day or speaks to a terminal.
#[derive(Clone, Copy)]
pub struct Edge {
    /// The time of day.
    pub clock: fn() -> Timestamp,
    /// Takes a remark for the operator, one line.
    pub notes: fn(&str),
}

/// What follows from the settings; replaced whole when they are read again. Requests under way keep theirs.
pub(crate) struct Current {
    pub(crate) settings: Settings,
    pub(crate) routes: Routes,
    pub(crate) identifier: Identifier,
    pub(crate) limits: Limits,
    in_process: InProcess,
}

/// What is served beside the gateway in the same process.
#[derive(Clone, Default)]
pub struct InProcess {
    /// The secret of pages, which say for whom they ask.
    pub pages: Option<PagesSecret>,
    /// Where the built-in model answers.
    pub reference: Option<SocketAddr>,
}

impl Current {
    pub(crate) fn new(settings: Settings, in_process: InProcess) -> Result<Self, SettingsError> {
        let routes = Routes::new(&settings, in_process.reference)?;
        let mut identifier = Identifier::new(&settings.identity, &|path| std::fs::read(path))
            .map_err(|error| SettingsError::Value(format!("identity: {error}")))?;
        if let Some(secret) = &in_process.pages {
            identifier = identifier.with_pages(secret);
        }
        let limits = Limits::new(&settings.identity, &identifier);
        Ok(Self { settings, routes, identifier, limits, in_process })
    }

    /// What follows from other settings; requests that are counted stay counted.
    pub(crate) fn renewed(&self, settings: Settings) -> Result<Self, SettingsError> {
        let mut current = Self::new(settings, self.in_process.clone())?;
        current.limits = self.limits.renew(&current.settings.identity, &current.identifier);
        Ok(current)
    }

    /// The same with other virtual keys. No file is read and no connection upstream given up.
    pub(crate) fn with_keys(&self, keys: Vec<KeySettings>) -> Result<Self, IdentityError> {
        let mut settings = self.settings.clone();
        settings.identity.keys = keys;
        let identifier = self.identifier.with_keys(&settings.identity.keys)?;
        let limits = self.limits.renew(&settings.identity, &identifier);
        let (routes, in_process) = (self.routes.clone(), self.in_process.clone());
        Ok(Self { settings, routes, identifier, limits, in_process })
    }
}

/// Where things go that happen beside the relay.
pub(crate) struct Ways {
    /// What may be kept.
    pub(crate) queue: Option<Queue>,
    /// A line for each request.
    pub(crate) access_log: AccessLog,
    /// A span for each exchange.
    pub(crate) spans: Spans,
    /// An event for each exchange.
    pub(crate) events: Events,
}

/// A gateway.
pub(crate) struct Gateway {
    pub(crate) settings_file: PathBuf,
    current: RwLock<Arc<Current>>,
    /// Held by whoever replaces what is current.
    changing: Mutex<()>,
    drain: Notify,
    policy: RwLock<Option<Policy>>,
    pub(crate) ways: Ways,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) engine: Engine,
    pub(crate) guard: Arc<Guard>,
    pub(crate) masks: Arc<Masks>,
    pub(crate) signals: Signals,
    entropy: Mutex<Entropy>,
    clock: fn() -> Timestamp,
    notes: fn(&str),
    started: Instant,
    policy_version: AtomicU64,
    is_closing: AtomicBool,
}

impl Gateway {
    pub(crate) fn new(
        current: Current,
        ways: Ways,
        (engine, guard_key): (Engine, Key),
        (entropy, edge): (Entropy, &Edge),
        settings_file: PathBuf,
    ) -> Self {
        let public = current.settings.guard.public(&engine);
        Self {
            settings_file,
            current: RwLock::new(Arc::new(current)),
            changing: Mutex::default(),
            drain: Notify::new(),
            policy: RwLock::new(None),
            ways,
            metrics: Arc::new(Metrics::new()),
            engine,
            guard: Arc::new(Guard::new(guard_key, public)),
            masks: Arc::default(),
            signals: Signals::default(),
            entropy: Mutex::new(entropy),
            clock: edge.clock,
            notes: edge.notes,
            started: Instant::now(),
            policy_version: AtomicU64::new(0),
            is_closing: AtomicBool::new(false),
        }
    }

    /// Random bytes, for names of spans.
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        self.entropy.lock().unwrap_or_else(PoisonError::into_inner).bytes()
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Tells the operator something; never content, never who.
    pub(crate) fn note(&self, text: &str) {
        (self.notes)(text);
    }

    /// Nothing comes any more: what waits is written, and that is the end.
    pub(crate) fn close(&self) {
        self.is_closing.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::SeqCst)
    }

    /// Time since the start, on a clock that is never set back.
    pub(crate) fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    pub(crate) fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the guard did since the start, by kind, action and place.
    pub(crate) fn guard_report(&self) -> serde_json::Value {
        let findings = self.guard.report();
        let line = |finding: Finding| {
            serde_json::json!({
                "kind": finding.kind.placeholder_label(),
                "action": finding.action.as_str(),
                "place": finding.place.as_str(),
                "count": finding.count,
            })
        };
        serde_json::json!({ "findings": findings.iter().map(line).collect::<Vec<_>>() })
    }

    /// One at a time reads what is current and replaces it.
    pub(crate) fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the gateway to stop.
    pub(crate) fn drain(&self) {
        self.drain.notify_one();
    }

    /// Waits until it is asked to stop.
    pub(crate) async fn is_asked_to_drain(&self) {
        self.drain.notified().await;
    }

    /// Requests that come from now on go by these.
    pub(crate) fn replace(&self, current: Current) {
        self.guard.publish(current.settings.guard.public(&self.engine));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(current);
    }

    /// What decides about keeping; `None` until it was read, and then nothing is kept.
    pub(crate) fn policy(&self) -> Option<Policy> {
        self.policy.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers what was hidden up to an answer, unless the person has been erased meanwhile.
    pub(crate) fn remember(&self, answer: AnswerKey, mask: Mask) {
        let scope = answer.0.clone();
        self.masks.remember(answer, mask);
        // After it, for whoever is erased in between.
        if self.policy().is_some_and(|policy| is_gone(&policy, &scope)) {
            self.masks.forget(|one| *one == scope);
        }
    }

    pub(crate) fn set_policy(&self, policy: Option<Policy>) {
        let known = policy.clone();
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = policy;
        self.policy_version.fetch_add(1, Ordering::SeqCst);
        if let Some(policy) = known {
            self.masks.forget(|scope| is_gone(&policy, scope));
        }
    }

    /// Changes with the policy.
    pub(crate) fn policy_version(&self) -> u64 {
        self.policy_version.load(Ordering::SeqCst)
    }

    /// Hands an exchange over to be written. A full queue sheds it: the relay never waits.
    pub(crate) fn keep(&self, heard: Heard) {
        let Some(queue) = &self.ways.queue else { return };
        if queue.offer(heard).is_err() {
            self.metrics.shed.get_or_create(&CauseLabels { cause: "queue-full" }).inc();
        }
    }
}

/// Whether somebody was erased.
fn is_gone(policy: &Policy, scope: &Scope) -> bool {
    let author = scope.person.as_ref().map(|person| policy.author(&scope.tenant, person));
    matches!(author, Some(Author::Erased))
}
