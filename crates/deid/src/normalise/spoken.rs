//! What is written as it is spoken: digits as words, six or more in a row, and e-mail addresses with `(at)` and `dot`.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::scan::is_letter;

/// A stretch of text with the ASCII that stands for it, or nothing.
pub(super) type Edit = (Range<usize>, Option<char>);

/// The fewest words in a row that are taken for a number.
const DIGITS_MIN: usize = 6;
/// The most bytes between two of the words.
const GAP_BYTES_MAX: usize = 3;
/// Words for the digits, in English, German, French and Spanish.
#[rustfmt::skip]
const DIGITS: [(char, &[&str]); 10] = [
    ('0', &["zero", "oh", "null", "zéro", "cero"]),
    ('1', &["one", "eins", "un", "uno"]),
    ('2', &["two", "zwei", "zwo", "deux", "dos"]),
    ('3', &["three", "drei", "trois", "tres"]),
    ('4', &["four", "vier", "quatre", "cuatro"]),
    ('5', &["five", "fünf", "cinq", "cinco"]),
    ('6', &["six", "sechs", "seis"]),
    ('7', &["seven", "sieben", "sept", "siete"]),
    ('8', &["eight", "acht", "huit", "ocho"]),
    ('9', &["nine", "neun", "neuf", "nueve"]),
];
/// Words for the signs of an address; in brackets each stands for itself.
const SIGNS: [(char, &[&str]); 2] =
    [('@', &["at", "ät", "arroba", "@"]), ('.', &["dot", "punkt", "punto", "point", "."])];
/// The word for a full stop, spoken within an address.
const DOT: &str = " dot ";
/// Last parts of domains that are no other words.
const ENDINGS: [&str; 26] = [
    "com", "org", "net", "edu", "gov", "io", "co", "uk", "de", "fr", "es", "nl", "ch", "eu", "info", "ai",
    "dev", "ca", "au", "jp", "br", "ru", "pl", "se", "dk", "pt",
];
/// What such words stand in.
const BRACKETS: [(char, char); 4] = [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>')];

enum Found {
    Digit(char),
    /// A sign in brackets.
    Sign(char),
    /// ` dot `, which makes an ` at ` before it a sign.
    Dot,
}

struct Words {
    automaton: Option<AhoCorasick>,
    meanings: Vec<Found>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let digits = DIGITS
        .iter()
        .flat_map(|(digit, words)| words.iter().map(move |word| ((*word).to_owned(), Found::Digit(*digit))));
    let signs = SIGNS.iter().flat_map(|(sign, words)| {
        let bracketed = move |word: &&str| {
            let word = (*word).to_owned();
            BRACKETS.map(|(open, close)| (format!("{open}{word}{close}"), Found::Sign(*sign)))
        };
        words.iter().flat_map(bracketed)
    });
    let (patterns, meanings): (Vec<_>, Vec<_>) =
        digits.chain(signs).chain([(DOT.to_owned(), Found::Dot)]).unzip();
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(patterns)
        .ok();
    Words { automaton, meanings }
});

/// The edits that make what is spoken out what it stands for: ascending, disjoint.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let Some(automaton) = &WORDS.automaton else { return Vec::new() };
    let mut edits = Vec::new();
    let mut run: Vec<(Range<usize>, char)> = Vec::new();
    for hit in automaton.find_iter(text) {
        let range = hit.range();
        match WORDS.meanings[hit.pattern().as_usize()] {
            Found::Digit(digit) => {
                if !is_whole(text, &range) {
                    continue;
                }
                let goes_on = run.last().is_some_and(|(last, _)| is_gap(&text[last.end..range.start]));
                if !goes_on {
                    finish(&mut run, &mut edits);
                }
                run.push((range, digit));
            }
            Found::Sign(sign) => push(&mut edits, text, with_spaces(text, range), sign),
            Found::Dot if !is_before_domain(&text[range.end..]) => {}
            Found::Dot => {
                if let Some(at) = at_before(text, range.start, &edits) {
                    edits.push((at, Some('@')));
                }
                if is_in_address(text, range.start, &edits) {
                    push(&mut edits, text, range, '.');
                }
            }
        }
    }
    finish(&mut run, &mut edits);
    edits.sort_by_key(|(range, _)| range.start);
    edits.dedup_by(|next, kept| next.0.start < kept.0.end);
    edits
}

/// Takes a run of words for the number that they spell, when it is long enough.
fn finish(run: &mut Vec<(Range<usize>, char)>, edits: &mut Vec<Edit>) {
    if run.len() >= DIGITS_MIN {
        let mut before: Option<usize> = None;
        for (range, digit) in run.iter() {
            if let Some(end) = before {
                // A comma or a hyphen groups digits; a space alone does not.
                let grouped = range.start - end > 1;
                edits.push((end..range.start, grouped.then_some('-')));
            }
            edits.push((range.clone(), Some(*digit)));
            before = Some(range.end);
        }
    }
    run.clear();
}

/// Adds a sign that stands between two words.
fn push(edits: &mut Vec<Edit>, text: &str, range: Range<usize>, sign: char) {
    let joins = text[..range.start].ends_with(|c: char| c.is_alphanumeric())
        && text[range.end..].starts_with(|c: char| c.is_alphanumeric());
    if joins {
        edits.push((range, Some(sign)));
    }
}

fn is_whole(text: &str, range: &Range<usize>) -> bool {
    !text[..range.start].ends_with(is_letter) && !text[range.end..].starts_with(is_letter)
}

fn is_gap(between: &str) -> bool {
    (1..=GAP_BYTES_MAX).contains(&between.len())
        && between.chars().all(|c| matches!(c, ' ' | ',' | '-' | '.' | '\n'))
}

/// The range with one space on either side.
fn with_spaces(text: &str, range: Range<usize>) -> Range<usize> {
    let start = range.start - usize::from(text[..range.start].ends_with(' '));
    start..range.end + usize::from(text[range.end..].starts_with(' '))
}

/// The ` at ` before the word that ends at `dot`, when no sign has been read there yet.
fn at_before(text: &str, dot: usize, edits: &[Edit]) -> Option<Range<usize>> {
    let host = word_start(text, dot);
    let start = host.checked_sub(" at ".len())?;
    if !text.get(start..host).is_some_and(|word| word.eq_ignore_ascii_case(" at ")) {
        return None;
    }
    let name = word_start(text, start);
    let fresh = edits.last().is_none_or(|(last, _)| last.end <= start);
    (fresh && host < dot && name < start).then_some(start..host)
}

/// Whether what is behind ` dot ` begins with the last part of a domain, or with one more part and a dot.
fn is_before_domain(rest: &str) -> bool {
    let word = &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len())];
    let behind = rest[word.len()..].get(..DOT.len());
    ENDINGS.contains(&word.to_ascii_lowercase().as_str())
        || !word.is_empty() && behind.is_some_and(|behind| behind.eq_ignore_ascii_case(DOT))
}

/// Whether the word that ends at `dot` begins where a sign ended.
fn is_in_address(text: &str, dot: usize, edits: &[Edit]) -> bool {
    let word = word_start(text, dot);
    let behind_sign = |(range, sign): &Edit| range.end == word && matches!(sign, Some('@' | '.'));
    word < dot && (edits.last().is_some_and(behind_sign) || text[..word].ends_with('@'))
}

fn word_start(text: &str, end: usize) -> usize {
    const WORD_BYTES_MAX: usize = 64;
    let from = text.floor_char_boundary(end.saturating_sub(WORD_BYTES_MAX));
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    text[from..end].rfind(|c| !is_part(c)).map_or(from, |last| text.ceil_char_boundary(from + last + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_can_be_looked_for() {
        assert!(WORDS.automaton.is_some());
    }
}
