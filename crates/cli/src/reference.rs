//! The reference model as an upstream: OpenAI's chat completions over what was learned from releases.
//!
//! It answers on a loopback address in a thread of its own, so that a gateway needs nothing from outside. Two models
//! are offered: `reference-retrieval` answers from the nearest conversation of the release and says which row that
//! was; `reference-transformer` speaks by itself. Both come from the newest model of a folder: one that is trained
//! while this runs answers from then on. It keeps nothing of what it is asked.

mod answer;
mod lessons;
mod request;
mod running;
mod server;
mod shelf;
mod stops;
#[cfg(test)]
mod untaught;

pub(crate) use running::{Bound, Place, ReferenceError};

/// The name of the model that answers from the nearest conversation.
pub(crate) const RETRIEVAL: &str = "reference-retrieval";
/// The name of the model that speaks by itself.
pub(crate) const TRANSFORMER: &str = "reference-transformer";
