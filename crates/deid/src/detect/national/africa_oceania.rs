//! Africa and Oceania.

use super::check::{is_date, is_yymmdd, luhn, number, value, varies, weighted};
use super::{Id, NEEDS_WORD, form, id};

pub(super) const IDS: &[Id] = &[
    id("za-id", &[("9999999999999", 0.8), ("999999 9999 999", 0.9), ("999999 9999 99 9", 0.9)], za_id),
    form("eg-id", &[("99999999999999", 0.6)], eg_id),
    form("ng-nin", &[("99999999999", NEEDS_WORD)], varies),
    id(
        "au-tfn",
        &[("999 999 999", NEEDS_WORD), ("999-999-999", NEEDS_WORD), ("999999999", NEEDS_WORD)],
        au_tfn,
    ),
    id(
        "au-medicare",
        &[
            ("9999 99999 9", 0.75),
            ("9999-99999-9", 0.75),
            ("9999999999", NEEDS_WORD),
            ("99999999999", NEEDS_WORD),
        ],
        au_medicare,
    ),
    id("au-abn", &[("99 999 999 999", NEEDS_WORD), ("99999999999", NEEDS_WORD)], au_abn),
    id(
        "nz-ird",
        &[
            ("99-999-999", NEEDS_WORD),
            ("999-999-999", NEEDS_WORD),
            ("999999999", NEEDS_WORD),
            ("99999999", NEEDS_WORD),
        ],
        nz_ird,
    ),
    id("nz-nhi", &[("AAA9999", NEEDS_WORD)], nz_nhi),
];

/// Date of birth, order, citizenship, and Luhn.
fn za_id(text: &[u8]) -> bool {
    is_yymmdd(text, 0) && matches!(text[10], b'0'..=b'2') && luhn(text)
}

/// Century, date of birth, governorate.
fn eg_id(text: &[u8]) -> bool {
    let century = match text[0] {
        b'2' => 1900,
        b'3' => 2000,
        _ => return false,
    };
    is_date(century + number(text, 1..3), number(text, 3..5), number(text, 5..7))
        && matches!(number(text, 7..9), 1..=35 | 88)
}

fn au_tfn(text: &[u8]) -> bool {
    varies(text) && weighted(text, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11)
}

fn au_medicare(text: &[u8]) -> bool {
    matches!(text[0], b'2'..=b'6') && weighted(text, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == value(text, 8)
}

/// One is taken from the first digit before weighing.
fn au_abn(text: &[u8]) -> bool {
    let sum = weighted(text, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    text[0] != b'0' && varies(text) && (sum + 89 - 10).is_multiple_of(89)
}

/// First weights, and second ones where the first give ten.
fn nz_ird(text: &[u8]) -> bool {
    let padded = if text.len() == 8 { [b"0", text].concat() } else { text.to_vec() };
    let check = |weights: &[u32]| (11 - weighted(&padded, weights) % 11) % 11;
    let first = check(&[3, 2, 7, 6, 5, 4, 3, 2]);
    let digit = if first == 10 { check(&[7, 4, 3, 2, 5, 2, 7, 6]) } else { first };
    (10_000_000..150_000_000).contains(&number(&padded, 0..9)) && digit == value(&padded, 8)
}

/// Letters without I and O counted from one, weights 7 to 2, and a remainder by eleven.
fn nz_nhi(text: &[u8]) -> bool {
    const LETTERS: &[u8; 24] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
    let letter =
        |at: usize| LETTERS.iter().position(|known| *known == text[at]).map(|place| place as u32 + 1);
    let (Some(a), Some(b), Some(c)) = (letter(0), letter(1), letter(2)) else { return false };
    let sum = a * 7 + b * 6 + c * 5 + weighted(&text[3..], &[4, 3, 2]);
    !sum.is_multiple_of(11) && (11 - sum % 11) % 10 == value(text, 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_each_form_are_told_from_wrong_ones() {
        super::super::assert_numbers(
            IDS,
            &[
                ("za-id", &["8001015009087", "800101 5009 087"]),
                ("eg-id", &["29001010100015"]),
                ("ng-nin", &["12345678901"]),
                ("au-tfn", &["123 456 782"]),
                ("au-medicare", &["2123 45670 1"]),
                ("au-abn", &["51 824 753 556"]),
                ("nz-ird", &["49-091-850", "136410132"]),
                ("nz-nhi", &["ZZZ0016"]),
            ],
        );
    }
}
