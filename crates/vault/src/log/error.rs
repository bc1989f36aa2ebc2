//! What can go wrong with the log.

use std::io;
use std::path::PathBuf;

use candor_conversation::Kind;
use candor_tlog::checkpoint::CheckpointError;
use candor_tlog::note::NoteError;
use candor_tlog::policy::InvalidPolicy;
use candor_tlog::proof_file::LogProofError;
use candor_tlog::tile::{EntryTooLong, TileError};
use candor_tlog::tree::RangeError;

use crate::catalogue::CatalogueError;

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
    /// A tile or bundle is missing, or no such file can be a tile or bundle.
    #[error("log file {path} {wrong}\nhint: restore the log's folder from a copy. Nothing was signed")]
    Tile {
        /// The file.
        path: PathBuf,
        /// What is wrong, in words.
        wrong: &'static str,
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
    /// The policy about witnesses does not read.
    #[error("read {path}")]
    Policy {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: InvalidPolicy,
    },
    /// There is no such entry.
    #[error("the log has no such entry")]
    Range(#[from] RangeError),
    /// An entry is too long.
    #[error(transparent)]
    Entry(#[from] EntryTooLong),
    /// A proof could not be put together.
    #[error("put log proof together")]
    Proof(#[from] LogProofError),
}

impl From<TileError<LogError>> for LogError {
    fn from(error: TileError<LogError>) -> Self {
        match error {
            TileError::Range(error) => LogError::Range(error),
            TileError::Read(error) => error,
            TileError::Width { tile, .. } => LogError::Tile {
                path: tile.to_string().into(),
                wrong: "has another number of hashes than it must",
            },
        }
    }
}

impl LogError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            LogError::File { .. } => Kind::Unavailable,
            LogError::Catalogue(error) => error.kind(),
            LogError::Range(_) => Kind::NotFound,
            LogError::Policy { .. } => Kind::Invalid,
            LogError::Proof(_) | LogError::Entry(_) => Kind::Internal,
            _ => Kind::Corrupt,
        }
    }
}

/// An error about a file, with what was being done.
pub(super) fn file_error(doing: &'static str, path: &std::path::Path, source: io::Error) -> LogError {
    LogError::File { doing, path: path.to_owned(), source }
}
