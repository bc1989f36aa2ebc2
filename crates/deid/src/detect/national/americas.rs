//! The Americas.

use super::check::{below_two_or_complement, is_yymmdd, luhn, number, value, varies, weighted};
use super::{Id, NEEDS_WORD, form, id};

pub(super) const IDS: &[Id] = &[
    form("us-itin", &[("999-99-9999", 0.8), ("999 99 9999", NEEDS_WORD), ("999999999", NEEDS_WORD)], us_itin),
    form("us-ein", &[("99-9999999", NEEDS_WORD)], us_ein),
    id(
        "ca-sin",
        &[("999 999 999", NEEDS_WORD), ("999-999-999", NEEDS_WORD), ("999999999", NEEDS_WORD)],
        ca_sin,
    ),
    id("mx-curp", &[("AAAA999999AAAAAAN9", 0.95)], mx_curp),
    form("mx-rfc", &[("AAAA999999NNN", 0.75), ("AAA999999NNN", NEEDS_WORD)], mx_rfc),
    id("mx-nss", &[("99999999999", NEEDS_WORD), ("99-99-99-9999-9", 0.8)], mx_nss),
    id("br-cpf", &[("999.999.999-99", 0.95), ("999999999-99", 0.8), ("99999999999", NEEDS_WORD)], br_cpf),
    id("br-cnpj", &[("99.999.999/9999-99", 0.95), ("99999999999999", NEEDS_WORD)], br_cnpj),
    id("ar-cuit", &[("99-99999999-9", 0.9), ("99999999999", NEEDS_WORD)], ar_cuit),
    form("ar-dni", &[("99.999.999", NEEDS_WORD), ("99999999", NEEDS_WORD)], varies),
    id(
        "cl-rut",
        &[("99.999.999-N", 0.9), ("9.999.999-N", 0.9), ("99999999-N", 0.7), ("9999999-N", NEEDS_WORD)],
        cl_rut,
    ),
    id("uy-ci", &[("9.999.999-9", 0.8), ("9999999-9", NEEDS_WORD)], uy_ci),
    id("ec-cedula", &[("9999999999", NEEDS_WORD), ("999999999-9", 0.6)], ec_cedula),
    id("co-nit", &[("999.999.999-9", 0.7), ("9999999999", NEEDS_WORD), ("999999999-9", NEEDS_WORD)], co_nit),
    form("pe-dni", &[("99999999", NEEDS_WORD), ("99999999-9", NEEDS_WORD)], varies),
    form("ve-cedula", &[("A-99999999", NEEDS_WORD), ("A-99.999.999", 0.6)], |text| {
        matches!(text[0], b'V' | b'E')
    }),
];

/// Numbers from 900 up whose fourth and fifth digits the Internal Revenue Service gives to people without a social
/// security number.
fn us_itin(text: &[u8]) -> bool {
    text[0] == b'9' && matches!(number(text, 3..5), 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

/// An employer's number begins with the code of a campus.
fn us_ein(text: &[u8]) -> bool {
    !matches!(number(text, 0..2), 0 | 7..=9 | 17..=19 | 28 | 29 | 49 | 69 | 70 | 78 | 79 | 89 | 96 | 97)
}

fn ca_sin(text: &[u8]) -> bool {
    text[0] != b'8' && varies(text) && luhn(text)
}

/// Letters of the name, date of birth, sex, state, consonants, and a check digit in an alphabet that has an Ñ.
fn mx_curp(text: &[u8]) -> bool {
    let letter = |at: usize| value(text, at) + u32::from(text[at] > b'N');
    let sum: u32 = (0..17).map(|at| letter(at) * (18 - at as u32)).sum();
    is_yymmdd(text, 4) && matches!(text[10], b'H' | b'M' | b'X') && (10 - sum % 10) % 10 == value(text, 17)
}

fn mx_rfc(text: &[u8]) -> bool {
    is_yymmdd(text, text.len() - 9)
}

fn mx_nss(text: &[u8]) -> bool {
    luhn(text) && varies(text)
}

/// The check digit of a sum by weights that fall from `first`, as Brazil counts it.
fn br_digit(text: &[u8], weights: &[u32]) -> u32 {
    (11 - weighted(text, weights) % 11) % 11 % 10
}

fn br_cpf(text: &[u8]) -> bool {
    varies(text)
        && br_digit(text, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) == value(text, 9)
        && br_digit(text, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) == value(text, 10)
}

fn br_cnpj(text: &[u8]) -> bool {
    varies(text)
        && br_digit(text, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) == value(text, 12)
        && br_digit(text, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) == value(text, 13)
}

fn ar_cuit(text: &[u8]) -> bool {
    matches!(number(text, 0..2), 20 | 23..=27 | 30 | 33 | 34)
        && (11 - weighted(text, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 == value(text, 10)
}

/// Weights 2 to 7 from the right; the remainder 10 is written `K`.
fn cl_rut(text: &[u8]) -> bool {
    let last = text.len() - 1;
    if !text[..last].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = (0..last).map(|at| value(text, at) * (2 + (last - 1 - at) as u32 % 6)).sum();
    let wanted = match 11 - sum % 11 {
        11 => b'0',
        10 => b'K',
        digit => b'0' + digit as u8,
    };
    text[last] == wanted && varies(&text[..last])
}

fn uy_ci(text: &[u8]) -> bool {
    let padded = if text.len() == 7 { [b"0", text].concat() } else { text.to_vec() };
    (10 - weighted(&padded, &[2, 9, 8, 7, 6, 3, 4]) % 10) % 10 == value(&padded, 7)
}

/// A province, a third digit below six, and Luhn.
fn ec_cedula(text: &[u8]) -> bool {
    matches!(number(text, 0..2), 1..=24 | 30) && text[2] < b'6' && luhn(text)
}

fn co_nit(text: &[u8]) -> bool {
    let sum = weighted(text, &[41, 37, 29, 23, 19, 17, 13, 7, 3]) % 11;
    varies(text) && below_two_or_complement(sum) == value(text, 9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_each_form_are_told_from_wrong_ones() {
        super::super::assert_numbers(
            IDS,
            &[
                ("us-itin", &["912-70-1234", "912 90 1234"]),
                ("us-ein", &["12-3456789"]),
                ("ca-sin", &["046 454 286", "123456782"]),
                ("mx-curp", &["BOXW310820HNERXN09"]),
                ("mx-rfc", &["GODE561231GR8"]),
                ("mx-nss", &["12345678903"]),
                ("br-cpf", &["111.444.777-35", "12345678909"]),
                ("br-cnpj", &["11.222.333/0001-81"]),
                ("ar-cuit", &["20-12345678-6"]),
                ("ar-dni", &["12.345.678"]),
                ("cl-rut", &["12.345.678-5", "12531909-2"]),
                ("uy-ci", &["1.234.567-2"]),
                ("ec-cedula", &["1714307103"]),
                ("co-nit", &["213.123.432-1"]),
                ("pe-dni", &["12345678"]),
                ("ve-cedula", &["V-12345678"]),
            ],
        );
        assert!(!us_itin(b"912691234"));
    }
}
