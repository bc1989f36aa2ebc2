//! Laws of surrogates and of the way back.

use std::collections::HashMap;

use candor_deid::{
    Consistency, Engine, IdentifierKind, Places, RestoreError, Settings, Surrogates, placeholder,
    replace_with_places,
};
use proptest::prelude::*;
use std::sync::LazyLock;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(Settings::standard()));

/// Identifiers in several spellings, and words around them.
const PIECES: [&str; 30] = [
    "ada@lovelace.org",
    "Ada@Lovelace.org",
    "maria.delgado@acme.com",
    "+44 20 7183 8750",
    "(020) 7183-8750",
    "(212) 736-5000",
    "+1 212-736-5000",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "GB82WEST12345698765432",
    "GB82 WEST 1234 5698 7654 32",
    "460-89-9847",
    "86.121.97.248",
    "fe80::1:2:3",
    "00:1A:2B:3C:4D:5E",
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "password=tr0ub4dor&3x9",
    "https://u:p4ss@h.org/x",
    " ",
    ", ",
    "\n",
    "call ",
    "my ssn is ",
    "é",
    "\u{200b}",
    "\u{a0}",
    "\u{ff12}",
    "[EMAIL_1]",
    "x",
    ".",
];

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..12).prop_map(|pieces| pieces.concat())
}

/// The text with surrogates, placeholders where there are none, and the way back.
fn replaced(surrogates: &mut Surrogates, text: &str) -> (String, Places) {
    let spans = ENGINE.detect(text);
    spans.iter().for_each(|span| surrogates.know(span.kind, &text[span.range.clone()]));
    replace_with_places(text, &spans, |span, covered| {
        let entity = ENGINE.canonical(span.kind, covered);
        surrogates.give(span.kind, &entity, covered).or_else(|| Some(placeholder::write(span.kind, 7)))
    })
}

fn surrogates(key: u8) -> Surrogates {
    Surrogates::new(&[key; 32], Consistency::Conversation, "c")
}

proptest! {
    #[test]
    fn what_was_replaced_is_restored_byte_for_byte(text in text(), key: u8) {
        let (written, places) = replaced(&mut surrogates(key), &text);
        prop_assert_eq!(places.restore(&written).unwrap(), text.as_str());
        let read = Places::from_bytes(&places.to_bytes()).unwrap();
        prop_assert_eq!(read.restore(&written).unwrap(), text.as_str());
        let with_placeholders =
            replace_with_places(&text, &ENGINE.detect(&text), |span, _| Some(placeholder::write(span.kind, 1)));
        prop_assert_eq!(with_placeholders.1.restore(&with_placeholders.0).unwrap(), text);
    }

    #[test]
    fn damaged_places_are_refused_and_never_panic(bytes: Vec<u8>, text in text()) {
        let (written, places) = replaced(&mut surrogates(1), &text);
        if let Ok(read) = Places::from_bytes(&bytes) {
            let _ = read.restore(&text);
        }
        let mut cut = places.to_bytes();
        cut.pop();
        if !places.is_empty() {
            prop_assert!(Places::from_bytes(&cut).is_err());
        }
        prop_assert_eq!(places.restore(&format!("{written}.")), Err(RestoreError::OtherText));
    }

    #[test]
    fn no_surrogate_is_a_real_value_of_the_conversation(text in text(), key: u8) {
        let spans = ENGINE.detect(&text);
        let mut surrogates = surrogates(key);
        spans.iter().for_each(|span| surrogates.know(span.kind, &text[span.range.clone()]));
        let real: Vec<String> = spans.iter().map(|span| text[span.range.clone()].to_lowercase()).collect();
        for span in &spans {
            let covered = &text[span.range.clone()];
            let given = surrogates.give(span.kind, &ENGINE.canonical(span.kind, covered), covered);
            let given = given.unwrap_or_default().to_lowercase();
            prop_assert!(!real.contains(&given), "{} is a real value", given);
        }
    }

    #[test]
    fn two_entities_never_share_a_surrogate_and_one_always_has_the_same(
        key: u8,
        kind in proptest::sample::select(vec![
            IdentifierKind::Email, IdentifierKind::Handle, IdentifierKind::Organisation, IdentifierKind::Location,
            IdentifierKind::Address, IdentifierKind::Website, IdentifierKind::Ip, IdentifierKind::Mac,
        ]),
        names in proptest::collection::hash_set("[a-z]{3,9}", 2..40),
    ) {
        let written = |name: &String| match kind {
            IdentifierKind::Email => format!("{name}@work.org"),
            IdentifierKind::Handle => format!("@{name}"),
            IdentifierKind::Website => format!("https://{name}.org/me"),
            IdentifierKind::Address => format!("12 {name} street"),
            IdentifierKind::Ip => "10.1.2.3".to_owned(),
            IdentifierKind::Mac => "ac:de:48:00:11:22".to_owned(),
            _ => name.clone(),
        };
        let mut surrogates = surrogates(key);
        names.iter().for_each(|name| surrogates.know(kind, &written(name)));
        let mut owners = HashMap::new();
        for name in names.iter().chain(&names) {
            let Some(surrogate) = surrogates.give(kind, name, &written(name)) else { continue };
            let owner = owners.entry(surrogate.to_lowercase()).or_insert_with(|| name.clone());
            prop_assert_eq!(&*owner, name, "share {}", surrogate);
            prop_assert!(!names.contains(&surrogate));
            prop_assert_eq!(surrogates.give(kind, name, &written(name)), Some(surrogate));
        }
    }

    #[test]
    fn any_text_as_any_kind_gives_something_without_panic(key: u8, entity in "\\PC{0,20}", covered in "\\PC{0,30}") {
        let mut surrogates = surrogates(key);
        for kind in IdentifierKind::ALL {
            let _ = surrogates.give(kind, &entity, &covered);
        }
        let _ = surrogates.give(IdentifierKind::Date, &entity, &format!("{}-{}", &entity, "13/14"));
    }
}

#[test]
fn a_conversation_reads_naturally_and_agrees_with_itself() {
    let mut surrogates = Surrogates::new(&[4; 32], Consistency::Release, "c");
    let spans = [
        (IdentifierKind::Person, "maria delgado", "Maria Delgado"),
        (IdentifierKind::Person, "maria delgado", "Maria"),
        (IdentifierKind::Person, "maria delgado", "M. Delgado"),
        (IdentifierKind::Email, "maria.delgado@acme.com", "Maria.Delgado@acme.com"),
    ];
    spans.iter().for_each(|(kind, _, covered)| surrogates.know(*kind, covered));
    let given: Vec<String> = spans
        .iter()
        .map(|(kind, entity, covered)| surrogates.give(*kind, entity, covered).unwrap())
        .collect();
    let (first, last) = given[0].split_once(' ').unwrap();
    assert_eq!(given[1], first);
    assert_eq!(given[2], format!("{}. {last}", first.chars().next().unwrap()));
    assert_eq!(given[3].split('@').next().unwrap().split('.').count(), 2);
    assert!(given[3].contains("@example.") && !given[3].to_lowercase().contains("delgado"));
}

#[test]
fn a_release_keeps_a_surrogate_across_conversations_and_a_conversation_does_not() {
    let give = |consistency, conversation| {
        let mut surrogates = Surrogates::new(&[4; 32], consistency, conversation);
        surrogates.give(IdentifierKind::Phone, "+447911123456", "07911 123456").unwrap()
    };
    assert_eq!(give(Consistency::Release, "a"), give(Consistency::Release, "b"));
    assert_ne!(give(Consistency::Conversation, "a"), give(Consistency::Conversation, "b"));
}

#[test]
fn spellings_of_one_entity_are_written_alike_and_restored_each_as_it_was() {
    let text = "4111 1111 1111 1111 is 4111-1111-1111-1111.";
    let (written, places) = replaced(&mut surrogates(3), text);
    let digits: Vec<String> =
        written.trim_end_matches('.').split(" is ").map(|card| card.replace([' ', '-'], "")).collect();
    assert_eq!(digits[0], digits[1]);
    assert_eq!(places.restore(&written).unwrap(), text);
    let answer = format!("Your card {} is fine.", written.split(" is ").next().unwrap());
    let restored = places.restore_mentions(&written, &answer).unwrap();
    assert_eq!(restored, "Your card 4111 1111 1111 1111 is fine.");
}

#[test]
fn secrets_have_no_surrogate_and_nothing_shows_what_is_held() {
    let mut surrogates = surrogates(1);
    for kind in [IdentifierKind::Secret, IdentifierKind::PrivateKey, IdentifierKind::Url] {
        assert_eq!(surrogates.give(kind, "hunter2hunter2", "hunter2hunter2"), None);
    }
    assert!(!format!("{surrogates:?}").contains("hunter"));
    let (_, places) = replaced(&mut surrogates, "ada@lovelace.org");
    assert_eq!(format!("{places:?}"), "Places(1)");
}
