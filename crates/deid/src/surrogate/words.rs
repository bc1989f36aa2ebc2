//! Words that stand for nothing: for the names of streets, firms, places and accounts.

use crate::surrogate::draw::Stream;

/// Plain words for accounts and hosts.
const PLAIN: &str = "maple harbor copper willow meadow lantern pebble orchard thistle juniper cedar amber falcon otter \
                     heron summit canyon prairie ember cobalt indigo saffron clover bramble hazel quartz velvet \
                     marble anchor beacon compass sparrow robin finch badger beaver cactus daisy tulip violet aspen \
                     birch laurel myrtle raven swift teal umber walnut zephyr brook cove dune fern glade grove";
const ONSETS: [&str; 24] = [
    "B", "Br", "C", "D", "Dr", "F", "G", "Gr", "H", "K", "L", "M", "N", "P", "R", "S", "St", "T", "Tr", "V",
    "W", "Th", "Fl", "Sh",
];
const VOWELS: [&str; 8] = ["a", "e", "i", "o", "u", "ea", "o", "a"];
const MIDDLES: [&str; 16] =
    ["l", "r", "n", "m", "ll", "rn", "nd", "v", "d", "st", "lv", "rr", "nn", "t", "s", "lm"];
const ENDS: [&str; 14] =
    ["en", "er", "on", "ick", "ow", "ell", "in", "ath", "ard", "ane", "ist", "old", "ume", "ery"];

/// A plain word in lower case.
pub(super) fn plain_word(stream: &mut Stream) -> String {
    let all: Vec<_> = PLAIN.split_whitespace().collect();
    stream.pick(&all).copied().unwrap_or("maple").to_owned()
}

/// A word that looks like a name and is in no list: about 340,000 there are.
pub(super) fn invented(stream: &mut Stream) -> String {
    let mut word = String::new();
    let middles = 1 + stream.below(2);
    word.extend(stream.pick(&ONSETS).copied());
    for _ in 0..middles {
        word.extend(stream.pick(&VOWELS).copied());
        word.extend(stream.pick(&MIDDLES).copied());
    }
    word.extend(stream.pick(&ENDS).copied());
    word
}
