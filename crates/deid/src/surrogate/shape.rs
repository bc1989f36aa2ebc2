//! The form of a text: its case, its words and separators, the classes of its characters.

use unicode_normalization::char::is_combining_mark;

use crate::plain::plain;
use crate::surrogate::draw::Stream;

/// Letters and digits only, in lower case: two texts with the same essence are the same value.
pub(super) fn essence(text: &str) -> String {
    plain(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A word in the case of another: `ELENA` for `MARIA`, `elena` for `maria`, `Elena` for `Maria`.
pub(super) fn in_case_of(pattern: &str, word: &str) -> String {
    let mut letters = pattern.chars().filter(|c| c.is_alphabetic());
    let Some(first) = letters.next() else { return word.to_owned() };
    let rest: Vec<char> = letters.collect();
    if !first.is_uppercase() {
        word.to_lowercase()
    } else if !rest.is_empty() && rest.iter().all(|c| c.is_uppercase()) {
        word.to_uppercase()
    } else {
        word.to_owned()
    }
}

/// A stretch of a text: a word, or what stands between two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Letters, digits, apostrophes inside, and combining marks.
    Word(&'t str),
    /// All else.
    Between(&'t str),
}

/// A text as words and what stands between them; nothing is lost.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let in_word = |c: char| c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '\'' | '’');
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = in_word(first);
        let end = rest.find(|c| in_word(c) != word).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        pieces.push(if word { Piece::Word(piece) } else { Piece::Between(piece) });
        rest = after;
    }
    pieces
}

/// The words of a text alone.
pub(super) fn words(text: &str) -> Vec<&str> {
    let words = pieces(text).into_iter();
    words.filter_map(|piece| if let Piece::Word(word) = piece { Some(word) } else { None }).collect()
}

/// The text with each word rewritten and all between kept.
pub(super) fn map_words(text: &str, mut rewrite: impl FnMut(&str) -> String) -> String {
    let pieces = pieces(text).into_iter();
    pieces
        .map(|piece| match piece {
            Piece::Word(word) => rewrite(word),
            Piece::Between(between) => between.to_owned(),
        })
        .collect()
}

/// The text with each digit and letter replaced by another of its class; a first digit other than 0 stays other.
pub(super) fn same_classes(text: &str, stream: &mut Stream) -> String {
    let mut first = true;
    let each = |c: char| match c {
        '0' if first => {
            first = false;
            '0'
        }
        c if c.is_numeric() => {
            let low = usize::from(first);
            first = false;
            char::from(b'0' + (low + stream.below(10 - low)) as u8)
        }
        c if c.is_alphabetic() && c.is_uppercase() => stream.letter(),
        c if c.is_alphabetic() => stream.letter().to_ascii_lowercase(),
        c => c,
    };
    text.chars().map(each).collect()
}

/// The text with its digits replaced in order; what is left of `digits` follows the last, and a place without one goes.
pub(super) fn with_digits(text: &str, digits: &str) -> String {
    let places = text.chars().filter(|c| c.is_numeric()).count();
    let mut digits = digits.chars();
    let mut seen = 0;
    let mut out = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        if !c.is_numeric() {
            out.push(c);
            continue;
        }
        seen += 1;
        out.extend(digits.next());
        if seen == places {
            out.extend(digits.by_ref());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_taken_over() {
        assert_eq!(in_case_of("MARIA", "Elena"), "ELENA");
        assert_eq!(in_case_of("maria", "Elena"), "elena");
        assert_eq!(in_case_of("Maria", "McKay"), "McKay");
        assert_eq!(in_case_of("M", "Elena"), "Elena");
    }

    #[test]
    fn words_and_what_is_between_make_the_text() {
        let text = " O'Brien-Müller,  2 b. ";
        assert_eq!(words(text), ["O'Brien", "Müller", "2", "b"]);
        assert_eq!(map_words(text, str::to_owned), text);
    }

    #[test]
    fn spellings_of_one_value_have_one_essence() {
        assert_eq!(essence("José  GARCÍA"), essence("jose garcia"));
        assert_eq!(essence("Straße 5"), "strasse5");
    }

    #[test]
    fn digits_fill_the_places_there_are() {
        assert_eq!(with_digits("(030) 12-34", "0891234"), "(089) 12-34");
        assert_eq!(with_digits("1-2", "789"), "7-89");
        assert_eq!(with_digits("1-23", "7"), "7-");
    }
}
