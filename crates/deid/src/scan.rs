//! One stretch of text under examination: bounded look-around, context words, and the claims made so far.
//!
//! Detectors look at text only through the methods here, which count every byte they visit. That count is what the
//! tests of bounded work measure.

use std::ops::Range;

use crate::candidate::{Evidence, Span};
use crate::identifier::IdentifierKind;
use crate::settings::PhoneRegion;

/// How far before an identifier its context words may stand, in bytes.
const CONTEXT_BYTES: usize = 40;

pub(crate) struct Scan<'t> {
    pub(crate) text: &'t str,
    pub(crate) bytes: &'t [u8],
    pub(crate) phone_regions: &'t [PhoneRegion],
    /// Whether the stretch begins where the text begins, and not behind a placeholder or another identifier.
    pub(crate) begins_text: bool,
    claims: Vec<Span>,
    work: u64,
}

impl<'t> Scan<'t> {
    pub(crate) fn new(text: &'t str, phone_regions: &'t [PhoneRegion]) -> Self {
        Self { text, bytes: text.as_bytes(), phone_regions, begins_text: false, claims: Vec::new(), work: 0 }
    }

    /// The claims, and the number of bytes examined.
    pub(crate) fn finish(self) -> (Vec<Span>, u64) {
        (self.claims, self.work)
    }

    /// Claims a range; both ends must lie next to ASCII, hence on character boundaries.
    pub(crate) fn claim(
        &mut self,
        range: Range<usize>,
        kind: IdentifierKind,
        evidence: Evidence,
        confidence: f32,
    ) {
        if !range.is_empty()
            && self.text.is_char_boundary(range.start)
            && self.text.is_char_boundary(range.end)
        {
            self.claims.push(Span::new(range, kind, evidence, confidence));
        }
    }

    /// The byte at an offset, 0 beyond the end.
    pub(crate) fn at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The byte before an offset, 0 at the start.
    pub(crate) fn before(&self, at: usize) -> u8 {
        at.checked_sub(1).map_or(0, |index| self.at(index))
    }

    /// The end of the run of accepted bytes that starts at `from`, at most `limit` bytes on.
    pub(crate) fn run_end(&mut self, from: usize, limit: usize, accept: impl Fn(u8) -> bool) -> usize {
        let window = self.bytes.get(from..).unwrap_or_default();
        let length = window.iter().take(limit).take_while(|byte| accept(**byte)).count();
        self.work += length as u64 + 1;
        from + length
    }

    /// The start of the run of accepted bytes that ends at `to`, at most `limit` bytes back.
    pub(crate) fn run_start(&mut self, to: usize, limit: usize, accept: impl Fn(u8) -> bool) -> usize {
        let window = self.bytes.get(..to).unwrap_or_default();
        let length = window.iter().rev().take(limit).take_while(|byte| accept(**byte)).count();
        self.work += length as u64 + 1;
        to - length
    }

    /// Records work done on a slice that a detector took in one piece.
    pub(crate) fn note_work(&mut self, bytes: usize) {
        self.work += bytes as u64;
    }

    /// Whether one of the lower-case words stands shortly before an offset, as a word of its own.
    pub(crate) fn context_before(&mut self, at: usize, words: &[&str]) -> bool {
        self.words_between(at.saturating_sub(CONTEXT_BYTES)..at, words)
    }

    /// Whether one of the words stands in a range as a word of its own.
    fn words_between(&mut self, range: Range<usize>, words: &[&str]) -> bool {
        let window = &self.bytes[range.clone()];
        self.work += window.len() as u64;
        let begins = |index: usize| !self.at_is_letter((range.start + index).checked_sub(1));
        (0..window.len()).filter(|index| begins(*index)).any(|index| {
            words.iter().any(|word| {
                let end = index + word.len();
                window.get(index..end).is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
                    && !self.at_is_letter(Some(range.start + end))
            })
        })
    }

    fn at_is_letter(&self, at: Option<usize>) -> bool {
        at.is_some_and(|at| self.at(at).is_ascii_alphabetic())
    }
}

/// Letters, digits and the underscore: what a word of code or of a key is made of.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_word_counts_only_as_a_whole_word_and_only_nearby() {
        let found = |text: &str| Scan::new(text, &[]).context_before(text.len(), &["ssn"]);
        assert!(found("my SSN: "));
        assert!(found("my_ssn="));
        assert!(!found("classname "));
        assert!(!found(&format!("ssn {}", "x".repeat(CONTEXT_BYTES))));
    }
}
