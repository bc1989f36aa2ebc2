//! Authenticated encryption: XChaCha20-Poly1305 with random nonces.
//!
//! A sealed value is `nonce (24) ‖ ciphertext ‖ tag (16)`. The associated data binds it to its place, so that
//! a blob moved to another subject, conversation or schema does not open.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::ZeroizeOnDrop;

use crate::Entropy;

const NONCE_BYTES: usize = 24;

/// A 256-bit key; wiped from memory when dropped, never printed.
#[derive(Clone, ZeroizeOnDrop, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(***)")
    }
}

/// A sealed value did not open: wrong key, wrong place, or changed bytes.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the sealed value does not open with this key")]
pub struct DoesNotOpen;

impl Key {
    /// A new random key.
    pub fn random(entropy: &mut Entropy) -> Self {
        Self(entropy.bytes())
    }

    /// Wraps 32 bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Encrypts, bound to `place`.
    pub fn seal(&self, place: &[u8], plain: &[u8], entropy: &mut Entropy) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = entropy.bytes();
        let payload = Payload { msg: plain, aad: place };
        // The cipher fails only for messages beyond 256 GiB, which no caller can hold; an empty blob of that
        // case would not open, so nothing could be read wrongly.
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        [&nonce[..], &sealed].concat()
    }

    /// Decrypts what [`Key::seal`] made for the same `place`.
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, DoesNotOpen> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(DoesNotOpen)?;
        let payload = Payload { msg: body, aad: place };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).map_err(|_| DoesNotOpen)
    }

    /// Encrypts another key.
    pub fn wrap(&self, place: &[u8], key: &Key, entropy: &mut Entropy) -> Vec<u8> {
        self.seal(place, &key.0, entropy)
    }

    /// Decrypts a wrapped key.
    pub fn unwrap(&self, place: &[u8], wrapped: &[u8]) -> Result<Key, DoesNotOpen> {
        let plain = self.open(place, wrapped)?;
        plain.try_into().map(Key).map_err(|_| DoesNotOpen)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_with_its_key_in_its_place_unchanged() {
        let mut entropy = Entropy::from_seed([1; 32]);
        let (key, other) = (Key::random(&mut entropy), Key::random(&mut entropy));
        let mut sealed = key.seal(b"here", b"plain", &mut entropy);
        assert_eq!(key.open(b"here", &sealed).unwrap(), b"plain");
        assert_eq!(key.open(b"there", &sealed), Err(DoesNotOpen));
        assert_eq!(other.open(b"here", &sealed), Err(DoesNotOpen));
        for position in 0..sealed.len() {
            sealed[position] ^= 1;
            assert_eq!(key.open(b"here", &sealed), Err(DoesNotOpen), "byte {position}");
            sealed[position] ^= 1;
        }
        assert_eq!(key.open(b"here", b"short"), Err(DoesNotOpen));
    }

    #[test]
    fn a_key_does_not_print_itself() {
        assert_eq!(format!("{:?}", Key::from_bytes([7; 32])), "Key(***)");
    }
}
