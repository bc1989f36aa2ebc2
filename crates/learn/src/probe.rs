//! Measures of what learning did: what it gained, what it memorised, and what becomes of a language that models learn
//! from one another.
//!
//! Each figure comes with its 95 % interval and how many cases it stands on. What does not show up here may still be
//! there: an attack that fails bounds nothing but itself.

mod collapse;
mod exposure;
mod gain;
mod membership;
mod secret;
mod statistics;
mod topic;
mod verbatim;

pub use collapse::{Generation, Loop, Mixture, generations};
pub use exposure::{Exposure, Frame, exposure, joint_chance};
pub use gain::{Case, Gain, Gains, gains};
pub use membership::{Membership, membership};
pub use secret::SecretKind;
pub use statistics::{Figure, ratio, share};
pub use topic::topics;
pub use verbatim::{PREFIX_TOKENS, SUFFIX_TOKENS, Verbatim, verbatim};

use crate::chance::Chance;

/// A number from 0 to 99 that follows from a seed, a use and a number: for dividing people without knowing them.
pub fn lot(seed: u64, use_of_it: &str, number: u64) -> usize {
    Chance::new(seed, &format!("lot {use_of_it}"), number).below(100)
}
