//! Streams cut at every place, by the network and by the model: nothing that is hidden leaks, and nothing else
//! changes.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::client::{Client, bearer, chat, request, saying, send};
use crate::place::{Place, Settings, holds, time};
use crate::served::{Served, until};
use crate::upstream::{LAST_CHUNK, STREAM, Upstream, chat_answer, chat_delta, chunk, json, response};

/// What the upstream says: a body, and in how large pieces.
type Plan = Arc<Mutex<(Vec<u8>, usize)>>;

fn planned() -> (Plan, Upstream) {
    let plan: Plan = Arc::default();
    let shared = Arc::clone(&plan);
    let upstream = Upstream::start(move |_, stream| {
        let (body, size) = shared.lock().unwrap().clone();
        stream.write_all(STREAM)?;
        for piece in body.chunks(size.max(1)) {
            stream.write_all(&chunk(piece))?;
        }
        stream.write_all(LAST_CHUNK)
    });
    (plan, upstream)
}

/// One way of speaking to a model: where requests go, an event that says a piece of the answer, and where in an
/// event the piece is.
struct Dialect {
    path: &'static str,
    delta: fn(&str) -> String,
    said: &'static str,
}

const DIALECTS: [Dialect; 3] = [
    Dialect { path: "/v1/chat/completions", delta: chat_delta, said: "/choices/0/delta/content" },
    Dialect { path: "/v1/messages", delta: messages_delta, said: "/delta/text" },
    Dialect { path: "/v1/responses", delta: responses_delta, said: "/delta" },
];

fn messages_delta(text: &str) -> String {
    let text = Value::from(text);
    format!(
        "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":{text}}}}}\n\n"
    )
}

fn responses_delta(text: &str) -> String {
    let text = Value::from(text);
    format!(
        "event: response.output_text.delta\ndata: {{\"type\":\"response.output_text.delta\",\"item_id\":\"i\",\"output_index\":0,\"content_index\":0,\"delta\":{text}}}\n\n"
    )
}

/// What a stream says, all pieces together.
fn said(stream: &[u8], place: &str) -> String {
    let text = String::from_utf8(stream.to_vec()).unwrap();
    let events = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let values = events.filter_map(|data| serde_json::from_str::<Value>(data).ok());
    values.filter_map(|value| value.pointer(place)?.as_str().map(str::to_owned)).collect()
}

fn ask(client: &mut Client, person: usize, (path, text): (&str, &str)) -> Vec<u8> {
    let bearer = bearer(person);
    let text = Value::from(text);
    let said = match path {
        "/v1/responses" => format!(r#""input":{text}"#),
        _ => format!(r#""messages":[{{"role":"user","content":{text}}}]"#),
    };
    let body = format!(r#"{{"model":"m","max_tokens":9,"stream":true,{said}}}"#);
    client.send(request(&format!("POST {path}"), &[("authorization", &bearer)], body));
    let answer = client.answer();
    assert!(answer.is_whole && answer.status == 200, "{answer:?}");
    answer.body
}

const PROMPT: &str = "Write to ada@lovelace.org or +44 20 7183 8750.";
const MASKED: &str = "Write to [EMAIL_1] or [PHONE_1].";
const ANSWER: &str = "Ask [EMAIL_1], [EMAIL_2] [[ [PHONE_1] [EMAIL_";
const RESTORED: &str = "Ask ada@lovelace.org, [EMAIL_2] [[ +44 20 7183 8750 [EMAIL_";

#[test]
fn placeholders_are_put_back_wherever_the_model_cuts_its_answer() {
    let place = Place::new();
    let (plan, upstream) = planned();
    let served = Served::start(&place, &Settings::to(upstream.address).with("route.0.masking", "mask"));
    let mut client = Client::connect(served.clients);
    for Dialect { path, delta, said: place } in &DIALECTS {
        let one_by_one: String = ANSWER.chars().map(|c| delta(&c.to_string())).collect();
        let in_two = (0..=ANSWER.len()).map(|at| delta(&ANSWER[..at]) + &delta(&ANSWER[at..]));
        for stream in in_two.chain([one_by_one]) {
            *plan.lock().unwrap() = (stream.clone().into_bytes(), usize::MAX);
            let answer = ask(&mut client, 0, (path, PROMPT));
            assert_eq!(said(&answer, place), RESTORED, "{stream}");
            let received = upstream.take().body;
            let received = String::from_utf8(received).unwrap();
            assert!(received.contains(&format!(r#":"{MASKED}""#)), "{received}");
            assert!(!received.contains("lovelace") && !received.contains("7183"), "{received}");
        }
    }
}

/// A stream in which only one text is to change: two placeholders of a tool's arguments and of an answer.
fn stream_with_all_else() -> (String, String) {
    let stream = [
        ": a comment [EMAIL_1]\n\n",
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"[EMAIL_1]\",\"usage\":{\"input_tokens\":1e0}}}\n\n",
        "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}\n\n",
        "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"[EMAIL_1]\"}}\n\n",
        "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"[EMAIL_1]\"}}\n\n",
        "data: {\"type\":\"content_block_delta\" , \"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"\\u00e9 TEXT\"}}\r\n\r\n",
        "data: {\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"n\",\"input\":{}}}\n\n",
        "data: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"a\\\":\\\"TEXT\\\"}\"}}\n\n",
        "data: not json [EMAIL_1]\n\n",
        "data: {\"type\":\"content_block_stop\",\"index\":2}\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    ]
    .concat();
    (stream.replace("TEXT", "[EMAIL_1]"), stream.replace("TEXT", "ada@lovelace.org"))
}

#[test]
fn a_stream_that_arrives_in_pieces_of_any_size_is_restored_to_the_same_bytes() {
    let place = Place::new();
    let (plan, upstream) = planned();
    let served = Served::start(&place, &Settings::to(upstream.address).with("route.0.masking", "mask"));
    let mut client = Client::connect(served.clients);
    let (stream, restored) = stream_with_all_else();
    let sizes = (1..120).chain((120..stream.len()).step_by(37)).chain([stream.len()]);
    for size in sizes {
        *plan.lock().unwrap() = (stream.clone().into_bytes(), size);
        let answer = ask(&mut client, 0, ("/v1/messages", PROMPT));
        let answer = String::from_utf8(answer).unwrap();
        // Events may be told in other pieces than they came in, as long as they say the same.
        assert_eq!(gist(&answer), gist(&restored), "pieces of {size}: {answer}");
    }
}

/// Every line of a stream, with deltas to the same place taken together.
fn gist(stream: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut open: Option<(u64, String)> = None;
    for line in stream.lines().filter(|line| !line.is_empty()) {
        let value: Option<Value> =
            line.strip_prefix("data: ").and_then(|data| serde_json::from_str(data).ok());
        let piece = value.as_ref().and_then(|value| {
            let text =
                ["/delta/text", "/delta/partial_json"].iter().find_map(|at| value.pointer(at)?.as_str())?;
            Some((value["index"].as_u64()?, text.to_owned()))
        });
        open = match (open, piece) {
            (Some((at, before)), Some((index, text))) if at == index => Some((at, before + &text)),
            (before, piece) => {
                lines.extend(before.map(|(at, text)| format!("{at}: {text}")));
                if piece.is_none() {
                    lines.push(line.to_owned());
                }
                piece
            }
        };
    }
    lines.extend(open.map(|(at, text)| format!("{at}: {text}")));
    lines
}

#[test]
fn a_whole_answer_is_restored_and_a_route_that_blocks_tells_the_kind_and_not_the_value() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer(ANSWER)));
    let served = Served::start(&place, &Settings::to(upstream.address).with("route.0.masking", "mask"));
    let answer = send(served.clients, chat(0, saying(PROMPT)));
    assert_eq!(answer.text(), chat_answer(RESTORED));
    assert_eq!(String::from_utf8(upstream.take().body).unwrap(), saying(MASKED));
    served.stop();
    assert_eq!(place.texts(0), [PROMPT, RESTORED], "what is kept is what the person saw");

    let served = Served::start(&place, &Settings::to(upstream.address).with("route.0.masking", "block"));
    let answer = send(served.clients, chat(0, saying(PROMPT)));
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("EMAIL") && !answer.text().contains("lovelace"), "{}", answer.text());
    assert!(upstream.received().is_empty());
    assert_eq!(send(served.clients, chat(0, saying("Nothing of mine."))).status, 200);
}

const THEIRS: &str = "dee.private@quiet-mail.net";

/// A gateway whose guard has learnt the address of Dee.
fn guarded(place: &Place, (plan, upstream): (&Plan, &Upstream), action: &str) -> Served {
    let settings = Settings::to(upstream.address).with("route.0.guard", action);
    let mut served = Served::start(place, &settings);
    served.is_ready();
    let mut client = Client::connect(served.clients);
    *plan.lock().unwrap() = (chat_delta("Good.").into_bytes(), usize::MAX);
    ask(&mut client, 4, (DIALECTS[0].path, &format!("My address is {THEIRS}.")));
    served.reaches("candor_durable_exchanges_total", 1);
    // Time to take the inbox in, from which the guard learns.
    served.set_clock(time("2026-02-01T12:00:00Z"));
    *plan.lock().unwrap() = (chat_delta(&format!("Write to {THEIRS}.")).into_bytes(), usize::MAX);
    until("the guard knows", || !holds(&ask(&mut client, 0, (DIALECTS[0].path, "Whom?")), THEIRS.as_bytes()));
    served
}

#[test]
fn another_persons_address_leaks_through_no_cut_and_ones_own_and_a_public_one_pass() {
    let place = Place::new();
    let (plan, upstream) = planned();
    let served = guarded(&place, (&plan, &upstream), "mask");
    let mut client = Client::connect(served.clients);
    let mut tell = |person: usize, path: &str, plan_now: (String, usize), text: &str| {
        *plan.lock().unwrap() = (plan_now.0.into_bytes(), plan_now.1);
        ask(&mut client, person, (path, text))
    };
    let text = format!("Write to {THEIRS} soon, or to info@example.com.");
    for Dialect { path, delta, said: place } in &DIALECTS {
        let stream = delta(&text);
        let own = tell(4, path, (stream.clone(), 7), "Mine?");
        assert_eq!(said(&own, place), text, "her own");
        let named = tell(0, path, (stream.clone(), 7), &format!("Is it {THEIRS}?"));
        assert_eq!(said(&named, place), text, "the asker said it");
        let masked = said(&tell(0, path, (stream, usize::MAX), "Whom?"), place);
        assert!(masked.starts_with("Write to [") && masked.contains("info@example.com"), "{masked}");
        for at in 0..=text.len() {
            let stream = delta(&text[..at]) + &delta(&text[at..]);
            let answer = tell(0, path, (stream, 1 + at), "Whom?");
            let told = said(&answer, place);
            assert!(told.starts_with("Write to [") && told.contains("soon"), "{told}");
            for part in ["dee.private", "quiet-mail"] {
                assert!(!told.contains(part) && !holds(&answer, part.as_bytes()), "{told}");
            }
        }
    }
    assert!(!served.metrics().contains("quiet-mail"));
    assert!(!served.stop().contains("quiet-mail"));
}

#[test]
fn no_request_that_the_gateway_cannot_read_gets_around_the_guard() {
    let place = Place::new();
    let (plan, upstream) = planned();
    let served = guarded(&place, (&plan, &upstream), "mask");
    let twice = r#"{"messages":[{"role":"user","content":"Whom?"}],"messages":7}"#.to_owned();
    let large = saying(&"Whom? ".repeat(2 << 20));
    for (body, decided) in [(twice, "unreadable"), (large, "unread")] {
        let answer = send(served.clients, chat(0, body));
        assert_eq!(answer.capture(), format!("withheld; reason={decided}"));
        assert!(answer.text().contains("Write to") && !answer.text().contains("quiet-mail"), "{decided}");
    }
}

#[test]
fn no_answer_that_the_guard_cannot_read_gets_past_it() {
    let place = Place::new();
    let upstream =
        Upstream::saying(response("200 OK\r\ncontent-encoding: br\r\ncontent-type: application/json", "?"));
    for (action, status) in [("off", 200), ("log", 200), ("mask", 502), ("stop", 502)] {
        let settings = Settings::to(upstream.address).with("route.0.guard", action);
        let served = Served::start(&place, &settings);
        served.is_ready();
        let answer = send(served.clients, chat(0, saying("Whom?")));
        assert_eq!(answer.status, status, "{action}");
        assert_eq!(answer.text() == "?", status == 200);
    }
}

#[test]
fn an_answer_that_the_guard_ends_ends_before_the_address_with_an_error() {
    let place = Place::new();
    let (plan, upstream) = planned();
    let served = guarded(&place, (&plan, &upstream), "stop");
    let mut client = Client::connect(served.clients);
    let text = format!("Write to {THEIRS} soon.");
    let stopped = |served: &Served| -> u64 {
        let metrics = served.metrics();
        let counts = metrics.lines().filter(|line| line.contains("action=\"stopped\""));
        counts.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
    };
    let before = stopped(&served);
    for Dialect { path, delta, said: place } in &DIALECTS {
        for size in [1, 5, 50, usize::MAX] {
            *plan.lock().unwrap() =
                (text.chars().map(|c| delta(&c.to_string())).collect::<String>().into_bytes(), size);
            let answer = ask(&mut client, 0, (path, "Whom?"));
            let told = said(&answer, place);
            assert!("Write to ".starts_with(told.trim_end()) || told == "Write to ", "{told}");
            assert!(holds(&answer, b"another person") && !holds(&answer, b"quiet"), "{told}");
        }
    }
    assert_eq!(stopped(&served) - before, DIALECTS.len() as u64 * 4, "each of them is counted, once");
}
