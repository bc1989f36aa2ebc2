//! A text cut where something was found or missed.

use std::ops::Range;

use candor_deid::score::{Branch, Mark};

/// What a stretch of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Nothing marked and nothing found.
    Plain,
    /// The found span with this number.
    Found(usize),
    /// Marked, with letters or digits that nothing found hides.
    Missed(Branch),
}

/// The stretches of a text, in order, by bytes; together they are the text. `found` is sorted and disjoint.
pub(super) fn segments(text: &str, found: &[Range<usize>], gold: &[Mark]) -> Vec<(Range<usize>, What)> {
    let mut segments = Vec::new();
    let mut from = 0;
    let missed = by_bytes(text, gold);
    let ends = found.iter().cloned().enumerate().chain([(found.len(), text.len()..text.len())]);
    for (number, span) in ends {
        between(text, from..span.start, &missed, &mut segments);
        if !span.is_empty() {
            segments.push((span.clone(), What::Found(number)));
        }
        from = span.end;
    }
    segments
}

/// Cuts a stretch in which nothing was found.
fn between(
    text: &str,
    stretch: Range<usize>,
    missed: &[(Range<usize>, Branch)],
    segments: &mut Vec<(Range<usize>, What)>,
) {
    let mut from = stretch.start;
    for (range, branch) in missed {
        let left = range.start.max(from)..range.end.min(stretch.end);
        let tells = left.start < left.end && text[left.clone()].contains(char::is_alphanumeric);
        if !tells {
            continue;
        }
        if from < left.start {
            segments.push((from..left.start, What::Plain));
        }
        from = left.end;
        segments.push((left, What::Missed(*branch)));
    }
    if from < stretch.end {
        segments.push((from..stretch.end, What::Plain));
    }
}

/// Marks by bytes, in order.
fn by_bytes(text: &str, marks: &[Mark]) -> Vec<(Range<usize>, Branch)> {
    let mut offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    offsets.push(text.len());
    let byte = |character: usize| offsets[character.min(offsets.len() - 1)];
    let mut ranges: Vec<_> =
        marks.iter().map(|mark| (byte(mark.start)..byte(mark.end), mark.branch)).collect();
    ranges.sort_by_key(|(range, _)| range.start);
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, found: &[Range<usize>], gold: &[(usize, usize)]) -> String {
        let mark = |(start, end): &(usize, usize)| Mark { start: *start, end: *end, branch: Branch::Person };
        let gold: Vec<Mark> = gold.iter().map(mark).collect();
        let tell = |(range, what): (Range<usize>, What)| match what {
            What::Plain => text[range].to_owned(),
            What::Found(number) => format!("<{number}:{}>", &text[range]),
            What::Missed(_) => format!("!{}!", &text[range]),
        };
        segments(text, found, &gold).into_iter().map(tell).collect()
    }

    #[test]
    fn what_nothing_hides_of_a_marked_span_is_missed() {
        assert_eq!(
            told("é Ada Lovelace, Bo", &[3..6, 17..19], &[(2, 14), (16, 18)]),
            "é <0:Ada>! Lovelace!, <1:Bo>"
        );
        assert_eq!(told("Ada, Bo.", &[0..3, 5..7], &[(0, 8)]), "<0:Ada>, <1:Bo>.");
        assert_eq!(told("Ada", &[], &[]), "Ada");
        assert_eq!(told("Ada Bo", &[], &[(0, 6), (4, 6)]), "!Ada Bo!");
        assert_eq!(told("", &[], &[]), "");
    }
}
