//! What an engine looks for and how sure it must be.

use std::fmt;
use std::str::FromStr;

use candor_conversation::Kind;
use rlibphonenumber::Region;

use crate::identifier::IdentifierKind;

/// The choices an operator makes; each field is given at the call, [`Settings::standard`] is what we ship.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Kinds to look for; others are left in the text.
    pub kinds: Vec<IdentifierKind>,
    /// The least confidence, 0 to 1, that a span needs.
    pub threshold: f32,
    /// The least probability, 0 to 1, that a word needs for the name model to take it for a name. Lower finds more
    /// names, and more words that are none; above 1 the model is not asked.
    pub name_threshold: f32,
    /// What becomes of names that are public.
    pub public_names: PublicNames,
    /// Regions whose national phone formats are tried, in this order; `+` numbers need none.
    pub phone_regions: Vec<PhoneRegion>,
}

/// What becomes of the names of public figures, works, places and organisations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicNames {
    /// They are replaced like any other.
    Mask,
    /// They stay where the conversation speaks of nobody's own: see [`crate::public`]. Whether a word such as
    /// `neighbour` stands near enough to speak against a name depends on the length of what stands between, which
    /// replacing changes: so redacting a text that was redacted may, rarely, replace a name that was left.
    Keep,
}

impl Settings {
    /// What releases strip unless told otherwise: all but dates, occupations and nationalities, which by themselves name
    /// nobody, and public names.
    pub fn release() -> Self {
        let left = [IdentifierKind::Date, IdentifierKind::Title, IdentifierKind::Group];
        let kinds = IdentifierKind::ALL.into_iter().filter(|kind| !left.contains(kind)).collect();
        Self { kinds, public_names: PublicNames::Keep, ..Self::standard() }
    }

    /// Rules only, without the name model.
    pub fn rules() -> Self {
        Self { name_threshold: f32::INFINITY, ..Self::standard() }
    }

    /// What is found in text as it streams: [`IdentifierKind::STREAMED`], by rules; all else as [`Settings::standard`].
    pub fn streamed() -> Self {
        Self::standard().for_streams()
    }

    /// These settings without what can only be found in a whole text.
    pub fn for_streams(mut self) -> Self {
        self.kinds.retain(|kind| IdentifierKind::STREAMED.contains(kind));
        self.name_threshold = f32::INFINITY;
        self.public_names = PublicNames::Mask;
        self
    }

    /// All kinds, thresholds 0.5 and 0.25, no name kept, and national phone formats of 24 regions.
    pub fn standard() -> Self {
        use Region as R;
        let regions = [
            R::US,
            R::GB,
            R::AU,
            R::DE,
            R::FR,
            R::IT,
            R::ES,
            R::NL,
            R::BE,
            R::CH,
            R::AT,
            R::SE,
            R::NO,
            R::DK,
            R::FI,
            R::IE,
            R::PT,
            R::PL,
            R::CZ,
            R::NZ,
            R::ZA,
            R::IN,
            R::BR,
            R::JP,
        ];
        Self {
            kinds: IdentifierKind::ALL.to_vec(),
            threshold: 0.5,
            name_threshold: 0.25,
            public_names: PublicNames::Mask,
            phone_regions: regions.map(PhoneRegion).to_vec(),
        }
    }
}

/// A region with a phone numbering plan, by its two-letter ISO 3166 code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PhoneRegion(pub(crate) Region);

impl fmt::Debug for PhoneRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneRegion({:?})", self.0)
    }
}

impl FromStr for PhoneRegion {
    type Err = SettingsError;

    fn from_str(code: &str) -> Result<Self, SettingsError> {
        code.parse().map(Self).map_err(|_| SettingsError::UnknownRegion { code: code.to_owned() })
    }
}

/// A setting that means nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SettingsError {
    /// Not the code of a region with a numbering plan.
    #[error("`{code}` is not a phone region\nhint: use a two-letter code such as `US` or `DE`")]
    UnknownRegion {
        /// What was given.
        code: String,
    },
    /// Not a kind of identifier.
    #[error("`{word}` is not a kind\nhint: kinds are {}", kinds())]
    UnknownKind {
        /// What was given.
        word: String,
    },
}

fn kinds() -> String {
    IdentifierKind::ALL.map(|kind| kind.placeholder_label().to_ascii_lowercase()).join(", ")
}

impl SettingsError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            SettingsError::UnknownRegion { .. } | SettingsError::UnknownKind { .. } => Kind::Invalid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_read_from_its_code_and_nothing_else() {
        assert_eq!("DE".parse::<PhoneRegion>().unwrap(), PhoneRegion(Region::DE));
        let error = "Germany".parse::<PhoneRegion>().unwrap_err();
        assert!(error.to_string().contains("`Germany`"));
        assert_eq!(error.kind(), Kind::Invalid);
    }
}
