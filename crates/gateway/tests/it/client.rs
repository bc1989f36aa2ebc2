//! A client that writes and reads raw bytes.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use crate::place::key;

/// After so long without a byte a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// Headers in order, names in lower case.
pub(crate) type Headers = Vec<(String, String)>;

/// A response as it arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) version: String,
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    /// The body, without its framing.
    pub(crate) body: Vec<u8>,
    /// Whether the body came to its end.
    pub(crate) is_whole: bool,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        header_value(&self.headers, name)
    }

    /// What was decided about keeping it.
    pub(crate) fn capture(&self) -> String {
        self.header("candor-capture").unwrap_or_default()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection to a gateway.
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
    has_ended: bool,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { stream, buffer: Vec::new(), has_ended: false }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// Sends what the other side may refuse to read to its end.
    pub(crate) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    /// Whether nothing has come that was not read.
    pub(crate) fn is_silent(&self) -> bool {
        self.stream.set_nonblocking(true).unwrap();
        let peeked = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false).unwrap();
        peeked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Nothing more is sent.
    pub(crate) fn end_sending(&mut self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// The next response to anything but HEAD.
    pub(crate) fn answer(&mut self) -> Answer {
        let mut answer = self.head();
        let length = answer.header("content-length").map(|text| text.parse::<usize>().unwrap());
        let is_chunked = answer.header("transfer-encoding").is_some();
        if matches!(answer.status, 100..200 | 204 | 304) {
            answer.is_whole = true;
            return answer;
        }
        loop {
            let parsed = match length {
                _ if is_chunked => chunked_body(&self.buffer),
                Some(length) => self.buffer.get(..length).map(|body| (body.to_vec(), length)),
                None => self.has_ended.then(|| (self.buffer.clone(), self.buffer.len())),
            };
            if let Some((body, used)) = parsed {
                self.buffer.drain(..used);
                answer.body = body;
                answer.is_whole = true;
                return answer;
            }
            if !self.read_more() {
                answer.body = if is_chunked { chunks_so_far(&self.buffer) } else { self.buffer.clone() };
                answer.is_whole = length.is_none() && !is_chunked;
                return answer;
            }
        }
    }

    /// The next response's head; the body is not read.
    pub(crate) fn head(&mut self) -> Answer {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            if !self.read_more() {
                return Answer::default();
            }
        };
        let head: Vec<u8> = self.buffer.drain(..end).collect();
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut words = head.splitn(3, ' ');
        let version = words.next().unwrap().to_owned();
        let status = words.next().unwrap().trim().parse().unwrap();
        Answer { version, status, headers: headers_of(&head), ..Answer::default() }
    }

    /// Waits until the bytes that came, framing included, hold these.
    pub(crate) fn wait_for(&mut self, needle: &[u8]) {
        while !crate::place::holds(&self.buffer, needle) {
            assert!(self.read_more(), "ended before it said so: {}", String::from_utf8_lossy(&self.buffer));
        }
    }

    /// What one read gives; empty at the end of the connection.
    pub(crate) fn read_some(&mut self) -> Vec<u8> {
        self.read_more();
        std::mem::take(&mut self.buffer)
    }

    /// Everything until the other side ends the connection.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        while self.read_more() {}
        std::mem::take(&mut self.buffer)
    }

    /// Whether anything more came; false at the end of the connection, also where it was cut.
    fn read_more(&mut self) -> bool {
        let mut piece = [0; 16 << 10];
        let read = match self.stream.read(&mut piece) {
            Ok(read) => read,
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                panic!("nothing came for {PATIENCE:?}")
            }
            Err(_) => 0,
        };
        self.has_ended |= read == 0;
        self.buffer.extend_from_slice(&piece[..read]);
        read > 0
    }
}

/// A request with a length.
pub(crate) fn request(first_line: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let mut bytes = head(first_line, headers);
    let body = body.as_ref();
    bytes.truncate(bytes.len() - 2);
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// A request's head without any framing.
pub(crate) fn head(first_line: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut text = format!("{first_line} HTTP/1.1\r\nhost: gateway.test\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    (text + "\r\n").into_bytes()
}

/// A chat request of a person, with a body.
pub(crate) fn chat(person: usize, body: impl AsRef<[u8]>) -> Vec<u8> {
    let bearer = format!("Bearer {}", key(person));
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    request("POST /v1/chat/completions", &headers, body)
}

/// The body of a chat request that says one thing.
pub(crate) fn saying(text: &str) -> String {
    let text = serde_json::to_string(text).unwrap();
    format!(r#"{{"model":"m","messages":[{{"role":"user","content":{text}}}]}}"#)
}

/// Sends one request on a connection of its own.
pub(crate) fn send(address: SocketAddr, bytes: impl AsRef<[u8]>) -> Answer {
    let mut client = Client::connect(address);
    client.send(bytes);
    client.answer()
}

pub(crate) fn get(address: SocketAddr, path: &str) -> Answer {
    send(address, head(&format!("GET {path}"), &[]))
}

pub(crate) fn headers_of(head: &str) -> Headers {
    let lines = head.split("\r\n").skip(1).take_while(|line| !line.is_empty());
    let pair = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_ascii_lowercase(), value.trim().to_owned())
    };
    lines.map(pair).collect()
}

pub(crate) fn header_value(headers: &Headers, name: &str) -> Option<String> {
    headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

/// A whole body in chunks and the bytes it took; trailers are left out.
pub(crate) fn chunked_body(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (body, used, is_whole) = chunks(bytes);
    is_whole.then_some((body, used))
}

fn chunks_so_far(bytes: &[u8]) -> Vec<u8> {
    chunks(bytes).0
}

fn chunks(bytes: &[u8]) -> (Vec<u8>, usize, bool) {
    let mut body = Vec::new();
    let mut at = 0;
    let line_end = |from: usize| {
        let rest = bytes.get(from..)?;
        Some(from + rest.windows(2).position(|window| window == b"\r\n")? + 2)
    };
    while let Some(start) = line_end(at) {
        let size = std::str::from_utf8(&bytes[at..start - 2]).unwrap();
        let size = usize::from_str_radix(size.split(';').next().unwrap().trim(), 16).unwrap();
        if size == 0 {
            let mut end = start;
            loop {
                match line_end(end) {
                    Some(next) if next == end + 2 => return (body, next, true),
                    Some(next) => end = next,
                    None => return (body, end, false),
                }
            }
        }
        let piece = &bytes[start.min(bytes.len())..(start + size).min(bytes.len())];
        body.extend_from_slice(piece);
        at = start + size + 2;
        if bytes.len() < at {
            return (body, bytes.len(), false);
        }
    }
    (body, at, false)
}
