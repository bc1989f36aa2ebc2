//! What text becomes in a release, for whoever shows that to people.

use candor_deid::Engine;
use candor_deid::sensitive::Policy;

use crate::assemble::Attachments;

/// What releases are made with, as the settings have it.
#[derive(Clone)]
pub struct Making {
    /// What finds identifiers.
    pub engine: Engine,
    /// What becomes of sentences that tell something sensitive.
    pub sensitive: Policy,
    /// What becomes of files.
    pub attachments: Attachments,
}
