//! The mock model: the prompt says in a marker how it is to be answered.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::message::{Reader, find, framing};

/// Events of a stream, the one that ends it included.
const EVENTS: usize = 66;
/// Pause between two events of `[paced]`.
const PACE: Duration = Duration::from_millis(1);
/// How long `[hold]` leaves a stream open after its first event.
const HOLD: Duration = Duration::from_secs(600);
/// Longest life of the process: a script that dies leaves nothing behind.
const LIFE: Duration = Duration::from_secs(4 * 3600);

/// The answers, ready to be sent.
struct Answers {
    json: Vec<u8>,
    head: Vec<u8>,
    events: Vec<Vec<u8>>,
}

pub(crate) async fn serve(port: u16) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let answers: &'static Answers = Box::leak(Box::new(Answers::new()));
    let mut connections = JoinSet::new();
    let end = sleep(LIFE);
    tokio::pin!(end);
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                stream.set_nodelay(true)?;
                connections.spawn(async move {
                    // A client that hangs up ends it.
                    let _ = converse(stream, answers).await;
                });
            }
            () = &mut end => return Ok(()),
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(mut stream: TcpStream, answers: &Answers) -> io::Result<()> {
    let mut reader = Reader::new();
    while let Some(head) = reader.head(&mut stream).await? {
        let mut body = Vec::new();
        reader.body(&mut stream, framing(&head)?, |piece| body.extend_from_slice(piece)).await?;
        let asks = |marker: &[u8]| find(&body, marker).is_some();
        if asks(b"[burst]") {
            stream.write_all(&[answers.head.as_slice(), &answers.events[0]].concat()).await?;
            stream.write_all(&answers.events[1..].concat()).await?;
        } else if asks(b"[paced]") {
            stream.write_all(&answers.head).await?;
            for event in &answers.events {
                stream.write_all(event).await?;
                sleep(PACE).await;
            }
        } else if asks(b"[hold]") {
            stream.write_all(&[answers.head.as_slice(), &answers.events[0]].concat()).await?;
            sleep(HOLD).await;
            return Ok(());
        } else {
            stream.write_all(&answers.json).await?;
        }
    }
    Ok(())
}

impl Answers {
    fn new() -> Self {
        let text = "A paragraph of plain words, as a model gives it. ".repeat(14);
        let body = format!(
            "{{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"mock\",\"choices\":\
             [{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\"{text}\",\"refusal\":null}},\
             \"logprobs\":null,\"finish_reason\":\"stop\"}}],\"usage\":{{\"prompt_tokens\":160,\
             \"completion_tokens\":140,\"total_tokens\":300}},\"system_fingerprint\":\"fp_1\"}}"
        );
        let json = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_1\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nx-request-id: req_1\r\n\
                    cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n";
        let last = EVENTS - 2;
        let mut events: Vec<Vec<u8>> = (0..=last)
            .map(|index| match index {
                0 => event("{\"role\":\"assistant\",\"content\":\"\"}", "null"),
                _ if index == last => event("{}", "\"stop\""),
                _ => event(&format!("{{\"content\":\" word{index}\"}}"), "null"),
            })
            .collect();
        // The end of the body goes with the last event, in one write.
        events.push([chunk("data: [DONE]\n\n"), b"0\r\n\r\n".to_vec()].concat());
        Self { json: json.into_bytes(), head: head.as_bytes().to_vec(), events }
    }
}

fn event(delta: &str, finish_reason: &str) -> Vec<u8> {
    chunk(&format!(
        "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"mock\",\
         \"system_fingerprint\":\"fp_1\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"logprobs\":null,\
         \"finish_reason\":{finish_reason}}}]}}\n\n"
    ))
}

fn chunk(text: &str) -> Vec<u8> {
    format!("{:x}\r\n{text}\r\n", text.len()).into_bytes()
}
