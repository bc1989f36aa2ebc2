//! Which found spans are the marked ones.

use crate::score::Mark;
use crate::score::share::Share;

/// How many spans there are, and how many were matched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// Marked spans.
    pub gold: u64,
    /// Found spans.
    pub found: u64,
    /// Marked spans that were found.
    pub right: u64,
}

impl Matches {
    pub(super) fn add(&mut self, other: Self) {
        self.gold += other.gold;
        self.found += other.found;
        self.right += other.right;
    }

    /// The share of found spans that are marked.
    pub fn precision(&self) -> Option<Share> {
        Share::of(self.right, self.found)
    }

    /// The share of marked spans that were found.
    pub fn recall(&self) -> Option<Share> {
        Share::of(self.right, self.gold)
    }

    /// The F measure; `beta` 2 counts recall four times.
    pub fn f(&self, beta: f64) -> Option<Share> {
        Share::f_measure(self.precision(), self.recall(), beta)
    }
}

/// Spans that are the same, branch included.
pub(super) fn exact(gold: &[Mark], found: &[Mark]) -> Matches {
    matches(gold, found, |mark, other| f64::from(u8::from(mark == other)), 1.0)
}

/// Spans of the same branch whose intersection over union is at least `least`, each matched at most once.
pub(super) fn overlapping(gold: &[Mark], found: &[Mark], least: f64) -> Matches {
    let overlap = |mark: &Mark, other: &Mark| {
        let shared = mark.end.min(other.end).saturating_sub(mark.start.max(other.start));
        let union = (mark.end - mark.start) + (other.end - other.start) - shared;
        if mark.branch == other.branch && union > 0 { shared as f64 / union as f64 } else { 0.0 }
    };
    matches(gold, found, overlap, least)
}

/// Gives each marked span the found span that fits best of those not given yet.
fn matches(gold: &[Mark], found: &[Mark], fit: impl Fn(&Mark, &Mark) -> f64, least: f64) -> Matches {
    let mut free = vec![true; found.len()];
    let mut right = 0;
    for mark in gold {
        let candidates = (0..found.len()).filter(|at| free[*at]).map(|at| (fit(mark, &found[at]), at));
        let best = candidates.filter(|(fit, _)| *fit >= least).max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, at)) = best {
            free[at] = false;
            right += 1;
        }
    }
    Matches { gold: gold.len() as u64, found: found.len() as u64, right }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Branch::{self, Email, Person};

    fn mark(start: usize, end: usize, branch: Branch) -> Mark {
        Mark { start, end, branch }
    }

    #[test]
    fn one_found_span_is_right_once() {
        let gold = [mark(0, 4, Person), mark(0, 4, Person)];
        assert_eq!(exact(&gold, &[mark(0, 4, Person)]), Matches { gold: 2, found: 1, right: 1 });
    }

    #[test]
    fn half_of_the_union_is_enough_and_less_is_not() {
        let right =
            |start, end, branch| overlapping(&[mark(10, 20, Person)], &[mark(start, end, branch)], 0.5).right;
        assert_eq!(right(10, 15, Person), 1, "5 of 10");
        assert_eq!(right(10, 14, Person), 0, "4 of 10");
        assert_eq!(right(5, 20, Person), 1, "10 of 15");
        assert_eq!(right(10, 20, Email), 0, "another branch");
    }

    #[test]
    fn the_best_fit_is_taken() {
        let gold = [mark(0, 10, Person), mark(10, 20, Person)];
        let found = [mark(0, 6, Person), mark(0, 10, Person)];
        assert_eq!(overlapping(&gold, &found, 0.5), Matches { gold: 2, found: 2, right: 1 });
    }

    #[test]
    fn precision_and_recall_are_shares_of_found_and_of_marked() {
        let matches = Matches { gold: 4, found: 2, right: 1 };
        assert_eq!(matches.precision().unwrap().value, 0.5);
        assert_eq!(matches.recall().unwrap().value, 0.25);
        assert!((matches.f(2.0).unwrap().value - 0.625 / 2.25).abs() < 1e-12);
    }
}
