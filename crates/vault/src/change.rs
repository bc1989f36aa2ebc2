//! What changed in the catalogue since somebody last looked: for processes that decide in memory.
//!
//! Whoever alters what decides about a person adds that person's keyed reference, which a tombstone keeps too,
//! in the same transaction; what concerns everybody adds an entry without one.

use crate::catalogue::{CatalogueError, Db, Tx, values};

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
pub(crate) fn person(tx: &Tx<'_>, id: &[u8; 16]) -> Result<(), CatalogueError> {
    let next = next(tx)?;
    let entered = tx.execute(
        "write change of a person",
        "INSERT INTO change (sequence, reference) SELECT $1, reference FROM subject WHERE id = $2",
        values![next, id],
    )?;
    if entered == 1 { prune(tx, next) } else { Err(CatalogueError::Corrupt("a person's reference")) }
}

/// Enters that something about everybody changed.
pub(crate) fn everybody(tx: &Tx<'_>) -> Result<(), CatalogueError> {
    let next = next(tx)?;
    let sql = "INSERT INTO change (sequence, reference) VALUES ($1, NULL)";
    tx.execute("write change", sql, values![next])?;
    prune(tx, next)
}

/// The newest entry is never pruned, so that no number comes twice.
fn next(tx: &Db) -> Result<i64, CatalogueError> {
    newest(tx).map(|Sequence(last)| last + 1)
}

fn prune(tx: &Tx<'_>, next: i64) -> Result<(), CatalogueError> {
    if next % PRUNE_EVERY == 0 {
        let oldest_kept = next - CHANGES_KEPT;
        tx.execute("prune changes", "DELETE FROM change WHERE sequence <= $1", values![oldest_kept])?;
    }
    Ok(())
}

/// The newest change's number; 0 before the first one.
pub(crate) fn newest(db: &Db) -> Result<Sequence, CatalogueError> {
    db.one("find newest change", "SELECT COALESCE(MAX(sequence), 0) FROM change", values![]).map(Sequence)
}

/// What changed after `seen`.
pub(crate) fn since(db: &Db, seen: Sequence) -> Result<Changed, CatalogueError> {
    // One that is seen is still there, or was the start: what came after it is complete.
    let there = "SELECT EXISTS (SELECT 1 FROM change WHERE sequence = $1)";
    let is_there: bool = db.one("look for change", there, values![seen.0])?;
    let oldest: i64 =
        db.one("find oldest change", "SELECT COALESCE(MIN(sequence), 1) FROM change", values![])?;
    let is_complete = is_there || (seen.0 == 0 && oldest == 1);
    if !is_complete {
        return Ok(Changed::Everything);
    }
    let sql = "SELECT reference FROM change WHERE sequence > $1 ORDER BY sequence";
    let references: Vec<Option<[u8; 16]>> = db.all("read changes", sql, values![seen.0], |row| row.get(0))?;
    let people: Option<Vec<[u8; 16]>> = references.into_iter().collect();
    Ok(people.map_or(Changed::Everything, Changed::People))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::tests::on_each_catalogue;

    /// A catalogue with two people.
    fn on_each_feed(test: impl Fn(&mut Db)) {
        on_each_catalogue(|db| {
            let tx = db.begin("enrol").unwrap();
            let sql = "INSERT INTO subject (id, reference, tag, tenant, epoch, wrapped_key, sealed_profile, \
                       sealed_enrolment, enrolled_at, log_position) VALUES ($1, $2, $3, 'home', 1, $4, $5, $6, 0, 0)";
            for id in [[1; 16], [2; 16]] {
                let reference = id.map(|byte| byte + 100);
                tx.execute("enrol", sql, values![&id, &reference, &id, &id, &id, &id]).unwrap();
            }
            tx.commit().unwrap();
            test(db);
        });
    }

    fn enter(
        db: &mut Db,
        entry: impl FnOnce(&Tx<'_>) -> Result<(), CatalogueError>,
    ) -> Result<(), CatalogueError> {
        let tx = db.begin("enter change")?;
        entry(&tx)?;
        tx.commit()
    }

    #[test]
    fn a_reader_learns_of_each_person_once_for_each_change_and_of_a_whole_change_as_everything() {
        on_each_feed(|db| {
            assert_eq!(since(db, Sequence(0)).unwrap(), Changed::People(vec![]));
            enter(db, |tx| person(tx, &[1; 16])).unwrap();
            enter(db, |tx| person(tx, &[2; 16])).unwrap();
            assert_eq!(since(db, Sequence(0)).unwrap(), Changed::People(vec![[101; 16], [102; 16]]));
            assert_eq!(since(db, Sequence(1)).unwrap(), Changed::People(vec![[102; 16]]));
            let nobody = enter(db, |tx| person(tx, &[3; 16])).unwrap_err();
            assert_eq!(nobody.kind(), candor_conversation::Kind::Corrupt);
            enter(db, everybody).unwrap();
            assert_eq!(since(db, Sequence(2)).unwrap(), Changed::Everything);
            assert_eq!(since(db, Sequence(3)).unwrap(), Changed::People(vec![]));
        });
    }

    #[test]
    fn who_is_further_behind_than_the_feed_reaches_reads_everything() {
        on_each_feed(|db| {
            enter(db, |tx| {
                person(tx, &[1; 16])?;
                while newest(tx)?.0 < CHANGES_KEPT {
                    let so_far = newest(tx)?.0;
                    let twice = "INSERT INTO change (sequence, reference) \
                                 SELECT sequence + $1, reference FROM change WHERE sequence <= $2";
                    tx.execute("enter twice as many", twice, values![so_far, CHANGES_KEPT - so_far])?;
                }
                (0..PRUNE_EVERY).try_for_each(|_| person(tx, &[1; 16]))
            })
            .unwrap();
            let kept: i64 = db.one("count", "SELECT COUNT(*) FROM change", values![]).unwrap();
            assert_eq!(kept, CHANGES_KEPT);
            assert_eq!(newest(db).unwrap(), Sequence(CHANGES_KEPT + PRUNE_EVERY));
            assert_eq!(since(db, Sequence(0)).unwrap(), Changed::Everything);
            assert_eq!(since(db, Sequence(PRUNE_EVERY)).unwrap(), Changed::Everything);
            let Changed::People(people) = since(db, Sequence(PRUNE_EVERY + 1)).unwrap() else { panic!() };
            assert_eq!(people.len() as i64, CHANGES_KEPT - 1);
            let ahead = Sequence(CHANGES_KEPT + PRUNE_EVERY + 1);
            assert_eq!(since(db, ahead).unwrap(), Changed::Everything, "an older catalogue was put back");
        });
    }
}
