//! Rows to recall that nobody can tell any more.
//!
//! A release whose records are lost must not keep a person in: the act is done, and what could not be looked up is
//! told after it.

use candor_release::prove::Recalls;

/// Some rows could not be recalled; the act itself is done.
#[derive(Debug, thiserror::Error)]
#[error(
    "done, but the rows to recall are unknown for: {0}\nhint: the releases' records in objects/releases are missing \
     or changed; restore them from a backup, or recall these releases as a whole"
)]
pub(crate) struct RecallUnknown(String);

/// Fails, after the act, when something could not be looked up.
pub(crate) fn all_told(recalls: &Recalls) -> anyhow::Result<()> {
    if recalls.unknown.is_empty() { Ok(()) } else { Err(RecallUnknown(recalls.unknown.join(", ")).into()) }
}
