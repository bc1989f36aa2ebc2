//! Base58Check, Bech32 and base62: the number codes whose checksums identify addresses and tokens.

use sha2::{Digest, Sha256};

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Bytes of a legacy Bitcoin address: version, hash, checksum.
const ADDRESS_BYTES: usize = 25;
/// The constant of Bech32m (BIP 350); that of Bech32 is 1 (BIP 173).
const BECH32M: u32 = 0x2bc8_30a3;

/// The version byte of a legacy address when its checksum, the head of a double SHA-256, holds.
pub(super) fn base58check_version(text: &[u8]) -> Option<u8> {
    let mut number = [0_u8; ADDRESS_BYTES];
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
    let (payload, checksum) = number.split_at(ADDRESS_BYTES - 4);
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
        assert_eq!(base58check_version(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), Some(0));
        assert_eq!(base58check_version(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"), None);
    }

    #[test]
    fn bech32_and_bech32m_check_in_either_case_but_not_mixed() {
        let address = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
        assert!(is_bech32(address) && is_bech32(&address.to_uppercase()));
        assert!(is_bech32("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"));
        assert!(!is_bech32(&address.replace("bc1q", "bc1Q")));
        assert!(!is_bech32(&address.replace('t', "5")));
    }
}
