//! Answers to what is asked: with evidence of what was shown, and against a browser's own signal only said once more.

use candor_consent::{Purpose, State};
use serde_json::Value;

use crate::browser::{Answer, Browser};
use crate::place::{Place, tenant};

/// The hidden fields of the form about a purpose, with an answer.
fn fields(page: &Answer, purpose: &str, answer: &str) -> Vec<(String, String)> {
    let text = page.text();
    let form = text.split("<form").find(|form| form.contains(&format!("id=\"{purpose}-yes\"")));
    let hidden = form.unwrap_or_default().split("type=\"hidden\" name=\"").skip(1).map(|rest| {
        let (name, rest) = rest.split_once("\" value=\"").unwrap();
        (name.to_owned(), rest.split('"').next().unwrap().to_owned())
    });
    hidden.chain([("answer".to_owned(), answer.to_owned())]).collect()
}

fn post(browser: &mut Browser, fields: &[(String, String)], headers: &str) -> Answer {
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let headers = format!("content-type: application/x-www-form-urlencoded\r\n{headers}");
    browser.send_with("POST /privacy/choices HTTP/1.1\r\n", &headers, body.join("&").as_bytes())
}

fn without(fields: &[(String, String)], name: &str) -> Vec<(String, String)> {
    fields.iter().filter(|(other, _)| other != name).cloned().collect()
}

fn state(place: &Place, person: &str, purpose: Purpose) -> Option<State> {
    let vault = place.vault();
    let subject = vault.subject(&tenant(), person).unwrap().id;
    vault.history(subject, purpose).unwrap().last().map(|last| last.state)
}

/// The record of a person's last act.
fn record(place: &Place, person: &str) -> Value {
    let vault = place.vault();
    let subject = vault.subject(&tenant(), person).unwrap();
    serde_json::from_str(vault.receipts(&subject).unwrap().last().unwrap().record().as_json()).unwrap()
}

#[test]
fn a_yes_needs_what_was_shown_to_whoever_says_it_and_a_no_is_heard_without() {
    let mut place = Place::new();
    let mut bo = place.signed_in("bo");
    let his = fields(&bo.get("/privacy"), "publish", "yes");
    let mut ada = place.signed_in("ada");
    let page = ada.get("/privacy");
    let own = fields(&page, "publish", "yes");
    let seen = |fields: &[(String, String)]| fields.iter().find(|(name, _)| name == "seen").unwrap().clone();
    let others =
        [seen(&his), seen(&fields(&page, "insights", "yes")), ("seen".into(), "en.0.AAAA.AAAA".into())];
    for other in others {
        let mut forged = without(&own, "seen");
        forged.push(other);
        assert_eq!(post(&mut ada, &forged, "").status, 403);
    }
    assert_eq!(post(&mut ada, &without(&own, "seen"), "").status, 403);
    assert_eq!(state(&place, "ada", Purpose::Publish), None);
    assert_eq!(post(&mut ada, &own, "").status, 303);
    assert_eq!(state(&place, "ada", Purpose::Publish), Some(State::Given));
    let mut no = without(&own, "seen");
    no.retain(|(name, _)| name != "answer");
    no.push(("answer".into(), "no".into()));
    assert_eq!(post(&mut ada, &no, "").status, 303);
    assert_eq!(state(&place, "ada", Purpose::Publish), Some(State::Withdrawn));
}

#[test]
fn a_receipt_holds_what_was_shown_and_the_same_form_has_the_same_hash() {
    let mut place = Place::new();
    let mut layouts = Vec::new();
    for person in ["ada", "bo"] {
        let mut browser = place.signed_in(person);
        let given = fields(&browser.get("/privacy"), "publish", "yes");
        assert_eq!(post(&mut browser, &given, "").status, 303);
        let evidence = record(&place, person)["evidence"].clone();
        assert_eq!((&evidence["locale"], &evidence["method"]), (&"en".into(), &"form".into()));
        assert!(evidence["shown_for_ms"].as_i64().is_some_and(|ms| ms >= 0), "{evidence}");
        assert_eq!(evidence["despite"], Value::Null);
        layouts.push(evidence["layout_sha256"].as_str().unwrap().to_owned());
    }
    assert_eq!(layouts[0], layouts[1]);
    let mut browser = place.signed_in("ada");
    let other = fields(&browser.get("/privacy"), "insights", "no");
    post(&mut browser, &other, "");
    assert_ne!(record(&place, "ada")["evidence"]["layout_sha256"].as_str(), Some(layouts[0].as_str()));
}

#[test]
fn a_yes_against_the_browsers_signal_is_asked_for_once_more_and_recorded_as_such() {
    const SIGNAL: &str = "sec-gpc: 1\r\n";
    let mut place = Place::new();
    let mut ada = place.signed_in("ada");
    let page = ada.send_with("GET /privacy HTTP/1.1\r\n", SIGNAL, b"");
    assert!(page.text().contains("id=\"signal\"") && page.text().contains("sec-gpc"), "{}", page.text());
    let asked = post(&mut ada, &fields(&page, "publish", "yes"), SIGNAL);
    assert_eq!((asked.status, state(&place, "ada", Purpose::Publish)), (200, None));
    assert!(!fields(&asked, "insights", "yes").iter().any(|(name, _)| name == "despite"), "one purpose only");
    assert_eq!(post(&mut ada, &fields(&asked, "publish", "yes"), SIGNAL).status, 303);
    assert_eq!(state(&place, "ada", Purpose::Publish), Some(State::Given));
    assert_eq!(record(&place, "ada")["evidence"]["despite"], "sec-gpc");
    // A no agrees with the signal, and keeping one's own chats is not what it is about.
    assert_eq!(post(&mut ada, &fields(&page, "insights", "no"), SIGNAL).status, 303);
    assert_eq!(post(&mut ada, &fields(&page, "history", "yes"), SIGNAL).status, 303);
    assert_eq!(state(&place, "ada", Purpose::History), Some(State::Given));
}

#[test]
fn who_answered_is_not_led_to_the_choices_again() {
    let mut place = Place::new();
    let mut ada = place.signed_in("ada");
    let leads_to = |ada: &mut Browser| ada.get("/").header("location").unwrap();
    assert_eq!(leads_to(&mut ada), "/privacy");
    for (purpose, answer) in [
        ("history", "yes"),
        ("train", "later"),
        ("human_review", "no"),
        ("insights", "no"),
        ("publish", "no"),
    ] {
        let page = ada.get("/privacy");
        assert!(page.text().contains("id=\"ask\""));
        post(&mut ada, &fields(&page, purpose, answer), "");
    }
    assert_eq!(leads_to(&mut ada), "/chat");
    assert!(!ada.get("/privacy").text().contains("id=\"ask\""));
}
