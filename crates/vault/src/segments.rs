//! The segments as a whole: listed, read, dropped.

use rusqlite::{Connection, OptionalExtension, Row};
use sha2::{Digest, Sha256};

use crate::capture::{SEGMENT_BYTES, SegmentRow};
use crate::catalogue::doing;
use crate::piece::SealedPiece;
use crate::segment::SegmentError;
use crate::{Objects, Vault, VaultError, segment};

/// How much the vault holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Holdings {
    /// Segment files.
    pub segments: u64,
    /// Turns.
    pub turns: u64,
    /// Bytes of all segment files.
    pub bytes: u64,
}

impl Vault {
    /// How much the vault holds.
    pub fn holdings(&self) -> Result<Holdings, VaultError> {
        let rows = self.segment_rows()?;
        Ok(Holdings {
            segments: rows.len() as u64,
            turns: rows.iter().map(|row| row.turns).sum(),
            bytes: rows.iter().map(|row| row.bytes).sum(),
        })
    }

    /// Calls `visit` with the sealed pieces of one segment after the other.
    pub fn each_segment<E: From<VaultError>>(
        &self,
        mut visit: impl FnMut(Vec<SealedPiece>) -> Result<(), E>,
    ) -> Result<(), E> {
        for row in self.segment_rows()? {
            visit(self.read_segment(&row)?)?;
        }
        Ok(())
    }

    /// The pieces of a segment. Its clear columns say whose the pieces are, so a changed byte there would pass for
    /// an erasure: nothing is read from a file that is not the one that was written.
    pub(crate) fn read_segment(&self, row: &SegmentRow) -> Result<Vec<SealedPiece>, VaultError> {
        read_segment(&self.objects, row)
    }

    pub(crate) fn segment_rows(&self) -> Result<Vec<SegmentRow>, VaultError> {
        segment_rows(&self.db)
    }

    /// The segment of a day that has most room taken and yet some left; `None` if each is full or one of many buckets.
    pub(crate) fn unfilled_segment(&self, expires_day: i64) -> Result<Option<SegmentRow>, VaultError> {
        let found = self
            .db
            .prepare_cached(
                "SELECT path, expires_day, bucket, bucket_bits, pieces, joint_pieces, turns, bytes, sha256 \
                 FROM segment WHERE expires_day = $1 AND bucket_bits = 0 AND bytes < $2 \
                 ORDER BY bytes DESC LIMIT 1",
            )
            .and_then(|mut statement| {
                statement.query_row((expires_day, SEGMENT_BYTES as i64), segment_row).optional()
            })
            .map_err(doing("look for a segment with room"))?;
        Ok(found)
    }

    /// Removes segment files that no entry names: what a crash left while writing, or before committing.
    pub(crate) fn remove_orphans(&self) -> Result<(), VaultError> {
        self.objects.remove_unfinished("segments")?;
        let known: std::collections::HashSet<String> =
            self.segment_rows()?.into_iter().map(|row| row.path).collect();
        for path in self.objects.list("segments")? {
            if !known.contains(&path) {
                self.objects.remove(&path)?;
            }
        }
        Ok(())
    }
}

pub(crate) fn read_segment(objects: &Objects, row: &SegmentRow) -> Result<Vec<SealedPiece>, VaultError> {
    let bytes = objects.read(&row.path)?;
    if Sha256::digest(&bytes)[..] != row.sha256 {
        return Err(SegmentError::Changed(row.path.clone()).into());
    }
    Ok(segment::read(bytes)?)
}

pub(crate) fn segment_rows(db: &Connection) -> Result<Vec<SegmentRow>, VaultError> {
    let sql = "SELECT path, expires_day, bucket, bucket_bits, pieces, joint_pieces, turns, bytes, sha256 \
               FROM segment ORDER BY path";
    let mut statement = db.prepare_cached(sql).map_err(doing("list segments"))?;
    let rows = statement.query_map([], segment_row).map_err(doing("list segments"))?;
    let rows = rows.collect::<Result<_, _>>().map_err(doing("list segments"))?;
    Ok(rows)
}

fn segment_row(row: &Row<'_>) -> rusqlite::Result<SegmentRow> {
    let count = |index| row.get::<_, i64>(index).map(|number| number as u64);
    Ok(SegmentRow {
        path: row.get(0)?,
        expires_day: row.get(1)?,
        bucket: row.get(2)?,
        bucket_bits: row.get(3)?,
        pieces: count(4)?,
        joint_pieces: count(5)?,
        turns: count(6)?,
        bytes: count(7)?,
        sha256: row.get(8)?,
    })
}
