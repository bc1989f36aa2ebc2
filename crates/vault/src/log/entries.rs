//! The log's entries in the catalogue, from which its files are made.

use candor_tlog::tile::{ENTRY_BYTES_MAX, EntryTooLong};
use candor_tlog::tree::{LeafIndex, TreeSize};

use super::LogError;
use crate::catalogue::{CatalogueError, Db, Tx, values};

/// Adds an entry at the end, within the transaction of the act that it records.
pub(crate) fn add(tx: &Tx<'_>, entry: &[u8]) -> Result<LeafIndex, LogError> {
    if entry.len() > ENTRY_BYTES_MAX {
        return Err(EntryTooLong { bytes: entry.len() }.into());
    }
    let TreeSize(position) = count(tx)?;
    let sql = "INSERT INTO log_entry (position, entry) VALUES ($1, $2)";
    tx.execute("add log entry", sql, values![position as i64, entry])?;
    Ok(LeafIndex(position))
}

/// How many entries there are.
pub(crate) fn count(db: &Db) -> Result<TreeSize, CatalogueError> {
    let sql = "SELECT COALESCE(MAX(position) + 1, 0) FROM log_entry";
    let count: i64 = db.one("count log entries", sql, values![])?;
    Ok(TreeSize(count as u64))
}

/// The entries from a position on, as many as asked for if there are as many.
pub(super) fn from(db: &Db, first: u64, most: u64) -> Result<Vec<Vec<u8>>, CatalogueError> {
    let sql = "SELECT entry FROM log_entry WHERE position >= $1 AND position < $2 ORDER BY position";
    let (first, end) = (first as i64, first.saturating_add(most) as i64);
    db.all("read log entries", sql, values![first, end], |row| row.get(0))
}
