//! Forgetting: a person erased, what withdrew or expired purged, epochs rotated.

use std::collections::{HashMap, HashSet};

use candor_consent::{
    Decision, Facts, Moment, NoticeBook, Permit, Permits, Purpose, Reason, decide, stays_after,
};
use candor_conversation::Timestamp;
use rusqlite::OptionalExtension;
use sha2::{Digest, Sha256};

use crate::capture::{Person, SegmentRow, bucket_of};
use crate::catalogue::{self, doing};
use crate::compress::{Compressor, Decompressor};
use crate::keys::Epoch;
use crate::log::{self, Entry};
use crate::piece::{self, AuthorTag, CapturedTurn, OpenPiece, Place, SealedPiece, StoredTurn};
use crate::vault::id_16;
use crate::{Entropy, Subject, Vault, VaultError, durable, segment};

/// Rows of a release that must not be used again.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Recall {
    /// The release.
    pub release: String,
    /// The row's number in it.
    pub row: u64,
    /// `erased` or `withdrawn`.
    pub cause: String,
    /// When it was recalled.
    pub recorded_at: Timestamp,
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
        tx.execute("DELETE FROM event WHERE subject = $1", [id]).map_err(doing("delete events"))?;
        tx.execute("DELETE FROM subject WHERE id = $1", [id]).map_err(doing("destroy key"))?;
        crate::capture::forget_unfinished_jobs(&tx)?;
        log::add(&tx, Entry::Public(format!(r#"{{"at":"{now}","type":"erasure"}}"#)))?;
        tx.commit().map_err(doing("commit erasure"))?;
        durable::step("erasure-committed");
        catalogue::empty_write_ahead_log(&self.db)?;
        self.log.catch_up(&self.db)?;
        Ok(())
    }

    /// All recalled rows, by release and row.
    pub fn recalls(&self) -> Result<Vec<Recall>, VaultError> {
        let sql = "SELECT release, row_number, cause, recorded_at FROM recall ORDER BY release, row_number";
        let mut statement = self.db.prepare_cached(sql).map_err(doing("read recalls"))?;
        let rows = statement.query_map([], |row| {
            Ok(Recall {
                release: row.get(0)?,
                row: row.get::<_, i64>(1)? as u64,
                cause: row.get(2)?,
                recorded_at: Timestamp::from_millis(row.get(3)?),
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

    /// Drops what expired, and purges what was erased or taken back since the last run.
    pub fn run_retention(
        &mut self,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<RetentionReport, VaultError> {
        self.remove_orphans()?;
        let mut report = RetentionReport::default();
        for row in self.segment_rows()? {
            if row.expires_day <= now.day() {
                report.segments_dropped += 1;
                report.turns_expired += row.turns;
                self.replace_segment(&row, None)?;
            }
        }
        let gone = Gone { erased: self.unpurged_tags()?, changed: self.changed_people()? };
        if !gone.erased.is_empty() || !gone.changed.is_empty() {
            for row in self.segment_rows()? {
                if gone.may_concern(&row) {
                    self.purge_segment(&row, &gone, (now, entropy), &mut report)?;
                }
            }
        }
        self.finish_retention(now)?;
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
        let pieces = self.read_segment(row)?;
        let before: u64 = row.turns;
        let mut kept = Vec::with_capacity(pieces.len());
        let mut changed = false;
        for sealed in pieces {
            let turns = sealed.turns;
            let purged = purge.piece(self, sealed)?;
            changed |= purged.as_ref().is_none_or(|piece| piece.turns != turns);
            kept.extend(purged);
        }
        if changed {
            let after: u64 = kept.iter().map(|piece| u64::from(piece.turns)).sum();
            report.turns_purged += before - after;
            report.segments_rewritten += 1;
            let name = format!("segments/{:032x}.parquet", u128::from_be_bytes(purge.entropy.bytes()));
            self.replace_segment(row, Some((name, kept)))?;
        }
        Ok(())
    }

    /// Replaces a segment by another with fewer pieces, or by nothing.
    fn replace_segment(
        &mut self,
        old: &SegmentRow,
        new: Option<(String, Vec<SealedPiece>)>,
    ) -> Result<(), VaultError> {
        let mut fresh = None;
        if let Some((path, pieces)) = new.filter(|(_, pieces)| !pieces.is_empty()) {
            let bytes = segment::write(&pieces)?;
            self.objects.put(&path, bytes.clone())?;
            durable::step("segment-rewritten");
            // Bucket and expiry stay those of the file it replaces, however small it became.
            let turns = pieces.iter().map(|piece| u64::from(piece.turns)).sum();
            let joint_pieces = pieces.iter().filter(|piece| piece.authors.len() > 1).count() as u64;
            fresh = Some(SegmentRow {
                path,
                expires_day: old.expires_day,
                bucket: old.bucket,
                bucket_bits: old.bucket_bits,
                pieces: pieces.len() as u64,
                joint_pieces,
                turns,
                bytes: bytes.len() as u64,
                sha256: Sha256::digest(&bytes).into(),
            });
        }
        let tx = self.db.transaction().map_err(doing("begin segment change"))?;
        tx.execute("DELETE FROM segment WHERE path = $1", [&old.path])
            .map_err(doing("drop segment entry"))?;
        if let Some(row) = &fresh {
            row.insert(&tx)?;
        }
        tx.commit().map_err(doing("commit segment change"))?;
        durable::step("segment-replaced");
        self.objects.remove(&old.path)?;
        Ok(())
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

    /// People who took something back since the last run.
    fn changed_people(&self) -> Result<HashMap<AuthorTag, Person>, VaultError> {
        let since =
            self.setting("retention_at")?.and_then(|text| text.parse::<i64>().ok()).unwrap_or(i64::MIN);
        let sql = "SELECT DISTINCT s.tag FROM event e JOIN subject s ON s.id = e.subject \
                   WHERE e.recorded_at >= $1 AND e.state IN \
                   ('refused', 'withdrawn', 'revoked', 'expired', 'invalidated')";
        let mut statement = self.db.prepare_cached(sql).map_err(doing("read withdrawals"))?;
        let rows = statement
            .query_map([since], |row| row.get::<_, Vec<u8>>(0))
            .map_err(doing("read withdrawals"))?;
        let mut people = HashMap::new();
        for row in rows {
            let tag = AuthorTag(id_16(row.map_err(doing("read withdrawal"))?)?);
            if let Some(subject) = self.subject_by_tag(tag)? {
                people.insert(tag, self.person(subject)?);
            }
        }
        Ok(people)
    }

    fn finish_retention(&mut self, now: Timestamp) -> Result<(), VaultError> {
        let tx = self.db.transaction().map_err(doing("begin"))?;
        tx.execute("UPDATE tombstone SET purged_at = $1 WHERE purged_at IS NULL", [now.millis()])
            .map_err(doing("mark tombstones"))?;
        tx.execute(
            "INSERT INTO setting (name, value) VALUES ('retention_at', $1) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [now.millis().to_string()],
        )
        .map_err(doing("write time of run"))?;
        tx.commit().map_err(doing("commit retention run"))?;
        catalogue::empty_write_ahead_log(&self.db)?;
        Ok(())
    }

    /// A stored setting.
    pub(crate) fn setting(&self, name: &str) -> Result<Option<String>, VaultError> {
        let value = self
            .db
            .prepare_cached("SELECT value FROM setting WHERE name = $1")
            .and_then(|mut statement| statement.query_row([name], |row| row.get(0)).optional())
            .map_err(doing("read setting"))?;
        Ok(value)
    }
}

pub(crate) fn write_recalls(
    tx: &rusqlite::Transaction<'_>,
    recalls: &[(String, u64)],
    cause: &str,
    now: Timestamp,
) -> Result<(), VaultError> {
    for (release, row) in recalls {
        tx.prepare_cached(
            "INSERT INTO recall (release, row_number, cause, recorded_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (release, row_number) DO NOTHING",
        )
        .and_then(|mut statement| statement.execute((release, *row as i64, cause, now.millis())))
        .map_err(doing("write recall"))?;
    }
    Ok(())
}

/// Whose turns may have to go.
struct Gone {
    erased: HashSet<AuthorTag>,
    changed: HashMap<AuthorTag, Person>,
}

impl Gone {
    fn may_concern(&self, row: &SegmentRow) -> bool {
        let in_bucket = |tag: &AuthorTag| bucket_of(*tag, row.bucket_bits) == row.bucket;
        row.joint_pieces > 0 || self.erased.iter().chain(self.changed.keys()).any(in_bucket)
    }
}

struct Purge<'a> {
    gone: &'a Gone,
    notices: &'a NoticeBook,
    now: Timestamp,
    entropy: &'a mut Entropy,
    compressor: Compressor,
    decompressor: Decompressor,
}

impl Purge<'_> {
    /// The piece without what must go; `None` if nothing stays.
    fn piece(&mut self, vault: &Vault, sealed: SealedPiece) -> Result<Option<SealedPiece>, VaultError> {
        if sealed.authors.iter().any(|tag| self.gone.erased.contains(tag)) {
            return Ok(None);
        }
        if !sealed.authors.iter().any(|tag| self.gone.changed.contains_key(tag)) {
            return Ok(Some(sealed));
        }
        let mut people = Vec::with_capacity(sealed.authors.len());
        for tag in &sealed.authors {
            // An author erased in an earlier run leaves a piece that no longer opens for anyone.
            let Some(subject) = vault.subject_by_tag(*tag)? else { return Ok(None) };
            people.push(vault.person(subject)?);
        }
        let keys: Vec<&crate::Key> = people.iter().map(|person| &person.subject.key).collect();
        let open = sealed.open(&keys, &mut self.decompressor)?;
        let standing: Vec<Standing> =
            open.turns.iter().map(|turn| self.standing(turn, &open.turns, &people)).collect();
        if standing.iter().all(|standing| matches!(standing, Standing::Stays(_))) {
            drop(open);
            return Ok(Some(sealed));
        }
        if standing.iter().any(|standing| matches!(standing, Standing::Kept)) {
            // Nothing may read it, so it cannot be sealed again without the rest: it stays until it expires.
            drop(open);
            return Ok(Some(sealed));
        }
        self.reseal(&open, &standing, &people, &sealed)
    }

    fn reseal(
        &mut self,
        open: &OpenPiece<'_>,
        standing: &[Standing],
        people: &[Person],
        sealed: &SealedPiece,
    ) -> Result<Option<SealedPiece>, VaultError> {
        let permits = standing.iter().enumerate().filter_map(|(index, standing)| match standing {
            Standing::Stays(permits) => Some((index, permits)),
            Standing::Kept | Standing::Goes => None,
        });
        let staying: Vec<(usize, &Permits)> = permits.collect();
        if staying.is_empty() {
            return Ok(None);
        }
        let permitted: Vec<(usize, &Permit)> = staying
            .iter()
            .filter_map(|(index, permits)| permits.all().first().map(|permit| (*index, permit)))
            .collect();
        let parts = open.text(&permitted, &mut self.decompressor)?;
        let turns: Vec<CapturedTurn> = staying
            .into_iter()
            .zip(parts)
            .map(|((index, permits), parts)| CapturedTurn {
                turn: open.turns[index].clone(),
                parts,
                permits: permits.clone(),
            })
            .collect();
        let authors: Vec<(AuthorTag, crate::Key)> =
            people.iter().map(|person| (person.subject.tag, person.subject.key.clone())).collect();
        let place = Place {
            conversation: open.conversation,
            reference: sealed.conversation,
            authors: &authors,
            expires_day: sealed.expires_day,
        };
        Ok(Some(piece::seal(&place, &turns, &mut self.compressor, self.entropy)?))
    }

    fn standing(&self, turn: &StoredTurn, all: &[StoredTurn], people: &[Person]) -> Standing {
        let mut permits = Vec::new();
        let mut kept = false;
        for binding in &turn.bindings {
            match self.ask(binding.purpose, turn, all, people) {
                Ok(permit) => permits.push(permit),
                Err(reason) => {
                    let notice = self.notices.by_id(binding.notice);
                    kept |= notice.is_some_and(|notice| stays_after(reason, notice));
                }
            }
        }
        match (Permits::new(permits), kept) {
            (Some(permits), _) => Standing::Stays(permits),
            (None, true) => Standing::Kept,
            (None, false) => Standing::Goes,
        }
    }

    /// A human turn is asked about with its bindings; a reply stands as long as everyone behind it does.
    fn ask(
        &self,
        purpose: Purpose,
        turn: &StoredTurn,
        all: &[StoredTurn],
        people: &[Person],
    ) -> Result<Permit, Reason> {
        let said_at = turn.said_at.or_else(|| all.iter().filter_map(|other| other.said_at).max());
        let facts = |person: &Person, moment| {
            let profile = &person.subject.profile;
            // A reply was stored without the tier and place of the people behind it.
            let (tier, region) = match turn.author {
                Some(_) => (turn.tier, turn.region.as_ref()),
                None => (profile.tier, turn.region.as_ref().or(profile.region.as_ref())),
            };
            decide(&Facts {
                purpose,
                moment,
                said_at,
                now: self.now,
                tier,
                region,
                age: turn.age,
                contract: &person.contract,
                opted_out: false,
                history: person.history(purpose),
                notices: self.notices,
            })
        };
        let allowed = |decision| match decision {
            Decision::Allowed(permit) => Ok(permit),
            Decision::Withheld(reason) => Err(reason),
        };
        if let Some(author) = turn.author {
            let person = people.iter().find(|person| person.subject.tag == author);
            let person = person.ok_or(Reason::UnknownSubject)?;
            return allowed(facts(person, Moment::Use(&turn.bindings)));
        }
        let mut permits = Vec::with_capacity(people.len());
        for person in people {
            permits.push(allowed(facts(person, Moment::Capture))?);
        }
        let permits: Vec<&Permit> = permits.iter().collect();
        Permit::for_reply(&permits).ok_or(Reason::AfterWithheld)
    }
}

/// What becomes of a stored turn in a purge.
enum Standing {
    /// Some purpose still permits it.
    Stays(Permits),
    /// Nothing permits it, but the notice keeps it for its term.
    Kept,
    /// It goes.
    Goes,
}
