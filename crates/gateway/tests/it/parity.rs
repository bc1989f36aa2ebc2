//! A refusal changes nothing but the header that says so (N5).

use std::io::Read;
use std::io::Write;
use std::net::TcpListener;

use crate::client::{Answer, chat, request, send};
use crate::place::{NOBODY, Place, Settings, key};
use crate::served::Served;
use crate::upstream::{LAST_CHUNK, STREAM, chat_answer, chat_delta, chunk, json};

/// Takes connections one by one, answers each with the same bytes and hangs up; gives every byte it was sent.
fn raw_upstream(answer: Vec<u8>) -> (std::net::SocketAddr, std::sync::mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (send, received) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut bytes = Vec::new();
            let mut piece = [0; 4096];
            // All bodies here end so.
            while !bytes.ends_with(b"\"end\":1}") && !bytes.ends_with(b"0\r\n\r\n") {
                let read = stream.read(&mut piece).unwrap();
                assert!(read > 0);
                bytes.extend_from_slice(&piece[..read]);
            }
            stream.write_all(&answer).unwrap();
            drop(stream);
            if send.send(bytes).is_err() {
                return;
            }
        }
    });
    (address, received)
}

fn answers() -> [Vec<u8>; 4] {
    let streamed = [
        STREAM.to_vec(),
        chunk(chat_delta("one")),
        chunk(chat_delta("two")),
        chunk("data: [DONE]\n\n"),
        LAST_CHUNK.to_vec(),
    ];
    let closing = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        text.replacen("\r\n", "\r\nconnection: close\r\ndate: Mon, 02 Feb 2026 00:00:00 GMT\r\n", 1)
            .into_bytes()
    };
    [
        closing(json(chat_answer("hello"))),
        closing(streamed.concat()),
        closing(json(b"not json at all".as_slice())),
        b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 3\r\nconnection: close\r\ndate: Mon, 02 Feb 2026 00:00:00 GMT\r\n\r\n{\"error\":{}}".to_vec(),
    ]
}

/// The same request from people who chose differently.
fn asked(person: usize, path: &str) -> Vec<u8> {
    let body = r#"{"model":"m","messages":[{"role":"user","content":"What now?"}],"stream":true,"end":1}"#;
    if path.ends_with("chat/completions") {
        return chat(person, body);
    }
    let headers = [("x-api-key", &*key(person)), ("anthropic-version", "2023-06-01")];
    request(&format!("POST {path}"), &headers, body)
}

fn without_capture(mut answer: Answer) -> Answer {
    answer.headers.retain(|(name, _)| name != "candor-capture");
    answer
}

#[test]
fn yes_and_no_make_the_same_requests_upstream_and_the_same_answers() {
    let place = Place::new();
    std::fs::write(place.folder().join("upstream.key"), "sk-upstream").unwrap();
    for answer in answers() {
        let (address, received) = raw_upstream(answer);
        let settings = Settings::to(address).with("route.0.key_file", "upstream.key");
        let served = Served::start(&place, &settings);
        for path in ["/v1/chat/completions", "/v1/messages"] {
            let [yes, no, never, nobody] = [0, 1, 2, NOBODY].map(|person| {
                let answer = send(served.clients, asked(person, path));
                (answer.capture(), without_capture(answer), received.recv().unwrap())
            });
            assert_eq!(yes.0, r#"kept; purposes="history train""#);
            let request = String::from_utf8(yes.2.clone()).unwrap();
            assert!(request.contains("sk-upstream") && request.contains("What now?"), "{request}");
            assert!(!request.contains("cdr_"), "{request}");
            for (other, reason) in [(no, "refused"), (never, "never-asked"), (nobody, "unknown-subject")] {
                assert_eq!(other.0, format!("withheld; reason={reason}"));
                assert_eq!(other.1, yes.1, "{path}: the answer");
                assert_eq!(String::from_utf8(other.2).unwrap(), request, "{path}: the request");
            }
        }
    }
}
