//! What goes in comes out: bodies byte for byte in both directions, headers by family.

use std::io::Write;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::client::{Answer, Client, bearer, chat, head, headers_of, request};
use crate::place::{Place, Settings};
use crate::served::Served;
use crate::upstream::{LAST_CHUNK, Upstream, chunk, response};

/// Pieces that a program which re-encodes JSON would change.
const ODD: [&str; 22] = [
    "{",
    "}",
    " \t\r\n ",
    "\"a\":1",
    "\"a\" :\t2",
    "12345678901234567890",
    "1e3",
    "-0.0",
    "1.50",
    "\"\\u0041\\/\\ud83d\\ude00\"",
    "\"\\ud800\"",
    "null",
    "[,]",
    ",",
    "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]",
    "\"store\":true",
    "\"stream\":true",
    "\"unknown_field\":{\"x\":[]}",
    "\u{feff}",
    "data: [DONE]\n\n",
    "é\u{0}",
    "\"user\":\"someone\"",
];

const PATHS: [&str; 5] =
    ["/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/embeddings", "/v1/anything?x=%20"];

fn body() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => proptest::sample::select(&ODD[..]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
    ];
    let odd = proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat());
    let large = (any::<u8>(), 10_000..200_000_usize).prop_map(|(byte, length)| vec![byte; length]);
    prop_oneof![30 => odd, 1 => large]
}

/// Cuts bytes into pieces, none of them empty.
fn pieces(bytes: &[u8], cuts: &[proptest::sample::Index]) -> Vec<Vec<u8>> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.dedup();
    places.windows(2).map(|pair| bytes[pair[0]..pair[1]].to_vec()).collect()
}

/// How a body is framed.
#[derive(Clone, Copy, Debug)]
enum Framing {
    Length,
    Chunks,
    Close,
}

/// What the upstream says to one request.
#[derive(Clone, Debug)]
struct Script {
    status: &'static str,
    kind: &'static str,
    framing: Framing,
    body: Vec<u8>,
    cuts: Vec<proptest::sample::Index>,
}

fn script() -> impl Strategy<Value = Script> {
    let status = proptest::sample::select(
        &[
            "200 OK",
            "201 Created",
            "400 Bad Request",
            "429 Too Many Requests",
            "529 Overloaded",
            "204 No Content",
            "304 Not Modified",
        ][..],
    );
    let kind = proptest::sample::select(
        &[
            "application/json",
            "text/event-stream",
            "text/event-stream; charset=utf-8",
            "application/octet-stream",
        ][..],
    );
    let framing =
        prop_oneof![3 => Just(Framing::Length), 3 => Just(Framing::Chunks), 1 => Just(Framing::Close)];
    let cuts = proptest::collection::vec(any::<proptest::sample::Index>(), 0..6);
    (status, kind, framing, body(), cuts).prop_map(|(status, kind, framing, body, cuts)| {
        let is_empty = status.starts_with("204") || status.starts_with("304");
        Script { status, kind, framing, body: if is_empty { Vec::new() } else { body }, cuts }
    })
}

impl Script {
    fn say(&self, is_head: bool, stream: &mut impl Write) -> std::io::Result<()> {
        let (status, kind) = (self.status, self.kind);
        let is_empty = self.body.is_empty() && !status.starts_with("20");
        let framing = match self.framing {
            _ if status.starts_with("204") || status.starts_with("304") => String::new(),
            Framing::Length => format!("content-length: {}\r\n", self.body.len()),
            Framing::Chunks => "transfer-encoding: chunked\r\n".into(),
            Framing::Close => "connection: close\r\n".into(),
        };
        write!(
            stream,
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\nx-request-id: r-1\r\nopenai-processing-ms: 7\r\n\
             anthropic-ratelimit-tokens-remaining: 9\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n\
             date: Mon, 02 Feb 2026 00:00:00 GMT\r\nx-should-retry: false\r\n{framing}\r\n"
        )?;
        let has_body = !is_head && !status.starts_with("204") && !status.starts_with("304");
        if !has_body {
            return Ok(());
        }
        for piece in pieces(&self.body, &self.cuts) {
            match self.framing {
                Framing::Chunks => stream.write_all(&chunk(&piece))?,
                Framing::Length | Framing::Close => stream.write_all(&piece)?,
            }
            stream.flush()?;
        }
        match self.framing {
            Framing::Chunks => stream.write_all(LAST_CHUNK),
            Framing::Close => Err(std::io::ErrorKind::ConnectionAborted.into()),
            Framing::Length if is_empty => Ok(()),
            Framing::Length => Ok(()),
        }
    }
}

/// A gateway before an upstream that says what the test puts here.
struct Bench {
    _place: Place,
    upstream: Upstream,
    served: Served,
    script: Arc<Mutex<Script>>,
}

fn bench() -> Bench {
    let script = Arc::new(Mutex::new(Script {
        status: "200 OK",
        kind: "application/json",
        framing: Framing::Length,
        body: b"{}".to_vec(),
        cuts: Vec::new(),
    }));
    let scripted = Arc::clone(&script);
    let upstream = Upstream::start(move |request, stream| {
        let script = scripted.lock().unwrap().clone();
        script.say(request.request_line().starts_with("HEAD"), stream)
    });
    let place = Place::new();
    let served = Served::start(&place, &Settings::to(upstream.address));
    Bench { _place: place, upstream, served, script }
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(3),
        max_shrink_iters: 200,
        ..Config::default()
    })
}

/// The headers of an answer that its upstream, and nobody else, is answerable for.
fn told(answer: &Answer) -> Vec<(String, String)> {
    let ours = ["candor-capture", "content-length", "transfer-encoding", "connection"];
    answer.headers.iter().filter(|(name, _)| !ours.contains(&name.as_str())).cloned().collect()
}

#[test]
fn thousands_of_bodies_arrive_upstream_as_they_were_sent() {
    let bench = bench();
    let client = std::cell::RefCell::new(Client::connect(bench.served.clients));
    let bearer = bearer(0);
    let cases = (
        body(),
        proptest::sample::select(&PATHS[..]),
        any::<Option<bool>>(),
        any::<[proptest::sample::Index; 3]>(),
    );
    let check = |(body, path, chunked, cuts): (Vec<u8>, &str, Option<bool>, [proptest::sample::Index; 3])| {
        let line = format!("POST {path}");
        let headers = [("authorization", bearer.as_str())];
        let mut client = client.borrow_mut();
        if chunked == Some(true) {
            let mut bytes = head(&line, &[headers[0], ("transfer-encoding", "chunked")]);
            pieces(&body, &cuts).iter().for_each(|piece| bytes.extend(chunk(piece)));
            bytes.extend_from_slice(LAST_CHUNK);
            client.send(bytes);
        } else {
            client.send(request(&line, &headers, &body));
        }
        prop_assert_eq!(client.answer().status, 200);
        let received = bench.upstream.take();
        prop_assert_eq!(received.request_line(), format!("{line} HTTP/1.1"));
        prop_assert_eq!(received.body, body);
        Ok(())
    };
    runner(2_000).run(&cases, check).unwrap();
}

#[test]
fn thousands_of_answers_arrive_as_the_upstream_gave_them() {
    let bench = bench();
    let client = std::cell::RefCell::new(Client::connect(bench.served.clients));
    let check = |script: Script| {
        *bench.script.lock().unwrap() = script.clone();
        let mut client = client.borrow_mut();
        client.send(chat(0, r#"{"messages":[{"role":"user","content":"hi"}]}"#));
        let answer = client.answer();
        bench.upstream.take();
        prop_assert!(answer.is_whole);
        prop_assert_eq!(&answer.version, "HTTP/1.1");
        prop_assert_eq!(answer.status.to_string(), &script.status[..3]);
        prop_assert_eq!(&answer.body, &script.body);
        let mut said = Vec::new();
        // What it wrote as its head, without the framing.
        let _ = script.say(true, &mut said);
        let said = headers_of(&String::from_utf8(said).unwrap());
        let ours = ["content-length", "transfer-encoding", "connection"];
        let said: Vec<_> = said.into_iter().filter(|(name, _)| !ours.contains(&name.as_str())).collect();
        prop_assert_eq!(told(&answer), said);
        Ok(())
    };
    runner(2_000).run(&script(), check).unwrap();
}

#[test]
fn twelve_megabytes_pass_in_both_directions() {
    let bench = bench();
    let body: Vec<u8> = (0..12 << 20).map(|at: u32| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    bench.script.lock().unwrap().body.clone_from(&body);
    let bearer = bearer(0);
    let mut client = Client::connect(bench.served.clients);
    for path in ["/v1/chat/completions", "/v1/files"] {
        client.send(request(&format!("POST {path}"), &[("authorization", &bearer)], &body));
        let answer = client.answer();
        assert!(answer.is_whole && answer.body == body && bench.upstream.take().body == body, "{path}");
    }
}

#[test]
fn an_answer_without_a_body_has_none_and_tells_the_length_it_would_have() {
    let bench = bench();
    let bearer = bearer(0);
    let mut client = Client::connect(bench.served.clients);
    client.send(head("HEAD /v1/models", &[("authorization", &bearer)]));
    let answer = client.head();
    assert_eq!((answer.status, answer.header("content-length").as_deref()), (200, Some("2")));
    // The connection goes on with the next answer, so nothing came after the head.
    client.send(chat(0, "{}"));
    assert_eq!(client.answer().text(), "{}");
}

#[test]
fn headers_go_on_by_family_and_those_of_one_connection_do_not() {
    let bench = bench();
    let bearer = bearer(0);
    let end_to_end = [
        ("openai-organization", "org-1"),
        ("openai-project", "p"),
        ("openai-beta", "assistants=v2"),
        ("anthropic-version", "2023-06-01"),
        ("anthropic-beta", "a, b"),
        ("x-stainless-lang", "python"),
        ("x-client-request-id", "r"),
        ("idempotency-key", "k"),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("x-never-heard-of", "caf\u{e9} \"quoted\""),
        ("x-twice", "1"),
        ("x-twice", "2"),
    ];
    let of_one_connection = [
        ("connection", "keep-alive, x-named"),
        ("x-named", "1"),
        ("keep-alive", "timeout=5"),
        ("proxy-authorization", "Basic c2VjcmV0"),
        ("te", "trailers"),
        ("upgrade", "websocket"),
        ("candor-conversation", "c"),
        ("candor-temporary", "0"),
        ("candor-never-heard-of", "1"),
    ];
    let mut headers = vec![("authorization", bearer.as_str())];
    headers.extend(end_to_end.iter().chain(&of_one_connection));
    let mut client = Client::connect(bench.served.clients);
    client.send(request("POST /v1/chat/completions", &headers, "{}"));
    assert_eq!(client.answer().status, 200);
    let arrived = headers_of(&bench.upstream.take().head);
    for (name, value) in end_to_end {
        assert!(arrived.iter().any(|(known, told)| known == name && told == value), "{name} in {arrived:?}");
    }
    for (name, _) in of_one_connection {
        assert!(!arrived.iter().any(|(known, _)| known == name), "{name} in {arrived:?}");
    }
    assert!(arrived.contains(&("host".into(), bench.upstream.address.to_string())));
    assert!(arrived.contains(&("content-length".into(), "2".into())));
}

#[test]
fn a_client_that_waits_to_be_asked_for_its_body_is_asked() {
    let bench = bench();
    let bearer = bearer(0);
    let mut client = Client::connect(bench.served.clients);
    let headers = [("authorization", bearer.as_str()), ("expect", "100-continue"), ("content-length", "2")];
    client.send(head("POST /v1/chat/completions", &headers));
    assert_eq!(client.head().status, 100);
    client.send("{}");
    assert_eq!(client.answer().status, 200);
    assert_eq!(bench.upstream.take().body, b"{}");
}

#[test]
fn an_upstream_that_speaks_http_1_0_is_relayed_in_the_gateways_own_version() {
    let place = Place::new();
    let upstream = Upstream::start(|_, stream| {
        stream.write_all(b"HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n{\"a\":1}")?;
        Err(std::io::ErrorKind::ConnectionAborted.into())
    });
    let served = Served::start(&place, &Settings::to(upstream.address));
    let mut client = Client::connect(served.clients);
    for _ in 0..2 {
        client.send(chat(0, "{}"));
        let answer = client.answer();
        assert_eq!((answer.version.as_str(), answer.text().as_str()), ("HTTP/1.1", "{\"a\":1}"));
    }
}

#[test]
fn answers_before_the_answer_are_not_taken_for_it() {
    let place = Place::new();
    let upstream = Upstream::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")?;
        stream.write_all(&response("200 OK", "late"))
    });
    let served = Served::start(&place, &Settings::to(upstream.address));
    assert_eq!(crate::client::send(served.clients, chat(0, "{}")).text(), "late");
}
