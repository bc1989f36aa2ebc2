//! Items of OpenAI's responses, in requests and in answers.

use candor_conversation::Role;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Said, Unreadable};
use crate::canonical_json::{Nulls, canonical_json};
use crate::content::{Content, OneOrMany, Parts};
use crate::media::Files;
use crate::scalar::Scalar;

/// An item of `input` or of `output`.
#[derive(Deserialize)]
pub(crate) struct Item<'a> {
    /// Absent in the short form of a message.
    #[serde(borrow, default, rename = "type")]
    pub(crate) kind: Scalar<'a>,
    #[serde(borrow, default)]
    role: Scalar<'a>,
    #[serde(borrow, default)]
    content: Content<'a>,
    #[serde(borrow, default)]
    pub(crate) name: Scalar<'a>,
    #[serde(borrow, default)]
    arguments: Scalar<'a>,
    #[serde(borrow, default)]
    input: Scalar<'a>,
    #[serde(borrow, default)]
    code: Scalar<'a>,
    #[serde(borrow, default)]
    action: Option<&'a RawValue>,
    #[serde(borrow, default)]
    operation: Option<&'a RawValue>,
    #[serde(borrow, default)]
    output: Content<'a>,
}

pub(super) fn said(
    instructions: &OneOrMany<'_, Item<'_>>,
    input: &OneOrMany<'_, Item<'_>>,
    files: Files,
) -> Result<Vec<Said>, Unreadable> {
    let mut said = Vec::new();
    push_input(&mut said, instructions, Role::System, files)?;
    push_input(&mut said, input, Role::User, files)?;
    Ok(said)
}

/// Whether the input names items by id that the provider has.
pub(super) fn refers_elsewhere(input: &OneOrMany<'_, Item<'_>>) -> bool {
    match input {
        OneOrMany::Many(items) => items.iter().any(|item| item.kind.text() == Some("item_reference")),
        OneOrMany::One(_) | OneOrMany::Nothing | OneOrMany::Other => false,
    }
}

fn push_input(
    said: &mut Vec<Said>,
    input: &OneOrMany<'_, Item<'_>>,
    speaker: Role,
    files: Files,
) -> Result<(), Unreadable> {
    match input {
        OneOrMany::One(text) if text.is_empty() => {}
        OneOrMany::One(text) => {
            let mut parts = Parts::separate(files);
            parts.text(text);
            said.push(Said { role: speaker, parts: parts.into_vec() });
        }
        OneOrMany::Many(items) => push_items(said, items, files)?,
        OneOrMany::Nothing | OneOrMany::Other => {}
    }
    Ok(())
}

/// The model's items that follow each other are one message, for an answer is several items.
fn push_items(said: &mut Vec<Said>, items: &[Item<'_>], files: Files) -> Result<(), Unreadable> {
    let mut answer: Option<Parts> = None;
    for (index, item) in items.iter().enumerate() {
        let role = match item.speaker() {
            Speaker::Model => {
                push_answer_item(answer.get_or_insert_with(|| Parts::joined(files)), item);
                continue;
            }
            Speaker::Nobody => continue,
            Speaker::Other(role) => role,
            Speaker::Unknown => return Err(Unreadable::Role { index }),
        };
        push_answer(said, answer.take());
        let mut parts = Parts::separate(files);
        match (role, item.kind.text()) {
            (Role::Tool, Some("computer_call_output")) => parts.attachment("image"),
            (Role::Tool, _) => parts.content(&item.output),
            _ => parts.content(&item.content),
        }
        said.push(Said { role, parts: parts.into_vec() });
    }
    push_answer(said, answer);
    Ok(())
}

fn push_answer(said: &mut Vec<Said>, answer: Option<Parts>) {
    if let Some(answer) = answer {
        said.push(Said { role: Role::Assistant, parts: answer.into_vec() });
    }
}

enum Speaker {
    Model,
    Other(Role),
    /// An item that says nothing: reasoning, references, lists of tools.
    Nobody,
    Unknown,
}

impl Item<'_> {
    fn speaker(&self) -> Speaker {
        let kind = self.kind.text().unwrap_or("message");
        match kind {
            "message" => match self.role.text() {
                Some("assistant") => Speaker::Model,
                Some("user") => Speaker::Other(Role::User),
                Some("system" | "developer") => Speaker::Other(Role::System),
                _ => Speaker::Unknown,
            },
            _ if kind.ends_with("_call_output") => Speaker::Other(Role::Tool),
            _ if is_call(kind) => Speaker::Model,
            _ => Speaker::Nobody,
        }
    }
}

/// Whether an item of this type is the model's call of a tool.
pub(crate) fn is_call(kind: &str) -> bool {
    kind.ends_with("_call")
}

/// Adds an item of the model's. Items that say nothing (its reasoning, say) are left out. Tools that run at the
/// provider, or on a screen, are named by their type; what they were asked stands in `action` or `operation`,
/// whose members may be sent back with nulls filled in.
pub(crate) fn push_answer_item(parts: &mut Parts, item: &Item<'_>) {
    let kind = item.kind.text().unwrap_or("message");
    match kind {
        "message" => parts.content(&item.content),
        "image_generation_call" => parts.attachment("image"),
        _ if is_call(kind) => {
            let own_name = kind.strip_suffix("_call").unwrap_or(kind);
            let name = item.name.text().filter(|name| !name.is_empty()).unwrap_or(own_name);
            let text = [&item.arguments, &item.input, &item.code].into_iter().find_map(Scalar::text);
            let arguments = match (text, item.action.or(item.operation)) {
                (Some(text), _) => text.to_owned(),
                (None, Some(action)) => canonical_json(action.get(), Nulls::Drop),
                (None, None) => String::new(),
            };
            parts.call(name, arguments);
        }
        _ => {}
    }
}
