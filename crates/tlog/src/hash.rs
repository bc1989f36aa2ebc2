//! SHA-256 hashes, and the two hashes of an RFC 6962 tree.
//!
//! | what | bytes hashed with SHA-256 |
//! | --- | --- |
//! | leaf | `0x00 ‖ entry` |
//! | node | `0x01 ‖ left (32) ‖ right (32)` |
//! | empty tree | nothing |
//!
//! Source: RFC 6962 section 2.1, the same in RFC 9162 section 2.1.1. The first byte keeps a leaf from being
//! passed off as a node.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Length of every hash of this crate, in bytes.
pub const HASH_BYTES: usize = 32;

/// How many bytes of an unusable value an error repeats.
const SHOWN_BYTES_MAX: usize = 80;

/// A SHA-256 hash.
///
/// `Display` and `FromStr` use 64 lower-case hexadecimal digits; [`Hash::to_base64`] is the form in checkpoints.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; HASH_BYTES]);

/// A text that is not a hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not a hash; expected {expected}")]
pub struct InvalidHash {
    value: String,
    expected: &'static str,
}

/// Hash of an entry as a leaf: SHA-256(`0x00 ‖ entry`).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    sha256(&[&[0x00], entry])
}

/// Hash of an inner node: SHA-256(`0x01 ‖ left ‖ right`).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[0x01], &left.0, &right.0])
}

/// Root of the tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// Hashes the pieces one after another, with nothing between them.
pub(crate) fn sha256(pieces: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for piece in pieces {
        hasher.update(piece);
    }
    Hash(hasher.finalize().into())
}

/// The start of an unusable input, for an error message.
pub(crate) fn shown(value: &str) -> String {
    if value.len() <= SHOWN_BYTES_MAX {
        return value.to_owned();
    }
    let end = (0..=SHOWN_BYTES_MAX).rev().find(|&at| value.is_char_boundary(at)).unwrap_or(0);
    format!("{}…", &value[..end])
}

impl Hash {
    /// Standard base64 (RFC 4648 section 4) with padding: 44 characters.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// Reads what [`Hash::to_base64`] writes and nothing else.
    ///
    /// # Errors
    /// [`InvalidHash`] for any other length, alphabet, padding or unused bits that are not zero.
    pub fn from_base64(text: &str) -> Result<Self, InvalidHash> {
        let invalid =
            || InvalidHash { value: shown(text), expected: "44 characters of standard base64, 32 bytes" };
        if text.len() != HASH_BYTES.div_ceil(3) * 4 {
            return Err(invalid());
        }
        let bytes = STANDARD.decode(text).map_err(|_| invalid())?;
        <[u8; HASH_BYTES]>::try_from(bytes).map(Hash).map_err(|_| invalid())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, third, fourth, ..] = self.0;
        write!(f, "{first:02x}{second:02x}{third:02x}{fourth:02x}…")
    }
}

impl FromStr for Hash {
    type Err = InvalidHash;

    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        parse_hex(text)
            .map(Hash)
            .ok_or_else(|| InvalidHash { value: shown(text), expected: "64 lower-case hexadecimal digits" })
    }
}

/// Reads exactly two lower-case hexadecimal digits a byte.
pub(crate) fn parse_hex<const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    let digits = text.as_bytes();
    if digits.len() != BYTES * 2 {
        return None;
    }
    let mut bytes = [0; BYTES];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = hex_digit(pair[0])? << 4 | hex_digit(pair[1])?;
    }
    Some(bytes)
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
