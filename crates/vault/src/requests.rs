//! Requests of people about their rights: each step of one is in the log, and all of it dies with the person.
//!
//! Somebody who is not enrolled may ask, too: what they said is sealed under a key of the operator until its time is
//! over. An erasure that was asked for leaves nothing here to prove it with; the person gets that as a receipt, which is
//! made before and completed after, see [`PendingReceipt`].

use candor_consent::receipt::Receipt;
use candor_consent::record::Record;
use candor_consent::request::{Request, RequestKind, RequestState, Step};
use candor_conversation::{RequestId, SubjectId, TenantId, Timestamp};
use candor_tlog::hash::Hash;
use candor_tlog::tree::LeafIndex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::catalogue::{CatalogueError, Db, Row, Tx, values};
use crate::cipher::Key;
use crate::log;
use crate::people::{known_by_reference, open_sealed_record, place, seal_record, subject_reference};
use crate::profile::check_name;
use crate::records::advance_clock;
use crate::{Entropy, Known, Subject, Vault, VaultError, durable};

/// A request with what was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filed {
    /// How it stands.
    pub request: Request,
    /// The tenant of the person it is about.
    pub tenant: TenantId,
    /// The operator's name for the person, or what they call themselves.
    pub name: String,
    /// All else that came with it.
    pub details: Value,
}

/// A receipt that lacks its place in the log: for what leaves nothing behind to make one of afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingReceipt {
    record: Record,
    salt: [u8; 32],
}

const PENDING_FORMAT: &str = "candor-pending-receipt-1";

impl PendingReceipt {
    /// As a file holds it until the receipt is complete.
    pub fn to_value(&self) -> Value {
        let salt = Hash(self.salt).to_string();
        json!({ "format": PENDING_FORMAT, "record": self.record.to_value(), "salt": salt })
    }

    /// Reads it again; `None` if it is something else.
    pub fn from_value(value: &Value) -> Option<Self> {
        let salt: Hash = value.get("salt")?.as_str()?.parse().ok()?;
        let record = Record::from_value(value.get("record")?).ok()?;
        (value.get("format")? == PENDING_FORMAT).then_some(Self { record, salt: salt.0 })
    }
}

/// Requests that were forgotten, of a kind and in a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ForgottenRequests {
    /// What was asked for.
    pub kind: RequestKind,
    /// How far it was.
    pub state: RequestState,
    /// How many.
    pub forgotten: u64,
}

/// Whose key seals a request.
struct Sealing {
    key: Key,
    subject: Option<SubjectId>,
}

impl Vault {
    /// Files a request that came; its intake is in the log when this returns. A person has at most one of a kind that is
    /// not over.
    pub fn open_request(
        &mut self,
        filed: &Filed,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<(), VaultError> {
        check_name(&filed.name)?;
        let reference = subject_reference(self.keys.index(), &filed.tenant, &filed.name);
        let same = |other: &&Filed| {
            let request = &other.request;
            request.kind == filed.request.kind && !request.state.is_final()
        };
        if let Some(other) = self.requests_of(&reference)?.iter().find(same) {
            return Err(VaultError::RequestOpen { id: other.request.id, kind: other.request.kind });
        }
        let subject = match known_by_reference(&self.db, &self.keys, &reference)? {
            Known::Subject(subject) => Some(*subject),
            Known::Erased | Known::Nobody => None,
        };
        let sealing = self.sealing(subject.as_ref());
        let request = &filed.request;
        let tx = self.db.begin("open request")?;
        advance_clock(&tx, now)?;
        tx.execute(
            "write request",
            "INSERT INTO request (id, reference, enrolled, kind, state, sealed) VALUES ($1, $2, $3, $4, $5, $6)",
            values![
                request.id.as_bytes(),
                &reference,
                subject.is_some(),
                request.kind.as_str(),
                request.state.as_str(),
                &seal(filed, &sealing.key, entropy),
            ],
        )?;
        write_step(&tx, (filed, &Step::Opened), &sealing, (now, entropy))?;
        tx.commit()?;
        durable::step("request-committed");
        Ok(self.log.catch_up(&self.db)?)
    }

    /// Lets a step happen to a request; it is in the log when this returns.
    pub fn step_request(
        &mut self,
        id: RequestId,
        step: &Step,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Filed, VaultError> {
        let (mut filed, sealing) = self.filed(id)?;
        filed.request = filed.request.after(step, now)?;
        let tx = self.db.begin("take step of request")?;
        advance_clock(&tx, now)?;
        let sealed = seal(&filed, &sealing.key, entropy);
        tx.execute(
            "write state of request",
            "UPDATE request SET state = $1, sealed = $2 WHERE id = $3",
            values![filed.request.state.as_str(), &sealed, id.as_bytes()],
        )?;
        write_step(&tx, (&filed, step), &sealing, (now, entropy))?;
        tx.commit()?;
        durable::step("request-committed");
        self.log.catch_up(&self.db)?;
        Ok(filed)
    }

    /// A request.
    pub fn request(&self, id: RequestId) -> Result<Filed, VaultError> {
        Ok(self.filed(id)?.0)
    }

    /// All requests, in no order.
    pub fn requests(&self) -> Result<Vec<Filed>, VaultError> {
        let ids = self.db.all("list requests", "SELECT id FROM request ORDER BY id", values![], id_row)?;
        ids.into_iter().map(|id| self.request(id)).collect()
    }

    /// What an enrolled person asked for.
    pub fn requests_by(&self, subject: &Subject) -> Result<Vec<Filed>, VaultError> {
        self.requests_of(&subject_reference(self.keys.index(), &subject.tenant, &subject.profile.name))
    }

    /// The receipts of a request's steps, under the newest checkpoint, each with the word for the step.
    pub fn request_receipts(&self, id: RequestId) -> Result<Vec<(String, Receipt)>, VaultError> {
        let (_, sealing) = self.filed(id)?;
        let sql = "SELECT sealed_record, log_position FROM request_step WHERE request = $1 ORDER BY sequence";
        let steps = self.db.all("read steps of request", sql, values![id.as_bytes()], |row| {
            Ok::<(Vec<u8>, LeafIndex), CatalogueError>((row.get(0)?, LeafIndex(row.get(1)?)))
        })?;
        let issue = |(sealed, position): (Vec<u8>, LeafIndex)| {
            let (record, salt) = open_sealed_record(&sealing.key, id.as_bytes(), &sealed)?;
            let value = record.to_value();
            let word = value.pointer("/step/is").and_then(Value::as_str);
            let word = word.ok_or(VaultError::Stored("step of a request"))?.to_owned();
            let receipt = Receipt::issue(record, salt, self.operator_key(), self.log.prove(position)?)?;
            Ok((word, receipt))
        };
        steps.into_iter().map(issue).collect()
    }

    /// The folder, in one for receipts, that holds those of a request: the person's own if they were enrolled when they
    /// asked.
    pub fn request_folder(&self, id: RequestId) -> Result<String, VaultError> {
        let subject = self.filed(id)?.1.subject;
        Ok(subject.map_or_else(|| format!("request-{id}"), |subject| subject.to_string()))
    }

    /// How many requests were forgotten with their people or with time.
    pub fn forgotten_requests(&self) -> Result<Vec<ForgottenRequests>, VaultError> {
        let sql = "SELECT kind, state, forgotten FROM request_tally ORDER BY kind, state";
        self.db.all("count forgotten requests", sql, values![], |row| {
            Ok(ForgottenRequests {
                kind: row.get::<String>(0)?.parse()?,
                state: row.get::<String>(1)?.parse()?,
                forgotten: row.get(2)?,
            })
        })
    }

    /// The receipt of an erasure that was asked for, before it is done: to be kept where it outlives the erasure.
    pub fn prepare_erasure(
        &self,
        id: RequestId,
        evidence: &str,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<PendingReceipt, VaultError> {
        let (filed, sealing) = self.filed(id)?;
        let step = Step::Fulfilled { evidence: evidence.to_owned() };
        let after = filed.request.after(&step, now)?;
        Ok(PendingReceipt { record: after.record(&step, sealing.subject, now), salt: entropy.bytes() })
    }

    /// Erases a person as [`Vault::erase`] does, because they asked for it, and commits with it, all or none, what the
    /// receipt says.
    pub fn erase_as_asked(
        &mut self,
        subject: &Subject,
        recalls: &[(String, u64)],
        (id, pending): (RequestId, &PendingReceipt),
        now: Timestamp,
    ) -> Result<(), VaultError> {
        let fulfilled = RequestState::Fulfilled.as_str();
        self.erase_with(subject, recalls, now, |tx| {
            let sql = "UPDATE request SET state = $1 WHERE id = $2";
            tx.execute("write state of request", sql, values![fulfilled, id.as_bytes()])?;
            log::add(tx, &pending.record.entry(&pending.salt).0)?;
            Ok(())
        })
    }

    /// The receipt, if what it is about is in the log.
    pub fn complete(&self, pending: &PendingReceipt) -> Result<Option<Receipt>, VaultError> {
        let entry = pending.record.entry(&pending.salt);
        let sql = "SELECT position FROM log_entry WHERE entry = $1";
        let position =
            self.db.first("look for entry", sql, values![&entry.0], |row| row.get(0).map(LeafIndex));
        let Some(position) = position? else { return Ok(None) };
        let proof = self.log.prove(position)?;
        Ok(Some(Receipt::issue(pending.record.clone(), pending.salt, self.operator_key(), proof)?))
    }

    /// Ends requests whose person did not answer, and forgets those whose time of being kept is over.
    pub(crate) fn age_requests(&mut self, now: Timestamp, entropy: &mut Entropy) -> Result<(), VaultError> {
        let requests = self.requests()?;
        for filed in requests {
            let request = &filed.request;
            if !request.state.is_final() && request.may_expire(now) {
                self.step_request(request.id, &Step::Expired, now, entropy)?;
            } else if request.may_be_forgotten(now) {
                let tx = self.db.begin("forget request")?;
                forget(&tx, "id", request.id.as_bytes())?;
                tx.commit()?;
            }
        }
        Ok(())
    }

    fn requests_of(&self, reference: &[u8; 16]) -> Result<Vec<Filed>, VaultError> {
        let sql = "SELECT id FROM request WHERE reference = $1 ORDER BY id";
        let ids = self.db.all("list requests of a person", sql, values![reference], id_row)?;
        ids.into_iter().map(|id| self.request(id)).collect()
    }

    fn filed(&self, id: RequestId) -> Result<(Filed, Sealing), VaultError> {
        let sql = "SELECT reference, enrolled, sealed FROM request WHERE id = $1";
        let row = self.db.first("read request", sql, values![id.as_bytes()], |row| {
            Ok::<([u8; 16], bool, Vec<u8>), CatalogueError>((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        let (reference, is_enrolled, sealed) = row.ok_or(VaultError::UnknownRequest(id))?;
        let stored = || VaultError::Stored("request");
        let sealing = match known_by_reference(&self.db, &self.keys, &reference)? {
            Known::Subject(subject) if is_enrolled => self.sealing(Some(&subject)),
            _ if is_enrolled => return Err(stored()),
            _ => self.sealing(None),
        };
        let plain = sealing.key.open(&place("request", id.as_bytes()), &sealed)?;
        Ok((serde_json::from_slice(&plain).map_err(|_| stored())?, sealing))
    }

    fn sealing(&self, subject: Option<&Subject>) -> Sealing {
        match subject {
            Some(subject) => Sealing { key: subject.key.clone(), subject: Some(subject.id) },
            None => Sealing { key: self.keys.store_key("request"), subject: None },
        }
    }
}

/// Forgets the requests that have this in a column, but how many there were.
fn forget(tx: &Tx<'_>, column: &str, value: &[u8; 16]) -> Result<(), CatalogueError> {
    let tally = format!(
        "INSERT INTO request_tally (kind, state, forgotten) \
         SELECT kind, state, COUNT(*) FROM request WHERE {column} = $1 GROUP BY kind, state \
         ON CONFLICT (kind, state) DO UPDATE SET forgotten = request_tally.forgotten + excluded.forgotten"
    );
    tx.execute("count requests", &tally, values![value])?;
    let steps =
        format!("DELETE FROM request_step WHERE request IN (SELECT id FROM request WHERE {column} = $1)");
    tx.execute("delete steps of requests", &steps, values![value])?;
    let requests = format!("DELETE FROM request WHERE {column} = $1");
    tx.execute("delete requests", &requests, values![value]).map(|_| ())
}

/// Forgets all that a person who is being erased asked for.
pub(crate) fn forget_of(tx: &Tx<'_>, subject: SubjectId) -> Result<(), CatalogueError> {
    let sql = "SELECT reference FROM subject WHERE id = $1";
    let reference: [u8; 16] = tx.one("read reference", sql, values![subject.as_bytes()])?;
    forget(tx, "reference", &reference)
}

fn id_row(row: &Row<'_>) -> Result<RequestId, CatalogueError> {
    row.get(0).map(RequestId::from_bytes)
}

fn seal(filed: &Filed, key: &Key, entropy: &mut Entropy) -> Vec<u8> {
    let plain = serde_json::to_vec(filed).unwrap_or_default();
    key.seal(&place("request", filed.request.id.as_bytes()), &plain, entropy)
}

fn write_step(
    tx: &Tx<'_>,
    (filed, step): (&Filed, &Step),
    sealing: &Sealing,
    (now, entropy): (Timestamp, &mut Entropy),
) -> Result<(), VaultError> {
    let id = filed.request.id;
    let salt = entropy.bytes();
    let record = filed.request.record(step, sealing.subject, now);
    let position = log::add(tx, &record.entry(&salt).0)?;
    let sealed = seal_record(&sealing.key, id.as_bytes(), (&record, &salt), entropy);
    tx.execute(
        "write step of request",
        "INSERT INTO request_step (request, sequence, sealed_record, log_position) VALUES ($1, $2, $3, $4)",
        values![id.as_bytes(), step_count(tx, id)?, &sealed, position.0 as i64],
    )?;
    Ok(())
}

fn step_count(db: &Db, id: RequestId) -> Result<i64, CatalogueError> {
    let sql = "SELECT COUNT(*) FROM request_step WHERE request = $1";
    db.one("count steps of request", sql, values![id.as_bytes()])
}
