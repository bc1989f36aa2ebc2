//! Training: from the rows of a release to a model, in a number of steps that the release's size tells.
//!
//! Nothing depends on time or on the number of threads. The windows of a step are
//! learned each by one thread, and their derivatives are added in the order of the windows. A run that is
//! killed goes on from its last checkpoint to the same bytes.

mod checkpoint;
mod optimiser;
mod windows;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use candor_conversation::Kind;
use candor_release::origin::SAMPLING_FULL;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::card::{self, Card};
use crate::chance::Chance;
use crate::load::{Corpus, Row};
use crate::model::{Model, ModelError};
use crate::shape::ModelShape;
use crate::transformer::{Layout, Transformer};
use crate::vocabulary::Vocabulary;
use checkpoint::Checkpoint;
use optimiser::Optimiser;
use windows::Windows;

/// Windows of a step.
const BATCH: usize = 8;
/// Fewest and most steps of a run.
const STEPS: (u32, u32) = (60, 20_000);
/// How often the text is read, where that lies within the fewest and most steps.
const EPOCHS: usize = 8;
/// Steps between two checkpoints.
const CHECKPOINT_STEPS: u32 = 25;
/// Highest learning rate, reached after the warm-up.
const RATE_PEAK: f64 = 3e-3;
/// The same when a trained model goes on learning.
const RATE_PEAK_FINE_TUNING: f64 = 1e-3;
/// Share of the highest learning rate at the end.
const RATE_LAST_SHARE: f64 = 0.1;
/// One step in this many warms up.
const WARM_UP_DIVISOR: u32 = 20;

/// Why a training run did not finish.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Every row is held out or never drawn, so nothing is left to learn from.
    #[error(
        "every row is held out, or has a sampling of 0\nhint: hold out a smaller share, release more rows, or let \
         what was pasted count"
    )]
    NothingLeft,
    /// A checkpoint could not be written or read.
    #[error("{doing} {path}")]
    Checkpoint {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A checkpoint is not what was written.
    #[error("checkpoint {0} is damaged\nhint: remove it; training starts again")]
    Damaged(PathBuf),
}

impl TrainError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            TrainError::Model(error) => error.kind(),
            TrainError::NothingLeft => Kind::Invalid,
            TrainError::Checkpoint { .. } => Kind::Unavailable,
            TrainError::Damaged(_) => Kind::Corrupt,
        }
    }
}

/// What a training run does; the same plan on the same corpus gives the same model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Where all chance comes from.
    pub seed: u64,
    /// Rows in a hundred that are kept out of training, to measure on.
    pub held_out_percent: u32,
    /// Steps of the optimiser.
    pub steps: u32,
    /// Highest learning rate.
    pub rate_peak: f64,
    /// The model's size.
    pub shape: ModelShape,
}

impl Plan {
    /// A new model for a corpus: the size by [`ModelShape::for_text`], 8 times over the text but at least 60 steps.
    pub fn new(corpus: &Corpus, seed: u64) -> Self {
        let shape = ModelShape::for_text(text_bytes(&corpus.rows));
        let (held_out_percent, rate_peak) = (HELD_OUT_PERCENT, RATE_PEAK);
        Self { seed, held_out_percent, steps: steps_for(corpus, &shape), rate_peak, shape }
    }

    /// The same for a model that goes on learning: its size stays.
    pub fn fine_tuning(corpus: &Corpus, base: &Model, seed: u64) -> Self {
        let shape = base.card().plan.shape;
        let (held_out_percent, rate_peak) = (HELD_OUT_PERCENT, RATE_PEAK_FINE_TUNING);
        Self { seed, held_out_percent, steps: steps_for(corpus, &shape), rate_peak, shape }
    }

    /// The learning rate of a step: a straight warm-up, then half a cosine down to a tenth.
    fn rate(&self, step: u32) -> f64 {
        let warm_up = (self.steps / WARM_UP_DIVISOR).max(1);
        if step < warm_up {
            return self.rate_peak * f64::from(step + 1) / f64::from(warm_up);
        }
        let done = f64::from(step - warm_up) / f64::from((self.steps - warm_up).max(1));
        let share = 0.5 * (1.0 + (std::f64::consts::PI * done).cos());
        self.rate_peak * (RATE_LAST_SHARE + (1.0 - RATE_LAST_SHARE) * share)
    }

    /// Whether a row is learned: it is not kept out of training, and some epoch draws it.
    pub fn learns(&self, row: &Row) -> bool {
        row.sampling_permille > 0 && !self.holds_out(row)
    }

    /// Whether a row is kept out of training. Branches of one conversation begin alike and go the same way, so that
    /// what is measured on was not seen from another side; the seed is the key.
    pub fn holds_out(&self, row: &Row) -> bool {
        let first = row.messages.iter().find(|message| message.role == "user");
        let text = first.map_or("", |message| message.content.as_str());
        Chance::new(self.seed, &format!("held out {text}"), 0).below(100) < self.held_out_percent as usize
    }
}

/// One row in twenty is kept out of training unless a plan says otherwise.
const HELD_OUT_PERCENT: u32 = 5;
/// Bytes of text that a token stands for, about; only the number of steps depends on it.
const BYTES_PER_TOKEN: usize = 3;

fn steps_for(corpus: &Corpus, shape: &ModelShape) -> u32 {
    let weighted = |row: &Row| row.text_bytes() as u64 * u64::from(row.sampling_permille);
    let bytes = corpus.rows.iter().map(weighted).sum::<u64>() / u64::from(SAMPLING_FULL);
    let tokens = bytes as usize / BYTES_PER_TOKEN;
    let steps = (tokens * EPOCHS).div_ceil(BATCH * shape.context);
    (steps as u32).clamp(STEPS.0, STEPS.1)
}

fn text_bytes(rows: &[Row]) -> usize {
    rows.iter().map(Row::text_bytes).sum()
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Steps done.
    pub step: u32,
    /// Steps in all.
    pub steps: u32,
    /// Mean loss of the step, in nats for each token.
    pub loss: f64,
}

/// How a run ended.
pub enum Trained {
    /// With a model.
    Finished(Box<Model>),
    /// Before its end, because `progress` asked for it; the checkpoint stays.
    Stopped,
}

/// Trains a new model, or goes on from `base`, whose vocabulary and shape are kept.
///
/// `folder` holds the checkpoint: a run of the same plan on the same corpus goes on from there. It is the caller's
/// to remove, once the model is in its place. Loss is on every token of people's and of models' turns.
///
/// An epoch draws each row once or not at all: over `n` epochs a row is drawn `n · sampling_permille / 1000` times,
/// rounded up or down by chance. One whose sampling is 0 is never learned, and the vocabulary is made without it. How
/// many conversations a row stands for (its `weight`) changes nothing: copies were merged so as not to count again.
///
/// # Errors
/// When there is nothing to learn from, when the arithmetic fails, or a checkpoint cannot be written or read.
pub fn train(
    corpus: &Corpus,
    plan: &Plan,
    base: Option<&Model>,
    folder: &Path,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Trained, TrainError> {
    let held_out: Vec<&Row> = corpus.rows.iter().filter(|row| plan.holds_out(row)).collect();
    let learned: Vec<&Row> = corpus.rows.iter().filter(|row| plan.learns(row)).collect();
    if learned.is_empty() {
        return Err(TrainError::NothingLeft);
    }
    let vocabulary = match base {
        Some(base) => Vocabulary::from_json(&base.vocabulary().to_json()?)?,
        None => {
            let texts = learned.iter().flat_map(|row| &row.messages).map(|message| message.content.as_str());
            Vocabulary::train(texts, plan.shape.vocabulary)?
        }
    };
    let plan = Plan { shape: ModelShape { vocabulary: vocabulary.size(), ..plan.shape }, ..*plan };
    let mut run = Run::start(plan, (corpus, base), &vocabulary, folder)?;
    let mut windows = Windows::new(&learned, &vocabulary, plan.shape.context, plan.seed)?;
    if run.at.begin_loss.is_none() {
        run.at.begin_loss = Some(measure(&run.transformer, &vocabulary, &held_out)?);
    }
    while run.at.step < plan.steps {
        let loss = run.learn(&mut windows)?;
        if run.at.step.is_multiple_of(CHECKPOINT_STEPS) && run.at.step < plan.steps {
            run.checkpoint(folder)?;
        }
        let told = progress(Progress { step: run.at.step, steps: plan.steps, loss });
        if told.is_break() && run.at.step < plan.steps {
            run.checkpoint(folder)?;
            return Ok(Trained::Stopped);
        }
    }
    let end_loss = measure(&run.transformer, &vocabulary, &held_out)?;
    let facts = card::Facts {
        rows_read: corpus.rows.len() as u64,
        rows_held_out: held_out.len() as u64,
        rows_learned: learned.len() as u64,
        tokens: windows.tokens(),
        loss_first: run.at.loss_first,
        loss_last: run.at.loss_last,
        held_out_before: run.at.begin_loss.flatten(),
        held_out_after: end_loss,
    };
    let card = Card::new(plan, corpus, base.map(Model::card), facts);
    Ok(Trained::Finished(Box::new(Model::new(run.transformer, vocabulary, card))))
}

/// Bits for each byte of the text of rows, and how many bytes that is; none without rows.
fn measure(
    transformer: &Transformer,
    vocabulary: &Vocabulary,
    rows: &[&Row],
) -> Result<Option<f64>, ModelError> {
    let score = |row: &&Row| crate::likelihood::score(transformer, vocabulary, &row.messages, 0);
    let scores: Vec<_> = rows.par_iter().map(score).collect();
    let mut total = crate::likelihood::Likelihood::default();
    for score in scores {
        total = total + score?;
    }
    Ok((total.bytes > 0).then(|| total.bits_per_byte()))
}

/// A run between two steps.
struct Run {
    plan: Plan,
    at: Checkpoint,
    transformer: Transformer,
    optimiser: Optimiser,
}

impl Run {
    fn start(
        plan: Plan,
        (corpus, base): (&Corpus, Option<&Model>),
        vocabulary: &Vocabulary,
        folder: &Path,
    ) -> Result<Self, TrainError> {
        let identity = checkpoint::identity(&plan, corpus, base, vocabulary)?;
        let numbers = match base {
            Some(base) => base.transformer().numbers().to_vec(),
            None => Layout::new(&plan.shape).random(&mut Chance::new(plan.seed, "parameters", 0)),
        };
        let mut transformer = Transformer::new(plan.shape, numbers);
        let found = checkpoint::read(folder, &identity, &mut transformer)?;
        let (at, optimiser) = found.unwrap_or_else(|| {
            let length = transformer.numbers().len();
            (Checkpoint::beginning(identity), Optimiser::new(length))
        });
        Ok(Self { plan, at, transformer, optimiser })
    }

    /// One step of the optimiser; gives the mean loss before it.
    fn learn(&mut self, windows: &mut Windows) -> Result<f64, TrainError> {
        let batch = windows.batch(self.at.step, BATCH);
        let tokens: usize = batch.iter().map(|window| window.len() - 1).sum();
        let share = 1.0 / tokens as f32;
        let learn = |window: &Vec<u32>| {
            self.transformer.learn(&window[..window.len() - 1], &window[1..], share).map_err(ModelError::from)
        };
        let parts: Vec<_> = batch.par_iter().map(learn).collect();
        let mut loss = 0.0;
        let mut sums = vec![0.0; self.transformer.numbers().len()];
        for part in parts {
            let (part_loss, gradients) = part?;
            loss += part_loss;
            sums.iter_mut().zip(gradients).for_each(|(sum, gradient)| *sum += gradient);
        }
        self.optimiser.step(&mut self.transformer, &sums, self.plan.rate(self.at.step));
        if self.at.step == 0 {
            self.at.loss_first = loss;
        }
        self.at.loss_last = loss;
        self.at.step += 1;
        Ok(loss)
    }

    fn checkpoint(&self, folder: &Path) -> Result<(), TrainError> {
        checkpoint::write(folder, &self.at, &self.transformer, &self.optimiser)
    }
}
