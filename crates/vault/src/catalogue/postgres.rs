//! The catalogue in a PostgreSQL database: beyond one machine.
//!
//! Everything is asked while the caller waits, one statement after the other: on the caller's thread, or, for a caller
//! among the tasks of a runtime, where that is not allowed, on another one.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::HashMap;
use std::error::Error;
use std::ops::ControlFlow;
use std::time::Duration;

use bytes::BytesMut;
use postgres::config::SslMode;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, NoTls, Statement};
use tokio::runtime::Handle;

use super::CatalogueError;
use super::sql::{Failure, Value, failed};
use super::tls::Tls;
use super::url::Server;

/// The oldest version of the server that tells which transactions a statement sees.
const SERVER_VERSION_MIN: i64 = 130_000;
/// The first half of the key of the lock that the process which writes holds; the second is of the schema's name, so
/// that one database can hold several catalogues.
const LOCK: i32 = 0x6361_6e64;
/// How often a lock that somebody holds is asked for again.
const ATTEMPT_EVERY: Duration = Duration::from_millis(20);

/// A connection to the database.
pub(crate) struct Postgres {
    server: Server,
    role: Role,
    /// There until the connection is dropped.
    session: RefCell<Option<Session>>,
    is_in_transaction: Cell<bool>,
    /// Whether a statement of the transaction failed: PostgreSQL would answer `COMMIT` with a rollback and no error.
    has_failed: Cell<bool>,
}

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It holds the lock, and is never made anew: whoever lost it may not be the only one who writes.
    Writer,
    /// It is made anew when it was lost.
    Reader,
}

struct Session {
    client: Client,
    statements: HashMap<String, Statement>,
}

impl Postgres {
    /// Connects, and as a writer takes the lock, for which it waits `wait` at most.
    pub(super) fn connect(server: &Server, role: Role, wait: Duration) -> Result<Box<Self>, CatalogueError> {
        let session = off_the_runtime(|| Session::begin(server)).map_err(failed("connect to PostgreSQL"))?;
        let session = RefCell::new(Some(session));
        let (is_in_transaction, has_failed) = (Cell::new(false), Cell::new(false));
        let db = Box::new(Self { server: server.clone(), role, session, is_in_transaction, has_failed });
        if db.number("SELECT current_setting('server_version_num')::BIGINT")? < SERVER_VERSION_MIN {
            let text = "names a PostgreSQL server that is older than version 13\nhint: use a newer one";
            return Err(CatalogueError::Url(text.to_owned()));
        }
        if role == Role::Writer {
            db.lock(wait)?;
        }
        Ok(db)
    }

    /// Waits counted in attempts: no clock is read.
    fn lock(&self, wait: Duration) -> Result<(), CatalogueError> {
        let sql = format!("SELECT pg_try_advisory_lock({LOCK}, hashtext(current_schema()))::INT::BIGINT");
        let mut waited = Duration::ZERO;
        while self.number(&sql)? == 0 {
            if waited >= wait {
                return Err(CatalogueError::Held);
            }
            std::thread::sleep(ATTEMPT_EVERY);
            waited += ATTEMPT_EVERY;
        }
        Ok(())
    }

    /// The number that a statement finds.
    fn number(&self, sql: &str) -> Result<i64, CatalogueError> {
        let mut found = None;
        let visit = &mut |row: PostgresRow<'_>| {
            if let Some(Value::Number(number)) = row.value(0) {
                found = Some(number);
            }
            ControlFlow::Break(())
        };
        self.each(sql, &[], visit).map_err(failed("connect to PostgreSQL"))?;
        found.ok_or(CatalogueError::Shape { doing: "connect to PostgreSQL" })
    }

    /// Whether a table of this name is where statements look for it.
    pub(super) fn has_table(&self, name: &str) -> Result<bool, Failure> {
        let sql = "SELECT to_regclass($1::TEXT) IS NOT NULL";
        let session = &mut *self.session()?;
        off_the_runtime(|| {
            let statement = session.statement(sql)?;
            Ok(session.client.query_one(&statement, &[&name])?.try_get(0)?)
        })
    }

    /// Runs statements that are given nothing, such as those of a migration.
    pub(super) fn run(&self, statements: &str) -> Result<(), Failure> {
        let ran = self.session()?.run(&in_our_words(statements));
        Ok(self.noted(ran)?)
    }

    /// Makes all recalled rows those of this transaction, and writes them again by their key.
    pub(super) fn forget_order_of_recalls(&self) -> Result<(), Failure> {
        self.run("UPDATE recall SET cause = cause; CLUSTER recall USING recall_pkey")
    }

    /// Makes room where rows were deleted in the tables that say who is who. What was there is overwritten as others
    /// come; until then, and in the write-ahead log, its bytes stay.
    pub(super) fn vacuum(&self) -> Result<(), Failure> {
        Ok(self.session()?.run(VACUUM)?)
    }

    /// Begins a transaction that writes. It sees what others commit meanwhile: nobody does, while this one has the lock.
    pub(super) fn begin(&self) -> Result<(), Failure> {
        self.begin_as("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
    }

    /// Begins to read as of one moment.
    pub(super) fn begin_to_read(&self) -> Result<(), Failure> {
        self.begin_as("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    fn begin_as(&self, statement: &str) -> Result<(), Failure> {
        self.again_if_lost(|session| session.client.batch_execute(statement))?;
        self.is_in_transaction.set(true);
        self.has_failed.set(false);
        Ok(())
    }

    pub(super) fn commit(&self) -> Result<(), Failure> {
        if self.has_failed.get() {
            return Err("a statement of the transaction failed before".into());
        }
        self.session()?.run("COMMIT")?;
        self.is_in_transaction.set(false);
        Ok(())
    }

    /// Ends a transaction that was not committed, if there is one: no error is left to tell that the one which led
    /// here does not tell.
    pub(super) fn roll_back(&self) {
        if self.is_in_transaction.replace(false)
            && let Ok(mut session) = self.session()
        {
            let _ = session.run("ROLLBACK");
        }
    }

    /// A number for the set of transactions that a statement sees: while none is committed, it stays.
    pub(super) fn version(&self) -> Result<i64, Failure> {
        let sql = "SELECT hashtextextended(pg_current_snapshot()::TEXT, 0)";
        let row = self.again_if_lost(|session| {
            let statement = session.statement(sql)?;
            session.client.query_one(&statement, &[])
        })?;
        Ok(row.try_get(0)?)
    }

    pub(super) fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, Failure> {
        let given: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
        let session = &mut *self.session()?;
        let changed = off_the_runtime(|| {
            let statement = session.statement(sql)?;
            session.client.execute(&statement, &given)
        });
        Ok(self.noted(changed)?)
    }

    pub(super) fn each(
        &self,
        sql: &str,
        values: &[Value<'_>],
        visit: &mut (dyn FnMut(PostgresRow<'_>) -> ControlFlow<()> + Send),
    ) -> Result<(), Failure> {
        let session = &mut *self.session()?;
        let visited = off_the_runtime(|| {
            let statement = session.statement(sql)?;
            let mut rows = session.client.query_raw(&statement, values.iter().copied())?;
            while let Some(row) = rows.next()? {
                if visit(PostgresRow(&row)).is_break() {
                    break;
                }
            }
            Ok(())
        });
        Ok(self.noted(visited)?)
    }

    /// Remembers that a statement failed.
    fn noted<T>(&self, outcome: Result<T, postgres::Error>) -> Result<T, postgres::Error> {
        if outcome.is_err() {
            self.has_failed.set(true);
        }
        outcome
    }

    /// Asks something that has no effect once more, if the connection turns out to be lost and may be made anew.
    fn again_if_lost<T: Send>(
        &self,
        ask: impl Fn(&mut Session) -> Result<T, postgres::Error> + Send + Sync,
    ) -> Result<T, Failure> {
        let (session, server, role) = (&mut *self.session()?, &self.server, self.role);
        off_the_runtime(|| {
            let answer = ask(session);
            if answer.is_ok() || role == Role::Writer || !session.client.is_closed() {
                return Ok(answer?);
            }
            *session = Session::begin(server)?;
            Ok(ask(session)?)
        })
    }

    /// The session, unless a statement's rows are being taken on it.
    fn session(&self) -> Result<RefMut<'_, Session>, Failure> {
        let session = self.session.try_borrow_mut().ok();
        let session = session.and_then(|session| RefMut::filter_map(session, Option::as_mut).ok());
        session.ok_or_else(|| "the rows of another statement are being taken".into())
    }
}

/// Does something that blocks: on another thread, if this one may be among those that drive a runtime's tasks. Whoever
/// calls waits for it here as for a disk.
fn off_the_runtime<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if Handle::try_current().is_err() {
        return work();
    }
    let done = std::thread::scope(|scope| scope.spawn(work).join());
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Gives the lock back at once, and not only when the server learns that the connection is gone.
impl Drop for Postgres {
    fn drop(&mut self) {
        let (session, role) = (self.session.get_mut().take(), self.role);
        off_the_runtime(|| {
            let Some(mut session) = session else { return };
            if role == Role::Writer {
                let _ = session.client.batch_execute("SELECT pg_advisory_unlock_all()");
            }
        });
    }
}

impl Session {
    fn begin(server: &Server) -> Result<Self, Failure> {
        Ok(Self { client: server.connect()?, statements: HashMap::new() })
    }

    /// Runs statements that are given nothing.
    fn run(&mut self, statements: &str) -> Result<(), postgres::Error> {
        off_the_runtime(|| self.client.batch_execute(statements))
    }

    /// A statement that is planned once. There are as many as the program has.
    fn statement(&mut self, sql: &str) -> Result<Statement, postgres::Error> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

impl Server {
    fn connect(&self) -> Result<Client, Failure> {
        let mut config = self.config.clone();
        if let Some(path) = &self.password_file {
            let text = std::fs::read_to_string(path)
                .map_err(|error| format!("read the password in {}: {error}", path.display()))?;
            config.password(text.trim_end_matches(['\r', '\n']));
        }
        let mut client = match config.get_ssl_mode() {
            SslMode::Disable => config.connect(NoTls)?,
            _ => config.connect(Tls::new(self.root_certificates.as_deref())?)?,
        };
        client.batch_execute(SETTINGS)?;
        Ok(client)
    }
}

/// The tables from which an erasure, a rotation and a retention run delete.
const VACUUM: &str = "VACUUM subject, event, tombstone, forgotten, import_job, segment";

/// Statements that both databases share, in the words of PostgreSQL. Text is ordered by its bytes, as in SQLite.
fn in_our_words(statements: &str) -> String {
    let words = statements.replace(" BLOB", " BYTEA").replace(" TEXT", " TEXT COLLATE \"C\"");
    words.replace(") WITHOUT ROWID", ")")
}

/// A commit that was answered is on disk; a machine that is gone does not keep the lock for hours. Whoever chose a
/// stricter way to commit keeps it.
const SETTINGS: &str = "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; \
                        SELECT set_config('synchronous_commit', 'on', false) \
                        WHERE current_setting('synchronous_commit') = 'off'";

/// A row that a statement found.
pub(crate) struct PostgresRow<'r>(&'r postgres::Row);

impl PostgresRow<'_> {
    /// A column by its place; `None` if there is none, or if it holds what the catalogue never does.
    pub(super) fn value(&self, place: usize) -> Option<Value<'_>> {
        let kind = self.0.columns().get(place)?.type_();
        match *kind {
            Type::INT8 => self.read(place, Value::Number),
            Type::INT4 => self.read(place, |number: i32| Value::Number(number.into())),
            Type::BOOL => self.read(place, |is: bool| Value::Number(is.into())),
            Type::TEXT => self.read(place, Value::Text),
            Type::BYTEA => self.read(place, Value::Bytes),
            _ => None,
        }
    }

    fn read<'r, T: postgres::types::FromSql<'r>>(
        &'r self,
        place: usize,
        value: impl Fn(T) -> Value<'r>,
    ) -> Option<Value<'r>> {
        self.0.try_get::<_, Option<T>>(place).ok().map(|found| found.map_or(Value::Null, value))
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, kind) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Number(number), &Type::INT8) => number.to_sql(kind, out),
            (Value::Number(number), &Type::INT4) => i32::try_from(*number)?.to_sql(kind, out),
            (Value::Text(text), &Type::TEXT) => text.to_sql(kind, out),
            (Value::Bytes(bytes), &Type::BYTEA) => bytes.to_sql(kind, out),
            (value, kind) => Err(format!("a column of type {kind} is given {}", value.kind()).into()),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::INT4 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}
