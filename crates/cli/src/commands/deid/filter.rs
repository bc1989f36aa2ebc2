//! `candor deid FILE`: text in, the same text without identifiers out.

use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_deid::{Engine, Pseudonyms};
use serde_json::{Value, json};

use super::Looking;
use super::input::Input;
use super::placed::{Placed, PlacedSpan};
use super::records::Record;
use crate::context::{Context, OutputFormat};
use crate::failure::WrongInput;

/// What to read, how, and what to answer.
#[derive(clap::Args)]
pub(super) struct FilterArguments {
    /// The file; - is standard input
    #[arg(required = true)]
    file: Option<PathBuf>,
    /// How the file is divided into documents; placeholders are numbered for each anew [default: jsonl for files so
    /// named, else text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// In JSON lines: the field that is searched, all strings in it; may be repeated [default: text and messages]
    #[arg(long, value_name = "NAME")]
    field: Vec<String>,
    /// Tell on standard error about each span: what it was taken for and why
    #[arg(long)]
    explain: bool,
    /// Print the spans and leave the text out
    #[arg(long)]
    detect_only: bool,
    #[command(flatten)]
    looking: Looking,
}

/// How a file is divided.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// The whole is one document
    Text,
    /// Each line is one
    Lines,
    /// Each line is a JSON object; all but the searched fields stays as it is
    Jsonl,
}

pub(super) fn run(context: &Context, arguments: &FilterArguments) -> anyhow::Result<()> {
    let path = arguments.file.as_deref().unwrap_or(Path::new("-"));
    let format = arguments.format.unwrap_or_else(|| format_of(path));
    if format != Format::Jsonl && !arguments.field.is_empty() {
        return Err(WrongInput("--field is for JSON lines\nhint: add --format jsonl".into()).into());
    }
    let mut filter = Filter {
        engine: arguments.looking.engine(context)?,
        arguments,
        json: context.format == OutputFormat::Json,
        input: Input::open(context, path)?,
        out: BufWriter::new(io::stdout().lock()),
    };
    let done = match format {
        Format::Text => filter.text(),
        Format::Lines => filter.lines(),
        Format::Jsonl => filter.records(),
    };
    match done.and_then(|()| filter.out.flush().context("write to standard output")) {
        Err(error) if is_closed_pipe(&error) => Ok(()),
        other => other,
    }
}

/// JSON lines for files that are so named.
pub(super) fn format_of(path: &Path) -> Format {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if matches!(extension, "jsonl" | "ndjson") { Format::Jsonl } else { Format::Text }
}

/// The text of bytes that must be UTF-8; otherwise says at which byte of `name` they are not.
pub(super) fn utf8<'b>(bytes: &'b [u8], name: &str, before: u64) -> anyhow::Result<&'b str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = before + error.valid_up_to() as u64;
        let hint = "hint: as text, without --output json, such bytes pass through as they are";
        WrongInput(format!("{name}: byte {at} is not UTF-8\n{hint}")).into()
    })
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.chain().filter_map(|cause| cause.downcast_ref()).any(closed)
}

struct Filter<'a> {
    engine: Engine,
    arguments: &'a FilterArguments,
    json: bool,
    input: Input,
    out: BufWriter<StdoutLock<'static>>,
}

impl Filter<'_> {
    fn text(&mut self) -> anyhow::Result<()> {
        let bytes = self.input.whole()?;
        self.document(&bytes, b"", None, 0)
    }

    fn lines(&mut self) -> anyhow::Result<()> {
        let (mut line, mut number, mut at) = (Vec::new(), 0, 0);
        while self.input.line(&mut line)? {
            number += 1;
            let (text, end) = line.split_at(line.len() - line_end(&line));
            self.document(text, end, Some(number), at)?;
            at += line.len() as u64;
            self.flush_if_idle()?;
        }
        Ok(())
    }

    fn records(&mut self) -> anyhow::Result<()> {
        let (mut line, mut number, mut at) = (Vec::new(), 0, 0);
        while self.input.line(&mut line)? {
            number += 1;
            let text = utf8(&line, self.input.name(), at)?;
            at += line.len() as u64;
            if text.trim().is_empty() {
                continue;
            }
            let place = || format!("{}, line {number}", self.input.name());
            let record = Record::read(text, &self.arguments.field).with_context(place)?;
            self.record(&record, number)?;
            self.flush_if_idle()?;
        }
        Ok(())
    }

    /// One document: `end` follows it, `line` is its number, `at` the byte where it begins.
    fn document(&mut self, bytes: &[u8], end: &[u8], line: Option<u64>, at: u64) -> anyhow::Result<()> {
        match std::str::from_utf8(bytes) {
            Ok(text) if self.is_plain() => {
                self.write(Pseudonyms::new().redact(&self.engine, text).text.as_bytes())?;
            }
            Err(_) if self.json => drop(utf8(bytes, self.input.name(), at)?),
            _ => {
                let text = String::from_utf8_lossy(bytes);
                let Some(placed) = Placed::all(&self.engine, &[&text]).pop() else { return Ok(()) };
                let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
                self.explain(&place, &text, &placed.spans)?;
                if self.json {
                    let value = self.values(&text, &placed);
                    return self.write_line(&value);
                }
                if self.arguments.detect_only {
                    return Ok(());
                }
                self.write(&placed.replaced_in(bytes))?;
            }
        }
        self.write(end)
    }

    fn record(&mut self, record: &Record<'_>, line: u64) -> anyhow::Result<()> {
        let searched = record.texts()?;
        let texts: Vec<&str> = searched.iter().map(|(_, text)| text.as_str()).collect();
        if self.is_plain() {
            let redacted = Pseudonyms::new().redact_texts(&self.engine, &texts);
            let written = record.with_texts(redacted.into_iter().map(|redacted| redacted.text))?;
            return self.write(written.as_bytes());
        }
        let placed = Placed::all(&self.engine, &texts);
        for ((path, text), placed) in searched.iter().zip(&placed) {
            self.explain(&format!("line {line}, {path}: "), text, &placed.spans)?;
        }
        if self.json {
            let value = self.record_value(record, &searched, &placed);
            return self.write_line(&value);
        }
        if self.arguments.detect_only {
            return Ok(());
        }
        let written = record.with_texts(placed.into_iter().map(|placed| placed.redacted))?;
        self.write(written.as_bytes())
    }

    fn record_value(&self, record: &Record<'_>, searched: &[(String, String)], placed: &[Placed]) -> Value {
        let values =
            searched.iter().zip(placed).map(|((path, text), placed)| (path, self.values(text, placed)));
        let mut value = match (record.is_plain(), searched, placed) {
            (true, [(_, text)], [placed]) => self.values(text, placed),
            _ => {
                let with_path = |(path, mut value): (&String, Value)| {
                    value["path"] = path.as_str().into();
                    value
                };
                json!({ "texts": values.map(with_path).collect::<Vec<_>>() })
            }
        };
        if let Some(id) = record.id() {
            value["id"] = id;
        }
        value
    }

    /// Whether nothing is asked for but the text.
    fn is_plain(&self) -> bool {
        !(self.json || self.arguments.explain || self.arguments.detect_only)
    }

    fn values(&self, text: &str, placed: &Placed) -> Value {
        let explained = self.arguments.explain;
        let span = |placed: &PlacedSpan| placed.value(explained.then(|| &text[placed.span.range.clone()]));
        let spans: Vec<Value> = placed.spans.iter().map(span).collect();
        if self.arguments.detect_only {
            return json!({ "spans": spans });
        }
        json!({ "text": placed.redacted, "spans": spans })
    }

    /// Tells about spans: beside the text on standard error, or in its place.
    fn explain(&mut self, place: &str, text: &str, spans: &[PlacedSpan]) -> anyhow::Result<()> {
        let instead = self.arguments.detect_only && !self.json;
        for span in spans.iter().filter(|_| instead || self.arguments.explain) {
            let line = format!("{place}{}\n", span.explained(text));
            if instead {
                self.write(line.as_bytes())?;
            } else {
                // Nothing can be done if standard error is gone.
                let _ = io::stderr().lock().write_all(line.as_bytes());
            }
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.out.write_all(bytes).context("write to standard output")
    }

    fn write_line(&mut self, value: &Value) -> anyhow::Result<()> {
        self.write(format!("{value}\n").as_bytes())
    }

    /// Lets go of what is done before waiting for more.
    fn flush_if_idle(&mut self) -> anyhow::Result<()> {
        if self.input.would_wait() { self.out.flush().context("write to standard output") } else { Ok(()) }
    }
}

/// How many of the last bytes of a line end it: `\n`, or `\r\n`.
fn line_end(line: &[u8]) -> usize {
    if line.ends_with(b"\r\n") { 2 } else { usize::from(line.ends_with(b"\n")) }
}
