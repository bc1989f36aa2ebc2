//! What the vault keeps for releases: their list, and the operator's sealed records about them.

use candor_conversation::Timestamp;
use candor_tlog::tree::LeafIndex;

use crate::catalogue::{CatalogueError, Db, Row, Tx, values};
use crate::log;
use crate::{Entropy, Vault, VaultError, durable};

/// A release as the catalogue knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseRow {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// The time it decided at.
    pub as_of: Timestamp,
    /// Where the log holds it.
    pub log_position: LeafIndex,
    /// Its signed statement.
    pub statement: String,
}

impl Vault {
    /// Enters a release: from now on its name is taken and the log holds `entry` (canonical JSON, public).
    pub fn enter_release(&mut self, row: &ReleaseRow, entry: &str) -> Result<LeafIndex, VaultError> {
        if self.release(&row.name)?.is_some() {
            return Err(VaultError::ReleaseExists(row.name.clone()));
        }
        let tx = self.db.begin("enter release")?;
        let position = log::add(&tx, entry.as_bytes())?;
        tx.execute(
            "write release",
            "INSERT INTO release (name, id, as_of, log_position, statement) VALUES ($1, $2, $3, $4, $5)",
            values![&row.name, &row.id, row.as_of.millis(), position.0 as i64, &row.statement],
        )?;
        tx.commit()?;
        durable::step("release-committed");
        self.log.catch_up(&self.db)?;
        Ok(position)
    }

    /// The release with a name, if there is one.
    pub fn release(&self, name: &str) -> Result<Option<ReleaseRow>, VaultError> {
        let sql = "SELECT name, id, as_of, log_position, statement FROM release WHERE name = $1";
        Ok(self.db.first("read release", sql, values![name], release_row)?)
    }

    /// All releases, oldest first.
    pub fn releases(&self) -> Result<Vec<ReleaseRow>, VaultError> {
        releases(&self.db)
    }

    /// Writes a record that only the operator reads, sealed under the store key.
    pub fn write_record(&self, path: &str, plain: &[u8], entropy: &mut Entropy) -> Result<(), VaultError> {
        let sealed = self.keys.store_key("record").seal(path.as_bytes(), plain, entropy);
        Ok(self.objects.put(path, sealed)?)
    }

    /// Reads a record that [`Vault::write_record`] wrote.
    pub fn read_record(&self, path: &str) -> Result<Vec<u8>, VaultError> {
        let sealed = self.objects.read(path)?;
        Ok(self.keys.store_key("record").open(path.as_bytes(), &sealed)?)
    }

    /// Destroys a record; one that is not there is no error.
    pub fn destroy_record(&self, path: &str) -> Result<(), VaultError> {
        Ok(self.objects.remove(path)?)
    }

    /// The secret that makes a release's bytes reproducible and unlinkable.
    pub fn release_secret(&self, name: &str) -> [u8; 32] {
        self.keys.release_secret(name)
    }
}

/// The setting that says when the newest record was made.
pub(crate) const NEWEST_RECORD: &str = "newest_record";

/// Refuses a time before the newest record's: it would let a choice claim to be on record before a turn that was
/// said first. From then on `now` is the newest.
pub(crate) fn advance_clock(tx: &Tx<'_>, now: Timestamp) -> Result<(), VaultError> {
    check_clock(tx, now)?;
    Ok(write_setting(tx, NEWEST_RECORD, now.millis())?)
}

/// Refuses a time before the newest record's.
pub(crate) fn check_clock(db: &Db, now: Timestamp) -> Result<(), VaultError> {
    let newest = setting(db, NEWEST_RECORD)?.map(Timestamp::from_millis);
    match newest.filter(|newest| *newest > now) {
        Some(newest) => Err(VaultError::ClockBehind { now, newest }),
        None => Ok(()),
    }
}

/// A stored setting that is a number.
pub(crate) fn setting(db: &Db, name: &str) -> Result<Option<i64>, CatalogueError> {
    let sql = "SELECT value FROM setting WHERE name = $1";
    let value = db.first("read setting", sql, values![name], |row| row.get::<String>(0))?;
    value.map(|text| text.parse()).transpose().map_err(|_| CatalogueError::Corrupt("a setting"))
}

/// Stores a setting that is a number.
pub(crate) fn write_setting(tx: &Tx<'_>, name: &str, number: i64) -> Result<(), CatalogueError> {
    let sql = "INSERT INTO setting (name, value) VALUES ($1, $2) \
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.execute("write setting", sql, values![name, &number.to_string()]).map(|_| ())
}

/// All releases, oldest first.
pub(crate) fn releases(db: &Db) -> Result<Vec<ReleaseRow>, VaultError> {
    let sql = "SELECT name, id, as_of, log_position, statement FROM release ORDER BY log_position";
    Ok(db.all("list releases", sql, values![], release_row)?)
}

fn release_row(row: &Row<'_>) -> Result<ReleaseRow, CatalogueError> {
    Ok(ReleaseRow {
        name: row.get(0)?,
        id: row.get(1)?,
        as_of: Timestamp::from_millis(row.get(2)?),
        log_position: LeafIndex(row.get(3)?),
        statement: row.get(4)?,
    })
}
