//! The steps of the transformer on rows of numbers, each with its derivative beside it.

/// Base of the wavelengths of rotary positions.
pub(crate) const ROTARY_BASE: f32 = 10_000.0;
/// Keeps normalisation from dividing by zero.
pub(crate) const NORM_EPSILON: f32 = 1e-5;

/// Turns scores into shares that add up to one.
pub(super) fn softmax(scores: &mut [f32]) {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - highest).exp();
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
}

/// Turns the derivative by the shares, in `grad`, into the derivative by the scores.
pub(super) fn softmax_back(shares: &[f32], grad: &mut [f32]) {
    let along: f32 = shares.iter().zip(grad.iter()).map(|(share, grad)| share * grad).sum();
    grad.iter_mut().zip(shares).for_each(|(grad, share)| *grad = share * (*grad - along));
}

/// Root-mean-square normalisation of each row, times `gain` (Zhang and Sennrich 2019).
pub(super) fn norm(x: &[f32], gain: &[f32]) -> Vec<f32> {
    let mut out = Vec::with_capacity(x.len());
    for x in x.chunks_exact(gain.len()) {
        let rate = rate(x);
        out.extend(x.iter().zip(gain).map(|(x, gain)| x * rate * gain));
    }
    out
}

/// Adds the derivative by `x` to `x_grad`, and that by the gain to `gain_grad`.
pub(super) fn norm_back(
    (x, gain): (&[f32], &[f32]),
    grad: &[f32],
    x_grad: &mut [f32],
    gain_grad: &mut [f32],
) {
    let width = gain.len();
    let rows = x.chunks_exact(width).zip(grad.chunks_exact(width)).zip(x_grad.chunks_exact_mut(width));
    for ((x, grad), x_grad) in rows {
        let rate = rate(x);
        let along: f32 = x.iter().zip(grad).zip(gain).map(|((x, grad), gain)| x * grad * gain).sum();
        let pull = along * rate * rate * rate / width as f32;
        for at in 0..width {
            x_grad[at] += grad[at] * gain[at] * rate - x[at] * pull;
            gain_grad[at] += x[at] * grad[at] * rate;
        }
    }
}

fn rate(x: &[f32]) -> f32 {
    let square: f32 = x.iter().map(|x| x * x).sum();
    1.0 / (square / x.len() as f32 + NORM_EPSILON).sqrt()
}

/// Which way positions turn.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Turn {
    /// As in reading.
    Forward,
    /// The derivative turns back.
    Back,
}

/// Rotary positions (Su et al. 2021) in place: of each head's columns the first half is rotated against the second.
/// The rows are tokens, the first of which stands at `start`.
pub(super) fn rotate(x: &mut [f32], width: usize, heads: usize, (start, turn): (usize, Turn)) {
    let (head_width, half) = (width / heads, width / heads / 2);
    let rate = |place: usize| ROTARY_BASE.powf(-2.0 * place as f32 / head_width as f32);
    let rates: Vec<f32> = (0..half).map(rate).collect();
    for (token, row) in x.chunks_exact_mut(width).enumerate() {
        let turns: Vec<(f32, f32)> =
            rates.iter().map(|rate| ((token + start) as f32 * rate).sin_cos()).collect();
        for head in row.chunks_exact_mut(head_width) {
            let (first, second) = head.split_at_mut(half);
            for ((first, second), (sin, cos)) in first.iter_mut().zip(second).zip(&turns) {
                let sin = if turn == Turn::Back { -sin } else { *sin };
                (*first, *second) = (*first * cos - *second * sin, *second * cos + *first * sin);
            }
        }
    }
}

/// The gate of the feed-forward part (Shazeer 2020): `up` times the sigmoid-weighted `gate`.
pub(super) fn gate(gate: &[f32], up: &[f32]) -> Vec<f32> {
    gate.iter().zip(up).map(|(gate, up)| gate * sigmoid(*gate) * up).collect()
}

/// The derivatives by `gate` and by `up`, from that by the result.
pub(super) fn gate_back(gate: &[f32], up: &[f32], grad: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let one = |((gate, up), grad): ((&f32, &f32), &f32)| {
        let share = sigmoid(*gate);
        (share * (1.0 + gate * (1.0 - share)) * up * grad, gate * share * grad)
    };
    gate.iter().zip(up).zip(grad).map(one).unzip()
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// Negative log-likelihood in nats of `target` under `logits`, which become the shares.
pub(super) fn surprise(logits: &mut [f32], target: usize) -> f32 {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let aimed = logits[target] - highest;
    let mut sum = 0.0;
    for logit in logits.iter_mut() {
        *logit = (*logit - highest).exp();
        sum += *logit;
    }
    logits.iter_mut().for_each(|logit| *logit /= sum);
    sum.ln() - aimed
}
