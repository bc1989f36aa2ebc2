//! What the model answered, read beside the bytes that are relayed: JSON or a stream.

use candor_conversation::Part;

use crate::surface::Surface;

/// Tokens that the provider counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt.
    pub input: Option<u64>,
    /// Tokens of the answer.
    pub output: Option<u64>,
    /// Tokens of the prompt that came from a cache.
    pub cache_read: Option<u64>,
    /// Tokens of the prompt that were put into a cache.
    pub cache_creation: Option<u64>,
    /// Tokens of the answer that were reasoning.
    pub reasoning: Option<u64>,
}

/// An answer, as far as it came.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The provider's id of the answer.
    pub id: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// The answers, in order of their index. Parts are as [`crate::request::read_request`] gives them for the
    /// same answer sent back.
    pub choices: Vec<Vec<Part>>,
    /// Why each choice ended, where it did; same order as `choices`.
    pub finish_reasons: Vec<String>,
    /// Tokens, where the answer tells.
    pub usage: Usage,
    /// The provider said that this is all of it. False: the content is a beginning, or not to be trusted.
    pub complete: bool,
    /// The provider answered with an error, or broke off with one.
    pub failed: bool,
    /// Longer than the limit: there is no content.
    pub over_limit: bool,
}

/// Shows counts only.
impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply")
            .field("choices", &self.choices)
            .field("usage", &self.usage)
            .field("complete", &self.complete)
            .field("failed", &self.failed)
            .field("over_limit", &self.over_limit)
            .finish_non_exhaustive()
    }
}

/// Reads an answer while it passes.
pub struct ReplyReader {
    limit_bytes: usize,
}

impl ReplyReader {
    /// A reader for an answer on `surface`; `streaming` tells whether it comes as `text/event-stream`. It holds
    /// at most about `limit_bytes` of content.
    pub fn new(surface: Surface, streaming: bool, limit_bytes: usize) -> Self {
        let _ = (surface, streaming);
        Self { limit_bytes }
    }

    /// Takes the next bytes of the body.
    pub fn push(&mut self, bytes: &[u8]) {
        let _ = (bytes, self.limit_bytes);
    }

    /// What the answer was. `interrupted` tells that the body did not come to its end: the client hung up or
    /// the upstream died.
    pub fn finish(self, interrupted: bool) -> Reply {
        let _ = interrupted;
        Reply::default()
    }
}
