//! What an event of a stream adds to which text, which texts it ends, and how to add more to one of them.

use std::borrow::Cow;

use super::literal::quote;
use super::tape::{Document, Shape, Value};
use crate::surface::Surface;

/// Which text of an answer: texts that grow side by side have different keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key<'a> {
    /// Index of the choice, the content block or the output item.
    pub(super) outer: u64,
    /// Index of the tool call, the content part or the part of a summary.
    pub(super) inner: u64,
    /// Which of the texts there.
    pub(super) field: Cow<'a, str>,
}

impl Key<'_> {
    pub(super) fn into_owned(self) -> Key<'static> {
        Key { outer: self.outer, inner: self.inner, field: Cow::Owned(self.field.into_owned()) }
    }
}

/// A piece of text.
pub(super) struct Delta<'a> {
    pub(super) key: Key<'a>,
    /// The string that holds it.
    pub(super) value: Value,
    /// Whether the text is JSON: arguments of a tool.
    pub(super) is_json: bool,
    /// What repeats the piece, and what to put there when it changes.
    pub(super) echo: Option<(Value, &'static str)>,
    /// Data of an event that can carry more of the same text, where this event cannot.
    pub(super) carrier: Option<String>,
}

/// The texts that have ended before or with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// Every one.
    All,
    /// Those of an outer index, and of an inner one if it is given.
    Of { outer: u64, inner: Option<u64> },
}

impl Ends {
    pub(super) fn includes(self, outer: u64, inner: u64) -> bool {
        match self {
            Ends::All => true,
            Ends::Of { outer: ended, inner: within } => {
                ended == outer && within.is_none_or(|within| within == inner)
            }
        }
    }
}

/// What an event does to texts.
#[derive(Default)]
pub(super) struct Reading<'a> {
    pub(super) deltas: Vec<Delta<'a>>,
    pub(super) ends: Vec<Ends>,
}

/// Reads one event.
pub(super) fn read<'a>(surface: Surface, document: Document<'a>) -> Reading<'a> {
    let mut reading = Reading::default();
    let Some(root) = document.root() else { return reading };
    match surface {
        Surface::Chat | Surface::Completions => reading.read_chunk(document, root),
        Surface::Responses => reading.read_typed(document, root),
        Surface::Messages => reading.read_block_event(document, root),
        _ => {}
    }
    reading
}

impl<'a> Reading<'a> {
    /// A chunk of chat completions or completions.
    fn read_chunk(&mut self, document: Document<'a>, root: Value) {
        if document.member(root, "error").is_some_and(|error| document.shape(error) == Shape::Object) {
            self.ends.push(Ends::All);
        }
        let choices = named(document, root).filter(|(name, _)| name == "choices");
        for choice in choices.flat_map(|(_, choices)| document.items(choices)) {
            let outer = document.number(choice, "index").unwrap_or_default();
            let first = self.deltas.len();
            for (name, value) in named(document, choice) {
                match &*name {
                    "text" => self.add(document, Key { outer, inner: 0, field: name }, value, false),
                    "delta" => self.read_chat_delta(document, outer, value),
                    "finish_reason" if document.string(value).is_some_and(|reason| !reason.is_empty()) => {
                        self.ends.push(Ends::Of { outer, inner: None });
                    }
                    _ => {}
                }
            }
            if let Some(logprobs) = document.member(choice, "logprobs") {
                self.echo(document, first, logprobs, "null");
            }
        }
    }

    fn read_chat_delta(&mut self, document: Document<'a>, outer: u64, delta: Value) {
        let key = |inner, field: &'static str| Key { outer, inner, field: Cow::Borrowed(field) };
        for (name, value) in named(document, delta) {
            match &*name {
                "content" => {
                    self.add(document, key(0, "content"), value, false);
                    // Parts, as some servers have them.
                    for part in document.items(value) {
                        self.add_member(document, key(0, "content"), part, "text");
                    }
                }
                "refusal" => self.add(document, key(0, "refusal"), value, false),
                "reasoning_content" => self.add(document, key(0, "reasoning_content"), value, false),
                "reasoning" => self.add(document, key(0, "reasoning"), value, false),
                "audio" => self.add_member(document, key(0, "audio"), value, "transcript"),
                "function_call" => self.add_member(document, key(0, "function_call"), value, "arguments"),
                "tool_calls" => {
                    for (place, call) in document.items(value).enumerate() {
                        let inner = document.number(call, "index").unwrap_or(place as u64);
                        for (name, value) in named(document, call) {
                            match &*name {
                                "function" => {
                                    self.add_member(document, key(inner, "function"), value, "arguments");
                                }
                                "custom" => self.add_member(document, key(inner, "custom"), value, "input"),
                                _ => {}
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// An event of responses: its `type` says everything.
    fn read_typed(&mut self, document: Document<'a>, root: Value) {
        let Some(kind) = document.text(root, "type") else { return };
        let outer = document.number(root, "output_index");
        let inner = ["content_index", "summary_index"].iter().find_map(|name| document.number(root, name));
        if kind.ends_with(".delta") {
            // Sound is in deltas too, and no text.
            if kind.ends_with("audio.delta") {
                return;
            }
            let is_json = kind.ends_with("arguments.delta");
            let key = Key { outer: outer.unwrap_or_default(), inner: inner.unwrap_or_default(), field: kind };
            for (name, value) in named(document, root) {
                if name == "delta" {
                    self.add(document, key.clone(), value, is_json);
                }
            }
            if let Some(logprobs) = document.member(root, "logprobs") {
                self.echo(document, 0, logprobs, "[]");
            }
        } else if kind.ends_with(".done") {
            self.ends.push(Ends::Of { outer: outer.unwrap_or_default(), inner });
        } else if matches!(
            &*kind,
            "response.completed" | "response.failed" | "response.incomplete" | "response.cancelled" | "error"
        ) {
            self.ends.push(Ends::All);
        }
    }

    /// An event of messages.
    fn read_block_event(&mut self, document: Document<'a>, root: Value) {
        let Some(kind) = document.text(root, "type") else { return };
        let outer = document.number(root, "index").unwrap_or_default();
        let key = |field: &'static str| Key { outer, inner: 0, field: Cow::Borrowed(field) };
        match &*kind {
            "content_block_delta" => {
                for (_, delta) in named(document, root).filter(|(name, _)| name == "delta") {
                    self.add_member(document, key("text"), delta, "text");
                    self.add_member(document, key("partial_json"), delta, "partial_json");
                    self.add_member(document, key("content"), delta, "content");
                }
            }
            "content_block_start" => {
                for (_, block) in named(document, root).filter(|(name, _)| name == "content_block") {
                    self.add_member(document, key("text"), block, "text");
                }
                for delta in &mut self.deltas {
                    delta.carrier = Some(format!(
                        "{{\"type\":\"content_block_delta\",\"index\":{outer},\
                         \"delta\":{{\"type\":\"text_delta\",\"text\":\"\"}}}}"
                    ));
                }
            }
            "content_block_stop" => self.ends.push(Ends::Of { outer, inner: None }),
            "message_delta" | "message_stop" | "error" => self.ends.push(Ends::All),
            _ => {}
        }
    }

    /// Adds what every member of that name says; where names repeat, readers differ on which counts.
    fn add_member(&mut self, document: Document<'a>, key: Key<'a>, object: Value, name: &str) {
        for (_, value) in named(document, object).filter(|(found, _)| found == name) {
            let is_json = matches!(&*key.field, "function" | "function_call" | "partial_json");
            self.add(document, key.clone(), value, is_json);
        }
    }

    fn add(&mut self, document: Document<'a>, key: Key<'a>, value: Value, is_json: bool) {
        if document.shape(value) == Shape::String {
            self.deltas.push(Delta { key, value, is_json, echo: None, carrier: None });
        }
    }

    /// Notes, for the deltas from `first` on, what repeats them.
    fn echo(&mut self, document: Document<'a>, first: usize, value: Value, instead: &'static str) {
        if matches!(document.shape(value), Shape::Object | Shape::Array) {
            for delta in &mut self.deltas[first..] {
                delta.echo = Some((value, instead));
            }
        }
    }
}

/// Members with their names.
fn named<'a>(document: Document<'a>, object: Value) -> impl Iterator<Item = (Cow<'a, str>, Value)> {
    document.members(object).filter_map(move |(key, value)| Some((document.string(key)?, value)))
}

/// Data of a further event that adds this text: like the one given, whose text it was, but with nothing else new in
/// it. Clients join what chunks of chat completions say, names and ids of tools included, so those say the least.
pub(super) fn further(surface: Surface, like: Document<'_>, key: &Key<'_>, text: &str) -> Option<String> {
    if matches!(surface, Surface::Chat | Surface::Completions) {
        return further_chunk(like, key, text);
    }
    let reading = read(surface, like);
    let delta = reading.deltas.into_iter().find(|delta| delta.key == *key)?;
    let mut edits = vec![(like.span(delta.value), quote(text))];
    edits.extend(delta.echo.map(|(echo, instead)| (like.span(echo), instead.to_owned())));
    let mut out = Vec::new();
    super::write_with(like.raw(like.root()?).as_bytes(), &mut edits, &mut out);
    String::from_utf8(out).ok()
}

fn further_chunk(like: Document<'_>, key: &Key<'_>, text: &str) -> Option<String> {
    let mut out = String::from("{");
    for (name, value) in like.members(like.root()?) {
        let said = like.string(name).unwrap_or_default();
        // What chunks count is counted already, and padding hides the length of another text.
        if matches!(&*said, "usage" | "obfuscation") {
            continue;
        }
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(like.raw(name));
        out.push(':');
        if said == "choices" {
            out.push_str(&choices(key, text));
        } else {
            out.push_str(like.raw(value));
        }
    }
    out.push('}');
    Some(out)
}

fn choices(key: &Key<'_>, text: &str) -> String {
    let (outer, inner, text) = (key.outer, key.inner, quote(text));
    let said = match &*key.field {
        "text" => format!("\"text\":{text}"),
        "function" => format!(
            "\"delta\":{{\"tool_calls\":[{{\"index\":{inner},\"function\":{{\"arguments\":{text}}}}}]}}"
        ),
        "custom" => {
            format!("\"delta\":{{\"tool_calls\":[{{\"index\":{inner},\"custom\":{{\"input\":{text}}}}}]}}")
        }
        "function_call" => format!("\"delta\":{{\"function_call\":{{\"arguments\":{text}}}}}"),
        "audio" => format!("\"delta\":{{\"audio\":{{\"transcript\":{text}}}}}"),
        field => format!("\"delta\":{{\"{field}\":{text}}}"),
    };
    format!("[{{\"index\":{outer},{said},\"logprobs\":null,\"finish_reason\":null}}]")
}
