//! Measures how long pages take for a person with many conversations in a large store.
//!
//! Usage: `page_times [--turns N] [--conversations N] [--requests N] [--scattered]`. It makes the store in a temporary
//! folder, signs in, and asks for one page after the other over one connection; times are those of the client.
//! `--scattered` spreads everybody over all segments, as a gateway's inbox does, where an import sorts them.

#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use candor_consent::{Notice, Purpose, State, examples};
use candor_conversation::{Conversation, Part, Role, Tier, Timestamp, Turn};
use candor_deid::Engine;
use candor_deid::sensitive::Policy;
use candor_portal::{Bound, Edge, Open, Portal, Settings};
use candor_release::{Attachments, Making};
use candor_vault::{Act, Capture, Defaults, Entropy, Profile, Vault};

type Outcome<T> = Result<T, Box<dyn Error>>;

const SETTINGS: &str = r#"
listen = "127.0.0.1:0"
model = "reference"
[[sign_in.local]]
name = "person-0"
tenant = "home"
tier = "consumer"
region = "DE"
age = "34"
"#;
/// When the store was filled, and when the pages are looked at.
const THEN: &str = "2026-01-01T00:00:00Z";
const NOW_MS: i64 = 1_767_600_000_000;
/// People other than the one who looks.
const OTHERS: usize = 1_000;
const TURNS_OF_A_CONVERSATION: usize = 10;
/// Conversations that are captured together.
const BATCH: usize = 1_000;

struct Arguments {
    turns: usize,
    conversations: usize,
    requests: usize,
    is_scattered: bool,
}

fn main() -> Outcome<()> {
    let mut arguments =
        Arguments { turns: 1_000_000, conversations: 10_000, requests: 1_000, is_scattered: false };
    let mut given = std::env::args().skip(1);
    while let Some(flag) = given.next() {
        let mut number = || -> Outcome<usize> { Ok(given.next().ok_or("a number is missing")?.parse()?) };
        match flag.as_str() {
            "--turns" => arguments.turns = number()?,
            "--conversations" => arguments.conversations = number()?,
            "--requests" => arguments.requests = number()?,
            "--scattered" => arguments.is_scattered = true,
            other => return Err(format!("`{other}` is no argument").into()),
        }
    }
    let folder = tempfile::tempdir()?;
    let root = folder.path().join("vault");
    let mut out = std::io::stdout().lock();
    let began = Instant::now();
    let mut vault = people(&root)?;
    fill(&mut vault, &arguments)?;
    let holdings = vault.holdings()?;
    drop(vault);
    writeln!(
        out,
        "store: {} turns in {} segments of {} MiB together, made in {:.0} s",
        holdings.turns,
        holdings.segments,
        holdings.bytes >> 20,
        began.elapsed().as_secs_f64()
    )?;
    let file = folder.path().join("portal.toml");
    std::fs::write(&file, SETTINGS)?;
    let open = Open {
        data: &root,
        settings: Settings::read(&file)?,
        entropy: Entropy::from_seed([8; 32]),
        making: Making {
            engine: Engine::new(candor_deid::Settings::release()),
            sensitive: Policy::standard(),
            attachments: Attachments::Text,
        },
        guide: None,
        edge: Edge { clock: || Timestamp::from_millis(NOW_MS), notes: |_| {} },
    };
    let running = Bound::to_address(Portal::open(open)?)?.start(("127.0.0.1:9".parse()?, [7; 32]))?;
    let mut client = Client::connect(running.address())?;
    client.sign_in()?;
    measure(&mut client, &arguments, &mut out)?;
    drop(client);
    running.stop()?;
    Ok(())
}

fn measure(client: &mut Client, arguments: &Arguments, out: &mut impl Write) -> Outcome<()> {
    let began = Instant::now();
    let (_, first) = client.get("/privacy/kept")?;
    writeln!(out, "the first look: {:.0} ms", began.elapsed().as_secs_f64() * 1e3)?;
    let last = arguments.conversations.div_ceil(20).max(1);
    let mut keys = Vec::new();
    for page in 0..40.min(last) {
        let (_, list) = client.get(&format!("/privacy/kept?page={}", page * last / 40.min(last)))?;
        keys.extend(
            list.split("href=\"/privacy/kept/").skip(1).filter_map(|rest| rest.get(..32).map(String::from)),
        );
    }
    if keys.is_empty() {
        return Err(format!("no conversation is listed in {} bytes", first.len()).into());
    }
    // Spread over all of them, always the same way.
    let pick = |number: usize, of: usize| number.wrapping_mul(7_919) % of;
    let pages: [(&str, &dyn Fn(usize) -> String); 7] = [
        ("sign-in (no store)", &|_| "/sign-in".into()),
        ("choices", &|_| "/privacy".into()),
        ("list, newest", &|_| "/privacy/kept".into()),
        ("list, any page", &|number| format!("/privacy/kept?page={}", pick(number, last))),
        ("list, for training, any page", &|number| {
            format!("/privacy/kept?for=train&page={}", pick(number, last))
        }),
        ("list, for what nobody allowed", &|_| "/privacy/kept?for=publish".into()),
        ("one conversation", &|number| format!("/privacy/kept/{}", keys[pick(number, keys.len())])),
    ];
    let mut times: Vec<Vec<Duration>> = vec![Vec::with_capacity(arguments.requests); pages.len()];
    let mut bytes = [0; 7];
    // In turns, so that what else the machine does meets all of them alike.
    for number in 0..arguments.requests {
        for (which, (_, path)) in pages.iter().enumerate() {
            let began = Instant::now();
            let (status, body) = client.get(&path(number))?;
            times[which].push(began.elapsed());
            bytes[which] = body.len().max(bytes[which]);
            if status != 200 {
                return Err(format!("status {status} for {}", path(number)).into());
            }
        }
    }
    let at = |times: &[Duration], share: f64| {
        times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3
    };
    times.iter_mut().for_each(|times| times.sort_unstable());
    let base = (at(&times[0], 0.5), at(&times[0], 0.99));
    for ((name, _), (times, bytes)) in pages.iter().zip(times.iter().zip(bytes)) {
        let (half, most) = (at(times, 0.5), at(times, 0.99));
        writeln!(
            out,
            "{name:30} p50 {half:6.2} ms ({:5.1}x)  p99 {most:6.2} ms ({:5.1}x)  {bytes:6} bytes at most",
            half / base.0,
            most / base.1
        )?;
    }
    Ok(())
}

/// Everybody, who agree to history and training.
fn people(root: &std::path::Path) -> Outcome<Vault> {
    let mut entropy = Entropy::from_seed([1; 32]);
    let then: Timestamp = THEN.parse()?;
    let mut vault = Vault::create(root, "chat.example.org", &mut entropy)?;
    vault.publish_notice(&Notice::parse(examples::OURS)?, then)?;
    let region = Some("DE".parse()?);
    let profile = |number: usize| Profile {
        name: format!("person-{number}"),
        tier: Tier::Consumer,
        region: region.clone(),
        age: None,
        called: Vec::new(),
    };
    let profiles: Vec<Profile> = (0..=OTHERS).map(profile).collect();
    let ids = vault.enrol(&"home".parse()?, &profiles, then, &mut entropy)?;
    let (notice, _) = vault.notice(None, then)?;
    let given = |subject| {
        [Purpose::History, Purpose::Train].map(|purpose| Act {
            subject,
            purpose,
            state: State::Given,
            notice,
            effective_at: then,
            attested_by: None,
            evidence: None,
        })
    };
    let acts: Vec<Act> = ids.into_iter().flat_map(given).collect();
    vault.record(&acts, then, &mut entropy)?;
    Ok(vault)
}

fn fill(vault: &mut Vault, arguments: &Arguments) -> Outcome<()> {
    let mut entropy = Entropy::from_seed([2; 32]);
    let tenant = "home".parse()?;
    let defaults = Defaults {
        tenant,
        author: None,
        tier: Some(Tier::Consumer),
        region: None,
        age: None,
        said_at: Some("2026-01-02T00:00:00Z".parse()?),
    };
    let all = arguments.turns / TURNS_OF_A_CONVERSATION;
    let every = (all / arguments.conversations.max(1)).max(1);
    let author = |number: usize| if number.is_multiple_of(every) { 0 } else { 1 + number % OTHERS };
    let mut capture = Capture::begin(vault, defaults, Timestamp::from_millis(NOW_MS), &mut entropy)?;
    for batch in (0..all).step_by(BATCH) {
        let numbers = batch..(batch + BATCH).min(all);
        capture.add(numbers.map(|number| talk(number, author(number))).collect::<Result<_, _>>()?)?;
        if arguments.is_scattered || capture.is_full() {
            capture.commit(None)?;
        }
    }
    Ok(capture.commit(None)?)
}

fn talk(number: usize, author: usize) -> Outcome<Conversation> {
    let mut turns = Vec::with_capacity(TURNS_OF_A_CONVERSATION);
    for at in 0..TURNS_OF_A_CONVERSATION {
        let role = if at % 2 == 0 { Role::User } else { Role::Assistant };
        let text = format!(
            "Message {at} of talk {number}: how would one explain step {at} of it to somebody who writes to \
             person{number}@example.org and has never heard of it before, in a few short sentences?"
        );
        let mut turn = Turn::new(format!("t{at}"), at.checked_sub(1), role, vec![Part::Text(text)]);
        turn.author = (role == Role::User).then(|| format!("person-{author}"));
        let said_ms = "2026-01-02T00:00:00Z".parse::<Timestamp>()?.millis() + (number * 1_000 + at) as i64;
        turn.at = Some(Timestamp::from_millis(said_ms));
        turns.push(turn);
    }
    Ok(Conversation::new(format!("talk-{number}"), turns)?)
}

/// A client that keeps its connection and its cookie.
struct Client {
    stream: BufReader<TcpStream>,
    host: String,
    cookie: String,
}

impl Client {
    fn connect(address: std::net::SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), host: address.to_string(), cookie: String::new() })
    }

    fn sign_in(&mut self) -> Outcome<()> {
        let (status, _) = self.send("POST /sign-in", "person=person-0")?;
        if status == 303 { Ok(()) } else { Err(format!("sign in: status {status}").into()) }
    }

    fn get(&mut self, path: &str) -> Outcome<(u16, String)> {
        self.send(&format!("GET {path}"), "")
    }

    fn send(&mut self, line: &str, body: &str) -> Outcome<(u16, String)> {
        let request = format!(
            "{line} HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n{body}",
            self.host,
            self.cookie,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let line = line.trim_end();
            if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
                status = rest.split(' ').next().unwrap_or_default().parse()?;
            } else if let Some(rest) = line.strip_prefix("content-length: ") {
                length = rest.parse()?;
            } else if let Some(rest) = line.strip_prefix("set-cookie: ") {
                self.cookie = rest.split(';').next().unwrap_or_default().to_owned();
            } else if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((status, String::from_utf8(body)?))
    }
}
