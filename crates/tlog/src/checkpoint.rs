//! Checkpoints: a log's signed word on how many entries it has and what their root is (C2SP `tlog-checkpoint`).
//!
//! A checkpoint is a [`crate::note`] whose text is:
//!
//! ```text
//! origin newline
//! tree size, ASCII decimal, no leading zero ("0" alone for the empty tree) newline
//! base64 of the 32-byte root newline
//! zero or more extension lines, not empty, each with a newline
//! ```
//!
//! The origin names the log; here it is also the name of the key that must sign, so that one log's checkpoint
//! is never taken for another's. The root is that of [`crate::tree`]; with size 0 it must be the empty root.
//!
//! Source: c2sp.org/tlog-checkpoint@v1.0.0.

use crate::decimal::parse_decimal;
use crate::hash::{Hash, InvalidHash, empty_root, shown};
use crate::note::{NoteError, SignedNote, SignerKey, VerifierKey};
use crate::tree::{TreeHead, TreeSize};

/// The longest origin or extension line, in bytes.
pub const LINE_BYTES_MAX: usize = 1024;

/// The most extension lines.
pub const EXTENSION_LINES_MAX: usize = 64;

/// What a log says of itself at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    head: TreeHead,
    extensions: Vec<String>,
}

/// A checkpoint that cannot be written, read or trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// An origin or extension line that cannot stand on a line of its own.
    #[error(
        "`{line}` cannot be a checkpoint's {what}\nhint: use 1 to {LINE_BYTES_MAX} bytes without control characters"
    )]
    Line {
        /// `origin` or `extension line`.
        what: &'static str,
        /// The line's start.
        line: String,
    },
    /// Fewer than three lines, or no newline at the end.
    #[error("the checkpoint stops before its {missing}")]
    Incomplete {
        /// What is missing.
        missing: &'static str,
    },
    /// The second line is no tree size.
    #[error("`{line}` is not a tree size\nhint: a decimal number below 2^64 without leading zeros")]
    Size {
        /// The line's start.
        line: String,
    },
    /// The third line is no root.
    #[error("read the checkpoint's root")]
    Root(#[source] InvalidHash),
    /// Size 0, with another root than that of the empty tree.
    #[error("a tree without leaves cannot have root {root}")]
    EmptyTreeRoot {
        /// The root given.
        root: Hash,
    },
    /// More than [`EXTENSION_LINES_MAX`] extension lines.
    #[error("the checkpoint has {count} extension lines; the most is {EXTENSION_LINES_MAX}")]
    TooManyExtensions {
        /// How many there are.
        count: usize,
    },
    /// Signed by a trusted key, for another log.
    #[error("the checkpoint is of log `{origin}`, but the trusted key is `{key}`")]
    OtherLog {
        /// The log it is of.
        origin: String,
        /// The name of the key.
        key: String,
    },
}

impl Checkpoint {
    /// A checkpoint without extension lines.
    ///
    /// # Errors
    /// [`CheckpointError::Line`] for an origin that is empty, too long or has control characters;
    /// [`CheckpointError::EmptyTreeRoot`] for size 0 with another root than the empty tree's.
    pub fn new(origin: &str, size: TreeSize, root: Hash) -> Result<Self, CheckpointError> {
        check_line("origin", origin)?;
        if size.0 == 0 && root != empty_root() {
            return Err(CheckpointError::EmptyTreeRoot { root });
        }
        Ok(Self { origin: origin.to_owned(), head: TreeHead { size, root }, extensions: Vec::new() })
    }

    /// The same with extension lines. Nobody audits what they say; prefer an entry in the log.
    ///
    /// # Errors
    /// [`CheckpointError`] for too many lines, or one that is empty, too long or has control characters.
    pub fn with_extensions(self, lines: Vec<String>) -> Result<Self, CheckpointError> {
        if lines.len() > EXTENSION_LINES_MAX {
            return Err(CheckpointError::TooManyExtensions { count: lines.len() });
        }
        lines.iter().try_for_each(|line| check_line("extension line", line))?;
        Ok(Self { extensions: lines, ..self })
    }

    /// Which log it is of.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many entries the log has.
    pub fn size(&self) -> TreeSize {
        self.head.size
    }

    /// The root over them.
    pub fn root(&self) -> Hash {
        self.head.root
    }

    /// Size and root, for [`crate::tree::verify_consistency`].
    pub fn head(&self) -> TreeHead {
        self.head
    }

    /// The extension lines.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// The note text.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.head.size, self.head.root.to_base64());
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// Reads a note text.
    ///
    /// # Errors
    /// [`CheckpointError`] for anything that [`Checkpoint::text`] does not write.
    pub fn from_text(text: &str) -> Result<Self, CheckpointError> {
        let lines = text.strip_suffix('\n').ok_or(CheckpointError::Incomplete { missing: "last newline" })?;
        let mut lines = lines.split('\n');
        let mut line = |missing| lines.next().ok_or(CheckpointError::Incomplete { missing });
        let (origin, size, root) = (line("origin")?, line("size")?, line("root")?);
        let size =
            parse_decimal(size).map(TreeSize).ok_or_else(|| CheckpointError::Size { line: shown(size) })?;
        let root = Hash::from_base64(root).map_err(CheckpointError::Root)?;
        // One more than the most is enough to know that there are too many.
        let extensions = lines.take(EXTENSION_LINES_MAX + 1).map(str::to_owned).collect();
        Self::new(origin, size, root)?.with_extensions(extensions)
    }

    /// Signs the checkpoint. A log must never sign two that are inconsistent; that is the caller's to hold.
    ///
    /// # Errors
    /// [`CheckpointError::Note`] when there is no key or one is given twice.
    pub fn sign(&self, keys: &[&SignerKey]) -> Result<SignedNote, CheckpointError> {
        Ok(SignedNote::sign(&self.text(), keys)?)
    }

    /// Reads a checkpoint signed by the key of its log. Other signatures, of witnesses, are not looked at.
    ///
    /// # Errors
    /// [`CheckpointError`] when the key did not sign, or is of another name than the checkpoint's origin.
    pub fn open(note: &SignedNote, log_key: &VerifierKey) -> Result<Self, CheckpointError> {
        let verified = note.verify(std::slice::from_ref(log_key))?;
        let checkpoint = Self::from_text(&verified.text)?;
        if checkpoint.origin != log_key.name().as_str() {
            let key = log_key.name().to_string();
            return Err(CheckpointError::OtherLog { origin: shown(&checkpoint.origin), key });
        }
        Ok(checkpoint)
    }
}

fn check_line(what: &'static str, line: &str) -> Result<(), CheckpointError> {
    if line.is_empty() || line.len() > LINE_BYTES_MAX || line.bytes().any(|byte| byte < b' ') {
        return Err(CheckpointError::Line { what, line: shown(line) });
    }
    Ok(())
}
