//! Canonical bytes: one way to write a value down, so that its hash means the value.
//!
//! Every field is written as its length (8 bytes, big-endian) and its bytes; lists as their length and their
//! items. Two different values never give the same bytes, and any language can write them in ten lines.

use crate::{Attachment, Held, Part};

/// Writes fields so that their boundaries cannot be confused.
#[derive(Default)]
pub struct CanonicalBytes(Vec<u8>);

impl CanonicalBytes {
    /// Starts with a tag that names what is written and its version.
    pub fn new(tag: &str) -> Self {
        let mut bytes = Self(Vec::new());
        bytes.field(tag.as_bytes());
        bytes
    }

    /// Appends one field.
    pub fn field(&mut self, bytes: &[u8]) -> &mut Self {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    /// Appends a number, or the length of the list that follows.
    pub fn number(&mut self, number: u64) -> &mut Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    /// Appends the parts of a turn: their number, then of each what it is and what it holds.
    pub fn parts(&mut self, parts: &[Part]) -> &mut Self {
        self.number(parts.len() as u64);
        for part in parts {
            match part {
                Part::Text(text) => self.field(b"text").field(text.as_bytes()),
                Part::ToolCall { name, arguments } => {
                    self.field(b"tool_call").field(name.as_bytes()).field(arguments.as_bytes())
                }
                Part::Attachment(attachment) => self.attachment(attachment),
            };
        }
        self
    }

    /// What it is and what was held of it. Of an address the query is left out: many services sign it anew each time
    /// they give it out, and what is sent again would not be known again.
    fn attachment(&mut self, attachment: &Attachment) -> &mut Self {
        self.field(b"attachment").field(attachment.kind.as_bytes());
        for told in [&attachment.media_type, &attachment.name] {
            self.number(u64::from(told.is_some())).field(told.as_deref().unwrap_or_default().as_bytes());
        }
        match &attachment.held {
            Held::Nothing => self.field(b"nothing"),
            Held::File(file) => self.field(b"file").field(&file.digest().0),
            Held::Reference(reference) => {
                let place = reference.split(['?', '#']).next().unwrap_or_default();
                self.field(b"reference").field(place.as_bytes())
            }
        }
    }

    /// The bytes written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// A message of a release row: what remains of a turn after de-identification.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// `system`, `user`, `assistant` or `tool`.
    pub role: String,
    /// Text.
    pub content: String,
}

/// Shows sizes only: text never reaches a log through `{:?}`.
impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Message({}, {} bytes)", self.role, self.content.len())
    }
}

/// Canonical bytes of a release row: the leaf that the row tree commits to.
pub fn row_bytes(messages: &[Message], weight: u32) -> Vec<u8> {
    row_bytes_of(messages.iter().map(|message| (message.role.as_str(), message.content.as_str())), weight)
}

/// The same from roles and contents that lie elsewhere, such as in the columns of a table.
pub fn row_bytes_of<'a>(
    messages: impl ExactSizeIterator<Item = (&'a str, &'a str)> + Clone,
    weight: u32,
) -> Vec<u8> {
    let text: usize = messages.clone().map(|(role, content)| role.len() + content.len() + 16).sum();
    let mut bytes = CanonicalBytes(Vec::with_capacity(text + 40));
    bytes.field(b"candor-row-1");
    bytes.number(u64::from(weight)).number(messages.len() as u64);
    for (role, content) in messages {
        bytes.field(role.as_bytes()).field(content.as_bytes());
    }
    bytes.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows() -> impl Strategy<Value = (Vec<Message>, u32)> {
        let message = (".{0,4}", ".{0,4}").prop_map(|(role, content)| Message { role, content });
        (proptest::collection::vec(message, 0..4), 0..3u32)
    }

    proptest! {
        #[test]
        fn different_rows_have_different_bytes(a in rows(), b in rows()) {
            prop_assert_eq!(a == b, row_bytes(&a.0, a.1) == row_bytes(&b.0, b.1));
        }
    }
}
