//! Base58Check, Bech32, base62, base64 and Stellar's base32: the codes that addresses, keys and tokens are written in.

use sha2::{Digest, Sha256};

use crate::detect::hashes::crc_16;

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Bytes of a legacy Bitcoin address: version, hash, checksum.
pub(super) const ADDRESS_BYTES: usize = 25;
/// Characters of a Stellar seed, and the version byte that makes it begin with `S` (SEP 23).
const STELLAR_SEED_CHARACTERS: usize = 56;
const STELLAR_SEED_VERSION: u8 = 18 << 3;
/// The constant of Bech32m (BIP 350); that of Bech32 is 1 (BIP 173).
const BECH32M: u32 = 0x2bc8_30a3;

/// The version byte of `BYTES` bytes in Base58Check when their checksum, the head of a double SHA-256, holds.
pub(super) fn base58check_version<const BYTES: usize>(text: &[u8]) -> Option<u8> {
    let mut number = [0_u8; BYTES];
    for character in text {
        let mut carry = BASE58.iter().position(|known| known == character)? as u32;
        for byte in number.iter_mut().rev() {
            carry += u32::from(*byte) * 58;
            *byte = carry as u8;
            carry >>= 8;
        }
        if carry != 0 {
            return None;
        }
    }
    let (payload, checksum) = number.split_at(BYTES - 4);
    let digest = Sha256::digest(Sha256::digest(payload));
    (digest[..4] == *checksum).then_some(payload[0])
}

/// Whether a text such as `bc1…`, in one case, carries a valid Bech32 or Bech32m checksum.
pub(super) fn is_bech32(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if lower != text && text.to_ascii_uppercase() != text {
        return false;
    }
    let Some((prefix, tail)) = lower.rsplit_once('1') else { return false };
    let high = prefix.bytes().map(|byte| u32::from(byte >> 5));
    let low = prefix.bytes().map(|byte| u32::from(byte & 31));
    let mut checksum = high.chain([0]).chain(low).fold(1, polymod);
    for character in tail.bytes() {
        let Some(value) = BECH32.iter().position(|known| *known == character) else { return false };
        checksum = polymod(checksum, value as u32);
    }
    tail.len() >= 6 && (checksum == 1 || checksum == BECH32M)
}

fn polymod(checksum: u32, value: u32) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = checksum >> 25;
    let shifted = (checksum & 0x01ff_ffff) << 5 ^ value;
    GENERATOR
        .iter()
        .enumerate()
        .filter(|(bit, _)| top >> bit & 1 == 1)
        .fold(shifted, |sum, (_, term)| sum ^ term)
}

/// The bytes that base64 writes, in its usual or its URL alphabet, with or without padding.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let unpadded = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let mut bytes = Vec::with_capacity(unpadded.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0);
    for character in unpadded {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Some(bytes)
}

/// Whether a text is the seed of a Stellar account: base32 of a version, a key and a CRC-16 (XMODEM).
pub(super) fn is_stellar_seed(text: &[u8]) -> bool {
    if text.len() != STELLAR_SEED_CHARACTERS {
        return false;
    }
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for character in text {
        let Some(value) = BASE32.iter().position(|known| known == character) else { return false };
        bits = bits << 5 | value as u32;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    let (payload, checksum) = bytes.split_at(bytes.len() - 2);
    payload[0] == STELLAR_SEED_VERSION && crc_16(payload).to_le_bytes() == *checksum
}

/// The number that base62 text writes, when it fits.
pub(super) fn base62(text: &[u8]) -> Option<u64> {
    text.iter().try_fold(0_u64, |number, character| {
        let value = BASE62.iter().position(|known| known == character)? as u64;
        number.checked_mul(62)?.checked_add(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_the_first_block_checks_and_a_changed_one_does_not() {
        assert_eq!(base58check_version::<ADDRESS_BYTES>(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), Some(0));
        assert_eq!(base58check_version::<ADDRESS_BYTES>(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"), None);
    }

    #[test]
    fn bech32_and_bech32m_check_in_either_case_but_not_mixed() {
        let address = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
        assert!(is_bech32(address) && is_bech32(&address.to_uppercase()));
        assert!(is_bech32("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"));
        assert!(!is_bech32(&address.replace("bc1q", "bc1Q")));
        assert!(!is_bech32(&address.replace('t', "5")));
    }

    #[test]
    fn the_seed_of_the_published_example_checks_and_a_changed_one_does_not() {
        // The test vector of Bitcoin's own documentation of wallet import format.
        let key = b"5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ";
        assert_eq!(base58check_version::<37>(key), Some(0x80));
        // From SEP 23.
        assert!(!is_stellar_seed(b"SBU2RRGLXH3E5CQHTD3ODLDF2BWDCYUSSBLLZ5GNW7JXHDIYKXZWHXXX"));
    }

    #[test]
    fn base64_is_read_in_both_alphabets_and_without_padding() {
        assert_eq!(base64(b"YWRhOmxvdmU=").as_deref(), Some(&b"ada:love"[..]));
        assert_eq!(base64(b"-_8"), base64(b"+/8="));
        assert_eq!(base64(b"a:b"), None);
    }
}
