//! A score for people and for programs.

use candor_deid::score::{EVALUATOR_OVERLAP_MIN, Matches, OVERLAP_MIN, Score, Share, Tally};
use serde_json::{Map, Value, json};

use super::score::{Point, Told};
use crate::context::table;

/// The score as tables.
pub(super) fn text(told: &Told) -> String {
    let score = &told.all;
    let mut parts = vec![format!(
        "{}: {} documents, {} with marks; found by {}\nshares in percent, with 95 % intervals after Wilson (1927)",
        told.source, score.documents, score.documents_marked, told.finder
    )];
    parts.push(format!("what was found\n{}", table(&found_rows(score))));
    parts.push(format!("what is left\n{}", table(&left_rows(score))));
    parts.push(format!("by branch\n{}", table(&branch_rows(score))));
    if !told.languages.is_empty() {
        parts.push(format!("by language\n{}", table(&language_rows(told))));
    }
    if !told.curve.is_empty() {
        parts.push(format!("by threshold\n{}", table(&curve_rows(&told.curve))));
    }
    if score.found_beside > 0 {
        parts.push(format!(
            "{} found spans are of branches that nobody marked here; they count in what is left, and nowhere else",
            score.found_beside
        ));
    }
    parts.join("\n\n")
}

fn found_rows(score: &Score) -> Vec<Vec<String>> {
    let row = |name: String, matches: &Matches| {
        let mut row = vec![name];
        row.extend(measures(matches).map(|(_, share)| shown(share)));
        row
    };
    let total = &score.total;
    let (precision, recall) = (total.rightly_hidden.share(), total.hidden.share());
    let mut characters = vec!["characters".to_owned()];
    let f = |beta| Share::f_measure(precision, recall, beta);
    characters.extend([precision, recall, f(1.0), f(2.0)].map(shown));
    vec![
        headings(&["", "precision", "recall", "F1", "F2"]),
        row("spans, exact, same branch".into(), &total.exact),
        row(format!("spans, overlap {OVERLAP_MIN} or more, same branch"), &total.overlapping),
        row(format!("SpanEvaluator, overlap {OVERLAP_MIN} or more"), &score.evaluator_half),
        row(format!("SpanEvaluator, overlap {EVALUATOR_OVERLAP_MIN} or more"), &score.evaluator),
        characters,
    ]
}

fn left_rows(score: &Score) -> Vec<Vec<String>> {
    let total = &score.total;
    let row = |name: &str, count: u64, of: u64, share: Option<Share>| {
        vec![name.to_owned(), count.to_string(), format!("of {of}"), shown(share)]
    };
    let (spans, any) = (total.exact.gold, total.missed_wholly + total.missed_partly);
    vec![
        row("marked spans, whole", total.missed_wholly, spans, total.missed()),
        row("marked spans, any letter or digit", any, spans, total.leaking()),
        row("documents with any of that", score.documents_leaking, score.documents_marked, score.leaking()),
    ]
}

fn branch_rows(score: &Score) -> Vec<Vec<String>> {
    let mut rows = vec![headings(&[
        "",
        "marked",
        "found",
        "precision",
        "recall",
        "F1",
        "F2",
        "characters hidden",
        "left whole",
    ])];
    for (branch, tally) in &score.by_branch {
        let mut row = vec![
            branch.name().to_owned(),
            tally.overlapping.gold.to_string(),
            tally.overlapping.found.to_string(),
        ];
        row.extend(measures(&tally.overlapping).map(|(_, share)| shown(share)));
        row.extend([tally.hidden.share(), tally.missed()].map(shown));
        rows.push(row);
    }
    rows
}

fn language_rows(told: &Told) -> Vec<Vec<String>> {
    let mut rows = vec![headings(&[
        "",
        "documents",
        "precision",
        "recall",
        "characters hidden",
        "left whole",
        "leaking",
    ])];
    for (language, score) in &told.languages {
        let total = &score.total;
        let shares = [
            total.overlapping.precision(),
            total.overlapping.recall(),
            total.hidden.share(),
            total.missed(),
            score.leaking(),
        ];
        let mut row = vec![language.clone(), score.documents.to_string()];
        row.extend(shares.map(shown));
        rows.push(row);
    }
    rows
}

fn curve_rows(curve: &[Point]) -> Vec<Vec<String>> {
    let mut rows = vec![headings(&["", "precision", "recall", "characters hidden", "left whole"])];
    for point in curve {
        let mut row = vec![format!("{:.2}", point.threshold)];
        row.extend([point.precision, point.recall, point.hidden, point.missed].map(shown));
        rows.push(row);
    }
    rows
}

fn headings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn measures(matches: &Matches) -> [(&'static str, Option<Share>); 4] {
    [
        ("precision", matches.precision()),
        ("recall", matches.recall()),
        ("f1", matches.f(1.0)),
        ("f2", matches.f(2.0)),
    ]
}

fn shown(share: Option<Share>) -> String {
    let percent = |value: f64| format!("{:.1}", 100.0 * value);
    share.map_or_else(
        || "-".to_owned(),
        |share| format!("{} ({} to {})", percent(share.value), percent(share.low), percent(share.high)),
    )
}

/// The score as JSON: counts, and shares from 0 to 1 with their intervals.
pub(super) fn value(told: &Told) -> Value {
    let languages = told.languages.iter().map(|(language, score)| (language.clone(), score_value(score)));
    let point = |point: &Point| {
        json!({
            "threshold": super::placed::rounded(point.threshold),
            "precision": share_value(point.precision),
            "recall": share_value(point.recall),
            "characters_recall": share_value(point.hidden),
            "missed_wholly": share_value(point.missed),
        })
    };
    let mut value = score_value(&told.all);
    value["source"] = told.source.clone().into();
    value["found_by"] = told.finder.clone().into();
    value["by_language"] = Value::Object(languages.collect());
    value["curve"] = told.curve.iter().map(point).collect();
    value
}

fn score_value(score: &Score) -> Value {
    let branches =
        score.by_branch.iter().map(|(branch, tally)| (branch.name().to_owned(), tally_value(tally)));
    let mut value = tally_value(&score.total);
    value["documents"] = score.documents.into();
    value["documents_marked"] = score.documents_marked.into();
    value["documents_leaking"] = counted(score.documents_leaking, score.leaking());
    value["span_evaluator_50"] = matches_value(&score.evaluator_half);
    value["span_evaluator_75"] = matches_value(&score.evaluator);
    value["found_beside"] = score.found_beside.into();
    value["by_branch"] = Value::Object(branches.collect());
    value
}

fn tally_value(tally: &Tally) -> Value {
    let (precision, recall) = (tally.rightly_hidden.share(), tally.hidden.share());
    json!({
        "exact": matches_value(&tally.exact),
        "overlap_50": matches_value(&tally.overlapping),
        "characters": {
            "precision": share_value(precision),
            "recall": share_value(recall),
            "f1": share_value(Share::f_measure(precision, recall, 1.0)),
            "f2": share_value(Share::f_measure(precision, recall, 2.0)),
        },
        "missed_wholly": counted(tally.missed_wholly, tally.missed()),
        "missed_in_part_or_wholly": counted(tally.missed_wholly + tally.missed_partly, tally.leaking()),
    })
}

fn matches_value(matches: &Matches) -> Value {
    let mut value = Map::new();
    for (name, count) in [("gold", matches.gold), ("found", matches.found), ("right", matches.right)] {
        value.insert(name.to_owned(), count.into());
    }
    for (name, share) in measures(matches) {
        value.insert(name.to_owned(), share_value(share));
    }
    Value::Object(value)
}

fn counted(count: u64, share: Option<Share>) -> Value {
    json!({ "count": count, "share": share_value(share) })
}

/// Six digits are more than any of these is worth; more would differ between machines.
fn share_value(share: Option<Share>) -> Value {
    let rounded = |value: f64| (value * 1e6).round() / 1e6;
    share.map_or(Value::Null, |share| {
        json!({ "value": rounded(share.value), "low": rounded(share.low), "high": rounded(share.high) })
    })
}
