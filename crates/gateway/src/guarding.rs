//! The guard, for one answer: whose identifiers there are, who asks, and what was done.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use candor_conversation::{Part, Role, SubjectId, TenantId};
use candor_deid::Engine;
use candor_guard::{BudgetSettings, Budgets, Charged, Exchange, Findings, Index, OwnValues, Policy, Public};
use candor_vault::{Key, keyed_hash};
use candor_wire::request::Request;
use candor_wire::surface::{ErrorKind, Namespace, Surface};

use crate::metrics::{IdentifierLabels, Metrics};
use crate::refusal::Refusal;
use crate::settings::{BeforeReady, Guarding};

/// The guard of all tenants.
pub(crate) struct Guard {
    key: Key,
    public: Mutex<Public>,
    tenants: Mutex<HashMap<TenantId, Arc<Tenant>>>,
    found: Mutex<Findings>,
    /// Whether everything was read once since the start.
    knows: AtomicBool,
}

/// What is known of one tenant; never looked at for another's request (N10).
pub(crate) struct Tenant {
    pub(crate) index: Arc<Index>,
    budgets: Budgets,
}

impl Guard {
    /// `key` is the secret from which each tenant's is derived; it lies outside the database.
    pub(crate) fn new(key: Key, public: Public) -> Self {
        Self {
            key,
            public: Mutex::new(public),
            tenants: Mutex::default(),
            found: Mutex::default(),
            knows: AtomicBool::new(false),
        }
    }

    /// Everything that was kept before the start is known now.
    pub(crate) fn has_learnt(&self) {
        self.knows.store(true, Ordering::Relaxed);
    }

    pub(crate) fn knows(&self) -> bool {
        self.knows.load(Ordering::Relaxed)
    }

    /// Takes another list of values that always pass, for all tenants.
    pub(crate) fn publish(&self, public: Public) {
        // First the list for tenants who come, so that none of them misses it.
        *self.public.lock().unwrap_or_else(PoisonError::into_inner) = public.clone();
        self.tenants().iter().for_each(|tenant| tenant.index.publish(public.clone()));
    }

    pub(crate) fn tenant(&self, tenant: &TenantId) -> Arc<Tenant> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let made = tenants.entry(tenant.clone()).or_insert_with(|| {
            let own = keyed_hash(&self.key, "candor-guard-tenant-1", &[tenant.as_str().as_bytes()]);
            let public = self.public.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let index = Arc::new(Index::new(own, public));
            Arc::new(Tenant { index, budgets: Budgets::new(BudgetSettings::standard()) })
        });
        Arc::clone(made)
    }

    /// Everything found since the start: kinds, actions and counts.
    pub(crate) fn report(&self) -> Findings {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, findings: &Findings) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).merge(findings);
    }

    pub(crate) fn tenants(&self) -> Vec<Arc<Tenant>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

/// When to try again while the guard does not know anything yet, in seconds.
const RETRY_SECONDS: u64 = 2;

/// Refuses a request whose answer could not be checked yet. A guard that only counts keeps nothing from anybody, so
/// nobody waits for it.
pub(crate) fn awaits(
    guard: &Guard,
    (guarding, before_ready): (Guarding, BeforeReady),
    (surface, namespace): (Surface, Namespace),
) -> Result<(), Refusal> {
    let acts = matches!(guarding, Guarding::Mask | Guarding::Stop);
    let has_answers =
        !matches!(surface, Surface::Embeddings | Surface::CountTokens | Surface::Models | Surface::Other);
    if !acts || !has_answers || guard.knows() || before_ready == BeforeReady::Relay {
        return Ok(());
    }
    let text = "the gateway has just started and cannot check answers yet; try again shortly";
    let mut refusal = Refusal::new(namespace, ErrorKind::Overloaded, text);
    refusal.retry_after_seconds = Some(RETRY_SECONDS);
    Err(refusal)
}

/// What the answers to one request are checked against.
pub(crate) struct Guarded {
    exchange: Arc<Exchange>,
    guard: Arc<Guard>,
    metrics: Arc<Metrics>,
}

/// Who asks, and for what.
pub(crate) struct Asking<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) asker: Option<SubjectId>,
    pub(crate) request: Option<&'a Arc<Request>>,
    pub(crate) now_ms: u64,
}

impl Guarded {
    pub(crate) fn new(
        (guard, metrics, engine): (&Arc<Guard>, &Arc<Metrics>, &Engine),
        guarding: Guarding,
        asking: &Asking<'_>,
    ) -> Option<Self> {
        let policy = match guarding {
            Guarding::Off => return None,
            Guarding::Log => Policy::Log,
            Guarding::Mask => Policy::Mask,
            Guarding::Stop => Policy::Stop,
        };
        let tenant = guard.tenant(asking.tenant);
        let own = asking.request.map(|request| own_values(Arc::clone(request)));
        let exchange = Exchange {
            engine: engine.clone(),
            index: Arc::clone(&tenant.index),
            asker: asking.asker,
            own: own.unwrap_or_else(OwnValues::none),
            policy,
            budget: tenant.budgets.of(asking.asker, asking.now_ms),
            now_ms: asking.now_ms,
            charged: Charged::default(),
        };
        Some(Self { exchange: Arc::new(exchange), guard: Arc::clone(guard), metrics: Arc::clone(metrics) })
    }

    pub(crate) fn exchange(&self) -> Arc<Exchange> {
        Arc::clone(&self.exchange)
    }

    /// Counts what was done to one text.
    pub(crate) fn report(&self, findings: &Findings) {
        if findings.is_empty() {
            return;
        }
        for finding in findings.iter() {
            let labels =
                IdentifierLabels { kind: finding.kind.placeholder_label(), action: finding.action.as_str() };
            self.metrics.identifiers.get_or_create(&labels).inc_by(finding.count);
        }
        self.guard.add(findings);
    }
}

/// What the asker sent: all but what the model said.
fn own_values(request: Arc<Request>) -> OwnValues {
    OwnValues::of(move |show| {
        for said in request.said.iter().filter(|said| said.role != Role::Assistant) {
            for part in &said.parts {
                match part {
                    Part::Text(text) => show(text),
                    Part::ToolCall { arguments, .. } => show(arguments),
                    Part::Attachment(_) => {}
                }
            }
        }
    })
}
