//! Throughput of detection on generated chat text, and on a real corpus when it is at hand.
//!
//! `cargo bench -p candor-deid --bench detect`
#![expect(clippy::print_stdout, reason = "a benchmark reports on stdout")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::path::Path;
use std::time::{Duration, Instant};

use candor_deid::{Engine, Settings};

/// How long each text is measured.
const MEASURED: Duration = Duration::from_secs(3);
/// The size of the generated text.
const GENERATED_BYTES: usize = 8 << 20;

fn main() {
    let engine = Engine::new(Settings::standard());
    report(&engine, "generated chat", &generated());
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    match oasst(&corpora.join("a01_oasst1_en_fi/oasst1-en-train-messages-with-fi.jsonl.zst")) {
        Some(texts) => {
            report(&engine, "OASST1 English", &texts);
            report(&Engine::new(Settings::rules()), "OASST1 English, rules only", &texts);
        }
        None => println!("OASST1 English: skipped, corpora absent"),
    }
}

/// Prints the best of several passes over all texts.
fn report(engine: &Engine, name: &str, texts: &[String]) {
    let bytes: usize = texts.iter().map(String::len).sum();
    let began = Instant::now();
    let mut best = Duration::MAX;
    let mut spans = 0;
    while began.elapsed() < MEASURED {
        let pass = Instant::now();
        spans = texts.iter().map(|text| engine.detect(text).len()).sum();
        best = best.min(pass.elapsed());
    }
    let megabytes = bytes as f64 / 1e6;
    let speed = megabytes / best.as_secs_f64();
    println!("{name}: {speed:.1} MB/s over {megabytes:.1} MB in {} texts, {spans} spans", texts.len());
}

/// Sentences drawn by a fixed generator, one identifier in about fifty.
fn generated() -> Vec<String> {
    const PLAIN: [&str; 10] = [
        "Could you explain how lichens survive in winter? ",
        "I tried that yesterday, but the second step never finished. ",
        "The meeting moved from 10:30 to 14:00 on 12 March 2024. ",
        "Here is a list:\n1. bread\n2. milk (2 litres)\n3. a dozen eggs\n",
        "let total = prices.iter().sum::<f64>() / 100.0; // rounding\n",
        "That costs $1,299.99 in the shop, or 15% less online. ",
        "Thanks a lot, this is exactly what I needed! ",
        "What is the key difference between the two, and why does it matter? ",
        "According to the paper, 3.7 million people lived there in 1998. ",
        "Übersetze bitte: “Die Brücke ist gesperrt” — danke. ",
    ];
    const IDENTIFYING: [&str; 3] = [
        "My address is jo.march@orchard.org. ",
        "Call +44 20 7183 8750 before six. ",
        "The host is 86.121.97.248. ",
    ];
    let mut state = 1_u64;
    let mut draw = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut texts = Vec::new();
    let mut bytes = 0;
    while bytes < GENERATED_BYTES {
        let sentences = (0..2 + draw(12)).map(|_| match draw(50) {
            0 => IDENTIFYING[draw(IDENTIFYING.len())],
            _ => PLAIN[draw(PLAIN.len())],
        });
        let text: String = sentences.collect();
        bytes += text.len();
        texts.push(text);
    }
    texts
}

#[derive(serde::Deserialize)]
struct Row {
    text_en: String,
}

fn oasst(path: &Path) -> Option<Vec<String>> {
    let file = std::fs::File::open(path).ok()?;
    let rows = String::from_utf8(zstd::decode_all(file).ok()?).ok()?;
    let row = |line: &str| serde_json::from_str::<Row>(line).ok().map(|row| row.text_en);
    Some(rows.split('\n').filter_map(row).collect())
}
