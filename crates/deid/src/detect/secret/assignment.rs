//! Values that a text gives a telling name: `api_key = "…"`, `password: …`, `Authorization: Bearer …`, `TOKEN …`.

use std::ops::Range;

use crate::candidate::Evidence;
use crate::detect::secret::named::{Joint, NAME_REST_BYTES_MAX, Named, is_assigned, is_quotable, read};
use crate::detect::secret::password::{PASSWORD_BYTES, in_row, is_pass_phrase, is_told, password_confidence};
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

pub(crate) static WORDS: [Word; 76] = [
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
    perhaps("accountid"),
    perhaps("account id"),
    perhaps("tenant_id"),
    perhaps("tenantid"),
    perhaps("tenant id"),
    perhaps("subscription_id"),
    perhaps("subscriptionid"),
    perhaps("subscription id"),
    perhaps("project_id"),
    perhaps("projectid"),
    perhaps("workspace_id"),
    perhaps("org_id"),
    perhaps("organization_id"),
    perhaps("user_id"),
    perhaps("_pat"),
    perhaps("totp"),
    perhaps("dsn"),
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
    password("pass="),
    password("pass:"),
    password("pass\":"),
    password("pass':"),
    password("psk="),
];
/// The least length of a token behind an announcing word, one of another use, and one glued to its name.
const SAID_BYTES_MIN: usize = 16;
const PERHAPS_SAID_BYTES_MIN: usize = 20;
const GLUED_BYTES_MIN: usize = 20;
/// The least length of a short mixture that is believed, and how often it changes between letters and digits.
const SHORT_BYTES_MIN: usize = 8;
const SHORT_CHANGES_MIN: usize = 1;
/// The least length of a short mixture behind a word in capitals: `TOKEN ZYXWV9876543210`.
const LOUD_BYTES_MIN: usize = 12;
/// The fewest digits at which a value that begins with a word of code is no name of code.
const NUMBERED_DIGITS_MIN: usize = 6;
/// How many digits the number of an account at a service has.
const ACCOUNT_DIGITS: std::ops::RangeInclusive<usize> = 12..=24;
/// The most parts of a name that are stepped over in search of a value glued to it.
const GLUED_PARTS_MAX: usize = 4;
/// How far behind a name in prose its value may begin, and how long it may be.
const PROSE_BYTES_MAX: usize = 64;
const PROSE_VALUE_BYTES_MAX: usize = 128;
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
/// Reads what each way of telling a secret tells; none hides another, so that the answer does not depend on how much of
/// a text that grows has been read.
pub(crate) fn detect(scan: &mut Scan<'_>, word: Range<usize>, meaning: &Word) {
    let short = meaning.text.ends_with(['=', ':']);
    // `-----BEGIN PUBLIC KEY-----` names no value.
    let in_armour = scan.bytes[word.end..].starts_with(b"-----");
    if in_armour || short && scan.before(word.start).is_ascii_alphabetic() {
        return;
    }
    // The signs behind a short word only keep it from being found in others.
    let word = word.start..word.start + meaning.text.trim_end_matches(['=', ':', '"', '\'']).len();
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
            if is_account_number(meaning, given, found) {
                return Some(0.6);
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
/// Whether a value is the number of an account or a key of digits: under a name that ends in `id` or `key`.
fn is_account_number(meaning: &Word, given: &str, found: &Named) -> bool {
    (meaning.text.ends_with("id")
        || meaning.text.ends_with("key")
        || meaning.text == "token"
        || meaning.text == "secret")
        && found.joint == Joint::Assigned
        && ACCOUNT_DIGITS.contains(&given.len())
        && given.bytes().all(|byte| byte.is_ascii_digit())
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
        Drawn::Short
            if announced
                && found.joint == Joint::Said
                && given.len() >= LOUD_BYTES_MIN
                && changes(given) > 1 =>
        {
            0.55
        }
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
    let begins = |word: &str| {
        lower.strip_prefix(word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    // Names of code have few digits: `token_2`, but not `token_58402…`.
    let numbered = lower.bytes().filter(u8::is_ascii_digit).count() >= NUMBERED_DIGITS_MIN;
    let names_password = lower.contains("passw") && {
        let rest: String = lower.replace("password", "").replace("passwd", "");
        rest.bytes().filter(u8::is_ascii_digit).count() < 3
            && rest.bytes().all(|byte| is_word(byte) || byte == b'.' || byte == b'-')
    };
    let sign: &[char] =
        if closed { &['$', '{'] } else { &['$', '%', '@', '/', '-', '&', '+', '=', '*', '{', '['] };
    let variable = given.starts_with(sign)
        && !value::is_base64_key(given)
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
        || CODE_WORDS.iter().any(|word| begins(word)) && !numbered
}
