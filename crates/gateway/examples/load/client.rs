//! Sends requests over connections that stay open, each its own prompt, and measures the answers.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::message::{Reader, find, framing, header};
use crate::{number, wrong};

/// Bytes of a request's body.
const BODY_BYTES: usize = 1024;
/// Digits that make each prompt its own.
const DIGITS: usize = 12;
/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Connections that `hold` opens at a time.
const OPENING: usize = 64;

/// What is asked, and how much of it.
pub(crate) struct Settings {
    /// `json`, `burst`, `paced` or `hold`.
    kind: String,
    requests: u64,
    seconds: u64,
    connections: usize,
    /// Where the numbering of prompts begins: no two runs may say the same.
    from: u64,
    path: String,
    model: String,
    headers: Vec<String>,
    /// Names of people are this and a number of four digits.
    people: String,
    people_count: u64,
}

impl Settings {
    pub(crate) fn read(arguments: &[&str]) -> io::Result<Self> {
        let mut settings = Self {
            kind: "json".into(),
            requests: 1000,
            seconds: 60,
            connections: 1,
            from: 0,
            path: "/v1/chat/completions".into(),
            model: "mock".into(),
            headers: Vec::new(),
            people: "yes-".into(),
            people_count: 1,
        };
        for argument in arguments {
            let (name, value) = argument.split_once('=').ok_or_else(|| wrong(argument))?;
            match name {
                "kind" => settings.kind = value.into(),
                "requests" => settings.requests = number(value)?,
                "seconds" => settings.seconds = number(value)?,
                "connections" => settings.connections = number(value)?,
                "from" => settings.from = number(value)?,
                "path" => settings.path = value.into(),
                "model" => settings.model = value.into(),
                "header" => settings.headers.push(value.into()),
                "people" => settings.people = value.into(),
                "people_count" => settings.people_count = number(value)?,
                _ => return Err(wrong(argument)),
            }
        }
        Ok(settings)
    }
}

/// A request with the places that change from one to the next.
#[derive(Clone)]
struct Template {
    bytes: Vec<u8>,
    prompt_at: usize,
    person_at: usize,
    people_count: u64,
}

impl Template {
    fn new(settings: &Settings, address: SocketAddr) -> io::Result<Self> {
        let Settings { kind, model, people, .. } = settings;
        let stream = if kind == "json" { "" } else { "\"stream\":true," };
        let zeros = "0".repeat(DIGITS);
        let beginning = format!(
            "{{\"model\":\"{model}\",{stream}\"user\":\"{people}0000\",\"temperature\":0.7,\"messages\":[{{\"role\":\
             \"user\",\"content\":\"[{kind}] Question {zeros}. "
        );
        let end = "\"}]}";
        let filler = BODY_BYTES.saturating_sub(beginning.len() + end.len());
        let filler: String =
            "what to see in a town by the sea in spring ".chars().cycle().take(filler).collect();
        let body = [beginning.as_str(), &filler, end].concat();
        let headers: String = settings.headers.iter().map(|header| format!("{header}\r\n")).collect();
        let path = &settings.path;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\naccept: */*\r\n\
             user-agent: load\r\n{headers}content-length: {}\r\n\r\n",
            body.len()
        );
        let place = |wanted: &str| find(body.as_bytes(), wanted.as_bytes()).ok_or_else(|| wrong(wanted));
        let prompt_at = head.len() + place(&zeros)?;
        let person_at = head.len() + place(&format!("{people}0000"))? + people.len();
        Ok(Self {
            bytes: [head, body].concat().into_bytes(),
            prompt_at,
            person_at,
            people_count: settings.people_count,
        })
    }

    fn number(&mut self, index: u64) {
        write_digits(&mut self.bytes[self.prompt_at..self.prompt_at + DIGITS], index);
        let person = index % self.people_count.max(1);
        write_digits(&mut self.bytes[self.person_at..self.person_at + 4], person);
    }
}

fn write_digits(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// What came of a number of requests.
#[derive(Default)]
struct Measured {
    first_us: Vec<f64>,
    last_us: Vec<f64>,
    /// Answers with `candor-capture: kept`.
    kept: u64,
    failed: u64,
    answer_bytes: usize,
}

pub(crate) async fn run(address: SocketAddr, settings: Settings) -> io::Result<Value> {
    let template = Template::new(&settings, address)?;
    if settings.kind == "hold" {
        return hold(address, &settings, &template).await;
    }
    let started = Instant::now();
    let until = started + Duration::from_secs(settings.seconds);
    let step = settings.connections.max(1) as u64;
    let mut connections = JoinSet::new();
    for first in 0..step {
        let template = template.clone();
        let numbers = (settings.from + first..settings.from + settings.requests).step_by(step as usize);
        connections.spawn(converse(address, template, numbers, until));
    }
    let mut all = Measured::default();
    while let Some(one) = connections.join_next().await {
        let one = one.map_err(io::Error::other)?;
        all.first_us.extend(one.first_us);
        all.last_us.extend(one.last_us);
        all.kept += one.kept;
        all.failed += one.failed;
        all.answer_bytes += one.answer_bytes;
    }
    let seconds = started.elapsed().as_secs_f64();
    let answered = all.last_us.len();
    all.first_us.sort_by(f64::total_cmp);
    all.last_us.sort_by(f64::total_cmp);
    Ok(json!({
        "answered": answered,
        "failed": all.failed,
        "kept": all.kept,
        "seconds": seconds,
        "per_second": answered as f64 / seconds,
        "first_us_p50": quantile(&all.first_us, 0.5),
        "first_us_p99": quantile(&all.first_us, 0.99),
        "last_us_p50": quantile(&all.last_us, 0.5),
        "last_us_p99": quantile(&all.last_us, 0.99),
        "answer_bytes": all.answer_bytes / answered.max(1),
    }))
}

fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    Some((sorted[(last as f64 * q).round() as usize] * 10.0).round() / 10.0)
}

async fn converse(
    address: SocketAddr,
    mut template: Template,
    numbers: impl Iterator<Item = u64>,
    until: Instant,
) -> Measured {
    let mut measured = Measured::default();
    let mut connection = None;
    for index in numbers {
        if Instant::now() >= until {
            break;
        }
        template.number(index);
        let mut open = match connection.take() {
            Some(open) => open,
            None => match Connection::open(address).await {
                Ok(open) => open,
                Err(_) => {
                    measured.failed += 1;
                    sleep(Duration::from_millis(10)).await;
                    continue;
                }
            },
        };
        match timeout(PATIENCE, open.ask(&template.bytes, &mut measured)).await {
            Ok(Ok(true)) => connection = Some(open),
            _ => measured.failed += 1,
        }
    }
    measured
}

struct Connection {
    stream: TcpStream,
    reader: Reader,
}

impl Connection {
    async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, reader: Reader::new() })
    }

    /// Whether it was answered with 200, whole. The first event counts as there with its first byte.
    async fn ask(&mut self, request: &[u8], measured: &mut Measured) -> io::Result<bool> {
        let started = Instant::now();
        self.stream.write_all(request).await?;
        let Some(head) = self.reader.head(&mut self.stream).await? else { return Ok(false) };
        let is_fine = head.starts_with(b"HTTP/1.1 200");
        let mut first = None;
        let mut bytes = 0;
        let body = self.reader.body(&mut self.stream, framing(&head)?, |piece| {
            first.get_or_insert_with(|| started.elapsed());
            bytes += piece.len();
        });
        body.await?;
        let last = started.elapsed();
        if is_fine {
            let micros = |time: Duration| time.as_nanos() as f64 / 1e3;
            measured.first_us.push(micros(first.unwrap_or(last)));
            measured.last_us.push(micros(last));
            measured.answer_bytes += bytes;
            measured.kept +=
                u64::from(header(&head, "candor-capture").is_some_and(|how| how.starts_with(b"kept")));
        }
        Ok(is_fine)
    }
}

/// Opens streams that stay open; prints how many, and holds them for `seconds`.
async fn hold(address: SocketAddr, settings: &Settings, template: &Template) -> io::Result<Value> {
    let mut opening = JoinSet::new();
    let mut open = Vec::new();
    let mut failed = 0;
    for index in 0..settings.connections as u64 {
        let mut template = template.clone();
        template.number(settings.from + index);
        opening.spawn(timeout(PATIENCE, begin(address, template.bytes)));
        while opening.len() >= OPENING || (index + 1 == settings.connections as u64 && !opening.is_empty()) {
            match opening.join_next().await {
                Some(Ok(Ok(Ok(stream)))) => open.push(stream),
                _ => failed += 1,
            }
        }
    }
    let told = json!({ "open": open.len(), "failed": failed });
    io::Write::write_all(&mut io::stdout(), format!("{told}\n").as_bytes())?;
    sleep(Duration::from_secs(settings.seconds)).await;
    Ok(told)
}

/// A stream of which the first event has come.
async fn begin(address: SocketAddr, request: Vec<u8>) -> io::Result<TcpStream> {
    let mut connection = Connection::open(address).await?;
    connection.stream.write_all(&request).await?;
    let head = connection.reader.head(&mut connection.stream).await?;
    match head {
        Some(head) if head.starts_with(b"HTTP/1.1 200") => Ok(connection.stream),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}
