//! Linkage by style: whether what somebody wrote in some conversations finds what they wrote in others.
//!
//! De-identified text still has a hand. Each person's conversations are dealt into two halves; a half is a vector of how
//! often each run of three characters occurs, weighed by how rare it is among people; halves are compared by cosine
//! (the usual baseline of authorship attribution: Kešelj and others 2003, Stamatatos 2009). Topics that a person comes
//! back to count too, as they would for whoever tries. A stronger attack may link more.

use std::collections::HashSet;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::interval;
use crate::manifest::Interval;
use crate::origin::{NORMAL_QUANTILE, wilson};

/// The most people whose halves are compared, each with each.
pub const PEOPLE_MAX: usize = 2_000;
/// The fewest people that say anything.
pub const PEOPLE_MIN: usize = 20;
/// The fewest characters of a half.
pub const HALF_CHARACTERS_MIN: usize = 400;
/// The most bytes of a half that are read.
pub const HALF_BYTES_MAX: usize = 8 << 10;
/// Features that runs of characters are hashed into.
const FEATURES: usize = 2_048;

/// How well halves find each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linkage {
    /// People compared.
    pub people: u64,
    /// Share of them whose own other half is the most alike of all.
    pub rank_1: Interval,
    /// The same if halves were drawn by lot.
    pub chance: String,
    /// How often the own half is more alike than another's: 0.5 by lot.
    pub auc: Interval,
}

/// Compares halves, two for each person; `None` with too few people.
pub fn linkage(halves: &[[String; 2]]) -> Option<Linkage> {
    let long = |half: &String| half.chars().count() >= HALF_CHARACTERS_MIN;
    let mut vectors: Vec<[Vec<f32>; 2]> = halves
        .par_iter()
        .filter(|halves| halves.iter().all(long))
        .map(|halves| halves.each_ref().map(|half| counted(half)))
        .collect();
    vectors.truncate(PEOPLE_MAX);
    if vectors.len() < PEOPLE_MIN {
        return None;
    }
    weigh(&mut vectors);
    // Of each person: how many others are more alike than they are themselves, and how many as much.
    let ranks: Vec<(f64, bool)> = vectors
        .par_iter()
        .enumerate()
        .map(|(number, [first, second])| {
            let own = product(first, second);
            let others = vectors.iter().enumerate().filter(|(other, _)| *other != number);
            let (mut above, mut same) = (0.0, 0.0);
            for (_, [_, other]) in others {
                let alike = product(first, other);
                above += f64::from(u8::from(alike > own));
                same += f64::from(u8::from(alike == own));
            }
            let others = (vectors.len() - 1) as f64;
            (1.0 - (above + same / 2.0) / others, above + same == 0.0)
        })
        .collect();
    let count = ranks.len() as f64;
    let first = ranks.iter().filter(|(_, first)| *first).count() as f64;
    let rank_1 = wilson(first / count, count);
    let mean = ranks.iter().map(|(above, _)| above).sum::<f64>() / count;
    let variance = ranks.iter().map(|(above, _)| (above - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let spread = NORMAL_QUANTILE * (variance / count).sqrt();
    Some(Linkage {
        people: ranks.len() as u64,
        rank_1: interval(rank_1.value, rank_1.low, rank_1.high),
        chance: format!("{:.4}", 1.0 / count),
        auc: interval(mean, (mean - spread).max(0.0), (mean + spread).min(1.0)),
    })
}

/// How often each run of three characters occurs, placeholders left out.
fn counted(text: &str) -> Vec<f32> {
    let mut counts = vec![0.0; FEATURES];
    let mut window = [' '; 3];
    let mut from = 0;
    let placeholders = candor_deid::placeholder::find_all(text);
    let ends = placeholders.iter().map(|found| (found.range.start, found.range.end));
    for (start, end) in ends.chain([(text.len(), text.len())]) {
        for c in text[from..start].chars() {
            let c = if c.is_whitespace() { ' ' } else { c };
            if c == ' ' && window[2] == ' ' {
                continue;
            }
            window = [window[1], window[2], c];
            counts[feature(window)] += 1.0;
        }
        (from, window) = (end, [' '; 3]);
    }
    counts
}

fn feature(window: [char; 3]) -> usize {
    let mixed = window.iter().fold(0_u64, |sum, c| (sum ^ u64::from(*c)).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    (mixed >> 32) as usize % FEATURES
}

/// Weighs counts by their logarithm and by how rare they are among people, and makes vectors of length one.
fn weigh(vectors: &mut [[Vec<f32>; 2]]) {
    let people = vectors.len() as f32;
    let mut holders = vec![0.0_f32; FEATURES];
    for person in vectors.iter() {
        let held: HashSet<usize> =
            person.iter().flat_map(|half| (0..FEATURES).filter(|at| half[*at] > 0.0)).collect();
        held.into_iter().for_each(|at| holders[at] += 1.0);
    }
    vectors.par_iter_mut().flatten().for_each(|half| {
        for (value, holders) in half.iter_mut().zip(&holders) {
            *value = (1.0 + *value).ln() * ((1.0 + people) / (1.0 + holders)).ln();
        }
        let length = half.iter().map(|value| value * value).sum::<f32>().sqrt();
        if length > 0.0 {
            half.iter_mut().for_each(|value| *value /= length);
        }
    });
}

fn product(a: &[f32], b: &[f32]) -> f32 {
    // Eight sums, so that the compiler may use wide registers; the order is fixed, so the figure is.
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text of words drawn from a person's own list, or from one that all share.
    fn text(person: u64, half: u64, own: bool) -> String {
        let mut state = person * 7919 + half * 104_729 + 1;
        let mut words = Vec::new();
        for _ in 0..160 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let word = (state >> 40) % 40 + if own { person * 40 } else { 0 };
            words.push(format!("{:x}", word.wrapping_mul(2_654_435_761) % 0xff_ffff));
        }
        words.join(" ")
    }

    fn people(own: bool) -> Vec<[String; 2]> {
        (0..60).map(|person| [0, 1].map(|half| text(person, half, own))).collect()
    }

    #[test]
    fn people_with_words_of_their_own_are_linked_and_others_are_not() {
        let linked = linkage(&people(true)).unwrap();
        assert_eq!((linked.people, linked.rank_1.value.as_str()), (60, "1.0000"));
        let by_lot = linkage(&people(false)).unwrap();
        let (low, high): (f64, f64) = (by_lot.auc.low.parse().unwrap(), by_lot.auc.high.parse().unwrap());
        assert!(low < 0.5 && 0.5 < high, "{by_lot:?}");
        assert!(by_lot.rank_1.value.parse::<f64>().unwrap() < 0.2, "{by_lot:?}");
        assert_eq!(by_lot.chance, "0.0167");
    }

    #[test]
    fn too_few_people_or_too_little_text_say_nothing() {
        assert_eq!(linkage(&people(true)[..10]), None);
        let short = vec![["short".to_owned(), "text".to_owned()]; 50];
        assert_eq!(linkage(&short), None);
    }
}
