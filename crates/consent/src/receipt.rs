//! Receipts: what a person gets back for an act, and can check without us.
//!
//! A receipt holds the record in full, the salt that hides it in the log, the operator's signature, and the
//! proof that the log holds its commitment:
//!
//! ```text
//! record    canonical JSON (keys sorted, no white space) of `record`
//! entry     SHA-256("cev1" ‖ salt ‖ record)                 what the log's leaf commits to
//! signature signed note (C2SP) over "candor-receipt-1\n" entry-in-hex "\n", by the operator's key
//! log_proof C2SP tlog-proof of leaf SHA-256(0x00 ‖ entry), with a checkpoint signed by the log's key
//! ```
//!
//! The record's fields are those of ISO/IEC TS 27560:2023 that a consent event of ours can fill.

use candor_conversation::{Kind, SubjectId, TenantId, Timestamp};
use candor_tlog::checkpoint::Checkpoint;
use candor_tlog::hash::{Hash, leaf_hash};
use candor_tlog::note::{SignedNote, SignerKey, VerifierKey};
use candor_tlog::proof_file::LogProof;
use candor_tlog::tree::LeafIndex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{Event, Evidence, Notice, NoticeId};

/// Longest receipt that is read, in bytes.
pub const RECEIPT_BYTES_MAX: usize = 1 << 20;
/// The schema of a record of a consent event.
pub const EVENT_SCHEMA: &str = "candor-consent-record-1";
/// The schema of a record of an enrolment.
pub const ENROLMENT_SCHEMA: &str = "candor-enrolment-record-1";

const FORMAT: &str = "candor-receipt-1";

/// A record as it is committed: a JSON object in canonical form.
#[derive(Clone, PartialEq, Eq)]
pub struct Record(String);

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Record({} bytes)", self.0.len())
    }
}

/// What a record of an event tells besides the event.
pub struct EventContext<'a> {
    /// The tenant.
    pub tenant: &'a TenantId,
    /// The notice that was shown.
    pub notice: &'a Notice,
    /// Its id.
    pub notice_id: NoticeId,
    /// Who vouches for it, if somebody does.
    pub attested_by: Option<&'a str>,
    /// What was shown, where the person answered on a page of ours.
    pub evidence: Option<&'a Evidence>,
}

impl Record {
    /// The record of a consent event.
    pub fn of_event(event: &Event, context: &EventContext<'_>) -> Self {
        let notice = context.notice;
        let terms = notice.purposes.get(&event.purpose);
        let mut value = json!({
            "schema": EVENT_SCHEMA,
            "record_id": event.id.to_string(),
            "pii_principal_id": event.subject.to_string(),
            "tenant": context.tenant,
            "notice": { "version": notice.version, "id": context.notice_id.to_string() },
            "languages": notice.text.keys().collect::<Vec<_>>(),
            "purpose": event.purpose,
            "lawful_basis": "consent",
            "pii_type": "conversation turns",
            "pii_controller": notice.controller,
            "retention_days": terms.map(|terms| terms.retention_days),
            "recipients": terms.map(|terms| &terms.recipients),
            "withdrawal_method": notice.contact,
            "event": {
                "state": event.state,
                "dpv": event.state.dpv_term(),
                "effective_at": event.effective_at,
                "recorded_at": event.recorded_at,
                "attested_by": context.attested_by,
            },
        });
        if let Some(evidence) = context.evidence {
            value["evidence"] = evidence.to_json(event.recorded_at);
        }
        Self(value.to_string())
    }

    /// The record of an enrolment: who, when, and the nonce under which every later release files them.
    pub fn of_enrolment(subject: SubjectId, tenant: &TenantId, nonce: &[u8; 32], at: Timestamp) -> Self {
        let value = json!({
            "schema": ENROLMENT_SCHEMA,
            "pii_principal_id": subject.to_string(),
            "tenant": tenant,
            "nonce": Hash(*nonce).to_string(),
            "recorded_at": at,
        });
        Self(value.to_string())
    }

    /// A record that was stored as canonical JSON.
    pub fn from_json(json: &str) -> Result<Self, ReceiptError> {
        let value: Value = serde_json::from_str(json).map_err(|_| ReceiptError::Shape("record"))?;
        Ok(Self(value.to_string()))
    }

    /// Canonical JSON.
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// What the log commits to.
    pub fn entry(&self, salt: &[u8; 32]) -> Hash {
        let mut hash = Sha256::new();
        hash.update(b"cev1");
        hash.update(salt);
        hash.update(self.0.as_bytes());
        Hash(hash.finalize().into())
    }

    /// The leaf of the log for this record.
    pub fn leaf(&self, salt: &[u8; 32]) -> Hash {
        leaf_hash(&self.entry(salt).0)
    }

    /// A text field at the top of the record.
    pub fn field(&self, name: &str) -> Option<String> {
        let value: Value = serde_json::from_str(&self.0).ok()?;
        value.get(name)?.as_str().map(str::to_owned)
    }
}

/// A receipt, as issued or as read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    record: Record,
    salt: [u8; 32],
    signature: SignedNote,
    log_proof: LogProof,
}

/// A file that is no receipt, or one that does not verify.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// Not JSON, or not of the shape of a receipt.
    #[error("receipt: `{0}` is missing or malformed")]
    Shape(&'static str),
    /// Longer than [`RECEIPT_BYTES_MAX`].
    #[error("receipt: {0} bytes, more than {RECEIPT_BYTES_MAX}")]
    TooLong(usize),
    /// Could not be signed.
    #[error("receipt: sign")]
    Sign(#[source] candor_tlog::note::NoteError),
    /// The signature is for another record or salt.
    #[error("receipt: the signature is for another record: the record or its salt was changed")]
    OtherRecord,
    /// The signature does not verify with a trusted key.
    #[error("receipt: the operator's signature does not verify with the trusted key")]
    Signature(#[source] candor_tlog::note::NoteError),
    /// The log proof does not hold.
    #[error("receipt: the log does not show this record")]
    Log(#[source] candor_tlog::proof_file::LogProofError),
}

impl ReceiptError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            ReceiptError::Sign(_) => Kind::Internal,
            _ => Kind::Invalid,
        }
    }
}

/// What a verified receipt shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptFacts {
    /// Where in the log it stands.
    pub position: LeafIndex,
    /// The checkpoint it was shown under.
    pub checkpoint: Checkpoint,
}

impl Receipt {
    /// Signs a record and joins it with its log proof.
    pub fn issue(
        record: Record,
        salt: [u8; 32],
        operator: &SignerKey,
        log_proof: LogProof,
    ) -> Result<Self, ReceiptError> {
        let text = signed_text(&record.entry(&salt));
        let signature = SignedNote::sign(&text, &[operator]).map_err(ReceiptError::Sign)?;
        Ok(Self { record, salt, signature, log_proof })
    }

    /// Reads a receipt file.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptError> {
        if bytes.len() > RECEIPT_BYTES_MAX {
            return Err(ReceiptError::TooLong(bytes.len()));
        }
        let value: Value = serde_json::from_slice(bytes).map_err(|_| ReceiptError::Shape("the file"))?;
        Self::from_value(&value)
    }

    /// Reads a receipt that stands inside another JSON document.
    pub fn from_value(value: &Value) -> Result<Self, ReceiptError> {
        let text =
            |name: &'static str| value.get(name).and_then(Value::as_str).ok_or(ReceiptError::Shape(name));
        if text("format")? != FORMAT {
            return Err(ReceiptError::Shape("format"));
        }
        let record = value.get("record").filter(|record| record.is_object());
        let salt: Hash = text("salt")?.parse().map_err(|_| ReceiptError::Shape("salt"))?;
        Ok(Self {
            record: Record(record.ok_or(ReceiptError::Shape("record"))?.to_string()),
            salt: salt.0,
            signature: SignedNote::parse(text("signature")?.as_bytes())
                .map_err(|_| ReceiptError::Shape("signature"))?,
            log_proof: LogProof::parse(text("log_proof")?.as_bytes())
                .map_err(|_| ReceiptError::Shape("log_proof"))?,
        })
    }

    /// The receipt as JSON.
    pub fn to_value(&self) -> Value {
        let record: Value = serde_json::from_str(&self.record.0).unwrap_or_default();
        json!({
            "format": FORMAT,
            "record": record,
            "salt": Hash(self.salt).to_string(),
            "signature": self.signature.to_string(),
            "log_proof": self.log_proof.to_string(),
        })
    }

    /// The record.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The nonce of an enrolment; `None` for the receipt of another act.
    pub fn enrolment_nonce(&self) -> Option<[u8; 32]> {
        let enrolment = self.record.field("schema").is_some_and(|schema| schema == ENROLMENT_SCHEMA);
        let nonce: Hash = self.record.field("nonce")?.parse().ok()?;
        enrolment.then_some(nonce.0)
    }

    /// Checks everything that needs no trusted key: signature text, log path.
    pub fn verify_integrity(&self) -> Result<ReceiptFacts, ReceiptError> {
        if self.signature.unverified_text() != signed_text(&self.record.entry(&self.salt)) {
            return Err(ReceiptError::OtherRecord);
        }
        let leaf = self.record.leaf(&self.salt);
        let checkpoint = self.log_proof.verify_integrity_only(&leaf).map_err(ReceiptError::Log)?;
        Ok(ReceiptFacts { position: self.log_proof.index(), checkpoint })
    }

    /// Checks everything, with the operator's and the log's keys.
    pub fn verify(&self, operator: &VerifierKey, log: &VerifierKey) -> Result<ReceiptFacts, ReceiptError> {
        let facts = self.verify_integrity()?;
        self.signature.verify(std::slice::from_ref(operator)).map_err(ReceiptError::Signature)?;
        let leaf = self.record.leaf(&self.salt);
        self.log_proof.verify(&leaf, log).map_err(ReceiptError::Log)?;
        Ok(facts)
    }
}

fn signed_text(entry: &Hash) -> String {
    format!("{FORMAT}\n{entry}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use candor_tlog::tree::MerkleTree;

    fn receipt() -> (Receipt, SignerKey, SignerKey) {
        let operator = SignerKey::from_seed("example/operator".parse().unwrap(), &[1; 32]);
        let log = SignerKey::from_seed("example/log".parse().unwrap(), &[2; 32]);
        let tenant = "home".parse().unwrap();
        let record = Record::of_enrolment(
            SubjectId::from_bytes([3; 16]),
            &tenant,
            &[4; 32],
            Timestamp::from_millis(0),
        );
        let tree = MerkleTree::new(vec![leaf_hash(b"before"), record.leaf(&[5; 32])]);
        let checkpoint =
            Checkpoint::new("example/log", tree.size(), tree.root()).unwrap().sign(&[&log]).unwrap();
        let path = tree.inclusion_proof(LeafIndex(1), tree.size()).unwrap();
        let proof = LogProof::new(LeafIndex(1), path, checkpoint).unwrap();
        (Receipt::issue(record, [5; 32], &operator, proof).unwrap(), operator, log)
    }

    #[test]
    fn a_receipt_verifies_after_a_round_trip_through_its_file() {
        let (receipt, operator, log) = receipt();
        let read = Receipt::parse(receipt.to_value().to_string().as_bytes()).unwrap();
        assert_eq!(read, receipt);
        assert_eq!(read.verify(operator.verifier(), log.verifier()).unwrap().position, LeafIndex(1));
        assert_eq!(read.enrolment_nonce(), Some([4; 32]));
    }

    #[test]
    fn a_changed_nonce_salt_or_signer_is_caught() {
        let (receipt, operator, log) = receipt();
        let text = receipt.to_value().to_string();
        let changed_nonce = text.replacen("0404", "0405", 1);
        let read = Receipt::parse(changed_nonce.as_bytes()).unwrap();
        assert!(matches!(read.verify_integrity(), Err(ReceiptError::OtherRecord)));
        let changed_salt = text.replacen("0505", "0506", 1);
        let read = Receipt::parse(changed_salt.as_bytes()).unwrap();
        assert!(matches!(read.verify_integrity(), Err(ReceiptError::OtherRecord)));
        let stranger = SignerKey::from_seed("example/operator".parse().unwrap(), &[9; 32]);
        assert!(matches!(
            receipt.verify(stranger.verifier(), log.verifier()),
            Err(ReceiptError::Signature(_))
        ));
        assert!(matches!(
            receipt.verify(operator.verifier(), stranger.verifier()),
            Err(ReceiptError::Log(_))
        ));
    }
}
