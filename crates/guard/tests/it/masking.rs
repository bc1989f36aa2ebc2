//! Prompts without identifiers, answers with them.

use proptest::prelude::*;

use candor_guard::{Mask, Restorer, kinds_in};

use crate::pieces::{PLAIN, cut, glued};
use crate::scene::ENGINE;

fn restore(mut restorer: Restorer, chunks: &[&str]) -> String {
    let mut out: String = chunks.iter().map(|chunk| restorer.push(chunk)).collect();
    out.push_str(&restorer.finish());
    out
}

#[test]
fn an_identifier_keeps_its_placeholder_and_its_first_spelling() {
    let mut mask = Mask::new();
    let hidden = mask.hide(&ENGINE, "I am jo@orchard.org, call +44 20 7183 8750.").unwrap();
    assert_eq!(hidden, "I am [EMAIL_1], call [PHONE_1].");
    assert_eq!(
        mask.hide(&ENGINE, "Not Jo@Orchard.org but al@orchard.org").unwrap(),
        "Not [EMAIL_1] but [EMAIL_2]"
    );
    assert_eq!(mask.hide(&ENGINE, "Nothing here."), None);
    assert_eq!(
        restore(mask.restorer(), &["[EMAIL_2] wrote to [EMAIL_1]."]),
        "al@orchard.org wrote to jo@orchard.org."
    );
    assert!(!format!("{mask:?} {:?}", mask.restorer()).contains("orchard"));
}

#[test]
fn a_placeholder_that_the_person_typed_is_left_as_typed() {
    let mut mask = Mask::new();
    assert_eq!(
        mask.hide(&ENGINE, "What is [EMAIL_1]? Not jo@orchard.org.").unwrap(),
        "What is [EMAIL_1]? Not [EMAIL_2]."
    );
    assert_eq!(restore(mask.restorer(), &["[EMAIL_1], [EMAIL_2]"]), "[EMAIL_1], jo@orchard.org");
    mask.reserve("and now [EMAIL_2]");
    assert_eq!(mask.hide(&ENGINE, "jo@orchard.org").unwrap(), "[EMAIL_3]");
    assert_eq!(restore(mask.restorer(), &["[EMAIL_2], [EMAIL_3]"]), "[EMAIL_2], jo@orchard.org");
}

#[test]
fn placeholders_are_known_as_models_write_them() {
    let mut mask = Mask::new();
    mask.hide(&ENGINE, "jo@orchard.org").unwrap();
    for written in ["[EMAIL_1]", "[email_1]", "[Email_1]", "[EMAIL\\_1]", "\\[EMAIL\\_1\\]"] {
        assert_eq!(restore(mask.restorer(), &[written]), "jo@orchard.org", "{written}");
    }
    for other in
        ["[EMAIL_2]", "EMAIL_1", "[EMAIL 1]", "[EMAIL_1", "[EMAIL_12]", "[NAME_1]", "\\[EMAIL_1", "[EMAIL_]"]
    {
        assert_eq!(restore(mask.restorer(), &[other]), other);
    }
}

#[test]
fn within_json_a_value_is_escaped_and_escapes_stay_whole() {
    let mut mask = Mask::new();
    let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw\n-----END PRIVATE KEY-----";
    assert_eq!(mask.hide(&ENGINE, key).unwrap(), "[PRIVATE_KEY_1]");
    let arguments = r#"{"key":"\"[PRIVATE_KEY_1]\"","path":"c:\\[x]\n"}"#;
    let restored = restore(mask.restorer().for_json(), &cut(arguments, &[3]));
    assert_eq!(restored, arguments.replace("[PRIVATE_KEY_1]", &key.replace('\n', "\\n")));
}

#[test]
fn a_filter_holds_back_nothing_but_the_beginning_of_a_placeholder() {
    let mut mask = Mask::new();
    mask.hide(&ENGINE, "jo@orchard.org").unwrap();
    let mut restorer = mask.restorer();
    for (chunk, out) in [
        ("a[0] and [", "a[0] and "),
        ("EMA", ""),
        ("X", "[EMAX"),
        (" [EMAIL_1", " "),
        ("]!", "jo@orchard.org!"),
    ] {
        assert_eq!(restorer.push(chunk), out);
    }
}

#[test]
fn the_kinds_in_a_text_are_named_once_each() {
    use candor_deid::IdentifierKind::{Email, Phone};
    assert_eq!(kinds_in(&ENGINE, "+44 20 7183 8750, jo@orchard.org, al@orchard.org"), [Email, Phone]);
    assert!(kinds_in(&ENGINE, "nothing").is_empty());
}

const PERSONAL: [&str; 6] =
    [" jo@orchard.org ", " +44 20 7183 8750\n", " 86.121.97.248\n", "[EMAIL_1]", "[phone_1]", "[EMAIL\\_2]"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_was_hidden_comes_back_in_any_chunks(
        parts in proptest::collection::vec(prop_oneof![glued(&PLAIN[..22]), glued(&PERSONAL[..3])], 0..6),
        lengths in proptest::collection::vec(1..9_usize, 1..8),
    ) {
        let text = parts.concat();
        let mut mask = Mask::new();
        let hidden = mask.hide(&ENGINE, &text).unwrap_or_else(|| text.clone());
        // Two spellings of one identifier come back as the first; these texts spell each in one way.
        prop_assert_eq!(restore(mask.restorer(), &cut(&hidden, &lengths)), text);
    }

    #[test]
    fn restoring_does_not_depend_on_chunks(
        parts in proptest::collection::vec(prop_oneof![glued(&PLAIN), glued(&PERSONAL)], 0..6),
        lengths in proptest::collection::vec(1..9_usize, 1..8),
        json in any::<bool>(),
    ) {
        let text = parts.concat();
        let mut mask = Mask::new();
        mask.hide(&ENGINE, "jo@orchard.org, al@orchard.org, call +44 20 7183 8750");
        let restorer = || if json { mask.restorer().for_json() } else { mask.restorer() };
        prop_assert_eq!(restore(restorer(), &cut(&text, &lengths)), restore(restorer(), &[&text]));
    }
}
