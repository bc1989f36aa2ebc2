//! Clients that mean harm: requests that two programs would read differently, that lead elsewhere, that are too
//! large or never end.

use crate::client::{Client, bearer, chat, get, head, request, saying, send};
use crate::place::{Place, Settings, key};
use crate::served::{Served, until};
use crate::upstream::{Upstream, json};

struct Scene {
    _place: Place,
    upstream: Upstream,
    served: Served,
}

fn scene(change: impl Fn(Settings) -> Settings) -> Scene {
    let place = Place::new();
    let upstream = Upstream::saying(json("{}"));
    let served = Served::start(&place, &change(Settings::to(upstream.address)));
    Scene { _place: place, upstream, served }
}

/// Lines of a request, with the key of a person where `KEY` stands.
fn raw(text: &str) -> Vec<u8> {
    text.replace("KEY", &format!("authorization: {}", bearer(0))).into_bytes()
}

#[test]
fn a_request_that_could_be_read_as_two_reaches_the_upstream_as_one_or_not_at_all() {
    let hidden = "GET /hidden HTTP/1.1\r\nhost: x\r\n\r\n";
    let scene = scene(|settings| settings);
    let cases = [
        "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "content-length: 5\r\ncontent-length: 47\r\n\r\n01234",
        "content-length: 5, 47\r\n\r\n01234",
        "content-length: +5\r\n\r\n01234",
        "content-length: 0x5\r\n\r\n01234",
        "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: x\r\n\r\n0\r\n\r\n",
        "transfer-encoding : chunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding:\u{b}chunked\r\n\r\n0\r\n\r\n",
        "x-folded: a\r\n transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "x-bare: a\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "x-zero: a\0b\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n5;a=\n\r\n01234\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n-1\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n10000000000000005\r\n01234\r\n0\r\n\r\n",
    ];
    for case in cases {
        let mut client = Client::connect(scene.served.clients);
        let text = format!("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nKEY\r\n{case}{hidden}");
        client.send(raw(&text));
        client.end_sending();
        let said = String::from_utf8_lossy(&client.rest()).into_owned();
        // What is hidden has no key: it is refused where it is a request, and else is no request at all.
        for status in said.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]) {
            assert!(["200", "400", "401", "502"].contains(&status), "{case:?}: {said}");
        }
    }
    for received in scene.upstream.received() {
        assert_eq!(received.request_line(), "POST /v1/chat/completions HTTP/1.1");
        let framings = ["content-length", "transfer-encoding"];
        let framings = framings.iter().filter(|name| received.header(name).is_some()).count();
        assert!(framings == 1 || (framings == 0 && received.body.is_empty()), "{received:?}");
        assert!(!received.head.contains("hidden") && !received.head.contains('\0'), "{received:?}");
    }
    assert_eq!(send(scene.served.clients, chat(0, "{}")).status, 200);
}

#[test]
fn two_requests_at_once_are_two() {
    let scene = scene(|settings| settings);
    let mut client = Client::connect(scene.served.clients);
    client.send([chat(0, saying("one")), chat(1, saying("two"))].concat());
    assert_eq!(client.answer().capture(), r#"kept; purposes="history train""#);
    assert_eq!(client.answer().capture(), "withheld; reason=refused");
    let said: Vec<_> = scene.upstream.received().into_iter().map(|received| received.body).collect();
    assert_eq!(said, [saying("one").into_bytes(), saying("two").into_bytes()]);
}

#[test]
fn no_request_leads_anywhere_but_to_the_routes_upstream() {
    let scene = scene(|settings| settings);
    let address = scene.upstream.address.to_string();
    let go_on = [
        ("GET http://other.test/v1/models", "GET /v1/models HTTP/1.1"),
        ("GET http://user:pass@other.test:99/v1/models?a=b", "GET /v1/models?a=b HTTP/1.1"),
        ("GET //other.test/v1/models", "GET //other.test/v1/models HTTP/1.1"),
        ("GET /v1/models?at=http://other.test/../x", "GET /v1/models?at=http://other.test/../x HTTP/1.1"),
        ("GET /@other.test/", "GET /@other.test/ HTTP/1.1"),
    ];
    for (line, arrives) in go_on {
        let answer =
            send(scene.served.clients, raw(&format!("{line} HTTP/1.1\r\nhost: other.test\r\nKEY\r\n\r\n")));
        assert_eq!(answer.status, 200, "{line}");
        let received = scene.upstream.take();
        assert_eq!(received.request_line(), arrives);
        assert_eq!(received.header("host").as_ref(), Some(&address));
    }
    let refused = [
        "CONNECT other.test:443",
        "GET /v1/../admin",
        "GET /v1/%2e%2E/admin",
        "GET /v1/..%2fadmin",
        "GET /v1/..%5Cadmin",
        "GET http://other.test/v1/../admin",
        "GET /..",
        "OPTIONS *",
    ];
    for line in refused {
        let answer =
            send(scene.served.clients, raw(&format!("{line} HTTP/1.1\r\nhost: other.test\r\nKEY\r\n\r\n")));
        assert!([400, 404].contains(&answer.status), "{line}: {answer:?}");
    }
    assert!(scene.upstream.received().is_empty());
}

#[test]
fn a_client_that_takes_forever_for_its_headers_is_sent_away() {
    let scene = scene(|settings| settings.with("limits.header_seconds", 1));
    let slow =
        ["", "P", "PRI * HT", "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n", "GET /v1/models HTTP/1.1"];
    let mut clients = slow.map(|begin| {
        let mut client = Client::connect(scene.served.clients);
        client.send(begin);
        (begin, client)
    });
    for (begin, client) in &mut clients {
        let said = String::from_utf8_lossy(&client.rest()).into_owned();
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{begin:?}: {said}");
    }
}

#[test]
fn a_client_that_takes_forever_for_its_body_is_sent_away() {
    let scene = scene(|settings| settings.with("limits.body_idle_seconds", 1));
    for begin in ["", "{"] {
        let mut client = Client::connect(scene.served.clients);
        let headers = [("authorization", &*bearer(0)), ("content-length", "10")];
        client.send(head("POST /v1/chat/completions", &headers));
        client.send(begin);
        let answer = client.answer();
        assert!([408, 504].contains(&answer.status), "{answer:?}");
        assert!(answer.text().contains("nothing came for 1s"), "{}", answer.text());
    }
    assert!(scene.upstream.received().is_empty());
}

#[test]
fn headers_and_bodies_that_are_too_large_are_refused() {
    let limit = 64 << 10;
    let scene = scene(|settings| {
        settings.with("limits.header_bytes_max", 8 << 10).with("limits.body_bytes_max", limit)
    });
    let clients = scene.served.clients;
    let long = "x".repeat(16 << 10);
    let mut client = Client::connect(clients);
    // It may have hung up before all of it is sent.
    let _ = client.try_send(request("POST /v1/chat/completions", &[("x-long", &long)], ""));
    assert_eq!(client.answer().status, 431);
    let mut client = Client::connect(clients);
    let _ = client.try_send(head(&format!("GET /{long}"), &[]));
    assert!([414, 431].contains(&client.answer().status));

    let bearer = bearer(0);
    let declared = [("authorization", bearer.as_str()), ("content-length", "65537")];
    let mut client = Client::connect(clients);
    client.send(head("POST /v1/chat/completions", &declared));
    let answer = client.answer();
    assert_eq!(answer.status, 413);
    assert!(answer.text().contains("larger than 65536 bytes"), "{}", answer.text());

    let undeclared = [("authorization", bearer.as_str()), ("transfer-encoding", "chunked")];
    let mut client = Client::connect(clients);
    client.send(head("POST /v1/chat/completions", &undeclared));
    let piece = crate::upstream::chunk(vec![b' '; 8 << 10]);
    while client.try_send(&piece).is_ok() && client.is_silent() {}
    assert_eq!(client.answer().status, 413);
    assert!(scene.upstream.received().is_empty());
    let just = vec![b' '; limit as usize];
    assert_eq!(send(clients, chat(0, &just)).status, 200);
    assert_eq!(scene.upstream.take().body, just);
}

#[test]
fn connections_beyond_the_limit_wait_and_do_no_harm() {
    let scene = scene(|settings| settings.with("limits.connections_max", 2).with("limits.header_seconds", 2));
    let idle = [Client::connect(scene.served.clients), Client::connect(scene.served.clients)];
    let mut third = Client::connect(scene.served.clients);
    third.send(chat(0, "{}"));
    drop(idle);
    assert_eq!(third.answer().status, 200);
    assert_eq!(get(scene.served.admin, "/healthz").status, 200);
}

#[test]
fn no_secret_is_in_a_log_a_metric_or_an_error() {
    let place = Place::new();
    std::fs::write(place.folder().join("upstream.key"), "sk-upstream-SECRET").unwrap();
    let upstream = Upstream::saying(json("{}"));
    let settings = Settings::to(upstream.address).with("route.0.key_file", "upstream.key");
    let served = Served::start(&place, &settings);
    let wrong = format!("{}SECRET", &key(0)[..40]);
    let mut told = String::new();
    for credential in [&wrong, &key(0), &key(1), "SECRET", "sk-other-SECRET"] {
        let bearer = format!("Bearer {credential}");
        for headers in [[("authorization", bearer.as_str())], [("x-api-key", credential)]] {
            let line = "POST /v1/chat/completions?api_key=SECRET";
            told += &send(served.clients, request(line, &headers, "{}")).text();
            told += &send(served.clients, request("POST /nowhere/../SECRET", &headers, "{}")).text();
        }
    }
    let answers = upstream.received();
    assert_eq!(answers.len(), 4);
    for received in answers {
        assert_eq!(received.header("authorization").as_deref(), Some("Bearer sk-upstream-SECRET"));
        assert!(!received.head.contains("cdr_") && received.header("x-api-key").is_none());
    }
    told += &served.metrics();
    for path in ["/routes", "/guard/report", "/readyz", "/openapi.json", "/nowhere"] {
        told += &get(served.admin, path).text();
    }
    // A file with a key in place of its hash, as one that is pasted.
    let mut text = std::fs::read_to_string(place.settings_file()).unwrap();
    text += &format!("\n[[identity.key]]\nname = 'x'\ntenant = 'home'\nsha256 = '{}'\n", key(9));
    std::fs::write(place.settings_file(), text).unwrap();
    served.signal("HUP");
    until("it was refused", || served.told().contains("the settings stay as they were"));
    told += &served.stop();
    for secret in ["SECRET", "cdr_", &key(0)[4..12], &key(9)[4..12]] {
        let at = told.find(secret).map(|at| &told[at.saturating_sub(80)..(at + 80).min(told.len())]);
        // The word for how keys begin is in hints.
        assert!(at.is_none_or(|at| secret == "cdr_" && at.contains("cdr_…")), "{secret} in {at:?}");
    }
}

#[test]
fn a_path_in_another_spelling_is_read_as_what_it_may_be_taken_for_and_goes_on_as_it_is() {
    let scene = scene(|settings| settings);
    for path in
        ["/v1//chat/completions", "/V1/chat/Completions", "/v1/chat%2Fcompletions", "/chat/completions/"]
    {
        let headers = [("authorization", &*bearer(0))];
        let answer = send(scene.served.clients, request(&format!("POST {path}"), &headers, saying("hi")));
        assert_eq!(
            (answer.status, answer.capture().as_str()),
            (200, r#"kept; purposes="history train""#),
            "{path}"
        );
        assert_eq!(scene.upstream.take().request_line(), format!("POST {path} HTTP/1.1"));
    }
}

#[test]
fn no_spelling_of_a_path_gets_around_a_route_that_hides_or_guards() {
    let treated: [fn(Settings) -> Settings; 4] = [
        |settings| settings.with("route.0.masking", "mask"),
        |settings| settings.with("route.0.masking", "block"),
        |settings| settings.with("route.0.force_store_false", true),
        |settings| settings.with("route.0.guard", "mask"),
    ];
    for treat in treated {
        let scene = scene(treat);
        scene.served.is_ready();
        let headers = [("authorization", &*bearer(0))];
        let ask =
            |path: &str| send(scene.served.clients, request(path, &headers, saying("ada@lovelace.org")));
        for path in
            ["/v1//chat/completions", "//v1/chat/completions", "/v1/chat%2Fcompletions", "/%761/x", "/v1;a/x"]
        {
            let answer = ask(&format!("POST {path}"));
            assert_eq!(answer.status, 404, "{path}");
            assert!(answer.text().contains("\"code\":\"not_found\""), "{}", answer.text());
        }
        assert!(scene.upstream.received().is_empty());
        assert_eq!(ask("GET /v1/models/meta%2Fllama").status, 200, "names of models hold slashes");
        assert_eq!(scene.upstream.take().request_line(), "GET /v1/models/meta%2Fllama HTTP/1.1");
    }
}

#[test]
fn no_spelling_of_a_path_leads_past_the_route_that_it_belongs_to() {
    let scene = scene(|settings| {
        let open = settings.clone().with("route.0.masking", "off");
        settings.with("route.0.prefix", "/v1").with("route.0.masking", "block").and_route(&open)
    });
    let ask = |path: &str| {
        let headers = [("authorization", &*bearer(0))];
        send(scene.served.clients, request(&format!("POST {path}"), &headers, saying("ada@lovelace.org")))
            .status
    };
    assert_eq!(ask("/elsewhere/x"), 200);
    scene.upstream.take();
    assert_eq!([ask("/v1/chat/completions"), ask("/V1/chat/completions")], [400; 2], "blocked");
    assert_eq!(
        [ask("//v1/chat/completions"), ask("/%761/chat/completions"), ask("/x;/../v1")],
        [404, 404, 400]
    );
    assert!(scene.upstream.received().is_empty());
}
