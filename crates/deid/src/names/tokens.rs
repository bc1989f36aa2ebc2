//! Words, numbers and marks of a text, and where its sentences end.

use std::ops::Range;

/// The most tokens of a sentence; a longer one is cut.
pub const SENTENCE_TOKENS_MAX: usize = 160;

/// What a token is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Letters.
    Word,
    /// Digits.
    Number,
    /// One other character that is no white space.
    Mark,
    /// A placeholder, or a stretch that holds an identifier already found.
    Taken,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where it stands, in bytes.
    pub range: Range<usize>,
    /// What it is made of.
    pub class: Class,
    /// White space stands before it, or nothing.
    pub space_before: bool,
    /// How many line breaks stand before it, at most 2.
    pub lines_before: u8,
}

/// The tokens of a text. Each of `taken`, which are sorted and disjoint, is one token.
pub fn tokens(text: &str, taken: &[Range<usize>]) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::with_capacity(text.len() / 4);
    let mut taken = taken.iter().peekable();
    let (mut space, mut lines) = (true, 2);
    let mut at = 0;
    while at < text.len() {
        let (class, end) = match taken.peek() {
            Some(next) if next.start <= at => {
                let end = next.end.max(at + 1);
                taken.next();
                (Class::Taken, end)
            }
            next => {
                let limit = next.map_or(text.len(), |next| next.start);
                let (class, length) = first(&text[at..limit]);
                match class {
                    Some(class) => (class, at + length),
                    None => {
                        lines = (lines + u8::from(text.as_bytes()[at] == b'\n')).min(2);
                        space = true;
                        at += length;
                        continue;
                    }
                }
            }
        };
        let end = text.ceil_char_boundary(end);
        found.push(Token { range: at..end, class, space_before: space, lines_before: lines });
        (space, lines) = (false, 0);
        at = end;
    }
    found
}

/// The class of the first token and its length in bytes; no class for white space.
fn first(text: &str) -> (Option<Class>, usize) {
    let bytes = text.as_bytes();
    let run = |accept: fn(u8) -> bool| bytes.iter().take_while(|byte| accept(**byte)).count();
    match bytes[0] {
        b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => (None, 1),
        b'0'..=b'9' => (Some(Class::Number), run(|byte| byte.is_ascii_digit())),
        byte if byte.is_ascii_alphabetic() => {
            let ascii = run(|byte| byte.is_ascii_alphabetic());
            match bytes.get(ascii) {
                Some(0x80..) => (Some(Class::Word), letters(text)),
                _ => (Some(Class::Word), ascii),
            }
        }
        0..=0x7f => (Some(Class::Mark), 1),
        _ => {
            let c = text.chars().next().unwrap_or(' ');
            match () {
                () if c.is_whitespace() => (None, c.len_utf8()),
                () if c.is_alphabetic() => (Some(Class::Word), letters(text)),
                () => (Some(Class::Mark), c.len_utf8()),
            }
        }
    }
}

fn letters(text: &str) -> usize {
    let is_part = |c: char| c.is_alphabetic() || matches!(c, '\u{300}'..='\u{36f}');
    text.find(|c| !is_part(c)).unwrap_or(text.len())
}

/// Words after which a full stop ends no sentence.
const ABBREVIATIONS: [&str; 36] = [
    "mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "vs", "etc", "no", "inc", "co", "ltd", "corp", "ave",
    "rd", "blvd", "apt", "gen", "col", "capt", "lt", "sgt", "rev", "hon", "gov", "sen", "rep", "dept", "fig",
    "al", "eg", "ie", "hr", "frau",
];

/// The sentences of a text, as ranges of its tokens: each token is in exactly one.
///
/// A sentence ends behind `.`, `!` or `?` before white space and a capital, a digit or a mark, and at a blank line.
/// A single line break ends none: addresses and signatures go over several lines.
pub fn sentences(text: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    for at in 1..tokens.len() {
        if at - from >= SENTENCE_TOKENS_MAX || ends_before(text, tokens, at) {
            found.push(from..at);
            from = at;
        }
    }
    if from < tokens.len() {
        found.push(from..tokens.len());
    }
    found
}

fn ends_before(text: &str, tokens: &[Token], at: usize) -> bool {
    let (last, next) = (&tokens[at - 1], &tokens[at]);
    if next.lines_before >= 2 {
        return true;
    }
    if !next.space_before || last.class != Class::Mark {
        return false;
    }
    let mark = text.as_bytes()[last.range.start];
    if !matches!(mark, b'.' | b'!' | b'?') {
        return false;
    }
    let opens = match next.class {
        Class::Word => text[next.range.clone()].chars().next().is_some_and(|c| !c.is_lowercase()),
        Class::Number | Class::Taken | Class::Mark => true,
    };
    opens && !(mark == b'.' && at >= 2 && is_abbreviation(text, &tokens[at - 2]))
}

fn is_abbreviation(text: &str, token: &Token) -> bool {
    let word = &text[token.range.clone()];
    token.class == Class::Word
        && (word.chars().count() == 1
            || word.len() <= 4 && ABBREVIATIONS.contains(&word.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(text: &str) -> Vec<Vec<&str>> {
        let tokens = tokens(text, &[]);
        let word = |token: &Token| &text[token.range.clone()];
        sentences(text, &tokens).into_iter().map(|range| tokens[range].iter().map(word).collect()).collect()
    }

    #[test]
    fn sentences_end_behind_marks_and_not_behind_titles() {
        assert_eq!(
            cut("I met Dr. O'Neil. He's 42!\nOk"),
            [vec!["I", "met", "Dr", ".", "O", "'", "Neil", "."], vec!["He", "'", "s", "42", "!"], vec!["Ok"]]
        );
        assert_eq!(cut("Ada Byron\n12 Elm St\n\nHello").len(), 2);
    }

    proptest! {
        #[test]
        fn tokens_cover_all_but_white_space_and_sentences_all_tokens(text in "[a-cA-C1-3é .!?\n\u{300}漢\u{a0}-]{0,60}") {
            let tokens = tokens(&text, &[]);
            let mut from = 0;
            for token in &tokens {
                prop_assert!(text[from..token.range.start].chars().all(char::is_whitespace));
                prop_assert!(token.range.start < token.range.end);
                from = token.range.end;
            }
            prop_assert!(text[from..].chars().all(char::is_whitespace));
            let sentences = sentences(&text, &tokens);
            let joined: Vec<usize> = sentences.into_iter().flatten().collect();
            prop_assert_eq!(joined, (0..tokens.len()).collect::<Vec<_>>());
        }
    }
}
