//! Numbers as people write them: groups of digits with separators, cut out once and shown to each detector.

use std::net::Ipv4Addr;
use std::ops::Range;

use crate::detect::{bank, card, coordinates, dates, device, network, phone, postcode};
use crate::identifier::IdentifierKind as Kind;
use crate::scan::{Scan, Wanted, is_word};

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

    /// Whether each group is one digit, all with the same separator: `4 1 1 1`.
    pub(super) fn is_digit_by_digit(&self) -> bool {
        self.groups.len() >= DIGITS_MIN && self.groups.iter().all(|group| group.len() == 1)
    }

    /// The digits as numbers 0 to 9.
    pub(super) fn digits(&self, scan: &Scan<'_>) -> Vec<u8> {
        self.groups.iter().flat_map(|group| &scan.bytes[group.clone()]).map(|byte| byte - b'0').collect()
    }

    /// Whether one of these bytes, and nothing else, stands between each two groups.
    pub(super) fn separators_are(&self, scan: &Scan<'_>, accepted: &[u8]) -> bool {
        self.groups.windows(2).all(|pair| {
            matches!(&scan.bytes[pair[0].end..pair[1].start], [separator] if accepted.contains(separator))
        })
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
    let wanted = scan.wanted;
    if wanted.any(&[Kind::Date, Kind::BirthDate]) {
        dates::detect_phrase(scan, &phrase);
        dates::detect_time(scan, phrase.groups[phrase.groups.len() - 1].clone());
    }
    if wanted.has(Kind::Address) {
        postcode::detect_phrase(scan, &phrase);
    }
    if wanted.has(Kind::Coordinates) {
        coordinates::detect_phrase(scan, &phrase);
    }
    let digits: usize = phrase.groups.iter().map(Range::len).sum();
    if digits < 4 {
        return end;
    }
    if wanted.has(Kind::Ip) {
        network::detect_ipv4(scan, &phrase);
    }
    if digits >= DIGITS_MIN {
        detect_stretches(scan, &phrase);
    }
    end
}

fn detect_stretches(scan: &mut Scan<'_>, phrase: &Phrase) {
    let groups = phrase.groups.as_slice();
    let digit_by_digit =
        groups.len() > GROUPS_PER_IDENTIFIER_MAX && groups.iter().all(|group| group.len() == 1);
    if digit_by_digit {
        return detect_stretch(scan, phrase, groups);
    }
    for first in 0..groups.len() {
        for length in (1..=GROUPS_PER_IDENTIFIER_MAX.min(groups.len() - first)).rev() {
            detect_stretch(scan, phrase, &groups[first..first + length]);
        }
    }
}

fn detect_stretch(scan: &mut Scan<'_>, phrase: &Phrase, groups: &[Range<usize>]) {
    let stretch = Stretch { groups, range: groups[0].start..groups[groups.len() - 1].end };
    if !(DIGITS_MIN..=DIGITS_MAX).contains(&stretch.digit_count()) {
        return;
    }
    scan.note_work(stretch.range.len());
    if scan.wanted.has(Kind::Card) {
        card::detect(scan, &stretch);
    }
    if scan.wanted.has(Kind::NationalId) {
        bank::detect_ssn(scan, &stretch);
    }
    if scan.wanted.has(Kind::Device) {
        device::detect(scan, &stretch);
    }
    if scan.wanted.has(Kind::Phone) {
        phone::detect(scan, phrase, &stretch);
    }
}

/// The number that a few digits write, of at most five.
pub(super) fn value(scan: &Scan<'_>, digits: &Range<usize>) -> u32 {
    scan.bytes[digits.clone()].iter().take(5).fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
}

/// Numbers with as many digits as an identifier has, whatever stands around them.
///
/// Of each phrase the whole, the whole but its first or last group, and each group by itself.
pub(crate) fn bare(text: &str) -> Vec<(Range<usize>, Kind)> {
    let mut scan = Scan::new(text, &[], Wanted::ALL);
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

fn bare_kinds(scan: &Scan<'_>, stretch: &Stretch<'_>) -> Vec<Kind> {
    let digits = stretch.digit_count();
    let mut kinds = Vec::new();
    if phone::DIGITS.contains(&digits) {
        kinds.push(Kind::Phone);
    }
    if stretch.groups.len() == 4 && scan.text[stretch.range.clone()].parse::<Ipv4Addr>().is_ok() {
        kinds.push(Kind::Ip);
    }
    if digits == 9 {
        kinds.push(Kind::NationalId);
    }
    if (12..=19).contains(&digits) && card::luhn(&stretch.digits(scan)) {
        kinds.push(Kind::Card);
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
    if groups.last().is_some_and(|last| {
        is_word(scan.at(last.end))
            && !is_followed_by_time(scan, last.end)
            && !phone::has_extension(scan, last.end)
    }) {
        groups.pop();
    }
    Phrase { groups }
}

/// Whether a date ends here and its time begins: `2019-06-05T10:30`.
fn is_followed_by_time(scan: &Scan<'_>, end: usize) -> bool {
    scan.at(end) == b'T' && scan.at(end + 1).is_ascii_digit() && scan.at(end + 3) == b':'
}

/// Whether a number with a checksum stands apart: not inside a word, a decimal or a longer number.
pub(super) fn stands_apart(scan: &Scan<'_>, range: &Range<usize>) -> bool {
    let before = scan.before(range.start);
    let after = scan.at(range.end);
    let joined_before =
        is_word(before) || matches!(before, b'.' | b'-') && is_word(scan.before(range.start - 1));
    let joined_after = is_word(after) || matches!(after, b'.' | b'-') && is_word(scan.at(range.end + 1));
    !joined_before && !joined_after
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
