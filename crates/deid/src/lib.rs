//! De-identification: find what identifies a person in a text, say why, and replace it.
//!
//! A text goes through five steps, each in a module of its own: [`Engine::detect`] normalises it, lets the
//! detectors propose spans with evidence, and resolves overlaps; a transform ([`replace`], [`Pseudonyms`]) then
//! rewrites it. Detection never changes text and transforms never look for anything.
//!
//! This crate is not for storage, consent or the network; it holds no text beyond the call except the identifiers
//! that a [`Pseudonyms`] must recognise again, and those never reach `Debug` output.
//!
//! ```
//! use candor_deid::{Engine, Pseudonyms, Settings};
//!
//! let engine = Engine::new(Settings::standard());
//! let mut pseudonyms = Pseudonyms::new();
//! let first = pseudonyms.redact(&engine, "Write to ada@lovelace.org or +44 20 7183 8750.");
//! let second = pseudonyms.redact(&engine, "Did you reach Ada@Lovelace.org?");
//! assert_eq!(first.text, "Write to [EMAIL_1] or [PHONE_1].");
//! assert_eq!(second.text, "Did you reach [EMAIL_1]?");
//! ```

mod engine;
mod identifier;
mod settings;

mod normalise;

mod candidate;
mod detect;
mod scan;
mod table;

pub mod encoder;
pub mod names;

mod overlap;
mod seam;

mod bare;
mod canonical;
mod people;
pub mod placeholder;
mod plain;
mod pseudonym;
pub mod public;
mod repeated;
mod restore;
pub mod sensitive;
mod surrogate;
mod transform;

pub mod score;

pub use candidate::{Evidence, Span, Validation};
pub use detect::Stirs;
pub use engine::Engine;
pub use identifier::{Counts, IdentifierKind};
pub use pseudonym::{Pseudonyms, Redacted};
pub use restore::{Places, RestoreError, replace_with_places};
pub use seam::{CONTEXT_CHARACTERS, Seam, Seams};
pub use settings::{PhoneRegion, PublicNames, Settings, SettingsError};
pub use surrogate::{Consistency, Surrogates};
pub use transform::replace;
