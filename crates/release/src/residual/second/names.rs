//! Names: capitalised words beside a form of address, behind words that introduce, or with a common given name.

use std::ops::Range;

use candor_deid::IdentifierKind;

use super::Find;

const HONORIFICS: &str = "\
    mr mrs ms miss dr prof professor sir herr frau monsieur madame mme señor señora sra signor signora \
    mevrouw meneer pan pani";

/// Words that come before a name, last word first.
const INTRODUCTIONS: [&[&str]; 10] = [
    &["is", "name"],
    &["heiße"],
    &["heisse"],
    &["appelle"],
    &["llamo"],
    &["chiamo"],
    &["chamo"],
    &["heet"],
    &["regards"],
    &["sincerely"],
];

/// Given names that are hardly ever anything else, written down from memory for the languages that we have.
const GIVEN: &str = "\
    aisha alejandro alessandro alexander alice amelia andrea andrew anna anthony antonio barbara benjamin \
    brian carlos carmen catherine charlotte chiara christine christopher claudia daniel david deborah diego \
    dmitri dorothy edward elena elizabeth emily emma eric ethan fatima fernando francesca francesco \
    françois gabriel giulia giuseppe hannah hans heinrich helen hiroshi igor ingrid isabella ivan james \
    jean jennifer jessica joão john jorge josé joseph juan jürgen karen katarzyna kevin klaus laura linda \
    lisa lucas luigi luis manuel marco margaret maria maría marie mario martin matthew michael michelle \
    miguel mohammed nancy natalia nicole olga oliver olivia pablo patricia paul pedro peter philippe pierre \
    priya rachel rebecca richard robert samuel sandra sarah sergei sofia stephen susan thomas";

/// Capitalised words that are seldom a name: they end one.
const OTHERS: &str = "\
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july \
    august september october november december street road avenue university college school company inc ltd \
    gmbh city county state states united kingdom north south east west new the and or of in i";

/// Whether a word is in a list.
fn is_in(list: &str, word: &str) -> bool {
    list.split(' ').any(|listed| listed == word)
}

/// A word of a text.
struct Word<'t> {
    text: &'t str,
    range: Range<usize>,
    lower: String,
    /// A capital and then small letters.
    capitalised: bool,
    /// A single capital, as an initial.
    initial: bool,
    /// Whether a sentence, line or item begins with it.
    begins: bool,
    /// Whether one space, or a dot and one space after an initial, is before it.
    joins: bool,
}

/// Names, sure ones and guesses.
pub(super) fn names(text: &str) -> Vec<Find> {
    let words = words(text);
    let mut finds = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let length = length(&words[at..]);
        if length == 0 {
            at += 1;
            continue;
        }
        let name = &words[at..at + length];
        let addressed = at > 0
            && is_in(HONORIFICS, &words[at - 1].lower)
            && is_near(text, words[at - 1].range.end, name[0].range.start);
        let introduced = INTRODUCTIONS.iter().any(|before| {
            at >= before.len()
                && before.iter().zip(words[..at].iter().rev()).all(|(want, word)| word.lower == **want)
        });
        let given = length >= 2 && is_in(GIVEN, &name[0].lower);
        let guessed = !(addressed || introduced || given);
        let honorific = is_in(HONORIFICS, &name[0].lower);
        // Two capitalised words in the middle of a sentence; more are titles of things.
        if !honorific && (!guessed || length == 2 && !name[0].begins && is_open(&words[..at])) {
            let range = name[0].range.start..name[length - 1].range.end;
            finds.push(Find { range, kind: IdentifierKind::Person, guessed });
        }
        at += if honorific { 1 } else { length };
    }
    finds
}

/// Whether the word before is a small one, so that the capital means something.
fn is_open(before: &[Word<'_>]) -> bool {
    before.last().is_some_and(|word| word.text.chars().all(char::is_lowercase))
}

fn is_near(text: &str, from: usize, to: usize) -> bool {
    matches!(&text[from..to], " " | ". " | ".")
}

/// How many words from here make a name: capitalised ones, initials between them.
fn length(words: &[Word<'_>]) -> usize {
    const WORDS_MAX: usize = 4;
    let fits = |(place, word): (usize, &Word<'_>)| {
        let joined = place == 0 || word.joins;
        let honorific = place > 0 && [word, &words[0]].iter().any(|word| is_in(HONORIFICS, &word.lower));
        joined && !honorific && (word.capitalised && !is_in(OTHERS, &word.lower) || place > 0 && word.initial)
    };
    let mut length = words.iter().take(WORDS_MAX).enumerate().take_while(|one| fits((one.0, one.1))).count();
    // An initial begins or joins names, and ends none.
    while length > 0 && words[length - 1].initial {
        length -= 1;
    }
    length
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let parts = text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’' | '-' | '_'));
    for part in parts.map(|part| part.trim_matches(['\'', '’', '-'])).filter(|part| !part.is_empty()) {
        let start = part.as_ptr() as usize - text.as_ptr() as usize;
        let before = words.last().map_or(0, |word| word.range.end);
        let between = &text[before..start];
        let after_initial = words.last().is_some_and(|word| word.initial);
        let mut characters = part.chars();
        let upper = characters.next().is_some_and(char::is_uppercase);
        let rest = characters.as_str();
        let small =
            rest.chars().all(|c| c.is_lowercase() || matches!(c, '\'' | '’' | '-') || c.is_uppercase());
        let begins =
            words.is_empty() || between.contains(['.', '!', '?', ':', '\n', '"', '*', '#', '•', '|']);
        words.push(Word {
            text: part,
            range: start..start + part.len(),
            lower: part.to_lowercase(),
            capitalised: upper
                && small
                && rest.chars().filter(|c| c.is_lowercase()).count() * 2 > rest.len() / 2 + 1,
            initial: upper && rest.is_empty(),
            begins: begins && !after_initial,
            joins: between == " " || after_initial && between == ". ",
        });
    }
    words
}
