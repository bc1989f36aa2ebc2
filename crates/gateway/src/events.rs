//! What campaign detection is told of an exchange: when, by whom under a pseudonym, how much; never text.
//!
//! The detector is somebody else's: it takes events from a bounded channel, and what it does not take in time is
//! counted and dropped. Sketches of what was said are fingerprints of content, and so there are some only where the
//! person agreed that their turns may be kept (N3).

use std::sync::mpsc::{SyncSender, TrySendError};

use candor_conversation::{Part, Role, Timestamp};
use candor_vault::{Key, keyed_hash};
use candor_wire::request::Request;

use crate::exchange::Exchange;

/// One exchange, as a detector sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeEvent {
    /// When it ended.
    pub at: Timestamp,
    /// The tenant, if known.
    pub tenant: Option<String>,
    /// Who asked, under a pseudonym that only this vault's keys give; `None` for people who are not known.
    pub subject: Option<[u8; 16]>,
    /// The virtual key's name.
    pub key: Option<String>,
    /// `chat`, `messages`, …
    pub surface: &'static str,
    /// HTTP status of the answer.
    pub status: u16,
    /// Bytes of the answer.
    pub answer_bytes: usize,
    /// Milliseconds from the request to the end of the answer.
    pub milliseconds: u64,
    /// Keyed hashes of word shingles of what was said now, the [`SHINGLES_MAX`] smallest, ascending; empty unless a
    /// purpose permits the turn.
    pub shingles: Vec<u64>,
}

/// Hashes in a sketch.
pub const SHINGLES_MAX: usize = 32;
/// Words in a shingle.
const SHINGLE_WORDS: usize = 4;

/// The way to a detector; none, if there is none.
pub(crate) struct Events {
    sender: Option<SyncSender<ExchangeEvent>>,
    key: Key,
}

impl Events {
    pub(crate) fn new(sender: Option<SyncSender<ExchangeEvent>>, key: Key) -> Self {
        Self { sender, key }
    }

    pub(crate) fn are_wanted(&self) -> bool {
        self.sender.is_some()
    }

    /// Hands an event over; `false` if it had to be dropped.
    pub(crate) fn tell(&self, event: ExchangeEvent) -> bool {
        let Some(sender) = &self.sender else { return true };
        !matches!(sender.try_send(event), Err(TrySendError::Full(_)))
    }

    /// The sketch of what is said now in an exchange that may be kept.
    pub(crate) fn shingles(&self, exchange: &Exchange) -> Vec<u64> {
        sketch(&self.key, &exchange.request)
    }

    pub(crate) fn pseudonym(&self, subject: &[u8; 16]) -> [u8; 16] {
        let mut out = [0; 16];
        out.copy_from_slice(&keyed_hash(&self.key, "candor-event-subject-1", &[subject])[..16]);
        out
    }
}

fn sketch(key: &Key, request: &Request) -> Vec<u64> {
    let mut hashes = Vec::new();
    let fresh = request.said.iter().skip(request.fresh_from()).filter(|said| said.role == Role::User);
    for part in fresh.flat_map(|said| &said.parts) {
        let Part::Text(text) = part else { continue };
        let text = text.to_lowercase();
        let words: Vec<&str> = text.split_whitespace().collect();
        let width = SHINGLE_WORDS.min(words.len());
        hashes.extend(words.windows(width.max(1)).map(|words| {
            let fields: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
            let full = keyed_hash(key, "candor-event-shingle-1", &fields);
            full.iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
        }));
    }
    hashes.sort_unstable();
    hashes.dedup();
    hashes.truncate(SHINGLES_MAX);
    hashes
}

#[cfg(test)]
mod tests {
    use super::*;
    use candor_wire::request::read_request;
    use candor_wire::surface::Surface;

    fn sketch_of(text: &str, key: u8) -> Vec<u64> {
        let body = serde_json::json!({ "model": "m", "messages": [{ "role": "user", "content": text }] });
        sketch(
            &Key::from_bytes([key; 32]),
            &read_request(Surface::Chat, body.to_string().as_bytes()).unwrap(),
        )
    }

    #[test]
    fn a_sketch_is_bounded_keyed_and_shared_by_texts_that_share_words() {
        let long: String = (0..500).map(|n| format!("word{n} ")).collect();
        assert_eq!(sketch_of(&long, 1).len(), SHINGLES_MAX);
        assert_ne!(sketch_of("what is a lichen made of", 1), sketch_of("what is a lichen made of", 2));
        let (one, other) =
            (sketch_of("what is a lichen made of", 1), sketch_of("What is a lichen used for", 1));
        assert!(one.iter().any(|hash| other.contains(hash)));
        assert!(sketch_of("", 1).is_empty());
        assert_eq!(sketch_of("hi", 1).len(), 1);
    }
}
