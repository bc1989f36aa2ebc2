//! Training: from the rows of a release to a model, in a number of steps that the release's size tells.
//!
//! Nothing depends on time or on the number of threads. A step's windows are shared out into a fixed number of
//! parts; each part's derivatives come from one task, and they are added in the order of the parts. A run that is
//! killed goes on from its last checkpoint to the same bytes.

mod checkpoint;
mod optimiser;
mod windows;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};
use candor_conversation::Kind;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::card::{self, Card};
use crate::chance::Chance;
use crate::load::{Corpus, Row};
use crate::model::{Model, ModelError};
use crate::shape::ModelShape;
use crate::transformer::{Parameters, Transformer, initial_parameters};
use crate::vocabulary::Vocabulary;
use checkpoint::Checkpoint;
use optimiser::Optimiser;
use windows::Windows;

/// Windows of a step.
const BATCH: usize = 8;
/// Tasks of a step; fixed, because their sums are added in their order.
const PARTS: usize = 4;
/// Fewest and most steps of a run.
const STEPS: (u32, u32) = (60, 20_000);
/// How often the text is read, where that lies within the fewest and most steps.
const EPOCHS: usize = 12;
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
    /// Every row is held out, so nothing is left to learn from.
    #[error("every row is held out\nhint: hold out a smaller share, or release more rows")]
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

impl From<candle_core::Error> for TrainError {
    fn from(error: candle_core::Error) -> Self {
        TrainError::Model(error.into())
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
    /// A new model for a corpus: the size by [`ModelShape::for_text`], 12 times over the text but at least 60 steps.
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
    let tokens = text_bytes(&corpus.rows) / BYTES_PER_TOKEN;
    let steps = (tokens * EPOCHS).div_ceil(BATCH * shape.context);
    (steps as u32).clamp(STEPS.0, STEPS.1)
}

fn text_bytes(rows: &[Row]) -> usize {
    rows.iter().flat_map(|row| &row.messages).map(|message| message.content.len()).sum()
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
/// `folder` holds the checkpoint, which is removed at the end; a run of the same plan on the same corpus goes on
/// from there. Loss is on every token of people's and of models' turns. Rows are read once an epoch, whatever
/// their weight.
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
    let (held_out, learned): (Vec<&Row>, Vec<&Row>) = corpus.rows.iter().partition(|row| plan.holds_out(row));
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
    let windows = Windows::new(&learned, &vocabulary, plan.shape.context, plan.seed)?;
    if run.begin_loss.is_none() {
        run.begin_loss = Some(measure(&run.transformer, &vocabulary, &held_out)?);
    }
    while run.step < plan.steps {
        let loss = run.learn(&windows)?;
        if run.step.is_multiple_of(CHECKPOINT_STEPS) && run.step < plan.steps {
            run.checkpoint(folder)?;
        }
        let told = progress(Progress { step: run.step, steps: plan.steps, loss });
        if told.is_break() && run.step < plan.steps {
            run.checkpoint(folder)?;
            return Ok(Trained::Stopped);
        }
    }
    checkpoint::remove(folder)?;
    let end_loss = measure(&run.transformer, &vocabulary, &held_out)?;
    let facts = card::Facts {
        rows_read: corpus.rows.len() as u64,
        rows_learned: learned.len() as u64,
        tokens: windows.tokens() as u64,
        loss_first: run.loss_first,
        loss_last: run.loss_last,
        held_out_before: run.begin_loss.flatten(),
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
    identity: String,
    step: u32,
    parameters: Parameters,
    transformer: Transformer,
    optimiser: Optimiser,
    loss_first: f64,
    loss_last: f64,
    /// Held-out loss before the first step, once it is measured.
    begin_loss: Option<Option<f64>>,
}

impl Run {
    fn start(
        plan: Plan,
        (corpus, base): (&Corpus, Option<&Model>),
        vocabulary: &Vocabulary,
        folder: &Path,
    ) -> Result<Self, TrainError> {
        let identity = checkpoint::identity(&plan, corpus, base, vocabulary)?;
        let parameters = match base {
            Some(base) => base.transformer().copy_parameters()?,
            None => initial_parameters(&plan.shape, &mut Chance::new(plan.seed, "parameters", 0))?,
        };
        let optimiser = Optimiser::new(&parameters);
        let transformer = Transformer::new(plan.shape, tensors(&parameters))?;
        let mut run = Self {
            plan,
            identity,
            step: 0,
            parameters,
            transformer,
            optimiser,
            loss_first: 0.0,
            loss_last: 0.0,
            begin_loss: None,
        };
        if let Some(found) = checkpoint::read(folder, &run.identity)? {
            run.optimiser = found.restore(&run.parameters)?;
            (run.step, run.begin_loss) = (found.step, found.begin_loss);
            (run.loss_first, run.loss_last) = (found.loss_first, found.loss_last);
        }
        Ok(run)
    }

    /// One step of the optimiser; gives the mean loss before it.
    fn learn(&mut self, windows: &Windows) -> Result<f64, TrainError> {
        let batch = windows.batch(self.step, BATCH);
        let tokens: usize = batch.iter().map(|window| window.len() - 1).sum();
        let part = |part: &[Vec<u32>]| self.part(part, tokens);
        let parts: Vec<_> = batch.par_chunks(BATCH / PARTS).map(part).collect();
        let mut loss = 0.0;
        let mut sums: Vec<Vec<f32>> = Vec::new();
        for part in parts {
            let (part_loss, gradients) = part?;
            loss += part_loss;
            if sums.is_empty() {
                sums = gradients;
                continue;
            }
            for (sum, gradient) in sums.iter_mut().flatten().zip(gradients.iter().flatten()) {
                *sum += gradient;
            }
        }
        self.optimiser.step(&self.parameters, sums, self.plan.rate(self.step))?;
        if self.step == 0 {
            self.loss_first = loss;
        }
        self.loss_last = loss;
        self.step += 1;
        Ok(loss)
    }

    /// The share of some windows in the mean loss of a step, and its derivatives in the order of the parameters.
    fn part(&self, windows: &[Vec<u32>], tokens: usize) -> Result<(f64, Vec<Vec<f32>>), TrainError> {
        let length = windows.first().map_or(1, Vec::len) - 1;
        let inputs: Vec<u32> = windows.iter().flat_map(|window| &window[..length]).copied().collect();
        let targets = windows.iter().flat_map(|window| &window[1..]).copied().collect();
        let inputs = Tensor::from_vec(inputs, (windows.len(), length), &Device::Cpu)?;
        let loss = (self.transformer.surprise(&inputs, targets)?.sum_all()? / tokens as f64)?;
        let gradients = loss.backward()?;
        let of = |(name, parameter): (&String, &candle_core::Var)| {
            let missing = || candle_core::Error::Msg(format!("{name} has no derivative"));
            gradients.get(parameter).ok_or_else(missing)?.flatten_all()?.to_vec1::<f32>()
        };
        let gradients = self.parameters.iter().map(of).collect::<candle_core::Result<_>>()?;
        Ok((f64::from(loss.to_scalar::<f32>()?), gradients))
    }

    fn checkpoint(&self, folder: &Path) -> Result<(), TrainError> {
        let checkpoint = Checkpoint {
            identity: self.identity.clone(),
            step: self.step,
            loss_first: self.loss_first,
            loss_last: self.loss_last,
            begin_loss: self.begin_loss,
        };
        checkpoint::write(folder, &checkpoint, &self.parameters, &self.optimiser)
    }
}

/// The tensors behind variables: what is set later shows in them.
fn tensors(parameters: &Parameters) -> BTreeMap<String, Tensor> {
    parameters.iter().map(|(name, parameter)| (name.clone(), parameter.as_tensor().clone())).collect()
}
