//! Random numbers that follow from a seed: ChaCha20, one stream for each use.

use chacha20::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

/// A source of random numbers; the same seed, use and number give the same.
pub(crate) struct Chance(ChaCha20Rng);

impl Chance {
    /// The stream of `seed` for one use, such as the order of one epoch.
    pub(crate) fn new(seed: u64, use_of_it: &str, number: u64) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"candor-learn-chance-1");
        hash.update(seed.to_be_bytes());
        hash.update(number.to_be_bytes());
        hash.update(use_of_it.as_bytes());
        Self(ChaCha20Rng::from_seed(hash.finalize().into()))
    }

    /// Uniform in `[0, 1)`.
    pub(crate) fn share(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in `0..below`; `below` is far smaller than 2^53.
    pub(crate) fn below(&mut self, below: usize) -> usize {
        (self.share() * below as f64) as usize
    }

    /// Normally distributed, by the method of Box and Muller (1958).
    pub(crate) fn normal(&mut self) -> f32 {
        let (radius, turn) = (1.0 - self.share(), self.share());
        ((-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * turn).cos()) as f32
    }

    /// Puts items into a random order, by the method of Fisher and Yates.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}
