//! Answers that the provider stored and a client fetches later: guarded and restored as they are at first.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json as value};

use crate::client::{Answer, chat, head, request, saying, send};
use crate::place::{Place, Settings, holds, key, time};
use crate::served::{Served, until};
use crate::upstream::{LAST_CHUNK, STREAM, Upstream, chat_answer, chunk, json, response};

const THEIRS: &str = "dee.private@quiet-mail.net";
const FETCHED: &str = "withheld; reason=fetched";

/// An upstream that answers with the bytes it is given last.
fn told() -> (Arc<Mutex<Vec<u8>>>, Upstream) {
    let says: Arc<Mutex<Vec<u8>>> = Arc::default();
    let shared = Arc::clone(&says);
    let upstream = Upstream::start(move |_, stream| {
        let says = shared.lock().unwrap().clone();
        stream.write_all(&says)
    });
    (says, upstream)
}

fn fetch(served: &Served, person: usize, path: &str) -> Answer {
    let bearer = format!("Bearer {}", key(person));
    send(served.clients, head(&format!("GET {path}"), &[("authorization", &bearer), ("range", "bytes=0-9")]))
}

fn post(served: &Served, person: usize, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {}", key(person));
    send(served.clients, request(&format!("POST {path}"), &[("authorization", &bearer)], body.to_string()))
}

/// A gateway whose guard has learnt the address of Dee.
fn guarded(place: &Place, (says, upstream): (&Mutex<Vec<u8>>, &Upstream), action: &str) -> Served {
    *says.lock().unwrap() = json(chat_answer("Good."));
    let mut served = Served::start(place, &Settings::to(upstream.address).with("route.0.guard", action));
    until("it is ready", || crate::client::get(served.admin, "/readyz").status == 200);
    send(served.clients, chat(4, saying(&format!("My address is {THEIRS}."))));
    served.reaches("candor_durable_exchanges_total", 1);
    // Time to take the inbox in, from which the guard learns.
    served.set_clock(time("2026-02-01T12:00:00Z"));
    *says.lock().unwrap() = json(chat_answer(THEIRS));
    let knows = || send(served.clients, chat(0, saying("Whom?"))).text() != chat_answer(THEIRS);
    until("the guard knows", knows);
    served
}

/// What a provider gives for a path, with one text in it.
fn stored(text: &str) -> Vec<(&'static str, Value)> {
    let item = value!({ "id": "m", "type": "message", "role": "assistant",
        "content": [{ "type": "output_text", "text": text, "logprobs": [{ "token": text }] }] });
    let call =
        value!({ "type": "function_call", "name": "n", "arguments": value!({ "to": text }).to_string() });
    let answer =
        value!({ "id": "resp_1", "object": "response", "status": "completed", "output": [item, call] });
    let message = value!({ "role": "assistant", "content": text });
    let completion =
        value!({ "id": "chat_1", "object": "chat.completion", "choices": [{ "message": message }] });
    vec![
        ("/v1/responses/resp_1", answer),
        ("/v1/responses/resp_1/input_items", value!({ "object": "list", "data": [item, call] })),
        ("/v1/conversations/conv_1/items/m", item),
        ("/v1/chat/completions/chat_1", completion.clone()),
        ("/v1/chat/completions", value!({ "object": "list", "data": [completion] })),
        ("/v1/chat/completions/chat_1/messages", value!({ "object": "list", "data": [message] })),
        ("/V1/Responses/resp_1", value!({ "output_text": text, "user": text })),
    ]
}

#[test]
fn a_stored_answer_is_guarded_like_a_fresh_one_and_its_own_author_sees_it_whole() {
    let place = Place::new();
    let (says, upstream) = told();
    let served = guarded(&place, (&says, &upstream), "mask");
    for (path, answer) in stored(THEIRS) {
        *says.lock().unwrap() = json(answer.to_string());
        let own = fetch(&served, 4, path);
        assert_eq!((own.text(), own.capture().as_str()), (answer.to_string(), FETCHED), "{path}: her own");
        assert!(upstream.received().last().unwrap().header("range").is_none(), "a part could not be read");
        let other = fetch(&served, 0, path);
        assert_eq!((other.status, other.capture().as_str()), (200, FETCHED), "{path}");
        assert!(!holds(&other.body, b"quiet-mail"), "{path}: {}", other.text());
        let seen: Value = serde_json::from_slice(&other.body).unwrap();
        assert_eq!(seen["id"], answer["id"], "{path}");
    }
    let plain = json(value!({ "output_text": "Nothing of anyone." , "n": 1.50 }).to_string());
    *says.lock().unwrap() = plain.clone();
    assert!(
        plain.ends_with(&fetch(&served, 0, "/v1/responses/resp_2").body),
        "what is nobody's stays as it is"
    );
    served.stop();
    assert!(place.texts(0).iter().all(|text| !text.contains("Nothing of anyone")), "and is not kept");
}

#[test]
fn a_stored_answer_that_is_streamed_is_guarded_event_by_event() {
    let place = Place::new();
    let (says, upstream) = told();
    let served = guarded(&place, (&says, &upstream), "mask");
    let event = |delta: &str| {
        let delta = value!({ "type": "response.output_text.delta", "item_id": "i", "output_index": 0,
            "content_index": 0, "delta": delta });
        chunk(format!("event: response.output_text.delta\ndata: {delta}\n\n"))
    };
    let (first, second) = THEIRS.split_at(9);
    let stream =
        [STREAM.to_vec(), event("Ask "), event(first), event(second), event(" soon."), LAST_CHUNK.to_vec()];
    *says.lock().unwrap() = stream.concat();
    let path = "/v1/responses/resp_1?stream=true&starting_after=3";
    let own = String::from_utf8(fetch(&served, 4, path).body).unwrap();
    assert!(own.contains("dee.private"), "{own}");
    let other = fetch(&served, 0, path);
    assert!(other.is_whole && other.text().contains("soon."), "{other:?}");
    assert!(!other.text().contains("dee.priv") && !other.text().contains("quiet"), "{}", other.text());
}

#[test]
fn a_file_of_answers_is_guarded_line_by_line_and_other_files_pass_as_they_are() {
    let place = Place::new();
    let (says, upstream) = told();
    let served = guarded(&place, (&says, &upstream), "mask");
    let file = |text: &str| {
        let openai = value!({ "custom_id": "a", "response": { "body": { "choices": [{ "message": { "content": text } }] } } });
        let anthropic = value!({ "custom_id": "b", "result": { "message": { "content": [{ "type": "text", "text": text }] } } });
        format!("{openai}\n{anthropic}\nplainly: {text}\n")
    };
    for path in ["/v1/files/file_1/content", "/v1/messages/batches/b_1/results"] {
        let body = file(THEIRS);
        *says.lock().unwrap() = response("200 OK\r\ncontent-type: application/binary", &body);
        assert_eq!(fetch(&served, 4, path).text(), body, "{path}: her own");
        let other = fetch(&served, 0, path).text();
        assert_eq!(other.lines().count(), 3, "{path}: {other}");
        assert!(!other.contains("quiet-mail") && other.contains("\"custom_id\":\"b\""), "{path}: {other}");
    }
    let image: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    *says.lock().unwrap() = response("200 OK\r\ncontent-type: image/png", &image);
    assert!(fetch(&served, 0, "/v1/files/file_2/content").body == image);
    let packed = response("200 OK\r\ncontent-encoding: gzip", file(THEIRS));
    *says.lock().unwrap() = packed;
    assert_eq!(
        fetch(&served, 0, "/v1/files/file_1/content").status,
        502,
        "what is compressed cannot be read"
    );
}

#[test]
fn a_guard_that_stops_ends_a_file_before_the_address() {
    let place = Place::new();
    let (says, upstream) = told();
    let served = guarded(&place, (&says, &upstream), "stop");
    let line = |text: &str| value!({ "custom_id": "a", "text": text }).to_string() + "\n";
    *says.lock().unwrap() = response("200 OK", [line("one"), line(THEIRS), line("three")].concat());
    let answer = fetch(&served, 0, "/v1/files/file_1/content").text();
    assert!(answer.starts_with(&line("one")) && answer.contains("another person"), "{answer}");
    assert!(!answer.contains("quiet-mail") && !answer.contains("three"), "{answer}");
}

#[test]
fn what_was_hidden_is_put_back_for_the_same_person_when_the_answer_is_fetched() {
    let place = Place::new();
    let (says, upstream) = told();
    let served = Served::start(&place, &Settings::to(upstream.address).with("route.0.masking", "mask"));
    let prompt = "I am ada@lovelace.org.";
    let ask = |path: &str, question: Value, answer: &Value| {
        *says.lock().unwrap() = json(answer.to_string());
        let told = post(&served, 0, path, &question).text();
        assert!(told.contains("Hello ada@lovelace.org") && !told.contains("[EMAIL_1]"), "{told}");
        assert!(!holds(&upstream.received().last().unwrap().body, b"lovelace"));
    };
    for (path, answer) in stored("Hello [EMAIL_1]") {
        match path {
            "/v1/responses/resp_1" => {
                ask(
                    "/v1/responses",
                    value!({ "model": "m", "input": prompt, "conversation": "conv_1" }),
                    &answer,
                );
            }
            "/v1/chat/completions/chat_1" => {
                let said = value!([{ "role": "user", "content": prompt }]);
                ask(
                    "/v1/chat/completions",
                    value!({ "model": "m", "messages": said, "store": true }),
                    &answer,
                );
            }
            _ => {}
        }
        *says.lock().unwrap() = json(answer.to_string());
        let is_known = !matches!(path, "/v1/chat/completions");
        let told = fetch(&served, 0, path).text();
        assert_eq!(told.contains("ada@lovelace.org"), is_known, "{path}: {told}");
        for other in [3, 4] {
            assert_eq!(fetch(&served, other, path).text(), answer.to_string(), "{path}: somebody else");
        }
    }
    // A conversation that the provider holds goes on with its placeholders.
    let more = value!({ "model": "m", "input": "And bo@lovelace.org?", "conversation": { "id": "conv_1" } });
    post(&served, 0, "/v1/responses", &more);
    assert!(holds(&upstream.received().last().unwrap().body, b"And [EMAIL_2]?"));
}

#[test]
fn of_an_answer_in_the_background_nothing_is_kept_but_the_persons_turn() {
    let place = Place::new();
    let (says, upstream) = told();
    let served = Served::start(&place, &Settings::to(upstream.address));
    let queued = value!({ "id": "resp_1", "object": "response", "status": "queued", "output": [] });
    *says.lock().unwrap() = json(queued.to_string());
    let question = value!({ "model": "m", "input": "Take your time.", "background": true });
    assert_eq!(post(&served, 0, "/v1/responses", &question).capture(), r#"kept; purposes="history train""#);
    served.reaches("candor_durable_turns_total", 1);
    let (_, done) = stored("Here it is.").swap_remove(0);
    *says.lock().unwrap() = json(done.to_string());
    assert_eq!(fetch(&served, 0, "/v1/responses/resp_1").capture(), FETCHED);
    let more = value!({ "model": "m", "input": "Thanks.", "previous_response_id": "resp_1" });
    post(&served, 0, "/v1/responses", &more);
    served.reaches("candor_durable_turns_total", 2);
    served.stop();
    let mut texts = place.texts(0);
    texts.sort();
    assert_eq!(texts, ["Take your time.", "Thanks."], "no answer to a path with a hole");
}
