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
    /// Letters, digits, `.`, `/`, `$`, `=`, `,`, `+`, `-`, `_`: what hashes of passwords are written in.
    Crypt,
    /// Whatever is visible, but quotes, angle brackets and bars.
    Visible,
    /// As [`Alphabet::Dotted`], with `:`, `~`, `%`, `!` and `@`.
    Wide,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Check {
    /// Length and alphabet suffice.
    Form,
    /// It must hold a digit and a letter and not read like words: the mark is also a word.
    Mixed,
    /// The last six characters are the CRC-32 of the others, in base62.
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
        let part_of_token = shape.check == Check::Jwt && scan.before(at) == b'.';
        let joins = shape.mark.starts_with(|c: char| c.is_ascii_alphanumeric())
            && scan.before(at).is_ascii_alphanumeric();
        return (!part_of_token && !joins).then_some(at);
    }
    let start = scan.run_start(at, head.longest + 1, |byte| contains(head.alphabet, byte));
    // A sign that assigns the key may be of its alphabet too.
    let assigned = scan.bytes[start..at].iter().rposition(|byte| matches!(byte, b'=' | b':' | b'@'));
    let start = match assigned {
        Some(sign) if at - start > head.longest => start + sign + 1,
        _ => start,
    };
    let fits = (head.shortest..=head.longest).contains(&(at - start));
    (fits && !scan.before(start).is_ascii_alphanumeric()).then_some(start)
}

/// Where the key ends, when it has a length that it may have and no word goes on there.
fn tail_end(scan: &mut Scan<'_>, tail: usize, shape: &Shape) -> Option<usize> {
    let Part { alphabet, shortest, longest } = shape.tail;
    let run_end = scan.run_end(tail, longest + 1, |byte| contains(alphabet, byte));
    // A hash may end in any character, other keys do not end as sentences do.
    let ends: &[char] = if alphabet == Alphabet::Crypt { &[','] } else { &['.', ':', '!'] };
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
    if value::distinct_bytes(tail) < needed
        || value::is_placeholder(if tail.len() < head.len() { head } else { tail })
    {
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
            holds.then(|| (Evidence::checksum(shape.rule), 0.99))
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
        Crypt => contains(Dotted, byte) || matches!(byte, b'$' | b','),
        Wide => contains(Dotted, byte) || matches!(byte, b':' | b'~' | b'%' | b'!' | b'@'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;
    use crate::settings::Settings;

    use super::super::drawing::{Draw, characters};
    use super::super::shapes;

    /// A key of a shape, by its definition: what stands before the mark, and what follows it.
    fn key(shape: &Shape, draw: &mut Draw, length: usize) -> (String, String) {
        let head = draw.text(shape.head.alphabet, shape.head.shortest);
        let tail = match shape.check {
            Check::Jwt => "hbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl".to_owned(),
            Check::Crc => with_checksum(&draw.text(Alphabet::Letters, length - 6)),
            _ => draw.text(shape.tail.alphabet, length),
        };
        (head, tail)
    }

    fn with_checksum(random: &str) -> String {
        let (mut number, mut digits) = (u64::from(crc_32(random.as_bytes())), [b'0'; 6]);
        for digit in digits.iter_mut().rev() {
            *digit =
                b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[(number % 62) as usize];
            number /= 62;
        }
        format!("{random}{}", String::from_utf8(digits.to_vec()).unwrap())
    }

    /// What a shape claims of a sentence that holds a key, as the text of the claim.
    fn claimed(shape: &Shape, head: &str, tail: &str) -> Option<(String, Evidence)> {
        let text = format!("it = {head}{}{tail} ;", shape.mark);
        let mut scan = Scan::new(&text, &[], crate::scan::Wanted::ALL);
        detect(&mut scan, 5 + head.len(), shape);
        let claim = scan.finish().0.pop()?;
        Some((text[claim.range].to_owned(), claim.evidence))
    }

    #[test]
    fn every_shape_claims_the_whole_of_a_key_made_by_its_definition() {
        let engine = Engine::new(Settings::streamed());
        let mut draw = Draw::new(1);
        for shape in shapes::all() {
            for length in [shape.tail.shortest, shape.tail.longest] {
                let (head, tail) = key(shape, &mut draw, length);
                let whole = format!("{head}{}{tail}", shape.mark);
                let (found, evidence) =
                    claimed(shape, &head, &tail).unwrap_or_else(|| panic!("{shape:?}: {whole}"));
                assert_eq!((found, evidence.rule), (whole.clone(), shape.rule));
                let text = format!("it is {whole} he said");
                let covered = engine
                    .detect(&text)
                    .iter()
                    .any(|span| span.range.start <= 6 && 6 + whole.len() <= span.range.end);
                assert!(covered, "{shape:?}: {text}\n{:?}", engine.detect(&text));
            }
        }
    }

    /// A key by itself, assigned, and in JSON.
    fn in_contexts(key: &str) -> [String; 3] {
        [key.to_owned(), format!("export VALUE={key}"), format!("{{\"value\": \"{key}\", \"more\": 1}}")]
    }

    #[test]
    fn a_random_key_of_every_shape_is_found_bare_assigned_and_in_json_and_one_cut_short_is_not_taken_for_it()
    {
        let engine = Engine::new(Settings::streamed());
        for seed in 11..15 {
            let mut draw = Draw::new(seed);
            for shape in shapes::all() {
                let (head, tail) = key(shape, &mut draw, shape.tail.shortest);
                let whole = format!("{head}{}{tail}", shape.mark);
                for text in in_contexts(&whole) {
                    let start = text.find(&whole).unwrap();
                    let covers = |span: &crate::candidate::Span| {
                        span.range.start <= start && start + whole.len() <= span.range.end
                    };
                    let found = engine.detect(&text);
                    assert!(found.iter().any(covers), "{shape:?}: {text}\n{found:?}");
                }
                let Some((cut, _)) = tail.char_indices().next_back() else { continue };
                if shape.check == Check::Jwt {
                    continue;
                }
                for text in in_contexts(&whole[..whole.len() - tail.len() + cut]) {
                    let mark = text.find(&whole[..whole.len() - tail.len()]).unwrap() + head.len();
                    let mut scan = Scan::new(&text, &[], crate::scan::Wanted::ALL);
                    detect(&mut scan, mark, shape);
                    assert_eq!(scan.finish().0, [], "{shape:?}: {text}");
                }
            }
        }
    }

    #[test]
    fn no_shape_claims_a_key_that_is_too_short_or_too_long_or_broken() {
        let mut draw = Draw::new(2);
        for shape in shapes::all().filter(|shape| shape.check != Check::Jwt) {
            let (head, tail) = key(shape, &mut draw, shape.tail.shortest);
            if let Some((cut, _)) = tail.char_indices().next_back() {
                assert_eq!(claimed(shape, &head, &tail[..cut]), None, "short {shape:?}");
                let broken = format!("{}\"{}", &tail[..cut], &tail[cut..]);
                assert_eq!(claimed(shape, &head, &broken), None, "broken {shape:?}");
            }
            let long = draw.text(shape.tail.alphabet, shape.tail.longest + 1);
            if shape.tail.alphabet != Alphabet::Uuid {
                assert_eq!(claimed(shape, &head, &long), None, "long {shape:?}: {long}");
            }
            if !head.is_empty() {
                assert_eq!(claimed(shape, &head[1..], &tail), None, "short head {shape:?}");
            }
        }
    }

    #[test]
    fn a_key_of_one_character_over_and_over_or_of_words_is_none() {
        for shape in shapes::all().filter(|shape| shape.tail.shortest >= 16 && shape.check != Check::Jwt) {
            let (head, _) = key(shape, &mut Draw::new(3), shape.tail.shortest);
            assert_eq!(claimed(shape, &head, &"x".repeat(shape.tail.shortest)), None, "{shape:?}");
        }
    }

    #[test]
    fn a_checksum_that_holds_is_believed_more() {
        let github = shapes::all().find(|shape| shape.mark == "ghp_").unwrap();
        let right = with_checksum("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ");
        assert_eq!(judge(github, "", &right), Some((Evidence::checksum("github-token"), 0.99)));
        let wrong = format!("{}000000", &right[..30]);
        assert_eq!(judge(github, "", &wrong), None);
    }

    #[test]
    fn at_least_550_shapes_are_known_and_none_twice() {
        let mut known = std::collections::HashSet::new();
        for shape in shapes::all() {
            let row = (shape.mark, format!("{:?}{:?}", shape.head, shape.tail));
            assert!(known.insert(row), "{} twice", shape.mark);
            assert!(
                shape.tail.shortest <= shape.tail.longest && !shape.rule.is_empty() && !shape.mark.is_empty()
            );
        }
        assert!(known.len() >= 550, "{}", known.len());
    }

    #[test]
    fn alphabets_are_drawn_from_what_they_contain() {
        for shape in shapes::all() {
            assert!(characters(shape.tail.alphabet).iter().all(|byte| contains(shape.tail.alphabet, *byte)));
        }
    }
}
