//! What the form of a text says of names, whatever the model thinks: `Mr. Name`, `Name: ` in front of each line of a
//! talk, initials inside a name, `Surname, Given`.

use std::collections::HashSet;
use std::ops::Range;

use super::lexicon::Known;
use super::mark::{Mention, Names};
use super::tokens::{Class, Token};
use crate::identifier::IdentifierKind;

/// How sure a form is that a word is a name.
const SURE: f32 = 0.97;
/// The most words of a name behind a form of address.
const NAME_WORDS_MAX: usize = 3;
/// The most words of what stands before the colon of a line of a talk.
const SPEAKER_WORDS_MAX: usize = 3;
/// Forms of address behind which a name follows, in lower case. Those that are words of their own are not here.
#[rustfmt::skip]
const ADDRESSES: [&str; 30] = [
    "mr", "mrs", "ms", "mx", "dr", "drs", "doctor", "prof", "professor", "rev", "reverend", "capt", "captain", "lt", "sgt", "herr",
    "herrn", "frau", "fräulein", "mme", "mlle", "monsieur", "madame", "señor", "señora", "srta", "signor", "signora", "senhor",
    "senhora",
];
/// Offices and ranks that stand before a name and are no part of it, in lower case.
#[rustfmt::skip]
const OFFICES: [&str; 24] = [
    "president", "senator", "congressman", "congresswoman", "governor", "mayor", "minister", "chancellor", "ambassador", "judge",
    "justice", "king", "queen", "prince", "princess", "pope", "sheikh", "imam", "rabbi", "ayatollah", "general", "colonel",
    "lieutenant", "sergeant",
];

/// The names that follow a form of address, outside what was found: `Mr. Baker`.
pub(super) fn addressed(names: &Names, text: &str, tokens: &[Token], found: &[Mention]) -> Vec<Mention> {
    let mut more = Vec::new();
    let word = |at: usize| tokens.get(at).map_or("", |token| &text[token.range.clone()]);
    for at in 0..tokens.len() {
        if !is_address(word(at).trim_end_matches('.'), tokens[at].class) {
            continue;
        }
        let from = at + 1 + usize::from(word(at + 1) == "." && !tokens[at + 1].space_before);
        let is_name = |at: usize| {
            tokens[at].lines_before == 0
                && !is_address(word(at), tokens[at].class)
                && names.may_be_named(text, &tokens[at])
        };
        let count = (from..tokens.len()).take(NAME_WORDS_MAX).take_while(|at| is_name(*at)).count();
        if count > 0 {
            let range = tokens[from].range.start..tokens[from + count - 1].range.end;
            let free = |other: &Mention| other.range.end <= range.start || range.end <= other.range.start;
            if found.iter().chain(more.last()).all(free) {
                more.push(Mention { range, kind: IdentifierKind::Person, probability: SURE });
            }
        }
    }
    more
}

fn is_address(word: &str, class: Class) -> bool {
    matches!(class, Class::Word | Class::Taken)
        && word.chars().next().is_some_and(char::is_uppercase)
        && word.len() <= 10
        && ADDRESSES.contains(&word.to_lowercase().as_str())
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

/// Brings the ends of people's names to where the name begins and ends: initials belong to it, offices do not, and a
/// surname written first is the same person's. Mentions are sorted.
pub(super) fn settle(text: &str, found: &mut Vec<Mention>) {
    let mut settled: Vec<Mention> = Vec::with_capacity(found.len());
    for mut mention in found.drain(..) {
        if mention.kind == IdentifierKind::Person {
            mention.range.start += office_bytes(&text[mention.range.clone()]);
            let free = settled.last().map_or(0, |last| last.range.end);
            mention.range.start = initials_start(text, free, &mention.range);
            if let Some(last) = settled.last_mut().filter(|last| is_one_person(text, last, &mention)) {
                last.range.end = mention.range.end;
                last.probability = last.probability.max(mention.probability);
                continue;
            }
        }
        if mention.kind == IdentifierKind::Address {
            let free = settled.last().map_or(0, |last| last.range.end);
            mention.range.start = house_number_start(text, free, mention.range.start);
        }
        settled.push(mention);
    }
    *found = settled;
}

/// Where an address begins whose street begins at `start`: at the number and the word for a street before it.
fn house_number_start(text: &str, free: usize, start: usize) -> usize {
    let before = text.get(free..start).unwrap_or_default();
    let street = ["ul. ", "Ul. ", "ul ", "al. ", "st. ", "St. "];
    let rest = street.iter().find_map(|word| before.strip_suffix(word)).unwrap_or(before);
    let Some(line) = rest.strip_suffix(' ') else { return start };
    let digits = line.len() - line.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let number = line.len() - digits;
    let stands_alone = line[..number].chars().next_back().is_none_or(|c| matches!(c, '\n' | ' ' | ','));
    match (1..=5).contains(&digits) && stands_alone {
        true => free + number,
        false => free + rest.len(),
    }
}

/// How many bytes of a name an office in front of it takes; 0 without one.
fn office_bytes(name: &str) -> usize {
    let first = name.find(char::is_whitespace).unwrap_or(name.len());
    let is_office = OFFICES.contains(&name[..first].to_lowercase().as_str());
    let rest = name[first..].trim_start();
    if is_office && !rest.is_empty() { name.len() - rest.len() } else { 0 }
}

/// Where a name of several words begins with the initials in front of it: `A. J. ` of `A. J. Noel Kramer`.
fn initials_start(text: &str, free: usize, name: &Range<usize>) -> usize {
    let mut start = name.start;
    while text[name.clone()].contains(' ') {
        let Some(rest) = text.get(free..start).and_then(|before| before.strip_suffix(". ")) else { break };
        let Some(initial) = rest.chars().next_back().filter(|c| c.is_uppercase()) else { break };
        let rest = &rest[..rest.len() - initial.len_utf8()];
        if rest.chars().next_back().is_some_and(|c| !c.is_whitespace()) {
            break;
        }
        start = free + rest.len();
    }
    start
}

/// Whether two mentions are one name: cut at an initial, or turned round between marks as mail programs write it.
fn is_one_person(text: &str, first: &Mention, second: &Mention) -> bool {
    if first.kind != IdentifierKind::Person || second.range.start < first.range.end {
        return false;
    }
    let name = &text[first.range.clone()];
    match &text[first.range.end..second.range.start] {
        ". " => {
            let mut last = name.chars().rev();
            last.next().is_some_and(char::is_uppercase) && last.next() == Some(' ')
        }
        ", " => {
            let opens = text[..first.range.start].ends_with('"');
            let behind = &text[second.range.end..];
            !name.contains(' ') && (opens && behind.starts_with('"') || behind.starts_with(" <"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    fn found(text: &str, people: &[&str]) -> Vec<Mention> {
        let mention = |name: &&str| {
            let start = text.find(*name).unwrap();
            let range = start..start + name.len();
            Mention { range, kind: IdentifierKind::Person, probability: 0.9 }
        };
        people.iter().map(mention).collect()
    }

    fn settled<'t>(text: &'t str, people: &[&str]) -> Vec<&'t str> {
        let mut found = found(text, people);
        settle(text, &mut found);
        found.into_iter().map(|mention| &text[mention.range]).collect()
    }

    #[test]
    fn initials_belong_to_a_name_and_offices_do_not() {
        assert_eq!(settled("to Marlene D. Hilliard,", &["Marlene D", "Hilliard"]), ["Marlene D. Hilliard"]);
        assert_eq!(settled("A. J. Noel Kramer", &["Noel Kramer"]), ["A. J. Noel Kramer"]);
        assert_eq!(settled("see plan A. Noel", &["Noel"]), ["Noel"]);
        assert_eq!(settled("President Ada Byron", &["President Ada Byron"]), ["Ada Byron"]);
        assert_eq!(settled("I asked King", &["King"]), ["King"]);
    }

    #[test]
    fn a_surname_written_first_is_the_same_person_and_a_list_is_not() {
        assert_eq!(settled("\"Byron, Ada\" wrote", &["Byron", "Ada"]), ["Byron, Ada"]);
        assert_eq!(settled("Byron, Ada <ada@x.org>", &["Byron", "Ada"]), ["Byron, Ada"]);
        assert_eq!(settled("Byron, Ada and I", &["Byron", "Ada"]), ["Byron", "Ada"]);
    }

    #[test]
    fn a_house_number_belongs_to_its_street() {
        let start = |text: &str, street: &str| house_number_start(text, 0, text.find(street).unwrap());
        assert_eq!(start("Box\n3037 ul. Dolna 73", "Dolna"), 4);
        assert_eq!(start("19902 Dobra 13", "Dobra"), 0);
        assert_eq!(start("in v1.19902 Dobra 13", "Dobra"), 12);
        assert_eq!(start("at ul. Dolna 73", "Dolna"), 3);
    }

    #[test]
    fn whoever_is_addressed_or_speaks_is_a_person() {
        let names = Names::built_in().unwrap();
        let spoken = |text: &str| {
            let tokens = tokens(text, &[]);
            let mut found = found(text, &["Ella"][..usize::from(text.contains("Ella"))]);
            found.extend(addressed(names, text, &tokens, &found));
            found.extend(speakers(names, text, &tokens, &found));
            found.sort_by_key(|mention| mention.range.start);
            found.into_iter().map(|mention| text[mention.range].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(spoken("Mr. Qwzeplička flew; ask Frau Xrtel."), ["Qwzeplička", "Xrtel"]);
        assert_eq!(spoken("Doctor Who, Mr\nAnd Dr. the"), [""; 0]);
        assert_eq!(spoken("Ella: hi\nXozty: hello\nNote: they left"), ["Ella", "Xozty"]);
        assert_eq!(spoken("Xozty: hello\nNote: they left"), [""; 0]);
    }
}
