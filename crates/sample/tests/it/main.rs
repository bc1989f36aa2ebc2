//! Tests at the crate's boundary.

#[cfg(test)]
mod generator;
