//! A decoder-only transformer of the Llama kind (Touvron et al. 2023): normalisation before each part, rotary
//! positions, a gated feed-forward part, and one matrix for reading and writing tokens.
//!
//! Its derivatives are written out by hand, since the kind is fixed: see `back.rs`. A sequence is worked on by one
//! thread, and every sum runs in one order, so that the same numbers come out whatever the number of threads.

mod back;
mod matrix;
mod ops;
mod parameters;

use std::ops::Range;

use ndarray::ShapeError;
use ndarray::linalg::general_mat_mul;

use crate::shape::ModelShape;
use matrix::{add_times, columns, columns_mut, rows, rows_mut, times_transposed};
use ops::Turn;
use parameters::LayerLayout;

pub(crate) use ops::{NORM_EPSILON, ROTARY_BASE};
pub(crate) use parameters::Layout;

/// The transformer: its shape and its numbers.
pub(crate) struct Transformer {
    shape: ModelShape,
    layout: Layout,
    numbers: Vec<f32>,
}

/// Keys and values of the tokens read so far, for each layer.
#[derive(Default)]
pub(crate) struct Cache {
    layers: Vec<(Vec<f32>, Vec<f32>)>,
    tokens: usize,
}

/// What a layer computed, for its derivatives. Each is a matrix with a row for each token.
struct LayerTrace {
    x: Vec<f32>,
    normed: Vec<f32>,
    query: Vec<f32>,
    key: Vec<f32>,
    value: Vec<f32>,
    /// For each head, a row of shares for each token.
    shares: Vec<Vec<f32>>,
    mixed: Vec<f32>,
    middle: Vec<f32>,
    middle_normed: Vec<f32>,
    gate: Vec<f32>,
    up: Vec<f32>,
    gated: Vec<f32>,
}

/// What reading some tokens computed.
struct Trace {
    layers: Vec<LayerTrace>,
    x: Vec<f32>,
    normed: Vec<f32>,
}

impl Transformer {
    /// Puts numbers to use, which lie as `Layout` says.
    pub(crate) fn new(shape: ModelShape, numbers: Vec<f32>) -> Self {
        let layout = Layout::new(&shape);
        debug_assert_eq!(layout.length, numbers.len());
        Self { shape, layout, numbers }
    }

    pub(crate) fn shape(&self) -> &ModelShape {
        &self.shape
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(crate) fn numbers(&self) -> &[f32] {
        &self.numbers
    }

    pub(crate) fn numbers_mut(&mut self) -> &mut [f32] {
        &mut self.numbers
    }

    /// Logits of what follows the last of `tokens`, which go on from what `cache` has seen.
    pub(crate) fn next_logits(&self, tokens: &[u32], cache: &mut Cache) -> Result<Vec<f32>, ShapeError> {
        let trace = self.read(tokens, std::slice::from_mut(cache))?;
        let last = trace.normed.len() - self.shape.width;
        times_transposed(&trace.normed[last..], self.at(&self.layout.embedding), self.shape.width)
    }

    /// Logits, one row after the other, of what follows one more token of each of several texts, which go on from what
    /// their caches have seen: as many tokens each. Many at once cost far less than one by one.
    pub(crate) fn next_logits_of_each(
        &self,
        tokens: &[u32],
        caches: &mut [Cache],
    ) -> Result<Vec<f32>, ShapeError> {
        self.logits(&self.read(tokens, caches)?)
    }

    /// Negative log-likelihood in nats of each of `targets`, which follow the tokens.
    pub(crate) fn surprises(&self, tokens: &[u32], targets: &[u32]) -> Result<Vec<f32>, ShapeError> {
        let trace = self.read(tokens, &mut [])?;
        let mut logits = self.logits(&trace)?;
        let rows = logits.chunks_exact_mut(self.shape.vocabulary).zip(targets);
        Ok(rows.map(|(row, target)| ops::surprise(row, *target as usize)).collect())
    }

    fn logits(&self, trace: &Trace) -> Result<Vec<f32>, ShapeError> {
        times_transposed(&trace.normed, self.at(&self.layout.embedding), self.shape.width)
    }

    fn at(&self, range: &Range<usize>) -> &[f32] {
        &self.numbers[range.clone()]
    }

    /// Reads a text from its start, or, with caches, goes on with one text for each: each gets an equal run of the tokens.
    fn read(&self, tokens: &[u32], caches: &mut [Cache]) -> Result<Trace, ShapeError> {
        let width = self.shape.width;
        let embedding = self.at(&self.layout.embedding);
        let row = |token: &u32| &embedding[*token as usize * width..][..width];
        let mut x: Vec<f32> = tokens.iter().flat_map(row).copied().collect();
        let mut layers = Vec::with_capacity(self.layout.layers.len());
        for (at, layer) in self.layout.layers.iter().enumerate() {
            let (trace, out) = self.read_layer(layer, x, (caches, at))?;
            layers.push(trace);
            x = out;
        }
        let each = tokens.len() / caches.len().max(1);
        caches.iter_mut().for_each(|cache| cache.tokens += each);
        let normed = ops::norm(&x, self.at(&self.layout.final_norm));
        Ok(Trace { layers, x, normed })
    }

    /// One layer: attention, then the feed-forward part, each added to what came in.
    fn read_layer(
        &self,
        layer: &LayerLayout,
        x: Vec<f32>,
        (caches, at): (&mut [Cache], usize),
    ) -> Result<(LayerTrace, Vec<f32>), ShapeError> {
        let (width, heads) = (self.shape.width, self.shape.heads);
        let normed = ops::norm(&x, self.at(&layer.attention_norm));
        let mut query = times_transposed(&normed, self.at(&layer.query), width)?;
        let mut key = times_transposed(&normed, self.at(&layer.key), width)?;
        let value = times_transposed(&normed, self.at(&layer.value), width)?;
        let each = query.len() / caches.len().max(1);
        let starts = || caches.iter().map(|cache| cache.tokens).chain([0]);
        for ((query, key), start) in query.chunks_mut(each).zip(key.chunks_mut(each)).zip(starts()) {
            ops::rotate(query, width, heads, (start, Turn::Forward));
            ops::rotate(key, width, heads, (start, Turn::Forward));
        }
        let (shares, mixed) = match caches {
            [] => self.attend(&query, &key, &value)?,
            caches => (Vec::new(), self.attend_each((caches, at), &query, &key, &value)?),
        };
        let mut middle = x.clone();
        add_into(&mut middle, &times_transposed(&mixed, self.at(&layer.output), width)?);
        let middle_normed = ops::norm(&middle, self.at(&layer.feed_forward_norm));
        let gate = times_transposed(&middle_normed, self.at(&layer.gate), width)?;
        let up = times_transposed(&middle_normed, self.at(&layer.up), width)?;
        let gated = ops::gate(&gate, &up);
        let mut out = middle.clone();
        add_into(&mut out, &times_transposed(&gated, self.at(&layer.down), self.shape.inner_width)?);
        let trace = LayerTrace {
            x,
            normed,
            query,
            key,
            value,
            shares,
            mixed,
            middle,
            middle_normed,
            gate,
            up,
            gated,
        };
        Ok((trace, out))
    }

    /// Each text mixes what it has seen, itself and nothing of the others; there is no way back from it.
    fn attend_each(
        &self,
        (caches, at): (&mut [Cache], usize),
        query: &[f32],
        key: &[f32],
        value: &[f32],
    ) -> Result<Vec<f32>, ShapeError> {
        let each = query.len() / caches.len();
        let mut mixed = Vec::with_capacity(query.len());
        let texts = query.chunks(each).zip(key.chunks(each)).zip(value.chunks(each));
        for (cache, ((query, key), value)) in caches.iter_mut().zip(texts) {
            if cache.layers.len() == at {
                cache.layers.push((Vec::new(), Vec::new()));
            }
            let (keys, values) = &mut cache.layers[at];
            keys.extend(key);
            values.extend(value);
            mixed.extend(self.attend(query, keys, values)?.1);
        }
        Ok(mixed)
    }

    /// The columns of a head.
    fn head(&self, head: usize) -> Range<usize> {
        let width = self.shape.width / self.shape.heads;
        head * width..(head + 1) * width
    }

    /// How much of an earlier token's score counts.
    fn scale(&self) -> f32 {
        1.0 / ((self.shape.width / self.shape.heads) as f32).sqrt()
    }

    /// Each token mixes the values of the tokens up to itself, by how well their keys fit its query.
    fn attend(
        &self,
        query: &[f32],
        key: &[f32],
        value: &[f32],
    ) -> Result<(Vec<Vec<f32>>, Vec<f32>), ShapeError> {
        let width = self.shape.width;
        let (queries, keys) = (query.len() / width, key.len() / width);
        let mut mixed = vec![0.0; query.len()];
        let mut all = Vec::with_capacity(self.shape.heads);
        for head in 0..self.shape.heads {
            let head = self.head(head);
            let mut shares = vec![0.0; queries * keys];
            let fit = columns(key, width, head.clone())?;
            let asked = columns(query, width, head.clone())?;
            general_mat_mul(self.scale(), &asked, &fit.t(), 0.0, &mut rows_mut(&mut shares, keys)?);
            for (at, row) in shares.chunks_exact_mut(keys).enumerate() {
                let (seen, later) = row.split_at_mut(keys - queries + at + 1);
                ops::softmax(seen);
                later.fill(0.0);
            }
            let values = columns(value, width, head.clone())?;
            general_mat_mul(
                1.0,
                &rows(&shares, keys)?,
                &values,
                0.0,
                &mut columns_mut(&mut mixed, width, head)?,
            );
            all.push(shares);
        }
        Ok((all, mixed))
    }
}

fn add_into(sum: &mut [f32], more: &[f32]) {
    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    pub(super) fn small() -> Transformer {
        let shape = ModelShape { context: 16, ..ModelShape::new(40, 64, 3) };
        let layout = Layout::new(&shape);
        let mut numbers = layout.random(&mut Chance::new(1, "test", 0));
        // Larger than at the start of training, so that every part matters.
        for place in layout.places.values().filter(|place| place.dimensions.len() > 1) {
            numbers[place.range.clone()].iter_mut().for_each(|number| *number *= 5.0);
        }
        Transformer::new(shape, numbers)
    }

    #[test]
    fn reading_token_by_token_gives_what_reading_at_once_gives() {
        let transformer = small();
        let tokens: Vec<u32> = (0..12).map(|at| at * 7 % 40).collect();
        let trace = transformer.read(&tokens, &mut []).unwrap();
        let at_once = transformer.logits(&trace).unwrap();
        let mut cache = Cache::default();
        let mut last = transformer.next_logits(&tokens[..5], &mut cache).unwrap();
        for at in 5..12 {
            let expected = &at_once[(at - 1) * 40..at * 40];
            assert!(last.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-3), "token {at}");
            last = transformer.next_logits(&tokens[at..=at], &mut cache).unwrap();
        }
    }

    #[test]
    fn texts_that_are_read_side_by_side_do_not_see_each_other() {
        let transformer = small();
        let texts: Vec<Vec<u32>> =
            (0..3).map(|text| (0..9).map(|at| (at * 7 + text * 5) % 40).collect()).collect();
        let mut caches: Vec<Cache> = texts.iter().map(|_| Cache::default()).collect();
        let mut alone: Vec<Cache> = texts.iter().map(|_| Cache::default()).collect();
        for at in 0..9 {
            let tokens: Vec<u32> = texts.iter().map(|text| text[at]).collect();
            let together = transformer.next_logits_of_each(&tokens, &mut caches).unwrap();
            for ((row, token), cache) in together.chunks(40).zip(&tokens).zip(&mut alone) {
                let expected = transformer.next_logits(&[*token], cache).unwrap();
                assert!(row.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-3), "token {at}");
            }
        }
    }

    #[test]
    fn no_token_sees_a_later_one() {
        let transformer = small();
        let (one, mut other): (Vec<u32>, Vec<u32>) = ((0..10).collect(), (0..10).collect());
        other[9] = 33;
        let targets: Vec<u32> = (1..11).collect();
        let surprises = |tokens: &[u32]| transformer.surprises(tokens, &targets).unwrap();
        assert_eq!(surprises(&one)[..9], surprises(&other)[..9]);
        assert_ne!(surprises(&one)[9], surprises(&other)[9]);
    }
}
