//! Typed, numbered placeholders that stay the same all over one conversation.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::engine::Engine;
use crate::identifier::{Counts, IdentifierKind};
use crate::placeholder;
use crate::transform::replace;

/// The placeholders of one conversation.
///
/// The same identifier gets the same placeholder wherever and however it is spelt; numbers follow first appearance
/// for each kind. It holds the identifiers in memory until it is dropped; drop it with the conversation.
#[derive(Default)]
pub struct Pseudonyms {
    numbers: HashMap<(IdentifierKind, String), u32>,
    latest: HashMap<IdentifierKind, u32>,
    reserved: HashSet<(IdentifierKind, u32)>,
}

/// A text without its identifiers.
#[derive(Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The text, each identifier replaced by its placeholder.
    pub text: String,
    /// How many spans of each kind were replaced.
    pub counts: Counts,
}

impl Pseudonyms {
    /// Those of a conversation that has said nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the numbers of placeholders that stand in a text already from being given to anyone else.
    ///
    /// [`Self::redact`] does this for its own text. Call it for every text of a conversation first, so that a
    /// placeholder someone typed in a later turn is never one given in an earlier turn.
    pub fn reserve(&mut self, text: &str) {
        self.reserved.extend(placeholder::find_all(text).into_iter().map(|found| (found.kind, found.number)));
    }

    /// Replaces what the engine finds. A text in which it finds nothing comes back byte for byte.
    pub fn redact(&mut self, engine: &Engine, text: &str) -> Redacted {
        self.reserve(text);
        let mut counts = Counts::default();
        let text = replace(text, &engine.detect(text), |span, covered| {
            counts.add(span.kind);
            let number = self.number(span.kind, engine.canonical(span.kind, covered));
            placeholder::write(span.kind, number)
        });
        Redacted { text, counts }
    }

    fn number(&mut self, kind: IdentifierKind, identifier: String) -> u32 {
        if let Some(number) = self.numbers.get(&(kind, identifier.clone())) {
            return *number;
        }
        let latest = self.latest.entry(kind).or_default();
        *latest += 1;
        while self.reserved.contains(&(kind, *latest)) {
            *latest += 1;
        }
        self.numbers.insert((kind, identifier), *latest);
        *latest
    }
}

/// Shows how many placeholders were given, never for what.
impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pseudonyms({} given)", self.numbers.len())
    }
}

/// Shows sizes only: text never reaches a log through `{:?}`.
impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redacted({} bytes, {} replaced)", self.text.len(), self.counts.total())
    }
}
