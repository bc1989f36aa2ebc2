//! Products of rows and matrices in whole numbers.
//!
//! A row is put into 255 steps of its own when it is multiplied, the matrix was when it was installed. Sums of whole
//! numbers are exact, so a product has the same bits on every machine and whatever rows it is made with.

use rten_gemm::{GemmError, GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_tensor::NdTensorView;

use super::compiled::{bounds, widely};

/// The largest level of a matrix. Two products of a row's level and it fit 16 bits, with which machines without
/// instructions for this add them.
pub(super) const MATRIX_LEVEL_MAX: i8 = 63;
/// The largest level of a row.
const ROW_LEVEL_MAX: f32 = 255.0;
/// Added to a number below 2^22, it leaves the nearest whole number in the last bits.
const ROUNDING: f32 = 12_582_912.0;

/// Rows in levels.
pub(super) struct Levels {
    bytes: Vec<u8>,
    /// Each row's level of 0, and how much a level is.
    units: Vec<(i32, f32)>,
}

impl Levels {
    fn with_rows(rows: usize, width: usize) -> Self {
        Self { bytes: vec![0; rows * width], units: vec![(0, 0.0); rows] }
    }

    /// Rows of a width, which is a multiple of [`super::compiled::SIDE_BY_SIDE`].
    pub(super) fn of(numbers: &[f32], width: usize) -> Self {
        let mut made = Self::with_rows(numbers.len() / width, width);
        widely(
            #[inline(always)]
            || {
                for (at, row) in numbers.chunks_exact(width).enumerate() {
                    made.put(at, row);
                }
            },
        );
        made
    }

    /// Writes a row.
    #[inline(always)]
    fn put(&mut self, at: usize, row: &[f32]) {
        let (low, high) = bounds(row);
        let step = (high - low).max(f32::MIN_POSITIVE) / ROW_LEVEL_MAX;
        let (zero, each) = ((-low / step).round(), 1.0 / step);
        for (byte, number) in self.bytes[at * row.len()..(at + 1) * row.len()].iter_mut().zip(row) {
            let level = number * each + zero;
            let level = if level > 0.0 { level } else { 0.0 };
            let level = if level < ROW_LEVEL_MAX { level } else { ROW_LEVEL_MAX };
            *byte = (level + ROUNDING).to_bits() as u8;
        }
        self.units[at] = (zero as i32, step);
    }
}

/// What multiplies here, and room for its sums, which is used again from product to product.
#[derive(Default)]
pub(super) struct Multiplier {
    product: GemmExecutor<u8, i8, i32>,
    sums: Vec<i32>,
}

/// A matrix, and what is added to a row times it.
pub(super) struct Linear {
    packed: PackedBMatrix<i8>,
    /// The sum of each output's levels, which is how often a row's level of 0 is taken off again.
    levels: Vec<i32>,
    /// How much a level of each output is.
    steps: Vec<f32>,
    bias: Vec<f32>,
}

impl Linear {
    /// From a row of levels for each output, none above [`MATRIX_LEVEL_MAX`].
    pub(super) fn new(levels: &[i8], steps: Vec<f32>, bias: Vec<f32>) -> Self {
        let inputs = levels.len() / steps.len();
        let rows = NdTensorView::from_data([steps.len(), inputs], levels);
        let packed = Multiplier::default().product.prepack_b(rows.transposed());
        let levels = levels.chunks_exact(inputs).map(|row| row.iter().map(|level| i32::from(*level)).sum());
        Self { packed, levels: levels.collect(), steps, bias }
    }

    /// Each row times the matrix, and the bias, into `into`.
    pub(super) fn times(
        &self,
        x: &Levels,
        by: &mut Multiplier,
        into: &mut Vec<f32>,
    ) -> Result<(), GemmError> {
        let sums = self.sums(x, by)?;
        into.resize(sums.len(), 0.0);
        widely(
            #[inline(always)]
            || {
                self.each(
                    x,
                    sums,
                    into,
                    #[inline(always)]
                    |_, found| found,
                )
            },
        );
        Ok(())
    }

    /// Adds each row times the matrix, and the bias, to `to`.
    pub(super) fn add(&self, x: &Levels, by: &mut Multiplier, to: &mut [f32]) -> Result<(), GemmError> {
        let sums = self.sums(x, by)?;
        widely(
            #[inline(always)]
            || {
                self.each(
                    x,
                    sums,
                    to,
                    #[inline(always)]
                    |before, found| before + found,
                )
            },
        );
        Ok(())
    }

    /// Each row times the matrix, and the bias, bent, in levels.
    pub(super) fn bent(&self, x: &Levels, by: &mut Multiplier) -> Result<Levels, GemmError> {
        let sums = self.sums(x, by)?;
        let outputs = self.steps.len();
        let mut made = Levels::with_rows(x.units.len(), outputs);
        let mut room = vec![0.0; outputs];
        widely(
            #[inline(always)]
            || {
                for (at, (sums, unit)) in sums.chunks_exact(outputs).zip(&x.units).enumerate() {
                    self.row(
                        sums,
                        *unit,
                        &mut room,
                        #[inline(always)]
                        |_, found| bent(found),
                    );
                    made.put(at, &room);
                }
            },
        );
        Ok(made)
    }

    /// Each row times the matrix, in levels of both.
    fn sums<'m>(&self, x: &Levels, by: &'m mut Multiplier) -> Result<&'m [i32], GemmError> {
        let rows = x.units.len();
        by.sums.resize(rows * self.steps.len(), 0);
        let x = NdTensorView::from_data([rows, self.packed.rows()], &x.bytes[..]);
        by.product.gemm(
            &mut by.sums,
            GemmInputA::Unpacked(x),
            GemmInputB::Packed(&self.packed),
            GemmOptions::default(),
        )?;
        Ok(&by.sums)
    }

    #[inline(always)]
    fn each(&self, x: &Levels, sums: &[i32], into: &mut [f32], put: impl Fn(f32, f32) -> f32 + Copy) {
        let outputs = self.steps.len();
        let rows = into.chunks_exact_mut(outputs).zip(sums.chunks_exact(outputs));
        for ((into, sums), unit) in rows.zip(&x.units) {
            self.row(sums, *unit, into, put);
        }
    }

    #[inline(always)]
    fn row(&self, sums: &[i32], (zero, step): (i32, f32), into: &mut [f32], put: impl Fn(f32, f32) -> f32) {
        let own = self.levels.iter().zip(self.steps.iter().zip(&self.bias));
        for ((number, sum), (levels, (own, bias))) in into.iter_mut().zip(sums).zip(own) {
            *number = put(*number, (sum - zero * levels) as f32 * (step * own) + bias);
        }
    }
}

/// Beyond this the curve is a line.
const BENT_TO: f32 = 4.5;
/// The curve's distance from the two lines, |x|·Φ(-|x|), as a polynomial of |x|, [`BENT_TO`] being put to 1 and 0 to -1: the best
/// of its degree at Chebyshev's points.
const BEND: [f32; 11] = [
    0.027_499_035,
    -0.133_017_06,
    0.246_478_56,
    -0.147_540_8,
    -0.201_935_13,
    0.436_025_23,
    -0.208_082_44,
    -0.178_053_23,
    0.180_277_76,
    0.022_584_05,
    -0.044_236_016,
];

/// x·Φ(x), where Φ is the normal distribution (GELU: Hendrycks and Gimpel 2016), off by less than 2e-5.
#[inline(always)]
fn bent(x: f32) -> f32 {
    let size = x.abs();
    let size = if size < BENT_TO { size } else { BENT_TO };
    let place = size * (2.0 / BENT_TO) - 1.0;
    let bend = BEND.iter().rev().fold(0.0, |sum, factor| sum * place + factor);
    let line = if x > 0.0 { x } else { 0.0 };
    line - bend
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_curve_is_that_of_the_normal_distribution() {
        // Φ by Simpson's rule, from far below.
        let density = |x: f64| (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt();
        let (step, mut below) = (1.0 / 256.0, 0.0);
        for entry in -2048..2048 {
            let x = f64::from(entry) * step;
            assert!((f64::from(bent(x as f32)) - x * below).abs() < 2e-5, "{x}");
            below += (density(x) + 4.0 * density(x + step / 2.0) + density(x + step)) * step / 6.0;
        }
    }

    proptest! {
        #[test]
        fn a_product_is_near_the_exact_one_and_does_not_know_the_other_rows(
            rows in proptest::collection::vec(proptest::collection::vec(-9.0_f32..9.0, 64), 1..40),
            seed in 0_u32..1000,
        ) {
            let level = |at: u32| (at.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 20) as i32 % 127 - 63;
            let levels: Vec<i8> = (0..64 * 48).map(|at| level(at) as i8).collect();
            let matrix = Linear::new(&levels, vec![0.01; 48], vec![0.5; 48]);
            let (mut by, mut together) = (Multiplier::default(), Vec::new());
            let all = rows.concat();
            matrix.times(&Levels::of(&all, 64), &mut by, &mut together).unwrap();
            for (row, found) in rows.iter().zip(together.chunks_exact(48)) {
                let mut alone = Vec::new();
                matrix.times(&Levels::of(row, 64), &mut by, &mut alone).unwrap();
                prop_assert_eq!(&alone, found);
                for (levels, found) in levels.chunks_exact(64).zip(found) {
                    let exact: f32 = row.iter().zip(levels).map(|(x, level)| x * f32::from(*level) * 0.01).sum();
                    // Each number of the row is off by half a step of at most 18 / 255.
                    prop_assert!((exact + 0.5 - found).abs() <= 64.0 * 0.63 * 0.036, "{} {}", exact, found);
                }
            }
        }
    }
}
