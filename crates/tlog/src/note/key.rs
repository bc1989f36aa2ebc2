//! Named Ed25519 keys that sign notes.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::hash::{parse_hex, sha256, shown};

/// The longest key name, in bytes.
pub const NAME_BYTES_MAX: usize = 256;

/// What a key signs: the first byte of its text form, and part of its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// The text of a note.
    Note = 0x01,
    /// A checkpoint, with the time: a witness.
    Cosignature = 0x04,
}

/// Who a key belongs to, such as `log.example/consent`: not empty, no space, no `+`, no control character.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(String);

/// Four bytes that tell keys of one name apart. No proof of anything: anyone can make a key with a given id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 4]);

/// A name or key that cannot be used. The message never holds a private key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Not a key name.
    #[error(
        "`{name}` is not a key name\nhint: use up to {NAME_BYTES_MAX} bytes without spaces or `+`, such as log.example/consent"
    )]
    Name {
        /// The name's start.
        name: String,
    },
    /// Not a verifier key.
    #[error("`{key}` is not a verifier key: {reason}\nhint: expected name+8 hexadecimal digits+base64")]
    Verifier {
        /// The text's start.
        key: String,
        /// What is wrong, in words.
        reason: &'static str,
    },
}

/// A private key that signs notes under a name. Wiped from memory when dropped; `Debug` shows only the name.
pub struct SignerKey {
    signing: SigningKey,
    verifier: VerifierKey,
}

/// A public key and the name it signs under.
///
/// `Display` and `FromStr` use the text form on the page of [`crate::note`].
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey(NamedKey);

/// A public key of some kind, its name, and the id that follows from all three.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NamedKey {
    kind: KeyKind,
    name: KeyName,
    id: KeyId,
    public: VerifyingKey,
}

impl SignerKey {
    /// The key whose RFC 8032 private key is `seed`: 32 bytes from a good random source.
    pub fn from_seed(name: KeyName, seed: &[u8; 32]) -> Self {
        let signing = SigningKey::from_bytes(seed);
        let verifier = VerifierKey(NamedKey::new(KeyKind::Note, name, signing.verifying_key()));
        Self { signing, verifier }
    }

    /// The public half, to hand out.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Ed25519 signature over the message as it is. Deterministic: same key and message, same bytes.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({}, ***)", self.verifier.name())
    }
}

impl VerifierKey {
    /// Names a public key.
    ///
    /// # Errors
    /// [`InvalidKey::Verifier`] when the bytes are no point of the curve or one of small order, under which
    /// signatures can be forged.
    pub fn from_public(name: KeyName, public: &[u8; 32]) -> Result<Self, InvalidKey> {
        NamedKey::from_public(KeyKind::Note, name, public).map(Self)
    }

    /// Who signs with it.
    pub fn name(&self) -> &KeyName {
        &self.0.name
    }

    /// Its id in signature lines.
    pub fn id(&self) -> KeyId {
        self.0.id
    }

    /// The 32 bytes of the public key, as RFC 8032 writes them.
    pub fn public(&self) -> &[u8; 32] {
        self.0.public()
    }

    /// Whether these 64 bytes are this key's signature over the message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify(message, signature)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

impl FromStr for VerifierKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        NamedKey::parse(KeyKind::Note, text).map(Self)
    }
}

impl NamedKey {
    pub(crate) fn new(kind: KeyKind, name: KeyName, public: VerifyingKey) -> Self {
        let hash = sha256(&[name.0.as_bytes(), b"\n", &[kind as u8], public.as_bytes()]);
        let [first, second, third, fourth, ..] = hash.0;
        Self { kind, name, id: KeyId([first, second, third, fourth]), public }
    }

    fn from_public(kind: KeyKind, name: KeyName, public: &[u8; 32]) -> Result<Self, InvalidKey> {
        let invalid = |reason| InvalidKey::Verifier { key: name.to_string(), reason };
        let point =
            VerifyingKey::from_bytes(public).map_err(|_| invalid("it is not an Ed25519 public key"))?;
        if point.is_weak() {
            return Err(invalid("it is a weak Ed25519 public key"));
        }
        Ok(Self::new(kind, name, point))
    }

    /// Reads a key of one kind and refuses the others.
    pub(crate) fn parse(kind: KeyKind, text: &str) -> Result<Self, InvalidKey> {
        let invalid = |reason| InvalidKey::Verifier { key: shown(text), reason };
        // Base64 may hold `+`, a name may not.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(base64)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(invalid("it has fewer than three parts"));
        };
        let id = parse_hex(id).map(KeyId).ok_or(invalid("its id is not 8 lower-case hexadecimal digits"))?;
        let typed = STANDARD.decode(base64).map_err(|_| invalid("its key is not base64"))?;
        let (found, public) = typed.split_first().ok_or(invalid("its key is empty"))?;
        if *found != kind as u8 {
            return Err(invalid(match kind {
                KeyKind::Note => "its signature type is not 1, Ed25519",
                KeyKind::Cosignature => "its signature type is not 4, the Ed25519 cosignature of a witness",
            }));
        }
        let public = public.try_into().map_err(|_| invalid("its key is not 32 bytes"))?;
        let key = Self::from_public(kind, name.parse()?, public)?;
        if key.id == id { Ok(key) } else { Err(invalid("its id does not belong to its name and key")) }
    }

    pub(crate) fn name(&self) -> &KeyName {
        &self.name
    }

    pub(crate) fn id(&self) -> KeyId {
        self.id
    }

    pub(crate) fn public(&self) -> &[u8; 32] {
        self.public.as_bytes()
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.public.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Display for NamedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = [&[self.kind as u8], self.public.as_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, self.id, STANDARD.encode(typed))
    }
}

impl KeyName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = InvalidKey;

    fn from_str(name: &str) -> Result<Self, InvalidKey> {
        let forbidden = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if name.is_empty() || name.len() > NAME_BYTES_MAX || name.contains(forbidden) {
            return Err(InvalidKey::Name { name: shown(name) });
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
