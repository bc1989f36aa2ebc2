//! Central, eastern and south-eastern Europe, with Türkiye and Israel.

use super::check::{is_date, is_ddmmyy, is_yymmdd, luhn, mod_11_10, number, value, varies, weighted};
use super::{Id, NEEDS_WORD, form, id};

pub(super) const IDS: &[Id] = &[
    id("pl-pesel", &[("99999999999", NEEDS_WORD)], pl_pesel),
    id(
        "pl-nip",
        &[
            ("999-999-99-99", 0.85),
            ("999-99-99-999", 0.85),
            ("9999999999", NEEDS_WORD),
            ("PL9999999999", 0.85),
        ],
        pl_nip,
    ),
    id("pl-dowod", &[("AAA999999", NEEDS_WORD), ("AAA 999999", NEEDS_WORD)], pl_card),
    id("cz-sk-rodne-cislo", &[("999999/9999", 0.95), ("9999999999", NEEDS_WORD)], cz_birth_number),
    id(
        "hu-taj",
        &[("999 999 999", NEEDS_WORD), ("999-999-999", NEEDS_WORD), ("999999999", NEEDS_WORD)],
        hu_taj,
    ),
    id("hu-adoazonosito", &[("8999999999", NEEDS_WORD)], hu_tax),
    id("hu-adoszam", &[("99999999-9-99", 0.85)], hu_company),
    id("ro-cnp", &[("9999999999999", 0.85)], ro_cnp),
    id("bg-egn", &[("9999999999", NEEDS_WORD)], bg_egn),
    id("hr-oib", &[("99999999999", NEEDS_WORD), ("HR99999999999", 0.9)], |text| {
        varies(&text[text.len() - 11..]) && mod_11_10(&text[text.len() - 11..])
    }),
    id("jmbg", &[("9999999999999", 0.8)], jmbg),
    id("gr-amka", &[("99999999999", 0.55)], |text| is_ddmmyy(text, 0) && luhn(text)),
    id("gr-afm", &[("999999999", NEEDS_WORD), ("EL999999999", 0.8)], gr_afm),
    id("tr-kimlik", &[("99999999999", NEEDS_WORD)], tr_kimlik),
    id("il-zehut", &[("999999999", NEEDS_WORD), ("99999999-9", NEEDS_WORD)], |text| {
        varies(text) && luhn(text)
    }),
    id("ua-rnokpp", &[("9999999999", NEEDS_WORD)], ua_rnokpp),
    id(
        "ru-snils",
        &[("999-999-999 99", 0.97), ("999-999-999-99", 0.9), ("99999999999", NEEDS_WORD)],
        ru_snils,
    ),
    id("ru-inn", &[("999999999999", NEEDS_WORD), ("9999999999", NEEDS_WORD)], ru_inn),
    form("ru-passport", &[("99 99 999999", NEEDS_WORD), ("9999 999999", NEEDS_WORD)], varies),
    id("kz-iin", &[("999999999999", NEEDS_WORD)], kz_iin),
];

/// Date of birth with the century in the month, and weights 1, 3, 7, 9.
fn pl_pesel(text: &[u8]) -> bool {
    let month = number(text, 2..4) % 20;
    is_date(number(text, 0..2), month, number(text, 4..6))
        && (10 - weighted(text, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10 == value(text, 10)
}

fn pl_nip(text: &[u8]) -> bool {
    let digits = &text[text.len() - 10..];
    varies(digits) && weighted(digits, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == value(digits, 9)
}

fn pl_card(text: &[u8]) -> bool {
    weighted(text, &[7, 3, 1, 9, 7, 3, 1, 7, 3]).is_multiple_of(10)
}

/// Date of birth, 50 added to the month of women, 20 where numbers ran out; all of it a multiple of eleven.
fn cz_birth_number(text: &[u8]) -> bool {
    let month = number(text, 2..4) % 50;
    let month = if month > 20 { month - 20 } else { month };
    let body = number(text, 0..10);
    let old_exception = number(text, 0..9) % 11 == 10 && text[9] == b'0';
    is_date(number(text, 0..2), month, number(text, 4..6)) && (body.is_multiple_of(11) || old_exception)
}

fn hu_taj(text: &[u8]) -> bool {
    varies(text) && weighted(text, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10 == value(text, 8)
}

fn hu_tax(text: &[u8]) -> bool {
    weighted(text, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 == value(text, 9)
}

fn hu_company(text: &[u8]) -> bool {
    (10 - weighted(text, &[9, 7, 3, 1, 9, 7, 3]) % 10) % 10 == value(text, 7)
        && matches!(text[8], b'1'..=b'5')
}

/// Sex and century, date of birth, county, order, check digit.
fn ro_cnp(text: &[u8]) -> bool {
    let check = weighted(text, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    matches!(text[0], b'1'..=b'9')
        && is_yymmdd(text, 1)
        && matches!(number(text, 7..9), 1..=52 | 70 | 80..=83)
        && (if check == 10 { 1 } else { check }) == value(text, 12)
}

/// Date of birth, 20 or 40 added to the month by century.
fn bg_egn(text: &[u8]) -> bool {
    is_date(number(text, 0..2), number(text, 2..4) % 20, number(text, 4..6))
        && weighted(text, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == value(text, 9)
}

/// The number of the states that were Yugoslavia: day, month, three digits of the year, region, order, check digit.
fn jmbg(text: &[u8]) -> bool {
    let year = number(text, 4..7);
    let check = 11 - weighted(text, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    !(60..890).contains(&year)
        && is_date(year + if year > 889 { 1000 } else { 2000 }, number(text, 2..4), number(text, 0..2))
        && check % 11 % 10 == value(text, 12)
        && check != 10
}

fn gr_afm(text: &[u8]) -> bool {
    let digits = &text[text.len() - 9..];
    varies(digits) && weighted(digits, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == value(digits, 8)
}

fn tr_kimlik(text: &[u8]) -> bool {
    let odd = weighted(text, &[1, 0, 1, 0, 1, 0, 1, 0, 1]);
    let even = weighted(text, &[0, 1, 0, 1, 0, 1, 0, 1]);
    let tenth = (odd * 7 + 10 * even - even) % 10;
    text[0] != b'0' && tenth == value(text, 9) && (odd + even + tenth) % 10 == value(text, 10)
}

fn ua_rnokpp(text: &[u8]) -> bool {
    let sum = weighted(text, &[10, 5, 7, 9, 4, 6, 10, 5, 7]);
    varies(text) && sum % 11 % 10 == value(text, 9)
}

fn ru_snils(text: &[u8]) -> bool {
    let sum = weighted(text, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101;
    varies(text) && u64::from(sum % 100) == number(text, 9..11)
}

fn ru_inn(text: &[u8]) -> bool {
    let checks = |weights: &[u32], at: usize| weighted(text, weights) % 11 % 10 == value(text, at);
    varies(text)
        && match text.len() {
            10 => checks(&[2, 4, 10, 3, 5, 9, 4, 6, 8], 9),
            _ => {
                checks(&[7, 2, 4, 10, 3, 5, 9, 4, 6, 8], 10)
                    && checks(&[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8], 11)
            }
        }
}

/// Date of birth, century and sex, order, and a check digit by first or second weights.
fn kz_iin(text: &[u8]) -> bool {
    let first = weighted(text, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
    let second = weighted(text, &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11;
    let check = if first == 10 { second } else { first };
    is_yymmdd(text, 0) && matches!(text[6], b'0'..=b'6') && check == value(text, 11)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_each_form_are_told_from_wrong_ones() {
        super::super::assert_numbers(
            IDS,
            &[
                ("pl-pesel", &["44051401359"]),
                ("pl-nip", &["856-734-62-15", "8567346215"]),
                ("pl-dowod", &["ABA300000"]),
                ("cz-sk-rodne-cislo", &["710319/2745"]),
                ("hu-taj", &["111 111 110"]),
                ("hu-adoazonosito", &["8071592153"]),
                ("hu-adoszam", &["12892312-2-41"]),
                ("ro-cnp", &["1630615123457"]),
                ("bg-egn", &["7523169263"]),
                ("hr-oib", &["33392005961"]),
                ("jmbg", &["0101006500006"]),
                ("gr-amka", &["01013099997"]),
                ("gr-afm", &["094259216"]),
                ("tr-kimlik", &["17291716060"]),
                ("il-zehut", &["039337423"]),
                ("ua-rnokpp", &["1759013776"]),
                ("ru-snils", &["112-233-445 95"]),
                ("ru-inn", &["500100732259", "7707083893"]),
                ("ru-passport", &["45 12 345678"]),
                ("kz-iin", &["850101300005"]),
            ],
        );
    }
}
