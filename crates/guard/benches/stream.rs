//! What the guard costs a stream: for each chunk (50th and 99th percentile, the longest), on the whole, and how much of
//! it is held back.
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

/// The sizes of a model's tokens in characters, taken in turn.
const CHUNK_CHARACTERS: [usize; 11] = [4, 1, 5, 3, 7, 2, 4, 6, 1, 9, 3];
/// Chunks of a short answer, and bytes of a long one.
const SHORT_CHUNKS: usize = 66;
const LONG_BYTES: usize = 20_000;
/// How often an answer is read for the times of its chunks.
const PASSES: usize = 60;

const PROSE: &str = "Lichens grow slowly, often less than a millimetre a year, because water reaches them only in \
passing. The fungus gives shelter and the alga feeds both of them; neither does as well alone. Where the air is clean \
they hang from old trees like beards, and those who know them can read the quality of a wood from its bark. ";
const NUMBERS: &str = "In 2024 the shop sold 1,299 pieces at $12.50 each, 15% more than in 2019; the meeting moved from \
10:30 to 14:00 on 12 March. Version 3.11.2 fixes the key error in `parse_rows(text, 4096)`. ";
const DIRECTORY: &str = "Jo March, jo.march@orchard.org, +44 20 7183 8750; Al March, al.march@orchard.org, \
(212) 736-5000, host 86.121.97.248. ";
const ACCOUNTS: &str = "GB82 WEST 1234 5698 7654 32; 4111 1111 1111 1111; 460-89-9847; 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa; \
fe80::1:2:3; 00:1A:2B:3C:4D:5E; postgres://ada:Tr0ub4dor3xyz@db.orchard.org/app; ";

fn main() {
    let engine = Engine::new(Settings::streamed());
    let texts =
        [("prose", PROSE), ("prose with numbers", NUMBERS), ("directory", DIRECTORY), ("accounts", ACCOUNTS)];
    for (name, text) in texts {
        let long = text.repeat(LONG_BYTES / text.len() + 1);
        let chunks = cut(&long[..long.floor_char_boundary(LONG_BYTES)], &CHUNK_CHARACTERS);
        latency(&engine, &format!("{name}, {SHORT_CHUNKS} chunks"), &chunks[..SHORT_CHUNKS]);
        latency(&engine, &format!("{name}, {} chunks of 20 kB", chunks.len()), &chunks);
        let text = text.repeat(TEXT_BYTES / text.len());
        let tokens = cut(&text, &[TOKEN_CHARACTERS]);
        watch(&engine, name, &tokens, text.len());
        restore(&engine, name, &tokens, text.len());
    }
}

/// Prints how long each chunk of an answer took, the first and the end of the answer among them.
fn latency(engine: &Engine, name: &str, chunks: &[&str]) {
    let mut times = Vec::with_capacity(PASSES * (chunks.len() + 1));
    for _ in 0..PASSES {
        let mut watch = new_watch(engine);
        for chunk in chunks {
            let start = Instant::now();
            std::hint::black_box(watch.push(chunk));
            times.push(start.elapsed());
        }
        let start = Instant::now();
        std::hint::black_box(watch.finish());
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let micros = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_nanos() as f64 / 1e3;
    println!(
        "{name}: microseconds a chunk: p50 {:.2}, p99 {:.1}, longest {:.0}",
        micros(0.5),
        micros(0.99),
        micros(1.0)
    );
}

fn new_watch(engine: &Engine) -> Watch {
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
}

fn watch(engine: &Engine, name: &str, tokens: &[&str], bytes: usize) {
    let new = || new_watch(engine);
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

/// The text in pieces of so many characters, the counts taken in turn.
fn cut<'t>(text: &'t str, characters: &[usize]) -> Vec<&'t str> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    let mut sizes = characters.iter().cycle();
    while !rest.is_empty() {
        let size = *sizes.next().unwrap_or(&1);
        let end = rest.char_indices().nth(size).map_or(rest.len(), |(at, _)| at);
        let (piece, after) = rest.split_at(end);
        pieces.push(piece);
        rest = after;
    }
    pieces
}
