//! Indicators of collapse: is the language of a set of texts growing poorer?
//!
//! A model that learns from text that models wrote loses the rare words first (Shumailov et al., Nature 631, 2024).
//! The indicators here are those that move first and are not noise: how much of the rare part of a frozen
//! reference vocabulary is still met, how much of the text is words met once (*hapax*), how many n-grams differ,
//! how many turns are exact copies, and how well the text still predicts frozen human writing.
//!
//! All of them depend on how much text there is, so they are taken of the first so many tokens of a [`Sample`] and
//! compared at equal counts only. Pure functions of the texts and their order; memory is bounded by
//! [`SAMPLE_TOKENS_MAX`]; no text is kept, hashes of words are.
//!
//! ```
//! use candor_release::indicators::{Indicator, Sample, compare};
//!
//! let varied: Vec<String> = (0..300).map(|n| format!("the {n} quick foxes of {}", n * 7)).collect();
//! let poor = vec!["the same again and again"; 300];
//! let before = Sample::of(varied.iter().map(String::as_str)).measure(1_000, None);
//! let now = Sample::of(poor).measure(1_000, None);
//! assert!(now.values[&Indicator::Distinct2].value < before.values[&Indicator::Distinct2].value);
//! assert!(compare(&before, &now).iter().any(|change| change.alarm));
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod perplexity;
mod reference;
mod sample;

pub use perplexity::held_out_perplexity;
pub use reference::Reference;
pub use sample::{SAMPLE_TOKENS_MAX, Sample};

/// Token counts at which releases are measured; two are compared at the largest that both have.
pub const TOKEN_RUNGS: [usize; 4] = [4_096, 16_384, 65_536, SAMPLE_TOKENS_MAX];
/// Parts of a sample, each left out once, from which standard errors are taken.
pub const GROUPS: usize = 16;
/// A change in the bad direction by more than this share of the value before raises the alarm.
pub const ALARM_SHARE: f64 = 0.10;
/// Exact duplicates start near nothing, so for them it is this much more of all turns that raises the alarm.
pub const ALARM_DUPLICATES: f64 = 0.02;
/// The 0.975 quantile of Student's distribution with [`GROUPS`]` - 1` degrees of freedom.
const STUDENT_QUANTILE: f64 = 2.131;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Indicator {
    /// Share of the reference's rare words that are met, 0 to 1.
    TailCoverage,
    /// Words met once, as a share of all tokens.
    Hapax1,
    /// Pairs of words met once, as a share of all pairs.
    Hapax2,
    /// Different words, as a share of all tokens.
    Distinct1,
    /// Different pairs of words, as a share of all pairs.
    Distinct2,
    /// Different triples of words, as a share of all triples.
    Distinct3,
    /// Turns that say exactly (after case, punctuation and spacing) what an earlier one says, as a share of all.
    ExactDuplicates,
    /// Perplexity on the reference's human text of a trigram model made from the texts (see
    /// [`held_out_perplexity`]).
    Perplexity,
}

impl Indicator {
    /// What it is, for people.
    pub fn words(self) -> &'static str {
        match self {
            Indicator::TailCoverage => "rare reference words still met",
            Indicator::Hapax1 => "words met once",
            Indicator::Hapax2 => "word pairs met once",
            Indicator::Distinct1 => "different words",
            Indicator::Distinct2 => "different word pairs",
            Indicator::Distinct3 => "different word triples",
            Indicator::ExactDuplicates => "turns that are exact copies",
            Indicator::Perplexity => "perplexity on the reference's text",
        }
    }

    /// Whether more of it is worse.
    pub fn is_worse_higher(self) -> bool {
        matches!(self, Indicator::ExactDuplicates | Indicator::Perplexity)
    }

    /// Whether it says something only beside the same reference.
    pub fn needs_reference(self) -> bool {
        matches!(self, Indicator::TailCoverage | Indicator::Perplexity)
    }
}

/// A value and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Its standard error, by leaving out each of [`GROUPS`] parts of the text in turn (the delete-a-group
    /// jackknife). Drawing parts with replacement, as a plain bootstrap does, would itself make copies, which is
    /// what most indicators count.
    pub standard_error: f64,
}

impl Estimate {
    /// The 95 % interval.
    pub fn interval(&self) -> (f64, f64) {
        let reach = STUDENT_QUANTILE * self.standard_error;
        (self.value - reach, self.value + reach)
    }
}

/// The indicators of the first tokens of a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures {
    /// Tokens measured: those asked for, or all there are.
    pub tokens: u64,
    /// Turns they are in.
    pub turns: u64,
    /// The values; those that need a reference only where one was given that has what they need.
    pub values: BTreeMap<Indicator, Estimate>,
}

/// How an indicator changed from one set of texts to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Which.
    pub indicator: Indicator,
    /// Its value before.
    pub before: f64,
    /// Its value now.
    pub now: f64,
    /// Now minus before.
    pub difference: Estimate,
    /// Whether it moved the bad way by more than [`ALARM_SHARE`] (or [`ALARM_DUPLICATES`]) and by more than chance:
    /// the interval of the difference leaves out zero.
    pub alarm: bool,
}

/// How each indicator changed; nothing unless both were taken of the same number of tokens.
///
/// Coverage and perplexity are compared too where both have them: give both the same reference.
pub fn compare(before: &Measures, now: &Measures) -> Vec<Change> {
    if before.tokens != now.tokens {
        return Vec::new();
    }
    let both = before
        .values
        .iter()
        .filter_map(|(indicator, was)| Some((*indicator, was, now.values.get(indicator)?)));
    both.map(|(indicator, was, is)| change(indicator, was, is)).collect()
}

fn change(indicator: Indicator, was: &Estimate, is: &Estimate) -> Change {
    let difference =
        Estimate { value: is.value - was.value, standard_error: was.standard_error.hypot(is.standard_error) };
    let (low, high) = difference.interval();
    let (worse, certain) = if indicator.is_worse_higher() {
        (difference.value, low > 0.0)
    } else {
        (-difference.value, high < 0.0)
    };
    let threshold = match indicator {
        Indicator::ExactDuplicates => ALARM_DUPLICATES,
        _ => ALARM_SHARE * was.value,
    };
    Change { indicator, before: was.value, now: is.value, difference, alarm: certain && worse > threshold }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(words: usize, seed: u64) -> Vec<String> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize
        };
        // A long tail: word n is about n times as rare as word 1.
        let mut word = || words / (1 + next() % words);
        (0..900).map(|_| format!("w{} w{} w{} w{} w{}", word(), word(), word(), word(), word())).collect()
    }

    fn measured(texts: &[String]) -> Measures {
        Sample::of(texts.iter().map(String::as_str)).measure(4_096, None)
    }

    #[test]
    fn two_samples_of_one_language_raise_no_alarm() {
        let changes = compare(&measured(&sentences(40_000, 1)), &measured(&sentences(40_000, 2)));
        assert_eq!(changes.len(), 6);
        assert!(changes.iter().all(|change| !change.alarm), "{changes:?}");
    }

    #[test]
    fn a_language_with_a_shorter_tail_raises_the_alarm() {
        let changes = compare(&measured(&sentences(40_000, 1)), &measured(&sentences(400, 2)));
        let alarms: Vec<Indicator> = changes.iter().filter(|c| c.alarm).map(|c| c.indicator).collect();
        assert!(alarms.contains(&Indicator::Hapax1) && alarms.contains(&Indicator::Distinct1), "{changes:?}");
    }

    #[test]
    fn getting_richer_is_no_alarm() {
        let changes = compare(&measured(&sentences(400, 1)), &measured(&sentences(40_000, 2)));
        assert!(changes.iter().all(|change| !change.alarm), "{changes:?}");
    }

    #[test]
    fn unequal_amounts_of_text_are_not_compared() {
        let short = Sample::of(["one two three"]).measure(4_096, None);
        assert_eq!(short.tokens, 3);
        assert!(compare(&short, &measured(&sentences(400, 1))).is_empty());
    }
}
