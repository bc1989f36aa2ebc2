//! A view of a text in which look-alikes are folded, with the way back to the original offsets.
//!
//! Fullwidth ASCII, foreign decimal digits, mathematical and circled letters, odd spaces and odd hyphens become ASCII,
//! as do Cyrillic and Greek letters within Latin words; invisible characters vanish. In whole texts, which do not
//! stream, so do digits written as words and the signs of `name (at) host dot com`. Each folded stretch maps to one
//! ASCII byte or to nothing, so the map back is a short list of shifts.

mod fold;
mod spoken;

use std::borrow::Cow;
use std::ops::Range;

pub(crate) use fold::{fold, lookalike};
use spoken::Edit;

/// A folded text and its offsets.
pub(crate) struct Normalised<'t> {
    original: &'t str,
    folded: Cow<'t, str>,
    /// (folded offset, original offset) where the difference between the two changes; ascending.
    shifts: Vec<(usize, usize)>,
    /// (folded offset, original end) of bytes that stand for more than one character; ascending.
    ends: Vec<(usize, usize)>,
}

impl<'t> Normalised<'t> {
    /// Folds what each character or word tells by itself.
    pub(crate) fn new(original: &'t str) -> Self {
        Self::with_edits(original, Vec::new())
    }

    /// Folds what is spoken over several words too.
    pub(crate) fn of_whole(original: &'t str) -> Self {
        Self::with_edits(original, spoken::edits(original))
    }

    fn with_edits(original: &'t str, spoken: Vec<Edit>) -> Self {
        let edits = merge(spoken, if original.is_ascii() { Vec::new() } else { folds(original) });
        let mut view =
            Self { original, folded: Cow::Borrowed(original), shifts: Vec::new(), ends: Vec::new() };
        if edits.is_empty() {
            return view;
        }
        let mut folded = String::with_capacity(original.len());
        let mut from = 0;
        for (range, replacement) in edits {
            folded.push_str(&original[from..range.start]);
            if let Some(ascii) = replacement {
                view.shifts.push((folded.len(), range.start));
                view.ends.push((folded.len(), range.end));
                folded.push(ascii);
            }
            view.shifts.push((folded.len(), range.end));
            from = range.end;
        }
        folded.push_str(&original[from..]);
        view.folded = Cow::Owned(folded);
        view
    }

    /// The text that detectors see.
    pub(crate) fn text(&self) -> &str {
        &self.folded
    }

    /// The range of the original text that a non-empty range of the folded text came from.
    pub(crate) fn original_range(&self, range: Range<usize>) -> Range<usize> {
        if self.shifts.is_empty() {
            return range;
        }
        let start = self.original_offset(range.start);
        let last = range.end.saturating_sub(1);
        let end = match self.ends.binary_search_by_key(&last, |(folded, _)| *folded) {
            Ok(place) => self.ends[place].1,
            Err(_) => self.original.ceil_char_boundary(self.original_offset(last) + 1),
        };
        start..end
    }

    fn original_offset(&self, folded: usize) -> usize {
        let after = self.shifts.partition_point(|shift| shift.0 <= folded);
        match after.checked_sub(1).and_then(|index| self.shifts.get(index)) {
            Some(shift) => shift.1 + (folded - shift.0),
            None => folded,
        }
    }
}

/// The edits that fold single characters.
fn folds(text: &str) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    // Of the word being read: where its look-alikes are, and whether all else in it is Latin.
    let mut lookalikes: Vec<Edit> = Vec::new();
    let mut has_latin = false;
    let mut has_others = false;
    for (at, c) in text.char_indices() {
        let range = at..at + c.len_utf8();
        let folded = fold(c);
        if let Some(replacement) = folded {
            edits.push((range.clone(), replacement));
        }
        // What vanishes is no part of a word and ends none.
        let Some(c) = folded.unwrap_or(Some(c)) else { continue };
        if let Some(latin) = lookalike(c) {
            lookalikes.push((range, Some(latin)));
        } else if c.is_alphabetic() {
            has_latin |= c.is_ascii();
            has_others |= !c.is_ascii();
        } else if !c.is_ascii_digit() {
            if has_latin && !has_others {
                edits.append(&mut lookalikes);
            }
            lookalikes.clear();
            has_latin = false;
            has_others = false;
        }
    }
    if has_latin && !has_others {
        edits.append(&mut lookalikes);
    }
    edits.sort_by_key(|(range, _)| range.start);
    edits
}

/// All edits in order; of those that overlap, the first list's.
fn merge(spoken: Vec<Edit>, folds: Vec<Edit>) -> Vec<Edit> {
    if spoken.is_empty() {
        return folds;
    }
    let overlaps = |range: &Range<usize>| {
        let place = spoken.partition_point(|(other, _)| other.end <= range.start);
        spoken.get(place).is_some_and(|(other, _)| other.start < range.end)
    };
    let mut edits: Vec<Edit> = folds.into_iter().filter(|(range, _)| !overlaps(range)).collect();
    edits.extend(spoken);
    edits.sort_by_key(|(range, _)| range.start);
    edits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fullwidth_digits_fold_and_map_back_to_whole_characters() {
        let view = Normalised::new("é \u{ff11}\u{200b}\u{ff12} x");
        assert_eq!(view.text(), "é 12 x");
        assert_eq!(view.original_range(3..5), 3..12);
        assert_eq!(view.original_range(6..7), 13..14);
    }

    #[test]
    fn lookalikes_fold_within_latin_words_only() {
        assert_eq!(Normalised::new("р\u{430}ypal и \u{430}\u{430}").text(), "paypal и \u{430}\u{430}");
    }

    #[test]
    fn what_is_spoken_is_written_and_maps_back_to_its_words() {
        let seen = |text: &str| Normalised::of_whole(text).text().to_owned();
        assert_eq!(seen("call four one five, five five five, one two one two now"), "call 415-555-1212 now");
        assert_eq!(seen("null eins sieben eins zwo drei vier"), "0171234");
        assert_eq!(seen("one two three, go"), "one two three, go");
        assert_eq!(seen("jo (at) orchard dot co dot uk, ok"), "jo@orchard.co.uk, ok");
        assert_eq!(seen("jo[at]orchard[dot]org"), "jo@orchard.org");
        assert_eq!(seen("jo.march at orchard dot org"), "jo.march@orchard.org");
        assert_eq!(seen("look at the dot on it"), "look at the dot on it");
        let text = "é jo (at) orchard dot org.";
        let view = Normalised::of_whole(text);
        let at = view.text().find("jo@orchard.org").unwrap();
        assert_eq!(&text[view.original_range(at..at + 14)], "jo (at) orchard dot org");
        let text = "is four one five five five five.";
        let view = Normalised::of_whole(text);
        let at = view.text().find("415555").unwrap();
        assert_eq!(&text[view.original_range(at..at + 6)], "four one five five five five");
    }

    proptest! {
        #[test]
        fn each_kept_character_maps_to_itself(text in "[a1é\u{ff11}\u{200b}\u{a0}\u{665}\u{2011}😀]{0,24}") {
            let view = Normalised::new(&text);
            let kept = text.char_indices().filter(|(_, c)| fold(*c) != Some(None));
            for ((at, seen), (origin, c)) in view.text().char_indices().zip(kept) {
                prop_assert_eq!(view.original_range(at..at + seen.len_utf8()), origin..origin + c.len_utf8());
                prop_assert_eq!(seen, fold(c).flatten().unwrap_or(c));
            }
        }

        #[test]
        fn ranges_of_what_is_folded_lie_in_order_on_characters(
            pieces in proptest::collection::vec(
                proptest::sample::select(&["one ", "two, ", "five-", "jo", " (at) ", " at ", " dot ", "org", "é", "\u{430}", "\u{200b}", "①", "x"][..]),
                0..20,
            )
        ) {
            let text = pieces.concat();
            let view = Normalised::of_whole(&text);
            let mut from = 0;
            for (at, seen) in view.text().char_indices() {
                let range = view.original_range(at..at + seen.len_utf8());
                prop_assert!(from <= range.start && range.start < range.end && text.get(range.clone()).is_some());
                from = range.end;
            }
        }
    }
}
