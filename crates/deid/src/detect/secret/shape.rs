//! Keys that vendors give a published form: a mark, an alphabet and a length.

use std::ops::RangeInclusive;

use crate::candidate::Evidence;
use crate::detect::base_codes::base62;
use crate::detect::hashes::crc_32;
use crate::detect::secret::value;
use crate::detect::secret::words::is_mostly_words;
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_word};

/// The form of one vendor's key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// The name of the rule.
    pub(crate) rule: &'static str,
    /// What the key begins with, or holds within, in this case.
    pub(crate) mark: &'static str,
    /// What stands before the mark and belongs to the key.
    head: Part,
    /// What follows the mark.
    tail: Part,
    /// What else must hold of the tail.
    check: Check,
}

/// A stretch of a key.
#[derive(Clone, Copy, Debug)]
struct Part {
    alphabet: Alphabet,
    shortest: usize,
    longest: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Alphabet {
    /// `0-9`
    Digits,
    /// `0-9 a-f`, either case.
    Hexadecimal,
    /// `0-9 a-f -`, either case: a UUID.
    Uuid,
    /// `a-z 0-9`
    LowerAndDigits,
    /// `A-Z 0-9`
    UpperAndDigits,
    /// Letters and digits.
    Letters,
    /// Letters, digits, `-`, `_`.
    Url,
    /// Letters, digits, `-`, `_`, `.`.
    Parts,
    /// Letters, digits, `+`, `/`, `=`.
    Base64,
    /// Letters, digits, `-`, `_`, `.`, `+`, `/`, `=`.
    Dotted,
    /// Letters, digits, `.`, `/`, `$`, `=`, `,`, `+`, `-`, `_`, `:`: what hashes of passwords are written in.
    Crypt,
    /// Whatever is visible, but quotes, angle brackets and bars.
    Visible,
    /// As [`Alphabet::Dotted`], with `:`, `~`, `%`, `!`, `@` and `|`.
    Wide,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Check {
    /// Length and alphabet suffice.
    Form,
    /// It must hold a digit and a letter and not read like words: the mark is also a word.
    Mixed,
    /// The last six characters are the CRC-32 of the others, in base62. One that fails still counts by its form.
    Crc,
    /// Two base64url parts at least; the first decodes to a JSON object by its mark.
    Jwt,
}

/// A key that begins with its mark and goes on for so many characters.
pub(crate) const fn shape(
    rule: &'static str,
    mark: &'static str,
    alphabet: Alphabet,
    length: RangeInclusive<usize>,
) -> Shape {
    let tail = Part { alphabet, shortest: *length.start(), longest: *length.end() };
    Shape { rule, mark, head: Part { alphabet, shortest: 0, longest: 0 }, tail, check: Check::Form }
}

impl Shape {
    /// The same, with something before the mark.
    pub(crate) const fn behind(self, alphabet: Alphabet, length: RangeInclusive<usize>) -> Shape {
        Shape { head: Part { alphabet, shortest: *length.start(), longest: *length.end() }, ..self }
    }

    /// The same, with a check.
    pub(crate) const fn checked(self, check: Check) -> Shape {
        Shape { check, ..self }
    }

    /// The same, and neither all letters nor all digits.
    pub(crate) const fn mixed(self) -> Shape {
        self.checked(Check::Mixed)
    }
}

/// The fewest different bytes that a tail may have for each four of its length, up to this many.
const DISTINCT_MAX_NEEDED: usize = 8;

pub(crate) fn detect(scan: &mut Scan<'_>, at: usize, shape: &Shape) {
    let tail = at + shape.mark.len();
    if &scan.bytes[at..tail] != shape.mark.as_bytes() {
        return;
    }
    let Some(start) = head_start(scan, at, shape) else { return };
    let Some(end) = tail_end(scan, tail, shape) else { return };
    let text = &scan.text[tail..end];
    if let Some((evidence, confidence)) = judge(shape, &scan.text[start..at], text) {
        scan.claim(start..end, IdentifierKind::Secret, evidence, confidence);
    }
}

/// Where the key begins, when what stands before its mark fits.
fn head_start(scan: &mut Scan<'_>, at: usize, shape: &Shape) -> Option<usize> {
    let head = shape.head;
    if head.longest == 0 {
        let part_of_token = shape.check == Check::Jwt && contains(Alphabet::Parts, scan.before(at));
        let joins = shape.mark.starts_with(|c: char| c.is_ascii_alphanumeric())
            && scan.before(at).is_ascii_alphanumeric();
        return (!part_of_token && !joins).then_some(at);
    }
    let start = scan.run_start(at, head.longest + 1, |byte| contains(head.alphabet, byte));
    let fits = (head.shortest..=head.longest).contains(&(at - start));
    (fits && !scan.before(start).is_ascii_alphanumeric()).then_some(start)
}

/// Where the key ends, when it has a length that it may have and no word goes on there.
fn tail_end(scan: &mut Scan<'_>, tail: usize, shape: &Shape) -> Option<usize> {
    let Part { alphabet, shortest, longest } = shape.tail;
    let run_end = scan.run_end(tail, longest + 1, |byte| contains(alphabet, byte));
    // A hash may end in any character, other keys do not end as sentences do.
    let ends: &[char] = if alphabet == Alphabet::Crypt { &[',', ':'] } else { &['.', ':', '!'] };
    let mut end = tail + scan.text[tail..run_end].trim_end_matches(ends).len();
    if end - tail > longest || is_word(scan.at(run_end)) {
        let trimmed =
            tail + scan.text[tail..run_end].trim_end_matches(['.', '-', '/', ':', '!', '|', '%']).len();
        end = trimmed;
        if trimmed == run_end {
            return None;
        }
    }
    (shortest..=longest).contains(&(end - tail)).then_some(end)
}

/// Why the text behind a mark, and how surely, is a key of this shape.
pub(crate) fn judge(shape: &Shape, head: &str, tail: &str) -> Option<(Evidence, f32)> {
    let needed = DISTINCT_MAX_NEEDED.min(tail.len() / 4);
    if value::distinct_bytes(tail) < needed || value::is_placeholder(tail) {
        return None;
    }
    if shape.tail.alphabet == Alphabet::Uuid && !value::is_uuid(tail) {
        return None;
    }
    let form = Some((Evidence::shape(shape.rule), 0.9));
    match shape.check {
        Check::Form => form,
        Check::Mixed => form.filter(|_| [head, tail].iter().any(|part| is_mixed(part))),
        Check::Crc => {
            let (random, checksum) = tail.as_bytes().split_at(tail.len() - 6);
            let holds = base62(checksum) == Some(u64::from(crc_32(random)));
            if holds { Some((Evidence::checksum(shape.rule), 0.99)) } else { form }
        }
        Check::Jwt => {
            let parts: Vec<&str> = tail.split('.').collect();
            let long_enough = parts.len() >= 2 && parts[0].len() >= 12 && parts[1].len() >= 12;
            form.filter(|_| long_enough)
        }
    }
}

fn is_mixed(part: &str) -> bool {
    value::is_mixed(part) && !is_mostly_words(part) && !value::is_identifier(part)
}

/// Whether an alphabet holds a byte.
pub(crate) fn contains(alphabet: Alphabet, byte: u8) -> bool {
    use Alphabet::*;
    match alphabet {
        Digits => byte.is_ascii_digit(),
        Hexadecimal => byte.is_ascii_hexdigit(),
        Uuid => byte.is_ascii_hexdigit() || byte == b'-',
        LowerAndDigits => byte.is_ascii_lowercase() || byte.is_ascii_digit(),
        UpperAndDigits => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        Letters => byte.is_ascii_alphanumeric(),
        Url => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
        Parts => contains(Url, byte) || byte == b'.',
        Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
        Dotted => contains(Parts, byte) || contains(Base64, byte),
        Visible => byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'|'),
        Crypt => contains(Dotted, byte) || matches!(byte, b'$' | b',' | b':'),
        Wide => contains(Dotted, byte) || matches!(byte, b':' | b'~' | b'%' | b'!' | b'@' | b'|'),
    }
}
