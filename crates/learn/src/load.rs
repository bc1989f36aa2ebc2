//! The only door by which text enters a model: a release, checked file by file while it is read.
//!
//! What is in the folder and not in the signed statement is refused, and so is a file that differs from it. The
//! bytes that are hashed are the bytes that are read, so that nothing can be exchanged in between.

use std::path::{Path, PathBuf};

use candor_conversation::{Kind, Message};
use candor_release::data::{self, DataError};
use candor_release::manifest::{Commitment, NoticeUse};
use candor_release::origin::SAMPLING_FULL;
use candor_release::stage::{self, StageError};
use candor_release::verify::{VerifyError, open_release};
use candor_release::{Manifest, TrustedKeys, layout};
use serde::{Deserialize, Serialize};

/// Why a release was not read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The release does not verify: a file was added, removed or changed.
    #[error("this is not a release as it was made; nothing is learned from it")]
    Release(#[from] VerifyError),
    /// A file that verified cannot be read any more.
    #[error("read {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A file was changed between its verification and its reading.
    #[error("{0} was changed while it was read")]
    Changed(String),
    /// A data file cannot be read as Parquet.
    #[error("read rows")]
    Data(#[from] DataError),
    /// A data file's rows are not conversations.
    #[error("read rows")]
    Stage(#[from] StageError),
    /// There is nothing to learn from.
    #[error(
        "release {0} has no rows\nhint: nobody has agreed to training yet, or every turn was withheld; see its card"
    )]
    Empty(String),
}

impl LoadError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            LoadError::Release(error) => error.kind(),
            LoadError::File { .. } => Kind::Unavailable,
            LoadError::Changed(_) => Kind::Conflict,
            LoadError::Data(error) => error.kind(),
            LoadError::Stage(error) => error.kind(),
            LoadError::Empty(_) => Kind::Invalid,
        }
    }
}

/// A data file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadFile {
    /// Its path in the release.
    pub path: String,
    /// SHA-256 of the bytes that were read, hexadecimal.
    pub sha256: String,
    /// Rows in it.
    pub rows: u64,
}

/// Everything that was read of a release: all that a model made from it can know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadSet {
    /// Name of the release.
    pub release: String,
    /// Its id.
    pub release_id: String,
    /// SHA-256 of its `release.json`, hexadecimal.
    pub manifest_sha256: String,
    /// Its two roots.
    pub commitment: Commitment,
    /// The notices under which its turns were said.
    pub notices: Vec<NoticeUse>,
    /// Whether a trusted key had signed it; otherwise it is whole, signer unknown.
    pub signer_trusted: bool,
    /// The data files, in the manifest's order.
    pub files: Vec<ReadFile>,
}

/// One row: the path of a conversation up to where it could be used.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number through all files of the release, from 0: recalls and proofs name it by this.
    pub number: u64,
    /// Its leaf in the row tree: SHA-256 over its canonical bytes.
    pub leaf: [u8; 32],
    /// What was said, in order.
    pub messages: Vec<Message>,
    /// How many conversations it stands for.
    pub weight: u32,
    /// In how many epochs of a thousand it is learned, from 0 to 1,000 (see [`crate::train()`]).
    pub sampling_permille: u32,
}

impl Row {
    /// A row that is in no release, for experiments: it stands for one conversation and is always drawn.
    pub fn made_up(number: u64, messages: Vec<Message>) -> Self {
        Self { number, leaf: [0; 32], messages, weight: 1, sampling_permille: SAMPLING_FULL }
    }

    /// Bytes of its text.
    pub(crate) fn text_bytes(&self) -> usize {
        self.messages.iter().map(|message| message.content.len()).sum()
    }
}

/// Shows sizes only: text never reaches a log through `{:?}`.
impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row({}, {} messages)", self.number, self.messages.len())
    }
}

/// A release that was read.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// What was read.
    pub read_set: ReadSet,
    /// Its rows, in the release's order.
    pub rows: Vec<Row>,
}

/// Reads a release, and nothing but what its signed statement lists.
///
/// # Errors
/// Refuses a folder with a file too many, too few or changed, a release that `trusted` did not sign, and one
/// without rows.
pub fn load(folder: &Path, trusted: Option<&TrustedKeys>) -> Result<Corpus, LoadError> {
    let (report, manifest) = open_release(folder, trusted)?;
    let mut rows = Vec::new();
    let mut files = Vec::new();
    for file in &manifest.files {
        let bytes = read(folder, &file.path)?;
        let sha256 = layout::sha256_hex(&bytes);
        if sha256 != file.sha256 {
            return Err(LoadError::Changed(file.path.clone()));
        }
        files.push(ReadFile { path: file.path.clone(), sha256, rows: file.rows });
        data::read(bytes.into(), &file.path, |batch| {
            let leaves = stage::leaves(batch)?;
            let texts = stage::messages_of(&batch.messages)?;
            for (at, messages) in texts.into_iter().enumerate() {
                let leaf = leaves.value(at).try_into().unwrap_or_default();
                rows.push(Row {
                    number: rows.len() as u64,
                    leaf,
                    messages,
                    weight: batch.weights.value(at),
                    sampling_permille: batch.sampling_permille.value(at),
                });
            }
            Ok::<(), LoadError>(())
        })?;
    }
    if rows.is_empty() {
        return Err(LoadError::Empty(manifest.name));
    }
    let read_set = read_set(folder, manifest, files, report.signer_trusted)?;
    Ok(Corpus { read_set, rows })
}

fn read_set(
    folder: &Path,
    manifest: Manifest,
    files: Vec<ReadFile>,
    signer_trusted: bool,
) -> Result<ReadSet, LoadError> {
    let described = read(folder, layout::MANIFEST)?;
    if serde_json::from_slice::<Manifest>(&described).ok().as_ref() != Some(&manifest) {
        return Err(LoadError::Changed(layout::MANIFEST.into()));
    }
    Ok(ReadSet {
        release: manifest.name,
        release_id: manifest.id,
        manifest_sha256: layout::sha256_hex(&described),
        commitment: manifest.commitment,
        notices: manifest.notices,
        signer_trusted,
        files,
    })
}

fn read(folder: &Path, path: &str) -> Result<Vec<u8>, LoadError> {
    let path = folder.join(path);
    std::fs::read(&path).map_err(|source| LoadError::File { path, source })
}
