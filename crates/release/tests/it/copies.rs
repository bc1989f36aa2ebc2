//! Makes near copies of real turns, from a seed, and scores what de-duplication did with them.

use std::collections::BTreeMap;

use candor_release::dedup::normalise;

/// How a copy differs from its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    Exact,
    CaseOrPunctuation,
    Prefix,
    Suffix,
    Typo,
    /// One word replaced by another real word: not a copy in our sense, so reported apart.
    Word,
}

/// A turn to de-duplicate, and where it came from.
pub(crate) struct Row {
    pub(crate) text: String,
    /// Index of its base turn.
    pub(crate) base: usize,
    /// `None` for a base turn itself.
    pub(crate) change: Option<Change>,
}

/// Base turns with one copy for every four of them, shuffled. Shares of the copies: 15 % exact, 15 % case or
/// punctuation, 15 % prefix, 15 % suffix, 20 % typo, 20 % one word changed.
pub(crate) fn with_copies(bases: &[String], seed: u64) -> Vec<Row> {
    let mut chance = Chance(seed);
    let mut rows: Vec<Row> =
        bases.iter().enumerate().map(|(base, text)| Row { text: text.clone(), base, change: None }).collect();
    for _ in 0..bases.len() / 4 {
        let base = chance.below(bases.len());
        let change = match chance.below(20) {
            0..3 => Change::Exact,
            3..6 => Change::CaseOrPunctuation,
            6..9 => Change::Prefix,
            9..12 => Change::Suffix,
            12..16 => Change::Typo,
            _ => Change::Word,
        };
        if let Some(text) = changed(bases, base, change, &mut chance) {
            rows.push(Row { text, base, change: Some(change) });
        }
    }
    for index in (1..rows.len()).rev() {
        rows.swap(index, chance.below(index + 1));
    }
    rows
}

fn changed(bases: &[String], base: usize, change: Change, chance: &mut Chance) -> Option<String> {
    let text = bases[base].as_str();
    Some(match change {
        Change::Exact => text.to_owned(),
        Change::CaseOrPunctuation => case_or_punctuation(text, chance),
        Change::Prefix => format!("{}{text}", PREFIXES[chance.below(PREFIXES.len())]),
        Change::Suffix => format!("{text}{}", SUFFIXES[chance.below(SUFFIXES.len())]),
        Change::Typo => with_word(text, chance, 3, typo)?,
        Change::Word => {
            let other = &bases[chance.below(bases.len())];
            let words: Vec<&str> = other.split(' ').filter(|word| !word.is_empty()).collect();
            let new = words.get(chance.below(words.len().max(1)))?.to_string();
            with_word(text, chance, 1, |_, _| new.clone())?
        }
    })
}

/// Meant as a stranger would choose them, some in the lexicon and some not. They are not independent of it: two
/// families (thanks for help, words for an assistant) were added to the lexicon after a look at what was missed.
const PREFIXES: &[&str] = &[
    "hey, ",
    "Hi, ",
    "Hello! ",
    "please ",
    "Please, ",
    "Question: ",
    "um, ",
    "ok so ",
    "So, ",
    "Well, ",
    "Hi there, ",
    "Okay, ",
    "Good morning, ",
    "Excuse me, ",
    "Quick question: ",
    "Actually, ",
    "oh, ",
    "Hmm, ",
    "yo ",
    "Sorry, ",
    "Hello assistant, ",
    "Dear bot, ",
    "Just wondering, ",
    "By the way, ",
    "uh ",
    "Alright, ",
    "I have a question. ",
    "Tell me, ",
    "Hey buddy, ",
    "User: ",
    "Could you help me? ",
    "Good day to you! ",
    "Listen, ",
    "And ",
];
const SUFFIXES: &[&str] = &[
    " thanks!",
    " please",
    " Thank you very much",
    " asap",
    " thx",
    " Thanks in advance.",
    ", please.",
    " thank you",
    " ok?",
    " cheers",
    " if possible",
    " Thanks so much!",
    " pls",
    " Please help.",
    " :)",
    " lol",
    " Many thanks!",
    " I appreciate it.",
    " Have a nice day",
    " Let me know.",
    " if you can",
    " Thank you for your help!",
    " ty",
    " right?",
    " for me",
    " haha",
    " Thanks a lot :-)",
    " 🙏",
    " Regards",
    " when you get a chance",
    "... thanks",
    " thanks for helping",
];

fn case_or_punctuation(text: &str, chance: &mut Chance) -> String {
    let is_mark = |c: char| matches!(c, '.' | ',' | '!' | '?' | ';' | '"');
    match chance.below(7) {
        0 => text.to_uppercase(),
        1 => text.to_lowercase(),
        2 => format!("{}!!", text.trim_end_matches(is_mark)),
        3 => text.trim_end_matches(is_mark).to_owned(),
        4 => text.replace(", ", " ").replace('\'', "’"),
        5 => text.split(' ').map(capitalised).collect::<Vec<_>>().join(" "),
        _ => format!(" {}  ...", text.replace(' ', "  ")),
    }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Changes one word of at least `letters_min` letters; `None` if there is none or nothing changed.
fn with_word(
    text: &str,
    chance: &mut Chance,
    letters_min: usize,
    change: impl Fn(&str, &mut Chance) -> String,
) -> Option<String> {
    let words: Vec<&str> = text.split(' ').collect();
    let long: Vec<usize> = (0..words.len())
        .filter(|&at| words[at].chars().filter(|c| c.is_alphabetic()).count() >= letters_min)
        .collect();
    let at = *long.get(chance.below(long.len().max(1)))?;
    let new = change(words[at], chance);
    let mut changed: Vec<&str> = words.clone();
    changed[at] = &new;
    let changed = changed.join(" ");
    (normalise(&changed) != normalise(text)).then_some(changed)
}

/// One substitution, deletion, insertion or swap of neighbours at a letter.
fn typo(word: &str, chance: &mut Chance) -> String {
    let mut chars: Vec<char> = word.chars().collect();
    let letters: Vec<usize> = (0..chars.len()).filter(|&at| chars[at].is_alphabetic()).collect();
    let at = letters[chance.below(letters.len())];
    let letter = char::from(b'a' + chance.below(26) as u8);
    match chance.below(4) {
        0 => chars[at] = letter,
        1 => drop(chars.remove(at)),
        2 => chars.insert(at, letter),
        _ if at + 1 < chars.len() => chars.swap(at, at + 1),
        _ => chars[at] = letter,
    }
    chars.into_iter().collect()
}

/// What became of the copies and of the base turns.
#[derive(Default)]
pub(crate) struct Score {
    /// For each change: copies made, copies joined with their base.
    pub(crate) copies: BTreeMap<Change, (usize, usize)>,
    /// Base turns.
    pub(crate) bases: usize,
    /// Base turns for which another base turn, not equal to it once folded, stands: (base, standing row).
    pub(crate) lost: Vec<(usize, usize)>,
    /// Base turns for which another base turn with the same folded words stands.
    pub(crate) folded_alike: usize,
}

impl Score {
    /// Scores an outcome: for each row, the row that stands for it, which is itself if it was kept.
    pub(crate) fn of(rows: &[Row], standing: &[usize]) -> Self {
        let standing = |row: usize| standing[row];
        let mut row_of_base = BTreeMap::new();
        for (index, row) in rows.iter().enumerate().filter(|(_, row)| row.change.is_none()) {
            row_of_base.insert(row.base, index);
        }
        let mut score = Self { bases: row_of_base.len(), ..Self::default() };
        for (index, row) in rows.iter().enumerate() {
            let base_row = row_of_base[&row.base];
            let stands = standing(index);
            match row.change {
                Some(change) => {
                    let (made, joined) = score.copies.entry(change).or_default();
                    *made += 1;
                    *joined += usize::from(stands == standing(base_row));
                }
                None if rows[stands].base == row.base => {}
                None if normalise(&rows[row_of_base[&rows[stands].base]].text) == normalise(&row.text) => {
                    score.folded_alike += 1;
                }
                None => score.lost.push((index, stands)),
            }
        }
        score
    }

    /// Share of the copies removed, one-word changes left out.
    pub(crate) fn recall(&self) -> f64 {
        let counted =
            || self.copies.iter().filter(|(change, _)| **change != Change::Word).map(|(_, counts)| counts);
        let (made, joined) = (counted().map(|c| c.0).sum::<usize>(), counted().map(|c| c.1).sum::<usize>());
        joined as f64 / made as f64
    }

    /// Share of base turns lost.
    pub(crate) fn lost_share(&self) -> f64 {
        self.lost.len() as f64 / self.bases as f64
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014): all that is needed is that a seed fixes the run.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    /// A number from 0 up to, not including, `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(word ^ (word >> 31)) * end as u128) >> 64) as usize
    }
}
