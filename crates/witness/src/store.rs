//! A witness's folder: its key, the logs it knows, and what it signed last for each.
//!
//! ```text
//! witness.key    seed of the private key, 64 hexadecimal digits
//! witness.vkey   the public key, to hand out
//! logs.keys      verifier keys of the logs it signs for, one a line; `#` begins a comment
//! held/HASH      the checkpoint it signed last; HASH is SHA-256(0x00 ‖ origin of the log)
//! ```

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use candor_conversation::Kind;
use candor_tlog::checkpoint::{Checkpoint, CheckpointError};
use candor_tlog::hash::{Hash, leaf_hash};
use candor_tlog::note::{InvalidKey, KeyName, NoteError, NoteSignature, SignedNote, VerifierKey};
use candor_tlog::tree::TreeHead;
use candor_tlog::witness::{AddCheckpoint, Refusal, WitnessKey, WitnessSigner, judge};
use candor_vault::durable;

/// Why a witness cannot be made, started or made to sign.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file could not be read or written.
    #[error("{doing} {path}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// There is a witness already.
    #[error("{0} has a witness already; its key is never overwritten")]
    Exists(PathBuf),
    /// Another process is this witness.
    #[error("{0} is in use by another witness process")]
    Held(PathBuf),
    /// A key does not read.
    #[error("read keys in {path}")]
    Key {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: InvalidKey,
    },
    /// The witness's own key does not read.
    #[error("{0} is not 64 hexadecimal digits")]
    Seed(PathBuf),
    /// What was signed last does not read. To sign without it could be to sign a second history.
    #[error(
        "{path} is not a checkpoint that was signed here\nhint: restore it from a copy; nothing is signed"
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: CheckpointError,
    },
}

impl StoreError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            StoreError::File { .. } | StoreError::Held(_) => Kind::Unavailable,
            StoreError::Exists(_) => Kind::Conflict,
            StoreError::Key { .. } | StoreError::Seed(_) => Kind::Invalid,
            StoreError::Corrupt { .. } => Kind::Corrupt,
        }
    }
}

/// What a witness answers.
#[derive(Debug)]
pub enum Signed {
    /// Its signature line.
    Line(NoteSignature),
    /// Why there is none.
    Refused(Refusal),
}

/// A witness at work: one process for a folder.
pub struct Witness {
    folder: PathBuf,
    signer: WitnessSigner,
    logs: HashMap<String, VerifierKey>,
    /// By origin. Held while a request is judged and written, so that no two are judged against one state.
    held: Mutex<HashMap<String, TreeHead>>,
    _lock: File,
}

impl Witness {
    /// Makes a witness's folder; its key is made from `seed`, 32 bytes from a good random source.
    pub fn create(folder: &Path, name: KeyName, seed: &[u8; 32]) -> Result<WitnessKey, StoreError> {
        let key_file = folder.join("witness.key");
        if key_file.exists() {
            return Err(StoreError::Exists(folder.to_owned()));
        }
        let held = folder.join("held");
        fs::create_dir_all(&held).map_err(|source| file_error("make", &held, source))?;
        let signer = WitnessSigner::from_seed(name, seed);
        let public = format!("{}\n", signer.key());
        let empty = "# Verifier keys of the logs that this witness signs for, one a line.\n";
        for (name, text, mode) in [
            ("logs.keys", empty, 0o644),
            ("witness.vkey", public.as_str(), 0o644),
            // Last: what has a key is whole.
            ("witness.key", &format!("{}\n", Hash(*seed)), 0o600),
        ] {
            let path = folder.join(name);
            durable::write_file(&path, text.as_bytes(), mode)
                .map_err(|source| file_error("write", &path, source))?;
        }
        Ok(signer.key().clone())
    }

    /// Opens the folder, with what was signed last for every log. `logs.keys` is read once.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let (lock_file, key_file) = (folder.join("lock"), folder.join("witness.key"));
        let seed: Hash = read(&key_file)?.trim().parse().map_err(|_| StoreError::Seed(key_file))?;
        let lock = File::options().create(true).truncate(false).write(true).open(&lock_file);
        let lock = lock.map_err(|source| file_error("open", &lock_file, source))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Held(folder.to_owned())),
            Err(TryLockError::Error(source)) => return Err(file_error("lock", &lock_file, source)),
        }
        let public_file = folder.join("witness.vkey");
        let bad_key = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::Key { path, source }
        };
        let public: WitnessKey = read(&public_file)?.trim().parse().map_err(bad_key(&public_file))?;
        let signer = WitnessSigner::from_seed(public.name().clone(), &seed.0);
        let logs_file = folder.join("logs.keys");
        let mut logs = HashMap::new();
        for line in read(&logs_file)?.lines().map(str::trim) {
            if !line.is_empty() && !line.starts_with('#') {
                let key: VerifierKey = line.parse().map_err(bad_key(&logs_file))?;
                logs.insert(key.name().to_string(), key);
            }
        }
        let mut held = HashMap::new();
        for (origin, key) in &logs {
            let path = held_file(folder, origin);
            if path.exists() {
                let corrupt = |source| StoreError::Corrupt { path: path.clone(), source };
                let note = SignedNote::parse(read(&path)?.as_bytes());
                let note = note.map_err(|error: NoteError| corrupt(error.into()))?;
                let head = Checkpoint::open(&note, key).map_err(corrupt)?.head();
                held.insert(origin.clone(), head);
            }
        }
        Ok(Self { folder: folder.to_owned(), signer, logs, held: Mutex::new(held), _lock: lock })
    }

    /// The key with which its signatures verify.
    pub fn key(&self) -> &WitnessKey {
        self.signer.key()
    }

    /// Logs that it signs for.
    pub fn logs(&self) -> impl Iterator<Item = &str> {
        self.logs.keys().map(String::as_str)
    }

    /// Judges the body of a request, holds on to what it signs, and signs it.
    pub fn add_checkpoint(&self, body: &[u8], now_seconds: u64) -> Result<Signed, StoreError> {
        let request = match AddCheckpoint::parse(body) {
            Ok(request) => request,
            Err(refusal) => return Ok(Signed::Refused(refusal)),
        };
        let origin = match request.claimed() {
            Ok(claimed) => claimed.origin().to_owned(),
            Err(error) => return Ok(Signed::Refused(Refusal::Malformed(error.to_string()))),
        };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let known = held.get(&origin).copied();
        let head = match judge(&request, self.logs.get(&origin), known) {
            Ok(head) => head,
            Err(refusal) => return Ok(Signed::Refused(refusal)),
        };
        if known != Some(head) {
            let path = held_file(&self.folder, &origin);
            let text = request.checkpoint.to_string();
            durable::write_file(&path, text.as_bytes(), 0o644)
                .map_err(|source| file_error("write", &path, source))?;
            durable::step("witness-held");
            held.insert(origin, head);
        }
        Ok(Signed::Line(self.signer.cosign(&request.checkpoint, now_seconds)))
    }
}

/// Where the checkpoint is that was signed last for a log.
fn held_file(folder: &Path, origin: &str) -> PathBuf {
    folder.join("held").join(leaf_hash(origin.as_bytes()).to_string())
}

fn read(path: &Path) -> Result<String, StoreError> {
    fs::read_to_string(path).map_err(|source| file_error("read", path, source))
}

fn file_error(doing: &'static str, path: &Path, source: io::Error) -> StoreError {
    StoreError::File { doing, path: path.to_owned(), source }
}
