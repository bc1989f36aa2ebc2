//! The catalogue: one SQL database with what the vault knows about its content, and none of the content.
//!
//! How it is spoken to is in `sql`; what each database has of its own, in the module of its name.

use std::path::Path;
use std::time::Duration;

use candor_conversation::{Kind, Timestamp};

use crate::breach::begin_epoch;
use crate::keys::Epoch;

mod migrations;
mod postgres;
mod sql;
mod sqlite;
mod tls;
mod url;

pub use url::CatalogueUrl;

pub(crate) use sql::{Db, Row, Tx, Value, values};

use postgres::{Postgres, Role};
use sqlite::Sqlite;
use url::SQLITE_FILE;

/// How long a writer waits at least for a database that another session holds: that of a process of this data directory
/// which was killed, and whose end the server has not noticed yet.
const DYING_SESSION_WAIT: Duration = Duration::from_secs(3);

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
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Another program reads the database, so that deleted bytes cannot be removed from its write-ahead log.
    #[error(
        "catalogue: another program is reading it, so that what was deleted is still in its write-ahead log\nhint: \
         what was asked is done; close the other program, then `candor retention run` clears the log"
    )]
    Busy,
    /// What a statement found is not what is written there.
    #[error("catalogue: {doing}: what is stored there is not what was written")]
    Shape {
        /// What was being done.
        doing: &'static str,
    },
    /// A stored value is not what was written.
    #[error("catalogue: {0} is not what was written")]
    Corrupt(&'static str),
    /// The data directory, or the command, names no catalogue that this program can use.
    #[error("catalogue: its URL {0}")]
    Url(String),
    /// Another process writes to the database.
    #[error(
        "catalogue: another candor process has the database, perhaps on another machine\nhint: one data directory \
         belongs to one database; wait for the process to end, then try again"
    )]
    Held,
    /// The database that a new catalogue should be in has one.
    #[error(
        "catalogue: the database holds one already\nhint: choose an empty database, or another schema of this one \
         with `?options=-c%20search_path%3DNAME`; a catalogue is never overwritten"
    )]
    Taken,
    /// The catalogue was made for other keys.
    #[error(
        "catalogue: it belongs to another data directory\nhint: put the database back that was made with this one"
    )]
    OtherVault,
    /// The program is older than the catalogue.
    #[error(
        "catalogue: its schema is at step {found}, and this program knows {known}\nhint: use the newer program; \
         steps are never undone"
    )]
    Newer {
        /// Steps that were applied.
        found: usize,
        /// Steps that this program knows.
        known: usize,
    },
    /// The catalogue is older than the program, which only reads.
    #[error(
        "catalogue: its schema is at step {found} of {known}\nhint: make a backup, then `candor notice list` brings it \
         forward, as does every command that opens the vault"
    )]
    Older {
        /// Steps that were applied.
        found: usize,
        /// Steps that this program knows.
        known: usize,
    },
    /// A step was applied that this program knows otherwise.
    #[error(
        "catalogue: step {number} of its schema (`{name}`) is not the one that this program knows\nhint: another \
         build of candor made it; use that one, or restore the catalogue from a backup"
    )]
    Changed {
        /// The step's number.
        number: i64,
        /// Its name in this program.
        name: &'static str,
    },
}

impl CatalogueError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            CatalogueError::Sql { .. } | CatalogueError::Busy | CatalogueError::Held => Kind::Unavailable,
            CatalogueError::Shape { .. } | CatalogueError::Corrupt(_) => Kind::Corrupt,
            CatalogueError::Taken => Kind::Conflict,
            CatalogueError::Url(_)
            | CatalogueError::OtherVault
            | CatalogueError::Newer { .. }
            | CatalogueError::Older { .. }
            | CatalogueError::Changed { .. } => Kind::Invalid,
        }
    }
}

/// Whether a folder is a data directory.
pub(crate) fn is_named_by(root: &Path) -> bool {
    matches!(CatalogueUrl::read(root), Ok(Some(_)) | Err(_))
}

/// Makes the catalogue of a new data directory, for a vault of this name and log.
pub(crate) fn create(
    root: &Path,
    url: &CatalogueUrl,
    (name, log): (&str, &str),
) -> Result<Db, CatalogueError> {
    let mut db = connect(root, url)?;
    // An attempt that ended early left tables in which nothing is.
    if migrations::is_begun(&db)? {
        migrations::bring_forward(&mut db)?;
        if is_used(&db)? {
            return Err(CatalogueError::Taken);
        }
    } else {
        migrations::begin(&mut db)?;
    }
    let tx = db.begin("write name")?;
    for (setting, value) in [(NAME, name), (LOG, log)] {
        let sql = "INSERT INTO setting (name, value) VALUES ($1, $2) \
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        tx.execute("write name", sql, values![setting, value])?;
    }
    // Nobody is in it before, whenever that was.
    begin_epoch(&tx, Epoch(1), Timestamp::MIN)?;
    tx.commit()?;
    url.write(root)?;
    Ok(db)
}

/// A writer's connection to a database that may be empty.
fn connect(root: &Path, url: &CatalogueUrl) -> Result<Db, CatalogueError> {
    Ok(match url.server() {
        None => Db::Sqlite(Sqlite::create(&root.join(SQLITE_FILE))?),
        Some(server) => Db::Postgres(Postgres::connect(server, Role::Writer, Duration::ZERO)?),
    })
}

/// The setting that says what stands for the operator.
const NAME: &str = "name";
/// The setting with the log's public key, by which a catalogue is known to belong to a data directory.
const LOG: &str = "log";

/// Whether anything was ever entered.
fn is_used(db: &Db) -> Result<bool, CatalogueError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM log_entry) OR EXISTS (SELECT 1 FROM tenant)";
    db.one("look for entries", sql, values![])
}

/// Opens the catalogue of a data directory, and waits for another process to be done with it.
pub(crate) fn open(root: &Path, wait: Duration) -> Result<Db, CatalogueError> {
    let mut db = match named(root)?.server() {
        None => Db::Sqlite(Sqlite::open(&root.join(SQLITE_FILE))?),
        Some(server) => Db::Postgres(Postgres::connect(server, Role::Writer, wait.max(DYING_SESSION_WAIT))?),
    };
    migrations::bring_forward(&mut db)?;
    Ok(db)
}

/// Opens the catalogue of a data directory only to read, beside the process that writes it.
pub(crate) fn open_to_read(root: &Path) -> Result<Db, CatalogueError> {
    let db = match named(root)?.server() {
        None => Db::Sqlite(Sqlite::open_to_read(&root.join(SQLITE_FILE))?),
        Some(server) => Db::Postgres(Postgres::connect(server, Role::Reader, Duration::ZERO)?),
    };
    migrations::check(&db)?;
    Ok(db)
}

fn named(root: &Path) -> Result<CatalogueUrl, CatalogueError> {
    CatalogueUrl::read(root)?.ok_or(CatalogueError::Corrupt("where it is"))
}

/// What stands for the operator, in a catalogue that belongs to a log.
pub(crate) fn name(db: &Db) -> Result<String, CatalogueError> {
    db.one("read name", "SELECT value FROM setting WHERE name = $1", values![NAME])
}

/// Refuses a catalogue that was made for another log.
pub(crate) fn check_log(db: &Db, log: &str) -> Result<(), CatalogueError> {
    let known: String = db.one("read log key", "SELECT value FROM setting WHERE name = $1", values![LOG])?;
    if known == log { Ok(()) } else { Err(CatalogueError::OtherVault) }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fs;

    use candor_testbed::Database;

    use super::*;

    /// Runs a test on an empty database of each kind.
    pub(crate) fn on_each_database(mut test: impl FnMut(&mut Db)) {
        for database in Database::each().unwrap() {
            let folder = tempfile::tempdir().unwrap();
            let url: CatalogueUrl = database.url().parse().unwrap();
            test(&mut connect(folder.path(), &url).unwrap());
        }
    }

    /// The same with its tables made.
    pub(crate) fn on_each_catalogue(mut test: impl FnMut(&mut Db)) {
        on_each_database(|db| {
            migrations::begin(db).unwrap();
            test(db);
        });
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
