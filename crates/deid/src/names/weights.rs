//! The stored form of the model: a header, the transition weights, the table of weights, the list of words.

use super::crf::{Crf, LANES, Weights};
use super::features::ROWS;
use super::lexicon::Lexicon;

const MAGIC: &[u8; 8] = b"CNDNAMES";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 16;

/// Writes a model. All numbers are little-endian.
pub fn write(weights: &Weights, entries: &[u64]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER_BYTES + (LANES + ROWS) * LANES + entries.len() * 8);
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    out.extend(weights.unit.to_le_bytes());
    for row in weights.steps.iter().chain(&weights.rows) {
        out.extend(row.iter().map(|weight| *weight as u8));
    }
    out.extend(entries.iter().flat_map(|entry| entry.to_le_bytes()));
    out
}

/// Reads a model; `None` where the bytes are no such file.
pub fn read(bytes: &[u8]) -> Option<(Crf, Lexicon)> {
    let (header, rest) = bytes.split_at_checked(HEADER_BYTES)?;
    let version = u32::from_le_bytes(header[8..12].try_into().ok()?);
    if &header[..8] != MAGIC || version != VERSION {
        return None;
    }
    let unit = f32::from_le_bytes(header[12..16].try_into().ok()?);
    let (table, entries) = rest.split_at_checked((LANES + ROWS) * LANES)?;
    let (table, _) = table.as_chunks::<LANES>();
    let mut rows = table.iter().map(|row| row.map(|byte| byte as i8));
    let mut steps = [[0; LANES]; LANES];
    for (step, row) in steps.iter_mut().zip(&mut rows) {
        *step = row;
    }
    let (entries, left) = entries.as_chunks::<8>();
    let lexicon = Lexicon::new(entries.iter().map(|entry| u64::from_le_bytes(*entry)));
    let crf = Crf::new(Weights { rows: rows.collect(), steps, unit })?;
    left.is_empty().then_some((crf, lexicon))
}
