//! If it leaks: what each thing that may be exposed opens, alone and with others.
//!
//! Only reasoning, on what is known of each person; [`crate::Vault::held_in`] looks that up. The table:
//!
//! | exposed | of whom | what can be read |
//! |---|---|---|
//! | catalogue | everybody in it | metadata: states and times of choices under random ids |
//! | object store, or inbox | whose pieces are in it | metadata: sizes and days of expiry under keyed tags |
//! | catalogue, and the key of an epoch | whose key it wrapped | profile, and the records of their choices |
//! | the same, and the object store or inbox | the same | text and files, too |
//! | master key | everybody | as the keys of all epochs that lived in the window |
//! | release | whose rows are in it | de-identified rows |
//! | key of the gateway | for whom it speaks | nothing of the vault; who has it speaks as them |
//! | operator's key, access log | nobody | nothing: the one signs, the other names nobody |
//!
//! More exposed never opens less.

use std::collections::BTreeSet;

use candor_conversation::Timestamp;

use crate::keys::Epoch;

mod held;

pub use held::Holding;
pub(crate) use held::{NEWEST_RETENTION, begin_epoch, end_epochs_before};

/// Something that somebody else could take.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exposed {
    /// The catalogue, or a dump of it.
    Catalogue,
    /// The object store.
    Objects,
    /// What gateways captured and the vault had not taken in.
    Inbox,
    /// The key of an epoch, unwrapped.
    EpochKey(Epoch),
    /// The master key, with the key files that it opens.
    MasterKey,
    /// The key with which the operator signs.
    OperatorKey,
    /// The gateway's access log.
    AccessLog,
    /// A release, by its name.
    Release(String),
    /// A key of a client of the gateway, by its name.
    GatewayKey(String),
}

/// When it could be taken, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// What was gone before was not there.
    pub from: Timestamp,
    /// What came later was not there.
    pub to: Timestamp,
}

/// What can be read of a person. Ordered from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Readable {
    /// States and times of choices, sizes, days of expiry; under random ids.
    Metadata,
    /// De-identified text, with nobody's name.
    Rows,
    /// Name of the account, display names, tier, region, age.
    Profile,
    /// What they chose, when, and what they were shown.
    Choices,
    /// Text that may have been there and that retention dropped since.
    DroppedText,
    /// What they wrote and were answered.
    Text,
    /// What they uploaded.
    Files,
    /// Nothing, but whoever has it can speak as them.
    Voice,
}

/// How bad it is for the person, as a first sorting that people who know the case go over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// Nobody can be told by it without more.
    Low,
    /// Named data, or text that may tell who wrote it: it depends on the case.
    Medium,
    /// Likely high (GDPR article 34): the person is to be told.
    High,
}

/// What there was of a person in the window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// In the catalogue.
    pub enrolled: bool,
    /// Epochs whose key wrapped theirs in some state of the catalogue.
    pub epochs: BTreeSet<Epoch>,
    /// Pieces in the object store or the inbox.
    pub text: bool,
    /// Pieces with files.
    pub files: bool,
    /// Retention ran since, and may have dropped text that was there.
    pub dropped: bool,
    /// Releases with rows of theirs.
    pub releases: BTreeSet<String>,
    /// Keys of the gateway that speak for them.
    pub gateway_keys: BTreeSet<String>,
}

/// What is exposed together opens of one person.
pub fn opens(exposed: &BTreeSet<Exposed>, held: &Held) -> BTreeSet<Readable> {
    let is = |thing: Exposed| exposed.contains(&thing);
    let catalogue = held.enrolled && is(Exposed::Catalogue);
    let pieces = is(Exposed::Objects) || is(Exposed::Inbox);
    let master = is(Exposed::MasterKey) && !held.epochs.is_empty();
    // A person's key lies in the catalogue, wrapped: neither it nor an epoch's key alone opens anything.
    let key = catalogue && (master || held.epochs.iter().any(|epoch| is(Exposed::EpochKey(*epoch))));
    let of_release = |name: &String| is(Exposed::Release(name.clone()));
    let of_gateway = |name: &String| is(Exposed::GatewayKey(name.clone()));
    [
        (Readable::Metadata, catalogue || (pieces && held.text)),
        (Readable::Rows, held.releases.iter().any(of_release)),
        (Readable::Profile, key),
        (Readable::Choices, key),
        (Readable::DroppedText, key && pieces && held.dropped),
        (Readable::Text, key && pieces && held.text),
        (Readable::Files, key && pieces && held.files),
        (Readable::Voice, held.gateway_keys.iter().any(of_gateway)),
    ]
    .into_iter()
    .filter_map(|(readable, can)| can.then_some(readable))
    .collect()
}

impl Readable {
    /// Everything, from least to most.
    pub const ALL: [Readable; 8] = [
        Readable::Metadata,
        Readable::Rows,
        Readable::Profile,
        Readable::Choices,
        Readable::DroppedText,
        Readable::Text,
        Readable::Files,
        Readable::Voice,
    ];

    /// The word in files and for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Readable::Metadata => "metadata",
            Readable::Rows => "de-identified rows",
            Readable::Profile => "profile",
            Readable::Choices => "record of choices",
            Readable::DroppedText => "text dropped since",
            Readable::Text => "text",
            Readable::Files => "files",
            Readable::Voice => "speaking as them",
        }
    }

    fn risk(self) -> Risk {
        match self {
            Readable::Metadata => Risk::Low,
            Readable::Rows | Readable::Profile | Readable::Choices | Readable::DroppedText => Risk::Medium,
            Readable::Text | Readable::Files | Readable::Voice => Risk::High,
        }
    }
}

impl Risk {
    /// How bad all of it is; `None` if nothing can be read.
    pub fn of(readable: &BTreeSet<Readable>) -> Option<Risk> {
        readable.iter().map(|readable| readable.risk()).max()
    }
}

#[cfg(test)]
mod tests;
