//! Text to word pieces. `xtask/train_deid/encoder/pieces.py` is the same in Python.
//!
//! A token is a run of letters and digits, or one sign. It is cut into pieces that the vocabulary has, at each place
//! the longest (WordPiece: Schuster and Nakajima 2012), in lower case and without accents.

use std::collections::HashMap;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What stands for a token that the vocabulary cannot spell.
pub(super) const UNKNOWN: u16 = 1;
/// What stands before the first token.
pub(super) const BEGIN: u16 = 2;
/// What stands behind the last token.
pub(super) const END: u16 = 3;
/// Tokens with more letters are unknown.
const TOKEN_CHARACTERS_MAX: usize = 100;

/// What is lost when a token is put into lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    None,
    Lower,
    Capitalised,
    Capitals,
    Initial,
    /// A capital, but not the first letter.
    Inner,
    /// The first letter a capital, and another.
    CapitalInner,
    Digits,
    Mixed,
    Sign,
    /// Behind an `@`, with no space.
    Handle,
    /// Behind a `#`, with no space.
    Hashtag,
    /// Letters without case.
    Other,
}

impl Shape {
    /// How many there are.
    pub(super) const COUNT: usize = Shape::Other as usize + 1;
}

/// A token.
pub(super) struct Token {
    /// Where it is, in bytes.
    pub(super) range: Range<usize>,
    /// Its shape.
    pub(super) shape: Shape,
    /// Its pieces, at least one.
    pub(super) pieces: Vec<u16>,
}

/// The pieces that are known.
pub(super) struct Vocabulary {
    /// Those at the beginning of a token, and those further on.
    ids: [HashMap<Box<str>, u16>; 2],
}

impl Vocabulary {
    /// From lines, whose numbers are the ids; those that begin with `##` stand further on in a token.
    pub(super) fn new(lines: &str) -> Self {
        let mut ids = [HashMap::new(), HashMap::new()];
        for (id, line) in (0..=u16::MAX).zip(lines.lines()) {
            match line.strip_prefix("##") {
                Some(further) if !further.is_empty() => ids[1].insert(further.into(), id),
                _ => ids[0].insert(line.into(), id),
            };
        }
        Self { ids }
    }

    /// The tokens in a range of a text, which is on character boundaries.
    pub(super) fn tokens(&self, text: &str, within: Range<usize>) -> Vec<Token> {
        let mut found: Vec<Token> = Vec::new();
        for range in ranges(text, within) {
            let before = found.last().filter(|token| token.range.end == range.start);
            let before = before.map_or("", |token| &text[token.range.clone()]);
            let token = &text[range.clone()];
            found.push(Token { shape: shape(token, before), pieces: self.pieces(token), range });
        }
        found
    }

    fn pieces(&self, token: &str) -> Vec<u16> {
        let folded: String =
            token.to_lowercase().nfd().filter(|character| !is_combining_mark(*character)).collect();
        if folded.is_empty() || folded.chars().count() > TOKEN_CHARACTERS_MAX {
            return vec![UNKNOWN];
        }
        let (mut found, mut start) = (Vec::with_capacity(3), 0);
        while start < folded.len() {
            let known = &self.ids[usize::from(start > 0)];
            let mut ends = (start + 1..=folded.len()).rev().filter(|end| folded.is_char_boundary(*end));
            let longest = ends.find_map(|end| known.get(&folded[start..end]).map(|id| (*id, end)));
            let Some((id, end)) = longest else { return vec![UNKNOWN] };
            found.push(id);
            start = end;
        }
        found
    }
}

/// Where the tokens are.
fn ranges(text: &str, within: Range<usize>) -> Vec<Range<usize>> {
    let (mut found, mut run) = (Vec::new(), None);
    let from = within.start;
    for (at, character) in text[within.clone()].char_indices() {
        let (at, alone) = (from + at, is_sign(character) || is_ideograph(character));
        if !alone && !character.is_whitespace() {
            run.get_or_insert(at);
            continue;
        }
        found.extend(run.take().map(|start| start..at));
        if alone {
            found.push(at..at + character.len_utf8());
        }
    }
    found.extend(run.map(|start| start..within.end));
    found
}

fn shape(token: &str, before: &str) -> Shape {
    let is_digit = |character: char| character.is_numeric();
    let capitals = token.chars().filter(|character| character.is_uppercase()).count();
    let smalls = token.chars().filter(|character| character.is_lowercase()).count();
    let characters = token.chars().count();
    let first_is_capital = token.starts_with(char::is_uppercase);
    match before {
        "@" => Shape::Handle,
        "#" => Shape::Hashtag,
        _ if token.starts_with(is_sign) => Shape::Sign,
        _ if token.chars().all(is_digit) => Shape::Digits,
        _ if token.contains(is_digit) => Shape::Mixed,
        _ if smalls == characters => Shape::Lower,
        _ if smalls + capitals == 0 => Shape::Other,
        _ if characters == 1 => Shape::Initial,
        _ if capitals == characters => Shape::Capitals,
        _ if capitals == 0 => Shape::Lower,
        _ if first_is_capital && capitals == 1 => Shape::Capitalised,
        _ if first_is_capital => Shape::CapitalInner,
        _ => Shape::Inner,
    }
}

/// A sign is a token by itself: those of ASCII, and the common ones beyond.
fn is_sign(character: char) -> bool {
    character.is_ascii_punctuation()
        || matches!(character,
            '\u{a1}' | '\u{a7}' | '\u{ab}' | '\u{b6}'..='\u{b7}' | '\u{bb}' | '\u{bf}'
            | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{3001}'..='\u{3003}'
            | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}')
}

/// Chinese characters are tokens by themselves too.
fn is_ideograph(character: char) -> bool {
    matches!(character,
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{2ceaf}'
        | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}
