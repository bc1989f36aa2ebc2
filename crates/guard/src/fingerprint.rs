//! Keyed fingerprints: what the guard remembers of an identifier.

use std::fmt;

use candor_deid::{Engine, IdentifierKind};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

/// Bytes kept of each HMAC. Among a thousand million identifiers, the chance that any two share a fingerprint is
/// below 10⁻²⁰.
const FINGERPRINT_BYTES: usize = 16;
/// The block of SHA-256, in bytes.
const BLOCK_BYTES: usize = 64;
/// What a private key is known by: the first characters behind its header, white space left out. So a key that a
/// model repeats only in part is known too, and nothing longer need be held back.
const PRIVATE_KEY_CHARACTERS: usize = 512;
/// The last digits of a phone number: no numbering plan changes them, whatever it puts before them or takes away.
const PHONE_TAIL_DIGITS: usize = 6;
/// How many bytes of a phone number's fingerprint are those of its last digits.
const BEGINNING_BYTES: usize = 4;
/// Separates these fingerprints from any other use of the same key.
const LABEL: &[u8] = b"candor-guard-v1";

/// HMAC-SHA-256 of a kind and a canonical value under the tenant's key, cut to 16 bytes; of a phone number, the first
/// four of them those of its last digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Fingerprint([u8; FINGERPRINT_BYTES]);

/// Shows nothing of the value: even a fingerprint would let a log's reader see that two are the same.
impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(***)")
    }
}

/// How the fingerprints of all phone numbers with the same last digits begin.
pub(crate) type Beginning = [u8; BEGINNING_BYTES];

impl Fingerprint {
    /// The first, in order, of those that begin so.
    pub(crate) fn first_with(beginning: Beginning) -> Self {
        let mut bytes = [0; FINGERPRINT_BYTES];
        bytes[..BEGINNING_BYTES].copy_from_slice(&beginning);
        Self(bytes)
    }

    pub(crate) fn begins_with(self, beginning: Beginning) -> bool {
        self.0.starts_with(&beginning)
    }
}

/// Makes fingerprints. Holds the state of the keyed hash, not the key.
#[derive(Clone)]
pub(crate) struct Fingerprinter(Hmac<Sha256>);

impl Fingerprinter {
    pub(crate) fn new(mut key: [u8; 32]) -> Self {
        let mut block = [0; BLOCK_BYTES];
        block[..key.len()].copy_from_slice(&key);
        key.zeroize();
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        block.zeroize();
        mac.update(LABEL);
        Self(mac)
    }

    /// The fingerprint of a value in any of its spellings.
    pub(crate) fn print(&self, engine: &Engine, kind: IdentifierKind, value: &str) -> Fingerprint {
        let mut canonical = engine.canonical(kind, value);
        let fingerprint = self.print_canonical(kind, &canonical);
        canonical.zeroize();
        fingerprint
    }

    /// The fingerprint of a value in its canonical spelling.
    pub(crate) fn print_canonical(&self, kind: IdentifierKind, canonical: &str) -> Fingerprint {
        let known_by =
            if kind == IdentifierKind::PrivateKey { private_key_head(canonical) } else { canonical };
        let mut print = Fingerprint(self.hash(kind.placeholder_label(), known_by));
        if kind == IdentifierKind::Phone
            && let Some(beginning) = self.phone_beginning(canonical)
        {
            print.0[..BEGINNING_BYTES].copy_from_slice(&beginning);
        }
        print
    }

    /// How the fingerprint of a phone number begins, in whatever spelling; `None` where that cannot be told, as when
    /// an extension may follow the number.
    pub(crate) fn phone_beginning(&self, number: &str) -> Option<Beginning> {
        let is_plain = |byte: u8| byte.is_ascii_digit() || b"+ ()-./".contains(&byte);
        let digits = number.bytes().rev().filter(u8::is_ascii_digit).take(PHONE_TAIL_DIGITS);
        let tail: String = digits.map(char::from).collect();
        let tells = tail.len() == PHONE_TAIL_DIGITS && number.bytes().all(is_plain);
        tells.then(|| self.hash("PHONE-TAIL", &tail))
    }

    fn hash<const N: usize>(&self, label: &str, value: &str) -> [u8; N] {
        let mut mac = self.0.clone();
        // A label ends at the first zero byte, which no label and no canonical value contains.
        mac.update(label.as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        let digest = mac.finalize().into_bytes();
        std::array::from_fn(|at| digest[at])
    }
}

/// The first characters of a key's body: `-----BEGINPRIVATEKEY-----` is the same for all.
fn private_key_head(canonical: &str) -> &str {
    let body = canonical.split("-----").nth(2).filter(|body| !body.is_empty()).unwrap_or(canonical);
    body.get(..PRIVATE_KEY_CHARACTERS).unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candor_deid::Settings;

    #[test]
    fn spellings_share_a_fingerprint_and_kinds_and_keys_do_not() {
        let engine = Engine::new(Settings::streamed());
        let prints = Fingerprinter::new([7; 32]);
        let email = prints.print(&engine, IdentifierKind::Email, "Jo@Orchard.org");
        assert_eq!(email, prints.print(&engine, IdentifierKind::Email, "jo@orchard.org"));
        assert_ne!(email, prints.print(&engine, IdentifierKind::Url, "jo@orchard.org"));
        assert_ne!(
            email,
            Fingerprinter::new([8; 32]).print(&engine, IdentifierKind::Email, "jo@orchard.org")
        );
    }

    #[test]
    fn every_spelling_of_a_phone_number_begins_as_its_fingerprint_does() {
        let engine = Engine::new(Settings::streamed());
        let prints = Fingerprinter::new([7; 32]);
        for spelling in [
            "+44 20 7183 8750",
            "(020) 7183-8750",
            "0044 20 7183 8750",
            "011 44 20 7183 8750",
            "212-736-5000",
            "+1 (212) 736.5000",
            "1 212 736 5000",
            "01 42 68 53 00",
            "0343 15 555 1212",
            "+54 9 343 555 1212",
            "044 55 1234 5678",
            "0 15 99 00 12 34 56",
            "8 (912) 345-67-89",
            "2127365000",
            "7365000",
        ] {
            let print = prints.print(&engine, IdentifierKind::Phone, spelling);
            assert!(print.begins_with(prints.phone_beginning(spelling).unwrap()), "{spelling}");
        }
        for unclear in ["212-736-5000 x12", "212-736-5000 ext. 12", "\u{ff12}127365000", "12345"] {
            assert_eq!(prints.phone_beginning(unclear), None, "{unclear}");
        }
    }

    #[test]
    fn a_private_key_cut_off_late_is_the_same_key() {
        let engine = Engine::new(Settings::streamed());
        let prints = Fingerprinter::new([7; 32]);
        let body: String = (0..700).map(|at| char::from(b'a' + (at * 7 % 26) as u8)).collect();
        let key = |body: &str| {
            let text = format!("-----BEGIN PRIVATE KEY-----\n{body}");
            prints.print(&engine, IdentifierKind::PrivateKey, &text)
        };
        assert_eq!(key(&body), key(&body[..600]));
        assert_ne!(key(&body), key(&body[1..]));
    }
}
