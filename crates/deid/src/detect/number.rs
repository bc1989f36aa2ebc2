//! Numbers as people write them: groups of digits with separators, cut out once and shown to each detector.

use std::ops::Range;

use crate::detect::{bank, card, network, phone};
use crate::scan::{Scan, is_word};

/// The most groups of one phrase; a longer one is continued as the next.
const GROUPS_MAX: usize = 32;
/// The most groups that one identifier spans: a card in pairs of digits, a French phone number with its code.
const GROUPS_PER_IDENTIFIER_MAX: usize = 8;
/// The most bytes between two groups: `) `.
const SEPARATOR_BYTES_MAX: usize = 2;

/// A phrase such as `+44 (0)20 7183-8750` as its groups of digits.
pub(super) struct Phrase {
    /// The byte ranges of the groups of digits.
    pub(super) groups: Vec<Range<usize>>,
}

/// A stretch of consecutive groups of a phrase.
pub(super) struct Stretch<'p> {
    pub(super) groups: &'p [Range<usize>],
    /// From the first digit to behind the last.
    pub(super) range: Range<usize>,
}

impl Stretch<'_> {
    /// How many digits each group has.
    pub(super) fn shape(&self) -> Vec<usize> {
        self.groups.iter().map(Range::len).collect()
    }

    pub(super) fn digit_count(&self) -> usize {
        self.groups.iter().map(Range::len).sum()
    }

    /// The digits as numbers 0 to 9.
    pub(super) fn digits(&self, scan: &Scan<'_>) -> Vec<u8> {
        self.groups.iter().flat_map(|group| &scan.bytes[group.clone()]).map(|byte| byte - b'0').collect()
    }

    /// The separator, when the same single byte stands between all groups.
    pub(super) fn separator(&self, scan: &Scan<'_>) -> Option<u8> {
        let mut separators = self.groups.windows(2).map(|pair| &scan.bytes[pair[0].end..pair[1].start]);
        let first = separators.next()?;
        (first.len() == 1 && separators.all(|separator| separator == first)).then(|| first[0])
    }
}

/// Shows the phrase that starts at a digit to each detector; gives where the next phrase may begin.
pub(super) fn detect(scan: &mut Scan<'_>, start: usize) -> usize {
    let phrase = cut(scan, start);
    let Some(last) = phrase.groups.last() else { return start };
    let end = last.end;
    let digits: usize = phrase.groups.iter().map(Range::len).sum();
    if digits < 4 {
        return end;
    }
    network::detect_ipv4(scan, &phrase);
    for first in 0..phrase.groups.len() {
        for length in (1..=GROUPS_PER_IDENTIFIER_MAX.min(phrase.groups.len() - first)).rev() {
            let groups = &phrase.groups[first..first + length];
            let stretch = Stretch { groups, range: groups[0].start..groups[length - 1].end };
            if !(6..=19).contains(&stretch.digit_count()) {
                continue;
            }
            scan.note_work(stretch.range.len());
            card::detect(scan, &stretch);
            bank::detect_ssn(scan, &stretch);
            phone::detect(scan, &phrase, &stretch);
        }
    }
    end
}

fn cut(scan: &mut Scan<'_>, start: usize) -> Phrase {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut at = start;
    while groups.len() < GROUPS_MAX {
        let end = scan.run_end(at, usize::MAX, |byte| byte.is_ascii_digit());
        if end == at {
            break;
        }
        groups.push(at..end);
        at = scan.run_end(end, SEPARATOR_BYTES_MAX, |byte| {
            matches!(byte, b' ' | b'-' | b'.' | b'(' | b')' | b'/')
        });
        if at == end {
            break;
        }
    }
    // A last group that goes on in letters (`12 345kg`) is not a number of its own.
    if groups.last().is_some_and(|last| is_word(scan.at(last.end))) {
        groups.pop();
    }
    Phrase { groups }
}

/// Whether a number stands alone: not inside a word, a decimal, a price, a percentage or a path.
pub(super) fn stands_alone(scan: &Scan<'_>, range: &Range<usize>) -> bool {
    let before = scan.before(range.start);
    let after = scan.at(range.end);
    let joined_before = is_word(before)
        || matches!(before, b'$' | b'#' | b'=' | b'&' | b'%' | b'^' | b'*' | b'@')
        || matches!(before, b'.' | b'-' | b'/' | b',') && is_word(scan.before(range.start - 1));
    let joined_after = is_word(after)
        || matches!(after, b'%' | b'^' | b'*' | b'=' | b'@')
        || matches!(after, b'.' | b'-' | b'/' | b',') && is_word(scan.at(range.end + 1));
    !joined_before && !joined_after
}
