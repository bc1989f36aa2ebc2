//! Exact search for values that were replaced, by keyed digests of their words.
//!
//! A value is known by the words it is made of, in lower case and without what separates them, so that
//! `Ada@Lovelace.org` is found as `ada lovelace org`; and, where it has seven digits or more, by its digits alone. This
//! shares nothing with how the engine spells identifiers: a mistake there is not made here again.

use std::collections::{BTreeMap, HashMap};

use candor_deid::IdentifierKind;

use crate::dedup::keyed::sip;

/// The most words of a value that are compared; of longer ones, these first.
const WORDS_MAX: usize = 12;
/// The fewest letters and digits that make a value worth a search: less is met by chance.
const CHARACTERS_MIN: usize = 5;
/// The fewest digits that are searched without their separators.
const DIGITS_MIN: usize = 7;
/// The most runs of digits that one number may be written in.
const DIGIT_RUNS_MAX: usize = 8;

/// A value that was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Removed {
    digest: u64,
    /// Words that the digest is over; 0: the digits alone.
    words: u8,
    kind: IdentifierKind,
}

/// The digests of a value. None for what says little: dates, ages, forms of address, groups, and short values.
pub fn removed(key: [u64; 2], kind: IdentifierKind, covered: &str) -> Vec<Removed> {
    if matches!(
        kind,
        IdentifierKind::Date | IdentifierKind::Age | IdentifierKind::Title | IdentifierKind::Group
    ) {
        return Vec::new();
    }
    let words = words(key, covered);
    let characters: usize = words.iter().map(|word| word.characters).sum();
    if characters < CHARACTERS_MIN {
        return Vec::new();
    }
    let first = &words[..words.len().min(WORDS_MAX)];
    let mut found = vec![Removed { digest: joined(key, first), words: first.len() as u8, kind }];
    let digits: Vec<u8> = covered.bytes().filter(u8::is_ascii_digit).collect();
    let letters = covered.chars().any(char::is_alphabetic);
    if digits.len() >= DIGITS_MIN && !letters {
        found.push(Removed { digest: hash(key, &digits), words: 0, kind });
    }
    found
}

/// The values that still stand in a text, each once, by kind.
pub fn surviving(key: [u64; 2], removed: &[Removed], text: &str) -> BTreeMap<IdentifierKind, u64> {
    let mut found = BTreeMap::new();
    if removed.is_empty() {
        return found;
    }
    let words = words(key, text);
    let mut wanted: HashMap<(u8, u64), (IdentifierKind, bool)> = HashMap::new();
    for value in removed {
        wanted.entry((value.words, value.digest)).or_insert((value.kind, false));
    }
    let mut lengths: Vec<u8> = removed.iter().map(|value| value.words).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let mut meet = |length: u8, digest: u64| {
        if let Some((kind, met @ false)) = wanted.get_mut(&(length, digest)) {
            *met = true;
            *found.entry(*kind).or_default() += 1;
        }
    };
    for length in lengths {
        if length == 0 {
            runs_of_digits(key, text, &words).for_each(|digest| meet(0, digest));
        } else {
            words.windows(length.into()).for_each(|window| meet(length, joined(key, window)));
        }
    }
    found
}

/// A word of a text.
struct Word {
    digest: u64,
    characters: usize,
    /// Where it stands, if it is made of digits.
    digits: Option<(usize, usize)>,
}

fn words(key: [u64; 2], text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        let lower = word.to_lowercase();
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        words.push(Word {
            digest: hash(key, lower.as_bytes()),
            characters: word.chars().count(),
            digits: is_number.then_some((start, start + word.len())),
        });
    }
    words
}

fn joined(key: [u64; 2], words: &[Word]) -> u64 {
    let mut digests = [0; WORDS_MAX];
    for (place, word) in digests.iter_mut().zip(words) {
        *place = word.digest;
    }
    sip(key, &digests[..words.len()])
}

/// The digests of all runs of digits that are long enough to be one number, however they are grouped.
fn runs_of_digits<'t>(key: [u64; 2], text: &'t str, words: &'t [Word]) -> impl Iterator<Item = u64> + 't {
    (0..words.len()).flat_map(move |from| {
        let mut digits: Vec<u8> = Vec::new();
        let mut digests = Vec::new();
        for word in words[from..].iter().take(DIGIT_RUNS_MAX) {
            let Some((start, end)) = word.digits else { break };
            digits.extend_from_slice(&text.as_bytes()[start..end]);
            if digits.len() >= DIGITS_MIN {
                digests.push(hash(key, &digits));
            }
        }
        digests
    })
}

fn hash(key: [u64; 2], bytes: &[u8]) -> u64 {
    let chunks =
        bytes.chunks(8).map(|chunk| chunk.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)));
    let mut message: Vec<u64> = chunks.collect();
    // So that trailing zero bytes tell.
    message.push(bytes.len() as u64);
    sip(key, &message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: [u64; 2] = [1, 2];

    fn leaks(kind: IdentifierKind, value: &str, text: &str) -> u64 {
        surviving(KEY, &removed(KEY, kind, value), text).values().sum()
    }

    #[test]
    fn a_value_is_found_however_it_is_written() {
        assert_eq!(
            leaks(IdentifierKind::Email, "Ada@Lovelace.org", "so ada@lovelace.ORG, ada@lovelace.org"),
            1
        );
        assert_eq!(leaks(IdentifierKind::Email, "ada@lovelace.org", "ada (lovelace) org"), 1);
        assert!(leaks(IdentifierKind::Phone, "212-736-5000", "call (212) 7365000 or 2127365000") > 0);
        assert_eq!(leaks(IdentifierKind::Phone, "+1 212-736-5000", "[PHONE_1] and 212 736 5001"), 0);
        assert_eq!(leaks(IdentifierKind::Person, "Maria Delgado", "Maria knows Delgado"), 0);
    }

    #[test]
    fn what_says_little_is_not_searched() {
        assert_eq!(removed(KEY, IdentifierKind::Age, "thirty-four years"), []);
        assert_eq!(removed(KEY, IdentifierKind::Person, "May"), []);
        assert!(!removed(KEY, IdentifierKind::Secret, &"x ".repeat(4000)).is_empty());
    }

    proptest! {
        #[test]
        fn a_value_that_stands_in_a_text_is_found(
            before in "[a-z ]{0,40}", value in "[A-Za-z0-9@.-]{5,30}", after in "[a-z ]{0,40}",
        ) {
            let removed = removed(KEY, IdentifierKind::Secret, &value);
            let text = format!("{before} {value} {after}");
            prop_assert_eq!(surviving(KEY, &removed, &text).is_empty(), removed.is_empty());
        }
    }
}
