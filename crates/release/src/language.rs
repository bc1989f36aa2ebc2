//! What a release says of its language: the indicators of collapse, and how they moved since the release before.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::indicators::{Change, Estimate, Indicator, Measures, Reference, Sample, TOKEN_RUNGS, compare};

/// The section of the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// What coverage, and perplexity if there is one, were taken against.
    pub reference: ReferenceUsed,
    /// The last release for the same purpose, if there is one.
    pub compared_with: Option<String>,
    /// Of persons' turns.
    pub human: Side,
    /// Of the model's turns.
    pub model: Side,
}

/// A frozen reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceUsed {
    /// `release NAME`, or `file`.
    pub from: String,
    /// SHA-256 (see [`Reference::digest`]).
    pub sha256: String,
    /// Rare words in it.
    pub words: u64,
}

/// The indicators of one side of the conversations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// At each of [`TOKEN_RUNGS`] that there is text for; at all tokens if there are fewer.
    pub measures: Vec<SideMeasures>,
    /// Against the last release, at the largest number of tokens that both have; empty if they share none.
    pub changes: Vec<SideChange>,
}

/// Indicators at one number of tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SideMeasures {
    /// Tokens.
    pub tokens: u64,
    /// Turns they are in.
    pub turns: u64,
    /// Values with their standard errors, in decimals.
    pub values: BTreeMap<Indicator, Figure>,
}

/// A value and its standard error, in decimals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The value.
    pub value: String,
    /// The standard error.
    pub standard_error: String,
}

/// How an indicator moved, in decimals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SideChange {
    /// Which.
    pub indicator: Indicator,
    /// Tokens of both.
    pub tokens: u64,
    /// In the last release.
    pub before: String,
    /// In this one.
    pub now: String,
    /// The difference.
    pub difference: String,
    /// Lower end of its 95 % interval.
    pub low: String,
    /// Upper end.
    pub high: String,
    /// Whether it moved the bad way, by more than the threshold and by more than chance.
    pub alarm: bool,
}

impl Language {
    /// What moved the bad way: whose turns, and how.
    pub fn alarms(&self) -> impl Iterator<Item = (&'static str, &SideChange)> {
        let sides = [("people", &self.human), ("the model", &self.model)];
        sides
            .into_iter()
            .flat_map(|(who, side)| side.changes.iter().map(move |change| (who, change)))
            .filter(|(_, change)| change.alarm)
    }
}

/// Measures both sides against a reference and, where there is one, the section of the last release.
pub(crate) fn language(
    [human, model]: [&Sample; 2],
    (reference, from): (&Reference, String),
    last: Option<(String, Language)>,
) -> Language {
    let used = ReferenceUsed { from, sha256: reference.digest().to_owned(), words: reference.words() as u64 };
    let same_reference = last.as_ref().is_some_and(|(_, last)| last.reference.sha256 == used.sha256);
    let side = |sample: &Sample, before: Option<&Side>| {
        let measures = measured(sample, reference);
        let changes = before.map(|before| changes(before, &measures, same_reference)).unwrap_or_default();
        Side { measures: measures.iter().map(written).collect(), changes }
    };
    Language {
        human: side(human, last.as_ref().map(|(_, last)| &last.human)),
        model: side(model, last.as_ref().map(|(_, last)| &last.model)),
        compared_with: last.map(|(name, _)| name),
        reference: used,
    }
}

fn measured(sample: &Sample, reference: &Reference) -> Vec<Measures> {
    let reached = TOKEN_RUNGS.iter().filter(|rung| **rung <= sample.len()).copied();
    let mut rungs: Vec<usize> = reached.collect();
    if rungs.is_empty() && !sample.is_empty() {
        rungs.push(sample.len());
    }
    rungs.into_iter().map(|tokens| sample.measure(tokens, Some(reference))).collect()
}

/// Against the largest number of tokens that both have.
fn changes(before: &Side, now: &[Measures], same_reference: bool) -> Vec<SideChange> {
    let both = now.iter().rev().find_map(|now| {
        let before = before.measures.iter().find(|before| before.tokens == now.tokens)?;
        Some((read(before), now))
    });
    let Some((before, now)) = both else { return Vec::new() };
    let changes = compare(&before, now).into_iter();
    let changes = changes.filter(|change| same_reference || !change.indicator.needs_reference());
    changes.map(|change| side_change(&change, now.tokens)).collect()
}

fn side_change(change: &Change, tokens: u64) -> SideChange {
    let (low, high) = change.difference.interval();
    SideChange {
        indicator: change.indicator,
        tokens,
        before: decimals(change.before),
        now: decimals(change.now),
        difference: decimals(change.difference.value),
        low: decimals(low),
        high: decimals(high),
        alarm: change.alarm,
    }
}

fn written(measures: &Measures) -> SideMeasures {
    let figure =
        |e: &Estimate| Figure { value: decimals(e.value), standard_error: decimals(e.standard_error) };
    SideMeasures {
        tokens: measures.tokens,
        turns: measures.turns,
        values: measures.values.iter().map(|(indicator, estimate)| (*indicator, figure(estimate))).collect(),
    }
}

fn read(written: &SideMeasures) -> Measures {
    let number = |text: &str| text.parse().unwrap_or_default();
    let estimate = |figure: &Figure| Estimate {
        value: number(&figure.value),
        standard_error: number(&figure.standard_error),
    };
    Measures {
        tokens: written.tokens,
        turns: written.turns,
        values: written.values.iter().map(|(indicator, figure)| (*indicator, estimate(figure))).collect(),
    }
}

/// Enough digits for any share, few enough that no machine's last bit shows.
fn decimals(value: f64) -> String {
    format!("{value:.5}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(different: usize) -> Sample {
        let texts: Vec<String> =
            (0..1_500).map(|n| format!("turn {} of {}", n % different, n * 7 % different)).collect();
        Sample::of(texts.iter().map(String::as_str))
    }

    fn section(sample: &Sample, last: Option<(String, Language)>) -> Language {
        language([sample, &Sample::default()], (&Reference::of(["a b", "a b"]), "release one".into()), last)
    }

    #[test]
    fn a_poorer_release_raises_alarms_that_name_it() {
        let first = section(&sample(1_400), None);
        assert!(first.alarms().next().is_none() && first.compared_with.is_none());
        let second = section(&sample(20), Some(("one".into(), first.clone())));
        assert_eq!(second.compared_with.as_deref(), Some("one"));
        assert!(second.alarms().any(|(who, change)| who == "people" && change.tokens == 4_096));
        assert!(section(&sample(1_400), Some(("one".into(), first))).alarms().next().is_none());
    }

    #[test]
    fn coverage_of_another_reference_is_not_compared() {
        let first = section(&sample(1_400), None);
        let other = Reference::of(["turn of", "turn of"]);
        let second =
            language([&sample(20), &Sample::default()], (&other, "file".into()), Some(("one".into(), first)));
        assert!(second.human.changes.iter().all(|change| !change.indicator.needs_reference()));
        assert!(!second.human.changes.is_empty());
    }

    #[test]
    fn little_text_is_measured_as_a_whole() {
        let language = section(&Sample::of(["one two three"]), None);
        assert_eq!(language.human.measures[0].tokens, 3);
        assert!(language.model.measures.is_empty());
    }
}
