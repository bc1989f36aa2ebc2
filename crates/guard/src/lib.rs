//! The check on what a model says, and the mask on what it is told.
//!
//! Two independent things, both at the level of text: [`Mask`] replaces identifiers in prompts by placeholders and
//! puts them back into the answer; [`Watch`] reads an answer as it streams and acts where it holds an identifier that
//! belongs to someone else, as far as [`Index`] knows whose is whose.
//!
//! This crate is not for HTTP, JSON or storage; it has no clock and no randomness. Nothing that it finds reaches
//! `Debug` output, and [`Findings`] count without naming.

mod mask;
mod restore;

mod budget;
mod candidates;
mod fingerprint;
mod index;
mod public;

mod findings;
mod own;
mod watch;

pub use budget::{ASKERS_MAX, Budget, BudgetSettings, Budgets};
pub use findings::{Action, Finding, Findings, Place};
pub use fingerprint::Fingerprint;
pub use index::{Belongs, Index, OWNERS_MAX, VALUES_PER_SUBJECT_MAX};
pub use mask::{Mask, kinds_in};
pub use own::OwnValues;
pub use public::Public;
pub use restore::Restorer;
pub use watch::{Exchange, HELD_BYTES_MAX, Policy, Released, Watch};
