//! The forward pass, in single precision.
//!
//! Windows lie one behind the other in one matrix, a row for each piece, so that nothing is padded; only attention
//! looks at each window by itself. Every sum runs in one order whatever stands in the other windows.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, Axis, ShapeError, Slice};

use super::base::WIDTH;
use super::window::Window;
use super::{LABELS, Probabilities};

const HEADS: usize = 12;
const HEAD_WIDTH: usize = WIDTH / HEADS;
const NORM_EPSILON: f32 = 1e-12;
/// The curve between the wide and the narrow matrix is read from a table with this many steps to 1, over ±8.
const BENDS_TO_ONE: usize = 256;
const BENDS_REACH: f32 = 8.0;

/// A matrix of rows of outputs, and what is added.
pub(super) struct Linear {
    pub(super) weights: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

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
    pub(super) head: Linear,
    /// The table of [`bends`].
    pub(super) bends: Vec<f32>,
}

impl Network {
    /// What each token got that is read from each window.
    pub(super) fn mark(&self, windows: Vec<&Window>) -> Result<Vec<Vec<Probabilities>>, ShapeError> {
        let mut x = self.embedded(&windows);
        for layer in &self.layers {
            let looking = layer.looking.times(&x)?;
            let mut seen = vec![0.0; x.len()];
            let mut from = 0;
            for window in &windows {
                let to = from + window.len();
                attend(&looking[from * 3 * WIDTH..to * 3 * WIDTH], &mut seen[from * WIDTH..to * WIDTH])?;
                from = to;
            }
            add(&mut x, &layer.mixed.times(&seen)?);
            layer.mixed_norm.apply(&mut x);
            let mut wide = layer.widen.times(&x)?;
            wide.iter_mut().for_each(|number| *number = self.bent(*number));
            add(&mut x, &layer.narrow.times(&wide)?);
            layer.narrow_norm.apply(&mut x);
        }
        self.labelled(&windows, &x)
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

    fn labelled(&self, windows: &[&Window], x: &[f32]) -> Result<Vec<Vec<Probabilities>>, ShapeError> {
        let scores = self.head.times(x)?;
        let (scores, _) = scores.as_chunks::<LABELS>();
        let mut from = 0;
        Ok(windows
            .iter()
            .map(|window| {
                let own = &scores[from..from + window.len()];
                from += window.len();
                window.read.iter().map(|piece| shares(own[*piece])).collect()
            })
            .collect())
    }

    fn bent(&self, x: f32) -> f32 {
        let place = (x.clamp(-BENDS_REACH, BENDS_REACH - 1e-3) + BENDS_REACH) * BENDS_TO_ONE as f32;
        let at = place as usize;
        let (low, high) = (self.bends[at], self.bends[at + 1]);
        if x >= BENDS_REACH - 1e-3 { x } else { low + (high - low) * (place - at as f32) }
    }
}

/// The table of x·Φ(x), where Φ is the normal distribution (GELU: Hendrycks and Gimpel 2016).
///
/// Φ is summed up by Simpson's rule. Between two entries a line is off by less than 2e-6.
pub(super) fn bends() -> Vec<f32> {
    let density = |x: f64| (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt();
    let step = 1.0 / BENDS_TO_ONE as f64;
    let mut below = 0.0;
    let entries = 2 * BENDS_REACH as usize * BENDS_TO_ONE;
    (0..=entries)
        .map(|entry| {
            let x = entry as f64 * step - f64::from(BENDS_REACH);
            let bend = x * below;
            below += (density(x) + 4.0 * density(x + step / 2.0) + density(x + step)) * step / 6.0;
            bend as f32
        })
        .collect()
}

impl Linear {
    /// Each row times the matrix, and the bias.
    fn times(&self, x: &[f32]) -> Result<Vec<f32>, ShapeError> {
        let outputs = self.bias.len();
        let inputs = self.weights.len() / outputs;
        let rows = x.len() / inputs;
        let mut out: Vec<f32> = self.bias.iter().copied().cycle().take(rows * outputs).collect();
        let x = ArrayView2::from_shape((rows, inputs), x)?;
        let weights = ArrayView2::from_shape((outputs, inputs), &self.weights[..])?;
        let mut into = ArrayViewMut2::from_shape((rows, outputs), &mut out[..])?;
        general_mat_mul(1.0, &x, &weights.t(), 1.0, &mut into);
        Ok(out)
    }
}

impl Norm {
    fn apply(&self, x: &mut [f32]) {
        for row in x.chunks_exact_mut(WIDTH) {
            let mean = row.iter().sum::<f32>() / WIDTH as f32;
            let spread =
                row.iter().map(|number| (number - mean) * (number - mean)).sum::<f32>() / WIDTH as f32;
            let scale = 1.0 / (spread + NORM_EPSILON).sqrt();
            for (number, (weight, bias)) in row.iter_mut().zip(self.weight.iter().zip(&self.bias)) {
                *number = (*number - mean) * scale * weight + bias;
            }
        }
    }
}

fn add(x: &mut [f32], more: &[f32]) {
    x.iter_mut().zip(more).for_each(|(number, more)| *number += more);
}

/// Scaled dot-product attention over the pieces of one window; queries, keys and values lie side by side.
fn attend(looking: &[f32], seen: &mut [f32]) -> Result<(), ShapeError> {
    let pieces = seen.len() / WIDTH;
    let looking = ArrayView2::from_shape((pieces, 3 * WIDTH), looking)?;
    let mut seen = ArrayViewMut2::from_shape((pieces, WIDTH), seen)?;
    let mut scores = vec![0.0; pieces * pieces];
    let scale = (HEAD_WIDTH as f32).sqrt().recip();
    for head in 0..HEADS {
        let part = |kind: usize| {
            let from = kind * WIDTH + head * HEAD_WIDTH;
            looking.slice_axis(Axis(1), Slice::from(from..from + HEAD_WIDTH))
        };
        let mut into = ArrayViewMut2::from_shape((pieces, pieces), &mut scores[..])?;
        general_mat_mul(scale, &part(0), &part(1).t(), 0.0, &mut into);
        scores.chunks_exact_mut(pieces).for_each(spread);
        let scores = ArrayView2::from_shape((pieces, pieces), &scores[..])?;
        let own = Slice::from(head * HEAD_WIDTH..(head + 1) * HEAD_WIDTH);
        let mut into = seen.slice_axis_mut(Axis(1), own);
        general_mat_mul(1.0, &scores, &part(2), 0.0, &mut into);
    }
    Ok(())
}

/// Scores to shares that sum to 1.
fn spread(scores: &mut [f32]) {
    let highest = scores.iter().copied().fold(f32::MIN, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - highest).exp();
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
}

fn shares(mut scores: Probabilities) -> Probabilities {
    spread(&mut scores);
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_bends_as_the_curve_does() {
        let table = bends();
        // Values of x·Φ(x) from tables of the normal distribution.
        for (x, wanted) in [(-1.0, -0.158_655_25), (0.0, 0.0), (0.5, 0.345_731_2), (2.0, 1.954_499_7)] {
            let entry = ((x + BENDS_REACH) * BENDS_TO_ONE as f32) as usize;
            assert!((table[entry] - wanted).abs() < 1e-6, "{x}: {}", table[entry]);
        }
    }
}
