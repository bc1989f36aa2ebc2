//! People, places and organisations: in one text and all over a conversation.

use std::sync::LazyLock;

use candor_deid::{Engine, IdentifierKind, Pseudonyms, Settings};
use proptest::prelude::*;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(Settings::standard()));

static RELEASE: LazyLock<Engine> = LazyLock::new(|| Engine::new(Settings::release()));

fn redacted(texts: &[&str]) -> Vec<String> {
    Pseudonyms::new().redact_texts(&ENGINE, texts).into_iter().map(|redacted| redacted.text).collect()
}

fn released(texts: &[&str]) -> Vec<String> {
    Pseudonyms::new().redact_texts(&RELEASE, texts).into_iter().map(|redacted| redacted.text).collect()
}

#[test]
fn who_stays_as_public_stays_when_the_text_is_read_again() {
    for text in [
        "Curie was born in Marie Curie\n\nMaria Delgado lives in ",
        "New York[PERSON_1]éNew York lives in ",
        "Was Marie Curie born in Poland, and did Albert Einstein know? Einstein lives in Lower Quenby.",
        "Which album by Michael Jackson sold best in New York, asks Maria Delgado of Hartwell Inc.",
    ] {
        let once = released(&[text]);
        assert_eq!(released(&[&once[0]]), once, "{text}");
    }
}

#[test]
fn people_places_and_organisations_are_found_in_prose_and_forms() {
    let text = "Hi, I'm Maria Delgado from Valencia. My boss at Hartwell Consulting, Mr. Okonkwo, lives at 14 Elm Street.";
    assert_eq!(
        redacted(&[text]),
        [
            "Hi, I'm [PERSON_1] from [LOCATION_1]. My boss at [ORGANISATION_1], [TITLE_1] [PERSON_2], lives at [ADDRESS_1]."
        ]
    );
}

#[test]
fn who_is_named_once_is_replaced_all_over_the_conversation() {
    let texts = [
        "My name is Maria Delgado. Write to maria.delgado@orchard.org",
        "Of course, Maria! What shall I tell DELGADO's lawyer?",
        "just say delgado agrees",
    ];
    assert_eq!(
        redacted(&texts),
        [
            "My name is [PERSON_1]. Write to [EMAIL_1]",
            "Of course, [PERSON_1]! What shall I tell [PERSON_1]'s lawyer?",
            "just say [PERSON_1] agrees",
        ]
    );
}

#[test]
fn a_value_known_beforehand_is_replaced_whatever_it_looks_like() {
    let mut pseudonyms = Pseudonyms::new();
    pseudonyms.know(IdentifierKind::Person, "quartz_falcon Zebedee");
    pseudonyms.know(IdentifierKind::Email, "someone AT work");
    let text = pseudonyms.redact(&ENGINE, "zebedee here, mail me: someone AT work").text;
    assert_eq!(text, "[PERSON_1] here, mail me: [EMAIL_1]");
}

#[test]
fn who_is_widely_known_stays_where_the_policy_keeps_public_names_and_ones_own_do_not() {
    let kept = |text: &str| Pseudonyms::new().redact(&RELEASE, text).text;
    let public = "Was Marie Curie born in Poland?";
    assert_eq!(kept(public), public);
    assert_eq!(
        kept("My neighbour Marie Curie moved in from Lower Quenby."),
        "My neighbour [PERSON_1] moved in from [LOCATION_1]."
    );
    assert_eq!(redacted(&[public]), ["Was [PERSON_1] born in [LOCATION_1]?"]);
}

#[test]
fn words_that_are_also_names_stay_where_they_are_words() {
    for text in [
        "May I pay the bill in May? I hope it will mark the end.",
        "Explain the difference between Python and Java.",
        "Vielleicht ist das so. Ich glaube, dass es geht.",
        "Order number 4711-2390 has not arrived.",
        "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG",
    ] {
        assert_eq!(redacted(&[text]), [text]);
    }
}

const PIECES: [&str; 45] = [
    "Marie Curie",
    "Berlin",
    " my neighbour ",
    "Curie",
    " was born in ",
    "Maria Delgado",
    "Maria",
    "delgado",
    "Dr. ",
    "Mr. ",
    "Paris",
    " lives in ",
    ". ",
    "\n",
    "\n\n",
    "I am ",
    "a@b.org",
    "[PERSON_1]",
    "[PERSON_2]",
    "14 Elm Street",
    ", ",
    " and ",
    "Hartwell Inc.",
    "'s",
    "é",
    "\u{200b}",
    "My name is ",
    "JOHN",
    "password: tr0ub4dor&3",
    " the album by ",
    "Michael Jackson",
    "I live in ",
    "New York",
    " is my dentist",
    "Microsoft",
    "I work for ",
    "Einstein",
    "Signed with initials ",
    "A.B. ",
    "Dear Mr. ",
    "van der ",
    "Ada: hi\n",
    ", OK 69945",
    " w9 9hq",
    "X-",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..12).prop_map(|pieces| pieces.concat()),
        1 => "\\PC{0,60}",
        1 => "([A-Z]?[a-zé]{1,7}[ ,.!?\n]{1,2}){0,20}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn redacting_a_conversation_twice_is_redacting_it_once(texts in proptest::collection::vec(text(), 1..4)) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let once = redacted(&texts);
        let once: Vec<&str> = once.iter().map(String::as_str).collect();
        prop_assert_eq!(redacted(&once), once);
    }

    #[test]
    fn spans_of_names_are_sorted_disjoint_and_on_character_boundaries(text in text()) {
        let mut from = 0;
        for span in ENGINE.detect(&text) {
            prop_assert!(from <= span.range.start && span.range.start < span.range.end);
            prop_assert!(text.get(span.range.clone()).is_some());
            from = span.range.end;
        }
    }
}

#[test]
fn a_place_that_is_found_once_is_replaced_wherever_it_stands_again() {
    let texts = ["I live in Lower Quenby with my aunt.", "lower? no: lower quenby, i mean Lower Quenby?"];
    let seen = redacted(&texts);
    assert!(seen.iter().all(|text| !text.contains("Lower Quenby")), "{seen:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn redacting_sentences_without_an_end_twice_is_redacting_them_once(
        pieces in proptest::collection::vec(proptest::sample::select(&ENDLESS[..]), 150..400),
    ) {
        let once = redacted(&[&pieces.concat()]);
        prop_assert_eq!(redacted(&[&once[0]]), once);
    }
}

/// Words and marks, more of them than the model reads at once, and names between.
const ENDLESS: [&str; 19] = [
    ",1B2",
    ",BG6AA",
    ",AC2",
    " @",
    " =",
    ";",
    "\u{fffd}",
    " and",
    " the",
    " DATE",
    " key_Maria",
    " of Lower Quenby",
    " Maria Delgado",
    " 14 Elm Street",
    " KETP256_Mars",
    " IR_\u{1}",
    " train",
    " Hartwell Inc",
    " a3d6f0a1e9b5",
];
