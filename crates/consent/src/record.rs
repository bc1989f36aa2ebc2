//! Records: what is written down of an act, in full, for the person and the log.
//!
//! The record of a consent event is one document of JSON-LD 1.1 with the fields of ISO/IEC TS 27560:2023, named as the
//! W3C community's profile of it names them ("Consent Records and Receipts as per ISO/IEC TS 27560:2023 using DPV", Data
//! Privacy Vocabulary 2). Its context is in the document, so that reading it as RDF needs no network. Terms without a
//! prefix are ours.
//!
//! ```text
//! record    canonical JSON: keys sorted, no white space
//! entry     SHA-256("cev1" ‖ salt ‖ record)                 what the log's leaf commits to
//! ```

use std::fmt;
use std::sync::LazyLock;

use candor_conversation::{SubjectId, TenantId, Timestamp};
use candor_tlog::hash::{Hash, leaf_hash};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::notice::AfterWithdrawal;
use crate::{Event, EventId, Evidence, Notice, NoticeId, NoticeVersion, Purpose, State};

/// The schema of a record of a consent event: what the profile's documents call themselves.
pub const EVENT_SCHEMA: &str = "https://w3id.org/dpv/schema/dpv-27560#record";
/// The schema of a record of an enrolment.
pub const ENROLMENT_SCHEMA: &str = "candor-enrolment-record-1";

/// What stands for something that the notice does not state.
const NOT_STATED: &str = "not stated in the notice";

/// A record as it is committed: a JSON object in canonical form.
#[derive(Clone, PartialEq, Eq)]
pub struct Record(String);

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({} bytes)", self.0.len())
    }
}

/// Not a JSON object.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a record is a JSON object")]
pub struct InvalidRecord;

/// What a record of an event tells besides the event.
pub struct EventContext<'a> {
    /// The tenant.
    pub tenant: &'a TenantId,
    /// The notice that was shown.
    pub notice: &'a Notice,
    /// Its id.
    pub notice_id: NoticeId,
    /// Who vouches for it, if somebody does.
    pub attested_by: Option<&'a str>,
    /// What was shown, where the person answered on a page of ours.
    pub evidence: Option<&'a Evidence>,
}

/// What the record of an event says, as far as it is read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFacts {
    /// About which purpose.
    pub purpose: Purpose,
    /// What it became.
    pub state: State,
    /// The event.
    pub event: EventId,
    /// Under which version of the notice.
    pub notice: NoticeVersion,
    /// That notice.
    pub notice_id: NoticeId,
    /// When it was written down.
    pub recorded_at: Timestamp,
    /// Who vouches for it, if somebody does.
    pub attested_by: Option<String>,
}

impl Record {
    /// The record of a consent event.
    pub fn of_event(event: &Event, context: &EventContext<'_>) -> Self {
        let (id, notice) = (uuid(event.id), context.notice);
        let mut value = json!({
            "@context": *CONTEXT,
            "@id": format!("urn:uuid:{id}"),
            "@type": "dpv:ConsentRecord",
            "dct:identifier": id,
            "dct:conformsTo": EVENT_SCHEMA,
            "dct:created": event.recorded_at,
            "dpv:hasDataSubject": {
                "@id": format!("candor:subject/{}", event.subject),
                "@type": "dpv:DataSubject",
                "dct:identifier": event.subject.to_string(),
            },
            "dpv:hasDataController": controller(notice),
            "dpv:hasJurisdiction": places(notice.jurisdiction.as_slice()),
            "dpv:hasLegalBasis": "dpv:ExpressedConsent",
            "dpv:hasNotice": shown(context),
            "dpv:hasProcess": process(event.purpose, notice),
            "dpv:hasConsentControl": {
                "@type": ["dpv:ProvideConsent", "dpv:WithdrawConsent"],
                "dpv:isExercisedAt": notice.contact,
            },
            "dpv:hasConsentStatus": status(event),
            "purpose": event.purpose,
            "state": event.state,
            "tenant": context.tenant,
        });
        if let Some(source) = context.attested_by {
            value["attested_by"] = source.into();
        }
        if event.guardian {
            value["by"] = "guardian".into();
        }
        if let Some(evidence) = context.evidence {
            value["evidence"] = evidence.to_json(event.recorded_at);
        }
        Self(value.to_string())
    }

    /// The record of an enrolment: who, when, and the nonce under which every later release files them.
    pub fn of_enrolment(subject: SubjectId, tenant: &TenantId, nonce: &[u8; 32], at: Timestamp) -> Self {
        let value = json!({
            "schema": ENROLMENT_SCHEMA,
            "pii_principal_id": subject.to_string(),
            "tenant": tenant,
            "nonce": Hash(*nonce).to_string(),
            "recorded_at": at,
        });
        Self(value.to_string())
    }

    /// A record of another module's schema.
    pub(crate) fn of(value: &Value) -> Self {
        Self(value.to_string())
    }

    /// A record that stands in a JSON document.
    pub fn from_value(value: &Value) -> Result<Self, InvalidRecord> {
        if value.is_object() { Ok(Self(value.to_string())) } else { Err(InvalidRecord) }
    }

    /// A record that was stored by [`Record::to_stored`].
    pub fn from_stored(json: &str) -> Result<Self, InvalidRecord> {
        let mut value: Value = serde_json::from_str(json).map_err(|_| InvalidRecord)?;
        if value.get("dct:conformsTo").is_some_and(|schema| schema == EVENT_SCHEMA) {
            value["@context"] = CONTEXT.clone();
        }
        Self::from_value(&value)
    }

    /// The record without what all records of its schema have in common, to be stored.
    pub fn to_stored(&self) -> String {
        // It is the first key of a canonical record, and one text for all of them: no record is read to be stored.
        match self.0.strip_prefix('{').and_then(|fields| fields.strip_prefix(CONTEXT_FIELD.as_str())) {
            Some(fields) => format!("{{{fields}"),
            None => self.0.clone(),
        }
    }

    /// The record as JSON.
    pub fn to_value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// Canonical JSON.
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// What the log commits to.
    pub fn entry(&self, salt: &[u8; 32]) -> Hash {
        let mut hash = Sha256::new();
        hash.update(b"cev1");
        hash.update(salt);
        hash.update(self.0.as_bytes());
        Hash(hash.finalize().into())
    }

    /// The leaf of the log for this record.
    pub fn leaf(&self, salt: &[u8; 32]) -> Hash {
        leaf_hash(&self.entry(salt).0)
    }

    /// The nonce of an enrolment and when it was; `None` for the record of another act.
    pub fn enrolment(&self) -> Option<([u8; 32], Timestamp)> {
        let value = self.to_value();
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let nonce: Hash = text("nonce")?.parse().ok()?;
        let at = text("recorded_at")?.parse().ok()?;
        (text("schema") == Some(ENROLMENT_SCHEMA)).then_some((nonce.0, at))
    }

    /// Who was enrolled; `None` for the record of another act.
    pub fn enrolled(&self) -> Option<SubjectId> {
        self.enrolment()?;
        self.to_value().get("pii_principal_id").and_then(Value::as_str)?.parse().ok()
    }

    /// What the record of a consent event says; `None` for the record of another act.
    pub fn event(&self) -> Option<EventFacts> {
        let value = self.to_value();
        let text = |path: &str| value.pointer(path).and_then(Value::as_str);
        if text("/dct:conformsTo") != Some(EVENT_SCHEMA) {
            return None;
        }
        let version = value.pointer("/dpv:hasNotice/version").and_then(Value::as_u64)?;
        Some(EventFacts {
            purpose: text("/purpose")?.parse().ok()?,
            state: text("/state")?.parse().ok()?,
            event: text("/dct:identifier")?.replace('-', "").try_into().ok()?,
            notice_id: text("/dpv:hasNotice/dct:identifier")?.parse().ok()?,
            notice: NoticeVersion(u32::try_from(version).ok()?),
            recorded_at: text("/dct:created")?.parse().ok()?,
            attested_by: text("/attested_by").map(str::to_owned),
        })
    }
}

/// The 16 bytes of an event's id in the writing of RFC 9562.
fn uuid(id: EventId) -> String {
    let digits = id.to_string();
    let groups = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    groups.map(|(from, to)| digits.get(from..to).unwrap_or_default()).join("-")
}

/// What the terms of a record mean.
static CONTEXT: LazyLock<Value> = LazyLock::new(|| {
    let an_iri = || json!({ "@type": "@id" });
    let a_time = || json!({ "@type": "xsd:dateTime" });
    json!({
        "@vocab": "urn:candor:",
        "candor": "urn:candor:",
        "dct": "http://purl.org/dc/terms/",
        "dpv": "https://w3id.org/dpv#",
        "loc": "https://w3id.org/dpv/loc#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "dct:conformsTo": an_iri(),
        "dct:created": a_time(),
        "dct:date": a_time(),
        "dpv:hasLegalBasis": an_iri(),
        "dpv:isIndicatedAtTime": a_time(),
        "skos:broader": an_iri(),
    })
});

/// The context as it stands in a canonical record, with the comma behind it.
static CONTEXT_FIELD: LazyLock<String> = LazyLock::new(|| format!("\"@context\":{},", *CONTEXT));

fn controller(notice: &Notice) -> Value {
    json!({
        "@type": ["dpv:DataController", "dpv:Organisation"],
        "dct:identifier": notice.controller,
        "dpv:hasName": notice.controller,
        "dpv:hasAddress": notice.address.as_deref().unwrap_or(NOT_STATED),
        "dpv:hasContact": notice.contact,
    })
}

/// Places as terms of the vocabulary, which writes a subdivision as ISO 3166-2 does.
fn places(regions: &[candor_conversation::Region]) -> Value {
    match regions {
        [] => NOT_STATED.into(),
        regions => regions.iter().map(|region| json!({ "@id": format!("loc:{region}") })).collect(),
    }
}

fn shown(context: &EventContext<'_>) -> Value {
    let languages: Vec<&String> = match context.evidence {
        Some(evidence) => vec![&evidence.locale],
        None => context.notice.text.keys().collect(),
    };
    json!({
        "@id": format!("candor:notice/{}", context.notice_id),
        "@type": "dpv:ConsentNotice",
        "dct:identifier": context.notice_id.to_string(),
        "dct:date": context.notice.effective_at,
        "dct:language": languages,
        "version": context.notice.version,
    })
}

fn process(purpose: Purpose, notice: &Notice) -> Value {
    let terms = notice.purposes.get(&purpose);
    let recipients = terms.map(|terms| &terms.recipients).filter(|recipients| !recipients.is_empty());
    let retention = terms.map_or(NOT_STATED.to_owned(), |terms| format!("P{}D", terms.retention_days));
    let deletion = match notice.after_withdrawal {
        AfterWithdrawal::Purge => "a withdrawal, at the next retention run",
        AfterWithdrawal::Keep => "the end of the retention, a withdrawal notwithstanding",
    };
    json!({
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@id": format!("candor:purpose/{purpose}"),
            "@type": "dpv:Purpose",
            "skos:broader": broader_purpose(purpose),
        },
        "dpv:hasPersonalData": {
            "@id": "candor:personal-data/conversation-turns",
            "@type": "dpv:PersonalData",
            "dct:title": "what the person wrote in conversations, and the answers",
        },
        "dpv:hasRecipient": recipients.map_or(json!("none but the controller"), |names| json!(names)),
        "dpv:hasStorageCondition": [
            { "@type": "dpv:StorageLocation", "dpv:hasLocation": places(&notice.stored_in) },
            { "@type": "dpv:StorageDuration", "dpv:hasDuration": retention },
            { "@type": "dpv:StorageDeletion", "dpv:hasDuration": until(deletion) },
        ],
    })
}

/// The purpose of the vocabulary under which ours falls.
fn broader_purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::History => "dpv:RequestedServiceProvision",
        Purpose::Train => "dpv:ResearchAndDevelopment",
        Purpose::HumanReview => "dpv:ServiceOptimisation",
        Purpose::Insights => "dpv:ServiceUsageAnalytics",
        Purpose::Publish => "dpv:Purpose",
    }
}

fn status(event: &Event) -> Value {
    let by = match event.state {
        State::Requested | State::Expired | State::Invalidated | State::Revoked => "dpv:DataController",
        _ if event.guardian => "dpv:GuardianOfDataSubject",
        _ => "dpv:DataSubject",
    };
    let (expressed, holds_until) = match event.state.permits() {
        true => (Some("dpv:ExpressedConsent"), "a withdrawal, or a notice that is broader"),
        false => (None, "the next choice"),
    };
    let types: Vec<&str> = std::iter::once(event.state.dpv_term()).chain(expressed).collect();
    json!({
        "@type": types,
        "dpv:isIndicatedAtTime": event.effective_at,
        "dpv:isIndicatedBy": { "@id": by },
        "dpv:hasDuration": until(holds_until),
    })
}

fn until(event: &str) -> Value {
    json!({ "@type": "dpv:UntilEventDuration", "rdf:value": event })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples;

    fn record(state: State, evidence: Option<&Evidence>) -> Record {
        let notice = Notice::parse(examples::OURS).unwrap();
        let event = Event {
            id: EventId::random([0xab; 16]),
            subject: SubjectId::from_bytes([1; 16]),
            purpose: Purpose::Train,
            state,
            notice: notice.id(),
            effective_at: "2026-02-01T09:00:00Z".parse().unwrap(),
            recorded_at: "2026-02-01T09:00:05Z".parse().unwrap(),
            attested: state == State::Given,
            guardian: false,
        };
        let attested_by = event.attested.then_some("account database");
        let tenant = "home".parse().unwrap();
        let context =
            EventContext { tenant: &tenant, notice: &notice, notice_id: notice.id(), attested_by, evidence };
        Record::of_event(&event, &context)
    }

    #[test]
    fn the_record_of_a_yes_holds_the_fields_of_the_standard() {
        let evidence = Evidence {
            method: crate::Method::Form,
            locale: "de".into(),
            layout: Some([7; 32]),
            shown_at: "2026-02-01T08:59:00Z".parse().unwrap(),
            despite: None,
        };
        let record = record(State::Given, Some(&evidence));
        insta::assert_snapshot!(format!("{:#}", record.to_value()));
    }

    #[test]
    fn a_record_is_the_same_after_it_was_stored() {
        for state in State::ALL {
            let record = record(state, None);
            assert!(record.to_stored().len() + 500 < record.as_json().len());
            assert_eq!(Record::from_stored(&record.to_stored()).unwrap(), record);
            let facts = record.event().unwrap();
            assert_eq!((facts.state, facts.purpose, facts.notice.0), (state, Purpose::Train, 1));
            assert_eq!(facts.event, EventId::random([0xab; 16]));
            assert_eq!(facts.attested_by.is_some(), state == State::Given);
        }
    }

    #[test]
    fn an_id_of_random_bytes_is_a_uuid_of_version_4() {
        assert_eq!(uuid(EventId::random([0xff; 16])), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid(EventId::random([0; 16])), "00000000-0000-4000-8000-000000000000");
    }
}
