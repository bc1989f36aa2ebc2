//! The indicators on real text: silent on another sample of the same people, loud on a model of them.

use std::collections::BTreeMap;

use candor_release::indicators::{Indicator, Measures, Reference, Sample, compare};

use crate::copies::Chance;
use crate::corpora::{self, Corpus};

const TOKENS: usize = 65_536;

#[test]
fn on_real_text_the_alarm_tells_a_models_text_from_other_peoples() {
    let Some(mut turns) = corpora::turns(Corpus::Assistant) else {
        println!("skipped: the corpus is absent");
        return;
    };
    shuffle(&mut turns);
    let (reference, rest) = turns.split_at(turns.len() / 3);
    let (some, others) = rest.split_at(rest.len() / 2);
    let reference = Reference::of(reference.iter().map(String::as_str));
    let measured =
        |texts: &[String]| Sample::of(texts.iter().map(String::as_str)).measure(TOKENS, Some(&reference));
    let human = measured(some);
    assert_eq!(alarms(&human, &measured(others)), [], "other people of the same make");
    let first = retold(some, 1);
    let second = retold(&first, 2);
    let (first, second) = (alarms(&human, &measured(&first)), alarms(&human, &measured(&second)));
    println!("first generation: {first:?}; second: {second:?}");
    assert!(first.contains(&Indicator::Hapax1) && first.contains(&Indicator::Hapax2), "{first:?}");
    for indicator in [Indicator::TailCoverage, Indicator::Hapax1, Indicator::Distinct1] {
        assert!(second.contains(&indicator), "{indicator:?} in {second:?}");
    }
}

fn alarms(before: &Measures, now: &Measures) -> Vec<Indicator> {
    assert_eq!(before.tokens, now.tokens);
    compare(before, now).iter().filter(|change| change.alarm).map(|change| change.indicator).collect()
}

fn shuffle(turns: &mut [String]) {
    let mut chance = Chance(5);
    for at in (1..turns.len()).rev() {
        turns.swap(at, chance.below(at + 1));
    }
}

/// As many turns, drawn from a model that knows which word follows which.
fn retold(turns: &[String], seed: u64) -> Vec<String> {
    let mut following: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for turn in turns {
        let mut before = "";
        for word in turn.split_whitespace().chain([""]) {
            following.entry(before).or_default().push(word);
            before = word;
        }
    }
    let mut chance = Chance(seed);
    let mut say = || {
        let (mut said, mut before) = (Vec::new(), "");
        while said.len() < 200 {
            let choices = &following[before];
            before = choices[chance.below(choices.len())];
            if before.is_empty() {
                break;
            }
            said.push(before);
        }
        said.join(" ")
    };
    turns.iter().map(|_| say()).collect()
}
