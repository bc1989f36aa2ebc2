//! Makes `weights/sensitive.bin` from templates: `train_sensitive OUT`. `cargo xtask train-deid sensitive` runs it.

use std::collections::HashMap;

use anyhow::{Context as _, bail};
use candor_deid::sensitive::{Class, learn};

const TEMPLATES: &str = include_str!("templates.txt");
/// Sentences made of a template with slots; one without makes fewer.
const COPIES: usize = 14;
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

fn main() -> anyhow::Result<()> {
    let out = std::env::args().nth(1).context("usage: train_sensitive OUT")?;
    let bytes = learn(&rows()?);
    std::fs::write(&out, bytes).with_context(|| format!("write {out}"))
}

/// The generated sentences in a shuffled order.
fn rows() -> anyhow::Result<Vec<(String, Vec<Class>)>> {
    let mut chance = Chance(7);
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
                rows.push((sentence(template, &slots, &mut chance)?, classes.clone()));
            }
        }
    }
    for at in (1..rows.len()).rev() {
        rows.swap(at, chance.below(at + 1));
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
