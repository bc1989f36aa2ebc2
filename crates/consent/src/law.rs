//! What law asks for, place by place: an act of consent before training, and from which age a person gives it alone.
//!
//! The table is deliberately wide: silence is refused as a yes wherever data protection law asks for consent or for a
//! basis that regulators have not accepted for silent training on private chats, and wherever nobody has looked. It is
//! a rule of this program, not legal advice. [`crate::HouseRules`] can make it stricter, and never laxer.

use candor_conversation::{Age, Region};

/// What silence may be taken for, where a notice says that it is a yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Never for a yes: law asks for an act.
    NeverYes,
    /// For a yes of those who are at least so old.
    YesFrom(u8),
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Country or subdivision, as in [`Region`]; empty: everywhere else.
    pub code: &'static str,
    /// What silence may be taken for.
    pub silence: Silence,
    /// Where law says so.
    pub silence_source: &'static str,
    /// From how many years on a person agrees alone; below, a guardian does.
    pub alone_from: u8,
    /// Where law says so.
    pub age_source: &'static str,
}

/// The highest age in the table: whoever is so old agrees alone everywhere.
pub const ALONE_FROM_MAX: u8 = 18;

const GDPR: &str = "Regulation (EU) 2016/679, articles 4(11), 6 and 7";
/// Where a member state named no age of its own.
const GDPR_AGE: &str = "Regulation (EU) 2016/679, article 8(1)";
/// Where no single age is in law that would hold for this use.
const HIGHEST: &str = "no age of its own: the highest in the table";

const fn asks(code: &'static str, silence_source: &'static str, age: (u8, &'static str)) -> Place {
    Place { code, silence: Silence::NeverYes, silence_source, alone_from: age.0, age_source: age.1 }
}

const fn eea(code: &'static str, alone_from: u8, age_source: &'static str) -> Place {
    asks(code, GDPR, (alone_from, age_source))
}

/// Places that have a rule of their own, a subdivision before its country.
pub const PLACES: [Place; 42] = [
    eea("AT", 14, "Datenschutzgesetz, § 4(4)"),
    eea("BE", 13, "Act of 30 July 2018, article 7"),
    eea("BG", 14, "Personal Data Protection Act, article 25c"),
    eea("CY", 14, "Law 125(I)/2018, section 8"),
    eea("CZ", 15, "Act 110/2019, § 7"),
    eea("DE", 16, GDPR_AGE),
    eea("DK", 15, "Databeskyttelsesloven, § 6(2)"),
    eea("EE", 13, "Personal Data Protection Act, § 8"),
    eea("ES", 14, "Ley Orgánica 3/2018, article 7"),
    eea("FI", 13, "Data Protection Act 1050/2018, section 5"),
    eea("FR", 15, "Loi 78-17, article 45"),
    eea("GR", 15, "Law 4624/2019, article 21"),
    eea("HR", 16, GDPR_AGE),
    eea("HU", 16, GDPR_AGE),
    eea("IE", 16, "Data Protection Act 2018, section 31"),
    eea("IS", 13, "Act 90/2018, article 10"),
    eea("IT", 14, "Decreto legislativo 196/2003, article 2-quinquies"),
    eea("LI", 16, GDPR_AGE),
    eea("LT", 14, "Law on Legal Protection of Personal Data, article 6"),
    eea("LU", 16, GDPR_AGE),
    eea("LV", 13, "Personal Data Processing Law, section 33"),
    eea("MT", 13, "Subsidiary Legislation 586.11"),
    eea("NL", 16, "Uitvoeringswet AVG, article 5"),
    eea("NO", 13, "Personopplysningsloven, § 5"),
    eea("PL", 16, GDPR_AGE),
    eea("PT", 13, "Lei 58/2019, article 16"),
    eea("RO", 16, GDPR_AGE),
    eea("SE", 13, "Act 2018:218, chapter 2, section 4"),
    eea("SI", 15, "ZVOP-2, article 8"),
    eea("SK", 16, "Act 18/2018, § 15"),
    asks("GB", "UK GDPR, articles 4(11), 6 and 7", (13, "Data Protection Act 2018, section 9")),
    asks("CH", "Datenschutzgesetz of 2020, articles 6 and 31", (ALONE_FROM_MAX, HIGHEST)),
    asks("BR", "Lei 13.709/2018 (LGPD), articles 7 and 8", (ALONE_FROM_MAX, HIGHEST)),
    asks("CN", "Personal Information Protection Law, articles 13 and 14", (14, "the same, article 31")),
    asks(
        "IN",
        "Digital Personal Data Protection Act 2023, sections 4 and 6",
        (18, "the same, sections 2(f) and 9"),
    ),
    asks("KR", "Personal Information Protection Act, articles 15 and 22", (14, "the same, article 22-2")),
    asks("TH", "Personal Data Protection Act B.E. 2562, sections 19 and 24", (ALONE_FROM_MAX, HIGHEST)),
    asks("TR", "Law 6698 (KVKK), articles 3 and 5", (ALONE_FROM_MAX, HIGHEST)),
    asks(
        "ZA",
        "Protection of Personal Information Act 4 of 2013, section 11",
        (18, "the same, sections 1 and 35"),
    ),
    asks(
        "CA-QC",
        "Act respecting the protection of personal information in the private sector, sections 12 and 14",
        (14, "the same, section 4.1"),
    ),
    Place {
        code: "US-CA",
        silence: Silence::YesFrom(16),
        silence_source: "California Civil Code, section 1798.120(c) and (d)",
        alone_from: 13,
        age_source: COPPA,
    },
    Place {
        code: "US",
        silence: Silence::YesFrom(13),
        silence_source: "no federal law asks for an act of those who agree alone",
        alone_from: 13,
        age_source: COPPA,
    },
];

const COPPA: &str = "Children's Online Privacy Protection Act, 15 U.S.C. 6501 to 6502; 16 CFR 312";

/// Everywhere else, and where it is not known where somebody is: the strictest of the table.
pub const ELSEWHERE: Place =
    asks("", "nobody has looked, so that silence is no yes", (ALONE_FROM_MAX, HIGHEST));

/// The row that holds for a place: its own, else its country's, else [`ELSEWHERE`].
pub fn place(region: Option<&Region>) -> &'static Place {
    let Some(region) = region else { return &ELSEWHERE };
    let row = |code: &str| PLACES.iter().find(|place| place.code == code);
    row(region.as_str()).or_else(|| row(region.country())).unwrap_or(&ELSEWHERE)
}

impl Place {
    /// Whether silence of somebody there is no yes, whatever a notice says. An age that is not known is that of an
    /// adult here: house rules can count it as a minor's.
    pub fn asks_for_consent(&self, age: Option<Age>) -> bool {
        match self.silence {
            Silence::NeverYes => true,
            Silence::YesFrom(years) => age.is_some_and(|age| age.years() < years),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(code: &str) -> &'static Place {
        place(Some(&code.parse().unwrap()))
    }

    #[test]
    fn each_row_is_a_place_that_comes_once_and_cites_its_law() {
        for (index, row) in PLACES.iter().enumerate() {
            assert_eq!(row.code.parse::<Region>().unwrap().as_str(), row.code);
            assert!(PLACES[..index].iter().all(|before| before.code != row.code), "{}", row.code);
            assert!(!row.silence_source.is_empty() && !row.age_source.is_empty(), "{}", row.code);
            assert!((13..=ALONE_FROM_MAX).contains(&row.alone_from), "{}", row.code);
        }
    }

    #[test]
    fn a_part_of_a_country_has_its_rule_or_the_country_s_and_the_unknown_the_strictest() {
        assert_eq!(at("DE-BY"), at("DE"));
        assert_eq!(at("US-CA").code, "US-CA");
        assert_eq!(at("US-NY").code, "US");
        for unknown in [place(None), at("JP"), at("CA")] {
            assert_eq!(unknown, &ELSEWHERE);
            assert!(unknown.asks_for_consent(None));
            assert!(PLACES.iter().all(|row| row.alone_from <= unknown.alone_from));
        }
    }

    #[test]
    fn silence_of_a_young_californian_is_no_yes() {
        assert!(at("US-CA").asks_for_consent(Some(Age::at_least(15))));
        assert!(!at("US-CA").asks_for_consent(Some(Age::at_least(16))));
        assert!(!at("US").asks_for_consent(Some(Age::at_least(15))));
        assert!(at("FR").asks_for_consent(Some(Age::at_least(40))));
    }
}
