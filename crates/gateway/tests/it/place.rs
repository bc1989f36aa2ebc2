//! A data directory with people who chose differently, and the gateway's settings beside it.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use candor_consent::{AccessPermit, Notice, Purpose, State, examples};
use candor_conversation::{Attachment, File, Part, TenantId, Tier, Timestamp};
use candor_gateway::identity::new_key;
use candor_vault::{Act, Entropy, Profile, Subject, Vault, VaultError};
use tempfile::TempDir;
use toml::{Table, Value};

/// When everybody chose.
const CHOSEN: &str = "2026-01-02T00:00:00Z";
/// What the clock of a gateway says when it starts.
pub(crate) const START: &str = "2026-02-01T00:00:00Z";

/// The people: name, tenant, and what they chose for history and training.
pub(crate) const PEOPLE: [(&str, &str, Option<State>); 5] = [
    ("ada", "home", Some(State::Given)),
    ("bo", "home", Some(State::Refused)),
    ("cy", "home", None),
    ("ada", "work", Some(State::Given)),
    ("dee", "home", Some(State::Given)),
];

/// The key of a person who is in no vault.
pub(crate) const NOBODY: usize = PEOPLE.len();
/// The key of a backend that speaks for many people.
pub(crate) const BACKEND: usize = PEOPLE.len() + 1;

/// A virtual key by its number: those of [`PEOPLE`] in order, then the two above.
pub(crate) fn key(number: usize) -> String {
    new_key([number as u8 + 1; 32]).0
}

/// A data directory in a folder of its own.
pub(crate) struct Place {
    folder: TempDir,
    pub(crate) entropy: Entropy,
    starts: Cell<u8>,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let mut place = Self { folder, entropy: Entropy::from_seed([5; 32]), starts: Cell::new(0) };
        let mut vault = Vault::create(&place.root(), "chat.example.org", &mut place.entropy).unwrap();
        let notice = Notice::parse(examples::OURS).unwrap();
        vault.publish_notice(&notice, time("2026-01-01T00:00:00Z")).unwrap();
        for (name, tenant, chosen) in PEOPLE {
            place.enrol(&mut vault, (name, tenant));
            let states = chosen.map(|state| [Purpose::History, Purpose::Train].map(|of| (of, state)));
            for (purpose, state) in states.into_iter().flatten() {
                place.choose(&mut vault, (name, tenant), (purpose, state), time(CHOSEN));
            }
        }
        place
    }

    pub(crate) fn enrol(&mut self, vault: &mut Vault, (name, tenant): (&str, &str)) {
        let profile =
            Profile { name: name.into(), tier: Tier::Consumer, region: None, age: None, called: Vec::new() };
        vault.enrol(&tenant_id(tenant), &[profile], time(CHOSEN), &mut self.entropy).unwrap();
    }

    /// Records a choice, as another process does it.
    pub(crate) fn choose(
        &mut self,
        vault: &mut Vault,
        (name, tenant): (&str, &str),
        (purpose, state): (Purpose, State),
        at: Timestamp,
    ) {
        let subject = vault.subject(&tenant_id(tenant), name).unwrap().id;
        let (notice, _) = vault.notice(None, at).unwrap();
        let act =
            Act { subject, purpose, state, notice, effective_at: at, attested_by: None, evidence: None };
        vault.record(&[act], at, &mut self.entropy).unwrap();
    }

    /// The data directory.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    /// Everything that a gateway may write to.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn open(&self) -> Vault {
        Vault::open(&self.root()).unwrap()
    }

    /// A random source that no other process of this place has.
    pub(crate) fn seed(&self) -> u8 {
        self.starts.set(self.starts.get() + 1);
        self.starts.get()
    }

    pub(crate) fn settings_file(&self) -> PathBuf {
        self.folder.path().join("gateway.toml")
    }

    pub(crate) fn write(&self, settings: &Settings) {
        fs::write(self.settings_file(), toml::to_string(&settings.0).unwrap()).unwrap();
    }

    /// Takes the inbox in, and gives everything that the vault holds of a person.
    pub(crate) fn kept(&self, person: usize) -> Vec<Kept> {
        let (name, tenant, _) = PEOPLE[person];
        let mut vault = self.open();
        vault.absorb_inbox(time("2026-02-02T00:00:00Z"), &mut Entropy::from_seed([self.seed(); 32])).unwrap();
        kept(&vault, &vault.subject(&tenant_id(tenant), name).unwrap())
    }

    /// What other commands see of a person, without taking the inbox in.
    pub(crate) fn seen(&self, person: usize) -> Vec<Kept> {
        let (name, tenant, _) = PEOPLE[person];
        let vault = self.open();
        kept(&vault, &vault.subject(&tenant_id(tenant), name).unwrap())
    }

    /// Takes the inbox in, and gives the bytes of every file that the vault holds of a person.
    pub(crate) fn files(&self, person: usize) -> Vec<Vec<u8>> {
        let (name, tenant, _) = PEOPLE[person];
        let mut vault = self.open();
        vault.absorb_inbox(time("2026-02-02T00:00:00Z"), &mut Entropy::from_seed([self.seed(); 32])).unwrap();
        let subject = vault.subject(&tenant_id(tenant), name).unwrap();
        let permit = AccessPermit::for_own(subject.id, subject.id).unwrap();
        let mut files = Vec::new();
        let visit = |_: &Attachment, file: &File| -> Result<(), VaultError> {
            files.push(file.bytes().unwrap().to_vec());
            Ok(())
        };
        vault.export_files(&subject, &permit, visit).unwrap();
        files
    }

    /// The texts that the vault holds of a person, in the order of each conversation.
    pub(crate) fn texts(&self, person: usize) -> Vec<String> {
        self.kept(person).into_iter().map(|kept| kept.text).collect()
    }

    /// Files, of any kind, that hold these bytes anywhere.
    pub(crate) fn files_with(&self, needle: &[u8]) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut waiting = vec![self.folder.path().to_owned()];
        while let Some(next) = waiting.pop() {
            for entry in fs::read_dir(&next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    waiting.push(path);
                } else if fs::read(&path).is_ok_and(|bytes| holds(&bytes, needle)) {
                    found.push(path);
                }
            }
        }
        found
    }
}

/// A turn as its author's export shows it.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) text: String,
    pub(crate) complete: bool,
    pub(crate) purposes: Vec<Purpose>,
}

fn kept(vault: &Vault, subject: &Subject) -> Vec<Kept> {
    let permit = AccessPermit::for_own(subject.id, subject.id).unwrap();
    let export = vault.export(subject, &permit).unwrap();
    assert_eq!(export.joint_turns, 0);
    let turns = export.conversations.into_iter().flat_map(|(_, turns)| turns);
    turns
        .map(|(turn, parts)| Kept {
            text: parts.iter().map(text).collect::<Vec<_>>().join("|"),
            complete: turn.complete,
            purposes: turn.bindings.iter().map(|binding| binding.purpose).collect(),
        })
        .collect()
}

fn text(part: &Part) -> String {
    match part {
        Part::Text(text) => text.clone(),
        Part::ToolCall { name, arguments } => format!("{name}({arguments})"),
        Part::Attachment(attachment) => format!("[{}]", attachment.kind),
    }
}

pub(crate) fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn tenant_id(name: &str) -> TenantId {
    name.parse().unwrap()
}

/// `gateway.toml` in the making.
#[derive(Clone)]
pub(crate) struct Settings(Table);

impl Settings {
    /// One route to an upstream, the keys of all people, and short times.
    pub(crate) fn to(upstream: impl std::fmt::Display) -> Self {
        let mut keys = String::new();
        let people = PEOPLE.iter().map(|(name, tenant, _)| (*tenant, format!("subject = '{name}'")));
        let others = [("home", "subject = 'nobody'".to_owned()), ("home", "hints = true".to_owned())];
        for (number, (tenant, more)) in people.chain(others).enumerate() {
            let hash = new_key([number as u8 + 1; 32]).1;
            keys += &format!(
                "[[identity.key]]\nname = 'key-{number}'\ntenant = '{tenant}'\nsha256 = '{hash}'\n{more}\n"
            );
        }
        let text = format!(
            "listen = '127.0.0.1:0'\nadmin_listen = '127.0.0.1:0'\nthreads = 2\n\
             [capture]\ntenant = 'home'\nabsorb_seconds = 3600\n\
             [limits]\ndrain_seconds = 5\n\
             {keys}\
             [[route]]\nupstream = 'http://{upstream}'\ndistillable = true\n"
        );
        Self(text.parse().unwrap())
    }

    /// Adds the first route of other settings.
    pub(crate) fn and_route(mut self, other: &Self) -> Self {
        let route = other.0["route"][0].clone();
        self.0["route"].as_array_mut().unwrap().push(route);
        self
    }

    /// Sets one value by its path, such as `limits.header_seconds` or `route.0.masking`.
    pub(crate) fn with(mut self, path: &str, value: impl Into<Value>) -> Self {
        let (parents, last) = path.rsplit_once('.').unwrap_or(("", path));
        let mut table = &mut self.0;
        let mut names = parents.split('.').filter(|name| !name.is_empty()).peekable();
        while let Some(name) = names.next() {
            let next = table.entry(name).or_insert_with(|| Value::Table(Table::new()));
            let index = names.next_if(|name| name.parse::<usize>().is_ok());
            let next = match index {
                Some(index) => &mut next[index.parse::<usize>().unwrap()],
                None => next,
            };
            table = next.as_table_mut().unwrap();
        }
        table.insert(last.to_owned(), value.into());
        self
    }
}
