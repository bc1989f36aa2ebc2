//! `candor probe gain`: does sharing help those who did not share?

use candor_learn::probe::{Case, Gain, Gains, gains, topics};
use candor_learn::{Corpus, Model, Plan, Row};
use serde_json::json;

use super::lab::{Lab, Options, train_arm};
use super::picture::{Line, Plot, Point};
use super::report::{Report, Section, row, shown};
use crate::commands::language::language_of;
use crate::commands::train::open_model;
use crate::context::Context;
use crate::failure::WrongInput;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Go on from this model (its name, or its folder) instead of from nothing
    #[arg(long, value_name = "MODEL")]
    from: Option<std::path::PathBuf>,
    /// People in a hundred who are kept out of training, to measure on
    #[arg(long, default_value_t = 20, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(5..=80))]
    kept_out: u8,
}

/// Shares of the people who are learned from, in percent.
const SHARES: [usize; 3] = [25, 50, 100];

const METHOD: &str = "Bits for each byte of text that the model needs to write down conversations of people who agreed \
     to training and were kept out of it, so that none of their rows was learned: negative log-likelihood in base 2 over \
     UTF-8 bytes. It does not depend on the vocabulary; less is better. Each model reads its share of the other people's \
     rows eight times. Intervals are 95 % over people, by the delete-one jackknife (Efron and Stein 1981) and Student's \
     distribution: they say how sure the figure is for other people like these, not for another training run.";
const PARTS_METHOD: &str = "The same, from before to after learning from everyone, where at least five people speak the \
     language or of the topic. Languages are told by letters and their runs (whatlang); a topic is the most telling of the \
     words that 2 to 25 % of the conversations have (term frequency times inverse document frequency).";

pub(crate) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let lab = Lab::open(context, &arguments.options, "gain")?;
    let (kept_out, learned) = lab.split(arguments.kept_out.into());
    if kept_out.len() < 2 || learned.is_empty() {
        let text = "there are too few people to keep some out\nhint: release more rows, or change --kept-out";
        return Err(WrongInput(text.into()).into());
    }
    let base = match &arguments.from {
        Some(from) => open_model(context, from)?,
        None => untrained(context, &lab, &learned)?,
    };
    let from = arguments.from.is_some().then_some(&base);
    let topics = topics(&lab.corpus.rows);
    let languages: Vec<&str> = lab.corpus.rows.iter().map(language).collect();
    // A row's number is its place.
    let case = |row: &&'_ Row| {
        let at = row.number as usize;
        let row = &lab.corpus.rows[at];
        Case { row, person: lab.person(row), language: languages[at], topic: &topics[at] }
    };
    let cases: Vec<Case<'_>> = kept_out.iter().map(case).collect();
    let mut models = Vec::new();
    for share in SHARES {
        // The same lots again: whoever is in the first quarter is in the half, too.
        let below = usize::from(arguments.kept_out) + (100 - usize::from(arguments.kept_out)) * share / 100;
        let rows: Vec<&Row> = learned.iter().filter(|row| lab.is_among(row, below)).copied().collect();
        if rows.is_empty() {
            continue;
        }
        context.tell(&format!("training on {share} % of the people: {} rows", rows.len()));
        let model = lab.train(&format!("share {share}"), &rows, from)?;
        models.push((share, rows.len(), model));
    }
    let report = report(&lab, &base, &models, &cases)?;
    let name = format!("gain-{}", lab.corpus.read_set.release);
    report.tell(context, arguments.options.into.as_deref(), &name)?;
    lab.clear()
}

/// A model of the same size that has learned nothing but the vocabulary.
fn untrained(context: &Context, lab: &Lab<'_>, learned: &[&Row]) -> anyhow::Result<Model> {
    let corpus: Corpus = lab.corpus_of(learned);
    let plan = Plan { steps: 0, ..lab.plan() };
    train_arm(context, lab.folder(), "untrained", (&corpus, plan, None))
}

/// The language most of whose letters a conversation's people write.
fn language(row: &Row) -> &'static str {
    let said = row.messages.iter().filter(|message| message.role == "user");
    let text: Vec<&str> = said.map(|message| message.content.as_str()).collect();
    language_of(&text.join("\n"))
}

/// What each share of the people gained.
struct Found {
    /// Percent of the people, rows learned from, and what that gained; none at first.
    curve: Vec<(usize, usize, Gain)>,
    /// What everyone gained.
    whole: Gains,
    /// What the second half added to the first.
    added: Option<Gains>,
}

fn found(base: &Model, models: &[(usize, usize, Model)], cases: &[Case<'_>]) -> anyhow::Result<Found> {
    let few = || WrongInput("fewer than two people were kept out\nhint: release more rows".into());
    let rows: Vec<&Row> = cases.iter().map(|case| case.row).collect();
    let before = base.likelihoods(&rows)?;
    let mut after = Vec::new();
    let mut curve: Vec<(usize, usize, Gain)> = Vec::new();
    let mut whole: Option<Gains> = None;
    for (share, rows_learned, model) in models {
        after.push(model.likelihoods(&rows)?);
        let found = after.last().and_then(|after| gains(&before, after, cases)).ok_or_else(few)?;
        if curve.is_empty() {
            curve.push((0, 0, Gain { after: found.all.before, ..found.all.clone() }));
        }
        curve.push((*share, *rows_learned, found.all.clone()));
        whole = Some(found);
    }
    let whole = whole.ok_or_else(few)?;
    let added = match after.as_slice() {
        [.., half, all] => gains(half, all, cases),
        _ => None,
    };
    Ok(Found { curve, whole, added })
}

fn report(
    lab: &Lab<'_>,
    base: &Model,
    models: &[(usize, usize, Model)],
    cases: &[Case<'_>],
) -> anyhow::Result<Report> {
    let Found { curve, whole, added } = found(base, models, cases)?;
    let by_parts = |parts: &std::collections::BTreeMap<String, Gain>, kind: &str| {
        let part = |(name, gain): (&String, &Gain)| {
            let (before, after) = (format!("{:.3}", gain.before.value), shown(&gain.after));
            row(&[
                &format!("{kind} {name}"),
                &gain.gain.cases.to_string(),
                &before,
                &after,
                &shown(&gain.gain),
            ])
        };
        parts.iter().map(part).collect::<Vec<_>>()
    };
    let unit = if lab.knows_people() { "people" } else { "conversations" };
    let mut rows = vec![row(&["learned from", "rows", "bits per byte on those kept out"])];
    rows.extend(curve.iter().map(|(share, rows, gain)| {
        row(&[&format!("{share} % of the {unit}"), &rows.to_string(), &shown(&gain.after)])
    }));
    let mut parts = vec![row(&["part", unit, "before", "after", "gained"])];
    parts.extend(by_parts(&whole.by_language, "language"));
    parts.extend(by_parts(&whole.by_topic, "topic"));
    let plot = Plot {
        title: "What sharing gained: bits per byte on people kept out of training".into(),
        across: format!("{unit} who shared, in percent"),
        lines: vec![Line {
            name: String::new(),
            points: curve.iter().map(|(share, _, gain)| Point::new(*share as f64, &gain.after)).collect(),
        }],
    };
    Ok(Report {
        title: "What was gained".into(),
        about: about(lab, &whole),
        sections: vec![
            Section {
                title: "The more share, the better it foresees the others".into(),
                method: METHOD.into(),
                rows,
                finding: finding(&whole, added.as_ref(), unit),
            },
            Section {
                title: "Where".into(),
                method: PARTS_METHOD.into(),
                rows: parts,
                finding: String::new(),
            },
        ],
        pictures: vec![("gain.svg".into(), plot.title.clone(), plot.svg()?)],
        figures: json!({
            "people_known": lab.knows_people(),
            "curve": curve.iter().map(|(share, rows, gain)| json!({ "share_percent": share, "rows": rows, "gain": gain })).collect::<Vec<_>>(),
            "gains": whole,
            "second_half_added": added.map(|added| added.all),
        }),
    })
}

fn about(lab: &Lab<'_>, whole: &Gains) -> String {
    let who = match lab.knows_people() {
        true => format!("{} people were kept out of training", whole.all.gain.cases),
        false => format!(
            "{} conversations were kept out of training; whose they are is not known outside the data directory that \
             made the release, so that one person may be on both sides",
            whole.all.gain.cases
        ),
    };
    format!(
        "Release {}: {who}, with {} rows and {} bytes of text.",
        lab.corpus.read_set.release, whole.all.rows, whole.all.bytes
    )
}

fn finding(whole: &Gains, added: Option<&Gains>, unit: &str) -> String {
    let mut text = match whole.all.gain.is_above(0.0) {
        true => format!("Learning from all of them gained {} bits per byte.", shown(&whole.all.gain)),
        false => format!("No gain is shown: {} bits per byte.", shown(&whole.all.gain)),
    };
    if let Some(added) = added {
        let verdict = match (added.all.gain.is_above(0.0), added.all.gain.is_below(0.0)) {
            (true, _) => "helped",
            (_, true) => "did harm",
            _ => "made no difference that can be told from chance",
        };
        text +=
            &format!(" The second half of the {unit} {verdict}: {} bits per byte.", shown(&added.all.gain));
    }
    text
}
