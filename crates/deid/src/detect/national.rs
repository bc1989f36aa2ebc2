//! Numbers that states give people, by country: tables of shapes, each with a check that is a pure function.
//!
//! A number whose check leaves few numbers over, or whose punctuation is its country's own, needs no words around it.
//! One with a single check digit does: a tenth of all numbers pass that.

mod africa_oceania;
mod americas;
mod asia;
mod check;
mod europe_east;
mod europe_north;
mod europe_west;

use std::ops::Range;
use std::sync::LazyLock;

use crate::candidate::Evidence;
use crate::detect::Cue;
use crate::detect::number::stands_apart;
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_letter, is_word};

/// One sort of number.
struct Id {
    /// The name of the rule: country and number.
    rule: &'static str,
    /// How it is written: `9` is a digit, `A` a letter, `N` either, all else itself.
    shapes: &'static [Shape],
    /// Whether letters and digits, in upper case and without all else, are such a number.
    check: fn(&[u8]) -> bool,
    /// Whether the check is arithmetic, or only a matter of form.
    has_checksum: bool,
}

/// A way to write a number, and how sure it is without a word for it.
type Shape = (&'static str, f32);

/// How sure a number is with a word for it.
const NAMED: f32 = 0.96;
/// A shape that needs a word.
const NEEDS_WORD: f32 = 0.3;
/// The longest number, in bytes.
const BYTES_MAX: usize = 24;
/// The fewest digits of a number, all shapes alike.
const DIGITS_MIN: usize = 4;
/// The most letters of a group before the first digit: `RCCMNL 83S…`.
const GROUP_LETTERS_MAX: usize = 6;

const REGIONS: [&[Id]; 6] =
    [americas::IDS, europe_west::IDS, europe_north::IDS, europe_east::IDS, asia::IDS, africa_oceania::IDS];

/// A number with a checksum.
const fn id(rule: &'static str, shapes: &'static [Shape], check: fn(&[u8]) -> bool) -> Id {
    Id { rule, shapes, check, has_checksum: true }
}

/// A number with a form only.
const fn form(rule: &'static str, shapes: &'static [Shape], check: fn(&[u8]) -> bool) -> Id {
    Id { rule, shapes, check, has_checksum: false }
}

/// Looks for a number whose first digit is at `digit`.
pub(super) fn detect(scan: &mut Scan<'_>, digit: usize) {
    let window = &scan.bytes[digit..scan.bytes.len().min(digit + BYTES_MAX)];
    scan.note_work(window.len());
    if window.iter().filter(|byte| byte.is_ascii_digit()).count() < DIGITS_MIN {
        return;
    }
    let start = scan.run_start(digit, BYTES_MAX, |byte| byte.is_ascii_alphanumeric());
    if is_free_before(scan, start) {
        detect_from(scan, start);
    }
    if matches!(scan.before(start), b' ' | b'-') {
        let letters = scan.run_start(start - 1, GROUP_LETTERS_MAX, |byte| byte.is_ascii_alphabetic());
        if letters < start - 1 && is_free_before(scan, letters) {
            detect_from(scan, letters);
        }
    }
}

fn is_free_before(scan: &Scan<'_>, start: usize) -> bool {
    !is_word(scan.before(start)) && !scan.char_before(start).is_some_and(is_letter)
}

/// A shape with the number that it is a way to write.
type Written = (&'static Id, &'static Shape);

/// All shapes, by how many letters and digits they begin with.
static BY_FIRST_GROUP: LazyLock<[Vec<Written>; BYTES_MAX + 1]> = LazyLock::new(|| {
    let mut shapes: [Vec<Written>; BYTES_MAX + 1] = Default::default();
    for id in REGIONS.into_iter().flatten() {
        for shape in id.shapes {
            let first = shape.0.bytes().take_while(u8::is_ascii_alphanumeric).count();
            if let Some(slot) = shapes.get_mut(first) {
                slot.push((id, shape));
            }
        }
    }
    shapes
});

fn detect_from(scan: &mut Scan<'_>, start: usize) {
    let first_group = scan.run_end(start, BYTES_MAX, |byte| byte.is_ascii_alphanumeric()) - start;
    let Some(shapes) = BY_FIRST_GROUP.get(first_group) else { return };
    for (id, (shape, alone)) in shapes {
        let Some((end, characters)) = fit(scan, start, shape) else { continue };
        let apart = stands_apart(scan, &(start..end)) && !is_part_of_more(scan, &(start..end), shape);
        if apart && (id.check)(&characters) {
            let lettered = characters.iter().any(u8::is_ascii_alphabetic);
            let named = is_named(scan, start, lettered);
            // `ab 12 34 56 c` is prose but for a word for it. A text that streams is cut in such prose.
            if is_spaced_prose(&scan.bytes[start..end])
                && !(named == Some(true) && scan.wanted.in_whole_texts())
            {
                continue;
            }
            let confidence = match named {
                Some(true) => NAMED,
                Some(false) => alone - OTHER_PENALTY,
                None if is_timestamp(&characters) => *alone - OTHER_PENALTY,
                None => *alone,
            };
            let evidence =
                if id.has_checksum { Evidence::checksum(id.rule) } else { Evidence::shape(id.rule) };
            scan.claim(start..end, IdentifierKind::NationalId, evidence, confidence);
        }
    }
}

/// Whether thirteen digits are milliseconds since 1970 in this century's first decades.
fn is_timestamp(characters: &[u8]) -> bool {
    characters.len() == 13
        && matches!(characters, [b'1', b'3'..=b'8', ..])
        && characters.iter().all(u8::is_ascii_digit)
}

/// Whether the words before a number name it, where they name a number at all. Phone numbers have no letters.
fn is_named(scan: &mut Scan<'_>, start: usize, lettered: bool) -> Option<bool> {
    let word = scan.cue_distance(start, &[Cue::NationalId]);
    let others: &[Cue] = if lettered { &[Cue::OtherNumber] } else { &[Cue::OtherNumber, Cue::Phone] };
    let other = scan.cue_distance(start, others);
    match (word, other) {
        (None, None) => None,
        (None, Some(_)) => Some(false),
        (Some(word), other) => Some(other.is_none_or(|other| word <= other + OTHER_WORD_LEAD)),
    }
}

/// How much nearer a word for another number must stand than one for an identity number to count, in bytes.
const OTHER_WORD_LEAD: usize = 12;
/// What a word for another number takes away.
const OTHER_PENALTY: f32 = 0.4;

/// Where a shape that starts here ends, and its letters and digits in upper case.
///
/// Letters count in either case.
fn fit(scan: &mut Scan<'_>, start: usize, shape: &str) -> Option<(usize, Vec<u8>)> {
    let mut visited = 0;
    let fits = shape.bytes().enumerate().all(|(offset, wanted)| {
        visited += 1;
        let byte = scan.at(start + offset);
        match wanted {
            b'9' => byte.is_ascii_digit(),
            b'A' => byte.is_ascii_alphabetic(),
            b'N' => byte.is_ascii_alphanumeric(),
            _ => byte == wanted,
        }
    });
    scan.note_work(visited);
    let end = start + shape.len();
    if !fits || is_word(scan.at(end)) || scan.char_at(end).is_some_and(is_letter) {
        return None;
    }
    let found = &scan.bytes[start..end];
    let characters = found.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_uppercase);
    Some((end, characters.collect()))
}

fn is_spaced_prose(found: &[u8]) -> bool {
    found.contains(&b' ') && found.iter().any(u8::is_ascii_lowercase)
}

/// Whether digits in groups go on before or behind a number that is itself in groups.
fn is_part_of_more(scan: &Scan<'_>, range: &Range<usize>, shape: &str) -> bool {
    let joins = |separator: u8, digit: u8| matches!(separator, b' ' | b'-' | b'/') && digit.is_ascii_digit();
    let before = range.start > 1 && joins(scan.before(range.start), scan.before(range.start - 1));
    let behind = joins(scan.at(range.end), scan.at(range.end + 1));
    shape.contains([' ', '-', '/']) && (before || behind)
}

/// Draws the numbers of a shape by counting up, for tests: the first of many that the check accepts.
#[cfg(test)]
fn drawn(shape: &str, seed: u64) -> String {
    let mut state = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let mut draw = |alphabet: &[u8]| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(alphabet[(state >> 33) as usize % alphabet.len()])
    };
    shape
        .bytes()
        .map(|wanted| match wanted {
            b'9' => draw(b"0123456789"),
            b'A' => draw(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            b'N' => draw(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            other => char::from(other),
        })
        .collect()
}

/// Asserts that each number is found as the rule's, and that with any one digit changed it seldom is.
#[cfg(test)]
fn assert_numbers(ids: &[Id], examples: &[(&str, &[&str])]) {
    let plain = |text: &str| -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_uppercase()).collect()
    };
    for id in ids {
        let (_, numbers) = examples.iter().find(|(rule, _)| *rule == id.rule).expect(id.rule);
        for text in *numbers {
            let mut scan = Scan::new(text, &[], crate::scan::Wanted::ALL);
            assert!(
                id.shapes.iter().any(|(shape, _)| fit(&mut scan, 0, shape).is_some()),
                "{text} fits {}",
                id.rule
            );
            assert!((id.check)(&plain(text)), "{text} as {}", id.rule);
        }
        if id.has_checksum {
            let original = plain(numbers[0]);
            let changed = |step: u8| {
                (0..original.len())
                    .filter(|at| original[*at].is_ascii_digit())
                    .filter(|at| {
                        let mut other = original.clone();
                        other[*at] = b'0' + (other[*at] - b'0' + step) % 10;
                        (id.check)(&other)
                    })
                    .count()
            };
            let survivors: usize = (1..10).map(changed).sum();
            let digits = original.iter().filter(|byte| byte.is_ascii_digit()).count();
            assert!(survivors * 4 <= digits * 9, "{}: {survivors} changed numbers pass", id.rule);
        }
    }
    assert_eq!(ids.len(), examples.len());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hardly_any_number_passes_without_a_word() {
        for id in REGIONS.into_iter().flatten() {
            for (shape, alone) in id.shapes {
                if *alone < 0.5 || !id.has_checksum {
                    continue;
                }
                let passes = (0..2000).filter(|seed| {
                    let characters: Vec<u8> =
                        drawn(shape, *seed).bytes().filter(u8::is_ascii_alphanumeric).collect();
                    (id.check)(&characters)
                });
                let own_form = shape.contains(|c: char| c != '9');
                let most = if own_form { 240 } else { 40 };
                let passes = passes.count();
                assert!(passes <= most, "{} {shape}: {passes} of 2000", id.rule);
            }
        }
    }

    #[test]
    fn shapes_are_short_and_have_a_digit() {
        for (shape, _) in REGIONS.into_iter().flatten().flat_map(|id| id.shapes) {
            assert!(shape.len() <= BYTES_MAX && shape.contains(['9', 'N']), "{shape}");
        }
    }
}
