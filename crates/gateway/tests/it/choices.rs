//! What people choose elsewhere while the gateway runs.

use candor_consent::{Purpose, State};
use candor_conversation::Timestamp;

use crate::client::{chat, saying, send};
use crate::place::{BACKEND, PEOPLE, Place, START, Settings, tenant_id, time};
use crate::served::{Served, until};
use crate::upstream::{Upstream, chat_answer, json};

const PURPOSES: [Purpose; 2] = [Purpose::History, Purpose::Train];

fn minutes_later(minutes: i64) -> Timestamp {
    Timestamp::from_millis(time(START).millis() + minutes * 60_000)
}

struct Scene {
    place: Place,
    _upstream: Upstream,
    served: Served,
}

fn scene() -> Scene {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let served = Served::start(&place, &Settings::to(upstream.address));
    Scene { place, _upstream: upstream, served }
}

impl Scene {
    /// Records a choice for both purposes at a minute, with the gateway's clock there, too.
    fn choose(&mut self, person: usize, state: State, minute: i64) {
        self.served.set_clock(minutes_later(minute));
        let (name, tenant, _) = PEOPLE[person];
        let mut vault = self.place.open();
        for purpose in PURPOSES {
            self.place.choose(&mut vault, (name, tenant), (purpose, state), minutes_later(minute));
        }
    }

    /// Says something; what is decided.
    fn say(&self, person: usize, text: &str) -> String {
        send(self.served.clients, chat(person, saying(text))).capture()
    }

    /// Says things until the decision is this one.
    fn say_until(&self, person: usize, text: &str, decided: &str) {
        until(decided, || self.say(person, text) == decided);
    }
}

const KEPT: &str = r#"kept; purposes="history train""#;

#[test]
fn nothing_that_is_said_after_a_withdrawal_is_written() {
    let mut scene = scene();
    assert_eq!(scene.say(0, "before"), KEPT);
    scene.served.reaches("candor_durable_turns_total", 2);
    scene.choose(0, State::Withdrawn, 10);
    // At once: the gateway may not have heard of it, and still must not write it.
    for number in 0..20 {
        scene.say(0, &format!("after {number}"));
    }
    scene.say_until(0, "after", "withheld; reason=withdrawn");
    assert_eq!(scene.served.metric("candor_durable_turns_total"), 2);
    scene.served.stop();
    assert!(scene.place.texts(0).is_empty(), "what waited to be taken in was taken back, too");
}

#[test]
fn nothing_of_a_person_who_was_erased_can_be_read_or_comes_back() {
    let mut scene = scene();
    assert_eq!(scene.say(0, "before"), KEPT);
    scene.served.reaches("candor_durable_turns_total", 2);
    scene.served.set_clock(minutes_later(10));
    let mut vault = scene.place.open();
    let ada = vault.subject(&tenant_id("home"), "ada").unwrap();
    vault.erase(&ada, &[], minutes_later(10)).unwrap();
    drop(vault);
    for number in 0..20 {
        scene.say(0, &format!("after {number}"));
    }
    scene.say_until(0, "after", "withheld; reason=erased");
    assert_eq!(scene.served.metric("candor_durable_turns_total"), 2);
    assert_eq!(scene.say(3, "hers"), KEPT, "her namesake of another tenant");
    let errors = scene.served.stop();
    assert!(!errors.contains("candor: the inbox"), "{errors}");
    let vault = scene.place.open();
    assert!(vault.subject(&tenant_id("home"), "ada").is_err());
    assert_eq!(vault.holdings().unwrap().turns, 2, "those of her namesake alone");
}

#[test]
fn a_yes_counts_for_what_is_said_after_it_and_for_nothing_before() {
    let mut scene = scene();
    for (person, reason) in [(1, "refused"), (2, "never-asked")] {
        assert_eq!(scene.say(person, "before"), format!("withheld; reason={reason}"));
    }
    scene.choose(1, State::Given, 10);
    scene.choose(2, State::Given, 10);
    scene.served.set_clock(minutes_later(20));
    for person in [1, 2] {
        scene.say_until(person, "after", KEPT);
    }
    scene.served.stop();
    for person in [1, 2] {
        assert_eq!(scene.place.texts(person), ["after", "Yes."]);
    }
}

#[test]
fn one_purpose_alone_is_kept_for_that_alone() {
    let mut scene = scene();
    let mut vault = scene.place.open();
    scene.place.choose(&mut vault, ("ada", "home"), (Purpose::Train, State::Withdrawn), time(START));
    drop(vault);
    scene.served.set_clock(minutes_later(1));
    scene.say_until(0, "mine", r#"kept; purposes="history""#);
    scene.served.stop();
    let kept = scene.place.kept(0);
    assert!(kept.iter().any(|turn| turn.text == "mine"));
    for turn in kept.iter().filter(|turn| turn.text == "mine") {
        assert_eq!(turn.purposes, [Purpose::History]);
    }
}

#[test]
fn a_person_who_is_enrolled_meanwhile_is_known() {
    let mut scene = scene();
    let body = r#"{"messages":[{"role":"user","content":"hello"}],"user":"eve"}"#;
    let said = |scene: &Scene| send(scene.served.clients, chat(BACKEND, body)).capture();
    assert_eq!(said(&scene), "withheld; reason=unknown-subject");
    let mut vault = scene.place.open();
    scene.place.enrol(&mut vault, ("eve", "home"));
    drop(vault);
    until("she is known", || said(&scene) == "withheld; reason=never-asked");
    let mut vault = scene.place.open();
    for purpose in PURPOSES {
        scene.place.choose(&mut vault, ("eve", "home"), (purpose, State::Given), minutes_later(5));
    }
    drop(vault);
    scene.served.set_clock(minutes_later(6));
    until("she is heard", || said(&scene) == KEPT);
}
