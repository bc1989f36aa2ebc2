//! A look into a catalogue from outside.

use std::fs;
use std::path::Path;

use postgres::types::Type;
use rusqlite::types::ValueRef;

use crate::{Cell, Failure};

const SQLITE_FILE: &str = "catalogue.sqlite";

pub(crate) fn sqlite(root: &Path) -> Result<rusqlite::Connection, Failure> {
    Ok(rusqlite::Connection::open(root.join(SQLITE_FILE))?)
}

pub(crate) fn sqlite_rows(db: &rusqlite::Connection, query: &str) -> Result<Vec<Vec<Cell>>, Failure> {
    let mut statement = db.prepare(query)?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let cell = |column| -> Result<Cell, Failure> {
            Ok(match row.get_ref(column)? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(number) => Cell::Number(number),
                ValueRef::Text(text) => Cell::Text(std::str::from_utf8(text)?.to_owned()),
                ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_owned()),
                ValueRef::Real(_) => return Err("a catalogue holds no fractions".into()),
            })
        };
        found.push((0..columns).map(cell).collect::<Result<_, _>>()?);
    }
    Ok(found)
}

pub(crate) fn sqlite_bytes(root: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = fs::read(root.join(SQLITE_FILE))?;
    if let Ok(log) = fs::read(root.join("catalogue.sqlite-wal")) {
        bytes.extend(log);
    }
    Ok(bytes)
}

pub(crate) fn postgres_rows(db: &mut postgres::Client, query: &str) -> Result<Vec<Vec<Cell>>, Failure> {
    let rows = db.query(query, &[])?;
    let cells = |row: &postgres::Row| {
        (0..row.len()).map(|column| postgres_cell(row, column)).collect::<Result<_, _>>()
    };
    rows.iter().map(cells).collect()
}

fn postgres_cell(row: &postgres::Row, column: usize) -> Result<Cell, Failure> {
    let kind = row.columns().get(column).map(postgres::Column::type_);
    let cell = match kind {
        Some(&Type::INT8) => row.try_get::<_, Option<i64>>(column)?.map(Cell::Number),
        Some(&Type::INT4) => row.try_get::<_, Option<i32>>(column)?.map(|number| Cell::Number(number.into())),
        Some(&Type::BOOL) => row.try_get::<_, Option<bool>>(column)?.map(|is| Cell::Number(is.into())),
        Some(&Type::TEXT) => row.try_get::<_, Option<String>>(column)?.map(Cell::Text),
        Some(&Type::BYTEA) => row.try_get::<_, Option<Vec<u8>>>(column)?.map(Cell::Bytes),
        other => return Err(format!("a catalogue holds nothing of type {other:?}").into()),
    };
    Ok(cell.unwrap_or(Cell::Null))
}

pub(crate) fn postgres_bytes(db: &mut postgres::Client) -> Result<Vec<u8>, Failure> {
    let tables =
        "SELECT tablename::TEXT FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename";
    let mut bytes = Vec::new();
    for table in postgres_rows(db, tables)?.into_iter().flatten() {
        for cell in postgres_rows(db, &format!("SELECT * FROM {table}"))?.into_iter().flatten() {
            match cell {
                Cell::Bytes(held) => bytes.extend(held),
                other => bytes.extend(other.to_string().bytes()),
            }
        }
    }
    Ok(bytes)
}
