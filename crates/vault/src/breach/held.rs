//! What there was of each person while something could be taken.

use std::collections::{BTreeMap, BTreeSet};

use candor_conversation::Timestamp;

use super::{Held, Window};
use crate::catalogue::{CatalogueError, Db, Tx, values};
use crate::keys::Epoch;
use crate::piece::AuthorTag;
use crate::records::setting;
use crate::{Decompressor, Subject, Vault, VaultError};

/// The setting that says when retention last dropped something or could have.
pub(crate) const NEWEST_RETENTION: &str = "newest_retention";

/// A person who is enrolled, and what there was of them.
pub struct Holding {
    /// Who.
    pub subject: Subject,
    /// What the vault held of them; releases and keys of the gateway are not looked up here.
    pub held: Held,
    /// Turns in pieces that they alone stand behind.
    pub turns: u64,
}

/// What a person's pieces hold that was there.
#[derive(Clone, Copy, Default)]
struct Pieces {
    turns: u64,
    files: bool,
}

impl Vault {
    /// What the vault held of everybody who is enrolled, in the order of their ids.
    ///
    /// It is a little too much rather than too little: a turn counts as there from the moment it was said, and text as
    /// perhaps dropped if retention ran after the window began.
    pub fn held_in(&self, window: Window) -> Result<Vec<Holding>, VaultError> {
        let lives = epoch_lives(&self.db)?;
        let retained = setting(&self.db, NEWEST_RETENTION)?.map(Timestamp::from_millis);
        let may_be_dropped = retained.is_some_and(|ran| ran >= window.from);
        let subjects = self.subjects()?;
        let mut pieces = self.pieces_in(window, &subjects)?;
        let mut holdings = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let own = pieces.remove(&subject.tag).unwrap_or_default();
            let enrolled = subject.enrolled_at <= window.to;
            let wrapped = lives.iter().filter(|life| life.wrapped(subject.enrolled_at, window));
            let dropped = may_be_dropped && enrolled && own.turns == 0 && self.may_have_agreed(&subject)?;
            let held = Held {
                enrolled,
                epochs: wrapped.map(|life| life.epoch).collect(),
                text: own.turns > 0,
                files: own.files,
                dropped,
                ..Held::default()
            };
            holdings.push(Holding { subject, held, turns: own.turns });
        }
        Ok(holdings)
    }

    /// How many people were erased since a time: they may have been there, and nothing tells any more who they are.
    pub fn erased_since(&self, from: Timestamp) -> Result<u64, VaultError> {
        let sql = "SELECT COUNT(*) FROM tombstone WHERE erased_at >= $1";
        Ok(self.db.one("count erased people", sql, values![from.millis()])?)
    }

    /// Epochs whose key was in force in the window.
    pub fn epochs_in(&self, window: Window) -> Result<BTreeSet<Epoch>, VaultError> {
        let lives = epoch_lives(&self.db)?;
        Ok(lives.iter().filter(|life| life.wrapped(Timestamp::MIN, window)).map(|life| life.epoch).collect())
    }

    fn pieces_in(
        &self,
        window: Window,
        subjects: &[Subject],
    ) -> Result<BTreeMap<AuthorTag, Pieces>, VaultError> {
        let keys: BTreeMap<AuthorTag, &Subject> =
            subjects.iter().map(|subject| (subject.tag, subject)).collect();
        let mut decompressor = Decompressor::new()?;
        let mut found: BTreeMap<AuthorTag, Pieces> = BTreeMap::new();
        self.each_segment_with_files(|pieces| {
            for sealed in &pieces {
                // What several people stand behind are answers; what each of them wrote is in a piece of their own.
                let [author] = sealed.authors[..] else { continue };
                let Some(subject) = keys.get(&author) else { continue };
                let open = sealed.open(&[&subject.key], &mut decompressor)?;
                let newest = open.turns.iter().filter_map(|turn| turn.said_at).max();
                let was_there =
                    |said: Option<Timestamp>| said.or(newest).is_none_or(|said| said <= window.to);
                let turns = open.turns.iter().filter(|turn| was_there(turn.said_at)).count() as u64;
                if turns > 0 {
                    let own = found.entry(author).or_default();
                    own.turns += turns;
                    own.files |= sealed.files.as_ref().is_some_and(|files| !files.is_empty());
                }
            }
            Ok::<_, VaultError>(())
        })?;
        Ok(found)
    }

    /// Whether anything of theirs may ever have been kept: who only ever said no had nothing to drop.
    fn may_have_agreed(&self, subject: &Subject) -> Result<bool, VaultError> {
        let person = self.person(subject.clone())?;
        let mut events = person.histories.iter().flat_map(|(_, events)| events).peekable();
        Ok(events.peek().is_none() || events.any(|event| event.state.permits()))
    }
}

/// When an epoch's key was the one that wraps.
struct Life {
    epoch: Epoch,
    begun: Timestamp,
    /// When the next one took its place; its key was destroyed then.
    ended: Option<Timestamp>,
}

impl Life {
    /// Whether it wrapped the key of somebody who was enrolled at a time, at some moment of the window.
    fn wrapped(&self, enrolled_at: Timestamp, window: Window) -> bool {
        let from = window.from.max(self.begun).max(enrolled_at);
        from <= window.to && self.ended.is_none_or(|ended| from <= ended)
    }
}

/// All epochs, oldest first.
fn epoch_lives(db: &Db) -> Result<Vec<Life>, CatalogueError> {
    let sql = "SELECT epoch, begun_at, ended_at FROM key_epoch ORDER BY epoch";
    db.all("read key epochs", sql, values![], |row| {
        Ok(Life {
            epoch: Epoch(row.get(0)?),
            begun: Timestamp::from_millis(row.get(1)?),
            ended: row.get::<Option<i64>>(2)?.map(Timestamp::from_millis),
        })
    })
}

/// Notes when an epoch began; of one that a crash kept from being used, the first time stays.
pub(crate) fn begin_epoch(tx: &Tx<'_>, epoch: Epoch, at: Timestamp) -> Result<(), CatalogueError> {
    let sql = "INSERT INTO key_epoch (epoch, begun_at) VALUES ($1, $2) ON CONFLICT (epoch) DO NOTHING";
    tx.execute("write key epoch", sql, values![epoch.0, at.millis()]).map(|_| ())
}

/// Notes that another epoch took the place of all before it.
pub(crate) fn end_epochs_before(tx: &Tx<'_>, epoch: Epoch, at: Timestamp) -> Result<(), CatalogueError> {
    let sql = "UPDATE key_epoch SET ended_at = $1 WHERE epoch < $2 AND ended_at IS NULL";
    tx.execute("end key epochs", sql, values![at.millis(), epoch.0]).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_wraps_who_was_there_while_it_lived() {
        let at = Timestamp::from_millis;
        let life = Life { epoch: Epoch(2), begun: at(100), ended: Some(at(200)) };
        let wrapped = |enrolled, from, to| life.wrapped(at(enrolled), Window { from: at(from), to: at(to) });
        assert!(wrapped(0, 150, 160) && wrapped(0, 0, 100) && wrapped(0, 200, 300) && wrapped(150, 0, 300));
        assert!(!wrapped(0, 201, 300), "destroyed before the window");
        assert!(!wrapped(0, 0, 99), "made after it");
        assert!(!wrapped(170, 0, 160) && !wrapped(250, 0, 300), "they came later");
    }
}
