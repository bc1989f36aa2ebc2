//! The newest model of a folder, with the release that it learned from.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use candor_learn::{LoadError, Model, ModelError, Retriever, artifact, load};
use candor_release::{TrustError, TrustedKeys};

use crate::reference::lessons::lessons;
use crate::reference::running::Place;

/// What answers.
pub(crate) struct Learned {
    pub(crate) model: Model,
    pub(crate) retriever: Retriever,
    /// Name of the release.
    pub(crate) release: String,
}

/// Why the newest model is not served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShelfError {
    #[error("list models")]
    List(#[from] std::io::Error),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Release(#[from] LoadError),
    #[error(transparent)]
    Trust(#[from] TrustError),
    #[error("a model that has read nothing")]
    ReadNothing,
}

/// Which folder, and since when it is there.
type Stamp = (SystemTime, PathBuf);

/// Holds the newest model that could be opened.
pub(crate) struct Shelf {
    place: Place,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    /// The newest that was tried, so that one that does not open is not tried for each request.
    tried: Option<Stamp>,
    learned: Option<Arc<Learned>>,
}

impl Shelf {
    pub(crate) fn new(place: Place) -> Self {
        Self { place, held: Mutex::default() }
    }

    /// The newest model; none, if nothing was learned yet. For a thread that may wait.
    pub(crate) fn newest(&self) -> Option<Arc<Learned>> {
        let newest = match newest(&self.place.models) {
            Ok(newest) => newest,
            Err(error) => {
                self.note(&error.into());
                None
            }
        };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.is_none() {
            *held = Held::default();
        } else if newest != held.tried {
            if let Some((_, folder)) = &newest {
                match open(&self.place, folder) {
                    Ok(learned) => held.learned = Some(Arc::new(learned)),
                    Err(error) => self.note(&error),
                }
            }
            held.tried = newest;
        }
        held.learned.clone()
    }

    fn note(&self, error: &ShelfError) {
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
        (self.place.notes)(&format!("the newest reference model is not served: {error}{cause}"));
    }
}

/// The model that was put there last; of two at once, the last by name.
fn newest(models: &Path) -> std::io::Result<Option<Stamp>> {
    let entries = match std::fs::read_dir(models) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        entries => entries?,
    };
    let mut newest = None;
    for entry in entries {
        let path = entry?.path();
        if artifact::is_model(&path) {
            newest = newest.max(Some((path.metadata()?.modified()?, path)));
        }
    }
    Ok(newest)
}

fn open(place: &Place, folder: &Path) -> Result<Learned, ShelfError> {
    let model = Model::open(folder)?;
    let read = model.card().read_sets.last().ok_or(ShelfError::ReadNothing)?;
    let trusted = match std::fs::read_to_string(&place.trust) {
        Ok(text) => Some(TrustedKeys::parse(&text)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    let release = read.release.clone();
    let corpus = load(&place.releases.join(&release), trusted.as_ref())?;
    Ok(Learned { retriever: Retriever::new(&lessons(corpus)), release, model })
}
