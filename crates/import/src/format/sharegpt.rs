//! ShareGPT: `{"conversations": [{"from": "human", "value": …}, …]}`, or the same under `items`.
//! Source: the datasets that use it; nobody publishes a schema.

use candor_conversation::{Part, Role};
use serde_json::{Map, Value};

use super::messages::{text_part, tool_call};
use super::record::{self, Spoken};
use super::{Format, Parsed};
use crate::Reason;
use crate::fields::Person;

pub(super) const FORMAT: Format = Format { recognises, read };

const LISTS: [&str; 4] = ["conversations", "items", "conversation", "messages"];

fn recognises(record: &Map<String, Value>) -> bool {
    record::list(record, &LISTS, is_message).is_some()
}

fn is_message(message: &Map<String, Value>) -> bool {
    message.get("from").is_some_and(Value::is_string) && message.contains_key("value")
}

fn read(record: Map<String, Value>) -> Result<Parsed, Reason> {
    let list = record::list(&record, &LISTS, is_message).ok_or(Reason::UnknownFormat)?;
    let mut messages = record::messages(&record, list, message)?;
    // Some tools keep the instructions beside the list.
    if let Some(text) = record.get("system").and_then(Value::as_str).and_then(text_part) {
        messages.insert(0, spoken(Role::System, vec![text]));
    }
    record::read("sharegpt", &record, messages)
}

fn message(message: &Map<String, Value>) -> Result<Spoken, Reason> {
    let from = message.get("from").and_then(Value::as_str).ok_or(Reason::MissingField { field: "from" })?;
    let text = match message.get("value") {
        Some(Value::String(text)) => text.as_str(),
        Some(Value::Null) => "",
        Some(_) => return Err(Reason::InvalidField { field: "value" }),
        None => return Err(Reason::MissingField { field: "value" }),
    };
    let (role, part) = match from {
        "human" | "user" => (Role::User, text_part(text)),
        "gpt" | "assistant" | "chatgpt" | "bing" | "bard" | "model" => (Role::Assistant, text_part(text)),
        "function_call" => (Role::Assistant, call(text)),
        "system" => (Role::System, text_part(text)),
        "tool" | "observation" | "function" | "function_response" => (Role::Tool, text_part(text)),
        _ => return Err(Reason::InvalidField { field: "from" }),
    };
    let mut spoken = spoken(role, part.into_iter().collect());
    spoken.person = Person::read(message)?;
    spoken.id = record::message_id(message);
    Ok(spoken)
}

fn call(text: &str) -> Option<Part> {
    let call = serde_json::from_str::<Value>(text).ok();
    call.as_ref().and_then(tool_call).or_else(|| text_part(text))
}

fn spoken(role: Role, parts: Vec<Part>) -> Spoken {
    Spoken { role, parts, name: None, person: Person::default(), id: None }
}
