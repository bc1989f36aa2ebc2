//! Whether a value can be a secret at all, or is a placeholder, a word or a piece of code.

use super::words::{is_mostly_words, reads_like_words};

/// The least length of a value that is believed on the strength of its randomness, in bytes.
const RANDOM_BYTES_MIN: usize = 16;
/// The least Shannon entropy of such a value, in bits for each byte; English words have about 2.5 to 3.3 at
/// this length but few digits, hexadecimal keys about 3.3 to 3.9.
const RANDOM_ENTROPY_MIN: f64 = 2.7;
/// The least length of a value of letters alone, or of a shorter mixture, that can have been drawn at random.
const LETTERS_BYTES_MIN: usize = 16;
const SHORT_BYTES_MIN: usize = 8;
/// The least length of a shorter mixture of small letters, capitals and digits.
const DENSE_BYTES_MIN: usize = 10;
/// The least entropy of a value of letters alone.
const LETTERS_ENTROPY_MIN: f64 = 2.5;
/// The most equal characters in a row that chance leaves in a key.
const REPEATS_MAX: usize = 7;

/// What speaks for a value having been drawn at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Drawn {
    /// Nothing: it is short, reads like words, or is a path or a number.
    No,
    /// It is short and mixes letters and digits, as keys and names of things do.
    Short,
    /// It is long, and of letters alone that spell nothing.
    Letters,
    /// It is long, and mixes letters and digits, or is a long number.
    Mixed,
}
/// The least length of what stands before or behind a word of a stand-in for the whole to be a key nevertheless.
const KEY_AROUND_BYTES_MIN: usize = 28;
/// Words, in lower case, that only stand-ins contain.
const STAND_INS: [&str; 24] = [
    "example",
    "xxxx",
    "your_",
    "your-",
    "yourapi",
    "yourtoken",
    "yourkey",
    "yoursecret",
    "yourpass",
    "placeholder",
    "redacted",
    "dummy",
    "changeme",
    "change_me",
    "change-me",
    "insert",
    "replace",
    "****",
    "....",
    "<",
    "${",
    "{{",
    "my_secret",
    "_here",
];

/// Whether a value is a stand-in: says so, or has next to no variety.
pub(crate) fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    distinct_bytes(value) < 4.min(value.len())
        || longest_repeat(value.as_bytes()) > REPEATS_MAX
        || STAND_INS.iter().any(|word| lower.contains(word) && !is_key_around(value, &lower, word))
}

/// Whether a key stands around a word of a stand-in, so long that the word may be there by chance or by a blot.
fn is_key_around(value: &str, lower: &str, word: &str) -> bool {
    let opens = word.starts_with(['<', '$', '{', '*', '.']);
    let longest = lower
        .match_indices(word)
        .fold((0, 0), |(end, longest), (at, _)| (at + word.len(), longest.max(at - end)));
    let rest = longest.1.max(value.len() - longest.0);
    !opens && rest >= KEY_AROUND_BYTES_MIN && looks_random(value)
}

/// What speaks for a value, found under a name, having been drawn at random.
pub(crate) fn drawn(value: &str) -> Drawn {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let length = value.len();
    if is_path(value) && !is_base64_key(value) || is_identifier(value) || is_mostly_words(value) {
        Drawn::No
    } else if looks_random(value) || length >= RANDOM_BYTES_MIN && is_dense(value) || is_grouped(value) {
        Drawn::Mixed
    } else if length >= LETTERS_BYTES_MIN
        && letters * 10 >= length * 9
        && !reads_like_words(value)
        && entropy(value) >= LETTERS_ENTROPY_MIN
    {
        Drawn::Letters
    } else if length >= SHORT_BYTES_MIN && digits >= 2 && letters >= 2 && distinct_bytes(value) >= 6
        || length >= DENSE_BYTES_MIN && is_dense(value)
    {
        Drawn::Short
    } else {
        Drawn::No
    }
}

/// Whether small letters, capitals and digits take turns as they do by chance, at least in two of five places.
pub(crate) fn is_dense(value: &str) -> bool {
    let class = |byte: u8| match byte {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        _ => 0_u8,
    };
    let counts = value.bytes().fold([0_usize; 4], |mut counts, byte| {
        counts[usize::from(class(byte))] += 1;
        counts
    });
    let turns = value.as_bytes().windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count();
    let length = value.len();
    counts[1..].iter().all(|count| *count > 0)
        && counts[0] * 6 <= length
        && turns * 5 >= length * 2
        && !reads_like_words(value)
}

/// Whether a value with slashes is base64 and no path.
pub(crate) fn is_base64_key(value: &str) -> bool {
    value.len() >= RANDOM_BYTES_MIN && is_dense(value) && !value.contains(['.', ':'])
}

/// Whether a value is a key in groups as licences have: `4FG5H-7KL2M-…`, at least four of one length.
fn is_grouped(value: &str) -> bool {
    const GROUP_BYTES: std::ops::RangeInclusive<usize> = 4..=8;
    let groups: Vec<&str> = value.split('-').collect();
    let length = groups[0].len();
    let holds =
        |wanted: fn(&u8) -> bool| groups.iter().filter(|group| group.bytes().any(|b| wanted(&b))).count();
    groups.len() >= 4
        && GROUP_BYTES.contains(&length)
        && groups.iter().all(|group| {
            group.len() == length && group.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        })
        && holds(u8::is_ascii_digit) >= 2
        && holds(u8::is_ascii_uppercase) >= 2
}

/// Whether a value is a name of code: `snake_case_2_words`, `CONSTANT_CASE_2`, `module::Name`.
pub(crate) fn is_identifier(value: &str) -> bool {
    const PART_BYTES_MAX: usize = 12;
    let parts = || value.split('_').filter(|part| !part.is_empty());
    let one_case = !(value.bytes().any(|byte| byte.is_ascii_lowercase())
        && value.bytes().any(|byte| byte.is_ascii_uppercase()));
    let named = parts().filter(|part| part.starts_with(|c: char| c.is_ascii_alphabetic())).count();
    value.contains("::")
        || one_case
            && value.bytes().all(crate::scan::is_word)
            && parts().all(|part| part.len() <= PART_BYTES_MAX)
            && named >= 3
}

fn longest_repeat(bytes: &[u8]) -> usize {
    bytes.chunk_by(|left, right| left == right).map(<[u8]>::len).max().unwrap_or(0)
}

/// Whether a value looks drawn at random: long, of letters and digits, and varied.
pub(crate) fn looks_random(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let long_pieces =
        value.split(|c: char| !c.is_ascii_alphanumeric()).any(|piece| piece.len() >= 8 && is_mixed(piece));
    value.len() >= RANDOM_BYTES_MIN
        && digits >= 2
        && (letters >= 2 || digits >= 24)
        && (long_pieces || is_uuid(value) || digits >= 24)
        && !is_path(value)
        && entropy(value) >= RANDOM_ENTROPY_MIN
}

/// Whether a value holds both a letter and a digit.
pub(crate) fn is_mixed(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_digit()) && value.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// How many different bytes a value has.
pub(crate) fn distinct_bytes(value: &str) -> usize {
    let mut seen = [false; 256];
    value.bytes().for_each(|byte| seen[usize::from(byte)] = true);
    seen.iter().filter(|seen| **seen).count()
}

pub(crate) fn is_uuid(value: &str) -> bool {
    value.len() == 36 && value.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}

fn is_path(value: &str) -> bool {
    let words = |separator| {
        value.split(separator).filter(|piece: &&str| piece.bytes().all(|b| b.is_ascii_alphabetic())).count()
    };
    value.contains("://") || value.starts_with(['/', '.']) || words('/') >= 3 || words('.') >= 3
}

/// Shannon entropy in bits for each byte.
fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    value.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let length = value.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / length;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_values_are_told_from_names_and_paths() {
        for random in [
            "9f86d081884c7d659a2feaa0c55ad015",
            "p8e-ibndcvsmAp9ZgPBZ606FSlYIZVlsZ",
            "123e4567-e89b-12d3-a456-426614174000",
        ] {
            assert!(looks_random(random), "{random}");
        }
        for other in [
            "getUserTokenFromServer",
            "/usr/share/dict/words2023",
            "tokens.items.count.first2",
            "a1a1a1a1a1a1a1a1a1a1",
            "short1",
        ] {
            assert!(!looks_random(other), "{other}");
        }
    }

    #[test]
    fn stand_ins_are_known() {
        for text in
            ["YOUR_API_KEY_12345678", "sk-xxxxxxxxxxxxxxxx", "AKIAIOSFODNN7EXAMPLE", "aaaaaaaa", "<token>"]
        {
            assert!(is_placeholder(text), "{text}");
        }
        assert!(!is_placeholder("hunter2"));
    }
}
