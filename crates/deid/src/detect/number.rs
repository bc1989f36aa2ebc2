//! Numbers as people write them: groups of digits with separators, cut out once and shown to each detector.

use std::net::Ipv4Addr;
use std::ops::Range;

use crate::detect::{bank, card, network, phone};
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_word};

/// The fewest digits of a number that is shown to the detectors, addresses of machines aside.
pub(super) const DIGITS_MIN: usize = 6;
/// The most digits of such a number: cards have up to 19.
const DIGITS_MAX: usize = 19;
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
            if !(DIGITS_MIN..=DIGITS_MAX).contains(&stretch.digit_count()) {
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

/// Numbers with as many digits as an identifier has, whatever stands around them.
///
/// Of each phrase the whole, the whole but its first or last group, and each group by itself.
pub(crate) fn bare(text: &str) -> Vec<(Range<usize>, IdentifierKind)> {
    let mut scan = Scan::new(text, &[]);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(digit) = text[at..].find(|c: char| c.is_ascii_digit()).map(|offset| at + offset) {
        let phrase = cut(&mut scan, digit);
        let groups = phrase.groups.as_slice();
        let Some(last) = groups.last() else {
            at = scan.run_end(digit, usize::MAX, |byte| byte.is_ascii_digit());
            continue;
        };
        at = last.end;
        let whole = [groups, &groups[1..], &groups[..groups.len() - 1]];
        let parts =
            whole.into_iter().filter(|groups| groups.len() > 1 && groups.len() <= GROUPS_PER_IDENTIFIER_MAX);
        for groups in parts.chain(groups.chunks(1)) {
            let stretch = Stretch { groups, range: groups[0].start..groups[groups.len() - 1].end };
            for kind in bare_kinds(&scan, &stretch) {
                found.push((stretch.range.clone(), kind));
            }
        }
    }
    found
}

fn bare_kinds(scan: &Scan<'_>, stretch: &Stretch<'_>) -> Vec<IdentifierKind> {
    let digits = stretch.digit_count();
    let mut kinds = Vec::new();
    if phone::DIGITS.contains(&digits) {
        kinds.push(IdentifierKind::Phone);
    }
    if stretch.groups.len() == 4 && scan.text[stretch.range.clone()].parse::<Ipv4Addr>().is_ok() {
        kinds.push(IdentifierKind::Ip);
    }
    if digits == 9 {
        kinds.push(IdentifierKind::NationalId);
    }
    if (12..=19).contains(&digits) && card::luhn(&stretch.digits(scan)) {
        kinds.push(IdentifierKind::Card);
    }
    kinds
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
