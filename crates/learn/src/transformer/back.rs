//! The derivatives of a transformer: the chain rule from the loss back to every number, layer by layer.

use std::ops::Range;

use ndarray::ShapeError;
use ndarray::linalg::general_mat_mul;

use super::matrix::{add_transposed_times, columns, columns_mut, rows, rows_mut};
use super::ops::{self, Turn};
use super::parameters::LayerLayout;
use super::{LayerTrace, Transformer, add_into, add_times};

/// A matrix that is multiplied with: where it lies, and how many columns it has.
type Matrix<'a> = (&'a Range<usize>, usize);

impl Transformer {
    /// The sum of the surprises at `targets`, which follow the tokens, and its derivative by every number, both
    /// times `share`.
    pub(crate) fn learn(
        &self,
        tokens: &[u32],
        targets: &[u32],
        share: f32,
    ) -> Result<(f64, Vec<f32>), ShapeError> {
        let (width, vocabulary) = (self.shape.width, self.shape.vocabulary);
        let trace = self.read(tokens, &mut [])?;
        let mut logits = self.logits(&trace)?;
        let mut loss = 0.0;
        for (row, target) in logits.chunks_exact_mut(vocabulary).zip(targets) {
            loss += f64::from(ops::surprise(row, *target as usize));
            row[*target as usize] -= 1.0;
            row.iter_mut().for_each(|logit| *logit *= share);
        }
        let mut grads = vec![0.0; self.layout.length];
        let embedding = self.layout.embedding.clone();
        let mut of_normed = vec![0.0; trace.normed.len()];
        add_times(&mut of_normed, (&logits, vocabulary), (self.at(&embedding), width))?;
        add_transposed_times(&mut grads[embedding.clone()], (&logits, vocabulary), (&trace.normed, width))?;
        let mut of_x = vec![0.0; trace.x.len()];
        let norm = self.layout.final_norm.clone();
        ops::norm_back((&trace.x, self.at(&norm)), &of_normed, &mut of_x, &mut grads[norm.clone()]);
        for (layer, trace) in self.layout.layers.iter().zip(&trace.layers).rev() {
            self.feed_forward_back(layer, trace, &mut of_x, &mut grads)?;
            self.attention_back(layer, trace, &mut of_x, &mut grads)?;
        }
        for (token, of_row) in tokens.iter().zip(of_x.chunks_exact(width)) {
            add_into(&mut grads[embedding.start + *token as usize * width..][..width], of_row);
        }
        Ok((loss * f64::from(share), grads))
    }

    /// From the derivative by what the layer gives to that by what its middle gives.
    fn feed_forward_back(
        &self,
        layer: &LayerLayout,
        trace: &LayerTrace,
        of_x: &mut [f32],
        grads: &mut [f32],
    ) -> Result<(), ShapeError> {
        let (width, inner) = (self.shape.width, self.shape.inner_width);
        let mut of_gated = vec![0.0; trace.gated.len()];
        self.project_back((&layer.down, inner), &trace.gated, (of_x, width), (&mut of_gated, grads))?;
        let (of_gate, of_up) = ops::gate_back(&trace.gate, &trace.up, &of_gated);
        let mut of_normed = vec![0.0; trace.middle_normed.len()];
        let normed = &trace.middle_normed;
        self.project_back((&layer.gate, width), normed, (&of_gate, inner), (&mut of_normed, grads))?;
        self.project_back((&layer.up, width), normed, (&of_up, inner), (&mut of_normed, grads))?;
        let norm = layer.feed_forward_norm.clone();
        ops::norm_back((&trace.middle, self.at(&norm)), &of_normed, of_x, &mut grads[norm.clone()]);
        Ok(())
    }

    /// From the derivative by what the layer's middle gives to that by what came in.
    fn attention_back(
        &self,
        layer: &LayerLayout,
        trace: &LayerTrace,
        of_x: &mut [f32],
        grads: &mut [f32],
    ) -> Result<(), ShapeError> {
        let (width, heads) = (self.shape.width, self.shape.heads);
        let mut of_mixed = vec![0.0; trace.mixed.len()];
        self.project_back((&layer.output, width), &trace.mixed, (of_x, width), (&mut of_mixed, grads))?;
        let [mut of_query, mut of_key, of_value] = self.attend_back(trace, &of_mixed)?;
        ops::rotate(&mut of_query, width, heads, (0, Turn::Back));
        ops::rotate(&mut of_key, width, heads, (0, Turn::Back));
        let mut of_normed = vec![0.0; trace.normed.len()];
        for (matrix, of) in [(&layer.query, &of_query), (&layer.key, &of_key), (&layer.value, &of_value)] {
            self.project_back((matrix, width), &trace.normed, (of, width), (&mut of_normed, grads))?;
        }
        let norm = layer.attention_norm.clone();
        ops::norm_back((&trace.x, self.at(&norm)), &of_normed, of_x, &mut grads[norm.clone()]);
        Ok(())
    }

    /// The derivatives by queries, keys and values, from that by what was mixed.
    fn attend_back(&self, trace: &LayerTrace, of_mixed: &[f32]) -> Result<[Vec<f32>; 3], ShapeError> {
        let (width, tokens) = (self.shape.width, of_mixed.len() / self.shape.width);
        let [mut of_query, mut of_key, mut of_value] = [(); 3].map(|()| vec![0.0; of_mixed.len()]);
        for (head, shares) in trace.shares.iter().enumerate() {
            let head = self.head(head);
            let of_head = columns(of_mixed, width, head.clone())?;
            let mut of_values = columns_mut(&mut of_value, width, head.clone())?;
            general_mat_mul(1.0, &rows(shares, tokens)?.t(), &of_head, 0.0, &mut of_values);
            let mut of_scores = vec![0.0; shares.len()];
            let values = columns(&trace.value, width, head.clone())?;
            general_mat_mul(1.0, &of_head, &values.t(), 0.0, &mut rows_mut(&mut of_scores, tokens)?);
            for (shares, of_scores) in shares.chunks_exact(tokens).zip(of_scores.chunks_exact_mut(tokens)) {
                ops::softmax_back(shares, of_scores);
            }
            let of_scores = rows(&of_scores, tokens)?;
            let keys = columns(&trace.key, width, head.clone())?;
            let queries = columns(&trace.query, width, head.clone())?;
            let mut of_queries = columns_mut(&mut of_query, width, head.clone())?;
            general_mat_mul(self.scale(), &of_scores, &keys, 0.0, &mut of_queries);
            let mut of_keys = columns_mut(&mut of_key, width, head)?;
            general_mat_mul(self.scale(), &of_scores.t(), &queries, 0.0, &mut of_keys);
        }
        Ok([of_query, of_key, of_value])
    }

    /// The derivatives by what went through a matrix and by the matrix itself are added to those given.
    fn project_back(
        &self,
        (matrix, columns): Matrix<'_>,
        x: &[f32],
        (of_out, out_columns): (&[f32], usize),
        (of_x, grads): (&mut [f32], &mut [f32]),
    ) -> Result<(), ShapeError> {
        add_times(of_x, (of_out, out_columns), (self.at(matrix), columns))?;
        add_transposed_times(&mut grads[matrix.clone()], (of_out, out_columns), (x, columns))
    }
}

#[cfg(test)]
mod tests {
    use crate::chance::Chance;
    use crate::transformer::tests::small;

    #[test]
    fn the_derivative_of_every_tensor_is_the_slope_that_is_measured() {
        let mut transformer = small();
        let tokens: Vec<u32> = (0..13).map(|at| at * 11 % 40).collect();
        let (tokens, targets) = (&tokens[..12], &tokens[1..]);
        let (_, grads) = transformer.learn(tokens, targets, 0.25).unwrap();
        let places = transformer.layout().places.clone();
        for (name, place) in places {
            let mut chance = Chance::new(3, &name, 0);
            let direction: Vec<f32> = place.range.clone().map(|_| chance.normal()).collect();
            let length = direction.iter().map(|part| part * part).sum::<f32>().sqrt();
            let derived: f32 = grads[place.range.clone()].iter().zip(&direction).map(|(a, b)| a * b).sum();
            let original = transformer.numbers()[place.range.clone()].to_vec();
            let mut at = |step: f32| {
                let moved = original.iter().zip(&direction).map(|(number, part)| number + part * step);
                transformer.numbers_mut()[place.range.clone()]
                    .iter_mut()
                    .zip(moved)
                    .for_each(|(to, from)| *to = from);
                let surprises = transformer.surprises(tokens, targets).unwrap();
                surprises.iter().map(|nats| f64::from(*nats)).sum::<f64>() * 0.25
            };
            let step = 0.02 / length;
            let measured = (at(step) - at(-step)) / (2.0 * f64::from(step));
            at(0.0);
            let allowed = 0.02 * (f64::from(derived).abs() + f64::from(length) * 0.02);
            let difference = (f64::from(derived) - measured).abs();
            assert!(difference < allowed, "{name}: {derived} against {measured}, allowed {allowed}");
        }
    }
}
