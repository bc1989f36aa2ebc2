//! What the model answered, read beside the bytes that are relayed: JSON or a stream.

mod chat;
mod messages;
mod repeat;
mod responses;

use candor_conversation::Part;
use serde::Deserialize;

use crate::scalar::{Object, Scalar};
use crate::sse::{SseEvent, SseParser};
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

impl Reply {
    /// Whether it is all that the model had to say: it came to its end, and was not cut for its length or by a filter.
    pub fn is_finished(&self) -> bool {
        let is_cut = |reason: &String| CUT_OFF.contains(&reason.as_str());
        self.complete && !self.finish_reasons.iter().any(is_cut)
    }
}

/// Reasons for which an answer ends before its end, in the words of the providers.
const CUT_OFF: [&str; 5] =
    ["length", "max_tokens", "max_output_tokens", "content_filter", "model_context_window_exceeded"];

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
///
/// ```
/// use candor_wire::reply::ReplyReader;
/// use candor_wire::surface::Surface;
///
/// let mut reader = ReplyReader::new(Surface::Chat, true, 1 << 20);
/// reader.push(b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: [DO");
/// reader.push(b"NE]\n\n");
/// let reply = reader.finish(false);
/// assert!(reply.complete);
/// assert_eq!(reply.choices[0][0].text_bytes(), 2);
/// ```
pub struct ReplyReader {
    surface: Surface,
    limit_bytes: usize,
    form: Form,
    /// What the answer told about itself so far.
    reply: Reply,
    /// Something in the middle could not be read, so that the text around it is not what was said.
    damaged: bool,
}

enum Form {
    /// Bytes of a JSON body so far.
    Whole(Vec<u8>),
    Stream(SseParser, Box<Heard>),
    /// An answer that holds no conversation.
    Unread,
}

/// What a stream has said so far.
enum Heard {
    Chat(chat::Heard),
    Responses(responses::Heard),
    Messages(messages::Heard),
}

impl ReplyReader {
    /// A reader for an answer on `surface`; `streaming` tells whether it comes as `text/event-stream`. It holds
    /// at most about `limit_bytes` of content, and as much again of an event or body that has not ended.
    pub fn new(surface: Surface, streaming: bool, limit_bytes: usize) -> Self {
        let heard = match surface {
            Surface::Chat | Surface::Completions | Surface::Embeddings => {
                Some(Heard::Chat(chat::Heard::default()))
            }
            Surface::Responses => Some(Heard::Responses(responses::Heard::default())),
            Surface::Messages => Some(Heard::Messages(messages::Heard::default())),
            Surface::CountTokens
            | Surface::Models
            | Surface::StoredResponses
            | Surface::StoredChat
            | Surface::StoredFile
            | Surface::Other => None,
        };
        let form = match heard {
            Some(heard) if streaming => Form::Stream(SseParser::new(limit_bytes), Box::new(heard)),
            Some(_) => Form::Whole(Vec::new()),
            None => Form::Unread,
        };
        Self { surface, limit_bytes, form, reply: Reply::default(), damaged: false }
    }

    /// Takes the next bytes of the body.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.reply.over_limit || self.damaged {
            return;
        }
        match &mut self.form {
            Form::Whole(body) if body.len() + bytes.len() > self.limit_bytes => self.reply.over_limit = true,
            Form::Whole(body) => body.extend_from_slice(bytes),
            Form::Stream(parser, heard) => {
                let (reply, damaged) = (&mut self.reply, &mut self.damaged);
                let limit_bytes = self.limit_bytes;
                let parsed = parser.push(bytes, |event| {
                    if !(*damaged || reply.over_limit || reply.complete) {
                        *damaged = heard.event(event, reply).is_err();
                        reply.over_limit = heard.bytes() > limit_bytes;
                    }
                });
                self.reply.over_limit |= parsed.is_err() && !self.reply.complete;
            }
            Form::Unread => {}
        }
        if self.reply.over_limit || self.damaged {
            // Nothing held is of use any more.
            self.form = Form::Unread;
        }
    }

    /// What the answer was. `interrupted` tells that the body did not come to its end: the client hung up or
    /// the upstream died. An answer that ended before that is complete all the same. A stream of chat
    /// completions that ends in order, each choice with its reason, is complete without `[DONE]` too, which some
    /// servers leave out.
    pub fn finish(mut self, interrupted: bool) -> Reply {
        let (surface, over_limit) = (self.surface, self.reply.over_limit);
        let reply = &mut self.reply;
        match self.form {
            Form::Whole(body) => self.damaged = whole(surface, &body, reply).is_err(),
            Form::Stream(parser, mut heard) => {
                // An event that was cut off may be half a text: then it is not read, and nothing is lost.
                let ended = parser.finish(|event| {
                    if !reply.complete {
                        let _ = heard.event(event, reply);
                    }
                });
                reply.over_limit = ended.is_err() && !reply.complete;
                heard.conclude(interrupted, reply);
            }
            Form::Unread if over_limit || self.damaged => {}
            Form::Unread => reply.complete = !interrupted,
        }
        if self.damaged || self.reply.over_limit {
            self.reply.choices.clear();
            self.reply.complete = false;
        }
        self.reply.complete &= !self.reply.failed;
        self.reply
    }
}

fn whole(surface: Surface, body: &[u8], reply: &mut Reply) -> Result<(), serde_json::Error> {
    match surface {
        Surface::Responses => responses::whole(body, reply),
        Surface::Messages => messages::whole(body, reply),
        _ => chat::whole(surface, body, reply),
    }
}

impl Heard {
    fn event(&mut self, event: SseEvent<'_>, reply: &mut Reply) -> Result<(), serde_json::Error> {
        if event.data.trim_ascii() == b"[DONE]" {
            // Anthropic's streams and the typed ones have an end of their own; some servers add this one.
            reply.complete |= matches!(self, Heard::Chat(_));
            return Ok(());
        }
        match self {
            Heard::Chat(heard) => heard.event(event.data, reply),
            Heard::Responses(heard) => heard.event(event, reply),
            Heard::Messages(heard) => heard.event(event, reply),
        }
    }

    /// Bytes of content held, about.
    fn bytes(&self) -> usize {
        match self {
            Heard::Chat(heard) => heard.bytes(),
            Heard::Responses(heard) => heard.bytes(),
            Heard::Messages(heard) => heard.bytes(),
        }
    }

    fn conclude(self, interrupted: bool, reply: &mut Reply) {
        match self {
            Heard::Chat(heard) => heard.conclude(interrupted, reply),
            Heard::Responses(heard) => heard.conclude(reply),
            Heard::Messages(heard) => heard.conclude(reply),
        }
    }
}

/// What one thing that a stream opens costs in memory beside its text, so that a flood of empty ones meets the
/// limit.
const OPENED_BYTES: usize = 256;

/// Fills in id and model, once.
fn name(reply: &mut Reply, id: &Scalar<'_>, model: &Scalar<'_>) {
    let text = |value: &Scalar<'_>| value.text().filter(|text| !text.is_empty()).map(str::to_owned);
    if reply.id.is_none() {
        reply.id = text(id);
    }
    if reply.model.is_none() {
        reply.model = text(model);
    }
}

/// The counts of any provider, under the names that it has for them.
#[derive(Default, Deserialize)]
struct Counted<'a> {
    #[serde(borrow, default)]
    prompt_tokens: Scalar<'a>,
    #[serde(borrow, default)]
    completion_tokens: Scalar<'a>,
    #[serde(borrow, default)]
    prompt_tokens_details: Object<Details<'a>>,
    #[serde(borrow, default)]
    completion_tokens_details: Object<Details<'a>>,
    #[serde(borrow, default)]
    input_tokens: Scalar<'a>,
    #[serde(borrow, default)]
    output_tokens: Scalar<'a>,
    #[serde(borrow, default)]
    input_tokens_details: Object<Details<'a>>,
    #[serde(borrow, default)]
    output_tokens_details: Object<Details<'a>>,
    #[serde(borrow, default)]
    cache_read_input_tokens: Scalar<'a>,
    #[serde(borrow, default)]
    cache_creation_input_tokens: Scalar<'a>,
}

#[derive(Default, Deserialize)]
struct Details<'a> {
    #[serde(borrow, default)]
    cached_tokens: Scalar<'a>,
    #[serde(borrow, default)]
    reasoning_tokens: Scalar<'a>,
}

impl Usage {
    /// Takes newer counts; they are totals, so that a later one replaces an earlier one.
    fn update(&mut self, counted: &Counted<'_>) {
        let newer =
            |old: Option<u64>, values: [&Scalar<'_>; 3]| values.iter().find_map(|v| v.count()).or(old);
        let none = Scalar::Null;
        let c = counted;
        let (prompt, input) = (&c.prompt_tokens_details.0, &c.input_tokens_details.0);
        let (completion, output) = (&c.completion_tokens_details.0, &c.output_tokens_details.0);
        *self = Self {
            input: newer(self.input, [&c.prompt_tokens, &c.input_tokens, &none]),
            output: newer(self.output, [&c.completion_tokens, &c.output_tokens, &none]),
            cache_read: newer(
                self.cache_read,
                [&prompt.cached_tokens, &input.cached_tokens, &c.cache_read_input_tokens],
            ),
            cache_creation: newer(self.cache_creation, [&c.cache_creation_input_tokens, &none, &none]),
            reasoning: newer(self.reasoning, [&completion.reasoning_tokens, &output.reasoning_tokens, &none]),
        };
    }
}
