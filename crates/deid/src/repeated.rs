//! What was found once in a conversation and stands in it again, where no detector saw it.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::candidate::{Evidence, Span};
use crate::identifier::IdentifierKind;
use crate::placeholder;

/// The kinds whose values are not looked for again. People are looked for by their parts, see `people.rs`; days, ages,
/// occupations and nationalities are words that many share.
const SHARED: [IdentifierKind; 5] = [
    IdentifierKind::Person,
    IdentifierKind::Date,
    IdentifierKind::Age,
    IdentifierKind::Title,
    IdentifierKind::Group,
];
/// The shortest value that is looked for, in bytes.
const VALUE_BYTES_MIN: usize = 4;
/// The shortest one without a letter.
const NUMBER_BYTES_MIN: usize = 6;
/// How sure a value must be a name for its other places to be replaced, too.
const CONFIDENCE_MIN: f32 = 0.5;
/// The most values of one conversation that are looked for.
const VALUES_MAX: usize = 256;
/// How sure the other places are.
const CONFIDENCE: f32 = 0.7;

/// The values of a conversation that are looked for again.
pub(crate) struct Repeated<'t>(Vec<(&'t str, IdentifierKind)>);

impl<'t> Repeated<'t> {
    /// Those of the spans of its texts.
    pub(crate) fn of(texts: &[&'t str], all: &[Vec<Span>]) -> Self {
        let mut values: HashMap<&'t str, IdentifierKind> = HashMap::new();
        for (text, spans) in texts.iter().zip(all) {
            for span in spans.iter().filter(|span| !SHARED.contains(&span.kind)) {
                let value = &text[span.range.clone()];
                let least =
                    if value.contains(char::is_alphabetic) { VALUE_BYTES_MIN } else { NUMBER_BYTES_MIN };
                let tells = value.len() >= least;
                if tells && span.confidence >= CONFIDENCE_MIN && values.len() < VALUES_MAX {
                    values.insert(value, span.kind);
                }
            }
        }
        // The longest first, so that a part does not take the place of the whole.
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.0.cmp(b.0)));
        Self(values)
    }

    /// Where they stand in a text outside the spans given and our placeholders, as whole words.
    pub(crate) fn found_in<'s>(&self, text: &str, taken: impl Iterator<Item = &'s Span>) -> Vec<Span> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let placeholders = placeholder::find_all(text).into_iter().map(|placeholder| placeholder.range);
        let taken = taken.map(|span| span.range.clone()).chain(placeholders);
        // Disjoint, so that of all that begin before an end only the last can reach over.
        let mut taken: BTreeMap<usize, usize> = taken.map(|range| (range.start, range.end)).collect();
        let mut found = Vec::new();
        for (value, kind) in &self.0 {
            for (at, _) in text.match_indices(value) {
                let range = at..at + value.len();
                let before = taken.range(..range.end).next_back();
                if is_whole_word(text, &range) && before.is_none_or(|(_, end)| *end <= range.start) {
                    taken.insert(range.start, range.end);
                    found.push(Span::new(range, *kind, Evidence::MENTION, CONFIDENCE));
                }
            }
        }
        found
    }
}

/// Whether a range is no part of a longer word or number.
pub(crate) fn is_whole_word(text: &str, range: &Range<usize>) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !is_part(text[..range.start].chars().next_back()) && !is_part(text[range.end..].chars().next())
}
