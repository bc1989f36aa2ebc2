//! The size of a model, from the size of what it learns from.

use serde::{Deserialize, Serialize};

/// The numbers that fix a transformer's parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelShape {
    /// Tokens that it knows.
    pub vocabulary: usize,
    /// Width of the residual stream.
    pub width: usize,
    /// Blocks of attention and feed-forward.
    pub layers: usize,
    /// Attention heads.
    pub heads: usize,
    /// Width inside the feed-forward part.
    pub inner_width: usize,
    /// Tokens that it sees at once.
    pub context: usize,
}

/// Bytes of text for each token of the vocabulary: enough that each is seen often.
const TEXT_BYTES_PER_TOKEN: usize = 64;
/// Fewest and most tokens of a vocabulary; 256 of them are the bytes.
const VOCABULARY: (usize, usize) = (512, 8192);
/// From this much text on, in bytes, a model has this width and this many layers.
const STEPS: [(usize, usize, usize); 4] =
    [(0, 128, 4), (4 << 20, 192, 6), (32 << 20, 256, 8), (256 << 20, 384, 8)];
/// Width of an attention head.
const HEAD_WIDTH: usize = 32;
/// Tokens that a model sees at once.
const CONTEXT: usize = 256;

impl ModelShape {
    /// The shape for a release with this much text: a power of two of tokens, one for each 64 bytes of text or so,
    /// between 512 and 8,192; 128 wide with 4 layers, and more from 4 MiB, 32 MiB and 256 MiB of text on.
    pub fn for_text(text_bytes: usize) -> Self {
        let wanted = (text_bytes / TEXT_BYTES_PER_TOKEN).max(1);
        let vocabulary = (1 << wanted.ilog2()).clamp(VOCABULARY.0, VOCABULARY.1);
        let fits = STEPS.iter().rev().find(|(from, ..)| text_bytes >= *from);
        let (_, width, layers) = fits.copied().unwrap_or(STEPS[0]);
        Self::new(vocabulary, width, layers)
    }

    /// A shape of this vocabulary, width and depth; the rest follows.
    pub fn new(vocabulary: usize, width: usize, layers: usize) -> Self {
        // Three matrices in the gated feed-forward part instead of two: two thirds of four times the width.
        let inner_width = (width * 8 / 3).next_multiple_of(8);
        Self { vocabulary, width, layers, heads: (width / HEAD_WIDTH).max(1), inner_width, context: CONTEXT }
    }

    /// Numbers that training fits.
    pub fn parameters(&self) -> usize {
        let attention = 4 * self.width * self.width;
        let feed_forward = 3 * self.width * self.inner_width;
        let norms = 2 * self.width;
        self.vocabulary * self.width + self.layers * (attention + feed_forward + norms) + self.width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_for_a_small_release_has_about_a_million_parameters() {
        let shape = ModelShape::for_text(200_000);
        assert_eq!((shape.vocabulary, shape.width, shape.layers), (2048, 128, 4));
        assert!((900_000..1_200_000).contains(&shape.parameters()), "{}", shape.parameters());
    }

    #[test]
    fn more_text_never_makes_a_smaller_model() {
        let sizes = (0..34).map(|power| ModelShape::for_text(1 << power).parameters());
        assert!(sizes.collect::<Vec<_>>().is_sorted());
    }
}
