//! The forward pass.
//!
//! Windows lie one behind the other in one matrix, a row for each piece, so that nothing is padded; only attention
//! looks at each window by itself. Products of matrices are in whole numbers, all else in single precision, where every
//! sum runs in one order: what a window gets depends neither on the others nor on the machine.

use rten_gemm::GemmError;

use super::Probabilities;
use super::attention::{LOOKING, attend};
use super::base::WIDTH;
use super::compiled::{self, widely};
use super::product::{Levels, Linear, Multiplier};
use super::window::Window;
use crate::names::crf::exponential;

const NORM_EPSILON: f32 = 1e-12;

/// What a row is stretched and moved by once its mean is 0 and its spread 1.
pub(super) struct Norm {
    pub(super) weight: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

/// A layer.
pub(super) struct Layer {
    /// Queries, keys and values, one above the other.
    pub(super) looking: Linear,
    pub(super) mixed: Linear,
    pub(super) mixed_norm: Norm,
    pub(super) widen: Linear,
    pub(super) narrow: Linear,
    pub(super) narrow_norm: Norm,
}

/// What each label gets for each number of a row.
pub(super) struct Head {
    pub(super) weights: Vec<Probabilities>,
    pub(super) bias: Probabilities,
}

/// The whole.
pub(super) struct Network {
    /// Embeddings of pieces, in levels.
    pub(super) words: Vec<u8>,
    pub(super) step: f32,
    pub(super) zero: f32,
    /// Embeddings of places.
    pub(super) positions: Vec<f32>,
    /// Embeddings of shapes.
    pub(super) shapes: Vec<f32>,
    pub(super) norm: Norm,
    pub(super) layers: Vec<Layer>,
    pub(super) head: Head,
}

impl Network {
    /// What each token got that is read from each window.
    pub(super) fn mark(&self, windows: &[&Window]) -> Result<Vec<Vec<Probabilities>>, GemmError> {
        let mut x = self.embedded(windows);
        let (mut by, mut looking, mut taken) = (Multiplier::default(), Vec::new(), vec![0.0; x.len()]);
        for layer in &self.layers {
            layer.looking.times(&Levels::of(&x, WIDTH), &mut by, &mut looking)?;
            let mut from = 0;
            for window in windows {
                let to = from + window.len();
                attend(&looking[from * LOOKING..to * LOOKING], &mut taken[from * WIDTH..to * WIDTH]);
                from = to;
            }
            layer.mixed.add(&Levels::of(&taken, WIDTH), &mut by, &mut x)?;
            layer.mixed_norm.apply(&mut x);
            let wide = layer.widen.bent(&Levels::of(&x, WIDTH), &mut by)?;
            layer.narrow.add(&wide, &mut by, &mut x)?;
            layer.narrow_norm.apply(&mut x);
        }
        Ok(self.labelled(windows, &x))
    }

    /// The sum of what piece, place and shape stand for.
    fn embedded(&self, windows: &[&Window]) -> Vec<f32> {
        let mut x = Vec::with_capacity(windows.iter().map(|window| window.len()).sum::<usize>() * WIDTH);
        for window in windows {
            for (place, (piece, shape)) in window.pieces.iter().enumerate() {
                let row = |of: usize| of * WIDTH..(of + 1) * WIDTH;
                let words = self.words[row(usize::from(*piece))].iter();
                let others = self.positions[row(place)].iter().zip(&self.shapes[row(*shape as usize)]);
                let sum = |(level, (place, shape)): (&u8, (&f32, &f32))| {
                    (f32::from(*level) - self.zero) * self.step + place + shape
                };
                x.extend(words.zip(others).map(sum));
            }
        }
        self.norm.apply(&mut x);
        x
    }

    fn labelled(&self, windows: &[&Window], x: &[f32]) -> Vec<Vec<Probabilities>> {
        let mut from = 0;
        let mut own = |window: &&Window| {
            let rows = &x[from * WIDTH..(from + window.len()) * WIDTH];
            from += window.len();
            window
                .read
                .iter()
                .map(|piece| self.head.shares(&rows[piece * WIDTH..(piece + 1) * WIDTH]))
                .collect()
        };
        windows.iter().map(&mut own).collect()
    }
}

impl Norm {
    fn apply(&self, x: &mut [f32]) {
        widely(
            #[inline(always)]
            || x.chunks_exact_mut(WIDTH).for_each(|row| self.apply_to(row)),
        );
    }

    #[inline(always)]
    fn apply_to(&self, row: &mut [f32]) {
        let mean = compiled::sum(row, |number| number) / WIDTH as f32;
        let spread = compiled::sum(row, |number| (number - mean) * (number - mean)) / WIDTH as f32;
        let scale = 1.0 / (spread + NORM_EPSILON).sqrt();
        for (number, (weight, bias)) in row.iter_mut().zip(self.weight.iter().zip(&self.bias)) {
            *number = (*number - mean) * scale * weight + bias;
        }
    }
}

impl Head {
    /// How probable each label is.
    fn shares(&self, row: &[f32]) -> Probabilities {
        let mut scores = self.bias;
        for (number, weights) in row.iter().zip(&self.weights) {
            scores.iter_mut().zip(weights).for_each(|(score, weight)| *score += number * weight);
        }
        let highest = scores.iter().copied().fold(f32::MIN, f32::max);
        let shares = scores.map(|score| exponential(score - highest));
        let all: f32 = shares.iter().sum();
        shares.map(|share| share / all)
    }
}
