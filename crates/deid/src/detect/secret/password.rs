//! Passwords that people chose: they may be short and may be words, so how they are told decides.

use std::ops::Range;

use crate::detect::secret::named::{JOINT_BYTES_MAX, Joint, Named};
use crate::detect::secret::value::{self, Drawn};
use crate::scan::{Scan, is_word};

/// The shortest and longest password that is believed.
pub(super) const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 5..=64;
/// The least length of a secret that a person thought of.
const PHRASE_BYTES_MIN: usize = 8;
/// Words before a password that say whose or where it is.
const USER_WORDS: [&str; 8] = ["machine", "user", "username", "login", "email", "host", "dbname", "uid"];

/// Whether a password is told at all: assigned, said, or behind `--password` or the `login` of a .netrc.
pub(super) fn is_told(scan: &mut Scan<'_>, word: &Range<usize>, found: &Named) -> bool {
    match found.joint {
        _ if found.below => false,
        Joint::Assigned | Joint::Said => true,
        Joint::Follows if found.closed && found.direct => true,
        Joint::Follows => scan.before(word.start) == b'-' || is_behind_login(scan, word, found),
    }
}

/// Whether a word is the name of an option: ` -Password …`, ` --password …`.
fn is_option(scan: &Scan<'_>, word: &Range<usize>) -> bool {
    let start = word.start.saturating_sub(1);
    scan.before(word.start) == b'-' && matches!(scan.before(start), b' ' | b'-') && scan.at(word.end) == b' '
}

/// Whether a password follows the `login` of a .netrc.
fn is_behind_login(scan: &mut Scan<'_>, word: &Range<usize>, found: &Named) -> bool {
    let is_near = found.range.start <= word.end + JOINT_BYTES_MAX;
    found.joint == Joint::Follows && is_near && scan.context_before(word.start, &["login"])
}

/// A password is believed when it was assigned in quotes, or mixes kinds of characters as words do not, or stands in a
/// row of settings.
pub(super) fn password_confidence(scan: &mut Scan<'_>, word: &Range<usize>, found: &Named) -> Option<f32> {
    let given = &scan.text[found.range.clone()];
    let in_row = in_row(scan, word, found);
    let digits = given.bytes().any(|byte| byte.is_ascii_digit());
    let letters = given.bytes().any(|byte| byte.is_ascii_alphabetic());
    let signs = given.bytes().any(|byte| byte.is_ascii_punctuation() && !matches!(byte, b'_' | b'-' | b'.'));
    let kinds = u8::from(digits) + u8::from(letters) + u8::from(signs);
    if !PASSWORD_BYTES.contains(&given.len()) {
        return value::looks_random(given).then_some(0.8);
    }
    if found.joint == Joint::Said && !found.closed {
        let counts = given
            .split_once('-')
            .is_some_and(|(head, _)| !head.is_empty() && head.bytes().all(|byte| byte.is_ascii_digit()));
        return (digits && letters && !counts).then_some(0.6);
    }
    match (kinds, found.closed) {
        (3, _) => Some(0.85),
        (2, _) => Some(0.75),
        (_, true) => Some(0.55),
        (_, false) if value::drawn(given) == Drawn::Letters => Some(0.6),
        (_, false) if in_row || is_setting(scan, word, found) || is_line(scan, word, found) => Some(0.55),
        (_, false) if is_option(scan, word) || is_behind_login(scan, word, found) => Some(0.55),
        (_, false) => Some(0.3),
    }
}

/// Whether a secret is one that a person thought of: quoted, with signs or digits.
pub(super) fn is_pass_phrase(given: &str, found: &Named) -> bool {
    let is_sign =
        |byte: u8| byte.is_ascii_punctuation() && !matches!(byte, b'_' | b'-' | b'.' | b'/' | b':' | b'\\');
    let letters = given.bytes().any(|byte| byte.is_ascii_alphabetic());
    found.closed
        && found.joint == Joint::Assigned
        && letters
        && given.len() >= PHRASE_BYTES_MIN
        && given.bytes().any(is_sign)
        && !given.contains(['(', '{', '[', '$', '='])
}

/// Whether a name stands in a row of settings, as in `Uid=sa;Pwd=secret;` or `?user=fred&password=secret`.
pub(super) fn in_row(scan: &Scan<'_>, word: &Range<usize>, found: &Named) -> bool {
    let given = &scan.bytes[found.range.clone()];
    let in_environment = scan.before(word.start) == b'_'
        && scan.bytes[word.clone()].iter().all(u8::is_ascii_uppercase)
        && matches!(scan.at(found.range.end), 0 | b'\n' | b'\r');
    found.direct
        && !found.closed
        && (matches!(scan.before(word.start), b';' | b'&' | b'?') || in_environment)
        && given.iter().all(|byte| is_word(*byte) || matches!(byte, b'-' | b'!' | b'@' | b'.'))
}

/// Whether a name and a word make up a line, as in YAML, and the word is none that tells what a password is like.
fn is_line(scan: &mut Scan<'_>, word: &Range<usize>, found: &Named) -> bool {
    const TOLD: [&str; 12] = [
        "string",
        "text",
        "hidden",
        "enter",
        "forgot",
        "number",
        "varchar",
        "expired",
        "wrong",
        "incorrect",
        "field",
        "reset",
    ];
    let given = found.range.clone();
    let letters = scan.bytes[given.clone()].iter().all(u8::is_ascii_lowercase);
    let name_start = scan.run_start(word.start, JOINT_BYTES_MAX, |byte| is_word(byte) || byte == b'-');
    let line_start = scan.run_start(name_start, JOINT_BYTES_MAX, |byte| byte == b' ');
    let begins = scan.before(line_start) == b'\n' || line_start == 0 && scan.begins_text;
    letters
        && begins
        && found.joint == Joint::Assigned
        && matches!(scan.at(given.end), 0 | b'\n' | b'\r')
        && !TOLD.iter().any(|told| scan.text[given.clone()].starts_with(told))
}

/// Whether a value of letters stands as the value of a setting does: before the next setting, or at the end of a line
/// that a name in capitals or the name of a user comes before.
fn is_setting(scan: &mut Scan<'_>, word: &Range<usize>, found: &Named) -> bool {
    let given = found.range.clone();
    if found.joint != Joint::Assigned || scan.bytes[given.clone()].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let loud = scan.bytes[word.clone()].iter().all(u8::is_ascii_uppercase);
    let is_near = given.start <= word.end + JOINT_BYTES_MAX;
    match scan.at(given.end) {
        b';' | b'&' | b'<' => found.direct,
        b' ' if found.direct => loud || is_near && scan.context_before(word.start, &USER_WORDS),
        0 | b'\n' | b'\r' | b'"' | b'\'' => {
            found.direct
                || loud && is_word(scan.before(word.start))
                || is_near && scan.context_before(word.start, &USER_WORDS)
        }
        _ => false,
    }
}
