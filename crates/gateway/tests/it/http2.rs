//! The same over HTTP/2: many requests on one connection.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;

use crate::client::{Client, chat, saying};
use crate::place::{Place, Settings, key};
use crate::served::{Served, until};
use crate::upstream::{LAST_CHUNK, Received, STREAM, Upstream, chat_delta, chunk, json};

type Connection = SendRequest<Full<Bytes>>;

/// A connection over TLS on which both sides chose HTTP/2, trusting one certificate alone.
async fn over_tls(address: SocketAddr, certificate: CertificateDer<'static>) -> Connection {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = TcpStream::connect(address).await.unwrap();
    let name = "gateway.test".try_into().unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    over(stream).await
}

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

#[test]
fn a_stream_that_is_not_read_is_reset_and_the_others_go_on() {
    let (place, runtime) = (Place::new(), runtime());
    let piece = chunk(chat_delta(&"word ".repeat(10_000)));
    let upstream = Upstream::start(move |request, stream| {
        if String::from_utf8_lossy(&request.body).contains("whole") {
            return stream.write_all(&json(&request.body));
        }
        stream.write_all(STREAM)?;
        loop {
            stream.write_all(&piece)?;
        }
    });
    let served = Served::start(&place, &Settings::to(upstream.address).with("limits.send_idle_seconds", 1));
    let connection = connect(&runtime, served.clients);
    let (unread, mut read) = runtime.block_on(async {
        let unread = ask(connection.clone(), 0, saying("one")).await;
        (unread, ask(connection.clone(), 0, saying("two")).await)
    });
    until("it is cut off", || {
        let taken = runtime.block_on(read.body_mut().frame());
        assert!(taken.is_some_and(|frame| frame.is_ok()), "one that is read goes on");
        served.metric("candor_requests_total{surface=\"chat\",status=\"2xx\",ended=\"client-left\"}") == 1
    });
    assert!(runtime.block_on(unread.into_body().collect()).is_err(), "reset");
    let body = saying(&"whole ".repeat(50_000));
    let answer = runtime.block_on(async {
        ask(connection, 0, body.clone()).await.into_body().collect().await.unwrap().to_bytes()
    });
    assert!(answer == body, "a large piece arrives whole");
}

#[test]
fn clients_speak_http_2_over_tls_with_the_operators_certificate() {
    let (place, upstream, runtime) = (Place::new(), echo(), runtime());
    let made = rcgen::generate_simple_self_signed(["gateway.test".to_owned()]).unwrap();
    std::fs::write(place.folder().join("chain.pem"), made.cert.pem()).unwrap();
    std::fs::write(place.folder().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let settings = Settings::to(upstream.address)
        .with("tls.certificate_file", "chain.pem")
        .with("tls.key_file", "key.pem")
        .with("limits.header_seconds", 1);
    let served = Served::start(&place, &settings);
    let body = runtime.block_on(async {
        let connection = over_tls(served.clients, made.cert.der().clone()).await;
        let answer = ask(connection, 0, saying("whole")).await;
        assert_eq!(answer.headers()["candor-capture"], r#"kept; purposes="history train""#);
        answer.into_body().collect().await.unwrap().to_bytes()
    });
    assert_eq!(body, saying("whole"));
    let mut plain = Client::connect(served.clients);
    plain.send(chat(0, "{}"));
    assert_ne!(plain.head().status, 200, "nothing is answered in the clear");
    assert_eq!(upstream.received().len(), 1);
}

#[test]
fn a_stop_lets_the_streams_of_a_connection_come_to_their_end() {
    let (place, runtime) = (Place::new(), runtime());
    let (say, says) = channel::<()>();
    let says = std::sync::Mutex::new(says);
    let upstream = Upstream::start(move |_, stream| {
        stream.write_all(STREAM)?;
        stream.write_all(&chunk(chat_delta("first")))?;
        // Until the test lets go.
        let _ = says.lock().unwrap().recv();
        stream.write_all(&chunk("data: [DONE]\n\n"))?;
        stream.write_all(LAST_CHUNK)
    });
    let served = Served::start(&place, &Settings::to(upstream.address).with("limits.drain_seconds", 20));
    let connection = connect(&runtime, served.clients);
    let mut answer = runtime.block_on(ask(connection, 0, saying("Go on.")));
    let first = runtime.block_on(answer.body_mut().frame()).unwrap().unwrap().into_data().unwrap();
    assert_eq!(first, chat_delta("first"));
    served.signal("TERM");
    until("nobody new is taken", || std::net::TcpStream::connect(served.clients).is_err());
    drop(say);
    let rest = runtime.block_on(answer.into_body().collect()).unwrap().to_bytes();
    assert_eq!(rest, "data: [DONE]\n\n");
    served.wait();
    assert_eq!(place.texts(0), ["Go on.", "first"]);
}
