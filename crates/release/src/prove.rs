//! Proofs to a person: that they are, or are not, in a release; and recall when they leave.
//!
//! A proof is one JSON file that stands alone: the person's enrolment receipt, the release's signed statement
//! with its log entry, and the way through the subject tree. Absence: no entry under the key that the receipt's
//! nonce gives. Presence: the entry opened, and each of its rows shown in the row tree.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use candor_consent::Purpose;
use candor_consent::receipt::{Receipt, ReceiptError};
use candor_conversation::{Kind, SubjectId};
use candor_tlog::hash::Hash;
use candor_tlog::sparse::{Outcome, SparseProof};
use candor_tlog::tree::{LeafIndex, MerkleTree, TreeSize, verify_inclusion};
use candor_vault::{ReleaseRow, Subject, Vault, VaultError};
use serde_json::{Value, json};

use crate::dsse::Envelope;
use crate::subjects::{self, Entry, ListedRow, Opening, SubjectsError};
use crate::verify::{Report, VerifyError, check_signed};
use crate::{TrustedKeys, layout};

/// Longest proof that is read, in bytes.
pub const PROOF_BYTES_MAX: usize = 256 << 20;

const FORMAT: &str = "candor-proof-1";

/// Why a proof cannot be made or does not hold.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The receipt is for another act.
    #[error(
        "enrolment: the receipt is not an enrolment receipt\nhint: the first receipt a person gets has the nonce"
    )]
    NotEnrolment,
    /// Not JSON, or not of the shape of a proof.
    #[error("proof: `{0}` is missing or malformed")]
    Shape(&'static str),
    /// The stored trees are not those of the release.
    #[error("the stored records of release `{0}` do not give its committed roots")]
    OtherRoots(String),
    /// The nonce was enrolled after the release was decided.
    #[error(
        "enrolment: the nonce stands at {position} in the log, but the release was decided at size {decided_at}: \
         it was enrolled too late to show anything"
    )]
    EnrolledLate {
        /// Place of the enrolment.
        position: LeafIndex,
        /// Size of the log at the decision.
        decided_at: TreeSize,
    },
    /// The way through the tree does not hold.
    #[error(
        "subject tree: the proof does not lead to the committed root: it is for another release or person"
    )]
    Tree,
    /// The proof says one thing, the tree another.
    #[error("subject tree: the proof claims {claimed}, the tree shows {shown}")]
    Claim {
        /// Claimed.
        claimed: &'static str,
        /// Shown.
        shown: &'static str,
    },
    /// The opening is not what was committed.
    #[error("opening: the list of rows is not what the release committed to")]
    Opening,
    /// A row of the list is not in the row tree.
    #[error("row tree: row {0} is not shown to be in the release")]
    Row(u64),
    /// The receipt.
    #[error("enrolment")]
    Receipt(#[from] ReceiptError),
    /// The release's statement.
    #[error(transparent)]
    Release(#[from] VerifyError),
    /// Vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Stored entries.
    #[error(transparent)]
    Subjects(#[from] SubjectsError),
}

impl ProofError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            ProofError::OtherRoots(_) => Kind::Corrupt,
            ProofError::Vault(error) => error.kind(),
            ProofError::Subjects(error) => error.kind(),
            _ => Kind::Invalid,
        }
    }
}

/// Makes the proof about a receipt's holder and a release. It needs nothing that an erasure destroys.
pub fn prove(vault: &Vault, release: &str, receipt: &Receipt) -> Result<Value, ProofError> {
    let nonce = receipt.enrolment_nonce().ok_or(ProofError::NotEnrolment)?;
    let row = vault.release(release)?.ok_or_else(|| VaultError::UnknownRelease(release.to_owned()))?;
    let statement: Value = serde_json::from_str(&row.statement).unwrap_or_default();
    let envelope = Envelope::from_value(&statement).map_err(VerifyError::from)?;
    let entry = json!({
        "type": "release",
        "name": row.name,
        "id": row.id,
        "statement_sha256": layout::sha256_hex(envelope.payload()),
    });
    let log = json!({ "entry": entry, "log_proof": vault.log_proof(row.log_position)?.to_string() });
    let signed = check_signed(&envelope, &log, None)?;
    let entries = stored_entries(vault, release)?;
    let tree = subjects::tree(&entries)?;
    if tree.root().to_string() != signed.commitment.subjects_root {
        return Err(ProofError::OtherRoots(release.to_owned()));
    }
    let key = subjects::subject_key(&row.id, &nonce);
    let mut proof = json!({
        "format": FORMAT,
        "claim": "absent",
        "receipt": receipt.to_value(),
        "release": { "statement": statement, "log": log },
        "subject_path": STANDARD.encode(tree.prove(&key).encode()),
    });
    if let Ok(at) = entries.binary_search_by_key(&key.0, |entry| entry.key.0) {
        let opening = subjects::open(&entries[at], &row.id, &nonce).ok_or(ProofError::Opening)?;
        proof["claim"] = "present".into();
        proof["blind"] = Hash(opening.blind).to_string().into();
        proof["rows"] = row_proofs(vault, release, &opening, &signed.commitment.rows_root)?;
    }
    Ok(proof)
}

fn row_proofs(vault: &Vault, release: &str, opening: &Opening, root: &str) -> Result<Value, ProofError> {
    let bytes = vault.read_record(&layout::record_path(release, layout::RECORD_LEAVES))?;
    let (leaves, _) = bytes.as_chunks::<32>();
    let tree = MerkleTree::new(leaves.iter().map(|leaf| Hash(*leaf)).collect());
    let other = || ProofError::OtherRoots(release.to_owned());
    if tree.root().to_string() != root {
        return Err(other());
    }
    let one = |listed: &ListedRow| {
        let index = LeafIndex(listed.row);
        let path = tree.inclusion_proof(index, tree.size()).map_err(|_| other())?;
        let leaf = tree.leaf(index).map_err(|_| other())?;
        let path: Vec<String> = path.iter().map(Hash::to_string).collect();
        Ok(
            json!({ "row": listed.row, "represents": listed.represents, "leaf": leaf.to_string(), "path": path }),
        )
    };
    opening.rows.iter().map(one).collect::<Result<Vec<_>, ProofError>>().map(Value::Array)
}

/// A person's rows among the entries of a release, which are sorted by key.
fn rows_among(entries: &[Entry], release_id: &str, subject: &Subject) -> Result<Vec<u64>, ProofError> {
    let key = subjects::subject_key(release_id, &subject.nonce);
    let Ok(at) = entries.binary_search_by_key(&key.0, |entry| entry.key.0) else { return Ok(Vec::new()) };
    let opening = subjects::open(&entries[at], release_id, &subject.nonce).ok_or(ProofError::Opening)?;
    let mut rows: Vec<u64> = opening.rows.iter().map(|listed| listed.row).collect();
    rows.dedup();
    Ok(rows)
}

/// Someone who leaves, or takes back one yes.
#[derive(Clone, Copy, Debug)]
pub struct Departure<'a> {
    /// Who.
    pub subject: &'a Subject,
    /// The purpose whose yes is taken back; `None` for every release.
    pub purpose: Option<Purpose>,
}

/// The rows to recall, and the releases of which nobody can tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recalls {
    /// Release and row, in order, each once.
    pub rows: Vec<(String, u64)>,
    /// Names of the releases whose records are lost or damaged: whoever leaves may be in them.
    pub unknown: Vec<String>,
}

/// The rows to recall when people leave. The records of each release are read once, however many leave, and
/// those that cannot be read are named: they must not keep anyone from leaving.
pub fn recalls(vault: &Vault, departures: &[Departure<'_>]) -> Result<Recalls, ProofError> {
    let mut recalls = Recalls::default();
    for release in vault.releases()? {
        let purpose = made_for(&release);
        // A release that no longer says what it is for concerns everyone.
        let concerns = |departure: &&Departure<'_>| {
            departure.purpose.is_none() || purpose.is_none() || departure.purpose == purpose
        };
        let leaving: Vec<&Departure<'_>> = departures.iter().filter(concerns).collect();
        if leaving.is_empty() {
            continue;
        }
        let rows = stored_entries(vault, &release.name).and_then(|entries| {
            let rows = leaving.iter().map(|one| rows_among(&entries, &release.id, one.subject));
            rows.collect::<Result<Vec<_>, _>>()
        });
        match rows {
            Ok(rows) => {
                let rows: BTreeSet<u64> = rows.into_iter().flatten().collect();
                recalls.rows.extend(rows.into_iter().map(|row| (release.name.clone(), row)));
            }
            Err(_) => recalls.unknown.push(release.name),
        }
    }
    Ok(recalls)
}

/// The rows of a release that are of each person who is still enrolled, those that stand for one of theirs too; people
/// without rows are left out. Whose is whose is not told.
pub fn rows_of_each(vault: &Vault, release: &str) -> Result<Vec<Vec<u64>>, ProofError> {
    Ok(people_of(vault, release)?.people.into_iter().map(|(_, rows)| rows).collect())
}

/// Whose rows a release has.
pub struct PeopleOf {
    /// People who are enrolled, in the order of their ids, and their rows; those that stand for one of theirs too.
    pub people: Vec<(SubjectId, Vec<u64>)>,
    /// How many more have rows and are erased: nothing tells who they were.
    pub erased: u64,
}

/// Whose rows a release has, for who must tell them that it is in wrong hands.
pub fn people_of(vault: &Vault, release: &str) -> Result<PeopleOf, ProofError> {
    let row = vault.release(release)?.ok_or_else(|| VaultError::UnknownRelease(release.to_owned()))?;
    let entries = stored_entries(vault, release)?;
    let mut people = Vec::new();
    for subject in vault.subjects()? {
        let rows = rows_among(&entries, &row.id, &subject)?;
        if !rows.is_empty() {
            people.push((subject.id, rows));
        }
    }
    let erased = (entries.len() - people.len()) as u64;
    Ok(PeopleOf { people, erased })
}

/// What a release was made for, by its signed statement.
pub(crate) fn made_for(release: &ReleaseRow) -> Option<Purpose> {
    let envelope: Value = serde_json::from_str(&release.statement).ok()?;
    let statement = Envelope::from_value(&envelope).and_then(|envelope| envelope.statement()).ok()?;
    statement.pointer("/predicate/purpose")?.as_str()?.parse().ok()
}

pub(crate) fn stored_entries(vault: &Vault, release: &str) -> Result<Vec<Entry>, ProofError> {
    let bytes = vault.read_record(&layout::record_path(release, layout::RECORD_SUBJECTS))?;
    let entries = subjects::from_bytes(&bytes)?;
    // Whoever is looked for by halving must not be missed.
    let sorted = entries.is_sorted_by_key(|entry| entry.key.0);
    sorted.then_some(entries).ok_or(ProofError::Subjects(SubjectsError::Stored))
}

/// Whether a JSON document says that it is a proof.
pub fn is_proof(value: &Value) -> bool {
    value.get("format").and_then(Value::as_str) == Some(FORMAT)
}

/// Checks a proof with nothing but itself and, if given, trusted keys.
pub fn verify_proof(proof: &Value, trusted: Option<&TrustedKeys>) -> Result<Report, ProofError> {
    if !is_proof(proof) {
        return Err(ProofError::Shape("format"));
    }
    let part = |name: &'static str| proof.get(name).ok_or(ProofError::Shape(name));
    let receipt = Receipt::from_value(part("receipt")?)?;
    let nonce = receipt.enrolment_nonce().ok_or(ProofError::NotEnrolment)?;
    let enrolment = match trusted {
        Some(trusted) => receipt.verify(&trusted.operator, &trusted.log)?,
        None => receipt.verify_integrity()?,
    };
    let release = part("release")?;
    let statement = release.get("statement").ok_or(ProofError::Shape("statement"))?;
    let log = release.get("log").ok_or(ProofError::Shape("log"))?;
    let envelope = Envelope::from_value(statement).map_err(VerifyError::from)?;
    let signed = check_signed(&envelope, log, trusted)?;
    if enrolment.position.0 >= signed.decided_at.0 {
        return Err(ProofError::EnrolledLate { position: enrolment.position, decided_at: signed.decided_at });
    }
    let path = part("subject_path")?.as_str().and_then(|text| STANDARD.decode(text).ok());
    let path =
        path.and_then(|bytes| SparseProof::decode(&bytes).ok()).ok_or(ProofError::Shape("subject_path"))?;
    let root: Hash =
        signed.commitment.subjects_root.parse().map_err(|_| ProofError::Shape("subjects_root"))?;
    let outcome = path.verify(&root, &subjects::subject_key(&signed.id, &nonce));
    let outcome = outcome.map_err(|_| ProofError::Tree)?;
    let claimed = part("claim")?.as_str().unwrap_or_default();
    let mut held = vec!["enrolment", "log", "enrolled before the release", "subject tree"];
    if trusted.is_some() {
        held.insert(0, "signature");
    }
    let signer_trusted = trusted.is_some();
    let release = format!("{} (id {})", signed.name, signed.id);
    match (claimed, outcome) {
        ("absent", Outcome::Absent) => {
            let shows = format!("the holder of this receipt is not in release {release}");
            Ok(Report { what: "absence", shows, held, signer_trusted })
        }
        ("present", Outcome::Present(value)) => {
            let opening = opening_of(proof)?;
            if opening.value() != value {
                return Err(ProofError::Opening);
            }
            check_row_proofs(proof, &signed.commitment)?;
            held.extend(["opening", "row tree"]);
            let (own, merged) = opening.rows.iter().fold((0, 0), |(own, merged), listed| {
                if listed.represents { (own, merged + 1) } else { (own + 1, merged) }
            });
            let shows = format!(
                "the holder of this receipt is in release {release}: {own} rows of their own, {merged} that stand \
                 for merged ones"
            );
            Ok(Report { what: "presence", shows, held, signer_trusted })
        }
        ("absent", Outcome::Present(_)) => Err(ProofError::Claim { claimed: "absence", shown: "presence" }),
        ("present", Outcome::Absent) => Err(ProofError::Claim { claimed: "presence", shown: "absence" }),
        _ => Err(ProofError::Shape("claim")),
    }
}

fn opening_of(proof: &Value) -> Result<Opening, ProofError> {
    let blind = proof.get("blind").and_then(Value::as_str).and_then(|text| text.parse::<Hash>().ok());
    let listed = |row: &Value| {
        Some(ListedRow { row: row.get("row")?.as_u64()?, represents: row.get("represents")?.as_bool()? })
    };
    let rows = proof.get("rows").and_then(Value::as_array).ok_or(ProofError::Shape("rows"))?;
    Ok(Opening {
        blind: blind.ok_or(ProofError::Shape("blind"))?.0,
        rows: rows.iter().map(listed).collect::<Option<_>>().ok_or(ProofError::Shape("rows"))?,
    })
}

fn check_row_proofs(proof: &Value, commitment: &crate::manifest::Commitment) -> Result<(), ProofError> {
    let root: Hash = commitment.rows_root.parse().map_err(|_| ProofError::Shape("rows_root"))?;
    for row in proof.get("rows").and_then(Value::as_array).into_iter().flatten() {
        let number = row.get("row").and_then(Value::as_u64).ok_or(ProofError::Shape("rows"))?;
        let hash = |value: &Value| value.as_str()?.parse::<Hash>().ok();
        let leaf = row.get("leaf").and_then(hash).ok_or(ProofError::Shape("leaf"))?;
        let path = row.get("path").and_then(Value::as_array);
        let path: Option<Vec<Hash>> = path.and_then(|path| path.iter().map(hash).collect());
        let path = path.ok_or(ProofError::Shape("path"))?;
        verify_inclusion(&leaf, LeafIndex(number), TreeSize(commitment.rows), &path, &root)
            .map_err(|_| ProofError::Row(number))?;
    }
    Ok(())
}
