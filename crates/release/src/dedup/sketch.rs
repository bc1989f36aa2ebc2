//! What is emitted of a conversation: a keyed digest and keyed band hashes.
//!
//! Two conversations become a candidate pair when they share a band. There are three families, because no
//! single one finds every kind of copy of a short turn (measured on short crowd turns, see the bench):
//! - one band over the conversation without its courtesy at the ends and without spaces: finds copies that
//!   differ by an affix or by spacing, however short the rest is;
//! - [`STRIDES`] bands, each over all words but every sixth: finds any change inside one word, in a text of
//!   any length, and hardly anything else;
//! - [`MINHASH_BANDS`] bands of [`MINHASH_ROWS`] MinHash values over character shingles (one permutation
//!   hashing, Li, Owen and Zhang 2012, with the densification of Shrivastava 2017): finds longer copies with
//!   several changes.

use hmac::Mac;

use super::{
    fold::{Folded, FoldedMessage},
    keyed::{ODD, mac, mix, quick, sip, words},
};

/// Bands of a conversation; each is one record of 16 bytes in the exchange.
pub const BANDS: usize = 1 + STRIDES + MINHASH_BANDS;
/// Bands that each leave out every `STRIDES`-th word.
const STRIDES: usize = 6;
/// Bands over MinHash values.
const MINHASH_BANDS: usize = 6;
/// MinHash values in a band. With 6 bands of 4, texts that share 80 % of their shingles meet with
/// probability 0.96, at 50 % 0.32.
const MINHASH_ROWS: usize = 4;
/// Words from which a MinHash band takes two groups of values instead of one. A copy of a long text shares nearly
/// all of its shingles, and long texts about one topic share many: asking for more values keeps the copies (two
/// neighbouring groups of the six agree with probability 0.90 at 90 % shared) and spares most of the comparisons.
const LONG_WORDS: u64 = 64;
const BINS: usize = 32;
/// Bytes in a shingle: short enough that a typo spares most of them in a line of forty letters.
const SHINGLE_BYTES: usize = 5;

/// A keyed 128-bit digest of the folded messages and their roles: equal when, and in practice only when,
/// those are equal and the key is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 16]);

/// Makes digests and bands under the secret of one release. Cheap to share between threads.
#[derive(Clone)]
pub struct Sketcher {
    digest: hmac::Hmac<sha2::Sha256>,
    word: [u64; 2],
    shingle: [u64; 2],
    band: [u64; 2],
}

impl Sketcher {
    /// Derives independent keys for each use from `key`.
    pub fn new(key: &[u8; 32]) -> Self {
        Self {
            digest: mac(key, "candor-dedup-digest-1"),
            word: words(key, "candor-dedup-word-1"),
            shingle: words(key, "candor-dedup-shingle-1"),
            band: words(key, "candor-dedup-band-1"),
        }
    }

    /// The digest of a conversation: HMAC-SHA-256 over its length-prefixed roles and folded words, cut to
    /// 128 bits.
    pub fn digest(&self, folded: &Folded) -> Digest {
        let mut mac = self.digest.clone();
        for message in folded.messages() {
            let text = message.slice(0, message.words.len());
            mac.update(&(message.role.len() as u32).to_le_bytes());
            mac.update(message.role.as_bytes());
            mac.update(&(text.len() as u32).to_le_bytes());
            mac.update(text.as_bytes());
        }
        let full = mac.finalize().into_bytes();
        let mut digest = [0; 16];
        digest.copy_from_slice(&full[..16]);
        Digest(digest)
    }

    /// The bands of a conversation. The band's number is hashed in, so a hash of one band never equals a
    /// hash of another but by chance (2⁻⁶⁴).
    pub fn bands(&self, folded: &Folded) -> [u64; BANDS] {
        let shape = self.shape(folded);
        let mut bands = [0; BANDS];
        bands[0] = sip(self.band, &[0, shape, self.core(folded)]);
        let (all, classes, count) = self.strides(folded);
        for (class, sum) in classes.iter().enumerate() {
            let left = all.wrapping_sub(*sum);
            // Nothing left after leaving words out: the band says nothing, so make it the text's own.
            let left = if count == 1 { all } else { left };
            bands[1 + class] = sip(self.band, &[1 + class as u64, shape, count, left]);
        }
        let values = self.minima(folded);
        for band in 0..MINHASH_BANDS {
            let mut record = [0; 2 + 2 * MINHASH_ROWS];
            record[0] = (1 + STRIDES + band) as u64;
            record[1] = shape;
            let group = |number: usize| &values[number % MINHASH_BANDS * MINHASH_ROWS..][..MINHASH_ROWS];
            record[2..2 + MINHASH_ROWS].copy_from_slice(group(band));
            if count >= LONG_WORDS {
                record[2 + MINHASH_ROWS..].copy_from_slice(group(band + 1));
            }
            bands[1 + STRIDES + band] = sip(self.band, &record);
        }
        bands
    }

    /// The number of messages and their roles: no pair that differs here is ever a candidate.
    fn shape(&self, folded: &Folded) -> u64 {
        folded
            .messages()
            .fold(ODD, |shape, message| mix(shape ^ quick(self.word, message.role.as_bytes()), ODD))
    }

    fn core(&self, folded: &Folded) -> u64 {
        let mut letters = Vec::with_capacity(folded.text().len());
        for message in folded.messages() {
            letters
                .extend(message.slice(message.core.0, message.core.1).bytes().filter(|&byte| byte != b' '));
            letters.push(b'\n');
        }
        quick(self.shingle, &letters)
    }

    /// Sum of the words' hashes with their places, the part of it in each class of places, and the count.
    fn strides(&self, folded: &Folded) -> (u64, [u64; STRIDES], u64) {
        let mut classes = [0_u64; STRIDES];
        let mut count = 0_u64;
        for (number, message) in folded.messages().enumerate() {
            for index in 0..message.words.len() {
                let place = ((number as u64) << 32 | index as u64).wrapping_mul(ODD);
                let hash = mix(self.word_hash(&message, index) ^ place, self.word[1] | 1);
                let class = &mut classes[count as usize % STRIDES];
                *class = class.wrapping_add(hash);
                count += 1;
            }
        }
        (classes.iter().fold(0, |sum, class| sum.wrapping_add(*class)), classes, count)
    }

    fn word_hash(&self, message: &FoldedMessage<'_>, index: usize) -> u64 {
        quick(self.word, message.word(index).as_bytes())
    }

    /// The least hash in each bin; an empty bin borrows from a full one picked by a fixed walk.
    fn minima(&self, folded: &Folded) -> [u64; BINS] {
        let mut bins = [u64::MAX; BINS];
        let bytes = folded.text().as_bytes();
        let mut window = 0_u64;
        for (at, &byte) in bytes.iter().enumerate() {
            window = (window >> 8) | (u64::from(byte) << (8 * (SHINGLE_BYTES - 1)));
            if at + 1 >= SHINGLE_BYTES || at + 1 == bytes.len() {
                let hash = mix(window ^ self.shingle[0], self.shingle[1] | 1);
                let bin = &mut bins[(hash >> 59) as usize];
                *bin = (*bin).min(hash);
            }
        }
        let full = bins;
        if full.iter().all(|&value| value == u64::MAX) {
            return bins;
        }
        for (index, bin) in bins.iter_mut().enumerate() {
            let mut attempt = 0_u64;
            while *bin == u64::MAX {
                attempt += 1;
                let walk = mix((index as u64) << 32 | attempt, self.shingle[0] | 1).wrapping_mul(ODD);
                *bin = full[(walk >> 59) as usize];
            }
        }
        bins
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candor_conversation::Message;

    fn folded(turns: &[(&str, &str)]) -> Folded {
        let message =
            |&(role, content): &(&str, &str)| Message { role: role.into(), content: content.into() };
        Folded::new(&turns.iter().map(message).collect::<Vec<_>>())
    }

    fn shared(a: &Folded, b: &Folded) -> usize {
        let sketcher = Sketcher::new(&[7; 32]);
        let (a, b) = (sketcher.bands(a), sketcher.bands(b));
        a.iter().filter(|band| b.contains(band)).count()
    }

    #[test]
    fn equal_words_and_roles_give_equal_digests_and_nothing_else_does() {
        let sketcher = Sketcher::new(&[7; 32]);
        let digest = |turns: &[(&str, &str)]| sketcher.digest(&folded(turns));
        assert_eq!(digest(&[("user", "Hello, you!")]), digest(&[("user", "hello you")]));
        assert_ne!(digest(&[("user", "hello")]), digest(&[("assistant", "hello")]));
        assert_ne!(digest(&[("user", "a b")]), digest(&[("user", "a"), ("user", "b")]));
        let other = Sketcher::new(&[8; 32]);
        assert_ne!(other.digest(&folded(&[("user", "hello")])), digest(&[("user", "hello")]));
    }

    #[test]
    fn a_change_in_one_word_leaves_a_shared_band() {
        let text = "can you find me a cheap place to eat near the station tonight";
        let words: Vec<&str> = text.split(' ').collect();
        for index in 0..words.len() {
            let mut changed = words.clone();
            changed[index] = "xyzzy";
            assert!(shared(&folded(&[("user", text)]), &folded(&[("user", &changed.join(" "))])) > 0);
        }
    }

    #[test]
    fn courtesy_and_spacing_leave_a_shared_band() {
        let plain = folded(&[("user", "Where is the take-out?")]);
        assert!(shared(&plain, &folded(&[("user", "hey, where is the takeout, please")])) > 0);
    }

    #[test]
    fn another_role_or_another_number_of_messages_shares_nothing() {
        let one = folded(&[("user", "where is the station")]);
        assert_eq!(shared(&one, &folded(&[("assistant", "where is the station")])), 0);
        assert_eq!(shared(&one, &folded(&[("user", "where is the station"), ("user", "")])), 0);
        assert_eq!(shared(&one, &folded(&[("user", "who painted this ceiling")])), 0);
    }

    #[test]
    fn an_empty_conversation_has_bands() {
        assert_eq!(shared(&folded(&[]), &folded(&[])), BANDS);
        assert_eq!(shared(&folded(&[("user", "?")]), &folded(&[("user", "!")])), BANDS);
    }
}
