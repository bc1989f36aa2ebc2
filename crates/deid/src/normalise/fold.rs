//! Characters that stand for ASCII ones.

use std::ops::RangeInclusive;

/// The zeros of decimal digits in other scripts; nine digits follow each.
const ZEROS: [char; 18] = [
    '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}', '\u{be6}',
    '\u{c66}', '\u{ce6}', '\u{d66}', '\u{e50}', '\u{ed0}', '\u{f20}', '\u{1040}', '\u{17e0}', '\u{1810}',
];
/// Characters that show nothing: soft hyphen, joiners, marks of direction, variation selectors, keycaps.
const INVISIBLE: [RangeInclusive<char>; 10] = [
    '\u{ad}'..='\u{ad}',
    '\u{180b}'..='\u{180e}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{2064}',
    '\u{2066}'..='\u{2069}',
    '\u{20e3}'..='\u{20e3}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{e0100}'..='\u{e01ef}',
];
/// Mathematical alphabets: where the first begins, and the 52 letters of each (Unicode, U+1D400 to U+1D6A3).
const MATHEMATICAL: RangeInclusive<char> = '\u{1d400}'..='\u{1d6a3}';
const MATHEMATICAL_DIGITS: RangeInclusive<char> = '\u{1d7ce}'..='\u{1d7ff}';
/// Letters of other alphabets that look like Latin ones.
const LOOKALIKES: [(&str, &str); 2] = [
    ("АВЕКМНОРСТУХІЈЅҮаеорсухіјѕԁԛԝһ", "ABEKMHOPCTYXIJSYaeopcyxijsdqwh"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονιρυ", "ABEZHIKMNOPTYXovipu"),
];

/// The ASCII that stands for a character, `Some(None)` where it vanishes, `None` where it stays.
pub(crate) fn fold(c: char) -> Option<Option<char>> {
    if c < '\u{a0}' {
        return None;
    }
    if INVISIBLE.iter().any(|range| range.contains(&c)) {
        return Some(None);
    }
    folded(c).map(Some)
}

fn folded(c: char) -> Option<char> {
    let offset = |from: u32, to: u8| char::from_u32(c as u32 - from + u32::from(to));
    match c {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(' '),
        '\u{2010}'..='\u{2012}' | '\u{2212}' | '\u{fe63}' => Some('-'),
        '\u{fe6b}' => Some('@'),
        '\u{2024}' => Some('.'),
        '\u{ff01}'..='\u{ff5e}' => offset(0xff01, b'!'),
        '\u{2460}'..='\u{2468}' => offset(0x2460, b'1'),
        '\u{2776}'..='\u{277e}' => offset(0x2776, b'1'),
        '\u{24ea}' | '\u{24ff}' => Some('0'),
        '\u{24b6}'..='\u{24cf}' => offset(0x24b6, b'A'),
        '\u{24d0}'..='\u{24e9}' => offset(0x24d0, b'a'),
        c if MATHEMATICAL.contains(&c) => {
            let place = (c as u32 - *MATHEMATICAL.start() as u32) % 52;
            char::from_u32(if place < 26 { u32::from(b'A') + place } else { u32::from(b'a') + place - 26 })
        }
        c if MATHEMATICAL_DIGITS.contains(&c) => {
            char::from_digit((c as u32 - *MATHEMATICAL_DIGITS.start() as u32) % 10, 10)
        }
        c => {
            let zero = ZEROS.iter().find(|zero| (**zero as u32..**zero as u32 + 10).contains(&(c as u32)))?;
            char::from_digit(c as u32 - *zero as u32, 10)
        }
    }
}

/// The Latin letter that a Cyrillic or Greek one looks like.
pub(crate) fn lookalike(c: char) -> Option<char> {
    if !('\u{370}'..'\u{530}').contains(&c) {
        return None;
    }
    LOOKALIKES.iter().find_map(|(foreign, latin)| {
        let place = foreign.chars().position(|known| known == c)?;
        latin.chars().nth(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lookalike_has_its_letter() {
        for (foreign, latin) in LOOKALIKES {
            assert_eq!(foreign.chars().count(), latin.len());
            assert!(foreign.chars().all(|c| lookalike(c).is_some_and(|latin| latin.is_ascii_alphabetic())));
        }
    }

    #[test]
    fn fancy_letters_and_digits_are_plain_ones() {
        let plain = |text: &str| text.chars().filter_map(|c| fold(c).unwrap_or(Some(c))).collect::<String>();
        assert_eq!(plain("𝐀𝒃𝖢 𝟘𝟿 ①❷⓪ Ⓐⓩ ๓४ 1\u{fe0f}\u{20e3}"), "AbC 09 120 Az 34 1");
    }
}
