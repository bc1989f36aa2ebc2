//! Words that say what a number near them is. The pass over the anchors notes where they end; detectors of numbers ask
//! how near one is.
//!
//! A word counts only as a whole word, or, where it ends in `*`, as the beginning of one. Words are written in lower
//! case and found in any; letters that ASCII lacks are found as they are written.

mod words;

use std::ops::Range;

use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_letter};
use words::WORDS;

/// What a word of context speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cue {
    /// A telephone.
    Phone,
    /// Calling somebody.
    Call,
    /// A payment card.
    Card,
    /// A number of another sort: an order, a version, a book.
    OtherNumber,
    /// A number a state gives a person.
    NationalId,
    /// A bank account.
    Account,
    /// A device.
    Device,
    /// A vehicle.
    Vehicle,
    /// A place on the globe.
    Coordinates,
    /// A postal code.
    PostalCode,
    /// A birth.
    Birth,
    /// An address.
    Address,
}

/// Words that announce a cue.
struct Words {
    cue: Cue,
    words: &'static [&'static str],
}

/// The kinds whose detectors ask for a cue.
fn asking(cue: Cue) -> &'static [IdentifierKind] {
    use IdentifierKind as K;
    match cue {
        Cue::Phone => &[K::Phone, K::NationalId],
        Cue::Call => &[K::Phone],
        Cue::Card => &[K::Card],
        Cue::OtherNumber => &[K::Phone, K::Card, K::NationalId, K::Device, K::Vehicle],
        Cue::NationalId => &[K::NationalId],
        Cue::Account => &[K::BankAccount],
        Cue::Device => &[K::Device, K::Card],
        Cue::Vehicle => &[K::Vehicle],
        Cue::Coordinates => &[K::Coordinates],
        Cue::PostalCode | Cue::Address => &[K::Address],
        Cue::Birth => &[K::BirthDate, K::Date],
    }
}

/// A word with its meaning.
#[derive(Clone, Copy)]
pub(super) struct Meaning {
    pub(super) cue: Cue,
    /// Whether letters may follow.
    open: bool,
}

/// All words, each with its meaning and the kinds that ask for it.
pub(super) fn words() -> impl Iterator<Item = (&'static str, Meaning, &'static [IdentifierKind])> {
    WORDS.iter().flat_map(|group| {
        group.words.iter().map(|word| {
            let text = word.trim_end_matches('*');
            (text, Meaning { cue: group.cue, open: text.len() < word.len() }, asking(group.cue))
        })
    })
}

/// Notes a word that was met, when it is one.
pub(super) fn detect(scan: &mut Scan<'_>, range: Range<usize>, meaning: Meaning) {
    let begins = !scan.char_before(range.start).is_some_and(is_letter);
    if begins && (meaning.open || !scan.char_at(range.end).is_some_and(is_letter)) {
        scan.note_cue(range.end, meaning.cue);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{CONTEXT_BYTES, Wanted};

    #[test]
    fn a_word_of_context_counts_only_as_a_whole_word_and_only_nearby() {
        let near = |text: &str, word: &str| {
            let (_, meaning, _) = words().find(|(known, ..)| *known == word).unwrap();
            let mut scan = Scan::new(text, &[], Wanted::ALL);
            text.match_indices(word).for_each(|(at, _)| detect(&mut scan, at..at + word.len(), meaning));
            scan.has_cue(text.len(), &[meaning.cue])
        };
        assert!(near("my ssn: ", "ssn"));
        assert!(near("my_ssn=", "ssn"));
        assert!(!near("classname ssnx", "ssn"));
        assert!(near("telefonnummer ", "telefon"));
        assert!(!near("hôtel ", "tel"));
        assert!(!near(&format!("ssn {}", "x".repeat(CONTEXT_BYTES + 1)), "ssn"));
    }

    #[test]
    fn words_are_short_enough_for_the_context_that_a_piece_of_a_stream_has() {
        assert!(words().all(|(word, ..)| CONTEXT_BYTES + word.len() + 4 < crate::seam::CONTEXT_CHARACTERS));
    }
}
