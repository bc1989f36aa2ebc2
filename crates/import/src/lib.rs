//! Readers for chat logs and export files: files, folders and archives in, conversations out.
//!
//! It streams in bounded memory, tells formats apart by structure, and gives a reason for everything that it
//! cannot read. It knows nothing of consent and stores nothing; whoever calls it decides what may be kept.
//! A source is hostile until read: names that lead out of an archive, links, bombs, endless values and
//! damaged bytes cost themselves and nothing else.
//!
//! ```
//! use candor_import::{Item, Limits, Reader};
//!
//! let folder = tempfile::tempdir().unwrap();
//! let log = r#"{"user": "ada", "messages": [{"role": "user", "content": "What is a lichen?"}]}"#;
//! std::fs::write(folder.path().join("log.jsonl"), log).unwrap();
//!
//! let mut reader = Reader::open(&[folder.path().to_owned()], Limits::default()).unwrap();
//! let batch = reader.next_batch().unwrap().unwrap();
//! let Item::Conversation(conversation) = &batch.items[0] else { unreachable!() };
//! assert_eq!(conversation.turns()[0].author.as_deref(), Some("ada"));
//! assert!(reader.next_batch().unwrap().is_none());
//! ```

mod archive;
mod fields;
mod fold;
mod format;
mod limits;
mod open_trees;
mod reader;
mod reason;
mod scan;
mod source;
mod split;
mod stream;
mod walk;

pub use limits::{
    BATCH_BYTES, BATCH_VALUES, ENTRIES_MAX, EXPANDED_BYTES_MAX, EXPANDED_FLOOR_BYTES, EXPANDED_RATIO_MAX,
    FILES_MAX, FOLDER_DEPTH_MAX, Limits, NESTED_ARCHIVE_BYTES_MAX, OPEN_TREE_BYTES_MAX, OPEN_TREES_MAX,
    VALUE_BYTES_MAX,
};
pub use reader::{Batch, Item, Position, ReadError, Reader};
pub use reason::{Failure, Ignored, IgnoredReason, Reason, Source};
pub use source::{Fingerprint, OpenError, fingerprint};
