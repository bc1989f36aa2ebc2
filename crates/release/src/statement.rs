//! The in-toto statement over a release, and the log's public entry for it.

use serde_json::{Value, json};

use crate::dsse::Envelope;
use crate::layout;
use crate::manifest::Manifest;

/// Type of the statement.
pub(crate) const TYPE: &str = "https://in-toto.io/Statement/v1";
/// Type of the predicate.
pub(crate) const PREDICATE: &str = "urn:candor:release:1";

/// The statement: digests of every file, and what a proof about a person needs to know of the release.
pub(crate) fn statement(manifest: &Manifest, described: &[(&str, &[u8])]) -> Value {
    let data = manifest.files.iter().map(|file| (file.path.clone(), file.sha256.clone()));
    let others = described.iter().map(|(name, bytes)| ((*name).to_owned(), layout::sha256_hex(bytes)));
    let subject: Vec<Value> = data
        .chain(others)
        .map(|(name, sha256)| json!({ "name": name, "digest": { "sha256": sha256 } }))
        .collect();
    json!({
        "_type": TYPE,
        "subject": subject,
        "predicateType": PREDICATE,
        "predicate": {
            "name": manifest.name,
            "id": manifest.id,
            "purpose": manifest.purpose,
            "as_of": manifest.as_of,
            "commitment": manifest.commitment,
            "log_checkpoint": manifest.log_checkpoint,
        },
    })
}

/// The public entry of the log: canonical JSON.
pub(crate) fn log_entry(manifest: &Manifest, envelope: &Envelope) -> String {
    json!({
        "type": "release",
        "name": manifest.name,
        "id": manifest.id,
        "statement_sha256": layout::sha256_hex(envelope.payload()),
    })
    .to_string()
}
