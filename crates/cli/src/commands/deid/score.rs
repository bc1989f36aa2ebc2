//! `candor deid score`: how much the engine finds of what people marked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use candor_deid::encoder::Encoder;
use candor_deid::score::{Branch, Document, Mark, Score, Share, Skip};
use candor_deid::{Engine, Pseudonyms, Settings, Span};

use super::gold::{self, Marked, Names};
use super::{Looking, engine, told};
use crate::context::{Context, Unit};
use crate::failure::WrongInput;

/// Measure what is found and what is missed on texts that people marked, each figure with a 95 % interval
///
/// Reads JSON lines with `text` and `spans` (each with `start`, `end` by characters, and `type`), what
/// presidio-evaluator writes, and columns as CoNLL, WNUT and Universal NER have them; plain or packed with zstd.
/// docs/deid.md says what each figure means.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The marked texts
    gold: PathBuf,
    /// What the types of the marks are, in TOML: a table `types`, then NAME = "person" for each, or "" to leave it out
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Score only these, such as person,location [default: all that the marks have]
    #[arg(long, value_name = "BRANCHES", value_delimiter = ',', value_parser = branch)]
    only: Vec<Branch>,
    /// Score spans of another tool, in the same order and format as the marked texts, instead of searching
    #[arg(long, value_name = "FILE", conflicts_with_all = ["kinds", "threshold", "name_threshold", "keep_public", "encoder", "curve"])]
    found: Option<PathBuf>,
    /// Words that `SpanEvaluator` skips, as a JSON list [default: the function words of English]
    #[arg(long, value_name = "FILE")]
    skip_words: Option<PathBuf>,
    /// Also tell recall and precision at each of nine thresholds, each for rules and names alike
    #[arg(long)]
    curve: bool,
    #[command(flatten)]
    looking: Looking,
}

/// The thresholds of the curve, in percent.
const CURVE_PERCENT: [u8; 9] = [10, 20, 30, 40, 50, 60, 70, 80, 90];

/// All that is told.
pub(super) struct Told {
    pub(super) source: String,
    /// What found the spans.
    pub(super) finder: String,
    pub(super) all: Score,
    /// For each language that the marked texts name.
    pub(super) languages: BTreeMap<String, Score>,
    pub(super) curve: Vec<Point>,
}

/// The engine at one threshold.
pub(super) struct Point {
    pub(super) threshold: f32,
    pub(super) precision: Option<Share>,
    pub(super) recall: Option<Share>,
    pub(super) hidden: Option<Share>,
    pub(super) missed: Option<Share>,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let names = Names::read(arguments.map.as_ref())?;
    let marked = gold::read(context, &arguments.gold, &names)?;
    let branches = branches(&arguments.only, &marked);
    if branches.is_empty() {
        let text =
            format!("{}: nothing is marked\nhint: say what to score with --only", arguments.gold.display());
        return Err(WrongInput(text).into());
    }
    let empty = Score::new(branches, skip(arguments.skip_words.as_deref())?);
    let encoder = arguments.looking.encoder()?;
    let (finder, found) = match &arguments.found {
        Some(path) => (path.display().to_string(), elsewhere(context, path, &names, &marked)?),
        None => {
            let settings = arguments.looking.settings(context)?;
            let (rules, names) = (settings.threshold, settings.name_threshold);
            let finder = format!("the engine, thresholds {rules:.2} and {names:.2} for names");
            (finder, search(context, &engine(settings, encoder.as_ref()), &marked))
        }
    };
    let mut languages: BTreeMap<String, Score> = BTreeMap::new();
    for (marked, found) in marked.iter().zip(&found) {
        if let Some(language) = &marked.language {
            languages.entry(language.clone()).or_insert_with(|| empty.clone()).add(&document(marked, found));
        }
    }
    let told = Told {
        source: arguments.gold.display().to_string(),
        finder,
        all: added(&empty, &marked, &found),
        languages,
        curve: if arguments.curve {
            curve((context, encoder.as_ref()), arguments, &empty, &marked)?
        } else {
            Vec::new()
        },
    };
    context.answer(&told::text(&told), &told::value(&told))
}

/// The marks of spans, by characters.
fn marks(text: &str, spans: &[Span]) -> Vec<Mark> {
    let mut counted = (0, 0);
    let mut character = |byte: usize| {
        counted = (byte, counted.1 + text[counted.0..byte].chars().count());
        counted.1
    };
    let mark = |span: &Span| Mark {
        start: character(span.range.start),
        end: character(span.range.end),
        branch: Branch::of(span.kind),
    };
    spans.iter().map(mark).collect()
}

fn branch(word: &str) -> Result<Branch, String> {
    let words = || format!("expected some of {}", Branch::ALL.map(Branch::name).join(", "));
    Branch::named(&word.trim().to_lowercase()).ok_or_else(words)
}

fn branches(only: &[Branch], marked: &[Marked]) -> Vec<Branch> {
    let there = || marked.iter().flat_map(|marked| &marked.marks).map(|mark| mark.branch).collect();
    let chosen: BTreeSet<Branch> = if only.is_empty() { there() } else { only.iter().copied().collect() };
    chosen.into_iter().collect()
}

fn skip(path: Option<&Path>) -> anyhow::Result<Skip> {
    let Some(path) = path else { return Ok(Skip::function_words()) };
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("read {shown}"))?;
    let words: Vec<String> = serde_json::from_str(&text)
        .map_err(|error| WrongInput(format!("{shown}: expected a JSON list of words: {error}")))?;
    Ok(Skip::new(words))
}

/// The spans of another tool, which must be of the same texts.
fn elsewhere(
    context: &Context,
    path: &Path,
    names: &Names,
    marked: &[Marked],
) -> anyhow::Result<Vec<Vec<Mark>>> {
    let found = gold::read(context, path, names)?;
    let differs = marked.iter().zip(&found).position(|(one, other)| one.text != other.text);
    let first = differs.or_else(|| (marked.len() != found.len()).then(|| marked.len().min(found.len())));
    if let Some(at) = first {
        let text = format!("{}: document {} is not the one in the marked texts", path.display(), at + 1);
        return Err(WrongInput(text).into());
    }
    Ok(found.into_iter().map(|found| found.marks).collect())
}

fn search(context: &Context, engine: &Engine, marked: &[Marked]) -> Vec<Vec<Mark>> {
    let bar = context.bar(Unit::Items);
    bar.set_length(marked.len() as u64);
    bar.set_message("search");
    let search = |marked: &Marked| {
        bar.inc(1);
        let spans = Pseudonyms::new().spans(engine, &[&marked.text]).pop().unwrap_or_default();
        marks(&marked.text, &spans)
    };
    let found = marked.iter().map(search).collect();
    bar.finish_and_clear();
    found
}

fn document<'a>(marked: &'a Marked, found: &'a [Mark]) -> Document<'a> {
    Document { text: &marked.text, words: marked.words.as_deref(), gold: &marked.marks, found }
}

fn added(empty: &Score, marked: &[Marked], found: &[Vec<Mark>]) -> Score {
    let mut score = empty.clone();
    for (marked, found) in marked.iter().zip(found) {
        score.add(&document(marked, found));
    }
    score
}

fn curve(
    (context, encoder): (&Context, Option<&Arc<Encoder>>),
    arguments: &Arguments,
    empty: &Score,
    marked: &[Marked],
) -> anyhow::Result<Vec<Point>> {
    let point = |percent: u8| {
        let threshold = f32::from(percent) / 100.0;
        let settings =
            Settings { threshold, name_threshold: threshold, ..arguments.looking.settings(context)? };
        let engine = engine(settings, encoder);
        let total = added(empty, marked, &search(context, &engine, marked)).total;
        Ok(Point {
            threshold,
            precision: total.overlapping.precision(),
            recall: total.overlapping.recall(),
            hidden: total.hidden.share(),
            missed: total.missed(),
        })
    };
    CURVE_PERCENT.into_iter().map(point).collect()
}
