//! Keys of witnesses, and what they sign.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signer as _, SigningKey};

use crate::note::{InvalidKey, KeyId, KeyKind, KeyName, NamedKey, NoteSignature, SignedNote};

/// Bytes of the time before the signature.
const TIME_BYTES: usize = 8;

/// The latest time that a cosignature can name.
const SECONDS_MAX: u64 = i64::MAX as u64;

/// The public key of a witness. `Display` and `FromStr` use the text form on the page of [`crate::witness`].
#[derive(Clone, PartialEq, Eq)]
pub struct WitnessKey(NamedKey);

/// The private key of a witness. Wiped from memory when dropped; `Debug` shows only the name.
pub struct WitnessSigner {
    signing: SigningKey,
    key: WitnessKey,
}

/// What one witness signed under a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cosignature {
    /// It did not.
    Missing,
    /// It did, at this time in seconds since 1970.
    Holds {
        /// By the witness's clock.
        at_seconds: u64,
    },
    /// A line of its key is there, and is no signature of this checkpoint.
    Wrong,
}

impl WitnessSigner {
    /// The key whose RFC 8032 private key is `seed`: 32 bytes from a good random source, used for nothing else.
    pub fn from_seed(name: KeyName, seed: &[u8; 32]) -> Self {
        let signing = SigningKey::from_bytes(seed);
        let key = WitnessKey(NamedKey::new(KeyKind::Cosignature, name, signing.verifying_key()));
        Self { signing, key }
    }

    /// The public half, to hand out.
    pub fn key(&self) -> &WitnessKey {
        &self.key
    }

    /// The signature line under a checkpoint. A witness must have judged it before, and remember that it did.
    pub fn cosign(&self, checkpoint: &SignedNote, at_seconds: u64) -> NoteSignature {
        let at_seconds = at_seconds.min(SECONDS_MAX);
        let signature = self.signing.sign(&signed_message(checkpoint, at_seconds)).to_bytes();
        let bytes = [at_seconds.to_be_bytes().as_slice(), &signature].concat();
        NoteSignature::new(self.key.name().clone(), self.key.id(), bytes)
    }
}

impl fmt::Debug for WitnessSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WitnessSigner({}, ***)", self.key.name())
    }
}

impl WitnessKey {
    /// Who signs with it.
    pub fn name(&self) -> &KeyName {
        self.0.name()
    }

    /// Its id in signature lines.
    pub fn id(&self) -> KeyId {
        self.0.id()
    }

    /// The 32 bytes of the public key, as RFC 8032 writes them.
    pub fn public(&self) -> &[u8; 32] {
        self.0.public()
    }

    /// What this witness signed under a checkpoint.
    pub fn check(&self, checkpoint: &SignedNote) -> Cosignature {
        let own = |line: &&NoteSignature| line.name() == self.name() && line.id() == self.id();
        match checkpoint.signatures().iter().find(own) {
            Some(line) => self.check_line(checkpoint, line),
            None => Cosignature::Missing,
        }
    }

    fn check_line(&self, checkpoint: &SignedNote, line: &NoteSignature) -> Cosignature {
        let Some((time, signature)) = line.bytes().split_first_chunk::<TIME_BYTES>() else {
            return Cosignature::Wrong;
        };
        let at_seconds = u64::from_be_bytes(*time);
        let holds =
            at_seconds <= SECONDS_MAX && self.0.verify(&signed_message(checkpoint, at_seconds), signature);
        if holds { Cosignature::Holds { at_seconds } } else { Cosignature::Wrong }
    }
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WitnessKey({self})")
    }
}

impl FromStr for WitnessKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        NamedKey::parse(KeyKind::Cosignature, text).map(Self)
    }
}

fn signed_message(checkpoint: &SignedNote, at_seconds: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {at_seconds}\n{}", checkpoint.unverified_text()).into_bytes()
}
