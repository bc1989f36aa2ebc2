//! The random source, as an argument.

use rand_core::{Rng, SeedableRng};

/// A cryptographic random source (ChaCha20), seeded at the edge from the operating system.
pub struct Entropy(chacha20::ChaCha20Rng);

impl Entropy {
    /// From a 32-byte seed. In production the seed comes from the operating system; in tests from a number.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(chacha20::ChaCha20Rng::from_seed(seed))
    }

    /// The next `N` random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.0.fill_bytes(&mut out);
        out
    }

    /// An independent source, for work that runs in parallel.
    pub fn fork(&mut self) -> Entropy {
        Entropy::from_seed(self.bytes())
    }
}
