//! What an operator does over HTTP: keys, settings, the end; and that the document tells it as it is.

use std::io::Write;

use candor_gateway::identity::new_operator_key;
use candor_gateway::{revoke_key, set_operator_key};
use serde_json::{Value, json as value};

use crate::client::{Answer, Client, chat, get, head, request, saying, send};
use crate::place::{Place, Settings, key};
use crate::served::{Served, until};
use crate::upstream::{LAST_CHUNK, STREAM, Upstream, chat_answer, chat_delta, chunk, json};

fn operator_key() -> String {
    new_operator_key([77; 32]).0
}

/// Settings with the operator's key beside them.
fn with_operator(place: &Place, settings: &Settings) -> Served {
    place.write(settings);
    set_operator_key(&place.settings_file(), new_operator_key([77; 32]).1).unwrap();
    Served::again(place)
}

fn operate_as(served: &Served, bearer: &str, first_line: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {bearer}");
    send(served.admin, request(first_line, &[("authorization", &bearer)], body))
}

fn operate(served: &Served, first_line: &str, body: &str) -> Answer {
    operate_as(served, &operator_key(), first_line, body)
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{}", answer.text()))
}

fn chat_with(served: &Served, key: &str) -> u16 {
    let bearer = format!("Bearer {key}");
    send(served.clients, request("POST /v1/chat/completions", &[("authorization", &bearer)], saying("Hi.")))
        .status
}

#[test]
fn a_key_that_is_made_counts_at_once_and_after_a_restart_until_it_is_revoked() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let served = with_operator(&place, &Settings::to(upstream.address));
    let wanted = r#"{"name":"Team / é","subject":"ada","requests_per_minute":9}"#;
    let answer = operate(&served, "POST /keys", wanted);
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    let made = json_of(&answer);
    assert_eq!((made["name"].as_str(), made["tenant"].as_str()), ("Team / é".into(), "home".into()));
    let made = made["key"].as_str().unwrap().to_owned();
    assert_eq!(chat_with(&served, &made), 200);
    assert_eq!(operate(&served, "POST /keys", wanted).status, 409, "the name is in use");

    let listed = operate(&served, "GET /keys", "").text();
    assert!(listed.contains("\"Team / é\"") && listed.contains("\"key-0\""), "{listed}");
    assert!(!listed.contains(&made) && !listed.contains("sha256"), "{listed}");
    assert!(place.files_with(made.as_bytes()).is_empty(), "only its hash is kept");
    served.stop();

    let served = Served::again(&place);
    assert_eq!(chat_with(&served, &made), 200);
    // Whatever has become of the settings, a key can be taken back.
    let settings = std::fs::read(place.settings_file()).unwrap();
    std::fs::write(place.settings_file(), "no settings").unwrap();
    assert_eq!(operate(&served, "DELETE /keys/Team%20%2F%20%C3%A9", "").status, 204);
    assert_eq!(chat_with(&served, &made), 401);
    assert_eq!(chat_with(&served, &key(0)), 200, "the others go on");
    std::fs::write(place.settings_file(), settings).unwrap();
    for name in ["Team%20%2F%20%C3%A9", "key-0"] {
        assert_eq!(operate(&served, &format!("DELETE /keys/{name}"), "").status, 404, "{name}");
    }
    let log = served.stop();
    let line = log.lines().find(|line| line.contains("RevokeKey")).unwrap();
    assert!(line.contains(r#""status":204"#) && line.contains("Team / é"), "{line}");
    assert!(!log.contains("ada") && !log.contains(&made) && !log.contains(&operator_key()), "{log}");
    let served = Served::again(&place);
    assert_eq!(chat_with(&served, &made), 401);
}

#[test]
fn nothing_is_changed_without_the_operators_key() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let served = Served::start(&place, &Settings::to(upstream.address));
    let calls = ["GET /keys", "POST /keys", "DELETE /keys/key-0", "POST /reload", "POST /drain"];
    let body = r#"{"name":"x"}"#;
    for call in calls {
        assert_eq!(operate(&served, call, body).status, 403, "nobody has one: {call}");
    }
    set_operator_key(&place.settings_file(), new_operator_key([77; 32]).1).unwrap();
    served.signal("HUP");
    until("it is read", || operate(&served, "GET /keys", "").status == 200);
    let almost = format!("{}A", &operator_key()[..operator_key().len() - 1]);
    for call in calls {
        let unsent = send(served.admin, request(call, &[("origin", "https://elsewhere.example")], body));
        assert_eq!(unsent.status, 401, "{call}");
        assert_eq!(unsent.header("www-authenticate").as_deref(), Some("Bearer"));
        assert!(unsent.headers.iter().all(|(name, _)| !name.starts_with("access-control")));
        for wrong in ["", &almost, &key(0), "sk-other"] {
            assert_eq!(operate_as(&served, wrong, call, body).status, 401, "{call} with {wrong}");
        }
    }
    assert_eq!(send(served.admin, head("OPTIONS /keys", &[])).status, 405, "no browser is told that it may");
    assert_eq!(chat_with(&served, &operator_key()), 401, "and it is no client's key");
    assert_eq!(chat_with(&served, &key(0)), 200);
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(20_000));
    let wrong =
        [("{}", 400), (r#"{"name":" "}"#, 400), (r#"{"name":"x","admin":true}"#, 400), (&*large, 413)];
    for (body, status) in wrong {
        assert_eq!(operate(&served, "POST /keys", body).status, status, "{:.40}", body);
    }
    assert_eq!(json_of(&operate(&served, "GET /keys", ""))["keys"].as_array().unwrap().len(), 7);
    assert!(served.stop().contains(r#""operation":"MakeKey","status":401"#));
}

#[test]
fn settings_are_read_again_on_request_and_what_is_wrong_with_them_is_told() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let settings = Settings::to(upstream.address);
    let served = with_operator(&place, &settings);
    place.write(&settings.clone().with("route.0.masking", "mask"));
    assert_eq!(operate(&served, "POST /reload", "").status, 200);
    assert!(get(served.admin, "/routes").text().contains(r#""masking":"mask""#), "in force with the answer");
    place.write(&settings.with("route.0.prefix", "v1"));
    let refused = operate(&served, "POST /reload", "");
    assert_eq!(refused.status, 409);
    assert!(json_of(&refused)["error"].as_str().unwrap().contains("`v1`"), "{}", refused.text());
    // A key is taken back beside the gateway, and it is told.
    place.write(&Settings::to(upstream.address));
    let made =
        json_of(&operate(&served, "POST /keys", r#"{"name":"x"}"#))["key"].as_str().unwrap().to_owned();
    revoke_key(&place.settings_file(), "x").unwrap();
    assert_eq!(chat_with(&served, &made), 200, "not yet told");
    assert_eq!(operate(&served, "POST /reload", "").status, 200);
    assert_eq!(chat_with(&served, &made), 401);
}

#[test]
fn a_drain_on_request_lets_what_runs_end_and_then_the_process_does() {
    let place = Place::new();
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let upstream = Upstream::start(move |_, stream| {
        stream.write_all(STREAM)?;
        stream.write_all(&chunk(chat_delta("first")))?;
        wait.lock().unwrap().recv().unwrap();
        stream.write_all(LAST_CHUNK)
    });
    let served = with_operator(&place, &Settings::to(upstream.address));
    let mut client = Client::connect(served.clients);
    client.send(chat(0, saying("Go on.")));
    client.wait_for(b"first");
    let answer = operate(&served, "POST /drain", "");
    assert_eq!((answer.status, json_of(&answer)), (202, value!({ "draining": true })));
    until("it says so", || get(served.admin, "/readyz").text().contains(r#""draining":true"#));
    go_on.send(()).unwrap();
    client.wait_for(LAST_CHUNK);
    served.wait();
    // With nothing under way, whoever asked is answered all the same.
    let served = Served::again(&place);
    assert_eq!(operate(&served, "POST /drain", "").status, 202);
    served.wait();
}

/// What an answer differs in from its schema.
fn differences(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return differences(document, document.pointer(&reference[1..]).unwrap(), value);
    }
    if let Some(allowed) = schema["enum"].as_array() {
        return if allowed.contains(value) { vec![] } else { vec![format!("{value} is not allowed")] };
    }
    let kind = match value {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Bool(_) => "boolean",
        Value::Null => "null",
        Value::Number(_) => "integer",
    };
    let types = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
    if !types.contains(&kind.into()) {
        return vec![format!("{value} is no {types:?}")];
    }
    let mut found = Vec::new();
    for item in value.as_array().into_iter().flatten() {
        found.extend(differences(document, &schema["items"], item));
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    if let (Some(object), Some(properties)) = (value.as_object(), properties) {
        let required = schema["required"].as_array().unwrap();
        let missing = required.iter().filter(|name| !object.contains_key(name.as_str().unwrap()));
        found.extend(missing.map(|name| format!("{name} is missing")));
        for (name, value) in object {
            match properties.get(name) {
                Some(schema) => found.extend(differences(document, schema, value)),
                None => found.push(format!("`{name}` is not in the document")),
            }
        }
    }
    found
}

#[test]
fn every_answer_is_as_the_document_says() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Mail cy.private@quiet-mail.net.")));
    let settings =
        Settings::to(upstream.address).with("route.0.guard", "log").with("identity.key.0.hints", true);
    let served = with_operator(&place, &settings);
    served.is_ready();
    let document = json_of(&get(served.admin, "/openapi.json"));
    let mut seen = std::collections::BTreeSet::new();
    let mut check = |bearer: &str, (method, path, documented): (&str, &str, &str), body: &str| {
        let answer = operate_as(&served, bearer, &format!("{method} {path}"), body);
        let operation = &document["paths"][documented][method.to_lowercase()];
        let told = &operation["responses"][answer.status.to_string()];
        assert!(told.is_object(), "{method} {path}: {} is not in the document", answer.status);
        seen.insert((documented.to_owned(), method.to_lowercase()));
        match told["content"].as_object().and_then(|content| content.iter().next()) {
            Some((kind, told)) => {
                let sent = answer.header("content-type").unwrap();
                assert_eq!(sent.split(';').next().unwrap(), kind, "{path}");
                if kind == "application/json" {
                    let found = differences(&document, &told["schema"], &json_of(&answer));
                    assert!(found.is_empty(), "{method} {path} {}: {found:?}", answer.status);
                }
            }
            None => assert!(answer.body.is_empty(), "{method} {path}: {}", answer.text()),
        }
    };
    let calls = [
        ("GET", "/healthz", "/healthz", ""),
        ("GET", "/readyz", "/readyz", ""),
        ("GET", "/metrics", "/metrics", ""),
        ("GET", "/openapi.json", "/openapi.json", ""),
        ("GET", "/routes", "/routes", ""),
        ("GET", "/guard/report", "/guard/report", ""),
        (
            "POST",
            "/keys",
            "/keys",
            r#"{"name":"x","subject":"ada","upstream":"pass","requests_per_minute":1}"#,
        ),
        ("POST", "/keys", "/keys", r#"{"name":"x"}"#),
        ("POST", "/keys", "/keys", "{"),
        ("GET", "/keys", "/keys", ""),
        ("DELETE", "/keys/x", "/keys/{name}", ""),
        ("DELETE", "/keys/x", "/keys/{name}", ""),
        ("POST", "/reload", "/reload", ""),
        ("POST", "/drain", "/drain", ""),
    ];
    for (method, path, documented, body) in calls {
        for bearer in ["", &operator_key()] {
            check(bearer, (method, path, documented), body);
        }
    }
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, methods)| {
        methods.as_object().unwrap().keys().map(move |method| (path.clone(), method.clone()))
    });
    assert_eq!(all.collect::<std::collections::BTreeSet<_>>(), seen, "all of them were asked");
    served.wait();
}
