//! What the guard did, without the values.

use std::collections::BTreeMap;

use candor_deid::IdentifierKind;

/// What was done about an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Counted only.
    Logged,
    /// Replaced by a typed placeholder.
    Masked,
    /// The answer ended before it.
    Stopped,
}

impl Action {
    /// The word in metrics and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Logged => "logged",
            Action::Masked => "masked",
            Action::Stopped => "stopped",
        }
    }
}

/// Where in an answer a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// What the person reads.
    Answer,
    /// What the model thinks aloud.
    Reasoning,
    /// The arguments of a tool call.
    ToolArguments,
}

impl Place {
    /// The word in metrics and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Place::Answer => "answer",
            Place::Reasoning => "reasoning",
            Place::ToolArguments => "tool-arguments",
        }
    }
}

/// One line of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What sort of identifier.
    pub kind: IdentifierKind,
    /// What was done.
    pub action: Action,
    /// Where.
    pub place: Place,
    /// How often.
    pub count: u64,
}

/// Counts of what was acted on, by kind, action and place; never a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings(BTreeMap<(IdentifierKind, Action, Place), u64>);

impl Findings {
    pub(crate) fn add(&mut self, kind: IdentifierKind, action: Action, place: Place) {
        *self.0.entry((kind, action, place)).or_default() += 1;
    }

    /// Adds those of another text of the same answer.
    pub fn merge(&mut self, other: &Findings) {
        for (line, count) in &other.0 {
            *self.0.entry(*line).or_default() += count;
        }
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number over all lines.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// The lines, by kind, action and place.
    pub fn iter(&self) -> impl Iterator<Item = Finding> + '_ {
        self.0.iter().map(|(&(kind, action, place), &count)| Finding { kind, action, place, count })
    }
}
