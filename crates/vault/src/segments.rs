//! The segments as a whole: listed, read, dropped.

use std::collections::HashSet;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::capture::{FILES, SEGMENT_BYTES, SEGMENTS, Segment, SegmentRow};
use crate::catalogue::{CatalogueError, Db, Row, values};
use crate::piece::SealedPiece;
use crate::segment::SegmentError;
use crate::{Entropy, Objects, Vault, VaultError, durable, segment};

/// How much the vault holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Holdings {
    /// Segment files.
    pub segments: u64,
    /// Turns.
    pub turns: u64,
    /// Bytes of what was said, as it lies there.
    pub bytes: u64,
    /// Bytes of the files that came with it.
    pub files_bytes: u64,
}

impl Vault {
    /// How much the vault holds.
    pub fn holdings(&self) -> Result<Holdings, VaultError> {
        let rows = self.segment_rows()?;
        Ok(Holdings {
            segments: rows.len() as u64,
            turns: rows.iter().map(|row| row.turns).sum(),
            bytes: rows.iter().map(|row| row.bytes).sum(),
            files_bytes: rows.iter().map(|row| row.files_bytes).sum(),
        })
    }

    /// Calls `visit` with the sealed pieces of one segment after the other, without their files.
    pub fn each_segment<E: From<VaultError>>(
        &self,
        mut visit: impl FnMut(Vec<SealedPiece>) -> Result<(), E>,
    ) -> Result<(), E> {
        for row in self.segment_rows()? {
            visit(self.read_segment(&row)?)?;
        }
        Ok(())
    }

    /// The same with the files of the pieces.
    pub fn each_segment_with_files<E: From<VaultError>>(
        &self,
        mut visit: impl FnMut(Vec<SealedPiece>) -> Result<(), E>,
    ) -> Result<(), E> {
        for row in self.segment_rows()? {
            visit(self.read_segment_with_files(&row)?)?;
        }
        Ok(())
    }

    /// The pieces of a segment. Its clear columns say whose the pieces are, so a changed byte there would pass for
    /// an erasure: nothing is read from a file that is not the one that was written.
    pub(crate) fn read_segment(&self, row: &SegmentRow) -> Result<Vec<SealedPiece>, VaultError> {
        read_segment(&self.objects, row)
    }

    /// The same with their files, as whoever writes them again must have them.
    pub(crate) fn read_segment_with_files(&self, row: &SegmentRow) -> Result<Vec<SealedPiece>, VaultError> {
        read_segment_with_files(&self.objects, row)
    }

    /// Writes a segment's files; they last when this returns, and are known once the line is in the catalogue.
    pub(crate) fn put_segment(
        &self,
        segment: &Segment,
        entropy: &mut Entropy,
    ) -> Result<SegmentRow, VaultError> {
        let name = format!("{:032x}", u128::from_be_bytes(entropy.bytes()));
        let (bytes, files) = segment::write(&segment.pieces)?;
        let row = segment.row(&name, &bytes, files.as_deref());
        if let (Some(path), Some(files)) = (row.files_path(), files) {
            self.objects.put(&path, files)?;
            durable::step("files-put");
        }
        self.objects.put(&row.path, bytes)?;
        Ok(row)
    }

    /// Removes a segment's files; its line is gone from the catalogue already.
    pub(crate) fn remove_segment(&self, row: &SegmentRow) -> Result<(), VaultError> {
        self.objects.remove(&row.path)?;
        Ok(row.files_path().map_or(Ok(()), |path| self.objects.remove(&path))?)
    }

    pub(crate) fn segment_rows(&self) -> Result<Vec<SegmentRow>, VaultError> {
        Ok(segment_rows(&self.db)?)
    }

    /// The segment of a day that has most room taken and yet some left; `None` if each is full or one of many buckets.
    pub(crate) fn unfilled_segment(&self, expires_day: i64) -> Result<Option<SegmentRow>, VaultError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM segment WHERE expires_day = $1 AND bucket_bits = 0 \
             AND bytes + files_bytes < $2 ORDER BY bytes + files_bytes DESC LIMIT 1"
        );
        let room = values![expires_day, SEGMENT_BYTES as i64];
        Ok(self.db.first("look for a segment with room", &sql, room, segment_row)?)
    }

    /// Removes segment files that no entry names: what a crash left while writing, or before committing.
    pub(crate) fn remove_orphans(&self) -> Result<(), VaultError> {
        let mut known = HashSet::new();
        for row in self.segment_rows()? {
            known.extend(row.files_path());
            known.insert(row.path);
        }
        for folder in [SEGMENTS, FILES] {
            self.objects.remove_unfinished(folder)?;
            for path in self.objects.list(folder)? {
                if !known.contains(&path) {
                    self.objects.remove(&path)?;
                }
            }
        }
        Ok(())
    }
}

pub(crate) fn read_segment(objects: &Objects, row: &SegmentRow) -> Result<Vec<SealedPiece>, VaultError> {
    Ok(segment::read(read_object(objects, row.path.clone(), Some(row.sha256))?)?)
}

/// The same with their files.
pub(crate) fn read_segment_with_files(
    objects: &Objects,
    row: &SegmentRow,
) -> Result<Vec<SealedPiece>, VaultError> {
    let mut pieces = read_segment(objects, row)?;
    let object = |path| read_object(objects, path, row.files_sha256);
    let files = row.files_path().map(object).transpose()?;
    segment::read_files(files, &mut pieces)?;
    Ok(pieces)
}

fn read_object(objects: &Objects, path: String, sha256: Option<[u8; 32]>) -> Result<Bytes, VaultError> {
    let bytes = objects.read(&path)?;
    let is_what_was_written = sha256.is_some_and(|sha256| Sha256::digest(&bytes)[..] == sha256);
    if is_what_was_written { Ok(bytes) } else { Err(SegmentError::Changed(path).into()) }
}

const COLUMNS: &str = "path, expires_day, bucket, bucket_bits, pieces, joint_pieces, turns, bytes, sha256, \
                       files_bytes, files_sha256";

pub(crate) fn segment_rows(db: &Db) -> Result<Vec<SegmentRow>, CatalogueError> {
    let sql = format!("SELECT {COLUMNS} FROM segment ORDER BY path");
    db.all("list segments", &sql, values![], segment_row)
}

fn segment_row(row: &Row<'_>) -> Result<SegmentRow, CatalogueError> {
    Ok(SegmentRow {
        path: row.get(0)?,
        expires_day: row.get(1)?,
        bucket: row.get(2)?,
        bucket_bits: row.get(3)?,
        pieces: row.get(4)?,
        joint_pieces: row.get(5)?,
        turns: row.get(6)?,
        bytes: row.get(7)?,
        sha256: row.get(8)?,
        files_bytes: row.get(9)?,
        files_sha256: row.get(10)?,
    })
}
