//! What tests run on: a database of their own, in SQLite or in PostgreSQL, and a look into it from outside.
//!
//! Only tests use this. A [`Database`] is empty when it is made and gone when it is dropped; what makes a catalogue in
//! it is given its [`Database::url`].
//!
//! ```no_run
//! let database = candor_testbed::Database::postgres()?.expect("PostgreSQL is installed");
//! println!("candor init --catalogue '{}'", database.url());
//! # Ok::<(), candor_testbed::Failure>(())
//! ```

use std::fmt;
use std::path::Path;

mod look;
mod server;

use server::{Own, Server};

/// Why a test has no database: for its author to read.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A database for one test.
pub struct Database(Kind);

enum Kind {
    /// A file of the data directory.
    Sqlite,
    Postgres(Own),
}

/// A value that a row holds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// None.
    Null,
    /// A number.
    Number(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Database {
    /// A file of the data directory that is made with it.
    pub fn sqlite() -> Self {
        Self(Kind::Sqlite)
    }

    /// A database of its own on the PostgreSQL server of this test run; `None`, and a line on standard error that says so,
    /// where PostgreSQL is not installed, or `CANDOR_TEST_POSTGRES` is `none`.
    ///
    /// The server is the one that `CANDOR_TEST_POSTGRES` names (`postgres://user@host/database`), or else one that the
    /// first test starts in a temporary folder, from Debian's package, and that ends with the test run.
    ///
    /// # Errors
    /// If the server cannot be started or reached; and if it is not installed while `CANDOR_TEST_POSTGRES` is
    /// `required`, as it is in CI.
    pub fn postgres() -> Result<Option<Self>, Failure> {
        let Some(server) = Server::of_this_run()? else { return Ok(None) };
        Ok(Some(Self(Kind::Postgres(server.database()?))))
    }

    /// One of each kind; the second is missing where PostgreSQL is not installed.
    ///
    /// # Errors
    /// As [`Database::postgres`].
    pub fn each() -> Result<Vec<Self>, Failure> {
        Ok([Some(Self::sqlite()), Self::postgres()?].into_iter().flatten().collect())
    }

    /// Another one with the same content, while nobody is connected to this one. A file of a data directory is copied
    /// with its folder.
    ///
    /// # Errors
    /// Those of the database.
    pub fn copy(&self) -> Result<Self, Failure> {
        match &self.0 {
            Kind::Sqlite => Ok(Self::sqlite()),
            Kind::Postgres(own) => Ok(Self(Kind::Postgres(own.copy()?))),
        }
    }

    /// What `candor init --catalogue` is given.
    pub fn url(&self) -> &str {
        match &self.0 {
            Kind::Sqlite => "sqlite://catalogue.sqlite",
            Kind::Postgres(own) => own.url(),
        }
    }

    /// Runs statements on the catalogue of a data directory, past whatever guards it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn run(&self, root: &Path, statements: &str) -> Result<(), Failure> {
        match &self.0 {
            Kind::Sqlite => Ok(look::sqlite(root)?.execute_batch(statements)?),
            Kind::Postgres(own) => Ok(own.connect()?.batch_execute(statements)?),
        }
    }

    /// The rows that a query finds in the catalogue of a data directory.
    ///
    /// # Errors
    /// Those of the database.
    pub fn rows(&self, root: &Path, query: &str) -> Result<Vec<Vec<Cell>>, Failure> {
        match &self.0 {
            Kind::Sqlite => look::sqlite_rows(&look::sqlite(root)?, query),
            Kind::Postgres(own) => look::postgres_rows(&mut own.connect()?, query),
        }
    }

    /// Every byte that the catalogue of a data directory holds: the files of SQLite, deleted bytes included, or what
    /// all tables of PostgreSQL hold.
    ///
    /// # Errors
    /// Those of the database.
    pub fn bytes(&self, root: &Path) -> Result<Vec<u8>, Failure> {
        match &self.0 {
            Kind::Sqlite => look::sqlite_bytes(root),
            Kind::Postgres(own) => look::postgres_bytes(&mut own.connect()?),
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Null => f.write_str("null"),
            Cell::Number(number) => write!(f, "{number}"),
            Cell::Text(text) => f.write_str(text),
            Cell::Bytes(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}
