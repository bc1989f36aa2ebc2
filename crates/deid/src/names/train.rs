//! Training: stochastic gradient of the log-likelihood with AdaGrad (Duchi, Hazan and Singer 2011).
//!
//! Deterministic: the same examples, settings and machine give the same weights.

use std::ops::Range;

use super::crf::{self, LABELS, LANES, Lane, Weights};
use super::features::{ROWS, Rows, features};
use super::lexicon::Lexicon;
use super::tokens::{Token, sentences, tokens};

/// A text whose names are known.
pub struct Example {
    /// The text.
    pub text: String,
    /// Byte ranges with the place of their kind in [`crf::KINDS`]; sorted, disjoint.
    pub spans: Vec<(Range<usize>, usize)>,
    /// Stretches that stand for identifiers found before names are looked for.
    pub taken: Vec<Range<usize>>,
    /// How much it counts beside others, 0 to 1.
    pub weight: f32,
}

/// How to train.
pub struct Training {
    /// How often each sentence is seen.
    pub epochs: usize,
    /// The size of the first steps.
    pub rate: f32,
    /// How strongly weights are pulled to 0.
    pub decay: f32,
    /// The share of words whose letters are hidden.
    pub hidden: f32,
    /// Where chance begins.
    pub seed: u64,
}

struct Sentence<'e> {
    text: &'e str,
    tokens: Vec<Token>,
    labels: Vec<u8>,
    weight: f32,
}

/// Trains a model; tells the mean loss of each epoch, in nats a token.
pub fn train(
    lexicon: &Lexicon,
    examples: &[Example],
    training: &Training,
    mut progress: impl FnMut(usize, f32),
) -> Weights {
    let mut all: Vec<Sentence<'_>> = examples.iter().flat_map(cut).collect();
    let mut chance = Chance(training.seed);
    let mut state = State::new();
    for epoch in 0..training.epochs {
        for at in (1..all.len()).rev() {
            all.swap(at, chance.below(at + 1));
        }
        let (mut loss, mut count) = (0.0_f64, 0_usize);
        let mut rows = Vec::new();
        for sentence in &all {
            let hidden: Vec<bool> = sentence.tokens.iter().map(|_| chance.unit() < training.hidden).collect();
            features(sentence.text, &sentence.tokens, lexicon, &hidden, &mut rows);
            loss += f64::from(state.learn(&rows, sentence, training));
            count += rows.len();
        }
        progress(epoch, (loss / count.max(1) as f64) as f32);
    }
    state.weights()
}

/// The label of each token of a text: the tokens of a span that another span's token begins are its own.
pub fn labels(tokens: &[Token], spans: &[(Range<usize>, usize)]) -> Vec<u8> {
    let mut spans = spans.iter().peekable();
    let mut inside: Option<&Range<usize>> = None;
    tokens
        .iter()
        .map(|token| {
            while spans.peek().is_some_and(|(range, _)| range.end <= token.range.start) {
                spans.next();
            }
            match spans.peek() {
                Some((range, kind)) if range.start < token.range.end => {
                    let further = inside == Some(range);
                    inside = Some(range);
                    (if further { crf::further_of(*kind) } else { crf::first_of(*kind) }) as u8
                }
                _ => 0,
            }
        })
        .collect()
}

fn cut(example: &Example) -> Vec<Sentence<'_>> {
    let all = tokens(&example.text, &example.taken);
    let labels = labels(&all, &example.spans);
    let cut = sentences(&example.text, &all);
    cut.into_iter()
        .map(|range| Sentence {
            text: &example.text,
            tokens: all[range.clone()].to_vec(),
            labels: labels[range].to_vec(),
            weight: example.weight,
        })
        .collect()
}

struct State {
    rows: Vec<Lane>,
    squares: Vec<Lane>,
    steps: [Lane; LANES],
    step_squares: [Lane; LANES],
    scores: Vec<Lane>,
    forward: Vec<Lane>,
    marginals: Vec<Lane>,
}

impl State {
    fn new() -> Self {
        Self {
            rows: vec![[0.0; LANES]; ROWS],
            squares: vec![[1.0; LANES]; ROWS],
            steps: [[0.0; LANES]; LANES],
            step_squares: [[1.0; LANES]; LANES],
            scores: Vec::new(),
            forward: Vec::new(),
            marginals: Vec::new(),
        }
    }

    /// One step for a sentence; gives its loss: the sum over its tokens of -log p(label).
    fn learn(&mut self, features: &[Rows], sentence: &Sentence<'_>, training: &Training) -> f32 {
        self.scores.clear();
        self.scores.extend(features.iter().map(|rows| {
            let mut sums = [0.0; LANES];
            for row in rows {
                for (sum, weight) in sums.iter_mut().zip(self.rows[*row as usize]) {
                    *sum += weight;
                }
            }
            crf::positive(&sums)
        }));
        let exponentials = self.steps.map(|row| {
            let mut lane = row.map(crf::exponential);
            lane[LABELS..].fill(0.0);
            lane
        });
        crf::marginals(&self.scores, &exponentials, &mut self.forward, &mut self.marginals);
        self.step_transitions(&exponentials, sentence, training);
        let mut loss = 0.0;
        for ((rows, lane), label) in features.iter().zip(&self.marginals).zip(&sentence.labels) {
            loss -= lane[usize::from(*label)].max(1e-12).ln();
            let mut gradient = *lane;
            gradient[usize::from(*label)] -= 1.0;
            gradient.iter_mut().for_each(|value| *value *= sentence.weight);
            for row in rows {
                let row = *row as usize;
                update(&mut self.rows[row], &mut self.squares[row], &gradient, training);
            }
        }
        loss
    }

    fn step_transitions(&mut self, steps: &[Lane; LANES], sentence: &Sentence<'_>, training: &Training) {
        let count = self.scores.len();
        let mut gradient = [[0.0; LANES]; LANES];
        let mut behind = [1.0; LANES];
        for at in (1..count).rev() {
            let mut ahead = [0.0; LANES];
            for (value, (score, after)) in ahead.iter_mut().zip(self.scores[at].iter().zip(behind)) {
                *value = score * after;
            }
            let mut pairs = [[0.0; LANES]; LANES];
            let mut total = 0.0;
            for (from, row) in pairs.iter_mut().enumerate() {
                for (to, value) in row.iter_mut().enumerate() {
                    *value = self.forward[at - 1][from] * steps[from][to] * ahead[to];
                    total += *value;
                }
            }
            let factor = if total > 0.0 { sentence.weight / total } else { 0.0 };
            for (row, pair) in gradient.iter_mut().zip(&pairs) {
                row.iter_mut().zip(pair).for_each(|(value, pair)| *value += pair * factor);
            }
            let from = usize::from(sentence.labels[at - 1]);
            gradient[from][usize::from(sentence.labels[at])] -= sentence.weight;
            for (value, step) in behind.iter_mut().zip(steps) {
                *value = step.iter().zip(ahead).map(|(step, ahead)| step * ahead).sum();
            }
            let sum: f32 = behind.iter().sum();
            behind.iter_mut().for_each(|value| *value /= sum.max(1e-30));
        }
        for (from, row) in gradient.iter().enumerate() {
            update(&mut self.steps[from], &mut self.step_squares[from], row, training);
        }
    }

    fn weights(&self) -> Weights {
        let all = self.rows.iter().chain(&self.steps).flatten();
        let largest = all.fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
        let unit = largest.clamp(1e-3, 8.0) / 127.0;
        let quantised = |lane: &Lane| lane.map(|weight| (weight / unit).round().clamp(-127.0, 127.0) as i8);
        Weights {
            rows: self.rows.iter().map(quantised).collect(),
            steps: self.steps.each_ref().map(quantised),
            unit,
        }
    }
}

fn update(weights: &mut Lane, squares: &mut Lane, gradient: &Lane, training: &Training) {
    for ((weight, square), slope) in weights.iter_mut().zip(squares).zip(gradient) {
        let slope = slope + training.decay * *weight;
        *square += slope * slope;
        *weight -= training.rate * slope / square.sqrt();
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 24) as f32
    }
}
