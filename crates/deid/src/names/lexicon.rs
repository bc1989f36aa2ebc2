//! What single words are known to be: given names, surnames, places, nationalities, occupations; and how words are
//! usually written.
//!
//! Words are kept as hashes with their bits, so the list can be asked but not read. A word that is not in the list is
//! taken for one that is with a probability of about 2^-34.

use super::features::mix;

/// What is known of a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known(pub u16);

impl Known {
    /// A given name.
    pub const GIVEN: u16 = 1;
    /// A surname.
    pub const SURNAME: u16 = 2;
    /// A place by itself.
    pub const PLACE: u16 = 4;
    /// Part of the name of a place.
    pub const PLACE_PART: u16 = 8;
    /// A nationality.
    pub const DEMONYM: u16 = 16;
    /// Part of the name of an occupation.
    pub const OCCUPATION: u16 = 32;
    /// One of the 2,000 most frequent words.
    pub const FREQUENT: u16 = 1 << 8;
    /// A term that names nobody, though it is written with a capital.
    pub const TERM: u16 = 1 << 10;
    /// A given name or a surname.
    pub const ANY_NAME: u16 = Self::GIVEN | Self::SURNAME;
    /// Mostly written in lower case (1), in either (2), mostly with a capital (3): bits 6 and 7.
    const CASE_SHIFT: u32 = 6;

    /// Whether one of these bits is set.
    pub fn is(self, bits: u16) -> bool {
        self.0 & bits != 0
    }

    /// Whether the word is one that English text mostly writes in lower case.
    pub fn is_plain_word(self) -> bool {
        self.0 >> Self::CASE_SHIFT & 3 == 1
    }
}

/// A list of words.
pub struct Lexicon {
    /// Open addressing by the upper bits; a slot holds a hash with the word's bits in place of its lowest, 0 where it
    /// is free.
    slots: Vec<u64>,
}

/// The bits of an entry that say what the word is; those above are its hash.
const BITS: u32 = 12;
/// The bits of a hash above this choose a slot.
const SLOT_SHIFT: u32 = 36;

impl Lexicon {
    /// From entries; see [`entry`]. At most the first 2^24 are taken.
    pub fn new(entries: impl ExactSizeIterator<Item = u64>) -> Self {
        let taken = entries.len().min(1 << 24);
        let mut slots = vec![0; (taken * 2).next_power_of_two().max(2)];
        let mask = slots.len() - 1;
        for entry in entries.take(taken) {
            let mut at = (entry >> SLOT_SHIFT) as usize & mask;
            while slots[at] != 0 {
                at = (at + 1) & mask;
            }
            slots[at] = entry;
        }
        Self { slots }
    }

    /// What is known of the word with a hash.
    pub fn look_up(&self, hash: u64) -> Known {
        let mask = self.slots.len() - 1;
        let mut at = (hash >> SLOT_SHIFT) as usize & mask;
        loop {
            match self.slots[at] {
                0 => return Known(0),
                slot if slot >> BITS == hash >> BITS => return Known((slot & ((1 << BITS) - 1)) as u16),
                _ => at = (at + 1) & mask,
            }
        }
    }
}

/// A word's hash with its bits: what a list of words is made of.
pub fn entry(hash: u64, bits: u16) -> u64 {
    hash >> BITS << BITS | u64::from(bits) & ((1 << BITS) - 1)
}

/// The hash of a word as the list is asked for it: lower case, without the accents of Latin letters.
pub fn word_hash(word: &str) -> u64 {
    let mut hash = 0x9e37_79b9_7f4a_7c15;
    for byte in word.bytes() {
        if byte >= 0x80 {
            return folded_hash(word);
        }
        hash = mix(hash, u64::from(byte.to_ascii_lowercase()));
    }
    hash
}

fn folded_hash(word: &str) -> u64 {
    use unicode_normalization::UnicodeNormalization;
    let folded = word.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c));
    let mut hash = 0x9e37_79b9_7f4a_7c15;
    for c in folded.flat_map(char::to_lowercase) {
        let mut bytes = [0; 4];
        for byte in c.encode_utf8(&mut bytes).bytes() {
            hash = mix(hash, u64::from(byte));
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_whatever_their_case_and_accents_and_others_are_not() {
        let lexicon = Lexicon::new(
            [entry(word_hash("jose"), Known::GIVEN), entry(word_hash("paris"), Known::PLACE)].into_iter(),
        );
        assert_eq!(lexicon.look_up(word_hash("José")), Known(Known::GIVEN));
        assert_eq!(lexicon.look_up(word_hash("PARIS")), Known(Known::PLACE));
        assert_eq!(lexicon.look_up(word_hash("pari")), Known(0));
    }
}
