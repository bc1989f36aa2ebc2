//! The order in which text is learned: each epoch puts the rows in another order, one after the other, and cuts
//! them into windows of the model's length. Which windows a step has follows from its number alone.

use candor_conversation::Message;

use crate::chance::Chance;
use crate::load::Row;
use crate::model::ModelError;
use crate::vocabulary::Vocabulary;

/// The rows as tokens.
pub(super) struct Windows {
    rows: Vec<Vec<u32>>,
    context: usize,
    seed: u64,
    tokens: usize,
}

impl Windows {
    pub(super) fn new(
        rows: &[&Row],
        vocabulary: &Vocabulary,
        context: usize,
        seed: u64,
    ) -> Result<Self, ModelError> {
        let encode = |messages: &[Message]| Ok(vocabulary.encode(messages)?.tokens);
        let rows = rows.iter().map(|row| encode(&row.messages)).collect::<Result<Vec<_>, ModelError>>()?;
        let tokens = rows.iter().map(Vec::len).sum();
        Ok(Self { rows, context, seed, tokens })
    }

    /// Tokens of an epoch.
    pub(super) fn tokens(&self) -> usize {
        self.tokens
    }

    /// The windows of a step; each has one token more than the context, since each token but the first is to be
    /// foreseen.
    pub(super) fn batch(&self, step: u32, size: usize) -> Vec<Vec<u32>> {
        let in_epoch = self.tokens.div_ceil(self.context).max(1);
        let first = step as usize * size;
        let mut order = (usize::MAX, Vec::new());
        let window = |at: usize| {
            let epoch = at / in_epoch;
            if order.0 != epoch {
                order = (epoch, self.order(epoch));
            }
            self.window(&order.1, at % in_epoch * self.context)
        };
        (first..first + size).map(window).collect()
    }

    fn order(&self, epoch: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        Chance::new(self.seed, "order", epoch as u64).shuffle(&mut order);
        order
    }

    /// Tokens from a place of an epoch on; after the last row comes the first again.
    fn window(&self, order: &[usize], start: usize) -> Vec<u32> {
        let mut skip = start % self.tokens;
        let mut window = Vec::with_capacity(self.context + 1);
        for row in order.iter().cycle().map(|row| &self.rows[*row]) {
            if window.len() > self.context {
                break;
            }
            let from = skip.min(row.len());
            skip -= from;
            let wanted = self.context + 1 - window.len();
            window.extend(row[from..].iter().take(wanted));
        }
        window
    }
}
