//! What text becomes in a release, for whoever shows that to people.

use candor_conversation::{Message, Part};
use candor_deid::sensitive::Policy;
use candor_deid::{Engine, Redacted};

use crate::assemble::{Attachments, Judged, content, judge};
use crate::stage::redact_row;

/// What releases are made with, as the settings have it.
#[derive(Clone)]
pub struct Making {
    /// What finds identifiers.
    pub engine: Engine,
    /// What becomes of sentences that tell something sensitive.
    pub sensitive: Policy,
    /// What becomes of files.
    pub attachments: Attachments,
}

/// A turn, and what a release with placeholders makes of it.
pub struct Seen {
    /// Its text, with that of its files where they are read.
    pub said: String,
    /// What becomes of its sentences, if one tells something sensitive.
    pub judged: Option<Judged>,
    /// The text without its identifiers, after that.
    pub redacted: Redacted,
}

impl Seen {
    /// Whether the turn is withheld for what it tells.
    pub fn is_withheld(&self) -> bool {
        self.judged.as_ref().is_some_and(|judged| judged.is_withheld)
    }
}

impl Making {
    /// What a release makes of the turns of a conversation, each given by role and parts. What identifies somebody is
    /// looked for as a release does: in the whole conversation, so that the same thing has the same placeholder all
    /// through it. `known` is what its authors are called.
    pub fn see<'t>(&self, turns: impl Iterator<Item = (&'t str, &'t [Part])>, known: &[&str]) -> Vec<Seen> {
        let (mut written, mut judged) = (Vec::new(), Vec::new());
        for (role, parts) in turns {
            let said = content(parts, self.attachments);
            let found = judge(&self.sensitive, &said);
            let content = found.as_ref().map_or_else(|| said.clone(), |found| found.written(&said));
            written.push(Message { role: role.to_owned(), content });
            judged.push((said, found));
        }
        let redacted = redact_row(&self.engine, &written, known);
        let seen = judged.into_iter().zip(redacted);
        seen.map(|((said, judged), redacted)| Seen { said, judged, redacted }).collect()
    }
}
