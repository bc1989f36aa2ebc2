//! What the form of a text says of names, whatever the model thinks: `Mr. Name`, and `Name: ` before lines of a talk.

use std::collections::HashSet;
use std::ops::Range;

use super::lexicon::Known;
use super::mark::{Mention, Names};
use super::tokens::{Class, Token};
use crate::identifier::IdentifierKind;
use crate::overlap::apart;

/// How sure a form is that a word is a name.
const SURE: f32 = 0.97;
/// The most words of a name behind a form of address.
const NAME_WORDS_MAX: usize = 3;
/// What is said of a signature, in lower case.
const SIGNS: [&str; 8] =
    ["sign", "signs", "signed", "signing", "signature", "initials", "initialled", "initialed"];
/// How many words behind that the initials begin.
const SIGN_WORDS_MAX: usize = 5;
/// The most words of what stands before the colon of a line of a talk.
const SPEAKER_WORDS_MAX: usize = 3;
/// Forms of address behind which a name follows, in lower case. Those that are words of their own are not here.
#[rustfmt::skip]
const ADDRESSES: [&str; 41] = [
    "mr", "mrs", "ms", "mx", "dr", "drs", "doctor", "prof", "professor", "rev", "reverend", "capt", "captain", "lt", "sgt", "herr",
    "herrn", "frau", "fräulein", "mme", "mlle", "monsieur", "madame", "señor", "señora", "srta", "signor", "signora", "senhor",
    "senhora", "meneer", "mevrouw", "heer", "dokter", "docteur", "doutor", "doutora", "dottor", "dottoressa", "pani", "panie",
];
/// Words in small letters between a form of address and a surname.
const PARTICLES: [&str; 13] =
    ["van", "von", "de", "der", "den", "ter", "ten", "da", "di", "du", "dos", "la", "le"];
/// The most tokens that they make up, with the mark of `'t`.
const PARTICLES_MAX: usize = 3;

/// Adds initials that somebody signs with: `sign it with S.D.`
pub(super) fn add_signed(text: &str, tokens: &[Token], from: usize, found: &mut Vec<Mention>) {
    let word = |at: usize| tokens.get(at).map_or("", |token| &text[token.range.clone()]);
    let is_initial = |at: usize, first: bool| {
        let free = |token: &Token| token.class == Class::Word && (first || !token.space_before);
        tokens.get(at).is_some_and(free)
            && word(at).chars().count() == 1
            && word(at).chars().all(char::is_alphabetic)
            && word(at + 1) == "."
    };
    for sign in (0..tokens.len()).filter(|at| is_one_of(word(*at), &SIGNS)) {
        let Some(first) = (sign + 1..sign + 1 + SIGN_WORDS_MAX).find(|at| is_initial(*at, true)) else {
            continue;
        };
        let count = (first..).step_by(2).take_while(|at| is_initial(*at, *at == first)).take(4).count();
        if count > 1 {
            // The last full stop may end the sentence.
            let range = tokens[first].range.start..tokens[first + 2 * count - 2].range.end;
            claim(range, IdentifierKind::Person, from, found);
        }
    }
}

/// Takes a range for a name where nothing that was found from a place of the list on reaches into it.
pub(super) fn claim(range: Range<usize>, kind: IdentifierKind, from: usize, found: &mut Vec<Mention>) {
    if found[from..].iter().all(|other| apart(&other.range, &range)) {
        found.push(Mention { range, kind, probability: SURE });
    }
}

/// Adds the names that follow a form of address: `Mr. Baker`.
pub(super) fn add_addressed(
    names: &Names,
    (text, tokens): (&str, &[Token]),
    from: usize,
    found: &mut Vec<Mention>,
) {
    let word = |at: usize| tokens.get(at).map_or("", |token| &text[token.range.clone()]);
    for at in 0..tokens.len() {
        if !is_address(word(at).trim_end_matches('.'), tokens[at].class) {
            continue;
        }
        let first = at + 1 + usize::from(word(at + 1) == "." && !tokens[at + 1].space_before);
        let is_name = |at: usize| {
            tokens[at].lines_before == 0
                && !is_address(word(at), tokens[at].class)
                && names.may_be_named(text, &tokens[at])
        };
        let particle = |at: &usize| matches!(word(*at), "'" | "’" | "t") || PARTICLES.contains(&word(*at));
        let name = first + (first..tokens.len()).take(PARTICLES_MAX).take_while(particle).count();
        let count = (name..tokens.len()).take(NAME_WORDS_MAX).take_while(|at| is_name(*at)).count();
        if count > 0 {
            let range = tokens[first].range.start..tokens[name + count - 1].range.end;
            claim(range, IdentifierKind::Person, from, found);
        }
    }
}

fn is_address(word: &str, class: Class) -> bool {
    matches!(class, Class::Word | Class::Taken) && is_one_of(word, &ADDRESSES)
}

/// Whether a word, in letters of any size, is one of these; asked of every word of a text, so that it makes no copy of
/// those in ASCII.
fn is_one_of(word: &str, words: &[&str]) -> bool {
    match word.is_ascii() {
        true => words.iter().any(|other| word.eq_ignore_ascii_case(other)),
        false => words.contains(&word.to_lowercase().as_str()),
    }
}

/// Whoever speaks in lines of a talk in which the model knows one of the speakers: `Ella: hello`. What was found is
/// sorted.
pub(super) fn speakers(names: &Names, text: &str, tokens: &[Token], found: &[Mention]) -> Vec<Mention> {
    let speaks = |mention: &&Mention| {
        mention.kind == IdentifierKind::Person && text[mention.range.end..].starts_with(':')
    };
    let known: HashSet<usize> = found.iter().filter(speaks).map(|mention| mention.range.start).collect();
    if known.is_empty() {
        return Vec::new();
    }
    let labels: Vec<Range<usize>> = labels(text, tokens).collect();
    if !labels.iter().any(|label| known.contains(&tokens[label.start].range.start)) {
        return Vec::new();
    }
    let is_free = |range: &Range<usize>| {
        let before = found.partition_point(|mention| mention.range.end <= range.start);
        found.get(before).is_none_or(|next| next.range.start >= range.end)
    };
    let named =
        labels.into_iter().filter(|label| label.clone().all(|at| names.may_be_named(text, &tokens[at])));
    named
        .map(|label| tokens[label.start].range.start..tokens[label.end - 1].range.end)
        .filter(is_free)
        .map(|range| Mention { range, kind: IdentifierKind::Person, probability: SURE })
        .collect()
}

/// The words before the colon of each line, as ranges of tokens.
fn labels<'t>(text: &'t str, tokens: &'t [Token]) -> impl Iterator<Item = Range<usize>> + 't {
    let begins = |at: &usize| tokens[*at].lines_before > 0 && tokens[*at].class == Class::Word;
    (0..tokens.len()).filter(begins).filter_map(|start| {
        let words = tokens[start..].iter().take(SPEAKER_WORDS_MAX);
        let on_line = |(place, token): (usize, &Token)| {
            token.class == Class::Word && (place == 0 || token.lines_before == 0)
        };
        let count = words.enumerate().take_while(|pair| on_line(*pair)).count();
        let colon = tokens.get(start + count)?;
        let talks = text[colon.range.clone()] == *":"
            && !colon.space_before
            && tokens.get(start + count + 1).is_some_and(|next| next.space_before);
        talks.then_some(start..start + count)
    })
}

impl Names {
    /// Whether a token may be a name where the form of a text says that one stands there: written with a capital, and
    /// no everyday word that nobody is called by.
    fn may_be_named(&self, text: &str, token: &Token) -> bool {
        let word = &text[token.range.clone()];
        let known = self.known(word);
        let is_word = known.is(Known::TERM) || known.is_plain_word() && known.is(Known::FREQUENT);
        token.class == Class::Word
            && word.chars().next().is_some_and(char::is_uppercase)
            && word.chars().count() > 1
            && (!is_word || known.is(Known::GIVEN))
    }
}

#[cfg(test)]
mod tests {
    use super::super::mark::tests::people_in;
    use super::super::tokens::tokens;
    use super::*;

    #[test]
    fn whoever_is_addressed_or_speaks_is_a_person() {
        let names = Names::built_in().unwrap();
        let spoken = |text: &str| {
            let tokens = tokens(text, &[]);
            let mut found = people_in(text, &["Ella"][..usize::from(text.contains("Ella"))]);
            add_addressed(names, (text, &tokens), 0, &mut found);
            found.extend(speakers(names, text, &tokens, &found));
            found.sort_by_key(|mention| mention.range.start);
            found.into_iter().map(|mention| text[mention.range].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(spoken("Mr. Qwzeplička flew; ask Frau Xrtel."), ["Qwzeplička", "Xrtel"]);
        assert_eq!(spoken("als meneer van 't Welzq of señora Qwxyz weigert"), ["van 't Welzq", "Qwxyz"]);
        assert_eq!(spoken("Doctor Who, Mr\nAnd Dr. the"), [""; 0]);
        let signed_by = |text: &str| {
            let mut found = Vec::new();
            add_signed(text, &tokens(text, &[]), 0, &mut found);
            found.into_iter().map(|mention| text[mention.range].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(signed_by("make it short and sign it with s.d.\n\nSigned, A.B.C."), ["s.d", "A.B.C"]);
        assert_eq!(signed_by("Signed with initials A.B. only"), ["A.B"]);
        assert_eq!(signed_by("sign it on page 3. U.S. law says so"), [""; 0]);
        let (text, mut found) = ("sign x.M.", Vec::new());
        add_signed(text, &tokens(text, std::slice::from_ref(&(7..8))), 0, &mut found);
        assert_eq!(found.len(), 0, "a letter that is taken is no initial");
        assert_eq!(spoken("Ella: hi\nXozty: hello\nNote: they left"), ["Ella", "Xozty"]);
        assert_eq!(spoken("Xozty: hello\nNote: they left"), [""; 0]);
    }
}
