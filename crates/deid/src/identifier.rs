//! The kinds of identifier that can be found, and counts of them.

use std::str::FromStr;

use crate::settings::SettingsError;

/// What sort of identifier a span holds.
///
/// The order is the order of precedence where spans overlap: a key inside a URL belongs to the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentifierKind {
    /// A private key in PEM armour, whole or cut off, or base64 of such a block.
    PrivateKey,
    /// A URL that carries credentials (user and password, a token in its query, a signed link) or leads to what a cloud
    /// keeps for one customer: a tenant's host, a bucket, a resource name.
    Url,
    /// An API key, access token, session token or password.
    Secret,
    /// An e-mail address.
    Email,
    /// A payment card number.
    Card,
    /// An international bank account number.
    Iban,
    /// A national bank account or routing number.
    BankAccount,
    /// A number a state gives a person: social security, tax, health or identity card number.
    NationalId,
    /// A passport number.
    Passport,
    /// A driving licence number.
    DrivingLicence,
    /// A number a hospital or an insurer gives a patient.
    MedicalRecord,
    /// An address on a cryptocurrency chain.
    Crypto,
    /// A hardware (MAC) address.
    Mac,
    /// The serial number of a device, such as a phone's IMEI.
    Device,
    /// A vehicle identification number or a number plate.
    Vehicle,
    /// An IPv4 or IPv6 address.
    Ip,
    /// A telephone number.
    Phone,
    /// A pair of geographic coordinates that is precise enough to be an address.
    Coordinates,
    /// A URL or domain that is not widely known, and so may be a person's own.
    Website,
    /// The name of an account on a service: `@ada`, `u/ada`.
    Handle,
    /// The day a person was born.
    BirthDate,
    /// The name of a person, or a part of it.
    Person,
    /// A postal address or a part of it that is narrower than a place: street, house number, postal code.
    Address,
    /// The name of an organisation.
    Organisation,
    /// The name of a place: country, city, region, landmark.
    Location,
    /// A date, a year or a time of day.
    Date,
    /// A person's age.
    Age,
    /// A form of address or an occupation: `Dr.`, `packager`.
    Title,
    /// A nationality, religion or political affiliation.
    Group,
}

impl IdentifierKind {
    /// Every kind, in order of precedence.
    pub const ALL: [IdentifierKind; 29] = [
        IdentifierKind::PrivateKey,
        IdentifierKind::Url,
        IdentifierKind::Secret,
        IdentifierKind::Email,
        IdentifierKind::Card,
        IdentifierKind::Iban,
        IdentifierKind::BankAccount,
        IdentifierKind::NationalId,
        IdentifierKind::Passport,
        IdentifierKind::DrivingLicence,
        IdentifierKind::MedicalRecord,
        IdentifierKind::Crypto,
        IdentifierKind::Mac,
        IdentifierKind::Device,
        IdentifierKind::Vehicle,
        IdentifierKind::Ip,
        IdentifierKind::Phone,
        IdentifierKind::Coordinates,
        IdentifierKind::Website,
        IdentifierKind::Handle,
        IdentifierKind::BirthDate,
        IdentifierKind::Person,
        IdentifierKind::Address,
        IdentifierKind::Organisation,
        IdentifierKind::Location,
        IdentifierKind::Date,
        IdentifierKind::Age,
        IdentifierKind::Title,
        IdentifierKind::Group,
    ];

    /// The kinds that are found in text as it streams, cut at [`crate::Seams`]: they need no sentence around them.
    pub const STREAMED: [IdentifierKind; 11] = [
        IdentifierKind::PrivateKey,
        IdentifierKind::Url,
        IdentifierKind::Secret,
        IdentifierKind::Email,
        IdentifierKind::Card,
        IdentifierKind::Iban,
        IdentifierKind::NationalId,
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
            IdentifierKind::BankAccount => "BANK_ACCOUNT",
            IdentifierKind::NationalId => "NATIONAL_ID",
            IdentifierKind::Passport => "PASSPORT",
            IdentifierKind::DrivingLicence => "DRIVING_LICENCE",
            IdentifierKind::MedicalRecord => "MEDICAL_RECORD",
            IdentifierKind::Crypto => "CRYPTO",
            IdentifierKind::Mac => "MAC",
            IdentifierKind::Device => "DEVICE",
            IdentifierKind::Vehicle => "VEHICLE",
            IdentifierKind::Ip => "IP",
            IdentifierKind::Phone => "PHONE",
            IdentifierKind::Coordinates => "COORDINATES",
            IdentifierKind::Website => "WEBSITE",
            IdentifierKind::Handle => "HANDLE",
            IdentifierKind::BirthDate => "BIRTH_DATE",
            IdentifierKind::Person => "PERSON",
            IdentifierKind::Address => "ADDRESS",
            IdentifierKind::Organisation => "ORGANISATION",
            IdentifierKind::Location => "LOCATION",
            IdentifierKind::Date => "DATE",
            IdentifierKind::Age => "AGE",
            IdentifierKind::Title => "TITLE",
            IdentifierKind::Group => "GROUP",
        }
    }
}

/// Reads what [`IdentifierKind::placeholder_label`] writes, in any case, with `_`, `-` or a blank between words.
impl FromStr for IdentifierKind {
    type Err = SettingsError;

    fn from_str(word: &str) -> Result<Self, SettingsError> {
        let label = word.trim().replace(['-', ' '], "_").to_ascii_uppercase();
        let known = IdentifierKind::ALL.into_iter().find(|kind| kind.placeholder_label() == label);
        known.ok_or_else(|| SettingsError::UnknownKind { word: word.to_owned() })
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
        assert_eq!(counts.total(), 406);
    }
}
