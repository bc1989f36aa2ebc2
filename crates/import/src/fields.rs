//! What a record says about its author and its time, under the names that sources use.
//!
//! A field that is there and cannot be understood fails the record: passing over a tier, a region, an age or
//! an opt-out could let more be used than was agreed to.

use candor_conversation::{Age, Region, TenantId, Tier, Timestamp, Turn};
use serde_json::{Map, Value};

use crate::Reason;

const AUTHOR: [&str; 5] = ["user", "user_id", "author", "safety_identifier", "worker_id"];
const TENANT: [&str; 2] = ["tenant", "tenant_id"];
const TIER: [&str; 1] = ["tier"];
const REGION: [&str; 2] = ["region", "country"];
const AGE: [&str; 2] = ["age", "age_band"];
const TIME: [&str; 7] = ["created_at", "created", "timestamp", "create_time", "created_date", "time", "date"];
const STORE: [&str; 1] = ["store"];

/// Longest id taken as it is; a longer one is no id.
const ID_BYTES_MAX: usize = 256;
/// Smallest number read as seconds since the epoch (1973); a smaller one is a year or a written date.
const SECONDS_MIN: f64 = 1e8;
/// From this number on (the year 5138 in seconds, 1973 in milliseconds) it counts milliseconds.
const MILLIS_MIN: f64 = 1e11;
const MILLIS_MAX: f64 = 1e14;

/// What a record, or one message of it, says about its author and time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Person {
    pub(crate) author: Option<String>,
    pub(crate) tenant: Option<TenantId>,
    pub(crate) tier: Option<Tier>,
    pub(crate) region: Option<Region>,
    pub(crate) age: Option<Age>,
    pub(crate) at: Option<Timestamp>,
    pub(crate) opted_out: bool,
}

impl Person {
    /// Reads the fields of an object and of its `metadata`, whose word counts after the object's own.
    pub(crate) fn read(record: &Map<String, Value>) -> Result<Self, Reason> {
        let mut person = Self::default();
        let metadata = record.get("metadata").and_then(Value::as_object);
        for fields in std::iter::once(record).chain(metadata) {
            let here = Self::read_one(fields)?;
            person.author = person.author.or(here.author);
            person.tenant = person.tenant.or(here.tenant);
            person.tier = person.tier.or(here.tier);
            person.region = person.region.or(here.region);
            person.age = least(person.age, here.age);
            person.at = least(person.at, here.at);
            person.opted_out |= here.opted_out;
        }
        Ok(person)
    }

    fn read_one(fields: &Map<String, Value>) -> Result<Self, Reason> {
        let stores = all(fields, &STORE, Value::as_bool)?;
        Ok(Self {
            author: all(fields, &AUTHOR, id)?.into_iter().next(),
            tenant: all(fields, &TENANT, parsed)?.into_iter().next(),
            tier: all(fields, &TIER, parsed)?.into_iter().next(),
            region: all(fields, &REGION, parsed)?.into_iter().next(),
            // Of several ages and times the lowest counts: the younger person, the earlier consent.
            age: all(fields, &AGE, age)?.into_iter().min(),
            at: all(fields, &TIME, time)?.into_iter().min(),
            opted_out: stores.contains(&false),
        })
    }

    /// Writes what is known on a turn of this person, keeping what the turn knows itself.
    pub(crate) fn fill(&self, turn: &mut Turn) {
        if turn.author.is_none() {
            turn.author.clone_from(&self.author);
        }
        turn.tier = turn.tier.or(self.tier);
        if turn.region.is_none() {
            turn.region.clone_from(&self.region);
        }
        turn.age = least(turn.age, self.age);
        turn.opted_out |= self.opted_out;
    }
}

/// Lower of two that may be absent; absence gives way.
fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    one.into_iter().chain(other).min()
}

/// Every field of the list that is there and not null, each understood.
fn all<T>(
    fields: &Map<String, Value>,
    names: &'static [&'static str],
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Vec<T>, Reason> {
    let mut found = Vec::new();
    for field in names {
        match fields.get(*field) {
            None | Some(Value::Null) => {}
            Some(value) => found.push(read(value).ok_or(Reason::InvalidField { field })?),
        }
    }
    Ok(found)
}

/// An id: text of 1 to 256 bytes, or a whole number.
pub(crate) fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() && text.len() <= ID_BYTES_MAX => Some(text.clone()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

fn parsed<T: std::str::FromStr>(value: &Value) -> Option<T> {
    value.as_str()?.parse().ok()
}

fn age(value: &Value) -> Option<Age> {
    match value {
        Value::Number(number) => Some(Age::at_least(u8::try_from(number.as_u64()?).ok()?)),
        _ => parsed(value),
    }
}

/// A time: RFC 3339, a date, or a count of seconds or milliseconds since 1970, as a number or as text.
pub(crate) fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => since_epoch(number.as_f64()?),
        Value::String(text) => match text.trim().parse::<f64>() {
            Ok(number) => since_epoch(number),
            Err(_) => text.parse().ok(),
        },
        _ => None,
    }
}

fn since_epoch(number: f64) -> Option<Timestamp> {
    if (SECONDS_MIN..MILLIS_MIN).contains(&number) {
        return Timestamp::from_seconds(number);
    }
    (MILLIS_MIN..MILLIS_MAX).contains(&number).then(|| Timestamp::from_millis(number as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(record: Value) -> Result<Person, Reason> {
        Person::read(record.as_object().unwrap())
    }

    #[test]
    fn times_are_read_as_text_seconds_and_milliseconds() {
        let same = [
            json!("2023-11-14T22:13:20Z"),
            json!(1_700_000_000),
            json!(1_700_000_000.0),
            json!(1_700_000_000_000_i64),
            json!("1700000000"),
        ];
        for value in same {
            assert_eq!(time(&value).unwrap().millis(), 1_700_000_000_000, "{value}");
        }
        for value in [json!(2023), json!(20_230_101), json!("soon"), json!(true), json!(-5), json!("NaN")] {
            assert_eq!(time(&value), None, "{value}");
        }
    }

    #[test]
    fn a_field_that_is_not_understood_fails_the_record_and_is_named() {
        let wrong = [
            ("tier", json!("gold")),
            ("region", json!("Mars")),
            ("age", json!("x")),
            ("age_band", json!(-1)),
            ("created_at", json!("soon")),
            ("store", json!("no")),
            ("user", json!("")),
            ("tenant", json!("Two Words")),
        ];
        for (field, value) in wrong {
            for record in [json!({ field: value }), json!({ "metadata": { field: value } })] {
                assert_eq!(read(record).unwrap_err(), Reason::InvalidField { field });
            }
        }
    }

    #[test]
    fn the_youngest_age_the_earliest_time_and_any_opt_out_win() {
        let person = read(json!({
            "age": 30, "age_band": "13-17", "created": 1_700_000_000, "date": "2020-01-01",
            "store": true, "metadata": {"store": false, "age": 20, "user_id": 7}
        }))
        .unwrap();
        assert_eq!(person.age.unwrap().years(), 13);
        assert_eq!(person.at.unwrap().to_string(), "2020-01-01T00:00:00Z");
        assert!(person.opted_out);
        assert_eq!(person.author.as_deref(), Some("7"));
    }

    #[test]
    fn null_counts_as_absent() {
        let person = read(json!({"tier": null, "age": null, "metadata": null})).unwrap();
        assert!(person.tier.is_none() && person.age.is_none());
    }
}
