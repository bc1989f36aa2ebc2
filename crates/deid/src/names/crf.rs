//! The conditional random field: from features to the probability of each label.

use super::features::{ROWS, Rows};
use crate::identifier::IdentifierKind;

/// How many labels there are, padded to a power of two.
pub const LANES: usize = 16;
/// The kinds that the model tells.
pub const KINDS: [IdentifierKind; 6] = [
    IdentifierKind::Person,
    IdentifierKind::Location,
    IdentifierKind::Organisation,
    IdentifierKind::Address,
    IdentifierKind::Title,
    IdentifierKind::Group,
];
/// Labels: outside, then for each kind its first and its further tokens.
pub const LABELS: usize = 1 + 2 * KINDS.len();

/// One value for each label.
pub type Lane = [f32; LANES];

/// The label of the first token of the `kind`th kind.
pub const fn first_of(kind: usize) -> usize {
    1 + 2 * kind
}

/// The label of the further tokens of the `kind`th kind.
pub const fn further_of(kind: usize) -> usize {
    2 + 2 * kind
}

/// Weights as they are stored: one byte each.
pub struct Weights {
    /// One row of labels for each feature hash.
    pub rows: Vec<[i8; LANES]>,
    /// From a label to the next, in the same unit.
    pub steps: [[i8; LANES]; LANES],
    /// How much one unit weighs.
    pub unit: f32,
}

/// A model that can be asked.
pub struct Crf {
    rows: Vec<[i8; LANES]>,
    unit: f32,
    /// Exponentials of the transition weights, by label before.
    steps: [Lane; LANES],
}

/// Memory that is used again from sentence to sentence.
#[derive(Default)]
pub struct Room {
    scores: Vec<Lane>,
    forward: Vec<Lane>,
}

impl Crf {
    /// A model with these weights; `None` unless the table has [`ROWS`] rows.
    pub fn new(weights: Weights) -> Option<Self> {
        let Weights { rows, steps, unit } = weights;
        let steps = steps.map(|row| {
            let mut lane = [0.0; LANES];
            for (label, (value, weight)) in lane.iter_mut().zip(row).enumerate() {
                *value = if label < LABELS { exponential(f32::from(weight) * unit) } else { 0.0 };
            }
            lane
        });
        (rows.len() == ROWS).then_some(Self { rows, unit, steps })
    }

    /// The probability of each label of each token of a sentence. They sum to 1.
    pub fn marginals(&self, features: &[Rows], room: &mut Room, out: &mut Vec<Lane>) {
        room.scores.clear();
        room.scores.extend(features.iter().map(|rows| self.score(rows)));
        marginals(&room.scores, &self.steps, &mut room.forward, out);
    }

    fn score(&self, features: &Rows) -> Lane {
        let mut sums = [0_i16; LANES];
        for row in features {
            let row = &self.rows[*row as usize & (ROWS - 1)];
            for (sum, weight) in sums.iter_mut().zip(row) {
                *sum += i16::from(*weight);
            }
        }
        let mut scores = [0.0; LANES];
        for (score, sum) in scores.iter_mut().zip(sums) {
            *score = f32::from(sum) * self.unit;
        }
        positive(&scores)
    }
}

/// Exponentials of scores, the largest made 1.
pub(super) fn positive(scores: &Lane) -> Lane {
    let largest = scores[..LABELS].iter().copied().fold(f32::MIN, f32::max);
    let mut out = [0.0; LANES];
    for (value, score) in out[..LABELS].iter_mut().zip(scores) {
        *value = exponential(score - largest);
    }
    out
}

/// Forward and backward (Rabiner 1989), scaled at each token so that nothing underflows.
pub(super) fn marginals(
    scores: &[Lane],
    steps: &[Lane; LANES],
    forward: &mut Vec<Lane>,
    out: &mut Vec<Lane>,
) {
    forward.clear();
    out.clear();
    let Some(first) = scores.first() else { return };
    let mut lane = *first;
    scale(&mut lane);
    forward.push(lane);
    for score in &scores[1..] {
        let mut next = [0.0; LANES];
        for (before, step) in lane.iter().zip(steps) {
            for (value, weight) in next.iter_mut().zip(step) {
                *value += before * weight;
            }
        }
        for (value, score) in next.iter_mut().zip(score) {
            *value *= score;
        }
        scale(&mut next);
        forward.push(next);
        lane = next;
    }
    out.resize(scores.len(), [0.0; LANES]);
    let mut behind = [1.0; LANES];
    for at in (0..scores.len()).rev() {
        for ((value, before), after) in out[at].iter_mut().zip(forward[at]).zip(behind) {
            *value = before * after;
        }
        scale(&mut out[at]);
        let mut ahead = [0.0; LANES];
        for (value, (score, after)) in ahead.iter_mut().zip(scores[at].iter().zip(behind)) {
            *value = score * after;
        }
        for (value, step) in behind.iter_mut().zip(steps) {
            *value = step.iter().zip(ahead).map(|(step, ahead)| step * ahead).sum();
        }
        scale(&mut behind);
    }
}

fn scale(lane: &mut Lane) {
    let sum: f32 = lane.iter().sum();
    let factor = if sum > 0.0 { 1.0 / sum } else { 1.0 };
    lane.iter_mut().for_each(|value| *value *= factor);
}

/// e^x by a polynomial for 2^x between whole powers: the same bits on every machine, and a relative error below 1e-6.
#[inline(always)]
pub(crate) fn exponential(x: f32) -> f32 {
    let scaled = (x * std::f32::consts::LOG2_E).clamp(-120.0, 120.0);
    let whole = scaled.floor();
    let part = scaled - whole;
    let series = 1.0
        + part
            * (std::f32::consts::LN_2
                + part
                    * (0.240_226_5
                        + part
                            * (0.055_504_11
                                + part * (0.009_618_13 + part * (0.001_333_35 + part * 0.000_154_04)))));
    series * f32::from_bits(((whole as i32 + 127) as u32) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_those_of_the_library() {
        for tenth in -300..300 {
            let x = tenth as f32 / 10.0;
            assert!((exponential(x) / x.exp() - 1.0).abs() < 1e-5, "{x}");
        }
    }

    #[test]
    fn marginals_are_those_that_counting_all_paths_gives() {
        let mut steps = [[0.0; LANES]; LANES];
        let scores: Vec<Lane> = (0..4_usize)
            .map(|at| {
                let mut lane = [0.0; LANES];
                (0..3).for_each(|label| lane[label] = 0.2 + ((at * 7 + label * 3) % 5) as f32);
                lane
            })
            .collect();
        for (from, row) in steps.iter_mut().enumerate().take(3) {
            (0..3).for_each(|to| row[to] = 0.3 + ((from * 2 + to) % 4) as f32);
        }
        let mut counted = vec![[0.0_f64; 3]; 4];
        for path in 0..81_usize {
            let labels: Vec<usize> = (0..4).map(|at| path / 3_usize.pow(at) % 3).collect();
            let mut weight = 1.0;
            for (at, label) in labels.iter().enumerate() {
                weight *= f64::from(scores[at][*label]);
                if at > 0 {
                    weight *= f64::from(steps[labels[at - 1]][*label]);
                }
            }
            labels.iter().enumerate().for_each(|(at, label)| counted[at][*label] += weight);
        }
        let mut out = Vec::new();
        marginals(&scores, &steps, &mut Vec::new(), &mut out);
        for (lane, counts) in out.iter().zip(&counted) {
            let sum: f64 = counts.iter().sum();
            for (label, count) in counts.iter().enumerate() {
                assert!((f64::from(lane[label]) - count / sum).abs() < 1e-5);
            }
        }
    }
}
