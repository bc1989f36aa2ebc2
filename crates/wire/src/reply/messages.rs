//! Answers of Anthropic's messages.

use std::borrow::Cow;

use candor_conversation::Part;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::repeat::Repeated;
use super::{Counted, OPENED_BYTES, Reply, name};
use crate::canonical_json::{Nulls, canonical_json};
use crate::content::{Block, Parts};
use crate::media::Files;
use crate::request::messages::{is_call, push_answer_block};
use crate::scalar::{Object, Scalar};
use crate::sse::SseEvent;

/// A whole answer, and what `message_start` tells of one.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Message<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    #[serde(borrow)]
    model: Scalar<'a>,
    #[serde(borrow)]
    content: Option<Vec<Block<'a>>>,
    #[serde(borrow)]
    stop_reason: Scalar<'a>,
    #[serde(borrow)]
    usage: Object<Counted<'a>>,
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Scalar<'a>,
    #[serde(borrow, default)]
    message: Object<Message<'a>>,
    #[serde(borrow, default)]
    index: Scalar<'a>,
    #[serde(borrow, default)]
    content_block: Option<Block<'a>>,
    #[serde(borrow, default)]
    delta: Object<Delta<'a>>,
    #[serde(borrow, default)]
    usage: Object<Counted<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Delta<'a> {
    #[serde(borrow)]
    text: Scalar<'a>,
    #[serde(borrow)]
    partial_json: Scalar<'a>,
    #[serde(borrow)]
    stop_reason: Scalar<'a>,
}

impl<'a> Delta<'a> {
    fn of(text: &'a str) -> Self {
        Self { text: Scalar::Text(Cow::Borrowed(text)), ..Self::default() }
    }
}

/// The blocks so far.
#[derive(Default)]
pub(super) struct Heard {
    blocks: Vec<(u64, Open)>,
    bytes: usize,
    /// The last event, where it was a text, and the block that it belongs to.
    repeated: (Repeated, u64),
}

enum Open {
    Text(String),
    Call {
        name: String,
        /// The input as the block began with it: what counts where no delta comes.
        begun: String,
        /// The input from its deltas.
        json: String,
    },
    /// A block that comes whole, or says nothing.
    Whole(Vec<Part>),
}

pub(super) fn whole(body: &[u8], reply: &mut Reply) -> Result<(), serde_json::Error> {
    let message: Message<'_> = serde_json::from_slice(body)?;
    head(reply, &message);
    reply.failed |= message.error.is_some();
    reply.complete = message.content.is_some();
    if let Some(blocks) = &message.content {
        let mut parts = Parts::joined(Files::Read);
        blocks.iter().for_each(|block| push_answer_block(&mut parts, block));
        reply.choices = vec![parts.into_vec()];
    }
    Ok(())
}

fn head(reply: &mut Reply, message: &Message<'_>) {
    name(reply, &message.id, &message.model);
    reply.usage.update(&message.usage.0);
    stop(reply, &message.stop_reason);
}

fn stop(reply: &mut Reply, reason: &Scalar<'_>) {
    if let Some(reason) = reason.text() {
        reply.finish_reasons = vec![reason.to_owned()];
    }
}

impl Heard {
    pub(super) fn event(&mut self, event: SseEvent<'_>, reply: &mut Reply) -> Result<(), serde_json::Error> {
        if let Some(text) = self.repeated.0.text(event.data) {
            self.extend(self.repeated.1, &Delta::of(text));
            return Ok(());
        }
        let data: Event<'_> = serde_json::from_slice(event.data)?;
        match (data.kind.text(), &data.delta.0) {
            (
                Some("content_block_delta"),
                Delta { text: Scalar::Text(Cow::Borrowed(text)), partial_json: Scalar::Null, .. },
            ) => {
                self.repeated.0.learn(event.data, text);
                self.repeated.1 = data.index.count().unwrap_or(0);
            }
            _ => self.repeated.0.forget(),
        }
        match data.kind.text().map_or(event.name, str::as_bytes) {
            b"message_start" => head(reply, &data.message.0),
            b"content_block_start" => {
                if let Some(block) = &data.content_block {
                    self.begin(data.index.count().unwrap_or(0), block);
                }
            }
            b"content_block_delta" => self.extend(data.index.count().unwrap_or(0), &data.delta.0),
            b"message_delta" => {
                reply.usage.update(&data.usage.0);
                stop(reply, &data.delta.0.stop_reason);
            }
            b"message_stop" => reply.complete = true,
            b"error" => reply.failed = true,
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, index: u64, block: &Block<'_>) {
        let kind = block.kind.text().unwrap_or_default();
        let open = if kind == "text" {
            Open::Text(block.text.text().unwrap_or_default().to_owned())
        } else if is_call(kind) {
            Open::Call {
                name: block.name.text().unwrap_or_default().to_owned(),
                begun: block.input.map_or("{}", |input| input.get()).to_owned(),
                json: String::new(),
            }
        } else {
            let mut parts = Parts::joined(Files::Read);
            push_answer_block(&mut parts, block);
            Open::Whole(parts.into_vec())
        };
        self.bytes += OPENED_BYTES + open.bytes();
        self.blocks.push((index, open));
    }

    fn extend(&mut self, index: u64, delta: &Delta<'_>) {
        let Some((_, open)) = self.blocks.iter_mut().rfind(|(open, _)| *open == index) else { return };
        let (held, more) = match open {
            Open::Text(text) => (text, &delta.text),
            Open::Call { json, .. } => (json, &delta.partial_json),
            Open::Whole(_) => return,
        };
        let more = more.text().unwrap_or_default();
        self.bytes += more.len();
        held.push_str(more);
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn conclude(mut self, reply: &mut Reply) {
        if self.blocks.is_empty() && !reply.complete {
            return;
        }
        self.blocks.sort_by_key(|(index, _)| *index);
        let mut parts = Parts::joined(Files::Read);
        for (_, open) in self.blocks {
            match open {
                Open::Text(text) => parts.text(&text),
                Open::Call { name, begun, json } => {
                    let input = if json.is_empty() { begun } else { json };
                    parts.call(&name, canonical_json(&input, Nulls::Keep));
                }
                Open::Whole(whole) => whole.into_iter().for_each(|part| parts.part(part)),
            }
        }
        reply.choices = vec![parts.into_vec()];
    }
}

impl Open {
    fn bytes(&self) -> usize {
        match self {
            Open::Text(text) => text.len(),
            Open::Call { name, begun, .. } => name.len() + begun.len(),
            Open::Whole(parts) => parts.iter().map(Part::text_bytes).sum(),
        }
    }
}
