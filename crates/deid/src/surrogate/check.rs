//! Check digits that an identifier might have, so that a made-up one can be made to fail them.
//!
//! Which state or firm gave a number is often unknown, so a surrogate has to fail every scheme here that it could be
//! read by. Schemes are read generously: a number fails only if no common way to close the sum holds.

use crate::detect::luhn;

/// Whether letters and digits could be taken for an identifier with a valid check digit.
pub(super) fn may_be_valid(text: &str) -> bool {
    let text: Vec<char> = text.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    let digits: Vec<u8> = text.iter().filter_map(|c| c.to_digit(10)).map(|digit| digit as u8).collect();
    let has_letters = digits.len() < text.len();
    digits.len() >= 5
        && (luhn(&digits)
            || verhoeff(&digits)
            || weighted(&digits)
            || personal(&digits)
            || is_mod_97(&digits))
        || has_letters && (is_iban(&text) || check_letter(&text) || travel_document(&text))
}

/// Whether an IBAN closes: the first four moved behind, letters as 10 to 35, the remainder by 97 is 1.
pub(super) fn is_iban(text: &[char]) -> bool {
    if text.len() < 5 {
        return false;
    }
    let rotated = text[4..].iter().chain(&text[..4]);
    let remainder = rotated.filter_map(|c| c.to_digit(36)).fold(0, |remainder, value| {
        let shift = if value < 10 { 10 } else { 100 };
        (remainder * shift + value) % 97
    });
    remainder == 1
}

/// Aadhaar and others: Verhoeff's dihedral check.
fn verhoeff(digits: &[u8]) -> bool {
    const TURN: [usize; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let times = |a: usize, b: usize| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a + 10 - 5 - b) % 5,
        (false, false) => (5 + a - b) % 5,
    };
    let turned = |digit: usize, times: usize| (0..times % 8).fold(digit, |digit, _| TURN[digit]);
    let each = digits.iter().rev().enumerate();
    each.fold(0, |sum, (place, digit)| times(sum, turned(usize::from(*digit), place))) == 0
}

/// Schemes that compare the last digit with a weighted sum of the others.
fn weighted(digits: &[u8]) -> bool {
    let Some((check, body)) = digits.split_last() else { return false };
    let length = body.len();
    let sum = |weight: &dyn Fn(usize) -> u32| {
        body.iter().enumerate().map(|(place, digit)| u32::from(*digit) * weight(place)).sum::<u32>()
    };
    let cycle = |weights: &'static [u32]| move |place: usize| weights[place % weights.len()];
    let descending = sum(&|place| (length + 1 - place) as u32);
    let ascending = sum(&|place| place as u32 + 1);
    let from_right = sum(&|place| 2 + (length - 1 - place) as u32 % 6);
    let of_eleven = [descending, ascending, from_right].into_iter().map(|sum| sum % 11);
    let of_ten = [cycle(&[1, 3, 7, 9]), cycle(&[7, 3, 1]), cycle(&[3, 7, 1]), cycle(&[1, 3]), cycle(&[3, 1])];
    let of_ten = of_ten.into_iter().map(|weight| sum(&weight) % 10);
    let closes = |remainder: u32, modulus: u32| {
        let check = u32::from(*check);
        check == remainder % 10 || check == (modulus - remainder) % modulus % 10
    };
    of_eleven.into_iter().any(|remainder| closes(remainder, 11))
        || of_ten.into_iter().any(|rest| closes(rest, 10))
}

/// Tax and person numbers whose last digits are a remainder by 97, as in France and Belgium.
fn is_mod_97(digits: &[u8]) -> bool {
    if digits.len() < 9 {
        return false;
    }
    let (body, check) = digits.split_at(digits.len() - 2);
    let number = |digits: &[u8]| digits.iter().fold(0_u64, |sum, digit| (sum * 10 + u64::from(*digit)) % 97);
    let check = u64::from(check[0]) * 10 + u64::from(check[1]);
    let remainder = number(body);
    check == remainder || check == 97 - remainder || number(digits) == 1
}

/// ISO 7064 mod 11,10, as the German tax number closes.
fn personal(digits: &[u8]) -> bool {
    let Some((check, body)) = digits.split_last() else { return false };
    let product = body.iter().fold(10, |product, digit| {
        let sum = (u32::from(*digit) + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == u32::from(*check)
}

/// Spanish identity numbers: the letter is the number's remainder by 23.
fn check_letter(text: &[char]) -> bool {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let Some((last, body)) = text.split_last() else { return false };
    let number = body
        .iter()
        .filter_map(|c| c.to_digit(10))
        .fold(0_u64, |sum, digit| (sum * 10 + u64::from(digit)) % 23);
    char::from(LETTERS[number as usize]) == last.to_ascii_uppercase()
}

/// Travel documents (ICAO 9303): weights 7, 3, 1, letters as 10 to 35.
fn travel_document(text: &[char]) -> bool {
    let Some((last, body)) = text.split_last() else { return false };
    let values = body.iter().filter_map(|c| c.to_digit(36));
    let sum: u32 = values.zip([7, 3, 1].into_iter().cycle()).map(|(value, weight)| value * weight).sum();
    last.to_digit(10) == Some(sum % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_of_many_countries_may_be_valid() {
        for valid in [
            "4111111111111111",
            "GB82WEST12345698765432",
            "12345678Z",
            "46454286587",
            "11144477735",
            "44051401359",
            "111222333",
            "L898902C36",
            "9434765919",
            "490154203237518",
            "499118665246",
        ] {
            assert!(may_be_valid(valid), "{valid}");
        }
        let surely_invalid = (0..1000).filter(|n| !may_be_valid(&format!("4111111111111{n:03}"))).count();
        assert!(surely_invalid > 100, "{surely_invalid} of 1000 left to draw from");
    }
}
