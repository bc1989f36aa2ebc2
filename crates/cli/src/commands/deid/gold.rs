//! Texts with marks that people made, in the formats that such texts come in.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_deid::score::{Branch, Foreign, Mark, foreign};
use serde::Deserialize;
use serde_json::Value;

use super::conll;
use super::filter::utf8;
use super::input::Input;
use crate::context::Context;
use crate::failure::WrongInput;

/// The largest file of marked text, unpacked.
const GOLD_BYTES_MAX: usize = 1 << 30;
/// The bytes with which a zstd file begins.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A text and what people marked in it.
pub(super) struct Marked {
    pub(super) text: String,
    pub(super) marks: Vec<Mark>,
    /// Its words by characters, where the source tells them.
    pub(super) words: Option<Vec<Range<usize>>>,
    pub(super) language: Option<String>,
    pub(super) id: Option<String>,
}

/// A marked text before its types are ours.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) spans: Vec<(Range<usize>, String)>,
    pub(super) words: Option<Vec<Range<usize>>>,
    pub(super) language: Option<String>,
    pub(super) id: Option<String>,
}

/// The names that a file gives to types.
#[derive(Default)]
pub(super) struct Names(BTreeMap<String, Foreign>);

/// How types go by other names: `[types]`, each a branch, or empty to leave it out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MapFile {
    types: BTreeMap<String, String>,
}

impl Names {
    /// The built-in ones, after those in a file if one is given.
    pub(super) fn read(path: Option<&PathBuf>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let shown = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("read {shown}"))?;
        let file: MapFile = toml::from_str(&text)
            .map_err(|error| WrongInput(format!("{shown}: {}", error.to_string().trim_end())))?;
        let named = |(name, branch): (String, String)| {
            if branch.is_empty() {
                return Ok((name, Foreign::LeftOut));
            }
            let words = Branch::ALL.map(Branch::name).join(", ");
            let unknown = || WrongInput(format!("{shown}: `{branch}` is none of {words}"));
            Branch::named(&branch).map(|branch| (name, Foreign::Branch(branch))).ok_or_else(unknown)
        };
        Ok(Self(file.types.into_iter().map(named).collect::<Result<_, _>>()?))
    }

    fn of(&self, name: &str) -> Option<Foreign> {
        self.0.get(name).copied().or_else(|| foreign(name))
    }
}

/// Reads a file of marked texts, packed with zstd or not.
pub(super) fn read(context: &Context, path: &Path, names: &Names) -> anyhow::Result<Vec<Marked>> {
    let mut input = Input::open(context, path)?;
    let mut bytes = input.whole()?;
    if bytes.starts_with(&ZSTD_MAGIC) {
        bytes = unpacked(&bytes).with_context(|| format!("unpack {}", input.name()))?;
    }
    let text = utf8(&bytes, input.name(), 0)?;
    let drafts = match text.trim_start().as_bytes().first() {
        Some(b'{') => lines(text),
        Some(b'[') if text.trim_start()[1..].trim_start().starts_with(['{', ']']) => array(text),
        _ => conll::read(text),
    };
    let drafts = drafts.map_err(|error| WrongInput(format!("{}: {}", input.name(), error.0)))?;
    named(drafts, names).map_err(|error| WrongInput(format!("{}: {}", input.name(), error.0)).into())
}

fn unpacked(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut unpacked = Vec::new();
    zstd::Decoder::new(bytes)?.take(GOLD_BYTES_MAX as u64 + 1).read_to_end(&mut unpacked)?;
    if unpacked.len() > GOLD_BYTES_MAX {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "more than 1 GiB"));
    }
    Ok(unpacked)
}

/// Gives each type its branch; all names that mean nothing to us are told at once.
fn named(drafts: Vec<Draft>, names: &Names) -> Result<Vec<Marked>, WrongInput> {
    let mut unknown = BTreeSet::new();
    let mut marked = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let mut marks = Vec::with_capacity(draft.spans.len());
        for (Range { start, end }, name) in draft.spans {
            match names.of(&name) {
                Some(Foreign::Branch(branch)) => marks.push(Mark { start, end, branch }),
                Some(Foreign::LeftOut) => {}
                None => drop(unknown.insert(name)),
            }
        }
        marks.sort_by_key(|mark| (mark.start, mark.end));
        let Draft { text, words, language, id, .. } = draft;
        marked.push(Marked { text, marks, words, language, id });
    }
    if unknown.is_empty() {
        return Ok(marked);
    }
    let names: Vec<String> = unknown.into_iter().collect();
    let branches = Branch::ALL.map(Branch::name).join(", ");
    Err(WrongInput(format!(
        "types that are not known: {}\nhint: say with --map FILE what they are, under [types]: `{} = \"\"` leaves it \
         out, else one of {branches}",
        names.join(", "),
        names[0]
    )))
}

/// A marked text as JSON; presidio-evaluator's names for fields are known too.
#[derive(Deserialize)]
struct Row {
    #[serde(alias = "full_text")]
    text: String,
    #[serde(default)]
    spans: Vec<RowSpan>,
    #[serde(default)]
    words: Option<Vec<(usize, usize)>>,
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    id: Option<Value>,
}

#[derive(Deserialize)]
struct RowSpan {
    #[serde(alias = "start_position")]
    start: usize,
    #[serde(alias = "end_position")]
    end: usize,
    #[serde(rename = "type", alias = "entity_type", alias = "kind")]
    name: String,
}

fn lines(text: &str) -> Result<Vec<Draft>, WrongInput> {
    let lines = text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty());
    let row = |(at, line): (usize, &str)| {
        let place = format!("line {}", at + 1);
        let row =
            serde_json::from_str(line).map_err(|error| WrongInput(format!("{place}: {}", wrong(&error))))?;
        draft(row, &place)
    };
    lines.map(row).collect()
}

fn array(text: &str) -> Result<Vec<Draft>, WrongInput> {
    let rows: Vec<Row> = serde_json::from_str(text).map_err(|error| WrongInput(wrong(&error)))?;
    rows.into_iter().enumerate().map(|(at, row)| draft(row, &format!("item {}", at + 1))).collect()
}

/// What is wrong with JSON, without the error's own words, which might quote the text.
fn wrong(error: &serde_json::Error) -> String {
    format!(
        "not a marked text, at line {}, column {}\nhint: each is an object with `text` and `spans`, each span with \
         `start`, `end` and `type`",
        error.line(),
        error.column()
    )
}

fn draft(row: Row, place: &str) -> Result<Draft, WrongInput> {
    let length = row.text.chars().count();
    let within = |start: usize, end: usize| {
        if start <= end && end <= length {
            return Ok(start..end);
        }
        Err(WrongInput(format!("{place}: {start} to {end} is no part of a text of {length} characters")))
    };
    let spans = row.spans.into_iter().map(|span| Ok((within(span.start, span.end)?, span.name)));
    let words = row.words.map(|words| words.into_iter().map(|(start, end)| within(start, end)).collect());
    let id = row.id.map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
    Ok(Draft {
        spans: spans.collect::<Result<_, _>>()?,
        words: words.transpose()?,
        text: row.text,
        language: row.language,
        id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_ours_and_of_presidio_evaluator_are_read_alike() {
        let ours = r#"{"text":"Ada in Rome","spans":[{"start":0,"end":3,"type":"PERSON"}],"id":7}"#;
        let theirs = r#"[{"full_text":"Ada in Rome","masked":"x","spans":[{"entity_type":"PERSON",
            "entity_value":"Ada","start_position":0,"end_position":3}],"template_id":1,"metadata":null}]"#;
        for drafts in [lines(ours).unwrap(), array(theirs).unwrap()] {
            let marked = named(drafts, &Names::default()).unwrap();
            assert_eq!(marked[0].text, "Ada in Rome");
            assert_eq!(marked[0].marks, [Mark { start: 0, end: 3, branch: Branch::Person }]);
        }
    }

    #[test]
    fn a_span_beyond_its_text_and_types_unknown_are_told() {
        let Err(error) = lines(r#"{"text":"é","spans":[{"start":0,"end":2,"type":"PER"}]}"#) else {
            panic!()
        };
        assert_eq!(error.0, "line 1: 0 to 2 is no part of a text of 1 characters");
        let drafts = lines(r#"{"text":"é","spans":[{"start":0,"end":1,"type":"BOAT"}]}"#).unwrap();
        let Err(error) = named(drafts, &Names::default()) else { panic!() };
        assert!(error.0.starts_with("types that are not known: BOAT\nhint: "), "{}", error.0);
    }
}
