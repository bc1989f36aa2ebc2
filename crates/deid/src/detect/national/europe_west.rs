//! Western and southern Europe.

use super::check::{is_date, is_ddmmyy, luhn, mod_11_10, number, value, varies, verhoeff, weighted};
use super::{Id, NEEDS_WORD, form, id};

pub(super) const IDS: &[Id] = &[
    form(
        "uk-nino",
        &[("AA999999A", 0.85), ("AA 99 99 99 A", 0.9), ("AA-99-99-99-A", 0.9), ("AA 999999 A", 0.85)],
        uk_nino,
    ),
    id(
        "uk-nhs",
        &[("999 999 9999", NEEDS_WORD), ("999-999-9999", NEEDS_WORD), ("9999999999", NEEDS_WORD)],
        uk_nhs,
    ),
    id("uk-utr", &[("9999999999", NEEDS_WORD), ("99999 99999", NEEDS_WORD)], uk_utr),
    id("ie-ppsn", &[("9999999A", NEEDS_WORD), ("9999999AA", NEEDS_WORD)], ie_ppsn),
    id("de-steuer-id", &[("99 999 999 999", 0.8), ("99999999999", NEEDS_WORD)], de_steuer_id),
    form(
        "de-steuernummer",
        &[("99/999/99999", NEEDS_WORD), ("999/999/99999", NEEDS_WORD), ("9999999999999", NEEDS_WORD)],
        varies,
    ),
    id(
        "de-rentenversicherung",
        &[("99999999A999", 0.7), ("99 999999 A 999", 0.9), ("99 999999 A999", 0.9)],
        de_pension,
    ),
    id("de-personalausweis", &[("ANNNNNNNN9", NEEDS_WORD), ("ANNNNNNNN", NEEDS_WORD)], de_identity_card),
    id("at-svnr", &[("9999 999999", 0.6), ("9999-999999", 0.7), ("9999999999", NEEDS_WORD)], at_svnr),
    id("ch-ahv", &[("756.9999.9999.99", 0.98), ("756 9999 9999 99", 0.9), ("7569999999999", 0.8)], ch_ahv),
    id(
        "fr-nir",
        &[
            ("999999999999999", 0.9),
            ("99999NN99999999", 0.9),
            ("9 99 99 99 999 999 99", 0.97),
            ("9 99 99 NN 999 999 99", 0.97),
            ("9999999999999 99", 0.95),
        ],
        fr_nir,
    ),
    id("fr-spi", &[("9999999999999", NEEDS_WORD), ("99 99 999 999 999", 0.85)], fr_spi),
    id(
        "es-dni",
        &[
            ("99999999A", 0.6),
            ("99999999-A", 0.8),
            ("99.999.999-A", 0.95),
            ("99 999 999 A", 0.9),
            ("99.999.999 A", 0.9),
        ],
        es_dni,
    ),
    id("es-nie", &[("A9999999A", 0.75), ("A-9999999-A", 0.9), ("A9999999-A", 0.9)], es_nie),
    id("es-nss", &[("99/99999999/99", 0.85), ("99 99999999 99", 0.75), ("999999999999", NEEDS_WORD)], es_nss),
    id("pt-nif", &[("999999999", NEEDS_WORD), ("999 999 999", NEEDS_WORD)], pt_nif),
    id("pt-cartao", &[("99999999 9 AA9", 0.8), ("999999999AA9", 0.6)], pt_card),
    id("pt-niss", &[("99999999999", NEEDS_WORD)], pt_niss),
    id("it-codice-fiscale", &[("AAAAAANNANNANNNA", 0.98), ("AAAAAA 99A99 A999A", 0.98)], it_codice_fiscale),
    id("it-partita-iva", &[("99999999999", NEEDS_WORD), ("IT99999999999", 0.85)], |text| {
        luhn(&text[text.len() - 11..])
    }),
    id(
        "nl-bsn",
        &[
            ("999999999", NEEDS_WORD),
            ("9999.99.999", 0.7),
            ("9999 99 999", NEEDS_WORD),
            ("999 999 999", NEEDS_WORD),
        ],
        nl_bsn,
    ),
    id(
        "be-rijksregister",
        &[
            ("99.99.99-999.99", 0.97),
            ("99.99.99-999-99", 0.97),
            ("99999999999", 0.55),
            ("999999-999-99", 0.9),
        ],
        be_register,
    ),
    id("lu-matricule", &[("9999999999999", 0.8), ("9999 9999 99999", 0.85)], lu_matricule),
];

fn uk_nino(text: &[u8]) -> bool {
    let prefix = [text[0], text[1]];
    !b"DFIQUV".contains(&prefix[0])
        && !b"DFIOQUV".contains(&prefix[1])
        && ![b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"].contains(&&prefix)
        && (b'A'..=b'D').contains(&text[8])
}

fn uk_nhs(text: &[u8]) -> bool {
    varies(text) && (11 - weighted(text, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 == value(text, 9)
}

fn uk_utr(text: &[u8]) -> bool {
    const CHECKS: &[u8; 11] = b"21987654321";
    varies(text) && CHECKS[weighted(&text[1..], &[6, 7, 8, 9, 10, 5, 4, 3, 2]) as usize % 11] == text[0]
}

fn ie_ppsn(text: &[u8]) -> bool {
    let second =
        text.get(8).map_or(0, |letter| if *letter == b'W' { 0 } else { u32::from(letter - b'A') + 1 });
    let check = (weighted(text, &[8, 7, 6, 5, 4, 3, 2]) + 9 * second) % 23;
    text[7] == (if check == 0 { b'W' } else { b'A' - 1 + check as u8 })
}

/// Of the first ten digits exactly one comes twice or three times.
fn de_steuer_id(text: &[u8]) -> bool {
    let times = |digit: u8| text[..10].iter().filter(|byte| **byte == digit).count();
    let repeated = (b'0'..=b'9').filter(|digit| times(*digit) > 1).map(times).collect::<Vec<_>>();
    text[0] != b'0' && matches!(repeated.as_slice(), [2 | 3]) && mod_11_10(text)
}

/// Area, date of birth, letter of the name, serial number, check digit.
fn de_pension(text: &[u8]) -> bool {
    const WEIGHTS: [u32; 12] = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
    let letter = u32::from(text[8].saturating_sub(b'A')) + 1;
    let digits = (0..8).map(|at| value(text, at)).chain([letter / 10, letter % 10]);
    let digits = digits.chain((9..11).map(|at| value(text, at)));
    let cross = |product: u32| product / 10 + product % 10;
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| cross(digit * weight)).sum();
    is_ddmmyy(text, 2) && sum % 10 == value(text, 11)
}

/// Weights 7, 3, 1 over nine places; the serial of nine has its own check digit behind it, or none.
fn de_identity_card(text: &[u8]) -> bool {
    let allowed = text.iter().all(|byte| byte.is_ascii_digit() || b"CFGHJKLMNPRTVWXYZ".contains(byte));
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let sum = weighted(text, &[7, 3, 1, 7, 3, 1, 7, 3, 1]) % 10;
    allowed
        && b"CFGHJKLMNPRTVWXYZ".contains(&text[0])
        && digits >= 4
        && (text.len() == 9 || sum == value(text, 9))
}

fn at_svnr(text: &[u8]) -> bool {
    let month = number(text, 6..8);
    let is_day = (13..=15).contains(&month) || is_ddmmyy(text, 4);
    text[0] != b'0' && is_day && weighted(text, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == value(text, 3)
}

/// The European article number's check.
fn ch_ahv(text: &[u8]) -> bool {
    (10 - weighted(text, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]) % 10) % 10 == value(text, 12)
}

/// Sex, year, month, department, commune, order, and the complement of the remainder by 97.
fn fr_nir(text: &[u8]) -> bool {
    let department = match &text[5..7] {
        b"2A" => 19,
        b"2B" => 18,
        both if both.iter().all(u8::is_ascii_digit) => number(text, 5..7),
        _ => return false,
    };
    let body = number(text, 0..5) * 100_000_000 + department * 1_000_000 + number(text, 7..13);
    matches!(text[0], b'1' | b'2' | b'3' | b'4' | b'7' | b'8')
        && matches!(number(text, 3..5), 1..=12 | 20..=42 | 50..=99)
        && 97 - body % 97 == number(text, 13..15)
}

fn fr_spi(text: &[u8]) -> bool {
    text[0] < b'4' && varies(text) && number(text, 0..10) % 511 == number(text, 10..13)
}

fn es_letter(number: u64) -> u8 {
    b"TRWAGMYFPDXBNJZSQVHLCKE"[(number % 23) as usize]
}

fn es_dni(text: &[u8]) -> bool {
    varies(&text[..8]) && es_letter(number(text, 0..8)) == text[8]
}

fn es_nie(text: &[u8]) -> bool {
    let Some(first) = b"XYZ".iter().position(|letter| *letter == text[0]) else { return false };
    es_letter(first as u64 * 10_000_000 + number(text, 1..8)) == text[8]
}

fn es_nss(text: &[u8]) -> bool {
    let province = number(text, 0..2);
    let serial = number(text, 2..10);
    let joined = if serial < 10_000_000 { serial + province * 10_000_000 } else { number(text, 0..10) };
    matches!(province, 1..=53 | 66) && joined % 97 == number(text, 10..12)
}

fn pt_nif(text: &[u8]) -> bool {
    matches!(text[0], b'1'..=b'3' | b'5'..=b'9')
        && varies(text)
        && (11 - weighted(text, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10 == value(text, 8)
}

/// Luhn over base 36, on the card's twelve places.
fn pt_card(text: &[u8]) -> bool {
    let sum: u32 = (0..12)
        .map(|at| {
            let doubled = value(text, at) * (2 - at as u32 % 2);
            if at % 2 == 0 && doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn pt_niss(text: &[u8]) -> bool {
    matches!(text[0], b'1' | b'2')
        && 9 - weighted(text, &[29, 23, 19, 17, 13, 11, 7, 5, 3, 2]) % 10 == value(text, 10)
}

/// Letters of the names, year, letter of the month, day, commune, check letter; digits may be written as the letters
/// L M N P Q R S T U V where two people would have the same code.
fn it_codice_fiscale(text: &[u8]) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let digit = |at: usize| match text[at] {
        byte if byte.is_ascii_digit() => Some(u64::from(byte - b'0')),
        byte => b"LMNPQRSTUV".iter().position(|letter| *letter == byte).map(|place| place as u64),
    };
    let Some(month) = b"ABCDEHLMPRST".iter().position(|letter| *letter == text[8]) else { return false };
    let (Some(tens), Some(ones)) = (digit(9), digit(10)) else { return false };
    let day = tens * 10 + ones;
    let day = if day > 40 { day - 40 } else { day };
    let place = |at: usize| if text[at].is_ascii_digit() { text[at] - b'0' } else { text[at] - b'A' };
    let sum: u32 =
        (0..15).map(|at| if at % 2 == 0 { ODD[usize::from(place(at))] } else { u32::from(place(at)) }).sum();
    [6, 7, 12, 13, 14].into_iter().all(|at| digit(at).is_some())
        && is_date(0, month as u64 + 1, day)
        && u32::from(text[15] - b'A') == sum % 26
}

fn nl_bsn(text: &[u8]) -> bool {
    let sum = weighted(text, &[9, 8, 7, 6, 5, 4, 3, 2]) + 11 * 9 - value(text, 8);
    varies(text) && sum.is_multiple_of(11)
}

/// Date of birth, order, and the complement of the remainder by 97, of a 2 and the number from the year 2000 on.
fn be_register(text: &[u8]) -> bool {
    let month = number(text, 2..4) % 20;
    let is_day = is_date(number(text, 0..2), month, number(text, 4..6));
    let checks = |body: u64| 97 - body % 97 == number(text, 9..11);
    is_day && (checks(number(text, 0..9)) || checks(2_000_000_000 + number(text, 0..9)))
}

fn lu_matricule(text: &[u8]) -> bool {
    let year = number(text, 0..4);
    let verhoeff_part = [&text[..11], &text[12..]].concat();
    (1880..2060).contains(&year)
        && is_date(year, number(text, 4..6), number(text, 6..8))
        && luhn(&text[..12])
        && verhoeff(&verhoeff_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_each_form_are_told_from_wrong_ones() {
        super::super::assert_numbers(
            IDS,
            &[
                ("uk-nino", &["AB123456C", "AB 12 34 56 C"]),
                ("uk-nhs", &["943 476 5919", "9434765919"]),
                ("uk-utr", &["1955839661"]),
                ("ie-ppsn", &["1234567T", "1234567FA"]),
                ("de-steuer-id", &["36574261809", "36 574 261 809"]),
                ("de-steuernummer", &["21/815/08150"]),
                ("de-rentenversicherung", &["15070649C103", "65 170839 J 003"]),
                ("de-personalausweis", &["T220001293"]),
                ("at-svnr", &["1237010180", "1237 010180"]),
                ("ch-ahv", &["756.9217.0769.85", "7569217076985"]),
                ("fr-nir", &["2 95 10 99 126 111 93", "295109912611193"]),
                ("fr-spi", &["3023217600053"]),
                ("es-dni", &["12345678Z", "12.345.678-Z"]),
                ("es-nie", &["X1234567L", "X-1234567-L"]),
                ("es-nss", &["28/12345678/40"]),
                ("pt-nif", &["501964843"]),
                ("pt-cartao", &["00000000 0 ZZ4"]),
                ("pt-niss", &["12345678902"]),
                ("it-codice-fiscale", &["RCCMNL83S18D969H", "RCCMNL 83S18 D969H"]),
                ("it-partita-iva", &["00743110157"]),
                ("nl-bsn", &["111222333"]),
                ("be-rijksregister", &["85.07.30-033.28", "85073003328"]),
                ("lu-matricule", &["1893120105732"]),
            ],
        );
        assert!(!uk_nino(b"GB123456C") && !uk_nino(b"AB123456E"));
        assert!(it_codice_fiscale(b"RCCMNL83S18D969H") && !it_codice_fiscale(b"RCCMNL83S18D969A"));
    }
}
