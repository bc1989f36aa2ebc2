//! Ages of people: `34 years old`, `aged 34`, `I'm 34`, in seven languages. The span is the number.

use std::ops::Range;

use crate::candidate::Evidence;
use crate::detect::number::value;
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_letter, is_word};

/// What a phrase says about the number beside it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Says {
    /// The number before it is an age.
    Before,
    /// The number before it is an age when the word before that, such as `ai` in `j'ai 34 ans`, says so.
    BeforeWith(&'static [&'static str]),
    /// The number behind it is an age.
    After,
    /// The number behind it is an age when nothing is counted: `I'm 34.`, and not `I'm 34 km away`.
    AfterAlone,
    /// The same where one of the family was named before: `my mother, Ann Lee, is 93 and …`.
    AfterFamily,
}

/// The oldest age that is believed.
const AGE_MAX: u32 = 120;
/// The youngest that a number which nothing is counted by is taken for.
const ALONE_MIN: u32 = 5;
/// Who a sentence is about, for [`Says::AfterFamily`].
#[rustfmt::skip]
const FAMILY: [&str; 20] = [
    "mother", "father", "mom", "mum", "dad", "grandmother", "grandfather", "grandma", "grandpa", "wife", "husband",
    "son", "daughter", "sister", "brother", "aunt", "uncle", "partner", "neighbour", "neighbor",
];
/// Words behind a number that count nothing.
const NEUTRAL: [&str; 27] = [
    "and",
    "but",
    "now",
    "today",
    "year",
    "years",
    "yr",
    "yrs",
    "yo",
    "with",
    "when",
    "who",
    "so",
    "years-old",
    "y",
    "this",
    "last",
    "next",
    "in",
    "on",
    "or",
    "und",
    "et",
    "y",
    "e",
    "en",
    "living",
];

#[rustfmt::skip]
pub(super) const PHRASES: &[(&str, Says)] = &[
    ("year old", Says::Before), ("years old", Says::Before), ("year-old", Says::Before), ("years-old", Says::Before),
    ("yr old", Says::Before), ("yrs old", Says::Before), ("yr-old", Says::Before), ("year olds", Says::Before),
    ("year-olds", Says::Before), ("years of age", Says::Before), ("years young", Says::Before), ("y/o", Says::Before),
    ("yo", Says::Before), ("y.o", Says::Before), ("y.o.", Says::Before), ("yearold", Says::Before),
    ("jahre alt", Says::Before), ("jährige", Says::Before), ("jähriger", Says::Before), ("jährigen", Says::Before),
    ("ans", Says::BeforeWith(&["ai", "a", "as", "avez", "avait", "avais", "âgé de", "âgée de", "âge de", "aura", "eu"])),
    ("años", Says::BeforeWith(&["tengo", "tiene", "tienes", "tenía", "cumplo", "cumplió", "cumple", "de"])),
    ("anni", Says::BeforeWith(&["ho", "ha", "hai", "aveva", "di", "compie"])),
    ("anos", Says::BeforeWith(&["tenho", "tem", "tinha", "fez", "de", "faço"])),
    ("jaar oud", Says::Before), ("jarige", Says::Before), ("år gammal", Says::Before), ("vuotta vanha", Says::Before),
    ("aged", Says::After), ("age of", Says::After), ("age:", Says::After), ("age is", Says::After), ("ages", Says::After),
    ("alter:", Says::After), ("im alter von", Says::After), ("âge:", Says::After), ("âge :", Says::After),
    ("edad:", Says::After), ("età:", Says::After), ("idade:", Says::After), ("leeftijd:", Says::After),
    ("âgé de", Says::After), ("âgée de", Says::After), ("at age", Says::After), ("my age", Says::After),
    ("age", Says::AfterAlone), ("turned", Says::AfterAlone), ("turn", Says::AfterAlone), ("turns", Says::AfterAlone),
    ("turning", Says::AfterAlone), ("i'm", Says::AfterAlone), ("i’m", Says::AfterAlone), ("i am", Says::AfterAlone), ("im", Says::AfterAlone),
    ("he's", Says::AfterAlone), ("she's", Says::AfterAlone), ("he is", Says::AfterAlone), ("she is", Says::AfterAlone),
    ("he was", Says::AfterAlone), ("she was", Says::AfterAlone), ("i was", Says::AfterAlone), ("they were", Says::AfterAlone),
    (", is", Says::AfterFamily), (", was", Says::AfterFamily),
    ("who is", Says::AfterAlone), ("grandmother is", Says::AfterAlone), ("grandma is", Says::AfterAlone),
    ("granny is", Says::AfterAlone), ("nan is", Says::AfterAlone), ("grandfather is", Says::AfterAlone),
    ("grandpa is", Says::AfterAlone), ("granddad is", Says::AfterAlone), ("mother is", Says::AfterAlone),
    ("mom is", Says::AfterAlone), ("mum is", Says::AfterAlone), ("father is", Says::AfterAlone),
    ("dad is", Says::AfterAlone), ("aunt is", Says::AfterAlone), ("uncle is", Says::AfterAlone),
    ("wife is", Says::AfterAlone), ("husband is", Says::AfterAlone), ("partner is", Says::AfterAlone),
    ("son is", Says::AfterAlone), ("daughter is", Says::AfterAlone), ("sister is", Says::AfterAlone),
    ("brother is", Says::AfterAlone), ("neighbour is", Says::AfterAlone), ("neighbor is", Says::AfterAlone),
    ("patient is", Says::AfterAlone), ("er ist", Says::AfterAlone), ("mutter ist", Says::AfterAlone),
    ("vater ist", Says::AfterAlone), ("oma ist", Says::AfterAlone), ("opa ist", Says::AfterAlone),
    ("großmutter ist", Says::AfterAlone), ("großvater ist", Says::AfterAlone), ("sohn ist", Says::AfterAlone),
    ("tochter ist", Says::AfterAlone),
    ("just turned", Says::AfterAlone), ("ich bin", Says::AfterAlone), ("bin", Says::AfterAlone),
];

/// Looks for the number that a phrase speaks of.
pub(super) fn detect(scan: &mut Scan<'_>, phrase: Range<usize>, says: Says) {
    match says {
        Says::Before | Says::BeforeWith(_) => before(scan, phrase, says),
        Says::After | Says::AfterAlone | Says::AfterFamily => after(scan, phrase, says),
    }
}

fn before(scan: &mut Scan<'_>, phrase: Range<usize>, says: Says) {
    if scan.char_at(phrase.end).is_some_and(is_letter) {
        return;
    }
    let gap = scan.run_start(phrase.start, 2, |byte| matches!(byte, b' ' | b'-'));
    let start = scan.run_start(gap, 4, |byte| byte.is_ascii_digit());
    if !is_age(scan, &(start..gap))
        || matches!(scan.before(start), b'-') && scan.before(start - 1).is_ascii_digit()
    {
        return;
    }
    if let Says::BeforeWith(words) = says {
        let text = scan.text[..start].trim_end();
        let says_so = |word: &&str| {
            let tail = text.len().checked_sub(word.len()).and_then(|from| text.get(from..));
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case(word))
                && !text[..text.len() - word.len()].ends_with(is_letter)
        };
        scan.note_work(words.len());
        if !words.iter().any(says_so) {
            return;
        }
    }
    scan.claim(start..gap, IdentifierKind::Age, Evidence::context("age"), 0.85);
}

fn after(scan: &mut Scan<'_>, phrase: Range<usize>, says: Says) {
    if scan.char_before(phrase.start).is_some_and(is_letter)
        || matches!(scan.before(phrase.start), b'_' | b'\'' | b'-')
    {
        return;
    }
    let start = scan.skip(phrase.end, 2, b" :");
    let end = scan.run_end(start, 4, |byte| byte.is_ascii_digit());
    if start == phrase.end || !is_age(scan, &(start..end)) {
        return;
    }
    if says != Says::After {
        let young = value(scan, &(start..end)) < ALONE_MIN;
        if young || counts_something(scan, end) {
            return;
        }
    }
    if says == Says::AfterFamily && !scan.context_before(phrase.start, &FAMILY) {
        return;
    }
    scan.claim(start..end, IdentifierKind::Age, Evidence::context("age"), 0.75);
}

/// Whether what stands behind a number is counted by it, or makes it another number.
fn counts_something(scan: &mut Scan<'_>, end: usize) -> bool {
    match scan.at(end) {
        0 | b'\n' | b';' | b'!' | b'?' | b')' | b'"' => false,
        b'.' | b',' => !matches!(scan.at(end + 1), 0 | b' ' | b'\n' | b'"' | b')'),
        b' ' => {
            let word = scan.word_at(end + 1).to_lowercase();
            !(NEUTRAL.contains(&word.as_str()) || word.is_empty() && matches!(scan.at(end + 1), b'(' | b'-'))
        }
        _ => true,
    }
}

fn is_age(scan: &Scan<'_>, digits: &Range<usize>) -> bool {
    (1..=3).contains(&digits.len())
        && (1..=AGE_MAX).contains(&value(scan, digits))
        && scan.at(digits.start) != b'0'
        && !is_word(scan.before(digits.start))
        && !matches!(scan.before(digits.start), b'.' | b',' | b'$' | b'/')
}
