//! Signed statements: in-toto Statement v1 in a DSSE envelope with an Ed25519 signature.
//!
//! The signature is over `"DSSEv1" SP len(type) SP type SP len(payload) SP payload` (DSSE protocol 1.0), so it
//! never collides with the notes that the same key signs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use candor_conversation::Kind;
use candor_tlog::note::{SignerKey, VerifierKey};
use serde_json::{Value, json};

/// Longest envelope that is read, in bytes.
pub const ENVELOPE_BYTES_MAX: usize = 64 << 20;

const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// An envelope that does not read or does not verify.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// Not JSON, or not of the shape of an envelope.
    #[error("statement: `{0}` is missing or malformed")]
    Shape(&'static str),
    /// Signed by someone else.
    #[error("statement: signed by {found}, which is not trusted\nhint: the trusted key is {trusted}")]
    UnknownSigner {
        /// Key id in the envelope.
        found: String,
        /// Key that was expected.
        trusted: String,
    },
    /// The trusted key is named, but the signature is not its.
    #[error("statement: the signature does not verify: the statement was changed after it was signed")]
    Signature,
}

impl EnvelopeError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        Kind::Invalid
    }
}

/// A payload with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    payload: Vec<u8>,
    key_id: String,
    signature: Vec<u8>,
}

impl Envelope {
    /// Signs a statement, written as canonical JSON.
    pub fn sign(statement: &Value, key: &SignerKey) -> Self {
        let payload = statement.to_string().into_bytes();
        let signature = key.sign(&pre_authentication(&payload)).to_vec();
        Self { payload, key_id: key_id(key.verifier()), signature }
    }

    /// Reads an envelope.
    pub fn from_value(value: &Value) -> Result<Self, EnvelopeError> {
        let text = |value: &Value, name: &'static str| {
            value.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(EnvelopeError::Shape(name))
        };
        if text(value, "payloadType")? != PAYLOAD_TYPE {
            return Err(EnvelopeError::Shape("payloadType"));
        }
        let decode =
            |name: &'static str, text: &str| STANDARD.decode(text).map_err(|_| EnvelopeError::Shape(name));
        let signature = value.get("signatures").and_then(|list| list.get(0));
        let signature = signature.ok_or(EnvelopeError::Shape("signatures"))?;
        Ok(Self {
            payload: decode("payload", &text(value, "payload")?)?,
            key_id: text(signature, "keyid")?,
            signature: decode("sig", &text(signature, "sig")?)?,
        })
    }

    /// The envelope as JSON.
    pub fn to_value(&self) -> Value {
        json!({
            "payloadType": PAYLOAD_TYPE,
            "payload": STANDARD.encode(&self.payload),
            "signatures": [{ "keyid": self.key_id, "sig": STANDARD.encode(&self.signature) }],
        })
    }

    /// The signed bytes.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The statement, whoever signed it.
    pub fn statement(&self) -> Result<Value, EnvelopeError> {
        serde_json::from_slice(&self.payload).map_err(|_| EnvelopeError::Shape("payload"))
    }

    /// Checks that `trusted` signed it.
    pub fn verify(&self, trusted: &VerifierKey) -> Result<(), EnvelopeError> {
        if self.key_id != key_id(trusted) {
            let found = self.key_id.clone();
            return Err(EnvelopeError::UnknownSigner { found, trusted: trusted.to_string() });
        }
        let signed = trusted.verify(&pre_authentication(&self.payload), &self.signature);
        signed.then_some(()).ok_or(EnvelopeError::Signature)
    }
}

fn key_id(key: &VerifierKey) -> String {
    format!("{}+{}", key.name(), key.id())
}

fn pre_authentication(payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SignerKey {
        SignerKey::from_seed("example/operator".parse().unwrap(), &[seed; 32])
    }

    #[test]
    fn a_statement_verifies_with_its_key_and_no_other() {
        let envelope = Envelope::sign(&json!({"a": 1}), &key(1));
        let read = Envelope::from_value(&envelope.to_value()).unwrap();
        assert_eq!(read, envelope);
        assert!(read.verify(key(1).verifier()).is_ok());
        assert!(matches!(read.verify(key(2).verifier()), Err(EnvelopeError::UnknownSigner { .. })));
    }

    #[test]
    fn a_changed_payload_under_the_old_signature_is_caught() {
        let mut envelope = Envelope::sign(&json!({"a": 1}), &key(1));
        envelope.payload = br#"{"a":2}"#.to_vec();
        assert!(matches!(envelope.verify(key(1).verifier()), Err(EnvelopeError::Signature)));
    }
}
