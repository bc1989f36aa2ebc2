//! The second detector: what a person with a pencil would mark, in as few rules as that.
//!
//! It shares no code, list or model with `candor-deid`, because only detectors that miss different things can say what
//! both miss. A find is sure where a form or a word beside it says what it is, and a guess where it only looks so.

use std::ops::Range;

use candor_deid::IdentifierKind;

mod names;
mod numbers;

/// Something that may be an identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Find {
    /// Where, in bytes.
    pub range: Range<usize>,
    /// What sort.
    pub kind: IdentifierKind,
    /// Whether it only looks so.
    pub guessed: bool,
}

/// The kinds that it finds; of others it says nothing.
pub const KINDS: [IdentifierKind; 8] = [
    IdentifierKind::Secret,
    IdentifierKind::Email,
    IdentifierKind::Card,
    IdentifierKind::Iban,
    IdentifierKind::NationalId,
    IdentifierKind::Ip,
    IdentifierKind::Phone,
    IdentifierKind::Person,
];

/// What it finds in a text, in order, without overlaps; never in a placeholder.
pub fn find(text: &str) -> Vec<Find> {
    let mut finds = numbers::emails(text);
    finds.extend(numbers::numbers(text));
    finds.extend(numbers::secrets(text));
    finds.extend(names::names(text));
    finds.sort_by_key(|find| (find.range.start, find.guessed, std::cmp::Reverse(find.range.end)));
    let mut end = 0;
    finds.retain(|find| {
        let free = find.range.start >= end;
        if free {
            end = find.range.end;
        }
        free
    });
    let ours: Vec<Range<usize>> =
        candor_deid::placeholder::find_all(text).into_iter().map(|found| found.range).collect();
    finds.retain(|find| !ours.iter().any(|ours| overlap(ours, &find.range)));
    finds
}

/// Whether two stretches share something.
pub(crate) fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> Vec<String> {
        let shown = |find: Find| {
            let guess = if find.guessed { "?" } else { "" };
            format!("{}{guess} {}", find.kind.placeholder_label(), &text[find.range])
        };
        find(text).into_iter().map(shown).collect()
    }

    #[test]
    fn forms_are_found_and_their_look_alikes_are_not() {
        assert_eq!(found("mail a.b@c.example.org, or @home"), ["EMAIL a.b@c.example.org"]);
        assert_eq!(found("card 4111 1111 1111 1111 not 4111 1111 1111 1112"), ["CARD 4111 1111 1111 1111"]);
        assert_eq!(
            found("at +44 20 7183 8750 or (212) 736-5000."),
            ["PHONE +44 20 7183 8750", "PHONE (212) 736-5000"]
        );
        assert_eq!(found("IBAN GB82 WEST 1234 5698 7654 32 here"), ["IBAN GB82 WEST 1234 5698 7654 32"]);
        assert_eq!(
            found("ssn 460-89-9847, from 93.184.216.34, not 127.0.0.1"),
            ["NATIONAL_ID 460-89-9847", "IP 93.184.216.34"]
        );
        assert_eq!(found("In 2024-01-02 version 1.2.3 of order 12345"), [""; 0]);
        assert_eq!(
            found("id 123e4567-e89b-12d3-a456-426614174000, sha 9f86d081884c7d659a2feaa0c55ad015"),
            [""; 0]
        );
        assert_eq!(found("token Zk3pQ8vLr2XwT9sYb6NdHc41"), ["SECRET Zk3pQ8vLr2XwT9sYb6NdHc41"]);
    }

    #[test]
    fn names_are_sure_beside_a_word_for_them_and_else_guesses() {
        assert_eq!(found("Ask Dr. Okonkwo or Mrs Jane Doe"), ["PERSON Okonkwo", "PERSON Jane Doe"]);
        assert_eq!(found("hello, my name is Thandiwe Nkosi and"), ["PERSON Thandiwe Nkosi"]);
        assert_eq!(
            found("then Maria Delgado and John Q. Public left"),
            ["PERSON Maria Delgado", "PERSON John Q. Public"]
        );
        assert_eq!(found("we met Xiulan Vasquez there"), ["PERSON? Xiulan Vasquez"]);
        assert_eq!(found("In May John will mark it. Will Power help?"), [""; 0]);
        assert_eq!(found("[PERSON_1] met [PERSON_2]. The United States"), [""; 0]);
    }

    proptest! {
        #[test]
        fn finds_are_in_order_and_on_bounds(text in "\\PC{0,200}") {
            let mut end = 0;
            for find in find(&text) {
                prop_assert!(find.range.start >= end && find.range.start < find.range.end);
                prop_assert!(text.get(find.range.clone()).is_some());
                end = find.range.end;
            }
        }

        #[test]
        fn numbers_of_any_shape_do_not_upset_it(text in "[0-9+(). @A-Z-]{0,120}") {
            let _ = find(&text);
        }
    }
}
