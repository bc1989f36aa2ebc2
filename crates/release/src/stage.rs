//! The map stages of a build: Arrow arrays in, Arrow arrays out, each row on its own.
//!
//! They know nothing of the engine that runs them: `build` calls them in process, and a cluster can register
//! the same functions as user-defined functions. The same input gives the same output anywhere.
//!
//! A conversation is a `List<Struct<role: Utf8, content: Utf8>>`, the `messages` shape that readers of training
//! data expect.

use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, FixedSizeListBuilder, UInt64Builder};
use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, FixedSizeBinaryArray, FixedSizeListArray, ListArray, StringArray, StructArray,
    UInt32Array,
};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field, Fields};
use candor_conversation::{CanonicalBytes, Kind, Message, row_bytes, row_bytes_of};
use candor_deid::{Counts, Engine, IdentifierKind, Pseudonyms, Redacted, Span};
use candor_tlog::hash::leaf_hash;

use crate::dedup::{BANDS, Folded, Sketcher};
use crate::origin::{InvalidRow, RowOrigin, Tally};

/// Columns that are not the shape a stage expects.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// Not a list of role and content.
    #[error("`messages` is not a list of structs with the text columns role and content")]
    Messages,
    /// A row's columns contradict each other.
    #[error(transparent)]
    Row(#[from] InvalidRow),
    /// Arrow refused.
    #[error("arrow")]
    Arrow(#[from] arrow_schema::ArrowError),
}

impl StageError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            StageError::Messages | StageError::Row(_) => Kind::Corrupt,
            StageError::Arrow(_) => Kind::Internal,
        }
    }
}

/// The Arrow type of a `messages` column.
pub fn messages_type() -> DataType {
    DataType::List(Arc::new(Field::new("element", DataType::Struct(message_fields()), false)))
}

fn message_fields() -> Fields {
    Fields::from(vec![
        Field::new("role", DataType::Utf8, false),
        Field::new("content", DataType::Utf8, false),
    ])
}

/// Puts conversations into an array.
pub fn messages_array(rows: &[Vec<Message>]) -> Result<ListArray, StageError> {
    let all: Vec<&Message> = rows.iter().flatten().collect();
    let roles = StringArray::from_iter_values(all.iter().map(|message| &message.role));
    let contents = StringArray::from_iter_values(all.iter().map(|message| &message.content));
    let columns: Vec<ArrayRef> = vec![Arc::new(roles), Arc::new(contents)];
    let messages = StructArray::try_new(message_fields(), columns, None)?;
    let offsets = OffsetBuffer::from_lengths(rows.iter().map(Vec::len));
    let DataType::List(field) = messages_type() else { return Err(StageError::Messages) };
    Ok(ListArray::try_new(field, offsets, Arc::new(messages), None)?)
}

/// Takes conversations out of an array.
pub fn messages_of(array: &ListArray) -> Result<Vec<Vec<Message>>, StageError> {
    let columns = Columns::of(array)?;
    let message =
        |(role, content): (&str, &str)| Message { role: role.to_owned(), content: content.to_owned() };
    Ok((0..array.len()).map(|row| columns.row(row).map(message).collect()).collect())
}

/// The columns of a `messages` array, checked.
struct Columns<'a> {
    offsets: &'a [i32],
    roles: &'a StringArray,
    contents: &'a StringArray,
}

impl<'a> Columns<'a> {
    fn of(array: &'a ListArray) -> Result<Self, StageError> {
        let messages = array.values().as_struct_opt().ok_or(StageError::Messages)?;
        let text = |name: &str| {
            let column = messages.column_by_name(name).ok_or(StageError::Messages)?;
            column.as_string_opt::<i32>().ok_or(StageError::Messages)
        };
        let (roles, contents) = (text("role")?, text("content")?);
        if messages.null_count() + roles.null_count() + contents.null_count() + array.null_count() > 0 {
            return Err(StageError::Messages);
        }
        Ok(Self { offsets: array.value_offsets(), roles, contents })
    }

    /// Role and content of each message of a row.
    fn row(&self, row: usize) -> impl ExactSizeIterator<Item = (&'a str, &'a str)> + Clone + use<'a> {
        let (roles, contents) = (self.roles, self.contents);
        let messages = self.offsets[row] as usize..self.offsets[row + 1] as usize;
        messages.map(move |at| (roles.value(at), contents.value(at)))
    }
}

/// What was replaced in a row.
pub struct Deidentified {
    /// How many identifiers of each kind.
    pub counts: Counts,
    /// What was replaced in each message, in order, each with its placeholder.
    pub spans: Vec<Vec<(Span, String)>>,
}

/// Replaces identifiers by typed placeholders, consistent inside each conversation.
///
/// `known` holds for each row what its authors are called: searched for exactly.
pub fn deidentify(
    engine: &Engine,
    messages: &ListArray,
    known: &[Vec<&str>],
) -> Result<(ListArray, Vec<Deidentified>), StageError> {
    let mut rows = messages_of(messages)?;
    let known = known.iter().map(Vec::as_slice).chain(std::iter::repeat(&[][..]));
    let all = rows.iter_mut().zip(known).map(|(row, known)| deidentify_row(engine, row, known)).collect();
    Ok((messages_array(&rows)?, all))
}

/// The same for the messages of one conversation.
pub fn deidentify_row(engine: &Engine, row: &mut [Message], known: &[&str]) -> Deidentified {
    let mut all = Deidentified { counts: Counts::default(), spans: Vec::with_capacity(row.len()) };
    let redacted = redact_row(engine, row, known);
    for (message, redacted) in row.iter_mut().zip(redacted) {
        all.counts.merge(&redacted.counts);
        all.spans.push(redacted.replaced);
        message.content = redacted.text;
    }
    all
}

/// What becomes of the messages of one conversation, and what was replaced in them.
pub fn redact_row(engine: &Engine, row: &[Message], known: &[&str]) -> Vec<Redacted> {
    let mut pseudonyms = Pseudonyms::new();
    for called in known {
        let kind = if called.contains('@') { IdentifierKind::Email } else { IdentifierKind::Person };
        pseudonyms.know(kind, called);
    }
    let texts: Vec<&str> = row.iter().map(|message| message.content.as_str()).collect();
    pseudonyms.redact_texts(engine, &texts)
}

/// What de-duplication needs to know of conversations, each folded once.
pub struct Sketches {
    /// Keyed band hashes, for near-duplicate candidates.
    pub bands: FixedSizeListArray,
    /// Keyed digests of 16 bytes, equal for exact copies.
    pub digests: FixedSizeBinaryArray,
    /// The conversations without case, punctuation and spacing.
    pub folded: Vec<Folded>,
}

/// Sketches each conversation.
pub fn sketch(sketcher: &Sketcher, messages: &ListArray) -> Result<Sketches, StageError> {
    let folded: Vec<Folded> = messages_of(messages)?.iter().map(|row| Folded::new(row)).collect();
    let mut bands = FixedSizeListBuilder::new(UInt64Builder::new(), BANDS as i32);
    let mut digests = FixedSizeBinaryBuilder::with_capacity(folded.len(), 16);
    for row in &folded {
        bands.values().append_slice(&sketcher.bands(row));
        bands.append(true);
        digests.append_value(sketcher.digest(row).0)?;
    }
    Ok(Sketches { bands: bands.finish(), digests: digests.finish(), folded })
}

/// Rows as they are written: conversations, and what is known of each.
pub struct RowBatch {
    /// The conversations.
    pub messages: ListArray,
    /// How many candidates each stands for, itself included.
    pub weights: UInt32Array,
    /// Bytes of persons' turns that are not shown to be pasted.
    pub human_bytes: UInt32Array,
    /// How often to draw each in training, in thousandths.
    pub sampling_permille: UInt32Array,
    /// What is known of the origin of persons' turns (see [`crate::origin::to_column`]).
    pub origins: StringArray,
}

/// Puts rows together.
pub fn row_batch(
    rows: &[Vec<Message>],
    weights: UInt32Array,
    origins: &[RowOrigin],
) -> Result<RowBatch, StageError> {
    let number = |of: fn(&RowOrigin) -> u32| UInt32Array::from_iter_values(origins.iter().map(of));
    Ok(RowBatch {
        messages: messages_array(rows)?,
        weights,
        human_bytes: number(|origin| origin.human_bytes),
        sampling_permille: number(|origin| origin.sampling_permille),
        origins: StringArray::from_iter_values(origins.iter().map(|origin| &origin.column)),
    })
}

/// The sums over the origins of rows, each of which must agree with its messages.
pub fn tally(rows: &RowBatch, pasted_permille: u32) -> Result<Tally, StageError> {
    let mut tally = Tally::default();
    for (row, messages) in messages_of(&rows.messages)?.iter().enumerate() {
        let origin = RowOrigin {
            human_bytes: rows.human_bytes.value(row),
            sampling_permille: rows.sampling_permille.value(row),
            column: rows.origins.value(row).to_owned(),
        };
        tally.add_written(messages, &origin, pasted_permille)?;
    }
    Ok(tally)
}

/// What was said in a row as one hash: the same however many copies the row stands for, and whatever is known of it.
pub(crate) fn said_hash(messages: &[Message]) -> [u8; 32] {
    leaf_hash(&row_bytes(messages, 1)).0
}

/// The row tree's leaf of each row.
pub fn leaves(rows: &RowBatch) -> Result<FixedSizeBinaryArray, StageError> {
    let mut builder = FixedSizeBinaryBuilder::with_capacity(rows.messages.len(), 32);
    let columns = Columns::of(&rows.messages)?;
    for row in 0..rows.messages.len() {
        let mut bytes = CanonicalBytes::new("candor-row-2");
        bytes.field(&row_bytes_of(columns.row(row), rows.weights.value(row)));
        bytes.number(u64::from(rows.human_bytes.value(row)));
        bytes.number(u64::from(rows.sampling_permille.value(row)));
        bytes.field(rows.origins.value(row).as_bytes());
        builder.append_value(leaf_hash(&bytes.into_bytes()).0)?;
    }
    Ok(builder.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversation(texts: &[&str]) -> Vec<Message> {
        texts.iter().map(|text| Message { role: "user".into(), content: (*text).into() }).collect()
    }

    #[test]
    fn conversations_survive_the_trip_through_arrow() {
        let rows = vec![conversation(&["a", "b"]), conversation(&[]), conversation(&["c"])];
        assert_eq!(messages_of(&messages_array(&rows).unwrap()).unwrap(), rows);
    }

    #[test]
    fn the_same_address_gets_the_same_placeholder_through_a_conversation() {
        let engine = Engine::new(candor_deid::Settings::release());
        let rows = vec![conversation(&["I am a@example.org", "b@example.org and a@example.org"])];
        let (array, replaced) = deidentify(&engine, &messages_array(&rows).unwrap(), &[]).unwrap();
        let expected = vec![conversation(&["I am [EMAIL_1]", "[EMAIL_2] and [EMAIL_1]"])];
        assert_eq!(messages_of(&array).unwrap(), expected);
        assert_eq!(replaced.iter().map(|row| row.counts.total()).collect::<Vec<_>>(), [3]);
    }
}
