//! Forms of address before a name: `Mr. `, `Dr `, `Frau `.

use std::ops::Range;

use crate::candidate::Evidence;
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_word};

/// Lower case; a full stop behind one belongs to it.
#[rustfmt::skip]
pub(super) const HONORIFICS: &[&str] = &[
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "doctor", "sir", "madam", "rev", "reverend", "hon", "capt",
    "captain", "lt", "col", "sgt", "herr", "herrn", "frau", "fräulein", "mme", "mlle", "monsieur", "madame", "mademoiselle",
    "sr", "sra", "srta", "señor", "señora", "señorita", "sig", "signor", "signora", "dott", "dhr", "mevr", "mevrouw", "meneer",
    "senhor", "senhora", "pan", "pani", "fru", "hr",
];
/// Those that are other words too, and need a full stop behind them.
const NEED_STOP: [&str; 9] = ["ms", "sir", "pan", "pani", "hr", "col", "sig", "fru", "hon"];
/// How far before `Dr` a house number may stand that makes it a street, in bytes.
const STREET_BYTES: usize = 24;

pub(super) fn detect(scan: &mut Scan<'_>, word: Range<usize>) {
    let text = &scan.text[word.clone()];
    let capital = text.chars().next().is_some_and(char::is_uppercase);
    if !capital
        || !scan.is_whole_word(&word)
        || is_word(scan.before(word.start))
        || scan.before(word.start) == b'.'
    {
        return;
    }
    let stop = scan.at(word.end) == b'.';
    let shouted = text.len() > 1 && text.chars().all(char::is_uppercase);
    let lower = text.to_lowercase();
    let needs_stop = NEED_STOP.contains(&lower.as_str()) && lower != "ms";
    if (shouted || needs_stop) && !stop || shouted && needs_stop {
        return;
    }
    let end = word.end + usize::from(stop);
    let name = end + usize::from(scan.at(end) == b' ');
    let follows = scan.char_at(name).is_some_and(char::is_uppercase);
    let lower_follows = scan.char_at(name + 1).is_some_and(|c| c.is_lowercase() || c == '.' || c == '\'');
    if !follows
        || name == word.end
        || !(lower_follows || shouted)
        || lower == "ms" && !stop && is_product(scan, name)
    {
        return;
    }
    let before = scan
        .run_start(word.start, STREET_BYTES, |byte| byte != b'\n' && byte != b',' && !byte.is_ascii_digit());
    let in_street = lower == "dr" && scan.before(before).is_ascii_digit();
    if !in_street {
        scan.claim(word.start..end, IdentifierKind::Title, Evidence::context("honorific"), 0.7);
    }
}

/// Whether `Ms` is a company's mark: `Ms Word`.
fn is_product(scan: &mut Scan<'_>, name: usize) -> bool {
    matches!(
        scan.word_at(name),
        "Word" | "Excel" | "Office" | "Windows" | "Paint" | "Access" | "Teams" | "Dos"
    )
}
