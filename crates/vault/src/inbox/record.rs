//! Records: a sealed piece as bytes, and how records stand in a file.
//!
//! A record is its length (4 bytes, little-endian), a check (the first 16 bytes of SHA-256 over length and
//! content), and its content: a version, what a segment has in its clear columns, and what is sealed. The check tells
//! what a crash tore or a disk changed; what a stranger writes is told by the seal.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use crate::piece::{AuthorTag, SealedPiece};

/// Longest record, in bytes. A longer one is not written.
pub(super) const RECORD_BYTES_MAX: usize = 256 << 20;
const VERSION: u8 = 2;
const CHECK_BYTES: usize = 16;

/// Appends a piece as one record; `false`, with nothing appended, if it is too long.
pub(super) fn append(piece: &SealedPiece, out: &mut Vec<u8>) -> bool {
    let Some(content) = write(piece) else { return false };
    let Some(length) = u32::try_from(content.len()).ok().filter(|_| content.len() <= RECORD_BYTES_MAX) else {
        return false;
    };
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&check(length, &content));
    out.extend_from_slice(&content);
    true
}

/// What comes next in a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A record.
    Piece(SealedPiece),
    /// A record whose bytes changed; the next one may be whole.
    Damaged,
    /// A record that is not all there, or nothing that could be one: nothing after it can be read.
    Torn,
    /// The end.
    End,
}

/// Reads the next record.
pub(super) fn next(file: &mut impl Read) -> io::Result<Next> {
    let mut head = Vec::with_capacity(4 + CHECK_BYTES);
    file.by_ref().take((4 + CHECK_BYTES) as u64).read_to_end(&mut head)?;
    if head.is_empty() {
        return Ok(Next::End);
    }
    let Some((length, expected)) = head.split_first_chunk::<4>() else { return Ok(Next::Torn) };
    let length = u32::from_le_bytes(*length);
    let possible = expected.len() == CHECK_BYTES && length > 0 && length as usize <= RECORD_BYTES_MAX;
    if !possible {
        return Ok(Next::Torn);
    }
    let mut content = Vec::new();
    file.by_ref().take(u64::from(length)).read_to_end(&mut content)?;
    if content.len() != length as usize {
        return Ok(Next::Torn);
    }
    if check(length, &content) != *expected {
        return Ok(Next::Damaged);
    }
    Ok(read(&content).map_or(Next::Damaged, Next::Piece))
}

fn check(length: u32, content: &[u8]) -> [u8; CHECK_BYTES] {
    let full = Sha256::new_with_prefix(length.to_le_bytes()).chain_update(content).finalize();
    let mut out = [0; CHECK_BYTES];
    out.copy_from_slice(&full[..CHECK_BYTES]);
    out
}

/// `None` if a part of it is too long for its length to be written.
fn write(piece: &SealedPiece) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(64 + piece.stored_bytes());
    out.push(VERSION);
    out.extend_from_slice(&piece.conversation);
    out.extend_from_slice(&piece.expires_day.to_le_bytes());
    let files = piece.files.as_deref()?;
    for number in [piece.turns, piece.text_bytes, piece.authors.len() as u32, files.len() as u32] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    for author in &piece.authors {
        out.extend_from_slice(&author.0);
    }
    for sealed in [&piece.wrapped_key, &piece.meta, &piece.text].into_iter().chain(files) {
        out.extend_from_slice(&u32::try_from(sealed.len()).ok()?.to_le_bytes());
        out.extend_from_slice(sealed);
    }
    Some(out)
}

fn read(content: &[u8]) -> Option<SealedPiece> {
    let rest = &mut content.strip_prefix(&[VERSION])?;
    let conversation = take(rest)?;
    let expires_day = i64::from_le_bytes(take(rest)?);
    let turns = u32::from_le_bytes(take(rest)?);
    let text_bytes = u32::from_le_bytes(take(rest)?);
    let count = u32::from_le_bytes(take(rest)?);
    let files = u32::from_le_bytes(take(rest)?);
    let authors = (0..count).map(|_| take(rest).map(AuthorTag)).collect::<Option<_>>()?;
    let mut blob = || {
        let length = u32::from_le_bytes(take(rest)?) as usize;
        let (blob, after) = rest.split_at_checked(length)?;
        *rest = after;
        Some(blob.to_vec())
    };
    let (wrapped_key, meta, text) = (blob()?, blob()?, blob()?);
    let files = Some((0..files).map(|_| blob()).collect::<Option<_>>()?);
    let piece =
        SealedPiece { conversation, authors, expires_day, turns, text_bytes, wrapped_key, meta, text, files };
    rest.is_empty().then_some(piece)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn pieces() -> impl Strategy<Value = SealedPiece> {
        let blob = || vec(any::<u8>(), 0..40);
        let blobs = (blob(), blob(), blob(), vec(blob(), 0..3).prop_map(Some));
        let authors = vec(any::<[u8; 16]>().prop_map(AuthorTag), 0..3);
        (any::<[u8; 16]>(), authors, any::<i64>(), any::<(u32, u32)>(), blobs).prop_map(
            |(conversation, authors, expires_day, (turns, text_bytes), (wrapped_key, meta, text, files))| {
                SealedPiece {
                    conversation,
                    authors,
                    expires_day,
                    turns,
                    text_bytes,
                    wrapped_key,
                    meta,
                    text,
                    files,
                }
            },
        )
    }

    /// The pieces that are read, and how it ended.
    fn all(mut file: &[u8]) -> (Vec<SealedPiece>, Next) {
        let mut found = Vec::new();
        loop {
            match next(&mut file).unwrap() {
                Next::Piece(piece) => found.push(piece),
                other => return (found, other),
            }
        }
    }

    proptest! {
        #[test]
        fn a_file_cut_at_any_byte_gives_the_records_before_the_cut(written in vec(pieces(), 1..4)) {
            let mut file = Vec::new();
            let ends: Vec<usize> = written
                .iter()
                .map(|piece| {
                    assert!(append(piece, &mut file));
                    file.len()
                })
                .collect();
            for cut in 0..=file.len() {
                let whole = ends.iter().filter(|end| **end <= cut).count();
                let end = if cut == 0 || ends.contains(&cut) { Next::End } else { Next::Torn };
                prop_assert_eq!(all(&file[..cut]), (written[..whole].to_vec(), end));
            }
        }

        #[test]
        fn a_changed_byte_costs_the_record_it_is_in(written in vec(pieces(), 3), at in any::<prop::sample::Index>()) {
            let (mut file, mut middle) = (Vec::new(), Vec::new());
            append(&written[0], &mut file);
            let from = file.len();
            append(&written[1], &mut middle);
            file.extend_from_slice(&middle);
            append(&written[2], &mut file);
            // Behind the length, whose change leaves nothing to go by.
            file[from + 4 + at.index(middle.len() - 4)] ^= 1;
            let mut rest = &file[..];
            prop_assert_eq!(next(&mut rest).unwrap(), Next::Piece(written[0].clone()));
            prop_assert_eq!(next(&mut rest).unwrap(), Next::Damaged);
            prop_assert_eq!(next(&mut rest).unwrap(), Next::Piece(written[2].clone()));
            prop_assert_eq!(next(&mut rest).unwrap(), Next::End);
        }

        #[test]
        fn junk_is_no_record_and_no_panic(junk in vec(any::<u8>(), 1..200)) {
            prop_assert_eq!(all(&junk).0, vec![]);
        }
    }

    #[test]
    fn a_tail_of_zeros_is_torn() {
        assert_eq!(next(&mut &[0; 300][..]).unwrap(), Next::Torn);
    }
}
