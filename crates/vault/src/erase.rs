//! Forgetting: a person erased, what withdrew or expired purged, epochs rotated.

use std::collections::{BTreeMap, HashSet};

use candor_conversation::Timestamp;
use rusqlite::Connection;

use crate::capture::{Segment, SegmentRow};
use crate::catalogue::{self, doing};
use crate::compress::{Compressor, Decompressor};
use crate::keys::Epoch;
use crate::log::{self, Entry};
use crate::piece::{AuthorTag, SealedPiece};
use crate::records::{check_clock, setting};
use crate::vault::id_16;
use crate::{Entropy, Subject, Vault, VaultError, change, durable};

mod conversation;
mod purge;

pub use conversation::Forgotten;

pub(crate) use conversation::ForgottenBy;

use purge::{Gone, Purge, Purged};

/// The log's last position that a retention run has seen. It counts acts and not time: a run with a clock that is
/// ahead must not make the next one overlook what was taken back in between.
const PURGED_UP_TO: &str = "purged_up_to";

/// Rows of a release that must not be used again.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Recall {
    /// The release.
    pub release: String,
    /// The row's number in it.
    pub row: u64,
    /// `erased` or `withdrawn`.
    pub cause: String,
    /// The day on which it was recalled, such as `2026-03-01`.
    pub recalled_on: String,
}

/// What a retention run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct RetentionReport {
    /// Whole files dropped because their time was over.
    pub segments_dropped: u64,
    /// Turns in them.
    pub turns_expired: u64,
    /// Files rewritten without what was erased or withdrawn.
    pub segments_rewritten: u64,
    /// Turns purged from them.
    pub turns_purged: u64,
}

impl Vault {
    /// Erases a person: writes the recall entries, destroys their key and records, leaves a tombstone. What
    /// they wrote does not open from then on; [`Vault::run_retention`] removes the ciphertext.
    pub fn erase(
        &mut self,
        subject: &Subject,
        recalls: &[(String, u64)],
        now: Timestamp,
    ) -> Result<(), VaultError> {
        let id = subject.id.as_bytes();
        let tx = self.db.transaction().map_err(doing("begin erasure"))?;
        write_recalls(&tx, recalls, "erased", now)?;
        tx.execute(
            "INSERT INTO tombstone (reference, tag, erased_at) SELECT reference, tag, $1 FROM subject WHERE id = $2",
            (now.millis(), id),
        )
        .map_err(doing("leave tombstone"))?;
        change::person(&tx, id)?;
        tx.execute("DELETE FROM event WHERE subject = $1", [id]).map_err(doing("delete events"))?;
        tx.execute("DELETE FROM forgotten WHERE author = $1", [subject.tag.0])
            .map_err(doing("delete tombstones of conversations"))?;
        tx.execute("DELETE FROM subject WHERE id = $1", [id]).map_err(doing("destroy key"))?;
        crate::capture::forget_unfinished_jobs(&tx)?;
        log::add(&tx, Entry::Public(format!(r#"{{"at":"{now}","type":"erasure"}}"#)))?;
        tx.commit().map_err(doing("commit erasure"))?;
        durable::step("erasure-committed");
        self.log.catch_up(&self.db)?;
        catalogue::empty_write_ahead_log(&self.db)?;
        Ok(())
    }

    /// All recalled rows, by release and row.
    pub fn recalls(&self) -> Result<Vec<Recall>, VaultError> {
        let sql = "SELECT release, row_number, cause, recorded_day FROM recall ORDER BY release, row_number";
        let mut statement = self.db.prepare_cached(sql).map_err(doing("read recalls"))?;
        let rows = statement.query_map([], |row| {
            Ok(Recall {
                release: row.get(0)?,
                row: row.get::<_, i64>(1)? as u64,
                cause: row.get(2)?,
                recalled_on: date(row.get(3)?),
            })
        });
        let rows = rows.map_err(doing("read recalls"))?.collect::<Result<_, _>>();
        Ok(rows.map_err(doing("read recalls"))?)
    }

    /// Starts a new epoch: wraps every subject's key with a new key and destroys the old ones. Copies of the
    /// catalogue made before, backups and write-ahead logs included, open nothing from then on.
    pub fn rotate_epoch(&mut self, entropy: &mut Entropy) -> Result<Epoch, VaultError> {
        let next = Epoch(self.keys.epochs().last().map_or(0, |epoch| epoch.0) + 1);
        self.keys.add_epoch(next, entropy)?;
        durable::step("epoch-added");
        let tx = self.db.transaction().map_err(doing("begin rotation"))?;
        let mut wrapped: Vec<(Vec<u8>, u32, Vec<u8>)> = Vec::new();
        {
            let mut statement = tx
                .prepare("SELECT id, epoch, wrapped_key FROM subject WHERE epoch <> $1")
                .map_err(doing("read wrapped keys"))?;
            let rows = statement
                .query_map([next.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .map_err(doing("read wrapped keys"))?;
            for row in rows {
                wrapped.push(row.map_err(doing("read wrapped key"))?);
            }
        }
        for (id, epoch, key) in wrapped {
            let key = self.keys.epoch(Epoch(epoch))?.unwrap(&id, &key)?;
            let again = self.keys.epoch(next)?.wrap(&id, &key, entropy);
            tx.prepare_cached("UPDATE subject SET epoch = $1, wrapped_key = $2 WHERE id = $3")
                .and_then(|mut statement| statement.execute((next.0, again, &id)))
                .map_err(doing("wrap key again"))?;
        }
        tx.commit().map_err(doing("commit rotation"))?;
        durable::step("rotation-committed");
        self.finish_rotation()?;
        Ok(next)
    }

    /// Destroys the keys of old epochs that wrap nobody's key any more: the end of a rotation, which a crash may
    /// have kept from coming.
    pub(crate) fn finish_rotation(&mut self) -> Result<(), VaultError> {
        let mut old = self.keys.epochs();
        let newest = old.pop();
        if old.is_empty() {
            return Ok(());
        }
        let last = newest.map_or(0, |epoch| epoch.0);
        let waiting: bool = self
            .db
            .query_row("SELECT EXISTS (SELECT 1 FROM subject WHERE epoch <> $1)", [last], |row| row.get(0))
            .map_err(doing("look for keys of old epochs"))?;
        if waiting {
            return Ok(());
        }
        catalogue::empty_write_ahead_log(&self.db)?;
        for epoch in old {
            self.keys.destroy_epoch(epoch)?;
            durable::step("epoch-destroyed");
        }
        Ok(())
    }

    /// Drops what expired, and purges what was erased, was taken back or may not be held any more by what became
    /// known of a person or their contract since the last run.
    pub fn run_retention(
        &mut self,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<RetentionReport, VaultError> {
        check_clock(&self.db, now)?;
        // So that it reaches what is waiting there too.
        self.absorb_inbox(now, entropy)?;
        self.remove_damaged_inbox_files()?;
        self.remove_orphans()?;
        let mut report = RetentionReport::default();
        for row in self.segment_rows()? {
            if row.expires_day <= now.day() {
                report.segments_dropped += 1;
                report.turns_expired += row.turns;
                self.replace_segment(&row, BTreeMap::new(), entropy)?;
            }
        }
        let up_to = last_position(&self.db)?;
        let gone = Gone { erased: self.unpurged_tags()?, changed: self.changed_people()? };
        if !gone.is_nobody() {
            for row in self.segment_rows()? {
                if gone.may_concern(&row) {
                    self.purge_segment(&row, &gone, (now, entropy), &mut report)?;
                }
            }
        }
        self.finish_retention(now, up_to)?;
        Ok(report)
    }

    fn purge_segment(
        &mut self,
        row: &SegmentRow,
        gone: &Gone,
        (now, entropy): (Timestamp, &mut Entropy),
        report: &mut RetentionReport,
    ) -> Result<(), VaultError> {
        let notices = self.notices()?;
        let mut purge = Purge {
            gone,
            notices: &notices,
            now,
            entropy,
            compressor: Compressor::new()?,
            decompressor: Decompressor::new()?,
        };
        let pieces = self.read_segment_with_files(row)?;
        let before: u64 = row.turns;
        let mut kept: BTreeMap<i64, Vec<SealedPiece>> = BTreeMap::new();
        let mut changed = false;
        for sealed in pieces {
            let staying = match purge.piece(self, sealed)? {
                Purged::Untouched(sealed) => vec![sealed],
                Purged::Resealed(pieces) => {
                    changed = true;
                    pieces
                }
            };
            for piece in staying {
                kept.entry(piece.expires_day).or_default().push(piece);
            }
        }
        if changed {
            let after: u64 = kept.values().flatten().map(|piece| u64::from(piece.turns)).sum();
            report.turns_purged += before - after;
            report.segments_rewritten += 1;
            self.replace_segment(row, kept, purge.entropy)?;
        }
        Ok(())
    }

    /// Replaces a segment by others, one for each day on which something of it is dropped, or by nothing.
    fn replace_segment(
        &mut self,
        old: &SegmentRow,
        by_day: BTreeMap<i64, Vec<SealedPiece>>,
        entropy: &mut Entropy,
    ) -> Result<(), VaultError> {
        let mut fresh = Vec::with_capacity(by_day.len());
        for (expires_day, pieces) in by_day {
            // The bucket stays that of the file it replaces, however small it became: the authors are the same.
            let segment = Segment { expires_day, bucket: old.bucket, bucket_bits: old.bucket_bits, pieces };
            fresh.push(self.put_segment(&segment, entropy)?);
            durable::step("segment-rewritten");
        }
        let tx = self.db.transaction().map_err(doing("begin segment change"))?;
        old.delete(&tx)?;
        for row in &fresh {
            row.insert(&tx)?;
        }
        tx.commit().map_err(doing("commit segment change"))?;
        durable::step("segment-replaced");
        self.remove_segment(old)
    }

    fn unpurged_tags(&self) -> Result<HashSet<AuthorTag>, VaultError> {
        let mut statement = self
            .db
            .prepare_cached("SELECT tag FROM tombstone WHERE purged_at IS NULL")
            .map_err(doing("read tombstones"))?;
        let rows =
            statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).map_err(doing("read tombstones"))?;
        rows.map(|row| Ok(AuthorTag(id_16(row.map_err(doing("read tombstone"))?)?))).collect()
    }

    /// People who took something back, or of whom something else became known, since the last run.
    fn changed_people(&self) -> Result<HashSet<AuthorTag>, VaultError> {
        let seen = setting(&self.db, PURGED_UP_TO)?.unwrap_or(-1);
        let sql = "SELECT s.tag FROM event e JOIN subject s ON s.id = e.subject \
                   WHERE e.log_position > $1 AND e.state IN \
                   ('refused', 'withdrawn', 'revoked', 'expired', 'invalidated') \
                   UNION SELECT tag FROM subject WHERE facts_changed = 1";
        let mut statement = self.db.prepare_cached(sql).map_err(doing("read withdrawals"))?;
        let rows =
            statement.query_map([seen], |row| row.get::<_, Vec<u8>>(0)).map_err(doing("read withdrawals"))?;
        rows.map(|row| Ok(AuthorTag(id_16(row.map_err(doing("read withdrawal"))?)?))).collect()
    }

    fn finish_retention(&mut self, now: Timestamp, up_to: i64) -> Result<(), VaultError> {
        let tx = self.db.transaction().map_err(doing("begin"))?;
        tx.execute("UPDATE tombstone SET purged_at = $1, tag = NULL WHERE purged_at IS NULL", [now.millis()])
            .map_err(doing("mark tombstones"))?;
        tx.execute("UPDATE subject SET facts_changed = 0 WHERE facts_changed = 1", [])
            .map_err(doing("mark people as asked again"))?;
        tx.execute(
            "INSERT INTO setting (name, value) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (PURGED_UP_TO, up_to.to_string()),
        )
        .map_err(doing("write how far the run came"))?;
        tx.commit().map_err(doing("commit retention run"))?;
        catalogue::empty_write_ahead_log(&self.db)?;
        Ok(())
    }
}

/// The log's last position; -1 if it is empty.
fn last_position(db: &Connection) -> Result<i64, VaultError> {
    let last = db.query_row("SELECT COALESCE(MAX(position), -1) FROM log_entry", [], |row| row.get(0));
    Ok(last.map_err(doing("find the end of the log"))?)
}

/// A day since the epoch as people write it.
fn date(day: i64) -> String {
    const DAY_MS: i64 = 86_400_000;
    let text = Timestamp::from_millis(day.saturating_mul(DAY_MS)).to_string();
    text.chars().take_while(|letter| *letter != 'T').collect()
}

pub(crate) fn write_recalls(
    tx: &rusqlite::Transaction<'_>,
    recalls: &[(String, u64)],
    cause: &str,
    now: Timestamp,
) -> Result<(), VaultError> {
    for (release, row) in recalls {
        tx.prepare_cached(
            "INSERT INTO recall (release, row_number, cause, recorded_day) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (release, row_number) DO NOTHING",
        )
        .and_then(|mut statement| statement.execute((release, *row as i64, cause, now.day())))
        .map_err(doing("write recall"))?;
    }
    Ok(())
}
