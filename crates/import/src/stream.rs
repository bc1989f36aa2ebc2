//! Streams of bytes: files, windows of files, and what is compressed in them, each with its limit.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Reason;

/// Bytes looked at to tell what a stream is.
pub(crate) const HEAD_BYTES: usize = 64 << 10;

/// A stream that its owner may send to another thread.
pub(crate) type Stream = Box<dyn Read + Send>;

/// Why a stream stopped, where that is not for the plain reader of a stream to know.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// The disk, not the data.
    #[error("read the file")]
    Disk(#[source] io::Error),
    /// What the data is guilty of.
    #[error("{0}")]
    Content(Reason),
}

/// The disk's error in an error of a stream, or the reason why its data cannot be read.
pub(crate) fn sort_out(error: io::Error) -> Result<Reason, io::Error> {
    let kind = error.kind();
    match error.downcast::<Trouble>() {
        Ok(Trouble::Disk(error)) => Err(error),
        Ok(Trouble::Content(reason)) => Ok(reason),
        Err(_) if kind == io::ErrorKind::UnexpectedEof => Ok(Reason::TruncatedArchive),
        Err(_) => Ok(Reason::DamagedArchive),
    }
}

fn content(reason: Reason) -> io::Error {
    io::Error::other(Trouble::Content(reason))
}

/// Where bytes lie: a window of a file, or an archive that had to be unpacked to be read.
#[derive(Clone)]
pub(crate) enum Store {
    File { path: Arc<PathBuf>, start: u64, length: u64, read: Arc<AtomicU64> },
    Memory(Arc<[u8]>),
}

impl Store {
    /// Length in bytes.
    pub(crate) fn length(&self) -> u64 {
        match self {
            Store::File { length, .. } => *length,
            Store::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// A part of it; cut to what is there.
    pub(crate) fn window(&self, from: u64, bytes: u64) -> Store {
        let from = from.min(self.length());
        let bytes = bytes.min(self.length() - from);
        match self {
            Store::File { path, start, read, .. } => {
                Store::File { path: path.clone(), start: start + from, length: bytes, read: read.clone() }
            }
            // Both fit: they are within the length of something that is held.
            Store::Memory(all) => Store::Memory(all[from as usize..(from + bytes) as usize].into()),
        }
    }

    /// Opens it at its first byte.
    pub(crate) fn open(&self) -> io::Result<StoreReader> {
        let inner = match self {
            Store::File { path, start, length, read } => {
                let file = File::open(path.as_path())
                    .map_err(|error| content(Reason::Unreadable { kind: error.kind() }))?;
                Inner::File { file, start: *start, length: *length, read: read.clone() }
            }
            Store::Memory(bytes) => Inner::Memory(bytes.clone()),
        };
        let mut reader = StoreReader { inner, at: 0 };
        reader.seek(SeekFrom::Start(0))?;
        Ok(reader)
    }
}

enum Inner {
    File { file: File, start: u64, length: u64, read: Arc<AtomicU64> },
    Memory(Arc<[u8]>),
}

/// A reader of a [`Store`].
pub(crate) struct StoreReader {
    inner: Inner,
    at: u64,
}

impl Read for StoreReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.inner {
            Inner::File { file, length, read, .. } => {
                let left = usize::try_from(length.saturating_sub(self.at)).unwrap_or(usize::MAX);
                let wanted = left.min(buffer.len());
                let count = file
                    .read(&mut buffer[..wanted])
                    .map_err(|error| io::Error::new(error.kind(), Trouble::Disk(error)))?;
                read.fetch_add(count as u64, Ordering::Relaxed);
                count
            }
            Inner::Memory(bytes) => {
                let from = usize::try_from(self.at).unwrap_or(usize::MAX).min(bytes.len());
                (&bytes[from..]).read(buffer)?
            }
        };
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for StoreReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let length = match &self.inner {
            Inner::File { length, .. } => *length,
            Inner::Memory(bytes) => bytes.len() as u64,
        };
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        let target = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        if let Inner::File { file, start, .. } = &mut self.inner {
            let absolute =
                start.checked_add(target).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
            file.seek(SeekFrom::Start(absolute))?;
        }
        self.at = target;
        Ok(target)
    }
}

/// Lets through so many bytes, and fails at the next one.
pub(crate) struct Capped<R> {
    pub(crate) inner: R,
    pub(crate) left: u64,
    pub(crate) bytes_max: u64,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.left == 0 {
            // Only a byte beyond the limit is too much; a stream that ends exactly there is not.
            return match self.inner.read(&mut [0])? {
                0 => Ok(0),
                _ => Err(content(Reason::ExpandsTooMuch { bytes_max: self.bytes_max })),
            };
        }
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.inner.read(&mut buffer[..wanted])?;
        self.left -= count as u64;
        Ok(count)
    }
}

/// Compares a stream with the length and checksum that an archive's directory gives for it.
pub(crate) struct Checked<R> {
    pub(crate) inner: R,
    pub(crate) crc: flate2::Crc,
    pub(crate) expected_crc: u32,
    pub(crate) expected_bytes: u64,
    pub(crate) read: u64,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.crc.update(&buffer[..count]);
        self.read += count as u64;
        if count == 0 && !buffer.is_empty() {
            if self.read < self.expected_bytes {
                return Err(content(Reason::TruncatedArchive));
            }
            if self.read > self.expected_bytes || self.crc.sum() != self.expected_crc {
                return Err(content(Reason::DamagedArchive));
            }
        }
        Ok(count)
    }
}

/// What the first bytes of a stream say it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Magic {
    Zip,
    Gzip,
    Zstd,
    Plain,
}

impl Magic {
    pub(crate) fn of(head: &[u8]) -> Self {
        match head {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Magic::Zip,
            [0x1f, 0x8b, 8, ..] => Magic::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Magic::Zstd,
            _ => Magic::Plain,
        }
    }

    /// The stream without its compression; unchanged for what is not one compressed stream.
    pub(crate) fn expand(self, stream: Stream) -> io::Result<Stream> {
        Ok(match self {
            Magic::Gzip => Box::new(flate2::read::MultiGzDecoder::new(stream)),
            Magic::Zstd => Box::new(zstd::stream::read::Decoder::new(stream)?),
            Magic::Zip | Magic::Plain => stream,
        })
    }
}

/// Reads the first bytes of a stream and gives it back whole.
pub(crate) fn peek(mut stream: Stream) -> io::Result<(Vec<u8>, Stream)> {
    let mut head = Vec::new();
    stream.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    let whole = io::Cursor::new(head.clone()).chain(stream);
    Ok((head, Box::new(whole)))
}

/// Discards `bytes` of a stream; `false` if it ends before.
pub(crate) fn skip(stream: &mut Stream, bytes: u64) -> io::Result<bool> {
    Ok(io::copy(&mut stream.take(bytes), &mut io::sink())? == bytes)
}
