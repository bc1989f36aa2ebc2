//! One exchange that may be kept: what a person said now, and the answer.

use std::sync::Arc;

use bytes::Bytes;
use candor_consent::Permits;
use candor_conversation::{Part, TenantId, Timestamp};
use candor_vault::{Person, Spoken};
use candor_wire::request::{Request, read_request_with_files};
use candor_wire::surface::Surface;

use crate::record::Ended;

/// What was said, with the permits under which it may be kept. There is none without them (N3).
pub(crate) struct Exchange {
    pub(crate) tenant: TenantId,
    pub(crate) author: Arc<Person>,
    /// What the decision was made from; it is made again before anything is written.
    pub(crate) spoken: Spoken,
    pub(crate) permits: Permits,
    pub(crate) surface: Surface,
    pub(crate) request: Arc<Request>,
    /// The client's name for the conversation, if it gave one.
    pub(crate) conversation: Option<String>,
    /// Whether the model's author allows training on what it says.
    pub(crate) distillable: bool,
    /// Whether the answer comes as a stream of events.
    pub(crate) answer_is_stream: bool,
    /// Bytes of the request's body.
    pub(crate) request_bytes: usize,
    /// The request's body, where it may hold files: they are read when the exchange is over.
    pub(crate) body: Option<Bytes>,
}

impl Exchange {
    /// The body of a request in which there is something that is not text.
    pub(crate) fn body_with_files(request: &Request, body: Bytes) -> Option<Bytes> {
        let is_file = |part: &Part| matches!(part, Part::Attachment(_));
        request.said.iter().flat_map(|said| &said.parts).any(is_file).then_some(body)
    }

    /// Reads the files that the request holds, which takes time that a relay does not have.
    pub(crate) fn read_files(&mut self) {
        let Some(body) = self.body.take() else { return };
        // It was read without them before, so it is readable.
        if let Ok(request) = read_request_with_files(self.surface, &body) {
            self.request = Arc::new(request);
        }
    }

    /// Whether the answer is copied beside the path.
    pub(crate) fn keeps_answer(&self) -> bool {
        self.distillable
    }

    /// The exchange with what came of the answer. Pieces of it are slices of what the connection reads into, which
    /// they would keep whole while they wait: short answers are copied.
    pub(crate) fn ended(self: Box<Self>, mut answer: Vec<Bytes>, ended: Ended) -> Heard {
        if answer.iter().map(Bytes::len).sum::<usize>() <= COPIED_BYTES_MAX {
            answer = vec![answer.concat().into()];
        }
        Heard { exchange: self, answer, ended }
    }

    /// When it was said.
    pub(crate) fn at(&self) -> Timestamp {
        self.spoken.at
    }
}

/// An exchange that is over, on its way to be written.
pub(crate) struct Heard {
    pub(crate) exchange: Box<Exchange>,
    /// The answer's body as it came.
    pub(crate) answer: Vec<Bytes>,
    pub(crate) ended: Ended,
}

impl Heard {
    /// About how much memory it holds, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let answer: usize = self.answer.iter().map(Bytes::len).sum();
        size_of::<Self>() + size_of::<Exchange>() + self.exchange.request_bytes + answer + FIXED_BYTES
    }
}

/// Longest answer that is copied before it waits, in bytes.
const COPIED_BYTES_MAX: usize = 64 << 10;
/// What an exchange holds beside its text, on the heap: names, permits, and what an allocator adds.
const FIXED_BYTES: usize = 512;
