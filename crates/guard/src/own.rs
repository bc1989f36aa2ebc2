//! The identifiers in the asker's own conversation.
//!
//! A conversation is sent whole with every request, and searching it costs more than all else that the guard does.
//! Next to no answer holds what belongs to another, so it is searched only when one does.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use candor_deid::Engine;

use crate::candidates;
use crate::fingerprint::Fingerprint;
use crate::index::Index;

/// Shows each text of a conversation once.
type Texts = Box<dyn FnOnce(&mut dyn FnMut(&str)) + Send>;

/// What the asker sent in this conversation: never acted on.
pub struct OwnValues(Mutex<Own>);

enum Own {
    /// Not searched yet.
    Texts(Option<Texts>),
    Found(HashSet<Fingerprint>),
}

impl OwnValues {
    /// Those of a conversation in which nothing was sent.
    pub fn none() -> Self {
        Self(Mutex::new(Own::Found(HashSet::new())))
    }

    /// Those of a conversation: messages, system prompts, results of tools. `texts` shows each of them once, when an
    /// answer holds something that would be acted on; perhaps never.
    pub fn of(texts: impl FnOnce(&mut dyn FnMut(&str)) + Send + 'static) -> Self {
        Self(Mutex::new(Own::Texts(Some(Box::new(texts)))))
    }

    pub(crate) fn contains(&self, print: Fingerprint, index: &Index, engine: &Engine) -> bool {
        let mut own = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Own::Texts(texts) = &mut *own {
            let mut found = HashSet::new();
            if let Some(texts) = texts.take() {
                texts(&mut |text| {
                    let prints = candidates::all(engine, text, 0);
                    found.extend(
                        prints.iter().map(|one| index.fingerprint(one.kind, &one.canonical(engine, text))),
                    );
                });
            }
            *own = Own::Found(found);
        }
        matches!(&*own, Own::Found(found) if found.contains(&print))
    }
}

/// Shows nothing of what was sent.
impl fmt::Debug for OwnValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnValues(***)")
    }
}
