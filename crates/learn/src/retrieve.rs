//! The plainest model that visibly learns: it answers with what a model said after the nearest human turn of the
//! release, and shows which row that was.
//!
//! Near is BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009) over words,
//! with the usual k1 and b, and with the inverse document frequency that Lucene uses, which is never negative. The
//! index is built in memory in one pass: a few lines, where a search engine would take a minute of building.

use std::collections::HashMap;

use candor_conversation::Message;

use crate::load::{Corpus, Row};

/// How fast repeated words stop adding to a score.
const K1: f32 = 1.2;
/// How much long turns are held back.
const B: f32 = 0.75;
/// Share of a question's own weight (the score it would have against itself) that the nearest turn must reach; below
/// it the responder says that it has learned nothing near.
const NEAR_SHARE: f32 = 0.35;
/// Longest word that is told from others, in bytes.
const WORD_BYTES_MAX: usize = 64;

/// Answers from the nearest conversation of a release.
pub struct Retriever {
    rows: Vec<Row>,
    /// Human turns that a model's turn follows: row and place of the human turn.
    turns: Vec<Place>,
    lengths: Vec<f32>,
    length_average: f32,
    /// For each word, the turns that have it, and how often.
    postings: HashMap<Box<str>, Vec<(u32, f32)>>,
}

#[derive(Clone, Copy)]
struct Place {
    row: usize,
    turn: usize,
}

/// What the responder has to say.
#[derive(Clone, PartialEq)]
pub enum Answer {
    /// What a model said after the nearest human turn.
    Learned {
        /// The text.
        text: String,
        /// Where it comes from.
        evidence: Evidence,
    },
    /// Nothing in the release is near; the share of the question that the nearest turn covers.
    Nothing {
        /// From 0 to below the threshold.
        near: f32,
    },
}

/// Which row an answer was taken from.
#[derive(Clone, PartialEq)]
pub struct Evidence {
    /// Number of the row in the release.
    pub row: u64,
    /// Its leaf in the row tree.
    pub leaf: [u8; 32],
    /// Index of the human turn in the row; the answer is the one after it.
    pub turn: usize,
    /// The human turn, as it stands in the release.
    pub question: String,
    /// BM25 score.
    pub score: f32,
    /// The score as a share of what the question would score against itself, about 1 for the same words.
    pub near: f32,
}

impl Retriever {
    /// Reads every human turn that is followed by an answer; not those of rows that training never draws.
    pub fn new(corpus: &Corpus) -> Self {
        let mut retriever = Self {
            rows: corpus.rows.clone(),
            turns: Vec::new(),
            lengths: Vec::new(),
            length_average: 1.0,
            postings: HashMap::new(),
        };
        let drawn = corpus.rows.iter().enumerate().filter(|(_, row)| row.sampling_permille > 0);
        for (row, content) in drawn {
            for (turn, pair) in content.messages.windows(2).enumerate() {
                if pair[0].role == "user" && pair[1].role == "assistant" && !pair[1].content.is_empty() {
                    retriever.add(Place { row, turn }, &pair[0].content);
                }
            }
        }
        let total: f32 = retriever.lengths.iter().sum();
        retriever.length_average = (total / retriever.lengths.len().max(1) as f32).max(1.0);
        retriever
    }

    /// Answers the last human turn of a conversation.
    pub fn answer(&self, messages: &[Message]) -> Answer {
        let asked = messages.iter().rev().find(|message| message.role == "user");
        let words = asked.map(|message| words(&message.content)).unwrap_or_default();
        let scores = self.scores(&words);
        let best = scores.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
        let Some((turn, &score)) = best else { return Answer::Nothing { near: 0.0 } };
        let near = score / self.own_score(&words);
        if near < NEAR_SHARE {
            return Answer::Nothing { near };
        }
        let Place { row, turn } = self.turns[turn];
        let row = &self.rows[row];
        let evidence = Evidence {
            row: row.number,
            leaf: row.leaf,
            turn,
            question: row.messages[turn].content.clone(),
            score,
            near,
        };
        Answer::Learned { text: row.messages[turn + 1].content.clone(), evidence }
    }

    fn add(&mut self, place: Place, text: &str) {
        let number = self.turns.len() as u32;
        let words = words(text);
        self.turns.push(place);
        self.lengths.push(words.values().sum());
        for (word, count) in words {
            self.postings.entry(word).or_default().push((number, count));
        }
    }

    fn scores(&self, words: &HashMap<Box<str>, f32>) -> Vec<f32> {
        let mut scores = vec![0.0; self.turns.len()];
        // In the order of the words: sums of floating-point numbers depend on it, and answers must not.
        let mut sorted: Vec<_> = words.keys().collect();
        sorted.sort_unstable();
        for word in sorted {
            let Some(postings) = self.postings.get(word) else { continue };
            let weight = self.rarity(postings.len());
            for &(turn, count) in postings {
                let length = self.lengths[turn as usize] / self.length_average;
                scores[turn as usize] += weight * saturated(count, length);
            }
        }
        scores
    }

    /// What a turn of average length with exactly these words would score; words that nobody used count as the
    /// rarest, so that a question about something new is near to nothing.
    fn own_score(&self, words: &HashMap<Box<str>, f32>) -> f32 {
        let mut sorted: Vec<_> = words.iter().collect();
        sorted.sort_unstable_by_key(|(word, _)| *word);
        let turns = |word: &str| self.postings.get(word).map_or(0, Vec::len);
        let of_words = sorted.iter().map(|(word, count)| self.rarity(turns(word)) * saturated(**count, 1.0));
        of_words.sum::<f32>().max(f32::MIN_POSITIVE)
    }

    fn rarity(&self, turns: usize) -> f32 {
        let (all, turns) = (self.turns.len() as f32, turns as f32);
        (1.0 + (all - turns + 0.5) / (turns + 0.5)).ln()
    }
}

fn saturated(count: f32, length: f32) -> f32 {
    count * (K1 + 1.0) / (count + K1 * (1.0 - B + B * length))
}

/// The words of a text in lower case, with how often each occurs.
fn words(text: &str) -> HashMap<Box<str>, f32> {
    let mut words = HashMap::new();
    let lower = text.to_lowercase();
    let split = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    for word in split.filter(|word| word.len() <= WORD_BYTES_MAX) {
        *words.entry(word.into()).or_default() += 1.0;
    }
    words
}
