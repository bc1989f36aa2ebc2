//! A digest of a JSON value that does not depend on spacing or on the order of keys.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// SHA-256 of an object in a form with sorted keys and length-prefixed text, in hexadecimal.
///
/// It stands in for the id of a record that has none: the same record gives the same id wherever it is read.
pub(crate) fn of_object(object: &Map<String, Value>) -> String {
    let mut hash = Sha256::new();
    hash.update(b"candor-record-1");
    add_object(&mut hash, object);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn add(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Null => hash.update(b"n"),
        Value::Bool(truth) => hash.update(if *truth { b"t" } else { b"f" }),
        Value::Number(number) => add_text(hash, b"d", &number.to_string()),
        Value::String(text) => add_text(hash, b"s", text),
        Value::Array(items) => {
            add_length(hash, b"a", items.len());
            items.iter().for_each(|item| add(hash, item));
        }
        Value::Object(object) => add_object(hash, object),
    }
}

fn add_object(hash: &mut Sha256, object: &Map<String, Value>) {
    // Whether the map keeps its keys sorted depends on a feature that any crate may turn on.
    let mut members: Vec<_> = object.iter().collect();
    members.sort_unstable_by_key(|(key, _)| *key);
    add_length(hash, b"o", members.len());
    for (key, value) in members {
        add_text(hash, b"k", key);
        add(hash, value);
    }
}

fn add_text(hash: &mut Sha256, tag: &[u8; 1], text: &str) {
    add_length(hash, tag, text.len());
    hash.update(text.as_bytes());
}

fn add_length(hash: &mut Sha256, tag: &[u8; 1], length: usize) {
    hash.update(tag);
    hash.update((length as u64).to_be_bytes());
}
