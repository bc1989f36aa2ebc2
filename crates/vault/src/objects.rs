//! The object store: a folder here, something like S3 beyond. Objects are written whole and never changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use candor_conversation::Kind;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::durable;

/// Why an object could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// The store refused or failed.
    #[error("{doing} object {path}")]
    Store {
        /// What was being done.
        doing: &'static str,
        /// The object.
        path: String,
        /// The cause.
        #[source]
        source: object_store::Error,
    },
    /// The folder of a local store could not be made to last.
    #[error("{doing} {path}")]
    Folder {
        /// What was being done.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}

impl ObjectError {
    /// Whether there is no such object.
    pub(crate) fn is_absence(&self) -> bool {
        matches!(self, ObjectError::Store { source: object_store::Error::NotFound { .. }, .. })
    }

    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            ObjectError::Store { source: object_store::Error::NotFound { .. }, .. } => Kind::Corrupt,
            _ => Kind::Unavailable,
        }
    }
}

/// An object store with a blocking face: the vault's work is not asynchronous.
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    folder: Option<PathBuf>,
    runtime: tokio::runtime::Runtime,
}

impl Objects {
    /// A folder, made if it is not there.
    pub fn in_folder(folder: &Path) -> Result<Self, ObjectError> {
        std::fs::create_dir_all(folder).map_err(|source| ObjectError::Folder {
            doing: "make",
            path: folder.to_owned(),
            source,
        })?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(store_error("open", ""))?;
        let mut objects = Self::with_store(Arc::new(store))?;
        objects.folder = Some(folder.to_owned());
        Ok(objects)
    }

    /// Any store; what it acknowledges must last.
    pub fn with_store(store: Arc<dyn ObjectStore>) -> Result<Self, ObjectError> {
        let built = tokio::runtime::Builder::new_current_thread().build();
        let runtime = built.map_err(|source| ObjectError::Folder {
            doing: "start a runtime for",
            path: PathBuf::new(),
            source,
        })?;
        Ok(Self { store, folder: None, runtime })
    }

    /// Writes an object; it lasts when this returns.
    pub fn put(&self, path: &str, bytes: Vec<u8>) -> Result<(), ObjectError> {
        let location = ObjectPath::from(path);
        self.runtime.block_on(self.store.put(&location, bytes.into())).map_err(store_error("write", path))?;
        if let Some(folder) = &self.folder {
            // The local store renames a temporary file into place but leaves it to the system when it reaches
            // the disk.
            let file = folder.join(path);
            let synced = std::fs::File::open(&file)
                .and_then(|opened| opened.sync_all())
                .and_then(|()| durable::sync_directory_of(&file));
            synced.map_err(|source| ObjectError::Folder { doing: "sync", path: file, source })?;
        }
        Ok(())
    }

    /// Reads a whole object.
    pub fn read(&self, path: &str) -> Result<Bytes, ObjectError> {
        let location = ObjectPath::from(path);
        let bytes = self.runtime.block_on(async { self.store.get(&location).await?.bytes().await });
        bytes.map_err(store_error("read", path))
    }

    /// Removes an object; one that is gone already is no error.
    pub fn remove(&self, path: &str) -> Result<(), ObjectError> {
        let location = ObjectPath::from(path);
        match self.runtime.block_on(self.store.delete(&location)) {
            Err(object_store::Error::NotFound { .. }) | Ok(()) => Ok(()),
            Err(source) => Err(store_error("remove", path)(source)),
        }
    }

    /// Removes what writes that never ended have left under a prefix; no listing shows it.
    ///
    /// The local store writes to `NAME#1` and renames; a crash leaves that file. Other stores need no such help.
    pub fn remove_unfinished(&self, prefix: &str) -> Result<(), ObjectError> {
        let Some(folder) = self.folder.as_ref().map(|folder| folder.join(prefix)) else { return Ok(()) };
        let error = |doing, path: &Path| {
            let path = path.to_owned();
            move |source| ObjectError::Folder { doing, path, source }
        };
        let entries = match std::fs::read_dir(&folder) {
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            other => other.map_err(error("list", &folder))?,
        };
        for entry in entries {
            let entry = entry.map_err(error("list", &folder))?;
            if entry.file_name().to_string_lossy().contains('#') {
                let path = entry.path();
                durable::remove_file(&path).map_err(error("remove", &path))?;
            }
        }
        Ok(())
    }

    /// Paths of all objects under a prefix, sorted.
    pub fn list(&self, prefix: &str) -> Result<Vec<String>, ObjectError> {
        let location = ObjectPath::from(prefix);
        let listed = self.runtime.block_on(self.store.list_with_delimiter(Some(&location)));
        let listed = listed.map_err(store_error("list", prefix))?;
        let mut paths: Vec<String> = listed.objects.iter().map(|meta| meta.location.to_string()).collect();
        paths.sort();
        Ok(paths)
    }
}

fn store_error(doing: &'static str, path: &str) -> impl Fn(object_store::Error) -> ObjectError {
    let path = path.to_owned();
    move |source| ObjectError::Store { doing, path: path.clone(), source }
}
