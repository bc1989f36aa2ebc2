//! Four steps of the transformer as single operations with their own derivatives.
//!
//! Candle can express each by a dozen elementary operations; as one they take a quarter of the time, and the sums in
//! them run in one fixed order, whatever the number of threads.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, CustomOp3, Error, Layout, Result, Shape, Tensor};

/// The numbers of a contiguous tensor.
fn numbers<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let (start, end) =
        layout.contiguous_offsets().ok_or_else(|| Error::Msg("a tensor is not contiguous".into()))?;
    Ok(&storage.as_slice::<f32>()?[start..end])
}

fn last(layout: &Layout) -> usize {
    layout.dims().last().copied().unwrap_or(1).max(1)
}

/// Attention weights of scores `(batch, heads, queries, keys)`: each query sees the keys up to its own place.
pub(super) fn causal_softmax(scores: &Tensor, scale: f32) -> Result<Tensor> {
    scores.contiguous()?.apply_op1(CausalSoftmax { scale })
}

struct CausalSoftmax {
    scale: f32,
}

impl CustomOp1 for CausalSoftmax {
    fn name(&self) -> &'static str {
        "causal-softmax"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let scores = numbers(storage, layout)?;
        let keys = last(layout);
        let queries = layout.dims().iter().rev().nth(1).copied().unwrap_or(1);
        let mut weights = vec![0.0; scores.len()];
        for (at, (row, out)) in scores.chunks_exact(keys).zip(weights.chunks_exact_mut(keys)).enumerate() {
            let seen = keys - queries + at % queries + 1;
            softmax(&row[..seen], &mut out[..seen], self.scale);
        }
        Ok((CpuStorage::F32(weights), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, weights: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let op = SoftmaxGrad { scale: self.scale };
        weights.apply_op2_no_bwd(&grad.contiguous()?, &op).map(Some)
    }
}

fn softmax(scores: &[f32], out: &mut [f32], scale: f32) {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for (out, score) in out.iter_mut().zip(scores) {
        *out = ((score - highest) * scale).exp();
        sum += *out;
    }
    out.iter_mut().for_each(|out| *out /= sum);
}

struct SoftmaxGrad {
    scale: f32,
}

impl CustomOp2 for SoftmaxGrad {
    fn name(&self) -> &'static str {
        "causal-softmax-gradient"
    }

    fn cpu_fwd(
        &self,
        weights: &CpuStorage,
        layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (weights, grad) = (numbers(weights, layout)?, numbers(grad, grad_layout)?);
        let keys = last(layout);
        let mut out = Vec::with_capacity(weights.len());
        for (weights, grad) in weights.chunks_exact(keys).zip(grad.chunks_exact(keys)) {
            let along: f32 = weights.iter().zip(grad).map(|(weight, grad)| weight * grad).sum();
            out.extend(weights.iter().zip(grad).map(|(weight, grad)| weight * (grad - along) * self.scale));
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

/// Root-mean-square normalisation over the last dimension, times `gain` (Zhang and Sennrich 2019).
pub(super) fn rms_norm(x: &Tensor, gain: &Tensor, epsilon: f32) -> Result<Tensor> {
    x.contiguous()?.apply_op2(gain, RmsNorm { epsilon })
}

struct RmsNorm {
    epsilon: f32,
}

impl RmsNorm {
    fn rate(&self, x: &[f32]) -> f32 {
        let square: f32 = x.iter().map(|x| x * x).sum();
        1.0 / (square / x.len() as f32 + self.epsilon).sqrt()
    }
}

impl CustomOp2 for RmsNorm {
    fn name(&self) -> &'static str {
        "rms-norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        layout: &Layout,
        gain: &CpuStorage,
        gain_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, gain) = (numbers(x, layout)?, numbers(gain, gain_layout)?);
        let mut out = Vec::with_capacity(x.len());
        for x in x.chunks_exact(gain.len()) {
            let rate = self.rate(x);
            out.extend(x.iter().zip(gain).map(|(x, gain)| x * rate * gain));
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        gain: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let of_x = x.apply_op3_no_bwd(gain, &grad, &RmsNormGrad { epsilon: self.epsilon })?;
        let of_gain = x.apply_op2_no_bwd(&grad, &GainGrad { epsilon: self.epsilon })?;
        Ok((Some(of_x), Some(of_gain)))
    }
}

struct RmsNormGrad {
    epsilon: f32,
}

impl CustomOp3 for RmsNormGrad {
    fn name(&self) -> &'static str {
        "rms-norm-gradient"
    }

    #[expect(clippy::too_many_arguments, reason = "the trait's signature")]
    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        layout: &Layout,
        gain: &CpuStorage,
        gain_layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, gain) = (numbers(x, layout)?, numbers(gain, gain_layout)?);
        let grad = numbers(grad, grad_layout)?;
        let width = gain.len();
        let mut out = Vec::with_capacity(x.len());
        for (x, grad) in x.chunks_exact(width).zip(grad.chunks_exact(width)) {
            let rate = RmsNorm { epsilon: self.epsilon }.rate(x);
            let along: f32 = x.iter().zip(grad).zip(gain).map(|((x, grad), gain)| x * grad * gain).sum();
            let pull = along * rate * rate * rate / width as f32;
            out.extend(x.iter().zip(grad).zip(gain).map(|((x, grad), gain)| grad * gain * rate - x * pull));
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

struct GainGrad {
    epsilon: f32,
}

impl CustomOp2 for GainGrad {
    fn name(&self) -> &'static str {
        "rms-norm-gain-gradient"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, grad) = (numbers(x, layout)?, numbers(grad, grad_layout)?);
        let width = last(layout);
        let mut out = vec![0.0; width];
        for (x, grad) in x.chunks_exact(width).zip(grad.chunks_exact(width)) {
            let rate = RmsNorm { epsilon: self.epsilon }.rate(x);
            out.iter_mut().zip(x).zip(grad).for_each(|((out, x), grad)| *out += x * grad * rate);
        }
        Ok((CpuStorage::F32(out), Shape::from(width)))
    }
}

/// Rotary positions (Su et al. 2021) of `(batch, heads, tokens, width)`: the first half of the width is rotated
/// against the second; the first token stands at `start`.
pub(super) fn rotate(x: &Tensor, start: usize) -> Result<Tensor> {
    x.contiguous()?.apply_op1(Rotate { start, direction: 1.0 })
}

/// Base of the wavelengths.
pub(crate) const ROTARY_BASE: f32 = 10_000.0;

struct Rotate {
    start: usize,
    /// 1 forward; -1 for the derivative, which turns back.
    direction: f32,
}

impl CustomOp1 for Rotate {
    fn name(&self) -> &'static str {
        "rotary-positions"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = numbers(storage, layout)?;
        let width = last(layout);
        let tokens = layout.dims().iter().rev().nth(1).copied().unwrap_or(1);
        let half = width / 2;
        let turn = |at: usize| {
            let (token, place) = (at / half + self.start, at % half);
            let angle = token as f32 * ROTARY_BASE.powf(-2.0 * place as f32 / width as f32);
            (angle.cos(), angle.sin() * self.direction)
        };
        let turns: Vec<(f32, f32)> = (0..tokens * half).map(turn).collect();
        let mut out = vec![0.0; x.len()];
        for (at, (x, out)) in x.chunks_exact(width).zip(out.chunks_exact_mut(width)).enumerate() {
            let turns = &turns[at % tokens * half..][..half];
            let (first, second) = x.split_at(half);
            let (out_first, out_second) = out.split_at_mut(half);
            for (place, (cos, sin)) in turns.iter().enumerate() {
                out_first[place] = first[place] * cos - second[place] * sin;
                out_second[place] = second[place] * cos + first[place] * sin;
            }
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let back = Rotate { start: self.start, direction: -self.direction };
        grad.contiguous()?.apply_op1_no_bwd(&back).map(Some)
    }
}

/// Negative log-likelihood in nats of each target under logits `(tokens, vocabulary)`.
pub(super) fn surprise(logits: &Tensor, targets: Vec<u32>) -> Result<Tensor> {
    logits.contiguous()?.apply_op1(Surprise { targets })
}

struct Surprise {
    targets: Vec<u32>,
}

impl CustomOp1 for Surprise {
    fn name(&self) -> &'static str {
        "surprise"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let logits = numbers(storage, layout)?;
        let rows = logits.chunks_exact(last(layout)).zip(&self.targets);
        let out: Vec<f32> = rows.map(|(row, target)| log_sum(row) - row[*target as usize]).collect();
        let shape = Shape::from(out.len());
        Ok((CpuStorage::F32(out), shape))
    }

    fn bwd(&self, logits: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let op = SurpriseGrad { targets: &self.targets };
        logits.apply_op2_no_bwd(&grad.contiguous()?, &op).map(Some)
    }
}

fn log_sum(row: &[f32]) -> f32 {
    let highest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = row.iter().map(|logit| (logit - highest).exp()).sum();
    highest + sum.ln()
}

struct SurpriseGrad<'a> {
    targets: &'a [u32],
}

impl CustomOp2 for SurpriseGrad<'_> {
    fn name(&self) -> &'static str {
        "surprise-gradient"
    }

    fn cpu_fwd(
        &self,
        logits: &CpuStorage,
        layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (logits, grad) = (numbers(logits, layout)?, numbers(grad, grad_layout)?);
        let vocabulary = last(layout);
        let mut out = vec![0.0; logits.len()];
        let rows = logits.chunks_exact(vocabulary).zip(out.chunks_exact_mut(vocabulary));
        for ((row, out), (target, grad)) in rows.zip(self.targets.iter().zip(grad)) {
            // Tokens that do not count have no gradient, and need no exponentials.
            if *grad != 0.0 {
                softmax(row, out, 1.0);
                out.iter_mut().for_each(|out| *out *= grad);
                out[*target as usize] -= grad;
            }
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}
