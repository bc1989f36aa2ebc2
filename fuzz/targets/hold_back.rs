//! The hold-back buffers of mask and guard: any text, cut anywhere, comes out the same, and bounded.

#![no_main]

use std::sync::Arc;

use candor_deid::{Engine, Settings};
use candor_guard::{Budget, BudgetSettings, Charged, Exchange, Index, Mask, OwnValues, Place, Policy, Public, Watch};
use libfuzzer_sys::fuzz_target;

fn exchange(engine: &Engine) -> Arc<Exchange> {
    let settings = BudgetSettings { stops_max: 0, window_ms: 1000 };
    Arc::new(Exchange {
        engine: engine.clone(),
        index: Arc::new(Index::new([1; 32], Public::standard())),
        asker: None,
        own: OwnValues::none(),
        policy: Policy::Mask,
        budget: Arc::new(Budget::new(settings, 0)),
        now_ms: 0,
        charged: Charged::default(),
    })
}

/// The pieces of a text, none of which ends inside a character.
fn cut(text: &str, width: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = width.clamp(1, rest.len());
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        let (piece, after) = rest.split_at(end);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

fuzz_target!(|input: (u8, String)| {
    let (width, text) = input;
    let engine = Engine::new(Settings::standard());
    let exchange = exchange(&engine);
    let mut whole = Watch::new(Arc::clone(&exchange), Place::Answer);
    let out = whole.push(&text).text + &whole.finish().text;
    let mut pieces = Watch::new(exchange, Place::Answer);
    let mut cut_out: String = cut(&text, width as usize).into_iter().map(|piece| pieces.push(piece).text).collect();
    assert!(pieces.held_bytes() <= candor_guard::HELD_BYTES_MAX);
    cut_out.push_str(&pieces.finish().text);
    assert_eq!(out, cut_out, "the guard passes on the same however an answer is cut");
    let mut mask = Mask::new();
    mask.reserve(&text);
    if let Some(hidden) = mask.hide(&engine, &text) {
        let mut restorer = mask.restorer();
        let restored = restorer.push(&hidden) + &restorer.finish();
        let mut restorer = mask.restorer();
        let mut cut_restored: String =
            cut(&hidden, width as usize).into_iter().map(|piece| restorer.push(piece)).collect();
        cut_restored.push_str(&restorer.finish());
        assert_eq!(restored, cut_restored, "what was hidden comes back however an answer is cut");
    }
});
