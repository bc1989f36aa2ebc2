//! Virtual keys: made at random, held as hashes, found without telling by time which one was nearly right.

use std::collections::HashSet;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_conversation::TenantId;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use super::settings::{KeyHash, KeySettings, UpstreamCredential};
use super::{IdentityError, is_name};
use crate::hex;

/// How every virtual key begins, so that one is known wherever it turns up, and never goes upstream.
const PREFIX: &[u8] = b"cdr_";
/// The prefix and 32 bytes in base64url.
const KEY_BYTES: usize = PREFIX.len() + 43;
/// Most keys that one gateway holds.
const KEYS_MAX: usize = 100_000;

/// What a virtual key stands for; neither key nor hash.
pub struct KeyRecord {
    /// What it is called in logs and metrics.
    pub name: String,
    /// The tenant for whom it speaks.
    pub tenant: TenantId,
    /// The one person who uses it, if it is one.
    pub subject: Option<String>,
    /// Whether the body may say who is speaking.
    pub hints: bool,
    /// Requests a minute, if limited.
    pub requests_per_minute: Option<NonZeroU32>,
    /// Whose credential goes upstream.
    pub upstream: UpstreamCredential,
}

/// Shows nothing of the person: a name may be an e-mail address.
impl fmt::Debug for KeyRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRecord")
            .field("name", &self.name)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

/// A new key from 32 random bytes, and its SHA-256 in hexadecimal digits, which is what settings hold.
///
/// A fast hash without salt is enough, because the key is 256 random bits: there is nothing to guess.
pub fn new_key(bytes: [u8; 32]) -> (String, String) {
    let key = format!("cdr_{}", URL_SAFE_NO_PAD.encode(bytes));
    let hash = hex::encode(&Sha256::digest(key.as_bytes()));
    (key, hash)
}

/// A new key for the operator, from 32 random bytes, and its hash. It begins like a virtual key, so that it never goes
/// upstream where somebody mistakes it for one.
pub fn new_operator_key(bytes: [u8; 32]) -> (String, KeyHash) {
    let key = format!("cdr_operator_{}", URL_SAFE_NO_PAD.encode(bytes));
    let hash = KeyHash::of(key.as_bytes());
    (key, hash)
}

/// What a new virtual key is to stand for.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What it is called in logs and metrics.
    pub name: String,
    /// The tenant for whom it speaks; the default one, if not set.
    pub tenant: Option<TenantId>,
    /// The one person who uses it; several people, if not set.
    pub subject: Option<String>,
    /// Whether the body may say who is speaking.
    #[serde(default)]
    pub hints: bool,
    /// Requests a minute; no limit if not set.
    pub requests_per_minute: Option<NonZeroU32>,
    /// Whose credential goes upstream.
    #[serde(default)]
    pub upstream: UpstreamCredential,
}

impl NewKey {
    /// The key, from 32 random bytes, and what settings hold of it.
    pub fn make(self, default_tenant: &TenantId, bytes: [u8; 32]) -> (String, KeySettings) {
        let (key, hash) = new_key(bytes);
        let settings = KeySettings {
            name: self.name,
            tenant: self.tenant.unwrap_or_else(|| default_tenant.clone()),
            sha256: hash.into(),
            subject: self.subject,
            hints: self.hints,
            requests_per_minute: self.requests_per_minute,
            upstream: self.upstream,
        };
        (key, settings)
    }
}

impl KeyHash {
    /// The hash of a key.
    fn of(key: &[u8]) -> Self {
        Self(Some(Sha256::digest(key).into()))
    }

    /// Whether it is the hash of this key, told without a hint by time of how much of it is right.
    pub(crate) fn is_of(self, key: &[u8]) -> bool {
        let hash: [u8; 32] = Sha256::digest(key).into();
        self.0.is_some_and(|known| known.ct_eq(&hash).into())
    }
}

/// Whether a credential claims to be a virtual key.
pub(super) fn is_virtual(credential: &[u8]) -> bool {
    credential.starts_with(PREFIX)
}

/// All keys, by hash.
pub(super) struct Keys {
    sorted: Vec<([u8; 32], Arc<KeyRecord>)>,
}

impl Keys {
    pub(super) fn new(settings: &[KeySettings]) -> Result<Self, IdentityError> {
        if settings.len() > KEYS_MAX {
            return Err(IdentityError::TooMany { what: "keys", count: settings.len(), max: KEYS_MAX });
        }
        let mut names = HashSet::new();
        let mut sorted = Vec::with_capacity(settings.len());
        for key in settings {
            let wrong = |problem| IdentityError::Key { name: key.name.clone(), problem };
            if !is_name(&key.name) || !names.insert(key.name.as_str()) {
                return Err(wrong("the name is empty, too long or given twice"));
            }
            if key.subject.as_deref().is_some_and(|subject| !is_name(subject)) {
                return Err(wrong("the subject is empty or too long"));
            }
            let hash = key.sha256.0.ok_or_else(|| wrong(NO_HASH))?;
            sorted.push((hash, Arc::new(record(key))));
        }
        sorted.sort_by_key(|(hash, _)| *hash);
        if let Some([_, (_, second)]) = sorted.array_windows().find(|[first, second]| first.0 == second.0) {
            return Err(IdentityError::Key {
                name: second.name.clone(),
                problem: "another key has the same hash",
            });
        }
        Ok(Self { sorted })
    }

    /// What a key stands for.
    ///
    /// The first two bytes of its hash choose where to look, and everything there is compared in full. So time
    /// tells at most whether some key's hash begins with two bytes that a caller cannot choose.
    pub(super) fn find(&self, key: &[u8]) -> Option<Arc<KeyRecord>> {
        if key.len() != KEY_BYTES {
            return None;
        }
        let hash: [u8; 32] = Sha256::digest(key).into();
        let start = self.sorted.partition_point(|(other, _)| other[..2] < hash[..2]);
        let mut found = None;
        for (other, record) in self.sorted[start..].iter().take_while(|(other, _)| other[..2] == hash[..2]) {
            if bool::from(other.ct_eq(&hash)) {
                found = Some(record);
            }
        }
        found.cloned()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<KeyRecord>> {
        self.sorted.iter().map(|(_, record)| record)
    }
}

const NO_HASH: &str =
    "sha256 is not 64 hexadecimal digits\nhint: it is the SHA-256 of the key, never the key";

fn record(key: &KeySettings) -> KeyRecord {
    KeyRecord {
        name: key.name.clone(),
        tenant: key.tenant.clone(),
        subject: key.subject.clone(),
        hints: key.hints,
        requests_per_minute: key.requests_per_minute,
        upstream: key.upstream,
    }
}
