//! One way to speak to the catalogue, whichever database holds it.
//!
//! Statements use the part of SQL that SQLite and PostgreSQL share: `$1` parameters, no implicit row ids. Parameters
//! stand in the order of their numbers: SQLite numbers a `$` parameter by its first place in the text, whatever it is
//! called. Each statement is planned once for each connection.
//!
//! What is written is written in a transaction: only [`Tx`] has `execute`. Rows are taken one by one while they come,
//! and nothing else is asked on the same connection until the last of them was taken.

use std::fmt;
use std::ops::{ControlFlow, Deref};

use super::CatalogueError;
use super::postgres::{Postgres, PostgresRow};
use super::sqlite::{Sqlite, SqliteRow};

/// A connection to the catalogue.
pub(crate) enum Db {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

/// A value given to a statement.
#[derive(Clone, Copy)]
pub(crate) enum Value<'v> {
    Null,
    Number(i64),
    Text(&'v str),
    Bytes(&'v [u8]),
}

impl Value<'_> {
    /// What it is, without what it says.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::Bytes(_) => "bytes",
        }
    }
}

/// Shows what it is only.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

/// What a statement is given, in the order of its parameters.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::catalogue::Value::from($value)),*] };
}
pub(crate) use values;

/// A row that a statement found.
pub(crate) struct Row<'r> {
    pub(super) cells: Cells<'r>,
    /// What is being done, for errors.
    pub(super) doing: &'static str,
}

/// The row as its database gives it.
pub(super) enum Cells<'r> {
    Sqlite(SqliteRow<'r>),
    Postgres(PostgresRow<'r>),
}

/// A type that a column is read as.
pub(crate) trait Column: Sized {
    /// `None` if something else was written there.
    fn of(value: Value<'_>) -> Option<Self>;
}

impl Db {
    /// The first row that a statement finds, if it finds one.
    pub(crate) fn first<T: Send, E: From<CatalogueError> + Send>(
        &self,
        doing: &'static str,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, E> + Send,
    ) -> Result<Option<T>, E> {
        let mut found = None;
        self.each(doing, sql, values, &mut |row| {
            found = Some(read(row));
            ControlFlow::Break(())
        })?;
        found.transpose()
    }

    /// The first column of the only row that a statement finds.
    pub(crate) fn one<T: Column + Send>(
        &self,
        doing: &'static str,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<T, CatalogueError> {
        let found = self.first(doing, sql, values, |row| row.get(0))?;
        found.ok_or(CatalogueError::Shape { doing })
    }

    /// All rows that a statement finds, in its order.
    pub(crate) fn all<T: Send, E: From<CatalogueError> + Send>(
        &self,
        doing: &'static str,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, E> + Send,
    ) -> Result<Vec<T>, E> {
        let mut found = Vec::new();
        let mut failure = None;
        self.each(doing, sql, values, &mut |row| match read(row) {
            Ok(item) => {
                found.push(item);
                ControlFlow::Continue(())
            }
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        })?;
        failure.map_or(Ok(found), Err)
    }

    /// Begins to write: all of it becomes known when the transaction is committed, or none.
    pub(crate) fn begin(&mut self, doing: &'static str) -> Result<Tx<'_>, CatalogueError> {
        self.begin_while_reading(doing)
    }

    /// The same for one who reads on this connection while it writes, and sees what it wrote.
    pub(crate) fn begin_while_reading(&self, doing: &'static str) -> Result<Tx<'_>, CatalogueError> {
        self.to_begin_writing().map_err(failed(doing))?;
        Ok(Tx { moment: Moment(self), doing })
    }

    /// Begins to read: all of it as of one moment.
    pub(crate) fn moment(&self, doing: &'static str) -> Result<Moment<'_>, CatalogueError> {
        self.to_begin_reading().map_err(failed(doing))?;
        Ok(Moment(self))
    }

    fn to_begin_writing(&self) -> Result<(), Failure> {
        match self {
            Db::Sqlite(db) => Ok(db.begin()?),
            Db::Postgres(db) => db.begin(),
        }
    }

    fn to_begin_reading(&self) -> Result<(), Failure> {
        match self {
            Db::Sqlite(db) => Ok(db.begin()?),
            Db::Postgres(db) => db.begin_to_read(),
        }
    }

    /// A number that is another one whenever something in the catalogue may have changed since it was asked for. Only
    /// for what this connection did not write itself.
    pub(crate) fn version(&self) -> Result<i64, CatalogueError> {
        let doing = "look for changes";
        match self {
            Db::Sqlite(_) => self.one(doing, "PRAGMA data_version", values![]),
            Db::Postgres(db) => db.version().map_err(failed(doing)),
        }
    }

    /// Sees to it that what was deleted is gone from where the database keeps it beside its tables, as far as the
    /// database can.
    pub(crate) fn clear_deleted(&self) -> Result<(), CatalogueError> {
        match self {
            Db::Sqlite(db) => db.empty_write_ahead_log(),
            Db::Postgres(db) => db.vacuum().map_err(failed("free what was deleted")),
        }
    }

    /// Bounds the memory that is held, for a process that serves beside it.
    pub(crate) fn hold_little(&self) -> Result<(), CatalogueError> {
        match self {
            Db::Sqlite(db) => db.hold_little(),
            Db::Postgres(_) => Ok(()),
        }
    }

    /// Whether there is a table of this name.
    pub(super) fn has_table(&self, name: &str) -> Result<bool, CatalogueError> {
        match self {
            Db::Sqlite(db) => db.has_table(name).map_err(failed("look for tables")),
            Db::Postgres(db) => db.has_table(name).map_err(failed("look for tables")),
        }
    }

    fn each(
        &self,
        doing: &'static str,
        sql: &str,
        values: &[Value<'_>],
        visit: &mut (dyn FnMut(&Row<'_>) -> ControlFlow<()> + Send),
    ) -> Result<(), CatalogueError> {
        let mut visit = |cells: Cells<'_>| visit(&Row { cells, doing });
        let outcome: Result<(), Failure> = match self {
            Db::Sqlite(db) => {
                db.each(sql, values, &mut |row| visit(Cells::Sqlite(row))).map_err(Failure::from)
            }
            Db::Postgres(db) => db.each(sql, values, &mut |row| visit(Cells::Postgres(row))),
        };
        outcome.map_err(failed(doing))
    }
}

/// Why a database refused or failed.
pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Turns a database's error into ours, with what was being done.
pub(super) fn failed<F: Into<Failure>>(doing: &'static str) -> impl Fn(F) -> CatalogueError {
    move |source| CatalogueError::Sql { doing, source: source.into() }
}

/// One moment of the catalogue, for as long as it lives.
pub(crate) struct Moment<'d>(&'d Db);

impl Deref for Moment<'_> {
    type Target = Db;

    fn deref(&self) -> &Db {
        self.0
    }
}

impl Drop for Moment<'_> {
    fn drop(&mut self) {
        match self.0 {
            Db::Sqlite(db) => db.roll_back(),
            Db::Postgres(db) => db.roll_back(),
        }
    }
}

/// A transaction that writes. It is rolled back when it goes without having been committed.
pub(crate) struct Tx<'d> {
    moment: Moment<'d>,
    doing: &'static str,
}

impl Deref for Tx<'_> {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.moment
    }
}

impl Tx<'_> {
    /// Runs a statement that changes rows, and says how many.
    pub(crate) fn execute(
        &self,
        doing: &'static str,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<u64, CatalogueError> {
        match self.moment.0 {
            Db::Sqlite(db) => db.execute(sql, values).map_err(failed(doing)),
            Db::Postgres(db) => db.execute(sql, values).map_err(failed(doing)),
        }
    }

    /// Sees to it that nothing tells which recalled rows were written together: they may be one person's. SQLite keeps
    /// them by their key alone.
    pub(crate) fn forget_order_of_recalls(&self) -> Result<(), CatalogueError> {
        match self.moment.0 {
            Db::Sqlite(_) => Ok(()),
            Db::Postgres(db) => db.forget_order_of_recalls().map_err(failed("forget the order of recalls")),
        }
    }

    /// Runs statements that are given nothing.
    pub(super) fn run(&self, doing: &'static str, statements: &str) -> Result<(), CatalogueError> {
        match self.moment.0 {
            Db::Sqlite(db) => db.run(statements).map_err(failed(doing)),
            Db::Postgres(db) => db.run(statements).map_err(failed(doing)),
        }
    }

    /// Makes it last, and known to everybody.
    pub(crate) fn commit(self) -> Result<(), CatalogueError> {
        match self.moment.0 {
            Db::Sqlite(db) => db.commit().map_err(failed(self.doing)),
            Db::Postgres(db) => db.commit().map_err(failed(self.doing)),
        }
    }
}

impl Row<'_> {
    /// A column by its place, from 0.
    pub(crate) fn get<T: Column>(&self, place: usize) -> Result<T, CatalogueError> {
        let value = match &self.cells {
            Cells::Sqlite(row) => row.value(place),
            Cells::Postgres(row) => row.value(place),
        };
        value.and_then(T::of).ok_or(CatalogueError::Shape { doing: self.doing })
    }
}

impl Column for i64 {
    fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }
}

impl Column for u64 {
    fn of(value: Value<'_>) -> Option<Self> {
        i64::of(value)?.try_into().ok()
    }
}

impl Column for u32 {
    fn of(value: Value<'_>) -> Option<Self> {
        i64::of(value)?.try_into().ok()
    }
}

impl Column for bool {
    fn of(value: Value<'_>) -> Option<Self> {
        i64::of(value).map(|number| number != 0)
    }
}

impl Column for String {
    fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}

impl Column for Vec<u8> {
    fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes.to_owned()),
            _ => None,
        }
    }
}

impl<const N: usize> Column for [u8; N] {
    fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => bytes.try_into().ok(),
            _ => None,
        }
    }
}

impl<T: Column> Column for Option<T> {
    fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::of(value).map(Some),
        }
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Number(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Value::Number(number.into())
    }
}

impl From<bool> for Value<'_> {
    fn from(is: bool) -> Self {
        Value::Number(is.into())
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Value::Text(text)
    }
}

impl<'v> From<&'v String> for Value<'v> {
    fn from(text: &'v String) -> Self {
        Value::Text(text)
    }
}

impl<'v> From<&'v [u8]> for Value<'v> {
    fn from(bytes: &'v [u8]) -> Self {
        Value::Bytes(bytes)
    }
}

impl<'v> From<&'v Vec<u8>> for Value<'v> {
    fn from(bytes: &'v Vec<u8>) -> Self {
        Value::Bytes(bytes)
    }
}

impl<'v, const N: usize> From<&'v [u8; N]> for Value<'v> {
    fn from(bytes: &'v [u8; N]) -> Self {
        Value::Bytes(bytes)
    }
}

impl<'v, T: Into<Value<'v>>> From<Option<T>> for Value<'v> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}
