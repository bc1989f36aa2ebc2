//! Why something was not read. Reasons hold no content: at most a field's name or a limit.

use std::fmt;
use std::sync::Arc;

/// Where in the sources something was found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// The file's name below the path that was given; `archive.zip!entry` inside an archive.
    pub file: Arc<str>,
    /// Which top-level value of it, from 1; `None` when the file as a whole is meant.
    pub element: Option<u64>,
    /// Byte at which that value starts, after decompression, where known.
    pub offset: Option<u64>,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        self.element.map_or(Ok(()), |element| write!(f, ", element {element}"))?;
        self.offset.map_or(Ok(()), |offset| write!(f, " (byte {offset})"))
    }
}

/// Something that was examined and could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where it is.
    pub source: Source,
    /// Why it was not read.
    pub reason: Reason,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.reason)
    }
}

/// A file that holds no conversations, which is no failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// The file's name, as in [`Source::file`].
    pub file: Arc<str>,
    /// Why it was passed over.
    pub reason: IgnoredReason,
}

/// Why a file was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IgnoredReason {
    /// It has no bytes, or only white space.
    Empty,
    /// It does not begin like JSON: an image, a page, a table.
    NotJson,
    /// It is JSON, and none of its values is a conversation in a known format.
    NoConversation,
    /// A symbolic link inside a folder; it may lead anywhere.
    SymbolicLink,
    /// A device, pipe or socket inside a folder.
    NotAFile,
}

impl IgnoredReason {
    /// A stable word for files and programs.
    pub fn code(self) -> &'static str {
        match self {
            IgnoredReason::Empty => "empty",
            IgnoredReason::NotJson => "not-json",
            IgnoredReason::NoConversation => "no-conversation",
            IgnoredReason::SymbolicLink => "symbolic-link",
            IgnoredReason::NotAFile => "not-a-file",
        }
    }
}

impl fmt::Display for IgnoredReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            IgnoredReason::Empty => "it is empty",
            IgnoredReason::NotJson => "it is not JSON",
            IgnoredReason::NoConversation => "none of its values is a conversation in a known format",
            IgnoredReason::SymbolicLink => "it is a symbolic link",
            IgnoredReason::NotAFile => "it is not a regular file",
        })
    }
}

/// Why a value, an archive's entry or a whole file was not read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Reason {
    /// Not JSON.
    #[error("the value is not JSON")]
    InvalidJson,
    /// Bytes that are not UTF-8.
    #[error("the text is not UTF-8; hint: convert the file to UTF-8")]
    InvalidUtf8,
    /// The value stops before its end.
    #[error("the value ends too early; hint: the file may be cut, fetch it again")]
    Truncated,
    /// Nested deeper than is read.
    #[error("the value nests more than {} levels deep", crate::scan::DEPTH_MAX)]
    TooDeep,
    /// Longer than is read.
    #[error("the value is longer than {bytes_max} bytes")]
    TooLarge {
        /// The limit.
        bytes_max: u64,
    },
    /// JSON in no known format, in a file that does hold conversations.
    #[error("the value is not a conversation in a known format")]
    UnknownFormat,
    /// A field that must be there is not.
    #[error("field `{field}` is missing")]
    MissingField {
        /// Its name.
        field: &'static str,
    },
    /// A field is there and cannot be understood. Passing over it could raise consent.
    #[error("field `{field}` has a value that is not understood; hint: correct it or remove the field")]
    InvalidField {
        /// Its name.
        field: &'static str,
    },
    /// Nothing in it.
    #[error("the conversation has no turns")]
    EmptyConversation,
    /// More turns than one conversation may hold.
    #[error("the conversation has more than {turns_max} turns")]
    TooManyTurns {
        /// The limit.
        turns_max: usize,
    },
    /// Two turns with one id.
    #[error("two turns of the conversation have the same id")]
    RepeatedTurn,
    /// Turns that are each other's ancestors.
    #[error("turns of the conversation are each other's parents")]
    ParentCycle,
    /// A row whose parent is not there.
    #[error(
        "the row's parent is missing, or lies so far away that its tree was closed; \
         hint: sort the rows by `message_tree_id`"
    )]
    ParentMissing,
    /// A row deleted at its source, or below one that was.
    #[error("the row, or one above it, was deleted at the source")]
    DeletedAtSource,
    /// An entry's name that leads out of the archive.
    #[error("the entry's name leads out of the archive")]
    UnsafePath,
    /// A link inside an archive.
    #[error("the entry is a symbolic link")]
    SymbolicLink,
    /// An entry that needs a password.
    #[error("the entry is encrypted; hint: unpack the archive with its password first")]
    Encrypted,
    /// A way of compressing that is not read.
    #[error("the entry is compressed in a way that is not supported; hint: unpack the archive first")]
    UnsupportedCompression,
    /// An archive in an archive in an archive.
    #[error("archives are nested more than one level deep; hint: unpack the outer one first")]
    NestedTooDeep,
    /// An archive inside an archive that is too large to hold.
    #[error("the inner archive expands to more than {bytes_max} bytes; hint: unpack the outer one first")]
    NestedTooLarge {
        /// The limit.
        bytes_max: u64,
    },
    /// More entries than are read.
    #[error("the archive has more than {entries_max} entries")]
    TooManyEntries {
        /// The limit.
        entries_max: usize,
    },
    /// A compression bomb, or something like it.
    #[error("the compressed data expands to more than {bytes_max} bytes, which is not plausible for text")]
    ExpandsTooMuch {
        /// The limit for this stream.
        bytes_max: u64,
    },
    /// Compressed data that ends too early.
    #[error("the archive is cut short; hint: fetch it again")]
    TruncatedArchive,
    /// Compressed data that is not what its checksum or structure says.
    #[error("the compressed data is damaged; hint: fetch it again")]
    DamagedArchive,
    /// A file that cannot be opened.
    #[error("the file cannot be opened ({kind})")]
    Unreadable {
        /// What the system says.
        kind: std::io::ErrorKind,
    },
}

impl Reason {
    /// A stable word for files and programs.
    pub fn code(&self) -> &'static str {
        match self {
            Reason::InvalidJson => "invalid-json",
            Reason::InvalidUtf8 => "invalid-utf-8",
            Reason::Truncated => "truncated",
            Reason::TooDeep => "too-deep",
            Reason::TooLarge { .. } => "too-large",
            Reason::UnknownFormat => "unknown-format",
            Reason::MissingField { .. } => "missing-field",
            Reason::InvalidField { .. } => "invalid-field",
            Reason::EmptyConversation => "empty-conversation",
            Reason::TooManyTurns { .. } => "too-many-turns",
            Reason::RepeatedTurn => "repeated-turn",
            Reason::ParentCycle => "parent-cycle",
            Reason::ParentMissing => "parent-missing",
            Reason::DeletedAtSource => "deleted-at-source",
            Reason::UnsafePath => "unsafe-path",
            Reason::SymbolicLink => "symbolic-link",
            Reason::Encrypted => "encrypted",
            Reason::UnsupportedCompression => "unsupported-compression",
            Reason::NestedTooDeep => "nested-too-deep",
            Reason::NestedTooLarge { .. } => "nested-too-large",
            Reason::TooManyEntries { .. } => "too-many-entries",
            Reason::ExpandsTooMuch { .. } => "expands-too-much",
            Reason::TruncatedArchive => "truncated-archive",
            Reason::DamagedArchive => "damaged-archive",
            Reason::Unreadable { .. } => "unreadable",
        }
    }
}
