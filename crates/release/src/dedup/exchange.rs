//! From bands to candidate pairs, in bounded memory.
//!
//! The only thing exchanged is (band hash, row): keyed hashes and row numbers, nothing readable. Locally the
//! records are sorted, through files when they exceed the budget; a cluster would partition the same records
//! by band hash. Rows with an equal band hash form a bucket.

use std::path::{Path, PathBuf};

use candor_conversation::Kind;

use super::{
    BANDS,
    spill::{Record, Sorted, Spill},
};

/// Two rows that share a band. `low < high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    /// The smaller row number.
    pub low: u64,
    /// The larger row number.
    pub high: u64,
}

/// Reading or writing a run of sorted records went wrong.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// A run could not be written.
    #[error("write sorted run {path}\nhint: the build needs about 300 bytes of disk for each conversation there", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A run could not be read back.
    #[error("read sorted run {path}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl ExchangeError {
    /// What to do next: in both cases, mend the disk and build again.
    pub fn kind(&self) -> Kind {
        match self {
            ExchangeError::Write { .. } | ExchangeError::Read { .. } => Kind::Unavailable,
        }
    }
}

/// Rows of a bucket that later rows are paired with. In a bucket of at most this many rows every pair is
/// found; in a larger one the lowest rows stand for it, so that `n` rows cost `n * BUCKET_REPRESENTATIVES`
/// pairs and not `n²`. What is lost: two copies of each other that come after these in *every* bucket they
/// share. The bands are narrow (see the sketch), so that takes a pattern with many fillers.
pub const BUCKET_REPRESENTATIVES: usize = 24;

/// Collects the bands of all rows, then yields the candidate pairs.
///
/// The pairs are a function of the set of (row, bands) pushed: neither their order nor the memory budget
/// changes them.
pub struct Exchange {
    bands: Spill,
    pairs: Spill,
}

impl Exchange {
    /// An exchange that keeps about `memory_bytes` of records in memory (and, while it merges, up to 8 MiB of
    /// file buffers) and writes the rest to files in `directory`, which must exist and hold no other exchange.
    pub fn new(directory: &Path, memory_bytes: usize) -> Self {
        let third = memory_bytes / 3;
        Self {
            bands: Spill::new(directory, "bands", 2 * third),
            pairs: Spill::new(directory, "pairs", third),
        }
    }

    /// Adds one row's bands.
    pub fn push(&mut self, row: u64, bands: &[u64; BANDS]) -> Result<(), ExchangeError> {
        bands.iter().try_for_each(|&hash| self.bands.push([hash, row]))
    }

    /// Adds many rows' bands.
    pub fn push_all(&mut self, rows: &[(u64, [u64; BANDS])]) -> Result<(), ExchangeError> {
        rows.iter().try_for_each(|(row, bands)| self.push(*row, bands))
    }

    /// Pairs the rows of each bucket; sorts and de-duplicates the pairs.
    pub fn finish(self) -> Result<Candidates, ExchangeError> {
        let Self { bands, mut pairs } = self;
        let mut bucket = Bucket { hash: 0, last: None, representatives: Vec::new() };
        for record in bands.finish()? {
            bucket.add(record?, &mut pairs)?;
        }
        Ok(Candidates { sorted: pairs.finish()?, last: None })
    }
}

struct Bucket {
    hash: u64,
    last: Option<u64>,
    representatives: Vec<u64>,
}

impl Bucket {
    fn add(&mut self, [hash, row]: Record, pairs: &mut Spill) -> Result<(), ExchangeError> {
        if hash != self.hash {
            self.representatives.clear();
            self.last = None;
            self.hash = hash;
        }
        if self.last.replace(row) == Some(row) {
            return Ok(());
        }
        self.representatives.iter().try_for_each(|&low| pairs.push([low, row]))?;
        if self.representatives.len() < BUCKET_REPRESENTATIVES {
            self.representatives.push(row);
        }
        Ok(())
    }
}

/// The candidate pairs, each once, in ascending order.
pub struct Candidates {
    sorted: Sorted,
    last: Option<Record>,
}

impl Candidates {
    /// The next pairs, at most `count_max` of them; empty at the end.
    pub fn next_batch(&mut self, count_max: usize) -> Result<Vec<Pair>, ExchangeError> {
        self.by_ref().take(count_max).collect()
    }
}

impl Iterator for Candidates {
    type Item = Result<Pair, ExchangeError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.sorted.next()? {
                Ok(record) if self.last == Some(record) => {}
                Ok(record) => {
                    self.last = Some(record);
                    return Some(Ok(Pair { low: record[0], high: record[1] }));
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
