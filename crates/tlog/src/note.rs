//! Signed notes: a text and the Ed25519 signatures of named keys under it (C2SP `signed-note`, v1).
//!
//! **Note bytes**, UTF-8, no control characters below U+0020 but newline:
//!
//! ```text
//! text, ends with a newline
//! an empty line
//! one or more of:  "— " name " " base64(key id (4) ‖ signature) newline
//! ```
//!
//! `—` is U+2014. The text goes up to the *last* empty line and may itself have empty lines. A signature covers
//! the text with its last newline, without the empty line. Base64 is standard, padded and canonical.
//!
//! **Keys.** A name is not empty and has no Unicode space, no `+` and no control character. For Ed25519:
//!
//! | what | bytes |
//! | --- | --- |
//! | key id | first 4 bytes of SHA-256(name ‖ `0x0A` ‖ `0x01` ‖ public key (32)) |
//! | signature | Ed25519 (RFC 8032), 64 bytes |
//! | verifier key, as text | name `+` 8 lower-case hexadecimal digits of the key id `+` base64(`0x01` ‖ public key) |
//!
//! A witness signs with keys of another kind, whose bytes are on the page of [`crate::witness`].
//!
//! Signatures of unknown keys are kept but show nothing; a wrong signature of a trusted key spoils the note.
//! Ed25519 verification is the strict one: keys of small order and non-canonical encodings are refused, so a
//! signature cannot be changed into another that also holds.
//!
//! Source: c2sp.org/signed-note@v1.0.0.

mod key;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::hash::shown;

pub use key::{InvalidKey, KeyId, KeyName, NAME_BYTES_MAX, SignerKey, VerifierKey};
pub(crate) use key::{KeyKind, NamedKey};

/// The longest note, in bytes; room for a hundred post-quantum signatures.
pub const NOTE_BYTES_MAX: usize = 1_000_000;

/// The most signatures under a note. The specification asks for at least 16.
pub const SIGNATURES_MAX: usize = 100;

/// What every signature line begins with.
const LINE_START: &str = "— ";

/// The separator, with the newline that ends the text.
const EMPTY_LINE: &str = "\n\n";

/// A note as it was signed or received: well formed, its signatures not yet checked.
///
/// `Display` gives its bytes; reading and writing keeps each byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    name: KeyName,
    id: KeyId,
    signature: Vec<u8>,
}

/// A note that at least one trusted key has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedNote {
    /// The text, with its last newline.
    pub text: String,
    /// Names of the trusted keys whose signatures hold, in the note's order.
    pub signers: Vec<KeyName>,
    /// Signatures by other keys, which show nothing.
    pub unknown: Vec<NoteSignature>,
}

/// A note that cannot be read, signed or trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than [`NOTE_BYTES_MAX`].
    #[error("the note has {bytes} bytes; the most is {NOTE_BYTES_MAX}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not of the form on the module's page.
    #[error("the note is malformed: {reason}")]
    Malformed {
        /// What is wrong, in words.
        reason: &'static str,
    },
    /// A signature line that cannot be read.
    #[error(
        "signature line `{line}` is malformed\nhint: a line is an em dash, a key name and base64, one space between"
    )]
    MalformedLine {
        /// The line's start.
        line: String,
    },
    /// More than [`SIGNATURES_MAX`] signatures.
    #[error("the note has {count} signatures; the most is {SIGNATURES_MAX}")]
    TooManySignatures {
        /// How many there are.
        count: usize,
    },
    /// A trusted key's signature does not hold: the text or the signature was changed.
    #[error("the signature of `{name}` does not hold")]
    WrongSignature {
        /// The key's name.
        name: KeyName,
    },
    /// One key signed twice.
    #[error("`{name}` signed twice with one key")]
    SignedTwice {
        /// The key's name.
        name: KeyName,
    },
    /// No trusted key signed.
    #[error(
        "the note is signed by no trusted key, but by {signers}\nhint: trust a key only when it came from its owner"
    )]
    Untrusted {
        /// Who did sign, by their own word.
        signers: String,
    },
}

impl SignedNote {
    /// Signs a text with one or more keys, in their order.
    ///
    /// # Errors
    /// [`NoteError`] when the text does not end with a newline, has a control character or is too long, when
    /// there is no key, or one key is given twice.
    pub fn sign(text: &str, keys: &[&SignerKey]) -> Result<Self, NoteError> {
        check_text(text)?;
        let signatures = keys.iter().map(|key| NoteSignature {
            name: key.verifier().name().clone(),
            id: key.verifier().id(),
            signature: key.sign(text.as_bytes()).to_vec(),
        });
        let note = Self { text: text.to_owned(), signatures: signatures.collect() };
        note.check_whole()?;
        Ok(note)
    }

    /// Reads a note, without checking a signature.
    ///
    /// # Errors
    /// [`NoteError`] for anything that is not exactly of the form on the module's page.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong { bytes: bytes.len() });
        }
        let malformed = |reason| NoteError::Malformed { reason };
        let note = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
        let separator = note.rfind(EMPTY_LINE).ok_or(malformed("no empty line ends its text"))?;
        let (text, lines) = (&note[..=separator], &note[separator + EMPTY_LINE.len()..]);
        check_text(text)?;
        let lines = lines.strip_suffix('\n').ok_or(malformed("no signature line with a newline ends it"))?;
        let count = lines.split('\n').count();
        if count > SIGNATURES_MAX {
            return Err(NoteError::TooManySignatures { count });
        }
        let signatures = lines.split('\n').map(NoteSignature::parse).collect::<Result<_, _>>()?;
        let note = Self { text: text.to_owned(), signatures };
        note.check_signatures()?;
        Ok(note)
    }

    /// Checks the signatures of the trusted keys.
    ///
    /// # Errors
    /// [`NoteError::WrongSignature`] when one of them does not hold, even if others do;
    /// [`NoteError::Untrusted`] when there is none.
    pub fn verify(&self, trusted: &[VerifierKey]) -> Result<VerifiedNote, NoteError> {
        let mut verified = VerifiedNote { text: self.text.clone(), signers: Vec::new(), unknown: Vec::new() };
        for signature in &self.signatures {
            let mut known = trusted.iter().filter(|key| signature.is_by(key)).peekable();
            if known.peek().is_none() {
                verified.unknown.push(signature.clone());
            } else if known.any(|key| key.verify(self.text.as_bytes(), &signature.signature)) {
                verified.signers.push(signature.name.clone());
            } else {
                return Err(NoteError::WrongSignature { name: signature.name.clone() });
            }
        }
        if verified.signers.is_empty() {
            let names: Vec<&str> = self.signatures.iter().map(|signature| signature.name.as_str()).collect();
            return Err(NoteError::Untrusted { signers: shown(&names.join(", ")) });
        }
        Ok(verified)
    }

    /// The same with more signature lines; of a key that signed already, the new line takes the place of the old.
    ///
    /// # Errors
    /// [`NoteError`] when that makes too many, or the note too long.
    pub fn with_signatures(mut self, lines: &[NoteSignature]) -> Result<Self, NoteError> {
        for line in lines {
            match self.signatures.iter_mut().find(|known| (&known.name, known.id) == (&line.name, line.id)) {
                Some(known) => *known = line.clone(),
                None => self.signatures.push(line.clone()),
            }
        }
        self.check_whole()?;
        Ok(self)
    }

    /// The text, which anyone could have written: for saying what a note claims, never for trusting it.
    pub fn unverified_text(&self) -> &str {
        &self.text
    }

    /// The signature lines, in their order, not checked.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    fn check_whole(&self) -> Result<(), NoteError> {
        self.check_signatures()?;
        let bytes = self.to_string().len();
        if bytes > NOTE_BYTES_MAX { Err(NoteError::TooLong { bytes }) } else { Ok(()) }
    }

    fn check_signatures(&self) -> Result<(), NoteError> {
        match self.signatures.len() {
            0 => return Err(NoteError::Malformed { reason: "nobody signed it" }),
            count if count > SIGNATURES_MAX => return Err(NoteError::TooManySignatures { count }),
            _ => {}
        }
        for (at, one) in self.signatures.iter().enumerate() {
            if self.signatures[..at].iter().any(|other| (&one.name, one.id) == (&other.name, other.id)) {
                return Err(NoteError::SignedTwice { name: one.name.clone() });
            }
        }
        Ok(())
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl NoteSignature {
    /// The line of a key under a text, from the bytes that its kind of signature has.
    pub(crate) fn new(name: KeyName, id: KeyId, signature: Vec<u8>) -> Self {
        Self { name, id, signature }
    }

    /// Name of the key that signed, by the line's own word.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// Id of the key that signed, by the line's own word.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The bytes behind the key's id.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.signature
    }

    /// Reads a signature line, without its newline.
    ///
    /// # Errors
    /// [`NoteError::MalformedLine`]
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let parse = || {
            let (name, base64) = line.strip_prefix(LINE_START)?.split_once(' ')?;
            let bytes = STANDARD.decode(base64).ok()?;
            let (id, signature) = bytes.split_first_chunk()?;
            let signed = !signature.is_empty();
            signed.then_some(Self { name: name.parse().ok()?, id: KeyId(*id), signature: signature.to_vec() })
        };
        parse().ok_or_else(|| NoteError::MalformedLine { line: shown(line) })
    }

    fn is_by(&self, key: &VerifierKey) -> bool {
        self.name == *key.name() && self.id == key.id()
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.0.as_slice(), &self.signature].concat();
        write!(f, "{LINE_START}{} {}", self.name, STANDARD.encode(bytes))
    }
}

/// Holds for the text of a note: ends with a newline, no other control character.
fn check_text(text: &str) -> Result<(), NoteError> {
    if !text.ends_with('\n') {
        return Err(NoteError::Malformed { reason: "its text does not end with a newline" });
    }
    if text.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        return Err(NoteError::Malformed { reason: "its text has a control character" });
    }
    Ok(())
}
