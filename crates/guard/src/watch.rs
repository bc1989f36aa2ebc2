//! Reading an answer as it streams, and acting before an identifier that belongs to someone else is passed on.
//!
//! The text is cut at seams ([`candor_deid::Seams`]): places that no identifier lies across. What lies between two
//! seams is searched as soon as the second is known, with what stands before it as evidence, and then passed on. So
//! what is held back is the word being written, or the number, IBAN or key block that may still go on; and the output
//! does not depend on how the answer was cut into pieces.
//!
//! Compared are not only the identifiers that detection is sure of, but all that a known value may look like
//! ([`Engine::bare`]): what has been learnt as a phone number is known without a word for it. A value passes when it
//! is the asker's own, public, or belongs to nobody; see [`crate::Budget`] for when that is no longer told apart.
//!
//! What remains: a value that the model spells out, splits by a line break, translates into words or encodes is not
//! recognised, nor is a password of fewer than 16 characters without a word for it, nor names and street addresses,
//! which no detector finds.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use candor_conversation::SubjectId;
use candor_deid::{CONTEXT_CHARACTERS, Engine, IdentifierKind, Seams};

use crate::budget::Budget;
use crate::candidates::{self, Candidate};
use crate::findings::{Action, Findings, Place};
use crate::fingerprint::Fingerprint;
use crate::index::{Index, Whose};
use crate::own::OwnValues;

/// The most bytes held back. Longer than any identifier but a key block of over 12,000 bytes.
pub const HELD_BYTES_MAX: usize = 16 * 1024;
/// How much of a full buffer is passed on at once, unless an identifier lies there; the rest is looked at again.
const FORCED_BYTES: usize = HELD_BYTES_MAX / 2;
/// How much of the text before is kept as evidence, in bytes: enough even where most characters are invisible.
const CONTEXT_BYTES: usize = 1024;
/// How much passed text gathers before it is dropped, so that it is not moved at every piece.
const PASSED_BYTES_MAX: usize = 4 * CONTEXT_BYTES;
/// No identifier without a colon is shorter: `2024` needs no look.
const IDENTIFIER_BYTES_MIN: usize = 5;

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
    /// What was paid for already; empty at first.
    pub charged: Charged,
}

/// Values that were acted on in an answer: said again, by the model or by a stream that repeats its text whole, they
/// tell the asker nothing new and cost nothing more.
#[derive(Default)]
pub struct Charged(Mutex<HashSet<Fingerprint>>);

impl Charged {
    fn is_first(&self, print: Fingerprint) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(print)
    }
}

impl Exchange {
    /// What to do about a candidate in a text, if anything. The cheapest question first: nearly every candidate belongs
    /// to nobody.
    fn action(&self, found: &Candidate, text: &str) -> Option<Action> {
        let is_spent = self.policy != Policy::Log && self.budget.is_spent(self.now_ms);
        let is_phone = found.kind == IdentifierKind::Phone;
        if !is_spent && is_phone && self.index.knows_no_phone(&text[found.range.clone()]) {
            return None;
        }
        let canonical = found.canonical(&self.engine, text);
        let print = self.index.fingerprint(found.kind, &canonical);
        let belongs = self.index.belongs(print, self.asker);
        // Once the budget is spent, an action must not tell another's value from nobody's.
        let is_told_apart = matches!(belongs, Whose::Nobody | Whose::Many) && !is_spent;
        if belongs == Whose::Asker
            || is_told_apart
            || self.index.is_public(found.kind, &canonical)
            || self.own.contains(print, &self.index, &self.engine)
        {
            return None;
        }
        if self.policy == Policy::Log {
            return Some(Action::Logged);
        }
        if belongs == Whose::Another && self.charged.is_first(print) {
            self.budget.take(self.now_ms);
        }
        Some(if self.policy == Policy::Mask { Action::Masked } else { Action::Stopped })
    }
}

/// The check over one text of an answer: one choice, one content block, one tool call's arguments.
pub struct Watch {
    exchange: Arc<Exchange>,
    place: Place,
    seams: Seams,
    /// Passed text that serves as evidence, then the text held back.
    text: String,
    /// Where in `text` what is held back begins, and where that is in the whole answer.
    held_from: usize,
    held_at: u64,
    /// Up to where in the whole answer the value of a named secret may stand.
    named_until: u64,
    /// A masked identifier filled the buffer: what hangs on to it is dropped up to the next seam.
    is_dropping: bool,
    stopped: bool,
    findings: Findings,
}

impl Watch {
    /// The check over a text that has not begun.
    pub fn new(exchange: Arc<Exchange>, place: Place) -> Self {
        Self {
            exchange,
            place,
            seams: Seams::new(),
            text: String::new(),
            held_from: 0,
            held_at: 0,
            named_until: 0,
            is_dropping: false,
            stopped: false,
            findings: Findings::default(),
        }
    }

    /// Takes the next piece of the text; gives what can be passed on.
    pub fn push(&mut self, text: &str) -> Released {
        let mut out = String::new();
        if !self.stopped {
            self.text.push_str(text);
            let mut seams = std::mem::take(&mut self.seams);
            let mut found = Vec::new();
            seams.read(text, |seam| found.push(seam));
            self.settle_quiet(&found, &mut out);
            for seam in found {
                self.force(seam.known_at, &mut out);
                let length = seam.at.saturating_sub(self.held_at) as usize;
                if length > 0 {
                    self.settle(length, &mut out);
                    self.is_dropping = false;
                }
            }
            self.force(seams.bytes_read(), &mut out);
            self.seams = seams;
            self.drop_passed();
        }
        Released { text: out, stopped: self.stopped }
    }

    /// The rest, once the text is over.
    pub fn finish(&mut self) -> Released {
        let mut out = String::new();
        self.settle(self.held_bytes(), &mut out);
        Released { text: out, stopped: self.stopped }
    }

    /// What was done up to now.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// The bytes held back now.
    pub fn held_bytes(&self) -> usize {
        self.text.len() - self.held_from
    }

    /// Passes on all up to the last seam when nothing in it stirs a detector: the way of almost all text.
    fn settle_quiet(&mut self, seams: &[candor_deid::Seam], out: &mut String) {
        let Some(last) = seams.last() else { return };
        let is_short = last.known_at - self.held_at <= HELD_BYTES_MAX as u64;
        let length = last.at.saturating_sub(self.held_at) as usize;
        let quiet = is_short && !self.is_dropping && self.held_at >= self.named_until;
        if quiet && !self.exchange.engine.stirs(&self.text[self.held_from..self.held_from + length]).here {
            out.push_str(&self.text[self.held_from..self.held_from + length]);
            self.advance(length);
        }
    }

    /// Passes on some of a buffer that is full though no seam is known.
    ///
    /// What is decided here depends on the first [`HELD_BYTES_MAX`] bytes held alone, not on when it is called.
    fn force(&mut self, read_to: u64, out: &mut String) {
        while !self.stopped && read_to.saturating_sub(self.held_at) > HELD_BYTES_MAX as u64 {
            let full = self.text.floor_char_boundary(self.held_from + HELD_BYTES_MAX) - self.held_from;
            let middle = self.text.floor_char_boundary(self.held_from + FORCED_BYTES) - self.held_from;
            let start = self.context_from();
            let cut = candidates::detected(&self.exchange.engine, &self.text[start..self.held_from + full])
                .iter()
                .map(|found| start + found.range.start..start + found.range.end)
                .filter(|range| range.start < self.held_from + middle && self.held_from + middle < range.end)
                .map(|range| range.end - self.held_from)
                .fold(middle, usize::max);
            let masked_before = self.findings.total();
            self.settle(cut, out);
            self.is_dropping |= cut == full && self.findings.total() > masked_before && !self.is_logging();
        }
    }

    fn is_logging(&self) -> bool {
        self.exchange.policy == Policy::Log
    }

    /// Searches the first bytes held and passes them on.
    fn settle(&mut self, length: usize, out: &mut String) {
        let end = self.held_from + length;
        let stirs = self.exchange.engine.stirs(&self.text[self.held_from..end]);
        let is_named = self.held_at < self.named_until;
        let piece = &self.text[self.held_from..end];
        if stirs.after {
            self.named_until = self.held_at + (length + CONTEXT_CHARACTERS) as u64;
        } else if is_named && !piece.is_ascii() {
            // Invisible characters do not take a value away from its name.
            self.named_until += length as u64;
        }
        let is_long_enough =
            piece.trim().len() >= IDENTIFIER_BYTES_MIN || piece.contains(':') || !piece.is_ascii();
        if self.is_dropping {
            self.text.replace_range(self.held_from..end, "");
            self.held_at += length as u64;
            return;
        }
        if !self.stopped && (is_named || stirs.here) && is_long_enough {
            self.judge(end, out);
        } else if !self.stopped {
            out.push_str(piece);
        }
        self.advance(length);
    }

    fn judge(&mut self, end: usize, out: &mut String) {
        let start = self.context_from();
        // Numbers before are no evidence and dear to look at again for every piece; their neighbours may be evidence.
        let mut searched = self.text[start..self.held_from].replace(|c: char| c.is_ascii_digit(), "_");
        searched.push_str(&self.text[self.held_from..end]);
        let mut passed_to = self.held_from;
        for found in candidates::all(&self.exchange.engine, &searched, self.held_from - start) {
            let range = start + found.range.start..start + found.range.end;
            if range.start < passed_to {
                continue;
            }
            let Some(action) = self.exchange.action(&found, &searched) else { continue };
            self.findings.add(found.kind, action, self.place);
            if action == Action::Logged {
                continue;
            }
            out.push_str(&self.text[passed_to..range.start]);
            passed_to = range.end;
            if action == Action::Stopped {
                self.stopped = true;
                return;
            }
            out.push('[');
            out.push_str(found.kind.placeholder_label());
            out.push(']');
        }
        out.push_str(&self.text[passed_to..end]);
    }

    /// Where in `text` the evidence for what is held begins.
    fn context_from(&self) -> usize {
        let before = &self.text[..self.held_from];
        let is_visible =
            |c: &char| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
        let least = before.len().saturating_sub(CONTEXT_BYTES);
        before
            .char_indices()
            .rev()
            .take_while(|(at, _)| *at >= least)
            .filter(|(_, c)| is_visible(c))
            .take(CONTEXT_CHARACTERS)
            .last()
            .map_or(before.len(), |(at, _)| at)
    }

    fn advance(&mut self, length: usize) {
        self.held_from += length;
        self.held_at += length as u64;
    }

    fn drop_passed(&mut self) {
        if self.held_from > PASSED_BYTES_MAX {
            let keep_from = self.text.floor_char_boundary(self.held_from - CONTEXT_BYTES);
            self.text.drain(..keep_from);
            self.held_from -= keep_from;
        }
    }
}

/// Shows sizes only.
impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watch({} bytes held, stopped: {})", self.held_bytes(), self.stopped)
    }
}
