//! The way back: what stood where, kept beside a text whose identifiers were replaced.

use std::fmt;
use std::ops::Range;

use candor_conversation::Kind;
use sha2::{Digest, Sha256};

use crate::candidate::Span;

/// What stood where in a text: enough to restore it byte for byte, with each spelling as it was.
///
/// Holds the identifiers. Whoever keeps it seals [`Places::to_bytes`]; without it, and without the key, placeholders
/// and surrogates do not lead back.
#[derive(Clone, PartialEq, Eq)]
pub struct Places {
    places: Vec<Place>,
    /// SHA-256 of the text with the replacements.
    digest: [u8; 32],
}

#[derive(Clone, PartialEq, Eq)]
struct Place {
    /// Bytes of the replacement in the text that it stands in.
    range: Range<usize>,
    original: String,
}

/// The text with each span replaced, and the way back.
///
/// Spans must be those that [`crate::Engine::detect`] gave for this text; one that does not fit the text, or
/// overlaps the one before it, is skipped. Where `replacement` gives nothing the span stays.
pub fn replace_with_places(
    text: &str,
    spans: &[Span],
    mut replacement: impl FnMut(&Span, &str) -> Option<String>,
) -> (String, Places) {
    let mut out = String::with_capacity(text.len());
    let mut places = Vec::new();
    let mut from = 0;
    for span in spans {
        let (Some(before), Some(covered)) = (text.get(from..span.range.start), text.get(span.range.clone()))
        else {
            continue;
        };
        let Some(written) = replacement(span, covered) else { continue };
        out.push_str(before);
        let start = out.len();
        out.push_str(&written);
        places.push(Place { range: start..out.len(), original: covered.to_owned() });
        from = span.range.end;
    }
    out.push_str(&text[from..]);
    let digest = Sha256::digest(&out).into();
    (out, Places { places, digest })
}

impl Places {
    /// The text as it was.
    ///
    /// # Errors
    /// When the text is not the one that the places are of.
    pub fn restore(&self, replaced: &str) -> Result<String, RestoreError> {
        if <[u8; 32]>::from(Sha256::digest(replaced)) != self.digest {
            return Err(RestoreError::OtherText);
        }
        let mut out = String::with_capacity(replaced.len());
        let mut from = 0;
        for place in &self.places {
            out.push_str(replaced.get(from..place.range.start).ok_or(RestoreError::Damaged)?);
            out.push_str(&place.original);
            from = place.range.end;
        }
        out.push_str(replaced.get(from..).ok_or(RestoreError::Damaged)?);
        Ok(out)
    }

    /// The mentions in another text, an answer to this one, put back: each replacement that stands there as a word
    /// becomes what it first stood for.
    pub fn restore_mentions(&self, replaced: &str, other: &str) -> Result<String, RestoreError> {
        let mut known: Vec<(&str, &str)> = Vec::new();
        for place in &self.places {
            let written = replaced.get(place.range.clone()).ok_or(RestoreError::Damaged)?;
            if !written.is_empty() && known.iter().all(|(before, _)| *before != written) {
                known.push((written, &place.original));
            }
        }
        known.sort_by_key(|(written, _)| std::cmp::Reverse(written.len()));
        let mut out = String::with_capacity(other.len());
        let mut at = 0;
        while let Some(next) = other[at..].chars().next() {
            let starts_word = !other[..at].chars().next_back().is_some_and(char::is_alphanumeric);
            let found = known.iter().find(|(written, _)| starts_word && stands_at(other, at, written));
            match found {
                Some((written, original)) => {
                    out.push_str(original);
                    at += written.len();
                }
                None => {
                    out.push(next);
                    at += next.len_utf8();
                }
            }
        }
        Ok(out)
    }

    /// How many replacements there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether nothing was replaced.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The places as bytes, to be sealed: the digest, then for each place start, end and length of the original as
    /// big-endian `u64`, and the original in UTF-8.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.digest.to_vec();
        for place in &self.places {
            for number in [place.range.start, place.range.end, place.original.len()] {
                bytes.extend((number as u64).to_be_bytes());
            }
            bytes.extend(place.original.as_bytes());
        }
        bytes
    }

    /// The places that [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    /// When the bytes are not whole.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RestoreError> {
        let (digest, mut rest) = bytes.split_first_chunk::<32>().ok_or(RestoreError::Damaged)?;
        let mut places = Vec::new();
        while !rest.is_empty() {
            let mut number = || {
                let (number, after) = rest.split_first_chunk::<8>()?;
                rest = after;
                usize::try_from(u64::from_be_bytes(*number)).ok()
            };
            let (Some(start), Some(end), Some(length)) = (number(), number(), number()) else {
                return Err(RestoreError::Damaged);
            };
            let (original, after) = rest.split_at_checked(length).ok_or(RestoreError::Damaged)?;
            let original = String::from_utf8(original.to_vec()).map_err(|_| RestoreError::Damaged)?;
            places.push(Place { range: start..end, original });
            rest = after;
        }
        Ok(Self { places, digest: *digest })
    }
}

fn stands_at(text: &str, at: usize, written: &str) -> bool {
    let rest = text[at..].strip_prefix(written);
    rest.is_some_and(|rest| {
        let ends_in_word = written.ends_with(char::is_alphanumeric);
        !ends_in_word || !rest.starts_with(char::is_alphanumeric)
    })
}

/// Shows how many places there are, never what stood there.
impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Places({})", self.places.len())
    }
}

/// Why a text cannot be restored.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RestoreError {
    /// The text is not the one that the places were recorded for.
    #[error("the places are of another text\nhint: restore the text exactly as it was written")]
    OtherText,
    /// The places do not fit a text, or their bytes are cut.
    #[error("the places are damaged")]
    Damaged,
}

impl RestoreError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            RestoreError::OtherText => Kind::Invalid,
            RestoreError::Damaged => Kind::Corrupt,
        }
    }
}
