//! What a run needs to go on: parameters, moments and position, in one file that is replaced whole.

use std::path::Path;

use candor_release::layout::sha256_hex;
use candor_vault::durable;
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::optimiser::Optimiser;
use super::{Plan, TrainError};
use crate::load::Corpus;
use crate::model::{Model, ModelError};
use crate::transformer::Transformer;
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
    /// Held-out loss before the first step, once it is measured.
    pub(super) begin_loss: Option<Option<f64>>,
}

impl Checkpoint {
    /// Before the first step.
    pub(super) fn beginning(identity: String) -> Self {
        Self { identity, step: 0, loss_first: 0.0, loss_last: 0.0, begin_loss: None }
    }
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

/// Reads the checkpoint of this very run, and puts the numbers back; one of another run is left to be overwritten.
pub(super) fn read(
    folder: &Path,
    identity: &str,
    transformer: &mut Transformer,
) -> Result<Option<(Checkpoint, Optimiser)>, TrainError> {
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
    let file = SafeTensors::deserialize(&bytes).map_err(|_| damaged())?;
    let group = |group: &str| transformer.layout().read_safetensors(&file, group).ok_or_else(damaged);
    let [numbers, first, second] = [group(GROUPS[0])?, group(GROUPS[1])?, group(GROUPS[2])?];
    transformer.numbers_mut().copy_from_slice(&numbers);
    let optimiser = Optimiser { first, second, steps: checkpoint.step as i32 };
    Ok(Some((checkpoint, optimiser)))
}

/// Writes a checkpoint in place of the last one.
pub(super) fn write(
    folder: &Path,
    checkpoint: &Checkpoint,
    transformer: &Transformer,
    optimiser: &Optimiser,
) -> Result<(), TrainError> {
    let path = folder.join(FILE);
    let error = |doing, source| TrainError::Checkpoint { doing, path: path.clone(), source };
    std::fs::create_dir_all(folder).map_err(|source| error("make the folder of", source))?;
    let groups = [transformer.numbers(), &optimiser.first, &optimiser.second];
    let groups: Vec<_> = GROUPS.into_iter().zip(groups).collect();
    let said = (KEY, json!(checkpoint).to_string());
    let bytes = transformer.layout().write_safetensors(&groups, said).map_err(ModelError::from)?;
    durable::write_file(&path, &bytes, 0o600).map_err(|source| error("write", source))?;
    durable::step("train-checkpoint");
    Ok(())
}
