//! The catalogue: one SQL database with what the vault knows about its content, and none of the content.
//!
//! How it is spoken to is in `sql`; what each database has of its own, in the module of its name.

use std::path::Path;

use candor_conversation::Kind;

mod sql;
mod sqlite;

pub(crate) use sql::{Db, Row, Tx, Value, values};

use sql::failed;
use sqlite::Sqlite;

const SCHEMA: &str = include_str!("catalogue/schema.sql");
/// Version of the schema, kept in `PRAGMA user_version`.
const SCHEMA_VERSION: i32 = 5;

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
            CatalogueError::Shape { .. } | CatalogueError::Corrupt(_) => Kind::Corrupt,
            CatalogueError::Version { .. } => Kind::Invalid,
        }
    }
}

/// Makes the tables in a new database file.
pub(crate) fn create(path: &Path) -> Result<Db, CatalogueError> {
    let db = Sqlite::connect(path)?;
    let all = format!("BEGIN;\n{SCHEMA}\nPRAGMA user_version = {SCHEMA_VERSION};\nCOMMIT;");
    db.run(&all).map_err(failed("make tables"))?;
    Ok(Db::Sqlite(db))
}

/// Opens an existing database file.
pub(crate) fn open(path: &Path) -> Result<Db, CatalogueError> {
    let db = Sqlite::connect(path)?;
    // What a crash left in the write-ahead log would keep what was deleted since for as long as this is open.
    // Someone else who reads at this moment only puts that off to the next retention run.
    match db.empty_write_ahead_log() {
        Ok(()) | Err(CatalogueError::Busy) => {}
        Err(error) => return Err(error),
    }
    match db.user_version()? {
        SCHEMA_VERSION => Ok(Db::Sqlite(db)),
        // Every catalogue has its version from its first moment; an emptied file has none.
        0 => Err(CatalogueError::Corrupt("the database file")),
        found => Err(CatalogueError::Version { found }),
    }
}

/// Opens an existing database file only to read, beside the process that writes it.
pub(crate) fn open_to_read(path: &Path) -> Result<Db, CatalogueError> {
    let db = Sqlite::connect_to_read(path)?;
    match db.user_version()? {
        SCHEMA_VERSION => Ok(Db::Sqlite(db)),
        found => Err(CatalogueError::Version { found }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

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
