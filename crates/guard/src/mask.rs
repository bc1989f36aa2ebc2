//! Masking toward the model: the identifiers in a conversation's prompts become placeholders before they leave.
//!
//! The mapping is that of one conversation and lives in memory only. The same identifier gets the same placeholder in
//! whatever spelling; what is put back is its first spelling.
//!
//! A placeholder that someone wrote themselves is never taken for one of ours: its number is not given, and when it
//! was given already, in an earlier request, the identifier moves to a new number and the old one is put back no
//! longer. Call [`Mask::reserve`] with every text of a request before the first [`Mask::hide`].

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use candor_deid::placeholder;
use candor_deid::{Engine, IdentifierKind, replace};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::restore::Restorer;

/// What each placeholder stands for: the first spelling of its identifier.
pub(crate) type Originals = HashMap<(IdentifierKind, u32), Zeroizing<String>>;

/// The placeholders of one conversation and what they stand for; wiped when dropped.
#[derive(Clone, Default)]
pub struct Mask {
    /// By the SHA-256 of the canonical spelling, which therefore is kept nowhere.
    numbers: HashMap<(IdentifierKind, [u8; 32]), u32>,
    latest: HashMap<IdentifierKind, u32>,
    reserved: HashSet<(IdentifierKind, u32)>,
    originals: Arc<Originals>,
}

impl Mask {
    /// That of a conversation that has said nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the placeholders that stand in a text as written from being given, or put back, as ours.
    pub fn reserve(&mut self, text: &str) {
        for found in placeholder::find_all(text) {
            let name = (found.kind, found.number);
            if self.reserved.insert(name) && self.originals.contains_key(&name) {
                Arc::make_mut(&mut self.originals).remove(&name);
                self.numbers.retain(|(kind, _), number| (*kind, *number) != name);
            }
        }
    }

    /// The text with each identifier replaced by its placeholder; `None` when it holds none.
    pub fn hide(&mut self, engine: &Engine, text: &str) -> Option<String> {
        self.reserve(text);
        let spans = engine.detect(text);
        if spans.is_empty() {
            return None;
        }
        Some(replace(text, &spans, |span, covered| {
            let number = self.number(engine, span.kind, covered);
            placeholder::write(span.kind, number)
        }))
    }

    /// A filter that puts the original values back into an answer.
    ///
    /// It knows what was hidden up to now.
    pub fn restorer(&self) -> Restorer {
        Restorer::new(Arc::clone(&self.originals))
    }

    /// Whether nothing was hidden: the answer needs no [`Restorer`].
    pub fn is_empty(&self) -> bool {
        self.originals.is_empty()
    }

    /// About how much memory it takes, in bytes, what it shares with clones counted whole.
    pub fn bytes(&self) -> usize {
        const ENTRY_BYTES: usize = 128;
        let originals: usize = self.originals.values().map(|original| original.len()).sum();
        originals + ENTRY_BYTES * (self.numbers.len() + self.originals.len() + self.reserved.len())
    }

    fn number(&mut self, engine: &Engine, kind: IdentifierKind, covered: &str) -> u32 {
        let canonical = Zeroizing::new(engine.canonical(kind, covered));
        let value = (kind, Sha256::digest(canonical.as_bytes()).into());
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        let latest = self.latest.entry(kind).or_default();
        *latest += 1;
        while self.reserved.contains(&(kind, *latest)) {
            *latest += 1;
        }
        self.numbers.insert(value, *latest);
        Arc::make_mut(&mut self.originals).insert((kind, *latest), Zeroizing::new(covered.to_owned()));
        *latest
    }
}

/// Shows how many placeholders were given, never for what.
impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mask({} given)", self.originals.len())
    }
}

/// The kinds of identifier in a text, each once, in order of precedence: what `block` mode refuses.
pub fn kinds_in(engine: &Engine, text: &str) -> Vec<IdentifierKind> {
    let found: HashSet<IdentifierKind> = engine.detect(text).into_iter().map(|span| span.kind).collect();
    IdentifierKind::ALL.into_iter().filter(|kind| found.contains(kind)).collect()
}
