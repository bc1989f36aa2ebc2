//! What a request says, read beside the bytes that are relayed.

use candor_conversation::{Kind, Part, Role};

use crate::opt_out::{Dialect, OptOut};
use crate::surface::Surface;

/// A body that we cannot read with certainty. It is relayed all the same; nothing of it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not the JSON that the surface takes, or with a field given twice. The place is all we tell: the parser's
    /// own message can quote the text.
    #[error("the body is not readable as a {surface} request (line {line}, column {column})")]
    Body {
        /// Name of the surface.
        surface: &'static str,
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of the first fault.
        column: usize,
    },
    /// A message of a role that the surface does not have.
    #[error("message {index} has a role that is not known")]
    Role {
        /// Its place among the messages.
        index: usize,
    },
    /// More messages or parts than [`SAID_MAX`].
    #[error("the request has more than {SAID_MAX} messages")]
    TooMany,
}

impl Unreadable {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        Kind::Invalid
    }
}

/// Most messages that one request may hold to be read.
pub const SAID_MAX: usize = 100_000;

/// What a request says.
#[derive(Clone, PartialEq)]
pub struct Request {
    /// The model asked for.
    pub model: Option<String>,
    /// Whether it asks for a stream.
    pub stream: bool,
    /// Names of people and conversations in the body; claims of the client, not proofs.
    pub hints: Hints,
    /// Settings, for telemetry.
    pub sampling: Sampling,
    /// Every message in order, system prompt first. Empty on surfaces that hold no conversation.
    pub said: Vec<Said>,
    /// What the body asks not to be done with it.
    pub opt_out: OptOut,
    /// The dialect in which it asked, where `opt_out` is not [`OptOut::None`].
    pub dialect: Option<Dialect>,
}

/// Shows counts only.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request({} messages, {:?})", self.said.len(), self.opt_out)
    }
}

impl Request {
    /// Index in `said` of the first message after the model's last one: what is said now. All before it was said
    /// earlier, under the consent of its own time. Equal to `said.len()` when the last message is the
    /// model's (a prefilled or continued answer): then nothing is said now.
    pub fn fresh_from(&self) -> usize {
        let last = self.said.iter().rposition(|said| said.role == Role::Assistant);
        last.map_or(0, |index| index + 1)
    }
}

/// One message of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who speaks.
    pub role: Role,
    /// What is said; empty texts and the model's thinking are left out.
    pub parts: Vec<Part>,
}

/// Who and what the body says this is about.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// `user`.
    pub user: Option<String>,
    /// `safety_identifier`.
    pub safety_identifier: Option<String>,
    /// `metadata.user_id`.
    pub metadata_user_id: Option<String>,
    /// `session_id`, `litellm_session_id`, or the same in `metadata`.
    pub session: Option<String>,
    /// `conversation` (an id, or an object with one), or `conversation_id`, `chat_id` or `thread_id` in
    /// `metadata`.
    pub conversation: Option<String>,
    /// `previous_response_id`.
    pub previous_response_id: Option<String>,
}

/// Shows which are there, not what they say.
impl std::fmt::Debug for Hints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hints")
            .field("user", &self.user.is_some())
            .field("safety_identifier", &self.safety_identifier.is_some())
            .field("metadata_user_id", &self.metadata_user_id.is_some())
            .field("session", &self.session.is_some())
            .field("conversation", &self.conversation.is_some())
            .field("previous_response_id", &self.previous_response_id.is_some())
            .finish()
    }
}

/// Settings of the answer, as the OpenTelemetry conventions name them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sampling {
    /// `temperature`.
    pub temperature: Option<f64>,
    /// `top_p`.
    pub top_p: Option<f64>,
    /// `top_k`.
    pub top_k: Option<f64>,
    /// `max_completion_tokens`, `max_output_tokens` or `max_tokens`.
    pub max_tokens: Option<u64>,
    /// `n`.
    pub choices: Option<u64>,
}

/// Reads a request's body. The bytes stay as they are; this is a copy beside them.
///
/// # Errors
/// [`Unreadable`] where the meaning is not certain.
pub fn read_request(surface: Surface, body: &[u8]) -> Result<Request, Unreadable> {
    let _ = body;
    Err(Unreadable::Body { surface: surface.as_str(), line: 0, column: 0 })
}
