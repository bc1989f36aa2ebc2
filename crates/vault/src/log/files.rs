//! A log as files that any web server can serve, and any copy of them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use candor_tlog::checkpoint::Checkpoint;
use candor_tlog::hash::Hash;
use candor_tlog::note::{NOTE_BYTES_MAX, SignedNote};
use candor_tlog::tile::{ENTRY_BYTES_MAX, TILE_WIDTH, TileAddress, TileTree, entries_of, hashes_in};
use candor_tlog::tree::TreeSize;
use candor_tlog::witness::AddCheckpoint;

use super::error::{LogError, file_error};
use crate::durable;

/// The longest bundle, in bytes.
const BUNDLE_BYTES_MAX: u64 = TILE_WIDTH * (2 + ENTRY_BYTES_MAX as u64);

/// Files that are waited for at once.
const SYNCS_AT_ONCE: usize = 32;

/// The checkpoint that everybody is shown.
const PUBLISHED: &str = "checkpoint";
/// The newest checkpoint, while it waits for witnesses.
const WAITING: &str = "checkpoint.waiting";

/// The folder of a log. It can be read while another process makes the log grow.
#[derive(Clone, Debug)]
pub struct LogFiles {
    folder: PathBuf,
}

impl LogFiles {
    /// The log in a folder.
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The checkpoint that everybody is shown; its signature is not checked.
    pub fn published(&self) -> Result<SignedNote, LogError> {
        let path = self.folder.join(PUBLISHED);
        let bytes = read(&path, NOTE_BYTES_MAX as u64).map_err(|source| file_error("read", &path, source))?;
        Ok(SignedNote::parse(&bytes)?)
    }

    /// The newest checkpoint, perhaps one that waits for witnesses; its signature is not checked.
    pub fn newest(&self) -> Result<SignedNote, LogError> {
        let published = self.published()?;
        let path = self.folder.join(WAITING);
        let waiting = match read(&path, NOTE_BYTES_MAX as u64) {
            Ok(bytes) => SignedNote::parse(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(published),
            Err(source) => return Err(file_error("read", &path, source)),
        };
        let size =
            |note: &SignedNote| Checkpoint::from_text(note.unverified_text()).map(|found| found.size());
        Ok(if size(&waiting)? > size(&published)? { waiting } else { published })
    }

    /// The tree of the first `size` entries.
    pub fn tree(
        &self,
        size: TreeSize,
    ) -> TileTree<impl Fn(TileAddress) -> Result<Vec<Hash>, LogError> + use<'_>> {
        TileTree::new(size, |tile| self.tile(tile))
    }

    /// A checkpoint of this log with the proof that it only appended to an older tree.
    pub fn consistency(&self, old: TreeSize, checkpoint: SignedNote) -> Result<AddCheckpoint, LogError> {
        let new = Checkpoint::from_text(checkpoint.unverified_text())?.size();
        let proof = self.tree(new).consistency_proof(old, new)?;
        Ok(AddCheckpoint { old, proof, checkpoint })
    }

    /// The hashes of a tile.
    pub fn tile(&self, tile: TileAddress) -> Result<Vec<Hash>, LogError> {
        let most = TILE_WIDTH * 32;
        let (path, bytes) = self.read_either(tile.to_string(), tile.full().to_string(), most)?;
        let mut hashes = hashes_in(&bytes).ok_or(LogError::Tile { path, wrong: "is no tile" })?;
        hashes.truncate(tile.width.into());
        Ok(hashes)
    }

    /// The entries of a bundle, perhaps fewer than it must have.
    pub fn entries(&self, bundle: TileAddress) -> Result<Vec<Vec<u8>>, LogError> {
        let paths = (bundle.bundle_path(), bundle.full().bundle_path());
        let (path, bytes) = self.read_either(paths.0, paths.1, BUNDLE_BYTES_MAX)?;
        let entries =
            entries_of(&bytes).map_err(|_| LogError::Tile { path, wrong: "is no bundle of entries" })?;
        let entries = entries.into_iter().take(bundle.width.into());
        Ok(entries.map(<[u8]>::to_vec).collect())
    }

    /// Reads a file that is not full, or the one that has taken its place.
    fn read_either(&self, path: String, full: String, most: u64) -> Result<(PathBuf, Vec<u8>), LogError> {
        for name in [&path, &full] {
            let path = self.folder.join(name);
            match read(&path, most) {
                Ok(bytes) => return Ok((path, bytes)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(file_error("read", &path, source)),
            }
        }
        Err(LogError::Tile { path: self.folder.join(path), wrong: "is missing" })
    }

    /// Makes the folder.
    pub(super) fn create(&self) -> Result<(), LogError> {
        make_folder(&self.folder).map_err(|source| file_error("make", &self.folder, source))
    }

    /// Writes tiles and bundles; each lasts when this returns. None of them is known to anybody before the checkpoint
    /// that counts them: what a crash leaves half written is written again.
    pub(super) fn write(&self, files: &[(String, Vec<u8>)]) -> Result<(), LogError> {
        let folders: BTreeSet<PathBuf> =
            files.iter().filter_map(|(name, _)| Some(self.folder.join(name).parent()?.to_owned())).collect();
        for folder in &folders {
            make_folder(folder).map_err(|source| file_error("make", folder, source))?;
        }
        let mut written: Vec<PathBuf> = Vec::with_capacity(files.len() + folders.len());
        for (name, bytes) in files {
            let path = self.folder.join(name);
            fs::write(&path, bytes).map_err(|source| file_error("write", &path, source))?;
            written.push(path);
        }
        written.extend(folders);
        sync(&written)
    }

    /// Shows everybody a checkpoint.
    pub(super) fn publish(&self, checkpoint: &SignedNote) -> Result<(), LogError> {
        self.write_note(PUBLISHED, checkpoint)
    }

    /// Keeps a checkpoint until witnesses have signed it.
    pub(super) fn keep_waiting(&self, checkpoint: &SignedNote) -> Result<(), LogError> {
        self.write_note(WAITING, checkpoint)
    }

    /// Removes the checkpoint that waited.
    pub(super) fn stop_waiting(&self) -> Result<(), LogError> {
        let path = self.folder.join(WAITING);
        if !path.exists() {
            return Ok(());
        }
        durable::remove_file(&path).map_err(|source| file_error("remove", &path, source))
    }

    /// Removes what tiles and bundles were before they were full, where `full` are those that just became so.
    pub(super) fn remove_partial(&self, full: &[TileAddress]) -> Result<(), LogError> {
        // Of those that became full together only the first of a level was ever there before; the one before it is
        // looked at because a crash may have come between its last hash and this.
        let first =
            |level: u8| full.iter().filter(move |tile| tile.level == level).map(|tile| tile.index).min();
        for tile in full.iter().filter(|tile| first(tile.level) == Some(tile.index)) {
            for index in [Some(tile.index), tile.index.checked_sub(1)].into_iter().flatten() {
                let tile = TileAddress { index, ..*tile };
                let bundle = (tile.level == 0).then(|| tile.partial_bundle_folder());
                for folder in [Some(tile.partial_folder()), bundle].into_iter().flatten() {
                    let path = self.folder.join(folder);
                    match fs::remove_dir_all(&path) {
                        Err(error) if error.kind() != io::ErrorKind::NotFound => {
                            return Err(file_error("remove", &path, error));
                        }
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }

    fn write_note(&self, name: &str, note: &SignedNote) -> Result<(), LogError> {
        let path = self.folder.join(name);
        durable::write_file(&path, note.to_string().as_bytes(), 0o644)
            .map_err(|source| file_error("write", &path, source))
    }
}

/// Reads a file that is not longer than it can be.
fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(io::Error::other("it is too long")) } else { Ok(bytes) }
}

/// Waits until files and folders are on the disk. All at once: file systems commit together what waits together, and
/// one after another each would wait for a commit of its own.
fn sync(paths: &[PathBuf]) -> Result<(), LogError> {
    let sync = |path: &PathBuf| {
        let synced = File::open(path).and_then(|file| file.sync_all());
        synced.map_err(|source| file_error("write", path, source))
    };
    let share = paths.len().div_ceil(SYNCS_AT_ONCE).max(1);
    thread::scope(|scope| {
        let threads: Vec<_> =
            paths.chunks(share).map(|share| scope.spawn(move || share.iter().try_for_each(sync))).collect();
        let joined =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        joined.collect()
    })
}

/// Makes a folder and those above it, so that they last.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        make_folder(above)?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => durable::sync_directory_of(folder),
    }
}
