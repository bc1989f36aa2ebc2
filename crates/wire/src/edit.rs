//! Rewriting the text inside provider JSON and streams without touching any other byte.
//!
//! [`slots`] finds where text lies in a body, [`rewrite`] replaces what is there, and [`StreamEditor`] does both to a
//! stream as it passes. Used to replace identifiers in prompts before they leave, to put them back in answers, and to
//! mask what must not reach a person. Whoever decides what to replace sees plain text only: escapes, JSON inside
//! strings and the cutting of streams are dealt with here.
//!
//! What nobody asks to change stays byte for byte as it was. A literal that changes is written with the escapes that
//! JSON demands and no others; half of a surrogate pair, which text cannot hold, is shown as U+FFFD and becomes that
//! only where its literal changes. Numbers in a tool's arguments are shown too, since identifiers travel as numbers;
//! one that changes becomes a string. Token probabilities repeat the text in pieces, so they become `null` (or an
//! empty list) beside text that changes.
//!
//! ```
//! use candor_wire::edit::{Direction, rewrite, slots};
//! use candor_wire::surface::Surface;
//!
//! let body = br#"{ "model":"m", "messages":[{"role":"user","content":"I am Jane, 0.10"}], "seed":1e3 }"#;
//! let slots = slots(Surface::Chat, Direction::Request, body).unwrap();
//! let hidden = rewrite(body, &slots, |_, text| Some(text.replace("Jane", "[NAME_1]")));
//! let expected = br#"{ "model":"m", "messages":[{"role":"user","content":"I am [NAME_1], 0.10"}], "seed":1e3 }"#;
//! assert_eq!(hidden, expected);
//! ```
//!
//! A stream, cut anywhere, with a filter that holds back what it cannot judge yet:
//!
//! ```
//! use candor_wire::edit::{StreamEditor, TextFilter};
//! use candor_wire::surface::Surface;
//!
//! /// Shouts, a word at a time.
//! #[derive(Default)]
//! struct Shout(String);
//!
//! impl TextFilter for Shout {
//!     fn push(&mut self, text: &str) -> String {
//!         self.0.push_str(text);
//!         let words = self.0.rfind(' ').map_or(0, |space| space + 1);
//!         self.0.drain(..words).collect::<String>().to_uppercase()
//!     }
//!     fn finish(&mut self) -> String {
//!         std::mem::take(&mut self.0).to_uppercase()
//!     }
//! }
//!
//! let mut editor = StreamEditor::new(Surface::Completions, |_| Shout::default());
//! let mut out = editor.push(b"data: {\"choices\":[{\"text\":\"a b\"}]}\n");
//! assert!(out.is_empty(), "the event has not ended");
//! out.extend(editor.push(b"\ndata: {\"choices\":[{\"text\":\"c\"}]}\n\ndata: [DONE]\n\n"));
//! out.extend(editor.finish());
//! let expected = "data: {\"choices\":[{\"text\":\"A \"}]}\n\n\
//!                 data: {\"choices\":[{\"text\":\"\"}]}\n\n\
//!                 data: {\"choices\":[{\"index\":0,\"text\":\"BC\",\"logprobs\":null,\"finish_reason\":null}]}\n\n\
//!                 data: [DONE]\n\n";
//! assert_eq!(String::from_utf8(out).unwrap(), expected);
//! ```

use std::ops::Range;

use candor_conversation::Kind;

use crate::surface::Surface;

mod delta;
mod frame;
mod lines;
mod literal;
mod nested;
mod places;
mod stream;
mod tape;

pub use lines::{LINE_BYTES_MAX, LineEditor};
pub use places::Direction;
pub use stream::{EVENT_BYTES_MAX, SLOTS_MAX, StreamEditor};

/// Changes text as it passes, piece by piece; one of them sees the text of one slot.
///
/// What `push` and `finish` give, one after the other, is what stands in for all the text pushed. `push` may hold
/// back the end of it; `finish` gives the rest. Nothing is pushed after `finish`.
pub trait TextFilter {
    /// Takes the next piece and gives what may go out now.
    fn push(&mut self, text: &str) -> String;
    /// Gives what was held back.
    fn finish(&mut self) -> String;
}

/// What a text is, for whoever makes its filter; in each case the filter sees plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotKind {
    /// What people, models and tools say.
    Text,
    /// One string, key or number of a tool's arguments, its JSON already undone.
    Arguments,
    /// What a stream says again, whole, after it said it in pieces: count nothing twice.
    Repeat,
}

/// A place in a body that holds text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    range: Range<usize>,
    kind: SlotKind,
    form: Form,
}

impl Slot {
    /// Where its literal lies in the body, in bytes, quotes included.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// What it is.
    pub fn kind(&self) -> SlotKind {
        self.kind
    }
}

/// How a slot is written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// A string.
    Text,
    /// A number.
    Number,
    /// A string with JSON inside.
    Json,
    /// A string with JSON inside if what it holds reads as an object or a list, else with text.
    JsonIfItIs,
    /// A value that repeats the text of the slots with these indices, and what is put in its stead.
    Echo { covers: Range<usize>, instead: &'static str },
}

/// Bytes in which no text can be found.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unreadable {
    /// Not UTF-8.
    #[error("the body is not UTF-8 at byte {at}")]
    Utf8 {
        /// Offset of the first wrong byte.
        at: usize,
    },
    /// Not JSON.
    #[error("the body is not JSON at byte {at}")]
    Json {
        /// Offset of the first wrong byte.
        at: usize,
    },
    /// Nested more deeply than we read.
    #[error("the body nests more than {} levels deep", tape::DEPTH_MAX)]
    TooDeep,
    /// More values than we read.
    #[error("the body holds more than {} values", tape::NODES_MAX)]
    TooMany,
    /// A stream with more open texts than we follow.
    #[error("the stream has more than {SLOTS_MAX} texts open at once")]
    TooManyOpen,
    /// More bytes than we read.
    #[error("a document or event is longer than {bytes_max} bytes")]
    TooLong {
        /// The limit.
        bytes_max: usize,
    },
}

impl Unreadable {
    /// What a caller does next.
    pub fn kind(&self) -> Kind {
        Kind::Invalid
    }
}

/// Finds the text in a body: for a request what is said to the model, for an answer what the model says. Slots come
/// in the order in which [`rewrite`] shows them. Surfaces that hold no text have no slots.
///
/// # Errors
/// What is no JSON, or beyond the limits.
pub fn slots(surface: Surface, direction: Direction, body: &[u8]) -> Result<Vec<Slot>, Unreadable> {
    let text = std::str::from_utf8(body).map_err(|error| Unreadable::Utf8 { at: error.valid_up_to() })?;
    let mut tape = tape::Tape::default();
    let document = tape.read(text)?;
    Ok(places::find(document, places::of_body(surface, direction)))
}

/// Gives the body with other text in it. `replace` sees the text of each slot, of JSON inside a string each string of
/// its own, and gives what to write instead, or `None` to leave it.
///
/// The slots must be those of the same body; with others the outcome is unspecified.
pub fn rewrite(
    body: &[u8],
    slots: &[Slot],
    mut replace: impl FnMut(&Slot, &str) -> Option<String>,
) -> Vec<u8> {
    let said = |range: Range<usize>| body.get(range).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let mut edits = edits(slots, said, &mut replace);
    let mut out = Vec::with_capacity(body.len() + edits.iter().map(|edit| edit.1.len()).sum::<usize>());
    write_with(body, &mut edits, &mut out);
    out
}

/// Shows the text of each slot, as [`rewrite`] does, and changes nothing.
pub fn visit(body: &[u8], slots: &[Slot], mut see: impl FnMut(&Slot, &str)) {
    let said = |range: Range<usize>| body.get(range).and_then(|bytes| std::str::from_utf8(bytes).ok());
    edits(slots, said, &mut |slot, text| {
        see(slot, text);
        None
    });
}

/// Bytes to replace and what to write there.
type Edit = (Range<usize>, String);

/// What changes, for slots whose bytes `said` knows.
fn edits<'a>(
    slots: &[Slot],
    said: impl Fn(Range<usize>) -> Option<&'a str>,
    replace: &mut dyn FnMut(&Slot, &str) -> Option<String>,
) -> Vec<Edit> {
    let mut changed = vec![false; slots.len()];
    let mut edits = Vec::new();
    for (place, slot) in slots.iter().enumerate() {
        let literal = said(slot.range.clone()).unwrap_or_default();
        let new = match &slot.form {
            Form::Echo { covers, instead } => {
                let covered = changed.get(covers.clone()).unwrap_or_default();
                covered.contains(&true).then(|| (*instead).to_owned())
            }
            _ => new_literal(slot, literal, replace),
        };
        if let Some(new) = new {
            changed[place] = true;
            edits.push((slot.range.clone(), new));
        }
    }
    edits
}

/// The literal with another text, or `None` if the text stays.
fn new_literal(
    slot: &Slot,
    literal: &str,
    replace: &mut dyn FnMut(&Slot, &str) -> Option<String>,
) -> Option<String> {
    if slot.form == Form::Number {
        return replace(slot, literal).filter(|new| new != literal).map(|new| literal::quote(&new));
    }
    let inner = literal.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))?;
    let text = literal::decode(inner);
    let is_nested = match slot.form {
        Form::Json => true,
        Form::JsonIfItIs => {
            text.trim_start().starts_with(['{', '[']) && tape::Tape::default().read(&text).is_ok()
        }
        _ => false,
    };
    let new = if is_nested {
        nested::rewrite_nested(&text, &mut |part| replace(slot, part))
    } else {
        replace(slot, &text)
    };
    new.filter(|new| *new != text).map(|new| literal::quote(&new))
}

/// Appends the bytes with the edits made; edits that overlap an earlier one are left out.
fn write_with(bytes: &[u8], edits: &mut [Edit], out: &mut Vec<u8>) {
    edits.sort_by_key(|(range, _)| range.start);
    let mut written = 0;
    for (range, new) in edits {
        let Some(before) = bytes.get(written..range.start).filter(|_| range.end <= bytes.len()) else {
            continue;
        };
        out.extend_from_slice(before);
        out.extend_from_slice(new.as_bytes());
        written = range.end;
    }
    out.extend_from_slice(&bytes[written..]);
}

#[cfg(test)]
mod tests;
