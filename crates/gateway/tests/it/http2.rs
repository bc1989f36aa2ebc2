//! The same over HTTP/2: many requests on one connection.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::mpsc::channel;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use crate::client::saying;
use crate::place::{Place, Settings, key};
use crate::served::Served;
use crate::upstream::{LAST_CHUNK, Received, STREAM, Upstream, chat_delta, chunk, json};

type Connection = SendRequest<Full<Bytes>>;

async fn over(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Connection {
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn connect(runtime: &Runtime, address: SocketAddr) -> Connection {
    runtime.block_on(async { over(TcpStream::connect(address).await.unwrap()).await })
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn ask(mut connection: Connection, person: usize, body: String) -> Response<Incoming> {
    let request = Request::post("http://gateway.test/v1/chat/completions")
        .header("authorization", format!("Bearer {}", key(person)))
        .header("te", "trailers")
        .header("x-never-heard-of", "1")
        .body(Full::new(Bytes::from(body)))
        .unwrap();
    connection.send_request(request).await.unwrap()
}

/// Says what it was sent, as JSON; or, asked for "stream", in a hundred events.
fn echo() -> Upstream {
    Upstream::start(|request: &Received, stream| {
        if !String::from_utf8_lossy(&request.body).contains("stream") {
            return stream.write_all(&json(&request.body));
        }
        stream.write_all(STREAM)?;
        for _ in 0..100 {
            stream.write_all(&chunk(chat_delta("word ")))?;
        }
        stream.write_all(LAST_CHUNK)
    })
}

#[test]
fn requests_and_answers_are_relayed_as_over_http_1() {
    let (place, upstream, runtime) = (Place::new(), echo(), runtime());
    let served = Served::start(&place, &Settings::to(upstream.address));
    let connection = connect(&runtime, served.clients);
    let odd =
        "{\"messages\" :[{\"role\":\"user\",\"content\":\"hi\"}], \"seed\":1e3,\"n\":12345678901234567890}";
    for (person, decided) in [(0, r#"kept; purposes="history train""#), (1, "withheld; reason=refused")] {
        let (head, body) = runtime.block_on(async {
            let answer = ask(connection.clone(), person, odd.to_owned()).await;
            let (head, body) = answer.into_parts();
            (head, body.collect().await.unwrap().to_bytes())
        });
        assert_eq!((head.status.as_u16(), &body[..]), (200, odd.as_bytes()));
        assert_eq!(head.headers["candor-capture"], decided);
        let received = upstream.take();
        assert_eq!(received.request_line(), "POST /v1/chat/completions HTTP/1.1");
        assert_eq!(received.body, odd.as_bytes());
        assert_eq!(received.header("host"), Some(upstream.address.to_string()));
        assert_eq!(received.header("x-never-heard-of").as_deref(), Some("1"));
        assert_eq!((received.header("te"), received.header(":authority")), (None, None));
    }
}

#[test]
fn streams_on_one_connection_do_not_mix() {
    let (place, upstream, runtime) = (Place::new(), echo(), runtime());
    let served = Served::start(&place, &Settings::to(upstream.address));
    let connection = connect(&runtime, served.clients);
    let expected = chat_delta("word ").repeat(100);
    runtime.block_on(async {
        let mut asking = tokio::task::JoinSet::new();
        for number in 0..60 {
            let connection = connection.clone();
            asking.spawn(async move {
                let body = saying(&format!("{} {number}", if number % 2 == 0 { "stream" } else { "whole" }));
                let answer = ask(connection, number % 3, body.clone()).await;
                (number, body, answer.into_body().collect().await.unwrap().to_bytes())
            });
        }
        for (number, body, answer) in asking.join_all().await {
            let expected = if number % 2 == 0 { &expected } else { &body };
            assert_eq!(answer, expected.as_bytes());
        }
    });
    assert_eq!(upstream.received().len(), 60);
}

#[test]
fn a_stream_that_is_let_go_ends_upstream_and_the_others_go_on() {
    let (place, runtime) = (Place::new(), runtime());
    let (send, closed) = channel();
    let upstream = Upstream::start(move |_, stream| {
        stream.write_all(STREAM)?;
        stream.write_all(&chunk(chat_delta("first")))?;
        let read = std::io::Read::read(stream, &mut [0]);
        send.send(matches!(read, Ok(0) | Err(_))).map_err(std::io::Error::other)
    });
    let served = Served::start(&place, &Settings::to(upstream.address));
    let connection = connect(&runtime, served.clients);
    let (mut first, mut second) = runtime.block_on(async {
        let first = ask(connection.clone(), 0, saying("one")).await;
        (first, ask(connection.clone(), 0, saying("two")).await)
    });
    let piece = |answer: &mut Response<Incoming>| {
        runtime.block_on(answer.body_mut().frame()).unwrap().unwrap().into_data().unwrap()
    };
    assert_eq!(piece(&mut first), chat_delta("first"));
    drop(first);
    assert_eq!(closed.recv_timeout(Duration::from_secs(5)), Ok(true));
    assert!(closed.try_recv().is_err(), "only that one");
    assert_eq!(piece(&mut second), chat_delta("first"));
}
