//! Which turns of a conversation are in the vault.

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::catalogue::{CatalogueError, doing};
use crate::piece::{SealedPiece, TurnReference};

/// Turns of one conversation, in order of capture.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownTurns {
    /// Their references.
    pub(crate) turns: Vec<TurnReference>,
    /// The first day since the epoch on which something of it goes; unknown where nothing wrote it down.
    pub(crate) expires_day: Option<i64>,
}

impl KnownTurns {
    /// What the catalogue says.
    pub(crate) fn read(db: &Connection, reference: &[u8; 16]) -> Result<Self, CatalogueError> {
        let found: Option<(Vec<u8>, Option<i64>)> = db
            .prepare_cached("SELECT turns, expires_day FROM conversation WHERE reference = $1")
            .and_then(|mut statement| {
                statement.query_row([reference], |row| Ok((row.get(0)?, row.get(1)?))).optional()
            })
            .map_err(doing("read turn references"))?;
        let (bytes, expires_day) = found.unwrap_or_default();
        let (whole, _) = bytes.as_chunks::<8>();
        let turns = whole.iter().map(|chunk| TurnReference(u64::from_be_bytes(*chunk))).collect();
        Ok(Self { turns, expires_day })
    }

    /// Adds turns, with the pieces that hold them.
    pub(crate) fn add(&mut self, turns: impl IntoIterator<Item = TurnReference>, pieces: &[SealedPiece]) {
        self.turns.extend(turns);
        let days = pieces.iter().map(|piece| piece.expires_day);
        self.expires_day = self.expires_day.into_iter().chain(days).min();
    }

    /// Adds these to what the catalogue says.
    ///
    /// They are joined here: `||` of two blobs gives text in SQLite, and a blob in PostgreSQL.
    pub(crate) fn write(&self, tx: &Transaction<'_>, reference: &[u8; 16]) -> Result<(), CatalogueError> {
        let mut all = Self::read(tx, reference)?;
        all.turns.extend(&self.turns);
        all.expires_day = all.expires_day.into_iter().chain(self.expires_day).min();
        let turns: Vec<u8> = all.turns.iter().flat_map(|turn| turn.0.to_be_bytes()).collect();
        tx.prepare_cached(
            "INSERT INTO conversation (reference, turns, expires_day) VALUES ($1, $2, $3) \
             ON CONFLICT (reference) DO UPDATE SET turns = excluded.turns, expires_day = excluded.expires_day",
        )
        .and_then(|mut statement| statement.execute((reference, turns, all.expires_day)))
        .map_err(doing("write turn references"))?;
        Ok(())
    }
}
