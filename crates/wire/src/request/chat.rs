//! Messages of OpenAI's chat completions, in requests and in answers.

use std::borrow::Cow;

use candor_conversation::{Part, Role};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Said, Unreadable};
use crate::content::{Content, Parts};
use crate::media::Files;
use crate::scalar::Scalar;

/// A message; also the `message` and the `delta` of an answer.
#[derive(Deserialize)]
pub(crate) struct Message<'a> {
    #[serde(borrow, default)]
    role: Scalar<'a>,
    #[serde(borrow, default)]
    content: Content<'a>,
    #[serde(borrow, default)]
    refusal: Scalar<'a>,
    audio: Option<IgnoredAny>,
    #[serde(borrow, default)]
    tool_calls: Option<Vec<Call<'a>>>,
    /// The older form of a single call.
    #[serde(borrow, default)]
    function_call: Option<Function<'a>>,
}

impl Message<'_> {
    /// The text as it stands in the body, where the message adds nothing else to an answer.
    pub(crate) fn text_alone(&self) -> Option<&str> {
        let has_more =
            self.refusal.text().is_some() || self.tool_calls.is_some() || self.function_call.is_some();
        match &self.content {
            Content::One(Cow::Borrowed(text)) if !has_more => Some(text),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow, default)]
    index: Scalar<'a>,
    #[serde(borrow, default)]
    id: Scalar<'a>,
    #[serde(borrow, default)]
    function: Option<Function<'a>>,
    /// A tool that takes free text.
    #[serde(borrow, default)]
    custom: Option<Function<'a>>,
}

#[derive(Default, Deserialize)]
struct Function<'a> {
    #[serde(borrow, default)]
    name: Scalar<'a>,
    #[serde(borrow, default)]
    arguments: Scalar<'a>,
    #[serde(borrow, default)]
    input: Scalar<'a>,
}

pub(super) fn said(messages: &[Message<'_>], files: Files) -> Result<Vec<Said>, Unreadable> {
    messages.iter().enumerate().map(|(index, message)| said_one(index, message, files)).collect()
}

fn said_one(index: usize, message: &Message<'_>, files: Files) -> Result<Said, Unreadable> {
    let role = match message.role.text() {
        Some("system" | "developer") => Role::System,
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some("tool" | "function") => Role::Tool,
        _ => return Err(Unreadable::Role { index }),
    };
    if role == Role::Assistant {
        let mut answer = Answer::new(files);
        answer.add_whole(message);
        return Ok(Said { role, parts: answer.into_parts() });
    }
    let mut parts = Parts::separate(files);
    parts.content(&message.content);
    Ok(Said { role, parts: parts.into_vec() })
}

/// The model's message, from one whole or from its deltas: content, refusal, audio, calls, in this order
/// whatever the order they came in.
pub(crate) struct Answer {
    content: Parts,
    refusal: String,
    audio: bool,
    calls: Vec<Called>,
    function_call: Option<Called>,
    bytes: usize,
}

#[derive(Default)]
struct Called {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

/// What a call costs in memory beside its text, so that a flood of empty ones meets the limit.
const CALL_BYTES: usize = 128;

impl Answer {
    pub(crate) fn new(files: Files) -> Self {
        Self {
            content: Parts::joined(files),
            refusal: String::new(),
            audio: false,
            calls: Vec::new(),
            function_call: None,
            bytes: 0,
        }
    }

    /// Takes a whole message, in which each call stands for itself.
    pub(crate) fn add_whole(&mut self, message: &Message<'_>) {
        self.add_content(message);
        for call in message.tool_calls.iter().flatten() {
            let called = self.begin_call();
            called.extend(call);
        }
    }

    /// Takes a delta, whose calls go on with those of earlier deltas.
    pub(crate) fn add_delta(&mut self, delta: &Message<'_>) {
        self.add_content(delta);
        for call in delta.tool_calls.iter().flatten() {
            self.bytes += call.function().map_or(0, Function::text_bytes);
            let place = self.place_of(call);
            let called = match place.and_then(|place| self.calls.get_mut(place)) {
                Some(called) => called,
                None => self.begin_call(),
            };
            called.extend(call);
        }
    }

    /// Takes text alone, as the old completions give it.
    pub(crate) fn add_text(&mut self, text: &str) {
        self.content.text(text);
    }

    fn add_content(&mut self, message: &Message<'_>) {
        self.content.content(&message.content);
        if let Some(refusal) = message.refusal.text() {
            self.refusal.push_str(refusal);
        }
        self.audio |= message.audio.is_some();
        if let Some(function) = &message.function_call {
            self.bytes += function.text_bytes();
            self.function_call.get_or_insert_default().extend_function(function);
        }
    }

    fn begin_call(&mut self) -> &mut Called {
        self.bytes += CALL_BYTES;
        self.calls.push_mut(Called::default())
    }

    /// Which earlier call a delta goes on with. By index, as the interface has it; an id that differs tells two
    /// calls apart where a server gives all of them one index, and a name begins a call where it gives none.
    fn place_of(&self, call: &Call<'_>) -> Option<usize> {
        let id = call.id.text().unwrap_or_default();
        let same = |called: &Called| id.is_empty() || called.id.is_empty() || called.id == id;
        match call.index.count() {
            Some(index) => self.calls.iter().rposition(|called| called.index == Some(index) && same(called)),
            None if call.function().is_some_and(Function::is_named) => None,
            None => self.calls.len().checked_sub(1),
        }
    }

    /// Bytes held, about.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes + self.content.bytes() + self.refusal.len()
    }

    pub(crate) fn into_parts(self) -> Vec<Part> {
        let mut parts = self.content;
        parts.text(&self.refusal);
        if self.audio {
            parts.attachment("audio");
        }
        for called in self.calls.into_iter().chain(self.function_call) {
            parts.call(&called.name, called.arguments);
        }
        parts.into_vec()
    }
}

impl Called {
    fn extend(&mut self, call: &Call<'_>) {
        self.index = self.index.or(call.index.count());
        if let Some(id) = call.id.text().filter(|_| self.id.is_empty()) {
            id.clone_into(&mut self.id);
        }
        if let Some(function) = call.function() {
            self.extend_function(function);
        }
    }

    fn extend_function(&mut self, function: &Function<'_>) {
        if let Some(name) = function.name.text().filter(|_| self.name.is_empty()) {
            name.clone_into(&mut self.name);
        }
        if let Some(arguments) = function.arguments.text().or_else(|| function.input.text()) {
            self.arguments.push_str(arguments);
        }
    }
}

impl<'a> Call<'a> {
    fn function(&self) -> Option<&Function<'a>> {
        self.function.as_ref().or(self.custom.as_ref())
    }
}

impl Function<'_> {
    fn is_named(&self) -> bool {
        self.name.text().is_some_and(|name| !name.is_empty())
    }

    fn text_bytes(&self) -> usize {
        [&self.name, &self.arguments, &self.input].iter().filter_map(|text| text.text()).map(str::len).sum()
    }
}
