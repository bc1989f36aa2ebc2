//! Goes through files and the archives in them, one stream of JSON after the other.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::archive::{self, Entry};
use crate::source::{Fingerprint, SourceFile, fingerprint, printable};
use crate::stream::{self, Capped, Magic, Store, Stream, sort_out};
use crate::{Failure, Ignored, IgnoredReason, Limits, Reason, Source};

/// Archives within each other that are read: one, and one inside it.
const ARCHIVE_DEPTH_MAX: usize = 2;

/// Which stream comes next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Spot {
    pub(crate) file: usize,
    /// The entry at each level of archives, outermost first; empty outside archives.
    entries: Vec<usize>,
    /// Bytes that this file's streams before this one expanded to.
    expanded_bytes: u64,
}

/// What a step of the walk came to.
pub(crate) enum Found {
    /// A stream that begins like JSON, and its name. The walk stays at it until [`Walk::finish`].
    Stream(Arc<str>, Stream),
    Failure(Failure),
    Ignored(Ignored),
}

/// The disk failed under a file, which is no fault of its content.
#[derive(Debug)]
pub(crate) struct DiskError {
    pub(crate) file: Arc<str>,
    pub(crate) source: io::Error,
}

/// An archive that was entered.
struct Level {
    entries: Vec<Entry>,
    next: usize,
}

/// The walk over all files.
pub(crate) struct Walk {
    files: Vec<SourceFile>,
    /// Bytes of the files before each file.
    bytes_before: Vec<u64>,
    limits: Limits,
    file: usize,
    levels: Vec<Level>,
    expanded_bytes: u64,
    read: Arc<AtomicU64>,
    known: Option<(usize, Fingerprint)>,
}

/// What lies at a spot.
enum Opened {
    Archive(Store),
    Stream(Stream),
    Ignored(IgnoredReason),
}

/// An error of the disk outside, a fault of the data inside.
type Attempt<T> = io::Result<Result<T, Reason>>;

impl Walk {
    pub(crate) fn new(files: Vec<SourceFile>, limits: Limits) -> Self {
        let mut total = 0;
        let mut bytes_before = Vec::with_capacity(files.len() + 1);
        for file in &files {
            bytes_before.push(total);
            total += file.bytes;
        }
        bytes_before.push(total);
        let (levels, read) = (Vec::new(), Arc::default());
        Self { files, bytes_before, limits, file: 0, levels, expanded_bytes: 0, read, known: None }
    }

    /// Bytes of all files as they lie on disk.
    pub(crate) fn total_bytes(&self) -> u64 {
        self.bytes_before[self.files.len()]
    }

    /// Bytes that are behind, as they lie on disk.
    pub(crate) fn bytes_read(&self) -> u64 {
        let within =
            self.files.get(self.file).map_or(0, |file| self.read.load(Ordering::Relaxed).min(file.bytes));
        self.bytes_before[self.file] + within
    }

    /// The spot of the stream that the walk is at, or of the next one.
    pub(crate) fn spot(&self) -> Spot {
        let entries = self.levels.iter().map(|level| level.next).collect();
        Spot { file: self.file, entries, expanded_bytes: self.expanded_bytes }
    }

    /// The fingerprint of the file that the walk is at; `None` after the last, or where it cannot be read.
    pub(crate) fn fingerprint(&mut self) -> Option<Fingerprint> {
        if let Some((file, known)) = &self.known
            && *file == self.file
        {
            return Some(known.clone());
        }
        let file = self.files.get(self.file)?;
        let known = fingerprint(&file.path, &file.name).ok()?;
        self.known = Some((self.file, known.clone()));
        Some(known)
    }

    /// The next stream, or what else there is to say; `None` after the last.
    pub(crate) fn next(&mut self) -> Result<Option<Found>, DiskError> {
        while self.file < self.files.len() {
            if self.levels.last().is_some_and(|level| level.next >= level.entries.len()) {
                self.levels.pop();
                self.pass();
                continue;
            }
            let name = self.name();
            let opened = self.open(0).and_then(|opened| match opened {
                Ok(Opened::Archive(store)) => Ok(self.enter(&store)?.map(|()| None)),
                other => Ok(other.map(Some)),
            });
            let found = match self.sorted(opened)? {
                Ok(None) => continue,
                Ok(Some(Opened::Stream(stream))) => return Ok(Some(Found::Stream(name, stream))),
                Ok(Some(Opened::Ignored(reason))) => Found::Ignored(Ignored { file: name, reason }),
                Ok(Some(Opened::Archive(_))) => failure(name, Reason::NestedTooDeep),
                Err(reason) => failure(name, reason),
            };
            self.pass();
            return Ok(Some(found));
        }
        Ok(None)
    }

    /// Leaves the stream that the walk is at, which held so many bytes.
    pub(crate) fn finish(&mut self, bytes: u64) {
        self.expanded_bytes = self.expanded_bytes.saturating_add(bytes);
        self.pass();
    }

    /// Goes to a spot that an earlier walk over the same files was at; `false` if it is not there any more.
    pub(crate) fn go_to(&mut self, spot: &Spot) -> Result<bool, DiskError> {
        self.file = spot.file.min(self.files.len());
        self.levels.clear();
        for next in &spot.entries {
            let entered = self.open(0).and_then(|opened| match opened {
                Ok(Opened::Archive(store)) => self.enter(&store),
                _ => Ok(Err(Reason::DamagedArchive)),
            });
            match (self.sorted(entered)?, self.levels.last_mut()) {
                (Ok(()), Some(level)) if *next <= level.entries.len() => level.next = *next,
                _ => return Ok(false),
            }
        }
        self.expanded_bytes = spot.expanded_bytes;
        Ok(true)
    }

    /// The stream that the walk is at, from `offset` on; `None` if there is none.
    pub(crate) fn stream_at(&mut self, offset: u64) -> Result<Option<(Arc<str>, Stream)>, DiskError> {
        if self.file >= self.files.len() {
            return Ok(None);
        }
        let opened = self.open(offset);
        Ok(match self.sorted(opened)? {
            Ok(Opened::Stream(stream)) => Some((self.name(), stream)),
            _ => None,
        })
    }

    /// What an error of a stream means: the disk failed, or the data is at fault.
    pub(crate) fn sort_out(&self, error: io::Error) -> Result<Reason, DiskError> {
        sort_out(error).map_err(|source| DiskError { file: self.name(), source })
    }

    fn sorted<T>(&self, attempt: Attempt<T>) -> Result<Result<T, Reason>, DiskError> {
        attempt.or_else(|error| self.sort_out(error).map(Err))
    }

    /// Goes past what the walk is at.
    fn pass(&mut self) {
        match self.levels.last_mut() {
            Some(level) => level.next += 1,
            None => {
                self.file += 1;
                self.expanded_bytes = 0;
                self.read = Arc::default();
            }
        }
    }

    fn name(&self) -> Arc<str> {
        let mut name = self.files.get(self.file).map_or_else(String::new, |file| file.name.to_string());
        for entry in self.levels.iter().filter_map(|level| level.entries.get(level.next)) {
            name.push('!');
            name.push_str(&printable(&entry.name));
        }
        name.into()
    }

    /// Opens what the walk is at; a stream starts at `offset`.
    fn open(&self, offset: u64) -> Attempt<Opened> {
        let Some(level) = self.levels.last() else { return self.open_file(offset) };
        let content = match level.entries.get(level.next).map(|entry| entry.content.clone()) {
            Some(Ok(content)) => content,
            Some(Err(reason)) => return Ok(Err(reason)),
            None => return Ok(Err(Reason::DamagedArchive)),
        };
        let bytes_max = self.expanded_max(content.store.length());
        let stream = match content.open(bytes_max)? {
            Ok(stream) => stream,
            Err(reason) => return Ok(Err(reason)),
        };
        let (head, stream) = stream::peek(stream)?;
        match Magic::of(&head) {
            Magic::Zip if self.levels.len() >= ARCHIVE_DEPTH_MAX => Ok(Err(Reason::NestedTooDeep)),
            Magic::Zip => Ok(content.as_archive(self.limits.nested_archive_bytes_max)?.map(Opened::Archive)),
            Magic::Plain => plain(&head, stream, offset),
            magic => self.expand(magic, stream, content.store.length(), offset),
        }
    }

    fn open_file(&self, offset: u64) -> Attempt<Opened> {
        let Some(file) = self.files.get(self.file) else { return Ok(Err(Reason::DamagedArchive)) };
        self.read.store(0, Ordering::Relaxed);
        let (path, read) = (file.path.clone(), self.read.clone());
        let store = Store::File { path, start: 0, length: file.bytes, read };
        let (head, stream) = stream::peek(Box::new(store.open()?))?;
        match Magic::of(&head) {
            Magic::Zip => Ok(Ok(Opened::Archive(store))),
            Magic::Plain if offset > 0 => {
                let rest = store.window(offset, u64::MAX).open()?;
                self.read.store(offset, Ordering::Relaxed);
                Ok(Ok(Opened::Stream(Box::new(rest))))
            }
            Magic::Plain => plain(&head, stream, 0),
            magic => self.expand(magic, stream, file.bytes, offset),
        }
    }

    /// The content of one compressed stream.
    fn expand(&self, magic: Magic, stream: Stream, bytes: u64, offset: u64) -> Attempt<Opened> {
        let bytes_max = self.expanded_max(bytes);
        let inner = magic.expand(stream)?;
        let (head, stream) = stream::peek(Box::new(Capped { inner, left: bytes_max, bytes_max }))?;
        match Magic::of(&head) {
            Magic::Plain => plain(&head, stream, offset),
            _ => Ok(Err(Reason::NestedTooDeep)),
        }
    }

    fn enter(&mut self, store: &Store) -> Attempt<()> {
        Ok(archive::entries(store, &self.limits)?.map(|entries| {
            if let Store::Memory(bytes) = store {
                self.expanded_bytes = self.expanded_bytes.saturating_add(bytes.len() as u64);
            }
            self.levels.push(Level { entries, next: 0 });
        }))
    }

    /// Bytes that a stream of so many compressed bytes may expand to.
    fn expanded_max(&self, compressed_bytes: u64) -> u64 {
        let by_ratio = compressed_bytes.saturating_mul(self.limits.expanded_ratio_max);
        let left = self.limits.expanded_bytes_max.saturating_sub(self.expanded_bytes);
        by_ratio.max(self.limits.expanded_floor_bytes).min(left)
    }
}

fn plain(head: &[u8], mut stream: Stream, offset: u64) -> Attempt<Opened> {
    if offset > 0 && !stream::skip(&mut stream, offset)? {
        return Ok(Err(Reason::Truncated));
    }
    Ok(match judge(head) {
        Ok(()) => Ok(Opened::Stream(stream)),
        Err(reason) => reason.map(Opened::Ignored),
    })
}

/// Whether a stream that begins so may hold JSON objects; if not, why it is passed over or refused.
fn judge(head: &[u8]) -> Result<(), Result<IgnoredReason, Reason>> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Err(Err(Reason::InvalidUtf8));
    }
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut significant = head.iter().filter(|byte| !byte.is_ascii_whitespace());
    let json = match (significant.next(), significant.next()) {
        (None, _) => return Err(Ok(IgnoredReason::Empty)),
        (Some(b'{'), next) => matches!(next, None | Some(b'"' | b'}')),
        (Some(b'['), next) => matches!(next, None | Some(b'{' | b']')),
        (Some(b'<'), _) => false,
        // Lines whose first one was cut, by a log that was rotated for example.
        _ => memchr::memmem::find(head, b"\n{\"").is_some(),
    };
    if json { Ok(()) } else { Err(Ok(IgnoredReason::NotJson)) }
}

fn failure(file: Arc<str>, reason: Reason) -> Found {
    Found::Failure(Failure { source: Source { file, element: None, offset: None }, reason })
}
