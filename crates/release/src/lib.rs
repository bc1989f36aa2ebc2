//! Releases: an immutable, reproducible training set with manifest, card, commitment and signature.
//!
//! [`build()`] makes one from a vault; [`verify`] checks one from its files alone; [`prove`] shows a person that
//! they are, or are not, in it. This crate knows nothing of HTTP.

pub mod assemble;
pub mod build;
mod card;
pub mod data;
pub mod dedup;
pub mod dsse;
pub mod indicators;
pub mod language;
pub mod layout;
mod making;
pub mod manifest;
pub mod order;
pub mod origin;
pub mod prove;
pub mod recall;
pub mod residual;
pub mod restore;
mod spill;
pub mod stage;
mod statement;
pub mod subjects;
mod surrogates;
mod trust;
pub mod verify;

pub use assemble::Attachments;
pub use build::{
    BuildError, Built, MEMORY_BYTES, Plan, Progress, SecondReader, build, remove_interrupted_builds,
};
pub use making::{Making, Seen};
pub use manifest::Manifest;
pub use spill::SpillError;
pub use surrogates::{Replacement, SurrogateKey};
pub use trust::{TrustError, TrustedKeys};
