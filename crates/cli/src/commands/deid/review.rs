//! `candor deid review`: a page that shows what was found, why, and what was missed.

use std::path::{Path, PathBuf};

use candor_deid::Engine;
use candor_deid::score::Mark;
use candor_vault::durable;
use serde_json::json;

use anyhow::Context as _;

use super::filter::{Format, format_of};
use super::gold::{self, Names};
use super::input::Input;
use super::markup::{Shown, page};
use super::placed::Placed;
use super::records::Record;
use super::{Looking, filter};
use crate::context::Context;

/// Write a page that shows what was found in a text and why; of marked texts, also what was missed
///
/// One HTML file without scripts, which opens from disk. It holds the text as it is: keep it where the text may be.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The file; - is standard input
    file: PathBuf,
    /// The page to write; an earlier one is replaced
    #[arg(long, value_name = "PAGE")]
    out: PathBuf,
    /// The file is of marked texts, as for `candor deid score`
    #[arg(long, conflicts_with_all = ["format", "field"])]
    gold: bool,
    /// What the types of the marks are, in TOML
    #[arg(long, value_name = "FILE", requires = "gold")]
    map: Option<PathBuf>,
    /// How the file is divided into documents [default: jsonl for files so named, else text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// In JSON lines: the field that is searched; may be repeated [default: text and messages]
    #[arg(long, value_name = "NAME")]
    field: Vec<String>,
    /// The most texts on the page
    #[arg(long, value_name = "NUMBER", default_value_t = 500)]
    texts: usize,
    #[command(flatten)]
    looking: Looking,
}

/// Texts for the page, and how many more there were.
struct Chosen {
    engine: Engine,
    texts_max: usize,
    shown: Vec<Shown>,
    left_out: usize,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let engine = arguments.looking.engine(context)?;
    let mut chosen = Chosen { engine, texts_max: arguments.texts, shown: Vec::new(), left_out: 0 };
    if arguments.gold {
        let names = Names::read(arguments.map.as_ref())?;
        for (at, marked) in gold::read(context, &arguments.file, &names)?.into_iter().enumerate() {
            let name = marked.id.unwrap_or_else(|| format!("Text {}", at + 1));
            chosen.add(name, &marked.text, marked.marks)?;
        }
    } else {
        chosen.read(context, arguments)?;
    }
    let source = name(&arguments.file);
    let html = page(&source, &chosen.shown, arguments.gold, chosen.left_out);
    durable::write_file(&arguments.out, html.as_bytes(), 0o600)
        .with_context(|| format!("write {}", arguments.out.display()))?;
    let spans: usize = chosen.shown.iter().map(|shown| shown.placed.spans.len()).sum();
    let text =
        format!("wrote {} texts with {spans} spans into {}", chosen.shown.len(), arguments.out.display());
    let value = json!({ "texts": chosen.shown.len(), "left_out": chosen.left_out, "spans": spans });
    context.answer(&text, &value)
}

/// The file's own name: where it lies is nobody's business who gets the page.
fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

impl Chosen {
    fn read(&mut self, context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
        let mut input = Input::open(context, &arguments.file)?;
        let format = arguments.format.unwrap_or_else(|| format_of(&arguments.file));
        if format == Format::Text {
            let bytes = input.whole()?;
            return self.add("Text".to_owned(), &String::from_utf8_lossy(&bytes), Vec::new());
        }
        let (mut line, mut number, mut at) = (Vec::new(), 0, 0);
        while input.line(&mut line)? {
            number += 1;
            if format == Format::Lines {
                let text = String::from_utf8_lossy(&line);
                self.add(format!("Line {number}"), text.trim_end(), Vec::new())?;
                continue;
            }
            let text = filter::utf8(&line, input.name(), at)?;
            at += line.len() as u64;
            if !text.trim().is_empty() {
                let place = || format!("{}, line {number}", input.name());
                self.record(&Record::read(text, &arguments.field).with_context(place)?, number)?;
            }
        }
        Ok(())
    }

    fn record(&mut self, record: &Record<'_>, line: u64) -> anyhow::Result<()> {
        let searched = record.texts()?;
        let texts: Vec<&str> = searched.iter().map(|(_, text)| text.as_str()).collect();
        let names = searched.iter().map(|(path, _)| format!("Line {line}, {path}"));
        self.add_all(names, &texts, Vec::new())
    }

    fn add(&mut self, name: String, text: &str, gold: Vec<Mark>) -> anyhow::Result<()> {
        self.add_all([name].into_iter(), &[text], gold)
    }

    /// Adds the texts of one document; `gold` is of the first of them.
    fn add_all(
        &mut self,
        names: impl Iterator<Item = String>,
        texts: &[&str],
        mut gold: Vec<Mark>,
    ) -> anyhow::Result<()> {
        if self.shown.len() + texts.len() > self.texts_max {
            self.left_out += texts.len();
            return Ok(());
        }
        for ((name, text), placed) in names.zip(texts).zip(Placed::all(&self.engine, texts)) {
            let gold = std::mem::take(&mut gold);
            self.shown.push(Shown { name, text: (*text).to_owned(), placed, gold });
        }
        Ok(())
    }
}
