//! Real texts, typed and such as people paste, from the shared corpora.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::path::PathBuf;

use serde_json::Value;

/// Whether a person typed a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// As a turn to a model. Some of them hold pasted documents, which nobody has marked.
    AsTurn,
    /// By a volunteer in the place of a model.
    AsAnswer,
    /// Written by a model, or an article.
    No,
}

/// A text and where it comes from.
pub(crate) struct Text {
    pub(crate) source: &'static str,
    pub(crate) typed: Typed,
    pub(crate) text: String,
    /// In the half that is fitted on.
    pub(crate) is_dev: bool,
}

/// Every text, or `None` where the corpora are absent.
pub(crate) fn all() -> Option<Vec<Text>> {
    let mut texts = Vec::new();
    for row in lines("a01_oasst1_en_fi/en-validation.jsonl.zst")? {
        let is_turn = row["role"] == "prompter";
        let (source, typed) = if is_turn {
            ("turns, OASST1", Typed::AsTurn)
        } else {
            ("volunteers' answers, OASST1", Typed::AsAnswer)
        };
        texts.push(text(source, typed, (&row["message_tree_id"], &row["text"])));
    }
    for row in lines("a07_arena_koala_user_prompts/koala_test_set.jsonl.zst")? {
        texts.push(text("turns, Koala", Typed::AsTurn, (&row["id"], &row["prompt"])));
    }
    for file in ["arena-hard-v0.1", "arena-hard-v2.0"] {
        for row in lines(&format!("a07_arena_koala_user_prompts/{file}.question.jsonl.zst"))? {
            let said = if row["prompt"].is_string() { &row["prompt"] } else { &row["turns"][0]["content"] };
            texts.push(text("turns, Arena", Typed::AsTurn, (said, said)));
        }
    }
    for (name, file) in files("b01_fastdetectgpt_human_vs_ai", ".raw_data.json.zst")? {
        let pairs: Value = serde_json::from_str(&file).ok()?;
        let domain = name.split(['.', '_']).nth(1).unwrap_or_default().to_owned();
        for (number, (article, continued)) in
            pairs["original"].as_array()?.iter().zip(pairs["sampled"].as_array()?).enumerate()
        {
            let of = Value::from(format!("{domain}{number}"));
            texts.push(text("articles and stories, Fast-DetectGPT", Typed::No, (&of, article)));
            texts.push(text("continued by models, Fast-DetectGPT", Typed::No, (&of, continued)));
        }
    }
    for (_, file) in files("b04_self_instruct_human_seed_and_model", "_predictions.jsonl.zst")? {
        for row in file.split('\n').filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let answer = &row["response"]["choices"][0]["text"];
            let answer = if answer.is_string() { answer } else { &row["response"] };
            texts.push(text("models' answers, Self-Instruct", Typed::No, (&row["prompt"], answer)));
        }
    }
    for (_, file) in files("b06_botbots_ai_ai_dialogues", ".json.zst")? {
        for (number, dialogue) in serde_json::from_str::<Vec<Value>>(&file).ok()?.iter().enumerate() {
            for said in dialogue["utterances"].as_array().into_iter().flatten() {
                texts.push(text("models' turns, botbots", Typed::No, (&number.into(), &said[1])));
            }
        }
    }
    texts.retain(|text| !text.text.is_empty());
    Some(texts)
}

fn text(source: &'static str, typed: Typed, (group, text): (&Value, &Value)) -> Text {
    let mut hasher = DefaultHasher::new();
    group.to_string().hash(&mut hasher);
    let is_dev = hasher.finish().is_multiple_of(2);
    Text { source, typed, text: text.as_str().unwrap_or_default().to_owned(), is_dev }
}

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "..", "shared", "corpora"].iter().collect()
}

fn read(path: PathBuf) -> Option<String> {
    String::from_utf8(zstd::decode_all(std::fs::read(path).ok()?.as_slice()).ok()?).ok()
}

fn lines(path: &str) -> Option<Vec<Value>> {
    let text = read(folder().join(path))?;
    Some(text.split('\n').filter_map(|line| serde_json::from_str(line).ok()).collect())
}

fn files(corpus: &str, ending: &str) -> Option<Vec<(String, String)>> {
    let entries = std::fs::read_dir(folder().join(corpus)).ok()?;
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.retain(|name| name.ends_with(ending));
    names.sort();
    names.into_iter().map(|name| Some((name.clone(), read(folder().join(corpus).join(name))?))).collect()
}
