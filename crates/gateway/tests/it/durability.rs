//! What is counted as durable is there after `kill -9` (N6), and where other commands see it soon.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::client::{Client, chat, saying, send};
use crate::place::{Place, START, Settings, time};
use crate::served::{Served, until};
use crate::upstream::{Upstream, chat_answer, json};

/// An hour and a day, in milliseconds.
const HOURS_25: i64 = 25 * 3_600_000;

/// Two people talk until the gateway is killed once so many turns are durable; those that were counted last, and
/// how many requests there were.
fn talk_until_killed(place: &Place, upstream: &Upstream, (round, enough): (usize, u64)) -> (u64, usize) {
    let served = Served::start(place, &Settings::to(upstream.address));
    let asked = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    let mut counted = 0;
    std::thread::scope(|scope| {
        for person in [0, 4] {
            let (asked, is_over, clients) = (&asked, &is_over, served.clients);
            scope.spawn(move || {
                let mut client = Client::connect(clients);
                while !is_over.load(Ordering::SeqCst) {
                    let number = asked.fetch_add(1, Ordering::SeqCst);
                    // The gateway dies in the middle of one of these.
                    if client.try_send(chat(person, saying(&format!("said {round}-{number}")))).is_err()
                        || client.answer().capture().is_empty()
                    {
                        return;
                    }
                }
            });
        }
        while counted < enough {
            counted = served.metric("candor_durable_turns_total");
        }
        served.kill();
        is_over.store(true, Ordering::SeqCst);
    });
    (counted, asked.into_inner())
}

#[test]
fn every_turn_that_was_counted_is_there_after_the_process_was_killed() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let (mut counted, mut kept) = (0, BTreeSet::new());
    for (round, enough) in [1, 20, 100].into_iter().enumerate() {
        let (turns, asked) = talk_until_killed(&place, &upstream, (round, enough));
        counted += turns;
        let texts: Vec<String> = [0, 4].into_iter().flat_map(|person| place.texts(person)).collect();
        let (said, answers): (Vec<_>, Vec<_>) = texts.into_iter().partition(|text| text.starts_with("said "));
        assert!(said.len() + answers.len() >= counted as usize, "{counted} were promised");
        assert_eq!(answers, vec!["Yes."; said.len()], "an exchange is there whole or not at all");
        let earlier = kept.len();
        let total = said.len();
        kept.extend(said);
        assert_eq!(kept.len(), total, "nothing is there twice");
        assert!(kept.len() - earlier <= asked);
    }
}

#[test]
fn what_was_said_is_where_other_commands_see_it_after_a_while_and_after_a_stop() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let mut served = Served::start(&place, &Settings::to(upstream.address));
    send(served.clients, chat(0, saying("one")));
    served.reaches("candor_durable_exchanges_total", 1);
    assert!(place.seen(0).is_empty(), "it is in the inbox still");
    served.set_clock(candor_conversation::Timestamp::from_millis(time(START).millis() + HOURS_25));
    until("it is taken in", || place.seen(0).len() == 2);
    send(served.clients, chat(0, saying("two")));
    served.stop();
    let texts: Vec<String> = place.seen(0).into_iter().map(|kept| kept.text).collect();
    let expected: BTreeSet<&str> = ["one", "two", "Yes."].into();
    assert_eq!(texts.len(), 4);
    assert_eq!(texts.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);
}

#[test]
fn a_conversation_goes_on_over_a_restart() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let served = Served::start(&place, &Settings::to(upstream.address));
    send(served.clients, chat(0, saying("one")));
    served.stop();
    let served = Served::again(&place);
    let second = r#"{"messages":[{"role":"user","content":"one"},{"role":"assistant","content":"Yes."},{"role":"user","content":"two"}]}"#;
    send(served.clients, chat(0, second));
    // Sent again, as clients do that lost the connection.
    send(served.clients, chat(0, second));
    served.stop();
    assert_eq!(place.texts(0)[..3], ["one", "Yes.", "two"]);
    assert!(place.texts(0)[3..].iter().all(|text| text == "Yes."), "{:?}", place.texts(0));
}
