//! What a quickstart tells: people, their choices, and where their conversations are.

use std::path::PathBuf;

use candor_consent::{Notice, Purpose, State};
use candor_conversation::{TenantId, Timestamp};
use candor_vault::Profile;

/// A person of the story.
pub(crate) struct Person {
    pub(crate) tenant: TenantId,
    pub(crate) profile: Profile,
}

/// One answer of a person.
#[derive(Clone)]
pub(crate) struct Choice {
    /// Index into [`Story::people`].
    pub(crate) person: usize,
    pub(crate) purpose: Purpose,
    pub(crate) state: State,
    pub(crate) at: Timestamp,
    /// Version of the notice it answers.
    pub(crate) notice: u32,
}

/// Everything that both worlds are made from.
pub(crate) struct Story {
    /// What the conversations are, for people.
    pub(crate) about: String,
    /// Said under the comparison.
    pub(crate) remark: String,
    /// Where the conversations are.
    pub(crate) conversations: PathBuf,
    /// Author of turns whose author the source does not name.
    pub(crate) author: Option<String>,
    pub(crate) people: Vec<Person>,
    /// Ordered by time.
    pub(crate) choices: Vec<Choice>,
    /// Tenants whose contract allows training.
    pub(crate) contracts: Vec<TenantId>,
    /// Our notices, oldest first.
    pub(crate) notices: Vec<Notice>,
    /// Who vouches for choices that are invented or recorded afterwards; `None` replays them at their time.
    pub(crate) attested_by: Option<String>,
    /// Someone who said no to training.
    pub(crate) refuser: Option<usize>,
    /// Someone who said yes.
    pub(crate) giver: Option<usize>,
    /// Someone who asks to be erased.
    pub(crate) leaver: Option<usize>,
    /// The end of the story.
    pub(crate) now: Timestamp,
}
