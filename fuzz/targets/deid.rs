//! The engine: any bytes, read as text, give spans that fit the text, and redacting twice is redacting once.

#![no_main]

use std::sync::LazyLock;

use candor_deid::{Engine, Pseudonyms, Settings, replace};
use libfuzzer_sys::fuzz_target;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(Settings::standard()));

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let spans = ENGINE.detect(&text);
    let mut from = 0;
    for span in &spans {
        assert!(from <= span.range.start && span.range.start < span.range.end, "spans are in order and disjoint");
        assert!(text.get(span.range.clone()).is_some(), "spans begin and end between characters");
        assert!((0.0..=1.0).contains(&span.confidence));
        from = span.range.end;
    }
    assert_eq!(replace(&text, &spans, |_, covered| covered.to_owned()), text, "replacing by the same changes nothing");
    let once = Pseudonyms::new().redact(&ENGINE, &text);
    let twice = Pseudonyms::new().redact(&ENGINE, &once.text);
    assert_eq!(once.text, twice.text, "redacting twice is redacting once");
    assert_eq!(twice.counts.total(), 0, "no replacement makes an identifier");
});
