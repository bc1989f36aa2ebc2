//! Keccak-256, CRC-32 and CRC-16, as far as checksums in identifiers need them.

/// Rounds of Keccak-f[1600].
const ROUNDS: usize = 24;
/// Bytes absorbed at a time by Keccak-256.
const RATE: usize = 136;
/// Rotation of each lane, in the order in which the pi step visits lanes (FIPS 202, 3.2.2 and 3.2.3).
const ROTATIONS: [u32; 24] =
    [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];
/// The lane that the pi step writes next.
const LANES: [usize; 24] =
    [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];

/// Keccak-256 with the original padding, as Ethereum uses it, of fewer than 136 bytes.
pub(super) fn keccak_256_short(message: &[u8]) -> Option<[u8; 32]> {
    let mut block = [0; RATE];
    block.get_mut(..message.len())?.copy_from_slice(message);
    *block.get_mut(message.len())? = 1;
    block[RATE - 1] |= 0x80;
    let mut state = [0_u64; 25];
    for (lane, bytes) in state.iter_mut().zip(block.chunks_exact(8)) {
        *lane = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    }
    permute(&mut state);
    let mut out = [0; 32];
    for (bytes, lane) in out.chunks_exact_mut(8).zip(state) {
        bytes.copy_from_slice(&lane.to_le_bytes());
    }
    Some(out)
}

fn permute(state: &mut [u64; 25]) {
    // The round constants come from an eight-bit shift register (FIPS 202, 3.2.5).
    let mut register = 1_u8;
    for _ in 0..ROUNDS {
        let parity: [u64; 5] = std::array::from_fn(|x| (0..5).fold(0, |sum, y| sum ^ state[x + 5 * y]));
        for x in 0..5 {
            let mix = parity[(x + 4) % 5] ^ parity[(x + 1) % 5].rotate_left(1);
            (0..5).for_each(|y| state[x + 5 * y] ^= mix);
        }
        let mut moving = state[1];
        for (lane, rotation) in LANES.into_iter().zip(ROTATIONS) {
            moving = std::mem::replace(&mut state[lane], moving.rotate_left(rotation));
        }
        for row in state.chunks_exact_mut(5) {
            let old: [u64; 5] = std::array::from_fn(|x| row[x]);
            (0..5).for_each(|x| row[x] = old[x] ^ (!old[(x + 1) % 5] & old[(x + 2) % 5]));
        }
        for bit in 0..7 {
            if register & 1 == 1 {
                state[0] ^= 1 << ((1 << bit) - 1);
            }
            register = register << 1 ^ if register & 0x80 == 0 { 0 } else { 0x71 };
        }
    }
}

/// CRC-32 as in IEEE 802.3 and zlib.
pub(super) fn crc_32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ (0xedb8_8320 * (crc & 1)))
    })
}

/// CRC-16 as in XMODEM.
pub(super) fn crc_16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| crc << 1 ^ (0x1021 * (crc >> 15)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keccak_of_nothing_is_the_published_value() {
        let hex: String = keccak_256_short(b"").unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    }

    #[test]
    fn crc_of_the_nine_digits_is_the_published_check_value() {
        assert_eq!(crc_32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc_16(b"123456789"), 0x31c3);
    }
}
