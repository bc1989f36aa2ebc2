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
            // Pairs come in order: those that share their lower row are compared by one task, which reads it once.
            let verified: Vec<Result<Vec<(Pair, Sameness)>, SpillError>> =
                pairs.par_chunk_by(|a, b| a.low == b.low).map(|pairs| self.same(pairs)).collect();
            for same_pairs in verified {
                same.extend(same_pairs?);
            }
            done += pairs.len() as u64;
            progress(Progress { stage: "compare candidates", done, total: 0 });
        }
        let mut failure = None;
        let clusters = Clusters::new(same, |pair| match self.same(&[pair]) {
            Ok(same) => same.first().map(|(_, sameness)| *sameness),
            Err(error) => {
                failure = Some(error);
                None
            }
        });
        match failure {
            Some(error) => Err(error.into()),
            None => Ok(clusters),
        }
    }

    /// Those of some pairs with one lower row that say the same, and why.
    fn same(&self, pairs: &[Pair]) -> Result<Vec<(Pair, Sameness)>, SpillError> {
        let Some(first) = pairs.first() else { return Ok(Vec::new()) };
        let low = Folded::new(&self.rows.read(first.low as usize)?);
        let mut same = Vec::new();
        for pair in pairs {
            let high = Folded::new(&self.rows.read(pair.high as usize)?);
            let allowed = |sameness: &Sameness| self.plan.near_duplicates || *sameness == Sameness::Folded;
            if let Verdict::Same(sameness) = verify(&low, &high, &self.word_counts) {
                same.extend(Some(sameness).filter(allowed).map(|sameness| (*pair, sameness)));
            }
        }
        Ok(same)
    }
}
