//! AdamW (Loshchilov and Hutter 2019) with gradient clipping, its state laid open so that it can be saved.

use crate::transformer::Transformer;

const BETA_FIRST: f32 = 0.9;
const BETA_SECOND: f32 = 0.95;
const EPSILON: f32 = 1e-8;
/// Pull of matrices toward zero; vectors have none.
const DECAY: f32 = 0.1;
/// Longest gradient over all parameters; longer ones are scaled down (Pascanu et al. 2013).
const NORM_MAX: f64 = 1.0;

/// The two moments of every number, in the order of the numbers.
pub(super) struct Optimiser {
    pub(super) first: Vec<f32>,
    pub(super) second: Vec<f32>,
    pub(super) steps: i32,
}

impl Optimiser {
    pub(super) fn new(length: usize) -> Self {
        Self { first: vec![0.0; length], second: vec![0.0; length], steps: 0 }
    }

    /// Moves every number against its derivative.
    pub(super) fn step(&mut self, transformer: &mut Transformer, gradients: &[f32], rate: f64) {
        let square: f64 = gradients.iter().map(|number| f64::from(*number).powi(2)).sum();
        let clip = (NORM_MAX / square.sqrt().max(NORM_MAX)) as f32;
        self.steps += 1;
        let correction = |beta: f32| 1.0 - beta.powi(self.steps);
        let (of_first, of_second) = (correction(BETA_FIRST), correction(BETA_SECOND));
        let rate = rate as f32;
        let places: Vec<_> = transformer.layout().places.values().cloned().collect();
        for place in places {
            let range = place.range;
            let decay = if place.dimensions.len() > 1 { 1.0 - rate * DECAY } else { 1.0 };
            let moments = self.first[range.clone()].iter_mut().zip(&mut self.second[range.clone()]);
            let numbers = transformer.numbers_mut()[range.clone()].iter_mut();
            for ((number, gradient), (first, second)) in numbers.zip(&gradients[range]).zip(moments) {
                let gradient = gradient * clip;
                *first = BETA_FIRST * *first + (1.0 - BETA_FIRST) * gradient;
                *second = BETA_SECOND * *second + (1.0 - BETA_SECOND) * gradient * gradient;
                let step = (*first / of_first) / ((*second / of_second).sqrt() + EPSILON);
                *number = *number * decay - rate * step;
            }
        }
    }
}
