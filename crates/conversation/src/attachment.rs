//! What is in a message and is not text: images, recordings, files.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::InvalidId;
use crate::id::parse_hex;

/// Something that is not text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What it is: `image`, `audio`, `video`, `file`, or what else the source calls it.
    pub kind: String,
    /// Its media type, such as `image/png`, where the source tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// What its author calls it, where the source tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the source held of it.
    #[serde(default, skip_serializing_if = "Held::is_nothing")]
    pub held: Held,
}

/// What a message holds of something that is not text.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// Nothing but that it was there.
    #[default]
    Nothing,
    /// Its bytes.
    File(File),
    /// Where it is instead: an address, or an id at the provider. Nobody follows it.
    Reference(String),
}

impl Held {
    fn is_nothing(&self) -> bool {
        *self == Held::Nothing
    }
}

impl Attachment {
    /// One of which nothing is known but its kind.
    pub fn of_kind(kind: impl Into<String>) -> Self {
        Self { kind: kind.into(), media_type: None, name: None, held: Held::Nothing }
    }

    /// The file, where the source held its bytes.
    pub fn file(&self) -> Option<&File> {
        match &self.held {
            Held::File(file) => Some(file),
            Held::Nothing | Held::Reference(_) => None,
        }
    }

    /// The file, to drop or to fill in its bytes.
    pub fn file_mut(&mut self) -> Option<&mut File> {
        match &mut self.held {
            Held::File(file) => Some(file),
            Held::Nothing | Held::Reference(_) => None,
        }
    }
}

/// Shows the kind only: names and digests say what a file is.
impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment({})", self.kind)
    }
}

/// A file, told apart by the SHA-256 of its bytes; the bytes may be there or not.
///
/// Two files are equal if their digests are. Only the digest is written down with the part: the bytes are kept
/// beside it, or not at all.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "FileDigest", into = "FileDigest")]
pub struct File {
    digest: FileDigest,
    bytes: Option<Arc<[u8]>>,
}

impl File {
    /// A file from its bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { digest: FileDigest(Sha256::digest(&bytes).into()), bytes: Some(bytes.into()) }
    }

    /// SHA-256 of its bytes.
    pub fn digest(&self) -> FileDigest {
        self.digest
    }

    /// Its bytes, where they are at hand.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.bytes.as_deref()
    }

    /// Drops the bytes; what is left is the digest.
    pub fn drop_bytes(&mut self) {
        self.bytes = None;
    }
}

impl PartialEq for File {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for File {}

impl From<FileDigest> for File {
    fn from(digest: FileDigest) -> Self {
        Self { digest, bytes: None }
    }
}

impl From<File> for FileDigest {
    fn from(file: File) -> Self {
        file.digest
    }
}

/// Shows whether the bytes are there, and no more.
impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.bytes {
            Some(bytes) => write!(f, "File({} bytes)", bytes.len()),
            None => f.write_str("File(digest)"),
        }
    }
}

/// SHA-256 of a file's bytes; as text, 64 hexadecimal digits. It says which file it is to anyone who has the file,
/// so it is content: never in the clear at rest, never in a log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileDigest(pub [u8; 32]);

impl fmt::Display for FileDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for FileDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileDigest(***)")
    }
}

impl FromStr for FileDigest {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let digest = parse_hex(text).map(Self);
        digest.ok_or_else(|| InvalidId::of("file digest", "64 hexadecimal digits", text))
    }
}

impl TryFrom<String> for FileDigest {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<FileDigest> for String {
    fn from(digest: FileDigest) -> String {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_the_digest_of_its_bytes() {
        let mut file = File::new(b"abc".to_vec());
        // FIPS 180-4.
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(file.digest().to_string(), digest);
        assert_eq!(file, File::from(digest.parse::<FileDigest>().unwrap()));
        assert_eq!(file.bytes(), Some(&b"abc"[..]));
        file.drop_bytes();
        assert_eq!((file.bytes(), file.digest().to_string().as_str()), (None, digest));
        assert_ne!(file, File::new(b"abd".to_vec()));
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        for text in ["", "ab", &"g".repeat(64), &"+1".repeat(32), &"é".repeat(32), &"a".repeat(65)] {
            assert!(text.parse::<FileDigest>().is_err(), "{text}");
        }
    }

    #[test]
    fn nothing_shows_what_a_file_is() {
        let file = File::new(b"abc".to_vec());
        let name = Some("letter.txt".to_owned());
        let attachment = Attachment { name, held: Held::File(file.clone()), ..Attachment::of_kind("file") };
        let shown = format!("{attachment:?} {file:?} {:?} {:?}", file.digest(), File::from(file.digest()));
        assert_eq!(shown, "Attachment(file) File(3 bytes) FileDigest(***) File(digest)");
    }
}
