//! The keys that a verifier trusts: the operator's, which signs receipts and releases, and the log's.

use candor_conversation::Kind;
use candor_tlog::note::VerifierKey;

/// Two trusted keys.
#[derive(Clone, Debug)]
pub struct TrustedKeys {
    /// Signs receipts and releases; its name ends in `/operator`.
    pub operator: VerifierKey,
    /// Signs checkpoints; its name ends in `/log`.
    pub log: VerifierKey,
}

/// Text that is not a pair of trusted keys.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// A line is not a key.
    #[error(
        "`{line}` is not a verifier key\nhint: expected `name+hash+key`, as `candor keys show` prints it"
    )]
    Key {
        /// The line.
        line: String,
        /// Why.
        #[source]
        source: candor_tlog::note::InvalidKey,
    },
    /// One of the two is missing.
    #[error(
        "there is no key whose name ends in `/{0}`\nhint: trust both keys of the operator; `candor keys show` \
         prints them"
    )]
    Missing(&'static str),
    /// Two keys for one role.
    #[error("there are two keys whose names end in `/{0}`; trust one")]
    Two(&'static str),
}

impl TrustError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        Kind::Invalid
    }
}

impl TrustedKeys {
    /// Reads keys, one a line; empty lines and lines that begin with `#` are skipped.
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        let (mut operator, mut log) = (None, None);
        for line in text.split_whitespace().filter(|line| !line.starts_with('#')) {
            let key: VerifierKey =
                line.parse().map_err(|source| TrustError::Key { line: line.to_owned(), source })?;
            let name = key.name().as_str().to_owned();
            let (slot, role) =
                if name.ends_with("/log") { (&mut log, "log") } else { (&mut operator, "operator") };
            if !name.ends_with(role) {
                continue;
            }
            if slot.replace(key).is_some() {
                return Err(TrustError::Two(role));
            }
        }
        Ok(Self {
            operator: operator.ok_or(TrustError::Missing("operator"))?,
            log: log.ok_or(TrustError::Missing("log"))?,
        })
    }
}
