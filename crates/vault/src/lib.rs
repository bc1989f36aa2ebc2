//! The vault: conversations at rest, readable only under a decision, and a vault that forgets.
//!
//! A [`Vault`] is a data directory: a catalogue (SQL), sealed segments on an object store, a key chain, and the
//! transparency log. Content is written only with [`candor_consent::Permits`] and read only with a
//! [`candor_consent::Permit`] (N3). It reads no clock and no random source of its own.

mod asking;
pub mod breach;
mod capture;
mod catalogue;
mod change;
mod cipher;
mod compress;
pub mod durable;
mod erase;
mod error;
mod export;
mod group;
mod house;
mod inbox;
mod keys;
mod live;
mod lock;
mod log;
mod objects;
mod own;
mod people;
mod person;
mod piece;
mod profile;
mod random;
mod reading;
mod records;
mod requests;
mod said;
mod segment;
mod segments;
mod sequencer;
mod signals;
mod standing;
mod states;
mod vault;

pub use asking::{Lowered, Ruling, Spoken};
pub use capture::{Author, Capture, CaptureCounts, Defaults, Job};
pub use catalogue::{CatalogueError, CatalogueUrl};
pub use cipher::{DoesNotOpen, Key};
pub use compress::{CompressError, Compressor, Decompressor};
pub use erase::{Forgotten, Recall, RetentionReport};
pub use error::VaultError;
pub use export::{Export, OwnConversation};
pub use group::Group;
pub use inbox::{Absorbed, Appended, Fresh, Inbox};
pub use keys::{Epoch, KeyChain, KeyError, keyed_hash};
pub use live::{Live, Policy, Tallies};
pub use lock::LockError;
pub use log::{Audit, Audited, Held, LogError, LogFault, LogFiles, only_appended};
pub use objects::{ObjectError, Objects};
pub use own::{
    Beginning, ConversationKey, InvalidConversationKey, Look, Own, OwnList, OwnOpened, OwnSummary, OwnTurn,
    PurposeSummary, Wanted,
};
pub use people::{Act, Known, Subject};
pub use person::{PeopleMet, Person};
pub use piece::{AuthorTag, CapturedTurn, OpenPiece, PieceError, SealedPiece, StoredTurn, TurnReference};
pub use profile::Profile;
pub use random::Entropy;
pub use reading::{Reading, Said};
pub use records::ReleaseRow;
pub use requests::{Filed, ForgottenRequests, PendingReceipt};
pub use said::ReadFor;
pub use segment::SegmentError;
pub use segments::Holdings;
pub use sequencer::{Recording, Sequencer};
pub use signals::{Contradiction, Signal, SignalSeen};
pub use states::{StateEpoch, StateError};
pub use vault::Vault;
