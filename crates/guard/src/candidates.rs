//! What in a text may be someone's identifier.

use std::ops::Range;

use candor_deid::{Engine, IdentifierKind};
use zeroize::Zeroize;

/// A stretch of text and what it would be.
pub(crate) struct Candidate {
    pub(crate) range: Range<usize>,
    pub(crate) kind: IdentifierKind,
    pub(crate) canonical: String,
}

impl Drop for Candidate {
    fn drop(&mut self) {
        self.canonical.zeroize();
    }
}

/// What the engine finds, and the identifiers within credentials: `https://…?email=jo@orchard.org&key=…`.
pub(crate) fn detected(engine: &Engine, text: &str) -> Vec<Candidate> {
    let mut found = Vec::new();
    for span in engine.detect(text) {
        let range = span.range;
        if matches!(span.kind, IdentifierKind::Url | IdentifierKind::Secret) {
            within(engine, text, &range, &mut found);
        }
        found.push(candidate(engine, text, range, span.kind));
    }
    found
}

/// What the engine finds behind `from`, and what it would believe only with other words around it.
pub(crate) fn all(engine: &Engine, text: &str, from: usize) -> Vec<Candidate> {
    let mut found = detected(engine, text);
    found.retain(|known| known.range.start >= from);
    let unescaped: Vec<Candidate> =
        found.iter().filter_map(|known| behind_escape(engine, text, known)).collect();
    found.extend(unescaped);
    for (range, kind) in engine.bare(text) {
        let is_known = found.iter().any(|known| known.kind == kind && known.range == range);
        if !is_known && range.start >= from {
            found.push(candidate(engine, text, range, kind));
        }
    }
    // The widest first: what is acted on as a whole is not acted on in parts.
    found.sort_by_key(|found| (found.range.start, std::cmp::Reverse(found.range.end)));
    found
}

fn candidate(engine: &Engine, text: &str, range: Range<usize>, kind: IdentifierKind) -> Candidate {
    let canonical = engine.canonical(kind, &text[range.clone()]);
    Candidate { range, kind, canonical }
}

fn within(engine: &Engine, text: &str, whole: &Range<usize>, found: &mut Vec<Candidate>) {
    let mut start = whole.start;
    for part in text[whole.clone()].split_inclusive(['?', '&', '=', '/', '#', ';']) {
        for span in engine.detect(part.trim_end_matches(['?', '&', '=', '/', '#', ';'])) {
            let range = start + span.range.start..start + span.range.end;
            found.push(candidate(engine, text, range, span.kind));
        }
        start += part.len();
    }
}

/// In text that is itself escaped, as in the arguments of a tool call, a value behind `\n` seems to begin with `n`.
fn behind_escape(engine: &Engine, text: &str, known: &Candidate) -> Option<Candidate> {
    let start = known.range.start;
    let escaped = text[..start].ends_with('\\') && text[start..].starts_with(['n', 'r', 't', 'b', 'f']);
    let range = start + 1..known.range.end;
    (escaped && !range.is_empty()).then(|| candidate(engine, text, range, known.kind))
}
