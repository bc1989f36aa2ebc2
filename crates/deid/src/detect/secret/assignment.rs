//! Values that a text gives a telling name: `api_key = "…"`, `password: …`, `Authorization: Bearer …`.

use std::ops::Range;

use crate::candidate::Evidence;
use crate::detect::secret::value;
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_word};

/// A word that announces a secret.
pub(crate) struct Word {
    /// The word, in lower case.
    pub(crate) text: &'static str,
    /// What it announces.
    announces: Announces,
}

#[derive(Clone, Copy, PartialEq)]
enum Announces {
    /// Something random.
    Token,
    /// Something chosen by a person, which may be short.
    Password,
}

const fn token(text: &'static str) -> Word {
    Word { text, announces: Announces::Token }
}

const fn password(text: &'static str) -> Word {
    Word { text, announces: Announces::Password }
}

pub(crate) static WORDS: [Word; 18] = [
    token("key"),
    token("token"),
    token("secret"),
    token("private"),
    token("credential"),
    token("bearer"),
    token("access"),
    token("authorization"),
    token("auth"),
    token("apikey"),
    token("sonar.login"),
    token("client_id"),
    password("password"),
    password("passwd"),
    password("passphrase"),
    password("passcode"),
    password("pwd"),
    password("contraseña"),
];

/// The longest rest of a name after the word: `_ACCESS_KEY_ID`.
const NAME_REST_BYTES_MAX: usize = 24;
/// The most bytes of quotes, spaces, signs and brackets between name and value.
const JOINT_BYTES_MAX: usize = 12;
/// The longest value.
const VALUE_BYTES_MAX: usize = 512;
/// The shortest and longest password that is believed.
const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 5..=64;
/// Values, in lower case, that are words of code or say nothing.
const CODE_WORDS: [&str; 24] = [
    "password",
    "passwd",
    "secret",
    "string",
    "undefined",
    "required",
    "optional",
    "boolean",
    "hunter",
    "token",
    "null",
    "none",
    "true",
    "false",
    "process.env",
    "os.environ",
    "self.",
    "this.",
    "config.",
    "request.",
    "args.",
    "function",
    "input",
    "return",
];

pub(crate) fn detect(scan: &mut Scan<'_>, word: Range<usize>, meaning: &Word) {
    let name_end = scan.run_end(word.end, NAME_REST_BYTES_MAX, |byte| is_word(byte) || byte == b'-');
    let value_start = scan.run_end(name_end, JOINT_BYTES_MAX, is_joint);
    let joint = scan.text[name_end..value_start].trim_matches(' ');
    let assigned = joint.contains([':', '=']) || joint.contains('>');
    let (value_start, said) = if assigned { (value_start, false) } else { skip_is(scan, value_start) };
    if value_start == name_end {
        return;
    }
    let value_start = skip_scheme(scan, value_start);
    let quote = scan.before(value_start);
    let quoted = matches!(quote, b'"' | b'\'' | b'`');
    if scan.value_read_to > value_start {
        return;
    }
    let run_end =
        scan.run_end(value_start, VALUE_BYTES_MAX, |byte| is_value(byte) && (!quoted || byte != quote));
    scan.value_read_to = run_end;
    let end = if quoted && scan.at(run_end) == quote {
        run_end
    } else {
        value_start + scan.text[value_start..run_end].trim_end_matches(['.', ':', '!', '?', '*', '&']).len()
    };
    if end == value_start || matches!(scan.at(run_end), b'(' | b'[' | b'{') {
        return;
    }
    let given = &scan.text[value_start..end];
    let closed = quoted && scan.at(end) == quote;
    let confidence = match meaning.announces {
        _ if value::is_placeholder(given) || is_code(given) => return,
        Announces::Password if assigned || said && closed => password_confidence(given, closed),
        Announces::Password => return,
        Announces::Token => token_confidence(given, assigned),
    };
    scan.claim(value_start..end, IdentifierKind::Secret, Evidence::context("named-secret"), confidence);
}

/// Steps over `is`, in any case, after a name: "my password is …".
fn skip_is(scan: &mut Scan<'_>, at: usize) -> (usize, bool) {
    let said = scan.bytes.get(at..at + 3).is_some_and(|is| is.eq_ignore_ascii_case(b"is "));
    if !said {
        return (at, false);
    }
    (scan.run_end(at + 3, JOINT_BYTES_MAX, is_joint), true)
}

/// Steps over the scheme of an `Authorization` header.
fn skip_scheme(scan: &mut Scan<'_>, at: usize) -> usize {
    let schemes: [&[u8]; 4] = [b"bearer ", b"basic ", b"token ", b"apikey "];
    let rest = &scan.bytes[at..];
    let scheme = schemes
        .iter()
        .find(|scheme| rest.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)));
    at + scheme.map_or(0, |scheme| scheme.len())
}

/// A password is believed when it was assigned in quotes, or mixes kinds of characters as words do not.
fn password_confidence(given: &str, closed: bool) -> f32 {
    let digits = given.bytes().any(|byte| byte.is_ascii_digit());
    let letters = given.bytes().any(|byte| byte.is_ascii_alphabetic());
    let signs = given.bytes().any(|byte| byte.is_ascii_punctuation() && !matches!(byte, b'_' | b'-' | b'.'));
    let kinds = u8::from(digits) + u8::from(letters) + u8::from(signs);
    if !PASSWORD_BYTES.contains(&given.len()) {
        return if value::looks_random(given) { 0.8 } else { 0.2 };
    }
    match (kinds, closed) {
        (3, _) => 0.85,
        (2, _) => 0.75,
        (_, true) => 0.55,
        (_, false) => 0.3,
    }
}

/// A token is believed when it looks random; where it is not assigned, it must be longer.
fn token_confidence(given: &str, assigned: bool) -> f32 {
    let random = value::looks_random(given);
    match (assigned, random) {
        (true, true) => 0.85,
        (false, true) if given.len() >= 20 => 0.7,
        _ => 0.2,
    }
}

fn is_code(given: &str) -> bool {
    let lower = given.to_ascii_lowercase();
    lower.contains("passw")
        || CODE_WORDS.iter().any(|word| lower.starts_with(word))
        || given.starts_with(['$', '%', '@', '/', '-', '&', '+', '=', '*'])
}

fn is_joint(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b':' | b'=' | b'>' | b']' | b'\\' | b',')
}

fn is_value(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'_'
                | b'.'
                | b'+'
                | b'/'
                | b'='
                | b'~'
                | b'%'
                | b'!'
                | b'$'
                | b'@'
                | b'#'
                | b'^'
                | b'&'
                | b'*'
                | b':'
                | b'?'
        )
}
