//! Checking a release, a receipt or a proof with nothing but the files.
//!
//! Every check has a name and stands alone: a report lists what held, and the first thing that did not. What
//! does not need a trusted key is checked first, so that "integrity only, signer unknown" still says something.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use candor_conversation::Kind;
use candor_tlog::checkpoint::Checkpoint;
use candor_tlog::hash::{Hash, leaf_hash};
use candor_tlog::note::SignedNote;
use candor_tlog::proof_file::LogProof;
use candor_tlog::tree::{RootBuilder, TreeSize};
use rayon::prelude::*;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::data::{self, DataError};
use crate::dsse::{ENVELOPE_BYTES_MAX, Envelope, EnvelopeError};
use crate::manifest::{self, Commitment, DataFile, Manifest};
use crate::origin::Tally;
use crate::stage::{self, StageError};
use crate::{TrustedKeys, layout, statement};

/// Longest data file that is read, in bytes.
const DATA_BYTES_MAX: u64 = 8 << 30;

/// What does not hold, by the name of the check that found it.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A file is missing or cannot be read.
    #[error("file: read {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A file is not what its name says.
    #[error("file: {path} is malformed: {reason}")]
    Malformed {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// A file that the statement does not list.
    #[error("files: {0} is not listed in the signed statement: it was added")]
    Unlisted(String),
    /// A file that the statement lists is gone.
    #[error("files: {0} is listed in the signed statement but is not there: it was removed")]
    Gone(String),
    /// A file's digest differs.
    #[error("digest: {path} has SHA-256 {found}, the signed statement says {listed}: it was changed")]
    Digest {
        /// The file.
        path: String,
        /// Digest of the file.
        found: String,
        /// Digest in the statement.
        listed: String,
    },
    /// Manifest and statement differ.
    #[error("manifest: `{0}` in release.json is not what the signed statement says")]
    Manifest(&'static str),
    /// The manifest's numbers do not add up.
    #[error("sums: {0}")]
    Sums(String),
    /// A data file's rows are not those that the manifest counts.
    #[error("rows: {path} holds {found} rows, the manifest says {listed}")]
    RowCount {
        /// The file.
        path: String,
        /// Rows in it.
        found: u64,
        /// Rows in the manifest.
        listed: u64,
    },
    /// The weights do not add up to the candidates.
    #[error("weights: the rows stand for {found} candidates, the manifest says {listed}")]
    Weights {
        /// Sum of the weights.
        found: u64,
        /// Candidates in the manifest.
        listed: u64,
    },
    /// The sums over the origins of the rows differ.
    #[error("origin: the rows do not give the bytes and spans by kind that the manifest says")]
    Origin,
    /// The row tree's root differs.
    #[error("row tree: the files give root {found}, the commitment is {listed}: a row was changed")]
    RowTree {
        /// Root of the files' rows.
        found: Hash,
        /// Root in the commitment.
        listed: String,
    },
    /// The statement's signature.
    #[error("signature")]
    Signature(#[from] EnvelopeError),
    /// The log does not hold the release, or was signed by someone else.
    #[error("log: {0}")]
    Log(String),
    /// A data file cannot be read.
    #[error("rows")]
    Data(#[from] DataError),
    /// A data file's rows are not conversations.
    #[error("rows")]
    Stage(#[from] StageError),
}

impl VerifyError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        Kind::Invalid
    }
}

/// What was checked and held.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// What was verified: `release`, `receipt`, `presence` or `absence`.
    pub what: &'static str,
    /// One sentence on what it shows.
    pub shows: String,
    /// The checks that held, in order.
    pub held: Vec<&'static str>,
    /// Whether trusted keys were given and signed it; otherwise it is integrity only, signer unknown.
    pub signer_trusted: bool,
}

/// A release whose statement was read and, with trusted keys, whose signatures hold.
pub(crate) struct Signed {
    pub(crate) statement: Value,
    pub(crate) commitment: Commitment,
    pub(crate) id: String,
    pub(crate) name: String,
    /// Size of the log at the decision.
    pub(crate) decided_at: TreeSize,
}

/// Checks a release's folder.
pub fn verify_release(folder: &Path, trusted: Option<&TrustedKeys>) -> Result<Report, VerifyError> {
    Ok(open_release(folder, trusted)?.0)
}

/// Checks a release's folder, and gives the manifest that holds; for readers of its rows.
pub fn open_release(folder: &Path, trusted: Option<&TrustedKeys>) -> Result<(Report, Manifest), VerifyError> {
    let envelope = Envelope::from_value(&read_json(folder, layout::STATEMENT)?)?;
    let log = read_json(folder, layout::LOG_PROOF)?;
    let signed = check_signed(&envelope, &log, trusted)?;
    let mut held = vec!["log"];
    if trusted.is_some() {
        held.insert(0, "signature");
    }
    check_files(folder, &signed.statement)?;
    held.extend(["files", "digest"]);
    let manifest = check_manifest(folder, &signed)?;
    held.extend(["manifest", "sums"]);
    check_rows(folder, &manifest)?;
    held.extend(["rows", "weights", "origin", "row tree"]);
    let shows = format!(
        "release {} of {} rows and {} people, decided at log size {}, is whole and is what was committed",
        signed.name, manifest.rows.released, manifest.people, signed.decided_at
    );
    let report = Report { what: "release", shows, held, signer_trusted: trusted.is_some() };
    Ok((report, manifest))
}

/// Checks a signed statement and its log entry; shared by releases and proofs.
pub(crate) fn check_signed(
    envelope: &Envelope,
    log: &Value,
    trusted: Option<&TrustedKeys>,
) -> Result<Signed, VerifyError> {
    if let Some(trusted) = trusted {
        envelope.verify(&trusted.operator)?;
    }
    let malformed = |reason: &str| VerifyError::Malformed {
        path: layout::STATEMENT.into(),
        reason: format!("`{reason}` is missing or malformed"),
    };
    let statement = envelope.statement()?;
    // The operator's key signs other statements too; none of them may pass for a release's.
    for (field, kind) in [("_type", statement::TYPE), ("predicateType", statement::PREDICATE)] {
        if statement.get(field).and_then(Value::as_str) != Some(kind) {
            return Err(malformed(field));
        }
    }
    let predicate = statement.get("predicate").ok_or_else(|| malformed("predicate"))?;
    let text = |name: &str| predicate.get(name).and_then(Value::as_str).ok_or_else(|| malformed(name));
    let commitment = predicate.get("commitment").cloned().unwrap_or_default();
    let commitment: Commitment = serde_json::from_value(commitment).map_err(|_| malformed("commitment"))?;
    let (id, name) = (text("id")?.to_owned(), text("name")?.to_owned());
    let decided_at = checkpoint_of(text("log_checkpoint")?, trusted)?.size();
    check_log_entry(envelope, log, (&id, decided_at), trusted)?;
    Ok(Signed { id, name, commitment, decided_at, statement })
}

fn checkpoint_of(note: &str, trusted: Option<&TrustedKeys>) -> Result<Checkpoint, VerifyError> {
    let wrong = |reason: String| VerifyError::Log(format!("the checkpoint of the decision: {reason}"));
    let note = SignedNote::parse(note.as_bytes()).map_err(|e| wrong(e.to_string()))?;
    match trusted {
        Some(trusted) => Checkpoint::open(&note, &trusted.log).map_err(|e| wrong(e.to_string())),
        None => Checkpoint::from_text(note.unverified_text()).map_err(|e| wrong(e.to_string())),
    }
}

fn check_log_entry(
    envelope: &Envelope,
    log: &Value,
    (id, decided_at): (&str, TreeSize),
    trusted: Option<&TrustedKeys>,
) -> Result<(), VerifyError> {
    let entry = log.get("entry").ok_or_else(|| VerifyError::Log("the entry is missing".into()))?;
    let digest = layout::sha256_hex(envelope.payload());
    let names = |field: &str, value: &str| entry.get(field).and_then(Value::as_str) == Some(value);
    if !names("type", "release") || !names("id", id) || !names("statement_sha256", &digest) {
        return Err(VerifyError::Log("the entry is for another statement".into()));
    }
    let proof = log.get("log_proof").and_then(Value::as_str).unwrap_or_default();
    let proof = LogProof::parse(proof.as_bytes()).map_err(|error| VerifyError::Log(error.to_string()))?;
    let leaf = leaf_hash(entry.to_string().as_bytes());
    let shown = match trusted {
        Some(trusted) => proof.verify(&leaf, &trusted.log),
        None => proof.verify_integrity_only(&leaf),
    };
    shown.map_err(|error| VerifyError::Log(format!("the log does not show the release: {error}")))?;
    if proof.index().0 < decided_at.0 {
        return Err(VerifyError::Log(format!(
            "the release stands at {} in the log, before the checkpoint of size {decided_at} it decided at",
            proof.index()
        )));
    }
    Ok(())
}

fn check_files(folder: &Path, statement: &Value) -> Result<(), VerifyError> {
    let listed = listed_files(statement)?;
    let present = files_of(folder)?;
    if let Some((path, _)) = listed.iter().find(|(path, _)| !present.contains(path)) {
        return Err(VerifyError::Gone(path.clone()));
    }
    let own = [layout::STATEMENT, layout::LOG_PROOF];
    let known: BTreeSet<&str> = listed.iter().map(|(path, _)| path.as_str()).chain(own).collect();
    if let Some(path) = present.iter().find(|path| !known.contains(path.as_str())) {
        return Err(VerifyError::Unlisted(path.clone()));
    }
    let check = |(path, digest): &(String, String)| {
        let found = digest_of(folder, path)?;
        if found == *digest {
            return Ok(());
        }
        Err(VerifyError::Digest { path: path.clone(), found, listed: digest.clone() })
    };
    listed.par_iter().map(check).collect::<Vec<_>>().into_iter().collect()
}

fn listed_files(statement: &Value) -> Result<Vec<(String, String)>, VerifyError> {
    let malformed = || VerifyError::Malformed {
        path: layout::STATEMENT.into(),
        reason: "`subject` does not list files with their SHA-256".into(),
    };
    let subjects = statement.get("subject").and_then(Value::as_array).ok_or_else(malformed)?;
    let listed = subjects.iter().map(|subject| {
        let name = subject.get("name")?.as_str()?.to_owned();
        let digest = subject.get("digest")?.get("sha256")?.as_str()?.to_owned();
        let plain = Path::new(&name).components().all(|c| matches!(c, std::path::Component::Normal(_)));
        plain.then_some((name, digest))
    });
    listed.collect::<Option<_>>().ok_or_else(malformed)
}

/// Paths of all files in a folder and its folders, relative to it.
fn files_of(folder: &Path) -> Result<BTreeSet<String>, VerifyError> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![(folder.to_owned(), String::new())];
    while let Some((path, prefix)) = waiting.pop() {
        let error = |source| VerifyError::File { path: path.clone(), source };
        for entry in std::fs::read_dir(&path).map_err(error)? {
            let entry = entry.map_err(error)?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type().map_err(error)?.is_dir() {
                waiting.push((entry.path(), format!("{name}/")));
            } else {
                found.insert(name);
            }
        }
    }
    Ok(found)
}

fn check_manifest(folder: &Path, signed: &Signed) -> Result<Manifest, VerifyError> {
    let bytes = read(folder, layout::MANIFEST, ENVELOPE_BYTES_MAX as u64)?;
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| VerifyError::Malformed {
        path: layout::MANIFEST.into(),
        reason: error.to_string(),
    })?;
    let predicate = signed.statement.get("predicate").cloned().unwrap_or_default();
    let says = |name: &str| predicate.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    // A data file that the statement lists and the manifest does not would have rows that no tree holds.
    let description = [layout::MANIFEST, layout::CARD];
    let listed: BTreeSet<(String, String)> = listed_files(&signed.statement)?
        .into_iter()
        .filter(|(path, _)| !description.contains(&path.as_str()))
        .collect();
    let described = |file: &DataFile| (file.path.clone(), file.sha256.clone());
    let files: BTreeSet<(String, String)> = manifest.files.iter().map(described).collect();
    let checks = [
        ("format", manifest.format == manifest::FORMAT),
        ("name", manifest.name == signed.name),
        ("id", manifest.id == signed.id),
        ("purpose", manifest.purpose.as_str() == says("purpose")),
        ("as_of", manifest.as_of.to_string() == says("as_of")),
        ("log_checkpoint", manifest.log_checkpoint == says("log_checkpoint")),
        ("commitment", manifest.commitment == signed.commitment),
        ("files", files == listed && files.len() == manifest.files.len()),
    ];
    if let Some((name, _)) = checks.iter().find(|(_, holds)| !holds) {
        return Err(VerifyError::Manifest(name));
    }
    manifest.wrong_sum().map_or(Ok(manifest), |words| Err(VerifyError::Sums(words)))
}

fn check_rows(folder: &Path, manifest: &Manifest) -> Result<(), VerifyError> {
    let pasted_permille = manifest.configuration.pasted_permille;
    let read_one = |file: &DataFile| -> Result<(Vec<Hash>, u64, Tally), VerifyError> {
        let (mut leaves, mut weight, mut tally) = (Vec::new(), 0, Tally::default());
        let (_, found) = open(folder, &file.path, DATA_BYTES_MAX)?;
        if found != file.bytes {
            let (path, listed) = (&file.path, file.bytes);
            return Err(VerifyError::Sums(format!("bytes: {path} has {found}, the manifest says {listed}")));
        }
        let bytes = read(folder, &file.path, file.bytes)?;
        data::read(bytes.into(), &file.path, |rows| {
            weight += rows.weights.values().iter().map(|weight| u64::from(*weight)).sum::<u64>();
            tally.merge(&stage::tally(rows, pasted_permille)?);
            let batch = stage::leaves(rows)?;
            leaves.extend(batch.iter().flatten().filter_map(|leaf| leaf.try_into().ok().map(Hash)));
            Ok::<(), VerifyError>(())
        })?;
        if leaves.len() as u64 != file.rows {
            let (path, found) = (file.path.clone(), leaves.len() as u64);
            return Err(VerifyError::RowCount { path, found, listed: file.rows });
        }
        Ok((leaves, weight, tally))
    };
    let files: Vec<_> = manifest.files.par_iter().map(read_one).collect();
    let (mut root, mut weight, mut tally) = (RootBuilder::new(), 0, Tally::default());
    for file in files {
        let (leaves, weights, origins) = file?;
        root.extend(leaves);
        weight += weights;
        tally.merge(&origins);
    }
    if root.root().to_string() != manifest.commitment.rows_root {
        let listed = manifest.commitment.rows_root.clone();
        return Err(VerifyError::RowTree { found: root.root(), listed });
    }
    if weight != manifest.rows.candidates {
        return Err(VerifyError::Weights { found: weight, listed: manifest.rows.candidates });
    }
    if (&tally.bytes, &tally.spans) != (&manifest.origin.bytes, &manifest.origin.spans) {
        return Err(VerifyError::Origin);
    }
    Ok(())
}

/// Opens a regular file within a limit, and tells its size: never a link, a device or a pipe, which may not end.
fn open(folder: &Path, name: &str, limit_bytes: u64) -> Result<(File, u64), VerifyError> {
    let path = folder.join(name);
    let error = |source| VerifyError::File { path: path.clone(), source };
    let metadata = std::fs::symlink_metadata(&path).map_err(error)?;
    let malformed = |reason: String| VerifyError::Malformed { path: name.to_owned(), reason };
    if !metadata.is_file() {
        return Err(malformed("it is not a regular file".into()));
    }
    if metadata.len() > limit_bytes {
        return Err(malformed(format!("it has {} bytes, the limit is {limit_bytes}", metadata.len())));
    }
    Ok((File::open(&path).map_err(error)?, metadata.len()))
}

fn read(folder: &Path, name: &str, limit_bytes: u64) -> Result<Vec<u8>, VerifyError> {
    let (file, size) = open(folder, name, limit_bytes)?;
    let mut bytes = Vec::with_capacity(size as usize);
    let done = file.take(limit_bytes).read_to_end(&mut bytes);
    done.map_err(|source| VerifyError::File { path: folder.join(name), source })?;
    Ok(bytes)
}

/// SHA-256 of a file, in hexadecimal, in little memory.
fn digest_of(folder: &Path, name: &str) -> Result<String, VerifyError> {
    let (file, _) = open(folder, name, DATA_BYTES_MAX)?;
    let mut reader = BufReader::with_capacity(1 << 20, file.take(DATA_BYTES_MAX));
    let mut hash = Sha256::new();
    loop {
        let error = |source| VerifyError::File { path: folder.join(name), source };
        let bytes = reader.fill_buf().map_err(error)?;
        if bytes.is_empty() {
            return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hash.update(bytes);
        let read = bytes.len();
        reader.consume(read);
    }
}

pub(crate) fn read_json(folder: &Path, name: &str) -> Result<Value, VerifyError> {
    serde_json::from_slice(&read(folder, name, ENVELOPE_BYTES_MAX as u64)?)
        .map_err(|error| VerifyError::Malformed { path: name.into(), reason: error.to_string() })
}
