//! A trained model in memory: letting it speak, and asking how likely it finds a text.

use std::ops::ControlFlow;
use std::path::PathBuf;

use candor_conversation::{Kind, Message};
use rayon::prelude::*;

use crate::card::Card;
use crate::generate::{Reply, Sampling, generate};
use crate::likelihood::{Likelihood, score, surprises};
use crate::load::Row;
use crate::transformer::Transformer;
use crate::vocabulary::Vocabulary;

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file of the model could not be read, written or moved.
    #[error("{doing} {path}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The folder that was to be made exists.
    #[error("{0} exists\nhint: models never change; choose another name or folder")]
    Exists(PathBuf),
    /// A file is not what its name says.
    #[error("{file} is malformed: {reason}")]
    Malformed {
        /// The file.
        file: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The model is not what its statement says.
    #[error("model")]
    Verify(#[from] crate::artifact::VerifyModelError),
    /// A role that has no mark.
    #[error("no turn speaks as `{0}`\nhint: a role is system, user, assistant or tool")]
    Role(String),
    /// The vocabulary cannot be made or read.
    #[error("vocabulary: {0}")]
    Vocabulary(String),
    /// Numbers that do not fill a matrix.
    #[error("compute")]
    Arithmetic(#[from] ndarray::ShapeError),
    /// Numbers that cannot be written down.
    #[error("write numbers")]
    Numbers(#[from] safetensors::SafeTensorError),
}

impl ModelError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            ModelError::File { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Kind::NotFound
            }
            ModelError::File { .. } => Kind::Unavailable,
            ModelError::Exists(_) => Kind::Conflict,
            ModelError::Malformed { .. } | ModelError::Role(_) => Kind::Invalid,
            ModelError::Verify(error) => error.kind(),
            ModelError::Vocabulary(_) | ModelError::Arithmetic(_) | ModelError::Numbers(_) => Kind::Internal,
        }
    }
}

/// A trained model in memory. It can be shared between threads.
pub struct Model {
    transformer: Transformer,
    vocabulary: Vocabulary,
    card: Card,
}

impl Model {
    pub(crate) fn new(transformer: Transformer, vocabulary: Vocabulary, card: Card) -> Self {
        Self { transformer, vocabulary, card }
    }

    /// What it was made from and how.
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// Continues a conversation as the assistant; `on_text` gets each piece of text as it comes and may stop it.
    ///
    /// A conversation that is longer than the model sees at once loses its front.
    ///
    /// # Errors
    /// When a message has a role we do not know, or the arithmetic fails.
    pub fn reply(
        &self,
        messages: &[Message],
        sampling: &Sampling,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Reply, ModelError> {
        let prompt = self.vocabulary.encode_prompt(messages)?;
        generate((&self.transformer, &self.vocabulary), &prompt, sampling, on_text)
    }

    /// How likely the model finds the messages from number `from` on, each given all before it.
    ///
    /// # Errors
    /// When a message has a role we do not know, or the arithmetic fails.
    pub fn likelihood(&self, messages: &[Message], from: usize) -> Result<Likelihood, ModelError> {
        score(&self.transformer, &self.vocabulary, messages, from)
    }

    /// How likely the model finds each of some conversations, in their order.
    ///
    /// # Errors
    /// As [`Self::likelihood`].
    pub fn likelihoods(&self, rows: &[&Row]) -> Result<Vec<Likelihood>, ModelError> {
        rows.par_iter().map(|row| self.likelihood(&row.messages, 0)).collect()
    }

    /// The tokens of a conversation, and of each but the first its negative log-likelihood in nats, given those before
    /// it: by these another program can check that it reads vocabulary and numbers as we do.
    ///
    /// # Errors
    /// When a message has a role we do not know, or the arithmetic fails.
    pub fn surprises(&self, messages: &[Message]) -> Result<(Vec<u32>, Vec<f32>), ModelError> {
        let tokens = self.vocabulary.encode(messages)?.tokens;
        let surprises = surprises(&self.transformer, &tokens)?;
        Ok((tokens, surprises))
    }

    pub(crate) fn transformer(&self) -> &Transformer {
        &self.transformer
    }

    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }
}
