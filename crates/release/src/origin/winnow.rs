//! Winnowing: a few fingerprints of a text, chosen so that two texts that share a long run share one.

use crate::dedup::keyed::mix;

/// Characters of what is hashed.
const GRAM: usize = 20;
/// Hashes of which the smallest is chosen.
const WINDOW: usize = 21;
/// Any run of so many characters that two texts share gives them a common fingerprint; white space counts as one
/// character however long, and case does not count.
pub const MATCH_CHARACTERS_MIN: usize = GRAM + WINDOW - 1;

/// Chooses fingerprints under a key.
#[derive(Clone, Copy)]
pub struct Winnower {
    key: [u64; 2],
    base: u64,
    /// The base to the power of [`GRAM`]` - 1`: weight of the character that leaves.
    leaving: u64,
}

/// A fingerprint and where its characters begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Print {
    pub(super) hash: u64,
    pub(super) at: usize,
}

impl Winnower {
    /// Chooses under `key`: without it, a fingerprint says nothing of the text.
    pub fn new(key: [u64; 2]) -> Self {
        let base = mix(key[0], key[1] ^ 0x7769_6e6e_6f77) | 1;
        let leaving = (1..GRAM).fold(1_u64, |power, _| power.wrapping_mul(base));
        Self { key, base, leaving }
    }

    /// The fingerprints of a text, in order: of each window the smallest hash, and of equal ones the one chosen
    /// last, so that a text that repeats itself has no more than any other. None for texts that are too short to
    /// hold a match.
    pub(super) fn prints(&self, text: &Characters) -> Vec<Print> {
        if text.len() < MATCH_CHARACTERS_MIN {
            return Vec::new();
        }
        let hashes = self.grams(&text.characters);
        let mut prints: Vec<Print> = Vec::with_capacity(hashes.len() * 2 / (WINDOW + 1) + 1);
        for (start, window) in hashes.windows(WINDOW).enumerate() {
            let newest = start + WINDOW - 1;
            match prints.last() {
                Some(last) if last.at >= start && last.hash <= hashes[newest] => continue,
                Some(last) if last.at >= start => prints.push(Print { hash: hashes[newest], at: newest }),
                _ => {
                    let smallest = window.iter().enumerate().rev().min_by_key(|(_, hash)| **hash);
                    prints.extend(smallest.map(|(at, hash)| Print { hash: *hash, at: start + at }));
                }
            }
        }
        prints
    }

    /// The hash of each run of [`GRAM`] characters, rolled from one to the next.
    fn grams(&self, characters: &[char]) -> Vec<u64> {
        let roll = |sum: u64, c: char| sum.wrapping_mul(self.base).wrapping_add(u64::from(u32::from(c)) + 1);
        let mut sum = characters[..GRAM].iter().fold(0, |sum, c| roll(sum, *c));
        let mut hashes = Vec::with_capacity(characters.len() - GRAM + 1);
        hashes.push(mix(sum ^ self.key[0], self.key[1] | 1));
        for (leaves, comes) in characters.iter().zip(&characters[GRAM..]) {
            sum = sum.wrapping_sub((u64::from(u32::from(*leaves)) + 1).wrapping_mul(self.leaving));
            sum = roll(sum, *comes);
            hashes.push(mix(sum ^ self.key[0], self.key[1] | 1));
        }
        hashes
    }
}

/// A text as characters that compare: lower case, white space as one space, straight quotes; with their places.
pub(super) struct Characters {
    pub(super) characters: Vec<char>,
    starts: Vec<u32>,
    bytes: u32,
}

impl Characters {
    pub(super) fn of(text: &str) -> Self {
        let mut characters = Vec::with_capacity(text.len());
        let mut starts = Vec::with_capacity(text.len());
        let mut was_space = false;
        for (at, c) in text.char_indices() {
            let is_space = c.is_whitespace();
            if is_space && was_space {
                continue;
            }
            was_space = is_space;
            characters.push(if is_space { ' ' } else { plain(c) });
            starts.push(at as u32);
        }
        Self { characters, starts, bytes: text.len() as u32 }
    }

    pub(super) fn len(&self) -> usize {
        self.characters.len()
    }

    /// The byte at which a character begins, or the end of the text.
    pub(super) fn byte(&self, character: usize) -> usize {
        self.starts.get(character).copied().unwrap_or(self.bytes) as usize
    }
}

fn plain(c: char) -> char {
    match c {
        _ if c.is_ascii() => c.to_ascii_lowercase(),
        '‘' | '’' => '\'',
        '“' | '”' => '"',
        // One character for one: what lower-cases to several stays.
        _ => Some(c.to_lowercase())
            .filter(|lower| lower.len() == 1)
            .and_then(|mut lower| lower.next())
            .unwrap_or(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn hashes(text: &str) -> BTreeSet<u64> {
        Winnower::new([3, 4]).prints(&Characters::of(text)).iter().map(|print| print.hash).collect()
    }

    #[test]
    fn a_text_that_repeats_itself_has_no_more_fingerprints_than_another() {
        let prints = Winnower::new([3, 4]).prints(&Characters::of(&"a".repeat(2_100)));
        assert!(prints.len() <= 2_100 / WINDOW + 1, "{}", prints.len());
    }

    #[test]
    fn other_keys_choose_other_fingerprints() {
        let text = Characters::of("the quick brown fox jumps over the lazy dog and runs into the wood");
        let of = |key| Winnower::new(key).prints(&text).iter().map(|print| print.hash).collect::<Vec<_>>();
        assert!(of([1, 2]).iter().all(|hash| !of([5, 6]).contains(hash)));
    }

    proptest! {
        #[test]
        fn texts_that_share_forty_characters_share_a_fingerprint(
            shared in "[a-e]{40}", before in "[a-z]{0,60}", after in "[a-z]{0,60}", other in "[f-z]{0,60}",
        ) {
            let (one, two) = (format!("{before}{shared}{after}"), format!("{other}{shared}"));
            prop_assert!(!hashes(&one).is_disjoint(&hashes(&two)));
        }

        #[test]
        fn case_and_white_space_change_nothing(words in proptest::collection::vec("[a-z]{3,9}", 12..20)) {
            prop_assert_eq!(hashes(&words.join(" ")), hashes(&words.join(" \n\t").to_uppercase()));
        }
    }
}
