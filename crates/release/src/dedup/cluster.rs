//! From verified pairs to the rows that stand and the rows they stand for.

use std::collections::BTreeMap;

use super::{exchange::Pair, verify::Sameness};

/// A row that another row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The row left out.
    pub row: u64,
    /// The row that stands for it; it is kept.
    pub representative: u64,
    /// Why the two are the same.
    pub rule: Sameness,
}

/// The outcome of de-duplication. Rows that are neither removed nor stand for others are not held, so memory
/// grows with the duplicates alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clusters {
    removed: Vec<Removed>,
    weights: BTreeMap<u64, u32>,
}

impl Clusters {
    /// Chooses representatives from pairs that were verified the same; their order does not matter.
    ///
    /// Rows are taken in ascending order. A row goes if a *kept* row before it is the same as it, and the
    /// lowest such row stands for it. Sameness drifts along a chain (A like B, B like C, C not like A), so a
    /// pair with a removed row is never trusted for that row's representative: `same` is asked about the two
    /// directly, at most once for each pair given.
    pub fn new(mut pairs: Vec<(Pair, Sameness)>, mut same: impl FnMut(Pair) -> Option<Sameness>) -> Self {
        pairs.sort_unstable_by_key(|(pair, rule)| (pair.high, pair.low, *rule));
        pairs.dedup_by_key(|(pair, _)| *pair);
        let mut clusters = Self::default();
        for of_row in pairs.chunk_by(|(a, _), (b, _)| a.high == b.high) {
            if let Some(removed) = clusters.place(of_row, &mut same) {
                clusters.removed.push(removed);
                *clusters.weights.entry(removed.representative).or_insert(1) += 1;
            }
        }
        clusters
    }

    fn place(
        &self,
        pairs: &[(Pair, Sameness)],
        same: &mut impl FnMut(Pair) -> Option<Sameness>,
    ) -> Option<Removed> {
        let row = pairs.first()?.0.high;
        let known = |low| pairs.iter().find(|(pair, _)| pair.low == low).map(|(_, rule)| *rule);
        let mut standing: Vec<u64> =
            pairs.iter().map(|(pair, _)| self.representative(pair.low).unwrap_or(pair.low)).collect();
        standing.sort_unstable();
        standing.dedup();
        standing.into_iter().find_map(|representative| {
            let rule = known(representative).or_else(|| same(Pair { low: representative, high: row }))?;
            Some(Removed { row, representative, rule })
        })
    }

    /// The row that stands for `row`, if it was removed.
    pub fn representative(&self, row: u64) -> Option<u64> {
        self.removal(row).map(|removed| removed.representative)
    }

    /// Why and for whom `row` was removed, if it was.
    pub fn removal(&self, row: u64) -> Option<Removed> {
        let at = self.removed.binary_search_by_key(&row, |removed| removed.row).ok()?;
        Some(self.removed[at])
    }

    /// How many rows a kept row stands for, itself included; `None` for a removed row.
    pub fn weight(&self, row: u64) -> Option<u32> {
        if self.removal(row).is_some() {
            return None;
        }
        Some(self.weights.get(&row).copied().unwrap_or(1))
    }

    /// The removed rows, ascending.
    pub fn removed(&self) -> &[Removed] {
        &self.removed
    }
}
