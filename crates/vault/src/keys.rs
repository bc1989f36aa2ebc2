//! The key chain: master → epoch → subject → piece, and the keys of the operator.
//!
//! Every key is random and wrapped by the one above it. Epoch keys live in files outside the catalogue, so
//! that a copy of the catalogue alone opens nothing, and so that destroying an old epoch ends what copies of
//! the catalogue taken before could open.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use candor_conversation::Kind;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::cipher::{DoesNotOpen, Key};
use crate::{Entropy, durable};

/// Number of a key epoch; counts up with each rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u32);

/// Why the keys of a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A key file is missing or cannot be read or written.
    #[error("{doing} key file {path}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The master key is not 32 bytes.
    #[error("master key {0} is not 64 hexadecimal digits")]
    MasterShape(PathBuf),
    /// The master key is another one.
    #[error(
        "the master key does not open {path}\nhint: this data directory was made with another master key; put \
         that one back"
    )]
    WrongMaster {
        /// The key file that does not open.
        path: PathBuf,
    },
    /// A key that the catalogue names is gone.
    #[error("the key of epoch {} is gone; what it wrapped cannot be opened", .0.0)]
    EpochGone(Epoch),
}

impl KeyError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            KeyError::File { .. } => Kind::Unavailable,
            KeyError::MasterShape(_) | KeyError::WrongMaster { .. } => Kind::Invalid,
            KeyError::EpochGone(_) => Kind::Corrupt,
        }
    }
}

/// The keys of one data directory, unwrapped in memory.
pub struct KeyChain {
    folder: PathBuf,
    master: Key,
    index: Index,
    log_seed: Key,
    operator_seed: Key,
    store: Key,
    epochs: BTreeMap<Epoch, Key>,
}

const INDEX: &str = "index.key";
const LOG: &str = "log.key";
const OPERATOR: &str = "operator.key";
const STORE: &str = "store.key";
/// Extension of key files that are being destroyed.
const CONDEMNED: &str = "condemned";

impl KeyChain {
    /// Makes a new chain in `folder`, with the master key in `folder/master.key` (mode 0600).
    pub fn create(folder: &Path, entropy: &mut Entropy) -> Result<Self, KeyError> {
        fs::create_dir_all(folder).map_err(|source| file_error("make folder for", folder, source))?;
        let master = Key::random(entropy);
        let mut chain = Self {
            folder: folder.to_owned(),
            master: master.clone(),
            index: Index(Key::random(entropy)),
            log_seed: Key::random(entropy),
            operator_seed: Key::random(entropy),
            store: Key::random(entropy),
            epochs: BTreeMap::new(),
        };
        let master_hex: String = master.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        write(&folder.join("master.key"), format!("{master_hex}\n").as_bytes())?;
        for (name, key) in [
            (INDEX, &chain.index.0),
            (LOG, &chain.log_seed),
            (OPERATOR, &chain.operator_seed),
            (STORE, &chain.store),
        ] {
            chain.write_wrapped(name, key, entropy)?;
        }
        chain.add_epoch(Epoch(1), entropy)?;
        Ok(chain)
    }

    /// Opens the chain in `folder` with the master key in its file, and destroys what a crash left condemned.
    pub fn open(folder: &Path) -> Result<Self, KeyError> {
        let entries = fs::read_dir(folder).map_err(|source| file_error("list", folder, source))?;
        for entry in entries {
            let name = entry.map_err(|source| file_error("list", folder, source))?.file_name();
            if Path::new(&name).extension().is_some_and(|extension| extension == CONDEMNED) {
                destroy(&folder.join(&name))?;
            }
        }
        Self::read(folder)
    }

    /// Reads the chain beside the process that has the vault. An epoch's key that is destroyed at this moment may be
    /// an error or be missing; reading again tells.
    pub fn read(folder: &Path) -> Result<Self, KeyError> {
        let master_path = folder.join("master.key");
        let text =
            fs::read_to_string(&master_path).map_err(|source| file_error("read", &master_path, source))?;
        let master = parse_hex(text.trim()).ok_or_else(|| KeyError::MasterShape(master_path.clone()))?;
        let read = |name: &str| read_wrapped(folder, name, &master);
        let mut epochs = BTreeMap::new();
        let entries = fs::read_dir(folder).map_err(|source| file_error("list", folder, source))?;
        for entry in entries {
            let name = entry.map_err(|source| file_error("list", folder, source))?.file_name();
            let Some(epoch) = name.to_str().and_then(epoch_of) else { continue };
            epochs.insert(epoch, read(&epoch_name(epoch))?);
        }
        Ok(Self {
            folder: folder.to_owned(),
            index: Index(read(INDEX)?),
            log_seed: read(LOG)?,
            operator_seed: read(OPERATOR)?,
            store: read(STORE)?,
            epochs,
            master,
        })
    }

    /// The newest epoch and its key, under which new subjects' keys are wrapped.
    pub fn current_epoch(&self) -> Result<(Epoch, &Key), KeyError> {
        let last = self.epochs.last_key_value().map(|(epoch, key)| (*epoch, key));
        last.ok_or(KeyError::EpochGone(Epoch(0)))
    }

    /// The key of an epoch.
    pub fn epoch(&self, epoch: Epoch) -> Result<&Key, KeyError> {
        self.epochs.get(&epoch).ok_or(KeyError::EpochGone(epoch))
    }

    /// All epochs whose key exists.
    pub fn epochs(&self) -> Vec<Epoch> {
        self.epochs.keys().copied().collect()
    }

    /// Adds an epoch; its key file is on disk when this returns.
    pub fn add_epoch(&mut self, epoch: Epoch, entropy: &mut Entropy) -> Result<(), KeyError> {
        let key = Key::random(entropy);
        self.write_wrapped(&epoch_name(epoch), &key, entropy)?;
        self.epochs.insert(epoch, key);
        Ok(())
    }

    /// Destroys an epoch's key: whatever is still wrapped by it, in any copy, opens no more.
    pub fn destroy_epoch(&mut self, epoch: Epoch) -> Result<(), KeyError> {
        let path = self.folder.join(epoch_name(epoch));
        let condemned = path.with_extension(CONDEMNED);
        // Under another name first: an epoch's key file that a crash left half overwritten would keep everything
        // from opening.
        match fs::rename(&path, &condemned) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(file_error("rename", &path, source));
            }
            _ => durable::step("epoch-condemned"),
        }
        self.epochs.remove(&epoch);
        destroy(&condemned)
    }

    /// Seed of the transparency log's signing key.
    pub fn log_seed(&self) -> &[u8; 32] {
        self.log_seed.as_bytes()
    }

    /// Seed of the key with which the operator signs receipts and releases.
    pub fn operator_seed(&self) -> &[u8; 32] {
        self.operator_seed.as_bytes()
    }

    /// A key for the operator's own sealed records of a kind, derived from the store key.
    pub fn store_key(&self, purpose: &str) -> Key {
        Key::from_bytes(keyed_hash(&self.store, "candor-store-1", &[purpose.as_bytes()]))
    }

    /// A secret that makes release bytes reproducible and unlinkable, derived from the operator's seed.
    pub fn release_secret(&self, release: &str) -> [u8; 32] {
        keyed_hash(&self.operator_seed, "candor-release-secret-1", &[release.as_bytes()])
    }

    /// What hides the entries of the state map, derived from the operator's seed.
    pub(crate) fn state_key(&self) -> Key {
        Key::from_bytes(keyed_hash(&self.operator_seed, "candor-state-secret-1", &[]))
    }

    /// The first 16 bytes of a keyed hash under the index key: how the catalogue knows people and
    /// conversations without naming them.
    pub fn reference(&self, kind: &str, fields: &[&[u8]]) -> [u8; 16] {
        self.index.reference(kind, fields)
    }

    /// The key under which people and conversations are known.
    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    fn write_wrapped(&self, name: &str, key: &Key, entropy: &mut Entropy) -> Result<(), KeyError> {
        let wrapped = self.master.wrap(name.as_bytes(), key, entropy);
        write(&self.folder.join(name), &wrapped)
    }
}

/// How the catalogue knows people and conversations without naming them: the index key.
#[derive(Clone)]
pub(crate) struct Index(Key);

impl Index {
    /// The first 16 bytes of a keyed hash.
    pub(crate) fn reference(&self, kind: &str, fields: &[&[u8]]) -> [u8; 16] {
        let full = keyed_hash(&self.0, kind, fields);
        let mut out = [0; 16];
        out.copy_from_slice(&full[..16]);
        out
    }
}

/// HMAC-SHA-256 over a kind and length-prefixed fields.
pub fn keyed_hash(key: &Key, kind: &str, fields: &[&[u8]]) -> [u8; 32] {
    let mut bytes = candor_conversation::CanonicalBytes::new(kind);
    for field in fields {
        bytes.field(field);
    }
    // HMAC pads a short key with zeros to the hash's block; doing so here leaves no length to check.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key.as_bytes());
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    mac.update(&bytes.into_bytes());
    mac.finalize().into_bytes().into()
}

fn read_wrapped(folder: &Path, name: &str, master: &Key) -> Result<Key, KeyError> {
    let path = folder.join(name);
    let wrapped = fs::read(&path).map_err(|source| file_error("read", &path, source))?;
    master.unwrap(name.as_bytes(), &wrapped).map_err(|DoesNotOpen| KeyError::WrongMaster { path })
}

/// Overwrites and removes a key file; one that is gone already is no error.
fn destroy(path: &Path) -> Result<(), KeyError> {
    // Overwriting first helps on disks that write in place; it is no promise on others.
    if let Ok(mut file) = fs::File::options().write(true).open(path) {
        let overwritten = file.metadata().and_then(|metadata| {
            file.write_all(&vec![0; metadata.len() as usize])?;
            file.sync_all()
        });
        overwritten.map_err(|source| file_error("overwrite", path, source))?;
    }
    durable::remove_file(path).map_err(|source| file_error("remove", path, source))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    durable::write_file(path, bytes, 0o600).map_err(|source| file_error("write", path, source))
}

fn file_error(doing: &'static str, path: &Path, source: io::Error) -> KeyError {
    KeyError::File { doing, path: path.to_owned(), source }
}

fn epoch_name(epoch: Epoch) -> String {
    format!("epoch-{:06}.key", epoch.0)
}

fn epoch_of(name: &str) -> Option<Epoch> {
    name.strip_prefix("epoch-")?.strip_suffix(".key")?.parse().ok().map(Epoch)
}

fn parse_hex(text: &str) -> Option<Key> {
    let mut out = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Key::from_bytes(out))
}
