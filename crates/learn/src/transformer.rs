//! A decoder-only transformer of the Llama kind (Touvron et al. 2023): normalisation before each part, rotary
//! positions, a gated feed-forward part, and one matrix for reading and writing tokens.
//!
//! The tensors have the names and the layout that Hugging Face gives this kind, so that its readers open the file.

mod ops;

use std::collections::{BTreeMap, HashMap};

use candle_core::{D, DType, Device, Result, Tensor, Var};

use crate::chance::Chance;
use crate::shape::ModelShape;

pub(crate) use ops::ROTARY_BASE;

/// Keeps normalisation from dividing by zero.
pub(crate) const NORM_EPSILON: f32 = 1e-5;
/// Spread of the first, random numbers.
const INITIAL_SPREAD: f32 = 0.02;

const EMBEDDING: &str = "model.embed_tokens.weight";
const FINAL_NORM: &str = "model.norm.weight";

/// Parameters by name, in the order of their names, which is the order of everything that is done to all of them.
pub(crate) type Parameters = BTreeMap<String, Var>;

/// The names and shapes of all parameters.
pub(crate) fn parameter_shapes(shape: &ModelShape) -> BTreeMap<String, Vec<usize>> {
    let (width, inner) = (shape.width, shape.inner_width);
    let mut shapes = BTreeMap::new();
    shapes.insert(EMBEDDING.to_owned(), vec![shape.vocabulary, width]);
    shapes.insert(FINAL_NORM.to_owned(), vec![width]);
    for layer in 0..shape.layers {
        let mut add = |name: &str, of: Vec<usize>| shapes.insert(format!("model.layers.{layer}.{name}"), of);
        for part in ["q", "k", "v", "o"] {
            add(&format!("self_attn.{part}_proj.weight"), vec![width, width]);
        }
        add("mlp.gate_proj.weight", vec![inner, width]);
        add("mlp.up_proj.weight", vec![inner, width]);
        add("mlp.down_proj.weight", vec![width, inner]);
        add("input_layernorm.weight", vec![width]);
        add("post_attention_layernorm.weight", vec![width]);
    }
    shapes
}

/// Random parameters: the same seed gives the same. What writes into the residual stream starts smaller the more
/// layers there are (Radford et al. 2019).
pub(crate) fn initial_parameters(shape: &ModelShape, chance: &mut Chance) -> Result<Parameters> {
    let residual_spread = INITIAL_SPREAD / (2.0 * shape.layers as f32).sqrt();
    let make = |(name, of): (String, Vec<usize>)| {
        let count = of.iter().product();
        let writes = name.ends_with("o_proj.weight") || name.ends_with("down_proj.weight");
        let spread = if writes { residual_spread } else { INITIAL_SPREAD };
        let numbers = match of.len() {
            1 => vec![1.0; count],
            _ => (0..count).map(|_| chance.normal() * spread).collect(),
        };
        Ok((name, Var::from_tensor(&Tensor::from_vec(numbers, of, &Device::Cpu)?)?))
    };
    parameter_shapes(shape).into_iter().map(make).collect()
}

/// The transformer: its shape and its parameters.
pub(crate) struct Transformer {
    shape: ModelShape,
    parameters: BTreeMap<String, Tensor>,
    embedding: Tensor,
    final_norm: Tensor,
    layers: Vec<Layer>,
}

struct Layer {
    query: Tensor,
    key: Tensor,
    value: Tensor,
    output: Tensor,
    gate: Tensor,
    up: Tensor,
    down: Tensor,
    attention_norm: Tensor,
    feed_forward_norm: Tensor,
}

/// Keys and values of the tokens read so far, for each layer.
#[derive(Default)]
pub(crate) struct Cache {
    layers: Vec<(Tensor, Tensor)>,
    tokens: usize,
}

impl Transformer {
    /// Puts parameters to use; a training step that sets a variable is seen at once.
    pub(crate) fn new(shape: ModelShape, parameters: BTreeMap<String, Tensor>) -> Result<Self> {
        let shapes = parameter_shapes(&shape);
        let tensor = |name: &str| {
            let wrong = || candle_core::Error::Msg(format!("parameter {name} is missing or has another shape"));
            let found = parameters.get(name).filter(|tensor| shapes.get(name).is_some_and(|of| tensor.dims() == of));
            found.filter(|tensor| tensor.dtype() == DType::F32).cloned().ok_or_else(wrong)
        };
        let layer = |layer: usize| {
            let tensor = |name: &str| tensor(&format!("model.layers.{layer}.{name}.weight"));
            Ok(Layer {
                query: tensor("self_attn.q_proj")?,
                key: tensor("self_attn.k_proj")?,
                value: tensor("self_attn.v_proj")?,
                output: tensor("self_attn.o_proj")?,
                gate: tensor("mlp.gate_proj")?,
                up: tensor("mlp.up_proj")?,
                down: tensor("mlp.down_proj")?,
                attention_norm: tensor("input_layernorm")?,
                feed_forward_norm: tensor("post_attention_layernorm")?,
            })
        };
        let layers = (0..shape.layers).map(layer).collect::<Result<_>>()?;
        let (embedding, final_norm) = (tensor(EMBEDDING)?, tensor(FINAL_NORM)?);
        Ok(Self { shape, parameters, embedding, final_norm, layers })
    }

    /// The parameters as a file that Hugging Face's readers open, in the order of their names.
    pub(crate) fn to_safetensors(&self) -> Result<Vec<u8>> {
        let said = HashMap::from([("format".to_owned(), "pt".to_owned())]);
        Ok(safetensors::serialize(&self.parameters, Some(said))?)
    }

    /// The parameters again, apart from these.
    pub(crate) fn copy_parameters(&self) -> Result<Parameters> {
        let copy = |(name, tensor): (&String, &Tensor)| Ok((name.clone(), Var::from_tensor(&tensor.copy()?)?));
        self.parameters.iter().map(copy).collect()
    }

    pub(crate) fn shape(&self) -> &ModelShape {
        &self.shape
    }

    /// Logits `(batch * tokens, vocabulary)` of what follows each token of `(batch, tokens)`.
    pub(crate) fn logits(&self, tokens: &Tensor) -> Result<Tensor> {
        let hidden = self.hidden(tokens, None)?;
        hidden.flatten_to(1)?.matmul(&self.embedding.t()?)
    }

    /// Logits of what follows the last of `tokens`, which go on from what `cache` has seen.
    pub(crate) fn next_logits(&self, tokens: &[u32], cache: &mut Cache) -> Result<Vec<f32>> {
        let count = tokens.len();
        let tokens = Tensor::from_vec(tokens.to_vec(), (1, count), &Device::Cpu)?;
        let hidden = self.hidden(&tokens, Some(cache))?;
        hidden.narrow(1, count - 1, 1)?.flatten_to(1)?.matmul(&self.embedding.t()?)?.flatten_all()?.to_vec1()
    }

    /// Negative log-likelihood in nats of each of `targets`, which follow the tokens of `(batch, tokens)`.
    pub(crate) fn surprise(&self, tokens: &Tensor, targets: Vec<u32>) -> Result<Tensor> {
        ops::surprise(&self.logits(tokens)?, targets)
    }

    fn hidden(&self, tokens: &Tensor, mut cache: Option<&mut Cache>) -> Result<Tensor> {
        let (batch, count) = tokens.dims2()?;
        let mut x = self.embedding.index_select(&tokens.flatten_all()?, 0)?;
        x = x.reshape((batch, count, self.shape.width))?;
        for (at, layer) in self.layers.iter().enumerate() {
            let normed = ops::rms_norm(&x, &layer.attention_norm, NORM_EPSILON)?;
            x = (x + self.attention(layer, &normed, cache.as_deref_mut().map(|cache| (cache, at)))?)?;
            let normed = ops::rms_norm(&x, &layer.feed_forward_norm, NORM_EPSILON)?;
            x = (x + layer.feed_forward(&normed)?)?;
        }
        if let Some(cache) = cache {
            cache.tokens += count;
        }
        ops::rms_norm(&x, &self.final_norm, NORM_EPSILON)
    }

    fn attention(&self, layer: &Layer, x: &Tensor, cache: Option<(&mut Cache, usize)>) -> Result<Tensor> {
        let (batch, count, width) = x.dims3()?;
        let heads = |x: Tensor| x.reshape((batch, count, self.shape.heads, ()))?.transpose(1, 2)?.contiguous();
        let start = cache.as_ref().map_or(0, |(cache, _)| cache.tokens);
        let query = ops::rotate(&heads(project(x, &layer.query)?)?, start)?;
        let mut key = ops::rotate(&heads(project(x, &layer.key)?)?, start)?;
        let mut value = heads(project(x, &layer.value)?)?;
        if let Some((cache, at)) = cache {
            if let Some((keys, values)) = cache.layers.get(at) {
                key = Tensor::cat(&[keys, &key], 2)?;
                value = Tensor::cat(&[values, &value], 2)?;
            }
            match cache.layers.get_mut(at) {
                Some(held) => *held = (key.clone(), value.clone()),
                None => cache.layers.push((key.clone(), value.clone())),
            }
        }
        let scale = 1.0 / ((width / self.shape.heads) as f32).sqrt();
        let weights = ops::causal_softmax(&query.matmul(&key.transpose(D::Minus1, D::Minus2)?)?, scale)?;
        let mixed = weights.matmul(&value)?.transpose(1, 2)?.reshape((batch, count, width))?;
        project(&mixed, &layer.output)
    }
}

impl Layer {
    fn feed_forward(&self, x: &Tensor) -> Result<Tensor> {
        let gated = (project(x, &self.gate)?.silu()? * project(x, &self.up)?)?;
        project(&gated, &self.down)
    }
}

/// `x` times the transposed matrix, over the last dimension.
fn project(x: &Tensor, matrix: &Tensor) -> Result<Tensor> {
    let (batch, count, width) = x.dims3()?;
    x.reshape((batch * count, width))?.matmul(&matrix.t()?)?.reshape((batch, count, ()))
}
