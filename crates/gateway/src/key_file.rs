//! The file of keys that commands and the admin interface make: hashes only, beside the settings, which stay the
//! operator's own to write.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use candor_conversation::Kind;
use candor_vault::durable;
use serde::{Deserialize, Serialize};

use crate::identity::{Identifier, IdentityError, KeyHash, KeySettings};
use crate::settings::{Settings, SettingsError, from_toml};

/// Its name, in the folder of the settings.
const NAME: &str = "gateway-keys.toml";
const HEAD: &str =
    "# Written by `candor gateway` and the operator's interface; hashes of keys, never a key.\n\n";

/// What is in it.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct KeyFile {
    /// SHA-256 of the key with which an operator changes things.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operator_sha256: Option<KeyHash>,
    /// Virtual keys.
    #[serde(rename = "key", skip_serializing_if = "Vec::is_empty")]
    pub(crate) keys: Vec<KeySettings>,
}

/// Why a key was not made or revoked.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The settings, or this file, cannot be read.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// With this key the settings could not be used.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The name is in use.
    #[error("there is a key named `{0}`\nhint: choose another name")]
    Taken(String),
    /// No such key.
    #[error(
        "no key named `{0}` was made by a command\nhint: one that stands in the settings is taken out there"
    )]
    Unknown(String),
    /// The file cannot be locked or written.
    #[error("write {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}

impl KeyFileError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            KeyFileError::Settings(error) => error.kind(),
            KeyFileError::Identity(error) => error.kind(),
            KeyFileError::Taken(_) => Kind::Conflict,
            KeyFileError::Unknown(_) => Kind::NotFound,
            KeyFileError::Write { .. } => Kind::Unavailable,
        }
    }
}

/// Enters a virtual key for the gateway of these settings. One that runs knows it once it reads them again.
///
/// # Errors
/// The name is in use, or the settings could not be used with this key; then nothing is changed.
pub fn add_key(settings_file: &Path, key: KeySettings) -> Result<(), KeyFileError> {
    let mut identity = Settings::read(settings_file)?.identity;
    if identity.keys.iter().any(|known| known.name == key.name) {
        return Err(KeyFileError::Taken(key.name));
    }
    identity.keys.push(key.clone());
    Identifier::new(&identity, &|path| std::fs::read(path))?;
    change(settings_file, |file| {
        if file.keys.iter().any(|known| known.name == key.name) {
            return Err(KeyFileError::Taken(key.name));
        }
        file.keys.push(key);
        Ok(())
    })
}

/// Takes a virtual key out. A gateway that runs refuses it once it reads the settings again.
///
/// # Errors
/// There is none of this name, or it stands in the settings themselves, which are the operator's to change.
pub fn revoke_key(settings_file: &Path, name: &str) -> Result<(), KeyFileError> {
    change(settings_file, |file| {
        let before = file.keys.len();
        file.keys.retain(|key| key.name != name);
        if file.keys.len() == before { Err(KeyFileError::Unknown(name.to_owned())) } else { Ok(()) }
    })
}

/// Sets the one key with which an operator changes things; the one before counts no more.
///
/// # Errors
/// The file cannot be read or written.
pub fn set_operator_key(settings_file: &Path, hash: KeyHash) -> Result<(), KeyFileError> {
    change(settings_file, |file| {
        file.operator_sha256 = Some(hash);
        Ok(())
    })
}

/// Reads it; nothing was made yet where it is missing.
pub(crate) fn read(settings_file: &Path) -> Result<KeyFile, SettingsError> {
    let path = path(settings_file);
    match std::fs::read_to_string(&path) {
        Ok(text) => from_toml(&path, &text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(KeyFile::default()),
        Err(source) => Err(SettingsError::File { path, source }),
    }
}

fn path(settings_file: &Path) -> PathBuf {
    settings_file.with_file_name(NAME)
}

/// Changes the file as a whole. Commands and gateways take turns, by a lock on the settings: this file is replaced.
fn change(
    settings_file: &Path,
    act: impl FnOnce(&mut KeyFile) -> Result<(), KeyFileError>,
) -> Result<(), KeyFileError> {
    let path = path(settings_file);
    let failed = |source| KeyFileError::Write { path: path.clone(), source };
    let turn = File::open(settings_file).map_err(failed)?;
    turn.lock().map_err(failed)?;
    let mut file = read(settings_file)?;
    act(&mut file)?;
    let text = toml::to_string(&file).map_err(|error| SettingsError::Value(format!("{NAME}: {error}")))?;
    durable::write_file(&path, format!("{HEAD}{text}").as_bytes(), 0o600).map_err(failed)
}
