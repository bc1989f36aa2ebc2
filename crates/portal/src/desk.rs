//! The data directory behind the pages: what decides is read beside everybody else, what people do is written by
//! whoever has the vault for a moment.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use candor_vault::{Entropy, Live, Policy, Vault, VaultError};

/// How long an act waits for another process to be done with the vault.
const VAULT_WAIT_MAX: Duration = Duration::from_secs(20);

/// Reads what decides, and writes what people do.
pub(crate) struct Desk {
    root: PathBuf,
    beside: Mutex<Beside>,
    entropy: Mutex<Entropy>,
}

struct Beside {
    live: Live,
    policy: Policy,
}

impl Desk {
    pub(crate) fn open(root: &Path, entropy: Entropy) -> Result<Self, VaultError> {
        let mut live = Live::open(root)?;
        let policy = live.policy()?;
        let beside = Mutex::new(Beside { live, policy });
        Ok(Self { root: root.to_owned(), beside, entropy: Mutex::new(entropy) })
    }

    /// Everything that decides, as of this moment.
    pub(crate) fn policy(&self) -> Result<Policy, VaultError> {
        let mut beside = self.beside.lock().unwrap_or_else(PoisonError::into_inner);
        let Beside { live, policy } = &mut *beside;
        live.refresh(policy)?;
        Ok(policy.clone())
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
