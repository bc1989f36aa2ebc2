//! Addresses on chains: Bitcoin (Base58Check, Bech32, Bech32m), Litecoin (Bech32) and Ethereum (EIP-55).

use std::ops::Range;

use crate::candidate::Evidence;
use crate::detect::base_codes::{ADDRESS_BYTES, base58check_version, is_bech32};
use crate::detect::hashes::keccak_256_short;
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_word};

/// Human-readable prefixes with their separator.
pub(super) const BECH32_PREFIXES: [&str; 2] = ["bc1", "ltc1"];
/// The longest Bech32 text (BIP 173).
const BECH32_BYTES_MAX: usize = 90;
/// Hexadecimal digits of an Ethereum address.
const ETHEREUM_DIGITS: usize = 40;
/// Version bytes of Bitcoin's pay-to-key-hash and pay-to-script-hash.
const BITCOIN_VERSIONS: [u8; 2] = [0, 5];

pub(super) fn detect_bech32(scan: &mut Scan<'_>, start: usize) {
    if is_word(scan.before(start)) {
        return;
    }
    let end = scan.run_end(start, BECH32_BYTES_MAX, |byte| byte.is_ascii_alphanumeric());
    if (26..BECH32_BYTES_MAX).contains(&(end - start)) && is_bech32(&scan.text[start..end]) {
        scan.claim(start..end, IdentifierKind::Crypto, Evidence::checksum("bech32-address"), 0.99);
    }
}

/// Judges a word that begins with a digit.
pub(super) fn detect_at_digit(scan: &mut Scan<'_>, word: Range<usize>) {
    let text = &scan.bytes[word.clone()];
    match text {
        [b'1' | b'3', ..] if (26..=35).contains(&text.len()) => {
            scan.note_work(text.len());
            if base58check_version::<ADDRESS_BYTES>(text)
                .is_some_and(|version| BITCOIN_VERSIONS.contains(&version))
            {
                scan.claim(word, IdentifierKind::Crypto, Evidence::checksum("bitcoin-address"), 0.99);
            }
        }
        [b'0', b'x' | b'X', digits @ ..] if digits.len() == ETHEREUM_DIGITS => {
            scan.note_work(text.len());
            let (evidence, confidence) = judge_ethereum(digits);
            scan.claim(word, IdentifierKind::Crypto, evidence, confidence);
        }
        _ => {}
    }
}

/// A mixed-case address carries a checksum in its case; one case only, or a wrong checksum, is judged by its form.
fn judge_ethereum(digits: &[u8]) -> (Evidence, f32) {
    let few_values = digits.iter().collect::<std::collections::HashSet<_>>().len() < 5;
    if few_values || !digits.iter().all(u8::is_ascii_hexdigit) {
        return (Evidence::shape("ethereum-address"), 0.0);
    }
    let lower = digits.to_ascii_lowercase();
    let mixed = digits.iter().any(u8::is_ascii_uppercase) && digits.iter().any(u8::is_ascii_lowercase);
    if !mixed {
        return (Evidence::shape("ethereum-address"), 0.85);
    }
    let holds = keccak_256_short(&lower).is_some_and(|hash| {
        digits.iter().enumerate().filter(|(_, digit)| digit.is_ascii_alphabetic()).all(|(place, digit)| {
            let nibble = hash[place / 2] >> (4 * (1 - place % 2)) & 15;
            digit.is_ascii_uppercase() == (nibble >= 8)
        })
    });
    if holds {
        (Evidence::checksum("ethereum-address"), 0.99)
    } else {
        (Evidence::shape("ethereum-address"), 0.55)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_case_of_an_ethereum_address_is_its_checksum() {
        let address = b"5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        assert_eq!(judge_ethereum(address).0, Evidence::checksum("ethereum-address"));
        let mut wrong = *address;
        wrong[2] = b'a';
        assert_eq!(judge_ethereum(&wrong).0, Evidence::shape("ethereum-address"));
    }
}
