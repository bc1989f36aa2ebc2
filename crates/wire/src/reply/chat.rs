//! Answers of OpenAI's chat completions and of the old completions; of embeddings, the counts.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::repeat::Repeated;
use super::{Counted, OPENED_BYTES, Reply, name};
use crate::media::Files;
use crate::request::chat::{Answer, Message};
use crate::scalar::{Object, Scalar};
use crate::surface::Surface;

/// A whole answer, or a chunk of one.
#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow, default)]
    id: Scalar<'a>,
    #[serde(borrow, default)]
    model: Scalar<'a>,
    #[serde(borrow, default)]
    choices: Option<Vec<Choice<'a>>>,
    #[serde(borrow, default)]
    usage: Object<Counted<'a>>,
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow, default)]
    index: Scalar<'a>,
    #[serde(borrow, default)]
    delta: Option<Message<'a>>,
    #[serde(borrow, default)]
    message: Option<Message<'a>>,
    /// The answer of the old completions.
    #[serde(borrow, default)]
    text: Scalar<'a>,
    #[serde(borrow, default)]
    finish_reason: Scalar<'a>,
}

/// The choices so far.
#[derive(Default)]
pub(super) struct Heard {
    choices: Vec<Open>,
    /// The last chunk, where all it says is a text, and the choice that it belongs to.
    repeated: (Repeated, u64),
}

struct Open {
    index: u64,
    answer: Answer,
    finish_reason: Option<String>,
}

pub(super) fn whole(surface: Surface, body: &[u8], reply: &mut Reply) -> Result<(), serde_json::Error> {
    let mut heard = Heard::default();
    heard.event(body, reply)?;
    heard.conclude(true, reply);
    reply.complete = !reply.choices.is_empty() || surface == Surface::Embeddings;
    Ok(())
}

/// The text and its choice, where a chunk adds nothing else to an answer.
fn text_alone<'a>(chunk: &'a Chunk<'_>) -> Option<(u64, &'a str)> {
    let [choice] = chunk.choices.as_deref()? else { return None };
    let delta = choice.delta.as_ref().filter(|_| choice.message.is_none() && choice.text.text().is_none())?;
    Some((choice.index.count().unwrap_or(0), delta.text_alone()?))
}

impl Heard {
    pub(super) fn event(&mut self, data: &[u8], reply: &mut Reply) -> Result<(), serde_json::Error> {
        if let Some(text) = self.repeated.0.text(data) {
            // All else that it says was said by the one before.
            self.open(self.repeated.1).answer.add_text(text);
            return Ok(());
        }
        let chunk: Chunk<'_> = serde_json::from_slice(data)?;
        match text_alone(&chunk) {
            Some((choice, text)) => {
                self.repeated.0.learn(data, text);
                self.repeated.1 = choice;
            }
            None => self.repeated.0.forget(),
        }
        name(reply, &chunk.id, &chunk.model);
        reply.usage.update(&chunk.usage.0);
        reply.failed |= chunk.error.is_some();
        for choice in chunk.choices.iter().flatten() {
            let open = self.open(choice.index.count().unwrap_or(0));
            if let Some(delta) = &choice.delta {
                open.answer.add_delta(delta);
            }
            if let Some(message) = &choice.message {
                open.answer.add_whole(message);
            }
            if let Some(text) = choice.text.text() {
                open.answer.add_text(text);
            }
            if let Some(reason) = choice.finish_reason.text() {
                open.finish_reason = Some(reason.to_owned());
            }
        }
        Ok(())
    }

    fn open(&mut self, index: u64) -> &mut Open {
        match self.choices.iter().position(|open| open.index == index) {
            Some(place) => &mut self.choices[place],
            None => {
                self.choices.push_mut(Open { index, answer: Answer::new(Files::Read), finish_reason: None })
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.choices.iter().map(|open| open.answer.bytes() + OPENED_BYTES).sum()
    }

    pub(super) fn conclude(mut self, interrupted: bool, reply: &mut Reply) {
        let all_ended = self.choices.iter().all(|open| open.finish_reason.is_some());
        reply.complete |= !interrupted && all_ended && !self.choices.is_empty();
        self.choices.sort_by_key(|open| open.index);
        for open in self.choices {
            reply.choices.push(open.answer.into_parts());
            reply.finish_reasons.extend(open.finish_reason);
        }
    }
}
