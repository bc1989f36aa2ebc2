//! Whether two conversations are one, decided word by word.
//!
//! A shared band only proposes. Here the folded words are laid beside each other, and the two are the same
//! only if every difference is one of three harmless kinds: spacing, a typo, or courtesy and filler at the
//! ends. Anything else is content: a slot filled otherwise, a "not", another question word, another order.
//!
//! A typo is told from another word by use, not by dictionary, so the rule needs no language: the two forms
//! are one edit apart, one of them is common in this corpus, and the other is all but unknown to it. Names,
//! quantities and negations are never typos of each other.

use super::{
    counts::WordCounts,
    fold::{Folded, FoldedMessage},
    lexicon,
};

/// Whether two conversations say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// One can stand for the other.
    Same(Sameness),
    /// Both are kept.
    Distinct(Difference),
}

/// The rule under which two conversations are the same; of several, the furthest from equality.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sameness {
    /// Case, punctuation, width or spacing only.
    Folded,
    /// A slip of the keyboard in a word, at most one and one more for each 20 words.
    Typo,
    /// Greeting, courtesy or filler at an end.
    Affix,
    /// In a long text, a small share of other words at the ends.
    Ends,
}

/// The first thing found that keeps two conversations apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Difference {
    /// The number of messages.
    Messages,
    /// A role.
    Role,
    /// A number, date, time, price or unit.
    Quantity,
    /// A negation, or yes against no.
    Negation,
    /// A name.
    Name,
    /// Any other word, their order, or more typos than slips explain.
    Word,
}

/// Words in a text for each typo beyond the first.
const WORDS_PER_TYPO: usize = 20;
/// Words that a text must have for each extra word at its ends.
const WORDS_PER_EXTRA: usize = 20;
/// Conversations that must hold a word before it is taken for the right spelling of another.
const COMMON_MIN: u32 = 6;
/// How many times rarer than the right spelling a misspelling is.
const RARER: u32 = 40;
/// Letters that the longer form of a typo must have: shorter words are too close to each other.
const TYPO_LETTERS_MIN: usize = 3;

/// Compares two conversations; symmetric, and a conversation is always the same as itself.
pub fn verify(a: &Folded, b: &Folded, counts: &WordCounts) -> Verdict {
    if a.len() != b.len() {
        return Verdict::Distinct(Difference::Messages);
    }
    if a.messages().zip(b.messages()).any(|(a, b)| a.role != b.role) {
        return Verdict::Distinct(Difference::Role);
    }
    let mut furthest = Sameness::Folded;
    for (a, b) in a.messages().zip(b.messages()) {
        let comparison = Comparison { a, b, counts };
        match comparison.judge() {
            Ok(sameness) => furthest = furthest.max(sameness),
            Err(difference) => return Verdict::Distinct(difference),
        }
    }
    Verdict::Same(furthest)
}

/// The same where a capital makes it a name.
const NAME_LETTERS_MIN: usize = 5;
/// Below this many conversations, agreement by chance is rare and counts say little.
const CONVERSATIONS_FEW: u64 = 1_000;
/// Bits taken off what is needed; set on the training split, where it balances copies found and turns lost.
const BITS_SPARED: f64 = 6.0;
/// Bits that each further form of a core costs, beyond a text and its copy; set likewise.
const BITS_PER_FORM: f64 = 8.0;

/// A range of words: from, to.
type Range = (usize, usize);

/// Where a walk stopped: the word it stood at in each text, if that had not ended.
struct Stop {
    a: Option<usize>,
    b: Option<usize>,
}

struct Comparison<'a> {
    a: FoldedMessage<'a>,
    b: FoldedMessage<'a>,
    counts: &'a WordCounts,
}

impl Comparison<'_> {
    fn judge(&self) -> Result<Sameness, Difference> {
        let (whole_a, whole_b) = ((0, self.a.words.len()), (0, self.b.words.len()));
        let stopped = match self.walk(whole_a, whole_b) {
            Ok(0) => return Ok(Sameness::Folded),
            Ok(_) => return Ok(Sameness::Typo),
            Err(stopped) => stopped,
        };
        let (core_a, core_b) = (self.a.core, self.b.core);
        if (core_a, core_b) != (whole_a, whole_b) && self.walk(core_a, core_b).is_ok() {
            return if self.is_copied() { Ok(Sameness::Affix) } else { Err(self.difference(stopped)) };
        }
        if self.differs_at_ends_only(core_a, core_b) {
            return Ok(Sameness::Ends);
        }
        Err(self.difference(stopped))
    }

    /// Whether two messages with the same core and different courtesy are copies, and not two people who said
    /// the same formula: `ok, which city?` is not a copy of `which city?`.
    ///
    /// One must hold the other whole, and what they share must be too special to be said twice by chance. A
    /// word in one of `r` conversations carries `log2 r` bits; among `n` conversations, about `2 log2 n` bits
    /// are needed before no two agree by chance. A core seen with many courtesies is a formula.
    fn is_copied(&self) -> bool {
        let ((open_a, close_a), (open_b, close_b)) = (ends(&self.a), ends(&self.b));
        let added = |open: &[&str], close: &[&str], longer_open: &[&str], longer_close: &[&str]| {
            let is_held = longer_open.ends_with(open) && longer_close.starts_with(close);
            is_held.then(|| {
                let opening = &longer_open[..longer_open.len() - open.len()];
                opening.iter().chain(&longer_close[close.len()..]).map(|word| self.bits(word)).sum::<f64>()
            })
        };
        let Some(bits_added) = added(&open_a, &close_a, &open_b, &close_b)
            .or_else(|| added(&open_b, &close_b, &open_a, &close_a))
        else {
            return false;
        };
        let conversations = self.counts.conversations();
        if conversations < CONVERSATIONS_FEW {
            return true;
        }
        let bits_of = |message: &FoldedMessage<'_>| {
            let (from, to) = message.core;
            let bits: f64 = (from..to).map(|index| self.bits(message.word(index))).sum();
            let forms = self.counts.of_core(message.slice(from, to)).saturating_sub(2);
            bits - f64::from(forms) * BITS_PER_FORM
        };
        let needed = 2.0 * (conversations as f64).log2() - BITS_SPARED;
        bits_of(&self.a).min(bits_of(&self.b)) + bits_added >= needed
    }

    /// How much it says about a text that it holds this word.
    fn bits(&self, word: &str) -> f64 {
        let conversations = self.counts.conversations().max(1) as f64;
        (conversations / f64::from(self.counts.of(word).max(1))).log2().max(0.0)
    }

    /// Steps through both texts together; the number of typos, or the words at the first real difference.
    fn walk(&self, (mut i, to_a): Range, (mut j, to_b): Range) -> Result<usize, Stop> {
        let allowed = 1 + (to_a - i).min(to_b - j) / WORDS_PER_TYPO;
        let mut typos = 0;
        while i < to_a && j < to_b {
            let (word_a, word_b) = (self.a.word(i), self.b.word(j));
            if word_a == word_b {
                (i, j) = (i + 1, j + 1);
            } else if i + 1 < to_a && is_joined(word_b, word_a, self.a.word(i + 1)) {
                (i, j) = (i + 2, j + 1);
            } else if j + 1 < to_b && is_joined(word_a, word_b, self.b.word(j + 1)) {
                (i, j) = (i + 1, j + 2);
            } else if self.is_typo(i, j) && typos < allowed {
                typos += 1;
                (i, j) = (i + 1, j + 1);
            } else {
                return Err(Stop { a: Some(i), b: Some(j) });
            }
        }
        if i < to_a || j < to_b {
            return Err(Stop { a: (i < to_a).then_some(i), b: (j < to_b).then_some(j) });
        }
        Ok(typos)
    }

    /// Whether two different words are one word and a slip.
    fn is_typo(&self, i: usize, j: usize) -> bool {
        let (a, b) = (self.a.word(i), self.b.word(j));
        if !is_one_edit(a, b) || lexicon::is_lookalike(a) && lexicon::is_lookalike(b) {
            return false;
        }
        let letters = a.chars().count().max(b.chars().count());
        let (often_a, often_b) = (self.counts.of(a), self.counts.of(b));
        let (common, rare) = (often_a.max(often_b), often_a.min(often_b));
        let is_slip = common >= COMMON_MIN && rare.saturating_mul(RARER) <= common.max(RARER);
        let may_change = |word| !lexicon::is_quantity(word) && !lexicon::is_negation(word) && is_plain(word);
        if letters < TYPO_LETTERS_MIN || !is_slip || !may_change(a) || !may_change(b) {
            return false;
        }
        let is_name = |message: &FoldedMessage<'_>, index: usize| {
            self.is_name(message.word(index), message.words[index].is_capital)
        };
        if !is_name(&self.a, i) && !is_name(&self.b, j) {
            return true;
        }
        // A name one letter off may be another name. Swapped letters, or a word that is mostly written small
        // (`Avenue`), are a slip all the same.
        let common_word = if often_a > often_b { a } else { b };
        letters >= NAME_LETTERS_MIN
            && (a.len() == b.len() && is_swap(a, b) || self.is_mostly_small(common_word))
    }

    /// Names the kind of difference where a walk stopped: the gravest of the two words.
    fn difference(&self, stop: Stop) -> Difference {
        let a = stop.a.and_then(|index| self.content(&self.a, index));
        let b = stop.b.and_then(|index| self.content(&self.b, index));
        a.into_iter().chain(b).min_by_key(|difference| *difference as u8).unwrap_or(Difference::Word)
    }

    /// Why a word may not change, if it may not.
    fn content(&self, message: &FoldedMessage<'_>, index: usize) -> Option<Difference> {
        let word = message.word(index);
        if lexicon::is_quantity(word) || !is_plain(word) {
            Some(Difference::Quantity)
        } else if lexicon::is_negation(word) {
            Some(Difference::Negation)
        } else if self.is_name(word, message.words[index].is_capital) {
            Some(Difference::Name)
        } else {
            None
        }
    }

    /// A name bears its capital inside sentences: here, unless the corpus mostly writes it small; or
    /// elsewhere, most of the time.
    fn is_name(&self, word: &str, is_capital: bool) -> bool {
        let with_capital = self.counts.with_capital(word);
        (is_capital && !self.is_mostly_small(word))
            || (with_capital >= 3 && with_capital * 2 >= self.counts.of(word))
    }

    fn is_mostly_small(&self, word: &str) -> bool {
        let all = self.counts.of(word);
        all >= COMMON_MIN && self.counts.with_capital(word) * 4 < all
    }

    /// In long texts, allows one more word at the ends for each twenty, if none of them is content.
    fn differs_at_ends_only(&self, a: Range, b: Range) -> bool {
        let (length_a, length_b) = (a.1 - a.0, b.1 - b.0);
        let (shorter, extra) = (length_a.min(length_b), length_a.abs_diff(length_b));
        if extra == 0 || extra * WORDS_PER_EXTRA > shorter {
            return false;
        }
        let longer_is_a = length_a > length_b;
        let (message, (from, to)) = if longer_is_a { (&self.a, a) } else { (&self.b, b) };
        (0..=extra).any(|before| {
            let inner = (from + before, from + before + shorter);
            let mut outside = (from..inner.0).chain(inner.1..to);
            outside.all(|index| self.content(message, index).is_none())
                && if longer_is_a { self.walk(inner, b) } else { self.walk(a, inner) }.is_ok()
        })
    }
}

/// The words before and after a message's core.
fn ends<'a>(message: &FoldedMessage<'a>) -> (Vec<&'a str>, Vec<&'a str>) {
    let words = |range: std::ops::Range<usize>| range.map(|index| message.word(index)).collect();
    (words(0..message.core.0), words(message.core.1..message.words.len()))
}

/// Whether two words have the same letters.
fn is_swap(a: &str, b: &str) -> bool {
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    sorted(a) == sorted(b)
}

/// Letters only, with the marks that some scripts put on them.
fn is_plain(word: &str) -> bool {
    word.chars().all(|c| {
        c.is_alphabetic() || (c > '\u{2FF}' && !('\u{2000}'..'\u{2C00}').contains(&c) && c < '\u{1F000}')
    })
}

fn is_joined(whole: &str, first: &str, second: &str) -> bool {
    whole.len() == first.len() + second.len()
        && whole.starts_with(first)
        && whole.ends_with(second)
        && whole.chars().all(char::is_alphabetic)
}

/// Whether one insertion, deletion, substitution or swap of neighbours turns one word into the other.
fn is_one_edit(a: &str, b: &str) -> bool {
    if a.len().abs_diff(b.len()) > 4 {
        return false;
    }
    if a.is_ascii() && b.is_ascii() {
        return is_one_edit_of(a.as_bytes(), b.as_bytes());
    }
    is_one_edit_of(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
}

fn is_one_edit_of<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let shared = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let (short, long) = (&short[shared..], &long[shared..]);
    match long.len() - short.len() {
        0 => match (short, long) {
            ([], []) => false,
            ([a, b, rest_a @ ..], [c, d, rest_b @ ..]) if a == d && b == c => rest_a == rest_b,
            _ => short[1..] == long[1..],
        },
        1 => short == &long[1..],
        _ => false,
    }
}
