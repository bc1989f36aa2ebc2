//! Integration tests of the release crate.

mod copies;
mod corpora;
mod dedup;
mod peer;
mod pipeline;
#[cfg(test)]
mod tampering;
