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
    /// Reads keys, parted by white space; lines that begin with `#` are skipped.
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        let (mut operator, mut log) = (None, None);
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        for line in lines.flat_map(str::split_whitespace) {
            let key: VerifierKey =
                line.parse().map_err(|source| TrustError::Key { line: line.to_owned(), source })?;
            let name = key.name().as_str().to_owned();
            let (slot, role) = match name.rsplit_once('/') {
                Some((_, "log")) => (&mut log, "log"),
                Some((_, "operator")) => (&mut operator, "operator"),
                _ => continue,
            };
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

#[cfg(test)]
mod tests {
    use super::*;
    use candor_tlog::note::SignerKey;

    fn key(name: &str) -> String {
        SignerKey::from_seed(name.parse().unwrap(), &[7; 32]).verifier().to_string()
    }

    #[test]
    fn a_remark_of_several_words_is_skipped_and_keys_of_other_roles_are_ignored() {
        let (operator, log) = (key("example/operator"), key("example/log"));
        let text = format!("# from their web page\n{operator}\n\n  {log} {}\n", key("example/witness"));
        let trusted = TrustedKeys::parse(&text).unwrap();
        assert_eq!((trusted.operator.to_string(), trusted.log.to_string()), (operator, log));
    }

    #[test]
    fn each_role_needs_exactly_one_key() {
        let (operator, log) = (key("example/operator"), key("example/log"));
        let other = key("other/log");
        assert!(matches!(TrustedKeys::parse(&operator), Err(TrustError::Missing("log"))));
        let two = format!("{operator}\n{log}\n{other}");
        assert!(matches!(TrustedKeys::parse(&two), Err(TrustError::Two("log"))));
        let unrelated = format!("{log}\n{}", key("not-an-operator"));
        assert!(matches!(TrustedKeys::parse(&unrelated), Err(TrustError::Missing("operator"))));
    }
}
