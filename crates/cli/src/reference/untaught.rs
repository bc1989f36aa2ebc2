//! What is answered before anything was learned, and what is refused.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::reference::running::Running;
use crate::reference::{Bound, Place, RETRIEVAL, TRANSFORMER};
use candor_conversation::Timestamp;

fn running() -> (tempfile::TempDir, SocketAddr, Running) {
    let folder = tempfile::tempdir().unwrap();
    let bound = Bound::to_loopback().unwrap();
    let address = bound.address();
    let place = Place {
        models: folder.path().join("models"),
        releases: folder.path().join("releases"),
        trust: folder.path().join("trust.keys"),
        clock: || Timestamp::from_millis(1_000_000),
        notes: |_| {},
    };
    (folder, address, bound.start(place).unwrap())
}

fn ask(address: SocketAddr, line: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "{line} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn both_models_are_listed_and_say_that_they_have_learned_nothing() {
    let (_folder, address, running) = running();
    let listed = ask(address, "GET /v1/models", "");
    for model in [RETRIEVAL, TRANSFORMER] {
        assert!(listed.contains(model), "{listed}");
        let messages = r#""messages":[{"role":"user","content":"hello"}]"#;
        let whole =
            ask(address, "POST /v1/chat/completions", &format!(r#"{{"model":"{model}",{messages}}}"#));
        assert!(whole.contains("I have learned nothing near to that."), "{whole}");
        let body = format!(
            r#"{{"model":"{model}",{messages},"stream":true,"stream_options":{{"include_usage":true}}}}"#
        );
        let streamed = ask(address, "POST /v1/chat/completions", &body);
        assert!(
            streamed.contains("chat.completion.chunk") && streamed.contains("data: [DONE]"),
            "{streamed}"
        );
        assert!(streamed.contains("\"total_tokens\""), "{streamed}");
    }
    running.stop().unwrap();
}

#[test]
fn refusals_come_in_the_envelope_that_clients_read_and_quote_nothing() {
    let (_folder, address, running) = running();
    for (body, status) in [
        (r#"{"model":"gpt","messages":[{"role":"user","content":"PRIVATE"}]}"#, "404"),
        (r#"{"model":"reference","messages":[]}"#, "400"),
        (r#"{"model":"reference","messages":"PRIVATE"}"#, "400"),
        (r#"{"model":"reference","n":3,"messages":[{"role":"user","content":"PRIVATE"}]}"#, "400"),
    ] {
        let refused = ask(address, "POST /v1/chat/completions", body);
        assert!(refused.starts_with(&format!("HTTP/1.1 {status}")), "{refused}");
        assert!(refused.contains("\"error\"") && refused.contains("invalid_request_error"), "{refused}");
        assert!(!refused.contains("PRIVATE"), "{refused}");
    }
    assert!(ask(address, "GET /v1/files", "").starts_with("HTTP/1.1 404"));
    running.stop().unwrap();
}
