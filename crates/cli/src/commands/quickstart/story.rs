//! What a quickstart tells: people, their choices, and where their conversations are.

use std::path::PathBuf;

use candor_consent::{Notice, Purpose, State};
use candor_conversation::{TenantId, Timestamp};
use candor_vault::Profile;

/// A person of the story.
pub(super) struct Person {
    pub(super) tenant: TenantId,
    pub(super) profile: Profile,
}

/// One answer of a person.
#[derive(Clone)]
pub(super) struct Choice {
    /// Index into [`Story::people`].
    pub(super) person: usize,
    pub(super) purpose: Purpose,
    pub(super) state: State,
    pub(super) at: Timestamp,
    /// Version of the notice it answers.
    pub(super) notice: u32,
}

/// Everything that both worlds are made from.
pub(super) struct Story {
    /// What the conversations are, for people.
    pub(super) about: String,
    /// Said under the comparison.
    pub(super) remark: String,
    /// Where the conversations are.
    pub(super) conversations: PathBuf,
    /// Author of turns whose author the source does not name.
    pub(super) author: Option<String>,
    pub(super) people: Vec<Person>,
    /// Ordered by time.
    pub(super) choices: Vec<Choice>,
    /// Tenants whose contract allows training.
    pub(super) contracts: Vec<TenantId>,
    /// Our notices, oldest first.
    pub(super) notices: Vec<Notice>,
    /// Who vouches for choices that are invented or recorded afterwards; `None` replays them at their time.
    pub(super) attested_by: Option<String>,
    /// Someone who said no to training.
    pub(super) refuser: Option<usize>,
    /// Someone who said yes.
    pub(super) giver: Option<usize>,
    /// Someone who asks to be erased.
    pub(super) leaver: Option<usize>,
    /// The end of the story.
    pub(super) now: Timestamp,
}
