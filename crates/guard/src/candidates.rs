//! What in a text may be someone's identifier.

use std::ops::Range;

use candor_deid::{Engine, IdentifierKind};

/// A stretch of text and what it would be.
pub(crate) struct Candidate {
    pub(crate) range: Range<usize>,
    pub(crate) kind: IdentifierKind,
    pub(crate) canonical: String,
}

/// What the engine finds.
pub(crate) fn detected(engine: &Engine, text: &str) -> impl Iterator<Item = Candidate> {
    engine.detect(text).into_iter().map(move |span| {
        let canonical = engine.canonical(span.kind, &text[span.range.clone()]);
        Candidate { range: span.range, kind: span.kind, canonical }
    })
}

/// What the engine finds, and what it would believe only with other words around it.
pub(crate) fn all(engine: &Engine, text: &str) -> Vec<Candidate> {
    detected(engine, text).collect()
}
