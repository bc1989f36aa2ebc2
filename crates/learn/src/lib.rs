//! The reference model: a small transformer and a retrieval responder, both learned from a release and from nothing
//! else, and measures of what the learning did.
//!
//! It is there to show the whole circle on a laptop, not to be good at conversation. [`load()`] reads a release and
//! records what it read; [`Retriever`] answers from the nearest conversation of it; [`Model`] is trained on it.
//! This crate knows nothing of HTTP, and reads neither a clock nor a random source: the same release, the same plan
//! and the same seed give the same bytes.

mod load;
mod model;
mod retrieve;

pub use load::{Corpus, LoadError, ReadFile, ReadSet, Row, load};
pub use model::{Finish, Likelihood, Model, ModelError, Reply, Sampling};
pub use retrieve::{Answer, Evidence, Retriever};
