//! A vault in which Ada and Bo agreed to history and training, and the pages on it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};

use candor_consent::{Notice, Purpose, State, examples};
use candor_conversation::{Conversation, Part, Role, TenantId, Tier, Timestamp, Turn};
use candor_deid::sensitive::Policy;
use candor_deid::{Engine, Settings as IdentifierSettings};
use candor_portal::{Bound, Edge, Open, Portal, Running, Settings};
use candor_release::{Attachments, Making};
use candor_vault::{Act, Capture, Defaults, Entropy, Profile, Vault};
use tempfile::TempDir;

use crate::browser::{Answer, Browser};

const SETTINGS: &str = r#"
listen = "127.0.0.1:0"
model = "reference"
[[sign_in.local]]
name = "ada"
tenant = "home"
tier = "consumer"
region = "DE"
age = "34"
[[sign_in.local]]
name = "bo"
tenant = "home"
tier = "consumer"
region = "DE"
age = "34"
"#;

/// Goes on by a second each time that somebody looks.
pub(crate) fn clock() -> Timestamp {
    static NOW_MS: AtomicI64 = AtomicI64::new(1_767_600_000_000);
    Timestamp::from_millis(NOW_MS.fetch_add(1_000, Ordering::Relaxed))
}

/// What pages and gateway of one process share.
pub(crate) const PAGES_SECRET: [u8; 32] = [9; 32];

pub(crate) fn tenant() -> TenantId {
    "home".parse().unwrap()
}

pub(crate) struct Place {
    folder: TempDir,
    entropy: Entropy,
    running: Option<Running>,
    /// Where the chat page finds its gateway; nobody is there at first.
    pub(crate) gateway: SocketAddr,
}

impl Place {
    pub(crate) fn new() -> Self {
        let mut place = Self {
            folder: TempDir::new().unwrap(),
            entropy: Entropy::from_seed([5; 32]),
            running: None,
            gateway: ([127, 0, 0, 1], 9).into(),
        };
        let mut vault = Vault::create(&place.root(), "chat.example.org", &mut place.entropy).unwrap();
        let then: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        vault.publish_notice(&Notice::parse(examples::OURS).unwrap(), then).unwrap();
        let profile = |name: &str| Profile {
            name: name.into(),
            tier: Tier::Consumer,
            region: Some("DE".parse().unwrap()),
            age: None,
            called: Vec::new(),
        };
        let people = [profile("ada"), profile("bo")];
        let ids = vault.enrol(&tenant(), &people, then, &mut place.entropy).unwrap();
        let (notice, _) = vault.notice(None, then).unwrap();
        let given = |subject| {
            [Purpose::History, Purpose::Train].map(|purpose| Act {
                subject,
                purpose,
                state: State::Given,
                notice,
                effective_at: then,
                attested_by: None,
                evidence: None,
            })
        };
        let acts: Vec<Act> = ids.into_iter().flat_map(given).collect();
        vault.record(&acts, then, &mut place.entropy).unwrap();
        drop(vault);
        place
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    pub(crate) fn vault(&self) -> Vault {
        Vault::open(&self.root()).unwrap()
    }

    pub(crate) fn capture(&mut self, conversations: Vec<Conversation>) {
        let mut vault = self.vault();
        let defaults = Defaults {
            tenant: tenant(),
            author: None,
            tier: Some(Tier::Consumer),
            region: None,
            age: None,
            said_at: Some("2026-01-04T00:00:00Z".parse().unwrap()),
        };
        let mut capture = Capture::begin(&mut vault, defaults, clock(), &mut self.entropy).unwrap();
        capture.add(conversations).unwrap();
        capture.commit(None).unwrap();
    }

    /// A random source of its own.
    pub(crate) fn fork(&mut self) -> Entropy {
        self.entropy.fork()
    }

    /// Records a choice.
    pub(crate) fn choose(&mut self, person: &str, purpose: Purpose, state: State) {
        let mut vault = self.vault();
        let now = clock();
        let subject = vault.subject(&tenant(), person).unwrap().id;
        let (notice, _) = vault.notice(None, now).unwrap();
        let (attested_by, evidence) = (None, None);
        let act = Act { subject, purpose, state, notice, effective_at: now, attested_by, evidence };
        vault.record(&[act], now, &mut self.entropy).unwrap();
    }

    /// Serves the pages, with nobody signed in yet.
    pub(crate) fn browser(&mut self) -> Browser {
        let (root, entropy, gateway) = (self.root(), self.entropy.fork(), self.gateway);
        let running = self.running.get_or_insert_with(|| {
            let file = root.join("portal.toml");
            std::fs::write(&file, SETTINGS).unwrap();
            let open = Open {
                guide: None,
                data: &root,
                settings: Settings::read(&file).unwrap(),
                entropy,
                making: making(),
                edge: Edge { clock, notes: |_| {} },
            };
            let bound = Bound::to_address(Portal::open(open).unwrap()).unwrap();
            bound.start((gateway, PAGES_SECRET)).unwrap()
        });
        Browser::new(running.address())
    }

    pub(crate) fn signed_in(&mut self, person: &str) -> Browser {
        let mut browser = self.browser();
        browser.sign_in(person);
        browser
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().unwrap();
        }
    }
}

impl Browser {
    /// Goes in as one of the local people.
    pub(crate) fn sign_in(&mut self, person: &str) -> Answer {
        self.submit("/sign-in", "/sign-in", &[("person", person)])
    }
}

/// A talk of one person with a model: their texts, each answered.
pub(crate) fn talk(id: &str, author: &str, texts: &[&str]) -> Conversation {
    let mut turns = Vec::new();
    for text in texts {
        for role in [Role::User, Role::Assistant] {
            let number = turns.len();
            let said = if role == Role::User { (*text).to_owned() } else { format!("answer {number}") };
            let mut turn =
                Turn::new(format!("t{number}"), number.checked_sub(1), role, vec![Part::Text(said)]);
            turn.author = (role == Role::User).then(|| author.to_owned());
            turns.push(turn);
        }
    }
    Conversation::new(id.to_owned(), turns).unwrap()
}

/// What the pages take releases to be made with.
pub(crate) fn making() -> Making {
    Making {
        engine: Engine::new(IdentifierSettings::release()),
        sensitive: Policy::standard(),
        attachments: Attachments::Text,
    }
}
