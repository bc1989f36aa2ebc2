//! The detectors, and the one pass over the text that wakes them.
//!
//! An automaton finds anchors (`@`, `://`, `-----BEGIN`, key prefixes, words such as `token`), a byte loop finds
//! where numbers and colons stand. Each hit hands a bounded window to one detector, so work is linear in the text.

mod bank;
mod base_codes;
mod card;
mod cloud_names;
mod crypto;
mod email;
mod hashes;
mod network;
mod number;
mod pem;
mod phone;
mod secret;
mod url;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::scan::{Scan, is_word};
pub(crate) use bank::iban_length;
pub(crate) use card::luhn;
pub(crate) use number::bare as bare_numbers;
pub(crate) use phone::{EXTENSION_MARKS, canonical as canonical_phone};
pub(crate) use secret::value::looks_random;
use secret::{assignment, encoded, login, service, services, shape, shapes};

/// What an anchor wakes.
#[derive(Clone, Copy)]
enum Anchor {
    Email,
    Url,
    Pem,
    PemInBase64,
    Bech32,
    Shape(&'static shape::Shape),
    Service(&'static service::Service),
    Assignment(&'static assignment::Word),
    Webhook(&'static str),
    Challenge,
    LoginFlag,
    PasswordFlag,
    Basic,
    UserName,
    ResourceName,
    TenantHost,
}

/// The automaton over all anchors.
pub(crate) struct Anchors {
    automaton: Option<AhoCorasick>,
    meanings: Vec<Anchor>,
}

impl Anchors {
    pub(crate) fn new() -> Self {
        let mut anchors = vec![
            ("@", Anchor::Email),
            ("://", Anchor::Url),
            (pem::BEGIN, Anchor::Pem),
            (pem::BEGIN_IN_BASE64, Anchor::PemInBase64),
        ];
        anchors.extend(crypto::BECH32_PREFIXES.map(|prefix| (prefix, Anchor::Bech32)));
        anchors.extend(shapes::all().map(|shape| (shape.mark, Anchor::Shape(shape))));
        let names = |service: &'static service::Service| {
            service.names.iter().map(move |name| (*name, Anchor::Service(service)))
        };
        anchors.extend(services::all().flat_map(names));
        anchors.extend(assignment::WORDS.iter().map(|word| (word.text, Anchor::Assignment(word))));
        anchors.extend(url::WEBHOOK_HOSTS.map(|host| (host, Anchor::Webhook(host))));
        anchors.extend(login::FLAGS.map(|flag| (flag, Anchor::LoginFlag)));
        anchors.extend(login::PASSWORD_FLAGS.map(|flag| (flag, Anchor::PasswordFlag)));
        anchors.push((login::CHALLENGE, Anchor::Challenge));
        anchors.push((login::BASIC, Anchor::Basic));
        anchors.extend(login::USER_NAMES.map(|name| (name, Anchor::UserName)));
        anchors.push((cloud_names::RESOURCE_NAME, Anchor::ResourceName));
        anchors.extend(cloud_names::TENANT_HOSTS.map(|host| (host, Anchor::TenantHost)));
        let (patterns, meanings): (Vec<_>, Vec<_>) = anchors.into_iter().unzip();
        // The set is fixed and far below the size at which building can fail; a test holds that it does not.
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(patterns)
            .ok();
        Self { automaton, meanings }
    }
}

/// What a text wakes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stirs {
    /// A detector would look at something in it: where false, nothing is found in the text.
    pub here: bool,
    /// It names a secret, whose value may follow.
    pub after: bool,
}

/// What a stretch wakes, without looking closer.
pub(crate) fn stirs(anchors: &Anchors, text: &str) -> Stirs {
    let bytes = text.as_bytes();
    let joins = |at: usize| bytes[at] == b'-' && bytes.get(at + 3) == Some(&b'-');
    let wakes = |at: usize| bytes[at] == b':' || joins(at);
    let here = numbers_suffice(bytes) || (0..bytes.len()).any(wakes);
    let mut stirs = Stirs { here, after: false };
    match &anchors.automaton {
        Some(automaton) => {
            for hit in automaton.find_overlapping_iter(text) {
                stirs.here = true;
                let meaning = anchors.meanings[hit.pattern().as_usize()];
                stirs.after |= matches!(
                    meaning,
                    Anchor::Assignment(_)
                        | Anchor::Service(_)
                        | Anchor::LoginFlag
                        | Anchor::PasswordFlag
                        | Anchor::Basic
                );
                if stirs.after {
                    break;
                }
            }
        }
        None => stirs = Stirs { here: true, after: true },
    }
    stirs
}

/// Whether the digits of a text are enough for any identifier that only its digits wake: `2024` and `word7` are not.
///
/// A number has at least [`number::DIGITS_MIN`] digits, but an IPv4 address, which has three dots. Words with digits in
/// them are longer: the shortest IBAN has 15 characters, addresses on chains and words drawn at random have more.
fn numbers_suffice(bytes: &[u8]) -> bool {
    const WORD_BYTES_MIN: usize = 15;
    let count = |wanted: fn(&u8) -> bool| bytes.iter().filter(|byte| wanted(byte)).count();
    let digits = count(u8::is_ascii_digit);
    digits >= number::DIGITS_MIN
        || digits > 0 && bytes.len() >= WORD_BYTES_MIN
        || digits >= 4 && count(|byte| *byte == b'.') >= 3
}

/// Runs every detector over a stretch, and over what its encoded parts hold.
pub(crate) fn run(anchors: &Anchors, scan: &mut Scan<'_>) {
    run_anchored(anchors, scan);
    numbers_and_colons(scan);
    encoded::detect(scan, &|decoded| {
        let mut inner = Scan::new(decoded, &[]);
        run_anchored(anchors, &mut inner);
        inner.finish()
    });
}

fn run_anchored(anchors: &Anchors, scan: &mut Scan<'_>) {
    let text = scan.text;
    let mut pem = pem::Progress::default();
    let mut url = url::Progress::default();
    let Some(automaton) = &anchors.automaton else { return };
    for hit in automaton.find_overlapping_iter(text) {
        let (start, range) = (hit.start(), hit.start()..hit.end());
        match anchors.meanings[hit.pattern().as_usize()] {
            Anchor::Email => email::detect(scan, start),
            Anchor::Url => url.detect(scan, start),
            Anchor::Pem => pem.detect(scan, start),
            Anchor::PemInBase64 => pem.detect_in_base64(scan, start),
            Anchor::Bech32 => crypto::detect_bech32(scan, start),
            Anchor::Shape(shape) => shape::detect(scan, start, shape),
            Anchor::Service(service) => service::detect(scan, range, service),
            Anchor::Assignment(word) => assignment::detect(scan, range, word),
            Anchor::Webhook(host) => url::detect_webhook(scan, start, host),
            Anchor::Challenge => login::detect_challenge(scan, range),
            Anchor::LoginFlag => login::detect_flag(scan, range),
            Anchor::PasswordFlag => login::detect_password_flag(scan, range),
            Anchor::Basic => login::detect_basic(scan, range),
            Anchor::UserName => login::detect_user_name(scan, range),
            Anchor::ResourceName => cloud_names::detect_resource_name(scan, start),
            Anchor::TenantHost => cloud_names::detect_tenant_host(scan, range),
        }
    }
}

/// Visits each place where a number, a hexadecimal word or a colon-separated address may begin.
fn numbers_and_colons(scan: &mut Scan<'_>) {
    let bytes = scan.bytes;
    let mut at = 0;
    // Where the latest examined address and phrase ended: a run is examined once.
    let mut address_end = 0;
    let mut phrase_end = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte == b':' {
            if at >= address_end {
                address_end = network::detect_colons(scan, at);
            }
            at += 1;
        } else if byte == b'-' {
            network::detect_dashed_mac(scan, at);
            at += 1;
        } else if byte.is_ascii_digit() {
            let starts_word = !is_word(scan.before(at));
            let word_end = scan.run_end(at, usize::MAX, |byte| byte.is_ascii_alphanumeric());
            if starts_word {
                crypto::detect_at_digit(scan, at..word_end);
                if at >= phrase_end {
                    phrase_end = number::detect(scan, at);
                }
            }
            bank::detect(scan, at);
            at = word_end;
        } else {
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_automaton_over_all_anchors_can_be_built() {
        assert!(Anchors::new().automaton.is_some());
    }
}
