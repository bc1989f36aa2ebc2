//! What a score compares: branches of kinds, and the names that others give to them.

use crate::identifier::IdentifierKind;

/// Kinds that a score does not tell apart, because people who mark texts draw the line between them in many ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Branch {
    /// Names of people.
    Person,
    /// Places and postal addresses.
    Location,
    /// Organisations.
    Organisation,
    /// Dates, times and days of birth.
    Date,
    /// Ages.
    Age,
    /// Forms of address and occupations.
    Title,
    /// Nationalities, religions, political groups.
    Group,
    /// E-mail addresses.
    Email,
    /// Telephone numbers.
    Phone,
    /// Payment cards.
    Card,
    /// Bank accounts, national and international.
    Bank,
    /// Numbers that a state, a hospital or an insurer gives a person.
    Identity,
    /// IP and hardware addresses.
    Network,
    /// URLs, domains and account names.
    Web,
    /// Keys, tokens, passwords.
    Secret,
    /// Addresses on cryptocurrency chains.
    Crypto,
    /// Devices and vehicles.
    Device,
}

impl Branch {
    /// Every branch.
    pub const ALL: [Branch; 17] = [
        Branch::Person,
        Branch::Location,
        Branch::Organisation,
        Branch::Date,
        Branch::Age,
        Branch::Title,
        Branch::Group,
        Branch::Email,
        Branch::Phone,
        Branch::Card,
        Branch::Bank,
        Branch::Identity,
        Branch::Network,
        Branch::Web,
        Branch::Secret,
        Branch::Crypto,
        Branch::Device,
    ];

    /// The branch of a kind.
    pub fn of(kind: IdentifierKind) -> Self {
        use IdentifierKind as K;
        match kind {
            K::Person => Branch::Person,
            K::Address | K::Location | K::Coordinates => Branch::Location,
            K::Organisation => Branch::Organisation,
            K::Date | K::BirthDate => Branch::Date,
            K::Age => Branch::Age,
            K::Title => Branch::Title,
            K::Group => Branch::Group,
            K::Email => Branch::Email,
            K::Phone => Branch::Phone,
            K::Card => Branch::Card,
            K::Iban | K::BankAccount => Branch::Bank,
            K::NationalId | K::Passport | K::DrivingLicence | K::MedicalRecord => Branch::Identity,
            K::Ip | K::Mac => Branch::Network,
            K::Url | K::Website | K::Handle => Branch::Web,
            K::Secret | K::PrivateKey => Branch::Secret,
            K::Crypto => Branch::Crypto,
            K::Device | K::Vehicle => Branch::Device,
        }
    }

    /// The word for it: `person`.
    pub fn name(self) -> &'static str {
        match self {
            Branch::Person => "person",
            Branch::Location => "location",
            Branch::Organisation => "organisation",
            Branch::Date => "date",
            Branch::Age => "age",
            Branch::Title => "title",
            Branch::Group => "group",
            Branch::Email => "email",
            Branch::Phone => "phone",
            Branch::Card => "card",
            Branch::Bank => "bank",
            Branch::Identity => "identity",
            Branch::Network => "network",
            Branch::Web => "web",
            Branch::Secret => "secret",
            Branch::Crypto => "crypto",
            Branch::Device => "device",
        }
    }

    /// The branch with this word.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|branch| branch.name() == name)
    }
}

/// What a type in somebody's marks is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// One of our branches.
    Branch(Branch),
    /// Nothing that identifies anybody; such marks are left out.
    LeftOut,
}

/// What a type is by its name, as corpora and tools use it; case, `-`, `_` and blanks do not count.
///
/// Names come from the CoNLL, WNUT, OntoNotes and Universal NER guidelines and from Presidio's list of supported
/// entities; our own kinds and branches go by their names too. `None` is a name that is not known.
pub fn foreign(name: &str) -> Option<Foreign> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let own = |kind: &IdentifierKind| kind.placeholder_label().replace('_', "").to_lowercase() == plain;
    if let Some(kind) = IdentifierKind::ALL.iter().find(|kind| own(kind)) {
        return Some(Foreign::Branch(Branch::of(*kind)));
    }
    if let Some(branch) = Branch::named(&plain) {
        return Some(Foreign::Branch(branch));
    }
    NAMES.iter().find(|(_, names)| names.contains(&plain.as_str())).map(|(foreign, _)| *foreign)
}

/// Names without marks between words, in lower case.
const NAMES: [(Foreign, &[&str]); 17] = [
    (
        Foreign::Branch(Branch::Person),
        &["per", "name", "firstname", "lastname", "givenname", "surname", "fullname", "patient", "doctor"],
    ),
    (
        Foreign::Branch(Branch::Location),
        &[
            "loc",
            "gpe",
            "fac",
            "facility",
            "geoloc",
            "streetaddress",
            "street",
            "zipcode",
            "zip",
            "postcode",
            "postalcode",
            "city",
            "state",
            "county",
            "country",
            "buildingnumber",
            "gpscoordinates",
        ],
    ),
    (
        Foreign::Branch(Branch::Organisation),
        &["org", "organization", "company", "companyname", "corporation", "hospital"],
    ),
    (Foreign::Branch(Branch::Date), &["datetime", "time", "dob", "dateofbirth", "birthdate", "birthday"]),
    (Foreign::Branch(Branch::Title), &["prefix", "job", "jobtitle", "occupation", "profession"]),
    (Foreign::Branch(Branch::Group), &["nrp", "norp", "nationality", "religion", "ethnicity"]),
    (Foreign::Branch(Branch::Email), &["emailaddress", "mail"]),
    (Foreign::Branch(Branch::Phone), &["phonenumber", "telephone", "telephonenumber", "tel", "fax"]),
    (Foreign::Branch(Branch::Card), &["creditcard", "creditcardnumber", "debitcard"]),
    (
        Foreign::Branch(Branch::Bank),
        &["ibancode", "usbanknumber", "accountnumber", "routingnumber", "abaroutingnumber", "bic", "swift"],
    ),
    (
        Foreign::Branch(Branch::Identity),
        &[
            "usssn",
            "ssn",
            "socialnumber",
            "usitin",
            "uspassport",
            "passportnumber",
            "usdriverlicense",
            "driverlicense",
            "driverslicense",
            "uknhs",
            "uknino",
            "taxid",
            "idcard",
            "nationalidnumber",
            "medicallicense",
            "mrn",
        ],
    ),
    (Foreign::Branch(Branch::Network), &["ipaddress", "ipv4", "ipv6", "macaddress"]),
    (Foreign::Branch(Branch::Web), &["domainname", "domain", "username", "link"]),
    (Foreign::Branch(Branch::Secret), &["password", "apikey", "token", "credential"]),
    (Foreign::Branch(Branch::Crypto), &["cryptoaddress", "bitcoinaddress", "wallet"]),
    (Foreign::Branch(Branch::Device), &["imei", "vin", "licenseplate", "numberplate"]),
    (Foreign::LeftOut, &["misc", "oth", "product", "creativework", "event", "workofart", "law", "language"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_corpora_and_of_our_own_are_understood() {
        let branch = |name| match foreign(name) {
            Some(Foreign::Branch(branch)) => branch.name(),
            Some(Foreign::LeftOut) => "left out",
            None => "unknown",
        };
        let names =
            ["PER", "STREET_ADDRESS", "geo-loc", "US_SSN", "DATE_TIME", "birth_date", "IBAN", "MISC", "X"];
        let wanted =
            ["person", "location", "location", "identity", "date", "date", "bank", "left out", "unknown"];
        assert_eq!(names.map(branch), wanted);
    }

    #[test]
    fn no_name_stands_for_two_things() {
        let mut names: Vec<&str> = NAMES.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        names.extend(Branch::ALL.map(Branch::name));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn every_branch_has_a_kind_and_is_found_by_its_name() {
        for branch in Branch::ALL {
            assert_eq!(Branch::named(branch.name()), Some(branch));
            assert!(IdentifierKind::ALL.into_iter().any(|kind| Branch::of(kind) == branch), "{branch:?}");
        }
    }
}
