//! The exchange and what follows from it: candidates verified exactly, each removed row with its stand-in.

use rayon::prelude::*;

use super::{BuildError, Progress, Run};
use crate::dedup::{Clusters, Folded, Pair, Sameness, Verdict, verify};
use crate::spill::SpillError;

/// Candidate pairs that are verified at a time.
const PAIR_BATCH: usize = 16_384;

impl Run<'_> {
    /// Verifies every candidate pair and chooses who stands for whom.
    pub(super) fn dedupe(&mut self, progress: &(dyn Fn(Progress) + Sync)) -> Result<Clusters, BuildError> {
        let exchange = self.exchange.take();
        let exchange = exchange.ok_or_else(|| BuildError::Contradiction("de-duplicated twice".into()))?;
        let mut candidates = exchange.finish()?;
        let mut same = Vec::new();
        let mut done = 0;
        loop {
            let pairs = candidates.next_batch(PAIR_BATCH)?;
            if pairs.is_empty() {
                break;
            }
            let verified: Vec<Result<Option<(Pair, Sameness)>, SpillError>> = pairs
                .par_iter()
                .map(|pair| Ok(self.sameness(*pair)?.map(|sameness| (*pair, sameness))))
                .collect();
            for verdict in verified {
                same.extend(verdict?);
            }
            done += pairs.len() as u64;
            progress(Progress { stage: "compare candidates", done, total: 0 });
        }
        let mut failure = None;
        let clusters = Clusters::new(same, |pair| {
            self.sameness(pair).unwrap_or_else(|error| {
                failure = Some(error);
                None
            })
        });
        match failure {
            Some(error) => Err(error.into()),
            None => Ok(clusters),
        }
    }

    fn sameness(&self, pair: Pair) -> Result<Option<Sameness>, SpillError> {
        let low = Folded::new(&self.rows.read(pair.low as usize)?);
        let high = Folded::new(&self.rows.read(pair.high as usize)?);
        let exact_only = !self.plan.near_duplicates;
        Ok(match verify(&low, &high, &self.word_counts) {
            Verdict::Same(sameness) if exact_only && sameness != Sameness::Folded => None,
            Verdict::Same(sameness) => Some(sameness),
            Verdict::Distinct(_) => None,
        })
    }
}
