//! The files of a piece: each sealed on its own under the piece's key, so that opening the text opens none of them.
//!
//! The sealed text lists the digests of the files that are there, in the order in which they are. A sealed file opens
//! only in its own piece and under its own digest. Its length is rounded up before it is sealed: the exact length of
//! a file says which one it is nearly as well as a digest does.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use candor_conversation::{File, FileDigest, Part};

use super::{Bound, CapturedTurn, PieceError};
use crate::Entropy;
use crate::cipher::Key;

const FILE: &str = "candor-piece-file-1";
/// Bytes that tell a file's length.
const LENGTH_BYTES: usize = 8;

/// The files of these turns whose bytes are at hand: each once, in the order in which they come first.
pub(super) fn of(turns: &[CapturedTurn]) -> Vec<(FileDigest, &[u8])> {
    let mut seen = HashSet::new();
    let files = turns.iter().flat_map(|turn| &turn.parts).filter_map(Part::file);
    let held = files.filter_map(|file| Some((file.digest(), file.bytes()?)));
    held.filter(|(digest, _)| seen.insert(*digest)).collect()
}

/// Seals a file.
pub(super) fn seal(
    (key, bound): (&Key, &Bound),
    (digest, bytes): (FileDigest, &[u8]),
    entropy: &mut Entropy,
) -> Vec<u8> {
    let mut plain = Vec::with_capacity(padded(LENGTH_BYTES + bytes.len()));
    plain.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    plain.extend_from_slice(bytes);
    plain.resize(plain.capacity(), 0);
    key.seal(&place(bound, digest), &plain, entropy)
}

fn open((key, bound): (&Key, &Bound), digest: FileDigest, sealed: &[u8]) -> Result<File, PieceError> {
    let plain = key.open(&place(bound, digest), sealed)?;
    let (length, padded) = plain.split_first_chunk::<LENGTH_BYTES>().ok_or(PieceError::Shape)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| PieceError::Shape)?;
    let file = File::new(padded.get(..length).ok_or(PieceError::Shape)?.to_vec());
    if file.digest() == digest { Ok(file) } else { Err(PieceError::Shape) }
}

/// Fills in the bytes of the files that these parts name, as far as they are there.
pub(super) fn fill_in(
    turns: &mut [Vec<Part>],
    (key, bound): (&Key, &Bound),
    (digests, sealed): (&[FileDigest], &[Vec<u8>]),
) -> Result<(), PieceError> {
    if digests.len() != sealed.len() {
        return Err(PieceError::Shape);
    }
    let places: HashMap<FileDigest, &Vec<u8>> = digests.iter().copied().zip(sealed).collect();
    let mut opened: HashMap<FileDigest, File> = HashMap::new();
    for file in turns.iter_mut().flatten().filter_map(Part::file_mut) {
        let digest = file.digest();
        let Some(sealed) = places.get(&digest) else { continue };
        *file = match opened.entry(digest) {
            Entry::Occupied(opened) => opened.get().clone(),
            Entry::Vacant(place) => place.insert(open((key, bound), digest, sealed)?).clone(),
        };
    }
    Ok(())
}

fn place(bound: &Bound, digest: FileDigest) -> Vec<u8> {
    let mut place = bound.place(FILE);
    place.extend_from_slice(&digest.0);
    place
}

/// The length that something of `length` bytes is rounded up to: at most 12 % more, and of so few lengths that hardly
/// anything can be told by them (Padmé: Nikitin and others, "Reducing Metadata Leakage from Encrypted Files", 2019).
fn padded(length: usize) -> usize {
    let magnitude = length.max(2).ilog2();
    let free_bits = magnitude - (magnitude.ilog2() + 1);
    let step = 1_usize << free_bits;
    length.next_multiple_of(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_length_is_rounded_up_by_an_eighth_at_most(length in 0..1_usize << 40) {
            let rounded = padded(length);
            prop_assert!(rounded >= length && rounded - length <= length / 8 + 1, "{length} {rounded}");
            prop_assert_eq!(padded(rounded), rounded);
        }

        #[test]
        fn a_sealed_file_opens_in_its_place_and_nowhere_else(bytes in proptest::collection::vec(any::<u8>(), 1..600)) {
            let mut entropy = Entropy::from_seed([3; 32]);
            let key = Key::random(&mut entropy);
            let (here, there) = (Bound([1; 32]), Bound([2; 32]));
            let file = File::new(bytes.clone());
            let sealed = seal((&key, &here), (file.digest(), &bytes), &mut entropy);
            let opened = open((&key, &here), file.digest(), &sealed).unwrap();
            prop_assert_eq!(opened.bytes(), Some(&bytes[..]));
            prop_assert!(open((&key, &there), file.digest(), &sealed).is_err());
            prop_assert!(open((&key, &here), FileDigest([0; 32]), &sealed).is_err());
            prop_assert!(open((&Key::random(&mut entropy), &here), file.digest(), &sealed).is_err());
        }
    }

    #[test]
    fn a_thousand_files_of_about_a_megabyte_have_few_lengths() {
        let lengths: HashSet<usize> = (0..1000).map(|more| padded((1 << 20) + 100 * more)).collect();
        assert!(lengths.len() < 10, "{}", lengths.len());
    }
}
