//! The kinds of identifier that can be found, and counts of them.

/// What sort of identifier a span holds.
///
/// The order is the order of precedence where spans overlap: a key inside a URL belongs to the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentifierKind {
    /// A private key in PEM armour, whole or cut off, or base64 of such a block.
    PrivateKey,
    /// A URL that carries credentials: user and password, a token in its query, a signed link.
    Url,
    /// An API key, access token, session token or password.
    Secret,
    /// An e-mail address.
    Email,
    /// A payment card number.
    Card,
    /// An international bank account number.
    Iban,
    /// A United States social security number.
    Ssn,
    /// An address on a cryptocurrency chain.
    Crypto,
    /// A hardware (MAC) address.
    Mac,
    /// An IPv4 or IPv6 address.
    Ip,
    /// A telephone number.
    Phone,
}

impl IdentifierKind {
    /// Every kind, in order of precedence.
    pub const ALL: [IdentifierKind; 11] = [
        IdentifierKind::PrivateKey,
        IdentifierKind::Url,
        IdentifierKind::Secret,
        IdentifierKind::Email,
        IdentifierKind::Card,
        IdentifierKind::Iban,
        IdentifierKind::Ssn,
        IdentifierKind::Crypto,
        IdentifierKind::Mac,
        IdentifierKind::Ip,
        IdentifierKind::Phone,
    ];

    /// The word in this kind's placeholders: `EMAIL` in `[EMAIL_1]`.
    pub fn placeholder_label(self) -> &'static str {
        match self {
            IdentifierKind::PrivateKey => "PRIVATE_KEY",
            IdentifierKind::Url => "URL",
            IdentifierKind::Secret => "SECRET",
            IdentifierKind::Email => "EMAIL",
            IdentifierKind::Card => "CARD",
            IdentifierKind::Iban => "IBAN",
            IdentifierKind::Ssn => "SSN",
            IdentifierKind::Crypto => "CRYPTO",
            IdentifierKind::Mac => "MAC",
            IdentifierKind::Ip => "IP",
            IdentifierKind::Phone => "PHONE",
        }
    }
}

/// How many spans of each kind were found or replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; IdentifierKind::ALL.len()]);

impl Counts {
    /// Counts one more of a kind.
    pub fn add(&mut self, kind: IdentifierKind) {
        self.0[kind as usize] += 1;
    }

    /// Adds the counts of another text.
    pub fn merge(&mut self, other: &Counts) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }

    /// The number of one kind.
    pub fn of(&self, kind: IdentifierKind) -> u64 {
        self.0[kind as usize]
    }

    /// The number over all kinds.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Each kind with its number, in order of precedence, zeros included.
    pub fn iter(&self) -> impl Iterator<Item = (IdentifierKind, u64)> + '_ {
        IdentifierKind::ALL.into_iter().zip(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_counts_in_its_own_slot() {
        let mut counts = Counts::default();
        for (times, kind) in IdentifierKind::ALL.into_iter().enumerate() {
            (0..times).for_each(|_| counts.add(kind));
        }
        let wanted: Vec<_> = IdentifierKind::ALL.into_iter().zip(0..).collect();
        assert_eq!(counts.iter().collect::<Vec<_>>(), wanted);
        assert_eq!(counts.total(), 55);
    }
}
