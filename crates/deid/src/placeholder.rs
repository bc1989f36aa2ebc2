//! Our own placeholders, such as `[EMAIL_1]`: written, and recognised so that they are never redacted again.

use std::ops::Range;

use crate::identifier::IdentifierKind;

/// The most digits that a placeholder's number has.
pub const NUMBER_DIGITS_MAX: usize = 9;

/// A placeholder that stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// Where it stands, in bytes.
    pub range: Range<usize>,
    /// What it stands for.
    pub kind: IdentifierKind,
    /// Which one of its kind.
    pub number: u32,
}

/// The placeholder of the `number`th identifier of a kind.
pub fn write(kind: IdentifierKind, number: u32) -> String {
    format!("[{}_{number}]", kind.placeholder_label())
}

/// Every placeholder in a text, in order.
pub fn find_all(text: &str) -> Vec<Placeholder> {
    memchr::memchr_iter(b'[', text.as_bytes()).filter_map(|at| read(text, at)).collect()
}

/// The non-empty stretches of a range that ordered, disjoint ranges in it leave over.
pub(crate) fn between<'r>(
    whole: Range<usize>,
    taken: impl Iterator<Item = &'r Range<usize>>,
) -> Vec<Range<usize>> {
    let mut gaps = Vec::new();
    let mut from = whole.start;
    for range in taken {
        if from < range.start {
            gaps.push(from..range.start);
        }
        from = range.end;
    }
    if from < whole.end {
        gaps.push(from..whole.end);
    }
    gaps
}

fn read(text: &str, at: usize) -> Option<Placeholder> {
    let inside = text.get(at + 1..)?;
    let kind = IdentifierKind::ALL.into_iter().find(|kind| {
        inside.strip_prefix(kind.placeholder_label()).is_some_and(|rest| rest.starts_with('_'))
    })?;
    let label_length = kind.placeholder_label().len() + 1;
    let digits = inside.as_bytes()[label_length..].iter().take(NUMBER_DIGITS_MAX + 1);
    let digits = digits.take_while(|byte| byte.is_ascii_digit()).count();
    let number = inside.get(label_length..label_length + digits)?.parse().ok()?;
    let end = at + 1 + label_length + digits;
    if digits > NUMBER_DIGITS_MAX || text.as_bytes().get(end) != Some(&b']') {
        return None;
    }
    Some(Placeholder { range: at..end + 1, kind, number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_placeholder_is_found_again() {
        for kind in IdentifierKind::ALL {
            let text = format!("a {} b", write(kind, 42));
            let range = 2..text.len() - 2;
            assert_eq!(find_all(&text), [Placeholder { range, kind, number: 42 }]);
        }
    }

    #[test]
    fn what_only_looks_like_a_placeholder_is_none() {
        for text in [
            "[EMAIL_]",
            "[EMAIL_1",
            "[EMAIL1]",
            "[email_1]",
            "[EMAIL_1234567890]",
            "[NAME_1]",
            "[",
            "[EMAIL_é]",
        ] {
            assert_eq!(find_all(text), [], "{text}");
        }
    }

    #[test]
    fn what_lies_between_ranges_is_given_where_it_is_not_empty() {
        assert_eq!(between(0..14, [1..7, 7..13].iter()), [0..1, 13..14]);
        assert!(between(0..6, std::iter::once(&(0..6))).is_empty());
    }
}
