//! Keyed hashing: everything that leaves the process, or could, depends on the release's secret.
//!
//! A plain hash of a short text is found again with a dictionary, so none is ever emitted. Digests are
//! HMAC-SHA-256; band hashes end in SipHash-2-4; the cheap mixing inside a sketch is keyed too, but is never
//! emitted on its own.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

type HmacSha256 = Hmac<Sha256>;

/// Starts an HMAC under `key`, bound to one use by `label`.
pub(crate) fn mac(key: &[u8; 32], label: &str) -> HmacSha256 {
    let mut outer = keyed(key);
    outer.update(label.as_bytes());
    keyed(&outer.finalize().into_bytes().into())
}

/// Two words of key material for one use.
pub(crate) fn words(key: &[u8; 32], label: &str) -> [u64; 2] {
    let bytes: [u8; 32] = mac(key, label).finalize().into_bytes().into();
    let word = |at: usize| bytes[at..at + 8].iter().rev().fold(0, |sum, &byte| (sum << 8) | u64::from(byte));
    [word(0), word(8)]
}

/// HMAC pads a key with zeros to its block of 64 bytes (RFC 2104); done here, nothing can fail.
fn keyed(key: &[u8; 32]) -> HmacSha256 {
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    <HmacSha256 as KeyInit>::new(&block.into())
}

/// SipHash-2-4 (Aumasson and Bernstein, 2012) of a list of little-endian words.
pub(crate) fn sip(key: [u64; 2], message: &[u64]) -> u64 {
    let mut state = [
        key[0] ^ 0x736f_6d65_7073_6575,
        key[1] ^ 0x646f_7261_6e64_6f6d,
        key[0] ^ 0x6c79_6765_6e65_7261,
        key[1] ^ 0x7465_6462_7974_6573,
    ];
    let length = (message.len() as u64) << 59;
    for &word in message.iter().chain([&length]) {
        state[3] ^= word;
        sip_round(&mut state);
        sip_round(&mut state);
        state[0] ^= word;
    }
    state[2] ^= 0xff;
    for _ in 0..4 {
        sip_round(&mut state);
    }
    state[0] ^ state[1] ^ state[2] ^ state[3]
}

#[inline(always)]
fn sip_round(state: &mut [u64; 4]) {
    state[0] = state[0].wrapping_add(state[1]);
    state[1] = state[1].rotate_left(13) ^ state[0];
    state[0] = state[0].rotate_left(32);
    state[2] = state[2].wrapping_add(state[3]);
    state[3] = state[3].rotate_left(16) ^ state[2];
    state[0] = state[0].wrapping_add(state[3]);
    state[3] = state[3].rotate_left(21) ^ state[0];
    state[2] = state[2].wrapping_add(state[1]);
    state[1] = state[1].rotate_left(17) ^ state[2];
    state[2] = state[2].rotate_left(32);
}

/// Folds the 128-bit product: two multiplications' worth of mixing for one.
#[inline(always)]
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

/// A fast keyed hash of bytes, for use inside the process only.
#[inline]
pub(crate) fn quick(seed: [u64; 2], bytes: &[u8]) -> u64 {
    let mut hash = seed[0] ^ (bytes.len() as u64).wrapping_mul(ODD);
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        hash = mix(hash ^ little_endian(chunk), seed[1] | 1).wrapping_add(ODD);
    }
    mix(hash ^ little_endian(chunks.remainder()) ^ ODD, seed[1] ^ ODD)
}

#[inline(always)]
fn little_endian(bytes: &[u8]) -> u64 {
    match bytes.try_into() {
        Ok(eight) => u64::from_le_bytes(eight),
        Err(_) => bytes.iter().rev().fold(0, |sum, &byte| (sum << 8) | u64::from(byte)),
    }
}

/// The golden ratio in 64 bits: an odd constant without structure.
pub(crate) const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sip_agrees_with_the_authors_vectors() {
        // Key 00..0f, messages 00.. of 0, 8 and 16 bytes: rows 0, 8 and 16 of the published table.
        let key = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];
        assert_eq!(sip(key, &[]), 0x726f_db47_dd0e_0e31);
        assert_eq!(sip(key, &[0x0706_0504_0302_0100]), 0x93f5_f579_9a93_2462);
        assert_eq!(sip(key, &[0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908]), 0x3f2a_cc7f_57c2_9bdb);
    }

    #[test]
    fn labels_and_keys_separate_uses() {
        assert_ne!(words(&[1; 32], "a"), words(&[1; 32], "b"));
        assert_ne!(words(&[1; 32], "a"), words(&[2; 32], "a"));
        assert_ne!(quick([1, 2], b"lichen"), quick([1, 3], b"lichen"));
    }
}
