//! Laws that hold for every text.

use candor_deid::{Engine, Pseudonyms, Settings};
use proptest::prelude::*;
use std::sync::LazyLock;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(Settings::standard()));

/// Pieces that detectors care about, glued in every way.
const PIECES: [&str; 44] = [
    "a@b.org",
    "@",
    "+44 20 7183 8750",
    "(212) 736-5000",
    "212-736-5000",
    "4111 1111 1111 1111",
    "-",
    ".",
    " ",
    ":",
    "https://",
    "u:p4ss@h.org",
    "?key=fWfSMcDzyHfMuH8BW6ji",
    "GB82WEST12345698765432",
    "460-89-9847",
    "ssn ",
    "86.121.97.248",
    "fe80::1:2:3",
    "00:1A:2B:3C:4D:5E",
    "password=",
    "\"",
    "'",
    "tr0ub4dor&3",
    "AKIAQ3EGRXZ7KDPWJ4TN",
    "-----BEGIN PRIVATE KEY-----",
    "-----END",
    "MIIEpAIBAAKCAQEA3Tz2mr7SZi",
    "\\n",
    "\n",
    "[EMAIL_1]",
    "[",
    "]",
    "_",
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "é",
    "\u{200b}",
    "\u{ff12}",
    "\u{a0}",
    "v",
    "0",
    "17",
    "eyJ",
    "order ",
    "discord.com/api/webhooks/",
];

fn glued() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..14).prop_map(|pieces| pieces.concat())
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![3 => glued(), 1 => "\\PC{0,60}", 1 => "[ -~]{0,80}", 1 => "[0-9 .()+/-]{0,60}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn redacting_twice_is_redacting_once(text in any_text()) {
        let once = Pseudonyms::new().redact(&ENGINE, &text).text;
        let twice = Pseudonyms::new().redact(&ENGINE, &once);
        prop_assert_eq!(&once, &twice.text);
        prop_assert_eq!(twice.counts.total(), 0);
    }

    #[test]
    fn spans_are_sorted_disjoint_and_on_character_boundaries(text in any_text()) {
        let spans = ENGINE.detect(&text);
        let mut from = 0;
        for span in &spans {
            prop_assert!(from <= span.range.start && span.range.start < span.range.end);
            prop_assert!(text.get(span.range.clone()).is_some());
            prop_assert!((0.5..=1.0).contains(&span.confidence));
            from = span.range.end;
        }
    }

    #[test]
    fn counts_say_how_many_spans_there_were(text in any_text()) {
        let redacted = Pseudonyms::new().redact(&ENGINE, &text);
        prop_assert_eq!(redacted.counts.total(), ENGINE.detect(&text).len() as u64);
        if redacted.counts.total() == 0 {
            prop_assert_eq!(redacted.text, text);
        }
    }

    #[test]
    fn words_without_identifiers_come_back_unchanged(text in "([a-zäß]{1,9}[ ,.!?\n]{1,2}){0,30}") {
        prop_assert_eq!(Pseudonyms::new().redact(&ENGINE, &text).text, text);
    }
}

#[test]
fn an_engine_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    shared(&*ENGINE);
}
