//! What in a text may be someone's identifier.

use std::ops::Range;

use candor_deid::{Engine, IdentifierKind};
use zeroize::Zeroizing;

/// A stretch of text and what it would be.
pub(crate) struct Candidate {
    pub(crate) range: Range<usize>,
    pub(crate) kind: IdentifierKind,
}

impl Candidate {
    /// Its one spelling; the text is the one it was found in.
    pub(crate) fn canonical(&self, engine: &Engine, text: &str) -> Zeroizing<String> {
        Zeroizing::new(engine.canonical(self.kind, &text[self.range.clone()]))
    }
}

/// What the engine finds, and the identifiers within credentials: `https://…?email=jo@orchard.org&key=…`.
pub(crate) fn detected(engine: &Engine, text: &str) -> Vec<Candidate> {
    let mut found = Vec::new();
    for span in engine.detect(text) {
        if matches!(span.kind, IdentifierKind::Url | IdentifierKind::Secret) {
            within(engine, text, &span.range, &mut found);
        }
        found.push(Candidate { range: span.range, kind: span.kind });
    }
    found
}

/// What the engine finds behind `from`, and what it would believe only with other words around it.
pub(crate) fn all(engine: &Engine, text: &str, from: usize) -> Vec<Candidate> {
    let bare = engine.bare(text);
    // What is detected is listed there too, unless a placeholder of ours hid it from a look at the whole.
    let mut found = if bare.is_empty() && !text.contains('[') { Vec::new() } else { detected(engine, text) };
    found.retain(|known| known.range.start >= from);
    let unescaped: Vec<Candidate> = found.iter().filter_map(|known| behind_escape(text, known)).collect();
    found.extend(unescaped);
    for (range, kind) in bare {
        let is_known = found.iter().any(|known| known.kind == kind && known.range == range);
        if !is_known && range.start >= from {
            found.push(Candidate { range, kind });
        }
    }
    // The widest first: what is acted on as a whole is not acted on in parts.
    found.sort_by_key(|found| (found.range.start, std::cmp::Reverse(found.range.end)));
    found
}

fn within(engine: &Engine, text: &str, whole: &Range<usize>, found: &mut Vec<Candidate>) {
    let mut start = whole.start;
    for part in text[whole.clone()].split_inclusive(['?', '&', '=', '/', '#', ';']) {
        for span in engine.detect(part.trim_end_matches(['?', '&', '=', '/', '#', ';'])) {
            let range = start + span.range.start..start + span.range.end;
            found.push(Candidate { range, kind: span.kind });
        }
        start += part.len();
    }
}

/// In text that is itself escaped, as in the arguments of a tool call, a value behind `\n` seems to begin with `n`.
fn behind_escape(text: &str, known: &Candidate) -> Option<Candidate> {
    let start = known.range.start;
    let escaped = text[..start].ends_with('\\') && text[start..].starts_with(['n', 'r', 't', 'b', 'f']);
    let range = start + 1..known.range.end;
    (escaped && !range.is_empty()).then_some(Candidate { range, kind: known.kind })
}
