//! Opaque identifiers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A string that is not an identifier of the expected shape.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{value}` is not a {what}; expected {expected}")]
pub struct InvalidId {
    what: &'static str,
    expected: &'static str,
    value: String,
}

impl InvalidId {
    pub(crate) fn of(what: &'static str, expected: &'static str, value: &str) -> Self {
        Self { what, expected, value: value.to_owned() }
    }
}

macro_rules! id_16 {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 16]);

        impl $name {
            /// Wraps 16 bytes.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes.
            pub fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse_hex(text).map(Self).ok_or_else(|| InvalidId {
                    what: $what,
                    expected: "32 hexadecimal digits",
                    value: text.to_owned(),
                })
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
    };
}

id_16!(
    /// A person as Candor knows them: random, so that it says nothing about them.
    SubjectId,
    "subject id"
);
id_16!(
    /// A conversation; derived from its tenant and the id that its source gave it.
    ConversationId,
    "conversation id"
);
id_16!(
    /// A request of a person about their rights: random.
    RequestId,
    "request id"
);
id_16!(
    /// A turn; derived from its conversation, the id that its source gave it, and its content.
    TurnId,
    "turn id"
);

impl ConversationId {
    /// The id of the conversation that a tenant's source calls `source_id`.
    ///
    /// Importing the same file twice gives the same ids, which is what makes import idempotent.
    pub fn derive(tenant: &TenantId, source_id: &str) -> Self {
        Self(derive_16(b"candor-conversation-1", &[tenant.as_str().as_bytes(), source_id.as_bytes()]))
    }
}

impl TurnId {
    /// The id of a turn from its conversation, its source's id and the canonical bytes of its content.
    pub fn derive(conversation: &ConversationId, source_id: &str, content: &[u8]) -> Self {
        Self(derive_16(b"candor-turn-1", &[conversation.as_bytes(), source_id.as_bytes(), content]))
    }
}

/// The organisation a subject belongs to: 1 to 64 of `a-z 0-9 . _ -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantId(String);

impl TenantId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The tenant where none is named: `default`.
impl Default for TenantId {
    fn default() -> Self {
        Self("default".into())
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TenantId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
        if !text.is_empty() && text.len() <= 64 && text.chars().all(allowed) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidId {
            what: "tenant name",
            expected: "1 to 64 of a-z, 0-9, `.`, `_`, `-`",
            value: text.to_owned(),
        })
    }
}

impl TryFrom<String> for TenantId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<TenantId> for String {
    fn from(id: TenantId) -> String {
        id.0
    }
}

/// The first 16 bytes of SHA-256 over a tag and length-prefixed fields, so that no two field lists collide.
fn derive_16(tag: &[u8], fields: &[&[u8]]) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(tag);
    for field in fields {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field);
    }
    let mut out = [0; 16];
    out.copy_from_slice(&hash.finalize()[..16]);
    out
}

/// `N` bytes from twice as many hexadecimal digits.
pub(crate) fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.is_ascii() {
        return None;
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = (high * 16 + low) as u8;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_prints() {
        let id = SubjectId::from_bytes([0xab; 16]);
        assert_eq!(id.to_string().parse::<SubjectId>().unwrap(), id);
    }

    #[test]
    fn field_boundaries_matter_in_derived_ids() {
        let one: TenantId = "a".parse().unwrap();
        let two: TenantId = "ab".parse().unwrap();
        assert_ne!(ConversationId::derive(&one, "bc"), ConversationId::derive(&two, "c"));
    }

    #[test]
    fn a_tenant_name_with_a_space_is_refused_with_what_is_expected() {
        let error = "two words".parse::<TenantId>().unwrap_err().to_string();
        assert!(error.contains("`two words`") && error.contains("a-z"), "{error}");
    }

    #[test]
    fn multibyte_text_of_the_right_length_is_no_id() {
        assert!("é".repeat(16).parse::<TurnId>().is_err());
    }
}
