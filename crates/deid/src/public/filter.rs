//! A set of names as a filter: it knows a name that it was made of, and takes another for one by 1 in 65,536.
//!
//! An xor filter (Graf and Lemire, 2020): three slots of 16 bits for each name, chosen by its hash, whose xor is the
//! name's fingerprint. Names cannot be read out of it.
//!
//! Bytes: `CPF1`, the seed as little-endian `u64`, slots in each third as `u32`, then the slots as `u16`.

use std::collections::HashSet;

const MAGIC: &[u8; 4] = b"CPF1";
const HEADER: usize = 16;
/// Seeds tried before a set is given up; each works with a chance of more than one half.
const SEEDS_MAX: u64 = 64;

/// A filter over bytes that it does not own.
pub(super) struct Filter {
    slots: &'static [u8],
    seed: u64,
    third: u64,
}

impl Filter {
    /// The filter in these bytes; one that knows nothing when they are none.
    pub(super) fn read(bytes: &'static [u8]) -> Self {
        let number = |at: usize, length: usize| {
            bytes
                .get(at..at + length)
                .unwrap_or_default()
                .iter()
                .rev()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
        };
        let (seed, third) = (number(4, 8), number(12, 4));
        let slots = bytes.get(HEADER..).unwrap_or_default();
        let whole = bytes.starts_with(MAGIC) && slots.len() as u64 == third * 6;
        Self { slots, seed, third: if whole { third } else { 0 } }
    }

    pub(super) fn holds(&self, hash: u64) -> bool {
        if self.third == 0 {
            return false;
        }
        let hash = mixed(hash ^ self.seed);
        let found = places(hash, self.third).map(|place| {
            let at = place as usize * 2;
            u16::from_le_bytes([self.slots[at], self.slots[at + 1]])
        });
        found[0] ^ found[1] ^ found[2] == fingerprint(hash)
    }
}

/// The bytes of a filter for these hashes.
pub(super) fn build(hashes: &HashSet<u64>) -> Option<Vec<u8>> {
    let third = (hashes.len() as u64 * 123 / 100 + 32) / 3 + 1;
    (0..SEEDS_MAX).find_map(|seed| {
        let mut all: Vec<u64> = hashes.iter().map(|hash| mixed(hash ^ seed)).collect();
        all.sort_unstable();
        let order = peeled(&all, third)?;
        let mut slots = vec![0_u16; third as usize * 3];
        for (hash, own) in order.into_iter().rev() {
            let [a, b, c] = places(hash, third).map(|place| slots[place as usize]);
            slots[own] ^= fingerprint(hash) ^ a ^ b ^ c;
        }
        let mut bytes = MAGIC.to_vec();
        bytes.extend(seed.to_le_bytes());
        bytes.extend((third as u32).to_le_bytes());
        bytes.extend(slots.into_iter().flat_map(u16::to_le_bytes));
        Some(bytes)
    })
}

/// Each hash with a slot that no later one in the list needs; none when the hashes form a knot.
fn peeled(hashes: &[u64], third: u64) -> Option<Vec<(u64, usize)>> {
    // How many hashes a slot has, and the xor of them, which is the hash itself once one is left.
    let mut slots = vec![(0_u32, 0_u64); third as usize * 3];
    for hash in hashes {
        for place in places(*hash, third) {
            let slot = &mut slots[place as usize];
            *slot = (slot.0 + 1, slot.1 ^ hash);
        }
    }
    let mut lonely: Vec<usize> = (0..slots.len()).filter(|place| slots[*place].0 == 1).collect();
    let mut order = Vec::with_capacity(hashes.len());
    while let Some(own) = lonely.pop() {
        let (count, hash) = slots[own];
        if count != 1 {
            continue;
        }
        order.push((hash, own));
        for place in places(hash, third) {
            let slot = &mut slots[place as usize];
            *slot = (slot.0 - 1, slot.1 ^ hash);
            if slot.0 == 1 {
                lonely.push(place as usize);
            }
        }
    }
    (order.len() == hashes.len()).then_some(order)
}

fn places(hash: u64, third: u64) -> [u64; 3] {
    let scaled = |rotation: u32| (hash.rotate_left(rotation) as u32 as u64 * third) >> 32;
    [scaled(0), third + scaled(21), 2 * third + scaled(42)]
}

fn fingerprint(hash: u64) -> u16 {
    (hash ^ hash >> 32) as u16
}

/// MurmurHash3's last step: each bit of the input turns about half of the output.
fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ hash >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hash = (hash ^ hash >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ hash >> 33
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_is_known_and_hardly_any_other() {
        let members: HashSet<u64> = (0..20_000).map(|n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
        let filter = Filter::read(Box::leak(build(&members).unwrap().into_boxed_slice()));
        assert!(members.iter().all(|member| filter.holds(*member)));
        let others = (1..200_000_u64).map(|n| n.wrapping_mul(0x1234_5678_9abc_def1) | 1);
        let wrong = others.filter(|other| !members.contains(other) && filter.holds(*other)).count();
        assert!(wrong < 20, "{wrong} of 200,000");
    }

    #[test]
    fn bytes_that_are_no_filter_know_nothing() {
        for bytes in [&b""[..], b"CPF1", b"CPF1\0\0\0\0\0\0\0\0\xff\xff\xff\xff12"] {
            assert!(!Filter::read(bytes).holds(7));
        }
    }
}
