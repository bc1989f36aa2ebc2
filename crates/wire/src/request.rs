//! What a request says, read beside the bytes that are relayed.

pub(crate) mod chat;
pub(crate) mod messages;
pub(crate) mod responses;

use candor_conversation::{Kind, Part, Role};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::content::{Content, OneOrMany};
use crate::media::Files;
use crate::opt_out::{Dialect, Fields, Gateway, OptOut, Provider};
use crate::scalar::{Object, Scalar};
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
    /// Whether turns that came before are at the provider and not in the body: it goes on from an answer, a
    /// conversation or items by their ids.
    pub continues_elsewhere: bool,
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
/// A field that is given twice makes the body unreadable where we would have to choose one: servers differ in
/// which they take, and one of the two may be the refusal.
///
/// Of files in the body it is only told that they are there; [`read_request_with_files`] reads them.
///
/// # Errors
/// [`Unreadable`] where the meaning is not certain.
///
/// ```
/// use candor_wire::opt_out::OptOut;
/// use candor_wire::request::read_request;
/// use candor_wire::surface::Surface;
///
/// let body = br#"{"model":"m","messages":[{"role":"user","content":"Hello"}],"store":false}"#;
/// let request = read_request(Surface::Chat, body).unwrap();
/// assert_eq!(request.said.len(), 1);
/// assert_eq!(request.opt_out, OptOut::Everything);
/// ```
pub fn read_request(surface: Surface, body: &[u8]) -> Result<Request, Unreadable> {
    read(surface, body, Files::Passed)
}

/// The same with the files that the body holds, decoded. It takes time by their length.
///
/// # Errors
/// [`Unreadable`] where the meaning is not certain. A file that is not what it should be is left out, and makes
/// nothing unreadable.
pub fn read_request_with_files(surface: Surface, body: &[u8]) -> Result<Request, Unreadable> {
    read(surface, body, Files::Read)
}

fn read(surface: Surface, body: &[u8], files: Files) -> Result<Request, Unreadable> {
    match surface {
        Surface::Chat => {
            let mut body: Body<'_, Vec<chat::Message<'_>>, IgnoredAny> = parse(surface, body)?;
            let messages = within_limit(body.messages.take())?;
            Ok(body.request(chat::said(&messages, files)?))
        }
        Surface::Messages => {
            let mut body: Body<'_, Vec<messages::Message<'_>>, IgnoredAny> = parse(surface, body)?;
            let messages = within_limit(body.messages.take())?;
            let said = messages::said(&body.system, &messages, files)?;
            Ok(body.request(said))
        }
        Surface::Responses => {
            let mut body: Body<'_, IgnoredAny, OneOrMany<'_, responses::Item<'_>>> = parse(surface, body)?;
            let input = body.input.take().unwrap_or_default();
            if matches!(&input, OneOrMany::Many(items) if items.len() > SAID_MAX) {
                return Err(Unreadable::TooMany);
            }
            let said = responses::said(&body.instructions, &input, files)?;
            let refers = responses::refers_elsewhere(&input);
            let mut request = body.request(said);
            request.continues_elsewhere |= refers;
            Ok(request)
        }
        Surface::Completions => {
            let body: Body<'_, IgnoredAny, IgnoredAny> = parse(surface, body)?;
            let said = said_in_prompt(&body.prompt);
            Ok(body.request(said))
        }
        Surface::Embeddings
        | Surface::CountTokens
        | Surface::Models
        | Surface::StoredResponses
        | Surface::StoredChat
        | Surface::StoredFile
        | Surface::Other => {
            let body: Body<'_, IgnoredAny, IgnoredAny> = parse(surface, body)?;
            Ok(body.request(Vec::new()))
        }
    }
}

fn parse<'a, T: Deserialize<'a>>(surface: Surface, body: &'a [u8]) -> Result<T, Unreadable> {
    // A list would be read as the fields in their order.
    let is_object = body.trim_ascii_start().first() == Some(&b'{');
    let unreadable = |line, column| Unreadable::Body { surface: surface.as_str(), line, column };
    if !is_object {
        return Err(unreadable(1, 1));
    }
    serde_json::from_slice(body).map_err(|error| unreadable(error.line(), error.column()))
}

fn within_limit<T>(messages: Option<Vec<T>>) -> Result<Vec<T>, Unreadable> {
    let messages = messages.unwrap_or_default();
    if messages.len() > SAID_MAX { Err(Unreadable::TooMany) } else { Ok(messages) }
}

/// A prompt is what the user says. Several prompts in one request are no conversation, and tokens are no text.
fn said_in_prompt(prompt: &OneOrMany<'_, Scalar<'_>>) -> Vec<Said> {
    let text = match prompt {
        OneOrMany::One(text) => Some(text.as_ref()),
        OneOrMany::Many(prompts) => match prompts.as_slice() {
            [prompt] => prompt.text(),
            _ => None,
        },
        OneOrMany::Nothing | OneOrMany::Other => None,
    };
    let parts = |text: &str| vec![Part::Text(text.to_owned())];
    text.filter(|text| !text.is_empty())
        .map(|text| Said { role: Role::User, parts: parts(text) })
        .into_iter()
        .collect()
}

/// A body of any surface. `M` and `I` are what the surface's `messages` and `input` are read as.
#[derive(Deserialize)]
struct Body<'a, M, I> {
    messages: Option<M>,
    input: Option<I>,
    #[serde(borrow, default)]
    system: Content<'a>,
    #[serde(borrow, default)]
    instructions: OneOrMany<'a, responses::Item<'a>>,
    #[serde(borrow, default)]
    prompt: OneOrMany<'a, Scalar<'a>>,
    #[serde(borrow, default)]
    model: Scalar<'a>,
    #[serde(borrow, default)]
    stream: Scalar<'a>,
    #[serde(borrow, default)]
    temperature: Scalar<'a>,
    #[serde(borrow, default)]
    top_p: Scalar<'a>,
    #[serde(borrow, default)]
    top_k: Scalar<'a>,
    #[serde(borrow, default)]
    max_completion_tokens: Scalar<'a>,
    #[serde(borrow, default)]
    max_output_tokens: Scalar<'a>,
    #[serde(borrow, default)]
    max_tokens: Scalar<'a>,
    #[serde(borrow, default)]
    n: Scalar<'a>,
    #[serde(borrow, default)]
    user: Scalar<'a>,
    #[serde(borrow, default)]
    safety_identifier: Scalar<'a>,
    #[serde(borrow, default)]
    session_id: Scalar<'a>,
    #[serde(borrow, default)]
    litellm_session_id: Scalar<'a>,
    #[serde(borrow, default)]
    conversation: Option<&'a RawValue>,
    #[serde(borrow, default)]
    previous_response_id: Scalar<'a>,
    #[serde(borrow, default)]
    metadata: Object<Metadata<'a>>,
    #[serde(borrow, default)]
    store: Scalar<'a>,
    #[serde(borrow, default, rename = "no-log")]
    no_log: Scalar<'a>,
    #[serde(borrow, default)]
    disable_log: Scalar<'a>,
    #[serde(borrow, default, rename = "tensorzero::dryrun")]
    dryrun: Scalar<'a>,
    #[serde(borrow, default)]
    provider: Object<Provider<'a>>,
    #[serde(borrow, default, rename = "providerOptions")]
    provider_options: Object<ProviderOptions<'a>>,
}

#[derive(Default, Deserialize)]
struct Metadata<'a> {
    #[serde(borrow, default)]
    user_id: Scalar<'a>,
    #[serde(borrow, default)]
    session_id: Scalar<'a>,
    #[serde(borrow, default)]
    conversation_id: Scalar<'a>,
    #[serde(borrow, default)]
    chat_id: Scalar<'a>,
    #[serde(borrow, default)]
    thread_id: Scalar<'a>,
}

#[derive(Default, Deserialize)]
struct ProviderOptions<'a> {
    #[serde(borrow, default)]
    gateway: Object<Gateway<'a>>,
}

impl<M, I> Body<'_, M, I> {
    fn request(self, said: Vec<Said>) -> Request {
        let fields = Fields {
            store: self.store,
            no_log: self.no_log,
            disable_log: self.disable_log,
            dryrun: self.dryrun,
            provider: self.provider.0,
            gateway: self.provider_options.0.gateway.0,
        };
        let strictest = fields.read();
        let metadata = self.metadata.0;
        let names_conversation = self.conversation.is_some_and(|conversation| conversation.get() != "null");
        let continues_elsewhere = names_conversation || self.previous_response_id.text().is_some();
        let first = |names: [Scalar<'_>; 3]| names.into_iter().find_map(Scalar::into_string);
        Request {
            model: self.model.into_string(),
            stream: self.stream.is_true(),
            hints: Hints {
                user: self.user.into_string(),
                safety_identifier: self.safety_identifier.into_string(),
                metadata_user_id: metadata.user_id.into_string(),
                session: first([self.session_id, self.litellm_session_id, metadata.session_id]),
                conversation: self
                    .conversation
                    .and_then(conversation_id)
                    .or_else(|| first([metadata.conversation_id, metadata.chat_id, metadata.thread_id])),
                previous_response_id: self.previous_response_id.into_string(),
            },
            sampling: Sampling {
                temperature: self.temperature.number(),
                top_p: self.top_p.number(),
                top_k: self.top_k.number(),
                max_tokens: [&self.max_completion_tokens, &self.max_output_tokens, &self.max_tokens]
                    .into_iter()
                    .find_map(Scalar::count),
                choices: self.n.count(),
            },
            said,
            continues_elsewhere,
            opt_out: strictest.opt_out,
            dialect: strictest.dialect,
        }
    }
}

/// The id in `conversation`: `"conv_1"` or `{"id":"conv_1"}`.
fn conversation_id(conversation: &RawValue) -> Option<String> {
    #[derive(Default, Deserialize)]
    struct Named<'a> {
        #[serde(borrow, default)]
        id: Scalar<'a>,
    }
    let id = match serde_json::from_str::<Scalar<'_>>(conversation.get()).ok()? {
        Scalar::Other => serde_json::from_str::<Object<Named<'_>>>(conversation.get()).ok()?.0.id,
        id => id,
    };
    id.into_string()
}
