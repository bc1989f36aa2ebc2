//! Messages of Anthropic's interface, in requests and in answers.

use candor_conversation::Role;
use serde::Deserialize;

use super::{Said, Unreadable};
use crate::canonical_json::{Nulls, canonical_json};
use crate::content::{Block, Content, OneOrMany, Parts};
use crate::media::Files;
use crate::scalar::Scalar;

/// A message of a request.
#[derive(Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow, default)]
    role: Scalar<'a>,
    #[serde(borrow, default)]
    content: Content<'a>,
}

pub(super) fn said(
    system: &Content<'_>,
    messages: &[Message<'_>],
    files: Files,
) -> Result<Vec<Said>, Unreadable> {
    let mut said = Vec::with_capacity(messages.len() + 1);
    let mut parts = Parts::separate(files);
    parts.content(system);
    let parts = parts.into_vec();
    if !parts.is_empty() {
        said.push(Said { role: Role::System, parts });
    }
    for (index, message) in messages.iter().enumerate() {
        match message.role.text() {
            Some("user") => push_user(&mut said, &message.content, files),
            Some("assistant") => {
                let mut parts = Parts::joined(files);
                push_answer(&mut parts, &message.content);
                said.push(Said { role: Role::Assistant, parts: parts.into_vec() });
            }
            Some("system") => {
                let mut parts = Parts::separate(files);
                parts.content(&message.content);
                said.push(Said { role: Role::System, parts: parts.into_vec() });
            }
            _ => return Err(Unreadable::Role { index }),
        }
    }
    Ok(said)
}

/// Results of tools travel inside the user's message: each becomes a message of its own, before what the person
/// says.
fn push_user(said: &mut Vec<Said>, content: &Content<'_>, files: Files) {
    let mut spoken = Parts::separate(files);
    let mut any_result = false;
    match content {
        OneOrMany::Many(blocks) => {
            for block in blocks {
                if block.kind.text() == Some("tool_result") {
                    any_result = true;
                    let mut result = Parts::separate(files);
                    result.content(&block.content);
                    said.push(Said { role: Role::Tool, parts: result.into_vec() });
                } else {
                    spoken.block(block);
                }
            }
        }
        other => spoken.content(other),
    }
    let parts = spoken.into_vec();
    if !(any_result && parts.is_empty()) {
        said.push(Said { role: Role::User, parts });
    }
}

fn push_answer(parts: &mut Parts, content: &Content<'_>) {
    match content {
        OneOrMany::Many(blocks) => blocks.iter().for_each(|block| push_answer_block(parts, block)),
        other => parts.content(other),
    }
}

/// Adds a block of the model's message. What the provider's own tools gave stands in the model's message too; it
/// is told as a part that is not text.
pub(crate) fn push_answer_block(parts: &mut Parts, block: &Block<'_>) {
    let kind = block.kind.text().unwrap_or_default();
    if is_call(kind) {
        let input = block.input.map_or("{}", |input| input.get());
        parts.call(block.name.text().unwrap_or_default(), canonical_json(input, Nulls::Keep));
    } else if kind.ends_with("tool_result") {
        parts.attachment("tool_result");
    } else {
        parts.block(block);
    }
}

/// Whether a block of this type is the call of a tool.
pub(crate) fn is_call(kind: &str) -> bool {
    matches!(kind, "tool_use" | "server_tool_use" | "mcp_tool_use")
}
