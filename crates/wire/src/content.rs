//! The pieces that messages are made of, in all the shapes that the providers give them.
//!
//! Requests and replies share these types and go through [`Parts`], so that an answer reads the same when the
//! model gives it and when a client sends it back.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use candor_conversation::{Attachment, Part};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::media::{Files, Places};
use crate::scalar::Scalar;

/// Collects the parts of one message.
pub(crate) struct Parts {
    parts: Vec<Part>,
    joins: bool,
    files: Files,
    bytes: usize,
}

impl Parts {
    /// For a person's, the operator's or a tool's message: each text stays a part of its own.
    pub(crate) fn separate(files: Files) -> Self {
        Self { parts: Vec::new(), joins: false, files, bytes: 0 }
    }

    /// For the model's message: texts that follow each other are one. Providers cut an answer into blocks (one
    /// for each citation, say), and clients send it back in as many or in one.
    pub(crate) fn joined(files: Files) -> Self {
        Self { parts: Vec::new(), joins: true, files, bytes: 0 }
    }

    /// Adds text; an empty one says nothing and is left out.
    pub(crate) fn text(&mut self, text: &str) {
        self.bytes += text.len();
        match self.parts.last_mut() {
            Some(Part::Text(last)) if self.joins => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.parts.push(Part::Text(text.to_owned())),
        }
    }

    pub(crate) fn call(&mut self, name: &str, arguments: String) {
        self.bytes += name.len() + arguments.len();
        self.parts.push(Part::ToolCall { name: name.to_owned(), arguments });
    }

    /// Adds what is not text and of which nothing is told but its kind.
    pub(crate) fn attachment(&mut self, kind: &'static str) {
        self.parts.push(Part::Attachment(Attachment::of_kind(kind)));
    }

    /// Adds a part that was made before.
    pub(crate) fn part(&mut self, part: Part) {
        match part {
            Part::Text(text) => self.text(&text),
            other => self.parts.push(other),
        }
    }

    pub(crate) fn content(&mut self, content: &Content<'_>) {
        match content {
            OneOrMany::One(text) => self.text(text),
            OneOrMany::Many(blocks) => blocks.iter().for_each(|block| self.block(block)),
            OneOrMany::Nothing | OneOrMany::Other => {}
        }
    }

    /// Adds a block that is neither the call of a tool nor the result of one.
    pub(crate) fn block(&mut self, block: &Block<'_>) {
        let kind = match block.kind.text().unwrap_or_default() {
            "thinking" | "redacted_thinking" | "reasoning" | "reasoning_text" | "summary_text" => return,
            "image_url" | "input_image" | "image" | "image_file" => "image",
            "input_audio" | "output_audio" | "audio" => "audio",
            "video" | "video_url" | "input_video" => "video",
            "file" | "input_file" | "document" | "container_upload" | "search_result" => "file",
            _ => match block.text.text().or_else(|| block.refusal.text()) {
                Some(text) => return self.text(text),
                None => "other",
            },
        };
        match self.files {
            Files::Passed => self.attachment(kind),
            Files::Read => self.parts.push(Part::Attachment(block.places().attachment(kind))),
        }
    }

    /// Bytes of text and arguments taken in so far.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn into_vec(self) -> Vec<Part> {
        self.parts
    }
}

/// The content of a message: a text, or blocks.
pub(crate) type Content<'a> = OneOrMany<'a, Block<'a>>;

/// A content block or part of any provider; `kind` tells which of the other fields mean something.
#[derive(Deserialize)]
pub(crate) struct Block<'a> {
    #[serde(borrow, default, rename = "type")]
    pub(crate) kind: Scalar<'a>,
    #[serde(borrow, default)]
    pub(crate) text: Scalar<'a>,
    #[serde(borrow, default)]
    pub(crate) refusal: Scalar<'a>,
    /// Name of the tool called.
    #[serde(borrow, default)]
    pub(crate) name: Scalar<'a>,
    /// Arguments of the call, as they stand in the body.
    #[serde(borrow, default)]
    pub(crate) input: Option<&'a RawValue>,
    /// What the tool gave.
    #[serde(borrow, default)]
    pub(crate) content: Content<'a>,
    #[serde(borrow, default)]
    image_url: Option<&'a RawValue>,
    #[serde(borrow, default)]
    video_url: Option<&'a RawValue>,
    #[serde(borrow, default)]
    input_audio: Option<&'a RawValue>,
    #[serde(borrow, default)]
    image_file: Option<&'a RawValue>,
    #[serde(borrow, default)]
    file: Option<&'a RawValue>,
    #[serde(borrow, default)]
    source: Option<&'a RawValue>,
    #[serde(borrow, default)]
    file_data: Scalar<'a>,
    #[serde(borrow, default)]
    file_url: Scalar<'a>,
    #[serde(borrow, default)]
    file_id: Scalar<'a>,
    #[serde(borrow, default)]
    filename: Scalar<'a>,
}

impl Block<'_> {
    /// Where its file stands: in a field of its own, in the block itself, or in both.
    fn places(&self) -> Places<'_> {
        let fields =
            [&self.image_url, &self.video_url, &self.input_audio, &self.image_file, &self.file, &self.source];
        let field = fields.into_iter().find_map(|field| *field);
        let beside = [&self.file_data, &self.file_url, &self.file_id, &self.filename].map(Scalar::borrowed);
        field.map(Places::of).unwrap_or_default().or(beside)
    }
}

/// A string, or a list of `T`; anything else is not looked into.
#[derive(Default)]
pub(crate) enum OneOrMany<'a, T> {
    #[default]
    Nothing,
    One(Cow<'a, str>),
    Many(Vec<T>),
    Other,
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor(PhantomData))
    }
}

struct OneOrManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrManyVisitor<T> {
    type Value = OneOrMany<'de, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(OneOrMany::Nothing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(OneOrMany::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(OneOrMany::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(OneOrMany::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(OneOrMany::Other)
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(OneOrMany::One(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(OneOrMany::One(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(OneOrMany::Many(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(OneOrMany::Other)
    }
}
