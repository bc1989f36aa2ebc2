//! The catalogue: one SQL database with what the vault knows about its content, and none of the content.
//!
//! SQLite for one machine. Statements use the part of SQL that PostgreSQL shares (`$1` parameters, no
//! implicit row ids), so that one set of queries can serve both. Parameters stand in the order of their numbers:
//! SQLite numbers a `$` parameter by its first place in the text, whatever it is called.

use std::path::Path;
use std::time::Duration;

use candor_conversation::Kind;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

const SCHEMA: &str = include_str!("catalogue/schema.sql");
/// Version of the schema, kept in `PRAGMA user_version`.
const SCHEMA_VERSION: i32 = 4;

/// How long a reader waits for the moment in which another process takes the database into or out of use.
const READ_WAIT_MAX: Duration = Duration::from_secs(2);
/// Pages of the database that a reader keeps in memory, in KiB.
const READ_CACHE_KIB: i64 = 2_048;
/// Pages that a serving process keeps in memory while it takes in what it captured, in KiB.
const SERVING_CACHE_KIB: i64 = 8_192;

/// Why the catalogue did not answer.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The database refused or failed.
    #[error("catalogue: {doing}")]
    Sql {
        /// What was being done.
        doing: &'static str,
        /// The cause.
        #[source]
        source: rusqlite::Error,
    },
    /// Another program reads the database, so that deleted bytes cannot be removed from its write-ahead log.
    #[error(
        "catalogue: another program is reading it, so that what was deleted is still in its write-ahead log\nhint: \
         what was asked is done; close the other program, then `candor retention run` clears the log"
    )]
    Busy,
    /// A stored value is not what was written.
    #[error("catalogue: {0} is not what was written")]
    Corrupt(&'static str),
    /// Another version of this program made it.
    #[error("catalogue: schema version {found}, this program reads {SCHEMA_VERSION}")]
    Version {
        /// The version found.
        found: i32,
    },
}

impl CatalogueError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            CatalogueError::Sql { .. } | CatalogueError::Busy => Kind::Unavailable,
            CatalogueError::Corrupt(_) => Kind::Corrupt,
            CatalogueError::Version { .. } => Kind::Invalid,
        }
    }
}

/// Bounds the pages that are held, for a process that serves beside it.
pub(crate) fn hold_little(db: &Connection) -> Result<(), CatalogueError> {
    db.pragma_update(None, "cache_size", -SERVING_CACHE_KIB).map_err(doing("set cache"))
}

/// Turns a database error into ours, with what was being done.
pub(crate) fn doing(doing: &'static str) -> impl Fn(rusqlite::Error) -> CatalogueError {
    move |source| CatalogueError::Sql { doing, source }
}

/// Makes the tables in a new database file.
pub(crate) fn create(path: &Path) -> Result<Connection, CatalogueError> {
    let db = connect(path)?;
    let all = format!("BEGIN;\n{SCHEMA}\nPRAGMA user_version = {SCHEMA_VERSION};\nCOMMIT;");
    db.execute_batch(&all).map_err(doing("make tables"))?;
    Ok(db)
}

/// Opens an existing database file.
pub(crate) fn open(path: &Path) -> Result<Connection, CatalogueError> {
    let db = connect(path)?;
    // What a crash left in the write-ahead log would keep what was deleted since for as long as this is open.
    // Someone else who reads at this moment only puts that off to the next retention run.
    match empty_write_ahead_log(&db) {
        Ok(()) | Err(CatalogueError::Busy) => {}
        Err(error) => return Err(error),
    }
    match version(&db)? {
        SCHEMA_VERSION => Ok(db),
        // Every catalogue has its version from its first moment; an emptied file has none.
        0 => Err(CatalogueError::Corrupt("the database file")),
        found => Err(CatalogueError::Version { found }),
    }
}

/// Opens an existing database file only to read, beside the process that writes it. It neither waits for writers
/// nor keeps them waiting.
pub(crate) fn open_to_read(path: &Path) -> Result<Connection, CatalogueError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(doing("open"))?;
    db.busy_timeout(READ_WAIT_MAX).map_err(doing("set busy timeout"))?;
    db.pragma_update(None, "cache_size", -READ_CACHE_KIB).map_err(doing("set cache"))?;
    keep_plans(&db)?;
    match version(&db)? {
        SCHEMA_VERSION => Ok(db),
        found => Err(CatalogueError::Version { found }),
    }
}

fn version(db: &Connection) -> Result<i32, CatalogueError> {
    db.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(doing("read schema version"))
}

fn connect(path: &Path) -> Result<Connection, CatalogueError> {
    let db = Connection::open(path).map_err(doing("open"))?;
    db.busy_timeout(Duration::from_secs(10)).map_err(doing("set busy timeout"))?;
    // Every commit is on disk before it is answered, and what is deleted is overwritten in the file.
    for (name, value) in [("journal_mode", "WAL"), ("synchronous", "FULL"), ("secure_delete", "ON")] {
        db.pragma_update(None, name, value).map_err(doing("set pragma"))?;
    }
    db.pragma_update(None, "cache_size", -65_536).map_err(doing("set cache"))?;
    db.set_prepared_statement_cache_capacity(64);
    keep_plans(&db)?;
    Ok(db)
}

/// A statement is planned once, whatever its parameters are: otherwise SQLite looks at them, and plans it anew each
/// time that it is run, which costs more than running it.
fn keep_plans(db: &Connection) -> Result<(), CatalogueError> {
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(doing("keep plans"))?;
    Ok(())
}

/// Copies the write-ahead log into the database and empties it, so that what was deleted is gone from both.
pub(crate) fn empty_write_ahead_log(db: &Connection) -> Result<(), CatalogueError> {
    // It answers with a row, not with an error, that somebody's read transaction kept it from finishing.
    let busy: i64 = db
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .map_err(doing("empty write-ahead log"))?;
    if busy == 0 { Ok(()) } else { Err(CatalogueError::Busy) }
}

/// A column that holds exactly `N` bytes.
pub(crate) fn fixed<const N: usize>(bytes: Vec<u8>, what: &'static str) -> Result<[u8; N], CatalogueError> {
    bytes.try_into().map_err(|_| CatalogueError::Corrupt(what))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_reader_who_keeps_deleted_bytes_in_the_write_ahead_log_is_told_about() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalogue.sqlite");
        let db = create(&path).unwrap();
        db.busy_timeout(Duration::from_millis(20)).unwrap();
        let reader = Connection::open(&path).unwrap();
        reader.execute_batch("BEGIN").unwrap();
        reader.query_row("SELECT COUNT(*) FROM setting", [], |row| row.get::<_, i64>(0)).unwrap();
        db.execute("INSERT INTO setting (name, value) VALUES ('a', 'b')", []).unwrap();
        let error = empty_write_ahead_log(&db).unwrap_err();
        assert!(matches!(error, CatalogueError::Busy), "{error}");
        assert_eq!(error.kind(), Kind::Unavailable);
        reader.execute_batch("COMMIT").unwrap();
        empty_write_ahead_log(&db).unwrap();
    }

    #[test]
    fn a_statement_is_planned_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalogue.sqlite");
        for db in [create(&path).unwrap(), open_to_read(&path).unwrap()] {
            let mut history =
                db.prepare("SELECT state FROM event WHERE subject = $1 ORDER BY purpose, sequence").unwrap();
            for number in 0..5_u8 {
                assert!(!history.exists([[number; 16]]).unwrap());
            }
            assert_eq!(history.get_status(rusqlite::StatementStatus::RePrepare), 0);
        }
    }

    #[test]
    fn parameters_stand_in_the_order_of_their_numbers() {
        let mut checked = 0;
        for file in rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
            let text = fs::read_to_string(&file).unwrap();
            let numbered = |literal: &&str| literal.contains(['$']) && literal.contains(['1', '2']);
            for literal in text.split('"').filter(numbered) {
                let numbers = literal.split('$').skip(1).filter_map(|rest| rest.chars().next()?.to_digit(10));
                let mut largest = 0;
                for number in numbers {
                    assert!(number <= largest + 1, "{}: {literal}", file.display());
                    largest = largest.max(number);
                }
                checked += 1;
            }
        }
        assert!(checked > 20, "{checked}");
    }

    fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files.extend(rust_files(&path));
            } else {
                files.push(path);
            }
        }
        files
    }
}
