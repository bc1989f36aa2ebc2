//! Nothing of what may not be kept is anywhere (N3); what may be kept is nowhere to be read (N9).

use std::io::Write;

use crate::client::{Client, bearer, chat, request, send};
use crate::place::{BACKEND, NOBODY, Place, Settings};
use crate::served::Served;
use crate::upstream::{LAST_CHUNK, Received, STREAM, Upstream, chat_answer, chat_delta, chunk, json};

/// Random enough that it is nowhere by chance.
const CANARY: &str = "xqj7canary9fz";

/// The canary in every place of a request that a person or program can write to.
fn body(more: &str) -> String {
    let c = CANARY;
    format!(
        r#"{{"model":"m","messages":[
          {{"role":"system","content":"sys {c}-system"}},
          {{"role":"user","content":[{{"type":"text","text":"say {c}-prompt"}},
            {{"type":"file","file":{{"filename":"{c}-file.pdf","file_data":"data:application/pdf;base64,{c}"}}}},
            {{"type":"image_url","image_url":{{"url":"https://example.org/{c}.png"}}}}]}},
          {{"role":"assistant","tool_calls":[{{"id":"a","type":"function","function":{{"name":"look","arguments":"{{\"at\":\"{c}-arguments\"}}"}}}}]}},
          {{"role":"tool","tool_call_id":"a","content":"{c}-result"}},
          {{"role":"user","content":"and {c}-again"}}],
          "user":"{c}-user","metadata":{{"note":"{c}-note"}},"unknown":"{c}"{more}}}"#
    )
}

fn upstream() -> Upstream {
    Upstream::start(|request: &Received, stream| {
        let text = format!("answer {CANARY}-answer");
        if String::from_utf8_lossy(&request.body).contains(r#""stream":true"#) {
            stream.write_all(STREAM)?;
            stream.write_all(&chunk(chat_delta(&text)))?;
            stream.write_all(&chunk("data: [DONE]\n\n"))?;
            stream.write_all(LAST_CHUNK)
        } else if request.body.starts_with(br#"{"model":"m","messages":[{"role":"system","content":"xqj7"#) {
            let message = format!(r#"{{"role":"assistant","content":null,"tool_calls":[{CALL}]}}"#);
            stream.write_all(&json(format!(
                r#"{{"id":"c","choices":[{{"index":0,"message":{message},"finish_reason":"tool_calls"}}]}}"#
            )))
        } else {
            stream.write_all(&json(chat_answer(&text)))
        }
    })
}

/// A request: whose key, one more header, more fields, and what is decided.
type Case = (usize, (&'static str, &'static str), &'static str, &'static str);

const PLAIN: (&str, &str) = ("x-nothing", "1");

#[test]
fn what_may_not_be_kept_is_in_no_file_metric_or_log() {
    let cases: [Case; 9] = [
        (1, PLAIN, "", "withheld; reason=refused"),
        (2, PLAIN, "", "withheld; reason=never-asked"),
        (NOBODY, PLAIN, "", "withheld; reason=unknown-subject"),
        (BACKEND, PLAIN, "", "withheld; reason=unknown-subject"),
        (0, PLAIN, r#","store":false"#, "withheld; reason=opted-out"),
        (0, ("candor-temporary", "1"), "", "withheld; reason=opted-out"),
        (0, ("x-litellm-enable-message-redaction", "true"), "", "withheld; reason=opted-out"),
        (0, PLAIN, r#","provider":{"data_collection":"deny"}"#, "withheld; reason=opted-out"),
        (0, PLAIN, r#","messages":7"#, "withheld; reason=unreadable"),
    ];
    let (place, upstream) = (Place::new(), upstream());
    let served = Served::start(&place, &Settings::to(upstream.address));
    let mut client = Client::connect(served.clients);
    for (person, header, more, decided) in cases {
        for stream in ["", r#","stream":true"#] {
            let bearer = bearer(person);
            let headers = [("authorization", bearer.as_str()), header, ("x-client-request-id", CANARY)];
            let path = format!("POST /v1/chat/completions?note={CANARY}");
            client.send(request(&path, &headers, body(&format!("{more}{stream}"))));
            let answer = client.answer();
            assert_eq!((answer.status, answer.capture().as_str()), (200, decided), "{more}");
            assert!(answer.text().contains("canary9fz-answer"));
        }
    }
    assert_eq!(upstream.received().len(), 18);
    served.reaches("candor_requests_total", 18);
    assert!(!served.metrics().contains(CANARY));
    assert_eq!(served.metric("candor_durable_turns_total"), 0);
    assert!(place.files_with(CANARY.as_bytes()).is_empty());
    let errors = served.stop();
    assert_eq!(errors.matches(r#""surface":"chat""#).count(), 18, "{errors}");
    assert!(!errors.contains(CANARY), "{errors}");
    assert!(place.files_with(CANARY.as_bytes()).is_empty());
    for person in 0..3 {
        assert!(place.texts(person).is_empty());
    }
}

/// A conversation in two requests: a question that the model answers with a call, and the result of the call.
fn conversation() -> [String; 2] {
    let c = CANARY;
    let first = format!(
        r#"{{"model":"m","messages":[{{"role":"system","content":"{c}-system"}},{{"role":"user","content":"{c}-prompt"}}"#
    );
    let second = format!(
        r#"{first},{{"role":"assistant","content":null,"tool_calls":[{CALL}]}},{{"role":"tool","tool_call_id":"a","content":"{c}-result"}}],"stream":true}}"#
    );
    [first + "]}", second]
}

const CALL: &str = r#"{"id":"a","type":"function","function":{"name":"look","arguments":"{\"at\":\"xqj7canary9fz-arguments\"}"}}"#;

#[test]
fn what_may_be_kept_is_there_and_nowhere_to_be_read() {
    let (place, upstream) = (Place::new(), upstream());
    let served = Served::start(&place, &Settings::to(upstream.address));
    for (number, body) in conversation().into_iter().enumerate() {
        let answer = send(served.clients, chat(0, body));
        assert_eq!(answer.capture(), r#"kept; purposes="history train""#);
        assert!(answer.text().contains(CANARY));
        served.reaches("candor_durable_exchanges_total", number as u64 + 1);
    }
    assert!(place.files_with(CANARY.as_bytes()).is_empty(), "the inbox is sealed");
    assert!(!served.metrics().contains(CANARY));
    let errors = served.stop();
    assert!(!errors.contains(CANARY), "{errors}");
    assert!(place.files_with(CANARY.as_bytes()).is_empty(), "so are segments");
    let texts = place.texts(0);
    let expected = ["system", "prompt", "arguments", "result", "answer"];
    assert_eq!(texts.len(), expected.len(), "{texts:?}");
    for (text, what) in texts.iter().zip(expected) {
        assert!(text.contains(&format!("{CANARY}-{what}")), "{what} in {text}");
    }
    assert!(place.texts(3).is_empty(), "her namesake of another tenant has nothing");
    assert!(place.files_with(CANARY.as_bytes()).is_empty());
}
