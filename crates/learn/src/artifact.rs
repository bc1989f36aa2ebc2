//! A model's folder: its numbers, its vocabulary, its card, and a statement that binds it to what it learned from.
//!
//! | file | what |
//! |---|---|
//! | `model.safetensors` | the parameters, as Hugging Face names them |
//! | `config.json`, `tokenizer.json`, `tokenizer_config.json` | how its readers open it |
//! | `card.json`, `README.md` | the model card |
//! | `model.dsse.json` | the signed statement over all of the above, or |
//! | `model.statement.json` | the same statement unsigned |
//!
//! Nothing else may be in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use candor_conversation::Kind;
use candor_release::TrustedKeys;
use candor_release::dsse::{Envelope, EnvelopeError};
use candor_release::layout::sha256_hex;
use candor_release::verify::{Report, VerifyError, open_release};
use candor_tlog::note::SignerKey;
use candor_vault::durable;
use safetensors::SafeTensors;
use serde_json::{Value, json};

use crate::card::{self, Card};
use crate::load::ReadSet;
use crate::model::{Model, ModelError};
use crate::shape::ModelShape;
use crate::transformer::{Layout, NORM_EPSILON, ROTARY_BASE, Transformer};
use crate::vocabulary::{BEGIN, CHAT_TEMPLATE, END, PAD, Vocabulary};

const WEIGHTS: &str = "model.safetensors";
const CONFIG: &str = "config.json";
const TOKENIZER: &str = "tokenizer.json";
const TOKENIZER_CONFIG: &str = "tokenizer_config.json";
const CARD: &str = "card.json";
const README: &str = "README.md";
/// The signed statement.
pub const SIGNED: &str = "model.dsse.json";
/// The unsigned one.
pub const UNSIGNED: &str = "model.statement.json";

/// Type of the statement.
const TYPE: &str = "https://in-toto.io/Statement/v1";
/// Type of the predicate.
const PREDICATE: &str = "urn:candor:model:1";
/// Longest file of a model that is read, in bytes.
const FILE_BYTES_MAX: u64 = 8 << 30;

/// What does not hold, by the name of the check that found it.
#[derive(Debug, thiserror::Error)]
pub enum VerifyModelError {
    /// There is no statement, or it is not one about a model.
    #[error("statement: {0}")]
    Statement(String),
    /// A file that the statement does not list.
    #[error("files: {0} is not listed in the statement: it was added")]
    Unlisted(String),
    /// A file that the statement lists is gone.
    #[error("files: {0} is listed in the statement but is not there: it was removed")]
    Gone(String),
    /// A file's digest differs.
    #[error("digest: {path} has SHA-256 {found}, the statement says {listed}: it was changed")]
    Digest {
        /// The file.
        path: String,
        /// Digest of the file.
        found: String,
        /// Digest in the statement.
        listed: String,
    },
    /// The card says something else than the statement.
    #[error("card: `{0}` is not what the statement says")]
    Card(&'static str),
    /// The statement's signature.
    #[error("signature")]
    Signature(#[from] EnvelopeError),
    /// Keys are trusted, but nobody signed.
    #[error(
        "signature: the model is unsigned\nhint: train it in the operator's data directory, which signs it"
    )]
    Unsigned,
    /// The release that was given does not verify.
    #[error("release")]
    Release(#[from] VerifyError),
    /// The release that was given is not one that the model has read.
    #[error("release: the model has not read {0}")]
    OtherRelease(String),
}

impl VerifyModelError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        Kind::Invalid
    }
}

/// Writes a model into a new folder, which appears whole or not at all; gives its card.
///
/// # Errors
/// When the folder exists or a file cannot be written.
pub fn write(model: &Model, folder: &Path, key: Option<&SignerKey>) -> Result<Card, ModelError> {
    if folder.symlink_metadata().is_ok() {
        return Err(ModelError::Exists(folder.to_owned()));
    }
    let transformer = model.transformer();
    let weights =
        transformer.layout().write_safetensors(&[("", transformer.numbers())], ("format", "pt".into()))?;
    let card = Card { weights_sha256: sha256_hex(&weights), ..model.card().clone() };
    let vocabulary = model.vocabulary();
    let files: BTreeMap<&str, Vec<u8>> = BTreeMap::from([
        (WEIGHTS, weights),
        (CONFIG, pretty(&config(&card.plan.shape, vocabulary))),
        (TOKENIZER, vocabulary.to_json()?.into_bytes()),
        (TOKENIZER_CONFIG, pretty(&tokenizer_config(&card.plan.shape))),
        (CARD, pretty(&json!(card))),
        (README, card.to_markdown(key.is_some()).into_bytes()),
    ]);
    let statement = statement(&card, &files);
    let (name, statement) = match key {
        Some(key) => (SIGNED, Envelope::sign(&statement, key).to_value()),
        None => (UNSIGNED, statement),
    };
    let growing = partial(folder);
    let error = |doing, path: &Path| {
        let path = path.to_owned();
        move |source| ModelError::File { doing, path, source }
    };
    if growing.exists() {
        std::fs::remove_dir_all(&growing).map_err(error("remove", &growing))?;
    }
    std::fs::create_dir_all(&growing).map_err(error("make", &growing))?;
    for (name, bytes) in files.iter().map(|(name, bytes)| (*name, bytes)).chain([(name, &pretty(&statement))])
    {
        let path = growing.join(name);
        durable::write_file(&path, bytes, 0o644).map_err(error("write", &path))?;
    }
    durable::step("model-written");
    std::fs::rename(&growing, folder).map_err(error("move", folder))?;
    durable::sync_directory_of(folder).map_err(error("sync", folder))?;
    Ok(card)
}

/// Where a model grows until it is whole.
fn partial(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    folder.with_file_name(name)
}

impl Model {
    /// Opens a model's folder, after checking that its files are those of its statement.
    ///
    /// # Errors
    /// When a file is missing, added, changed, or not of a shape we know.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        let checked = check(folder, None)?;
        let file = |name: &'static str| checked.files.get(name).map(Vec::as_slice).unwrap_or_default();
        let text = |name: &'static str| {
            std::str::from_utf8(file(name)).map_err(|error| malformed(name, error.to_string()))
        };
        let vocabulary = Vocabulary::from_json(text(TOKENIZER)?)?;
        let shape = checked.card.plan.shape;
        if vocabulary.size() != shape.vocabulary {
            return Err(malformed(
                TOKENIZER,
                format!("it has {} tokens, the card says {}", vocabulary.size(), shape.vocabulary),
            ));
        }
        let weights = SafeTensors::deserialize(file(WEIGHTS));
        let weights = weights.map_err(|error| malformed(WEIGHTS, error.to_string()))?;
        let numbers = Layout::new(&shape).read_safetensors(&weights, "");
        let numbers =
            numbers.ok_or_else(|| malformed(WEIGHTS, "a tensor is missing or has another shape".into()))?;
        Ok(Model::new(Transformer::new(shape, numbers), vocabulary, checked.card))
    }
}

/// Whether a folder looks like a model's.
pub fn is_model(folder: &Path) -> bool {
    folder.join(SIGNED).is_file() || folder.join(UNSIGNED).is_file()
}

/// Checks a model's folder: its files, its signature with `trusted`, and that it has read `release` if that is given.
///
/// # Errors
/// Names the first check that does not hold.
pub fn verify(
    folder: &Path,
    trusted: Option<&TrustedKeys>,
    release: Option<&Path>,
) -> Result<Report, ModelError> {
    let Checked { card, signed, .. } = check(folder, trusted)?;
    let mut held = vec!["files", "digest", "card"];
    if trusted.is_some() {
        held.insert(0, "signature");
    }
    if let Some(release) = release {
        check_release(&card, release, trusted)?;
        held.push("release");
    }
    let read: Vec<&str> = card.read_sets.iter().map(|set| set.release.as_str()).collect();
    let unsigned = if signed { "" } else { "; it is unsigned: nobody vouches for it" };
    let shows = format!(
        "model of {} parameters is whole, and is stated to have read nothing but {}{unsigned}",
        card.parameters,
        read.join(", ")
    );
    Ok(Report { what: "model", shows, held, signer_trusted: trusted.is_some() })
}

fn check_release(card: &Card, folder: &Path, trusted: Option<&TrustedKeys>) -> Result<(), VerifyModelError> {
    let (_, manifest) = open_release(folder, trusted)?;
    let files: Vec<_> = manifest.files.iter().map(|file| (&file.path, &file.sha256)).collect();
    let same = |set: &ReadSet| {
        let read: Vec<_> = set.files.iter().map(|file| (&file.path, &file.sha256)).collect();
        set.release_id == manifest.id
            && set.manifest_sha256 == sha256_hex(&manifest.to_bytes())
            && set.commitment == manifest.commitment
            && read == files
    };
    let read = card.read_sets.iter().any(same);
    read.then_some(()).ok_or_else(|| VerifyModelError::OtherRelease(manifest.name.clone()))
}

/// A model's files, each the bytes that were checked.
struct Checked {
    files: BTreeMap<String, Vec<u8>>,
    card: Card,
    signed: bool,
}

fn check(folder: &Path, trusted: Option<&TrustedKeys>) -> Result<Checked, ModelError> {
    let present = files_of(folder)?;
    let signed = present.contains(SIGNED);
    let name = if signed { SIGNED } else { UNSIGNED };
    let wrong = |reason: &str| VerifyModelError::Statement(reason.to_owned());
    if !present.contains(name) {
        return Err(wrong("there is none, so this is not a model of ours").into());
    }
    let value: Value = serde_json::from_slice(&read(folder, name)?).map_err(|_| wrong("it is not JSON"))?;
    let statement = match (signed, trusted) {
        (true, trusted) => {
            let envelope = Envelope::from_value(&value).map_err(VerifyModelError::from)?;
            if let Some(trusted) = trusted {
                envelope.verify(&trusted.operator).map_err(VerifyModelError::from)?;
            }
            envelope.statement().map_err(VerifyModelError::from)?
        }
        (false, Some(_)) => return Err(VerifyModelError::Unsigned.into()),
        (false, None) => value,
    };
    // The operator's key signs other statements too; none of them may pass for a model's.
    for (field, kind) in [("_type", TYPE), ("predicateType", PREDICATE)] {
        if statement.get(field).and_then(Value::as_str) != Some(kind) {
            return Err(wrong(&format!("`{field}` is not {kind}")).into());
        }
    }
    let listed =
        listed_files(&statement).ok_or_else(|| wrong("`subject` does not list files with their SHA-256"))?;
    if let Some(path) = present.iter().find(|path| *path != name && !listed.contains_key(*path)) {
        return Err(VerifyModelError::Unlisted(path.clone()).into());
    }
    let mut files = BTreeMap::new();
    for (path, listed) in listed {
        if !present.contains(&path) {
            return Err(VerifyModelError::Gone(path).into());
        }
        let bytes = read(folder, &path)?;
        let found = sha256_hex(&bytes);
        if found != listed {
            return Err(VerifyModelError::Digest { path, found, listed }.into());
        }
        files.insert(path, bytes);
    }
    let card = check_card(&files, &statement)?;
    Ok(Checked { files, card, signed })
}

fn check_card(files: &BTreeMap<String, Vec<u8>>, statement: &Value) -> Result<Card, ModelError> {
    let bytes = files.get(CARD).ok_or_else(|| VerifyModelError::Gone(CARD.into()))?;
    let card: Card = serde_json::from_slice(bytes).map_err(|error| malformed(CARD, error.to_string()))?;
    let weights = files.get(WEIGHTS).ok_or_else(|| VerifyModelError::Gone(WEIGHTS.into()))?;
    let checks = [
        ("format", card.format == card::FORMAT),
        ("weights_sha256", card.weights_sha256 == sha256_hex(weights)),
        ("read_sets", statement.get("predicate") == Some(&predicate(&card))),
    ];
    match checks.iter().find(|(_, holds)| !holds) {
        Some((name, _)) => Err(VerifyModelError::Card(name).into()),
        None => Ok(card),
    }
}

/// The statement: digests of every file, and what the model has read, down to the notices.
fn statement(card: &Card, files: &BTreeMap<&str, Vec<u8>>) -> Value {
    let subject =
        files.iter().map(|(name, bytes)| json!({ "name": name, "digest": { "sha256": sha256_hex(bytes) } }));
    json!({
        "_type": TYPE,
        "subject": subject.collect::<Vec<_>>(),
        "predicateType": PREDICATE,
        "predicate": predicate(card),
    })
}

fn predicate(card: &Card) -> Value {
    json!({ "releases": card.read_sets, "base_sha256": card.base_sha256, "plan": card.plan, "tool": card.tool })
}

fn listed_files(statement: &Value) -> Option<BTreeMap<String, String>> {
    let one = |subject: &Value| {
        let name = subject.get("name")?.as_str()?;
        let plain = !name.is_empty() && !name.contains(['/', '\\']) && !name.starts_with('.');
        plain.then_some(())?;
        Some((name.to_owned(), subject.get("digest")?.get("sha256")?.as_str()?.to_owned()))
    };
    statement.get("subject")?.as_array()?.iter().map(one).collect()
}

/// Names of everything in the folder; a folder in it counts as a file, and none is ever listed.
fn files_of(folder: &Path) -> Result<BTreeSet<String>, ModelError> {
    let error = |source| ModelError::File { doing: "list", path: folder.to_owned(), source };
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        Ok(entry.map_err(error)?.file_name().to_string_lossy().into_owned())
    };
    std::fs::read_dir(folder).map_err(error)?.map(name).collect()
}

fn read(folder: &Path, name: &str) -> Result<Vec<u8>, ModelError> {
    let path = folder.join(name);
    let error = |source| ModelError::File { doing: "read", path: path.clone(), source };
    let metadata = std::fs::symlink_metadata(&path).map_err(error)?;
    // A link may lead anywhere, and a pipe may never end.
    if !metadata.is_file() || metadata.len() > FILE_BYTES_MAX {
        return Err(
            VerifyModelError::Statement(format!("{name} is not a regular file of bearable size")).into()
        );
    }
    std::fs::read(&path).map_err(error)
}

fn malformed(file: &'static str, reason: String) -> ModelError {
    ModelError::Malformed { file, reason }
}

fn pretty(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}

/// `config.json`, by which Hugging Face's readers know the kind of transformer.
fn config(shape: &ModelShape, vocabulary: &Vocabulary) -> Value {
    json!({
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.width,
        "intermediate_size": shape.inner_width,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads,
        "head_dim": shape.width / shape.heads,
        "max_position_embeddings": shape.context,
        "rms_norm_eps": f64::from(NORM_EPSILON),
        "rope_theta": f64::from(ROTARY_BASE),
        "hidden_act": "silu",
        "attention_bias": false,
        "mlp_bias": false,
        "tie_word_embeddings": true,
        "torch_dtype": "float32",
        "bos_token_id": vocabulary.begin,
        "eos_token_id": vocabulary.end,
        "pad_token_id": vocabulary.mark(PAD),
    })
}

fn tokenizer_config(shape: &ModelShape) -> Value {
    json!({
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": BEGIN,
        "eos_token": END,
        "pad_token": PAD,
        "clean_up_tokenization_spaces": false,
        "model_max_length": shape.context,
        "chat_template": CHAT_TEMPLATE,
    })
}
