//! Where text lies in each interface's bodies and events, as tables.
//!
//! A place says what a string there is and which members an object there may have; what no table names is left
//! alone: ids, roles, names of tools, addresses, images, and the `thinking`, `signature` and `data` of Anthropic's
//! signed blocks. A list is at the same place as its items.

use super::tape::{Document, Shape, Value};
use super::{Form, Slot, SlotKind};

/// What may be at a place.
pub(super) struct Place {
    string: Leaf,
    members: &'static [Member],
}

/// What a string is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaf {
    /// Nothing of ours.
    Other,
    Text,
    /// What a tool answered: JSON inside the string, or text.
    Result,
    /// Arguments of a tool: JSON inside the string, or the value itself.
    Arguments,
    /// Repeats, in pieces, the text of its neighbours; is replaced by this when one of them changes.
    Echo(&'static str),
}

struct Member {
    name: &'static str,
    /// Another member, and what it must say for this one to count.
    only_if: Option<(&'static str, &'static [&'static str])>,
    place: &'static Place,
}

const fn member(name: &'static str, place: &'static Place) -> Member {
    Member { name, only_if: None, place }
}

const fn member_if(
    name: &'static str,
    key: &'static str,
    says: &'static [&'static str],
    place: &'static Place,
) -> Member {
    Member { name, only_if: Some((key, says)), place }
}

const fn leaf(string: Leaf) -> Place {
    Place { string, members: &[] }
}

const fn object(members: &'static [Member]) -> Place {
    Place { string: Leaf::Other, members }
}

static TEXT: Place = leaf(Leaf::Text);
static ARGUMENTS: Place = leaf(Leaf::Arguments);
static NOTHING: Place = object(&[]);

/// Chat completions: the content of a message, or a part of it.
static CHAT_CONTENT: Place =
    Place { string: Leaf::Text, members: &[member("text", &TEXT), member("refusal", &TEXT)] };
static CHAT_RESULT: Place = Place { string: Leaf::Result, members: &[member("text", &TEXT)] };
static CHAT_MESSAGE: Place = object(&[
    member_if("content", "role", &["tool", "function"], &CHAT_RESULT),
    member("content", &CHAT_CONTENT),
    member("refusal", &TEXT),
    // Servers of open models, and OpenRouter.
    member("reasoning_content", &TEXT),
    member("reasoning", &TEXT),
    member(
        "tool_calls",
        &object(&[
            member("function", &object(&[member("arguments", &ARGUMENTS)])),
            member("custom", &object(&[member("input", &TEXT)])),
        ]),
    ),
    member("function_call", &object(&[member("arguments", &ARGUMENTS)])),
    member("audio", &object(&[member("transcript", &TEXT)])),
]);
static CHAT_REQUEST: Place = object(&[
    member("messages", &CHAT_MESSAGE),
    member("prediction", &object(&[member("content", &CHAT_CONTENT)])),
]);
static NULLED: Place = leaf(Leaf::Echo("null"));
/// Answers of chat completions, and what a chunk of a stream may hold beside its deltas.
static CHAT_ANSWER: Place =
    object(&[member("choices", &object(&[member("message", &CHAT_MESSAGE), member("logprobs", &NULLED)]))]);

static COMPLETIONS_REQUEST: Place = object(&[member("prompt", &TEXT), member("suffix", &TEXT)]);
static COMPLETIONS_ANSWER: Place =
    object(&[member("choices", &object(&[member("text", &TEXT), member("logprobs", &NULLED)]))]);
static EMBEDDINGS_REQUEST: Place = object(&[member("input", &TEXT)]);

/// Responses: a part of content, of a summary or of a tool's output.
static PART: Place = Place {
    string: Leaf::Text,
    members: &[
        member("text", &TEXT),
        member("refusal", &TEXT),
        member("transcript", &TEXT),
        member("logprobs", &EMPTIED),
    ],
};
static EMPTIED: Place = leaf(Leaf::Echo("[]"));
static OUTPUT: Place = Place {
    string: Leaf::Result,
    members: &[member("text", &TEXT), member("stdout", &TEXT), member("stderr", &TEXT)],
};
/// An item of `input` or `output`; a string alone is a message.
static ITEM: Place = Place {
    string: Leaf::Text,
    members: &[
        member("content", &PART),
        member("summary", &PART),
        member("text", &TEXT),
        member("refusal", &TEXT),
        member("arguments", &ARGUMENTS),
        member("input", &TEXT),
        member("output", &OUTPUT),
        member("code", &TEXT),
        member("outputs", &object(&[member("logs", &TEXT)])),
        member("queries", &TEXT),
        member("results", &object(&[member("text", &TEXT)])),
        member(
            "action",
            &object(&[member("query", &TEXT), member("queries", &TEXT), member("command", &TEXT)]),
        ),
        member("operation", &object(&[member("diff", &TEXT)])),
    ],
};
static RESPONSES_REQUEST: Place = object(&[
    member("instructions", &ITEM),
    member("input", &ITEM),
    member(
        "prompt",
        &object(&[member("variables", &Place { string: Leaf::Other, members: &[member(ANY, &PART)] })]),
    ),
]);
/// Stands for every name.
const ANY: &str = "*";
static RESPONSES_ANSWER: Place =
    object(&[member("instructions", &ITEM), member("output", &ITEM), member("output_text", &TEXT)]);
/// What events hold beside their deltas: the same text again, whole.
static RESPONSES_EVENT: Place = object(&[
    member("response", &RESPONSES_ANSWER),
    member("item", &ITEM),
    member("part", &PART),
    member("text", &TEXT),
    member("refusal", &TEXT),
    member("arguments", &ARGUMENTS),
    member("input", &TEXT),
    member("code", &TEXT),
    member("transcript", &TEXT),
    member("logprobs", &EMPTIED),
]);

/// Messages: a block of content, in a message, in a tool's result or in a document.
static BLOCK: Place = Place {
    string: Leaf::Text,
    members: &[
        member("text", &TEXT),
        member("input", &ARGUMENTS),
        member_if("content", "type", &["tool_result", "mcp_tool_result"], &BLOCK_RESULT),
        member("content", &BLOCK),
        member("source", &SOURCE),
        member_if("title", "type", &["document", "search_result"], &TEXT),
        member("context", &TEXT),
        member("stdout", &TEXT),
        member("stderr", &TEXT),
        member("citations", &CITATION),
    ],
};
static BLOCK_RESULT: Place = Place { string: Leaf::Result, members: BLOCK.members };
static SOURCE: Place = object(&[member_if("data", "type", &["text"], &TEXT), member("content", &BLOCK)]);
static CITATION: Place = object(&[member("cited_text", &TEXT), member("document_title", &TEXT)]);
static MESSAGES_REQUEST: Place =
    object(&[member("system", &BLOCK), member("messages", &object(&[member("content", &BLOCK)]))]);
static MESSAGES_ANSWER: Place = object(&[member("content", &BLOCK)]);
/// What events hold beside their deltas; the text of a block that starts counts as its first delta.
static MESSAGES_EVENT: Place = object(&[
    member("message", &MESSAGES_ANSWER),
    member(
        "content_block",
        &object(&[
            member("input", &ARGUMENTS),
            member("content", &BLOCK),
            member("source", &SOURCE),
            member("citations", &CITATION),
        ]),
    ),
    member("delta", &object(&[member("citation", &CITATION)])),
]);

/// What the provider stored, in whatever object or list it comes: every string counts, but for names and what is
/// signed or encrypted.
static STORED: Place = Place {
    string: Leaf::Result,
    members: &[
        member("id", &NOTHING),
        member("object", &NOTHING),
        member("type", &NOTHING),
        member("role", &NOTHING),
        member("status", &NOTHING),
        member("model", &NOTHING),
        member("custom_id", &NOTHING),
        member("call_id", &NOTHING),
        member("tool_call_id", &NOTHING),
        member("tool_use_id", &NOTHING),
        member("item_id", &NOTHING),
        member("file_id", &NOTHING),
        member("first_id", &NOTHING),
        member("last_id", &NOTHING),
        member("request_id", &NOTHING),
        member("previous_response_id", &NOTHING),
        member("system_fingerprint", &NOTHING),
        member("thinking", &NOTHING),
        member("signature", &NOTHING),
        member_if("data", "type", &["redacted_thinking", "base64"], &NOTHING),
        member("encrypted_content", &NOTHING),
        member("b64_json", &NOTHING),
        member("arguments", &ARGUMENTS),
        member_if("input", "type", &["tool_use", "server_tool_use", "mcp_tool_use"], &ARGUMENTS),
        member_if("logprobs", "type", &["output_text"], &EMPTIED),
        member("logprobs", &NULLED),
        member(ANY, &STORED),
    ],
};

/// What travels: questions one way, answers the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the client to the model.
    Request,
    /// From the model to the client, not as a stream.
    Answer,
}

/// Where text lies in a body.
pub(super) fn of_body(surface: crate::surface::Surface, direction: Direction) -> &'static Place {
    use crate::surface::Surface;
    match (surface, direction) {
        (Surface::Chat, Direction::Request) => &CHAT_REQUEST,
        (Surface::Chat, Direction::Answer) => &CHAT_ANSWER,
        (Surface::Completions, Direction::Request) => &COMPLETIONS_REQUEST,
        (Surface::Completions, Direction::Answer) => &COMPLETIONS_ANSWER,
        (Surface::Embeddings, Direction::Request) => &EMBEDDINGS_REQUEST,
        (Surface::Responses, Direction::Request) => &RESPONSES_REQUEST,
        (Surface::Responses, Direction::Answer) => &RESPONSES_ANSWER,
        (Surface::Messages | Surface::CountTokens, Direction::Request) => &MESSAGES_REQUEST,
        (Surface::Messages, Direction::Answer) => &MESSAGES_ANSWER,
        (Surface::StoredResponses | Surface::StoredChat | Surface::StoredFile, Direction::Answer) => &STORED,
        _ => &NOTHING,
    }
}

/// Where whole text lies in an event of a stream, beside its deltas.
pub(super) fn of_event(surface: crate::surface::Surface) -> &'static Place {
    use crate::surface::Surface;
    match surface {
        Surface::Chat => &CHAT_ANSWER,
        Surface::Responses => &RESPONSES_EVENT,
        Surface::Messages => &MESSAGES_EVENT,
        _ => &NOTHING,
    }
}

/// Every slot of a document, in order of its bytes.
pub(super) fn find(document: Document<'_>, place: &'static Place) -> Vec<Slot> {
    let mut finder = Finder { document, slots: Vec::new() };
    if let Some(root) = document.root() {
        finder.visit(root, place);
    }
    finder.slots
}

struct Finder<'a> {
    document: Document<'a>,
    slots: Vec<Slot>,
}

impl Finder<'_> {
    /// As deep as the document, which has a limit.
    fn visit(&mut self, value: Value, place: &'static Place) {
        match (self.document.shape(value), place.string) {
            (Shape::Array | Shape::Object, Leaf::Echo(_)) => {}
            (_, Leaf::Arguments) => self.arguments(value),
            (Shape::Array, _) => {
                for item in self.document.items(value) {
                    self.visit(item, place);
                }
            }
            (Shape::Object, _) => self.members(value, place),
            (Shape::String, Leaf::Text) => self.add(value, SlotKind::Text, Form::Text),
            (Shape::String, Leaf::Result) => self.add(value, SlotKind::Text, Form::JsonIfItIs),
            _ => {}
        }
    }

    fn members(&mut self, object: Value, place: &'static Place) {
        if place.members.is_empty() {
            return;
        }
        let first = self.slots.len();
        let mut echoes = Vec::new();
        for (key, value) in self.document.members(object) {
            let Some(name) = self.document.string(key) else { continue };
            let found = place.members.iter().find(|member| {
                (member.name == name || member.name == ANY)
                    && member.only_if.is_none_or(|(key, says)| self.says(object, key, says))
            });
            let Some(member) = found else { continue };
            match member.place.string {
                Leaf::Echo(instead) => echoes.push((value, instead)),
                _ => self.visit(value, member.place),
            }
        }
        let covers = first..self.slots.len();
        for (value, instead) in echoes {
            if matches!(self.document.shape(value), Shape::Object | Shape::Array) && !covers.is_empty() {
                self.add(value, SlotKind::Text, Form::Echo { covers: covers.clone(), instead });
            }
        }
    }

    /// Whether any member of that name says one of these; where names repeat, readers differ on which counts.
    fn says(&self, object: Value, key: &str, says: &[&str]) -> bool {
        let mut members = self.document.members(object);
        members.any(|(name, value)| {
            self.document.string(name).as_deref() == Some(key)
                && self.document.string(value).is_some_and(|text| says.contains(&&*text))
        })
    }

    /// A string holds JSON; anything else is the arguments themselves, every string and number in it.
    fn arguments(&mut self, value: Value) {
        if self.document.shape(value) == Shape::String {
            return self.add(value, SlotKind::Arguments, Form::Json);
        }
        for inner in self.document.subtree(value) {
            match self.document.shape(inner) {
                Shape::String => self.add(inner, SlotKind::Arguments, Form::Text),
                Shape::Number => self.add(inner, SlotKind::Arguments, Form::Number),
                _ => {}
            }
        }
    }

    fn add(&mut self, value: Value, kind: SlotKind, form: Form) {
        self.slots.push(Slot { range: self.document.span(value), kind, form });
    }
}
