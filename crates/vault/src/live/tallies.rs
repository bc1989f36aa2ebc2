//! Counts of what a vault holds, which name nobody.

use std::collections::BTreeMap;

use candor_consent::{Purpose, State};
use candor_conversation::Timestamp;

use super::Live;
use crate::catalogue::{Db, values};
use crate::records::releases;
use crate::{CatalogueError, ReleaseRow, VaultError};

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

fn count(db: &Db, sql: &str, before: i64) -> Result<u64, CatalogueError> {
    db.one("count", sql, values![before])
}

fn choices(db: &Db, before: i64) -> Result<BTreeMap<(Purpose, State), u64>, VaultError> {
    let sql = "SELECT last.purpose, last.state, COUNT(*) FROM event last JOIN (SELECT subject, purpose, \
               MAX(sequence) AS sequence FROM event WHERE recorded_at < $1 GROUP BY subject, purpose) newest ON \
               last.subject = newest.subject AND last.purpose = newest.purpose AND last.sequence = newest.sequence \
               GROUP BY last.purpose, last.state";
    let choices = db.all("count choices", sql, values![before], |row| {
        let purpose = row.get::<String>(0)?.parse().map_err(|_| VaultError::Stored("purpose"))?;
        Ok::<_, VaultError>(((purpose, row.get::<String>(1)?.parse()?), row.get(2)?))
    })?;
    Ok(choices.into_iter().collect())
}

fn recalled(db: &Db, before_day: i64) -> Result<BTreeMap<String, u64>, CatalogueError> {
    let sql = "SELECT cause, COUNT(*) FROM recall WHERE recorded_day < $1 GROUP BY cause";
    let recalled = db.all("count recalls", sql, values![before_day], |row| {
        Ok::<_, CatalogueError>((row.get(0)?, row.get(1)?))
    })?;
    Ok(recalled.into_iter().collect())
}
