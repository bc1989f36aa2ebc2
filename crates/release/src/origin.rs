//! Human origin: which parts of what a person sent were typed, and which were pasted.
//!
//! Evidence, never a filter. What is verbatim from a model's earlier answer is found by winnowing
//! ([`Winnower`]; Schleimer, Wilkerson and Aiken, SIGMOD 2003) and shown as exact spans with the turn it came from:
//! any match of [`MATCH_CHARACTERS_MIN`] characters or more is found for certain. The rest is [`SpanKind::Unknown`]:
//! style does not tell well enough what was typed from what was pasted from elsewhere (measured in the bench `style`;
//! `docs/decisions/0009-style-is-no-evidence.md`).
//!
//! Sources are the model's earlier turns on the same path and, through [`Answers`], its turns in the same person's
//! other conversations. What a model's turn took over from the person's own earlier turn is the person's.
//!
//! ```
//! use candor_conversation::Message;
//! use candor_release::origin::{SpanKind, Winnower};
//!
//! let turn = |role: &str, text: &str| Message { role: role.into(), content: text.into() };
//! let answer = "Lichens are a partnership of a fungus with algae, and they grow slowly.";
//! let asked = format!("You wrote: \"{answer}\" Is that so?");
//! let row = [turn("user", "What is a lichen?"), turn("assistant", answer), turn("user", &asked)];
//! let origin = Winnower::new([1, 2]).trace(&row, &[]);
//! let span = origin.spans.iter().find(|span| span.kind == SpanKind::PastedFromAssistant).unwrap();
//! assert_eq!(&asked[span.start..span.end], format!("\"{answer}\" ").trim_matches(['"', ' ']));
//! ```

use candor_conversation::Message;
use serde::{Deserialize, Serialize};

mod answers;
mod column;
mod row;
mod share;
mod trace;
mod winnow;

pub use answers::{Answers, Place, Sightings};
pub use column::{InvalidOrigin, from_column, to_column};
pub use row::{InvalidRow, ROW_BYTES_MAX, RowOrigin, SAMPLING_FULL, Tally};
pub(crate) use share::{NORMAL_QUANTILE, wilson};
pub use share::{Share, ShareSum};
pub use trace::RowPrints;
pub use winnow::{MATCH_CHARACTERS_MIN, Winnower};

/// Where a part of a person's turn comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpanKind {
    /// Typed by the person. Reserved: nothing here finds it.
    Typed,
    /// Verbatim from an earlier answer of the model.
    PastedFromAssistant,
    /// Pasted from elsewhere. Reserved: nothing here finds it.
    PastedOther,
    /// Nothing tells.
    Unknown,
}

impl SpanKind {
    /// The name in files.
    pub fn as_str(self) -> &'static str {
        match self {
            SpanKind::Typed => "typed",
            SpanKind::PastedFromAssistant => "pasted-from-assistant",
            SpanKind::PastedOther => "pasted-other",
            SpanKind::Unknown => "unknown",
        }
    }

    /// Whether there is evidence that the person did not write it.
    pub fn is_pasted(self) -> bool {
        matches!(self, SpanKind::PastedFromAssistant | SpanKind::PastedOther)
    }
}

/// Why a span has its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The same characters, but for case and white space, stand in an answer of the same row.
    Answer {
        /// The answer's place among the row's messages.
        message: usize,
        /// Where it begins there, in bytes.
        start: usize,
        /// Where it ends there, in bytes.
        end: usize,
    },
    /// They stand in an answer of another conversation of the same person. Which one is not said: that would tell
    /// a reader which rows are by one person.
    OtherConversation,
    /// There is nothing to go by.
    None,
}

/// A part of a person's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The turn's place among the row's messages.
    pub message: usize,
    /// Where it begins in the turn, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
    /// Where it comes from.
    pub kind: SpanKind,
    /// Why.
    pub evidence: Evidence,
}

impl Span {
    /// Its length in bytes.
    pub fn bytes(&self) -> usize {
        self.end - self.start
    }
}

/// The spans of a row: every byte of every person's turn is in exactly one, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The spans.
    pub spans: Vec<Span>,
}

impl Origin {
    /// Bytes of all persons' turns.
    pub fn person_bytes(&self) -> u64 {
        self.spans.iter().map(|span| span.bytes() as u64).sum()
    }

    /// Bytes of them that are not shown to be pasted.
    pub fn human_bytes(&self) -> u64 {
        self.spans.iter().filter(|span| !span.kind.is_pasted()).map(|span| span.bytes() as u64).sum()
    }
}

/// Whether a message is a person's.
pub fn is_person(message: &Message) -> bool {
    message.role == "user"
}

/// Whether a message is the model's answer.
pub fn is_answer(message: &Message) -> bool {
    message.role == "assistant"
}
