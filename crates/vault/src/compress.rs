//! zstd with a dictionary, before encryption.
//!
//! Encrypting each turn alone costs 3.4 times the space; a piece with a dictionary costs about nothing. The
//! dictionary is text that we wrote, never a person's. Each value is its length (4 bytes, little-endian) and a
//! zstd frame.

use std::sync::LazyLock;

use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// The dictionary of format version 1; it must never change, or old pieces would not open.
const DICTIONARY: &[u8] = include_bytes!("dictionary.v1.txt");
const LEVEL: i32 = 3;
/// Longest value that is compressed or decompressed, in bytes.
pub(crate) const PLAIN_BYTES_MAX: usize = 1 << 30;

static ENCODER: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

/// A value that cannot be compressed or is not what was compressed.
#[derive(Debug, thiserror::Error)]
pub enum CompressError {
    /// Longer than a piece may be, or a frame that does not fit its length.
    #[error("a value of {0} bytes is not between 0 and {PLAIN_BYTES_MAX}")]
    Length(usize),
    /// The library refused.
    #[error("zstd")]
    Zstd(#[source] std::io::Error),
}

/// Compresses many values, one after the other.
pub struct Compressor(zstd::bulk::Compressor<'static>);

impl Compressor {
    /// With the dictionary loaded.
    pub fn new() -> Result<Self, CompressError> {
        let compressor = zstd::bulk::Compressor::with_prepared_dictionary(&ENCODER);
        compressor.map(Self).map_err(CompressError::Zstd)
    }

    /// Compresses one value.
    pub fn compress(&mut self, plain: &[u8]) -> Result<Vec<u8>, CompressError> {
        if plain.len() > PLAIN_BYTES_MAX {
            return Err(CompressError::Length(plain.len()));
        }
        let mut out = (plain.len() as u32).to_le_bytes().to_vec();
        out.extend_from_slice(&self.0.compress(plain).map_err(CompressError::Zstd)?);
        Ok(out)
    }
}

/// Decompresses many values, one after the other.
pub struct Decompressor(zstd::bulk::Decompressor<'static>);

impl Decompressor {
    /// With the dictionary loaded.
    pub fn new() -> Result<Self, CompressError> {
        let decompressor = zstd::bulk::Decompressor::with_prepared_dictionary(&DECODER);
        decompressor.map(Self).map_err(CompressError::Zstd)
    }

    /// Decompresses one value.
    pub fn decompress(&mut self, compressed: &[u8]) -> Result<Vec<u8>, CompressError> {
        let (length, frame) = compressed.split_first_chunk::<4>().ok_or(CompressError::Length(0))?;
        let length = u32::from_le_bytes(*length) as usize;
        if length > PLAIN_BYTES_MAX {
            return Err(CompressError::Length(length));
        }
        let plain = self.0.decompress(frame, length).map_err(CompressError::Zstd)?;
        if plain.len() == length { Ok(plain) } else { Err(CompressError::Length(plain.len())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_compressed_decompresses(plain in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let compressed = Compressor::new().unwrap().compress(&plain).unwrap();
            prop_assert_eq!(Decompressor::new().unwrap().decompress(&compressed).unwrap(), plain);
        }

        #[test]
        fn junk_is_an_error_and_not_a_panic(junk in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut frame = 100u32.to_le_bytes().to_vec();
            frame.extend(junk);
            prop_assert!(Decompressor::new().unwrap().decompress(&frame).is_err());
        }
    }
}
