//! Sorting more records than memory holds: sorted runs in files, merged as they are read.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::File,
    io::{BufReader, BufWriter, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use rayon::slice::ParallelSliceMut;

use super::ExchangeError;

/// Two numbers; sorted by the first, then the second.
pub(crate) type Record = [u64; 2];

const RECORD_BYTES: usize = size_of::<Record>();
/// Fewest records held before a run is written; below this, files are all overhead.
const RECORDS_MIN: usize = 256;
/// Runs merged at once; more are first merged into longer ones.
const RUNS_MAX: usize = 64;
/// Read and write buffer of one run, in bytes.
const BUFFER_BYTES: usize = 1 << 16;

/// Takes records in any order and gives them back sorted, holding no more than a budget in memory.
pub(crate) struct Spill {
    directory: PathBuf,
    name: &'static str,
    held: Vec<Record>,
    held_max: usize,
    runs: Vec<Run>,
    runs_written: usize,
}

impl Spill {
    pub(crate) fn new(directory: &Path, name: &'static str, memory_bytes: usize) -> Self {
        let held_max = (memory_bytes / RECORD_BYTES).max(RECORDS_MIN);
        Self {
            directory: directory.into(),
            name,
            held: Vec::new(),
            held_max,
            runs: Vec::new(),
            runs_written: 0,
        }
    }

    pub(crate) fn push(&mut self, record: Record) -> Result<(), ExchangeError> {
        if self.held.len() == self.held_max {
            self.write_run()?;
        }
        if self.held.len() == self.held.capacity() {
            // Doubling past the budget would break it at the last step.
            let more = self.held.capacity().max(RECORDS_MIN).min(self.held_max - self.held.len());
            self.held.reserve_exact(more);
        }
        self.held.push(record);
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<Sorted, ExchangeError> {
        if self.runs.is_empty() {
            self.held.par_sort_unstable();
            return Ok(Sorted::Held(self.held.into_iter()));
        }
        self.write_run()?;
        self.held = Vec::new();
        Merge::of(self.runs).map(Sorted::Merged)
    }

    fn write_run(&mut self) -> Result<(), ExchangeError> {
        self.held.par_sort_unstable();
        let path = self.next_path();
        let run = Run::write(path, self.held.drain(..).map(Ok))?;
        self.runs.push(run);
        if self.runs.len() == RUNS_MAX {
            let path = self.next_path();
            let merged = Run::write(path, Merge::of(std::mem::take(&mut self.runs))?)?;
            self.runs.push(merged);
        }
        Ok(())
    }

    fn next_path(&mut self) -> PathBuf {
        self.runs_written += 1;
        self.directory.join(format!("{}-{:06}.run", self.name, self.runs_written))
    }
}

/// Records in order, from memory or from files.
pub(crate) enum Sorted {
    Held(std::vec::IntoIter<Record>),
    Merged(Merge),
}

impl Iterator for Sorted {
    type Item = Result<Record, ExchangeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Sorted::Held(records) => records.next().map(Ok),
            Sorted::Merged(merge) => merge.next(),
        }
    }
}

/// A file of sorted records, removed when dropped.
struct Run {
    path: PathBuf,
}

impl Drop for Run {
    fn drop(&mut self) {
        // It holds keyed hashes and row numbers only, and its folder goes with the build.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Run {
    fn write(
        path: PathBuf,
        records: impl Iterator<Item = Result<Record, ExchangeError>>,
    ) -> Result<Self, ExchangeError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| ExchangeError::Write { path, source }
        };
        let file = File::create_new(&path).map_err(failed(&path))?;
        let run = Run { path };
        let mut writer = BufWriter::with_capacity(BUFFER_BYTES, file);
        for record in records {
            let [first, second] = record?;
            let mut bytes = [0; RECORD_BYTES];
            bytes[..8].copy_from_slice(&first.to_le_bytes());
            bytes[8..].copy_from_slice(&second.to_le_bytes());
            writer.write_all(&bytes).map_err(failed(&run.path))?;
        }
        writer.flush().map_err(failed(&run.path))?;
        Ok(run)
    }
}

/// A run being read.
struct Reading {
    reader: BufReader<File>,
    run: Run,
}

impl Reading {
    fn open(run: Run) -> Result<Self, ExchangeError> {
        match File::open(&run.path) {
            Ok(file) => Ok(Self { reader: BufReader::with_capacity(BUFFER_BYTES, file), run }),
            Err(source) => Err(ExchangeError::Read { path: run.path.clone(), source }),
        }
    }

    fn next(&mut self) -> Result<Option<Record>, ExchangeError> {
        let (mut first, mut second) = ([0; 8], [0; 8]);
        match self.reader.read_exact(&mut first) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(source) => return Err(ExchangeError::Read { path: self.run.path.clone(), source }),
        }
        self.reader
            .read_exact(&mut second)
            .map_err(|source| ExchangeError::Read { path: self.run.path.clone(), source })?;
        Ok(Some([u64::from_le_bytes(first), u64::from_le_bytes(second)]))
    }
}

/// Merges sorted runs.
pub(crate) struct Merge {
    runs: Vec<Reading>,
    heads: BinaryHeap<Reverse<(Record, usize)>>,
}

impl Merge {
    fn of(runs: Vec<Run>) -> Result<Self, ExchangeError> {
        let mut merge = Self { runs: Vec::with_capacity(runs.len()), heads: BinaryHeap::new() };
        for (index, run) in runs.into_iter().enumerate() {
            let mut reading = Reading::open(run)?;
            if let Some(record) = reading.next()? {
                merge.heads.push(Reverse((record, index)));
            }
            merge.runs.push(reading);
        }
        Ok(merge)
    }
}

impl Iterator for Merge {
    type Item = Result<Record, ExchangeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut head = self.heads.peek_mut()?;
        let Reverse((record, index)) = *head;
        match self.runs[index].next() {
            Ok(Some(next)) => *head = Reverse((next, index)),
            Ok(None) => {
                std::collections::binary_heap::PeekMut::pop(head);
            }
            Err(error) => return Some(Err(error)),
        }
        Some(Ok(record))
    }
}
