//! Which turns of a conversation are in the vault.

use candor_consent::{Permit, Permits, Purpose};

use crate::catalogue::{CatalogueError, Db, Tx, values};
use crate::piece::{SealedPiece, TurnReference};

/// A turn that is in the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KnownTurn {
    pub(crate) reference: TurnReference,
    /// What it was kept for: a bit for each of [`Purpose::ALL`].
    purposes: u8,
}

/// Bytes of a turn in the catalogue: its reference and its purposes.
const TURN_BYTES: usize = 9;

impl KnownTurn {
    pub(crate) fn new(reference: TurnReference, permits: &Permits) -> Self {
        let mut turn = Self { reference, purposes: 0 };
        for purpose in permits.all().iter().map(Permit::purpose) {
            turn.purposes |= bit(purpose);
        }
        turn
    }

    /// Whether it was kept for a purpose.
    pub(crate) fn is_for(self, purpose: Purpose) -> bool {
        self.purposes & bit(purpose) != 0
    }

    fn to_bytes(self) -> [u8; TURN_BYTES] {
        let [a, b, c, d, e, f, g, h] = self.reference.0.to_be_bytes();
        [a, b, c, d, e, f, g, h, self.purposes]
    }

    fn from_bytes([reference @ .., purposes]: [u8; TURN_BYTES]) -> Self {
        Self { reference: TurnReference(u64::from_be_bytes(reference)), purposes }
    }
}

fn bit(purpose: Purpose) -> u8 {
    Purpose::ALL.iter().position(|other| *other == purpose).map_or(0, |place| 1 << place)
}

/// Turns of one conversation, in order of capture.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownTurns {
    pub(crate) turns: Vec<KnownTurn>,
    /// The first day since the epoch on which something of it goes; unknown where nothing wrote it down.
    pub(crate) expires_day: Option<i64>,
}

impl KnownTurns {
    /// What the catalogue says.
    pub(crate) fn read(db: &Db, reference: &[u8; 16]) -> Result<Self, CatalogueError> {
        let sql = "SELECT turns, expires_day FROM conversation WHERE reference = $1";
        let found = db.first("read turn references", sql, values![reference], |row| {
            Ok::<(Vec<u8>, Option<i64>), CatalogueError>((row.get(0)?, row.get(1)?))
        })?;
        let (bytes, expires_day) = found.unwrap_or_default();
        let (whole, _) = bytes.as_chunks::<TURN_BYTES>();
        let turns = whole.iter().map(|chunk| KnownTurn::from_bytes(*chunk)).collect();
        Ok(Self { turns, expires_day })
    }

    pub(crate) fn references(&self) -> impl Iterator<Item = TurnReference> {
        self.turns.iter().map(|turn| turn.reference)
    }

    /// Adds turns, with the pieces that hold them.
    pub(crate) fn add(&mut self, turns: impl IntoIterator<Item = KnownTurn>, pieces: &[SealedPiece]) {
        self.turns.extend(turns);
        let days = pieces.iter().map(|piece| piece.expires_day);
        self.expires_day = self.expires_day.into_iter().chain(days).min();
    }

    /// Adds these to what the catalogue says.
    ///
    /// They are joined here: `||` of two blobs gives text in SQLite, and a blob in PostgreSQL.
    pub(crate) fn write(&self, tx: &Tx<'_>, reference: &[u8; 16]) -> Result<(), CatalogueError> {
        let mut all = Self::read(tx, reference)?;
        all.turns.extend(&self.turns);
        all.expires_day = all.expires_day.into_iter().chain(self.expires_day).min();
        let turns: Vec<u8> = all.turns.iter().flat_map(|turn| turn.to_bytes()).collect();
        let sql = "INSERT INTO conversation (reference, turns, expires_day) VALUES ($1, $2, $3) \
             ON CONFLICT (reference) DO UPDATE SET turns = excluded.turns, expires_day = excluded.expires_day";
        tx.execute("write turn references", sql, values![reference, &turns, all.expires_day]).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_has_a_bit_of_its_own() {
        let bits: Vec<u8> = Purpose::ALL.into_iter().map(bit).collect();
        assert_eq!(bits.iter().fold(0, |all, bit| all | bit).count_ones() as usize, Purpose::ALL.len());
        let turn = KnownTurn { reference: TurnReference(0x0102_0304_0506_0708), purposes: bits[1] };
        assert_eq!(KnownTurn::from_bytes(turn.to_bytes()), turn);
        assert!(turn.is_for(Purpose::ALL[1]) && !turn.is_for(Purpose::ALL[0]));
    }
}
