//! How much an engine finds, beside marks that people made: figures with intervals, nothing read and nothing printed.
//!
//! Marks go by characters, as the corpora count. A [`Score`] adds up documents:
//!
//! ```
//! use candor_deid::score::{Branch, Document, Mark, Score, Skip};
//!
//! let mark = |start, end| Mark { start, end, branch: Branch::Person };
//! let mut score = Score::new(vec![Branch::Person], Skip::function_words());
//! score.add(&Document {
//!     text: "Ada met Grace Hopper",
//!     words: None,
//!     gold: &[mark(0, 3), mark(8, 20)],
//!     found: &[mark(8, 20)],
//! });
//! assert_eq!(score.total.exact.recall().unwrap().value, 0.5);
//! assert_eq!((score.total.missed_wholly, score.documents_leaking), (1, 1));
//! ```

mod branch;
mod characters;
mod evaluator;
mod share;
mod spans;

use std::collections::BTreeMap;
use std::ops::Range;

pub use branch::{Branch, Foreign, foreign};
pub use evaluator::Skip;
pub use share::{Share, Sum};
pub use spans::Matches;

/// The least overlap, as intersection over union, that counts where spans need not be the same.
pub const OVERLAP_MIN: f64 = 0.5;
/// The overlap that the published figures of presidio-evaluator ask for.
pub const EVALUATOR_OVERLAP_MIN: f64 = 0.75;

/// A stretch of a text and what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its first character.
    pub start: usize,
    /// One past its last character.
    pub end: usize,
    /// What it holds.
    pub branch: Branch,
}

/// A text with the marks that people made and those that were found.
#[derive(Clone, Copy)]
pub struct Document<'a> {
    /// The text.
    pub text: &'a str,
    /// Its words, by characters; `None` takes runs of letters and digits, and each other character by itself.
    pub words: Option<&'a [Range<usize>]>,
    /// What people marked.
    pub gold: &'a [Mark],
    /// What was found, of any branch.
    pub found: &'a [Mark],
}

/// Figures over documents. Fields are sums; shares with intervals come from their methods.
#[derive(Clone, Debug)]
pub struct Score {
    branches: Vec<Branch>,
    skip: Skip,
    /// Documents.
    pub documents: u64,
    /// Documents in which people marked something.
    pub documents_marked: u64,
    /// Documents in which a letter or digit of something marked is left.
    pub documents_leaking: u64,
    /// Over all branches.
    pub total: Tally,
    /// As presidio-evaluator's `SpanEvaluator` counts, everything one type, at an overlap of [`OVERLAP_MIN`].
    pub evaluator_half: Matches,
    /// The same at [`EVALUATOR_OVERLAP_MIN`].
    pub evaluator: Matches,
    /// For each branch that is scored.
    pub by_branch: BTreeMap<Branch, Tally>,
    /// Spans found of branches that are not scored. They hide text, so they count where leaks are counted, and nowhere
    /// else.
    pub found_beside: u64,
}

/// Sums for one branch or all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Spans that are the same and of the same branch.
    pub exact: Matches,
    /// Spans of the same branch whose intersection over union is at least [`OVERLAP_MIN`].
    pub overlapping: Matches,
    /// Characters other than blanks, of marked spans: those that something found hides, whatever it was taken for.
    pub hidden: Sum,
    /// Characters other than blanks, of found spans: those that are marked.
    pub rightly_hidden: Sum,
    /// Marked spans that keep all their letters and digits.
    pub missed_wholly: u64,
    /// Marked spans that keep some of their letters and digits, but not all.
    pub missed_partly: u64,
}

impl Score {
    /// Nothing yet; of these branches, leaving out these words where the evaluator does.
    pub fn new(branches: Vec<Branch>, skip: Skip) -> Self {
        Self {
            by_branch: branches.iter().map(|branch| (*branch, Tally::default())).collect(),
            branches,
            skip,
            documents: 0,
            documents_marked: 0,
            documents_leaking: 0,
            total: Tally::default(),
            evaluator_half: Matches::default(),
            evaluator: Matches::default(),
            found_beside: 0,
        }
    }

    /// Adds a document.
    pub fn add(&mut self, document: &Document<'_>) {
        let scored = |mark: &&Mark| self.branches.contains(&mark.branch);
        let gold: Vec<Mark> = document.gold.iter().filter(scored).copied().collect();
        let found: Vec<Mark> = document.found.iter().filter(scored).copied().collect();
        self.documents += 1;
        self.documents_marked += u64::from(!gold.is_empty());
        self.found_beside += (document.found.len() - found.len()) as u64;
        let [half, usual] = self.skip.matches(document, &gold, &found, [OVERLAP_MIN, EVALUATOR_OVERLAP_MIN]);
        self.evaluator_half.add(half);
        self.evaluator.add(usual);
        let text = characters::Text::new(document.text);
        let hidden = text.covered(document.found);
        self.total.add(&text, &hidden, &gold, &found);
        for (branch, tally) in &mut self.by_branch {
            let of = |marks: &[Mark]| -> Vec<Mark> {
                marks.iter().filter(|mark| mark.branch == *branch).copied().collect()
            };
            tally.add(&text, &hidden, &of(&gold), &of(&found));
        }
        let leaks = gold.iter().any(|mark| text.left(mark, &hidden).0 > 0);
        self.documents_leaking += u64::from(leaks);
    }

    /// The share of marked documents in which something marked is left, in whole or in part.
    pub fn leaking(&self) -> Option<Share> {
        Share::of(self.documents_leaking, self.documents_marked)
    }
}

impl Tally {
    fn add(&mut self, text: &characters::Text, hidden: &[bool], gold: &[Mark], found: &[Mark]) {
        self.exact.add(spans::exact(gold, found));
        self.overlapping.add(spans::overlapping(gold, found, OVERLAP_MIN));
        let marked = text.covered(gold);
        for mark in gold {
            let (part, whole) = text.share(mark, hidden);
            self.hidden.add(part, whole);
            let (left, of) = text.left(mark, hidden);
            self.missed_wholly += u64::from(left > 0 && left == of);
            self.missed_partly += u64::from(left > 0 && left < of);
        }
        for mark in found {
            let (part, whole) = text.share(mark, &marked);
            self.rightly_hidden.add(part, whole);
        }
    }

    /// The share of marked spans that keep all their letters and digits.
    pub fn missed(&self) -> Option<Share> {
        Share::of(self.missed_wholly, self.exact.gold)
    }

    /// The share of marked spans that keep any letter or digit.
    pub fn leaking(&self) -> Option<Share> {
        Share::of(self.missed_wholly + self.missed_partly, self.exact.gold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(start: usize, end: usize, branch: Branch) -> Mark {
        Mark { start, end, branch }
    }

    #[test]
    fn figures_of_two_documents_are_those_computed_by_hand() {
        let mut score = Score::new(vec![Branch::Person, Branch::Email], Skip::function_words());
        // `Zoë Ruiz` is found up to the middle of its second word; the address is found as what it is not.
        score.add(&Document {
            text: "Zoë Ruiz: z@q.org, Linz",
            words: None,
            gold: &[mark(0, 8, Branch::Person), mark(10, 17, Branch::Email)],
            found: &[mark(0, 6, Branch::Person), mark(10, 17, Branch::Web), mark(19, 23, Branch::Person)],
        });
        score.add(&Document { text: "no one", words: None, gold: &[], found: &[] });
        assert_eq!((score.documents, score.documents_marked, score.documents_leaking), (2, 1, 1));
        assert_eq!(score.found_beside, 1);
        let total = score.total;
        assert_eq!(total.exact, Matches { gold: 2, found: 2, right: 0 });
        assert_eq!(total.overlapping, Matches { gold: 2, found: 2, right: 1 });
        // 7 letters of the name, 5 of them hidden; 7 characters of the address, all hidden.
        assert_eq!((total.hidden.part, total.hidden.whole), (12, 14));
        // 5 characters of the first found span are marked, the 4 of `Linz` are not.
        assert_eq!((total.rightly_hidden.part, total.rightly_hidden.whole), (5, 9));
        assert_eq!((total.missed_wholly, total.missed_partly), (0, 1));
        assert_eq!(score.by_branch[&Branch::Email].exact, Matches { gold: 1, found: 0, right: 0 });
        assert_eq!(
            score.by_branch[&Branch::Email].missed_wholly,
            0,
            "it is hidden, though as something else"
        );
        assert_eq!(score.by_branch[&Branch::Person].overlapping, Matches { gold: 1, found: 2, right: 1 });
    }
}
