//! A subject with all that decides about what they wrote.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use candor_consent::record::Record;
use candor_consent::{Event, EventId, NoticeId, Purpose};
use candor_conversation::{SubjectId, Timestamp};

use crate::catalogue::{Db, Row, values};
use crate::people::{Subject, open_record};
use crate::piece::AuthorTag;
use crate::vault::contract;
use crate::{Vault, VaultError};

/// A person and all that decides about their turns.
pub struct Person {
    /// Who, with key.
    pub subject: Subject,
    /// Events by purpose.
    pub histories: Vec<(Purpose, Vec<Event>)>,
    /// Purposes that the tenant's contract allows.
    pub contract: Vec<Purpose>,
}

impl Person {
    /// The events for a purpose.
    pub fn history(&self, purpose: Purpose) -> &[Event] {
        let found = self.histories.iter().find(|(other, _)| *other == purpose);
        found.map_or(&[], |(_, events)| events)
    }
}

impl Vault {
    /// A subject with all that decides about their turns.
    pub fn person(&self, subject: Subject) -> Result<Person, VaultError> {
        person(&self.db, subject)
    }

    /// Everyone whom segments name by these tags, read at one moment; whoever was erased is missing.
    pub fn people(
        &self,
        tags: impl IntoIterator<Item = AuthorTag>,
    ) -> Result<HashMap<AuthorTag, Arc<Person>>, VaultError> {
        let _moment = self.db.moment("begin to read people")?;
        let mut people = HashMap::new();
        for tag in tags {
            if let Some(subject) = self.subject_by_tag(tag)? {
                people.insert(tag, Arc::new(self.person(subject)?));
            }
        }
        Ok(people)
    }

    /// A person's events for a purpose, in the order in which they took effect.
    pub fn history(&self, subject: SubjectId, purpose: Purpose) -> Result<Vec<Event>, VaultError> {
        match self.subject_by_id(subject)? {
            Some(subject) => history(&self.db, &subject, purpose),
            None => Ok(Vec::new()),
        }
    }

    /// Who vouched for one of a person's events, if somebody did. It may name a person, so that only the sealed record
    /// says it.
    pub fn attested_by(&self, subject: &Subject, event: &Event) -> Result<Option<String>, VaultError> {
        if !event.attested {
            return Ok(None);
        }
        let source = self.record_of(subject, event)?.event().and_then(|facts| facts.attested_by);
        source.map(Some).ok_or(VaultError::Stored("record"))
    }

    /// What was shown to whoever made one of a person's events, as its record says: `None` where nobody said.
    pub fn evidence_of(
        &self,
        subject: &Subject,
        event: &Event,
    ) -> Result<Option<serde_json::Value>, VaultError> {
        Ok(self.record_of(subject, event)?.to_value().get("evidence").cloned())
    }

    fn record_of(&self, subject: &Subject, event: &Event) -> Result<Record, VaultError> {
        let sql = "SELECT sealed_record FROM event WHERE id = $1";
        let sealed: Vec<u8> = self.db.one("read record", sql, values![&event.id.0])?;
        let (record, _) = open_record(subject, &sealed)?;
        Ok(record)
    }
}

/// People who are held at once by a [`PeopleMet`], at about 1.5 KiB each; more of them are read again.
const PEOPLE_MAX: usize = 50_000;

/// The authors of what was looked at so far, each read once: the same people write in one batch after the other. For
/// whoever has the vault to itself, while nobody else changes what they chose.
#[derive(Default)]
pub struct PeopleMet {
    people: HashMap<AuthorTag, Arc<Person>>,
    /// Looked for in vain.
    erased: HashSet<AuthorTag>,
}

impl PeopleMet {
    /// Looks up those of these authors who were not met before.
    pub fn meet(
        &mut self,
        vault: &Vault,
        tags: impl IntoIterator<Item = AuthorTag>,
    ) -> Result<(), VaultError> {
        if self.people.len() + self.erased.len() > PEOPLE_MAX {
            *self = Self::default();
        }
        let tags: BTreeSet<AuthorTag> = tags.into_iter().collect();
        let is_new = |tag: &AuthorTag| !self.people.contains_key(tag) && !self.erased.contains(tag);
        let new: Vec<AuthorTag> = tags.into_iter().filter(is_new).collect();
        let found = vault.people(new.iter().copied())?;
        self.erased.extend(new.into_iter().filter(|tag| !found.contains_key(tag)));
        self.people.extend(found);
        Ok(())
    }

    /// Everyone met who was not erased.
    pub fn people(&self) -> &HashMap<AuthorTag, Arc<Person>> {
        &self.people
    }
}

/// A subject with all that decides about their turns.
pub(crate) fn person(db: &Db, subject: Subject) -> Result<Person, VaultError> {
    let histories = histories(db, &subject)?;
    let contract = contract(db, &subject.tenant)?;
    Ok(Person { subject, histories, contract })
}

const EVENT_COLUMNS: &str = "purpose, id, state, notice, effective_at, recorded_at, attested";

/// A person's events for a purpose, in the order in which they took effect.
pub(crate) fn history(db: &Db, subject: &Subject, purpose: Purpose) -> Result<Vec<Event>, VaultError> {
    let sql =
        format!("SELECT {EVENT_COLUMNS} FROM event WHERE subject = $1 AND purpose = $2 ORDER BY sequence");
    let whose = values![subject.id.as_bytes(), purpose.as_str()];
    db.all("read history", &sql, whose, |row| event_of(row, subject.id))
}

/// All of a person's events, by purpose.
fn histories(db: &Db, subject: &Subject) -> Result<Vec<(Purpose, Vec<Event>)>, VaultError> {
    let sql = format!("SELECT {EVENT_COLUMNS} FROM event WHERE subject = $1 ORDER BY purpose, sequence");
    let whose = values![subject.id.as_bytes()];
    let events = db.all("read histories", &sql, whose, |row| event_of(row, subject.id))?;
    let mut histories: Vec<(Purpose, Vec<Event>)> = Vec::new();
    for event in events {
        match histories.last_mut() {
            Some((purpose, events)) if *purpose == event.purpose => events.push(event),
            _ => histories.push((event.purpose, vec![event])),
        }
    }
    // A serving process holds everybody's.
    histories.iter_mut().for_each(|(_, events)| events.shrink_to_fit());
    histories.shrink_to_fit();
    Ok(histories)
}

fn event_of(row: &Row<'_>, subject: SubjectId) -> Result<Event, VaultError> {
    let text = |place| row.get::<String>(place);
    let time = |place| row.get(place).map(Timestamp::from_millis);
    let attested: i64 = row.get(6)?;
    Ok(Event {
        id: EventId(row.get(1)?),
        subject,
        purpose: text(0)?.parse().map_err(|_| VaultError::Stored("purpose"))?,
        state: text(2)?.parse()?,
        notice: NoticeId(row.get(3)?),
        effective_at: time(4)?,
        recorded_at: time(5)?,
        attested: attested != 0,
        guardian: attested == 2,
    })
}
