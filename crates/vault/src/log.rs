//! The transparency log on disk: tiles, bundles of entries, and the signed checkpoint (C2SP `tlog-tiles`).
//!
//! The catalogue's `log_entry` table is written first, in the transaction of the act itself; the files are made
//! from it, so that an act that was answered is in the log whatever happens in between (N6). Tiles and bundles
//! last before the checkpoint that counts them is signed and written. The log refuses to sign when files,
//! checkpoint and catalogue disagree: it is better to be down than to sign two histories.
//!
//! Opening reads the right edge alone, a few tiles whatever the size; [`Log::check`] reads everything.

mod audit;
pub(crate) mod entries;
mod error;
mod files;
mod walk;

use std::path::{Path, PathBuf};

use candor_tlog::checkpoint::Checkpoint;
use candor_tlog::hash::{Hash, leaf_hash};
use candor_tlog::note::{SignedNote, SignerKey, VerifierKey};
use candor_tlog::policy::Policy;
use candor_tlog::proof_file::LogProof;
use candor_tlog::tile::{Edge, TILE_WIDTH, Tile, TileAddress, push_entry};
use candor_tlog::tree::{LeafIndex, TreeSize, verify_inclusion};

use crate::catalogue::Db;
use crate::durable;

pub use audit::{Audit, Audited, Held, LogFault, only_appended};
pub(crate) use entries::add;
pub use error::LogError;
pub use files::LogFiles;

use error::file_error;

/// Entries that are taken into the files at once, 64 bundles.
const CHUNK_ENTRIES: u64 = 64 * TILE_WIDTH;

/// The log of one data directory.
pub(crate) struct Log {
    files: LogFiles,
    key: SignerKey,
    edge: Edge,
    /// The bundle that is not full.
    bundle: Vec<u8>,
    newest: SignedNote,
    published: SignedNote,
    policy: Option<Policy>,
}

impl Log {
    /// Makes the files of an empty log.
    pub(crate) fn create(folder: &Path, key: SignerKey) -> Result<Self, LogError> {
        let files = LogFiles::at(folder);
        files.create()?;
        let edge = Edge::default();
        let newest = sign(&key, &edge)?;
        files.publish(&newest)?;
        Ok(Self { files, key, edge, bundle: Vec::new(), published: newest.clone(), newest, policy: None })
    }

    /// Opens the log, checks the right edge of what is stored against what was signed, and brings in entries that
    /// the catalogue has and the files lack.
    pub(crate) fn open(folder: &Path, key: SignerKey, db: &Db) -> Result<Self, LogError> {
        let files = LogFiles::at(folder);
        let policy = read_policy(&policy_file(folder))?;
        let (published, newest) = (files.published()?, files.newest()?);
        Checkpoint::open(&published, key.verifier())?;
        let signed = Checkpoint::open(&newest, key.verifier())?;
        let known = entries::count(db)?;
        if known < signed.size() {
            return Err(LogError::Behind { signed: signed.size().0, known: known.0 });
        }
        let edge = Edge::read(signed.size(), |tile| files.tile(tile))?;
        let bundle = check_edge(&files, &signed, &edge, db)?;
        let mut log = Self { files, key, edge, bundle, newest, published, policy };
        log.settle()?;
        log.catch_up(db)?;
        Ok(log)
    }

    /// Writes the entries that the catalogue has and the files lack, then signs and stores a new checkpoint.
    pub(crate) fn catch_up(&mut self, db: &Db) -> Result<(), LogError> {
        let before = self.edge.size();
        let (mut edge, mut bundle) = (self.edge.clone(), self.bundle.clone());
        let mut full = Vec::new();
        loop {
            let fresh = entries::from(db, edge.size().0, CHUNK_ENTRIES)?;
            let is_last = (fresh.len() as u64) < CHUNK_ENTRIES;
            let mut files = grow(&mut edge, &mut bundle, &fresh)?;
            full.extend(files.full.iter().map(|tile| tile.address));
            files.bundles.extend(files.full.iter().map(file_of));
            if is_last {
                files.bundles.extend(edge.partial_since(before).iter().map(file_of));
                let partial = TileAddress::in_tree(edge.size(), 0, edge.size().0 / TILE_WIDTH);
                let partial = partial.filter(|_| edge.size() != before);
                files.bundles.extend(partial.map(|tile| (tile.bundle_path(), bundle.clone())));
            }
            self.files.write(&files.bundles)?;
            if is_last {
                break;
            }
        }
        if edge.size() == before {
            return Ok(());
        }
        durable::step("log-tiles");
        self.newest = sign(&self.key, &edge)?;
        (self.edge, self.bundle) = (edge, bundle);
        if self.waits_for_witnesses() {
            self.files.keep_waiting(&self.newest)?;
        } else {
            self.files.publish(&self.newest)?;
            self.published = self.newest.clone();
        }
        durable::step("log-checkpoint");
        self.files.remove_partial(&full)
    }

    /// The proof that the entry at a position is in the log, under the checkpoint that everybody is shown if that
    /// counts it, and under the newest one else.
    pub(crate) fn prove(&self, position: LeafIndex) -> Result<LogProof, LogError> {
        let counts = |note: &SignedNote| -> Result<TreeSize, LogError> {
            Ok(Checkpoint::from_text(note.unverified_text())?.size())
        };
        let shown = counts(&self.published)?;
        let (note, size) =
            if position.0 < shown.0 { (&self.published, shown) } else { (&self.newest, self.edge.size()) };
        let path = self.files.tree(self.edge.size()).inclusion_proof(position, size)?;
        Ok(LogProof::new(position, path, note.clone())?)
    }

    /// Shows everybody a checkpoint that witnesses signed; whether it was taken. One is not that is older than the
    /// one shown, or that the policy asks more witnesses for.
    pub(crate) fn publish(&mut self, cosigned: &SignedNote) -> Result<bool, LogError> {
        let new = Checkpoint::open(cosigned, self.key.verifier())?;
        let shown = Checkpoint::open(&self.published, self.key.verifier())?;
        let is_ours = self.files.tree(self.edge.size()).root_at(new.size())? == new.root();
        if !is_ours {
            return Err(LogError::Disagree { signed: new.size().0 });
        }
        let is_good = self.policy.as_ref().is_none_or(|policy| policy.check(cosigned).is_ok());
        if new.size() < shown.size() || !is_good {
            return Ok(false);
        }
        let merged = if new == shown { self.published.clone() } else { cosigned.clone() };
        let merged = merged.with_signatures(cosigned.signatures())?;
        self.files.publish(&merged)?;
        self.published = merged;
        if new.size() == self.edge.size() {
            self.newest = self.published.clone();
            self.files.stop_waiting()?;
        }
        Ok(true)
    }

    /// How many entries are signed for.
    pub(crate) fn size(&self) -> TreeSize {
        self.edge.size()
    }

    /// The key with which the log's checkpoints verify.
    pub(crate) fn verifier(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// The newest checkpoint.
    pub(crate) fn checkpoint(&self) -> &SignedNote {
        &self.newest
    }

    /// The log's files.
    pub(crate) fn files(&self) -> &LogFiles {
        &self.files
    }

    /// Reads the whole log and holds it against the catalogue and both checkpoints. `progress` hears how many entries
    /// were read.
    pub(crate) fn check(&self, db: &Db, progress: &mut dyn FnMut(u64)) -> Result<Audited, LogFault> {
        let shown = Checkpoint::open(&self.published, self.key.verifier()).map_err(LogError::from)?;
        let walked = walk::walk(&self.files, self.size(), shown.size(), &mut |first, stored| {
            let known = entries::from(db, first, stored.len() as u64).map_err(LogError::from)?;
            if let Some(at) = (0..stored.len()).find(|at| known.get(*at) != stored.get(*at)) {
                return Err(LogFault::Catalogue { position: LeafIndex(first + at as u64) });
            }
            progress(first + stored.len() as u64);
            Ok(())
        })?;
        let newest = Checkpoint::open(&self.newest, self.key.verifier()).map_err(LogError::from)?;
        for (size, root, signed) in
            [(shown.size(), walked.root_at_mark, shown.root()), (newest.size(), walked.root, newest.root())]
        {
            if root != signed {
                return Err(LogFault::Root { size });
            }
        }
        Ok(Audited { size: self.size(), root: walked.root, witnesses: Vec::new() })
    }

    fn waits_for_witnesses(&self) -> bool {
        self.policy.as_ref().is_some_and(|policy| !policy.asks_nobody())
    }

    /// Brings the two checkpoints in order after a crash, or after the policy was taken away.
    fn settle(&mut self) -> Result<(), LogError> {
        if self.newest == self.published {
            return self.files.stop_waiting();
        }
        if !self.waits_for_witnesses() {
            self.files.publish(&self.newest)?;
            self.published = self.newest.clone();
            self.files.stop_waiting()?;
        }
        Ok(())
    }
}

/// Where the policy about witnesses of the log in a folder is.
fn policy_file(folder: &Path) -> PathBuf {
    folder.with_file_name("witness.policy")
}

/// The policy about witnesses, if there is one.
fn read_policy(path: &Path) -> Result<Option<Policy>, LogError> {
    match std::fs::read(path) {
        Ok(bytes) => Policy::parse(&bytes)
            .map(Some)
            .map_err(|source| LogError::Policy { path: path.to_owned(), source }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(file_error("read", path, source)),
    }
}

/// Files that growing makes, by name.
struct Grown {
    bundles: Vec<(String, Vec<u8>)>,
    full: Vec<Tile>,
}

/// Appends entries; the tiles and bundles that are full now.
fn grow(edge: &mut Edge, bundle: &mut Vec<u8>, fresh: &[Vec<u8>]) -> Result<Grown, LogError> {
    let first = edge.size().0;
    let mut bundles = Vec::new();
    for (position, entry) in (first..).zip(fresh) {
        push_entry(bundle, entry)?;
        if (position + 1).is_multiple_of(TILE_WIDTH) {
            let tile = TileAddress { level: 0, index: position / TILE_WIDTH, width: TILE_WIDTH as u16 };
            bundles.push((tile.bundle_path(), std::mem::take(bundle)));
        }
    }
    let full = edge.append(fresh.iter().map(|entry| leaf_hash(entry)));
    Ok(Grown { bundles, full })
}

fn file_of(tile: &Tile) -> (String, Vec<u8>) {
    (tile.address.to_string(), tile.bytes())
}

/// Checks that the stored edge is what was signed and what the catalogue knows; returns the bundle that is not full.
fn check_edge(files: &LogFiles, signed: &Checkpoint, edge: &Edge, db: &Db) -> Result<Vec<u8>, LogError> {
    let size = signed.size();
    let disagree = || LogError::Disagree { signed: size.0 };
    if edge.root() != signed.root() {
        return Err(disagree());
    }
    let Some(last) = size.0.checked_sub(1) else { return Ok(Vec::new()) };
    let tile = TileAddress::in_tree(size, 0, last / TILE_WIDTH).ok_or_else(disagree)?;
    let first = tile.index * TILE_WIDTH;
    let known = entries::from(db, first, u64::from(tile.width))?;
    let leaves: Vec<Hash> = known.iter().map(|entry| leaf_hash(entry)).collect();
    let path = files.tree(size).inclusion_proof(LeafIndex(last), size)?;
    let leaf = leaves.last().ok_or_else(disagree)?;
    let is_last = verify_inclusion(leaf, LeafIndex(last), size, &path, &signed.root()).is_ok();
    if !is_last || files.tile(tile)? != leaves || files.entries(tile)? != known {
        return Err(disagree());
    }
    let mut bundle = Vec::new();
    if !tile.is_full() {
        known.iter().try_for_each(|entry| push_entry(&mut bundle, entry))?;
    }
    Ok(bundle)
}

fn sign(key: &SignerKey, edge: &Edge) -> Result<SignedNote, LogError> {
    let origin = key.verifier().name().as_str();
    Ok(Checkpoint::new(origin, edge.size(), edge.root())?.sign(&[key])?)
}
