//! The whole de-duplication of one batch of single turns, as a caller puts the steps together.

use std::{collections::HashMap, path::Path};

use candor_conversation::Message;
use candor_release::dedup::{
    Clusters, Exchange, ExchangeError, Folded, Pair, Sameness, Sketcher, Verdict, WordCounts, verify,
};

/// Secret of the measured runs.
pub(crate) const KEY: [u8; 32] = [42; 32];
/// Memory of the word counts, in bytes.
const COUNTS_BYTES: usize = 16 << 20;

/// What a run did.
pub(crate) struct Outcome {
    pub(crate) clusters: Clusters,
    pub(crate) candidates: usize,
}

impl Outcome {
    /// For each of `rows` rows, the row that stands for it: itself if kept.
    pub(crate) fn standing(&self, rows: usize) -> Vec<usize> {
        (0..rows)
            .map(|row| self.clusters.representative(row as u64).map_or(row, |row| row as usize))
            .collect()
    }
}

/// De-duplicates `turns`, each a conversation of one message, in one thread.
pub(crate) fn deduplicate(
    turns: &[Vec<Message>],
    spill: &Path,
    memory_bytes: usize,
) -> Result<Outcome, ExchangeError> {
    let sketcher = Sketcher::new(&KEY);
    let mut counts = WordCounts::new(&KEY, COUNTS_BYTES);
    let mut exchange = Exchange::new(spill, memory_bytes);
    let mut first = HashMap::with_capacity(turns.len());
    let mut same = Vec::new();
    let mut kept: Vec<Option<Folded>> = Vec::with_capacity(turns.len());
    for (row, turn) in (0..).zip(turns) {
        let folded = Folded::new(turn);
        let low = *first.entry(sketcher.digest(&folded)).or_insert(row);
        if low < row {
            same.push((Pair { low, high: row }, Sameness::Folded));
            kept.push(None);
            continue;
        }
        counts.add(&folded);
        exchange.push(row, &sketcher.bands(&folded))?;
        kept.push(Some(folded));
    }
    drop(first);
    let mut candidates = 0;
    let compare = |pair: Pair| {
        let [low, high] = [pair.low, pair.high].map(|row| kept[row as usize].as_ref());
        let verdict = match (low, high) {
            (Some(low), Some(high)) => verify(low, high, &counts),
            _ => {
                let [low, high] = [pair.low, pair.high].map(|row| Folded::new(&turns[row as usize]));
                verify(&low, &high, &counts)
            }
        };
        match verdict {
            Verdict::Same(rule) => Some(rule),
            Verdict::Distinct(_) => None,
        }
    };
    for pair in exchange.finish()? {
        let pair = pair?;
        candidates += 1;
        same.extend(compare(pair).map(|rule| (pair, rule)));
    }
    let clusters = Clusters::new(same, compare);
    Ok(Outcome { clusters, candidates })
}

/// One conversation of one user message for each text.
pub(crate) fn conversations<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Vec<Message>> {
    texts.map(|text| vec![Message { role: "user".into(), content: text.into() }]).collect()
}
