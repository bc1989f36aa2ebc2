//! What is known of a sampled row from before it was de-identified: digests and counts, no text.

use std::collections::BTreeMap;

use candor_conversation::Message;
use candor_deid::{Engine, IdentifierKind, Span};

use super::capture::Finds;
use super::second::{self, overlap};
use super::survive::{Removed, removed};
use super::unique;
use crate::dedup::keyed::sip;

/// Of one row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    /// Values that were replaced.
    pub(crate) removed: Vec<Removed>,
    /// Finds of both detectors, by kind.
    pub(crate) finds: BTreeMap<IdentifierKind, Finds>,
    /// Indirect clues in what people wrote: sort and digest of the value.
    pub(crate) clues: Vec<(usize, u64)>,
}

/// Looks at a row as it was written, with what became of it. `wide` finds every kind, whatever the release replaces.
pub(crate) fn of_row(
    key: [u64; 2],
    wide: &Engine,
    row: &[Message],
    replaced: &[Vec<(Span, String)>],
) -> Evidence {
    let mut evidence = Evidence::default();
    for (message, replaced) in row.iter().zip(replaced) {
        let text = &message.content;
        let spans: Vec<&Span> = replaced.iter().map(|(span, _)| span).collect();
        for span in &spans {
            let covered = text.get(span.range.clone()).unwrap_or_default();
            evidence.removed.extend(removed(key, span.kind, covered));
        }
        compare(&spans, &second::find(text), &mut evidence.finds);
        if crate::origin::is_person(message) {
            evidence.clues.extend(clues(key, wide, text));
        }
    }
    evidence.removed.sort_unstable();
    evidence.removed.dedup();
    evidence
}

/// Counts what each detector found. Where both did, the engine says of what kind it is.
fn compare(spans: &[&Span], second: &[second::Find], finds: &mut BTreeMap<IdentifierKind, Finds>) {
    let sure: Vec<&second::Find> = second.iter().filter(|find| !find.guessed).collect();
    for span in spans.iter().filter(|span| second::KINDS.contains(&span.kind)) {
        let both = sure.iter().any(|find| overlap(&find.range, &span.range));
        let counts = finds.entry(span.kind).or_default();
        counts.engine += 1;
        counts.both += u64::from(both);
    }
    for find in sure {
        let alone = !spans.iter().any(|span| overlap(&find.range, &span.range));
        finds.entry(find.kind).or_default().second_alone += u64::from(alone);
    }
}

/// The indirect clues in a text.
pub(crate) fn clues(key: [u64; 2], wide: &Engine, text: &str) -> Vec<(usize, u64)> {
    let spans = wide.detect(text);
    let clue = |span: &Span| {
        let sort = unique::sort(span.kind)?;
        let value = wide.canonical(span.kind, &text[span.range.clone()]);
        let words: Vec<u64> = value.bytes().map(u64::from).collect();
        Some((sort, sip(key, &words)))
    };
    spans.iter().filter_map(clue).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use candor_deid::Settings;

    #[test]
    fn finds_of_both_are_told_from_finds_of_one() {
        let engine = Engine::new(Settings::streamed());
        let row = vec![Message {
            role: "user".into(),
            content: "I am Maria Delgado, ada@lovelace.org, +44 20 7183 8750.".into(),
        }];
        let replaced = crate::stage::deidentify_row(&engine, &mut row.clone(), &[]);
        let evidence = of_row([3, 4], &engine, &row, &replaced.spans);
        let of = |kind| evidence.finds.get(&kind).copied().unwrap_or_default();
        assert_eq!(of(IdentifierKind::Email), Finds { engine: 1, both: 1, second_alone: 0 });
        assert_eq!(of(IdentifierKind::Phone), Finds { engine: 1, both: 1, second_alone: 0 });
        assert_eq!(of(IdentifierKind::Person), Finds { engine: 0, both: 0, second_alone: 1 });
        // The address by its words; the number by its words and by its digits.
        assert_eq!(evidence.removed.len(), 3);
    }
}
