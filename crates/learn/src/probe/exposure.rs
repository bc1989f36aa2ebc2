//! Exposure of planted secrets, after Carlini et al., "The Secret Sharer" (2019): where a secret stands among others
//! that might as well have been chosen, by how likely the model finds them.

use candor_conversation::Message;
use rayon::prelude::*;
use serde::Serialize;
use statrs::distribution::{Binomial, DiscreteCDF as _};

use super::statistics::combined_chance;
use crate::model::{Model, ModelError};

/// What is said around a secret.
#[derive(Clone)]
pub struct Frame {
    /// Turns before.
    pub before: Vec<Message>,
    /// Who says the secret.
    pub role: String,
    /// The text in front of it.
    pub lead: String,
}

/// Where a secret stands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Exposure {
    /// Its place by likelihood among all, 1 being the likeliest; equal ones stand before it.
    pub rank: usize,
    /// How many there are, itself among them.
    pub of: usize,
}

impl Exposure {
    /// log2 of how many there are, less log2 of its rank: 0 for the last, and 1.44 on average for one that the model
    /// knows nothing of.
    pub fn bits(&self) -> f64 {
        (self.of as f64 / self.rank as f64).log2()
    }

    /// The chance of a rank as good if the model knows nothing of it.
    pub fn chance(&self) -> f64 {
        self.rank as f64 / self.of as f64
    }
}

/// Ranks `secret` among `candidates`, which must be drawn from the same distribution; one that equals it is left out.
///
/// # Errors
/// When the frame has a role that models do not know, or the arithmetic fails.
pub fn exposure(
    model: &Model,
    frame: &Frame,
    secret: &str,
    candidates: &[String],
) -> Result<Exposure, ModelError> {
    let surprise = |secret: &str| -> Result<f64, ModelError> {
        let said = Message { role: frame.role.clone(), content: format!("{}{secret}", frame.lead) };
        let from = frame.before.len();
        let messages: Vec<Message> = frame.before.iter().cloned().chain([said]).collect();
        Ok(model.likelihood(&messages, from)?.nats)
    };
    let own = surprise(secret)?;
    let others: Vec<&String> = candidates.iter().filter(|candidate| *candidate != secret).collect();
    let likelier = |candidate: &&String| Ok(surprise(candidate)? <= own);
    let likelier: Vec<bool> = others.par_iter().map(likelier).collect::<Result<_, ModelError>>()?;
    Ok(Exposure { rank: 1 + likelier.iter().filter(|is| **is).count(), of: 1 + others.len() })
}

/// The chance of ranks as good, or of as many first places, if the model knew nothing of any: the smaller of Fisher's
/// combination and the binomial tail of first places, doubled for having asked twice. 1 without any.
pub fn joint_chance(exposures: &[Exposure]) -> f64 {
    let chances: Vec<f64> = exposures.iter().map(Exposure::chance).collect();
    let firsts = exposures.iter().filter(|exposure| exposure.rank == 1).count();
    let first = exposures.iter().map(|exposure| 1.0 / exposure.of as f64).fold(0.0, f64::max);
    let by_firsts = match (firsts, Binomial::new(first, exposures.len() as u64)) {
        (1.., Ok(distribution)) => distribution.sf(firsts as u64 - 1),
        _ => 1.0,
    };
    (2.0 * combined_chance(&chances).min(by_firsts)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_has_the_most_bits_and_the_last_none() {
        assert_eq!(Exposure { rank: 1, of: 1024 }.bits(), 10.0);
        assert_eq!(Exposure { rank: 1024, of: 1024 }.bits(), 0.0);
        assert!(joint_chance(&[Exposure { rank: 512, of: 1024 }; 8]) > 0.5 && joint_chance(&[]) == 1.0);
        let some = |firsts: usize| {
            (0..8).map(move |at| Exposure { rank: if at < firsts { 1 } else { 512 }, of: 1024 })
        };
        let chance = |firsts: usize| joint_chance(&some(firsts).collect::<Vec<_>>());
        assert!(chance(1) > 0.01 && chance(2) < 1e-3, "{} {}", chance(1), chance(2));
        let mean = (1..=1024).map(|rank| Exposure { rank, of: 1024 }.bits()).sum::<f64>() / 1024.0;
        assert!((mean - std::f64::consts::LOG2_E).abs() < 0.01, "{mean}");
    }
}
