//! What changed in the catalogue since somebody last looked: for processes that decide in memory.
//!
//! Whoever alters what decides about a person adds that person's keyed reference, which a tombstone keeps too,
//! in the same transaction; what concerns everybody adds an entry without one.

use rusqlite::{Connection, OptionalExtension};

use crate::catalogue::{CatalogueError, doing};
use crate::vault::id_16;

/// Entries that are kept; who is further behind reads everything again.
const CHANGES_KEPT: i64 = 100_000;
/// Old entries go when the sequence number is a multiple of this.
const PRUNE_EVERY: i64 = 1_000;

/// How many changes there had been when something was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sequence(pub(crate) i64);

/// What is to be read again.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    /// These people, by reference; each perhaps more than once.
    People(Vec<[u8; 16]>),
    /// Everything.
    Everything,
}

/// Enters that something about the person with an id changed: after they are written, before they are erased.
pub(crate) fn person(tx: &Connection, id: &[u8; 16]) -> Result<(), CatalogueError> {
    let next = next(tx)?;
    let entered = tx
        .prepare_cached(
            "INSERT INTO change (sequence, reference) SELECT $1, reference FROM subject WHERE id = $2",
        )
        .and_then(|mut statement| statement.execute((next, id)))
        .map_err(doing("write change of a person"))?;
    if entered == 1 { prune(tx, next) } else { Err(CatalogueError::Corrupt("a person's reference")) }
}

/// Enters that something about everybody changed.
pub(crate) fn everybody(tx: &Connection) -> Result<(), CatalogueError> {
    let next = next(tx)?;
    tx.prepare_cached("INSERT INTO change (sequence, reference) VALUES ($1, NULL)")
        .and_then(|mut statement| statement.execute([next]))
        .map_err(doing("write change"))?;
    prune(tx, next)
}

/// The newest entry is never pruned, so that no number comes twice.
fn next(tx: &Connection) -> Result<i64, CatalogueError> {
    newest(tx).map(|Sequence(last)| last + 1)
}

fn prune(tx: &Connection, next: i64) -> Result<(), CatalogueError> {
    if next % PRUNE_EVERY == 0 {
        tx.prepare_cached("DELETE FROM change WHERE sequence <= $1")
            .and_then(|mut statement| statement.execute([next - CHANGES_KEPT]))
            .map_err(doing("prune changes"))?;
    }
    Ok(())
}

/// The newest change's number; 0 before the first one.
pub(crate) fn newest(db: &Connection) -> Result<Sequence, CatalogueError> {
    db.prepare_cached("SELECT COALESCE(MAX(sequence), 0) FROM change")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map(Sequence)
        .map_err(doing("find newest change"))
}

/// What changed after `seen`.
pub(crate) fn since(db: &Connection, seen: Sequence) -> Result<Changed, CatalogueError> {
    // One that is seen is still there, or was the start: what came after it is complete.
    let there: Option<i64> = db
        .prepare_cached("SELECT 1 FROM change WHERE sequence = $1")
        .and_then(|mut statement| statement.query_row([seen.0], |row| row.get(0)).optional())
        .map_err(doing("look for change"))?;
    let oldest: i64 = db
        .prepare_cached("SELECT COALESCE(MIN(sequence), 1) FROM change")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(doing("find oldest change"))?;
    if there.is_none() && !(seen.0 == 0 && oldest == 1) {
        return Ok(Changed::Everything);
    }
    let mut statement = db
        .prepare_cached("SELECT reference FROM change WHERE sequence > $1 ORDER BY sequence")
        .map_err(doing("read changes"))?;
    let rows = statement
        .query_map([seen.0], |row| row.get::<_, Option<Vec<u8>>>(0))
        .map_err(doing("read changes"))?;
    let mut references = Vec::new();
    for row in rows {
        match row.map_err(doing("read change"))? {
            Some(reference) => references.push(id_16(reference)?),
            None => return Ok(Changed::Everything),
        }
    }
    Ok(Changed::People(references))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        let tables = "CREATE TABLE change (sequence BIGINT NOT NULL PRIMARY KEY, reference BLOB); \
                      CREATE TABLE subject (id BLOB NOT NULL PRIMARY KEY, reference BLOB NOT NULL)";
        db.execute_batch(tables).unwrap();
        for id in [[1; 16], [2; 16]] {
            db.execute(
                "INSERT INTO subject (id, reference) VALUES ($1, $2)",
                (id, id.map(|byte| byte + 100)),
            )
            .unwrap();
        }
        db
    }

    #[test]
    fn a_reader_learns_of_each_person_once_for_each_change_and_of_a_whole_change_as_everything() {
        let db = feed();
        assert_eq!(since(&db, Sequence(0)).unwrap(), Changed::People(vec![]));
        person(&db, &[1; 16]).unwrap();
        person(&db, &[2; 16]).unwrap();
        assert_eq!(since(&db, Sequence(0)).unwrap(), Changed::People(vec![[101; 16], [102; 16]]));
        assert_eq!(since(&db, Sequence(1)).unwrap(), Changed::People(vec![[102; 16]]));
        assert_eq!(person(&db, &[3; 16]).unwrap_err().kind(), candor_conversation::Kind::Corrupt);
        everybody(&db).unwrap();
        assert_eq!(since(&db, Sequence(2)).unwrap(), Changed::Everything);
        assert_eq!(since(&db, Sequence(3)).unwrap(), Changed::People(vec![]));
    }

    #[test]
    fn who_is_further_behind_than_the_feed_reaches_reads_everything() {
        let db = feed();
        for _ in 0..CHANGES_KEPT + PRUNE_EVERY {
            person(&db, &[1; 16]).unwrap();
        }
        let kept: i64 = db.query_row("SELECT COUNT(*) FROM change", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, CHANGES_KEPT);
        assert_eq!(newest(&db).unwrap(), Sequence(CHANGES_KEPT + PRUNE_EVERY));
        assert_eq!(since(&db, Sequence(0)).unwrap(), Changed::Everything);
        assert_eq!(since(&db, Sequence(PRUNE_EVERY)).unwrap(), Changed::Everything);
        let Changed::People(people) = since(&db, Sequence(PRUNE_EVERY + 1)).unwrap() else { panic!() };
        assert_eq!(people.len() as i64, CHANGES_KEPT - 1);
        let ahead = Sequence(CHANGES_KEPT + PRUNE_EVERY + 1);
        assert_eq!(since(&db, ahead).unwrap(), Changed::Everything, "an older catalogue was put back");
    }
}
