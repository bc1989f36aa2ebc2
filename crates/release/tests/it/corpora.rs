//! Real text to measure on. It is not part of the project: what needs it says so and skips when it is absent.

use std::{collections::BTreeSet, path::PathBuf};

/// Base turns of one corpus, unique as written, in a fixed order; `None` where the corpus is absent.
pub(crate) fn turns(corpus: Corpus) -> Option<Vec<String>> {
    let (folder, file) = match corpus {
        Corpus::TaskTrain => ("a10_sgd_task_dialogues", "sgd-train.jsonl.zst"),
        Corpus::TaskTest => ("a10_sgd_task_dialogues", "sgd-test.jsonl.zst"),
        Corpus::Assistant => ("a01_oasst1_en_fi", "oasst1-en-train-messages-with-fi.jsonl.zst"),
    };
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "..", "..", "..", "shared", "corpora", folder, file].iter().collect();
    let bytes = std::fs::read(path).ok()?;
    let text = String::from_utf8(zstd::decode_all(bytes.as_slice()).ok()?).ok()?;
    let mut unique = BTreeSet::new();
    for line in text.split('\n').filter(|line| !line.is_empty()) {
        let row: serde_json::Value = serde_json::from_str(line).ok()?;
        let of_turns =
            row["turns"].as_array().into_iter().flatten().filter_map(|turn| turn["utterance"].as_str());
        let of_row = row["text_en"].as_str().filter(|text| text.len() <= SHORT_BYTES_MAX);
        unique.extend(of_turns.chain(of_row).filter(|text| !text.trim().is_empty()).map(str::to_owned));
    }
    Some(unique.into_iter().collect())
}

/// Longest message of the assistant corpus that counts as a short turn, in bytes.
const SHORT_BYTES_MAX: usize = 400;

/// Which text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Corpus {
    /// Crowd-written task dialogues, training split: rules were chosen on this one alone.
    TaskTrain,
    /// The same, test split.
    TaskTest,
    /// Short messages to and from assistants, another domain: looked at for the report only. The file has no
    /// roles, so people's turns as prompters and as assistants are both in.
    Assistant,
}
