//! What was shown to whoever answered, kept in the record of the event.

use candor_conversation::Timestamp;
use candor_tlog::hash::Hash;
use serde_json::{Value, json};

/// What a person saw when they answered. Which notice it was is in the record anyway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// How they were asked.
    pub method: Method,
    /// The language of the words (BCP 47).
    pub locale: String,
    /// SHA-256 of what was shown: of a form's HTML, with the secrets of one session left empty, or of whatever another
    /// system showed; `None` if nobody hashed it.
    pub layout: Option<[u8; 32]>,
    /// When it was shown.
    pub shown_at: Timestamp,
    /// The signal of the browser (`sec-gpc`, `content-usage`) that said otherwise, where the person was told of it
    /// and answered once more.
    pub despite: Option<String>,
}

/// How a person was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// On a page of ours.
    Form,
    /// By another system, which says so.
    Reported,
}

impl Evidence {
    /// The object in the record of an event that was recorded at a time.
    pub(crate) fn to_json(&self, recorded_at: Timestamp) -> Value {
        let method = match self.method {
            Method::Form => "form",
            Method::Reported => "reported",
        };
        json!({
            "locale": self.locale,
            "layout_sha256": self.layout.map(|layout| Hash(layout).to_string()),
            "method": method,
            "shown_at": self.shown_at,
            "shown_for_ms": recorded_at.millis() - self.shown_at.millis(),
            "despite": self.despite,
        })
    }
}
