//! Segments: sealed Parquet files of pieces that expire together and whose authors share a bucket.
//!
//! What people said is in one file; the images, recordings and documents in it, if there are any, are in another one
//! beside it, which whoever reads text neither fetches nor checks. The first:
//!
//! | column | type | what |
//! |---|---|---|
//! | conversation | 16 bytes | keyed hash of the conversation's id |
//! | authors | binary | 16-byte author tags, one after the other, sorted |
//! | expires_day | int64 | day since 1970-01-01 on which the piece is dropped |
//! | turns, text_bytes | uint32 | how much is in it |
//! | wrapped_key, meta, text | binary | sealed |
//!
//! The second:
//!
//! | column | type | what |
//! |---|---|---|
//! | piece | uint32 | the row of the first file that it belongs to; ascending |
//! | file | large binary | sealed; those of a piece in the order that its sealed text tells |
//!
//! No statistics are written: minima and maxima of sealed bytes would only help someone who tampers.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt32Type};
use arrow_array::{
    ArrayRef, BinaryArray, FixedSizeBinaryArray, Int64Array, LargeBinaryArray, RecordBatch, UInt32Array,
};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use candor_conversation::Kind;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use crate::piece::{AuthorTag, SealedPiece};

/// Why a segment could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// The Parquet library refused.
    #[error("{doing} segment")]
    Parquet {
        /// What was being done.
        doing: &'static str,
        /// The cause.
        #[source]
        source: parquet::errors::ParquetError,
    },
    /// The file is not the one that was written.
    #[error("segment {0} is not what was written\nhint: bring it back from a copy; nothing of it was used")]
    Changed(String),
    /// The columns are not those of a segment.
    #[error("a segment's columns are not what was written")]
    Shape,
    /// A piece is to be written again of which only the text was read.
    #[error("a piece is to be written without its files")]
    WithoutFiles,
}

impl SegmentError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            SegmentError::WithoutFiles => Kind::Internal,
            SegmentError::Parquet { .. } | SegmentError::Changed(_) | SegmentError::Shape => Kind::Corrupt,
        }
    }
}

const TAG_BYTES: usize = 16;

/// The bytes of a segment's first file, and of its second one if its pieces have files.
pub(crate) fn write(pieces: &[SealedPiece]) -> Result<(Vec<u8>, Option<Vec<u8>>), SegmentError> {
    let files = files_batch(pieces)?.map(|batch| parquet_of(&batch)).transpose()?;
    Ok((parquet_of(&batch(pieces)?)?, files))
}

fn parquet_of(batch: &RecordBatch) -> Result<Vec<u8>, SegmentError> {
    let error = |source| SegmentError::Parquet { doing: "write", source };
    let properties = WriterProperties::builder()
        .set_compression(Compression::UNCOMPRESSED)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_created_by("candor".into())
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).map_err(error)?;
    writer.write(batch).map_err(error)?;
    writer.into_inner().map_err(error)
}

/// The pieces of a segment's first file, without their files.
pub(crate) fn read(bytes: Bytes) -> Result<Vec<SealedPiece>, SegmentError> {
    let mut pieces = Vec::new();
    each_batch(bytes, |batch| pieces_of(batch, &mut pieces))?;
    Ok(pieces)
}

/// Gives pieces their files, from the segment's second file if it has one.
pub(crate) fn read_files(bytes: Option<Bytes>, pieces: &mut [SealedPiece]) -> Result<(), SegmentError> {
    pieces.iter_mut().for_each(|piece| piece.files = Some(Vec::new()));
    bytes.map_or(Ok(()), |bytes| each_batch(bytes, |batch| files_of(batch, pieces)))
}

fn each_batch(bytes: Bytes, mut visit: impl FnMut(&RecordBatch) -> Option<()>) -> Result<(), SegmentError> {
    let error = |source| SegmentError::Parquet { doing: "read", source };
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(error)?.build().map_err(error)?;
    for batch in reader {
        let batch = batch.map_err(|source| SegmentError::Parquet { doing: "read", source: source.into() })?;
        visit(&batch).ok_or(SegmentError::Shape)?;
    }
    Ok(())
}

fn files_batch(pieces: &[SealedPiece]) -> Result<Option<RecordBatch>, SegmentError> {
    let mut rows: Vec<(u32, &[u8])> = Vec::new();
    for (number, piece) in (0..).zip(pieces) {
        let files = piece.files.as_ref().ok_or(SegmentError::WithoutFiles)?;
        rows.extend(files.iter().map(|file| (number, file.as_slice())));
    }
    if rows.is_empty() {
        return Ok(None);
    }
    let schema = Schema::new(vec![
        Field::new("piece", DataType::UInt32, false),
        Field::new("file", DataType::LargeBinary, false),
    ]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(UInt32Array::from_iter_values(rows.iter().map(|(number, _)| *number))),
        Arc::new(LargeBinaryArray::from_iter_values(rows.iter().map(|(_, file)| *file))),
    ];
    RecordBatch::try_new(Arc::new(schema), columns).map(Some).map_err(|_| SegmentError::Shape)
}

fn files_of(batch: &RecordBatch, pieces: &mut [SealedPiece]) -> Option<()> {
    let numbers = batch.column_by_name("piece")?.as_primitive_opt::<UInt32Type>()?;
    let files = batch.column_by_name("file")?.as_binary_opt::<i64>()?;
    for row in 0..batch.num_rows() {
        let piece = pieces.get_mut(numbers.value(row) as usize)?;
        piece.files.as_mut()?.push(files.value(row).to_vec());
    }
    Some(())
}

fn batch(pieces: &[SealedPiece]) -> Result<RecordBatch, SegmentError> {
    let conversations = FixedSizeBinaryArray::try_from_iter(pieces.iter().map(|piece| piece.conversation))
        .map_err(|_| SegmentError::Shape)?;
    let authors: Vec<Vec<u8>> =
        pieces.iter().map(|piece| piece.authors.iter().flat_map(|tag| tag.0).collect()).collect();
    let binary = |of: fn(&SealedPiece) -> &[u8]| -> ArrayRef {
        Arc::new(BinaryArray::from_iter_values(pieces.iter().map(of)))
    };
    let number = |of: fn(&SealedPiece) -> u32| -> ArrayRef {
        Arc::new(UInt32Array::from_iter_values(pieces.iter().map(of)))
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(conversations),
        Arc::new(BinaryArray::from_iter_values(authors)),
        Arc::new(Int64Array::from_iter_values(pieces.iter().map(|piece| piece.expires_day))),
        number(|piece| piece.turns),
        number(|piece| piece.text_bytes),
        binary(|piece| &piece.wrapped_key),
        binary(|piece| &piece.meta),
        binary(|piece| &piece.text),
    ];
    RecordBatch::try_new(schema(), columns).map_err(|_| SegmentError::Shape)
}

fn schema() -> Arc<Schema> {
    let binary = |name| Field::new(name, DataType::Binary, false);
    let count = |name| Field::new(name, DataType::UInt32, false);
    Arc::new(Schema::new(vec![
        Field::new("conversation", DataType::FixedSizeBinary(TAG_BYTES as i32), false),
        binary("authors"),
        Field::new("expires_day", DataType::Int64, false),
        count("turns"),
        count("text_bytes"),
        binary("wrapped_key"),
        binary("meta"),
        binary("text"),
    ]))
}

fn pieces_of(batch: &RecordBatch, pieces: &mut Vec<SealedPiece>) -> Option<()> {
    let binary = |name: &str| batch.column_by_name(name)?.as_binary_opt::<i32>();
    let count = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<UInt32Type>();
    let conversations = batch.column_by_name("conversation")?.as_fixed_size_binary_opt()?;
    let expires = batch.column_by_name("expires_day")?.as_primitive_opt::<Int64Type>()?;
    let (authors, turns, text_bytes) = (binary("authors")?, count("turns")?, count("text_bytes")?);
    let (wrapped_key, meta, text) = (binary("wrapped_key")?, binary("meta")?, binary("text")?);
    if conversations.value_length() as usize != TAG_BYTES {
        return None;
    }
    for row in 0..batch.num_rows() {
        let tags = authors.value(row).chunks(TAG_BYTES).map(|tag| tag.try_into().ok().map(AuthorTag));
        pieces.push(SealedPiece {
            conversation: conversations.value(row).try_into().ok()?,
            authors: tags.collect::<Option<_>>()?,
            expires_day: expires.value(row),
            turns: turns.value(row),
            text_bytes: text_bytes.value(row),
            wrapped_key: wrapped_key.value(row).to_vec(),
            meta: meta.value(row).to_vec(),
            text: text.value(row).to_vec(),
            files: None,
        });
    }
    Some(())
}
