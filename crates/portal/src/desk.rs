//! The data directory behind the pages: what decides is read beside everybody else, what people do is written by
//! whoever has the vault for a moment.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use candor_consent::AccessPermit;
use candor_conversation::{SubjectId, Timestamp};
use candor_vault::{
    Author, Entropy, Fresh, Group, Inbox, Live, Look, Own, Policy, Sequencer, Signal, Subject, Tallies,
    Vault, VaultError,
};

use crate::refusal::Refusal;
use crate::session::Session;

/// How long an act waits for another process to be done with the vault.
const VAULT_WAIT_MAX: Duration = Duration::from_secs(20);

/// Reads what decides, and writes what people do.
pub(crate) struct Desk {
    root: PathBuf,
    beside: Mutex<Beside>,
    own: Own,
    sequencer: Sequencer,
    entropy: Mutex<Entropy>,
}

struct Beside {
    live: Live,
    policy: Policy,
}

impl Desk {
    pub(crate) fn open(root: &Path, mut entropy: Entropy) -> Result<Self, VaultError> {
        let mut live = Live::open(root)?;
        let policy = live.policy()?;
        let beside = Mutex::new(Beside { live, policy });
        let own = Own::open(root)?;
        let sequencer = Sequencer::start(root, entropy.fork()).map_err(|source| VaultError::File {
            doing: "start a thread that writes to",
            path: root.to_owned(),
            source,
        })?;
        Ok(Self { root: root.to_owned(), beside, own, sequencer, entropy: Mutex::new(entropy) })
    }

    /// Everything that decides, as of this moment.
    pub(crate) fn policy(&self) -> Result<Policy, VaultError> {
        let mut beside = self.beside.lock().unwrap_or_else(PoisonError::into_inner);
        let Beside { live, policy } = &mut *beside;
        live.refresh(policy)?;
        Ok(policy.clone())
    }

    /// The signals that came with a person's requests.
    pub(crate) fn signals(&self, subject: &Subject) -> Result<Vec<Signal>, VaultError> {
        self.beside.lock().unwrap_or_else(PoisonError::into_inner).live.signals(subject)
    }

    /// Lets whoever is signed in look at their own. For a thread that may wait.
    pub(crate) fn look<T>(
        &self,
        session: &Session,
        now: Timestamp,
        look: impl FnOnce(&Own, Look<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let policy = self.policy()?;
        let Author::Person(person) = policy.author(&session.tenant, &session.name) else {
            return Err(Refusal::SignIn);
        };
        let id = person.subject.id;
        let permit = AccessPermit::for_own(id, id).ok_or(Refusal::NotFound)?;
        look(&self.own, Look { person: &person, permit: &permit, policy: &policy, now })
    }

    /// Forgets in memory whoever was erased, and whose pages nobody looked at for a while.
    pub(crate) fn tidy(&self, now: Timestamp) -> Result<(), VaultError> {
        self.own.tidy(&self.policy()?, now);
        Ok(())
    }

    /// Our two public keys, a line each, as they stand in `trust.keys`; empty if the file is gone.
    pub(crate) fn public_keys(&self) -> String {
        std::fs::read_to_string(self.root.join("trust.keys")).unwrap_or_default()
    }

    /// Counts of what is held, which name nobody. For a thread that may wait.
    pub(crate) fn tallies(&self, now: Timestamp) -> Result<Tallies, VaultError> {
        Live::open(&self.root)?.tallies(now)
    }

    /// The log's newest signed note; empty if it cannot be read.
    pub(crate) fn checkpoint(&self) -> String {
        std::fs::read_to_string(self.root.join("log/checkpoint")).unwrap_or_default()
    }

    /// The operator's list of breaches, empty if there is no such file; nothing if it cannot be read.
    pub(crate) fn breaches(&self) -> Option<String> {
        match std::fs::read_to_string(self.root.join("breaches.toml")) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(String::new()),
            read => read.ok(),
        }
    }

    /// The card of a release by that name, if its folder is where releases are built.
    pub(crate) fn release_card(&self, name: &str, bytes_max: u64) -> Option<String> {
        let path = self.root.join("releases").join(name).join("README.md");
        let fits = std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() <= bytes_max);
        fits.then(|| std::fs::read_to_string(path).ok()).flatten()
    }

    /// What `candor quickstart` found when it ran two notices side by side, if it did.
    pub(crate) fn two_worlds(&self) -> Option<Vec<u8>> {
        std::fs::read(self.root.join("two-worlds.json")).ok()
    }

    /// Removes the receipts that wait to be handed to somebody.
    pub(crate) fn remove_receipts(&self, subject: SubjectId) -> std::io::Result<()> {
        match std::fs::remove_dir_all(self.root.join("receipts").join(subject.to_string())) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Writes something that a person asked to be kept to the inbox; whether anything of it was. For a thread that may
    /// wait.
    pub(crate) fn keep(&self, fresh: Fresh, now: Timestamp) -> Result<bool, VaultError> {
        let entropy = self.entropy.lock().unwrap_or_else(PoisonError::into_inner).fork();
        let mut inbox = Inbox::open(&self.root, entropy)?;
        let appended = inbox.append(&[fresh], now)?;
        inbox.roll()?;
        Ok(appended.turns > 0)
    }

    /// Records what somebody chose, together with what others choose at the same moment. For a thread that may wait.
    pub(crate) fn record<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Group<'_>, &mut Entropy) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.sequencer.record(act).wait()
    }

    /// Has the vault for as long as `act` takes. For a thread that may wait.
    pub(crate) fn act<T, E: From<VaultError>>(
        &self,
        act: impl FnOnce(&mut Vault, &mut Entropy) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut entropy = self.entropy.lock().unwrap_or_else(PoisonError::into_inner).fork();
        let mut vault = Vault::open_within(&self.root, VAULT_WAIT_MAX)?;
        act(&mut vault, &mut entropy)
    }
}
