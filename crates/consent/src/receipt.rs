//! Receipts: what a person gets back for an act, and can check without us.
//!
//! A receipt holds the record in full, the salt that hides it in the log, the operator's signature, and the
//! proof that the log holds its commitment:
//!
//! ```text
//! record    canonical JSON of `record`; see [`crate::record`]
//! entry     SHA-256("cev1" ‖ salt ‖ record)
//! signature signed note (C2SP) over "candor-receipt-1\n" entry-in-hex "\n", by the operator's key
//! log_proof C2SP tlog-proof of leaf SHA-256(0x00 ‖ entry), with a checkpoint signed by the log's key
//! ```
//!
//! The receipt of a consent event is a document of JSON-LD itself, a `dpv:ConsentReceipt` around its record: what makes it
//! one follows from the record, and a receipt with anything else there is refused.

use candor_conversation::Kind;
use candor_tlog::checkpoint::Checkpoint;
use candor_tlog::hash::Hash;
use candor_tlog::note::{SignedNote, SignerKey, VerifierKey};
use candor_tlog::proof_file::LogProof;
use candor_tlog::tree::LeafIndex;
use serde_json::{Map, Value, json};

use crate::record::Record;

/// Longest receipt that is read, in bytes.
pub const RECEIPT_BYTES_MAX: usize = 1 << 20;
const FORMAT: &str = "candor-receipt-1";
/// What the profile's receipts call themselves.
const SCHEMA: &str = "https://w3id.org/dpv/schema/dpv-27560#receipt";

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
        let record = value.get("record").and_then(|record| Record::from_value(record).ok());
        let salt: Hash = text("salt")?.parse().map_err(|_| ReceiptError::Shape("salt"))?;
        let receipt = Self {
            record: record.ok_or(ReceiptError::Shape("record"))?,
            salt: salt.0,
            signature: SignedNote::parse(text("signature")?.as_bytes())
                .map_err(|_| ReceiptError::Shape("signature"))?,
            log_proof: LogProof::parse(text("log_proof")?.as_bytes())
                .map_err(|_| ReceiptError::Shape("log_proof"))?,
        };
        let header = receipt.header();
        let strays = header.iter().find(|(name, expected)| value.get(name.as_str()) != Some(*expected));
        if strays.is_some() {
            return Err(ReceiptError::Shape("@context"));
        }
        Ok(receipt)
    }

    /// The receipt as JSON.
    pub fn to_value(&self) -> Value {
        let mut fields = self.header();
        fields.extend([
            ("format".to_owned(), FORMAT.into()),
            ("record".to_owned(), self.record.to_value()),
            ("salt".to_owned(), Hash(self.salt).to_string().into()),
            ("signature".to_owned(), self.signature.to_string().into()),
            ("log_proof".to_owned(), self.log_proof.to_string().into()),
        ]);
        Value::Object(fields)
    }

    /// What makes the receipt of a consent event a `dpv:ConsentReceipt`; nothing for others.
    fn header(&self) -> Map<String, Value> {
        let Some(event) = self.record.event() else { return Map::new() };
        let identifier = format!("urn:candor:receipt:{}", self.record.entry(&self.salt));
        let header = json!({
            "@context": {
                "dct": "http://purl.org/dc/terms/",
                "dpv": "https://w3id.org/dpv#",
                "xsd": "http://www.w3.org/2001/XMLSchema#",
                "dct:conformsTo": { "@type": "@id" },
                "dct:created": { "@type": "xsd:dateTime" },
                "record": "dpv:hasRecordOfActivity",
            },
            "@id": identifier,
            "@type": "dpv:ConsentReceipt",
            "dct:conformsTo": SCHEMA,
            "dct:created": event.recorded_at,
            "dct:identifier": identifier,
        });
        match header {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }

    /// The record.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Where and under which checkpoint the log has it.
    pub fn log_proof(&self) -> &LogProof {
        &self.log_proof
    }

    /// The leaf of the log for it.
    pub fn leaf(&self) -> Hash {
        self.record.leaf(&self.salt)
    }

    /// The nonce of an enrolment; `None` for the receipt of another act.
    pub fn enrolment_nonce(&self) -> Option<[u8; 32]> {
        self.record.enrolment().map(|(nonce, _)| nonce)
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
    use candor_conversation::{SubjectId, Timestamp};
    use candor_tlog::hash::leaf_hash;
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
