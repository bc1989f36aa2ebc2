//! One logistic regression a class over hashed features: weights of eight bits, read and learnt.

use crate::sensitive::Class;
use crate::sensitive::features::{BUCKETS, Sentence, read};

const MAGIC: &[u8; 4] = b"CSM1";
const CLASSES: usize = Class::ALL.len();
/// The largest weight that is written; a larger one is cut.
const WEIGHT_MAX: f32 = 8.0;
const EPOCHS: usize = 14;
/// Step of the first epoch; each later one is smaller.
const RATE: f32 = 0.2;
/// How much a weight shrinks with each step that touches it.
const DECAY: f32 = 2e-4;

/// The weights of every class.
pub(super) struct Model {
    weights: &'static [u8],
}

impl Model {
    /// The model in these bytes; one that labels nothing when they are none.
    pub(super) fn read(bytes: &'static [u8]) -> Self {
        let weights = bytes.strip_prefix(MAGIC).filter(|weights| weights.len() == BUCKETS * CLASSES);
        Self { weights: weights.unwrap_or_default() }
    }

    /// The probability of a class for a sentence, 0 to 1.
    pub(super) fn probability(&self, class: Class, sentence: &Sentence) -> f32 {
        if self.weights.is_empty() {
            return 0.0;
        }
        let sum: f32 = sentence.features.iter().map(|feature| self.weight(class, feature.bucket)).sum();
        logistic(sum)
    }

    /// What a feature adds to a class.
    pub(super) fn weight(&self, class: Class, bucket: usize) -> f32 {
        let byte = self.weights.get(bucket * CLASSES + class as usize).copied().unwrap_or_default();
        f32::from(byte as i8) * WEIGHT_MAX / 127.0
    }
}

/// Learns from sentences with their classes, in the order given, and writes the weights.
///
/// Stochastic gradient descent; every sum is over the same numbers in the same order, so the bytes are too.
pub(super) fn learn(rows: &[(String, Vec<Class>)]) -> Vec<u8> {
    let sentences: Vec<Sentence> = rows.iter().map(|row| read(&row.0)).collect();
    let mut weights = vec![0.0_f32; BUCKETS * CLASSES];
    for epoch in 0..EPOCHS {
        let rate = RATE / (1.0 + epoch as f32);
        for (sentence, (_, classes)) in sentences.iter().zip(rows) {
            for class in Class::ALL {
                let at = |bucket: usize| bucket * CLASSES + class as usize;
                let sum: f32 = sentence.features.iter().map(|feature| weights[at(feature.bucket)]).sum();
                let error = f32::from(classes.contains(&class)) - logistic(sum);
                for feature in &sentence.features {
                    let weight = &mut weights[at(feature.bucket)];
                    *weight += rate * (error - DECAY * *weight);
                }
            }
        }
    }
    let scaled = |weight: f32| (weight / WEIGHT_MAX * 127.0).round().clamp(-127.0, 127.0) as i8;
    MAGIC.iter().copied().chain(weights.into_iter().map(|weight| scaled(weight) as u8)).collect()
}

fn logistic(sum: f32) -> f32 {
    1.0 / (1.0 + (-sum).exp())
}
