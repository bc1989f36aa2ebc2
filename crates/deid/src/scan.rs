//! One stretch of text under examination: bounded look-around, context words, and the claims made so far.
//!
//! Detectors look at text only through the methods here, which count every byte they visit. That count is what the
//! tests of bounded work measure.

use std::ops::Range;

use crate::candidate::{Evidence, Span};
use crate::detect::Cue;
use crate::identifier::IdentifierKind;
use crate::settings::PhoneRegion;
use crate::table::Tables;

/// How far before an identifier its context words may end, in bytes.
pub(crate) const CONTEXT_BYTES: usize = 40;

/// The longest word of letters that is read, in bytes.
const WORD_BYTES_MAX: usize = 40;

/// The kinds that are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted(u32);

impl Wanted {
    /// Every kind.
    pub(crate) const ALL: Wanted = Wanted(u32::MAX);

    pub(crate) fn new(kinds: impl IntoIterator<Item = IdentifierKind>) -> Self {
        Self(kinds.into_iter().fold(0, |set, kind| set | 1 << kind as u32))
    }

    pub(crate) fn has(self, kind: IdentifierKind) -> bool {
        self.0 >> kind as u32 & 1 == 1
    }

    pub(crate) fn any(self, kinds: &[IdentifierKind]) -> bool {
        kinds.iter().any(|kind| self.has(*kind))
    }

    /// Whether whole texts are searched: a kind is wanted that is not found in text as it streams.
    pub(crate) fn in_whole_texts(self) -> bool {
        self.0 & !Self::new(IdentifierKind::STREAMED).0 != 0
    }
}

pub(crate) struct Scan<'t> {
    pub(crate) text: &'t str,
    pub(crate) bytes: &'t [u8],
    pub(crate) phone_regions: &'t [PhoneRegion],
    /// Whether the stretch begins where the text begins, and not behind a placeholder or another identifier.
    pub(crate) begins_text: bool,
    pub(crate) wanted: Wanted,
    /// Where each word of context ends, ascending.
    cues: Vec<(usize, Cue)>,
    claims: Vec<Span>,
    tables: Tables,
    work: u64,
}

impl<'t> Scan<'t> {
    pub(crate) fn new(text: &'t str, phone_regions: &'t [PhoneRegion], wanted: Wanted) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            phone_regions,
            wanted,
            begins_text: false,
            cues: Vec::new(),
            claims: Vec::new(),
            tables: Tables::default(),
            work: 0,
        }
    }

    /// Notes a word of context that ends at `end`; words come in the order of their ends.
    pub(crate) fn note_cue(&mut self, end: usize, cue: Cue) {
        self.cues.push((end, cue));
    }

    /// How many bytes before `at` the nearest of these words of context ends, at most [`CONTEXT_BYTES`].
    pub(crate) fn cue_distance(&mut self, at: usize, wanted: &[Cue]) -> Option<usize> {
        let behind = self.cues.partition_point(|(end, _)| *end <= at);
        let near = self.cues[..behind].iter().rev().take_while(|(end, _)| end + CONTEXT_BYTES >= at);
        let mut visited = 0;
        let found = near.inspect(|_| visited += 1).find(|(_, cue)| wanted.contains(cue));
        let distance = found.map(|(end, _)| at - end);
        self.work += visited + 1;
        distance.or_else(|| self.heads_column(at, wanted).then_some(CONTEXT_BYTES))
    }

    /// Whether one of these words of context stands in the first row of a table, in the column of `at`.
    fn heads_column(&mut self, at: usize, wanted: &[Cue]) -> bool {
        // The head of a table that streams may be long gone.
        if !self.wanted.in_whole_texts() {
            return false;
        }
        let Some(head) = self.tables.head(self.text, self.begins_text, at) else { return false };
        self.work += self.tables.take_work();
        let from = self.cues.partition_point(|(end, _)| *end <= head.start);
        let cell = self.cues[from..].iter().take_while(|(end, _)| *end <= head.end);
        cell.into_iter().any(|(_, cue)| wanted.contains(cue))
    }

    /// Whether one of these words of context ends shortly before `at`.
    pub(crate) fn has_cue(&mut self, at: usize, wanted: &[Cue]) -> bool {
        self.cue_distance(at, wanted).is_some()
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
        self.context_within(at, CONTEXT_BYTES, words)
    }

    /// The same, at most so many bytes before the offset.
    pub(crate) fn context_within(&mut self, at: usize, bytes: usize, words: &[&str]) -> bool {
        self.words_between(at.saturating_sub(bytes)..at, words)
    }

    /// The same, in the line of the offset.
    pub(crate) fn context_in_line(&mut self, at: usize, words: &[&str]) -> bool {
        let line = self.run_start(at, CONTEXT_BYTES, |byte| byte != b'\n');
        self.words_between(line..at, words)
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

    /// The character before an offset.
    pub(crate) fn char_before(&self, at: usize) -> Option<char> {
        self.text.get(..at)?.chars().next_back()
    }

    /// The character at an offset.
    pub(crate) fn char_at(&self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }

    /// Whether a range begins and ends where words do: no letter of an alphabet joins it.
    pub(crate) fn is_whole_word(&self, range: &Range<usize>) -> bool {
        !self.char_before(range.start).is_some_and(is_letter)
            && !self.char_at(range.end).is_some_and(is_letter)
    }

    /// Skips these bytes from `at` on, at most `limit`.
    pub(crate) fn skip(&mut self, at: usize, limit: usize, bytes: &[u8]) -> usize {
        self.run_end(at, limit, |byte| bytes.contains(&byte))
    }

    /// The word of letters that ends at `at`, or ends where the white space before `at` begins; empty without one.
    pub(crate) fn word_before(&mut self, at: usize) -> &'t str {
        let window = &self.text[self.text.floor_char_boundary(at.saturating_sub(WORD_BYTES_MAX))..at];
        let trimmed = window.trim_end_matches([' ', '\u{a0}', '\n']);
        let start =
            trimmed.rfind(|c: char| !is_letter(c)).map_or(0, |last| trimmed.ceil_char_boundary(last + 1));
        self.work += (window.len() - start) as u64;
        &trimmed[start..]
    }

    /// The word of letters that begins at `at`; empty without one.
    pub(crate) fn word_at(&mut self, at: usize) -> &'t str {
        let end = self.letters_end(at, WORD_BYTES_MAX);
        self.text.get(at..end).unwrap_or_default()
    }

    /// The end of the word of letters of any alphabet that starts at `at`, at most `limit` bytes on.
    pub(crate) fn letters_end(&mut self, at: usize, limit: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let length = rest
            .char_indices()
            .take_while(|(offset, c)| *offset < limit && (c.is_alphabetic() || *c == '\u{301}'))
            .last()
            .map_or(0, |(offset, c)| offset + c.len_utf8());
        self.work += length as u64 + 1;
        at + length
    }
}

/// Letters of alphabets; those of scripts without spaces between words do not join words.
pub(crate) fn is_letter(c: char) -> bool {
    const WITHOUT_SPACES: char = '\u{2e80}';
    c.is_alphabetic() && c < WITHOUT_SPACES
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
        let found = |text: &str| Scan::new(text, &[], Wanted::ALL).context_before(text.len(), &["ssn"]);
        assert!(found("my SSN: "));
        assert!(found("my_ssn="));
        assert!(!found("classname "));
        assert!(!found(&format!("ssn {}", "x".repeat(CONTEXT_BYTES))));
    }
}
