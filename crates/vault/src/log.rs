//! The transparency log on disk: leaves, public entries, and the signed checkpoint.
//!
//! The catalogue's `log_entry` table is written first, in the transaction of the act itself; the files are made
//! from it, so that an act that was answered is in the log whatever happens in between (N6). The log refuses to
//! sign when files, checkpoint and catalogue disagree: it is better to be down than to sign two histories.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use candor_conversation::Kind;
use candor_tlog::checkpoint::{Checkpoint, CheckpointError};
use candor_tlog::hash::{Hash, leaf_hash};
use candor_tlog::note::{NoteError, SignedNote, SignerKey, VerifierKey};
use candor_tlog::proof_file::{LogProof, LogProofError};
use candor_tlog::tree::{LeafIndex, MerkleTree, RangeError, TreeSize};

use crate::catalogue::{CatalogueError, Db, Tx, values};
use crate::durable;

/// Why the log cannot be read or grown.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A file could not be read or written.
    #[error("{doing} log file {path}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The log's entries in the catalogue.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// What was signed and what is stored differ.
    #[error(
        "the log's checkpoint is for {signed} entries with another root than the stored ones\nhint: a file or \
         the catalogue was replaced; restore both from the same moment. Nothing was signed"
    )]
    Disagree {
        /// Size that the checkpoint names.
        signed: u64,
    },
    /// The catalogue is behind what was signed.
    #[error(
        "the log's checkpoint is for {signed} entries, the catalogue knows {known}\nhint: the catalogue is older \
         than the log; restore both from the same moment. Nothing was signed"
    )]
    Behind {
        /// Size that the checkpoint names.
        signed: u64,
        /// Entries in the catalogue.
        known: u64,
    },
    /// The checkpoint file does not read.
    #[error("the log's checkpoint does not read")]
    Note(#[from] NoteError),
    /// The checkpoint was not signed with this log's key.
    #[error("the log's checkpoint does not verify with this log's key")]
    Checkpoint(#[from] CheckpointError),
    /// There is no such entry.
    #[error("the log has no such entry")]
    Range(#[from] RangeError),
    /// A proof could not be put together.
    #[error("put log proof together")]
    Proof(#[from] LogProofError),
}

impl LogError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            LogError::File { .. } => Kind::Unavailable,
            LogError::Catalogue(error) => error.kind(),
            LogError::Range(_) => Kind::NotFound,
            LogError::Proof(_) => Kind::Internal,
            _ => Kind::Corrupt,
        }
    }
}

/// An entry on its way into the log.
pub(crate) enum Entry {
    /// Only its commitment is public.
    Committed(Hash),
    /// The whole entry is public: canonical JSON.
    Public(String),
}

/// Adds an entry to the catalogue's list, within the transaction of the act it records.
pub(crate) fn add(tx: &Tx<'_>, entry: Entry) -> Result<LeafIndex, CatalogueError> {
    let position = count(tx)?;
    let (leaf, body) = match entry {
        Entry::Committed(leaf) => (leaf, None),
        Entry::Public(body) => (leaf_hash(body.as_bytes()), Some(body)),
    };
    let sql = "INSERT INTO log_entry (position, leaf, body) VALUES ($1, $2, $3)";
    tx.execute("add log entry", sql, values![position as i64, &leaf.0, body.as_ref()])?;
    Ok(LeafIndex(position))
}

/// The log of one data directory.
pub(crate) struct Log {
    folder: PathBuf,
    key: SignerKey,
    tree: MerkleTree,
    checkpoint: SignedNote,
}

const LEAF_BYTES: usize = 32;

impl Log {
    /// Makes the files of an empty log.
    pub(crate) fn create(folder: &Path, key: SignerKey) -> Result<Self, LogError> {
        for part in [folder.to_owned(), folder.join("entries")] {
            fs::create_dir_all(&part).map_err(|source| file_error("make", &part, source))?;
        }
        let leaves = folder.join("leaves");
        durable::write_file(&leaves, &[], 0o644).map_err(|source| file_error("write", &leaves, source))?;
        let tree = MerkleTree::new(Vec::new());
        let checkpoint = sign(&key, &tree)?;
        let log = Self { folder: folder.to_owned(), key, tree, checkpoint };
        log.write_checkpoint()?;
        Ok(log)
    }

    /// Opens the log, checks what is stored against what was signed, and brings in entries that the catalogue
    /// has and the files lack.
    pub(crate) fn open(folder: &Path, key: SignerKey, db: &Db) -> Result<Self, LogError> {
        let path = folder.join("checkpoint");
        let bytes = fs::read(&path).map_err(|source| file_error("read", &path, source))?;
        let note = SignedNote::parse(&bytes)?;
        let signed = Checkpoint::open(&note, key.verifier())?;
        let known = count(db)?;
        if known < signed.size().0 {
            return Err(LogError::Behind { signed: signed.size().0, known });
        }
        let (leaves, stored_bytes) = read_leaves(folder)?;
        let in_catalogue = leaves_after(db, 0, signed.size().0)?;
        let size = signed.size().0 as usize;
        let stored = leaves.get(..size).filter(|stored| **stored == in_catalogue);
        let tree = MerkleTree::new(stored.ok_or(LogError::Disagree { signed: signed.size().0 })?.to_vec());
        if tree.root() != signed.root() {
            return Err(LogError::Disagree { signed: signed.size().0 });
        }
        let mut log = Self { folder: folder.to_owned(), key, tree, checkpoint: note };
        // A crash or a full disk may have left leaves, or part of one, that were never signed: the catalogue has
        // them again. Appending after part of a leaf would put every later one out of place.
        if stored_bytes > size * LEAF_BYTES {
            log.truncate_leaves(size)?;
        }
        log.catch_up(db)?;
        Ok(log)
    }

    /// Writes the entries that the catalogue has and the files lack, then signs and stores a new checkpoint.
    pub(crate) fn catch_up(&mut self, db: &Db) -> Result<(), LogError> {
        let from = self.tree.size().0;
        let fresh = leaves_after(db, from, u64::MAX >> 1)?;
        if fresh.is_empty() {
            return Ok(());
        }
        for (position, body) in bodies_after(db, from)? {
            let path = self.folder.join("entries").join(format!("{position}.json"));
            durable::write_file(&path, body.as_bytes(), 0o644)
                .map_err(|source| file_error("write", &path, source))?;
        }
        let path = self.folder.join("leaves");
        let bytes: Vec<u8> = fresh.iter().flat_map(|leaf| leaf.0).collect();
        let start = from * LEAF_BYTES as u64;
        write_leaves(&path, start, &bytes).map_err(|source| file_error("append to", &path, source))?;
        durable::step("log-leaves");
        for leaf in fresh {
            self.tree.append(leaf);
        }
        self.checkpoint = sign(&self.key, &self.tree)?;
        self.write_checkpoint()?;
        durable::step("log-checkpoint");
        Ok(())
    }

    /// The proof that the entry at a position is in the log, under the newest checkpoint.
    pub(crate) fn prove(&self, position: LeafIndex) -> Result<LogProof, LogError> {
        let path = self.tree.inclusion_proof(position, self.tree.size())?;
        Ok(LogProof::new(position, path, self.checkpoint.clone())?)
    }

    /// How many entries are signed for.
    pub(crate) fn size(&self) -> TreeSize {
        self.tree.size()
    }

    /// The key with which the log's checkpoints verify.
    pub(crate) fn verifier(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// The newest checkpoint.
    pub(crate) fn checkpoint(&self) -> &SignedNote {
        &self.checkpoint
    }

    fn write_checkpoint(&self) -> Result<(), LogError> {
        let path = self.folder.join("checkpoint");
        durable::write_file(&path, self.checkpoint.to_string().as_bytes(), 0o644)
            .map_err(|source| file_error("write", &path, source))
    }

    fn truncate_leaves(&self, size: usize) -> Result<(), LogError> {
        let path = self.folder.join("leaves");
        let cut = File::options().write(true).open(&path).and_then(|file| {
            file.set_len((size * LEAF_BYTES) as u64)?;
            file.sync_all()
        });
        cut.map_err(|source| file_error("truncate", &path, source))
    }
}

fn sign(key: &SignerKey, tree: &MerkleTree) -> Result<SignedNote, LogError> {
    let origin = key.verifier().name().as_str();
    Ok(Checkpoint::new(origin, tree.size(), tree.root())?.sign(&[key])?)
}

/// Writes leaves at their place, over whatever an attempt that failed has left there.
fn write_leaves(path: &Path, start: u64, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).open(path)?;
    file.set_len(start)?;
    file.seek(SeekFrom::Start(start))?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The whole leaves, and the size of the file, which may end in part of one.
fn read_leaves(folder: &Path) -> Result<(Vec<Hash>, usize), LogError> {
    let path = folder.join("leaves");
    let bytes = fs::read(&path).map_err(|source| file_error("read", &path, source))?;
    let (whole, _torn) = bytes.as_chunks::<LEAF_BYTES>();
    Ok((whole.iter().map(|leaf| Hash(*leaf)).collect(), bytes.len()))
}

fn count(db: &Db) -> Result<u64, CatalogueError> {
    db.one("count log entries", "SELECT COALESCE(MAX(position) + 1, 0) FROM log_entry", values![])
}

fn leaves_after(db: &Db, from: u64, to: u64) -> Result<Vec<Hash>, CatalogueError> {
    let sql = "SELECT leaf FROM log_entry WHERE position >= $1 AND position < $2 ORDER BY position";
    db.all("read log entries", sql, values![from as i64, to as i64], |row| row.get(0).map(Hash))
}

fn bodies_after(db: &Db, from: u64) -> Result<Vec<(u64, String)>, CatalogueError> {
    let sql =
        "SELECT position, body FROM log_entry WHERE position >= $1 AND body IS NOT NULL ORDER BY position";
    db.all("read public entries", sql, values![from as i64], |row| Ok((row.get(0)?, row.get(1)?)))
}

fn file_error(doing: &'static str, path: &Path, source: io::Error) -> LogError {
    LogError::File { doing, path: path.to_owned(), source }
}
