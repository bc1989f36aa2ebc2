//! Reading an answer as it streams, and acting before an identifier that belongs to someone else is passed on.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use candor_conversation::SubjectId;
use candor_deid::Engine;

use crate::budget::Budget;
use crate::candidates;
use crate::findings::{Action, Findings, Place};
use crate::fingerprint::Fingerprint;
use crate::index::{Belongs, Index};

/// What to do about an identifier of someone else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Count it; the answer passes unchanged.
    Log,
    /// Replace it by a typed placeholder: `[EMAIL]`.
    Mask,
    /// End the answer before it.
    Stop,
}

/// What can be passed on.
#[derive(Clone, PartialEq, Eq)]
pub struct Released {
    /// The text.
    pub text: String,
    /// Whether the answer ends here; all that follows is swallowed.
    pub stopped: bool,
}

/// Shows sizes only.
impl fmt::Debug for Released {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Released({} bytes, stopped: {})", self.text.len(), self.stopped)
    }
}

/// The identifiers in the asker's own conversation: they are never acted on.
#[derive(Clone, Default)]
pub struct OwnValues(HashSet<Fingerprint>);

impl OwnValues {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds those of a text that the asker sent: a message, a system prompt, a tool's result.
    pub fn add(&mut self, index: &Index, engine: &Engine, text: &str) {
        let found = candidates::all(engine, text);
        self.0.extend(found.iter().map(|found| index.fingerprint(found.kind, &found.canonical)));
    }
}

/// Shows the number only.
impl fmt::Debug for OwnValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnValues({})", self.0.len())
    }
}

/// One request and its answer: what all texts of the answer are checked against.
pub struct Exchange {
    /// Finds identifiers.
    pub engine: Engine,
    /// Whose is whose, in the asker's tenant.
    pub index: Arc<Index>,
    /// Who asks; `None` when unknown, to whom nothing belongs.
    pub asker: Option<SubjectId>,
    /// What the asker wrote in this conversation.
    pub own: OwnValues,
    /// What to do.
    pub policy: Policy,
    /// What the asker may still learn.
    pub budget: Arc<Budget>,
    /// When the answer began, in milliseconds of the clock that the budget is used with.
    pub now_ms: u64,
}

/// The check over one text of an answer: one choice, one content block, one tool call's arguments.
pub struct Watch {
    exchange: Arc<Exchange>,
    place: Place,
    held: String,
    stopped: bool,
    findings: Findings,
}

impl Watch {
    /// The check over a text that has not begun.
    pub fn new(exchange: Arc<Exchange>, place: Place) -> Self {
        Self { exchange, place, held: String::new(), stopped: false, findings: Findings::default() }
    }

    /// Takes the next piece of the text; gives what can be passed on.
    pub fn push(&mut self, text: &str) -> Released {
        self.held.push_str(text);
        Released { text: String::new(), stopped: self.stopped }
    }

    /// The rest, once the text is over.
    pub fn finish(&mut self) -> Released {
        let text = std::mem::take(&mut self.held);
        let mut out = String::new();
        let mut from = 0;
        for found in candidates::all(&self.exchange.engine, &text) {
            let print = self.exchange.index.fingerprint(found.kind, &found.canonical);
            let passes = self.exchange.own.0.contains(&print)
                || self.exchange.index.is_public(found.kind, &found.canonical)
                || self.exchange.index.belongs(print, self.exchange.asker) != Belongs::ToAnother;
            if passes {
                continue;
            }
            match self.exchange.policy {
                Policy::Log => self.findings.add(found.kind, Action::Logged, self.place),
                Policy::Mask => {
                    self.findings.add(found.kind, Action::Masked, self.place);
                    out.push_str(&text[from..found.range.start]);
                    out.push_str(&format!("[{}]", found.kind.placeholder_label()));
                    from = found.range.end;
                }
                Policy::Stop => {
                    self.findings.add(found.kind, Action::Stopped, self.place);
                    out.push_str(&text[from..found.range.start]);
                    self.stopped = true;
                    return Released { text: out, stopped: true };
                }
            }
        }
        out.push_str(&text[from..]);
        Released { text: out, stopped: self.stopped }
    }

    /// What was done up to now.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// The bytes held back now.
    pub fn held_bytes(&self) -> usize {
        self.held.len()
    }
}

/// Shows sizes only.
impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watch({} bytes held, stopped: {})", self.held.len(), self.stopped)
    }
}
