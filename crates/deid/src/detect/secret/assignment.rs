//! Values that a text gives a telling name: `api_key = "…"`, `password: …`, `Authorization: Bearer …`, `TOKEN …`.

use std::ops::Range;

use crate::candidate::Evidence;
use crate::detect::secret::value::{self, Drawn};
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
    /// Something random now and then: the word has other uses.
    Perhaps,
    /// Something chosen by a person, which may be short.
    Password,
}

const fn token(text: &'static str) -> Word {
    Word { text, announces: Announces::Token }
}

const fn perhaps(text: &'static str) -> Word {
    Word { text, announces: Announces::Perhaps }
}

const fn password(text: &'static str) -> Word {
    Word { text, announces: Announces::Password }
}

pub(crate) static WORDS: [Word; 54] = [
    token("token"),
    token("secret"),
    token("apikey"),
    token("api_key"),
    token("api-key"),
    token("api key"),
    token("access_key"),
    token("accesskey"),
    token("private_key"),
    token("privatekey"),
    token("credential"),
    token("bearer"),
    token("authorization"),
    token("signing_key"),
    token("encryption_key"),
    token("webhook"),
    token("licensekey"),
    token("license_key"),
    perhaps("key"),
    perhaps("private"),
    perhaps("access"),
    perhaps("auth"),
    perhaps("login"),
    perhaps("client_id"),
    perhaps("clientid"),
    perhaps("client id"),
    perhaps("client.id"),
    perhaps("app_id"),
    perhaps("appid"),
    perhaps("account_id"),
    perhaps("session"),
    perhaps("cookie"),
    perhaps("sid"),
    perhaps("jwt"),
    perhaps("salt"),
    perhaps("signature"),
    password("password"),
    password("passwd"),
    password("passphrase"),
    password("passcode"),
    password("pwd"),
    password("passwort"),
    password("kennwort"),
    password("contraseña"),
    password("mot de passe"),
    password("senha"),
    password("wachtwoord"),
    password("contrasena"),
    password("_pass"),
    password("-pass"),
    password("dbpass"),
    password("userpass"),
    password("smtppass"),
    password("pword"),
];

/// The longest rest of a name after the word: `_ACCESS_KEY_ID`.
const NAME_REST_BYTES_MAX: usize = 28;
/// The most bytes of quotes, spaces, signs and brackets between name and value.
const JOINT_BYTES_MAX: usize = 16;
/// The longest value, and how much farther one goes that looks random.
const VALUE_BYTES_MAX: usize = 192;
const RANDOM_BYTES_MAX: usize = 1024;
/// The shortest and longest password that is believed.
const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 5..=64;
/// The least length of a token behind an announcing word, one of another use, and one glued to its name.
const SAID_BYTES_MIN: usize = 16;
const PERHAPS_SAID_BYTES_MIN: usize = 20;
const GLUED_BYTES_MIN: usize = 20;
/// The least length of a short mixture that is believed, and how often it changes between letters and digits.
const SHORT_BYTES_MIN: usize = 8;
const SHORT_CHANGES_MIN: usize = 1;
/// The least length of a short mixture behind a word in capitals: `TOKEN ZYXWV9876543210`.
const LOUD_BYTES_MIN: usize = 12;
/// The most parts of a name that are stepped over in search of a value glued to it.
const GLUED_PARTS_MAX: usize = 4;
/// How far behind a name in prose its value may begin, and how long it may be.
const PROSE_BYTES_MAX: usize = 64;
const PROSE_VALUE_BYTES_MAX: usize = 128;
/// Words before a password that say whose or where it is.
const USER_WORDS: [&str; 7] = ["user", "username", "login", "email", "host", "dbname", "uid"];
/// Values, in lower case, that begin as code does or say nothing.
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

/// How a value is tied to its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joint {
    /// By a sign: `=`, `:`, `>`.
    Assigned,
    /// By `is`.
    Said,
    /// It just follows, or stands in a call.
    Follows,
}

/// A value under a name.
pub(crate) struct Named {
    pub(crate) range: Range<usize>,
    pub(crate) joint: Joint,
    /// It stands in quotes.
    closed: bool,
    /// It stands on a line of its own.
    below: bool,
    /// Nothing but one sign or a tag's end, or a space and a quote, is between name and value.
    direct: bool,
}

/// Reads what each way of telling a secret tells; none hides another, so that the answer does not depend on how much of
/// a text that grows has been read.
pub(crate) fn detect(scan: &mut Scan<'_>, word: Range<usize>, meaning: &Word) {
    let named = read(scan, word.clone());
    let assigned = is_assigned(scan, word.end);
    let judged = named.and_then(|found| Some((judge(scan, &word, meaning, &found)?, found.range)));
    let glued = read_glued(scan, word.end, meaning).map(|range| (0.65, range));
    let (random, quoted) = match meaning.announces {
        Announces::Perhaps => (None, None),
        _ if assigned => (None, None),
        Announces::Token => (random_after_prose(scan, word.end), None),
        Announces::Password => (random_after_prose(scan, word.end), quoted_after_is(scan, word.end)),
    };
    for (confidence, range) in [judged, glued, random, quoted].into_iter().flatten() {
        scan.claim(range, IdentifierKind::Secret, Evidence::context("named-secret"), confidence);
    }
}

/// Whether a sign assigns a value to a name.
fn is_assigned(scan: &mut Scan<'_>, word_end: usize) -> bool {
    let name_end = scan.run_end(word_end, NAME_REST_BYTES_MAX, |byte| is_word(byte) || byte == b'-');
    let joint_end = scan.run_end(name_end, JOINT_BYTES_MAX, is_joint);
    scan.bytes[name_end..joint_end].iter().any(|byte| matches!(byte, b':' | b'=' | b'>'))
}

/// Reads the value that follows a name that begins with `word`.
pub(crate) fn read(scan: &mut Scan<'_>, word: Range<usize>) -> Option<Named> {
    let name_end = scan.run_end(word.end, NAME_REST_BYTES_MAX, |byte| is_word(byte) || byte == b'-');
    let joint_end = scan.run_end(name_end, JOINT_BYTES_MAX, is_joint);
    let signs = &scan.bytes[name_end..joint_end];
    let assigned = signs.iter().any(|byte| matches!(byte, b':' | b'=' | b'>'));
    let below = signs.contains(&b'\n');
    let (start, joint) = match assigned {
        true => (joint_end, Joint::Assigned),
        false => skip_is(scan, joint_end),
    };
    if start == name_end {
        return None;
    }
    let attribute = skip_attribute(scan, start);
    let joint = if attribute > start { Joint::Assigned } else { joint };
    let start = skip_scheme(scan, attribute);
    let quote = scan.before(start);
    let quoted = matches!(quote, b'"' | b'\'' | b'`');
    let run_end = value_end(scan, start, |byte| match quoted {
        true => is_quotable(byte) && byte != quote,
        false => is_value(byte),
    });
    let closed = quoted && scan.at(run_end) == quote;
    let run_end = if quoted && !closed { value_end(scan, start, is_value) } else { run_end };
    let end = match closed {
        true => run_end,
        false => start + scan.text[start..run_end].trim_end_matches(['.', ':', '!', '?', '*', '&']).len(),
    };
    let called = matches!(scan.at(run_end), b'(' | b'[' | b'{');
    let direct = matches!(&scan.bytes[name_end..start], b"=" | b">" | b" '" | b" \"");
    (end > start && !called).then_some(Named { range: start..end, joint, closed, below, direct })
}

/// Where a value ends; one that looks random may be longer than others.
fn value_end(scan: &mut Scan<'_>, start: usize, accept: impl Fn(u8) -> bool) -> usize {
    let end = scan.run_end(start, VALUE_BYTES_MAX, &accept);
    let goes_on = end - start == VALUE_BYTES_MAX && value::drawn(&scan.text[start..end]) == Drawn::Mixed;
    if goes_on { scan.run_end(end, RANDOM_BYTES_MAX, accept) } else { end }
}

/// Reads a value that a name is glued to by a sign, as in `vendor-secret-4f5a…`.
fn read_glued(scan: &mut Scan<'_>, word_end: usize, meaning: &Word) -> Option<Range<usize>> {
    if meaning.announces == Announces::Password {
        return None;
    }
    let mut at = word_end;
    for _ in 0..GLUED_PARTS_MAX {
        at = scan.run_end(at, NAME_REST_BYTES_MAX, |byte| byte.is_ascii_alphabetic());
        if !matches!(scan.at(at), b'-' | b'_' | b'.') {
            return None;
        }
        at += 1;
        let end = scan.run_end(at, PROSE_VALUE_BYTES_MAX, |byte| is_word(byte) || byte == b'-');
        let text = &scan.text[at..end];
        let groups = text.split('-').filter(|group| value::is_mixed(group)).count();
        let joined = text.contains('-') && !value::is_uuid(text) && groups < 3;
        let ends = !matches!(scan.at(end), b'.' | b'/' | b'(' | b'=');
        if text.len() >= GLUED_BYTES_MIN
            && ends
            && !joined
            && value::drawn(text) == Drawn::Mixed
            && !value::is_placeholder(text)
        {
            return Some(at..end);
        }
    }
    None
}

/// What may be told behind a name in prose.
fn prose<'t>(scan: &mut Scan<'t>, word_end: usize) -> &'t str {
    let text = scan.text;
    let reach = text.floor_char_boundary(word_end + PROSE_BYTES_MAX);
    scan.note_work(reach - word_end);
    &text[word_end..reach]
}

/// Reads a random value some words behind its name: `the token for the robot: 4f5a…`.
fn random_after_prose(scan: &mut Scan<'_>, word_end: usize) -> Option<(f32, Range<usize>)> {
    let prose = prose(scan, word_end);
    let signs =
        prose.bytes().enumerate().filter(|(_, byte)| matches!(byte, b' ' | b'\n' | b'\'' | b'"' | b'`'));
    for (at, _) in signs {
        let start = word_end + at + 1;
        if !scan.at(start).is_ascii_alphanumeric() {
            continue;
        }
        let end = scan.run_end(start, PROSE_VALUE_BYTES_MAX, |byte| {
            is_word(byte) || matches!(byte, b'-' | b'+' | b'=')
        });
        let text = &scan.text[start..end];
        let random = text.len() >= GLUED_BYTES_MIN
            && !value::is_uuid(text)
            && value::drawn(text) == Drawn::Mixed
            && !matches!(scan.at(end), b'/' | b'.' | b'@' | b'(' | b':')
            && !value::is_placeholder(text);
        if random {
            return Some((0.6, start..end));
        }
    }
    None
}

/// Reads a quoted word behind ` is ` when no sentence ends before it: `password for user 'ada' is 'sesame'`.
fn quoted_after_is(scan: &mut Scan<'_>, word_end: usize) -> Option<(f32, Range<usize>)> {
    let prose = prose(scan, word_end);
    let is = [" is '", " is \"", " is: '", " is: \"", " is `"];
    let (at, mark) = is.iter().filter_map(|mark| Some((prose.find(mark)?, mark))).min()?;
    if prose[..at].contains(['.', '!', '?', '\n', ';', ',']) {
        return None;
    }
    let start = word_end + at + mark.len();
    let quote = scan.before(start);
    let end = scan.run_end(start, PASSWORD_BYTES.end() + 1, |byte| is_quotable(byte) && byte != quote);
    let given = &scan.text[start..end];
    let stands = scan.at(end) == quote && (4..=*PASSWORD_BYTES.end()).contains(&given.len());
    (stands && !value::is_placeholder(given) && !is_code(given, true)).then_some((0.6, start..end))
}

/// Steps over `is`, in any case, after a name: "my password is …".
fn skip_is(scan: &mut Scan<'_>, at: usize) -> (usize, Joint) {
    let said = scan.bytes.get(at..at + 3).is_some_and(|is| is.eq_ignore_ascii_case(b"is "));
    if !said {
        return (at, Joint::Follows);
    }
    (scan.run_end(at + 3, JOINT_BYTES_MAX, is_joint), Joint::Said)
}

/// Steps over `value="`, with which XML gives a name its value.
fn skip_attribute(scan: &Scan<'_>, at: usize) -> usize {
    let attribute = b"value=\"";
    let found =
        scan.bytes.get(at..at + attribute.len()).is_some_and(|head| head.eq_ignore_ascii_case(attribute));
    at + if found { attribute.len() } else { 0 }
}

/// Steps over the scheme of an `Authorization` header.
fn skip_scheme(scan: &mut Scan<'_>, at: usize) -> usize {
    let schemes: [&[u8]; 5] = [b"bearer ", b"basic ", b"token ", b"apikey ", b"ssws "];
    let rest = &scan.bytes[at..];
    let scheme = schemes
        .iter()
        .find(|scheme| rest.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)));
    at + scheme.map_or(0, |scheme| scheme.len())
}

fn judge(scan: &mut Scan<'_>, word: &Range<usize>, meaning: &Word, found: &Named) -> Option<f32> {
    let given = &scan.text[found.range.clone()];
    if value::is_placeholder(given) || is_code(given, found.closed) && !in_row(scan, word, found) {
        return None;
    }
    match meaning.announces {
        Announces::Password if is_told(scan, word, found) => {
            let confidence = password_confidence(scan, word, found);
            // `tests_pass = "all"` tells no password.
            let loud = scan.bytes[word.clone()].iter().all(|byte| !byte.is_ascii_lowercase());
            let doubtful =
                meaning.text.ends_with("pass") && !loud && !given.bytes().any(|byte| byte.is_ascii_digit());
            confidence.filter(|_| !doubtful)
        }
        Announces::Password => None,
        announced => {
            let loud = scan.bytes[word.clone()].iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_');
            let alone = !is_word(scan.before(word.start));
            let announced = announced == Announces::Token || loud;
            if meaning.text == "secret" && is_pass_phrase(given, found) {
                return Some(0.55);
            }
            if found.joint == Joint::Follows
                && loud
                && changes(given) > 0
                && value::drawn(given) == Drawn::Short
            {
                return Some(if given.len() >= LOUD_BYTES_MIN { 0.55 } else { 0.2 });
            }
            token_confidence(given, found, announced, alone)
        }
    }
}

/// Whether a password is told at all: assigned, said, or behind `--password` or the `login` of a .netrc.
fn is_told(scan: &mut Scan<'_>, word: &Range<usize>, found: &Named) -> bool {
    match found.joint {
        _ if found.below => false,
        Joint::Assigned | Joint::Said => true,
        Joint::Follows if found.closed && found.direct => true,
        Joint::Follows => {
            let is_near = found.range.start <= word.end + JOINT_BYTES_MAX;
            scan.before(word.start) == b'-' || is_near && scan.context_before(word.start, &["login"])
        }
    }
}

/// A password is believed when it was assigned in quotes, or mixes kinds of characters as words do not, or stands in a
/// row of settings.
fn password_confidence(scan: &mut Scan<'_>, word: &Range<usize>, found: &Named) -> Option<f32> {
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
        let counts =
            given.split_once('-').is_some_and(|(head, _)| head.bytes().all(|byte| byte.is_ascii_digit()));
        return (digits && letters && !counts).then_some(0.6);
    }
    match (kinds, found.closed) {
        (3, _) => Some(0.85),
        (2, _) => Some(0.75),
        (_, true) => Some(0.55),
        (_, false) if value::drawn(given) == Drawn::Letters => Some(0.6),
        (_, false) if in_row || is_setting(scan, word, found) => Some(0.55),
        (_, false) => Some(0.3),
    }
}

/// Whether a secret is one that a person thought of: quoted, with signs or digits.
fn is_pass_phrase(given: &str, found: &Named) -> bool {
    let is_sign =
        |byte: u8| byte.is_ascii_punctuation() && !matches!(byte, b'_' | b'-' | b'.' | b'/' | b':' | b'\\');
    let letters = given.bytes().any(|byte| byte.is_ascii_alphabetic());
    found.closed
        && found.joint == Joint::Assigned
        && letters
        && given.len() >= SHORT_BYTES_MIN
        && given.bytes().any(is_sign)
        && !given.contains(['(', '{', '[', '$', '='])
}

/// Whether a name stands in a row of settings, as in `Uid=sa;Pwd=secret;` or `?user=fred&password=secret`.
fn in_row(scan: &Scan<'_>, word: &Range<usize>, found: &Named) -> bool {
    let given = &scan.bytes[found.range.clone()];
    let in_environment = scan.before(word.start) == b'_'
        && scan.bytes[word.clone()].iter().all(u8::is_ascii_uppercase)
        && matches!(scan.at(found.range.end), 0 | b'\n' | b'\r');
    found.direct
        && !found.closed
        && (matches!(scan.before(word.start), b';' | b'&' | b'?') || in_environment)
        && given.iter().all(|byte| is_word(*byte) || matches!(byte, b'-' | b'!' | b'@' | b'.'))
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

/// A token is believed when it looks random; where it is not assigned, it must be longer.
fn token_confidence(given: &str, found: &Named, announced: bool, alone: bool) -> Option<f32> {
    let assigned = found.joint == Joint::Assigned;
    let said_min = if announced { SAID_BYTES_MIN } else { PERHAPS_SAID_BYTES_MIN };
    let confidence = match value::drawn(given) {
        Drawn::Mixed if assigned => 0.85,
        Drawn::Mixed if given.len() >= said_min => 0.7,
        Drawn::Letters if assigned && (announced || !alone) => 0.65,
        Drawn::Letters if announced && given.len() >= PERHAPS_SAID_BYTES_MIN => 0.55,
        Drawn::Short if assigned && (announced || !alone) && is_interleaved(given) => 0.6,
        _ => 0.2,
    };
    Some(confidence)
}

/// Whether letters and digits alternate in a short value as they do in keys but not in names with a number.
pub(crate) fn is_interleaved(given: &str) -> bool {
    changes(given) >= SHORT_CHANGES_MIN
}

/// How often a value of some length changes between letters and digits.
fn changes(given: &str) -> usize {
    if given.len() < SHORT_BYTES_MIN {
        return 0;
    }
    let kinds = given.as_bytes().windows(2);
    kinds
        .filter(|pair| {
            pair[0].is_ascii_digit() && pair[1].is_ascii_alphabetic()
                || pair[0].is_ascii_alphabetic() && pair[1].is_ascii_digit()
        })
        .count()
}

/// Whether a value is an expression or a word of code.
fn is_code(given: &str, closed: bool) -> bool {
    let lower = given.to_ascii_lowercase();
    let begins = |word: &&str| {
        lower.strip_prefix(*word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let names_password = lower.contains("passw") && {
        let rest: String = lower.replace("password", "").replace("passwd", "");
        rest.bytes().filter(u8::is_ascii_digit).count() < 3
            && rest.bytes().all(|byte| is_word(byte) || byte == b'.' || byte == b'-')
    };
    let sign: &[char] =
        if closed { &['$', '{'] } else { &['$', '%', '@', '/', '-', '&', '+', '=', '*', '{', '['] };
    let variable = given.starts_with(sign)
        && (!closed
            || given[1..].bytes().all(|byte| is_word(byte) || matches!(byte, b'{' | b'}' | b'$' | b'.')));
    let constant = !closed
        && lower.bytes().all(is_word)
        && lower.contains('_')
        && given.starts_with(|c: char| c == '_' || c.is_ascii_uppercase())
        && !given.bytes().any(|byte| byte.is_ascii_lowercase() && !given.starts_with('_'));
    names_password
        || constant
        || given.contains("::")
        || variable
        || given.ends_with('=') && !closed && given.len() < 16
        || CODE_WORDS.iter().any(|word| begins(&word))
}

fn is_joint(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t'
            | b'\r'
            | b'\n'
            | b'"'
            | b'\''
            | b'`'
            | b':'
            | b'='
            | b'>'
            | b']'
            | b'\\'
            | b','
            | b'('
            | b')'
            | b'|'
    )
}

/// What a value in quotes may hold: nothing that lies between words.
fn is_quotable(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'`' | b'<' | b'>' | b'|')
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
