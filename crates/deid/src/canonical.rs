//! One spelling for all spellings of an identifier.

use crate::detect::canonical_phone;
use crate::engine::Engine;
use crate::identifier::IdentifierKind;
use crate::normalise::Normalised;

impl Engine {
    /// The one spelling of an identifier of a kind: `+442071838750` for each way to write that number.
    ///
    /// `covered` is the text that a span of [`Engine::detect`] covers. Two identifiers with the same spelling here
    /// are the same identifier; a phone number that no plan of the engine's regions knows keeps its digits only.
    pub fn canonical(&self, kind: IdentifierKind, covered: &str) -> String {
        let view = Normalised::of_whole(covered);
        let text = view.text();
        let keep = |wanted: fn(&char) -> bool| text.chars().filter(wanted).collect::<String>();
        match kind {
            IdentifierKind::Email | IdentifierKind::Ip => text.to_lowercase(),
            IdentifierKind::Phone => {
                canonical_phone(text, self.phone_regions()).unwrap_or_else(|| keep(char::is_ascii_digit))
            }
            IdentifierKind::Card | IdentifierKind::Device | IdentifierKind::BankAccount => {
                keep(char::is_ascii_digit)
            }
            IdentifierKind::Iban
            | IdentifierKind::Mac
            | IdentifierKind::NationalId
            | IdentifierKind::Passport
            | IdentifierKind::DrivingLicence
            | IdentifierKind::MedicalRecord
            | IdentifierKind::Vehicle => keep(char::is_ascii_alphanumeric).to_ascii_uppercase(),
            IdentifierKind::Crypto if text.starts_with(['1', '3']) => text.to_owned(),
            IdentifierKind::Crypto => text.to_ascii_lowercase(),
            IdentifierKind::PrivateKey => keep(|c| !c.is_whitespace()),
            IdentifierKind::Url | IdentifierKind::Secret => text.to_owned(),
            IdentifierKind::Coordinates
            | IdentifierKind::Website
            | IdentifierKind::Handle
            | IdentifierKind::BirthDate
            | IdentifierKind::Person
            | IdentifierKind::Address
            | IdentifierKind::Organisation
            | IdentifierKind::Location
            | IdentifierKind::Date
            | IdentifierKind::Age
            | IdentifierKind::Title
            | IdentifierKind::Group => {
                text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn spellings_of_one_identifier_are_one_and_of_two_are_two() {
        let engine = Engine::new(Settings::streamed());
        let same = |kind, a: &str, b: &str| engine.canonical(kind, a) == engine.canonical(kind, b);
        assert!(same(IdentifierKind::Phone, "+44 20 7183 8750", "(020) 7183-8750"));
        assert!(same(IdentifierKind::Email, "Ada@Lovelace.org", "ada@lovelace.org"));
        assert!(same(IdentifierKind::Card, "4111 1111 1111 1111", "4111-1111-1111-1111"));
        assert!(!same(IdentifierKind::Phone, "+44 20 7183 8750", "+44 20 7183 8751"));
    }
}
