//! How the tables came to be as they are: numbered steps, each applied once, in order, and never undone.
//!
//! A step that was released never changes; what must change is another step. The catalogue holds the digest of each
//! that was applied to it, so that a program which would read it otherwise than it was written notices.

use sha2::{Digest, Sha256};

use super::CatalogueError;
use super::sql::{Db, values};
use crate::durable;

/// A step.
struct Migration {
    name: &'static str,
    /// Statements in the part of SQL that both databases share; `BLOB` stands for bytes.
    sql: &'static str,
}

/// All steps; the first has number 1.
const MIGRATIONS: &[Migration] =
    &[Migration { name: "catalogue", sql: include_str!("migrations/0001-catalogue.sql") }];

const TABLE: &str = "schema_version";
const MAKE_TABLE: &str = "CREATE TABLE schema_version (
    number BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    digest BLOB NOT NULL,               -- SHA-256 of the step's statements
    program TEXT NOT NULL               -- version of the program that applied it
)";

impl Migration {
    fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.sql).into()
    }
}

/// Whether there is a catalogue.
pub(super) fn is_begun(db: &Db) -> Result<bool, CatalogueError> {
    db.has_table(TABLE)
}

/// Makes the tables of a new catalogue.
pub(super) fn begin(db: &mut Db) -> Result<(), CatalogueError> {
    make_table(db)?;
    bring_forward(db)
}

/// Applies the steps that are missing, each in a transaction of its own.
pub(super) fn bring_forward(db: &mut Db) -> Result<(), CatalogueError> {
    apply(db, MIGRATIONS)
}

fn make_table(db: &mut Db) -> Result<(), CatalogueError> {
    let tx = db.begin("make tables")?;
    tx.run("make tables", MAKE_TABLE)?;
    tx.commit()
}

fn apply(db: &mut Db, migrations: &[Migration]) -> Result<(), CatalogueError> {
    for (number, migration) in (1_i64..).zip(migrations).skip(applied(db, migrations)?) {
        let tx = db.begin("migrate")?;
        tx.run("migrate", migration.sql)?;
        let sql = "INSERT INTO schema_version (number, name, digest, program) VALUES ($1, $2, $3, $4)";
        let (digest, program) = (migration.digest(), env!("CARGO_PKG_VERSION"));
        tx.execute("migrate", sql, values![number, migration.name, &digest, program])?;
        tx.commit()?;
        durable::step("migrated");
    }
    Ok(())
}

/// Whether every step was applied, for who only reads.
pub(super) fn check(db: &Db) -> Result<(), CatalogueError> {
    check_all(db, MIGRATIONS)
}

fn check_all(db: &Db, migrations: &[Migration]) -> Result<(), CatalogueError> {
    let (found, known) = (applied(db, migrations)?, migrations.len());
    if found < known { Err(CatalogueError::Older { found, known }) } else { Ok(()) }
}

/// How many steps were applied. Each of them is one of these.
fn applied(db: &Db, migrations: &[Migration]) -> Result<usize, CatalogueError> {
    if !is_begun(db)? {
        return Err(CatalogueError::Corrupt("the database"));
    }
    let sql = "SELECT number, digest FROM schema_version ORDER BY number";
    let steps = db.all("read schema version", sql, values![], |row| {
        Ok::<(i64, [u8; 32]), CatalogueError>((row.get(0)?, row.get(1)?))
    })?;
    for ((number, digest), (expected, migration)) in steps.iter().zip((1..).zip(migrations)) {
        if (*number, *digest) != (expected, migration.digest()) {
            return Err(CatalogueError::Changed { number: expected, name: migration.name });
        }
    }
    if steps.len() > migrations.len() {
        return Err(CatalogueError::Newer { found: steps.len(), known: migrations.len() });
    }
    Ok(steps.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::tests::on_each_database;

    const MADE: Migration =
        Migration { name: "made", sql: "CREATE TABLE held (name TEXT NOT NULL, bytes BLOB)" };
    const FILLED: Migration =
        Migration { name: "filled", sql: "INSERT INTO held (name) VALUES ('a'), ('B')" };
    const GROWN: Migration = Migration {
        name: "grown",
        sql: "ALTER TABLE held ADD COLUMN number BIGINT NOT NULL DEFAULT 7; UPDATE held SET number = 8",
    };
    const BROKEN: Migration =
        Migration { name: "broken", sql: "DELETE FROM held; CREATE TABLE held (name TEXT)" };

    fn names(db: &Db) -> Vec<String> {
        db.all("list", "SELECT name FROM held ORDER BY name", values![], |row| row.get(0)).unwrap()
    }

    #[test]
    fn steps_are_applied_once_in_order_and_what_was_there_stays() {
        on_each_database(|db| {
            make_table(db).unwrap();
            apply(db, &[MADE, FILLED]).unwrap();
            assert!(matches!(
                check_all(db, &[MADE, FILLED, GROWN]),
                Err(CatalogueError::Older { found: 2, known: 3 })
            ));
            for _ in 0..2 {
                apply(db, &[MADE, FILLED, GROWN]).unwrap();
                check_all(db, &[MADE, FILLED, GROWN]).unwrap();
            }
            assert_eq!(names(db), ["B", "a"], "by their bytes, in both databases");
            assert_eq!(db.one::<i64>("sum", "SELECT MIN(number) FROM held", values![]).unwrap(), 8);
        });
    }

    #[test]
    fn a_step_that_fails_leaves_nothing_of_itself() {
        on_each_database(|db| {
            make_table(db).unwrap();
            assert!(apply(db, &[MADE, FILLED, BROKEN]).is_err());
            assert_eq!(names(db), ["B", "a"]);
            check_all(db, &[MADE, FILLED]).unwrap();
        });
    }

    #[test]
    fn a_step_that_is_unknown_or_another_one_is_told_with_what_to_do() {
        on_each_database(|db| {
            make_table(db).unwrap();
            apply(db, &[MADE, FILLED]).unwrap();
            let newer = apply(db, &[MADE]).unwrap_err().to_string();
            assert!(newer.contains("step 2") && newer.contains("use the newer program"), "{newer}");
            let changed = apply(db, &[MADE, GROWN, FILLED]).unwrap_err().to_string();
            assert!(changed.contains("step 2 of its schema (`grown`)"), "{changed}");
            assert!(changed.contains("restore the catalogue"), "{changed}");
        });
    }

    #[test]
    fn a_transaction_is_whole_or_not_there_and_only_one_that_did_not_fail_commits() {
        on_each_database(|db| {
            make_table(db).unwrap();
            apply(db, &[MADE, FILLED]).unwrap();
            let tx = db.begin("try").unwrap();
            tx.execute("try", "DELETE FROM held", values![]).unwrap();
            drop(tx);
            assert_eq!(names(db), ["B", "a"]);
            let tx = db.begin("try").unwrap();
            assert_eq!(tx.execute("try", "DELETE FROM held WHERE name = $1", values!["a"]).unwrap(), 1);
            tx.commit().unwrap();
            assert_eq!(names(db), ["B"]);
            let moment = db.moment("look").unwrap();
            assert!(
                moment.all("look", "SELECT nothing FROM held", values![], |row| row.get::<i64>(0)).is_err()
            );
            drop(moment);
            assert_eq!(names(db), ["B"], "an error in one transaction is none in the next");
        });
    }
}
