//! Near copies: what people do when they send the same thing again.

use crate::Plan;
use crate::bank::Language;
use crate::chance::Chance;
use crate::outline::{Cast, conversation_id};

/// How a near copy differs from its original. Each keeps every number, date, name and negation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CopyKind {
    /// All in lower case, or all in capitals if it was in lower case already.
    Case,
    /// Commas and stops left out or changed.
    Punctuation,
    /// A greeting in front or thanks behind.
    Affix,
    /// Two letters swapped inside a long word.
    Typo,
}

impl CopyKind {
    /// All kinds, which the copies of a plan take in turn.
    pub const ALL: [CopyKind; 4] = [CopyKind::Case, CopyKind::Punctuation, CopyKind::Affix, CopyKind::Typo];

    pub(crate) fn of(ordinal: u32) -> Self {
        Self::ALL[ordinal as usize % Self::ALL.len()]
    }
}

/// A conversation that repeats an earlier one: the people's turns changed, the model's the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearCopy {
    /// Id of the copy.
    pub copy: String,
    /// Id of the conversation it repeats, which is no copy itself.
    pub original: String,
    /// How they differ.
    pub kind: CopyKind,
}

/// The near copies of a plan, in the order of the conversations.
pub fn near_copies(plan: &Plan) -> Vec<NearCopy> {
    let cast = Cast::new(plan);
    let copies = cast.outlines().filter_map(|outline| {
        let (origin, kind) = outline.origin?;
        Some(NearCopy { copy: conversation_id(outline.index), original: conversation_id(origin), kind })
    });
    copies.collect()
}

/// Changes one turn of a person in the way that `kind` says.
pub(crate) fn edit(text: &mut String, kind: CopyKind, language: &Language, chance: &mut Chance) {
    *text = match kind {
        CopyKind::Case => change_case(text),
        CopyKind::Punctuation => change_punctuation(text, chance),
        CopyKind::Affix => match chance.percent(50) {
            true => format!("{} {text}", chance.pick(language.greetings)),
            false => format!("{text} {}", chance.pick(language.thanks)),
        },
        CopyKind::Typo => mistype(text, chance),
    }
}

fn change_case(text: &str) -> String {
    let lower = text.to_lowercase();
    if lower == text { text.to_ascii_uppercase() } else { lower }
}

/// Drops or changes marks that end a clause; a mark inside a number or time is followed by a digit and stays.
fn change_punctuation(text: &str, chance: &mut Chance) -> String {
    let stop = chance.pick(&["", " .", "!", "..."]);
    let mut changed = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    while let Some(mark) = rest.next() {
        let ends_clause = rest.peek().is_none_or(|next| next.is_whitespace());
        match mark {
            ',' | ';' if ends_clause => {}
            '.' if ends_clause => changed.push_str(stop),
            '?' if ends_clause => changed.push_str("??"),
            _ => changed.push(mark),
        }
    }
    if changed == text {
        changed.push_str(" ...");
    }
    changed
}

/// Words that carry a number, a date or a negation: a slip in one of them changes what is said.
const CAREFUL: [&str; 44] = [
    "without",
    "nothing",
    "neither",
    "nobody",
    "cannot",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "hundred",
    "thousand",
    "niemals",
    "nichts",
    "niemand",
    "keinen",
    "keiner",
    "keinem",
    "hundert",
    "tausend",
    "jamais",
    "aucune",
    "personne",
    "quatre",
    "quinze",
    "janvier",
    "octobre",
    "septembre",
    "novembre",
    "ninguno",
    "ninguna",
    "catorce",
    "quince",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

/// Swaps two letters inside some long lower-case words, about one in every hundred bytes.
fn mistype(text: &str, chance: &mut Chance) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let words: Vec<(usize, usize)> = long_words(text).collect();
    let slips = (text.len() / 100 + 1).min(words.len());
    for _ in 0..slips {
        let (start, end) = chance.pick(&words);
        let inside: Vec<usize> = (start + 1..end - 2).filter(|at| bytes[*at] != bytes[at + 1]).collect();
        if !inside.is_empty() {
            let at = chance.pick(&inside);
            bytes.swap(at, at + 1);
        }
    }
    // A second slip may undo the first.
    match String::from_utf8(bytes) {
        Ok(changed) if changed != text => changed,
        _ => format!("{text}."),
    }
}

/// Start and end of the words of at least six lower-case ASCII letters that may be mistyped.
fn long_words(text: &str) -> impl Iterator<Item = (usize, usize)> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() >= 6 && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        .filter(|word| !CAREFUL.contains(word))
        .map(|word| {
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            (start, start + word.len())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Stream;

    const TEXT: &str = "On 3.5 days, at 7:40, nothing happened without Marta. Is that normal?";

    fn digits(text: &str) -> String {
        text.chars().filter(char::is_ascii_digit).collect()
    }

    #[test]
    fn every_edit_changes_the_text_and_keeps_numbers_and_negations() {
        for index in 0..200 {
            let mut chance = Chance::new(1, Stream::Edit, index);
            for kind in CopyKind::ALL {
                let mut text = TEXT.to_owned();
                edit(&mut text, kind, &crate::bank::ENGLISH, &mut chance);
                assert_ne!(text, TEXT, "{kind:?}");
                assert_eq!(digits(&text), digits(TEXT), "{kind:?}");
                let lower = text.to_lowercase();
                assert!(lower.contains("nothing") && lower.contains("without marta"), "{kind:?}: {text}");
                assert!(lower.contains("3.5") && lower.contains("7:40"), "{kind:?}: {text}");
            }
        }
    }
}
