//! Subjects: enrolled, looked up, and the record of their choices.

use candor_consent::receipt::Receipt;
use candor_consent::record::{EventContext, Record};
use candor_consent::{Event, Evidence, NoticeId, Purpose, State, check_next};
use candor_conversation::{SubjectId, TenantId, Tier, Timestamp};
use candor_tlog::tree::LeafIndex;
use serde::{Deserialize, Serialize};

use crate::catalogue::{CatalogueError, Db, Row, Tx, values};
use crate::cipher::Key;
use crate::keys::{Epoch, Index, KeyChain};
use crate::log;
use crate::person::history;
use crate::piece::AuthorTag;
use crate::{Entropy, Profile, Vault, VaultError, change};

/// An enrolled person, with the key that opens what they wrote.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Opaque id.
    pub id: SubjectId,
    /// How segments name them.
    pub tag: AuthorTag,
    /// Their tenant.
    pub tenant: TenantId,
    /// Their key.
    pub key: Key,
    /// What is known of them.
    pub profile: Profile,
    /// Secret of the enrolment: how releases file them.
    pub nonce: [u8; 32],
    /// When they were enrolled.
    pub enrolled_at: Timestamp,
    /// Where the log holds the enrolment.
    pub log_position: LeafIndex,
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Known {
    /// An enrolled person.
    Subject(Box<Subject>),
    /// Someone who had everything erased.
    Erased,
    /// Nobody we know.
    Nobody,
}

/// An act about a choice, to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Whose.
    pub subject: SubjectId,
    /// About what.
    pub purpose: Purpose,
    /// What it becomes.
    pub state: State,
    /// Under which notice.
    pub notice: NoticeId,
    /// From when.
    pub effective_at: Timestamp,
    /// Who vouches for it, if it is written down afterwards.
    pub attested_by: Option<String>,
    /// What was shown, if the person answered on a page of ours; it is in the record that the receipt holds.
    pub evidence: Option<Evidence>,
}

/// A record and its salt, sealed under the subject's key.
#[derive(Serialize, Deserialize)]
struct StoredRecord {
    record: String,
    salt: String,
}

#[derive(Serialize, Deserialize)]
struct StoredProfile {
    profile: Profile,
    nonce: String,
}

pub(crate) const SUBJECT_COLUMNS: &str =
    "id, tag, tenant, epoch, wrapped_key, sealed_profile, enrolled_at, log_position";

impl Vault {
    /// Moves a person to another kind of account, out of an organisation's too: a deliberate act.
    pub fn change_tier(
        &mut self,
        subject: &Subject,
        tier: Tier,
        entropy: &mut Entropy,
    ) -> Result<(), VaultError> {
        let tx = self.db.begin("change tier")?;
        update_profile(&tx, subject, &Profile { tier, ..subject.profile.clone() }, entropy)?;
        Ok(tx.commit()?)
    }

    /// What the operator's name for a person stands for.
    pub fn known(&self, tenant: &TenantId, name: &str) -> Result<Known, VaultError> {
        known(&self.db, &self.keys, tenant, name)
    }

    /// The enrolled person of that name, or why there is none.
    pub fn subject(&self, tenant: &TenantId, name: &str) -> Result<Subject, VaultError> {
        match self.known(tenant, name)? {
            Known::Subject(subject) => Ok(*subject),
            Known::Erased => Err(VaultError::Erased { tenant: tenant.to_string() }),
            Known::Nobody => {
                Err(VaultError::UnknownSubject { name: name.to_owned(), tenant: tenant.to_string() })
            }
        }
    }

    /// The enrolled person with an id, if there is one.
    pub fn subject_by_id(&self, id: SubjectId) -> Result<Option<Subject>, VaultError> {
        let sql = format!("SELECT {SUBJECT_COLUMNS} FROM subject WHERE id = $1");
        find_subject(&self.db, &self.keys, &sql, id.as_bytes())
    }

    /// The enrolled person whom segments name by a tag; `None` once they are erased.
    pub fn subject_by_tag(&self, tag: AuthorTag) -> Result<Option<Subject>, VaultError> {
        let sql = format!("SELECT {SUBJECT_COLUMNS} FROM subject WHERE tag = $1");
        find_subject(&self.db, &self.keys, &sql, &tag.0)
    }

    /// The receipts of all a person's acts, enrolment first, under the newest checkpoint.
    pub fn receipts(&self, subject: &Subject) -> Result<Vec<Receipt>, VaultError> {
        let whose = values![subject.id.as_bytes()];
        let sealed = |row: &Row<'_>| Ok::<_, CatalogueError>((row.get(0)?, LeafIndex(row.get(1)?)));
        let enrolment = "SELECT sealed_enrolment, log_position FROM subject WHERE id = $1";
        let enrolment = self.db.first("read enrolment", enrolment, whose, sealed)?;
        let acts = "SELECT sealed_record, log_position FROM event WHERE subject = $1 ORDER BY log_position";
        let acts = self.db.all("read records", acts, whose, sealed)?;
        let issue = |(sealed, position): (Vec<u8>, LeafIndex)| {
            let (record, salt) = open_record(subject, &sealed)?;
            Ok(Receipt::issue(record, salt, self.operator_key(), self.log.prove(position)?)?)
        };
        let enrolment = enrolment.ok_or(VaultError::Stored("subject"))?;
        std::iter::once(enrolment).chain(acts).map(issue).collect()
    }

    /// Everyone who is enrolled, in the order of their ids.
    pub fn subjects(&self) -> Result<Vec<Subject>, VaultError> {
        let sql = format!("SELECT {SUBJECT_COLUMNS} FROM subject ORDER BY id");
        let rows = self.db.all("list subjects", &sql, values![], subject_row)?;
        rows.into_iter().map(|row| row.open(&self.keys)).collect()
    }

    /// How many people are enrolled.
    pub fn subject_count(&self) -> Result<u64, VaultError> {
        Ok(self.db.one("count subjects", "SELECT COUNT(*) FROM subject", values![])?)
    }
}

fn known(db: &Db, keys: &KeyChain, tenant: &TenantId, name: &str) -> Result<Known, VaultError> {
    known_by_reference(db, keys, &subject_reference(keys.index(), tenant, name))
}

/// Whom a keyed reference stands for.
pub(crate) fn known_by_reference(
    db: &Db,
    keys: &KeyChain,
    reference: &[u8; 16],
) -> Result<Known, VaultError> {
    let sql = format!("SELECT {SUBJECT_COLUMNS} FROM subject WHERE reference = $1");
    if let Some(subject) = find_subject(db, keys, &sql, reference)? {
        return Ok(Known::Subject(Box::new(subject)));
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM tombstone WHERE reference = $1)";
    let is_erased = db.one("look for tombstone", sql, values![reference])?;
    Ok(if is_erased { Known::Erased } else { Known::Nobody })
}

pub(crate) fn subject_reference(index: &Index, tenant: &TenantId, name: &str) -> [u8; 16] {
    index.reference("candor-subject-1", &[tenant.as_str().as_bytes(), name.as_bytes()])
}

fn find_subject(db: &Db, keys: &KeyChain, sql: &str, key: &[u8]) -> Result<Option<Subject>, VaultError> {
    let row = db.first("look for subject", sql, values![key], subject_row)?;
    row.map(|row| row.open(keys)).transpose()
}

pub(crate) struct SubjectRow {
    id: [u8; 16],
    tag: AuthorTag,
    tenant: String,
    epoch: Epoch,
    wrapped_key: Vec<u8>,
    sealed_profile: Vec<u8>,
    enrolled_at: Timestamp,
    log_position: LeafIndex,
}

pub(crate) fn subject_row(row: &Row<'_>) -> Result<SubjectRow, CatalogueError> {
    Ok(SubjectRow {
        id: row.get(0)?,
        tag: AuthorTag(row.get(1)?),
        tenant: row.get(2)?,
        epoch: Epoch(row.get(3)?),
        wrapped_key: row.get(4)?,
        sealed_profile: row.get(5)?,
        enrolled_at: Timestamp::from_millis(row.get(6)?),
        log_position: LeafIndex(row.get(7)?),
    })
}

impl SubjectRow {
    pub(crate) fn open(self, keys: &KeyChain) -> Result<Subject, VaultError> {
        let id = self.id;
        let stored = || VaultError::Stored("profile");
        let key = keys.epoch(self.epoch)?.unwrap(&id, &self.wrapped_key)?;
        let plain = key.open(&place("profile", &id), &self.sealed_profile)?;
        let profile: StoredProfile = serde_json::from_slice(&plain).map_err(|_| stored())?;
        let nonce: candor_tlog::hash::Hash = profile.nonce.parse().map_err(|_| stored())?;
        Ok(Subject {
            id: SubjectId::from_bytes(id),
            tag: self.tag,
            tenant: self.tenant.parse().map_err(|_| CatalogueError::Corrupt("a tenant"))?,
            key,
            profile: profile.profile,
            nonce: nonce.0,
            enrolled_at: self.enrolled_at,
            log_position: self.log_position,
        })
    }
}

/// Enrols somebody who is not.
pub(crate) fn insert_subject(
    tx: &Tx<'_>,
    keys: &KeyChain,
    tenant: &TenantId,
    profile: &Profile,
    (now, entropy): (Timestamp, &mut Entropy),
) -> Result<SubjectId, VaultError> {
    let id: [u8; 16] = entropy.bytes();
    let subject = SubjectId::from_bytes(id);
    let (key, nonce, salt) = (Key::random(entropy), entropy.bytes(), entropy.bytes());
    let record = Record::of_enrolment(subject, tenant, &nonce, now);
    let position = log::add(tx, &record.entry(&salt).0)?;
    let (epoch, epoch_key) = keys.current_epoch()?;
    tx.execute(
        "write subject",
        "INSERT INTO subject (id, reference, tag, tenant, epoch, wrapped_key, sealed_profile, sealed_enrolment, \
         enrolled_at, log_position) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        values![
            &id,
            &subject_reference(keys.index(), tenant, &profile.name),
            &keys.reference("candor-author-1", &[&id]),
            tenant.as_str(),
            epoch.0,
            &epoch_key.wrap(&id, &key, entropy),
            &seal_profile(&key, &id, (profile, &nonce), entropy),
            &seal_record(&key, &id, (&record, &salt), entropy),
            now.millis(),
            position.0 as i64,
        ],
    )?;
    change::person(tx, &id)?;
    Ok(subject)
}

/// Writes what is known of a person, if it is another than what was.
pub(crate) fn update_profile(
    tx: &Tx<'_>,
    subject: &Subject,
    profile: &Profile,
    entropy: &mut Entropy,
) -> Result<(), VaultError> {
    if subject.profile == *profile {
        return Ok(());
    }
    let id = subject.id.as_bytes();
    let sealed = seal_profile(&subject.key, id, (profile, &subject.nonce), entropy);
    // The next retention run asks again about what they wrote.
    let sql = "UPDATE subject SET sealed_profile = $1, facts_changed = 1 WHERE id = $2";
    tx.execute("update profile", sql, values![&sealed, id])?;
    Ok(change::person(tx, id)?)
}

/// Writes an event, if the state machine lets it follow.
pub(crate) fn insert_event(
    tx: &Tx<'_>,
    subject: &Subject,
    event: &Event,
    (context, entropy): (&EventContext<'_>, &mut Entropy),
) -> Result<(), VaultError> {
    let history = history(tx, subject, event.purpose)?;
    check_next(&history, event)?;
    let salt = entropy.bytes();
    let record = Record::of_event(event, context);
    let position = log::add(tx, &record.entry(&salt).0)?;
    tx.execute(
        "write consent event",
        "INSERT INTO event (id, subject, purpose, sequence, state, notice, effective_at, recorded_at, \
         attested, sealed_record, log_position) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        values![
            &event.id.0,
            subject.id.as_bytes(),
            event.purpose.as_str(),
            history.len() as i64,
            event.state.as_str(),
            &event.notice.0,
            event.effective_at.millis(),
            event.recorded_at.millis(),
            i64::from(event.attested) + i64::from(event.guardian),
            &seal_record(&subject.key, subject.id.as_bytes(), (&record, &salt), entropy),
            position.0 as i64,
        ],
    )?;
    Ok(change::person(tx, subject.id.as_bytes())?)
}

fn seal_profile(
    key: &Key,
    id: &[u8; 16],
    (profile, nonce): (&Profile, &[u8; 32]),
    entropy: &mut Entropy,
) -> Vec<u8> {
    let stored =
        StoredProfile { profile: profile.clone(), nonce: candor_tlog::hash::Hash(*nonce).to_string() };
    key.seal(&place("profile", id), &serde_json::to_vec(&stored).unwrap_or_default(), entropy)
}

pub(crate) fn seal_record(
    key: &Key,
    id: &[u8; 16],
    (record, salt): (&Record, &[u8; 32]),
    entropy: &mut Entropy,
) -> Vec<u8> {
    let stored =
        StoredRecord { record: record.to_stored(), salt: candor_tlog::hash::Hash(*salt).to_string() };
    key.seal(&place("record", id), &serde_json::to_vec(&stored).unwrap_or_default(), entropy)
}

pub(crate) fn open_record(subject: &Subject, sealed: &[u8]) -> Result<(Record, [u8; 32]), VaultError> {
    open_sealed_record(&subject.key, subject.id.as_bytes(), sealed)
}

/// Opens what [`seal_record`] sealed.
pub(crate) fn open_sealed_record(
    key: &Key,
    id: &[u8; 16],
    sealed: &[u8],
) -> Result<(Record, [u8; 32]), VaultError> {
    let stored = || VaultError::Stored("record");
    let plain = key.open(&place("record", id), sealed)?;
    let record: StoredRecord = serde_json::from_slice(&plain).map_err(|_| stored())?;
    let salt: candor_tlog::hash::Hash = record.salt.parse().map_err(|_| stored())?;
    Ok((Record::from_stored(&record.record).map_err(|_| stored())?, salt.0))
}

pub(crate) fn place(kind: &str, id: &[u8; 16]) -> Vec<u8> {
    [kind.as_bytes(), id].concat()
}
