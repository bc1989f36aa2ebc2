//! What a guard does before it knows whose identifiers are whose.

use std::fs;
use std::path::{Path, PathBuf};

use crate::client::{bearer, chat, get, request, saying, send};
use crate::place::{Place, Settings};
use crate::served::Served;
use crate::upstream::{Upstream, chat_answer, json};

fn files_in(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_in(&path, found) } else { found.push(path) }
    }
}

/// Makes everything that was kept unreadable; gives what it was.
fn spoil(place: &Place) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    files_in(&place.root().join("objects"), &mut files);
    assert!(!files.is_empty());
    let spoilt = |path: PathBuf| {
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, "no segment").unwrap();
        (path, bytes)
    };
    files.into_iter().map(spoilt).collect()
}

/// Ada has said something, and it is in the vault.
fn somebody_spoke(place: &Place, upstream: &Upstream) {
    let served = Served::start(place, &Settings::to(upstream.address));
    assert_eq!(send(served.clients, chat(0, saying("I am ada@quiet-mail.net."))).status, 200);
    served.reaches("candor_durable_exchanges_total", 1);
    served.stop();
    assert!(!place.seen(0).is_empty() || !place.kept(0).is_empty());
}

#[test]
fn a_guard_that_knows_nothing_yet_lets_nothing_through_unless_it_is_told_to() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Good.")));
    somebody_spoke(&place, &upstream);
    let kept = spoil(&place);
    let settings = |action: &str| Settings::to(upstream.address).with("route.0.guard", action);

    let served = Served::start(&place, &settings("mask"));
    for (path, status, kind) in [
        ("/v1/chat/completions", 503, "server_error"),
        ("/v1/responses", 503, "server_error"),
        ("/v1/messages", 529, "overloaded_error"),
    ] {
        let bearer = bearer(0);
        let refused = send(
            served.clients,
            request(&format!("POST {path}"), &[("authorization", &bearer)], saying("Hi.")),
        );
        assert_eq!(refused.status, status, "{path}");
        assert_eq!(refused.header("retry-after").as_deref(), Some("2"), "{path}");
        assert!(refused.text().contains(kind), "{path}: {}", refused.text());
    }
    assert_eq!(get(served.admin, "/readyz").status, 503);

    kept.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
    served.is_ready();
    assert_eq!(send(served.clients, chat(0, saying("Hi."))).status, 200);
    served.stop();

    spoil(&place);
    let lenient = settings("stop").with("guard.before_ready", "relay");
    for settings in [settings("log"), lenient] {
        let served = Served::start(&place, &settings);
        assert_eq!(send(served.clients, chat(0, saying("Hi."))).status, 200);
        assert_eq!(get(served.admin, "/readyz").status, 503);
    }
}
