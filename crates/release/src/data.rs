//! The data files of a release: Parquet with `messages`, their `weight`, and where persons' turns come from.
//!
//! Pages are compressed with gzip and values are plain or dictionary-encoded, so that any reader, and the small
//! verifier in Python's standard library, can read them. A file holds at most [`FILE_ROWS_MAX`] rows.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use candor_conversation::Kind;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, GzipLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};

use crate::stage::{RowBatch, messages_type};

/// Most rows of one data file.
pub const FILE_ROWS_MAX: usize = 50_000;
const ROW_GROUP_ROWS_MAX: usize = 20_000;
const GZIP_LEVEL: u32 = 4;

/// Why a data file could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The file could not be opened, made or synced.
    #[error("{doing} {path}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Not Parquet, or damaged.
    #[error("{doing} {path}: not readable as Parquet")]
    Parquet {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: String,
        /// The cause.
        #[source]
        source: ParquetError,
    },
    /// Parquet, but not a release's.
    #[error("{path}: the columns are not messages, weight, human_bytes, sampling_permille and origin")]
    Columns {
        /// The file.
        path: String,
    },
}

impl DataError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            DataError::File { .. } => Kind::Unavailable,
            DataError::Parquet { doing: "write", .. } => Kind::Unavailable,
            DataError::Parquet { .. } | DataError::Columns { .. } => Kind::Invalid,
        }
    }
}

/// Writes one data file.
pub struct DataWriter {
    name: String,
    writer: ArrowWriter<File>,
    rows: usize,
}

impl DataWriter {
    /// Makes the file.
    pub fn create(path: &Path) -> Result<Self, DataError> {
        let name = path.display().to_string();
        let file = File::create(path).map_err(|source| file_error("make", &name, source))?;
        let level = GzipLevel::try_new(GZIP_LEVEL).map_err(|source| parquet_error("write", &name, source))?;
        let properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_compression(Compression::GZIP(level))
            .set_statistics_enabled(EnabledStatistics::None)
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS_MAX))
            .set_created_by("candor".into())
            .build();
        let writer = ArrowWriter::try_new(file, schema(), Some(properties))
            .map_err(|source| parquet_error("write", &name, source))?;
        Ok(Self { name, writer, rows: 0 })
    }

    /// Appends rows.
    pub fn write(&mut self, rows: RowBatch) -> Result<(), DataError> {
        let error = |source| parquet_error("write", &self.name, source);
        self.rows += rows.messages.len();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(rows.messages),
            Arc::new(rows.weights),
            Arc::new(rows.human_bytes),
            Arc::new(rows.sampling_permille),
            Arc::new(rows.origins),
        ];
        let batch = RecordBatch::try_new(schema(), columns).map_err(|e| error(e.into()))?;
        self.writer.write(&batch).map_err(error)
    }

    /// Rows written so far.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Completes the file; it lasts when this returns.
    pub fn finish(self) -> Result<(), DataError> {
        let Self { name, writer, .. } = self;
        let file = writer.into_inner().map_err(|source| parquet_error("write", &name, source))?;
        file.sync_all().map_err(|source| file_error("sync", &name, source))
    }
}

/// Calls `visit` with the rows of a data file, a batch at a time.
pub fn read<E: From<DataError>>(
    bytes: bytes::Bytes,
    name: &str,
    mut visit: impl FnMut(&RowBatch) -> Result<(), E>,
) -> Result<(), E> {
    let error = |source| parquet_error("read", name, source);
    let columns = || DataError::Columns { path: name.to_owned() };
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(error)?;
    if builder.schema().fields().len() != COLUMNS.len() {
        return Err(columns().into());
    }
    for batch in builder.with_batch_size(1024).build().map_err(error)? {
        let batch = batch.map_err(|source| error(source.into()))?;
        visit(&rows_of(&batch).ok_or_else(columns)?)?;
    }
    Ok(())
}

fn rows_of(batch: &RecordBatch) -> Option<RowBatch> {
    let [messages, weight, human_bytes, sampling_permille, origin] = COLUMNS;
    let number = |name| batch.column_by_name(name)?.as_primitive_opt::<UInt32Type>().cloned();
    let rows = RowBatch {
        messages: batch.column_by_name(messages)?.as_list_opt::<i32>()?.clone(),
        weights: number(weight)?,
        human_bytes: number(human_bytes)?,
        sampling_permille: number(sampling_permille)?,
        origins: batch.column_by_name(origin)?.as_string_opt::<i32>()?.clone(),
    };
    let nulls =
        rows.weights.null_count() + rows.human_bytes.null_count() + rows.sampling_permille.null_count();
    (nulls + rows.origins.null_count() == 0).then_some(rows)
}

/// The columns, in order.
const COLUMNS: [&str; 5] = ["messages", "weight", "human_bytes", "sampling_permille", "origin"];

fn schema() -> Arc<Schema> {
    let [messages, weight, human_bytes, sampling_permille, origin] = COLUMNS;
    Arc::new(Schema::new(vec![
        Field::new(messages, messages_type(), false),
        Field::new(weight, DataType::UInt32, false),
        Field::new(human_bytes, DataType::UInt32, false),
        Field::new(sampling_permille, DataType::UInt32, false),
        Field::new(origin, DataType::Utf8, false),
    ]))
}

fn file_error(doing: &'static str, path: &str, source: std::io::Error) -> DataError {
    DataError::File { doing, path: path.to_owned(), source }
}

fn parquet_error(doing: &'static str, path: &str, source: ParquetError) -> DataError {
    DataError::Parquet { doing, path: path.to_owned(), source }
}
