//! Which turns share a piece, and which pieces share a segment.

use std::collections::BTreeMap;

use candor_consent::{AfterWithdrawal, NoticeBook, Permit};
use candor_conversation::{ConversationId, Timestamp};
use sha2::{Digest, Sha256};

use super::plan::{Authors, PlannedTurn};
use crate::catalogue::{CatalogueError, Tx, values};
use crate::cipher::Key;
use crate::compress::Compressor;
use crate::piece::{self, AuthorTag, CapturedTurn, Place, SealedPiece};
use crate::{Entropy, VaultError};

/// Size that segments aim at, in bytes: small enough that rewriting one for one person is cheap.
pub(crate) const SEGMENT_BYTES: usize = 512 << 10;
/// Size beyond which a bucket's pieces go into several files, in bytes; a piece is never cut.
const FILE_BYTES_MAX: usize = 2 * SEGMENT_BYTES;
/// Most bits of the authors' tags that tell buckets apart.
const BUCKET_BITS_MAX: u32 = 10;
/// Retention is kept in steps of at most this share of its length: expiry is rounded down, never up.
const EXPIRY_STEPS: i64 = 32;

/// The conversation whose turns are grouped.
pub(crate) struct Conversation<'n> {
    pub(crate) id: ConversationId,
    pub(crate) reference: [u8; 16],
    /// The notices that its turns are bound to.
    pub(crate) notices: &'n NoticeBook,
}

/// What the turns of one piece have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Fate {
    authors: Vec<AuthorTag>,
    expires_day: i64,
    /// Whether a notice keeps them for their term when their author withdraws: what nothing permits to read any
    /// more cannot be sealed again without what must go.
    kept_after_withdrawal: bool,
}

impl Fate {
    fn of(turn: &PlannedTurn<'_>, notices: &NoticeBook) -> Self {
        let permits = &turn.captured.permits;
        let keeps = |permit: &Permit| {
            let notice = notices.by_id(permit.binding().notice);
            notice.is_some_and(|notice| notice.after_withdrawal == AfterWithdrawal::Keep)
        };
        let promised = expiry_day(turn.captured.turn.said_at, permits.keep_until());
        Self {
            authors: turn.authors.iter().map(|person| person.subject.tag).collect(),
            expires_day: promised.min(turn.expires_by.unwrap_or(promised)),
            kept_after_withdrawal: permits.all().iter().any(keeps),
        }
    }
}

/// Day on which a turn is dropped: the promised day, rounded down so that few different days occur.
///
/// A turn promised for 365 days goes on a day between the 357th and the 365th, never later.
pub(crate) fn expiry_day(said_at: Option<Timestamp>, keep_until: Timestamp) -> i64 {
    let days = said_at.map_or(1, |said_at| keep_until.days_since(said_at));
    let mut step = 1;
    while step * 2 <= days / EXPIRY_STEPS {
        step *= 2;
    }
    keep_until.day().div_euclid(step) * step
}

/// Seals turns, those of the same fate together.
pub(crate) fn into_pieces(
    turns: Vec<PlannedTurn<'_>>,
    conversation: &Conversation<'_>,
    compressor: &mut Compressor,
    entropy: &mut Entropy,
) -> Result<Vec<SealedPiece>, VaultError> {
    type Group<'p> = (Authors<'p>, Vec<CapturedTurn>);
    let mut groups: BTreeMap<Fate, Group<'_>> = BTreeMap::new();
    for turn in turns {
        let fate = Fate::of(&turn, conversation.notices);
        let (_, captured) = groups.entry(fate).or_insert_with(|| (turn.authors, Vec::new()));
        captured.push(turn.captured);
    }
    let mut pieces = Vec::with_capacity(groups.len());
    for (fate, (authors, captured)) in groups {
        let authors: Vec<(AuthorTag, Key)> =
            authors.iter().map(|person| (person.subject.tag, person.subject.key.clone())).collect();
        let place = Place {
            conversation: conversation.id,
            reference: conversation.reference,
            authors: &authors,
            expires_day: fate.expires_day,
        };
        pieces.push(piece::seal(&place, &captured, compressor, entropy)?);
    }
    Ok(pieces)
}

/// Pieces that go into one file.
pub(crate) struct Segment {
    pub(crate) expires_day: i64,
    pub(crate) bucket: u32,
    pub(crate) bucket_bits: u32,
    pub(crate) pieces: Vec<SealedPiece>,
}

/// Groups pieces by expiry and by the leading bits of their first author's tag.
pub(crate) fn into_segments(pieces: Vec<SealedPiece>) -> Vec<Segment> {
    let mut by_day: BTreeMap<i64, Vec<SealedPiece>> = BTreeMap::new();
    for piece in pieces {
        by_day.entry(piece.expires_day).or_default().push(piece);
    }
    let mut segments = Vec::new();
    for (expires_day, pieces) in by_day {
        let bytes: usize = pieces.iter().map(SealedPiece::stored_bytes).sum();
        let bucket_bits = (bytes / SEGMENT_BYTES + 1).ilog2().min(BUCKET_BITS_MAX);
        let mut buckets: BTreeMap<u32, Vec<SealedPiece>> = BTreeMap::new();
        for piece in pieces {
            let bucket = piece.authors.first().map_or(0, |tag| bucket_of(*tag, bucket_bits));
            buckets.entry(bucket).or_default().push(piece);
        }
        for (bucket, mut pieces) in buckets {
            pieces.sort_by(|a, b| (&a.authors, a.conversation).cmp(&(&b.authors, b.conversation)));
            let files = into_files(pieces).into_iter();
            segments.extend(files.map(|pieces| Segment { expires_day, bucket, bucket_bits, pieces }));
        }
    }
    segments
}

/// Cuts the pieces of a bucket, in their order, into files: one person may have most of what is in it, and opening or
/// forgetting one conversation of theirs must not cost reading all of it.
fn into_files(pieces: Vec<SealedPiece>) -> Vec<Vec<SealedPiece>> {
    let mut files: Vec<Vec<SealedPiece>> = Vec::new();
    let mut bytes = 0;
    for piece in pieces {
        bytes += piece.stored_bytes();
        match files.last_mut() {
            Some(file) if bytes <= FILE_BYTES_MAX => file.push(piece),
            _ => {
                bytes = piece.stored_bytes();
                files.push(vec![piece]);
            }
        }
    }
    files
}

/// The leading bits of a tag.
pub(crate) fn bucket_of(tag: AuthorTag, bits: u32) -> u32 {
    let [a, b, ..] = tag.0;
    u32::from(u16::from_be_bytes([a, b])) >> (16 - bits)
}

/// Folders of the object store that the files of segments are in: their first ones, and their second ones.
pub(crate) const SEGMENTS: &str = "segments";
pub(crate) const FILES: &str = "files";

/// A segment's line in the catalogue.
pub(crate) struct SegmentRow {
    pub(crate) path: String,
    pub(crate) expires_day: i64,
    pub(crate) bucket: u32,
    pub(crate) bucket_bits: u32,
    pub(crate) pieces: u64,
    pub(crate) joint_pieces: u64,
    pub(crate) turns: u64,
    /// Of the first file.
    pub(crate) bytes: u64,
    pub(crate) sha256: [u8; 32],
    /// Of the second file; 0 if there is none.
    pub(crate) files_bytes: u64,
    pub(crate) files_sha256: Option<[u8; 32]>,
}

impl Segment {
    /// Its line, with the name and the bytes of its files.
    pub(crate) fn row(&self, name: &str, bytes: &[u8], files: Option<&[u8]>) -> SegmentRow {
        SegmentRow {
            path: format!("{SEGMENTS}/{name}.parquet"),
            expires_day: self.expires_day,
            bucket: self.bucket,
            bucket_bits: self.bucket_bits,
            pieces: self.pieces.len() as u64,
            joint_pieces: self.pieces.iter().filter(|piece| piece.authors.len() > 1).count() as u64,
            turns: self.pieces.iter().map(|piece| u64::from(piece.turns)).sum(),
            bytes: bytes.len() as u64,
            sha256: Sha256::digest(bytes).into(),
            files_bytes: files.map_or(0, <[u8]>::len) as u64,
            files_sha256: files.map(|bytes| Sha256::digest(bytes).into()),
        }
    }
}

impl SegmentRow {
    /// The path of the second file, if there is one.
    pub(crate) fn files_path(&self) -> Option<String> {
        let name = self.path.strip_prefix(SEGMENTS)?;
        self.files_sha256.map(|_| format!("{FILES}{name}"))
    }

    pub(crate) fn delete(&self, tx: &Tx<'_>) -> Result<(), CatalogueError> {
        let sql = "DELETE FROM segment WHERE path = $1";
        tx.execute("drop segment entry", sql, values![&self.path]).map(|_| ())
    }

    pub(crate) fn insert(&self, tx: &Tx<'_>) -> Result<(), CatalogueError> {
        let sql = "INSERT INTO segment (path, expires_day, bucket, bucket_bits, pieces, joint_pieces, turns, bytes, \
             sha256, files_bytes, files_sha256) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let line = values![
            &self.path,
            self.expires_day,
            self.bucket,
            self.bucket_bits,
            self.pieces as i64,
            self.joint_pieces as i64,
            self.turns as i64,
            self.bytes as i64,
            &self.sha256,
            self.files_bytes as i64,
            self.files_sha256.as_ref(),
        ];
        tx.execute("write segment entry", sql, line).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_never_later_than_promised_and_at_most_a_thirty_second_earlier() {
        let said_at: Timestamp = "2026-03-04T05:06:07Z".parse().unwrap();
        for days in [1, 2, 29, 30, 90, 365, 1825, 36_525] {
            let keep_until = said_at.plus_days(days);
            let day = expiry_day(Some(said_at), keep_until);
            assert!(day <= keep_until.day(), "{days}");
            assert!(keep_until.day() - day <= i64::from(days) / 32, "{days}: {day}");
        }
    }
}
