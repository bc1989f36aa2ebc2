//! ChatGPT's `conversations.json`: conversations whose messages hang in a `mapping` of nodes.
//! Source: exports seen by their readers (`reference/exports.md`, 5.1); the provider publishes no schema.
//!
//! All branches are kept: a prompt that was edited away was sent all the same. An export names no author.

use std::collections::HashMap;

use candor_conversation::{Attachment, Part, Role, Timestamp, Turn};
use serde_json::{Map, Value};

use super::messages::text_part;
use super::{Format, Parsed, conversation, digest};
use crate::Reason;
use crate::fields;

pub(super) const FORMAT: Format = Format { recognises, read };

/// A node has a message with an author, or none has any message. DeepSeek's mapping has messages in fragments.
fn recognises(record: &Map<String, Value>) -> bool {
    let Some(mapping) = record.get("mapping").and_then(Value::as_object) else { return false };
    let mut messages = mapping.values().filter_map(|node| node.get("message")).filter(|m| !m.is_null());
    messages.next().is_none_or(|message| message.get("author").is_some())
}

fn read(record: Map<String, Value>) -> Result<Parsed, Reason> {
    let source_id = match ["conversation_id", "id"].iter().find_map(|field| fields::id(record.get(*field)?)) {
        Some(id) => format!("chatgpt:{id}"),
        None => format!("chatgpt:sha256:{}", digest::of_object(&record)),
    };
    let started = time(record.get("create_time"))?;
    let mapping = record.get("mapping").and_then(Value::as_object);
    let mapping = mapping.ok_or(Reason::MissingField { field: "mapping" })?;
    let turns = turns(mapping, started)?;
    Ok(Parsed::Conversation(Box::new(conversation(source_id, turns)?)))
}

/// The turns of a mapping, parents first. A node that says nothing hands its children to its parent.
fn turns(mapping: &Map<String, Value>, started: Option<Timestamp>) -> Result<Vec<Turn>, Reason> {
    let order = Order::new(mapping)?;
    let mut turns: Vec<Turn> = Vec::new();
    let mut waiting: Vec<(usize, Option<usize>)> =
        order.roots.iter().rev().map(|root| (*root, None)).collect();
    let mut visited = 0;
    while let Some((node, parent)) = waiting.pop() {
        visited += 1;
        let (id, value) = order.nodes[node];
        // A message without a time was not said before the one above it.
        let above = parent.map_or(started, |index: usize| turns[index].at);
        let place = match turn(id, value, parent)? {
            Some(mut turn) => {
                turn.at = turn.at.or(above);
                turns.push(turn);
                Some(turns.len() - 1)
            }
            None => parent,
        };
        waiting.extend(order.children[node].iter().rev().map(|child| (*child, place)));
    }
    if visited < order.nodes.len() {
        return Err(Reason::ParentCycle);
    }
    Ok(turns)
}

/// Which node follows which, from `parent` where it is there and from `children` where it is not.
struct Order<'a> {
    nodes: Vec<(&'a str, &'a Value)>,
    roots: Vec<usize>,
    children: Vec<Vec<usize>>,
}

impl<'a> Order<'a> {
    fn new(mapping: &'a Map<String, Value>) -> Result<Self, Reason> {
        let mut nodes: Vec<(&str, &Value)> = mapping.iter().map(|(id, node)| (id.as_str(), node)).collect();
        // By id, so that the order does not depend on how the map keeps its keys.
        nodes.sort_unstable_by_key(|(id, _)| *id);
        let index: HashMap<&str, usize> = nodes.iter().enumerate().map(|(at, (id, _))| (*id, at)).collect();
        let mut parents: Vec<Option<usize>> = Vec::with_capacity(nodes.len());
        let mut rank = vec![usize::MAX; nodes.len()];
        for (_, node) in &nodes {
            let parent = match node.get("parent") {
                None | Some(Value::Null) => None,
                Some(Value::String(id)) => index.get(id.as_str()).copied(),
                Some(_) => return Err(Reason::InvalidField { field: "parent" }),
            };
            parents.push(parent);
        }
        for (at, (_, node)) in nodes.iter().enumerate() {
            let listed = node.get("children").and_then(Value::as_array).into_iter().flatten();
            let known = listed.filter_map(|child| index.get(child.as_str()?).copied());
            for (place, child) in known.enumerate() {
                rank[child] = rank[child].min(place);
                if parents[child].is_none() && child != at && nodes[child].1.get("parent").is_none() {
                    parents[child] = Some(at);
                }
            }
        }
        let mut roots = Vec::new();
        let mut children = vec![Vec::new(); nodes.len()];
        for (at, parent) in parents.iter().enumerate() {
            match parent {
                Some(parent) => children[*parent].push(at),
                None => roots.push(at),
            }
        }
        children.iter_mut().for_each(|list: &mut Vec<usize>| list.sort_by_key(|child| rank[*child]));
        Ok(Self { nodes, roots, children })
    }
}

/// The turn of a node; `None` if it says nothing.
fn turn(id: &str, node: &Value, parent: Option<usize>) -> Result<Option<Turn>, Reason> {
    let Some(message) = node.get("message").and_then(Value::as_object) else { return Ok(None) };
    let content = message.get("content");
    let kind = content.and_then(|content| content.get("content_type")).and_then(Value::as_str);
    let hidden_profile = message.get("metadata").and_then(|meta| meta.get("is_user_system_message"));
    let role = match message.get("author").and_then(|author| author.get("role")).and_then(Value::as_str) {
        // Custom instructions are a person's words about themselves, in whatever role they were sent.
        _ if kind == Some("user_editable_context") || hidden_profile == Some(&Value::Bool(true)) => {
            Role::User
        }
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some("system") => Role::System,
        Some("tool" | "function") => Role::Tool,
        _ => return Err(Reason::InvalidField { field: "role" }),
    };
    let mut parts = content.map(parts).unwrap_or_default();
    let recipient = message.get("recipient").and_then(Value::as_str).unwrap_or("all");
    if role == Role::Assistant && recipient != "all" {
        for part in &mut parts {
            if let Part::Text(text) = part {
                let arguments = std::mem::take(text);
                *part = Part::ToolCall { name: recipient.to_owned(), arguments };
            }
        }
    }
    parts.extend(attachments(message));
    if parts.is_empty() {
        return Ok(None);
    }
    let mut turn = Turn::new(id, parent, role, parts);
    turn.at = time(message.get("create_time"))?;
    Ok(Some(turn))
}

fn time(value: Option<&Value>) -> Result<Option<Timestamp>, Reason> {
    let field = "create_time";
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => fields::time(value).map(Some).ok_or(Reason::InvalidField { field }),
    }
}

/// The parts of a message's content, whatever its type: text is where text can be, the rest is named only.
fn parts(content: &Value) -> Vec<Part> {
    const TEXT_FIELDS: [&str; 9] = [
        "text",
        "result",
        "content",
        "summary",
        "title",
        "user_profile",
        "user_instructions",
        "model_set_context",
        "transcript",
    ];
    let mut parts: Vec<Part> = Vec::new();
    if let Some(items) = content.get("parts").and_then(Value::as_array) {
        parts.extend(items.iter().filter_map(part));
    }
    if let Some(thoughts) = content.get("thoughts").and_then(Value::as_array) {
        let texts = thoughts.iter().filter_map(|thought| thought.get("content").and_then(Value::as_str));
        parts.extend(texts.filter_map(text_part));
    }
    if parts.is_empty() {
        let texts = TEXT_FIELDS.iter().filter_map(|field| content.get(*field).and_then(Value::as_str));
        parts.extend(texts.filter_map(text_part));
    }
    parts
}

fn part(part: &Value) -> Option<Part> {
    if let Some(text) = part.as_str() {
        return text_part(text);
    }
    let kind = match part.get("content_type").and_then(Value::as_str).unwrap_or_default() {
        kind if kind.starts_with("image") => "image",
        kind if kind.starts_with("video") || kind.contains("video") => "video",
        "audio_transcription" => return part.get("text").and_then(Value::as_str).and_then(text_part),
        kind if kind.contains("audio") => "audio",
        _ => match part.get("text").and_then(Value::as_str) {
            Some(text) => return text_part(text),
            None => "other",
        },
    };
    Some(Part::Attachment(Attachment::of_kind(kind)))
}

/// Files that came with a message; images among them are parts of its content already.
fn attachments(message: &Map<String, Value>) -> impl Iterator<Item = Part> {
    let metadata = message.get("metadata").and_then(|metadata| metadata.get("attachments"));
    let files = metadata.and_then(Value::as_array).into_iter().flatten();
    let is_image = |file: &&Value| {
        file.get("mime_type").and_then(Value::as_str).is_some_and(|kind| kind.starts_with("image/"))
    };
    files.filter(move |file| !is_image(file)).map(|_| Part::Attachment(Attachment::of_kind("file")))
}
