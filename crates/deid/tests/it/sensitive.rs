//! Labels on sentences written by hand, and how many real sentences get one.

use std::sync::LazyLock;

use candor_deid::sensitive::{Class, Sensitive, split};
use serde::Deserialize;

use crate::corpora;

static SENSITIVE: LazyLock<Sensitive> = LazyLock::new(Sensitive::shipped);
/// Sentences whose errors were looked at.
const WRITTEN: &str = include_str!("../data/sensitive.txt");
/// Sentences that were scored once.
const LATER: &str = include_str!("../data/sensitive_later.txt");

/// Each sentence with its class, or that of the section whose words it uses harmlessly.
fn written(text: &'static str) -> Vec<(Class, bool, &'static str)> {
    let mut class = None;
    let mut rows = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            class = Class::ALL.into_iter().find(|class| class.name() == name);
        } else if let Some((sign @ ("+" | "-"), sentence)) = line.split_once(' ') {
            rows.push((class.unwrap(), sign == "+", sentence));
        }
    }
    rows
}

#[test]
fn sentences_written_by_hand_are_told_apart() {
    let (first, later) = (written(WRITTEN), written(LATER));
    assert!(first.len() >= 400, "{}", first.len());
    for (rows, precision_min, recall_min) in [(first, 0.93, 0.80), (later, 0.85, 0.70)] {
        let (precision, recall) = score(&rows);
        assert!(precision >= precision_min && recall >= recall_min, "{precision:.3} {recall:.3}");
    }
}

/// Precision and recall of having a label; prints them for each class.
fn score(rows: &[(Class, bool, &str)]) -> (f64, f64) {
    let (mut found, mut alarms, mut sensitive) = (0, 0, 0);
    for class in Class::ALL {
        let of = |sign: bool| rows.iter().filter(move |row| row.0 == class && row.1 == sign);
        let classes =
            |sentence: &str| SENSITIVE.label(sentence).iter().map(|label| label.class).collect::<Vec<_>>();
        let hits = of(true).filter(|row| !classes(row.2).is_empty()).count();
        let right = of(true).filter(|row| classes(row.2).contains(&class)).count();
        let wrong = of(false).filter(|row| !classes(row.2).is_empty()).count();
        let (all, harmless) = (of(true).count(), of(false).count());
        println!(
            "{:16} labelled {hits}/{all}, as its class {right}; alarms {wrong}/{harmless}",
            class.name()
        );
        (found, alarms, sensitive) = (found + hits, alarms + wrong, sensitive + all);
    }
    let (precision, recall) = (found as f64 / (found + alarms) as f64, found as f64 / sensitive as f64);
    println!("{} sentences: precision {precision:.3}, recall {recall:.3}", rows.len());
    (precision, recall)
}

#[derive(Deserialize)]
struct Row {
    text_en: String,
}

/// Messages of volunteers to an assistant, and answers, of which hardly any tells something sensitive. Each fourth is
/// another one than those whose harmless sentences the model learnt from.
#[test]
fn few_sentences_of_open_assistant_are_labelled() {
    let path = "a01_oasst1_en_fi/oasst1-en-train-messages-with-fi.jsonl.zst";
    let Some(rows) = corpora::rows::<Row>(path) else { return };
    let (mut sentences, mut labelled) = (0, 0);
    for row in rows.iter().skip(2).step_by(4) {
        sentences += split(&row.text_en).len();
        labelled += SENSITIVE.label_text(&row.text_en).len();
    }
    let share = f64::from(labelled as u32) / sentences as f64;
    println!("{labelled} of {sentences} sentences labelled, {share:.5}");
    assert!(share < 0.002);
}
