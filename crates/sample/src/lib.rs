//! Generated conversations and choices: what `candor quickstart` runs on and what the benchmark is made of.
//!
//! Everything follows from a [`Plan`]: the same plan gives the same bytes, on any machine. Conversation number
//! `n` depends on the plan and on `n` alone, so a million turns are written in constant memory. No text comes
//! from elsewhere; people, places of work and identifiers are invented, and an identifier is taken from a range
//! that is reserved for examples wherever there is one.
//!
//! It is not a corpus: figures measured on it show that the machinery works and how fast, not how well a
//! detector does on real text.
//!
//! ```
//! use candor_conversation::Timestamp;
//! use candor_sample::{Plan, write_conversations};
//!
//! let plan = Plan::quickstart(Timestamp::from_millis(1_767_225_600_000));
//! let mut lines = Vec::new();
//! let written = write_conversations(&plan, &mut lines).unwrap();
//! assert_eq!(written.conversations, plan.conversations);
//! ```

mod bank;
mod chance;
mod choice;
mod near_copy;
mod outline;
mod people;
mod plan;
mod planted;
mod speech;
mod write;

pub use choice::{Choice, consents, write_consents_csv};
pub use near_copy::{CopyKind, NearCopy, near_copies};
pub use people::{Person, Story, TENANT_HOME, TENANT_WITH_CONTRACT, TENANT_WITHOUT_CONTRACT, people};
pub use plan::{Plan, notice_times};
pub use planted::{Planted, PlantedKind, planted};
pub use write::{Written, write_conversations};
