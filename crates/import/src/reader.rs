//! Reads conversations from sources in batches that can be taken up again at any cut.

use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use candor_conversation::{Conversation, Kind};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::fold::{Fold, FoldPosition};
use crate::format::{self, Parsed};
use crate::source::{Fingerprint, OpenError, Sources};
use crate::split::{Place, Splitter};
use crate::stream::Stream;
use crate::walk::{DiskError, Found, Spot, Walk};
use crate::{Failure, Ignored, Limits, Reason};

/// Fewest values that one thread parses at a time.
const PARSE_VALUES_MIN: usize = 16;

/// Reading had to stop. What earlier batches held is delivered; resume from the last batch's position.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The disk failed.
    #[error("read `{file}`; hint: resume when the disk answers again")]
    Disk {
        /// The file that was being read.
        file: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A reader that stopped once does not go on.
    #[error("the reader stopped at an earlier error; hint: resume from the last position")]
    Stopped,
}

impl ReadError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        Kind::Unavailable
    }
}

impl From<DiskError> for ReadError {
    fn from(error: DiskError) -> Self {
        ReadError::Disk { file: error.file.to_string(), source: error.source }
    }
}

/// Something that was examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A conversation, as its source gave it.
    Conversation(Box<Conversation>),
    /// What could not be read, and why.
    Failure(Failure),
}

/// What one call of [`Reader::next_batch`] read.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Conversations and failures in the order of the sources. May be empty while trees wait for their rows.
    pub items: Vec<Item>,
    /// Everything up to this batch's end has been delivered.
    pub position: Position,
    /// Bytes read so far in all batches, as they lie on disk; see [`Reader::total_bytes`].
    pub bytes_read: u64,
}

/// A place between two batches: what lies before it has been delivered.
///
/// Written to a file and read back, it lets [`Reader::resume`] give exactly the remaining items. It holds
/// names of files and numbers, and no content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// SHA-256 over the names and sizes of all files.
    sources: String,
    /// The file that was being read.
    file: Option<Fingerprint>,
    spot: Spot,
    /// The place in the stream at `spot`; `None` if that stream was not begun.
    within: Option<(Place, FoldPosition)>,
}

impl Position {
    /// The file that was being read; `None` at the end of the sources.
    pub fn file(&self) -> Option<&Fingerprint> {
        self.file.as_ref()
    }
}

/// A reader of all conversations under some paths.
pub struct Reader {
    limits: Limits,
    sources: String,
    walk: Walk,
    splitter: Option<Splitter<Stream>>,
    fold: Fold,
    ignored: Vec<Ignored>,
    stopped: bool,
    done: bool,
}

/// What was found in a stream, not yet parsed.
enum Event {
    Begin(Arc<str>),
    Value(Place, Range<usize>),
    Broken(Place, Reason),
    /// The stream could not be read to its end.
    Cut(Reason),
    End,
    Failure(Failure),
}

impl Reader {
    /// Lists the sources under `paths`: files, folders, zip archives, `.gz` and `.zst` by their first bytes.
    pub fn open(paths: &[PathBuf], limits: Limits) -> Result<Self, OpenError> {
        let sources = Sources::list(paths, &limits)?;
        Ok(Self {
            limits,
            sources: sources.digest(),
            walk: Walk::new(sources.files, limits),
            splitter: None,
            fold: Fold::default(),
            ignored: sources.ignored,
            stopped: false,
            done: false,
        })
    }

    /// Goes on where an earlier reader of the same, unchanged files was when it gave `position`.
    ///
    /// The items are those that it had not given. [`Reader::ignored`] lists files from there on only.
    pub fn resume(paths: &[PathBuf], limits: Limits, position: &Position) -> Result<Self, OpenError> {
        let mut reader = Self::open(paths, limits)?;
        let file = position.file.as_ref().map_or("the list of files", |file| &file.name);
        let changed = || OpenError::Changed { file: file.to_owned() };
        let unreadable = |error: DiskError| OpenError::Unreadable {
            path: PathBuf::from(&*error.file),
            source: error.source,
        };
        if reader.sources != position.sources || !reader.walk.go_to(&position.spot).map_err(unreadable)? {
            return Err(changed());
        }
        if reader.walk.fingerprint() != position.file {
            return Err(changed());
        }
        let Some((place, fold)) = &position.within else { return Ok(reader) };
        let from = fold.replay_from().unwrap_or(*place);
        let stream = reader.walk.stream_at(from.offset).map_err(unreadable)?;
        let (name, stream) = stream.ok_or_else(changed)?;
        reader.fold = Fold::restore(name, fold);
        let mut splitter = Splitter::new(stream, limits.value_bytes_max, from);
        while splitter.place().number < place.number {
            let piece = splitter.next_piece().map_err(|_| changed())?.ok_or_else(changed)?;
            if let (before, Ok(bytes)) = (piece.place, piece.value)
                && let Ok(Parsed::Row(row)) = format::read(bytes)
            {
                reader.fold.replay(*row, before, fold);
            }
        }
        if splitter.place() != *place {
            return Err(changed());
        }
        reader.splitter = Some(splitter);
        Ok(reader)
    }

    /// The next items; `None` at the end of the sources.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, ReadError> {
        if self.stopped {
            return Err(ReadError::Stopped);
        }
        if self.done {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        let mut events = Vec::new();
        if let Err(error) = self.gather(&mut bytes, &mut events) {
            self.stopped = true;
            return Err(error.into());
        }
        if events.is_empty() {
            self.done = true;
            return Ok(None);
        }
        let parsed: Vec<Option<Result<Parsed, Reason>>> = events
            .par_iter()
            .with_min_len(PARSE_VALUES_MIN)
            .map(|event| match event {
                Event::Value(_, range) => Some(format::read(&bytes[range.clone()])),
                _ => None,
            })
            .collect();
        drop(bytes);
        let mut items = Vec::with_capacity(events.len());
        for (event, parsed) in events.into_iter().zip(parsed) {
            self.take(event, parsed, &mut items);
        }
        Ok(Some(Batch { items, position: self.position(), bytes_read: self.walk.bytes_read() }))
    }

    /// Bytes of all sources as they lie on disk.
    pub fn total_bytes(&self) -> u64 {
        self.walk.total_bytes()
    }

    /// Files that hold no conversations, as far as has been read.
    pub fn ignored(&self) -> &[Ignored] {
        &self.ignored
    }

    /// Collects values until a batch is full or the sources end.
    fn gather(&mut self, bytes: &mut Vec<u8>, events: &mut Vec<Event>) -> Result<(), DiskError> {
        while bytes.len() < self.limits.batch_bytes && events.len() < self.limits.batch_values {
            let Some(splitter) = &mut self.splitter else {
                match self.walk.next()? {
                    None => return Ok(()),
                    Some(Found::Failure(failure)) => events.push(Event::Failure(failure)),
                    Some(Found::Ignored(ignored)) => self.ignored.push(ignored),
                    Some(Found::Stream(name, stream)) => {
                        let limit = self.limits.value_bytes_max;
                        self.splitter = Some(Splitter::new(stream, limit, Place::START));
                        events.push(Event::Begin(name));
                    }
                }
                continue;
            };
            match splitter.next_piece() {
                Ok(Some(piece)) => events.push(match piece.value {
                    Ok(value) => {
                        let start = bytes.len();
                        bytes.extend_from_slice(value);
                        Event::Value(piece.place, start..bytes.len())
                    }
                    Err(reason) => Event::Broken(piece.place, reason),
                }),
                Ok(None) => {
                    events.push(Event::End);
                    self.leave();
                }
                Err(error) => {
                    events.push(Event::Cut(self.walk.sort_out(error)?));
                    events.push(Event::End);
                    self.leave();
                }
            }
        }
        Ok(())
    }

    fn leave(&mut self) {
        let expanded = self.splitter.take().map_or(0, |splitter| splitter.place().offset);
        self.walk.finish(expanded);
    }

    fn take(&mut self, event: Event, parsed: Option<Result<Parsed, Reason>>, items: &mut Vec<Item>) {
        match event {
            Event::Begin(name) => self.fold = Fold::begin(name),
            Event::Value(place, _) => {
                if let Some(parsed) = parsed {
                    self.fold.value(place, parsed, &self.limits, items);
                }
            }
            Event::Broken(place, reason) => self.fold.broken(place, reason, items),
            Event::Cut(reason) => self.fold.cut(reason, items),
            Event::End => self.ignored.extend(self.fold.end(items)),
            Event::Failure(failure) => items.push(Item::Failure(failure)),
        }
    }

    fn position(&mut self) -> Position {
        let within = self.splitter.as_ref().map(|splitter| (splitter.place(), self.fold.position()));
        Position {
            sources: self.sources.clone(),
            file: self.walk.fingerprint(),
            spot: self.walk.spot(),
            within,
        }
    }
}
