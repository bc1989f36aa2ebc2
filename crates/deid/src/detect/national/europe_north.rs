//! Northern Europe and the Baltic.

use super::check::{is_date, is_ddmmyy, is_yymmdd, luhn, number, value, weighted};
use super::{Id, NEEDS_WORD, id};

pub(super) const IDS: &[Id] = &[
    id(
        "se-personnummer",
        &[
            ("999999-9999", 0.9),
            ("99999999-9999", 0.95),
            ("999999+9999", 0.9),
            ("999999999999", 0.7),
            ("9999999999", NEEDS_WORD),
        ],
        se_personnummer,
    ),
    id(
        "no-fodselsnummer",
        &[("99999999999", 0.85), ("999999 99999", 0.9), ("999999-99999", 0.9)],
        no_birth_number,
    ),
    id("dk-cpr", &[("999999-9999", 0.55), ("9999999999", NEEDS_WORD)], dk_cpr),
    id("fi-hetu", &[("999999-999N", 0.97), ("999999A999N", 0.97), ("999999+999N", 0.97)], fi_hetu),
    id("is-kennitala", &[("999999-9999", 0.85), ("9999999999", NEEDS_WORD)], is_kennitala),
    id("ee-lt-code", &[("99999999999", 0.6)], ee_lt_code),
    id("lv-code", &[("999999-99999", 0.85), ("99999999999", NEEDS_WORD)], lv_code),
];

/// Date of birth and Luhn over the last ten digits; coordination numbers add 60 to the day.
fn se_personnummer(text: &[u8]) -> bool {
    let ten = &text[text.len() - 10..];
    let day = number(ten, 4..6);
    let century_fits = text.len() == 10 || matches!(number(text, 0..2), 18..=20);
    let day = if day > 60 { day - 60 } else { day };
    century_fits && is_date(number(ten, 0..2), number(ten, 2..4), day) && luhn(ten)
}

/// Two check digits; temporary numbers add 40 to the day, those of hospitals 40 to the month, synthetic ones 80.
fn no_birth_number(text: &[u8]) -> bool {
    let (day, month) = (number(text, 0..2), number(text, 2..4));
    let day = if day > 40 { day - 40 } else { day };
    let month = month % 40;
    is_date(number(text, 4..6), month, day)
        && (11 - weighted(text, &[3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11) % 11 == value(text, 9)
        && (11 - weighted(text, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 == value(text, 10)
}

/// The old check digit; numbers given since 2007 may lack it, and need a word.
fn dk_cpr(text: &[u8]) -> bool {
    is_ddmmyy(text, 0) && weighted(text, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

/// Day, sign of the century, number of the day, and a letter for the remainder by 31.
fn fi_hetu(text: &[u8]) -> bool {
    let rest = &text[text.len() - 4..];
    let sign_fits = text.len() == 10 || b"ABCDEF".contains(&text[6]);
    let remainder = (number(text, 0..6) * 1000 + number(rest, 0..3)) % 31;
    sign_fits
        && rest[..3].iter().all(u8::is_ascii_digit)
        && is_ddmmyy(text, 0)
        && b"0123456789ABCDEFHJKLMNPRSTUVWXY"[remainder as usize] == rest[3]
}

/// Day of birth, two digits, a check digit, and the century's last but one digit.
fn is_kennitala(text: &[u8]) -> bool {
    is_ddmmyy(text, 0)
        && matches!(text[9], b'0' | b'8' | b'9')
        && (11 - weighted(text, &[3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 == value(text, 8)
}

/// Sex and century, date of birth, and a check digit by the first weights, or by the second where those give ten.
fn ee_lt_code(text: &[u8]) -> bool {
    let first = weighted(text, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let second = weighted(text, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
    let check = if first < 10 { first } else { second % 10 };
    matches!(text[0], b'1'..=b'8') && is_yymmdd(text, 1) && check == value(text, 10)
}

fn lv_code(text: &[u8]) -> bool {
    let sum = weighted(text, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9]);
    is_ddmmyy(text, 0) && (1 + sum) % 11 % 10 == value(text, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_each_form_are_told_from_wrong_ones() {
        super::super::assert_numbers(
            IDS,
            &[
                ("se-personnummer", &["811218-9876", "198112189876"]),
                ("no-fodselsnummer", &["15108695088"]),
                ("dk-cpr", &["211062-5629"]),
                ("fi-hetu", &["131052-308T", "131052A308T"]),
                ("is-kennitala", &["120174-3399"]),
                ("ee-lt-code", &["37605030299", "38703181745"]),
                ("lv-code", &["161175-19997"]),
            ],
        );
        assert!(!fi_hetu(b"131052308U") && !fi_hetu(b"131052G308T"));
    }
}
