//! The names of a release's files, and of the operator's records about it.

use sha2::{Digest, Sha256};

/// Folder of the data files.
pub const DATA: &str = "data";
/// The manifest.
pub const MANIFEST: &str = "release.json";
/// The dataset card.
pub const CARD: &str = "README.md";
/// The signed statement over all of the above.
pub const STATEMENT: &str = "release.dsse.json";
/// The log's entry for the statement, with its proof.
pub const LOG_PROOF: &str = "release.log.json";

/// Record: which candidate row stands for which.
pub const RECORD_REMOVED: &str = "removed";
/// Record: leaves of the row tree, 32 bytes each.
pub const RECORD_LEAVES: &str = "leaves";
/// Record: of each row, in order, SHA-256 over what was said in it, by which it is found from its conversation.
pub const RECORD_SAID: &str = "said";
/// Record: entries of the subject tree.
pub const RECORD_SUBJECTS: &str = "subjects";
/// Record: the indicators of the release's language, for the next one to be compared with.
pub const RECORD_LANGUAGE: &str = "language";
/// Record: rare words of the release that later ones are held against, as hashes; the first release's only.
pub const RECORD_REFERENCE: &str = "reference";

/// Record: the key that the release's surrogates were drawn under, where it is kept.
pub const RECORD_SURROGATE_KEY: &str = "surrogate-key";

/// Where a record of a release lies in the object store.
pub fn record_path(release: &str, record: &str) -> String {
    format!("releases/{release}/{record}.sealed")
}

/// SHA-256 in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
