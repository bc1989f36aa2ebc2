//! Long imports that stopped: how far they came.
//!
//! A position names files of people and fingerprints of what is in them, so it is sealed under the operator's
//! key, and an erasure takes all of them away: whose files they were is not known here.

use crate::catalogue::{CatalogueError, Tx, values};
use crate::cipher::Key;
use crate::keys::KeyChain;
use crate::{Entropy, Vault, VaultError};

/// The state of a long import, kept so that it can go on after a crash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Keyed hash of what is imported; see [`Vault::job_source`].
    pub source: String,
    /// Where to go on; `None` when all is done.
    pub position: Option<String>,
    /// What became of everything before the position, as JSON of the caller.
    pub counts: String,
}

const UNREADABLE: CatalogueError = CatalogueError::Corrupt("the state of an import");

impl Vault {
    /// The name under which the state of a job about these fingerprints is kept.
    pub fn job_source(&self, fingerprints: &[String]) -> String {
        let fields: Vec<&[u8]> = fingerprints.iter().map(String::as_bytes).collect();
        let reference = self.keys.reference("candor-job-1", &fields);
        reference.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The state of an unfinished job.
    pub fn unfinished_job(&self, source: &str) -> Result<Option<Job>, VaultError> {
        let sql = "SELECT sealed_state FROM import_job WHERE source = $1 AND finished = 0";
        let sealed =
            self.db.first("read import job", sql, values![source], |row| row.get::<Option<Vec<u8>>>(0))?;
        let Some(sealed) = sealed.flatten() else { return Ok(None) };
        let state = state_key(&self.keys).open(source.as_bytes(), &sealed).map_err(|_| UNREADABLE)?;
        let (position, counts) = serde_json::from_slice(&state).map_err(|_| UNREADABLE)?;
        Ok(Some(Job { source: source.to_owned(), position, counts }))
    }
}

impl Job {
    pub(super) fn write(&self, tx: &Tx<'_>, key: &Key, entropy: &mut Entropy) -> Result<(), VaultError> {
        let seal = |position| {
            let state = serde_json::to_vec(&(position, &self.counts)).map_err(|_| UNREADABLE)?;
            Ok::<_, CatalogueError>(key.seal(self.source.as_bytes(), &state, entropy))
        };
        let sealed = self.position.as_ref().map(seal).transpose()?;
        tx.execute(
            "write import job",
            "INSERT INTO import_job (source, sealed_state, finished) VALUES ($1, $2, $3) \
             ON CONFLICT (source) DO UPDATE SET sealed_state = excluded.sealed_state, \
             finished = excluded.finished",
            values![&self.source, sealed.as_ref(), self.position.is_none()],
        )?;
        Ok(())
    }
}

/// The key under which positions are sealed.
pub(super) fn state_key(keys: &KeyChain) -> Key {
    keys.store_key("import-job")
}

/// Part of an erasure: imports that stopped start again from the beginning, where what is there is a duplicate.
pub(crate) fn forget_unfinished_jobs(tx: &Tx<'_>) -> Result<(), CatalogueError> {
    let sql = "DELETE FROM import_job WHERE finished = 0";
    tx.execute("forget unfinished imports", sql, values![]).map(|_| ())
}
