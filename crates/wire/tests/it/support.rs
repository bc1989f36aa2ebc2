//! What the tests share: short ways to read, to write down what was read, and to split bytes.

use candor_conversation::{Part, Role};
use candor_wire::reply::{Reply, ReplyReader};
use candor_wire::request::{Request, Said, read_request};
use candor_wire::surface::Surface;
use proptest::prelude::*;

pub(crate) const LIMIT_BYTES: usize = 1 << 20;

pub(crate) fn request(surface: Surface, body: &str) -> Request {
    read_request(surface, body.as_bytes()).unwrap()
}

pub(crate) fn reply(surface: Surface, streaming: bool, body: &str) -> Reply {
    let mut reader = ReplyReader::new(surface, streaming, LIMIT_BYTES);
    reader.push(body.as_bytes());
    reader.finish(false)
}

pub(crate) fn reply_in_pieces(surface: Surface, body: &[u8], cuts: &[usize]) -> Reply {
    let mut reader = ReplyReader::new(surface, true, LIMIT_BYTES);
    pieces(body, cuts).for_each(|piece| reader.push(piece));
    reader.finish(false)
}

/// The bytes cut at these places, each taken modulo the length.
pub(crate) fn pieces<'a>(bytes: &'a [u8], cuts: &[usize]) -> impl Iterator<Item = &'a [u8]> {
    let mut at: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    at.extend([0, bytes.len()]);
    at.sort_unstable();
    at.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect::<Vec<_>>().into_iter()
}

pub(crate) fn cuts() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(any::<usize>(), 0..12)
}

/// `user: "Hello" image; assistant: f("{}")`: content in the clear, which `Debug` does not show.
pub(crate) fn told(said: &[Said]) -> String {
    said.iter()
        .map(|said| format!("{}: {}", said.role.as_str(), parts(&said.parts)))
        .collect::<Vec<_>>()
        .join("; ")
}

pub(crate) fn parts(parts: &[Part]) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => format!("{text:?}"),
        Part::ToolCall { name, arguments } => format!("{name}({arguments:?})"),
        Part::Attachment(attachment) => attachment.kind.clone(),
    };
    parts.iter().map(part).collect::<Vec<_>>().join(" ")
}

/// The model's messages of a request.
pub(crate) fn answers(request: &Request) -> Vec<Vec<Part>> {
    let answers = request.said.iter().filter(|said| said.role == Role::Assistant);
    answers.map(|said| said.parts.clone()).collect()
}
