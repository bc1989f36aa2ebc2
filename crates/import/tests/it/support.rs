//! Builds sources in a temporary folder and reads them whole.

use std::io::Write;
use std::path::{Path, PathBuf};

use candor_conversation::Conversation;
use candor_import::{Failure, Item, Limits, Reader};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

/// What a whole run gave.
pub(crate) struct Outcome {
    pub(crate) items: Vec<Item>,
    pub(crate) ignored: Vec<(String, &'static str)>,
}

impl Outcome {
    pub(crate) fn conversations(&self) -> Vec<&Conversation> {
        self.items
            .iter()
            .filter_map(|item| match item {
                Item::Conversation(conversation) => Some(&**conversation),
                Item::Failure(_) => None,
            })
            .collect()
    }

    pub(crate) fn failures(&self) -> Vec<&Failure> {
        self.items
            .iter()
            .filter_map(|item| match item {
                Item::Failure(failure) => Some(failure),
                Item::Conversation(_) => None,
            })
            .collect()
    }

    /// The codes of all failures, in order.
    pub(crate) fn codes(&self) -> Vec<&'static str> {
        self.failures().iter().map(|failure| failure.reason.code()).collect()
    }
}

pub(crate) fn read_with(path: &Path, limits: Limits) -> Outcome {
    let mut reader = Reader::open(&[path.to_owned()], limits).unwrap();
    let mut items = Vec::new();
    let mut read = 0;
    while let Some(batch) = reader.next_batch().unwrap() {
        assert!(batch.bytes_read >= read, "progress went back");
        read = batch.bytes_read;
        items.extend(batch.items);
    }
    assert!(read <= reader.total_bytes());
    let ignored = reader.ignored().iter().map(|file| (file.file.to_string(), file.reason.code())).collect();
    Outcome { items, ignored }
}

pub(crate) fn read(path: &Path) -> Outcome {
    read_with(path, Limits::default())
}

/// A folder with one file of these bytes.
pub(crate) fn file(name: &str, bytes: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// Reads one file of these bytes.
pub(crate) fn read_bytes(bytes: impl AsRef<[u8]>) -> Outcome {
    let (_folder, path) = file("log.jsonl", bytes);
    read(&path)
}

/// A zip archive of these entries.
pub(crate) fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

pub(crate) fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstandard(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 3).unwrap()
}

/// A record of two messages, which differs for each number.
pub(crate) fn record(number: usize) -> String {
    format!(
        r#"{{"user":"u{}","messages":[{{"role":"user","content":"question {number}"}},{{"role":"assistant","content":"answer"}}]}}"#,
        number % 7
    )
}

pub(crate) fn records(count: usize) -> String {
    (0..count).map(|number| record(number) + "\n").collect()
}

/// A row of an OASST file.
pub(crate) fn row(tree: &str, id: &str, parent: Option<&str>) -> String {
    let value = serde_json::json!({
        "message_id": id, "parent_id": parent, "message_tree_id": tree, "user_id": format!("author-{id}"),
        "created_date": "2023-02-07T17:29:24+00:00", "text": format!("text of {id}"), "deleted": false,
        "role": if parent.is_none() { "prompter" } else { "assistant" },
    });
    value.to_string() + "\n"
}
