//! What can go wrong in the vault.

use candor_consent::request::{RequestError, RequestKind};
use candor_consent::{EventError, NoticeError, RulesError};
use candor_conversation::{Kind, RequestId};

use crate::catalogue::CatalogueError;
use crate::cipher::DoesNotOpen;
use crate::compress::CompressError;
use crate::keys::KeyError;
use crate::lock::LockError;
use crate::log::LogError;
use crate::objects::ObjectError;
use crate::piece::PieceError;
use crate::segment::SegmentError;

/// Why the vault did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is something there already.
    #[error(
        "{0} exists and is not empty\nhint: choose another folder; an existing vault is never overwritten"
    )]
    Exists(std::path::PathBuf),
    /// There is no data directory there.
    #[error("{0} is not a candor data directory\nhint: make one with `candor init`")]
    NotThere(std::path::PathBuf),
    /// A file of the data directory could not be read or written.
    #[error("{doing} {path}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: std::path::PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Nobody by that name is enrolled.
    #[error("`{name}` is not enrolled in tenant {tenant}\nhint: `candor enrol {name} --tenant {tenant}`")]
    UnknownSubject {
        /// The operator's name for the person.
        name: String,
        /// The tenant.
        tenant: String,
    },
    /// The person had everything erased.
    #[error("this person of tenant {tenant} was erased; nothing is kept of them and nothing can be")]
    Erased {
        /// The tenant.
        tenant: String,
    },
    /// A person's right to read was brought for somebody else.
    #[error("a person reads what they wrote themselves and nothing else")]
    NotTheirs,
    /// The operator's name for a person cannot be told from others.
    #[error("a person's name {0}\nhint: name people by their account ids")]
    Name(&'static str),
    /// The clock was turned back.
    #[error(
        "it is {now} now, but the vault's newest record is of {newest}\nhint: set the clock right; a record made \
         with a clock turned back would claim to be older than it is"
    )]
    ClockBehind {
        /// The time given.
        now: candor_conversation::Timestamp,
        /// When the newest record was made.
        newest: candor_conversation::Timestamp,
    },
    /// No notice was in force.
    #[error(
        "no notice was in force at {0}\nhint: publish one with `candor notice publish`; `candor notice list` shows \
         them"
    )]
    NoNotice(candor_conversation::Timestamp),
    /// No notice with that version.
    #[error("there is no notice with version {0}\nhint: `candor notice list` shows those there are")]
    UnknownNotice(candor_consent::NoticeVersion),
    /// A published notice cannot change.
    #[error("notice: {0}")]
    NoticeConflict(String),
    /// A stored profile or record does not open or does not read.
    #[error("a stored {0} does not open or does not read")]
    Stored(&'static str),
    /// There is no such release.
    #[error("there is no release named `{0}`")]
    UnknownRelease(String),
    /// A release with that name exists.
    #[error("a release named `{0}` exists; releases never change\nhint: choose another name")]
    ReleaseExists(String),
    /// There is no such request.
    #[error(
        "there is no request {0}\nhint: `candor request list` shows those there are; a person's go when they are erased"
    )]
    UnknownRequest(RequestId),
    /// The person asked for the same before, and it is not over.
    #[error("this person's request {id} for {kind} is not over yet\nhint: `candor request show {id}`")]
    RequestOpen {
        /// That request.
        id: RequestId,
        /// What it is for.
        kind: RequestKind,
    },
    /// Requests.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Consent events.
    #[error(transparent)]
    Event(#[from] EventError),
    /// Notices.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// House rules.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// Catalogue.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// Keys.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Lock.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Object store.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// Sealed pieces.
    #[error(transparent)]
    Piece(#[from] PieceError),
    /// Segment files.
    #[error(transparent)]
    Segment(#[from] SegmentError),
    /// What was recorded together with others could not be written.
    #[error("record together with others")]
    Group(#[source] std::sync::Arc<VaultError>),
    /// The thread that records is gone.
    #[error("the thread that records is gone\nhint: start the process again")]
    SequencerGone,
    /// Receipts.
    #[error(transparent)]
    Receipt(#[from] candor_consent::receipt::ReceiptError),
}

impl From<DoesNotOpen> for VaultError {
    fn from(error: DoesNotOpen) -> Self {
        VaultError::Piece(PieceError::Sealed(error))
    }
}

impl From<CompressError> for VaultError {
    fn from(error: CompressError) -> Self {
        VaultError::Piece(PieceError::Compress(error))
    }
}

impl VaultError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            VaultError::Exists(_)
            | VaultError::NoticeConflict(_)
            | VaultError::ReleaseExists(_)
            | VaultError::RequestOpen { .. } => Kind::Conflict,
            VaultError::NotThere(_)
            | VaultError::NoNotice(_)
            | VaultError::Name(_)
            | VaultError::ClockBehind { .. } => Kind::Invalid,
            VaultError::File { .. } => Kind::Unavailable,
            VaultError::UnknownSubject { .. }
            | VaultError::UnknownNotice(_)
            | VaultError::UnknownRequest(_)
            | VaultError::UnknownRelease(_) => Kind::NotFound,
            VaultError::Erased { .. } | VaultError::NotTheirs => Kind::Denied,
            VaultError::Stored(_) => Kind::Corrupt,
            VaultError::Request(error) => error.kind(),
            VaultError::Event(error) => error.kind(),
            VaultError::Notice(error) => error.kind(),
            VaultError::Rules(error) => error.kind(),
            VaultError::Catalogue(error) => error.kind(),
            VaultError::Key(error) => error.kind(),
            VaultError::Lock(_) => Kind::Unavailable,
            VaultError::Log(error) => error.kind(),
            VaultError::Object(error) => error.kind(),
            VaultError::Piece(error) => error.kind(),
            VaultError::Segment(error) => error.kind(),
            VaultError::Receipt(error) => error.kind(),
            VaultError::Group(error) => error.kind(),
            VaultError::SequencerGone => Kind::Internal,
        }
    }
}
