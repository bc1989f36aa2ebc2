//! Generations of models that learn from what the model before them wrote.
//!
//! The experiment is that of Shumailov et al. (Nature 631, 2024); with human turns added each time it is that of
//! Gerstgrasser et al. (arXiv 2404.01413), at a fixed amount of text (Kazdan et al., arXiv 2410.16713).

use std::ops::ControlFlow;
use std::path::Path;

use candor_conversation::Message;
use candor_release::indicators::{Measures, Reference, Sample, TOKEN_RUNGS};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::statistics::{Figure, ratio};
use crate::chance::Chance;
use crate::generate::dialogues;
use crate::load::{Corpus, Row};
use crate::model::{Model, ModelError};
use crate::train::{Plan, Progress, TrainError, Trained, train};

/// What a generation learns from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mixture {
    /// What the model before it wrote, and nothing else.
    OwnOutput,
    /// Half of that, and half conversations of people: another half each time.
    WithPeople,
}

impl Mixture {
    /// What it is, for people.
    pub fn words(self) -> &'static str {
        match self {
            Mixture::OwnOutput => "own output only",
            Mixture::WithPeople => "half from people",
        }
    }
}

/// A model of the loop and its language.
#[derive(Clone, Debug)]
pub struct Generation {
    /// 0 learned from people.
    pub number: u32,
    /// What those after 0 learned from; generation 0 is told in each.
    pub mixture: Mixture,
    /// Bits for each byte of conversations of people that no generation learned from; the interval is over
    /// conversations.
    pub held_out: Figure,
    /// The indicators of what it writes.
    pub language: Measures,
    /// Conversations that it wrote.
    pub rows: usize,
}

/// What is run.
pub struct Loop<'a> {
    /// Conversations of people to begin with.
    pub corpus: &'a Corpus,
    /// How each generation trains; what it holds out is what every generation is measured on.
    pub plan: Plan,
    /// Generations after the first.
    pub count: u32,
    /// Where checkpoints lie: a loop that was stopped goes on from there.
    pub folder: &'a Path,
}

/// Trains the generations of both mixtures. `progress` gets the number of the training run, from 0, of `1 + 2 * count`,
/// and how far it is.
///
/// # Errors
/// When the corpus is too small to hold anything out, or training fails. `Ok(None)` if `progress` stopped it.
pub fn generations(
    run: &Loop<'_>,
    progress: &mut dyn FnMut(u32, Progress) -> ControlFlow<()>,
) -> Result<Option<Vec<Generation>>, TrainError> {
    let (held_out, people): (Vec<&Row>, Vec<&Row>) =
        run.corpus.rows.iter().partition(|row| run.plan.holds_out(row));
    if held_out.len() < 2 || people.is_empty() {
        return Err(TrainError::NothingLeft);
    }
    let people: Vec<Row> = people.into_iter().cloned().collect();
    let texts = people.iter().map(text_of).collect::<Vec<_>>();
    let reference = Reference::of(texts.iter().map(String::as_str));
    let mut runs = Runs { run, trained: 0, progress };
    let Some(first) = runs.train(people.clone())? else { return Ok(None) };
    let written = write(&first, &people, run.plan.seed)?;
    let mut told = Vec::new();
    for mixture in [Mixture::OwnOutput, Mixture::WithPeople] {
        let mut written = written.clone();
        told.push(spoken((0, mixture), (&first, &written), &held_out)?);
        for number in 1..=run.count {
            let learns = mix(mixture, &written, &people, number);
            let Some(model) = runs.train(learns)? else { return Ok(None) };
            written = write(&model, &people, run.plan.seed + u64::from(number))?;
            told.push(spoken((number, mixture), (&model, &written), &held_out)?);
        }
    }
    Ok(Some(measured(told, &reference)))
}

/// The training runs of a loop, numbered.
struct Runs<'a, 'b> {
    run: &'a Loop<'b>,
    trained: u32,
    progress: &'a mut dyn FnMut(u32, Progress) -> ControlFlow<()>,
}

impl Runs<'_, '_> {
    fn train(&mut self, rows: Vec<Row>) -> Result<Option<Model>, TrainError> {
        let number = self.trained;
        self.trained += 1;
        let corpus = Corpus { read_set: self.run.corpus.read_set.clone(), rows };
        let plan = Plan { held_out_percent: 0, ..self.run.plan };
        let folder = self.run.folder.join(format!("generation-{number}"));
        let trained = train(&corpus, &plan, None, &folder, &mut |at| (self.progress)(number, at))?;
        Ok(match trained {
            Trained::Finished(model) => Some(*model),
            Trained::Stopped => None,
        })
    }
}

/// As much text as the people's, written by a model.
fn write(model: &Model, people: &[Row], seed: u64) -> Result<Vec<Row>, ModelError> {
    let wanted: usize = people.iter().map(Row::text_bytes).sum();
    let mut rows: Vec<Row> = Vec::new();
    let mut bytes = 0;
    // Conversations come in batches of a fixed size, so that how many threads there are changes nothing.
    while bytes < wanted && rows.len() < people.len() * 2 {
        let start = rows.len();
        let batch = |batch: usize| {
            let numbers = start + batch * BATCH..start + (batch + 1) * BATCH;
            dialogues(model, numbers.map(|number| Chance::new(seed, "dialogue", number as u64)).collect())
        };
        let written: Vec<Vec<Vec<Message>>> =
            (0..BATCHES).into_par_iter().map(batch).collect::<Result<_, ModelError>>()?;
        for messages in written.into_iter().flatten() {
            let row = Row::made_up(rows.len() as u64, messages);
            bytes += row.text_bytes();
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Conversations that are written together, and how many such lots side by side.
const BATCH: usize = 32;
const BATCHES: usize = 4;

fn mix(mixture: Mixture, written: &[Row], people: &[Row], number: u32) -> Vec<Row> {
    let mixed: Vec<Row> = match mixture {
        Mixture::OwnOutput => written.to_vec(),
        Mixture::WithPeople => {
            let half = |rows: &[Row], which: u32| {
                let of_half = |at: &usize| (*at as u32 + which).is_multiple_of(2);
                (0..rows.len()).filter(of_half).map(|at| rows[at].clone()).collect::<Vec<Row>>()
            };
            [half(written, 0), half(people, number)].concat()
        }
    };
    mixed.into_iter().filter(|row| !row.messages.is_empty()).collect()
}

/// A generation whose language is not measured yet.
struct Spoken {
    number: u32,
    mixture: Mixture,
    held_out: Figure,
    language: Sample,
    rows: usize,
}

fn spoken(
    (number, mixture): (u32, Mixture),
    (model, written): (&Model, &[Row]),
    held_out: &[&Row],
) -> Result<Spoken, TrainError> {
    let scores = model.likelihoods(held_out)?;
    let bits: Vec<(f64, f64)> = scores.iter().map(|score| (score.bits(), score.bytes as f64)).collect();
    let held_out = ratio(&bits).ok_or(TrainError::NothingLeft)?;
    let texts = written.iter().flat_map(|row| &row.messages).map(|message| message.content.as_str());
    Ok(Spoken { number, mixture, held_out, language: Sample::of(texts), rows: written.len() })
}

/// Measures all on as many words as each has.
fn measured(spoken: Vec<Spoken>, reference: &Reference) -> Vec<Generation> {
    let fewest = spoken.iter().map(|one| one.language.len()).min().unwrap_or_default();
    let words = TOKEN_RUNGS.iter().rfind(|rung| **rung <= fewest).copied().unwrap_or(fewest);
    let measure = |one: Spoken| Generation {
        number: one.number,
        mixture: one.mixture,
        held_out: one.held_out,
        language: one.language.measure(words, Some(reference)),
        rows: one.rows,
    };
    spoken.into_iter().map(measure).collect()
}

fn text_of(row: &Row) -> String {
    let texts: Vec<&str> = row.messages.iter().map(|message| message.content.as_str()).collect();
    texts.join("\n")
}
