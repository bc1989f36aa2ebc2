//! `candor probe collapse`: what becomes of the language if models learn from models.

use std::ops::ControlFlow;

use candor_learn::probe::{Generation, Loop, Mixture, generations};
use candor_learn::{Plan, Progress};
use candor_release::indicators::{Estimate, Indicator};
use serde_json::{Value, json};

use super::lab::{Lab, Options};
use super::picture::{Line, Plot, Point};
use super::report::{Report, Section, row, shown};
use crate::context::{Context, Unit};

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Generations after the first; each is two trainings
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    generations: u32,
}

/// Rows in a hundred that no generation learns from.
const HELD_OUT_PERCENT: u32 = 10;

const METHOD: &str = "Generation 0 learns from people. Each later one learns from as much text as that, written by the one \
     before it at temperature 1, people's turns too: either from that alone (Shumailov et al., Nature 631, 2024), or half \
     from that and half from people, another half each time (after Gerstgrasser et al. 2024 and Kazdan et al. 2024, at a \
     fixed amount). Held-out bits are on conversations of people that no generation learned from, with 95 % intervals over \
     conversations by the jackknife. The other figures are of the text that the generation wrote, always of the same number \
     of words, with 95 % intervals by the delete-a-group jackknife: how much of the rare vocabulary of people is still met, \
     how many words and pairs are met once, how many differ, how many turns are exact copies. A small model makes words up, which \
     raises what is met once: read the rare vocabulary and the held-out bits first. Nothing about larger models \
     follows from how fast a small one declines; that the tails go first does not depend on size.";

pub(crate) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let lab = Lab::open(context, &arguments.options, "collapse")?;
    let plan = Plan { held_out_percent: HELD_OUT_PERCENT, ..lab.plan() };
    let run = Loop { corpus: &lab.corpus, plan, count: arguments.generations, folder: lab.folder() };
    let bar = context.bar(Unit::Items);
    let trainings = 1 + 2 * arguments.generations;
    bar.set_length(u64::from(trainings) * u64::from(plan.steps));
    let mut progress = |number: u32, at: Progress| {
        bar.set_message(format!("training {} of {trainings}", number + 1));
        bar.set_position(u64::from(number) * u64::from(at.steps) + u64::from(at.step));
        ControlFlow::Continue(())
    };
    let Some(told) = generations(&run, &mut progress)? else { anyhow::bail!("the run stopped by itself") };
    bar.finish_and_clear();
    let report = report(&lab, &told)?;
    let name = format!("collapse-{}", lab.corpus.read_set.release);
    report.tell(context, arguments.options.into.as_deref(), &name)?;
    lab.clear()
}

/// What is told of each generation's language, the first to move first.
const TOLD: [Indicator; 7] = [
    Indicator::TailCoverage,
    Indicator::Hapax1,
    Indicator::Hapax2,
    Indicator::Distinct1,
    Indicator::Distinct2,
    Indicator::Distinct3,
    Indicator::ExactDuplicates,
];

fn report(lab: &Lab<'_>, told: &[Generation]) -> anyhow::Result<Report> {
    let mut sections = Vec::new();
    for mixture in [Mixture::OwnOutput, Mixture::WithPeople] {
        let of: Vec<&Generation> = told.iter().filter(|one| one.mixture == mixture).collect();
        let method = if sections.is_empty() {
            METHOD
        } else {
            "The same, half of each generation's text from people."
        };
        sections.push(Section {
            title: format!("Learning from {}", mixture.words()),
            method: method.into(),
            rows: rows(&of),
            finding: finding(&of),
        });
    }
    let mut pictures = vec![picture(told, "held-out", "Bits per byte on people's conversations", |one| {
        Some(Point::new(f64::from(one.number), &one.held_out))
    })?];
    for indicator in TOLD {
        let name = serde_json::to_value(indicator)?.as_str().unwrap_or_default().to_owned();
        let point = |one: &Generation| {
            let estimate = one.language.values.get(&indicator)?;
            Some(Point::between(f64::from(one.number), estimate.value, estimate.interval()))
        };
        pictures.push(picture(told, &name, &capital(indicator.words()), point)?);
    }
    Ok(Report {
        title: "What becomes of the language".into(),
        about: format!(
            "Generations of models, the first of which learned from release {}: {} rows, a tenth of which no generation \
             learns from.",
            lab.corpus.read_set.release,
            lab.corpus.rows.len()
        ),
        sections,
        pictures,
        figures: Value::Array(told.iter().map(value).collect()),
    })
}

fn rows(of: &[&Generation]) -> Vec<Vec<String>> {
    let mut rows = vec![row(&["generation"])];
    rows[0].extend(of.iter().map(|one| one.number.to_string()));
    let mut line = |name: &str, cell: &dyn Fn(&Generation) -> String| {
        let cells = of.iter().map(|one| cell(one));
        rows.push([name.to_owned()].into_iter().chain(cells).collect());
    };
    line("bits per byte, people held out", &|one| shown(&one.held_out));
    for indicator in TOLD {
        line(indicator.words(), &|one| {
            one.language.values.get(&indicator).map_or_else(String::new, shown_estimate)
        });
    }
    line("words measured", &|one| one.language.tokens.to_string());
    rows
}

fn shown_estimate(estimate: &Estimate) -> String {
    let (low, high) = estimate.interval();
    format!("{:.3} ({low:.3} to {high:.3})", estimate.value)
}

/// What changed from the first to the last.
fn finding(of: &[&Generation]) -> String {
    let [first, .., last] = of else { return String::new() };
    let changes = candor_release::indicators::compare(&first.language, &last.language);
    let alarms: Vec<&str> =
        changes.iter().filter(|change| change.alarm).map(|change| change.indicator.words()).collect();
    let bits = last.held_out.value - first.held_out.value;
    match alarms.as_slice() {
        [] => format!("No alarm from the first to the last; held-out bits per byte changed by {bits:+.3}."),
        alarms => format!(
            "Alarm from the first to the last: {}; held-out bits per byte changed by {bits:+.3}.",
            alarms.join(", ")
        ),
    }
}

fn picture(
    told: &[Generation],
    name: &str,
    title: &str,
    point: impl Fn(&Generation) -> Option<Point>,
) -> anyhow::Result<(String, String, String)> {
    let line = |mixture: Mixture| Line {
        name: mixture.words().into(),
        points: told.iter().filter(|one| one.mixture == mixture).filter_map(&point).collect(),
    };
    let plot = Plot {
        title: title.to_owned(),
        across: "generation".into(),
        lines: vec![line(Mixture::OwnOutput), line(Mixture::WithPeople)],
    };
    Ok((format!("{name}.svg"), title.to_owned(), plot.svg()?))
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn value(one: &Generation) -> Value {
    let estimate = |estimate: &Estimate| {
        let (low, high) = estimate.interval();
        json!({ "value": estimate.value, "low": low, "high": high })
    };
    let language: std::collections::BTreeMap<String, Value> = one
        .language
        .values
        .iter()
        .filter_map(|(indicator, value)| {
            Some((serde_json::to_value(indicator).ok()?.as_str()?.to_owned(), estimate(value)))
        })
        .collect();
    json!({
        "generation": one.number,
        "mixture": one.mixture,
        "held_out_bits_per_byte": one.held_out,
        "words_measured": one.language.tokens,
        "conversations_written": one.rows,
        "language": language,
    })
}
