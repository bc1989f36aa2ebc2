//! Recall and precision on corpora, printed for each kind, with floors that today's engine honestly holds.
//!
//! A gold span counts as found when no letter or digit of it is left; a span counts as right when it touches a gold
//! span of any type. Rules were tuned on the tune half only (see [`crate::corpora::half`]); floors are for both.

use std::collections::BTreeMap;

use candor_deid::{Engine, IdentifierKind, Settings, Span};
use serde::Deserialize;

use crate::corpora::{Half, half, rows};

#[derive(Deserialize)]
struct Sentence {
    text: String,
    spans: Vec<Gold>,
    template_id: u64,
}

#[derive(Deserialize)]
struct Gold {
    start: usize,
    end: usize,
    r#type: String,
}

#[derive(Clone, Copy, Default)]
struct Score {
    gold: usize,
    found: usize,
    claimed: usize,
    right: usize,
}

impl Score {
    fn recall(self) -> f64 {
        self.found as f64 / self.gold.max(1) as f64
    }

    fn precision(self) -> f64 {
        self.right as f64 / self.claimed.max(1) as f64
    }
}

/// Our kinds for the corpus's names, with the least recall and precision of the check half.
const PERSONAL: [(&str, IdentifierKind, f64, f64); 13] = [
    ("EMAIL_ADDRESS", IdentifierKind::Email, 1.0, 1.0),
    ("PHONE_NUMBER", IdentifierKind::Phone, 0.84, 0.95),
    ("CREDIT_CARD", IdentifierKind::Card, 0.995, 0.99),
    ("IBAN_CODE", IdentifierKind::Iban, 1.0, 1.0),
    ("US_SSN", IdentifierKind::NationalId, 1.0, 1.0),
    ("IP_ADDRESS", IdentifierKind::Ip, 1.0, 1.0),
    ("US_DRIVER_LICENSE", IdentifierKind::DrivingLicence, 0.99, 0.95),
    ("AGE", IdentifierKind::Age, 0.95, 0.95),
    ("DOMAIN_NAME", IdentifierKind::Website, 0.99, 0.95),
    ("DATE_TIME", IdentifierKind::Date, 0.95, 0.95),
    // Addresses in free form, places and occupations are the name model's.
    ("ZIP_CODE", IdentifierKind::Address, 0.0, 0.98),
    ("STREET_ADDRESS", IdentifierKind::Address, 0.0, 0.98),
    ("TITLE", IdentifierKind::Title, 0.3, 0.95),
];

/// Whether every letter and digit of a byte range lies in a span.
fn is_covered(text: &str, start: usize, end: usize, spans: &[Span]) -> bool {
    let left = |at: usize, c: char| {
        c.is_alphanumeric() && !spans.iter().any(|span| span.range.contains(&(start + at)))
    };
    !text[start..end].char_indices().any(|(at, c)| left(at, c))
}

/// Byte offsets of character offsets.
fn bytes_of(text: &str, gold: &Gold) -> (usize, usize) {
    let offset = |place: usize| text.char_indices().nth(place).map_or(text.len(), |(at, _)| at);
    (offset(gold.start), offset(gold.end))
}

fn score_sentences(engine: &Engine, sentences: &[&Sentence]) -> BTreeMap<IdentifierKind, Score> {
    let mut scores: BTreeMap<IdentifierKind, Score> = BTreeMap::new();
    for sentence in sentences {
        let spans = engine.detect(&sentence.text);
        let golds: Vec<_> =
            sentence.spans.iter().map(|gold| (bytes_of(&sentence.text, gold), &gold.r#type)).collect();
        for ((start, end), name) in &golds {
            let Some((_, kind, ..)) = PERSONAL.iter().find(|(gold, ..)| gold == name) else { continue };
            let score = scores.entry(*kind).or_default();
            score.gold += 1;
            score.found += usize::from(is_covered(&sentence.text, *start, *end, &spans));
        }
        for span in &spans {
            let score = scores.entry(span.kind).or_default();
            score.claimed += 1;
            let touches = |(start, end): (usize, usize)| span.range.start < end && start < span.range.end;
            score.right += usize::from(golds.iter().any(|(range, _)| touches(*range)));
        }
    }
    scores
}

#[test]
fn personal_identifiers_in_templated_sentences_are_found() {
    let Some(sentences) = rows::<Sentence>("pii/synth_dev.jsonl.zst") else { return };
    let engine = Engine::new(Settings::rules());
    for wanted in [Half::Tune, Half::Check] {
        let chosen: Vec<_> =
            sentences.iter().filter(|s| half(&s.template_id.to_string()) == wanted).collect();
        let scores = score_sentences(&engine, &chosen);
        println!("{wanted:?} half, {} sentences", chosen.len());
        for (kind, score) in &scores {
            let (recall, precision) = (score.recall(), score.precision());
            println!(
                "  {kind:?}: gold {} recall {recall:.3}, claimed {} precision {precision:.3}",
                score.gold, score.claimed
            );
        }
        for (_, kind, recall_min, precision_min) in PERSONAL {
            let score = scores.get(&kind).copied().unwrap_or_default();
            assert!(score.gold == 0 || score.recall() >= recall_min, "{kind:?} recall in {wanted:?}");
            assert!(
                score.claimed == 0 || score.precision() >= precision_min,
                "{kind:?} precision in {wanted:?}"
            );
        }
    }
}

#[derive(Deserialize)]
struct Example {
    rule: String,
    label: u8,
    text: String,
}

/// Least share of positive examples in which a secret is found, and the most alarms on negatives, for both halves.
///
/// A rule's negatives are strings that this one rule must not match. All eight of the tune half's 22 in which we find
/// something hold a password or a key of another form, so alarms cannot fall much without missing real secrets.
const SECRET_RECALL_MIN: f64 = 0.895;
const SECRET_ALARMS_MAX: f64 = 0.37;

#[test]
fn secrets_in_scanners_examples_are_found() {
    let Some(examples) = rows::<Example>("secrets/examples_dev.jsonl.zst") else { return };
    let engine = Engine::new(Settings::rules());
    for wanted in [Half::Tune, Half::Check] {
        let share = |label: u8, least: IdentifierKind| {
            let chosen: Vec<_> =
                examples.iter().filter(|e| half(&e.rule) == wanted && e.label == label).collect();
            let told = |span: &Span| span.kind <= least;
            let fired = chosen.iter().filter(|e| engine.detect(&e.text).iter().any(told)).count();
            (fired as f64 / chosen.len() as f64, chosen.len())
        };
        let ((recall, positives), (alarms, negatives)) =
            (share(1, IdentifierKind::Secret), share(0, IdentifierKind::Secret));
        // Some rules ask for names of accounts, which are found as handles.
        let (hidden, _) = share(1, IdentifierKind::Handle);
        println!(
            "{wanted:?} half: recall {recall:.3} of {positives}, with handles and websites {hidden:.3}, \
             alarms {alarms:.3} of {negatives} negatives"
        );
        assert!(recall >= SECRET_RECALL_MIN, "{wanted:?} recall {recall}");
        assert!(alarms <= SECRET_ALARMS_MAX, "{wanted:?} alarms {alarms}");
    }
}

#[derive(Deserialize)]
struct Message {
    text_en: String,
}

#[derive(Deserialize)]
struct Pair {
    chosen: String,
}

/// The most spans of a kind for each megabyte of ordinary conversation. Nearly all that stand there now are what they
/// are said to be, so more of them would be false alarms.
fn chat_spans_per_megabyte_max(kind: IdentifierKind) -> f64 {
    match kind {
        IdentifierKind::Phone => 10.0,
        IdentifierKind::Email => 5.0,
        IdentifierKind::Ip => 2.0,
        IdentifierKind::Secret => 0.5,
        IdentifierKind::Coordinates => 2.0,
        // What follows names nobody by itself; most of it is in what people and models say about the world.
        IdentifierKind::Date => 300.0,
        IdentifierKind::Website => 60.0,
        IdentifierKind::Title => 50.0,
        IdentifierKind::Age => 40.0,
        IdentifierKind::Address => 25.0,
        IdentifierKind::BirthDate => 8.0,
        IdentifierKind::Handle => 5.0,
        _ => 0.1,
    }
}

fn assert_few_spans(name: &str, texts: &[String]) {
    let engine = Engine::new(Settings::rules());
    let mut counts = candor_deid::Counts::default();
    texts.iter().flat_map(|text| engine.detect(text)).for_each(|span| counts.add(span.kind));
    let megabytes = texts.iter().map(String::len).sum::<usize>() as f64 / 1e6;
    println!("{name}: {megabytes:.1} MB, {} spans", counts.total());
    for (kind, count) in counts.iter() {
        println!("  {kind:?}: {count}, {:.2} for each MB", count as f64 / megabytes);
        assert!(count as f64 / megabytes <= chat_spans_per_megabyte_max(kind), "{kind:?} in {name}");
    }
}

#[test]
fn ordinary_conversations_are_left_almost_untouched() {
    if let Some(messages) = rows::<Message>("a01_oasst1_en_fi/oasst1-en-train-messages-with-fi.jsonl.zst") {
        assert_few_spans("OASST1", &messages.into_iter().map(|row| row.text_en).collect::<Vec<_>>());
    }
    if let Some(pairs) = rows::<Pair>("a02_hh_rlhf_harmless_test/test.jsonl.gz") {
        assert_few_spans("hh-rlhf", &pairs.into_iter().map(|row| row.chosen).collect::<Vec<_>>());
    }
}
