//! A view of a text in which look-alikes are folded, with the way back to the original offsets.
//!
//! Fullwidth ASCII, foreign decimal digits, odd spaces and odd hyphens become ASCII; zero-width characters vanish.
//! Each folded character maps to one ASCII byte or to nothing, so the map back is a short list of shifts.

use std::borrow::Cow;
use std::ops::Range;

/// A folded text and its offsets.
pub(crate) struct Normalised<'t> {
    original: &'t str,
    folded: Cow<'t, str>,
    /// (folded offset, original offset) where the difference between the two changes; ascending.
    shifts: Vec<(usize, usize)>,
}

impl<'t> Normalised<'t> {
    pub(crate) fn new(original: &'t str) -> Self {
        let first = if original.is_ascii() { None } else { original.find(|c| fold(c).is_some()) };
        let Some(first) = first else {
            return Self { original, folded: Cow::Borrowed(original), shifts: Vec::new() };
        };
        let mut folded = String::with_capacity(original.len());
        folded.push_str(&original[..first]);
        let mut shifts = Vec::new();
        for (at, c) in original[first..].char_indices() {
            match fold(c) {
                None => folded.push(c),
                Some(replacement) => {
                    folded.extend(replacement);
                    shifts.push((folded.len(), first + at + c.len_utf8()));
                    if replacement.is_some() {
                        // The folded byte itself starts where its original starts.
                        let after = shifts.len() - 1;
                        shifts.insert(after, (folded.len() - 1, first + at));
                    }
                }
            }
        }
        Self { original, folded: Cow::Owned(folded), shifts }
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
        let last = self.original_offset(range.end.saturating_sub(1));
        start..self.original.ceil_char_boundary(last + 1)
    }

    fn original_offset(&self, folded: usize) -> usize {
        let after = self.shifts.partition_point(|shift| shift.0 <= folded);
        match after.checked_sub(1).and_then(|index| self.shifts.get(index)) {
            Some(shift) => shift.1 + (folded - shift.0),
            None => folded,
        }
    }
}

/// The ASCII that stands for a character, `Some(None)` where it vanishes, `None` where it stays.
pub(crate) fn fold(c: char) -> Option<Option<char>> {
    let ascii = |offset: u32| char::from_u32(offset).filter(char::is_ascii);
    match c {
        '\0'..='\u{9f}' => None,
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => Some(None),
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(Some(' ')),
        '\u{2010}'..='\u{2012}' | '\u{2212}' | '\u{fe63}' => Some(Some('-')),
        '\u{ff01}'..='\u{ff5e}' => Some(ascii(c as u32 - 0xff01 + 0x21)),
        '\u{660}'..='\u{669}' => Some(ascii(c as u32 - 0x660 + 0x30)),
        '\u{6f0}'..='\u{6f9}' => Some(ascii(c as u32 - 0x6f0 + 0x30)),
        '\u{966}'..='\u{96f}' => Some(ascii(c as u32 - 0x966 + 0x30)),
        _ => None,
    }
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
    }
}
