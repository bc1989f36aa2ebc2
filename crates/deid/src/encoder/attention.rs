//! Attention (Vaswani et al. 2017): what each piece of a window takes from the others.

use super::base::WIDTH;
use super::compiled::{SIDE_BY_SIDE, highest, sum, widely};
use super::window::WINDOW_PIECES;
use crate::names::crf::exponential;

const HEADS: usize = 12;
const HEAD_WIDTH: usize = WIDTH / HEADS;
/// A row of queries, keys and values.
pub(super) const LOOKING: usize = 3 * WIDTH;

/// The keys of a head, a row for each of their numbers, and its values, a row for each piece.
struct Seen {
    keys: [[f32; WINDOW_PIECES]; HEAD_WIDTH],
    values: [[f32; HEAD_WIDTH]; WINDOW_PIECES],
}

/// What the pieces of one window take; `looking` holds their queries, keys and values, side by side.
pub(super) fn attend(looking: &[f32], taken: &mut [f32]) {
    let mut seen =
        Seen { keys: [[0.0; WINDOW_PIECES]; HEAD_WIDTH], values: [[0.0; HEAD_WIDTH]; WINDOW_PIECES] };
    widely(
        #[inline(always)]
        || {
            let pieces = looking.len() / LOOKING;
            for head in 0..HEADS {
                for (piece, row) in looking.chunks_exact(LOOKING).enumerate() {
                    for (keys, key) in seen.keys.iter_mut().zip(part(row, 1, head)) {
                        keys[piece] = *key;
                    }
                    seen.values[piece] = *part(row, 2, head);
                }
                for (row, taken) in looking.chunks_exact(LOOKING).zip(taken.chunks_exact_mut(WIDTH)) {
                    let own = &mut taken[head * HEAD_WIDTH..(head + 1) * HEAD_WIDTH];
                    own.copy_from_slice(&seen.by(part(row, 0, head), pieces));
                }
            }
        },
    );
}

/// Queries, keys or values of a head.
#[inline(always)]
fn part(row: &[f32], kind: usize, head: usize) -> &[f32; HEAD_WIDTH] {
    const NONE: [f32; HEAD_WIDTH] = [0.0; HEAD_WIDTH];
    row[kind * WIDTH + head * HEAD_WIDTH..].first_chunk().unwrap_or(&NONE)
}

impl Seen {
    /// What one query takes.
    #[inline(always)]
    fn by(&self, query: &[f32; HEAD_WIDTH], pieces: usize) -> [f32; HEAD_WIDTH] {
        let mut shares = [0.0; WINDOW_PIECES];
        let padded = pieces.next_multiple_of(SIDE_BY_SIDE);
        let scale = (HEAD_WIDTH as f32).sqrt().recip();
        for (at, shares) in shares[..padded].as_chunks_mut::<SIDE_BY_SIDE>().0.iter_mut().enumerate() {
            let mut scores = [0.0; SIDE_BY_SIDE];
            for (number, keys) in query.iter().zip(&self.keys) {
                let keys = &keys[at * SIDE_BY_SIDE..(at + 1) * SIDE_BY_SIDE];
                scores.iter_mut().zip(keys).for_each(|(score, key)| *score += number * key);
            }
            *shares = scores.map(|score| score * scale);
        }
        let shares = &mut shares[..padded];
        shares[pieces..].fill(f32::MIN);
        let highest = highest(shares);
        shares.iter_mut().for_each(|score| *score = exponential(*score - highest));
        shares[pieces..].fill(0.0);
        let all = sum(
            shares,
            #[inline(always)]
            |share| share,
        );
        let mut taken = [0.0; HEAD_WIDTH];
        for (share, values) in shares.iter().zip(&self.values[..pieces]) {
            taken.iter_mut().zip(values).for_each(|(taken, value)| *taken += share * value);
        }
        taken.map(|taken| taken / all)
    }
}
