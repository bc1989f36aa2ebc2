//! Answers of OpenAI's responses.

use candor_conversation::Part;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Counted, OPENED_BYTES, Reply, name};
use crate::content::Parts;
use crate::media::Files;
use crate::request::responses::{Item, is_call, push_answer_item};
use crate::scalar::{Object, Scalar};
use crate::sse::SseEvent;

/// A whole answer, and what an event tells of one.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Response<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    #[serde(borrow)]
    model: Scalar<'a>,
    #[serde(borrow)]
    status: Scalar<'a>,
    #[serde(borrow)]
    incomplete_details: Object<Incomplete<'a>>,
    #[serde(borrow)]
    output: Option<Vec<Item<'a>>>,
    #[serde(borrow)]
    usage: Object<Counted<'a>>,
    error: Option<IgnoredAny>,
}

#[derive(Default, Deserialize)]
struct Incomplete<'a> {
    #[serde(borrow, default)]
    reason: Scalar<'a>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Scalar<'a>,
    #[serde(borrow, default)]
    output_index: Scalar<'a>,
    #[serde(borrow, default)]
    content_index: Scalar<'a>,
    #[serde(borrow, default)]
    delta: Scalar<'a>,
    #[serde(borrow, default)]
    item: Option<Item<'a>>,
    #[serde(borrow, default)]
    response: Object<Response<'a>>,
}

/// The items so far.
#[derive(Default)]
pub(super) struct Heard {
    items: Vec<Open>,
    /// The output as the last event gave it whole; it stands for all that came before.
    output: Option<Vec<Part>>,
    bytes: usize,
}

#[derive(Default)]
struct Open {
    index: u64,
    /// The item as `output_item.done` gave it.
    done: Option<Vec<Part>>,
    /// Name of the tool, where it is a call.
    call: Option<String>,
    arguments: String,
    /// Text of each content part, by its index.
    texts: Vec<(u64, String)>,
}

pub(super) fn whole(body: &[u8], reply: &mut Reply) -> Result<(), serde_json::Error> {
    let response: Response<'_> = serde_json::from_slice(body)?;
    head(reply, &response);
    end(reply, &response);
    if let Some(items) = &response.output {
        reply.choices = vec![parts_of(items)];
    }
    Ok(())
}

fn parts_of(items: &[Item<'_>]) -> Vec<Part> {
    let mut parts = Parts::joined(Files::Read);
    items.iter().for_each(|item| push_answer_item(&mut parts, item));
    parts.into_vec()
}

fn head(reply: &mut Reply, response: &Response<'_>) {
    name(reply, &response.id, &response.model);
    reply.usage.update(&response.usage.0);
}

/// Reads how it ended. `queued` and `in_progress`, for an answer in the background, are no end.
fn end(reply: &mut Reply, response: &Response<'_>) {
    let status = response.status.text().unwrap_or_default();
    reply.complete = status == "completed";
    reply.failed |= matches!(status, "failed" | "cancelled") || response.error.is_some();
    if matches!(status, "completed" | "incomplete" | "failed" | "cancelled") {
        let reason = response.incomplete_details.0.reason.text().unwrap_or(status);
        reply.finish_reasons = vec![reason.to_owned()];
    }
}

impl Heard {
    pub(super) fn event(&mut self, event: SseEvent<'_>, reply: &mut Reply) -> Result<(), serde_json::Error> {
        let data: Event<'_> = serde_json::from_slice(event.data)?;
        let kind = data.kind.text().map_or(event.name, str::as_bytes);
        let response = &data.response.0;
        match kind {
            b"response.created" => head(reply, response),
            b"response.output_item.added" => {
                let call = data.item.as_ref().and_then(call_name);
                self.open(&data.output_index).call = call;
            }
            b"response.output_item.done" => {
                let done = data.item.as_ref().map(|item| parts_of(std::slice::from_ref(item)));
                self.bytes += done.iter().flatten().map(Part::text_bytes).sum::<usize>();
                self.open(&data.output_index).done = done;
            }
            b"response.output_text.delta" | b"response.refusal.delta" => {
                self.extend_text(&data);
            }
            b"response.function_call_arguments.delta"
            | b"response.custom_tool_call_input.delta"
            | b"response.mcp_call_arguments.delta"
            | b"response.code_interpreter_call_code.delta" => {
                let more = data.delta.text().unwrap_or_default();
                self.bytes += more.len();
                self.open(&data.output_index).arguments.push_str(more);
            }
            b"response.completed" | b"response.incomplete" | b"response.failed" | b"response.cancelled" => {
                head(reply, response);
                end(reply, response);
                reply.complete |= kind == b"response.completed";
                self.output = response.output.as_deref().map(parts_of).filter(|parts| !parts.is_empty());
            }
            b"error" => reply.failed = true,
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, index: &Scalar<'_>) -> &mut Open {
        let index = index.count().unwrap_or(0);
        match self.items.iter().position(|open| open.index == index) {
            Some(place) => &mut self.items[place],
            None => {
                self.bytes += OPENED_BYTES;
                self.items.push_mut(Open { index, ..Open::default() })
            }
        }
    }

    fn extend_text(&mut self, data: &Event<'_>) {
        let more = data.delta.text().unwrap_or_default();
        let index = data.content_index.count().unwrap_or(0);
        self.bytes += more.len();
        let open = self.open(&data.output_index);
        match open.texts.iter().position(|(at, _)| *at == index) {
            Some(place) => open.texts[place].1.push_str(more),
            None => {
                open.texts.push((index, more.to_owned()));
                self.bytes += OPENED_BYTES;
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn conclude(mut self, reply: &mut Reply) {
        self.items.sort_by_key(|open| open.index);
        let parts = self.output.take().unwrap_or_else(|| {
            let mut parts = Parts::joined(Files::Read);
            self.items.into_iter().for_each(|open| open.conclude(&mut parts));
            parts.into_vec()
        });
        if reply.complete || !parts.is_empty() {
            reply.choices = vec![parts];
        }
    }
}

fn call_name(item: &Item<'_>) -> Option<String> {
    let kind = item.kind.text().filter(|kind| is_call(kind))?;
    let own_name = kind.strip_suffix("_call").unwrap_or(kind);
    Some(item.name.text().filter(|name| !name.is_empty()).unwrap_or(own_name).to_owned())
}

impl Open {
    fn conclude(mut self, parts: &mut Parts) {
        if let Some(done) = self.done {
            return done.into_iter().for_each(|part| parts.part(part));
        }
        self.texts.sort_by_key(|(index, _)| *index);
        self.texts.iter().for_each(|(_, text)| parts.text(text));
        if let Some(name) = self.call {
            parts.call(&name, self.arguments);
        }
    }
}
