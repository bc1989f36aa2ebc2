//! Where law asks for an act of consent before training, so that "on by default" is refused there.
//!
//! The table is deliberately wide: a country is listed where its data protection law asks for consent, or for
//! a basis that regulators have not accepted for silent training on private chats. It is a rule of this
//! program, not legal advice; an unknown region counts as listed.

use candor_conversation::Region;

/// Countries of the European Economic Area (Regulation (EU) 2016/679, articles 4(11), 6 and 7).
const EEA: [&str; 30] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT",
    "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// Other countries: United Kingdom (UK GDPR), Switzerland (revFADP), Brazil (LGPD), China (PIPL), India (DPDP
/// Act 2023), South Korea (PIPA), Thailand (PDPA), Turkey (KVKK), South Africa (POPIA).
const OTHERS: [&str; 9] = ["GB", "CH", "BR", "CN", "IN", "KR", "TH", "TR", "ZA"];

/// Whether an act of consent is needed for a person there; an unknown place needs one.
pub fn asks_for_consent(region: Option<&Region>) -> bool {
    region.is_none_or(|region| EEA.contains(&region.country()) || OTHERS.contains(&region.country()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_region_needs_an_act_of_consent() {
        assert!(asks_for_consent(None));
        assert!(asks_for_consent(Some(&"DE-BY".parse().unwrap())));
        assert!(!asks_for_consent(Some(&"US-CA".parse().unwrap())));
    }
}
