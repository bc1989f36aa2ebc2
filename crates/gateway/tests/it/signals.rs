//! Signals that come with requests, and regions where the service is not offered or nothing is kept.

use candor_consent::HouseRules;
use candor_vault::Lowered;
use toml::{Table, Value};

use crate::client::{Answer, bearer, request, saying, send};
use crate::place::{PEOPLE, Place, Settings, tenant_id};
use crate::served::{Served, until};
use crate::upstream::{Upstream, chat_answer, json};

/// Says something with more headers.
fn say(served: &Served, person: usize, more: &[(&str, &str)]) -> Answer {
    let bearer = bearer(person);
    let own = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let headers: Vec<(&str, &str)> = own.iter().chain(more).copied().collect();
    send(served.clients, request("POST /v1/chat/completions", &headers, saying("a heron at dawn")))
}

/// The signals that the vault has of a person.
fn signals(place: &Place, person: usize) -> Vec<(String, Lowered, i64)> {
    let (name, tenant, _) = PEOPLE[person];
    let vault = place.open();
    let subject = vault.subject(&tenant_id(tenant), name).unwrap();
    let signals = vault.signals(&subject).unwrap();
    signals.into_iter().map(|signal| (signal.dialect, signal.lowered, signal.last_day)).collect()
}

#[test]
fn what_a_program_asks_for_is_remembered_of_its_person_and_nothing_of_what_was_said() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let served = Served::start(&place, &Settings::to(upstream.address));
    for _ in 0..3 {
        say(&served, 1, &[("Sec-GPC", "1"), ("Content-Usage", "train-ai=n, search=y")]);
    }
    say(&served, 1, &[("candor-temporary", "1")]);
    say(&served, 2, &[("Sec-GPC", "0")]);
    served.stop();
    let day = crate::place::time(crate::place::START).day();
    let expected = |dialect: &str| (dialect.to_owned(), Lowered::AllButHistory, day);
    assert_eq!(signals(&place, 1), [expected("content-usage"), expected("sec-gpc")]);
    assert!(signals(&place, 2).is_empty() && signals(&place, 0).is_empty());
    assert!(place.files_with(b"heron").is_empty());
    assert!(place.files_with(b"content-usage").is_empty(), "it is sealed under the person's key");
}

#[test]
fn an_erasure_takes_the_signals_too() {
    let place = Place::new();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let served = Served::start(&place, &Settings::to(upstream.address));
    say(&served, 1, &[("Sec-GPC", "1")]);
    served.stop();
    let mut vault = place.open();
    let subject = vault.subject(&tenant_id("home"), "bo").unwrap();
    assert_eq!(vault.signals(&subject).unwrap().len(), 1);
    vault.erase(&subject, &[], crate::place::time("2026-02-03T00:00:00Z")).unwrap();
    assert!(vault.signals(&subject).unwrap().is_empty());
}

#[test]
fn where_the_service_is_not_offered_nothing_is_relayed_and_where_nothing_is_kept_it_is_served_all_the_same() {
    let place = Place::new();
    let rules = HouseRules::parse("not_served = ['CU']\nnot_kept = ['FR']\n").unwrap();
    place.open().set_house_rules(&rules).unwrap();
    let upstream = Upstream::saying(json(chat_answer("Yes.")));
    let mut believed = Table::new();
    believed.insert("peers".into(), Value::from(vec!["127.0.0.1/32"]));
    believed.insert("subject".into(), "x-person".into());
    believed.insert("tenant".into(), "home".into());
    believed.insert("region_header".into(), "x-country".into());
    let settings = Settings::to(upstream.address).with("identity.trusted_headers", believed);
    let mut served = Served::start(&place, &settings);

    let refused = say(&served, 0, &[("x-country", "CU")]);
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("not offered in CU"), "{}", refused.text());
    assert!(upstream.received().is_empty(), "nothing went on");
    let not_kept = say(&served, 0, &[("x-country", "FR-IDF")]);
    assert_eq!((not_kept.status, not_kept.capture().as_str()), (200, "withheld; reason=region-not-kept"));
    // Where Ada signed up is not known, and might be such a place.
    let unknown = say(&served, 0, &[]);
    assert_eq!((unknown.status, unknown.capture().as_str()), (200, "withheld; reason=region-not-kept"));

    place.open().set_house_rules(&HouseRules::default()).unwrap();
    served.set_clock(crate::place::time("2026-02-01T00:10:00Z"));
    until("the rules are gone", || say(&served, 0, &[("x-country", "CU")]).capture().starts_with("kept"));
    served.stop();
}
