//! One tenant, or person, never reaches another's data (N10); who is not known is refused; who asks too much waits.

use std::io::Write;

use crate::client::{bearer, chat, get, request, saying, send};
use crate::place::{BACKEND, NOBODY, Place, Settings, key};
use crate::served::{Served, until};
use crate::upstream::{Upstream, chat_answer, json};

#[test]
fn a_wrong_key_is_refused_in_the_providers_words_and_goes_nowhere() {
    let place = Place::new();
    let upstream = Upstream::saying(json("{}"));
    let served = Served::start(&place, &Settings::to(upstream.address));
    let unknown = key(99);
    let bearer = format!("Bearer {unknown}");
    let cases: [&[(&str, &str)]; 5] = [
        &[],
        &[("authorization", &bearer)],
        &[("x-api-key", &unknown)],
        &[("authorization", "Bearer sk-some-provider-key")],
        &[("x-api-key", &key(0)), ("authorization", &bearer)],
    ];
    for headers in cases {
        let answer = send(served.clients, request("POST /v1/chat/completions", headers, "{}"));
        assert_eq!(answer.status, 401, "{headers:?}");
        let error: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(error["error"]["code"], "invalid_api_key");
        let answer = send(served.clients, request("POST /v1/messages", headers, "{}"));
        assert_eq!(answer.status, 401, "{headers:?}");
        let error: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(error["error"]["type"], "authentication_error");
    }
    assert!(upstream.received().is_empty());
    assert_eq!(served.metric("candor_requests_total{surface=\"chat\",status=\"4xx\",ended=\"refused\"}"), 5);
}

#[test]
fn a_client_may_send_its_own_credential_on_beside_its_key() {
    let place = Place::new();
    std::fs::write(place.folder().join("upstream.key"), "sk-the-gateways").unwrap();
    let upstream = Upstream::saying(json("{}"));
    let settings = Settings::to(upstream.address)
        .with("route.0.key_file", "upstream.key")
        .with("identity.key.0.upstream", "pass");
    let served = Served::start(&place, &settings);
    let ask = |person: usize| {
        let headers = [("candor-key", &*key(person)), ("authorization", "Bearer sk-the-clients")];
        send(served.clients, request("POST /v1/chat/completions", &headers, "{}")).status
    };
    assert_eq!(ask(0), 200);
    let received = upstream.take();
    assert_eq!(received.header("authorization").as_deref(), Some("Bearer sk-the-clients"));
    assert!(!received.head.contains("cdr_"), "{}", received.head);
    assert_eq!(ask(4), 401, "this key does not pass one on");
    assert!(upstream.received().is_empty());
}

#[test]
fn what_a_person_says_is_kept_as_theirs_and_nobody_elses() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let served = Served::start(&place, &Settings::to(upstream.address));
    for (person, text) in [(0, "ada at home"), (3, "ada at work"), (4, "dee")] {
        // All call their conversation the same, and one body claims to be from somebody else.
        let bearer = bearer(person);
        let headers = [("authorization", bearer.as_str()), ("candor-conversation", "the same")];
        let body = saying(text).replacen('{', r#"{"user":"bo","safety_identifier":"dee","#, 1);
        let answer = send(served.clients, request("POST /v1/chat/completions", &headers, body));
        assert_eq!(answer.capture(), r#"kept; purposes="history train""#);
    }
    served.stop();
    for (person, text) in [(0, "ada at home"), (3, "ada at work"), (4, "dee")] {
        assert_eq!(place.texts(person), [text, "Yes."]);
    }
    assert!(place.texts(1).is_empty());
}

#[test]
fn a_backend_speaks_for_the_people_of_its_own_tenant_alone() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let served = Served::start(&place, &Settings::to(upstream.address));
    let say = |named: &str| {
        let body = saying("mine").replacen('{', &format!("{{{named},"), 1);
        send(served.clients, chat(BACKEND, body)).capture()
    };
    assert_eq!(say(r#""user":"ada""#), r#"kept; purposes="history train""#);
    assert_eq!(say(r#""user":"bo""#), "withheld; reason=refused");
    assert_eq!(say(r#""user":"work/ada""#), "withheld; reason=unknown-subject");
    assert_eq!(say(r#""metadata":{"user_id":"dee"}"#), r#"kept; purposes="history train""#);
    served.stop();
    assert_eq!(place.texts(0), ["mine", "Yes."]);
    assert!(place.texts(3).is_empty(), "her namesake of the other tenant");
}

#[test]
fn nobody_goes_on_from_another_persons_answer() {
    let place = Place::new();
    let upstream = Upstream::start(|_, stream| {
        let answer = r#"{"id":"resp_1","object":"response","status":"completed","model":"m","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Yes."}]}]}"#;
        stream.write_all(&json(answer))
    });
    let served = Served::start(&place, &Settings::to(upstream.address));
    let ask = |person: usize, body: &str| {
        let bearer = bearer(person);
        send(served.clients, request("POST /v1/responses", &[("authorization", &bearer)], body)).capture()
    };
    let kept = r#"kept; purposes="history train""#;
    assert_eq!(ask(0, r#"{"model":"m","input":"my secret"}"#), kept);
    served.reaches("candor_durable_exchanges_total", 1);
    for person in [3, 4] {
        assert_eq!(ask(person, r#"{"model":"m","input":"go on","previous_response_id":"resp_1"}"#), kept);
    }
    assert_eq!(ask(0, r#"{"model":"m","input":"and more","previous_response_id":"resp_1"}"#), kept);
    served.stop();
    assert_eq!(place.texts(0)[..3], ["my secret", "Yes.", "and more"]);
    for person in [3, 4] {
        assert_eq!(place.texts(person), ["go on"], "and no answer: what was said before it is not known");
    }
}

#[test]
fn a_key_that_asks_too_much_is_told_when_to_come_back_and_reading_the_settings_again_changes_nothing() {
    let place = Place::new();
    let upstream = Upstream::saying(json("{}"));
    let settings = Settings::to(upstream.address).with("identity.key.0.requests_per_minute", 2);
    let served = Served::start(&place, &settings);
    let statuses = |person| [0; 3].map(|_| send(served.clients, chat(person, "{}")).status);
    assert_eq!(statuses(0), [200, 200, 429]);
    assert_eq!(statuses(NOBODY), [200; 3]);
    let refused = send(served.clients, chat(0, "{}"));
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert!(refused.text().contains(r#""error":{"message""#), "{}", refused.text());
    // Another route shows that the settings were read.
    place.write(&settings.with("route.0.distillable", false));
    served.signal("HUP");
    until("it was read", || get(served.admin, "/routes").text().contains(r#""distillable":false"#));
    assert_eq!(send(served.clients, chat(0, "{}")).status, 429, "what was used stays used");
    assert_eq!(upstream.received().len(), 5);
}
