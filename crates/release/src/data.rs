//! The data files of a release: Parquet with a `messages` column and a `weight`.
//!
//! Pages are compressed with gzip and values are plain or dictionary-encoded, so that any reader, and the small
//! verifier in Python's standard library, can read them. A file holds at most [`FILE_ROWS_MAX`] rows.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use arrow_array::{Array, ArrayRef, ListArray, RecordBatch, UInt32Array};
use arrow_schema::{DataType, Field, Schema};
use candor_conversation::Kind;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, GzipLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};

use crate::stage::messages_type;

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
    #[error("{path}: the columns are not messages and weight")]
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
    pub fn write(&mut self, messages: ListArray, weights: UInt32Array) -> Result<(), DataError> {
        let error = |source| parquet_error("write", &self.name, source);
        self.rows += messages.len();
        let columns: Vec<ArrayRef> = vec![Arc::new(messages), Arc::new(weights)];
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

/// Calls `visit` with the messages and weights of a data file, a batch at a time.
pub fn read<E: From<DataError>>(
    bytes: bytes::Bytes,
    name: &str,
    mut visit: impl FnMut(&ListArray, &UInt32Array) -> Result<(), E>,
) -> Result<(), E> {
    let error = |source| parquet_error("read", name, source);
    let columns = || DataError::Columns { path: name.to_owned() };
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(error)?;
    if builder.schema().fields().len() != 2 {
        return Err(columns().into());
    }
    for batch in builder.with_batch_size(1024).build().map_err(error)? {
        let batch = batch.map_err(|source| error(source.into()))?;
        let messages = batch.column_by_name("messages").and_then(|column| column.as_list_opt::<i32>());
        let weights = batch.column_by_name("weight");
        let weights = weights.and_then(|column| column.as_primitive_opt::<UInt32Type>());
        let (Some(messages), Some(weights)) = (messages, weights) else { return Err(columns().into()) };
        if weights.null_count() > 0 {
            return Err(columns().into());
        }
        visit(messages, weights)?;
    }
    Ok(())
}

fn schema() -> Arc<Schema> {
    Arc::new(Schema::new(vec![
        Field::new("messages", messages_type(), false),
        Field::new("weight", DataType::UInt32, false),
    ]))
}

fn file_error(doing: &'static str, path: &str, source: std::io::Error) -> DataError {
    DataError::File { doing, path: path.to_owned(), source }
}

fn parquet_error(doing: &'static str, path: &str, source: ParquetError) -> DataError {
    DataError::Parquet { doing, path: path.to_owned(), source }
}
