//! Labels on sentences written by hand, and how many real sentences get one.

use std::sync::LazyLock;

use candor_deid::sensitive::{Class, Sensitive, split};
use serde::Deserialize;

use crate::corpora;

static SENSITIVE: LazyLock<Sensitive> = LazyLock::new(Sensitive::shipped);
const WRITTEN: &str = include_str!("../data/sensitive.txt");

/// Each sentence with its class, or that of the section whose words it uses harmlessly.
fn written() -> Vec<(Class, bool, &'static str)> {
    let mut class = None;
    let mut rows = Vec::new();
    for line in WRITTEN.lines() {
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
    let rows = written();
    assert!(rows.len() >= 400, "{}", rows.len());
    let (mut found, mut false_alarms) = (0, 0);
    for class in Class::ALL {
        let of_class = || rows.iter().filter(|row| row.0 == class);
        let labelled = |sentence: &str| SENSITIVE.label(sentence);
        let hits = of_class().filter(|row| row.1 && !labelled(row.2).is_empty()).count();
        let right = of_class()
            .filter(|row| row.1 && labelled(row.2).iter().any(|label| label.class == class))
            .count();
        let alarms = of_class().filter(|row| !row.1 && !labelled(row.2).is_empty()).count();
        let (sensitive, harmless) =
            (of_class().filter(|row| row.1).count(), of_class().filter(|row| !row.1).count());
        println!(
            "{:16} labelled {hits}/{sensitive}, as its class {right}; alarms {alarms}/{harmless}",
            class.name()
        );
        (found, false_alarms) = (found + hits, false_alarms + alarms);
    }
    let sensitive = rows.iter().filter(|row| row.1).count();
    let (recall, precision) = (found as f64 / sensitive as f64, found as f64 / (found + false_alarms) as f64);
    println!("sentences: precision {precision:.3}, recall {recall:.3}");
    assert!(precision >= 0.93 && recall >= 0.80);
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
