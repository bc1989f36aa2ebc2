//! The crate at its boundary: a release goes in, a model comes out.

mod artifact;
mod load;
mod retrieve;
mod town;
mod training;
