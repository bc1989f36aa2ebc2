//! Characters of spans: what is hidden of them and what is left.

use crate::score::Mark;

/// The characters of a text, by what they are.
pub(super) struct Text(Vec<Sort>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Blank,
    /// A letter or digit.
    Telling,
    Other,
}

impl Text {
    pub(super) fn new(text: &str) -> Self {
        let sort = |c: char| match c {
            c if c.is_whitespace() => Sort::Blank,
            c if c.is_alphanumeric() => Sort::Telling,
            _ => Sort::Other,
        };
        Self(text.chars().map(sort).collect())
    }

    /// For each character, whether a mark covers it.
    pub(super) fn covered(&self, marks: &[Mark]) -> Vec<bool> {
        let mut covered = vec![false; self.0.len()];
        for mark in marks {
            let end = mark.end.min(covered.len());
            covered[mark.start.min(end)..end].fill(true);
        }
        covered
    }

    /// How many characters of a mark other than blanks are covered, and how many there are.
    pub(super) fn share(&self, mark: &Mark, covered: &[bool]) -> (u64, u64) {
        self.count(mark, covered, |sort| sort != Sort::Blank)
    }

    /// How many letters and digits of a mark are not covered, and how many there are. A mark without any counts all
    /// its characters other than blanks.
    pub(super) fn left(&self, mark: &Mark, covered: &[bool]) -> (u64, u64) {
        let (hidden, whole) = match self.count(mark, covered, |sort| sort == Sort::Telling) {
            (_, 0) => self.share(mark, covered),
            counts => counts,
        };
        (whole - hidden, whole)
    }

    fn count(&self, mark: &Mark, covered: &[bool], counts: impl Fn(Sort) -> bool) -> (u64, u64) {
        let end = mark.end.min(self.0.len());
        let places = (mark.start.min(end)..end).filter(|place| counts(self.0[*place]));
        places.fold((0, 0), |(part, whole), place| (part + u64::from(covered[place]), whole + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Branch;

    #[test]
    fn punctuation_that_is_left_is_no_leak_and_blanks_do_not_count() {
        let text = Text::new("é Ruiz, 7!");
        let mark = |start, end| Mark { start, end, branch: Branch::Person };
        let covered = text.covered(&[mark(0, 1), mark(2, 6)]);
        assert_eq!(text.left(&mark(0, 7), &covered), (0, 5));
        assert_eq!(text.share(&mark(0, 7), &covered), (5, 6));
        assert_eq!(text.left(&mark(0, 10), &covered), (1, 6));
        assert_eq!(text.left(&mark(9, 10), &covered), (1, 1), "a mark of punctuation alone");
        assert_eq!(text.left(&mark(8, 99), &covered), (1, 1), "a mark beyond the text");
    }
}
