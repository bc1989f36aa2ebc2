//! Counts of what a vault holds, which name nobody.

use std::collections::BTreeMap;

use candor_consent::{Purpose, State};
use candor_conversation::Timestamp;
use rusqlite::Connection;

use super::Live;
use crate::catalogue::doing;
use crate::records::releases;
use crate::{ReleaseRow, VaultError};

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Counts of what had been recorded when a day began (UTC), and the releases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tallies {
    /// People who are enrolled and were so before the day.
    pub people: u64,
    /// Of these, how many stand at each state, by the last that was recorded for each purpose.
    pub choices: BTreeMap<(Purpose, State), u64>,
    /// People who were erased.
    pub erased: u64,
    /// Rows of releases that must not be used again, by cause.
    pub recalled: BTreeMap<String, u64>,
    /// All releases, oldest first, those of the day included.
    pub releases: Vec<ReleaseRow>,
}

impl Live {
    /// Counts what had been recorded when the day of `now` began, so that two looks at one day differ by nothing that
    /// somebody did in between.
    pub fn tallies(&self, now: Timestamp) -> Result<Tallies, VaultError> {
        let midnight = now.day() * DAY_MS;
        self.at_one_moment(|db| {
            Ok(Tallies {
                people: count(db, "SELECT COUNT(*) FROM subject WHERE enrolled_at < $1", midnight)?,
                choices: choices(db, midnight)?,
                erased: count(db, "SELECT COUNT(*) FROM tombstone WHERE erased_at < $1", midnight)?,
                recalled: recalled(db, now.day())?,
                releases: releases(db)?,
            })
        })
    }
}

fn count(db: &Connection, sql: &str, before: i64) -> Result<u64, VaultError> {
    let count: i64 = db
        .prepare_cached(sql)
        .and_then(|mut statement| statement.query_row([before], |row| row.get(0)))
        .map_err(doing("count"))?;
    Ok(count as u64)
}

fn choices(db: &Connection, before: i64) -> Result<BTreeMap<(Purpose, State), u64>, VaultError> {
    let sql = "SELECT last.purpose, last.state, COUNT(*) FROM event last JOIN (SELECT subject, purpose, \
               MAX(sequence) AS sequence FROM event WHERE recorded_at < $1 GROUP BY subject, purpose) newest ON \
               last.subject = newest.subject AND last.purpose = newest.purpose AND last.sequence = newest.sequence \
               GROUP BY last.purpose, last.state";
    let mut statement = db.prepare_cached(sql).map_err(doing("count choices"))?;
    let mut rows = statement.query([before]).map_err(doing("count choices"))?;
    let mut choices = BTreeMap::new();
    while let Some(row) = rows.next().map_err(doing("count choices"))? {
        let text = |index| row.get::<_, String>(index).map_err(doing("count choices"));
        let purpose: Purpose = text(0)?.parse().map_err(|_| VaultError::Stored("purpose"))?;
        let people: i64 = row.get(2).map_err(doing("count choices"))?;
        choices.insert((purpose, text(1)?.parse()?), people as u64);
    }
    Ok(choices)
}

fn recalled(db: &Connection, before_day: i64) -> Result<BTreeMap<String, u64>, VaultError> {
    let sql = "SELECT cause, COUNT(*) FROM recall WHERE recorded_day < $1 GROUP BY cause";
    let mut statement = db.prepare_cached(sql).map_err(doing("count recalls"))?;
    let rows = statement
        .query_map([before_day], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)))
        .map_err(doing("count recalls"))?;
    let recalled = rows.collect::<Result<_, _>>().map_err(doing("count recalls"))?;
    Ok(recalled)
}
