//! Whether letters spell words: the veto on values that only look like keys.
//!
//! Keys may be letters alone, so a value is not refused for want of digits but for reading like language. Of the pairs
//! of letters in English words and in names of code nine in ten are among the 190 below; of pairs drawn at random
//! less than three in ten are.

/// For each first letter the letters that often follow it, counted over English conversations that hold code.
const FOLLOWERS: [(u8, &[u8]); 26] = [
    (b'a', b"bcdgilmnprstuvy"),
    (b'b', b"aeiloru"),
    (b'c', b"aehiklortu"),
    (b'd', b"aeiosu"),
    (b'e', b"acdefglmnprstvx"),
    (b'f', b"aefioru"),
    (b'g', b"aehir"),
    (b'h', b"aeiot"),
    (b'i', b"abcdefglmnoprstvz"),
    (b'j', b""),
    (b'k', b"ei"),
    (b'l', b"adeilostuy"),
    (b'm', b"aeiop"),
    (b'n', b"acdegiost"),
    (b'o', b"cdglmnoprstuvw"),
    (b'p', b"aehiloprtu"),
    (b'q', b"u"),
    (b'r', b"acdeimnorstuy"),
    (b's', b"acehiopstu"),
    (b't', b"aehiorstuy"),
    (b'u', b"aceilmnprst"),
    (b'v', b"aei"),
    (b'w', b"aeio"),
    (b'x', b""),
    (b'y', b""),
    (b'z', b"e"),
];
/// The least share of frequent pairs, in percent, at which letters read like words.
const WORDY_PERCENT_MIN: usize = 56;
/// The fewest pairs on which anything can be said.
const PAIRS_MIN: usize = 3;

/// Whether the letters of a text, pairs across other characters left aside, read like words.
pub(super) fn reads_like_words(text: &str) -> bool {
    let (frequent, pairs) = pairs_of(text.as_bytes());
    pairs >= PAIRS_MIN && frequent * 100 >= pairs * WORDY_PERCENT_MIN
}

/// Whether runs of letters that read like words make up more than half of a text.
pub(super) fn is_mostly_words(text: &str) -> bool {
    let runs = text.split(|c: char| !c.is_ascii_alphabetic());
    let in_words = runs.filter(|run| run.len() > PAIRS_MIN && reads_like_words(run)).map(str::len);
    in_words.sum::<usize>() * 2 > text.len()
}

/// How many of the pairs within words are frequent, and how many there are.
///
/// A capital behind a small letter begins a new word, as in `userToken`. Capitals in a row are a word only where there
/// are no small letters: keys mix them at will.
fn pairs_of(bytes: &[u8]) -> (usize, usize) {
    let has_small = bytes.iter().any(u8::is_ascii_lowercase);
    let (mut frequent, mut pairs) = (0, 0);
    for (at, pair) in bytes.windows(2).enumerate() {
        let letters = pair.iter().all(u8::is_ascii_alphabetic);
        if !letters || pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase() {
            continue;
        }
        pairs += 1;
        // No word goes up the alphabet letter by letter; made-up keys do.
        let climbs = at > 0 && pair[1] == pair[0] + 1 && pair[0] == bytes[at - 1] + 1;
        let strewn = has_small && pair.iter().all(u8::is_ascii_uppercase);
        let first = usize::from(pair[0].to_ascii_lowercase() - b'a');
        let follows = FOLLOWERS[first].1.contains(&pair[1].to_ascii_lowercase());
        frequent += usize::from(follows && !strewn && !climbs);
    }
    (frequent, pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_code_read_like_words_and_keys_of_letters_do_not() {
        for words in [
            "getUserTokenFromServer",
            "correcthorsebatterystaple",
            "applicationJson",
            "dashboardToken",
            "key_name",
        ] {
            assert!(reads_like_words(words), "{words}");
        }
        for key in
            ["DjayBenyJrtpvydFCzAphcqc", "abcdefghijklmnopqrstuvwxyz", "byl2nhrv34zaclukjhvomlvjabkujf", "x"]
        {
            assert!(!reads_like_words(key), "{key}");
        }
    }

    #[test]
    fn every_letter_has_its_row() {
        let letters: Vec<u8> = FOLLOWERS.iter().map(|row| row.0).collect();
        assert_eq!(letters, (b'a'..=b'z').collect::<Vec<_>>());
    }
}
