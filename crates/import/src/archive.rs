//! Zip archives: their entries, which of them are safe to read, and their streams.

use std::io::{self, Read};

use zip::CompressionMethod;
use zip::result::ZipError;

use crate::stream::{Capped, Checked, Store, Stream, sort_out};
use crate::{Limits, Reason};

/// An entry of an archive that may be read.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// Its bytes as they lie in the archive, or why they are not read.
    pub(crate) content: Result<Content, Reason>,
}

/// Where an entry's bytes lie and what its directory says of them.
#[derive(Clone)]
pub(crate) struct Content {
    pub(crate) store: Store,
    pub(crate) stored: bool,
    bytes: u64,
    crc: u32,
}

/// The entries of an archive in the order of its directory, folders left out.
pub(crate) fn entries(store: &Store, limits: &Limits) -> io::Result<Result<Vec<Entry>, Reason>> {
    let reader = io::BufReader::new(store.open()?);
    let mut archive = match zip::ZipArchive::new(reader) {
        Ok(archive) => archive,
        Err(error) => return refused(error).map(Err),
    };
    if archive.len() > limits.entries_max {
        return Ok(Err(Reason::TooManyEntries { entries_max: limits.entries_max }));
    }
    let mut entries = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let name = archive.name_for_index(index).and_then(Result::ok).map(|name| name.into_owned());
        let name = name.unwrap_or_else(|| format!("entry {index}"));
        match archive.by_index_raw(index) {
            Ok(file) if file.is_dir() => {}
            Ok(file) => entries.push(Entry { name, content: content(store, &file) }),
            Err(error) => entries.push(Entry { name, content: Err(refused(error)?) }),
        }
    }
    Ok(Ok(entries))
}

/// What an entry's directory record allows: its name must stay inside, and it must be a plain file.
fn content<R: Read>(store: &Store, file: &zip::read::ZipFile<'_, R>) -> Result<Content, Reason> {
    if !is_inside(&String::from_utf8_lossy(file.name_raw())) {
        return Err(Reason::UnsafePath);
    }
    if file.is_symlink() {
        return Err(Reason::SymbolicLink);
    }
    if file.encrypted() {
        return Err(Reason::Encrypted);
    }
    let stored = match file.compression() {
        CompressionMethod::Stored => true,
        CompressionMethod::Deflated => false,
        _ => return Err(Reason::UnsupportedCompression),
    };
    let start = file.data_start().ok_or(Reason::DamagedArchive)?;
    if start.saturating_add(file.compressed_size()) > store.length() {
        return Err(Reason::TruncatedArchive);
    }
    let window = store.window(start, file.compressed_size());
    Ok(Content { store: window, stored, bytes: file.size(), crc: file.crc32() })
}

impl Content {
    /// The entry's bytes, at most `bytes_max` of them; an entry that declares more is refused unread.
    pub(crate) fn open(&self, bytes_max: u64) -> io::Result<Result<Stream, Reason>> {
        if self.bytes > bytes_max {
            return Ok(Err(Reason::ExpandsTooMuch { bytes_max }));
        }
        let raw = self.store.open()?;
        let plain: Stream =
            if self.stored { Box::new(raw) } else { Box::new(flate2::read::DeflateDecoder::new(raw)) };
        let checked = Checked {
            inner: Capped { inner: plain, left: bytes_max, bytes_max },
            crc: flate2::Crc::new(),
            expected_crc: self.crc,
            expected_bytes: self.bytes,
            read: 0,
        };
        Ok(Ok(Box::new(checked)))
    }

    /// The entry as an archive of its own: in place where it is stored as it is, else unpacked and held.
    pub(crate) fn as_archive(&self, bytes_max: u64) -> io::Result<Result<Store, Reason>> {
        if self.stored {
            return Ok(Ok(self.store.clone()));
        }
        let too_large = Reason::NestedTooLarge { bytes_max };
        let mut stream = match self.open(bytes_max)? {
            Ok(stream) => stream,
            Err(_) => return Ok(Err(too_large)),
        };
        let mut bytes = Vec::new();
        match stream.read_to_end(&mut bytes) {
            Ok(_) => Ok(Ok(Store::Memory(bytes.into()))),
            Err(error) => match sort_out(error)? {
                Reason::ExpandsTooMuch { .. } => Ok(Err(too_large)),
                reason => Ok(Err(reason)),
            },
        }
    }
}

/// Whether a name stays inside the folder it would be unpacked to, on every system.
fn is_inside(name: &str) -> bool {
    let absolute = name.starts_with(['/', '\\']);
    let drive = name.as_bytes().get(1) == Some(&b':');
    let climbs = name.split(['/', '\\']).any(|part| part == "..");
    !(name.is_empty() || absolute || drive || climbs || name.contains('\0'))
}

fn refused(error: ZipError) -> io::Result<Reason> {
    match error {
        ZipError::Io(error) => sort_out(error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            Ok(Reason::Encrypted)
        }
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            Ok(Reason::UnsupportedCompression)
        }
        // The directory is at an archive's end: without it, the end is missing.
        ZipError::InvalidArchive(_) => Ok(Reason::TruncatedArchive),
        _ => Ok(Reason::DamagedArchive),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_out_of_the_archive_are_not_inside() {
        for name in ["a.json", "a/b.json", "a/..b.json", "..."] {
            assert!(is_inside(name), "{name}");
        }
        for name in ["", "/etc/x", "\\x", "C:\\x", "c:x", "../x", "a/../../x", "a\\..\\x", "a/..", "a\0b"] {
            assert!(!is_inside(name), "{name}");
        }
    }
}
