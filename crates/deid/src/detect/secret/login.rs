//! Names with their passwords: `curl -u name:password`, `Authorization: Basic …`, and the names alone in environments.

use std::ops::Range;

use crate::candidate::Evidence;
use crate::detect::base_codes::base64;
use crate::detect::secret::commands::LINE_BYTES_MAX;
use crate::detect::secret::value;
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_word};

/// The longest pair of name and password, plain or in base64.
pub(super) const PAIR_BYTES_MAX: usize = 256;
/// The shortest pair.
const PAIR_BYTES_MIN: usize = 6;
/// The commands whose flags take a pair.
const COMMANDS: [&str; 4] = ["curl", "wget", "http", "https"];

/// What the flags of a pair begin with.
pub(crate) const FLAGS: [&str; 4] = [" -u ", " --user ", " -u\"", " -a "];
/// What a Basic credential begins with.
pub(crate) const BASIC: &str = "basic ";
/// What stands between user and domain where Windows answers a challenge.
pub(crate) const CHALLENGE: &str = "::";
/// The longest name of a user or a domain, and the hexadecimal digits of the parts that follow them.
const NAME_BYTES_MAX: usize = 64;
const CHALLENGE_DIGITS: [(usize, usize); 3] = [(16, 48), (32, 48), (16, 4096)];
/// What names an account in an environment.
pub(crate) const USER_NAMES: [&str; 2] = ["username=", "user="];

/// Reads the pair behind a flag.
pub(crate) fn detect_flag(scan: &mut Scan<'_>, flag: Range<usize>) {
    let start = scan.run_end(flag.end, 2, |byte| matches!(byte, b' ' | b'"' | b'\''));
    let end = scan.run_end(start, PAIR_BYTES_MAX, |byte| byte.is_ascii_graphic() && !is_delimiter(byte));
    let pair = &scan.text[start..end];
    let Some((name, password)) = pair.split_once(':') else { return };
    let said =
        !password.is_empty() && !value::is_placeholder(password) && !password.starts_with(['$', '{', '/']);
    let believed = pair.len() >= PAIR_BYTES_MIN && said && !name.contains('/') && is_secret_like(password);
    if believed && (value::is_mixed(password) || scan.context_within(flag.start, LINE_BYTES_MAX, &COMMANDS)) {
        scan.claim(start..end, IdentifierKind::Secret, Evidence::context("name-and-password"), 0.8);
    }
}

/// Reads base64 that decodes to a name and a password.
pub(crate) fn detect_basic(scan: &mut Scan<'_>, scheme: Range<usize>) {
    if is_word(scan.before(scheme.start)) {
        return;
    }
    let end = scan.run_end(scheme.end, PAIR_BYTES_MAX, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_')
    });
    if end - scheme.end < PAIR_BYTES_MIN + 2 {
        return;
    }
    let decoded = base64(&scan.bytes[scheme.end..end]);
    scan.note_work(end - scheme.end);
    let Some(pair) = decoded.and_then(|bytes| String::from_utf8(bytes).ok()) else { return };
    let plain = pair.chars().all(|c| !c.is_control());
    if plain && pair.find(':').is_some_and(|colon| colon > 0 || pair.len() > PAIR_BYTES_MIN) {
        scan.claim(scheme.end..end, IdentifierKind::Secret, Evidence::library("basic-credential"), 0.95);
    }
}

/// Reads an answer to a Windows challenge as it is captured on a network: `user::domain:challenge:proof:rest`.
pub(crate) fn detect_challenge(scan: &mut Scan<'_>, colons: Range<usize>) {
    let domain_end =
        scan.run_end(colons.end, NAME_BYTES_MAX, |byte| is_word(byte) || matches!(byte, b'-' | b'.'));
    let mut at = domain_end;
    for (shortest, longest) in CHALLENGE_DIGITS {
        if scan.at(at) != b':' {
            return;
        }
        let end = scan.run_end(at + 1, longest + 1, |byte| byte.is_ascii_hexdigit());
        if !(shortest..=longest).contains(&(end - at - 1)) {
            return;
        }
        at = end;
    }
    let start = scan
        .run_start(colons.start, NAME_BYTES_MAX, |byte| is_word(byte) || matches!(byte, b'-' | b'.' | b'$'));
    scan.claim(start..at, IdentifierKind::Secret, Evidence::shape("windows-challenge-hash"), 0.95);
}

/// Reads the name of an account from an environment: `SMTP_USERNAME=ada`.
pub(crate) fn detect_user_name(scan: &mut Scan<'_>, name: Range<usize>) {
    let loud = scan.bytes[name.start..name.end - 1].iter().all(u8::is_ascii_uppercase);
    if !loud || scan.before(name.start) != b'_' {
        return;
    }
    let end = scan.run_end(name.end, PAIR_BYTES_MAX, |byte| is_word(byte) || matches!(byte, b'-' | b'.'));
    let given = &scan.text[name.end..end];
    if given.len() >= 3 && !value::is_placeholder(given) {
        scan.claim(name.end..end, IdentifierKind::Handle, Evidence::context("user-name"), 0.6);
    }
}

pub(super) fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' | b'\\')
}

fn is_secret_like(password: &str) -> bool {
    password.len() >= 4 && !password.bytes().all(|byte| byte.is_ascii_digit()) || password.len() >= 8
}
