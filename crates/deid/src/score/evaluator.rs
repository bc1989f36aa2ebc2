//! The computation of presidio-evaluator's `SpanEvaluator` (version 0.3), for figures that can be put beside its own.
//!
//! Its binary pass, by characters: a text is cut into words; a word is identifying if its first character lies in a
//! span; runs of identifying words are stretches, from the first to the last word that is not skipped; stretches with
//! nothing but skipped words between them are one. A marked stretch is found if what overlaps it, taken together,
//! covers enough of it; a found stretch counts once for each marked one that it overlaps, and once if there is none.

use std::collections::HashSet;
use std::ops::Range;

use crate::score::spans::Matches;
use crate::score::{Document, Mark};

/// Words that say nothing by themselves: they neither begin nor end a stretch, and do not part two.
#[derive(Clone, Debug)]
pub struct Skip(HashSet<String>);

/// A word of a text: its first character, how long it is in lower case, and whether it is skipped.
struct Word {
    start: usize,
    end: usize,
    length: usize,
    skipped_inside: bool,
    skipped_between: bool,
}

/// Words from one on, up to another; and characters.
#[derive(Clone, Copy)]
struct Stretch {
    words: (usize, usize),
    start: usize,
    end: usize,
}

impl Skip {
    /// The most frequent words of English without a meaning of their own, and punctuation.
    pub fn function_words() -> Self {
        const WORDS: &str = "a an and are as at be been but by for from had has have he her his i in is it its me my \
            not of on or our she so that the their them they this to was we were who will with you your";
        Self::new(WORDS.split_whitespace().map(str::to_owned))
    }

    /// These words, every single mark of ASCII punctuation, and blanks between words.
    pub fn new(words: impl IntoIterator<Item = String>) -> Self {
        let marks = (b'!'..=b'~').map(char::from).filter(char::is_ascii_punctuation).map(String::from);
        Self(words.into_iter().map(|word| word.to_lowercase()).chain(marks).chain([String::new()]).collect())
    }

    /// What matches at each of these overlaps.
    pub(super) fn matches<const N: usize>(
        &self,
        document: &Document<'_>,
        gold: &[Mark],
        found: &[Mark],
        least: [f64; N],
    ) -> [Matches; N] {
        let words = self.words(document);
        let (gold, found) = (self.stretches(&words, gold), self.stretches(&words, found));
        least.map(|least| matches(&gold, &found, least))
    }

    fn words(&self, document: &Document<'_>) -> Vec<Word> {
        let characters: Vec<char> = document.text.chars().collect();
        let own;
        let ranges = match document.words {
            Some(ranges) => ranges,
            None => {
                own = cut(&characters);
                &own
            }
        };
        let word = |range: &Range<usize>| {
            let end = range.end.min(characters.len());
            let lower = characters[range.start.min(end)..end].iter().collect::<String>().to_lowercase();
            Word {
                start: range.start,
                end: range.end,
                length: lower.chars().count(),
                skipped_inside: self.0.contains(&lower),
                skipped_between: self.0.contains(lower.trim()),
            }
        };
        ranges.iter().map(word).collect()
    }

    fn stretches(&self, words: &[Word], marks: &[Mark]) -> Vec<Stretch> {
        let ranges = apart(marks);
        let identifying: Vec<bool> =
            words.iter().map(|word| ranges.iter().any(|range| is_in(word, range))).collect();
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut from = 0;
        while let Some(first) = (from..words.len()).find(|at| identifying[*at]) {
            let end = (first..words.len()).find(|at| !identifying[*at]).unwrap_or(words.len());
            from = end;
            let mut telling = words[first..end].iter().filter(|word| !word.skipped_inside).peekable();
            let Some(start) = telling.peek().map(|word| word.start) else { continue };
            let last = telling.map(|word| word.start + word.length).max().unwrap_or(start);
            let stretch = Stretch { words: (first, end), start, end: last };
            match stretches.last_mut() {
                Some(before) if words[before.words.1..first].iter().all(|word| word.skipped_between) => {
                    before.words.1 = end;
                    before.end = before.end.max(last);
                }
                _ => stretches.push(stretch),
            }
        }
        stretches
    }
}

/// Runs of letters and digits, and each other character by itself, blanks left out.
fn cut(characters: &[char]) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut in_word = false;
    for (at, c) in characters.iter().enumerate() {
        match words.last_mut() {
            Some(word) if in_word && c.is_alphanumeric() => word.end = at + 1,
            _ if !c.is_whitespace() => words.push(at..at + 1),
            _ => {}
        }
        in_word = c.is_alphanumeric();
    }
    words
}

/// Whether a word belongs to a span: it begins in it, or the span lies within it.
fn is_in(word: &Word, span: &Range<usize>) -> bool {
    let within = |place: usize| word.start <= place && place <= word.end;
    (span.start <= word.start && word.start < span.end) || (within(span.start) && within(span.end))
}

/// The spans without what others of them cover, cut as the evaluator does for spans of equal confidence: the later one
/// wins, and a span that another one touches loses its last character.
fn apart(marks: &[Mark]) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = marks.iter().map(|mark| mark.start..mark.end).collect();
    spans.sort_by_key(|span| span.start);
    let mut at = 0;
    while at + 1 < spans.len() {
        for later in at + 1..spans.len() {
            let (one, other) = (spans[at].clone(), spans[later].clone());
            if one.start <= other.start && other.start <= one.end {
                if other.end < one.end {
                    spans.push(other.end + 1..one.end);
                }
                spans[at].end = other.start.saturating_sub(1);
            }
        }
        at += 1;
    }
    spans.sort_by_key(|span| span.start);
    spans
}

fn matches(gold: &[Stretch], found: &[Stretch], least: f64) -> Matches {
    let overlaps = |one: &Stretch, other: &Stretch| one.end.min(other.end) > one.start.max(other.start);
    let mut counts = Matches { gold: gold.len() as u64, ..Matches::default() };
    for marked in gold {
        let over: Vec<&Stretch> = found.iter().filter(|stretch| overlaps(marked, stretch)).collect();
        counts.found += u64::from(!over.is_empty());
        counts.right += u64::from(!over.is_empty() && share(marked, &over) >= least);
    }
    let alone = |stretch: &&Stretch| !gold.iter().any(|marked| overlaps(marked, stretch));
    counts.found += found.iter().filter(alone).count() as u64;
    counts
}

/// Intersection over union of one stretch with others.
///
/// Of several, the evaluator counts the first and the marked stretch with one character more, and the others one
/// character early; so do we.
fn share(marked: &Stretch, over: &[&Stretch]) -> f64 {
    if let [only] = over {
        let shared = marked.end.min(only.end) - marked.start.max(only.start);
        return shared as f64 / (marked.end.max(only.end) - marked.start.min(only.start)) as f64;
    }
    let mut characters: Vec<usize> = Vec::new();
    for (at, stretch) in over.iter().enumerate() {
        let range = if at == 0 {
            stretch.start..stretch.end + 1
        } else {
            stretch.start.saturating_sub(1)..stretch.end
        };
        characters.extend(range);
    }
    characters.sort_unstable();
    characters.dedup();
    let shared = characters.iter().filter(|at| (marked.start..=marked.end).contains(*at)).count();
    shared as f64 / (marked.end + 1 - marked.start + characters.len() - shared) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Branch;

    /// Marks at the places that brackets enclose, and the text without them.
    fn marked(text: &str) -> (String, Vec<Mark>) {
        let (mut plain, mut marks, mut start) = (String::new(), Vec::new(), 0);
        for c in text.chars() {
            let at = plain.chars().count();
            match c {
                '[' => start = at,
                ']' => marks.push(Mark { start, end: at, branch: Branch::Person }),
                _ => plain.push(c),
            }
        }
        (plain, marks)
    }

    fn compared(gold: &str, found: &str, least: f64) -> [u64; 3] {
        let ((text, gold), (same, found)) = (marked(gold), marked(found));
        assert_eq!(text, same);
        let document = Document { text: &text, words: None, gold: &gold, found: &found };
        let [counts] = Skip::function_words().matches(&document, &gold, &found, [least]);
        [counts.gold, counts.found, counts.right]
    }

    #[test]
    fn stretches_with_only_skipped_words_between_are_one() {
        assert_eq!(compared("[Ada], [Bo] met [Cy]", "[Ada, Bo] met [Cy]", 0.75), [2, 2, 2]);
        assert_eq!(
            compared("in [the Alps]", "in the [Alps]", 1.0),
            [1, 1, 1],
            "a skipped word does not begin one"
        );
        assert_eq!(compared("in [the]", "in the", 0.5), [0, 0, 0], "nor is it one");
    }

    #[test]
    fn a_found_stretch_counts_for_each_marked_one_it_overlaps() {
        // 3 of 8 characters, and 2 of 8.
        assert_eq!(compared("[Ada] xx [Bo]", "[Ada xx Bo]", 0.5), [2, 2, 0]);
        assert_eq!(compared("[Ada] xx Bo", "Ada xx [Bo]", 0.5), [1, 1, 0]);
    }

    #[test]
    fn several_found_stretches_are_taken_together() {
        // Marked 0..=15; found 0..=6 and 10..15: 7 + 5 of 16 characters.
        assert_eq!(compared("[Ada Li xxx Bora]", "[Ada Li] xxx [Bora]", 0.75), [1, 1, 1]);
        assert_eq!(compared("[Ada Li xxx Bora]", "[Ada Li] xxx [Bora]", 0.76), [1, 1, 0]);
    }

    #[test]
    fn words_are_whole_even_where_marks_are_not() {
        assert_eq!(compared("[Adamant]", "[Ada]mant", 1.0), [1, 1, 1]);
        assert_eq!(
            compared("[Adamant x]", "Ada[mant x]", 0.5),
            [1, 1, 0],
            "a word is marked where it begins"
        );
        assert_eq!(compared("[Adamant]", "A[da]mant", 1.0), [1, 1, 1], "or where it holds the whole mark");
    }

    #[test]
    fn given_words_are_used() {
        let words = [0..3, 3..8];
        let gold = [Mark { start: 0, end: 8, branch: Branch::Person }];
        let found = [Mark { start: 0, end: 3, branch: Branch::Person }];
        let skip = Skip::function_words();
        let right = |words| {
            let document = Document { text: "AdaLouisa", words, gold: &gold, found: &found };
            skip.matches(&document, &gold, &found, [0.5])[0].right
        };
        assert_eq!((right(None), right(Some(words.as_slice()))), (1, 0));
    }
}
