//! Files, images and recordings in what is said: kept where it is kept, and nowhere where it is not.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use crate::client::{Client, bearer, chat, request, send};
use crate::place::{Place, Settings};
use crate::served::Served;
use crate::upstream::{Upstream, chat_answer, json};

/// The bytes of a file, random enough to be nowhere by chance.
fn bytes(number: usize) -> Vec<u8> {
    format!("kq4vfile8zt number {number}, which nobody may read {}", "and so on ".repeat(40)).into_bytes()
}

fn encoded(number: usize) -> String {
    BASE64_STANDARD.encode(bytes(number))
}

/// All by which a file could be known.
fn traces(number: usize) -> [Vec<u8>; 4] {
    let digest = Sha256::digest(bytes(number));
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    [bytes(number), encoded(number).into_bytes(), digest.to_vec(), hex.into_bytes()]
}

/// Requests with files in all the places that the providers have for them; in each the file of its number.
fn requests() -> Vec<(&'static str, String)> {
    let chat = |part: String| {
        (
            "/v1/chat/completions",
            format!(r#"{{"model":"m","messages":[{{"role":"user","content":[{part}]}}]}}"#),
        )
    };
    let responses = |item: String| ("/v1/responses", format!(r#"{{"model":"m","input":[{item}]}}"#));
    let said = |part: String| responses(format!(r#"{{"role":"user","content":[{part}]}}"#));
    let messages = |block: String| {
        ("/v1/messages", format!(r#"{{"model":"m","messages":[{{"role":"user","content":[{block}]}}]}}"#))
    };
    let source = |kind: &str, number: usize| {
        let data = encoded(number);
        format!(
            r#"{{"type":"{kind}","source":{{"type":"base64","media_type":"image/png","data":"{data}"}}}}"#
        )
    };
    let text = String::from_utf8(bytes(8)).unwrap();
    vec![
        chat(format!(
            r#"{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{}"}}}}"#,
            encoded(0)
        )),
        chat(format!(r#"{{"type":"input_audio","input_audio":{{"data":"{}","format":"wav"}}}}"#, encoded(1))),
        chat(format!(
            r#"{{"type":"file","file":{{"filename":"a.pdf","file_data":"data:application/pdf;base64,{}"}}}}"#,
            encoded(2)
        )),
        said(format!(r#"{{"type":"input_image","image_url":"data:image/png;base64,{}"}}"#, encoded(3))),
        said(format!(r#"{{"type":"input_file","filename":"a.pdf","file_data":"{}"}}"#, encoded(4))),
        responses(format!(
            r#"{{"role":"user","content":"look"}},{{"type":"function_call_output","call_id":"c","output":[{{"type":"input_image","image_url":"data:image/png;base64,{}"}}]}}"#,
            encoded(5)
        )),
        messages(source("image", 6)),
        messages(format!(
            r#"{{"type":"tool_result","tool_use_id":"t","content":[{}]}},{{"type":"text","text":"look"}}"#,
            source("image", 7)
        )),
        messages(format!(
            r#"{{"type":"document","source":{{"type":"text","media_type":"text/plain","data":"{text}"}}}}"#
        )),
    ]
}

/// Says each of the requests as a person; what was decided about them.
fn say(served: &Served, person: usize) -> BTreeSet<String> {
    let bearer = bearer(person);
    let headers = [("authorization", bearer.as_str())];
    let ask = |(path, body): (&str, String)| {
        send(served.clients, request(&format!("POST {path}"), &headers, body)).capture()
    };
    requests().into_iter().map(ask).collect()
}

#[test]
fn files_of_a_refused_request_are_nowhere_and_those_of_a_permitted_one_are_only_sealed() {
    for (person, decided) in [(1, "withheld; reason=refused"), (0, r#"kept; purposes="history train""#)] {
        let place = Place::new();
        let upstream = Upstream::saying(json(chat_answer("Yes.")));
        let served = Served::start(&place, &Settings::to(upstream.address));
        assert_eq!(say(&served, person), BTreeSet::from([decided.to_owned()]));
        let all = requests().len();
        if person == 0 {
            served.reaches("candor_durable_files_total", all as u64);
        }
        let nowhere = |when: &str| {
            for trace in (0..all).flat_map(traces) {
                assert!(place.files_with(&trace).is_empty(), "{when}");
            }
        };
        nowhere("in the inbox");
        let mut told = served.metrics();
        told += &served.stop();
        nowhere("in segments");
        assert!(!told.contains("kq4vfile8zt") && !told.contains(&encoded(0)[..40]), "{told}");
        let kept: BTreeSet<Vec<u8>> = place.files(person).into_iter().collect();
        let expected = if person == 0 { (0..all).map(bytes).collect() } else { BTreeSet::new() };
        assert_eq!(kept, expected);
        nowhere("after they were read");
    }
}

/// A question with a picture.
fn looking(number: usize, rest: &str) -> String {
    let picture = encoded(number);
    format!(
        r#"{{"messages":[{{"role":"user","content":[{{"type":"text","text":"look {number}"}},{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{picture}"}}}}]}}{rest}]}}"#
    )
}

#[test]
fn a_conversation_goes_on_after_a_picture_and_keeps_it_once() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let served = Served::start(&place, &Settings::to(upstream.address));
    send(served.clients, chat(0, looking(1, "")));
    let rest = r#",{"role":"assistant","content":"Yes."},{"role":"user","content":"two"}"#;
    send(served.clients, chat(0, looking(1, rest)));
    served.stop();
    assert_eq!(place.texts(0), ["look 1|[image]", "Yes.", "two", "Yes."]);
    assert_eq!(place.files(0), [bytes(1)]);
}

#[test]
fn a_file_beyond_the_limit_is_left_out_and_counted_and_the_rest_is_kept() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let limit = bytes(1).len() as i64 - 1;
    let settings = Settings::to(upstream.address).with("capture.file_bytes_max", limit);
    let served = Served::start(&place, &settings);
    send(served.clients, chat(0, looking(1, "")));
    served.reaches("candor_left_out_files_total", 1);
    assert_eq!(served.metric("candor_durable_files_total"), 0);
    served.stop();
    assert_eq!(place.texts(0), ["look 1|[image]", "Yes."]);
    assert!(place.files(0).is_empty());
}

#[test]
fn every_turn_that_was_counted_has_its_file_after_the_process_was_killed() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let served = Served::start(&place, &Settings::to(upstream.address));
    let clients = served.clients;
    let counted = std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut client = Client::connect(clients);
            for number in 0.. {
                // The gateway dies in the middle of one of these.
                let sent = client.try_send(chat(0, looking(number, "")));
                if sent.is_err() || client.answer().capture().is_empty() {
                    return;
                }
            }
        });
        let mut counted = 0;
        while counted < 20 {
            counted = served.metric("candor_durable_files_total");
        }
        served.kill();
        counted
    });
    let said: Vec<String> = place.texts(0).into_iter().filter(|text| text.starts_with("look")).collect();
    let files: BTreeSet<Vec<u8>> = place.files(0).into_iter().collect();
    assert!(files.len() as u64 >= counted, "{} of {counted}", files.len());
    let number = |text: &String| text.split(['|', ' ']).nth(1).unwrap().parse::<usize>().unwrap();
    assert_eq!(files, said.iter().map(|text| bytes(number(text))).collect());
}

#[test]
fn all_answers_side_by_side_are_kept_and_two_that_are_the_same_once() {
    let place = Place::new();
    let choice = |index: usize, text: &str, reason: &str| {
        format!(
            r#"{{"index":{index},"message":{{"role":"assistant","content":"{text}"}},"finish_reason":"{reason}"}}"#
        )
    };
    let choices = [choice(0, "One.", "stop"), choice(1, "Two.", "stop"), choice(2, "One.", "stop")].join(",");
    let upstream = Upstream::saying(json(format!(r#"{{"id":"c","choices":[{choices}]}}"#)));
    let served = Served::start(&place, &Settings::to(upstream.address));
    send(served.clients, chat(0, r#"{"n":3,"messages":[{"role":"user","content":"one?"}]}"#));
    // The person goes on from the second.
    let second = r#"{"messages":[{"role":"user","content":"one?"},{"role":"assistant","content":"Two."},{"role":"user","content":"more"}]}"#;
    send(served.clients, chat(0, second));
    served.stop();
    let texts = place.texts(0);
    assert_eq!(texts[..3], ["one?", "One.", "Two."]);
    assert_eq!((texts.len(), texts[3].as_str()), (6, "more"), "{texts:?}");
}

#[test]
fn an_answer_that_was_cut_for_its_length_is_kept_as_unfinished() {
    let place = Place::new();
    let answer = r#"{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"On"},"finish_reason":"length"}]}"#;
    let upstream = Upstream::saying(json(answer));
    let served = Served::start(&place, &Settings::to(upstream.address));
    send(served.clients, chat(0, r#"{"messages":[{"role":"user","content":"one?"}]}"#));
    served.stop();
    let kept: Vec<_> = place.kept(0).into_iter().map(|kept| (kept.text, kept.complete)).collect();
    assert_eq!(kept, [("one?".to_owned(), true), ("On".to_owned(), false)]);
}
