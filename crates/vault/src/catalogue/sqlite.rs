//! The catalogue in a file of the data directory: for one machine.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql, params_from_iter};

use super::CatalogueError;
use super::sql::{Value, failed};

/// How long a reader waits for the moment in which another process takes the database into or out of use.
const READ_WAIT_MAX: Duration = Duration::from_secs(2);
/// Pages of the database that a reader keeps in memory, in KiB.
const READ_CACHE_KIB: i64 = 2_048;
/// Pages that a serving process keeps in memory while it takes in what it captured, in KiB.
const SERVING_CACHE_KIB: i64 = 8_192;
/// Statements whose plans a connection keeps.
const STATEMENTS_MAX: usize = 64;

/// A connection to the file.
pub(crate) struct Sqlite(Connection);

impl Sqlite {
    /// Makes the file.
    pub(super) fn create(path: &Path) -> Result<Self, CatalogueError> {
        Self::connect(path, OpenFlags::SQLITE_OPEN_CREATE)
    }

    /// Opens the file to read and write.
    pub(super) fn open(path: &Path) -> Result<Self, CatalogueError> {
        let db = Self::connect(path, OpenFlags::empty())?;
        // What a crash left in the write-ahead log would keep what was deleted since for as long as this is open.
        // Someone else who reads at this moment only puts that off to the next retention run.
        match db.empty_write_ahead_log() {
            Ok(()) | Err(CatalogueError::Busy) => Ok(db),
            Err(error) => Err(error),
        }
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self, CatalogueError> {
        let flags = flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(failed("open"))?;
        db.busy_timeout(Duration::from_secs(10)).map_err(failed("set busy timeout"))?;
        // Every commit is on disk before it is answered, and what is deleted is overwritten in the file.
        for (name, value) in [("journal_mode", "WAL"), ("synchronous", "FULL"), ("secure_delete", "ON")] {
            db.pragma_update(None, name, value).map_err(failed("set pragma"))?;
        }
        db.pragma_update(None, "cache_size", -65_536).map_err(failed("set cache"))?;
        keep_plans(&db)?;
        Ok(Self(db))
    }

    /// Opens the file only to read, beside the process that writes it. It neither waits for writers nor keeps them
    /// waiting.
    pub(super) fn open_to_read(path: &Path) -> Result<Self, CatalogueError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(failed("open"))?;
        db.busy_timeout(READ_WAIT_MAX).map_err(failed("set busy timeout"))?;
        db.pragma_update(None, "cache_size", -READ_CACHE_KIB).map_err(failed("set cache"))?;
        keep_plans(&db)?;
        Ok(Self(db))
    }

    /// Whether a table of this name is there.
    pub(super) fn has_table(&self, name: &str) -> rusqlite::Result<bool> {
        self.0.table_exists(None, name)
    }

    /// Runs statements that are given nothing.
    pub(super) fn run(&self, statements: &str) -> rusqlite::Result<()> {
        self.0.execute_batch(statements)
    }

    pub(super) fn begin(&self) -> rusqlite::Result<()> {
        self.execute("BEGIN", &[]).map(|_| ())
    }

    pub(super) fn commit(&self) -> rusqlite::Result<()> {
        self.execute("COMMIT", &[]).map(|_| ())
    }

    /// Ends a transaction that was not committed, if there is one: no error is left to tell that the one which led
    /// here does not tell.
    pub(super) fn roll_back(&self) {
        if !self.0.is_autocommit() {
            let _ = self.execute("ROLLBACK", &[]);
        }
    }

    pub(super) fn execute(&self, sql: &str, values: &[Value<'_>]) -> rusqlite::Result<u64> {
        let changed = self.0.prepare_cached(sql)?.execute(params_from_iter(values))?;
        Ok(changed as u64)
    }

    pub(super) fn each(
        &self,
        sql: &str,
        values: &[Value<'_>],
        visit: &mut dyn FnMut(SqliteRow<'_>) -> ControlFlow<()>,
    ) -> rusqlite::Result<()> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            if visit(SqliteRow(row)).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Copies the write-ahead log into the database and empties it, so that what was deleted is gone from both.
    pub(super) fn empty_write_ahead_log(&self) -> Result<(), CatalogueError> {
        // It answers with a row, not with an error, that somebody's read transaction kept it from finishing.
        let busy = self.0.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        match busy.map_err(failed("empty write-ahead log"))? {
            0 => Ok(()),
            _ => Err(CatalogueError::Busy),
        }
    }

    pub(super) fn hold_little(&self) -> Result<(), CatalogueError> {
        self.0.pragma_update(None, "cache_size", -SERVING_CACHE_KIB).map_err(failed("set cache"))
    }
}

/// A statement is planned once, whatever its parameters are: otherwise SQLite looks at them, and plans it anew each
/// time that it is run, which costs more than running it.
fn keep_plans(db: &Connection) -> Result<(), CatalogueError> {
    db.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failed("keep plans"))?;
    Ok(())
}

/// A row that a statement found.
pub(crate) struct SqliteRow<'r>(&'r rusqlite::Row<'r>);

impl SqliteRow<'_> {
    /// A column by its place; `None` if there is none, or if it holds what the catalogue never does.
    pub(super) fn value(&self, place: usize) -> Option<Value<'_>> {
        match self.0.get_ref(place).ok()? {
            ValueRef::Null => Some(Value::Null),
            ValueRef::Integer(number) => Some(Value::Number(number)),
            ValueRef::Text(text) => std::str::from_utf8(text).ok().map(Value::Text),
            ValueRef::Blob(bytes) => Some(Value::Bytes(bytes)),
            ValueRef::Real(_) => None,
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Number(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

#[cfg(test)]
mod tests {
    use candor_conversation::Kind;

    use super::*;

    fn file(folder: &tempfile::TempDir) -> (std::path::PathBuf, Sqlite) {
        let path = folder.path().join("catalogue.sqlite");
        let db = Sqlite::create(&path).unwrap();
        db.run("CREATE TABLE setting (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)").unwrap();
        (path, db)
    }

    #[test]
    fn a_reader_who_keeps_deleted_bytes_in_the_write_ahead_log_is_told_about() {
        let folder = tempfile::tempdir().unwrap();
        let (path, db) = file(&folder);
        db.0.busy_timeout(Duration::from_millis(20)).unwrap();
        let reader = Connection::open(&path).unwrap();
        reader.execute_batch("BEGIN").unwrap();
        reader.query_row("SELECT COUNT(*) FROM setting", [], |row| row.get::<_, i64>(0)).unwrap();
        db.run("INSERT INTO setting (name, value) VALUES ('a', 'b')").unwrap();
        let error = db.empty_write_ahead_log().unwrap_err();
        assert!(matches!(error, CatalogueError::Busy), "{error}");
        assert_eq!(error.kind(), Kind::Unavailable);
        reader.execute_batch("COMMIT").unwrap();
        db.empty_write_ahead_log().unwrap();
    }

    #[test]
    fn a_statement_is_planned_once() {
        let folder = tempfile::tempdir().unwrap();
        let (path, db) = file(&folder);
        for db in [db, Sqlite::open(&path).unwrap(), Sqlite::open_to_read(&path).unwrap()] {
            let mut setting = db.0.prepare("SELECT value FROM setting WHERE name = $1").unwrap();
            for number in 0..5 {
                assert!(!setting.exists([format!("setting {number}")]).unwrap());
            }
            assert_eq!(setting.get_status(rusqlite::StatementStatus::RePrepare), 0);
        }
    }
}
