//! The frozen reference: what later texts are held against.

use std::collections::HashMap;

use super::SAMPLE_TOKENS_MAX;
use super::sample::{Sample, word_hashes};
use crate::dedup::normalise;
use crate::layout::sha256_hex;

/// A word is rare if the reference has it at most so often.
const TAIL_COUNT_MAX: u32 = 8;
/// A word is one of the reference's only if so many different texts have it: a word of one person stays theirs, and
/// a slip of the pen is no word.
const TEXTS_MIN: u32 = 2;
/// Most tokens of the held-out text that perplexity is taken on.
pub(super) const HELD_OUT_TOKENS_MAX: usize = 8_192;

/// The rare words of a frozen text, as hashes, and the text itself (as hashes) where the operator gave one.
#[derive(Clone, PartialEq, Eq)]
pub struct Reference {
    /// Sorted.
    tail: Vec<u64>,
    held_out: Option<Vec<Vec<u64>>>,
    digest: String,
}

impl Reference {
    /// The rare words of some texts. Give what one conversation holds as one text: a word counts as the language's
    /// once two of them have it. Takes the first [`SAMPLE_TOKENS_MAX`] tokens.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut counts: HashMap<u64, Count> = HashMap::new();
        let mut room = SAMPLE_TOKENS_MAX;
        for (text, number) in texts.into_iter().zip(1..) {
            for hash in word_hashes(&normalise(text)).take(room) {
                counts.entry(hash).or_default().add(number);
                room -= 1;
            }
            if room == 0 {
                break;
            }
        }
        let is_tail = |count: &Count| count.texts >= TEXTS_MIN && count.all <= TAIL_COUNT_MAX;
        let mut tail: Vec<u64> =
            counts.into_iter().filter(|(_, count)| is_tail(count)).map(|(hash, _)| hash).collect();
        tail.sort_unstable();
        Self::of_tail(tail)
    }

    /// The rare words of a text of human writing, one turn on a line, and the text to take perplexity on.
    pub fn of_lines(text: &str) -> Self {
        let held_out = Sample::of(text.lines());
        let turns = held_out.turns(HELD_OUT_TOKENS_MAX).map(<[u64]>::to_vec).collect();
        let digest = sha256_hex(text.as_bytes());
        Self { held_out: Some(turns), digest, ..Self::of(text.lines()) }
    }

    /// Reads what [`Self::to_bytes`] wrote; `None` if it is something else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (words, rest) = bytes.as_chunks::<8>();
        let tail: Vec<u64> = words.iter().map(|word| u64::from_be_bytes(*word)).collect();
        (rest.is_empty() && tail.is_sorted()).then(|| Self::of_tail(tail))
    }

    /// The rare words, hash after hash; without held-out text.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.tail.iter().flat_map(|hash| hash.to_be_bytes()).collect()
    }

    /// SHA-256, hexadecimal: of the text it was read from by [`Self::of_lines`], else of [`Self::to_bytes`].
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Rare words in it.
    pub fn words(&self) -> usize {
        self.tail.len()
    }

    pub(super) fn tail(&self) -> &[u64] {
        &self.tail
    }

    pub(super) fn held_out(&self) -> Option<&[Vec<u64>]> {
        self.held_out.as_deref().filter(|turns| !turns.is_empty())
    }

    fn of_tail(tail: Vec<u64>) -> Self {
        let mut reference = Self { tail, held_out: None, digest: String::new() };
        reference.digest = sha256_hex(&reference.to_bytes());
        reference
    }
}

/// Shows sizes only: hashes of words can be guessed back.
impl std::fmt::Debug for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reference({} words, SHA-256 {})", self.tail.len(), self.digest)
    }
}

#[derive(Default)]
struct Count {
    all: u32,
    texts: u32,
    last_text: u32,
}

impl Count {
    fn add(&mut self, text: u32) {
        self.all += 1;
        self.texts += u32::from(self.last_text != text);
        self.last_text = text;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::Indicator;

    #[test]
    fn a_word_of_one_conversation_is_not_in_the_reference() {
        let reference = Reference::of(["lichen grows, lichen", "moss grows", "moss Zebulon"]);
        assert_eq!(reference.words(), 2);
        assert_eq!(Reference::of(["lichen lichen"]).words(), 0);
    }

    #[test]
    fn frequent_words_are_not_rare() {
        let texts = vec!["the lichen"; 9];
        assert_eq!(Reference::of(texts).words(), 0);
    }

    #[test]
    fn coverage_is_the_share_of_rare_words_met() {
        let reference = Reference::of(["lichen moss fern alga", "lichen moss fern alga"]);
        let measures = Sample::of(["a fern", "some moss"]).measure(100, Some(&reference));
        assert_eq!(measures.values[&Indicator::TailCoverage].value, 0.5);
    }

    #[test]
    fn a_reference_survives_storage() {
        let reference = Reference::of(["lichen moss", "moss lichen"]);
        let again = Reference::from_bytes(&reference.to_bytes()).unwrap();
        assert_eq!((again.words(), again.digest()), (2, reference.digest()));
        assert!(Reference::from_bytes(b"short").is_none());
    }
}
