//! What passes, what is masked, where an answer stops.

use proptest::prelude::*;

use candor_guard::{Action, HELD_BYTES_MAX, Policy};

use crate::pieces::{PLAIN, cut, glued};
use crate::scene::{ALICE, BOB, Scene, run, subject};

/// Alice's identifiers as she wrote them, and a needle that must not come through.
const ALICES: [(&str, &str); 9] = [
    ("write to alice.liddell@orchard.org please", "liddell"),
    ("my number is (212) 736-5000", "736"),
    ("ring +44 20 7183 8750", "7183"),
    ("card 4716 1901 2847 9959", "2847"),
    ("iban DE75 5121 0800 1245 1261 99", "1245 1261"),
    ("my ssn is 460-89-9847", "9847"),
    ("api_key = p8eXibndcvsmAp9ZgPBZ606FSlYIZVlsZ", "FSlYIZVlsZ"),
    ("the host is 86.121.97.248", "121.97"),
    ("password: \"tr0ub4dor&3\"", "tr0ub4dor"),
];

/// The same in an answer, with what stands around it.
const LEAKS: [(&str, &str); 12] = [
    ("alice.liddell@orchard.org", "liddell"),
    ("Alice.Liddell@Orchard.org", "Liddell"),
    ("(212) 736-5000", "736"),
    ("+1 212 736 5000", "736"),
    ("call +44 20 7183 8750 x12", "7183"),
    ("4716-1901-2847-9959", "2847"),
    ("DE75512108001245126199", "12451261"),
    ("460-89-9847", "9847"),
    ("p8eXibndcvsmAp9ZgPBZ606FSlYIZVlsZ", "FSlYIZVlsZ"),
    ("86.121.97.248", "121.97"),
    ("password: \"tr0ub4dor&3\"", "tr0ub4dor"),
    ("https://orchard.org/?email=alice.liddell@orchard.org&token=Zq81mXw03kLpR5tYv7Bn", "liddell"),
];

fn scene() -> Scene {
    ALICES.iter().fold(Scene::new(), |scene, (said, _)| scene.said(ALICE, said))
}

#[test]
fn what_alice_wrote_is_learnt() {
    for (said, _) in ALICES {
        assert_eq!(Scene::new().said(ALICE, said).index.len(), 1, "{said}");
    }
}

#[test]
fn a_text_book_example_passes_and_another_persons_details_do_not() {
    let scene = scene().said(ALICE, "e.g. 4111 1111 1111 1111 or (212) 555-0123, jane@example.com");
    let example = "Try 4111 1111 1111 1111, call (212) 555-0123 or write to jane@example.com.";
    assert_eq!(scene.answer(example), example);
    assert_eq!(scene.answer("Write to alice.liddell@orchard.org."), "Write to [EMAIL].");
    assert_eq!(scene.answer("She has 2127365000, I think."), "She has [PHONE], I think.");
    assert_eq!(scene.answer("to=\\nalice.liddell@orchard.org"), "to=\\n[EMAIL]");
}

#[test]
fn what_the_asker_sent_wrote_before_or_nobody_wrote_passes() {
    let scene =
        scene().said(BOB, "also 460-89-9847 is in my papers").asking("Who is alice.liddell@orchard.org?");
    for text in ["alice.liddell@orchard.org is Alice.", "460-89-9847", "bob@orchard.org", "(212) 736-5001"] {
        assert_eq!(scene.answer(text), text);
    }
}

#[test]
fn what_many_wrote_is_public_knowledge() {
    let crowd = 10..=10 + candor_guard::OWNERS_MAX as u8;
    let scene = crowd.into_iter().fold(Scene::new(), |scene, who| scene.said(who, "call +1 212-736-5000"));
    assert_eq!(scene.answer("call +1 212-736-5000 now"), "call +1 212-736-5000 now");
    scene.index.forget(subject(10));
    assert_eq!(scene.answer("call +1 212-736-5000 now"), "call [PHONE] now");
}

#[test]
fn an_answer_stops_before_what_belongs_to_another_and_stays_stopped() {
    let mut watch = scene().watch(Policy::Stop, Scene::budget(5));
    let first = watch.push("Her address is alice.lid");
    assert_eq!((first.text.as_str(), first.stopped), ("Her address is ", false));
    let second = watch.push("dell@orchard.org and her");
    assert_eq!((second.text.as_str(), second.stopped), ("", true));
    assert!(watch.push(" number is").text.is_empty());
    assert!(watch.finish().text.is_empty());
    let finding = watch.findings().iter().next().unwrap();
    assert_eq!((finding.action, finding.count, watch.findings().total()), (Action::Stopped, 1, 1));
}

#[test]
fn a_logged_answer_is_unchanged_and_counted() {
    let mut watch = scene().watch(Policy::Log, Scene::budget(0));
    let text = "alice.liddell@orchard.org, nobody@nowhere.net and 460-89-9847";
    assert_eq!(run(&mut watch, &[text]), text);
    assert_eq!(watch.findings().total(), 2);
}

#[test]
fn a_spent_budget_makes_anothers_value_and_nobodys_look_the_same() {
    let scene = scene();
    let budget = Scene::budget(2);
    let ask = |text: &str| run(&mut scene.watch(Policy::Mask, budget.clone()), &[text]);
    assert_eq!(ask("nobody@nowhere.net"), "nobody@nowhere.net");
    assert_eq!(ask("alice.liddell@orchard.org 460-89-9847"), "[EMAIL] [NATIONAL_ID]");
    assert_eq!(ask("nobody@nowhere.net"), "[EMAIL]");
    assert_eq!(ask("alice.liddell@orchard.org"), "[EMAIL]");
    assert_eq!(ask("jane@example.com"), "jane@example.com");
}

#[test]
fn prose_is_held_back_by_a_word_at_most() {
    let mut watch = scene().watch(Policy::Mask, Scene::budget(5));
    for (chunk, held) in
        [("The", 3), (" lichen", 7 - 1), (" grows ", 0), ("slowly.\n", 0), ("In 2024", 4), (" we", 2)]
    {
        watch.push(chunk);
        assert_eq!(watch.held_bytes(), held, "{chunk:?}");
    }
}

#[test]
fn an_endless_word_is_passed_on_and_looked_at_on_the_way() {
    for before in [0, 1, HELD_BYTES_MAX / 2 - 10, HELD_BYTES_MAX - 12, HELD_BYTES_MAX, 3 * HELD_BYTES_MAX] {
        let text =
            format!("{}:/alice.liddell@orchard.org/{}", "x:".repeat(before / 2), "y;".repeat(HELD_BYTES_MAX));
        let mut watch = scene().watch(Policy::Mask, Scene::budget(5));
        let mut out = String::new();
        for chunk in cut(&text, &[1000]) {
            out.push_str(&watch.push(chunk).text);
            assert!(watch.held_bytes() <= HELD_BYTES_MAX);
        }
        out.push_str(&watch.finish().text);
        assert_eq!(out, text.replace("alice.liddell@orchard.org", "[EMAIL]"));
    }
}

#[test]
fn a_private_key_is_masked_whole_line_by_line() {
    let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n";
    for lines in [3, 40, 400] {
        let body: String = (0..lines).map(|at| line.replace("VJTU", &format!("{at:04}"))).collect();
        let key = format!("-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----\n");
        let scene = Scene::new().said(ALICE, &key);
        let answer = format!("Here: {key}That is it.");
        let mut watch = scene.watch(Policy::Mask, Scene::budget(5));
        let masked = run(&mut watch, &cut(&answer, &[61]));
        assert!(!masked.contains("MII"), "{lines} lines: {} bytes came through", masked.len());
        assert!(masked.starts_with("Here: [PRIVATE_KEY]") && masked.ends_with("That is it."), "{lines}");
    }
}

fn leaking() -> impl Strategy<Value = String> {
    let leak = (0..LEAKS.len()).prop_map(|at| format!(" {} ", LEAKS[at].0));
    proptest::collection::vec(prop_oneof![3 => glued(&PLAIN), 1 => leak], 0..5)
        .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_output_does_not_depend_on_how_the_text_is_cut(
        text in leaking(),
        lengths in proptest::collection::vec(1..9_usize, 1..8),
        stop in any::<bool>(),
    ) {
        let scene = scene();
        let policy = if stop { Policy::Stop } else { Policy::Mask };
        let mut whole = scene.watch(policy, Scene::budget(3));
        let mut parts = scene.watch(policy, Scene::budget(3));
        prop_assert_eq!(run(&mut whole, &[&text]), run(&mut parts, &cut(&text, &lengths)));
        prop_assert_eq!(whole.findings(), parts.findings());
    }

    #[test]
    fn nothing_of_another_persons_comes_through(
        before in glued(&PLAIN),
        after in glued(&PLAIN),
        at in 0..LEAKS.len(),
        lengths in proptest::collection::vec(1..9_usize, 1..8),
    ) {
        let (leak, needle) = LEAKS[at];
        let text = format!("{before}\n{leak}\n{after}");
        let out = run(&mut scene().watch(Policy::Mask, Scene::budget(9)), &cut(&text, &lengths));
        prop_assert!(!out.contains(needle), "{}", out);
    }

    #[test]
    fn a_text_without_anothers_identifiers_passes_byte_for_byte(
        text in glued(&PLAIN),
        lengths in proptest::collection::vec(1..9_usize, 1..8),
    ) {
        let mut watch = scene().watch(Policy::Stop, Scene::budget(1));
        prop_assert_eq!(run(&mut watch, &cut(&text, &lengths)), text);
        prop_assert!(watch.findings().is_empty());
    }

}

proptest! {
    // Long texts: few of them.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_held_back_is_bounded_and_what_comes_in_comes_out(
        text in "[a1 @.:-]{0,60}",
        times in 1..600_usize,
        length in 1..5_000_usize,
    ) {
        let text = text.repeat(times);
        let mut watch = scene().watch(Policy::Mask, Scene::budget(1));
        let mut out = String::new();
        for chunk in cut(&text, &[length]) {
            out.push_str(&watch.push(chunk).text);
            prop_assert!(watch.held_bytes() <= HELD_BYTES_MAX);
        }
        out.push_str(&watch.finish().text);
        prop_assert_eq!(out, text);
    }
}
