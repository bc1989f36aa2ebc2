//! What the guard costs a stream, and how much of it is held back.
//!
//! `cargo bench -p candor-guard --bench stream`
#![expect(clippy::print_stdout, reason = "a benchmark reports on stdout")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use candor_deid::{Engine, Settings};
use candor_guard::{
    Budget, BudgetSettings, Charged, Exchange, Index, Mask, OwnValues, Place, Policy, Public, Watch,
};

/// How long each text is measured.
const MEASURED: Duration = Duration::from_millis(700);
/// About the size of a model's token, in characters.
const TOKEN_CHARACTERS: usize = 4;
/// The size of each text.
const TEXT_BYTES: usize = 64 * 1024;

const PROSE: &str = "Lichens grow slowly, often less than a millimetre a year, because water reaches them only in \
passing. The fungus gives shelter and the alga feeds both of them; neither does as well alone. Where the air is clean \
they hang from old trees like beards, and those who know them can read the quality of a wood from its bark. ";
const NUMBERS: &str = "In 2024 the shop sold 1,299 pieces at $12.50 each, 15% more than in 2019; the meeting moved from \
10:30 to 14:00 on 12 March. Version 3.11.2 fixes the key error in `parse_rows(text, 4096)`. ";
const DIRECTORY: &str = "Jo March, jo.march@orchard.org, +44 20 7183 8750; Al March, al.march@orchard.org, \
(212) 736-5000, host 86.121.97.248. ";

fn main() {
    let engine = Engine::new(Settings::streamed());
    for (name, text) in [("prose", PROSE), ("prose with numbers", NUMBERS), ("directory", DIRECTORY)] {
        let text = text.repeat(TEXT_BYTES / text.len());
        let tokens = tokens(&text);
        watch(&engine, name, &tokens, text.len());
        restore(&engine, name, &tokens, text.len());
    }
}

fn watch(engine: &Engine, name: &str, tokens: &[&str], bytes: usize) {
    let new = || {
        let exchange = Exchange {
            engine: engine.clone(),
            index: Arc::new(Index::new([1; 32], Public::standard())),
            asker: None,
            own: OwnValues::none(),
            policy: Policy::Mask,
            charged: Charged::default(),
            budget: Arc::new(Budget::new(BudgetSettings::standard(), 0)),
            now_ms: 0,
        };
        Watch::new(Arc::new(exchange), Place::Answer)
    };
    let mut watch = new();
    let held: usize = tokens
        .iter()
        .map(|token| {
            watch.push(token);
            watch.held_bytes()
        })
        .sum();
    println!("{name}: {:.1} bytes held back after a token, mean", held as f64 / tokens.len() as f64);
    let by_token = best(|| {
        let mut watch = new();
        tokens.iter().map(|token| watch.push(token).text.len()).sum::<usize>() + watch.finish().text.len()
    });
    let whole = tokens.concat();
    let at_once = best(|| {
        let mut watch = new();
        watch.push(&whole).text.len() + watch.finish().text.len()
    });
    let each = |time: Duration, count: usize| time.as_nanos() as f64 / count as f64;
    println!(
        "{name}: watch {:.1} ns a byte and {:.0} ns a token, {:.1} ns a byte at once",
        each(by_token, bytes),
        each(by_token, tokens.len()),
        each(at_once, bytes)
    );
}

fn restore(engine: &Engine, name: &str, tokens: &[&str], bytes: usize) {
    let mut mask = Mask::new();
    mask.hide(engine, DIRECTORY);
    let time = best(|| {
        let mut restorer = mask.restorer();
        tokens.iter().map(|token| restorer.push(token).len()).sum::<usize>() + restorer.finish().len()
    });
    println!("{name}: restore {:.1} ns a byte", time.as_nanos() as f64 / bytes as f64);
}

/// The best of several passes.
fn best(mut pass: impl FnMut() -> usize) -> Duration {
    let began = Instant::now();
    let mut best = Duration::MAX;
    while began.elapsed() < MEASURED {
        let start = Instant::now();
        std::hint::black_box(pass());
        best = best.min(start.elapsed());
    }
    best
}

fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.char_indices().nth(TOKEN_CHARACTERS).map_or(rest.len(), |(at, _)| at);
        let (token, after) = rest.split_at(end);
        tokens.push(token);
        rest = after;
    }
    tokens
}
