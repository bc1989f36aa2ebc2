//! What a caller does next when something went wrong.

/// The few kinds of failure of the whole product; exit codes and HTTP statuses come from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Fix the input.
    Invalid,
    /// Policy forbids it.
    Denied,
    /// There is no such thing.
    NotFound,
    /// Someone else changed it, or it exists already: reread and retry.
    Conflict,
    /// Retry later.
    Unavailable,
    /// Stored bytes are not what was written: stop and look.
    Corrupt,
    /// A bug of ours.
    Internal,
}

impl Kind {
    /// Process exit code: 1 when the input or the answer is at fault, 3 when the fault is on our side.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Invalid | Kind::Denied | Kind::NotFound | Kind::Conflict => 1,
            Kind::Unavailable | Kind::Corrupt | Kind::Internal => 3,
        }
    }
}
