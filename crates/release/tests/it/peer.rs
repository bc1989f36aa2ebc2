//! What is usual elsewhere, to compare with: MinHash and bands, and nothing verified.
//!
//! 128 permutations over character 5-grams of the text in lower case, 16 bands of 8, as for a Jaccard threshold
//! of 0.7. A turn that shares a band with an earlier kept turn goes.

use std::collections::{HashMap, HashSet};

use crate::copies::Chance;

const BANDS: usize = 16;
const ROWS: usize = 8;
const SHINGLE_CHARS: usize = 5;

/// For each text, the row that stands for it: itself if kept.
pub(crate) fn representatives<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let mut chance = Chance(7);
    let mut random = || (chance.below(usize::MAX) as u64) | 1;
    let permutations: Vec<(u64, u64)> = (0..BANDS * ROWS).map(|_| (random(), random())).collect();
    let mut buckets: HashMap<(usize, u64), usize> = HashMap::new();
    let mut standing = Vec::new();
    for (row, text) in texts.enumerate() {
        let bands = bands(text, &permutations);
        let earlier =
            bands.iter().enumerate().filter_map(|band| buckets.get(&(band.0, *band.1))).min().copied();
        if earlier.is_none() {
            for (band, hash) in bands.into_iter().enumerate() {
                buckets.entry((band, hash)).or_insert(row);
            }
        }
        standing.push(earlier.unwrap_or(row));
    }
    standing
}

fn bands(text: &str, permutations: &[(u64, u64)]) -> [u64; BANDS] {
    let chars: Vec<char> = text.to_lowercase().chars().collect();
    let shingles: HashSet<u64> = chars.windows(SHINGLE_CHARS.min(chars.len().max(1))).map(hash).collect();
    let mut bands = [0_u64; BANDS];
    for (index, (multiply, add)) in permutations.iter().enumerate() {
        let least =
            shingles.iter().map(|x| x.wrapping_mul(*multiply).wrapping_add(*add) >> 16).min().unwrap_or(0);
        let band = &mut bands[index / ROWS];
        *band = (*band ^ least).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29);
    }
    bands
}

fn hash(shingle: &[char]) -> u64 {
    shingle
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, c| (hash ^ *c as u64).wrapping_mul(0x0000_0100_0000_01b3))
}
