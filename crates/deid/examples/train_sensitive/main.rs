//! Makes `weights/sensitive.bin` from templates and harmless sentences: `train_sensitive CORPUS OUT`.
//!
//! `cargo xtask train-deid sensitive` runs it. The corpus is JSON lines with `text_en`, compressed with zstd; of each
//! fourth message, those sentences are taken as harmless in which nobody speaks of themselves or of somebody they know,
//! or that have no word of any class. What is measured is measured on other messages.

use std::collections::HashMap;

use anyhow::{Context as _, bail};
use candor_deid::sensitive::{Class, is_background, learn, split};
use serde::Deserialize;

const TEMPLATES: &str = include_str!("templates.txt");
/// Sentences made of a template with slots; one without makes fewer.
const COPIES: usize = 30;
/// What may stand around a sentence, a blank where nothing does.
const BEFORE: [&str; 12] = [
    "",
    "",
    "",
    "",
    "",
    "Hi, ",
    "So ",
    "By the way, ",
    "Honestly, ",
    "Hello! ",
    "To be honest, ",
    "I mean, ",
];
const AFTER: [&str; 9] =
    ["", "", "", "", "", " What should I do?", " Can you help me?", " It is hard.", " Any advice?"];

/// A linear congruential generator (Knuth's MMIX): the same sentences every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % bound.max(1) as u64) as usize
    }
}

#[derive(Deserialize)]
struct Message {
    text_en: String,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [corpus, out] = arguments.as_slice() else { bail!("usage: train_sensitive CORPUS OUT") };
    let mut chance = Chance(7);
    let mut rows = rows(&mut chance)?;
    rows.extend(background(corpus)?.into_iter().map(|sentence| (sentence, Vec::new())));
    for at in (1..rows.len()).rev() {
        rows.swap(at, chance.below(at + 1));
    }
    std::fs::write(out, learn(&rows)).with_context(|| format!("write {out}"))
}

/// Harmless sentences of each fourth message.
fn background(corpus: &str) -> anyhow::Result<Vec<String>> {
    let file = std::fs::File::open(corpus).with_context(|| format!("open {corpus}"))?;
    let text = String::from_utf8(zstd::decode_all(file).with_context(|| format!("read {corpus}"))?)?;
    let mut sentences = Vec::new();
    for line in text.split('\n').filter(|line| !line.is_empty()).skip(1).step_by(4) {
        let message: Message =
            serde_json::from_str(line).with_context(|| format!("read a row of {corpus}"))?;
        let all = split(&message.text_en).into_iter().map(|range| message.text_en[range].trim().to_owned());
        sentences.extend(all.filter(|sentence| is_background(sentence)));
    }
    Ok(sentences)
}

/// The generated sentences.
fn rows(chance: &mut Chance) -> anyhow::Result<Vec<(String, Vec<Class>)>> {
    let (mut slots, mut class, mut rows) = (HashMap::new(), None, Vec::new());
    for line in TEMPLATES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some((slot, choices)) = line.strip_prefix('{').and_then(|line| line.split_once("} = ")) {
            slots.insert(slot.to_owned(), choices.split('|').collect::<Vec<_>>());
        } else if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            class = Class::ALL.into_iter().find(|class| class.name() == name);
            if class.is_none() && name != "none" {
                bail!("no class is called {name}");
            }
        } else if let Some((sign, template)) = line.split_once(' ') {
            let classes: Vec<Class> = if sign == "+" { class.into_iter().collect() } else { Vec::new() };
            let copies = if template.contains('{') { COPIES } else { COPIES / 3 };
            for _ in 0..copies {
                rows.push((sentence(template, &slots, chance)?, classes.clone()));
            }
        }
    }
    Ok(rows)
}

fn sentence(
    template: &str,
    slots: &HashMap<String, Vec<&str>>,
    chance: &mut Chance,
) -> anyhow::Result<String> {
    let mut text = template.to_owned();
    while let Some((before, rest)) = text.split_once('{') {
        let (slot, after) = rest.split_once('}').with_context(|| format!("no }} in {template}"))?;
        let choices = slots.get(slot).with_context(|| format!("no slot {slot}"))?;
        text = format!("{before}{}{after}", choices[chance.below(choices.len())]);
    }
    let around = format!("{}{}{}", BEFORE[chance.below(12)], text.replace(" .", "."), AFTER[chance.below(9)]);
    // People type in lower case, and a third without the last mark.
    let around = if chance.below(4) == 0 { around.to_lowercase() } else { around };
    Ok(if chance.below(3) == 0 { around.trim_end_matches('.').to_owned() } else { around })
}
