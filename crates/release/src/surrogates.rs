//! Surrogates in the place of placeholders: what is written to files, and the way between both forms of a row.
//!
//! Every stage of a build works on rows with placeholders: two people who say the same with other names are copies of
//! each other, and what a surrogate looks like changes no figure. Only the files, and what is committed to, have the
//! surrogates. [`Swaps`] leads from one form to the other; it holds no identifier.
//!
//! A row's surrogates are drawn under a key that is made of the release's key and of the keys of everyone who wrote in
//! the row. Who is erased has no key any more, so that from then on nobody can try names on their rows, whoever has
//! the release's key.

use std::collections::HashMap;
use std::sync::Arc;

use candor_conversation::{CanonicalBytes, Message};
use candor_deid::{Consistency, Engine, IdentifierKind, Span, Surrogates};
use candor_tlog::hash::Hash;
use candor_vault::{AuthorTag, Key, Person, keyed_hash};
use serde::{Deserialize, Serialize};

use crate::origin::{Evidence, Origin};

/// What stands for an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// A typed, numbered placeholder such as `[EMAIL_1]`.
    Placeholders,
    /// A surrogate that reads as what it replaces, where its kind has one; else a placeholder.
    Surrogates(SurrogateKey),
}

/// What becomes of the key that surrogates are drawn under.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SurrogateKey {
    /// It ends with the build: nothing leads back.
    #[default]
    Destroy,
    /// It is sealed with the operator's records until it is forgotten.
    Keep,
}

/// A placeholder of a row, and the surrogate that files have in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Swap {
    message: usize,
    /// Where the placeholder begins in its message, in bytes.
    start: usize,
    placeholder: String,
    surrogate: String,
}

/// All of a row, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Swaps(Vec<Swap>);

/// A row, and what was replaced in it.
#[derive(Clone, Copy)]
pub(crate) struct Replaced<'a> {
    /// Its messages as they were.
    pub(crate) said: &'a [Message],
    /// What was replaced in each of them.
    pub(crate) spans: &'a [Vec<(Span, String)>],
    /// Who wrote in it.
    pub(crate) authors: &'a [AuthorTag],
}

/// The surrogates of the rows of one conversation. A row's depend on the keys, the conversation and the row alone, but
/// that no value of another row of the conversation stands for anything in it.
pub(crate) fn swaps_of(
    (key, people): (&Key, &HashMap<AuthorTag, Arc<Person>>),
    engine: &Engine,
    conversation: &[u8; 32],
    rows: &[Replaced<'_>],
) -> Vec<Swaps> {
    let conversation_name = Hash(*conversation).to_string();
    let one = |row: &Replaced<'_>| {
        let key = row_key((key, people), conversation, row.authors);
        let mut surrogates = Surrogates::new(&key, Consistency::Conversation, &conversation_name);
        rows.iter().for_each(|row| row.each(|span, covered, _| surrogates.know(span.kind, covered)));
        swaps_of_row(&mut surrogates, engine, row)
    };
    rows.iter().map(one).collect()
}

/// The key of a row: it needs the key of everyone who wrote in it.
fn row_key(
    (key, people): (&Key, &HashMap<AuthorTag, Arc<Person>>),
    conversation: &[u8; 32],
    authors: &[AuthorTag],
) -> [u8; 32] {
    let mut made = keyed_hash(key, "candor-release-surrogates-1", &[conversation]);
    for person in authors.iter().filter_map(|tag| people.get(tag)) {
        made = keyed_hash(&person.subject.key, "candor-release-surrogates-of-1", &[&made]);
    }
    made
}

fn swaps_of_row(surrogates: &mut Surrogates, engine: &Engine, row: &Replaced<'_>) -> Swaps {
    // A person goes by the fullest name that the row has for them.
    let mut fullest: HashMap<String, String> = HashMap::new();
    row.each(|span, covered, placeholder| {
        let known = fullest.entry(placeholder.to_owned()).or_default();
        if span.kind == IdentifierKind::Person && covered.chars().count() > known.chars().count() {
            *known = covered.to_owned();
        }
    });
    let mut swaps = Vec::new();
    for (message, spans) in row.spans.iter().enumerate() {
        // Bytes by which a place of the message with placeholders lies after, and before, its place as it was.
        let (mut added, mut removed) = (0, 0);
        for (span, placeholder) in spans {
            let Some(covered) = row.said[message].content.get(span.range.clone()) else { continue };
            let start = span.range.start + added - removed;
            added += placeholder.len();
            removed += span.range.len();
            let entity = match span.kind {
                IdentifierKind::Person => fullest.get(placeholder).cloned().unwrap_or_default(),
                kind => engine.canonical(kind, covered),
            };
            if let Some(surrogate) = surrogates.give(span.kind, &entity, covered) {
                swaps.push(Swap { message, start, placeholder: placeholder.clone(), surrogate });
            }
        }
    }
    Swaps(swaps)
}

impl Replaced<'_> {
    /// Calls with each span, what it covers and its placeholder.
    fn each(&self, mut call: impl FnMut(&Span, &str, &str)) {
        for (message, spans) in self.said.iter().zip(self.spans) {
            for (span, placeholder) in spans {
                if let Some(covered) = message.content.get(span.range.clone()) {
                    call(span, covered, placeholder);
                }
            }
        }
    }
}

impl Swaps {
    /// The row as files have it, from the row with placeholders; `None` if that is another row.
    pub(crate) fn written(&self, messages: &[Message]) -> Option<Vec<Message>> {
        self.swapped(messages, |swap| (&swap.placeholder, &swap.surrogate))
    }

    /// The row with placeholders, from what files have; `None` if that is another row.
    pub(crate) fn undone(&self, written: &[Message]) -> Option<Vec<Message>> {
        self.swapped(written, |swap| (&swap.surrogate, &swap.placeholder))
    }

    fn swapped(
        &self,
        messages: &[Message],
        ends: impl Fn(&Swap) -> (&String, &String),
    ) -> Option<Vec<Message>> {
        let mut swaps = self.0.iter().peekable();
        let mut row = Vec::with_capacity(messages.len());
        for (number, Message { role, content }) in messages.iter().enumerate() {
            let (mut text, mut from, mut from_placeholders) = (String::with_capacity(content.len()), 0, 0);
            while let Some(swap) = swaps.next_if(|swap| swap.message == number) {
                let (before, after) = ends(swap);
                let start = from + swap.start.checked_sub(from_placeholders)?;
                text.push_str(content.get(from..start)?);
                content.get(start..)?.starts_with(before.as_str()).then_some(())?;
                text.push_str(after);
                (from, from_placeholders) = (start + before.len(), swap.start + swap.placeholder.len());
            }
            text.push_str(content.get(from..)?);
            row.push(Message { role: role.clone(), content: text });
        }
        Some(row)
    }

    /// The origin of the row as files have it, from that of the row with placeholders. What ends inside a placeholder
    /// ends behind its surrogate.
    pub(crate) fn moved(&self, origin: &Origin) -> Origin {
        if self.0.is_empty() {
            return origin.clone();
        }
        let moved = origin.spans.iter().map(|span| {
            let mut moved = *span;
            (moved.start, moved.end) =
                (self.place(span.message, span.start), self.place(span.message, span.end));
            if let Evidence::Answer { message, start, end } = span.evidence {
                let (start, end) = (self.place(message, start), self.place(message, end));
                moved.evidence = Evidence::Answer { message, start, end };
            }
            moved
        });
        Origin { spans: moved.filter(|span| span.start < span.end).collect() }
    }

    fn place(&self, message: usize, place: usize) -> usize {
        let (mut added, mut removed) = (0, 0);
        for swap in self.0.iter().filter(|swap| swap.message == message && swap.start < place) {
            let end = swap.start + swap.placeholder.len();
            if place < end {
                return end + added + swap.surrogate.len() - removed - swap.placeholder.len();
            }
            added += swap.surrogate.len();
            removed += swap.placeholder.len();
        }
        place + added - removed
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Writes them behind the bytes of a row.
    pub(crate) fn write(&self, bytes: &mut CanonicalBytes) {
        for swap in &self.0 {
            bytes.number(swap.message as u64).number(swap.start as u64);
            bytes.field(swap.placeholder.as_bytes()).field(swap.surrogate.as_bytes());
        }
    }

    /// Reads what [`Self::write`] wrote, to the end.
    pub(crate) fn read(mut rest: &[u8]) -> Option<Self> {
        let mut swaps = Vec::new();
        while !rest.is_empty() {
            let (numbers, after) = rest.split_at_checked(16)?;
            let (message, start) = numbers.split_at(8);
            let number = |bytes: &[u8]| Some(u64::from_be_bytes(bytes.try_into().ok()?) as usize);
            rest = after;
            let mut text = || {
                let (length, after) = rest.split_first_chunk::<8>()?;
                let length = usize::try_from(u64::from_be_bytes(*length)).ok()?;
                let (field, after) = after.split_at_checked(length)?;
                rest = after;
                String::from_utf8(field.to_vec()).ok()
            };
            let (placeholder, surrogate) = (text()?, text()?);
            swaps.push(Swap { message: number(message)?, start: number(start)?, placeholder, surrogate });
        }
        Some(Self(swaps))
    }
}
