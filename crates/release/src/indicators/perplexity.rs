//! How well texts predict other texts: perplexity of a small n-gram model.

use std::collections::HashMap;

use super::sample::Sample;
use super::{SAMPLE_TOKENS_MAX, reference};

/// Words that a word could be when nothing is known: fixed, so that models of different texts are comparable.
const VOCABULARY: f64 = 65_536.0;

/// Perplexity per token, on `held_out`, of a trigram model of `texts`; `None` where there is nothing to predict.
///
/// Trigrams are interpolated with pairs, words and a uniform distribution over 65,536 words after Witten and Bell
/// (1991); no parameter is tuned. The first [`SAMPLE_TOKENS_MAX`] tokens train, the first 8,192 are predicted.
pub fn held_out_perplexity<'t>(
    texts: impl IntoIterator<Item = &'t str>,
    held_out: impl IntoIterator<Item = &'t str>,
) -> Option<f64> {
    let (texts, held_out) = (Sample::of(texts), Sample::of(held_out));
    let held_out: Vec<Vec<u64>> =
        held_out.turns(reference::HELD_OUT_TOKENS_MAX).map(<[u64]>::to_vec).collect();
    (!held_out.is_empty()).then(|| perplexity(texts.turns(SAMPLE_TOKENS_MAX), &held_out))
}

/// The same on hashes.
pub(super) fn perplexity<'t>(texts: impl Iterator<Item = &'t [u64]>, held_out: &[Vec<u64>]) -> f64 {
    let mut model = Model::default();
    texts.for_each(|turn| model.learn(turn));
    let (mut bits, mut tokens) = (0.0, 0_u32);
    for turn in held_out {
        for at in 0..turn.len() {
            bits -= model.probability(&turn[..=at]).log2();
            tokens += 1;
        }
    }
    (bits / f64::from(tokens.max(1))).exp2()
}

/// Longest context, in words.
const CONTEXT_MAX: usize = 2;

/// Counts of n-grams by context; a context is the words before, the nearest last.
#[derive(Default)]
struct Model {
    /// Of each context: how often it was met, and how many different words came after it.
    contexts: [HashMap<[u64; CONTEXT_MAX], (u32, u32)>; CONTEXT_MAX + 1],
    grams: [HashMap<([u64; CONTEXT_MAX], u64), u32>; CONTEXT_MAX + 1],
}

impl Model {
    fn learn(&mut self, turn: &[u64]) {
        for (at, word) in turn.iter().enumerate() {
            for length in 0..=CONTEXT_MAX.min(at) {
                let context = context(&turn[..at], length);
                let gram = self.grams[length].entry((context, *word)).or_default();
                *gram += 1;
                let (all, different) = self.contexts[length].entry(context).or_default();
                *all += 1;
                *different += u32::from(*gram == 1);
            }
        }
    }

    /// Probability of the last word after those before it.
    fn probability(&self, turn: &[u64]) -> f64 {
        let Some((word, before)) = turn.split_last() else { return 1.0 };
        let mut probability = 1.0 / VOCABULARY;
        for length in 0..=CONTEXT_MAX.min(before.len()) {
            let context = context(before, length);
            // A longer context that was never met says nothing that the shorter did not.
            let Some((all, different)) = self.contexts[length].get(&context) else { break };
            let met = self.grams[length].get(&(context, *word)).copied().unwrap_or(0);
            let different = f64::from(*different);
            probability = (f64::from(met) + different * probability) / (f64::from(*all) + different);
        }
        probability
    }
}

fn context(before: &[u64], length: usize) -> [u64; CONTEXT_MAX] {
    let mut context = [0; CONTEXT_MAX];
    context[CONTEXT_MAX - length..].copy_from_slice(&before[before.len() - length..]);
    context
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learned_is_expected() {
        let texts = ["the fern grows by the wall", "the moss grows on the stone"];
        let own = held_out_perplexity(texts, texts).unwrap();
        let other = held_out_perplexity(texts, ["entirely different words here"]).unwrap();
        assert!(own < 10.0 && other > 1_000.0, "{own} {other}");
    }

    #[test]
    fn with_nothing_learned_every_word_is_as_likely() {
        let nothing = held_out_perplexity([], ["one two"]).unwrap();
        assert!((nothing - VOCABULARY).abs() < 1e-6, "{nothing}");
        assert!(held_out_perplexity(["one"], []).is_none());
    }

    #[test]
    fn probabilities_over_the_known_words_sum_to_less_than_one() {
        let sample = Sample::of(["a b c a b d", "a c b"]);
        let mut model = Model::default();
        sample.turns(100).for_each(|turn| model.learn(turn));
        let words: std::collections::BTreeSet<u64> = sample.turns(100).flatten().copied().collect();
        let before: Vec<u64> = sample.turns(100).next().unwrap()[..2].to_vec();
        let sum: f64 =
            words.iter().map(|word| model.probability(&[before.as_slice(), &[*word]].concat())).sum();
        let seen_share = 1.0 - words.len() as f64 / VOCABULARY;
        assert!(sum <= 1.0 && sum > seen_share - 0.7, "{sum}");
    }
}
