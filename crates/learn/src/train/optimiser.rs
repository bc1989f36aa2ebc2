//! AdamW (Loshchilov and Hutter 2019) with gradient clipping, its state laid open so that it can be saved.

use candle_core::{Device, Result, Tensor};

use crate::transformer::Parameters;

const BETA_FIRST: f32 = 0.9;
const BETA_SECOND: f32 = 0.95;
const EPSILON: f32 = 1e-8;
/// Pull of matrices toward zero; vectors have none.
const DECAY: f32 = 0.1;
/// Longest gradient over all parameters; longer ones are scaled down (Pascanu et al. 2013).
const NORM_MAX: f64 = 1.0;

/// The moments of every parameter, in the order of the parameters' names.
pub(super) struct Optimiser {
    pub(super) first: Vec<Vec<f32>>,
    pub(super) second: Vec<Vec<f32>>,
    pub(super) steps: i32,
}

impl Optimiser {
    pub(super) fn new(parameters: &Parameters) -> Self {
        let zeros = || parameters.values().map(|parameter| vec![0.0; parameter.elem_count()]).collect();
        Self { first: zeros(), second: zeros(), steps: 0 }
    }

    /// Moves every parameter against its derivative.
    pub(super) fn step(&mut self, parameters: &Parameters, gradients: Vec<Vec<f32>>, rate: f64) -> Result<()> {
        let square: f64 = gradients.iter().flatten().map(|number| f64::from(*number).powi(2)).sum();
        let clip = (NORM_MAX / square.sqrt().max(NORM_MAX)) as f32;
        self.steps += 1;
        let correction = |beta: f32| 1.0 - beta.powi(self.steps);
        let (of_first, of_second) = (correction(BETA_FIRST), correction(BETA_SECOND));
        let rate = rate as f32;
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((parameter, gradient), (first, second)) in parameters.values().zip(gradients).zip(moments) {
            let decay = if parameter.dims().len() > 1 { 1.0 - rate * DECAY } else { 1.0 };
            let mut numbers = parameter.flatten_all()?.to_vec1::<f32>()?;
            let moments = first.iter_mut().zip(second.iter_mut());
            for ((number, gradient), (first, second)) in numbers.iter_mut().zip(gradient).zip(moments) {
                let gradient = gradient * clip;
                *first = BETA_FIRST * *first + (1.0 - BETA_FIRST) * gradient;
                *second = BETA_SECOND * *second + (1.0 - BETA_SECOND) * gradient * gradient;
                let step = (*first / of_first) / ((*second / of_second).sqrt() + EPSILON);
                *number = *number * decay - rate * step;
            }
            parameter.set(&Tensor::from_vec(numbers, parameter.dims(), &Device::Cpu)?)?;
        }
        Ok(())
    }
}
