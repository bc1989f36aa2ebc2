//! How likely a model finds a text.

use candor_conversation::Message;

use crate::model::ModelError;
use crate::transformer::Transformer;
use crate::vocabulary::{Encoded, Vocabulary};

/// How likely a model finds a text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Likelihood {
    /// Negative log-likelihood of the scored tokens, in nats.
    pub nats: f64,
    /// Tokens scored: those of the texts, and the end of each turn.
    pub tokens: usize,
    /// Bytes of text scored.
    pub bytes: usize,
}

impl Likelihood {
    /// Negative log-likelihood in bits.
    pub fn bits(&self) -> f64 {
        self.nats / std::f64::consts::LN_2
    }

    /// Bits for each byte of text.
    pub fn bits_per_byte(&self) -> f64 {
        self.bits() / self.bytes.max(1) as f64
    }
}

impl std::ops::Add for Likelihood {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            nats: self.nats + other.nats,
            tokens: self.tokens + other.tokens,
            bytes: self.bytes + other.bytes,
        }
    }
}

/// Scores the messages from number `from` on, each given all before it.
///
/// A conversation longer than the model sees is read in windows that overlap by half, so that every token has at
/// least half a window before it, and is scored once.
pub(crate) fn score(
    transformer: &Transformer,
    vocabulary: &Vocabulary,
    messages: &[Message],
    from: usize,
) -> Result<Likelihood, ModelError> {
    let encoded = vocabulary.encode(messages)?;
    let surprises = surprises(transformer, &encoded.tokens)?;
    let Encoded { messages: of, .. } = encoded;
    let counts = |at: &usize| of[at + 1].is_some_and(|message| message as usize >= from);
    let scored: Vec<usize> = (0..surprises.len()).filter(counts).collect();
    Ok(Likelihood {
        nats: scored.iter().map(|at| f64::from(surprises[*at])).sum(),
        tokens: scored.len(),
        bytes: messages.iter().skip(from).map(|message| message.content.len()).sum(),
    })
}

/// Negative log-likelihood in nats of each token but the first, given those before it.
pub(crate) fn surprises(transformer: &Transformer, tokens: &[u32]) -> Result<Vec<f32>, ModelError> {
    let context = transformer.shape().context;
    let mut surprises: Vec<f32> = Vec::with_capacity(tokens.len().saturating_sub(1));
    while surprises.len() + 1 < tokens.len() {
        let start = match surprises.len() {
            0 => 0,
            done => (done + context / 2).min(tokens.len() - 1).saturating_sub(context),
        };
        let end = (start + context).min(tokens.len() - 1);
        let window = transformer.surprises(&tokens[start..end], &tokens[start + 1..=end])?;
        surprises.extend(&window[surprises.len() - start..]);
    }
    Ok(surprises)
}
