//! Where a release grows until it is whole, and what is left of builds that were interrupted.
//!
//! A release grows in a folder with a random name beside the one that it will have. The note in the build's
//! working files says which; only what a note names is ever removed.

use std::path::{Path, PathBuf};

use candor_vault::{Entropy, Vault, durable};
use serde::{Deserialize, Serialize};

use super::BuildError;

/// The folder, in the data directory, of all builds' working files.
const WORK: &str = "work";
/// Names, among the working files, the folders of the build.
const NOTE: &str = "output";
const PREFIX: &str = "candor-";
const SUFFIX: &str = ".partial";

/// The folders of one build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Staged {
    /// Where the release grows.
    pub(super) folder: PathBuf,
    /// Where it will be.
    pub(super) output: PathBuf,
}

impl Staged {
    fn beside(output: &Path, entropy: &mut Entropy) -> Self {
        let random: String = entropy.bytes::<8>().iter().map(|byte| format!("{byte:02x}")).collect();
        let folder = output.with_file_name(format!("{PREFIX}{random}{SUFFIX}"));
        Self { folder, output: output.to_owned() }
    }

    /// The folders that the note of a build names, if it was written whole.
    pub(super) fn read(vault: &Vault, name: &str) -> Option<Self> {
        let note = std::fs::read(work_folder(vault, name).join(NOTE)).ok()?;
        let noted: Self = serde_json::from_slice(&note).ok()?;
        let root = vault.root().canonicalize().ok()?;
        let staged = Self { folder: root.join(noted.folder), output: root.join(noted.output) };
        let name = staged.folder.file_name()?.to_str()?;
        (name.starts_with(PREFIX) && name.ends_with(SUFFIX)).then_some(staged)
    }

    /// Writes the note; folders in the data directory are named from there, so that a copy of it names its own.
    fn write(&self, vault: &Vault, work: &Path) -> Result<(), BuildError> {
        let root = vault.root().canonicalize().map_err(file_error("find", vault.root()))?;
        let inside = |path: &Path| path.strip_prefix(&root).unwrap_or(path).to_owned();
        let noted = Self { folder: inside(&self.folder), output: inside(&self.output) };
        let text = serde_json::to_vec(&noted).map_err(|_| BuildError::Output(self.output.clone()))?;
        let note = work.join(NOTE);
        durable::write_file(&note, &text, 0o600).map_err(file_error("write", &note))
    }
}

/// The folder that a path stands for wherever the program runs next: absolute, with a name and a place to be in.
pub(super) fn place(output: &Path) -> Result<PathBuf, BuildError> {
    let no_folder = || BuildError::Output(output.to_owned());
    let absolute = std::path::absolute(output).map_err(file_error("find", output))?;
    let absolute: PathBuf = absolute.components().collect();
    let (Some(parent), Some(name)) = (absolute.parent(), absolute.file_name()) else {
        return Err(no_folder());
    };
    make_folder(parent)?;
    let place = parent.canonicalize().map_err(file_error("find", parent))?.join(name);
    place.to_str().is_some().then_some(()).ok_or_else(no_folder)?;
    Ok(place)
}

/// Whether anything has this name, also a link that leads nowhere.
pub(super) fn is_taken(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// The folder of working files.
pub(super) struct Work {
    pub(super) folder: PathBuf,
    pub(super) staged: Staged,
}

impl Work {
    /// An empty folder; what interrupted builds have left is removed.
    pub(super) fn start(
        vault: &Vault,
        name: &str,
        output: &Path,
        entropy: &mut Entropy,
    ) -> Result<Self, BuildError> {
        remove_interrupted_builds(vault)?;
        let folder = work_folder(vault, name);
        make_folder(&folder)?;
        let staged = Staged::beside(output, entropy);
        staged.write(vault, &folder)?;
        Ok(Self { folder, staged })
    }

    pub(super) fn remove(&self) -> Result<(), BuildError> {
        remove_folder(&self.folder)
    }
}

/// Removes what builds that were interrupted have left: working files, and folders that are no release.
///
/// A half-made folder may hold rows of people who were erased since. One whose release is in the log already is
/// kept to be completed, unless rows of it were recalled: then its name is void.
pub fn remove_interrupted_builds(vault: &Vault) -> Result<(), BuildError> {
    let all = vault.root().join(WORK);
    for entry in entries(&all)? {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(staged) = Staged::read(vault, &name).filter(|staged| is_taken(&staged.folder)) {
            if vault.release(&name)?.is_some() && !is_recalled(vault, &name)? {
                remove_all_but_note(&entry.path())?;
                continue;
            }
            remove_folder(&staged.folder)?;
        }
        remove_folder(&entry.path())?;
    }
    Ok(())
}

/// Whether rows of a release must not be used again.
pub(super) fn is_recalled(vault: &Vault, name: &str) -> Result<bool, BuildError> {
    Ok(vault.recalls()?.iter().any(|recall| recall.release == name))
}

fn remove_all_but_note(work: &Path) -> Result<(), BuildError> {
    for entry in entries(work)? {
        let path = entry.path();
        if path.is_dir() {
            remove_folder(&path)?;
        } else if entry.file_name() != NOTE {
            durable::remove_file(&path).map_err(file_error("remove", &path))?;
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<std::fs::DirEntry>, BuildError> {
    match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(file_error("list", folder)(error)),
        Ok(entries) => entries.collect::<Result<_, _>>().map_err(file_error("list", folder)),
    }
}

pub(crate) fn work_folder(vault: &Vault, name: &str) -> PathBuf {
    vault.root().join(WORK).join(name)
}

pub(crate) fn make_folder(path: &Path) -> Result<(), BuildError> {
    std::fs::create_dir_all(path).map_err(file_error("make", path))
}

pub(crate) fn remove_folder(path: &Path) -> Result<(), BuildError> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(file_error("remove", path)(error)),
        _ => Ok(()),
    }
}

pub(crate) fn file_error(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> BuildError {
    let path = path.to_owned();
    move |source| BuildError::File { doing, path, source }
}
