//! The reference model: a small transformer and a retrieval responder, both learned from a release and from nothing
//! else, and measures of what the learning did.
//!
//! It is there to show the whole circle on a laptop, not to be good at conversation. [`load()`] reads a release and
//! records what it read; [`Retriever`] answers from the nearest conversation of it; [`train()`] makes a [`Model`] from
//! it. This crate knows nothing of HTTP, and reads neither a clock nor a random source: the same release, the same
//! plan and the same seed give the same bytes.

pub mod artifact;
mod card;
mod chance;
mod generate;
pub mod handover;
mod likelihood;
mod load;
mod model;
pub mod probe;
mod retrieve;
mod shape;
mod train;
mod transformer;
mod vocabulary;

pub use card::{Card, Facts};
pub use generate::{Finish, Reply, Sampling};
pub use likelihood::Likelihood;
pub use load::{Corpus, LoadError, ReadFile, ReadSet, Row, load};
pub use model::{Model, ModelError};
pub use retrieve::{Answer, Evidence, Retriever};
pub use shape::ModelShape;
pub use train::{Plan, Progress, TrainError, Trained, train};
