//! The closed lists that comparison needs: courtesy, negation, number words, words that only look alike.
//!
//! Everything open (names, ordinary words) is judged by use, not by list. The lists are ours, in the folded
//! spelling, for the languages that people write to assistants most. A missing entry errs towards keeping
//! two turns apart.

use self::lists::{CLOSERS, LOOKALIKES, NEGATIONS, OPENERS, QUANTITIES};
use super::fold::FoldedMessage;

mod lists;

/// Words of a phrase at most; in Chinese or Japanese, characters.
const PHRASE_WORDS_MAX: usize = 10;

/// The words that remain when greetings, courtesy and filler at both ends are left out, as a range. A message
/// of nothing else remains whole: `thanks` is not the empty turn.
pub(super) fn core(message: &FoldedMessage<'_>) -> (usize, usize) {
    let count = message.words.len();
    let mut from = 0;
    while let Some(taken) = phrase_at_start(message, from) {
        from += taken;
    }
    let mut to = count;
    while to > from {
        let Some(taken) = phrase_at_end(message, from, to) else { break };
        to -= taken;
    }
    if from >= to { (0, count) } else { (from, to) }
}

fn phrase_at_start(message: &FoldedMessage<'_>, from: usize) -> Option<usize> {
    let longest = PHRASE_WORDS_MAX.min(message.words.len().saturating_sub(from));
    if longest == 0 || !OPENER_FIRSTS.may_hold(message.word(from)) {
        return None;
    }
    (1..=longest).rev().find(|&taken| OPENER.holds(message.slice(from, from + taken)))
}

fn phrase_at_end(message: &FoldedMessage<'_>, from: usize, to: usize) -> Option<usize> {
    let longest = PHRASE_WORDS_MAX.min(to - from);
    let last = message.word(to - 1);
    if last.chars().all(|c| ('\u{2600}'..='\u{1FAFF}').contains(&c) && !c.is_alphanumeric()) {
        return Some(1);
    }
    if !CLOSER_LASTS.may_hold(last) {
        return None;
    }
    (1..=longest).rev().find(|&taken| CLOSER.holds(message.slice(to - taken, to)))
}

static OPENER: List = List::of(OPENERS);
static CLOSER: List = List::of(CLOSERS);
static NEGATION: List = List::of(NEGATIONS);
static QUANTITY: List = List::of(QUANTITIES);
static LOOKALIKE: List = List::of(LOOKALIKES);
static OPENER_FIRSTS: Filter = Filter::of(OPENERS, Part::First);
static CLOSER_LASTS: Filter = Filter::of(CLOSERS, Part::Last);

/// A sorted list behind a filter that turns most words away without a search.
struct List {
    entries: &'static [&'static str],
    filter: Filter,
}

impl List {
    const fn of(entries: &'static [&'static str]) -> Self {
        Self { entries, filter: Filter::of(entries, Part::Whole) }
    }

    fn holds(&self, phrase: &str) -> bool {
        self.filter.may_hold(phrase) && self.entries.binary_search(&phrase).is_ok()
    }
}

/// Which part of an entry a filter knows. In scripts without spaces that is the first or last character.
#[derive(Clone, Copy)]
enum Part {
    Whole,
    First,
    Last,
}

/// A bit for each combination of first byte, last byte and length; made at compile time.
struct Filter([u64; FILTER_WORDS]);

const FILTER_WORDS: usize = 64;

impl Filter {
    const fn of(entries: &[&str], part: Part) -> Self {
        let mut bits = [0; FILTER_WORDS];
        let mut at = 0;
        while at < entries.len() {
            let entry = entries[at].as_bytes();
            let (from, to) = match part {
                Part::Whole => (0, entry.len()),
                Part::First => (0, first_word_end(entry)),
                Part::Last => (last_word_start(entry), entry.len()),
            };
            let bit = Self::bit(entry[from], entry[to - 1], to - from);
            bits[bit / 64] |= 1 << (bit % 64);
            at += 1;
        }
        Self(bits)
    }

    const fn bit(first: u8, last: u8, length: usize) -> usize {
        (first as usize * 37 + last as usize * 5 + length * 641) % (FILTER_WORDS * 64)
    }

    #[inline]
    fn may_hold(&self, word: &str) -> bool {
        let [first, .., last] = word.as_bytes() else {
            return word.bytes().next().is_some_and(|only| self.has(Self::bit(only, only, 1)));
        };
        self.has(Self::bit(*first, *last, word.len()))
    }

    #[inline]
    fn has(&self, bit: usize) -> bool {
        self.0[bit / 64] >> (bit % 64) & 1 == 1
    }
}

/// Length of the UTF-8 sequence that starts with this byte.
const fn sequence_length(first: u8) -> usize {
    match first {
        0..0xC0 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    }
}

/// Where the first word ends: at a space, or after one character in a script of East or South-East Asia.
const fn first_word_end(entry: &[u8]) -> usize {
    if stands_alone(entry, 0) {
        return sequence_length(entry[0]);
    }
    let mut at = 0;
    while at < entry.len() && entry[at] != b' ' {
        at += 1;
    }
    at
}

const fn last_word_start(entry: &[u8]) -> usize {
    let mut at = entry.len() - 1;
    while entry[at] & 0xC0 == 0x80 {
        at -= 1;
    }
    if stands_alone(entry, at) {
        return at;
    }
    while at > 0 && entry[at - 1] != b' ' {
        at -= 1;
    }
    at
}

/// Agrees with how folding cuts words, on the characters that the lists hold.
const fn stands_alone(entry: &[u8], at: usize) -> bool {
    let is_south_east = entry[at] == 0xE0 && entry[at + 1] >= 0xB8;
    let is_east = matches!(entry[at], 0xE3..=0xE9) && !(entry[at] == 0xE3 && entry[at + 1] < 0x81);
    is_south_east || is_east
}

/// Whether a word negates or affirms.
pub(super) fn is_negation(word: &str) -> bool {
    NEGATION.holds(word)
}

/// Whether a word is or holds a number, a date, a time or a unit.
pub(super) fn is_quantity(word: &str) -> bool {
    word.chars().any(char::is_numeric) || QUANTITY.holds(word)
}

/// Whether a word is known to be real although others differ from it by one letter.
pub(super) fn is_lookalike(word: &str) -> bool {
    LOOKALIKE.holds(word)
}

#[cfg(test)]
mod tests {
    use super::super::fold::{Folded, normalise};
    use super::*;
    use candor_conversation::Message;

    fn core_of(text: &str) -> String {
        let folded = Folded::new(&[Message { role: "user".into(), content: text.into() }]);
        let message = folded.messages().next().unwrap();
        message.slice(message.core.0, message.core.1).to_owned()
    }

    #[test]
    fn lists_are_sorted_folded_and_short_enough() {
        for list in [OPENERS, CLOSERS, NEGATIONS, QUANTITIES, LOOKALIKES] {
            assert!(list.is_sorted());
            for entry in list {
                assert_eq!(normalise(entry), *entry);
                let folded = Folded::new(&[Message { role: "user".into(), content: (*entry).into() }]);
                assert!(folded.messages().next().unwrap().words.len() <= PHRASE_WORDS_MAX, "{entry}");
            }
        }
    }

    #[test]
    fn every_entry_is_found_as_folding_cuts_it() {
        for (list, is_opener) in [(OPENERS, true), (CLOSERS, false)] {
            for entry in list {
                let text = if is_opener { format!("{entry} Q9 x") } else { format!("x Q9 {entry}") };
                assert_eq!(core_of(&text), if is_opener { "q9 x" } else { "x q9" }, "{entry}");
            }
        }
        assert!(NEGATIONS.iter().all(|word| is_negation(word)));
        assert!(QUANTITIES.iter().all(|word| is_quantity(word)));
        assert!(LOOKALIKES.iter().all(|word| is_lookalike(word)));
    }

    #[test]
    fn courtesy_never_negates_or_counts() {
        for phrase in OPENERS.iter().chain(CLOSERS) {
            let allowed = ["no worries", "no rush", "no hurry", "if its not too much trouble"];
            let spoken =
                phrase.split(' ').any(|word| ["no", "not", "never", "yes", "two", "ten"].contains(&word));
            assert!(!spoken || allowed.contains(phrase), "{phrase}");
        }
    }

    #[test]
    fn courtesy_at_the_ends_is_left_out() {
        assert_eq!(core_of("Hey, where is the station? Thanks!"), "where is the station");
        assert_eq!(core_of("um, ok so where is it asap"), "where is it");
        assert_eq!(core_of("Question: by the way, where is it 😀"), "where is it");
        assert_eq!(core_of("S'il vous plaît, où est la gare"), "où est la gare");
        assert_eq!(core_of("请问车站在哪里谢谢"), "车站在哪里");
    }

    #[test]
    fn what_is_said_stays() {
        assert_eq!(core_of("thanks"), "thanks");
        assert_eq!(core_of("No, thanks"), "no");
        assert_eq!(core_of("Yes, please"), "yes");
        assert_eq!(core_of("where is it tomorrow"), "where is it tomorrow");
    }
}
