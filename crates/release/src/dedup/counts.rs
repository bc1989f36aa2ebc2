//! How often words occur, in fixed memory and without a readable word.
//!
//! A count sketch (count-min, Cormode and Muthukrishnan 2005) with keyed hashes. A count is never too small;
//! chance collisions can make it too large, which makes a word look more real, and so a pair more distinct.

use super::{
    fold::Folded,
    keyed::{mix, quick, words},
};

/// Counts the conversations that hold each word, each word with a capital mid-sentence, each message's core.
///
/// Memory is fixed at construction. Adding and merging commute: any order, and any split of the
/// conversations over workers, gives the same counts. Fill it from one copy of each exact duplicate, or a
/// misspelling that someone sent a thousand times looks like a word.
#[derive(Clone, PartialEq, Eq)]
pub struct WordCounts {
    seed: [u64; 2],
    conversations: u64,
    cells: Vec<u32>,
    waiting: Vec<u64>,
}

/// Cells that hold one word's count; the smallest is the count.
const DEPTH: usize = 2;
/// Least memory of a sketch, in bytes.
const BYTES_MIN: usize = 1 << 12;

impl WordCounts {
    /// An empty sketch of at most `bytes` of memory (rounded down to a power of two, at least 4 KiB). With
    /// 16 MiB, two million different words are told apart well.
    pub fn new(key: &[u8; 32], bytes: usize) -> Self {
        let bytes = bytes.max(BYTES_MIN);
        let cells = 1_usize << (bytes / size_of::<u32>()).ilog2();
        let seed = words(key, "candor-dedup-count-1");
        Self { seed, conversations: 0, cells: vec![0; cells], waiting: Vec::new() }
    }

    /// Counts each word of a conversation once.
    pub fn add(&mut self, folded: &Folded) {
        let mut seen = std::mem::take(&mut self.waiting);
        for message in folded.messages() {
            for (index, word) in message.words.iter().enumerate() {
                let hash = quick(self.seed, message.word(index).as_bytes());
                seen.push(hash);
                if word.is_capital {
                    seen.push(capital(hash));
                }
            }
            seen.push(self.core_hash(message.slice(message.core.0, message.core.1)));
        }
        seen.sort_unstable();
        seen.dedup();
        for hash in seen.drain(..) {
            for cell in self.places(hash) {
                self.cells[cell] = self.cells[cell].saturating_add(1);
            }
        }
        self.waiting = seen;
        self.conversations += 1;
    }

    /// Adds another worker's counts. Returns `false`, and changes nothing, when the two were made with
    /// different keys or sizes.
    #[must_use]
    pub fn merge(&mut self, other: &WordCounts) -> bool {
        if self.seed != other.seed || self.cells.len() != other.cells.len() {
            return false;
        }
        for (cell, more) in self.cells.iter_mut().zip(&other.cells) {
            *cell = cell.saturating_add(*more);
        }
        self.conversations += other.conversations;
        true
    }

    /// Conversations counted.
    pub fn conversations(&self) -> u64 {
        self.conversations
    }

    pub(super) fn of(&self, word: &str) -> u32 {
        self.count(quick(self.seed, word.as_bytes()))
    }

    /// Of the conversations with `word`, those where it bears a capital inside a sentence.
    pub(super) fn with_capital(&self, word: &str) -> u32 {
        self.count(capital(quick(self.seed, word.as_bytes())))
    }

    /// Conversations with a message that says `core`, with whatever courtesy around it.
    pub(super) fn of_core(&self, core: &str) -> u32 {
        self.count(self.core_hash(core))
    }

    fn core_hash(&self, core: &str) -> u64 {
        quick([self.seed[1], self.seed[0]], core.as_bytes())
    }

    fn count(&self, hash: u64) -> u32 {
        self.places(hash).iter().map(|&cell| self.cells[cell]).min().unwrap_or(0)
    }

    fn places(&self, hash: u64) -> [usize; DEPTH] {
        // One place in each half, so that a word never meets itself.
        let half = self.cells.len() / DEPTH;
        let mask = half - 1;
        [hash as usize & mask, half + ((hash >> 32) as usize & mask)]
    }
}

fn capital(hash: u64) -> u64 {
    mix(hash ^ 0x6361_7069_7461_6c73, 0xd6e8_feb8_6659_fd93)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candor_conversation::Message;
    use proptest::prelude::*;

    fn folded(text: &str) -> Folded {
        Folded::new(&[Message { role: "user".into(), content: text.into() }])
    }

    #[test]
    fn a_word_counts_once_in_a_conversation() {
        let mut counts = WordCounts::new(&[1; 32], 1 << 16);
        counts.add(&folded("so so so, Anna"));
        counts.add(&folded("so anna"));
        assert_eq!((counts.of("so"), counts.of("anna"), counts.of("bob")), (2, 2, 0));
        assert_eq!((counts.with_capital("anna"), counts.with_capital("so")), (1, 0));
        assert_eq!(counts.conversations(), 2);
    }

    #[test]
    fn sketches_of_other_keys_or_sizes_do_not_merge() {
        let mut counts = WordCounts::new(&[1; 32], 1 << 16);
        assert!(!counts.merge(&WordCounts::new(&[2; 32], 1 << 16)));
        assert!(!counts.merge(&WordCounts::new(&[1; 32], 1 << 17)));
    }

    proptest! {
        #[test]
        fn merging_parts_is_counting_the_whole(texts in proptest::collection::vec("[A-D ]{0,8}", 0..12), at in 0..12usize) {
            let at = at.min(texts.len());
            let count = |texts: &[String]| {
                let mut counts = WordCounts::new(&[1; 32], 1 << 12);
                texts.iter().for_each(|text| counts.add(&folded(text)));
                counts
            };
            let mut parts = count(&texts[at..]);
            prop_assert!(parts.merge(&count(&texts[..at])));
            prop_assert!(parts.cells == count(&texts).cells);
        }
    }
}
