//! A transformer's numbers, all in one row, and which of them are what.
//!
//! The tensors have the names and the layout that Hugging Face gives this kind of transformer, so that its readers
//! open the file; they lie in the order of their names.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensorError, SafeTensors};

use crate::chance::Chance;
use crate::shape::ModelShape;

/// Spread of the first, random numbers.
const INITIAL_SPREAD: f32 = 0.02;

/// Where a tensor lies, and its dimensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) range: Range<usize>,
    pub(crate) dimensions: Vec<usize>,
}

/// Where all tensors lie.
pub(crate) struct Layout {
    pub(crate) places: BTreeMap<String, Place>,
    pub(super) embedding: Range<usize>,
    pub(super) final_norm: Range<usize>,
    pub(super) layers: Vec<LayerLayout>,
    pub(crate) length: usize,
}

/// Where the tensors of a layer lie.
pub(super) struct LayerLayout {
    pub(super) query: Range<usize>,
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
    pub(super) output: Range<usize>,
    pub(super) gate: Range<usize>,
    pub(super) up: Range<usize>,
    pub(super) down: Range<usize>,
    pub(super) attention_norm: Range<usize>,
    pub(super) feed_forward_norm: Range<usize>,
}

const EMBEDDING: &str = "model.embed_tokens";
const FINAL_NORM: &str = "model.norm";

impl Layout {
    pub(crate) fn new(shape: &ModelShape) -> Self {
        let mut places = BTreeMap::new();
        let mut length = 0;
        for (name, dimensions) in dimensions(shape) {
            let range = length..length + dimensions.iter().product::<usize>();
            length = range.end;
            places.insert(name, Place { range, dimensions });
        }
        let range =
            |name: &str| places.get(&full_name(name)).map(|place| place.range.clone()).unwrap_or_default();
        let layer = |layer: usize| {
            let range = |name: &str| range(&format!("model.layers.{layer}.{name}"));
            LayerLayout {
                query: range("self_attn.q_proj"),
                key: range("self_attn.k_proj"),
                value: range("self_attn.v_proj"),
                output: range("self_attn.o_proj"),
                gate: range("mlp.gate_proj"),
                up: range("mlp.up_proj"),
                down: range("mlp.down_proj"),
                attention_norm: range("input_layernorm"),
                feed_forward_norm: range("post_attention_layernorm"),
            }
        };
        let (embedding, final_norm) = (range(EMBEDDING), range(FINAL_NORM));
        let layers = (0..shape.layers).map(layer).collect();
        Self { embedding, final_norm, layers, places, length }
    }

    /// Random numbers to begin with: the same chance gives the same. What writes into the residual stream starts
    /// smaller the more layers there are (Radford et al. 2019).
    pub(crate) fn random(&self, chance: &mut Chance) -> Vec<f32> {
        let residual_spread = INITIAL_SPREAD / (2.0 * self.layers.len().max(1) as f32).sqrt();
        let mut numbers = vec![1.0; self.length];
        for (name, place) in self.places.iter().filter(|(_, place)| place.dimensions.len() > 1) {
            let writes = name.ends_with("o_proj.weight") || name.ends_with("down_proj.weight");
            let spread = if writes { residual_spread } else { INITIAL_SPREAD };
            numbers[place.range.clone()].fill_with(|| chance.normal() * spread);
        }
        numbers
    }

    /// Files numbers under the names of the tensors.
    pub(crate) fn write_safetensors(
        &self,
        groups: &[(&str, &[f32])],
        said: (&str, String),
    ) -> Result<Vec<u8>, SafeTensorError> {
        let bytes: Vec<Vec<u8>> = groups
            .iter()
            .map(|(_, numbers)| numbers.iter().flat_map(|number| number.to_le_bytes()).collect())
            .collect();
        let mut views = Vec::new();
        for ((group, _), bytes) in groups.iter().zip(&bytes) {
            for (name, place) in &self.places {
                let bytes = &bytes[place.range.start * 4..place.range.end * 4];
                let view = TensorView::new(Dtype::F32, place.dimensions.clone(), bytes)?;
                views.push((format!("{group}{name}"), view));
            }
        }
        safetensors::serialize(views, Some(HashMap::from([(said.0.to_owned(), said.1)])))
    }

    /// Takes the numbers of a group out of a file; none if a tensor is missing or has another shape.
    pub(crate) fn read_safetensors(&self, file: &SafeTensors<'_>, group: &str) -> Option<Vec<f32>> {
        let mut numbers = Vec::with_capacity(self.length);
        for (name, place) in &self.places {
            let tensor = file.tensor(&format!("{group}{name}")).ok()?;
            let fits = tensor.dtype() == Dtype::F32 && tensor.shape() == place.dimensions;
            fits.then_some(())?;
            let (fours, _) = tensor.data().as_chunks::<4>();
            numbers.extend(fours.iter().map(|four| f32::from_le_bytes(*four)));
        }
        Some(numbers)
    }
}

fn full_name(name: &str) -> String {
    format!("{name}.weight")
}

fn dimensions(shape: &ModelShape) -> BTreeMap<String, Vec<usize>> {
    let (width, inner) = (shape.width, shape.inner_width);
    let mut all = BTreeMap::new();
    all.insert(full_name(EMBEDDING), vec![shape.vocabulary, width]);
    all.insert(full_name(FINAL_NORM), vec![width]);
    for layer in 0..shape.layers {
        let mut add =
            |name: &str, of: Vec<usize>| all.insert(full_name(&format!("model.layers.{layer}.{name}")), of);
        for part in ["q", "k", "v", "o"] {
            add(&format!("self_attn.{part}_proj"), vec![width, width]);
        }
        add("mlp.gate_proj", vec![inner, width]);
        add("mlp.up_proj", vec![inner, width]);
        add("mlp.down_proj", vec![width, inner]);
        add("input_layernorm", vec![width]);
        add("post_attention_layernorm", vec![width]);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_of_parameters_is_that_of_the_tensors_and_they_survive_the_file() {
        let layout = Layout::new(&ModelShape::new(300, 64, 3));
        assert_eq!(layout.length, ModelShape::new(300, 64, 3).parameters());
        let numbers = layout.random(&mut Chance::new(1, "test", 0));
        let bytes = layout.write_safetensors(&[("", &numbers)], ("format", "pt".into())).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(layout.read_safetensors(&file, "").unwrap(), numbers);
        let other = Layout::new(&ModelShape::new(301, 64, 3));
        assert!(other.read_safetensors(&file, "").is_none());
        assert!(layout.read_safetensors(&file, "first.").is_none());
    }
}
