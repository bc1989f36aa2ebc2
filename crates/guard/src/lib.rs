//! The check on what a model says, and the mask on what it is told.
//!
//! Two independent things, both at the level of text: [`Mask`] replaces identifiers in prompts by placeholders and
//! puts them back into the answer; [`Watch`] reads an answer as it streams and acts where it holds an identifier that
//! belongs to someone else, as far as [`Index`] knows whose is whose.
//!
//! This crate is not for HTTP, JSON or storage; it has no clock and no randomness. Nothing that it finds reaches
//! `Debug` output, and [`Findings`] count without naming.
//!
//! ```
//! use candor_deid::{Engine, Settings};
//! use candor_guard::Mask;
//!
//! let engine = Engine::new(Settings::streamed());
//! let mut mask = Mask::new();
//! let prompt = mask.hide(&engine, "Write to jo@orchard.org for me.");
//! assert_eq!(prompt.as_deref(), Some("Write to [EMAIL_1] for me."));
//! let mut restorer = mask.restorer();
//! let answer = [restorer.push("Dear [EMA"), restorer.push("IL_1], hello"), restorer.finish()].concat();
//! assert_eq!(answer, "Dear jo@orchard.org, hello");
//! ```

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
pub use index::{Index, OWNERS_MAX, VALUES_PER_SUBJECT_MAX};
pub use mask::{Mask, kinds_in};
pub use own::OwnValues;
pub use public::Public;
pub use restore::Restorer;
pub use watch::{Charged, Exchange, HELD_BYTES_MAX, Policy, Released, Watch};
