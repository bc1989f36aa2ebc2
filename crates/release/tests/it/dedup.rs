//! De-duplication, end to end and step by step.

use std::collections::BTreeSet;

use candor_conversation::Message;
use candor_release::dedup::{
    BANDS, BUCKET_REPRESENTATIVES, Clusters, Difference, Exchange, Folded, Pair, Sameness, Verdict,
    WordCounts, verify,
};
use proptest::prelude::*;

use crate::{
    copies::{Change, Score, with_copies},
    corpora::{self, Corpus},
    peer, pipeline,
};

fn turn(text: &str) -> Folded {
    Folded::new(&[Message { role: "user".into(), content: text.into() }])
}

/// Counts of a small corpus in which some words are common and others unknown.
fn counts() -> WordCounts {
    let mut counts = WordCounts::new(&pipeline::KEY, 1 << 16);
    for _ in 0..100 {
        counts.add(&turn(
            "please find me a restaurant or a museum near the station what about that for Anna in Boston",
        ));
        counts.add(&turn("he said she can not see the order of their street"));
    }
    counts
}

fn judged(a: &str, b: &str) -> Verdict {
    verify(&turn(a), &turn(b), &counts())
}

#[test]
fn slips_case_and_courtesy_are_the_same() {
    for (a, b, rule) in [
        ("Find me a restaurant.", "find me a RESTAURANT!", Sameness::Folded),
        ("Find me the take-out", "find me the takeout", Sameness::Folded),
        ("find me a restaurant", "find me a resturant", Sameness::Typo),
        ("find me a restaurant", "find me a restuarant", Sameness::Typo),
        ("find me a restaurant", "find me a restaurant please", Sameness::Affix),
        ("find me a restaurant", "Hey, um, find me a restaurant", Sameness::Affix),
        ("mail [EMAIL_1] please", "Mail [EMAIL_1], please!", Sameness::Folded),
    ] {
        assert_eq!(judged(a, b), Verdict::Same(rule), "{a} / {b}");
    }
}

#[test]
fn what_changes_the_meaning_is_distinct() {
    for (a, b, why) in [
        ("a table at 7 pm", "a table at 8 pm", Difference::Quantity),
        ("it costs $5", "it costs 5", Difference::Quantity),
        ("I want two", "I want ten", Difference::Quantity),
        ("see you on Monday", "see you on Sunday", Difference::Quantity),
        ("is that C", "is that C++", Difference::Quantity),
        ("she can see", "she can not see", Difference::Negation),
        ("she can see", "she can't see", Difference::Negation),
        ("yes that one", "no that one", Difference::Negation),
        ("a letter for Anna", "a letter for Anne", Difference::Name),
        ("a room in Boston", "a room in Austin", Difference::Name),
        ("what about that", "that about what", Difference::Word),
        ("what about that", "that about that", Difference::Word),
        ("he can see", "she can see", Difference::Word),
        ("mail [EMAIL_1]", "mail [EMAIL_2]", Difference::Quantity),
    ] {
        assert_eq!(judged(a, b), Verdict::Distinct(why), "{a} / {b}");
    }
}

#[test]
fn long_texts_may_differ_by_little_at_the_ends() {
    let text = "the order of their street ".repeat(5);
    assert_eq!(judged(&text, &format!("{text} restaurant")), Verdict::Same(Sameness::Ends));
    assert!(matches!(judged(&text, &format!("{text} 7")), Verdict::Distinct(_)));
    assert!(matches!(judged(&text, &format!("{text} restaurant museum")), Verdict::Distinct(_)));
}

#[test]
fn a_shared_opening_line_does_not_make_two_conversations_one() {
    let thread = |lines: &[(&str, &str)]| {
        let message =
            |&(role, content): &(&str, &str)| Message { role: role.into(), content: content.into() };
        Folded::new(&lines.iter().map(message).collect::<Vec<_>>())
    };
    let opening = ("user", "find me a restaurant");
    let (a, b) = (thread(&[opening, ("assistant", "near the station")]), thread(&[opening]));
    assert_eq!(verify(&a, &b, &counts()), Verdict::Distinct(Difference::Messages));
    let c = thread(&[opening, ("assistant", "near the museum")]);
    assert_eq!(verify(&a, &c, &counts()), Verdict::Distinct(Difference::Word));
    let d = thread(&[opening, ("user", "near the station")]);
    assert_eq!(verify(&a, &d, &counts()), Verdict::Distinct(Difference::Role));
}

const WORDS: &str =
    "(restaurant|resturant|museum|7|8th|not|Anna|Anne|please|hey|what|that|take|out|takeout|[a-c]{1,4})";

fn sentence() -> impl Strategy<Value = String> {
    proptest::collection::vec(WORDS, 0..8).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn verify_is_symmetric_and_reflexive(a in sentence(), b in sentence()) {
        let (a, b, counts) = (turn(&a), turn(&b), counts());
        prop_assert_eq!(verify(&a, &b, &counts), verify(&b, &a, &counts));
        prop_assert_eq!(verify(&a, &a, &counts), Verdict::Same(Sameness::Folded));
    }

    #[test]
    fn verify_is_symmetric_on_any_text(a in "\\PC{0,24}", b in "\\PC{0,24}") {
        let counts = counts();
        prop_assert_eq!(verify(&turn(&a), &turn(&b), &counts), verify(&turn(&b), &turn(&a), &counts));
    }

    #[test]
    fn another_number_is_never_the_same(before in sentence(), after in sentence(), a in 0..5000u32, b in 0..5000u32) {
        prop_assume!(a != b);
        let [a, b] = [a, b].map(|number| turn(&format!("{before} {number} {after}")));
        prop_assert!(matches!(verify(&a, &b, &counts()), Verdict::Distinct(_)));
    }

    #[test]
    fn exchange_finds_every_pair_that_shares_a_band(
        rows in proptest::collection::vec(proptest::collection::vec(0..40u64, BANDS), 0..BUCKET_REPRESENTATIVES),
        memory_bytes in 0..40_000usize,
        reversed: bool,
    ) {
        let rows: Vec<(u64, [u64; BANDS])> = rows
            .into_iter()
            .enumerate()
            .map(|(row, bands)| (row as u64, std::array::from_fn(|band| bands[band] * BANDS as u64 + band as u64)))
            .collect();
        let mut expected = BTreeSet::new();
        for (low, bands_low) in &rows {
            for (high, bands_high) in rows.iter().filter(|(high, _)| high > low) {
                if bands_low.iter().zip(bands_high).any(|(a, b)| a == b) {
                    expected.insert(Pair { low: *low, high: *high });
                }
            }
        }
        let mut pushed = rows;
        if reversed {
            pushed.reverse();
        }
        let directory = tempfile::tempdir().unwrap();
        let mut exchange = Exchange::new(directory.path(), memory_bytes);
        exchange.push_all(&pushed).unwrap();
        let found: Vec<Pair> = exchange.finish().unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn clusters_do_not_depend_on_the_order_of_pairs_and_never_drift(
        likeness in proptest::collection::vec(0..8u64, 12),
        seed in any::<u64>(),
    ) {
        // Rows on a line: alike when at most one apart, so likeness does not carry over.
        let same = |pair: Pair| {
            let apart = likeness[pair.low as usize].abs_diff(likeness[pair.high as usize]);
            (apart <= 1).then_some(Sameness::Typo)
        };
        let all = (0..12).flat_map(|low| (low + 1..12).map(move |high| Pair { low, high }));
        let mut pairs: Vec<_> = all.filter_map(|pair| same(pair).map(|rule| (pair, rule))).collect();
        let clusters = Clusters::new(pairs.clone(), same);
        let mut chance = crate::copies::Chance(seed);
        for index in (1..pairs.len()).rev() {
            pairs.swap(index, chance.below(index + 1));
        }
        prop_assert_eq!(&Clusters::new(pairs, same), &clusters);
        for removed in clusters.removed() {
            let pair = Pair { low: removed.representative, high: removed.row };
            prop_assert!(same(pair).is_some());
            prop_assert!(clusters.representative(removed.representative).is_none());
        }
        let weights: u32 = (0..12).filter_map(|row| clusters.weight(row)).sum();
        prop_assert_eq!(weights, 12);
    }
}

#[test]
fn a_huge_bucket_costs_a_bounded_number_of_pairs() {
    let directory = tempfile::tempdir().unwrap();
    let mut exchange = Exchange::new(directory.path(), 1 << 16);
    let rows = 5_000;
    for row in 0..rows {
        let mut bands = std::array::from_fn(|band| row * BANDS as u64 + band as u64);
        bands[0] = u64::MAX;
        exchange.push(row, &bands).unwrap();
    }
    let pairs = exchange.finish().unwrap().map(Result::unwrap).count();
    let representatives = BUCKET_REPRESENTATIVES;
    assert_eq!(
        pairs,
        (rows as usize - representatives) * representatives + representatives * (representatives - 1) / 2
    );
}

#[test]
fn spilled_files_hold_nothing_readable_and_are_gone_afterwards() {
    let canary = "canary Zanzibar umbrella 4711";
    let texts: Vec<String> = (0..2_000).map(|row| format!("{canary} {row} {}", row * row)).collect();
    let directory = tempfile::tempdir().unwrap();
    let sketcher = candor_release::dedup::Sketcher::new(&pipeline::KEY);
    let mut exchange = Exchange::new(directory.path(), 1 << 14);
    for (row, text) in (0..).zip(&texts) {
        exchange.push(row, &sketcher.bands(&turn(text))).unwrap();
    }
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(directory.path()).unwrap() {
        bytes.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    assert!(bytes.len() > 100_000, "the budget was meant to force a spill");
    for word in canary.split(' ') {
        let lower = word.to_lowercase();
        for needle in [word, lower.as_str()] {
            assert!(!bytes.windows(needle.len()).any(|window| window == needle.as_bytes()), "{needle}");
        }
    }
    drop(exchange);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn a_missing_folder_is_named() {
    let mut exchange = Exchange::new(std::path::Path::new("absent/folder"), 0);
    let error = (0..1_000).find_map(|row| exchange.push(row, &[row; BANDS]).err()).unwrap();
    assert!(error.to_string().starts_with("write sorted run absent/folder"), "{error}");
    assert_eq!(error.kind(), candor_conversation::Kind::Unavailable);
}

#[test]
fn copies_of_real_turns_go_and_the_turns_stay() {
    for (corpus, removed_min) in
        [(Corpus::TaskTrain, 0.88), (Corpus::TaskTest, 0.88), (Corpus::Assistant, 0.88)]
    {
        let Some(bases) = corpora::turns(corpus) else {
            println!("skipped {corpus:?}: the corpus is absent");
            continue;
        };
        let bases: Vec<String> = bases.into_iter().step_by(4).take(6_000).collect();
        let rows = with_copies(&bases, 2);
        let turns = pipeline::conversations(rows.iter().map(|row| row.text.as_str()));
        let directory = tempfile::tempdir().unwrap();
        let outcome = pipeline::deduplicate(&turns, directory.path(), 1 << 20).unwrap();
        assert!(outcome.candidates < 10 * rows.len(), "{corpus:?}: {} candidates", outcome.candidates);
        let score = Score::of(&rows, &outcome.standing(rows.len()));
        assert!(score.recall() >= removed_min, "{corpus:?}: removed {}", score.recall());
        assert!(score.lost_share() <= 0.01, "{corpus:?}: lost {}", score.lost_share());
        let (made, joined) = score.copies[&Change::Word];
        assert!(joined * 50 <= made, "{corpus:?}: one-word changes merged {joined} of {made}");
        let usual = Score::of(&rows, &peer::representatives(rows.iter().map(|row| row.text.as_str())));
        assert!(
            usual.lost_share() > score.lost_share(),
            "{corpus:?}: unverified lost {}",
            usual.lost_share()
        );
    }
}
