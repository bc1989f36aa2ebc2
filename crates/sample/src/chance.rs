//! Seeded chance: SplitMix64 (Steele, Lea and Flood, 2014), which starts well from any key.

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a draw is for. Each use has a stream of its own, so that adding a draw to one moves no other.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    People = 1,
    Choices,
    Outline,
    Origin,
    Text,
    Planted,
    Edit,
    Time,
}

/// A sequence of draws that follows from a seed, a stream and an index.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64, stream: Stream, index: u64) -> Self {
        Self(mix(mix(seed ^ GOLDEN.wrapping_mul(stream as u64)) ^ index))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number from 0 to `bound - 1`; 0 if `bound` is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        scale(self.next(), bound)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as usize) as i64
    }

    /// True in `percent` of 100 cases.
    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of the items, which must not be empty.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// Puts the items in an order drawn at random (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// Spreads 64 bits so that near keys give unrelated values.
pub(crate) fn mix(key: u64) -> u64 {
    let key = (key ^ (key >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let key = (key ^ (key >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    key ^ (key >> 31)
}

/// Maps 64 random bits to 0 .. `bound`.
pub(crate) fn scale(random: u64, bound: usize) -> usize {
    ((u128::from(random) * bound as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix64_gives_its_published_sequence() {
        let mut chance = Chance(1_234_567);
        let drawn = [chance.next(), chance.next(), chance.next()];
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn streams_and_indices_give_unrelated_draws() {
        let first = |stream, index| Chance::new(7, stream, index).next();
        assert_ne!(first(Stream::Text, 1), first(Stream::Text, 2));
        assert_ne!(first(Stream::Text, 1), first(Stream::Time, 1));
    }

    #[test]
    fn draws_stay_below_their_bound_and_reach_all_of_it() {
        let mut chance = Chance::new(1, Stream::Text, 0);
        let mut seen = [0u32; 10];
        (0..1000).for_each(|_| seen[chance.below(10)] += 1);
        assert!(seen.iter().all(|count| (60..140).contains(count)), "{seen:?}");
        assert_eq!(chance.below(0), 0);
    }
}
