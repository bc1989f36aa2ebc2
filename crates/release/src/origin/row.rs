//! What a row of a release says of its origin, and the sums over rows that the manifest states.

use std::collections::BTreeMap;

use candor_conversation::Message;

use super::{Origin, Span, SpanKind, from_column, is_person, to_column};

/// Full sampling, in thousandths.
pub const SAMPLING_FULL: u32 = 1_000;
/// Most bytes of persons' turns in a row that its columns can state.
pub const ROW_BYTES_MAX: u64 = u32::MAX as u64;

/// What the columns of a row say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowOrigin {
    /// Bytes of persons' turns that are not shown to be pasted.
    pub human_bytes: u32,
    /// How often to draw the row in training, in thousandths.
    pub sampling_permille: u32,
    /// The spans about which something is known.
    pub column: String,
}

/// A row that contradicts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a row's `{0}` is not what its messages and spans give")]
pub struct InvalidRow(pub &'static str);

impl RowOrigin {
    /// States an origin; pasted bytes count `pasted_permille` thousandths when the row is drawn.
    pub fn new(origin: &Origin, pasted_permille: u32) -> Self {
        let (human, person) = (origin.human_bytes(), origin.person_bytes());
        Self {
            human_bytes: u32::try_from(human).unwrap_or(u32::MAX),
            sampling_permille: sampling(human, person, pasted_permille),
            column: to_column(&origin.spans),
        }
    }
}

/// Each byte counts: a human one fully, a pasted one so many thousandths; rounded half up.
fn sampling(human: u64, person: u64, pasted_permille: u32) -> u32 {
    if person == 0 {
        return SAMPLING_FULL;
    }
    let (human, person, pasted) = (u128::from(human), u128::from(person), u128::from(pasted_permille));
    let weighted = human * u128::from(SAMPLING_FULL) + (person - human.min(person)) * pasted;
    ((weighted + person / 2) / person) as u32
}

/// Sums over rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Bytes of persons' turns, by kind.
    pub bytes: BTreeMap<SpanKind, u64>,
    /// Spans, by kind; unknown ones are not counted.
    pub spans: BTreeMap<SpanKind, u64>,
}

impl Tally {
    /// Adds a row of which only messages and columns are there, once they agree.
    pub fn add_written(
        &mut self,
        messages: &[Message],
        row: &RowOrigin,
        pasted_permille: u32,
    ) -> Result<(), InvalidRow> {
        let spans = from_column(&row.column).map_err(|_| InvalidRow("origin"))?;
        check_spans(messages, &spans)?;
        let person: u64 = messages.iter().filter(|m| is_person(m)).map(|m| m.content.len() as u64).sum();
        let of = |spans: &mut dyn Iterator<Item = &Span>| spans.map(|span| span.bytes() as u64).sum::<u64>();
        let pasted = of(&mut spans.iter().filter(|span| span.kind.is_pasted()));
        if u64::from(row.human_bytes) != person - pasted {
            return Err(InvalidRow("human_bytes"));
        }
        if row.sampling_permille != sampling(person - pasted, person, pasted_permille) {
            return Err(InvalidRow("sampling_permille"));
        }
        for span in &spans {
            *self.bytes.entry(span.kind).or_default() += span.bytes() as u64;
            *self.spans.entry(span.kind).or_default() += 1;
        }
        *self.bytes.entry(SpanKind::Unknown).or_default() += person - of(&mut spans.iter());
        Ok(())
    }

    /// Adds the sums of other rows.
    pub fn merge(&mut self, other: &Tally) {
        for (sums, more) in [(&mut self.bytes, &other.bytes), (&mut self.spans, &other.spans)] {
            more.iter().for_each(|(kind, count)| *sums.entry(*kind).or_default() += count);
        }
    }
}

/// Spans lie in persons' turns, on characters, in order and apart.
fn check_spans(messages: &[Message], spans: &[Span]) -> Result<(), InvalidRow> {
    let mut before = (0, 0);
    for span in spans {
        let message = messages.get(span.message).filter(|message| is_person(message));
        let lies_in =
            message.is_some_and(|m| m.content.get(span.start..span.end).is_some_and(|t| !t.is_empty()));
        let follows = (span.message, span.start) >= before && span.kind != SpanKind::Unknown;
        if !lies_in || !follows {
            return Err(InvalidRow("origin"));
        }
        before = (span.message, span.end);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::Winnower;

    fn row() -> (Vec<Message>, RowOrigin) {
        let turn = |role: &str, content: &str| Message { role: role.into(), content: content.into() };
        let answer = "The tide turns about every six hours and a quarter on most coasts.";
        let messages = vec![turn("user", "Tides?"), turn("assistant", answer), turn("user", answer)];
        let origin = Winnower::new([1, 2]).trace(&messages, &[]);
        (messages, RowOrigin::new(&origin, 500))
    }

    #[test]
    fn a_row_that_was_traced_agrees_with_itself() {
        let (messages, row) = row();
        let mut tally = Tally::default();
        tally.add_written(&messages, &row, 500).unwrap();
        assert_eq!(row.human_bytes, 6);
        // 6 bytes in full and 66 by half, of 72.
        assert_eq!(row.sampling_permille, 542);
        assert_eq!(tally.bytes[&SpanKind::PastedFromAssistant], 66);
        assert_eq!(tally.bytes[&SpanKind::Unknown], 6);
    }

    #[test]
    fn what_does_not_agree_is_refused() {
        let (messages, row) = row();
        let refused = |row: RowOrigin| Tally::default().add_written(&messages, &row, 500).unwrap_err().0;
        assert_eq!(refused(RowOrigin { human_bytes: 7, ..row.clone() }), "human_bytes");
        assert_eq!(refused(RowOrigin { sampling_permille: 1_000, ..row.clone() }), "sampling_permille");
        let moved = row.column.replace("\"end\":66,\"kind", "\"end\":67,\"kind");
        assert_ne!(moved, row.column);
        assert_eq!(refused(RowOrigin { column: moved, human_bytes: 5, sampling_permille: 535 }), "origin");
        let of_the_model = row.column.replacen("\"message\":2", "\"message\":1", 1);
        assert_eq!(refused(RowOrigin { column: of_the_model, ..row }), "origin");
    }

    #[test]
    fn a_weight_of_one_changes_nothing_and_of_nothing_leaves_the_human_part() {
        assert_eq!(sampling(10, 40, SAMPLING_FULL), SAMPLING_FULL);
        assert_eq!(sampling(10, 40, 0), 250);
        assert_eq!(sampling(0, 0, 0), SAMPLING_FULL);
    }
}
