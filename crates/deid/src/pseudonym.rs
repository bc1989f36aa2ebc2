//! Typed, numbered placeholders that stay the same all over one conversation.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::candidate::{Evidence, Span};
use crate::engine::Engine;
use crate::identifier::{Counts, IdentifierKind};
use crate::overlap::apart;
use crate::people::People;
use crate::placeholder;
use crate::repeated::{Repeated, is_whole_word};
use crate::transform::replace;

/// How often a conversation is searched again for people that the search before it met. Two nearly always do.
const ROUNDS_MAX: usize = 16;

/// The placeholders of one conversation.
///
/// The same identifier gets the same placeholder wherever and however it is spelt, a person in whatever form of the
/// name; numbers follow first appearance for each kind. It holds the identifiers in memory until it is dropped; drop
/// it with the conversation.
#[derive(Default)]
pub struct Pseudonyms {
    numbers: HashMap<(IdentifierKind, String), u32>,
    latest: HashMap<IdentifierKind, u32>,
    reserved: HashSet<(IdentifierKind, u32)>,
    people: People,
    /// Values that are searched for exactly.
    known: Vec<(IdentifierKind, String)>,
}

/// A text without its identifiers.
#[derive(Clone, PartialEq)]
pub struct Redacted {
    /// The text, each identifier replaced by its placeholder.
    pub text: String,
    /// How many spans of each kind were replaced.
    pub counts: Counts,
    /// What was replaced in the text that was given, in order, each with what stands for it.
    pub replaced: Vec<(Span, String)>,
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

    /// Makes a value known that the conversation may hold, such as the display name of its author or the address of
    /// their account: it is searched for exactly, whatever the detectors think of it.
    pub fn know(&mut self, kind: IdentifierKind, value: &str) {
        match kind {
            IdentifierKind::Person => self.people.meet_name(value, 1.0),
            _ if !value.trim().is_empty() => self.known.push((kind, value.trim().to_owned())),
            _ => {}
        }
    }

    /// Replaces what the engine finds. A text in which it finds nothing comes back byte for byte.
    pub fn redact(&mut self, engine: &Engine, text: &str) -> Redacted {
        let spans = self.spans(engine, &[text]).pop().unwrap_or_default();
        self.replace(engine, text, spans)
    }

    /// Replaces what the engine finds in the texts of a conversation, in order: who is named in one of them is looked
    /// for in all.
    pub fn redact_texts(&mut self, engine: &Engine, texts: &[&str]) -> Vec<Redacted> {
        let spans = self.spans(engine, texts);
        texts.iter().zip(spans).map(|(text, spans)| self.replace(engine, text, spans)).collect()
    }

    /// The spans of each text of a conversation, people looked for in all of them.
    pub fn spans(&mut self, engine: &Engine, texts: &[&str]) -> Vec<Vec<Span>> {
        texts.iter().for_each(|text| self.reserve(text));
        let mut all: Vec<Vec<Span>> = texts.iter().map(|text| self.known_in(text)).collect();
        // What is kept as public stands beside what is replaced, and is searched again there: until nothing private is
        // left, the text that comes out would be read anew.
        for _ in 0..ROUNDS_MAX {
            let before: usize = all.iter().map(Vec::len).sum();
            self.complete(engine, texts, &mut all);
            if !engine.leave_public(texts, &mut all) || all.iter().map(Vec::len).sum::<usize>() == before {
                break;
            }
        }
        all
    }

    /// Searches the texts around the spans given, and for the people that are met on the way.
    fn complete(&mut self, engine: &Engine, texts: &[&str], all: &mut [Vec<Span>]) {
        for (text, spans) in texts.iter().zip(all.iter_mut()) {
            *spans = engine.detect_around(text, std::mem::take(spans));
        }
        for _ in 0..ROUNDS_MAX {
            texts.iter().zip(all.iter()).for_each(|(text, spans)| self.people.meet(text, spans));
            let repeated = Repeated::of(texts, all);
            let mut changed = false;
            for (text, spans) in texts.iter().zip(all.iter_mut()) {
                self.claim_people(text, spans);
                let mut mentions = engine.mentions(&self.people, text, spans);
                mentions.extend(repeated.found_in(text, spans.iter().chain(&mentions)));
                if !mentions.is_empty() {
                    spans.extend(mentions);
                    spans.sort_by_key(|span| span.range.start);
                    *spans = engine.detect_around(text, std::mem::take(spans));
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
    }

    /// What the model takes for a place or an organisation is a person where the conversation says so.
    fn claim_people(&self, text: &str, spans: &mut [Span]) {
        for span in spans.iter_mut().filter(|span| span.evidence == Evidence::NAME_MODEL) {
            if span.kind != IdentifierKind::Person && self.people.is_person(&text[span.range.clone()]) {
                span.kind = IdentifierKind::Person;
                span.evidence = Evidence::MENTION;
            }
        }
    }

    /// Where the known values stand, whole words only.
    fn known_in(&self, text: &str) -> Vec<Span> {
        let mut found: Vec<Span> = Vec::new();
        let taken = placeholder::find_all(text);
        for (kind, value) in &self.known {
            for (at, covered) in text.match_indices(value.as_str()) {
                let range = at..at + covered.len();
                if is_whole_word(text, &range)
                    && found.iter().all(|span| apart(&span.range, &range))
                    && taken.iter().all(|placeholder| apart(&placeholder.range, &range))
                {
                    found.push(Span::new(range, *kind, Evidence::KNOWN, 1.0));
                }
            }
        }
        found.sort_by_key(|span| span.range.start);
        found
    }

    fn replace(&mut self, engine: &Engine, text: &str, spans: Vec<Span>) -> Redacted {
        let mut counts = Counts::default();
        let mut placeholders = Vec::with_capacity(spans.len());
        let text = replace(text, &spans, |span, covered| {
            counts.add(span.kind);
            let identifier = match span.kind {
                IdentifierKind::Person => self.people.canonical(covered),
                kind => engine.canonical(kind, covered),
            };
            placeholders.push(placeholder::write(span.kind, self.number(span.kind, identifier)));
            placeholders.last().cloned().unwrap_or_default()
        });
        Redacted { text, counts, replaced: spans.into_iter().zip(placeholders).collect() }
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
