//! Proofs in a person's hand, and what everybody sees.

use std::io::{Cursor, Read};

use candor_consent::receipt::Receipt;
use candor_consent::{Purpose, State};
use candor_release::{Plan, TrustedKeys, build, prove};

use crate::place::{Place, clock, talk};

fn receipts(archive: Vec<u8>) -> Vec<Receipt> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    names.sort();
    let read = |name: String| {
        let mut bytes = Vec::new();
        archive.by_name(&name).unwrap().read_to_end(&mut bytes).unwrap();
        Receipt::parse(&bytes).unwrap()
    };
    names.into_iter().map(read).collect()
}

#[test]
fn every_act_has_a_receipt_that_holds_and_nobody_elses_is_there() {
    let mut place = Place::new();
    let trusted = TrustedKeys::parse(&place.vault().public_keys()).unwrap();
    let id = place.vault().subject(&crate::place::tenant(), "ada").unwrap().id.to_string();
    let (mut ada, mut bo) = (place.signed_in("ada"), place.signed_in("bo"));
    let page = ada.get("/privacy/receipts");
    assert_eq!(page.text().matches("<li class=\"card\">").count(), 3, "{}", page.text());
    assert!(page.text().contains("Training: yes"));
    place.choose("ada", Purpose::Train, State::Withdrawn);
    let after = ada.get("/privacy/receipts");
    assert!(after.text().contains("Training: yes taken back"), "what is held ends with a new act");
    let all = receipts(ada.get("/privacy/receipts/all").body);
    assert_eq!(all.len(), 4);
    for receipt in all {
        receipt.verify(&trusted.operator, &trusted.log).unwrap();
        assert!(receipt.record().as_json().contains(&id));
    }
    let links = after.all("href=\"/privacy/receipts/");
    let key = links.iter().find(|link| *link != "all").unwrap();
    let one = ada.get(&format!("/privacy/receipts/{key}"));
    assert!(Receipt::parse(&one.body).unwrap().enrolment_nonce().is_some());
    assert_eq!(bo.get(&format!("/privacy/receipts/{key}")).status, 404, "a link is of one session");
    assert_eq!(place.browser().get("/privacy/receipts").status, 303);
    assert_eq!(place.browser().get("/privacy/where").status, 303);
    assert!(ada.get("/privacy/where").text().contains("No release was made yet"));
    assert_eq!(ada.get("/privacy/where/none").status, 404);
}

#[test]
fn everybody_finds_the_keys_the_check_and_the_report_and_it_names_nobody() {
    let mut place = Place::new();
    let keys = place.vault().public_keys();
    let checkpoint = place.vault().checkpoint().to_string();
    let mut anybody = place.browser();
    assert_eq!(anybody.get("/trust.keys").text().trim(), keys.trim());
    let check = anybody.get("/check").text();
    assert!(check.contains("candor verify FILE") && check.contains(keys.lines().next().unwrap()));
    for path in ["/status", "/status.json"] {
        let report = anybody.get(path);
        assert_eq!(report.status, 200);
        assert!(!report.text().contains("ada") && !report.text().contains("home"), "{}", report.text());
    }
    let report = anybody.get("/status").text();
    assert!(report.contains("fewer than 5") && report.contains("None reported."), "{report}");
    let json: serde_json::Value = serde_json::from_slice(&anybody.get("/status.json").body).unwrap();
    assert_eq!(json["status"]["checkpoint"], checkpoint);
    assert_eq!(json["status"]["enrolled"]["fewer_than"], 5);
    assert_eq!(anybody.get("/status/releases/..").status, 404);
}

#[test]
fn two_worlds_are_shown_only_where_they_were_run() {
    let mut place = Place::new();
    let mut anybody = place.browser();
    assert_eq!(anybody.get("/two-worlds").status, 404);
    let world = |people_used: u64, by_consent: u64| {
        serde_json::json!({
            "people_used": people_used, "people_left_out_by_law": 1, "turns_used": 21, "by_consent": by_consent, "without_consent": 1,
            "refused_by_law": 3, "refused_as_minors": 4, "turns_kept": 50, "rows_learned": 9, "kept_days": 365,
            "purges_after_withdrawal": true,
        })
    };
    let found = serde_json::json!({
        "format": "candor-two-worlds-1", "people": 12, "ours": world(5, 20), "providers": world(10, 0),
    });
    std::fs::write(place.root().join("two-worlds.json"), found.to_string()).unwrap();
    let page = anybody.get("/two-worlds").text();
    assert_eq!(page.matches("<circle").count(), 12 + 2);
    assert_eq!(page.matches("class=\"used\"").count(), 5);
    assert_eq!(page.matches("<rect").count(), 10);
    assert_eq!(page.matches("class=\"left-out\"").count(), 2);
    assert!(page.contains("5 of 12") && page.contains("10 of 12"));
}

/// Builds a release of what people said.
fn release(place: &mut Place, name: &str) {
    let now = clock();
    let plan = Plan {
        name: name.into(),
        purpose: Purpose::Train,
        as_of: now,
        now,
        output: place.root().join("releases").join(name),
        identifiers: candor_deid::Settings::release(),
        near_duplicates: false,
        pasted_permille: candor_release::origin::SAMPLING_FULL,
        reference: None,
        attachments: candor_release::Attachments::Withhold,
        sensitive: candor_deid::sensitive::Policy::standard(),
        replacement: candor_release::Replacement::Placeholders,
        second_reader: None,
        look: candor_release::residual::Look::default(),
        memory_bytes: candor_release::MEMORY_BYTES,
        tool: "candor 0.0.0".into(),
    };
    let (mut vault, mut entropy) = (place.vault(), place.fork());
    build(&mut vault, &plan, &mut entropy, &|_| {}).unwrap();
}

#[test]
fn each_person_sees_their_own_part_of_a_release_and_takes_the_proof_along() {
    let mut place = Place::new();
    place.capture(vec![
        talk("a", "ada", &["how do bees find the way home"]),
        talk("b", "ada", &["what do snails eat in winter"]),
    ]);
    release(&mut place, "first");
    let id = place.vault().release("first").unwrap().unwrap().id;
    let model = place.root().join("models/small");
    std::fs::create_dir_all(&model).unwrap();
    let card = serde_json::json!({ "read_sets": [{ "release_id": id }] });
    std::fs::write(model.join("card.json"), card.to_string()).unwrap();
    let trusted = TrustedKeys::parse(&place.vault().public_keys()).unwrap();
    let (mut ada, mut bo) = (place.signed_in("ada"), place.signed_in("bo"));
    let page = ada.get("/privacy/where").text();
    assert!(page.contains("Rows of yours: 2") && page.contains("0, 1") && page.contains("small"), "{page}");
    let page = bo.get("/privacy/where").text();
    assert!(page.contains("Nothing of yours is in it") && !page.contains("small"), "{page}");
    for (browser, what) in [(&mut ada, "presence"), (&mut bo, "absence")] {
        let proof = serde_json::from_slice(&browser.get("/privacy/where/first").body).unwrap();
        assert_eq!(prove::verify_proof(&proof, Some(&trusted)).unwrap().what, what);
    }
    ada.submit("/privacy", "/privacy/withdraw", &[]);
    let page = ada.get("/privacy/where").text();
    assert!(page.contains("must not be used again: 2 (a yes was taken back)"), "{page}");
    let status = place.browser().get("/status").text();
    assert!(status.contains("href=\"/status/releases/first\""), "{status}");
    assert!(place.browser().get("/status/releases/first").text().contains("first"));
}
