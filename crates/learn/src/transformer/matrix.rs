//! Products of matrices, which lie row by row in slices.

use std::ops::Range;

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, Axis, ShapeError};

/// `a` times the transpose of `b`, both with `inner` columns.
pub(super) fn times_transposed(a: &[f32], b: &[f32], inner: usize) -> Result<Vec<f32>, ShapeError> {
    let (a, b) = (rows(a, inner)?, rows(b, inner)?);
    let mut out = vec![0.0; a.nrows() * b.nrows()];
    general_mat_mul(1.0, &a, &b.t(), 0.0, &mut rows_mut(&mut out, b.nrows())?);
    Ok(out)
}

/// Adds to `out`, with `columns` columns, `a` times `b`; `a` has `inner` columns, and `b` as many rows.
pub(super) fn add_times(
    out: &mut [f32],
    (a, inner): (&[f32], usize),
    (b, columns): (&[f32], usize),
) -> Result<(), ShapeError> {
    general_mat_mul(1.0, &rows(a, inner)?, &rows(b, columns)?, 1.0, &mut rows_mut(out, columns)?);
    Ok(())
}

/// Adds to `out` the transpose of `a` times `b`; these are their columns, and they have as many rows.
pub(super) fn add_transposed_times(
    out: &mut [f32],
    (a, a_columns): (&[f32], usize),
    (b, b_columns): (&[f32], usize),
) -> Result<(), ShapeError> {
    general_mat_mul(1.0, &rows(a, a_columns)?.t(), &rows(b, b_columns)?, 1.0, &mut rows_mut(out, b_columns)?);
    Ok(())
}

/// Some columns of a matrix: what one head of attention sees of it.
pub(super) fn columns(
    x: &[f32],
    width: usize,
    columns: Range<usize>,
) -> Result<ArrayView2<'_, f32>, ShapeError> {
    let (_, from) = rows(x, width)?.split_at(Axis(1), columns.start);
    Ok(from.split_at(Axis(1), columns.len()).0)
}

/// The same, to write to.
pub(super) fn columns_mut(
    x: &mut [f32],
    width: usize,
    columns: Range<usize>,
) -> Result<ArrayViewMut2<'_, f32>, ShapeError> {
    let (_, from) = rows_mut(x, width)?.split_at(Axis(1), columns.start);
    Ok(from.split_at(Axis(1), columns.len()).0)
}

/// A matrix of `width` columns.
pub(super) fn rows(x: &[f32], width: usize) -> Result<ArrayView2<'_, f32>, ShapeError> {
    ArrayView2::from_shape((x.len() / width.max(1), width), x)
}

/// The same, to write to.
pub(super) fn rows_mut(x: &mut [f32], width: usize) -> Result<ArrayViewMut2<'_, f32>, ShapeError> {
    ArrayViewMut2::from_shape((x.len() / width.max(1), width), x)
}
