//! A bounded sample of texts as hashes of their words, and what is counted in it.

use std::collections::BTreeMap;

use super::perplexity::perplexity;
use super::{Estimate, GROUPS, Indicator, Measures, Reference};
use crate::dedup::keyed::{mix, quick};
use crate::dedup::{is_own_word, normalise};

/// Most tokens of a sample; what comes after is not looked at.
pub const SAMPLE_TOKENS_MAX: usize = 262_144;

/// Seed of the hashes of words. Fixed, so that counts of different releases can be laid side by side; they never
/// leave the process unsealed.
const SEED: [u64; 2] = [0x636f_6c6c_6170_7365, 0x696e_6469_6361_746f];

/// The first [`SAMPLE_TOKENS_MAX`] tokens of some texts, as hashes.
///
/// A token is a word after [`normalise`]. Give texts in an order that has nothing to do with what they say, as the
/// rows of a release are: their first tokens then are a random sample.
#[derive(Clone, Default)]
pub struct Sample {
    tokens: Vec<u64>,
    /// Where each text ends in `tokens`.
    ends: Vec<usize>,
}

impl Sample {
    /// Takes as many texts as fit; each is one turn.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut sample = Self::default();
        for text in texts {
            if sample.is_full() {
                break;
            }
            sample.push(text);
        }
        sample
    }

    /// Appends a turn, unless the sample is full; a turn without words is none.
    pub fn push(&mut self, text: &str) {
        let room = SAMPLE_TOKENS_MAX - self.tokens.len();
        self.tokens.extend(word_hashes(&normalise(text)).take(room));
        if self.ends.last().copied().unwrap_or_default() < self.tokens.len() {
            self.ends.push(self.tokens.len());
        }
    }

    /// Whether nothing more is taken.
    pub fn is_full(&self) -> bool {
        self.tokens.len() == SAMPLE_TOKENS_MAX
    }

    /// Tokens taken.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there are no tokens.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The turns, each cut where `tokens` end.
    pub(super) fn turns(&self, tokens: usize) -> impl Iterator<Item = &[u64]> {
        let mut start = 0;
        self.ends.iter().map_while(move |end| {
            let turn = (start < tokens).then(|| &self.tokens[start..(*end).min(tokens)]);
            start = *end;
            turn
        })
    }

    /// The indicators of the first `tokens` tokens, or of all if there are fewer.
    pub fn measure(&self, tokens: usize, reference: Option<&Reference>) -> Measures {
        let tokens = tokens.min(self.tokens.len());
        let turns: Vec<Turn<'_>> = self.grouped(tokens).collect();
        let mut values = BTreeMap::new();
        let words = Counts::of(turns.iter().flat_map(Turn::words), reference.map(Reference::tail));
        let pairs = Counts::of(turns.iter().flat_map(|turn| turn.runs::<2>()), None);
        let triples = Counts::of(turns.iter().flat_map(|turn| turn.runs::<3>()), None);
        let whole = Counts::of(turns.iter().map(Turn::whole), None);
        values.insert(Indicator::Distinct1, words.estimate(|part| part.distinct / part.all));
        values.insert(Indicator::Hapax1, words.estimate(|part| part.once / part.all));
        values.insert(Indicator::Distinct2, pairs.estimate(|part| part.distinct / part.all));
        values.insert(Indicator::Hapax2, pairs.estimate(|part| part.once / part.all));
        values.insert(Indicator::Distinct3, triples.estimate(|part| part.distinct / part.all));
        values
            .insert(Indicator::ExactDuplicates, whole.estimate(|part| (part.all - part.distinct) / part.all));
        if let Some(tail) = reference.map(Reference::tail).filter(|tail| !tail.is_empty()) {
            values.insert(Indicator::TailCoverage, words.estimate(|part| part.covered / tail.len() as f64));
        }
        if let Some(held_out) = reference.and_then(Reference::held_out) {
            let of = |left_out: Option<usize>| {
                let turns = turns.iter().filter(|turn| Some(turn.group) != left_out).map(|turn| turn.tokens);
                perplexity(turns, held_out)
            };
            let parts: [f64; GROUPS] = std::array::from_fn(|group| of(Some(group)));
            values.insert(Indicator::Perplexity, jackknife(of(None), &parts));
        }
        Measures { tokens: tokens as u64, turns: turns.len() as u64, values }
    }

    /// Turns with the part they are in. Parts are runs of turns, so that a conversation's are mostly in one.
    fn grouped(&self, tokens: usize) -> impl Iterator<Item = Turn<'_>> {
        let mut start = 0;
        self.turns(tokens).map(move |turn| {
            let group = start * GROUPS / tokens.max(1);
            start += turn.len();
            Turn { tokens: turn, group }
        })
    }
}

/// Hashes of folded words; where a script has no spaces, each character is a word.
pub(super) fn word_hashes(folded: &str) -> impl Iterator<Item = u64> {
    let words = folded.split(' ').flat_map(|word| word.split_inclusive(is_own_word));
    words.filter(|word| !word.is_empty()).map(|word| quick(SEED, word.as_bytes()))
}

/// Joins hashes in order.
fn join(hashes: &[u64]) -> u64 {
    hashes.iter().fold(SEED[0], |sum, hash| mix(sum ^ hash, SEED[1]).wrapping_add(*hash))
}

struct Turn<'s> {
    tokens: &'s [u64],
    group: usize,
}

impl Turn<'_> {
    fn words(&self) -> impl Iterator<Item = (u64, usize)> {
        self.tokens.iter().map(|token| (*token, self.group))
    }

    fn runs<const N: usize>(&self) -> impl Iterator<Item = (u64, usize)> {
        self.tokens.windows(N).map(|run| (join(run), self.group))
    }

    fn whole(&self) -> (u64, usize) {
        (join(self.tokens), self.group)
    }
}

/// What was counted, of everything or with one part left out.
#[derive(Clone, Copy, Default)]
struct Part {
    all: f64,
    distinct: f64,
    once: f64,
    covered: f64,
}

struct Counts {
    whole: Part,
    without: [Part; GROUPS],
}

impl Counts {
    /// Counts hashes, each with its part, in one sort.
    fn of(hashes: impl Iterator<Item = (u64, usize)>, tail: Option<&[u64]>) -> Self {
        let mut sorted: Vec<(u64, usize)> = hashes.collect();
        sorted.sort_unstable();
        let mut whole = Part { all: sorted.len() as f64, ..Part::default() };
        // What goes missing with each part.
        let mut lost = [Part::default(); GROUPS];
        for same in sorted.chunk_by(|a, b| a.0 == b.0) {
            let is_tail = tail.is_some_and(|tail| tail.binary_search(&same[0].0).is_ok());
            let (once, covered) = (f64::from(u8::from(same.len() == 1)), f64::from(u8::from(is_tail)));
            whole.distinct += 1.0;
            whole.once += once;
            whole.covered += covered;
            for in_group in same.chunk_by(|a, b| a.1 == b.1) {
                let lost = &mut lost[in_group[0].1];
                let left = same.len() - in_group.len();
                lost.all += in_group.len() as f64;
                lost.distinct += f64::from(u8::from(left == 0));
                lost.once += once - f64::from(u8::from(left == 1));
                lost.covered += if left == 0 { covered } else { 0.0 };
            }
        }
        let without = lost.map(|lost| Part {
            all: whole.all - lost.all,
            distinct: whole.distinct - lost.distinct,
            once: whole.once - lost.once,
            covered: whole.covered - lost.covered,
        });
        Self { whole, without }
    }

    fn estimate(&self, of: impl Fn(&Part) -> f64) -> Estimate {
        jackknife(finite(of(&self.whole)), &self.without.map(|part| finite(of(&part))))
    }
}

/// A share of nothing is nothing.
fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}

/// A value and its standard error from the values with each part left out (Quenouille 1956, Tukey 1958).
fn jackknife(value: f64, without: &[f64; GROUPS]) -> Estimate {
    let count = GROUPS as f64;
    let mean = without.iter().sum::<f64>() / count;
    let squares: f64 = without.iter().map(|part| (part - mean).powi(2)).sum();
    Estimate { value, standard_error: (squares * (count - 1.0) / count).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(texts: &[&str], indicator: Indicator) -> f64 {
        Sample::of(texts.iter().copied()).measure(1_000, None).values[&indicator].value
    }

    #[test]
    fn shares_are_those_counted_by_hand() {
        let texts = ["a b a", "A, b a!", "c"];
        assert_eq!(value(&texts, Indicator::Distinct1), 3.0 / 7.0);
        assert_eq!(value(&texts, Indicator::Hapax1), 1.0 / 7.0);
        assert_eq!(value(&texts, Indicator::Distinct2), 2.0 / 4.0);
        assert_eq!(value(&texts, Indicator::Distinct3), 1.0 / 2.0);
        assert_eq!(value(&texts, Indicator::ExactDuplicates), 1.0 / 3.0);
    }

    #[test]
    fn where_a_script_has_no_spaces_a_character_is_a_word() {
        assert_eq!(Sample::of(["苔は石に生える"]).len(), Sample::of(["苔 は 石 に 生 え る"]).len());
    }

    #[test]
    fn no_text_measures_as_nothing() {
        let measures = Sample::of(["", "?!"]).measure(1_000, None);
        assert_eq!((measures.tokens, measures.turns), (0, 0));
        assert!(measures.values.values().all(|e| e.value.is_finite() && e.standard_error.is_finite()));
    }

    #[test]
    fn a_sample_stops_at_its_bound() {
        let long = "word ".repeat(SAMPLE_TOKENS_MAX - 1);
        let sample = Sample::of([long.as_str(), "two more"]);
        assert!(sample.is_full());
        assert_eq!(sample.measure(usize::MAX, None).turns, 2);
    }

    proptest! {
        #[test]
        fn leaving_a_part_out_is_counting_the_others(
            hashes in proptest::collection::vec((0..20_u64, 0..GROUPS), 0..80), group in 0..GROUPS,
        ) {
            let tail = [3, 5, 8];
            let counts = Counts::of(hashes.iter().copied(), Some(&tail));
            let others = Counts::of(hashes.iter().copied().filter(|(_, g)| *g != group), Some(&tail));
            let fields = |part: &Part| [part.all, part.distinct, part.once, part.covered];
            prop_assert_eq!(fields(&counts.without[group]), fields(&others.whole));
        }
    }
}
