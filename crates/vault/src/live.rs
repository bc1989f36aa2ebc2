//! Reading what decides, beside the process that has the vault.
//!
//! A serving process cannot have the vault to itself: choices are made and people erased by others at the same
//! time. [`Live`] takes no lock and only reads; what it read, a [`Policy`], answers in memory, and
//! [`Live::refresh`] brings it up to date by what changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::capture::KnownTurns;
use crate::catalogue::{self, CatalogueError, Db, values};
use crate::change::{self, Changed, Sequence};
use crate::keys::{Index, KeyChain, KeyError};
use crate::people::{Known, SUBJECT_COLUMNS, known_by_reference, subject_reference, subject_row};
use crate::person::person;
use crate::vault::notices;
use crate::{Author, Vault, VaultError};

mod policy;
mod tallies;

pub use policy::Policy;
pub use tallies::Tallies;

/// People who are read in one transaction: a longer one would keep a write-ahead log from being emptied.
const PAGE_PEOPLE: i64 = 2_000;
/// How often something is read again because keys were replaced in between.
const KEY_ATTEMPTS_MAX: u32 = 5;

/// A reader of a data directory that others work on.
///
/// It keeps no key of an epoch: each reading takes the key chain from disk and forgets it.
pub struct Live {
    keys: PathBuf,
    pub(crate) db: Db,
    index: Arc<Index>,
    /// The database's version when it was last looked at, and the newest change then.
    seen: Option<(i64, Sequence)>,
}

impl Live {
    /// Opens a data directory to read, without taking it away from anybody.
    pub fn open(root: &Path) -> Result<Self, VaultError> {
        if !Vault::is_at(root) {
            return Err(VaultError::NotThere(root.to_owned()));
        }
        let keys = root.join("keys");
        let index = Arc::new(KeyChain::read(&keys)?.index().clone());
        Ok(Self { keys, db: catalogue::open_to_read(root)?, index, seen: None })
    }

    /// Everything that decides, as of now.
    pub fn policy(&mut self) -> Result<Policy, VaultError> {
        let mut policy = self.read_everything()?;
        // What changed while it was read page by page.
        self.refresh(&mut policy)?;
        Ok(policy)
    }

    /// Brings a policy up to date; whether anything in it changed. Takes microseconds when nothing was written to
    /// the catalogue since the last time.
    pub fn refresh(&mut self, policy: &mut Policy) -> Result<bool, VaultError> {
        let version = self.db.version()?;
        if self.seen == Some((version, policy.sequence)) {
            return Ok(false);
        }
        let before = policy.sequence;
        if !self.read_changed(policy)? {
            *policy = self.read_everything()?;
        }
        self.seen = Some((version, policy.sequence));
        Ok(policy.sequence != before)
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// The turns of a conversation that are in the vault.
    pub(crate) fn known_turns(&self, reference: &[u8; 16]) -> Result<KnownTurns, CatalogueError> {
        KnownTurns::read(&self.db, reference)
    }

    /// Reads the people who changed; `false` if everything must be read.
    fn read_changed(&self, policy: &mut Policy) -> Result<bool, VaultError> {
        let (newest, authors) = self.at_one_moment(|db| {
            let Changed::People(mut people) = change::since(db, policy.sequence)? else {
                return Ok((policy.sequence, None));
            };
            people.sort_unstable();
            people.dedup();
            if people.is_empty() {
                return Ok((policy.sequence, Some(Vec::new())));
            }
            let keys = KeyChain::read(&self.keys)?;
            let read = |reference: [u8; 16]| Ok((reference, author(db, &keys, &reference)?));
            let authors = people.into_iter().map(read).collect::<Result<Vec<_>, VaultError>>()?;
            Ok((change::newest(db)?, Some(authors)))
        })?;
        let Some(authors) = authors else { return Ok(false) };
        for (reference, author) in authors {
            policy.set(reference, author);
        }
        policy.sequence = newest;
        Ok(true)
    }

    /// Reads everything, page by page. What changes meanwhile comes after its sequence number.
    fn read_everything(&self) -> Result<Policy, VaultError> {
        let sequence = change::newest(&self.db)?;
        let mut policy = Policy::new(self.index.clone(), notices(&self.db)?, sequence);
        for erased in self.tombstones()? {
            policy.set(erased, Author::Erased);
        }
        let mut after = Vec::new();
        loop {
            let page = self.at_one_moment(|db| self.page(db, &after))?;
            let Some((last, _)) = page.last() else { return Ok(policy) };
            after = last.to_vec();
            for (reference, author) in page {
                policy.set(reference, author);
            }
        }
    }

    /// The people whose references come after one.
    fn page(&self, db: &Db, after: &[u8]) -> Result<Vec<([u8; 16], Author)>, VaultError> {
        let keys = KeyChain::read(&self.keys)?;
        let sql =
            format!("SELECT {SUBJECT_COLUMNS} FROM subject WHERE reference > $1 ORDER BY reference LIMIT $2");
        let rows = db.all("read subjects", &sql, values![after, PAGE_PEOPLE], subject_row)?;
        let mut page = Vec::with_capacity(rows.len());
        for row in rows {
            let subject = row.open(&keys)?;
            let reference = subject_reference(&self.index, &subject.tenant, &subject.profile.name);
            page.push((reference, Author::Person(Arc::new(person(db, subject)?))));
        }
        Ok(page)
    }

    fn tombstones(&self) -> Result<Vec<[u8; 16]>, CatalogueError> {
        self.db.all("read tombstones", "SELECT reference FROM tombstone", values![], |row| row.get(0))
    }

    /// Reads in one transaction, and again if a rotation replaced the keys between the reading of rows and keys.
    fn at_one_moment<T>(&self, read: impl Fn(&Db) -> Result<T, VaultError>) -> Result<T, VaultError> {
        let mut attempt = 1;
        loop {
            match read(&*self.db.moment("begin to read people")?) {
                Err(VaultError::Key(KeyError::EpochGone(_) | KeyError::File { .. }))
                    if attempt < KEY_ATTEMPTS_MAX =>
                {
                    attempt += 1;
                }
                other => return other,
            }
        }
    }
}

/// Whom a reference stands for.
fn author(db: &Db, keys: &KeyChain, reference: &[u8; 16]) -> Result<Author, VaultError> {
    Ok(match known_by_reference(db, keys, reference)? {
        Known::Subject(subject) => Author::Person(Arc::new(person(db, *subject)?)),
        Known::Erased => Author::Erased,
        Known::Nobody => Author::Nobody,
    })
}
