//! OpenAI chat JSONL and the Hugging Face `messages` column: `{"messages": [{"role", "content"}, …]}`.
//! Source: OpenAI's API reference for chat completions and fine-tuning files.

use candor_conversation::{Attachment, Part, Role};
use serde_json::{Map, Value};

use super::record::{self, Spoken};
use super::{Format, Parsed};
use crate::Reason;
use crate::fields::{self, Person};

pub(super) const FORMAT: Format = Format { recognises, read };

const LISTS: [&str; 4] = ["messages", "conversations", "conversation", "items"];

fn recognises(record: &Map<String, Value>) -> bool {
    record::list(record, &LISTS, is_message).is_some()
}

/// Other tools' exports also have a list called `messages`; theirs lack a role, or hold content as an object.
fn is_message(message: &Map<String, Value>) -> bool {
    let says_something = match message.get("content") {
        Some(Value::String(_) | Value::Array(_)) => true,
        Some(Value::Null) | None => {
            message.contains_key("tool_calls") || message.contains_key("function_call")
        }
        _ => false,
    };
    says_something && message.get("role").is_some_and(Value::is_string)
}

fn read(record: Map<String, Value>) -> Result<Parsed, Reason> {
    let list = record::list(&record, &LISTS, is_message).ok_or(Reason::UnknownFormat)?;
    let messages = record::messages(&record, list, message)?;
    record::read("messages", &record, messages)
}

fn message(message: &Map<String, Value>) -> Result<Spoken, Reason> {
    let role = match message.get("role").and_then(Value::as_str) {
        None => return Err(Reason::MissingField { field: "role" }),
        Some("system" | "developer") => Role::System,
        Some("user" | "human") => Role::User,
        Some("assistant" | "model") => Role::Assistant,
        Some("tool" | "function") => Role::Tool,
        Some(_) => return Err(Reason::InvalidField { field: "role" }),
    };
    let mut parts = content(message.get("content"))?;
    let calls = match message.get("tool_calls") {
        None | Some(Value::Null) => &[][..],
        Some(Value::Array(calls)) => calls,
        Some(_) => return Err(Reason::InvalidField { field: "tool_calls" }),
    };
    let functions = calls.iter().filter_map(|call| call.get("function").or_else(|| call.get("custom")));
    parts.extend(functions.chain(message.get("function_call")).filter_map(tool_call));
    let name = message.get("name").and_then(fields::id);
    Ok(Spoken { role, parts, name, person: Person::read(message)?, id: record::message_id(message) })
}

/// The parts of a `content`: text, or a list of typed parts.
fn content(content: Option<&Value>) -> Result<Vec<Part>, Reason> {
    match content {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(text_part(text).into_iter().collect()),
        Some(Value::Array(parts)) => Ok(parts.iter().filter_map(part).collect()),
        Some(_) => Err(Reason::InvalidField { field: "content" }),
    }
}

fn part(part: &Value) -> Option<Part> {
    if let Some(text) = part.as_str() {
        return text_part(text);
    }
    let kind = match part.get("type").and_then(Value::as_str) {
        Some("image_url" | "input_image" | "image" | "image_file") => "image",
        Some("input_audio" | "output_audio" | "audio") => "audio",
        Some("file" | "input_file") => "file",
        _ => match part.get("text").or_else(|| part.get("refusal")).and_then(Value::as_str) {
            Some(text) => return text_part(text),
            None => "other",
        },
    };
    Some(Part::Attachment(Attachment::of_kind(kind)))
}

pub(super) fn text_part(text: &str) -> Option<Part> {
    (!text.is_empty()).then(|| Part::Text(text.to_owned()))
}

/// A call of a tool from an object with `name` and `arguments` (or `input`, for a free-form tool).
pub(super) fn tool_call(function: &Value) -> Option<Part> {
    let name = function.get("name")?.as_str()?.to_owned();
    let arguments = match function.get("arguments").or_else(|| function.get("input")) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    Some(Part::ToolCall { name, arguments })
}
