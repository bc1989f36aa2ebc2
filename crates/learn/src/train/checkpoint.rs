//! What a run needs to go on: parameters, moments and position, in one file that is replaced whole.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};
use candor_release::layout::sha256_hex;
use candor_vault::durable;
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::optimiser::Optimiser;
use super::{Plan, TrainError};
use crate::load::Corpus;
use crate::model::Model;
use crate::transformer::Parameters;
use crate::vocabulary::Vocabulary;

const FILE: &str = "checkpoint.safetensors";
const KEY: &str = "candor";
/// Beginnings of the names of a parameter and its two moments.
const GROUPS: [&str; 3] = ["parameter.", "first.", "second."];

/// Where a run is.
#[derive(Serialize, Deserialize)]
pub(super) struct Checkpoint {
    pub(super) identity: String,
    pub(super) step: u32,
    pub(super) loss_first: f64,
    pub(super) loss_last: f64,
    pub(super) begin_loss: Option<Option<f64>>,
}

/// Names a run by everything that its result depends on.
pub(super) fn identity(
    plan: &Plan,
    corpus: &Corpus,
    base: Option<&Model>,
    vocabulary: &Vocabulary,
) -> Result<String, TrainError> {
    let value = json!({
        "plan": plan,
        "read_set": corpus.read_set,
        "base": base.map(|base| &base.card().weights_sha256),
        "vocabulary": sha256_hex(vocabulary.to_json()?.as_bytes()),
    });
    Ok(sha256_hex(value.to_string().as_bytes()))
}

/// A checkpoint that was found, with its tensors.
pub(super) struct Found {
    checkpoint: Checkpoint,
    tensors: HashMap<String, Tensor>,
    path: PathBuf,
}

impl std::ops::Deref for Found {
    type Target = Checkpoint;

    fn deref(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

impl Found {
    /// Puts the parameters back, and gives the optimiser.
    pub(super) fn restore(&self, parameters: &Parameters) -> Result<Optimiser, TrainError> {
        let mut optimiser = Optimiser::new(parameters);
        optimiser.steps = self.step as i32;
        for (at, (name, parameter)) in parameters.iter().enumerate() {
            let tensor = |group: &str| {
                let tensor = self.tensors.get(&format!("{group}{name}"));
                tensor.ok_or_else(|| TrainError::Damaged(self.path.clone()))
            };
            parameter.set(tensor(GROUPS[0])?)?;
            optimiser.first[at] = tensor(GROUPS[1])?.flatten_all()?.to_vec1()?;
            optimiser.second[at] = tensor(GROUPS[2])?.flatten_all()?.to_vec1()?;
        }
        Ok(optimiser)
    }
}

/// Reads the checkpoint of this very run; one of another run is left to be overwritten.
pub(super) fn read(folder: &Path, identity: &str) -> Result<Option<Found>, TrainError> {
    let path = folder.join(FILE);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(TrainError::Checkpoint { doing: "read", path, source }),
    };
    let damaged = || TrainError::Damaged(path.clone());
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|_| damaged())?;
    let said = header.metadata().as_ref().and_then(|said| said.get(KEY)).ok_or_else(damaged)?;
    let checkpoint: Checkpoint = serde_json::from_str(said).map_err(|_| damaged())?;
    if checkpoint.identity != identity {
        return Ok(None);
    }
    let tensors = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)?;
    Ok(Some(Found { checkpoint, tensors, path }))
}

/// Writes a checkpoint in place of the last one.
pub(super) fn write(
    folder: &Path,
    checkpoint: &Checkpoint,
    parameters: &Parameters,
    optimiser: &Optimiser,
) -> Result<(), TrainError> {
    let path = folder.join(FILE);
    let error = |doing, source| TrainError::Checkpoint { doing, path: path.clone(), source };
    std::fs::create_dir_all(folder).map_err(|source| error("make the folder of", source))?;
    let mut tensors = Vec::with_capacity(parameters.len() * GROUPS.len());
    let moments = optimiser.first.iter().zip(&optimiser.second);
    for ((name, parameter), (first, second)) in parameters.iter().zip(moments) {
        let tensor = |numbers: &Vec<f32>| Tensor::from_vec(numbers.clone(), parameter.dims(), &Device::Cpu);
        tensors.push((format!("{}{name}", GROUPS[0]), parameter.as_tensor().clone()));
        tensors.push((format!("{}{name}", GROUPS[1]), tensor(first)?));
        tensors.push((format!("{}{name}", GROUPS[2]), tensor(second)?));
    }
    let said = HashMap::from([(KEY.to_owned(), json!(checkpoint).to_string())]);
    let bytes = safetensors::serialize(tensors, Some(said)).map_err(candle_core::Error::from)?;
    durable::write_file(&path, &bytes, 0o600).map_err(|source| error("write", source))?;
    durable::step("train.checkpoint");
    Ok(())
}

/// Removes the checkpoint of a run that is done.
pub(super) fn remove(folder: &Path) -> Result<(), TrainError> {
    let path = folder.join(FILE);
    match std::fs::remove_file(&path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(TrainError::Checkpoint { doing: "remove", path, source })
        }
        _ => Ok(()),
    }
}
