//! Laws that hold for every text.

use candor_deid::{CONTEXT_CHARACTERS, Engine, Pseudonyms, Seams, Settings, replace};
use proptest::prelude::*;
use std::sync::LazyLock;

/// All rules, without the model of names.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(Settings::rules()));
/// What searches text as it streams, and so what the laws about seams and stirs are about.
static STREAMING: LazyLock<Engine> = LazyLock::new(|| Engine::new(Settings::streamed()));

/// Pieces that detectors care about, glued in every way.
const PIECES: [&str; 66] = [
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
    "algolia",
    "secret-",
    "TOKEN",
    "key",
    " is ",
    "login ",
    "_USER=",
    "ij1mut5oe606wlrf5z4u8u31264z3gag",
    "Zk3jR8sLq0PxT5vW9yBnM2cD6fG1hJ4k",
    "cGFzc3dvcmQ9dHIwdWI0ZG9yJjM=",
    "%3D",
    "%",
    "=",
    ";",
    "$1$OKgLCmVl$d02jECa4DXn/oXX0R.MoQ/",
    ":::",
    "sk_live_",
    "{SSHA}",
    "arn:aws:iam::",
    "value=\"",
    "ghp_",
    "\r\n",
];

fn glued() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..14).prop_map(|pieces| pieces.concat())
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![3 => glued(), 1 => "\\PC{0,60}", 1 => "[ -~]{0,80}", 1 => "[0-9 .()+/-]{0,60}"]
}

/// Words and marks around which a text might wrongly be cut.
const STREAMED: [&str; 51] = [
    "\u{430}",
    "ж",
    "j\u{43e}@orchard.org",
    "\u{420}L",
    "AB 12 34 56 C",
    "RCCMNL 83S18 D969H",
    "AAA BBB 12",
    "15 070649 C 103",
    "2 95 10 99 126 111 93",
    "12 345 678 Z",
    "C 103 D",
    "GB82 WEST 1234 5698 7654 32",
    "GB82 WEST 1234",
    "NO93 8601 1117 947",
    "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
    " ext. 12",
    " x1",
    " extension ",
    ", ext. 7",
    "call (212) 736-5000",
    "(212) ",
    "460 89 9847",
    "social security ",
    "password is ",
    "\"correcthorse\"",
    "-----BEGIN RSA PRIVATE KEY-----\n",
    "-----BEGIN PUBLIC KEY-----",
    "-----BEGIN PRIVATE KEY-----END ",
    "MIIEpAIBAAKCAQEA3Tz2mr7SZi\n",
    "-----END RSA PRIVATE KEY-----",
    "-----END PRIVATE KEY and so on",
    "\n",
    " to be, or not to be: that is the question ",
    "a b c d e f g h i j k l m n ",
    "  ",
    "jo@orchard.org",
    "2024 was 12 months, 365 days. ",
    "password for user 'ada' is '",
    "password \"",
    "the token for the robot: ",
    "machine h login ada password ",
    "\nvendor ",
    " -u ada:",
    "curl -u ",
    "mysql -p",
    "Authorization: Basic YWRhOmxvdmVsYWNlMQ==",
    "stripe ",
    "\n\n",
    "username: ada\npassword: ",
    "x12",
    "001-864-",
];

fn streamed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![proptest::sample::select(&PIECES[..]), proptest::sample::select(&STREAMED[..])];
    proptest::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

fn seams_of(text: &str, step: usize) -> Vec<usize> {
    let mut seams = Vec::new();
    let mut reader = Seams::new();
    let mut at = 0;
    while at < text.len() {
        let end = text.ceil_char_boundary(at + step);
        reader.read(&text[at..end], |seam| {
            assert!(seam.at <= seam.known_at && seam.known_at <= end as u64);
            seams.push(seam.at as usize);
        });
        at = end;
    }
    seams
}

/// What a reader of chunks passes on: what lies between two seams, as soon as the second is known, with placeholders
/// for what is found there beside [`CONTEXT_CHARACTERS`] of what came before.
fn stream(text: &str, lengths: &[usize]) -> String {
    let mut seams = Seams::new();
    let (mut out, mut read, mut passed_to) = (String::new(), 0, 0);
    let mut pass_on = |passed_to: &mut usize, to: usize| {
        let before = text[..*passed_to].char_indices().rev().take(CONTEXT_CHARACTERS).last();
        let start = before.map_or(*passed_to, |(at, _)| at);
        let found = STREAMING.detect(&text[start..to]);
        for span in found {
            if start + span.range.start < *passed_to {
                continue;
            }
            out.push_str(&text[*passed_to..start + span.range.start]);
            out.push_str(&format!("<{}>", span.kind.placeholder_label()));
            *passed_to = start + span.range.end;
        }
        out.push_str(&text[*passed_to..to]);
        *passed_to = to;
    };
    for length in lengths.iter().cycle() {
        let end = text.ceil_char_boundary((read + length).min(text.len()));
        let mut known = Vec::new();
        seams.read(&text[read..end], |seam| known.push(seam.at as usize));
        known.into_iter().for_each(|seam| pass_on(&mut passed_to, seam));
        read = end;
        if read == text.len() {
            break;
        }
    }
    pass_on(&mut passed_to, text.len());
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_identifier_lies_across_a_seam_and_seams_do_not_depend_on_chunks(text in streamed()) {
        let seams = seams_of(&text, usize::MAX / 2);
        prop_assert!(seams.is_sorted());
        prop_assert_eq!(&seams, &seams_of(&text, 1));
        for span in STREAMING.detect(&text) {
            let across = seams.iter().find(|seam| span.range.start < **seam && **seam < span.range.end);
            prop_assert_eq!(across, None, "{:?} in {:?}", span, text);
        }
    }

    #[test]
    fn searching_between_seams_finds_what_searching_the_whole_finds(text in streamed()) {
        let mut found = Vec::new();
        let mut from = 0;
        for seam in seams_of(&text, 1).into_iter().chain([text.len()]) {
            let context = text[..from].char_indices().rev().take(CONTEXT_CHARACTERS).last();
            let start = context.map_or(0, |(at, _)| at);
            for span in STREAMING.detect(&text[start..seam]) {
                if start + span.range.start >= from {
                    found.push((start + span.range.start..start + span.range.end, span.kind));
                }
            }
            from = seam;
        }
        let whole: Vec<_> = STREAMING.detect(&text).into_iter().map(|span| (span.range, span.kind)).collect();
        prop_assert_eq!(found, whole);
    }

    #[test]
    fn text_that_streams_comes_out_as_if_it_had_come_whole(
        text in streamed(),
        lengths in proptest::collection::vec(1..24_usize, 1..8),
    ) {
        let whole = STREAMING.detect(&text);
        let wanted = replace(&text, &whole, |span, _| format!("<{}>", span.kind.placeholder_label()));
        prop_assert_eq!(stream(&text, &lengths), wanted);
    }

    #[test]
    fn a_number_that_stirs_nothing_is_no_identifier(text in "[a-f0-9A-Z.+() -]{0,20}") {
        prop_assert!(STREAMING.stirs(&text).here || STREAMING.detect(&text).is_empty() && STREAMING.bare(&text).is_empty());
    }

    #[test]
    fn a_text_that_stirs_nothing_holds_nothing(text in streamed()) {
        let stirs = STREAMING.stirs(&text);
        prop_assert!(stirs.here || STREAMING.detect(&text).is_empty());
        prop_assert!(stirs.here || STREAMING.bare(&text).is_empty());
        prop_assert!(stirs.here || !stirs.after);
    }

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
        prop_assert_eq!(redacted.counts.total(), redacted.replaced.len() as u64);
        // What a rule found stands again where it could not: a conversation holds no fewer.
        prop_assert!(redacted.replaced.len() >= ENGINE.detect(&text).len());
        if redacted.counts.total() == 0 {
            prop_assert_eq!(redacted.text, text);
        }
    }

    #[test]
    fn words_without_identifiers_come_back_unchanged(text in "([a-zäß]{1,9}[ ,.!?\n]{1,2}){0,30}") {
        prop_assert_eq!(Pseudonyms::new().redact(&STREAMING, &text).text, text);
    }
}

#[test]
fn an_engine_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    shared(&*ENGINE);
}
