//! What a build holds on disk while it runs: sealed pieces by partition, and rows under a key that dies with it.
//!
//! Nothing readable is ever written here (N9): pieces are still sealed as they were in the vault, and rows are
//! encrypted one by one under a key that exists in this process only.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use candor_conversation::{CanonicalBytes, Kind, Message, row_bytes};
use candor_vault::{AuthorTag, Entropy, Key, SealedPiece};

use crate::surrogates::Swaps;

/// Why the build's working files could not be used.
#[derive(Debug, thiserror::Error)]
pub enum SpillError {
    /// The disk refused.
    #[error("{doing} {path}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// What came back is not what was written.
    #[error("a working file of the build is not what was written: {0}")]
    Changed(PathBuf),
}

impl SpillError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            SpillError::File { .. } => Kind::Unavailable,
            SpillError::Changed(_) => Kind::Corrupt,
        }
    }
}

/// Sealed pieces, spread over files so that each conversation's pieces meet in one.
pub(crate) struct Partitions {
    files: Vec<(PathBuf, BufWriter<File>)>,
}

impl Partitions {
    /// Makes `count` files in `folder`.
    pub(crate) fn create(folder: &Path, count: usize) -> Result<Self, SpillError> {
        let make = |number| {
            let path = folder.join(format!("pieces-{number:04}"));
            let file = File::create(&path).map_err(|source| error("make", &path, source))?;
            Ok((path, BufWriter::new(file)))
        };
        Ok(Self { files: (0..count).map(make).collect::<Result<_, _>>()? })
    }

    /// Appends a piece to the file that its conversation's order falls into.
    pub(crate) fn push(&mut self, order: &[u8; 32], piece: &SealedPiece) -> Result<(), SpillError> {
        let [a, b, c, d, ..] = *order;
        let place = (u64::from(u32::from_be_bytes([a, b, c, d])) * self.files.len() as u64) >> 32;
        let (path, file) = &mut self.files[place as usize];
        let written = file.write_all(&piece_bytes(order, piece));
        written.map_err(|source| error("write", path, source))
    }

    /// The files, in order; each holds a range of conversation orders.
    pub(crate) fn finish(self) -> Result<Vec<PathBuf>, SpillError> {
        let flush = |(path, file): (PathBuf, BufWriter<File>)| {
            file.into_inner().map_err(|source| error("write", &path, source.into_error()))?;
            Ok(path)
        };
        self.files.into_iter().map(flush).collect()
    }
}

/// A conversation by its order, with its sealed pieces.
pub(crate) type Gathered = ([u8; 32], Vec<SealedPiece>);

/// Reads a partition back: conversations in order, each with its pieces; then removes the file.
pub(crate) fn read_partition(path: &Path) -> Result<Vec<Gathered>, SpillError> {
    let file = File::open(path).map_err(|source| error("open", path, source))?;
    let mut reader = BufReader::new(file);
    let mut pieces = Vec::new();
    while let Some(piece) = read_piece(&mut reader).map_err(|source| error("read", path, source))? {
        pieces.push(piece);
    }
    std::fs::remove_file(path).map_err(|source| error("remove", path, source))?;
    // Within a conversation, too, the order must not depend on which segments the pieces lay in.
    pieces.sort_by(|(a, x), (b, y)| {
        (a, x.expires_day, &x.authors, &x.meta).cmp(&(b, y.expires_day, &y.authors, &y.meta))
    });
    let mut conversations: Vec<Gathered> = Vec::new();
    for (order, piece) in pieces {
        match conversations.last_mut() {
            Some((last, list)) if *last == order => list.push(piece),
            _ => conversations.push((order, vec![piece])),
        }
    }
    Ok(conversations)
}

fn piece_bytes(order: &[u8; 32], piece: &SealedPiece) -> Vec<u8> {
    let mut bytes = CanonicalBytes::default();
    let authors: Vec<u8> = piece.authors.iter().flat_map(|tag| tag.0).collect();
    bytes.field(order).field(&piece.conversation).field(&authors);
    bytes.field(&piece.expires_day.to_be_bytes()).number(u64::from(piece.turns));
    bytes.number(u64::from(piece.text_bytes)).field(&piece.wrapped_key).field(&piece.meta).field(&piece.text);
    // One more than there are, so that a piece without files is told from one whose files were not read.
    bytes.number(piece.files.as_ref().map_or(0, |files| files.len() as u64 + 1));
    for file in piece.files.iter().flatten() {
        bytes.field(file);
    }
    bytes.into_bytes()
}

fn read_piece(reader: &mut impl Read) -> io::Result<Option<([u8; 32], SealedPiece)>> {
    let mut length = [0; 8];
    match reader.read_exact(&mut length) {
        Err(end) if end.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let order = read_bytes(reader, u64::from_be_bytes(length))?;
    let conversation = read_field(reader)?;
    let tags = read_field(reader)?.as_chunks::<16>().0.to_vec();
    let expires_day = i64::from_be_bytes(fixed(read_field(reader)?)?);
    let turns = read_number(reader)? as u32;
    let text_bytes = read_number(reader)? as u32;
    let (wrapped_key, meta, text) = (read_field(reader)?, read_field(reader)?, read_field(reader)?);
    let files = match read_number(reader)?.checked_sub(1) {
        Some(count) => Some((0..count).map(|_| read_field(reader)).collect::<Result<_, _>>()?),
        None => None,
    };
    let piece = SealedPiece {
        conversation: fixed(conversation)?,
        authors: tags.into_iter().map(AuthorTag).collect(),
        expires_day,
        turns,
        text_bytes,
        wrapped_key,
        meta,
        text,
        files,
    };
    Ok(Some((fixed(order)?, piece)))
}

fn read_number(reader: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    reader.read_exact(&mut bytes)?;
    Ok(u64::from_be_bytes(bytes))
}

fn read_field(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let length = read_number(reader)?;
    read_bytes(reader, length)
}

fn read_bytes(reader: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = reader.take(length).read_to_end(&mut bytes)?;
    if read as u64 == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn fixed<const N: usize>(bytes: Vec<u8>) -> io::Result<[u8; N]> {
    bytes.try_into().map_err(|_| io::ErrorKind::InvalidData.into())
}

/// Candidate rows on disk, each sealed, in order of their numbers.
pub(crate) struct Rows {
    path: PathBuf,
    writer: BufWriter<File>,
    reader: Mutex<File>,
    key: Key,
    ends: Vec<u64>,
}

impl Rows {
    /// An empty file with a key of its own.
    pub(crate) fn create(folder: &Path, entropy: &mut Entropy) -> Result<Self, SpillError> {
        let path = folder.join("rows");
        let file = File::create(&path).map_err(|source| error("make", &path, source))?;
        let reader = File::open(&path).map_err(|source| error("open", &path, source))?;
        let writer = BufWriter::with_capacity(1 << 20, file);
        Ok(Self { path, writer, reader: Mutex::new(reader), key: Key::random(entropy), ends: Vec::new() })
    }

    /// The key under which [`seal`] prepares rows, in parallel.
    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Appends a sealed row.
    pub(crate) fn push(&mut self, sealed: &[u8]) -> Result<(), SpillError> {
        self.writer.write_all(sealed).map_err(|source| error("write", &self.path, source))?;
        let start = self.ends.last().copied().unwrap_or_default();
        self.ends.push(start + sealed.len() as u64);
        Ok(())
    }

    /// Makes everything appended readable.
    pub(crate) fn flush(&mut self) -> Result<(), SpillError> {
        self.writer.flush().map_err(|source| error("write", &self.path, source))
    }

    /// Reads a row, with placeholders.
    pub(crate) fn read(&self, row: usize) -> Result<Vec<Message>, SpillError> {
        Ok(self.read_with_swaps(row)?.0)
    }

    /// Reads a row, with placeholders, and the surrogates that files have in their place.
    pub(crate) fn read_with_swaps(&self, row: usize) -> Result<(Vec<Message>, Swaps), SpillError> {
        let changed = || SpillError::Changed(self.path.clone());
        let end = *self.ends.get(row).ok_or_else(changed)?;
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        let mut sealed = vec![0; (end - start) as usize];
        {
            let mut file = self.reader.lock().map_err(|_| changed())?;
            let read = file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut sealed));
            read.map_err(|source| error("read", &self.path, source))?;
        }
        let plain = self.key.open(PLACE, &sealed).map_err(|_| changed())?;
        let (messages, swaps) = split_field(&plain).ok_or_else(changed)?;
        messages_of(messages).zip(Swaps::read(swaps)).ok_or_else(changed)
    }
}

const PLACE: &[u8] = b"candor-build-row-1";

/// Seals a row for [`Rows::push`].
pub(crate) fn seal(key: &Key, (messages, swaps): (&[Message], &Swaps), entropy: &mut Entropy) -> Vec<u8> {
    let mut bytes = CanonicalBytes::default();
    bytes.field(&row_bytes(messages, 0));
    swaps.write(&mut bytes);
    key.seal(PLACE, &bytes.into_bytes(), entropy)
}

/// Reads what [`row_bytes`] wrote.
fn messages_of(bytes: &[u8]) -> Option<Vec<Message>> {
    let (_tag, rest) = split_field(bytes)?;
    let (_weight, rest) = rest.split_first_chunk::<8>()?;
    let (count, mut rest) = rest.split_first_chunk::<8>()?;
    let mut text = || {
        let (field, after) = split_field(rest)?;
        rest = after;
        String::from_utf8(field.to_vec()).ok()
    };
    (0..u64::from_be_bytes(*count)).map(|_| Some(Message { role: text()?, content: text()? })).collect()
}

fn split_field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    rest.split_at_checked(usize::try_from(u64::from_be_bytes(*length)).ok()?)
}

fn error(doing: &'static str, path: &Path, source: io::Error) -> SpillError {
    SpillError::File { doing, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_in_any_order_and_the_file_holds_nothing_readable() {
        let folder = tempfile::tempdir().unwrap();
        let mut entropy = Entropy::from_seed([1; 32]);
        let mut rows = Rows::create(folder.path(), &mut entropy).unwrap();
        let message = |text: &str| vec![Message { role: "user".into(), content: text.into() }];
        for text in ["first canary", "", "third canary"] {
            let sealed = seal(rows.key(), (&message(text), &Swaps::default()), &mut entropy);
            rows.push(&sealed).unwrap();
        }
        rows.flush().unwrap();
        assert_eq!(rows.read(2).unwrap(), message("third canary"));
        assert_eq!(rows.read(0).unwrap(), message("first canary"));
        assert_eq!(rows.read(1).unwrap(), message(""));
        assert!(rows.read(3).is_err());
        let bytes = std::fs::read(folder.path().join("rows")).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"canary"));
    }
}
