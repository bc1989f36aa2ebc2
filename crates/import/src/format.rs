//! The formats that are read, told apart by the structure of each value.

mod chatgpt;
mod digest;
mod messages;
mod oasst;
mod record;
mod sharegpt;
mod surrogates;

use candor_conversation::{Conversation, InvalidConversation, TURNS_MAX, Turn};
use serde_json::{Map, Value};

use crate::Reason;

pub(crate) use oasst::{Row, tree};

/// One format: how to know it, and how to read it.
pub(crate) struct Format {
    /// Whether a top-level object is of this format; looks at structure only, never at names of files.
    recognises: fn(&Map<String, Value>) -> bool,
    read: fn(Map<String, Value>) -> Result<Parsed, Reason>,
}

/// All formats; the first that recognises a value reads it. A new one is a file beside these and a line here.
const FORMATS: [Format; 4] = [chatgpt::FORMAT, oasst::FORMAT, sharegpt::FORMAT, messages::FORMAT];

/// What a top-level value holds.
pub(crate) enum Parsed {
    Conversation(Box<Conversation>),
    /// A message of a tree whose other messages are values of their own.
    Row(Box<Row>),
}

/// Reads one top-level value.
pub(crate) fn read(bytes: &[u8]) -> Result<Parsed, Reason> {
    let text = std::str::from_utf8(bytes).map_err(|_| Reason::InvalidUtf8)?;
    let value = parse(text)?;
    let Value::Object(object) = value else { return Err(Reason::UnknownFormat) };
    let format = FORMATS.iter().find(|format| (format.recognises)(&object)).ok_or(Reason::UnknownFormat)?;
    (format.read)(object)
}

/// The JSON value. Exports cut strings inside an emoji and leave half of it, which is no character: if that is all
/// that is wrong, the halves are read as U+FFFD.
fn parse(text: &str) -> Result<Value, Reason> {
    serde_json::from_str(text).or_else(|error| match error.classify() {
        serde_json::error::Category::Eof => Err(Reason::Truncated),
        _ => {
            let mended = surrogates::mended(text).ok_or(Reason::InvalidJson)?;
            serde_json::from_str(&mended).map_err(|_| Reason::InvalidJson)
        }
    })
}

/// A conversation of these turns; a name that is known elsewhere is the caller's to add.
fn conversation(source_id: String, turns: Vec<Turn>) -> Result<Conversation, Reason> {
    Conversation::new(source_id, turns).map_err(|error| match error {
        InvalidConversation::Empty => Reason::EmptyConversation,
        InvalidConversation::TooLong(_) => Reason::TooManyTurns { turns_max: TURNS_MAX },
        InvalidConversation::Parent { .. } => Reason::ParentCycle,
        InvalidConversation::Repeated(_) => Reason::RepeatedTurn,
    })
}
