//! Providers that fail, in every place where they can, and clients that go away.

use std::io::{Error, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::client::{Answer, Client, bearer, chat, head, request, saying, send};
use crate::place::{Place, Settings};
use crate::served::Served;
use crate::upstream::{STREAM, Upstream, chat_delta, chunk};

const PATHS: [&str; 3] = ["/v1/chat/completions", "/v1/responses", "/v1/messages"];

fn ask(served: &Served, path: &str) -> Answer {
    let bearer = bearer(0);
    let body = r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"input":"hi","stream":true}"#;
    send(served.clients, request(&format!("POST {path}"), &[("authorization", &bearer)], body))
}

/// The words of an error, which must be in the envelope of the provider whose path it is.
fn error_in(answer: &Answer, path: &str) -> String {
    native_error(&answer.text(), path)
}

fn native_error(json: &str, path: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    if path.ends_with("messages") {
        assert_eq!(value["type"], "error", "{json}");
        assert!(value["error"]["type"].is_string(), "{json}");
    }
    let error = if value["error"].is_object() { &value["error"] } else { &value };
    error["message"].as_str().unwrap().to_owned()
}

fn hang_up() -> std::io::Result<()> {
    Err(ErrorKind::ConnectionAborted.into())
}

#[test]
fn an_upstream_that_is_not_there_or_dies_before_it_answers_is_told_in_the_providers_words() {
    let place = Place::new();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let dying = Upstream::start(|_, _| hang_up());
    for (address, words) in [(gone, "could not be reached"), (dying.address, "broke off before it answered")]
    {
        let served = Served::start(&place, &Settings::to(address));
        for path in PATHS {
            let answer = ask(&served, path);
            assert_eq!(answer.status, 502, "{path}");
            assert!(error_in(&answer, path).contains(words), "{path}: {}", answer.text());
        }
        assert_eq!(served.metric("candor_durable_turns_total"), 0, "nobody was answered");
    }
    assert_eq!(dying.received().len(), PATHS.len(), "nothing is sent twice");
}

#[test]
fn an_answer_that_breaks_off_breaks_off_for_the_client_too() {
    let place = Place::new();
    for framing in ["content-length: 100\r\n\r\n", "transfer-encoding: chunked\r\n\r\n9\r\n"] {
        let upstream = Upstream::start(move |_, stream| {
            write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{framing}{{\"half\":1")?;
            hang_up()
        });
        let served = Served::start(&place, &Settings::to(upstream.address));
        let answer = ask(&served, PATHS[0]);
        assert!(!answer.is_whole, "{answer:?}");
        assert_eq!(answer.text(), "{\"half\":1");
        served.reaches("candor_requests_total{surface=\"chat\",status=\"2xx\",ended=\"upstream-failed\"}", 1);
    }
}

/// Says this as a stream and dies.
fn dying_stream(said: &'static str) -> Upstream {
    Upstream::start(move |_, stream| {
        stream.write_all(STREAM)?;
        if !said.is_empty() {
            stream.write_all(&chunk(said))?;
        }
        hang_up()
    })
}

#[test]
fn a_stream_that_breaks_off_between_events_ends_with_the_providers_own_error_event() {
    let place = Place::new();
    for said in ["", "event: x\ndata: {\"type\":\"x\"}\n\n", "data: {}\r\n\r\n"] {
        let upstream = dying_stream(said);
        let served = Served::start(&place, &Settings::to(upstream.address));
        for path in PATHS {
            let answer = ask(&served, path);
            assert!(answer.is_whole && answer.status == 200, "{said:?}: {answer:?}");
            let text = answer.text();
            let event = text.strip_prefix(said).unwrap();
            let last = event.strip_suffix("\n\n").unwrap().lines().last().unwrap();
            let words = native_error(last.strip_prefix("data: ").unwrap(), path);
            assert!(words.contains("broke off"), "{words}");
            assert_eq!(event.starts_with("event: error\n"), path != PATHS[0], "{event}");
        }
    }
}

#[test]
fn a_stream_that_breaks_off_amid_an_event_breaks_off_for_the_client_and_the_part_is_kept_as_such() {
    let place = Place::new();
    for said in ["data: {\"choi", "data: {}\n", "data: {}\r\n"] {
        let upstream = dying_stream(said);
        let served = Served::start(&place, &Settings::to(upstream.address));
        for path in PATHS {
            let answer = ask(&served, path);
            assert_eq!((answer.is_whole, answer.text().as_str()), (false, said), "{path}");
        }
    }
    let upstream =
        dying_stream("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"So\"}}]}\n\ndata: {");
    let served = Served::start(&place, &Settings::to(upstream.address));
    send(served.clients, chat(4, saying("Well?")));
    served.stop();
    let kept: Vec<_> = place.kept(4).into_iter().map(|kept| (kept.text, kept.complete)).collect();
    assert_eq!(kept, [("Well?".to_owned(), true), ("So".to_owned(), false)]);
}

#[test]
fn an_upstream_that_never_answers_is_given_up_in_time() {
    let place = Place::new();
    let upstream = Upstream::start(|_, stream| stream.read(&mut [0]).map(drop));
    let settings = Settings::to(upstream.address).with("limits.first_byte_seconds", 1);
    let served = Served::start(&place, &settings);
    for path in PATHS {
        let answer = ask(&served, path);
        assert_eq!(answer.status, 504, "{path}");
        assert!(error_in(&answer, path).contains("within 1s"), "{}", answer.text());
    }
}

#[test]
fn a_stream_that_falls_silent_is_ended_and_one_that_speaks_now_and_then_is_not() {
    let place = Place::new();
    let upstream = Upstream::start(|request, stream| {
        stream.write_all(STREAM)?;
        if String::from_utf8_lossy(&request.body).contains("slow") {
            for _ in 0..4 {
                std::thread::sleep(Duration::from_millis(400));
                stream.write_all(&chunk(": here\n\n"))?;
            }
        }
        stream.read(&mut [0]).map(drop)
    });
    let settings = Settings::to(upstream.address).with("limits.stream_idle_seconds", 1);
    let served = Served::start(&place, &settings);
    assert!(ask(&served, PATHS[0]).text().starts_with("data: {\"error\":"));
    let answer = send(served.clients, chat(0, saying("slow")));
    assert!(answer.text().starts_with(&": here\n\n".repeat(4)), "{}", answer.text());
}

#[test]
fn a_client_that_hangs_up_ends_the_answer_and_the_part_that_came_is_kept_as_such() {
    let place = Place::new();
    let (send, closed) = channel();
    let upstream = Upstream::start(move |_, stream| {
        stream.write_all(STREAM)?;
        stream.write_all(&chunk(chat_delta("as far as this")))?;
        let read = stream.read(&mut [0]);
        send.send(matches!(read, Ok(0) | Err(_))).map_err(Error::other)
    });
    let served = Served::start(&place, &Settings::to(upstream.address));
    let mut client = Client::connect(served.clients);
    client.send(chat(0, saying("Go on.")));
    client.wait_for(b"as far as this");
    drop(client);
    assert_eq!(closed.recv_timeout(Duration::from_secs(5)), Ok(true), "the upstream works for nobody");
    served.reaches("candor_durable_turns_total", 2);
    assert_eq!(
        served.metric("candor_requests_total{surface=\"chat\",status=\"2xx\",ended=\"client-left\"}"),
        1
    );
    served.stop();
    let kept: Vec<_> = place.kept(0).into_iter().map(|kept| (kept.text, kept.complete)).collect();
    assert_eq!(kept, [("Go on.".to_owned(), true), ("as far as this".to_owned(), false)]);
}

#[test]
fn a_client_that_hangs_up_before_the_answer_ends_the_request() {
    let place = Place::new();
    let (send, closed) = channel();
    let upstream = Upstream::start(move |_, stream| {
        let read = stream.read(&mut [0]);
        send.send(matches!(read, Ok(0) | Err(_))).map_err(Error::other)
    });
    let served = Served::start(&place, &Settings::to(upstream.address));
    let mut client = Client::connect(served.clients);
    client.send(chat(0, saying("Never mind.")));
    crate::served::until("it arrives", || !upstream.received().is_empty());
    drop(client);
    assert_eq!(closed.recv_timeout(Duration::from_secs(5)), Ok(true));
    served.reaches("candor_requests_total", 1);
    assert_eq!(served.metric("candor_open_requests"), 0);
}

#[test]
fn a_client_that_hangs_up_within_its_request_leaves_nothing_behind() {
    let place = Place::new();
    let upstream = Upstream::saying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    let served = Served::start(&place, &Settings::to(upstream.address));
    let bearer = bearer(0);
    for framing in [("content-length", "1000"), ("transfer-encoding", "chunked")] {
        let mut client = Client::connect(served.clients);
        client.send(head("POST /v1/chat/completions", &[("authorization", &bearer), framing]));
        client.send(b"5\r\n{\"mod\r\n");
        drop(client);
    }
    served.reaches("candor_requests_total", 2);
    assert!(upstream.received().is_empty(), "no half of a request is taken for a whole one");
    assert_eq!(served.metric("candor_open_requests"), 0);
    assert_eq!(send(served.clients, chat(0, "{}")).status, 200);
}

#[test]
fn an_upstream_that_answers_before_it_has_heard_everything_is_heard() {
    let place = Place::new();
    let (address, done) = early_upstream();
    let served = Served::start(&place, &Settings::to(address));
    let bearer = bearer(0);
    let mut client = Client::connect(served.clients);
    let headers = [("authorization", bearer.as_str()), ("content-length", "1000000")];
    client.send(head("POST /v1/chat/completions", &headers));
    client.send(vec![b' '; 1000]);
    let answer = client.answer();
    assert_eq!((answer.status, answer.text().as_str()), (413, "no"));
    assert_eq!(answer.capture(), "withheld; reason=unread");
    drop(done);
}

/// Refuses a request once its head is there.
fn early_upstream() -> (std::net::SocketAddr, std::sync::mpsc::Sender<()>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (done, wait) = channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = Vec::new();
        while !bytes.windows(4).any(|window| window == b"\r\n\r\n") {
            let mut piece = [0; 1000];
            let read = stream.read(&mut piece).unwrap();
            bytes.extend_from_slice(&piece[..read]);
        }
        stream
            .write_all(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno")
            .unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        // Ends when the test does.
        let _ = wait.recv();
    });
    (address, done)
}
