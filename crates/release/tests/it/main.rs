//! Integration tests of the release crate.

mod builds;
#[cfg(test)]
mod copies;
mod corpora;
mod dedup;
#[cfg(test)]
mod oracle;
mod peer;
mod pipeline;
#[cfg(test)]
mod tampering;
