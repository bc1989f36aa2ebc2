//! Asia.

use super::check::{
    below_two_or_complement, is_date, is_yymmdd, luhn, number, value, varies, verhoeff, weighted,
};
use super::{Id, NEEDS_WORD, form, id};

pub(super) const IDS: &[Id] = &[
    id(
        "in-aadhaar",
        &[("9999 9999 9999", 0.6), ("9999-9999-9999", 0.6), ("999999999999", NEEDS_WORD)],
        in_aadhaar,
    ),
    form("in-pan", &[("AAAAA9999A", 0.65)], in_pan),
    id("in-gstin", &[("99AAAAA9999ANNN", 0.95)], in_gstin),
    form("in-voter", &[("AAA9999999", NEEDS_WORD)], varies),
    id("cn-resident", &[("99999999999999999N", 0.97), ("999999 99999999 999N", 0.97)], cn_resident),
    id(
        "jp-my-number",
        &[("9999 9999 9999", NEEDS_WORD), ("9999-9999-9999", NEEDS_WORD), ("999999999999", NEEDS_WORD)],
        jp_my_number,
    ),
    id("kr-rrn", &[("999999-9999999", 0.95), ("9999999999999", NEEDS_WORD)], kr_rrn),
    form("kr-rrn-since-2020", &[("999999-9999999", 0.7)], kr_rrn_form),
    id("tw-id", &[("A999999999", 0.65)], tw_id),
    id("hk-id", &[("A999999(N)", 0.95), ("AA999999(N)", 0.95), ("A999999N", NEEDS_WORD)], hk_id),
    id("sg-nric", &[("A9999999A", 0.75)], sg_nric),
    form("my-mykad", &[("999999-99-9999", 0.75), ("999999999999", NEEDS_WORD)], my_mykad),
    form("id-nik", &[("9999999999999999", NEEDS_WORD), ("999999 999999 9999", 0.55)], id_nik),
    id(
        "th-id",
        &[("9-9999-99999-99-9", 0.95), ("9 9999 99999 99 9", 0.9), ("9999999999999", NEEDS_WORD)],
        th_id,
    ),
    form("vn-id", &[("999999999999", NEEDS_WORD)], vn_id),
    form("pk-cnic", &[("99999-9999999-9", 0.8)], |text| matches!(text[0], b'1'..=b'7')),
    form("lk-nic", &[("999999999A", NEEDS_WORD)], |text| matches!(text[9], b'V' | b'X')),
    form("ph-sss", &[("99-9999999-9", NEEDS_WORD), ("9999-9999999-9", NEEDS_WORD)], varies),
    id("sa-iqama", &[("9999999999", NEEDS_WORD)], |text| matches!(text[0], b'1' | b'2') && luhn(text)),
    id("ae-id", &[("784-9999-9999999-9", 0.97), ("784999999999999", 0.8)], luhn),
    form("ir-code", &[("999-999999-9", 0.55), ("9999999999", NEEDS_WORD)], ir_code),
];

/// The first digit is neither 0 nor 1; Verhoeff's check.
fn in_aadhaar(text: &[u8]) -> bool {
    text[0] > b'1' && varies(text) && verhoeff(text)
}

/// The fourth letter says what sort of taxpayer it is.
fn in_pan(text: &[u8]) -> bool {
    b"ABCFGHJLPTK".contains(&text[3]) && varies(&text[5..9])
}

/// State, permanent account number, and a check by base 36.
fn in_gstin(text: &[u8]) -> bool {
    let sum: u32 = (0..14)
        .map(|at| {
            let product = value(text, at) * (1 + at as u32 % 2);
            product / 36 + product % 36
        })
        .sum();
    matches!(number(text, 0..2), 1..=38 | 97 | 99)
        && in_pan(&text[2..12])
        && (36 - sum % 36) % 36 == value(text, 14)
}

/// Division, date of birth, order, and ISO 7064 MOD 11-2.
fn cn_resident(text: &[u8]) -> bool {
    let sum = weighted(text, &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
    let year = number(text, 6..10);
    matches!(number(text, 0..2), 11..=82)
        && (1880..2060).contains(&year)
        && is_date(year, number(text, 10..12), number(text, 12..14))
        && b"10X98765432"[(sum % 11) as usize] == text[17]
}

fn jp_my_number(text: &[u8]) -> bool {
    let remainder = weighted(text, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    varies(text) && (if remainder <= 1 { 0 } else { 11 - remainder }) == value(text, 11)
}

/// Date of birth, sex and century, and a check digit.
fn kr_rrn(text: &[u8]) -> bool {
    let sum = weighted(text, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    is_yymmdd(text, 0) && (11 - sum % 11) % 10 == value(text, 12)
}

/// Numbers given since October 2020 are drawn at random but for the date and the sex.
fn kr_rrn_form(text: &[u8]) -> bool {
    is_yymmdd(text, 0) && matches!(text[6], b'1'..=b'8')
}

/// The number that a letter stands for in Taiwan, by the age of its county.
fn tw_letter(letter: u8) -> u32 {
    b"ABCDEFGHJKLMNPQRSTUVXYWZIO"
        .iter()
        .position(|known| *known == letter)
        .map_or(0, |place| place as u32 + 10)
}

fn tw_id(text: &[u8]) -> bool {
    let letter = tw_letter(text[0]);
    let sum = letter / 10 + letter % 10 * 9 + weighted(&text[1..], &[8, 7, 6, 5, 4, 3, 2, 1, 1]);
    matches!(text[1], b'1' | b'2' | b'8' | b'9') && varies(&text[2..]) && sum.is_multiple_of(10)
}

/// One or two letters, a blank counting 36, and a remainder by eleven, ten written `A`.
fn hk_id(text: &[u8]) -> bool {
    let padded = if text.len() == 8 { 36 * 9 } else { value(text, 0) * 9 };
    let rest = &text[text.len() - 8..];
    let letters = text[..text.len() - 7].iter().all(u8::is_ascii_alphabetic);
    let sum = padded + weighted(rest, &[8, 7, 6, 5, 4, 3, 2]);
    let check = match rest[7] {
        b'A' => 10,
        byte if byte.is_ascii_digit() => u32::from(byte - b'0'),
        _ => return false,
    };
    letters && (sum + check).is_multiple_of(11)
}

/// The letter of the series says which alphabet the check letter is from.
fn sg_nric(text: &[u8]) -> bool {
    let sum = weighted(&text[1..], &[2, 7, 6, 5, 4, 3, 2]);
    let (shift, letters) = match text[0] {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    letters[((sum + shift) % 11) as usize] == text[8]
}

fn my_mykad(text: &[u8]) -> bool {
    is_yymmdd(text, 0)
        && matches!(number(text, 6..8), 1..=16 | 21..=59 | 60..=68 | 71 | 72 | 74..=79 | 82..=93 | 98 | 99)
}

/// Province and district, date of birth with 40 added to the day of women, order.
fn id_nik(text: &[u8]) -> bool {
    let day = number(text, 6..8);
    let day = if day > 40 { day - 40 } else { day };
    matches!(number(text, 0..2), 11..=94)
        && is_date(number(text, 10..12), number(text, 8..10), day)
        && number(text, 12..16) > 0
}

fn th_id(text: &[u8]) -> bool {
    let sum = weighted(text, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    text[0] != b'0' && varies(text) && (11 - sum % 11) % 10 == value(text, 12)
}

/// Province, century and sex, year.
fn vn_id(text: &[u8]) -> bool {
    matches!(number(text, 0..3), 1..=96) && matches!(text[3], b'0'..=b'3')
}

fn ir_code(text: &[u8]) -> bool {
    let remainder = weighted(text, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    varies(text) && below_two_or_complement(remainder) == value(text, 9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_each_form_are_told_from_wrong_ones() {
        super::super::assert_numbers(
            IDS,
            &[
                ("in-aadhaar", &["2341 2341 2346"]),
                ("in-pan", &["ACUPA7085R"]),
                ("in-gstin", &["27AAPFU0939F1ZV"]),
                ("in-voter", &["WKH1186253"]),
                ("cn-resident", &["11010519491231002X"]),
                ("jp-my-number", &["6214 9832 0257"]),
                ("kr-rrn", &["971013-9019902"]),
                ("kr-rrn-since-2020", &["971013-1019905"]),
                ("tw-id", &["A123456789"]),
                ("hk-id", &["A123456(3)", "AB987654(3)"]),
                ("sg-nric", &["S1234567D", "F1234567N"]),
                ("my-mykad", &["770305-02-1234"]),
                ("id-nik", &["3171011708450001"]),
                ("th-id", &["1-2345-45678-78-1"]),
                ("vn-id", &["001090012345"]),
                ("pk-cnic", &["34201-0891231-8"]),
                ("lk-nic", &["881234567V"]),
                ("ph-sss", &["34-1234567-8"]),
                ("sa-iqama", &["2000000006"]),
                ("ae-id", &["784-1990-1234567-6"]),
                ("ir-code", &["001-234567-9"]),
            ],
        );
    }
}
