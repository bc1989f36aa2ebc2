//! The identifiers in the asker's own conversation.

use std::collections::HashSet;
use std::fmt;

use candor_deid::Engine;

use crate::candidates;
use crate::fingerprint::Fingerprint;
use crate::index::Index;

/// Fingerprints of what the asker sent in this conversation: never acted on.
#[derive(Clone, Default)]
pub struct OwnValues(HashSet<Fingerprint>);

impl OwnValues {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds those of a text that the asker sent: a message, a system prompt, a tool's result.
    pub fn add(&mut self, index: &Index, engine: &Engine, text: &str) {
        let found = candidates::all(engine, text, 0);
        self.0.extend(found.iter().map(|found| index.fingerprint(found.kind, &found.canonical)));
    }

    pub(crate) fn contains(&self, print: Fingerprint) -> bool {
        self.0.contains(&print)
    }
}

/// Shows the number only.
impl fmt::Debug for OwnValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnValues({})", self.0.len())
    }
}
