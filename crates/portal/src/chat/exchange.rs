//! One question and its answer: read as it comes, noted in the conversation, and passed on to the browser.
//!
//! Whoever drops it stops the answer: the connection to the gateway is closed, and what came so far stays.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use candor_conversation::Timestamp;
use candor_wire::sse::SseParser;
use hyper::Response;
use hyper::body::{Body, Frame, Incoming};
use serde::Deserialize;
use serde_json::json;

use super::shelf::{Ending, Full};
use super::told::Told;
use crate::session::Session;

/// Longest event of an answer, in bytes.
const EVENT_BYTES_MAX: usize = 1 << 20;

/// A question that waits for its answer. Dropped before there is one, it is taken back.
pub(super) struct Asked {
    session: Arc<Session>,
    id: String,
    question: u64,
    is_answered: bool,
}

impl Asked {
    pub(super) fn new(session: Arc<Session>, id: String, question: u64) -> Self {
        Self { session, id, question, is_answered: false }
    }

    /// The answer begins.
    pub(super) fn answered(
        mut self,
        response: Response<Incoming>,
        (told, first): (Told, serde_json::Value),
        now: Timestamp,
    ) -> Answer {
        self.is_answered = true;
        self.session.shelf.answer(&self.id, told, now);
        let kind = response.headers().get(CONTENT_TYPE);
        let is_stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let heard =
            if is_stream { Heard::Stream(SseParser::new(EVENT_BYTES_MAX)) } else { Heard::Whole(Vec::new()) };
        let (session, id) = (Arc::clone(&self.session), self.id.clone());
        let first = Some(event(&first));
        let (question, upstream) = (self.question, response.into_body());
        Answer {
            session,
            id,
            question,
            upstream,
            heard,
            first,
            is_finished: false,
            ending: None,
            is_told: false,
        }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if !self.is_answered {
            self.session.shelf.take_back(&self.id, self.question);
        }
    }
}

/// An answer on its way: as a body, events for the chat page's script.
pub(super) struct Answer {
    session: Arc<Session>,
    id: String,
    question: u64,
    upstream: Incoming,
    heard: Heard,
    first: Option<Bytes>,
    /// Whether the model said that this is all.
    is_finished: bool,
    ending: Option<Ending>,
    /// Whether the browser was told of the end.
    is_told: bool,
}

enum Heard {
    Stream(SseParser),
    Whole(Vec<u8>),
}

/// What is read of an answer, or of a piece of one.
#[derive(Deserialize)]
struct Piece {
    #[serde(default)]
    choices: Vec<Choice>,
    error: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    index: u64,
    delta: Option<Content>,
    message: Option<Content>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    /// A text; some servers send what is none.
    content: Option<serde_json::Value>,
}

/// What a piece adds.
#[derive(Debug, Default, PartialEq, Eq)]
struct Added {
    text: String,
    is_finished: bool,
    has_failed: bool,
}

impl Added {
    /// The first of several answers side by side; what cannot be read adds nothing.
    fn read(&mut self, json: &[u8]) {
        let Ok(piece) = serde_json::from_slice::<Piece>(json) else {
            self.has_failed |= json != b"[DONE]";
            self.is_finished |= json == b"[DONE]";
            return;
        };
        self.has_failed |= piece.error.is_some();
        for choice in piece.choices.into_iter().filter(|choice| choice.index == 0) {
            let content = choice.delta.or(choice.message).and_then(|content| content.content);
            self.text.push_str(content.as_ref().and_then(|content| content.as_str()).unwrap_or_default());
            self.is_finished |= choice.finish_reason.is_some();
        }
    }
}

fn event(value: &serde_json::Value) -> Bytes {
    Bytes::from(format!("data: {value}\n\n"))
}

impl Answer {
    /// Reads the answer to its end, for a browser that waits for the page.
    pub(super) async fn whole(mut self) {
        while let Some(Ok(_)) = std::future::poll_fn(|context| Pin::new(&mut self).poll_frame(context)).await
        {
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Added {
        let mut added = Added::default();
        match &mut self.heard {
            Heard::Stream(parser) => {
                added.has_failed =
                    parser.push(bytes, |event| added.read(event.data)).is_err() || added.has_failed;
            }
            Heard::Whole(body) if body.len() + bytes.len() > EVENT_BYTES_MAX => added.has_failed = true,
            Heard::Whole(body) => body.extend_from_slice(bytes),
        }
        added
    }

    /// The upstream's body came to its end.
    fn last(&mut self) -> Added {
        let mut added = Added::default();
        match &mut self.heard {
            Heard::Whole(body) => added.read(body),
            Heard::Stream(_) => added.has_failed = !self.is_finished,
        }
        added
    }

    /// Notes what came; the event about it.
    fn note(&mut self, added: &Added) -> Option<Bytes> {
        self.is_finished |= added.is_finished;
        if added.has_failed {
            self.ending = Some(Ending::Broken);
        }
        if added.text.is_empty() {
            return None;
        }
        match self.session.shelf.hear(&self.id, self.question, &added.text) {
            Ok(()) => Some(event(&json!({ "text": added.text }))),
            Err(full) => {
                self.ending = Some(if full == Full::Gone { Ending::Stopped } else { Ending::TooLong });
                None
            }
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let answer = self.get_mut();
        let frame = |bytes| Poll::Ready(Some(Ok(Frame::data(bytes))));
        if let Some(first) = answer.first.take() {
            return frame(first);
        }
        while answer.ending.is_none() {
            // The end of the body is waited for, also after the model's: who leaves before counts as having stopped it.
            let added = match ready!(Pin::new(&mut answer.upstream).poll_frame(context)) {
                Some(Ok(piece)) => match piece.into_data() {
                    Ok(bytes) => answer.take(&bytes),
                    Err(_) => continue,
                },
                Some(Err(_)) => Added { has_failed: true, ..Added::default() },
                None => {
                    answer.ending = Some(Ending::Whole);
                    answer.last()
                }
            };
            if let Some(event) = answer.note(&added) {
                return frame(event);
            }
        }
        if answer.is_told {
            return Poll::Ready(None);
        }
        // Before the browser hears of it: it asks for the page at once.
        answer.session.shelf.end(&answer.id, answer.question, answer.ending.unwrap_or(Ending::Broken));
        answer.is_told = true;
        frame(event(&json!({ "end": true })))
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if !self.is_told {
            self.session.shelf.end(&self.id, self.question, self.ending.unwrap_or(Ending::Stopped));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Added {
        let mut added = Added::default();
        added.read(json.as_bytes());
        added
    }

    #[test]
    fn the_first_answer_is_read_from_pieces_and_from_a_whole() {
        let piece =
            r#"{"choices":[{"index":1,"delta":{"content":"no"}},{"index":0,"delta":{"content":"yes"}}]}"#;
        assert_eq!(read(piece), Added { text: "yes".into(), ..Added::default() });
        let whole = r#"{"choices":[{"index":0,"message":{"content":"all"},"finish_reason":"stop"}]}"#;
        assert_eq!(read(whole), Added { text: "all".into(), is_finished: true, has_failed: false });
        assert!(read("[DONE]").is_finished);
    }

    #[test]
    fn an_error_amid_an_answer_is_no_end() {
        assert!(read(r#"{"error":{"message":"overloaded"}}"#).has_failed);
        assert!(read("{").has_failed);
    }
}
