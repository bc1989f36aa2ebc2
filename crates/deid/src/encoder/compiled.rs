//! Loops over many numbers, compiled once for each set of instructions that a machine may have.
//!
//! The results have the same bits with each of them: no sum runs in another order, and no product is fused with a sum.

use rten_simd::{Isa, SimdOp};

/// Sums that run side by side, so that a loop over numbers can take as many at a time.
pub(super) const SIDE_BY_SIDE: usize = 16;

/// Runs a loop with the widest instructions of this machine. What it calls must be inlined into it.
pub(super) fn widely(work: impl FnOnce()) {
    Loop(work).dispatch();
}

struct Loop<F>(F);

impl<F: FnOnce()> SimdOp for Loop<F> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, _: I) {
        (self.0)();
    }
}

/// The sum of what each number gives; their count is a multiple of [`SIDE_BY_SIDE`].
#[inline(always)]
pub(super) fn sum(numbers: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut sums = [0.0; SIDE_BY_SIDE];
    for some in numbers.as_chunks::<SIDE_BY_SIDE>().0 {
        sums.iter_mut().zip(some).for_each(|(sum, number)| *sum += of(*number));
    }
    sums.iter().sum()
}

/// The smallest and the largest number, and 0; their count is a multiple of [`SIDE_BY_SIDE`].
#[inline(always)]
pub(super) fn bounds(numbers: &[f32]) -> (f32, f32) {
    let (mut low, mut high) = ([0.0; SIDE_BY_SIDE], [0.0; SIDE_BY_SIDE]);
    for some in numbers.as_chunks::<SIDE_BY_SIDE>().0 {
        for ((low, high), number) in low.iter_mut().zip(&mut high).zip(some) {
            *low = if *number < *low { *number } else { *low };
            *high = if *number > *high { *number } else { *high };
        }
    }
    (low.into_iter().fold(0.0, f32::min), high.into_iter().fold(0.0, f32::max))
}

/// The largest number; their count is a multiple of [`SIDE_BY_SIDE`].
#[inline(always)]
pub(super) fn highest(numbers: &[f32]) -> f32 {
    let mut high = [f32::MIN; SIDE_BY_SIDE];
    for some in numbers.as_chunks::<SIDE_BY_SIDE>().0 {
        for (high, number) in high.iter_mut().zip(some) {
            *high = if *number > *high { *number } else { *high };
        }
    }
    high.into_iter().fold(f32::MIN, f32::max)
}
