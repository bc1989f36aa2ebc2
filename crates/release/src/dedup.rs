//! De-duplication: which conversations say what another one says already.
//!
//! A human turn is precious. Tools that go by resemblance alone destroy turns that differ in one slot, so
//! here resemblance only proposes and [`verify`] decides; and nothing is dropped without a trace: each
//! removed row names the row that stands for it and the rule, each kept row its weight.
//!
//! The unit is the conversation: its messages in order, with their roles. Four steps, none of which knows
//! who runs it; each takes a batch or a value and returns one:
//! 1. [`Folded`]: case, punctuation and spacing away, words cut; [`Sketcher`]: a keyed digest for exact
//!    copies, keyed bands for near ones; [`WordCounts`]: how common each word is.
//! 2. [`Exchange`]: rows that share a band become candidate pairs, in bounded memory.
//! 3. [`verify`]: are the two of a pair the same, and why.
//! 4. [`Clusters`]: who stands for whom, without drift along chains.
//!
//! ```
//! use candor_conversation::Message;
//! use candor_release::dedup::{Folded, Sameness, Verdict, WordCounts, verify};
//!
//! let turn = |text: &str| Folded::new(&[Message { role: "user".into(), content: text.into() }]);
//! let counts = WordCounts::new(&[7; 32], 1 << 16);
//! let table = turn("Book a table for two at 7pm.");
//! assert_eq!(verify(&table, &turn("Hi, book a table for two at 7 PM please"), &counts), Verdict::Same(Sameness::Affix));
//! assert!(matches!(verify(&table, &turn("Book a table for two at 8pm."), &counts), Verdict::Distinct(_)));
//! ```
//!
//! Not here: reading or storing conversations, threads, and which rows are worth more. Text stays in memory;
//! what is spilled is keyed hashes and row numbers.

mod cluster;
mod counts;
mod exchange;
mod fold;
pub(crate) mod keyed;
mod lexicon;
mod sketch;
mod spill;
mod verify;

pub use cluster::{Clusters, Removed};
pub use counts::WordCounts;
pub use exchange::{BUCKET_REPRESENTATIVES, Candidates, Exchange, ExchangeError, Pair};
pub(crate) use fold::is_own_word;
pub use fold::{Folded, normalise};
pub use sketch::{BANDS, Digest, Sketcher};
pub(crate) use spill::{Record, Spill};
pub use verify::{Difference, Sameness, Verdict, verify};
