//! A gateway in this process between the chat page and a scripted model.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use candor_consent::AccessPermit;
use candor_conversation::Part;
use candor_deid::{Engine, Settings as IdentifierSettings};
use candor_gateway::identity::PagesSecret;
use candor_gateway::{Edge, InProcess, Serve};
use candor_vault::{Entropy, Export};
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::place::{PAGES_SECRET, Place, clock, tenant};

/// How often something that must come about is looked for, 5 ms apart.
const LOOKS_MAX: usize = 2_000;

/// What a model got: the head of the request and its body.
pub(crate) type Asked = Arc<Mutex<Vec<(String, Value)>>>;

/// Starts a model that answers as `answer` writes it, and a gateway before it; pages of this place speak to it.
pub(crate) fn with_model(
    place: &mut Place,
    answer: impl Fn(&Value, &mut TcpStream) + Send + Sync + 'static,
) -> Asked {
    let (model, asked) = model(answer);
    let settings = place.root().join("gateway.toml");
    let text = format!(
        "listen = '127.0.0.1:0'\nadmin_listen = '127.0.0.1:0'\naccess_log = false\nthreads = 1\n\
         [capture]\ntenant = 'home'\nabsorb_seconds = 1\n\
         [[route]]\nupstream = 'http://{model}'\ndistillable = true\n"
    );
    std::fs::write(&settings, text).unwrap();
    let (data, entropy) = (place.root(), place.fork());
    let (ready, addresses) = mpsc::channel();
    std::thread::spawn(move || {
        let serve = Serve {
            data: &data,
            settings_file: &settings,
            engine: Engine::new(IdentifierSettings::release()),
            entropy,
            edge: Edge { clock, notes: |_| {} },
            events: None,
            in_process: InProcess { pages: Some(PagesSecret(PAGES_SECRET)), reference: None },
        };
        // It ends with the test's process.
        candor_gateway::run(serve, |addresses| ready.send(addresses.clients).unwrap()).unwrap();
    });
    place.gateway = addresses.recv_timeout(Duration::from_secs(60)).unwrap();
    asked
}

/// A model that says the same each time, in pieces.
pub(crate) fn saying(place: &mut Place, pieces: &'static [&'static str]) -> Asked {
    with_model(place, |_, stream| stream.write_all(&streamed(pieces)).unwrap())
}

fn model(answer: impl Fn(&Value, &mut TcpStream) + Send + Sync + 'static) -> (SocketAddr, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Asked::default();
    let (all, answer) = (Arc::clone(&asked), Arc::new(answer));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (all, answer) = (Arc::clone(&all), Arc::clone(&answer));
            std::thread::spawn(move || {
                let mut stream = stream.unwrap();
                let (head, body) = request(&mut stream);
                if head.starts_with("GET /v1/models ") {
                    let models = json!({ "data": [{ "id": "small" }, { "id": "<i>large" }] });
                    stream.write_all(&whole("200 OK", &models.to_string())).unwrap();
                    return;
                }
                let body: Value = serde_json::from_slice(&body).unwrap();
                all.lock().unwrap().push((head, body.clone()));
                answer(&body, &mut stream);
            });
        }
    });
    (address, asked)
}

fn request(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    let mut piece = [0; 16 << 10];
    loop {
        let read = stream.read(&mut piece).unwrap();
        bytes.extend_from_slice(&piece[..read]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length = length.map_or(0, |length| length.parse().unwrap());
        if let Some(body) = bytes.get(end + 4..end + 4 + length) {
            return (head, body.to_vec());
        }
    }
}

/// A whole response.
pub(crate) fn whole(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// The head of a streamed answer, whose end is that of the connection.
pub(crate) const STREAM: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
/// What ends one.
pub(crate) const END: &[u8] =
    b"data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

/// A piece of a streamed answer.
pub(crate) fn piece(text: &str) -> Vec<u8> {
    let piece = json!({ "choices": [{ "index": 0, "delta": { "content": text } }] });
    format!("data: {piece}\n\n").into_bytes()
}

fn streamed(pieces: &[&str]) -> Vec<u8> {
    let pieces: Vec<u8> = pieces.iter().flat_map(|text| piece(text)).collect();
    [STREAM, &pieces, END].concat()
}

/// What a person sends.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sent<'a> {
    pub(crate) conversation: &'a str,
    pub(crate) text: &'a str,
    /// Name, media type and bytes.
    pub(crate) file: Option<(&'a str, &'a str, &'a [u8])>,
    pub(crate) is_temporary: bool,
    pub(crate) model: Option<&'a str>,
    /// Headers that a browser adds, each ended by CR LF.
    pub(crate) headers: &'a str,
}

/// Line, headers and body of a request that says something on the chat page.
pub(crate) fn form(browser: &mut Browser, sent: Sent<'_>) -> (&'static str, String, Vec<u8>) {
    let page = browser.get("/chat");
    let token = page.all("name=\"form_token\" value=\"").remove(0);
    let mut body = Vec::new();
    let mut part = |name: &str, more: &str, bytes: &[u8]| {
        let head = format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    };
    part("form_token", "", token.as_bytes());
    part("conversation", "", sent.conversation.as_bytes());
    part("text", "", sent.text.as_bytes());
    if sent.is_temporary {
        part("temporary", "", b"yes");
    }
    if let Some(model) = sent.model {
        part("model", "", model.as_bytes());
    }
    let (name, media_type, bytes) = sent.file.unwrap_or(("", "application/octet-stream", b""));
    part("file", &format!("; filename=\"{name}\"\r\nContent-Type: {media_type}"), bytes);
    body.extend_from_slice(b"--edge--\r\n");
    let headers = format!("content-type: multipart/form-data; boundary=edge\r\n{}", sent.headers);
    ("POST /chat/say HTTP/1.1\r\n", headers, body)
}

/// Says something as a browser without scripts does, and follows where it leads: the page's path, and the page.
pub(crate) fn say(browser: &mut Browser, sent: Sent<'_>) -> (String, Answer) {
    let (line, headers, body) = form(browser, sent);
    let answer = browser.send_with(line, &headers, &body);
    match answer.header("location") {
        Some(path) => {
            let page = browser.get(&path);
            (path, page)
        }
        None => (String::new(), answer),
    }
}

/// The name of a conversation in its path.
pub(crate) fn id(path: &str) -> &str {
    path.strip_prefix("/chat/").unwrap()
}

/// Waits for something that must come about.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..LOOKS_MAX {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("never: {what}");
}

/// Takes in what waits, and gives everything that the vault holds of a person.
pub(crate) fn held(place: &Place, person: &str) -> Export {
    // Names of segments come from it: each time another one.
    static SEED: AtomicU64 = AtomicU64::new(1 << 40);
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&SEED.fetch_add(1, Ordering::Relaxed).to_le_bytes());
    let mut vault = place.vault();
    vault.absorb_inbox(clock(), &mut Entropy::from_seed(seed)).unwrap();
    let subject = vault.subject(&tenant(), person).unwrap();
    let permit = AccessPermit::for_own(subject.id, subject.id).unwrap();
    vault.export(&subject, &permit).unwrap()
}

/// The texts that the vault holds of a person, with the purposes of each.
pub(crate) fn texts(place: &Place, person: &str) -> Vec<(String, String)> {
    let turns = held(place, person).conversations.into_iter().flat_map(|(_, turns)| turns);
    let text = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        other => format!("{other:?}"),
    };
    turns
        .map(|(turn, parts)| {
            let purposes: Vec<&str> = turn.bindings.iter().map(|binding| binding.purpose.as_str()).collect();
            (parts.iter().map(text).collect::<Vec<_>>().join("|"), purposes.join(" "))
        })
        .collect()
}

/// Files below a folder that hold these bytes.
pub(crate) fn files_with(folder: &Path, needle: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, needle));
        } else if std::fs::read(&path)
            .is_ok_and(|bytes| bytes.windows(needle.len()).any(|part| part == needle))
        {
            found.push(path);
        }
    }
    found
}
