//! `candor probe memory`: what can be told, or drawn, out of a model.

use std::path::PathBuf;

use candor_learn::probe::{Membership, PREFIX_TOKENS, SUFFIX_TOKENS, Verbatim, membership, verbatim};
use candor_learn::{Model, Row};
use serde_json::json;

use super::lab::{Lab, Options};
use super::report::{Report, Section, row, shown};
use crate::commands::train::open_model;
use crate::context::Context;
use crate::failure::WrongInput;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Measure this model (its name, or its folder), which was trained on the release, and the rows that it held out
    #[arg(long, value_name = "MODEL")]
    model: Option<PathBuf>,
}

/// Half of the people are learned from where the probe trains its own model.
const HALF_PERCENT: usize = 50;

const FEW: &str = "one side has no text to try\nhint: train with --held-out 30, or release more rows";
const MEMBERSHIP_METHOD: &str = "Somebody who holds the model guesses whether it learned from a conversation, by how likely \
     it finds it: by its bits for each byte alone (Yeom et al. 2018), and by its bits beside the bytes that zlib packs it to \
     (Carlini et al. 2021). Told as the area under the curve: 0.5 is guessing, 1 is certainty; 95 % intervals after Newcombe \
     (2006, method 5). Members and strangers are rows of the same release, so that nothing but learning tells them apart. \
     Attacks that train models of their own (Carlini et al. 2022) find more.";

pub(crate) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let lab = Lab::open(context, &arguments.options, "memory")?;
    let (model, members, strangers, about) = match &arguments.model {
        Some(given) => {
            let model = open_model(context, given)?;
            let (members, strangers) = as_trained(&lab, &model)?;
            let about = format!("Model {} and release {}", given.display(), lab.corpus.read_set.release);
            (model, members, strangers, about)
        }
        None => {
            let (mut members, strangers) = lab.split(HALF_PERCENT);
            // What no epoch draws is not learned.
            members.retain(|row| row.sampling_permille > 0);
            if members.is_empty() || strangers.is_empty() {
                return Err(WrongInput(FEW.into()).into());
            }
            let model = lab.train("half", &members, None)?;
            let who = if lab.knows_people() { "people" } else { "conversations" };
            let about = format!(
                "A model that learned from half of the {who} of release {}",
                lab.corpus.read_set.release
            );
            (model, members, strangers, about)
        }
    };
    let told = membership(&model, &members, &strangers)?;
    let drawn = verbatim(&model, &members, &strangers)?;
    let told = told.ok_or_else(|| WrongInput(FEW.into()))?;
    let report = Report {
        title: "What is remembered".into(),
        about: format!("{about}: {} rows learned, {} rows not learned.", told.members, told.strangers),
        sections: vec![membership_section(&told), verbatim_section(drawn.as_ref())],
        pictures: Vec::new(),
        figures: json!({ "membership": told, "verbatim": drawn }),
    };
    let name = format!("memory-{}", lab.corpus.read_set.release);
    report.tell(context, arguments.options.into.as_deref(), &name)?;
    lab.clear()
}

/// The rows that a model learned from, and the others.
fn as_trained<'a>(lab: &'a Lab<'_>, model: &Model) -> anyhow::Result<(Vec<&'a Row>, Vec<&'a Row>)> {
    let card = model.card();
    let read = |set: &&candor_learn::ReadSet| set.release_id == lab.corpus.read_set.release_id;
    if card.read_sets.last().filter(read).is_none() {
        let text = format!(
            "the model was not trained on release {}, or went on to another\nhint: name the last release it read",
            lab.corpus.read_set.release
        );
        return Err(WrongInput(text).into());
    }
    let (learned, others): (Vec<&Row>, Vec<&Row>) =
        lab.corpus.rows.iter().partition(|row| card.plan.learns(row));
    if others.is_empty() {
        let text =
            "the model held nothing out, so there is nobody to compare with\nhint: train with --held-out 30";
        return Err(WrongInput(text.into()).into());
    }
    Ok((learned, others))
}

fn membership_section(told: &Membership) -> Section {
    let certain = told.found_at_one_percent.as_ref().map_or_else(
        || "needs 100 conversations that were not learned".to_owned(),
        |found| {
            format!("{:.1} % ({:.1} to {:.1})", found.value * 100.0, found.low * 100.0, found.high * 100.0)
        },
    );
    let best = if told.by_loss.value >= told.by_loss_over_zlib.value {
        &told.by_loss
    } else {
        &told.by_loss_over_zlib
    };
    let finding = match (best.is_above(0.5), best.value > 0.75) {
        (true, true) => "The model gives away whom it learned from.",
        (true, false) => "The model gives away a little about whom it learned from.",
        (false, _) => "These attacks tell nothing that chance would not.",
    };
    Section {
        title: "Can it be told who was learned from?".into(),
        method: MEMBERSHIP_METHOD.into(),
        rows: vec![
            row(&["attack", "area under the curve"]),
            row(&["by loss", &shown(&told.by_loss)]),
            row(&["by loss beside zlib", &shown(&told.by_loss_over_zlib)]),
            row(&["found while 1 % of the others are accused", &certain]),
        ],
        finding: finding.into(),
    }
}

fn verbatim_section(drawn: Option<&Verbatim>) -> Section {
    let mut rows = vec![row(&["turns", "given back word for word", "tried"])];
    let mut finding = "No turn is long enough to try.".to_owned();
    if let Some(drawn) = drawn {
        for (of, figure) in [("learned", &drawn.learned), ("not learned", &drawn.not_learned)] {
            rows.push(row(&[of, &shown(figure), &figure.cases.to_string()]));
        }
        finding = match drawn.learned.is_above(drawn.not_learned.high) {
            true => format!(
                "{} turns that it learned come back word for word, more than by common phrases.",
                drawn.given_back
            ),
            false => {
                "Turns that it learned come back no more often than turns that it never saw: common phrases."
                    .to_owned()
            }
        };
    }
    Section {
        title: "Can it be made to say what somebody said?".into(),
        method: format!(
            "The model is given what came before in the conversation and the first {PREFIX_TOKENS} tokens of a turn, and \
             must go on with exactly the next {SUFFIX_TOKENS}, the likeliest token each time (after Carlini et al. 2023, \
             where it is 50 and 50: chats are shorter). What everybody says comes back of turns that were never learned, \
             too; only the difference is memory. Shares with 95 % intervals after Wilson (1927)."
        ),
        rows,
        finding,
    }
}
