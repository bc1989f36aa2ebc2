//! The subject tree of a release: who has which rows, committed so that each person can check, and nobody else.
//!
//! ```text
//! key   = SHA-256(field("candor-subject-key-1") field(release id) field(nonce))
//! value = SHA-256(field("candor-subject-value-1") field(blind) list)
//! list  = number(rows) then for each row, in order: number(row) number(1 if it stands for another, else 0)
//! field = 8-byte big-endian length, bytes;   number = 8 bytes big-endian
//! ```
//!
//! The nonce is in the person's enrolment receipt. The opening (blind and list) is kept sealed under a key that
//! only the nonce gives, so that a person can still prove their rows after an erasure, and the operator cannot.

use candor_conversation::{CanonicalBytes, Kind};
use candor_tlog::sparse::{Key as TreeKey, SparseTree, Value as TreeValue};
use candor_vault::{Entropy, Key, keyed_hash};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A row of a release, as its author's list names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ListedRow {
    /// Its number in the release.
    pub row: u64,
    /// Whether it stands for a row of this person that was merged into it.
    pub represents: bool,
}

/// What a person's entry commits to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Hides the list from anyone who guesses it.
    pub blind: [u8; 32],
    /// The person's rows, in order.
    pub rows: Vec<ListedRow>,
}

/// An entry as the operator keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Key in the tree.
    pub key: TreeKey,
    /// Value in the tree.
    pub value: TreeValue,
    /// The opening, sealed for whoever has the nonce.
    pub sealed: Vec<u8>,
}

/// A stored list of entries that does not read.
#[derive(Debug, thiserror::Error)]
pub enum SubjectsError {
    /// The stored bytes are not a list of entries.
    #[error("the stored subject entries of the release are not what was written")]
    Stored,
    /// Two people with one key: not to be expected before the end of time.
    #[error("build subject tree")]
    Build(#[from] candor_tlog::sparse::BuildError),
}

impl SubjectsError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        Kind::Corrupt
    }
}

/// The key under which a release files a person.
pub fn subject_key(release_id: &str, nonce: &[u8; 32]) -> TreeKey {
    let mut bytes = CanonicalBytes::new("candor-subject-key-1");
    bytes.field(release_id.as_bytes()).field(nonce);
    TreeKey(Sha256::digest(bytes.into_bytes()).into())
}

impl Opening {
    /// The committed value.
    pub fn value(&self) -> TreeValue {
        let mut bytes = CanonicalBytes::new("candor-subject-value-1");
        bytes.field(&self.blind).number(self.rows.len() as u64);
        for listed in &self.rows {
            bytes.number(listed.row).number(u64::from(listed.represents));
        }
        TreeValue(Sha256::digest(bytes.into_bytes()).into())
    }
}

/// Makes a person's entry; the same secret, nonce and rows give the same key and value.
pub fn entry(
    secret: &[u8; 32],
    (release_id, nonce): (&str, &[u8; 32]),
    rows: Vec<ListedRow>,
    entropy: &mut Entropy,
) -> Entry {
    let key = subject_key(release_id, nonce);
    let blind = keyed_hash(&Key::from_bytes(*secret), "candor-subject-blind-1", &[&key.0]);
    let opening = Opening { blind, rows };
    let plain = serde_json::to_vec(&opening).unwrap_or_default();
    let sealed = opening_key(release_id, nonce).seal(&key.0, &plain, entropy);
    Entry { key, value: opening.value(), sealed }
}

/// Opens an entry with the nonce of the person it is about.
pub fn open(entry: &Entry, release_id: &str, nonce: &[u8; 32]) -> Option<Opening> {
    let plain = opening_key(release_id, nonce).open(&entry.key.0, &entry.sealed).ok()?;
    let opening: Opening = serde_json::from_slice(&plain).ok()?;
    (opening.value() == entry.value).then_some(opening)
}

/// The tree over all entries.
pub fn tree(entries: &[Entry]) -> Result<SparseTree, SubjectsError> {
    Ok(SparseTree::build(entries.iter().map(|entry| (entry.key, entry.value)).collect())?)
}

/// Entries as bytes: key, value, length and sealed opening of each, sorted by key.
pub fn to_bytes(entries: &mut [Entry]) -> Vec<u8> {
    entries.sort_by_key(|entry| entry.key.0);
    let mut bytes = Vec::new();
    for entry in entries.iter() {
        bytes.extend_from_slice(&entry.key.0);
        bytes.extend_from_slice(&entry.value.0);
        bytes.extend_from_slice(&(entry.sealed.len() as u32).to_be_bytes());
        bytes.extend_from_slice(&entry.sealed);
    }
    bytes
}

/// Reads what [`to_bytes`] wrote.
pub fn from_bytes(mut bytes: &[u8]) -> Result<Vec<Entry>, SubjectsError> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let (key, rest) = bytes.split_first_chunk::<32>().ok_or(SubjectsError::Stored)?;
        let (value, rest) = rest.split_first_chunk::<32>().ok_or(SubjectsError::Stored)?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(SubjectsError::Stored)?;
        let length = u32::from_be_bytes(*length) as usize;
        let (sealed, rest) = rest.split_at_checked(length).ok_or(SubjectsError::Stored)?;
        entries.push(Entry { key: TreeKey(*key), value: TreeValue(*value), sealed: sealed.to_vec() });
        bytes = rest;
    }
    Ok(entries)
}

fn opening_key(release_id: &str, nonce: &[u8; 32]) -> Key {
    let key = Key::from_bytes(*nonce);
    Key::from_bytes(keyed_hash(&key, "candor-subject-opening-1", &[release_id.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opening_opens_with_its_nonce_only_and_survives_storage() {
        let mut entropy = Entropy::from_seed([1; 32]);
        let rows = vec![ListedRow { row: 3, represents: false }, ListedRow { row: 9, represents: true }];
        let entry = entry(&[2; 32], ("release", &[3; 32]), rows.clone(), &mut entropy);
        let stored = from_bytes(&to_bytes(&mut [entry.clone()])).unwrap();
        assert_eq!(stored, std::slice::from_ref(&entry));
        assert_eq!(open(&entry, "release", &[3; 32]).unwrap().rows, rows);
        assert_eq!(open(&entry, "release", &[4; 32]), None);
        assert_eq!(open(&entry, "other", &[3; 32]), None);
    }
}
