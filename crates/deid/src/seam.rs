//! Where a growing text can be cut so that no identifier lies across the cut.
//!
//! A text that streams is searched piece by piece. Almost all identifiers hold no white space, so a cut behind a word
//! is a seam, unless what stands before it can go on behind it: digits (`212 736 5000`, and ` ext. 12`), an IBAN in
//! groups, groups of digits and capitals (`AB 12 34 56 C`), a private key in PEM armour. This is the one place that knows how each detector's claims can be continued;
//! a test holds that searching the pieces, each with [`CONTEXT_CHARACTERS`] before it, finds what searching the whole
//! finds.

use crate::detect::{EXTENSION_MARKS, iban_length};
use crate::normalise::{fold, lookalike};

mod armour;

use armour::Armour;

/// How much of the text before a piece bears on what is found in it, in characters: evidence stands at most 40 bytes
/// before an identifier, the name of a secret with all that may join it to the value at most 91, a vendor's name at
/// most 80.
pub const CONTEXT_CHARACTERS: usize = 96;
/// The longest of the marks before a phone extension, in bytes.
const TAIL_BYTES_MAX: usize = 12;
/// The most separators between two groups of digits.
const SEPARATORS_MAX: usize = 2;
/// The most bytes of a group of a number that begins with a letter: the letters of the names in an Italian tax code.
const LETTER_GROUP_BYTES_MAX: usize = 6;
/// Stands for every character that no identifier contains.
const FOREIGN: u8 = 0x80;

/// A seam: a place to cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seam {
    /// Where, in bytes from the beginning of all text read.
    pub at: u64,
    /// How much had to be read to know it, in the same bytes.
    pub known_at: u64,
}

/// Finds the seams of a text as it grows. They are the same however the text is cut into pieces.
#[derive(Clone, Debug, Default)]
pub struct Seams {
    read: u64,
    /// The latest four characters, folded, the latest in the lowest byte.
    recent: u32,
    /// The latest place behind white space or a foreign character that may become a seam.
    candidate: Option<u64>,
    digits: Digits,
    ibans: Ibans,
    codes: Codes,
    armour: Armour,
}

impl Seams {
    /// Nothing read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads on; shows each seam that is now known, in order.
    pub fn read(&mut self, text: &str, mut found: impl FnMut(Seam)) {
        for c in text.chars() {
            self.read += c.len_utf8() as u64;
            let byte = match fold(c) {
                Some(None) => continue,
                Some(Some(ascii)) => ascii as u8,
                None if c.is_ascii() => c as u8,
                // Within a Latin word it is its letter.
                None => lookalike(c).map_or(FOREIGN, |latin| latin as u8),
            };
            self.step(byte);
            if is_between_words(byte) {
                self.candidate = Some(self.read);
            }
            if self.candidate.is_some()
                && self.is_idle()
                && let Some(at) = self.candidate.take()
            {
                found(Seam { at, known_at: self.read });
            }
        }
    }

    /// The number of bytes read.
    pub fn bytes_read(&self) -> u64 {
        self.read
    }

    fn step(&mut self, byte: u8) {
        let went_across = [
            self.digits.step(byte),
            self.ibans.step(byte, self.recent),
            self.codes.step(byte),
            self.armour.step(byte),
        ];
        self.recent = self.recent << 8 | u32::from(byte);
        // What has just been completed lies across the candidate.
        if went_across.contains(&true) {
            self.candidate = None;
        }
    }

    fn is_idle(&self) -> bool {
        self.digits.tail.is_none()
            && self.ibans.missing.is_empty()
            && self.codes.before.is_none()
            && self.armour.is_idle()
    }
}

/// No identifier but a PEM block contains one of these, and none is continued over one unless [`Seams`] knows it.
fn is_between_words(byte: u8) -> bool {
    byte <= b' ' || byte >= 0x7f || matches!(byte, b'"' | b'<' | b'>' | b'`' | b'|')
}

/// Groups of digits with at most two separators between them, or a mark of a phone extension.
#[derive(Clone, Debug, Default)]
struct Digits {
    /// What was read since the latest digit, as long as another digit may continue the number.
    tail: Option<Tail>,
}

#[derive(Clone, Debug, Default)]
struct Tail {
    bytes: [u8; TAIL_BYTES_MAX],
    length: usize,
}

impl Digits {
    /// Whether the byte continued a number over what came between.
    fn step(&mut self, byte: u8) -> bool {
        if byte.is_ascii_digit() {
            let before = self.tail.replace(Tail::default());
            return before.is_some_and(|tail| tail.is_separators() || tail.is_mark());
        }
        if let Some(tail) = &mut self.tail
            && !(tail.push(byte) && (tail.is_separators() || tail.may_be_mark()))
        {
            self.tail = None;
        }
        false
    }
}

impl Tail {
    fn push(&mut self, byte: u8) -> bool {
        let slot = self.bytes.get_mut(self.length);
        self.length += 1;
        slot.map(|slot| *slot = byte.to_ascii_lowercase()).is_some()
    }

    fn read(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn is_separators(&self) -> bool {
        self.length <= SEPARATORS_MAX
            && self.read().iter().all(|byte| matches!(byte, b' ' | b'-' | b'.' | b'(' | b')' | b'/'))
    }

    fn is_mark(&self) -> bool {
        EXTENSION_MARKS.iter().any(|mark| *mark == self.read())
    }

    fn may_be_mark(&self) -> bool {
        EXTENSION_MARKS.iter().any(|mark| mark.starts_with(self.read()))
    }
}

/// IBANs that have begun: two letters of a country and two digits at the beginning of a word.
#[derive(Clone, Debug, Default)]
struct Ibans {
    /// How many characters each still needs.
    missing: Vec<u8>,
}

impl Ibans {
    /// Whether an IBAN is complete with this byte.
    fn step(&mut self, byte: u8, recent: u32) -> bool {
        let [before, first, second, digit] = recent.to_be_bytes();
        let mut complete = false;
        if byte.is_ascii_alphanumeric() {
            self.missing.iter_mut().for_each(|missing| *missing -= 1);
            self.missing.retain(|missing| {
                *missing > 0 || {
                    complete = true;
                    false
                }
            });
        } else if !matches!(byte, b' ' | b'-') || matches!(digit, b' ' | b'-') {
            self.missing.clear();
        }
        let begins = byte.is_ascii_digit() && digit.is_ascii_digit() && !crate::scan::is_word(before);
        if begins && let Some(length) = iban_length([first, second]) {
            self.missing.push((length - 4) as u8);
        }
        complete
    }
}

/// Groups of digits and capitals with one space between them, as numbers of people are printed.
#[derive(Clone, Debug, Default)]
struct Codes {
    /// The word being read.
    word: Group,
    /// The group right before it, with a space between, as long as the word may go on with it.
    before: Option<Group>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Group {
    length: usize,
    begins_with_digit: bool,
    has_digits: bool,
    /// Holds what no group of a number does, or too much of it.
    is_foreign: bool,
}

impl Codes {
    /// Whether a group is complete with this byte, or cannot but be one, that goes on with the one before it.
    fn step(&mut self, byte: u8) -> bool {
        if !byte.is_ascii_alphanumeric() {
            let group = std::mem::take(&mut self.word);
            let is_group = group.length > 0 && !group.is_foreign;
            let continued = self.before.is_some() && is_group;
            self.before = (byte == b' ' && is_group).then_some(group);
            return continued;
        }
        self.word.push(byte);
        // A number goes on in letters only behind digits, and in lower case never.
        let goes_on = self.before.is_some_and(|before| before.has_digits || self.word.begins_with_digit);
        if !goes_on || self.word.is_foreign {
            self.before = None;
        }
        self.word.begins_with_digit && self.before.take().is_some()
    }
}

impl Group {
    fn push(&mut self, byte: u8) {
        self.begins_with_digit |= self.length == 0 && byte.is_ascii_digit();
        self.length += 1;
        self.has_digits |= byte.is_ascii_digit();
        self.is_foreign |=
            byte.is_ascii_lowercase() || !self.begins_with_digit && self.length > LETTER_GROUP_BYTES_MAX;
    }
}
