//! The files under the paths that were named, in an order that depends on their names only.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candor_conversation::Kind;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::limits::FOLDER_DEPTH_MAX;
use crate::{Ignored, IgnoredReason, Limits};

/// Bytes at each end of a file that its fingerprint covers.
const FINGERPRINT_BYTES: u64 = 64 << 10;

/// Sources that cannot be read at all. Nothing was delivered.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No path was given.
    #[error("no path to import; hint: name a file, folder or archive")]
    NoPaths,
    /// A path leads nowhere.
    #[error("`{}` does not exist", path.display())]
    NotFound {
        /// The path.
        path: PathBuf,
    },
    /// A path that is neither a file nor a folder.
    #[error("`{}` is neither a file nor a folder; hint: write it to a file first", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// A path that the system does not let us look at.
    #[error("list `{}`; hint: check that you may read it", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// More files than are read in one go.
    #[error("more than {files_max} files; hint: import one folder after the other")]
    TooManyFiles {
        /// The limit.
        files_max: usize,
    },
    /// Folders nested too deep.
    #[error("`{}` lies more than {FOLDER_DEPTH_MAX} folders deep", path.display())]
    TooDeep {
        /// The path.
        path: PathBuf,
    },
    /// The position belongs to other files, or to files that have changed since.
    #[error("`{file}` is not what it was when reading stopped; hint: start again, nothing is imported twice")]
    Changed {
        /// The file at which reading stopped.
        file: String,
    },
}

impl OpenError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            OpenError::NotFound { .. } => Kind::NotFound,
            OpenError::Changed { .. } => Kind::Conflict,
            OpenError::Unreadable { source, .. } if source.kind() != io::ErrorKind::PermissionDenied => {
                Kind::Unavailable
            }
            _ => Kind::Invalid,
        }
    }
}

/// What a file was when it was read: enough to know it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Its name below the path that was given.
    pub name: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of its first and last 64 KiB, in hexadecimal.
    pub digest: String,
}

/// The fingerprint of a file that is called `name`; reads at most 128 KiB of it.
pub fn fingerprint(path: &Path, name: &str) -> io::Result<Fingerprint> {
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut ends = Vec::new();
    file.by_ref().take(FINGERPRINT_BYTES).read_to_end(&mut ends)?;
    file.seek(SeekFrom::Start(bytes.saturating_sub(FINGERPRINT_BYTES)))?;
    file.take(FINGERPRINT_BYTES).read_to_end(&mut ends)?;
    Ok(Fingerprint { name: name.to_owned(), bytes, digest: hexadecimal(&Sha256::digest(&ends)) })
}

/// One file to read.
pub(crate) struct SourceFile {
    pub(crate) name: Arc<str>,
    pub(crate) path: Arc<PathBuf>,
    pub(crate) bytes: u64,
}

/// Everything to read, and what was passed over while looking.
pub(crate) struct Sources {
    pub(crate) files: Vec<SourceFile>,
    pub(crate) ignored: Vec<Ignored>,
}

impl Sources {
    /// Lists paths in the order given, and folders by name. Links inside folders are not followed.
    pub(crate) fn list(paths: &[PathBuf], limits: &Limits) -> Result<Self, OpenError> {
        if paths.is_empty() {
            return Err(OpenError::NoPaths);
        }
        let mut sources = Self { files: Vec::new(), ignored: Vec::new() };
        for path in paths {
            let metadata = fs::metadata(path).map_err(|source| match source.kind() {
                io::ErrorKind::NotFound => OpenError::NotFound { path: path.clone() },
                _ => OpenError::Unreadable { path: path.clone(), source },
            })?;
            if metadata.is_dir() {
                sources.folder(path, "", 0)?;
            } else if metadata.is_file() {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                sources.push(printable(&name), path.clone(), metadata.len());
            } else {
                return Err(OpenError::NotAFile { path: path.clone() });
            }
            if sources.files.len() > limits.files_max {
                return Err(OpenError::TooManyFiles { files_max: limits.files_max });
            }
        }
        Ok(sources)
    }

    /// SHA-256 over names and sizes, in hexadecimal.
    pub(crate) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for file in &self.files {
            hash.update((file.name.len() as u64).to_be_bytes());
            hash.update(file.name.as_bytes());
            hash.update(file.bytes.to_be_bytes());
        }
        hexadecimal(&hash.finalize())
    }

    fn folder(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<(), OpenError> {
        if depth > FOLDER_DEPTH_MAX {
            return Err(OpenError::TooDeep { path: folder.to_owned() });
        }
        let unreadable = |source| OpenError::Unreadable { path: folder.to_owned(), source };
        let listed: io::Result<Vec<fs::DirEntry>> = fs::read_dir(folder).and_then(Iterator::collect);
        let mut listed = listed.map_err(unreadable)?;
        listed.sort_by_key(fs::DirEntry::file_name);
        for entry in listed {
            let name = format!("{prefix}{}", printable(&entry.file_name().to_string_lossy()));
            // The metadata of an entry is that of a link, never of what it leads to.
            let metadata = entry.metadata().map_err(unreadable)?;
            if metadata.is_dir() {
                self.folder(&entry.path(), &format!("{name}/"), depth + 1)?;
            } else if metadata.is_file() {
                self.push(name, entry.path(), metadata.len());
            } else {
                let link = metadata.is_symlink();
                let reason = if link { IgnoredReason::SymbolicLink } else { IgnoredReason::NotAFile };
                self.ignored.push(Ignored { file: name.into(), reason });
            }
        }
        Ok(())
    }

    fn push(&mut self, name: String, path: PathBuf, bytes: u64) {
        self.files.push(SourceFile { name: name.into(), path: Arc::new(path), bytes });
    }
}

/// A name that can be shown on a terminal: without control characters, and not endless.
pub(crate) fn printable(name: &str) -> String {
    const NAME_CHARS_MAX: usize = 200;
    name.chars().take(NAME_CHARS_MAX).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
