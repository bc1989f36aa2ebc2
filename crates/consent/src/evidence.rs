//! What was shown to whoever answered, kept in the record of the event.

use candor_conversation::Timestamp;
use candor_tlog::hash::Hash;
use serde_json::{Value, json};

/// What a person saw when they answered on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The language of the words (BCP 47).
    pub locale: String,
    /// SHA-256 of the form as it was shown: of its HTML, with the secrets of one session left empty.
    pub layout: [u8; 32],
    /// When it was shown.
    pub shown_at: Timestamp,
    /// The signal of the browser (`sec-gpc`, `content-usage`) that said otherwise, where the person was told of it
    /// and answered once more.
    pub despite: Option<String>,
}

impl Evidence {
    /// The object in the record of an event that was recorded at a time.
    pub(crate) fn to_json(&self, recorded_at: Timestamp) -> Value {
        json!({
            "locale": self.locale,
            "layout_sha256": Hash(self.layout).to_string(),
            "method": "form",
            "shown_for_ms": recorded_at.millis() - self.shown_at.millis(),
            "despite": self.despite,
        })
    }
}
