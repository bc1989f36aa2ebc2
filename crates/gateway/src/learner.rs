//! What the guard knows: whose identifiers are whose, read from what is captured or imported, and forgotten with the
//! person. A thread of its own; the relay never waits for it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use candor_consent::{Event, Purpose};
use candor_conversation::{Part, SubjectId, TenantId};
use candor_vault::{Person, Policy, Reading, Said, VaultError};

use crate::gateway::Gateway;
use crate::settings::Guarding;

/// How often it looks for what is new.
const ROUND: Duration = Duration::from_secs(1);
/// Rounds after which what may be kept no longer is forgotten, and read again what a partial withdrawal took along: an
/// hour.
const ROUNDS_TO_EXPIRE: u64 = 3600;

/// The guard's memory, as it grows.
pub(crate) struct Learner {
    reading: Reading,
    /// Whose identifiers are known, and what they agreed to when they were first learnt.
    learnt: HashMap<SubjectId, (TenantId, Vec<Purpose>)>,
    policy_version: u64,
    /// Whether somebody took back one purpose of several: their other turns were forgotten with it.
    reads_again: bool,
}

impl Learner {
    pub(crate) fn open(root: &Path) -> Result<Self, VaultError> {
        Ok(Self {
            reading: Reading::open(root)?,
            learnt: HashMap::new(),
            policy_version: 0,
            reads_again: false,
        })
    }

    /// Runs until the gateway closes.
    pub(crate) fn start(self, gateway: Arc<Gateway>) -> std::io::Result<JoinHandle<()>> {
        std::thread::Builder::new().name("candor-learner".into()).spawn(move || self.run(&gateway))
    }

    fn run(mut self, gateway: &Gateway) {
        let mut round = 0_u64;
        let mut told = String::new();
        while !gateway.is_closing() {
            // The version first: a policy that is set in between is then looked at again.
            let version = gateway.policy_version();
            if let Some(policy) = gateway.policy().filter(|_| guards(gateway)) {
                match self.learn(gateway, (&policy, version)) {
                    Ok(()) => {
                        gateway.guard.has_learnt();
                        told.clear();
                    }
                    Err(error) => {
                        let text = format!("the guard does not know everything: {error}");
                        if told != text {
                            gateway.note(&text);
                            told = text;
                        }
                    }
                }
                if round.is_multiple_of(ROUNDS_TO_EXPIRE) {
                    gateway.guard.tenants().iter().for_each(|tenant| tenant.index.expire(gateway.now()));
                    if std::mem::take(&mut self.reads_again) {
                        self.reading.begin_again();
                    }
                }
            }
            round += 1;
            std::thread::sleep(ROUND);
        }
    }

    fn learn(&mut self, gateway: &Gateway, (policy, version): (&Policy, u64)) -> Result<(), VaultError> {
        if version != self.policy_version {
            self.policy_version = version;
            self.forget_who_left(gateway, policy);
        }
        let learnt = &mut self.learnt;
        self.reading.read_new(policy, gateway.now(), |Said { person, permits, parts }| {
            let subject = &person.subject;
            let tenant = gateway.guard.tenant(&subject.tenant);
            for part in parts {
                if let Part::Text(text) = part {
                    tenant.index.learn(&gateway.engine, subject.id, permits, text);
                }
            }
            learnt.entry(subject.id).or_insert_with(|| (subject.tenant.clone(), agreed(person)));
            !gateway.is_closing()
        })
    }

    /// Forgets the identifiers of everyone who was erased or took something back. What they still agree to is read
    /// again with the next full reading.
    fn forget_who_left(&mut self, gateway: &Gateway, policy: &Policy) {
        let now: HashMap<SubjectId, Vec<Purpose>> =
            policy.people().map(|person| (person.subject.id, agreed(person))).collect();
        let mut took_back = false;
        self.learnt.retain(|subject, (tenant, before)| {
            let now = now.get(subject);
            let stays = now.is_some_and(|now| before.iter().all(|purpose| now.contains(purpose)));
            if !stays {
                gateway.guard.tenant(tenant).index.forget(*subject);
                took_back |= now.is_some_and(|now| !now.is_empty());
            }
            stays
        });
        self.reads_again |= took_back;
    }
}

/// The purposes that somebody agrees to now, as far as they made a choice.
fn agreed(person: &Person) -> Vec<Purpose> {
    let permits = |events: &Vec<Event>| events.last().is_some_and(|event| event.state.permits());
    person.histories.iter().filter(|(_, events)| permits(events)).map(|(purpose, _)| *purpose).collect()
}

/// Whether any route has a guard.
pub(crate) fn guards(gateway: &Gateway) -> bool {
    gateway.current().settings.routes.iter().any(|route| route.guard != Guarding::Off)
}
