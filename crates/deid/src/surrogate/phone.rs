//! Telephone numbers: out of ranges set aside for films and examples where a country has them.
//!
//! Elsewhere the country and the first digits stay, and a number is drawn that its numbering plan does not know.
//! Where the plan knows every number of that shape (Italy's landlines, say), the surrogate may belong to someone.

use rlibphonenumber::PHONE_NUMBER_UTIL;

use crate::surrogate::draw::Stream;
use crate::surrogate::shape::with_digits;

/// Draws for a number that its plan does not know.
const DRAWS_MAX: usize = 24;

/// The ranges of a country: its code, and the ranges by what they are for.
struct Fiction {
    code: &'static str,
    /// National numbers without the trunk 0; `x` is any digit.
    landline: &'static [&'static str],
    mobile: &'static [&'static str],
    /// How a mobile number begins.
    mobile_begins: &'static str,
}

/// As the regulators print them: Ofcom, ACMA, ARCEP, Bundesnetzagentur, PTS, ComReg; 555-01xx for North America.
const FICTION: [Fiction; 7] = [
    Fiction {
        code: "1",
        landline: &[
            "20255501xx",
            "21255501xx",
            "30555501xx",
            "31255501xx",
            "40455501xx",
            "41555501xx",
            "50355501xx",
            "51255501xx",
            "60255501xx",
            "61755501xx",
            "70255501xx",
            "71355501xx",
            "80155501xx",
            "81855501xx",
            "90455501xx",
            "91655501xx",
            "61355501xx",
            "41655501xx",
            "51455501xx",
            "60455501xx",
        ],
        mobile: &[],
        mobile_begins: "-",
    },
    Fiction {
        code: "44",
        landline: &[
            "1134960xxx",
            "1144960xxx",
            "1154960xxx",
            "1164960xxx",
            "1174960xxx",
            "1184960xxx",
            "1214960xxx",
            "1314960xxx",
            "1414960xxx",
            "1514960xxx",
            "1614960xxx",
            "2079460xxx",
            "1914980xxx",
            "2896496xxx",
            "2920180xxx",
            "1632960xxx",
        ],
        mobile: &["7700900xxx"],
        mobile_begins: "7",
    },
    Fiction {
        code: "61",
        landline: &[
            "25550xxxx",
            "27010xxxx",
            "35550xxxx",
            "37010xxxx",
            "75550xxxx",
            "77010xxxx",
            "85550xxxx",
            "87010xxxx",
        ],
        mobile: &[
            "491570006",
            "491570156",
            "491570157",
            "491570158",
            "491570159",
            "491570110",
            "491570313",
            "491570737",
            "491571266",
            "491571491",
            "491571804",
            "491572549",
            "491572665",
            "491572983",
            "491573770",
            "491573087",
        ],
        mobile_begins: "4",
    },
    Fiction {
        code: "33",
        landline: &["19900xxxx", "26191xxxx", "35301xxxx", "46571xxxx", "53649xxxx"],
        mobile: &["63998xxxx"],
        mobile_begins: "6",
    },
    Fiction {
        code: "49",
        landline: &["3023125xxx", "6990009xxx", "4066969xxx", "2214710xxx", "8999998xxx"],
        mobile: &["17139200xx", "176040690xx"],
        mobile_begins: "1",
    },
    Fiction {
        code: "46",
        landline: &["3139006xx", "8465004xx", "4062804xx", "9803192xx"],
        mobile: &["70174061x", "70174062x", "70174063x", "70174064x", "70174065x", "70174066x", "70174067x"],
        mobile_begins: "7",
    },
    Fiction { code: "353", landline: &["2091xxxxx"], mobile: &[], mobile_begins: "-" },
];

/// Country codes of two and three digits that have no ranges above: what of a `+` number is the country.
const CODES: &str = "7 20 27 30 31 32 34 36 39 40 41 43 45 47 48 51 52 53 54 55 56 57 58 60 62 63 64 65 66 81 82 84 86 \
                     90 91 92 93 94 95 98";

/// A number of the same country and grouping.
///
/// `entity` is the number's one spelling: with `+` where its country is known.
pub(super) fn write(entity: &str, covered: &str, stream: &mut Stream) -> String {
    // An extension, `ext. 12` or `x12`, follows the number.
    let end = covered.find(char::is_alphabetic).unwrap_or(covered.len());
    let (covered, extension) = covered.split_at(end);
    let entity_digits = digits(entity);
    let covered_digits = digits(covered);
    let country = if entity.starts_with('+') { country_code(&entity_digits) } else { "" };
    let international = covered.trim_start_matches(['(', ' ']).starts_with('+');
    let prefix = prefix_of(covered, [&covered_digits, &entity_digits], country, international);
    let number = match FICTION.iter().find(|fiction| fiction.code == country) {
        Some(fiction) => {
            let national = &entity_digits[country.len()..];
            let is_mobile = national.starts_with(fiction.mobile_begins) && !fiction.mobile.is_empty();
            let ranges = if is_mobile { fiction.mobile } else { fiction.landline };
            in_range(ranges, stream)
        }
        None => unknown_to_its_plan(country, &covered_digits[prefix.len()..], stream),
    };
    let extension = extension.chars().map(|c| if c.is_numeric() { stream.digit() } else { c });
    with_digits(covered, &format!("{prefix}{number}")) + &extension.collect::<String>()
}

/// The digits in front of a national number: country code, trunk 0, or none.
fn prefix_of(covered: &str, digits: [&str; 2], country: &str, international: bool) -> String {
    let [covered_digits, entity_digits] = digits;
    let coded = international && !country.is_empty();
    let exit = if !international && country.len() > 1 && covered_digits.starts_with(&format!("00{country}")) {
        "00"
    } else {
        ""
    };
    if coded || !exit.is_empty() {
        let trunk = if covered.contains("(0)") { "0" } else { "" };
        return format!("{exit}{country}{trunk}");
    }
    let national = entity_digits.get(country.len()..).unwrap_or_default();
    match covered_digits.as_bytes() {
        [b'0', rest @ ..] if country.is_empty() || rest == national.as_bytes() => "0".to_owned(),
        [b'1', rest @ ..] if country == "1" && rest.len() == 10 => "1".to_owned(),
        _ => String::new(),
    }
}

fn in_range(ranges: &[&str], stream: &mut Stream) -> String {
    let range = stream.pick(ranges).copied().unwrap_or_default();
    range.chars().map(|c| if c == 'x' { stream.digit() } else { c }).collect()
}

/// The first two digits, which tell area or use, and others that make no number of the plan, where that can be.
fn unknown_to_its_plan(country: &str, national: &str, stream: &mut Stream) -> String {
    let kept = if national.len() > 5 { 2 } else { 1 };
    let kept = &national[..kept.min(national.len())];
    let mut draw = || {
        let rest = (kept.len()..national.len()).map(|_| stream.digit());
        kept.chars().chain(rest).collect::<String>()
    };
    let is_unknown = |number: &String| {
        PHONE_NUMBER_UTIL.parse(format!("+{country}{number}"), None).map_or(true, |parsed| !parsed.is_valid())
    };
    let first = draw();
    if country.is_empty() || is_unknown(&first) {
        return first;
    }
    (0..DRAWS_MAX).map(|_| draw()).find(is_unknown).unwrap_or(first)
}

fn country_code(digits: &str) -> &str {
    let known = FICTION.iter().map(|fiction| fiction.code).chain(CODES.split_whitespace());
    let longest = known.filter(|code| digits.starts_with(code)).map(str::len).max();
    &digits[..longest.unwrap_or(3).min(digits.len())]
}

/// The digits, foreign ones as ASCII.
fn digits(text: &str) -> String {
    crate::normalise::Normalised::new(text).text().chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surrogate::draw::Draws;

    fn number(entity: &str, covered: &str) -> String {
        write(entity, covered, &mut Draws::new(&[5; 32], "").stream("PHONE", entity, 0))
    }

    #[test]
    fn countries_with_ranges_for_fiction_get_numbers_out_of_them() {
        for (entity, covered, pattern) in [
            ("+12127365000", "(212) 736-5000", "(ddd) 555-01dd"),
            ("+12127365000", "+1 212-736-5000", "+1 ddd-555-01dd"),
            ("+12127365000", "1.212.736.5000", "1.ddd.555.01dd"),
            ("+12127365000", "212-736-5000 ext. 12", "ddd-555-01dd ext. dd"),
            ("+447911123456", "07911 123456", "07700 900ddd"),
            ("+447911123456", "+44 (0)7911 123 456", "+44 (0)7700 900 ddd"),
            ("+33612345678", "06 12 34 56 78", "06 39 98 dd dd"),
            ("+61412345678", "0412 345 678", "0491 57d ddd"),
        ] {
            let surrogate = number(entity, covered);
            let fits = surrogate.len() == pattern.len()
                && surrogate
                    .chars()
                    .zip(pattern.chars())
                    .all(|(c, p)| c == p || p == 'd' && c.is_ascii_digit());
            assert!(fits, "{covered} became {surrogate}");
        }
    }

    #[test]
    fn the_same_number_stays_the_same_in_both_ways_to_write_it() {
        let tail = |text: String| digits(&text).chars().rev().take(9).collect::<String>();
        let entity = "+442071838750";
        assert_eq!(tail(number(entity, "+44 20 7183 8750")), tail(number(entity, "(020) 7183-8750")));
        let entity = "+393331234567";
        assert_eq!(number(entity, "+39 333 1234567")[..6], *"+39 33");
        assert_eq!(
            tail(number("+31201234567", "+31 20 1234567")),
            tail(number("+31201234567", "020-1234567"))
        );
    }

    #[test]
    fn elsewhere_the_country_and_the_grouping_stay() {
        let surrogate = number("+48221234567", "+48 22 123 45 67");
        assert!(surrogate.starts_with("+48 22 ") && surrogate.len() == 16, "{surrogate}");
        let parsed = PHONE_NUMBER_UTIL.parse(number("+351912345678", "+351 912 345 678"), None);
        assert!(parsed.is_ok());
    }
}
