//! Forgetting: a person erased, what withdrew or expired purged, epochs rotated.

use std::collections::{BTreeMap, HashSet};

use candor_conversation::Timestamp;

use crate::breach::{NEWEST_RETENTION, begin_epoch, end_epochs_before};
use crate::capture::{Segment, SegmentRow};
use crate::catalogue::{CatalogueError, Db, Tx, values};
use crate::compress::{Compressor, Decompressor};
use crate::keys::Epoch;
use crate::log;
use crate::piece::{AuthorTag, SealedPiece};
use crate::records::{check_clock, setting, write_setting};
use crate::{Entropy, Subject, Vault, VaultError, change, durable, requests, signals};

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
        self.erase_with(subject, recalls, now, |_| Ok(()))
    }

    /// Erases a person, and writes something with it, all or none.
    pub(crate) fn erase_with(
        &mut self,
        subject: &Subject,
        recalls: &[(String, u64)],
        now: Timestamp,
        with: impl FnOnce(&Tx<'_>) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        let id = subject.id.as_bytes();
        let tx = self.db.begin("erase")?;
        with(&tx)?;
        requests::forget_of(&tx, subject.id)?;
        write_recalls(&tx, recalls, "erased", now)?;
        let tombstone = "INSERT INTO tombstone (reference, tag, erased_at) SELECT reference, tag, $1 FROM subject WHERE id = $2";
        tx.execute("leave tombstone", tombstone, values![now.millis(), id])?;
        change::person(&tx, id)?;
        tx.execute("delete events", "DELETE FROM event WHERE subject = $1", values![id])?;
        signals::forget(&tx, id)?;
        let conversations = "DELETE FROM forgotten WHERE author = $1";
        tx.execute("delete tombstones of conversations", conversations, values![&subject.tag.0])?;
        tx.execute("destroy key", "DELETE FROM subject WHERE id = $1", values![id])?;
        crate::capture::forget_unfinished_jobs(&tx)?;
        log::add(&tx, format!(r#"{{"at":"{now}","type":"erasure"}}"#).as_bytes())?;
        tx.commit()?;
        durable::step("erasure-committed");
        self.log.catch_up(&self.db)?;
        Ok(self.db.clear_deleted()?)
    }

    /// All recalled rows, by release and row.
    pub fn recalls(&self) -> Result<Vec<Recall>, VaultError> {
        let sql = "SELECT release, row_number, cause, recorded_day FROM recall ORDER BY release, row_number";
        self.db.all("read recalls", sql, values![], |row| {
            Ok(Recall {
                release: row.get(0)?,
                row: row.get(1)?,
                cause: row.get(2)?,
                recalled_on: Timestamp::of_day(row.get(3)?).date(),
            })
        })
    }

    /// Starts a new epoch: wraps every subject's key with a new key and destroys the old ones. Copies of the
    /// catalogue made before, backups and write-ahead logs included, open nothing from then on.
    pub fn rotate_epoch(&mut self, now: Timestamp, entropy: &mut Entropy) -> Result<Epoch, VaultError> {
        let next = Epoch(self.keys.epochs().last().map_or(0, |epoch| epoch.0) + 1);
        // Before the key is there: whoever is enrolled after a crash is wrapped by it.
        let tx = self.db.begin("begin epoch")?;
        begin_epoch(&tx, next, now)?;
        tx.commit()?;
        self.keys.add_epoch(next, entropy)?;
        durable::step("epoch-added");
        let tx = self.db.begin("rotate")?;
        let sql = "SELECT id, epoch, wrapped_key FROM subject WHERE epoch <> $1";
        let wrapped = tx.all("read wrapped keys", sql, values![next.0], |row| {
            Ok::<([u8; 16], u32, Vec<u8>), CatalogueError>((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        for (id, epoch, key) in wrapped {
            let key = self.keys.epoch(Epoch(epoch))?.unwrap(&id, &key)?;
            let again = self.keys.epoch(next)?.wrap(&id, &key, entropy);
            let sql = "UPDATE subject SET epoch = $1, wrapped_key = $2 WHERE id = $3";
            tx.execute("wrap key again", sql, values![next.0, &again, &id])?;
        }
        end_epochs_before(&tx, next, now)?;
        tx.commit()?;
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
        let sql = "SELECT EXISTS (SELECT 1 FROM subject WHERE epoch <> $1)";
        if self.db.one("look for keys of old epochs", sql, values![last])? {
            return Ok(());
        }
        self.db.clear_deleted()?;
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
        self.age_requests(now, entropy)?;
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
        let tx = self.db.begin("change segment")?;
        old.delete(&tx)?;
        for row in &fresh {
            row.insert(&tx)?;
        }
        tx.commit()?;
        durable::step("segment-replaced");
        self.remove_segment(old)
    }

    fn unpurged_tags(&self) -> Result<HashSet<AuthorTag>, CatalogueError> {
        let sql = "SELECT tag FROM tombstone WHERE purged_at IS NULL";
        let tags = self.db.all("read tombstones", sql, values![], |row| row.get(0).map(AuthorTag))?;
        Ok(tags.into_iter().collect())
    }

    /// People who took something back, or of whom something else became known, since the last run.
    fn changed_people(&self) -> Result<HashSet<AuthorTag>, CatalogueError> {
        let seen = setting(&self.db, PURGED_UP_TO)?.unwrap_or(-1);
        let sql = "SELECT s.tag FROM event e JOIN subject s ON s.id = e.subject \
                   WHERE e.log_position > $1 AND e.state IN \
                   ('refused', 'withdrawn', 'revoked', 'expired', 'invalidated') \
                   UNION SELECT tag FROM subject WHERE facts_changed = 1";
        let tags = self.db.all("read withdrawals", sql, values![seen], |row| row.get(0).map(AuthorTag))?;
        Ok(tags.into_iter().collect())
    }

    fn finish_retention(&mut self, now: Timestamp, up_to: i64) -> Result<(), VaultError> {
        let tx = self.db.begin("finish retention run")?;
        let purged = "UPDATE tombstone SET purged_at = $1, tag = NULL WHERE purged_at IS NULL";
        tx.execute("mark tombstones", purged, values![now.millis()])?;
        let asked = "UPDATE subject SET facts_changed = 0 WHERE facts_changed = 1";
        tx.execute("mark people as asked again", asked, values![])?;
        write_setting(&tx, PURGED_UP_TO, up_to)?;
        write_setting(&tx, NEWEST_RETENTION, now.millis())?;
        tx.commit()?;
        Ok(self.db.clear_deleted()?)
    }
}

/// The log's last position; -1 if it is empty.
fn last_position(db: &Db) -> Result<i64, CatalogueError> {
    Ok(log::entries::count(db)?.0 as i64 - 1)
}

pub(crate) fn write_recalls(
    tx: &Tx<'_>,
    recalls: &[(String, u64)],
    cause: &str,
    now: Timestamp,
) -> Result<(), CatalogueError> {
    let sql = "INSERT INTO recall (release, row_number, cause, recorded_day) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (release, row_number) DO NOTHING";
    for (release, row) in recalls {
        tx.execute("write recall", sql, values![release, *row as i64, cause, now.day()])?;
    }
    if !recalls.is_empty() {
        tx.forget_order_of_recalls()?;
    }
    Ok(())
}
