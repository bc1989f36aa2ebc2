//! What the guard knows: whose identifiers are whose, read from what is captured or imported, and forgotten with the
//! person. A thread of its own; the relay never waits for it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use candor_conversation::{Part, SubjectId, TenantId};
use candor_vault::{Person, Policy, Reading, Said, VaultError};

use crate::gateway::Gateway;
use crate::settings::Guarding;

/// How often it looks for what is new.
const ROUND: Duration = Duration::from_secs(1);
/// Rounds after which what may be kept no longer is forgotten: an hour.
const ROUNDS_TO_EXPIRE: u64 = 3600;

/// The guard's memory, as it grows.
pub(crate) struct Learner {
    reading: Reading,
    learnt: HashMap<SubjectId, TenantId>,
    policy_version: u64,
}

impl Learner {
    pub(crate) fn open(root: &Path) -> Result<Self, VaultError> {
        Ok(Self { reading: Reading::open(root)?, learnt: HashMap::new(), policy_version: 0 })
    }

    /// Runs until the gateway closes.
    pub(crate) fn start(self, gateway: Arc<Gateway>) -> std::io::Result<JoinHandle<()>> {
        std::thread::Builder::new().name("candor-learner".into()).spawn(move || self.run(&gateway))
    }

    fn run(mut self, gateway: &Gateway) {
        let mut round = 0_u64;
        while !gateway.is_closing() {
            if let Some(policy) = gateway.policy().filter(|_| guards(gateway)) {
                if let Err(error) = self.learn(gateway, &policy) {
                    gateway.note(&format!("the guard does not know what came last: {error}"));
                }
                if round.is_multiple_of(ROUNDS_TO_EXPIRE) {
                    gateway.guard.tenants().iter().for_each(|tenant| tenant.index.expire(gateway.now()));
                }
            }
            round += 1;
            std::thread::sleep(ROUND);
        }
    }

    fn learn(&mut self, gateway: &Gateway, policy: &Policy) -> Result<(), VaultError> {
        let version = gateway.policy_version();
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
            learnt.entry(subject.id).or_insert_with(|| subject.tenant.clone());
        })
    }

    /// Forgets the identifiers of everyone who was erased, or agrees to nothing any more.
    fn forget_who_left(&mut self, gateway: &Gateway, policy: &Policy) {
        let agrees = |person: &&Arc<Person>| {
            let last = person.histories.iter().filter_map(|(_, events)| events.last());
            person.histories.is_empty() || last.into_iter().any(|event| event.state.permits())
        };
        let staying: std::collections::HashSet<SubjectId> =
            policy.people().filter(agrees).map(|person| person.subject.id).collect();
        self.learnt.retain(|subject, tenant| {
            let stays = staying.contains(subject);
            if !stays {
                gateway.guard.tenant(tenant).index.forget(*subject);
            }
            stays
        });
    }
}

fn guards(gateway: &Gateway) -> bool {
    gateway.current().settings.routes.iter().any(|route| route.guard != Guarding::Off)
}
