//! Keys drawn for tests from the definitions of their forms.

use crate::detect::secret::shape::{Alphabet, contains};

/// A fixed generator.
pub(super) struct Draw(u64);

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A text of an alphabet that begins and ends in a letter or a digit and mixes the two where the alphabet does.
    pub(super) fn text(&mut self, alphabet: Alphabet, length: usize) -> String {
        if alphabet == Alphabet::Uuid && length == 36 {
            let mut part = |length| self.text(Alphabet::Hexadecimal, length);
            return [part(8), part(4), part(4), part(4), part(12)].join("-");
        }
        let plain: Vec<u8> = characters(alphabet).into_iter().filter(u8::is_ascii_alphanumeric).collect();
        // An equals sign only fills up the end of base64.
        let all: Vec<u8> = characters(alphabet).into_iter().filter(|byte| *byte != b'=').collect();
        let digits: Vec<u8> = plain.iter().copied().filter(u8::is_ascii_digit).collect();
        let bytes = (0..length).map(|at| {
            let from = match at {
                _ if at % 5 == 1 => &digits,
                _ if at % 7 == 3 && at + 1 < length => &all,
                _ => &plain,
            };
            from[self.below(from.len())]
        });
        String::from_utf8(bytes.collect()).unwrap()
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// The bytes of an alphabet; only letters of one case where it takes either.
pub(super) fn characters(alphabet: Alphabet) -> Vec<u8> {
    let one_case = matches!(alphabet, Alphabet::Hexadecimal | Alphabet::Uuid);
    (0..=127_u8)
        .filter(|byte| contains(alphabet, *byte) && !(one_case && byte.is_ascii_uppercase()))
        .collect()
}
