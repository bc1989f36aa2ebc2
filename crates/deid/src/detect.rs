//! The detectors, and the one pass over the text that wakes them.
//!
//! An automaton finds anchors (`@`, `://`, `-----BEGIN`, key prefixes, words such as `token`), a byte loop finds
//! where numbers and colons stand. Each hit hands a bounded window to one detector, so work is linear in the text.

mod address;
mod age;
mod bank;
mod base_codes;
mod card;
mod cloud_names;
mod coordinates;
mod crypto;
mod cue;
mod dates;
mod device;
mod email;
mod handle;
mod hashes;
mod label;
mod national;
mod network;
mod number;
mod pem;
mod phone;
mod postcode;
mod profile;
mod secret;
mod title;
mod url;
mod vehicle;
mod website;

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::identifier::IdentifierKind as Kind;
use crate::scan::{Scan, Wanted, is_word};
pub(crate) use bank::iban_length;
pub(crate) use card::luhn;
pub(crate) use cue::Cue;
pub(crate) use number::bare as bare_numbers;
pub(crate) use phone::{EXTENSION_MARKS, canonical as canonical_phone};
pub(crate) use secret::value::looks_random;
use secret::{assignment, commands, encoded, login, service, services, shape, shapes};

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
    /// What comes right before a password.
    Opening,
    /// A call with the place of its quoted argument that is a password.
    Call(usize),
    ShareUser,
    ThinDriver,
    Basic,
    UserName,
    ResourceName,
    TenantHost,
    AwsHost,
    Bucket,
    Cue(cue::Meaning),
    Degrees,
    /// A label, and whether letters may follow it.
    Label(&'static label::Label, bool),
    Month,
    /// A day of the week by its place in the list.
    Weekday(usize),
    Age(age::Says),
    Honorific,
    StreetType,
    StreetSuffix,
    StreetPrefix,
    PostBox,
    Unit,
    MilitaryMail,
    StreetCorner,
    AtHandle,
    Reddit,
    Platform,
    Website,
    Www,
    Domain,
}

/// The automaton over all anchors that some wanted kind needs.
pub(crate) struct Anchors {
    automaton: Option<AhoCorasick>,
    meanings: Vec<Anchor>,
    wanted: Wanted,
}

/// The kinds that detectors of secrets find.
const SECRETS: [Kind; 3] = [Kind::PrivateKey, Kind::Url, Kind::Secret];

/// Anchors with the kinds that they are for.
struct Collected {
    wanted: Wanted,
    patterns: Vec<&'static str>,
    meanings: Vec<Anchor>,
}

impl Collected {
    fn add(&mut self, kinds: &[Kind], anchors: impl IntoIterator<Item = (&'static str, Anchor)>) {
        if self.wanted.any(kinds) {
            for (pattern, meaning) in anchors {
                self.patterns.push(pattern);
                self.meanings.push(meaning);
            }
        }
    }
}

impl Collected {
    /// The anchors of commands and calls that take a password.
    fn add_commands(&mut self) {
        self.add(&SECRETS, commands::PASSWORD_FLAGS.map(|flag| (flag, Anchor::PasswordFlag)));
        self.add(&SECRETS, commands::OPENINGS.map(|opening| (opening, Anchor::Opening)));
        self.add(&SECRETS, commands::CALLS.map(|(call, place)| (call, Anchor::Call(place))));
        self.add(&SECRETS, [(commands::SHARE_USER, Anchor::ShareUser)]);
        self.add(&SECRETS, [(commands::THIN_DRIVER, Anchor::ThinDriver)]);
    }

    /// The anchors of secrets and of what holds them.
    fn add_secrets(&mut self) {
        let shapes = shapes::all().map(|shape| (shape.mark, Anchor::Shape(shape)));
        let names = services::names().map(|(name, service)| (name, Anchor::Service(service)));
        let words = assignment::WORDS.iter().map(|word| (word.text, Anchor::Assignment(word)));
        self.add(&SECRETS, [("://", Anchor::Url), (pem::BEGIN, Anchor::Pem)]);
        self.add(&SECRETS, [(pem::BEGIN_IN_BASE64, Anchor::PemInBase64)]);
        self.add(&SECRETS, shapes.chain(names).chain(words));
        self.add(&SECRETS, url::WEBHOOK_HOSTS.map(|host| (host, Anchor::Webhook(host))));
        self.add(&SECRETS, login::FLAGS.map(|flag| (flag, Anchor::LoginFlag)));
        self.add_commands();
        self.add(&SECRETS, [(login::CHALLENGE, Anchor::Challenge), (login::BASIC, Anchor::Basic)]);
        self.add(&SECRETS, login::USER_NAMES.map(|name| (name, Anchor::UserName)));
        self.add(&SECRETS, [(cloud_names::RESOURCE_NAME, Anchor::ResourceName)]);
        self.add(&SECRETS, [(cloud_names::AWS_HOSTS, Anchor::AwsHost)]);
        self.add(&SECRETS, cloud_names::BUCKETS.map(|scheme| (scheme, Anchor::Bucket)));
        self.add(&SECRETS, cloud_names::TENANT_HOSTS.map(|host| (host, Anchor::TenantHost)));
    }

    /// The anchors of what is found only by the words around it.
    fn add_words(&mut self) {
        let all =
            |words: &'static [&'static str], anchor: Anchor| words.iter().map(move |word| (*word, anchor));
        for label in label::LABELS {
            let words = label
                .words
                .iter()
                .map(|word| word.strip_suffix('*').map_or((*word, false), |stem| (stem, true)));
            self.add(&[label.kind], words.map(|(word, open)| (word, Anchor::Label(label, open))));
        }
        let dates = [Kind::Date, Kind::BirthDate];
        self.add(&dates, all(dates::MONTHS, Anchor::Month));
        self.add(
            &dates,
            dates::WEEKDAYS.iter().enumerate().map(|(place, day)| (*day, Anchor::Weekday(place))),
        );
        self.add(&[Kind::Age], age::PHRASES.iter().map(|(phrase, says)| (*phrase, Anchor::Age(*says))));
        self.add(&[Kind::Title], all(title::HONORIFICS, Anchor::Honorific));
        self.add(&[Kind::Address], all(address::TYPES, Anchor::StreetType));
        self.add(&[Kind::Address], all(address::SUFFIXES, Anchor::StreetSuffix));
        self.add(&[Kind::Address], all(address::PREFIXES, Anchor::StreetPrefix));
        self.add(&[Kind::Address], all(address::BOXES, Anchor::PostBox));
        self.add(&[Kind::Address], all(&address::UNITS[..4], Anchor::Unit));
        self.add(&[Kind::Address], all(address::MILITARY, Anchor::MilitaryMail));
        self.add(&[Kind::Address], all(address::CORNERS, Anchor::StreetCorner));
        self.add(&[Kind::Handle], [("@", Anchor::AtHandle), ("u/", Anchor::Reddit)]);
        self.add(&[Kind::Handle], all(handle::PLATFORMS, Anchor::Platform));
        self.add(&[Kind::Website], [("://", Anchor::Website), ("www.", Anchor::Www)]);
        self.add(&[Kind::Website], all(website::ENDINGS, Anchor::Domain));
    }
}

impl Anchors {
    pub(crate) fn new(wanted: Wanted) -> Self {
        let mut collected = Collected { wanted, patterns: Vec::new(), meanings: Vec::new() };
        collected.add(&[Kind::Email], [("@", Anchor::Email)]);
        collected.add(&[Kind::Crypto], crypto::BECH32_PREFIXES.map(|prefix| (prefix, Anchor::Bech32)));
        collected.add(&[Kind::Coordinates], [("°", Anchor::Degrees)]);
        collected.add_secrets();
        collected.add_words();
        for (word, meaning, kinds) in cue::words() {
            collected.add(kinds, [(word, Anchor::Cue(meaning))]);
        }
        // The set is fixed and far below the size at which building can fail; a test holds that it does not.
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(collected.patterns)
            .ok();
        Self { automaton, meanings: collected.meanings, wanted }
    }

    pub(crate) fn wanted(&self) -> Wanted {
        self.wanted
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
                let meaning = anchors.meanings[hit.pattern().as_usize()];
                stirs.here |= !matches!(meaning, Anchor::Cue(_));
                stirs.after |= matches!(
                    meaning,
                    Anchor::Assignment(_)
                        | Anchor::Service(_)
                        | Anchor::LoginFlag
                        | Anchor::PasswordFlag
                        | Anchor::Opening
                        | Anchor::Call(_)
                        | Anchor::ShareUser
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
/// them are longer: the shortest IBAN has 15 characters, addresses on chains and words drawn at random have more, and
/// the shortest number of a person has seven with four digits among them.
fn numbers_suffice(bytes: &[u8]) -> bool {
    const WORD_BYTES_MIN: usize = 15;
    const NATIONAL_ID_BYTES_MIN: usize = 7;
    let count = |wanted: fn(&u8) -> bool| bytes.iter().filter(|byte| wanted(byte)).count();
    let digits = count(u8::is_ascii_digit);
    digits >= number::DIGITS_MIN
        || digits > 0 && bytes.len() >= WORD_BYTES_MIN
        || digits >= 4 && bytes.len() >= NATIONAL_ID_BYTES_MIN
        || digits >= 4 && count(|byte| *byte == b'.') >= 3
}

/// Runs every detector over a stretch, and over what its encoded parts hold.
pub(crate) fn run(anchors: &Anchors, scan: &mut Scan<'_>) {
    run_anchored(anchors, scan);
    numbers_and_colons(scan);
    let wanted = scan.wanted;
    if !wanted.any(&SECRETS) {
        return;
    }
    encoded::detect(scan, &|decoded| {
        let mut inner = Scan::new(decoded, &[], wanted);
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
            Anchor::PasswordFlag => commands::detect_password_flag(scan, range),
            Anchor::Opening => commands::detect_opening(scan, range),
            Anchor::Call(place) => commands::detect_call(scan, range, place),
            Anchor::ShareUser => commands::detect_share(scan, range),
            Anchor::ThinDriver => commands::detect_thin_driver(scan, range),
            Anchor::Basic => login::detect_basic(scan, range),
            Anchor::UserName => login::detect_user_name(scan, range),
            Anchor::ResourceName => cloud_names::detect_resource_name(scan, start),
            Anchor::TenantHost => cloud_names::detect_tenant_host(scan, range),
            Anchor::AwsHost => cloud_names::detect_aws_host(scan, range),
            Anchor::Bucket => cloud_names::detect_bucket(scan, range),
            Anchor::Cue(meaning) => cue::detect(scan, range, meaning),
            other => run_words(scan, range, other),
        }
    }
}

/// Runs the detectors of what is found only by the words around it.
fn run_words(scan: &mut Scan<'_>, hit: Range<usize>, anchor: Anchor) {
    match anchor {
        Anchor::Degrees => coordinates::detect_degrees(scan, hit),
        Anchor::Label(label, open) => label::detect(scan, hit, label, open),
        Anchor::Month => dates::detect_month(scan, hit),
        Anchor::Weekday(place) => dates::detect_weekday(scan, hit, place),
        Anchor::Age(says) => age::detect(scan, hit, says),
        Anchor::Honorific => title::detect(scan, hit),
        Anchor::StreetType => address::detect_type(scan, hit),
        Anchor::StreetSuffix => address::detect_suffix(scan, hit),
        Anchor::StreetPrefix => address::detect_prefix(scan, hit),
        Anchor::PostBox => address::detect_box(scan, hit),
        Anchor::Unit => address::detect_unit(scan, hit),
        Anchor::MilitaryMail => address::detect_military(scan, hit),
        Anchor::StreetCorner => address::detect_corner(scan, hit),
        Anchor::AtHandle => handle::detect_at(scan, hit.start),
        Anchor::Reddit => handle::detect_reddit(scan, hit),
        Anchor::Platform => handle::detect_named(scan, hit),
        Anchor::Website => website::detect_url(scan, hit.start),
        Anchor::Www => website::detect_www(scan, hit),
        Anchor::Domain => website::detect_domain(scan, hit),
        _ => {}
    }
}

/// The kinds that numbers, hexadecimal words and colons wake.
const NUMBER_KINDS: [Kind; 14] = [
    Kind::Card,
    Kind::Iban,
    Kind::NationalId,
    Kind::Crypto,
    Kind::Mac,
    Kind::Ip,
    Kind::Phone,
    Kind::Device,
    Kind::Vehicle,
    Kind::Coordinates,
    Kind::Address,
    Kind::BirthDate,
    Kind::Date,
    Kind::Age,
];

/// Visits each place where a number, a hexadecimal word or a colon-separated address may begin.
fn numbers_and_colons(scan: &mut Scan<'_>) {
    let wanted = scan.wanted;
    if !wanted.any(&NUMBER_KINDS) {
        return;
    }
    let machines = wanted.any(&[Kind::Ip, Kind::Mac]);
    let bytes = scan.bytes;
    let mut at = 0;
    // Where the latest examined address and phrase ended: a run is examined once.
    let mut address_end = 0;
    let mut phrase_end = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii_digit() {
            let word_end = scan.run_end(at, usize::MAX, |byte| byte.is_ascii_alphanumeric());
            if !is_word(scan.before(at)) {
                if wanted.has(Kind::Crypto) {
                    crypto::detect_at_digit(scan, at..word_end);
                }
                if at >= phrase_end {
                    phrase_end = number::detect(scan, at);
                }
            }
            if wanted.has(Kind::Iban) {
                bank::detect(scan, at);
            }
            if wanted.has(Kind::NationalId) {
                national::detect(scan, at);
            }
            if wanted.has(Kind::Vehicle) {
                vehicle::detect(scan, at, word_end);
            }
            if wanted.has(Kind::Address) {
                postcode::detect_lettered(scan, at);
            }
            at = word_end;
            continue;
        }
        if byte == b':' && machines && at >= address_end {
            address_end = network::detect_colons(scan, at);
        } else if byte == b'-' && wanted.has(Kind::Mac) {
            network::detect_dashed_mac(scan, at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_automaton_over_all_anchors_can_be_built() {
        assert!(Anchors::new(Wanted::ALL).automaton.is_some());
    }
}
