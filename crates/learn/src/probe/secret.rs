//! Secrets to plant: made up at random, so that nobody can know one who was not told.

use serde::Serialize;

use crate::chance::Chance;

/// What kind of thing is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretKind {
    /// A payment card's number with a right check digit.
    Card,
    /// An account's number with right check digits.
    Iban,
    /// A mail address in a domain that is reserved for examples.
    Email,
    /// Four words in a row that mean nothing to anyone else: nothing that de-identification can know.
    Phrase,
    /// A word that did not exist.
    Word,
}

/// Words of phrases.
const WORDS: [&str; 64] = [
    "anchor", "apron", "arrow", "basket", "beacon", "bottle", "bramble", "bridge", "bucket", "button",
    "cabin", "candle", "carpet", "cellar", "chapel", "cherry", "clover", "copper", "cradle", "cricket",
    "curtain", "dagger", "ember", "falcon", "feather", "ferry", "garnet", "ginger", "gravel", "hammer",
    "harvest", "hazel", "heron", "ivory", "jacket", "kettle", "ladder", "lantern", "lemon", "magnet",
    "maple", "marble", "meadow", "mirror", "mitten", "needle", "nutmeg", "orchard", "otter", "paddle",
    "pebble", "pepper", "pillow", "pocket", "quarry", "raven", "ribbon", "saddle", "silver", "spider",
    "thimble", "tunnel", "velvet", "walnut",
];
/// First six digits of the cards: handed out for testing.
const CARD_PREFIX: &str = "400000";
/// Country and bank of the accounts: those of the textbook example.
const IBAN_BANK: &str = "37040044";
/// D, E and the two digits that stand for the check while it is computed.
const IBAN_COUNTRY: &str = "131400";

impl SecretKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Card, Self::Iban, Self::Email, Self::Phrase, Self::Word];

    /// What it is, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Card => "card numbers",
            Self::Iban => "account numbers",
            Self::Email => "mail addresses",
            Self::Phrase => "phrases of four words",
            Self::Word => "new words",
        }
    }

    /// Whether de-identification is meant to find it.
    pub fn is_identifier(self) -> bool {
        matches!(self, Self::Card | Self::Iban | Self::Email)
    }

    /// So many of them, all different; the same seed and use give the same.
    pub fn draw(self, seed: u64, use_of_it: &str, count: usize) -> Vec<String> {
        let mut chance = Chance::new(seed, &format!("secrets {use_of_it} {}", self.words()), 0);
        let mut drawn = std::collections::BTreeSet::new();
        let mut secrets = Vec::new();
        while secrets.len() < count {
            let secret = self.one(&mut chance);
            if drawn.insert(secret.clone()) {
                secrets.push(secret);
            }
        }
        secrets
    }

    fn one(self, chance: &mut Chance) -> String {
        match self {
            Self::Card => {
                let number = format!("{CARD_PREFIX}{}", digits(chance, 9));
                let number = format!("{number}{}", luhn(&number));
                let groups: Vec<&str> = (0..4).map(|group| &number[group * 4..group * 4 + 4]).collect();
                groups.join(" ")
            }
            Self::Iban => {
                let account = digits(chance, 10);
                let check = 98 - remainder_97(&format!("{IBAN_BANK}{account}{IBAN_COUNTRY}"));
                format!("DE{check:02}{IBAN_BANK}{account}")
            }
            Self::Email => {
                let letter = |chance: &mut Chance| char::from(b'a' + chance.below(26) as u8);
                let name: String = (0..8).map(|_| letter(chance)).collect();
                format!("{name}{}@example.org", digits(chance, 2))
            }
            Self::Phrase => {
                let words: Vec<&str> = (0..4).map(|_| WORDS[chance.below(WORDS.len())]).collect();
                words.join(" ")
            }
            Self::Word => (0..3).map(|_| syllable(chance)).collect(),
        }
    }
}

fn digits(chance: &mut Chance, count: usize) -> String {
    (0..count).map(|_| char::from(b'0' + chance.below(10) as u8)).collect()
}

fn syllable(chance: &mut Chance) -> String {
    let (consonants, vowels) = (b"bdfgklmnprstvz", b"aeiou");
    let pick = |of: &[u8], chance: &mut Chance| char::from(of[chance.below(of.len())]);
    [pick(consonants, chance), pick(vowels, chance)].iter().collect()
}

/// The check digit of Luhn's algorithm (ISO/IEC 7812-1).
fn luhn(number: &str) -> u32 {
    let doubled = |(at, digit): (usize, u8)| {
        let digit = u32::from(digit - b'0');
        match at % 2 {
            0 => digit * 2 / 10 + digit * 2 % 10,
            _ => digit,
        }
    };
    let sum: u32 = number.bytes().rev().enumerate().map(doubled).sum();
    (10 - sum % 10) % 10
}

/// Remainder of a long number by 97 (ISO/IEC 7064).
fn remainder_97(number: &str) -> u32 {
    number.bytes().fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_right() {
        assert_eq!(luhn("411111111111111"), 1);
        for iban in SecretKind::Iban.draw(3, "test", 20) {
            let moved = format!("{}1314{}", &iban[4..], &iban[2..4]);
            assert_eq!(remainder_97(&moved), 1, "{iban}");
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_and_another_use_draws_others() {
        for kind in SecretKind::ALL {
            let drawn = kind.draw(3, "planted", 50);
            assert_eq!(drawn, kind.draw(3, "planted", 50));
            let others = kind.draw(3, "others", 50);
            assert!(drawn.iter().filter(|secret| others.contains(secret)).count() < 5, "{kind:?}");
        }
    }
}
