//! What a model gained: how much better it foresees conversations that it has not learned from.

use std::collections::BTreeMap;

use serde::Serialize;

use super::statistics::{Figure, ratio};
use crate::likelihood::Likelihood;
use crate::load::Row;

/// Fewest people (or conversations, where people are not known) that a part is told of: fewer would say more about
/// them than about the model.
const PART_CASES_MIN: usize = 5;

/// A conversation to measure on.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The row.
    pub row: &'a Row,
    /// Whose it is, as any number; rows of one person are one case. None: each row is a case of its own.
    pub person: Option<usize>,
    /// Its language, as a name.
    pub language: &'a str,
    /// Its topic, as a word.
    pub topic: &'a str,
}

/// What was gained on some conversations.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gain {
    /// Bits for each byte before learning.
    pub before: Figure,
    /// Bits for each byte after.
    pub after: Figure,
    /// How many bits fewer for each byte; below 0 the model got worse.
    pub gain: Figure,
    /// Conversations.
    pub rows: usize,
    /// Bytes of text.
    pub bytes: usize,
}

/// What was gained in all, and where.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gains {
    /// On everything.
    pub all: Gain,
    /// By language, where at least 5 people speak it.
    pub by_language: BTreeMap<String, Gain>,
    /// By topic, where at least 5 people speak of it.
    pub by_topic: BTreeMap<String, Gain>,
}

/// Compares how two models foresee conversations that neither has learned from, in bits for each byte of text: that
/// does not depend on their vocabularies. Each has scored the rows of the cases, in their order, by
/// [`crate::Model::likelihoods`]. `None` where fewer than two people have any text.
///
/// The interval is over people, by the delete-one jackknife: whoever says much counts once.
pub fn gains(before: &[Likelihood], after: &[Likelihood], cases: &[Case<'_>]) -> Option<Gains> {
    let scored: Vec<Scored> = before.iter().zip(after).map(|(before, after)| (*before, *after)).collect();
    let both: Vec<(&Case<'_>, &Scored)> = cases.iter().zip(&scored).collect();
    let all = gain(&both)?;
    let parts = |name: fn(&Case<'_>) -> String| {
        let mut parts: BTreeMap<String, Vec<(&Case<'_>, &Scored)>> = BTreeMap::new();
        for (case, scored) in &both {
            parts.entry(name(case)).or_default().push((case, scored));
        }
        let told = parts.into_iter().filter_map(|(name, cases)| Some((name, gain(&cases)?)));
        told.filter(|(_, gain)| gain.gain.cases >= PART_CASES_MIN).collect()
    };
    Some(Gains {
        all,
        by_language: parts(|case| case.language.to_owned()),
        by_topic: parts(|case| case.topic.to_owned()),
    })
}

/// Before and after.
type Scored = (Likelihood, Likelihood);

fn gain(cases: &[(&Case<'_>, &Scored)]) -> Option<Gain> {
    let mut people: BTreeMap<(Option<usize>, usize), Scored> = BTreeMap::new();
    for (at, (case, scored)) in cases.iter().enumerate() {
        // Rows without a person are told apart by their place.
        let key = (case.person, if case.person.is_some() { 0 } else { at });
        let (before, after) = people.entry(key).or_default();
        (*before, *after) = (*before + scored.0, *after + scored.1);
    }
    let over_people = |bits: fn(&Scored) -> f64| {
        ratio(&people.values().map(|both| (bits(both), both.1.bytes as f64)).collect::<Vec<_>>())
    };
    Some(Gain {
        before: over_people(|(before, _)| before.bits())?,
        after: over_people(|(_, after)| after.bits())?,
        gain: over_people(|(before, after)| before.bits() - after.bits())?,
        rows: cases.len(),
        bytes: people.values().map(|(_, after)| after.bytes).sum(),
    })
}
