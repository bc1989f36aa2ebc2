//! An object store that fails at any one of its operations: the caller is told, and the next attempt completes.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use candor_conversation::Kind;
use candor_vault::{Capture, Job, Objects, Vault, VaultError};
use futures_core::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

use super::place::{Place, TURNS, defaults, person, pieces, threads, time};

/// Keeps objects in memory and fails once, at the operation whose number it was given.
#[derive(Debug, Default)]
struct Failing {
    objects: InMemory,
    operations: AtomicU64,
    fail_at: AtomicU64,
}

impl Failing {
    fn step(&self) -> Result<()> {
        if self.operations.fetch_add(1, Ordering::SeqCst) + 1 == self.fail_at.load(Ordering::SeqCst) {
            return Err(Error::Generic { store: "failing", source: "the store is away".into() });
        }
        Ok(())
    }

    /// Lets the operation that is `number` from now fail; 0 lets none.
    fn fail_in(&self, number: u64) {
        let at = if number == 0 { 0 } else { self.operations.load(Ordering::SeqCst) + number };
        self.fail_at.store(at, Ordering::SeqCst);
    }

    /// Whether the failure that was asked for has come.
    fn failed(&self) -> bool {
        let at = self.fail_at.load(Ordering::SeqCst);
        at != 0 && self.operations.load(Ordering::SeqCst) >= at
    }
}

impl fmt::Display for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failing")
    }
}

#[async_trait]
impl ObjectStore for Failing {
    async fn put_opts(&self, path: &Path, bytes: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.step()?;
        self.objects.put_opts(path, bytes, options).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.step()?;
        self.objects.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.step()?;
        self.objects.get_opts(path, options).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        match self.step() {
            Ok(()) => self.objects.delete_stream(paths),
            Err(error) => Box::pin(Once(Some(error))),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.objects.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.step()?;
        self.objects.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.step()?;
        self.objects.copy_opts(from, to, options).await
    }
}

/// A stream of one error.
struct Once(Option<Error>);

impl futures_core::Stream for Once {
    type Item = Result<Path>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(self.0.take().map(Err))
    }
}

fn open(place: &Place, store: &Arc<Failing>) -> Vault {
    place.open().with_objects(Objects::with_store(store.clone()).unwrap())
}

fn is_away(error: &VaultError) {
    assert_eq!(error.kind(), Kind::Unavailable, "{error}");
}

fn capture(place: &mut Place, store: &Arc<Failing>) -> std::result::Result<u64, VaultError> {
    let mut vault = open(place, store);
    let now = time("2026-01-05T00:00:00Z");
    let mut capture = Capture::begin(&mut vault, defaults(), now, &mut place.entropy)?;
    let counts = capture.add(threads())?;
    capture.commit(None)?;
    Ok(counts.imported)
}

/// What is stored is what is listed, and holds this many turns.
fn assert_stored(place: &Place, store: &Arc<Failing>, turns: u64) {
    store.fail_in(0);
    let mut vault = open(place, store);
    vault
        .run_retention(time("2026-01-06T00:00:00Z"), &mut candor_vault::Entropy::from_seed([8; 32]))
        .unwrap();
    assert_eq!(vault.holdings().unwrap().turns, turns);
    let stored: u64 = pieces(&vault).unwrap().iter().map(|piece| u64::from(piece.turns)).sum();
    assert_eq!(stored, turns);
    let listed = Objects::with_store(store.clone()).unwrap().list("segments").unwrap();
    assert_eq!(listed.len() as u64, vault.holdings().unwrap().segments, "nothing else lies there");
}

#[test]
fn a_capture_that_the_store_fails_is_complete_when_it_is_repeated() {
    for number in 1.. {
        let mut place = Place::new();
        let store = Arc::new(Failing::default());
        store.fail_in(number);
        let first = capture(&mut place, &store);
        if !store.failed() {
            assert!(number > 1);
            assert_eq!(first.unwrap(), TURNS);
            return;
        }
        is_away(&first.unwrap_err());
        assert_eq!(capture(&mut place, &store).unwrap(), TURNS, "operation {number}");
        assert_eq!(capture(&mut place, &store).unwrap(), 0, "the third time all are there");
        assert_stored(&place, &store, TURNS);
    }
}

#[test]
fn a_commit_that_fails_keeps_what_was_added_for_the_next_one() {
    let mut place = Place::new();
    let store = Arc::new(Failing::default());
    let mut vault = open(&place, &store);
    let source = vault.job_source(&["log".into()]);
    let job =
        |position: &str| Job { source: source.clone(), position: Some(position.into()), counts: "{}".into() };
    let now = time("2026-01-05T00:00:00Z");
    let mut capture = Capture::begin(&mut vault, defaults(), now, &mut place.entropy).unwrap();
    let mut threads = threads().into_iter();
    capture.add(threads.by_ref().take(2).collect()).unwrap();
    capture.commit(Some(&job("two"))).unwrap();
    capture.add(threads.collect()).unwrap();
    store.fail_in(1);
    is_away(&capture.commit(Some(&job("four"))).unwrap_err());
    drop(capture);
    let unfinished = vault.unfinished_job(&source).unwrap().unwrap();
    assert_eq!(unfinished.position.as_deref(), Some("two"), "the position never runs ahead of the turns");
    drop(vault);

    let mut vault = open(&place, &store);
    let mut capture = Capture::begin(&mut vault, defaults(), now, &mut place.entropy).unwrap();
    let counts = capture.add(super::place::threads()).unwrap();
    assert_eq!((counts.duplicate, counts.imported), (4, 6));
    store.fail_in(1);
    is_away(&capture.commit(Some(&job("four"))).unwrap_err());
    capture.commit(Some(&job("four"))).unwrap();
    drop(capture);
    assert_eq!(vault.unfinished_job(&source).unwrap().unwrap().position.as_deref(), Some("four"));
    drop(vault);
    assert_stored(&place, &store, TURNS);
}

#[test]
fn a_retention_run_that_the_store_fails_is_complete_when_it_is_repeated() {
    let now = time("2026-01-06T00:00:00Z");
    for number in 1.. {
        let mut place = Place::new();
        let store = Arc::new(Failing::default());
        capture(&mut place, &store).unwrap();
        let mut vault = open(&place, &store);
        let ada = person(&vault, "ada");
        vault.erase(&ada, &[], now).unwrap();
        store.fail_in(number);
        let first = vault.run_retention(now, &mut place.entropy);
        drop(vault);
        let failed = store.failed();
        if failed {
            is_away(&first.unwrap_err());
        } else {
            first.unwrap();
        }
        // Her turn and its answer, her turn in the shared thread and both answers there.
        assert_stored(&place, &store, TURNS - 5);
        let vault = open(&place, &store);
        assert!(pieces(&vault).unwrap().iter().all(|piece| !piece.authors.contains(&ada.tag)));
        if !failed {
            assert!(number > 4, "list, read, write and remove: {number}");
            return;
        }
    }
}

#[test]
fn a_store_that_cannot_be_read_is_an_error_and_not_an_empty_vault() {
    let mut place = Place::new();
    let store = Arc::new(Failing::default());
    capture(&mut place, &store).unwrap();
    let vault = open(&place, &store);
    store.fail_in(1);
    is_away(&pieces(&vault).unwrap_err());
    assert!(!pieces(&vault).unwrap().is_empty());
}
