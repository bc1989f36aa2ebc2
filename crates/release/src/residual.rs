//! Residual risk: what a second look finds after a release was de-identified and written.
//!
//! The engine that made a release cannot say what it missed. Four figures can, each with its interval, on a sample of
//! the rows that is drawn by keyed hash:
//!
//! 1. *Leaks*: a value that was replaced somewhere in a conversation and still stands in a written row of it. Searched
//!    exactly, by keyed digests that live in memory while the build runs ([`survive`]).
//! 2. *Missed identifiers*: a second detector that shares no code with the engine ([`second`]) reads the same text;
//!    from how often both find the same follows how many neither found ([`capture`]).
//! 3. *Uniqueness*: how many people share a combination of age, place, occupation, date and group ([`unique`]).
//! 4. *Linkage*: whether the halves of what somebody wrote find each other by style ([`style`]).
//!
//! This module holds no text beyond the call. What the figures mean, and what they cannot say, is in
//! `docs/residual-risk.md`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::manifest::Interval;

pub mod again;
pub mod capture;
pub(crate) mod evidence;
pub mod second;
pub mod style;
pub mod survive;
pub mod unique;

pub use capture::Caught;
pub use style::Linkage;
pub use unique::Uniqueness;

/// How closely a release is looked at, and what it may show.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// About how many turns of the vault the sample is drawn from; 0: no look, and no figures.
    pub sample_turns: u64,
    /// What must hold for the release to be published.
    pub gates: Gates,
}

/// The most that the figures may be; `None` lets any pass. A figure that there is too little text for passes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gates {
    /// Values that still stand where they were replaced.
    pub leaks_max: Option<u64>,
    /// Missed identifiers for 1,000 turns, by the upper end of the interval.
    pub missed_per_1000_turns_max: Option<f64>,
    /// Share of people whose combination in the released text is theirs alone, 0 to 1.
    pub unique_share_max: Option<f64>,
    /// Share of people whose halves find each other first, by the lower end of the interval, 0 to 1.
    pub linked_share_max: Option<f64>,
}

impl Default for Look {
    fn default() -> Self {
        Self { sample_turns: 20_000, gates: Gates::default() }
    }
}

/// The figures, as they stand in the manifest. Decimals are text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Residual {
    /// Released rows in the sample.
    pub rows: u64,
    /// Messages in them.
    pub turns: u64,
    /// Values of a conversation that were replaced and still stand in a row of it, by kind.
    pub leaks: BTreeMap<String, u64>,
    /// What other detectors find in the written rows, by kind.
    pub suspects: BTreeMap<String, Suspects>,
    /// What two detectors found in the text before it was de-identified, by kind.
    pub caught: BTreeMap<String, Caught>,
    /// Missed identifiers for 1,000 turns over all kinds with a second detector; none without turns.
    pub missed_per_1000_turns: Option<Interval>,
    /// Combinations of indirect clues; none where nobody has two of them.
    pub uniqueness: Option<Uniqueness>,
    /// Linkage by style; none with too few people.
    pub linkage: Option<Linkage>,
    /// The gates that the release passed, with the most that each lets through.
    pub gates: BTreeMap<String, String>,
}

/// Finds of other detectors in written text: suspicions, most of them wrong, to be compared between releases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suspects {
    /// The engine, at a threshold of [`LOW_THRESHOLD`] and for all kinds.
    pub low_threshold: u64,
    /// All that looks like an identifier to it, weighed or not.
    pub bare: u64,
    /// The second detector.
    pub second: u64,
    /// The second detector where it only guesses.
    pub second_guesses: u64,
}

/// The engine's threshold for its second look.
pub const LOW_THRESHOLD: f32 = 0.2;
/// The same for the model of names.
pub const LOW_NAME_THRESHOLD: f32 = 0.1;

/// A figure that a gate does not let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Over {
    /// The gate's name.
    pub gate: &'static str,
    /// The figure.
    pub figure: String,
    /// The most that it may be.
    pub most: String,
}

impl Gates {
    /// The first figure that is too large, if one is.
    pub fn first_over(&self, residual: &Residual) -> Option<Over> {
        let leaks: u64 = residual.leaks.values().sum();
        let over = |gate, figure: String, most: String, is_over: bool| {
            is_over.then_some(Over { gate, figure, most })
        };
        let decimal = |text: &str| text.parse::<f64>().unwrap_or(f64::INFINITY);
        let share = |gate, most: Option<f64>, figure: Option<&String>| {
            let (most, figure) = (most?, figure?);
            over(gate, figure.clone(), most.to_string(), decimal(figure) > most)
        };
        let missed = residual.missed_per_1000_turns.as_ref().map(|missed| &missed.high);
        let unique = residual.uniqueness.as_ref().map(|unique| &unique.released.unique_share);
        let linked = residual.linkage.as_ref().map(|linkage| &linkage.rank_1.low);
        let leaking = self
            .leaks_max
            .and_then(|most| over("leaks_max", leaks.to_string(), most.to_string(), leaks > most));
        leaking
            .or_else(|| share("missed_per_1000_turns_max", self.missed_per_1000_turns_max, missed))
            .or_else(|| share("unique_share_max", self.unique_share_max, unique))
            .or_else(|| share("linked_share_max", self.linked_share_max, linked))
    }

    /// The gates that are set, for the manifest.
    pub(crate) fn listed(&self) -> BTreeMap<String, String> {
        let gates = [
            ("leaks_max", self.leaks_max.map(|most| most.to_string())),
            ("missed_per_1000_turns_max", self.missed_per_1000_turns_max.map(|most| most.to_string())),
            ("unique_share_max", self.unique_share_max.map(|most| most.to_string())),
            ("linked_share_max", self.linked_share_max.map(|most| most.to_string())),
        ];
        gates.into_iter().filter_map(|(gate, most)| Some((gate.to_owned(), most?))).collect()
    }
}

/// A value with its interval, as the manifest writes it.
pub(crate) fn interval(value: f64, low: f64, high: f64) -> Interval {
    let decimals = |value: f64| format!("{value:.4}");
    Interval { value: decimals(value), low: decimals(low), high: decimals(high) }
}
