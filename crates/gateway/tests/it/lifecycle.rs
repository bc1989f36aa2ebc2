//! Settings that change, and a stop, while people talk; a store that is locked or broken; a clock that jumps.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use candor_conversation::Timestamp;
use candor_vault::Entropy;

use crate::client::{Client, chat, get, head, saying, send};
use crate::place::{Place, START, Settings, key, time};
use crate::served::{Served, until};
use crate::upstream::{LAST_CHUNK, STREAM, Upstream, chat_answer, chat_delta, chunk, json};

const KEPT: &str = r#"kept; purposes="history train""#;

/// An upstream whose streams say what the test sends, and end when the test lets go.
fn told_by(says: Receiver<&'static str>) -> Upstream {
    let says = Mutex::new(says);
    Upstream::start(move |_, stream| {
        stream.write_all(STREAM)?;
        for text in says.lock().unwrap().iter() {
            stream.write_all(&chunk(chat_delta(text)))?;
        }
        stream.write_all(&chunk("data: [DONE]\n\n"))?;
        stream.write_all(LAST_CHUNK)
    })
}

/// A stream that has begun.
fn begin(served: &Served, say: &Sender<&'static str>) -> Client {
    let mut client = Client::connect(served.clients);
    client.send(chat(0, saying("Go on.")));
    say.send("first").unwrap();
    client.wait_for(b"first");
    client
}

#[test]
fn settings_that_are_read_again_count_for_the_next_request_and_cut_off_no_stream() {
    let place = Place::new();
    let (say, says) = channel();
    let (old, new) = (told_by(says), Upstream::saying(json(chat_answer("from the new one"))));
    let served = Served::start(&place, &Settings::to(old.address));
    let mut client = begin(&served, &say);
    place.write(&Settings::to(new.address));
    served.signal("HUP");
    let address = new.address.to_string();
    until("it was read", || get(served.admin, "/routes").text().contains(&address));
    assert!(send(served.clients, chat(0, saying("hi"))).text().contains("from the new one"));
    say.send("second").unwrap();
    client.wait_for(b"second");
    drop(say);
    let answer = client.answer();
    assert!(answer.is_whole && answer.text().ends_with("data: [DONE]\n\n"), "{answer:?}");
}

#[test]
fn settings_that_are_wrong_change_nothing() {
    let place = Place::new();
    let upstream = Upstream::saying(json("{}"));
    let served = Served::start(&place, &Settings::to(upstream.address));
    fs::write(place.settings_file(), "listen = 7").unwrap();
    served.signal("HUP");
    until("it was refused", || served.told().contains("the settings stay as they were"));
    assert_eq!(send(served.clients, chat(0, "{}")).status, 200);
    assert!(!served.stop().contains("read the settings again"));
}

#[test]
fn a_stop_lets_a_stream_come_to_its_end_and_takes_nobody_new() {
    let place = Place::new();
    let (say, says) = channel();
    let upstream = told_by(says);
    let served = Served::start(&place, &Settings::to(upstream.address).with("limits.drain_seconds", 20));
    let mut client = begin(&served, &say);
    served.signal("TERM");
    until("nobody new is taken", || TcpStream::connect(served.clients).is_err());
    assert_eq!(get(served.admin, "/readyz").status, 503);
    say.send("second").unwrap();
    client.wait_for(b"second");
    drop(say);
    assert!(client.answer().is_whole);
    assert!(client.rest().is_empty());
    served.wait();
    assert_eq!(place.texts(0), ["Go on.", "firstsecond"]);
    assert!(place.kept(0).iter().all(|kept| kept.complete));
}

#[test]
fn a_stream_that_does_not_end_is_cut_off_after_the_time_for_it_and_kept_as_cut_off() {
    let place = Place::new();
    let (say, says) = channel();
    let upstream = told_by(says);
    let served = Served::start(&place, &Settings::to(upstream.address).with("limits.drain_seconds", 1));
    let mut client = begin(&served, &say);
    served.signal("TERM");
    assert!(!client.answer().is_whole);
    served.wait();
    drop(say);
    let kept: Vec<_> = place.kept(0).into_iter().map(|kept| (kept.text, kept.complete)).collect();
    assert_eq!(kept, [("Go on.".to_owned(), true), ("first".to_owned(), false)]);
}

#[test]
fn requests_flow_while_another_process_holds_the_catalogue() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let mut served = Served::start(&place, &Settings::to(upstream.address));
    let db = rusqlite::Connection::open(place.root().join("catalogue.sqlite")).unwrap();
    db.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for number in 0..50 {
        assert_eq!(send(served.clients, chat(0, saying(&format!("said {number}")))).status, 200);
    }
    // Time to take the inbox in, which cannot be done now.
    served.set_clock(time("2026-02-01T12:00:00Z"));
    assert_eq!(send(served.clients, chat(0, saying("said 50"))).status, 200);
    db.execute_batch("ROLLBACK").unwrap();
    served.reaches("candor_durable_exchanges_total", 51);
    served.stop();
    assert_eq!(place.texts(0).len(), 102);
}

#[test]
fn requests_flow_while_nothing_can_be_written_and_are_kept_again_when_it_can() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let settings = Settings::to(upstream.address).with("capture.queue_exchanges_max", 10);
    let served = Served::start(&place, &settings);
    // A file stands where the folder was: not even root writes into that.
    let inbox = place.root().join("inbox");
    fs::rename(&inbox, place.root().join("aside")).unwrap();
    fs::write(&inbox, "").unwrap();
    let first = send(served.clients, chat(0, saying("said first")));
    assert_eq!((first.status, first.capture().as_str()), (200, KEPT));
    served.reaches("candor_capture_failures_total", 1);
    for number in 0..100 {
        assert_eq!(send(served.clients, chat(0, saying(&format!("said {number}")))).status, 200);
    }
    assert_eq!(served.metric("candor_durable_turns_total"), 0);
    fs::remove_file(&inbox).unwrap();
    fs::rename(place.root().join("aside"), &inbox).unwrap();
    served.reaches("candor_durable_exchanges_total", 1);
    until("it keeps again", || send(served.clients, chat(0, saying("said last"))).capture() == KEPT);
    let errors = served.stop();
    assert!(errors.contains("what is said waits to be written"), "{errors}");
    assert!(!errors.contains("said first") && !errors.contains("Yes."), "{errors}");
    let texts = place.texts(0);
    for text in ["said first", "said last"] {
        assert!(texts.iter().any(|kept| kept == text), "{text} in {texts:?}");
    }
}

#[test]
fn files_that_cannot_grow_cost_no_turn_that_was_decided_to_be_kept() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let served = Served::with_small_files(&place, &Settings::to(upstream.address));
    let mut random = Entropy::from_seed([9; 32]);
    let mut kept = Vec::new();
    while served.metric("candor_capture_failures_total") < 3 {
        // Nothing that could be compressed.
        let text: String =
            (0..1000).map(|_| format!("{:016x}", u64::from_be_bytes(random.bytes()))).collect();
        let answer = send(served.clients, chat(0, saying(&text)));
        assert_eq!((answer.status, answer.capture().as_str()), (200, KEPT));
        kept.push(text);
        served.reaches("candor_durable_exchanges_total", kept.len() as u64);
    }
    assert!(served.told().contains("File too large"), "the operator hears why: {}", served.told());
    served.kill();
    let mut texts = place.texts(0);
    texts.retain(|text| text != "Yes.");
    texts.sort();
    kept.sort();
    assert!(texts == kept, "{} of {}", texts.len(), kept.len());
}

#[test]
fn a_client_that_does_not_read_holds_the_upstream_back() {
    let place = Place::new();
    let piece = chunk(chat_delta(&"word ".repeat(10_000)));
    let written = Arc::new(AtomicUsize::new(0));
    let adding = Arc::clone(&written);
    let upstream = Upstream::start(move |_, stream| {
        stream.write_all(STREAM)?;
        loop {
            stream.write_all(&piece)?;
            adding.fetch_add(piece.len(), Ordering::SeqCst);
        }
    });
    let served = Served::start(&place, &Settings::to(upstream.address));
    let before = served.resident_kib();
    let clients = [0, 1].map(|person| {
        let mut client = Client::connect(served.clients);
        client.send(chat(person, saying("Go on.")));
        client.wait_for(b"word");
        client
    });
    let mut last = 0;
    until("nothing more is taken", || {
        std::thread::sleep(Duration::from_millis(200));
        let before = std::mem::replace(&mut last, written.load(Ordering::SeqCst));
        before == last
    });
    // What the system holds in sockets, and a copy of one answer up to its limit.
    assert!(last < 64 << 20, "{last} bytes");
    let grown = served.resident_kib().saturating_sub(before);
    assert!(grown < 32 << 10, "{grown} KiB");
    drop(clients);
    until("they are gone", || served.metric("candor_open_requests") == 0);
}

#[test]
fn a_client_that_reads_nothing_is_cut_off_and_one_that_reads_slowly_is_not() {
    let place = Place::new();
    let piece = chunk(chat_delta(&"word ".repeat(10_000)));
    let upstream = Upstream::start(move |request, stream| {
        // Longer than what sockets hold; or without end.
        let pieces = if request.body.starts_with(b"{\"end\":1,") { 600 } else { usize::MAX };
        stream.write_all(STREAM)?;
        for _ in 0..pieces {
            stream.write_all(&piece)?;
        }
        stream.write_all(LAST_CHUNK)
    });
    let served = Served::start(&place, &Settings::to(upstream.address).with("limits.send_idle_seconds", 2));
    let [mut idle, mut slow] = [0, 1].map(|end| {
        let mut client = Client::connect(served.clients);
        client.send(chat(0, saying("Go on.").replacen('{', &format!("{{\"end\":{end},"), 1)));
        client
    });
    idle.wait_for(b"word");
    let slow = std::thread::spawn(move || {
        let mut heard = Vec::new();
        // Much more slowly than it could; enough for the sockets to show it within the limit.
        while !heard.ends_with(LAST_CHUNK) {
            let piece = slow.read_some();
            if piece.is_empty() {
                return false;
            }
            heard.extend(piece);
            std::thread::sleep(Duration::from_millis(2));
        }
        true
    });
    until("it is cut off", || {
        served.metric("candor_requests_total{surface=\"chat\",status=\"2xx\",ended=\"client-left\"}") == 1
    });
    assert!(!slow.is_finished(), "it was read for longer than that");
    assert!(slow.join().unwrap(), "and came whole");
    assert!(!idle.rest().ends_with(LAST_CHUNK));
}

#[test]
fn a_clock_that_jumps_makes_no_yes_and_stops_nothing() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let mut served = Served::start(&place, &Settings::to(upstream.address));
    let years = [
        ("2026-02-01T00:00:00Z", Some("now")),
        ("2025-02-01T00:00:00Z", None),
        ("2026-01-01T12:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("2026-03-01T00:00:00Z", Some("later")),
        ("2026-02-02T00:00:00Z", Some("back")),
    ];
    for (now, kept) in years {
        served.set_clock(time(now));
        for person in [0, 1] {
            let answer = send(served.clients, chat(person, saying(kept.unwrap_or("never"))));
            assert_eq!(answer.status, 200);
            assert_eq!(
                answer.capture() == KEPT,
                kept.is_some() && person == 0,
                "{now}: {}",
                answer.capture()
            );
        }
    }
    served.set_clock(Timestamp::from_millis(time(START).millis()));
    served.stop();
    let mut texts = place.texts(0);
    texts.retain(|text| text != "Yes.");
    texts.sort();
    assert_eq!(texts, ["back", "later", "now"]);
    assert!(place.texts(1).is_empty());
}

#[test]
fn what_waits_beyond_the_limit_is_shed_and_counted() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let settings = Settings::to(upstream.address).with("capture.queue_bytes_max", 10);
    let served = Served::start(&place, &settings);
    for _ in 0..5 {
        assert_eq!(send(served.clients, chat(0, saying("hi"))).status, 200);
    }
    served.reaches("candor_shed_total{cause=\"queue-full\"}", 5);
    let settings = Settings::to(upstream.address).with("capture.exchange_bytes_max", 100);
    let served = Served::start(&place, &settings);
    assert_eq!(
        send(served.clients, chat(0, saying(&"long ".repeat(50)))).capture(),
        "withheld; reason=unread"
    );
    assert_eq!(send(served.clients, chat(0, saying("hi"))).capture(), KEPT);
    served.reaches("candor_shed_total{cause=\"too-large\"}", 1);
    served.stop();
    assert!(place.texts(0).is_empty());
}

#[test]
fn small_events_do_not_wait_for_each_other() {
    let place = Place::new();
    let (say, says) = channel();
    let says: Mutex<Receiver<&'static str>> = Mutex::new(says);
    let upstream = Upstream::start(move |request, stream| {
        if request.request_line().starts_with("GET") {
            return stream.write_all(&json("{}"));
        }
        stream.write_all(STREAM)?;
        for text in says.lock().unwrap().iter().take_while(|text| !text.is_empty()) {
            stream.write_all(&chunk(chat_delta(text)))?;
        }
        stream.write_all(LAST_CHUNK)
    });
    let served = Served::start(&place, &Settings::to(upstream.address));
    let mut client = Client::connect(served.clients);
    for stream in 0..STREAMS {
        // Only on a connection that goes to and fro does the system hold acknowledgements back.
        for _ in 0..GETS {
            client.send(head("GET /v1/models", &[("authorization", &format!("Bearer {}", key(0)))]));
            assert_eq!(client.answer().status, 200);
        }
        client.send(chat(0, saying("Go on.")));
        // Each is said when the one before was heard.
        for number in 0..5 {
            let word: &str = format!("word {stream} {number}.").leak();
            say.send(word).unwrap();
            client.wait_for(word.as_bytes());
        }
        say.send("").unwrap();
        assert!(client.answer().is_whole);
    }
    let all = STREAMS * (GETS + 1);
    served.reaches("candor_requests_total", all);
    // With Nagle's algorithm towards the client, every stream would wait once for an acknowledgement, 40 ms. Most
    // must be quicker: some may be slow on a busy machine.
    let quick = served.metric("candor_request_seconds_bucket{le=\"0.025\"}");
    assert!(quick > all - STREAMS / 2, "{quick} of {all}");
}

/// Streams, and requests before each.
const STREAMS: u64 = 20;
const GETS: u64 = 10;
