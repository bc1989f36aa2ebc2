//! Can style tell typed from pasted text? The figures behind the answer that a release gives: `unknown`.
//!
//! `cargo bench -p candor-release --bench style`
//!
//! Fits a logistic regression on one half of real texts and tells, on the other half, at several thresholds: what is
//! found of text that people paste (articles, model's continuations of them, models' answers to instructions), how
//! much typed text is accused, precision if one turn in ten were pasted, and the calibration error. Halves are by
//! conversation or task, so that no text of one is in the other. Texts below 50 words are abstained on.
#![expect(clippy::print_stdout, reason = "a bench reports on stdout")]

#[path = "style/logistic.rs"]
mod logistic;
#[path = "style/texts.rs"]
mod texts;

use std::collections::BTreeMap;

use logistic::{FEATURES, Regression, features, words};
use texts::{Text, Typed};

const WORDS_MIN: usize = 50;
const THRESHOLDS: [f64; 5] = [0.5, 0.8, 0.9, 0.95, 0.98];
/// Share of turns taken to be pasted, for precision: what it is in real traffic is not known.
const PRIOR: f64 = 0.1;
const BINS: usize = 10;

fn main() {
    let Some(texts) = texts::all() else {
        println!("skipped: the corpora are absent");
        return;
    };
    let (long, short): (Vec<Text>, Vec<Text>) =
        texts.into_iter().partition(|text| words(&text.text).len() >= WORDS_MIN);
    tell_abstention(&long, &short);
    // Volunteers' answers are typed, but not as a turn to a model: they are looked at, never fitted on.
    let dev: Vec<&Text> = long.iter().filter(|t| t.is_dev && t.typed != Typed::AsAnswer).collect();
    let fitted: Vec<([f64; FEATURES], bool)> =
        dev.iter().map(|t| (features(&t.text), t.typed == Typed::No)).collect();
    let model = Regression::fit(&fitted);
    let test: Vec<(&Text, f64)> =
        long.iter().filter(|t| !t.is_dev).map(|t| (t, model.score(&features(&t.text)))).collect();
    tell(&test);
}

fn tell_abstention(long: &[Text], short: &[Text]) {
    let of = |texts: &[Text]| texts.iter().filter(|text| text.typed == Typed::AsTurn).count();
    let (scored, all) = (of(long), of(long) + of(short));
    println!(
        "typed turns of at least {WORDS_MIN} words: {scored} of {all}; abstained on the other {}",
        all - scored
    );
}

fn tell(test: &[(&Text, f64)]) {
    let share = |keep: &dyn Fn(&Text) -> bool, threshold: f64| {
        let kept: Vec<f64> = test.iter().filter(|(text, _)| keep(text)).map(|(_, score)| *score).collect();
        let above = kept.iter().filter(|score| **score >= threshold).count();
        above as f64 / kept.len().max(1) as f64
    };
    let mut sources: BTreeMap<&str, usize> = BTreeMap::new();
    for (text, _) in test {
        *sources.entry(text.source).or_default() += 1;
    }
    for (source, count) in &sources {
        let shares = THRESHOLDS.map(|at| format!("{:.3}", share(&|text| text.source == *source, at)));
        println!("{source:<42} {count:>6} texts; at or above the thresholds: {}", shares.join(" "));
    }
    for threshold in THRESHOLDS {
        let found = share(&|text| text.typed == Typed::No, threshold);
        let accused = share(&|text| text.typed == Typed::AsTurn, threshold);
        let precision = PRIOR * found / (PRIOR * found + (1.0 - PRIOR) * accused);
        println!(
            "threshold {threshold}: recall {found:.3}, typed accused {accused:.4}, precision {precision:.3} at one in ten"
        );
    }
    println!("calibration error, classes weighed alike: {:.3}", calibration_error(test));
}

/// Mean distance, over ten bins of the score, between the score and the share that was pasted.
fn calibration_error(test: &[(&Text, f64)]) -> f64 {
    let judged: Vec<(bool, f64)> = test
        .iter()
        .filter(|(t, _)| t.typed != Typed::AsAnswer)
        .map(|(t, s)| (t.typed == Typed::No, *s))
        .collect();
    let pasted = judged.iter().filter(|(pasted, _)| *pasted).count() as f64;
    let weight =
        |is_pasted: bool| if is_pasted { 0.5 / pasted } else { 0.5 / (judged.len() as f64 - pasted) };
    let mut bins = [(0.0, 0.0); BINS];
    for (is_pasted, score) in &judged {
        let bin = &mut bins[((score * BINS as f64) as usize).min(BINS - 1)];
        bin.0 += weight(*is_pasted) * score;
        bin.1 += if *is_pasted { weight(true) } else { 0.0 };
    }
    bins.iter().map(|(scores, pasted)| (scores - pasted).abs()).sum()
}
