//! One process at a time works on a data directory.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a process waits for another one. A gateway has the vault for moments, to take in what it captured; a
/// command that has it for longer is told about.
pub(crate) const LOCK_WAIT_MAX: Duration = Duration::from_secs(10);
/// How long it sleeps between two attempts.
const ATTEMPT_EVERY: Duration = Duration::from_millis(20);

/// Why the data directory cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("{0} is in use by another candor process\nhint: wait for it to end, then try again")]
    Held(PathBuf),
    /// The lock file cannot be opened.
    #[error("open lock {path}")]
    File {
        /// The lock file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}

/// Held while it lives; the system releases it however the process ends.
pub(crate) struct Lock(#[expect(dead_code, reason = "holds the lock while it lives")] File);

impl Lock {
    /// Waits `wait` at most, counted in attempts: no clock is read.
    pub(crate) fn acquire(root: &Path, wait: Duration) -> Result<Self, LockError> {
        let path = root.join("lock");
        let opened = File::options().create(true).truncate(false).write(true).open(&path);
        let file = opened.map_err(|source| LockError::File { path: path.clone(), source })?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if waited < wait => std::thread::sleep(ATTEMPT_EVERY),
                Err(TryLockError::WouldBlock) => return Err(LockError::Held(root.to_owned())),
                Err(TryLockError::Error(source)) => return Err(LockError::File { path, source }),
            }
            waited += ATTEMPT_EVERY;
        }
    }
}
