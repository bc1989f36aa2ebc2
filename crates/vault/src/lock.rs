//! One process at a time works on a data directory.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

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
    pub(crate) fn acquire(root: &Path) -> Result<Self, LockError> {
        let path = root.join("lock");
        let opened = File::options().create(true).truncate(false).write(true).open(&path);
        let file = opened.map_err(|source| LockError::File { path: path.clone(), source })?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(LockError::Held(root.to_owned())),
            Err(TryLockError::Error(source)) => Err(LockError::File { path, source }),
        }
    }
}
