//! Taking back every yes, taking everything along, and being erased.

use std::io::{Cursor, Read};

use crate::place::{Place, talk};

#[test]
fn every_yes_is_taken_back_in_one_click_and_nothing_may_be_used_from_then_on() {
    let mut place = Place::new();
    place.capture(vec![talk("a", "ada", &["hello"])]);
    let mut ada = place.signed_in("ada");
    assert!(ada.get("/privacy/kept").text().contains("2 of 2"));
    let after = ada.submit("/privacy", "/privacy/withdraw", &[]).text();
    assert!(!after.contains("id=\"withdraw\""), "nothing is left to take back");
    assert!(after.contains("id=\"train-no\" name=\"answer\" value=\"no\" aria-pressed=\"true\""), "{after}");
    let list = ada.get("/privacy/kept").text();
    assert!(!list.contains("2 of 2") && list.contains("you took your yes back"), "{list}");
    assert!(ada.get("/privacy/kept?for=train").text().contains("None of your conversations"));
    assert_eq!(ada.submit("/privacy", "/privacy/withdraw", &[]).status, 200, "again is no error");
}

#[test]
fn an_export_holds_all_of_one_person_and_nothing_of_another() {
    let mut place = Place::new();
    place.capture(vec![talk("a", "ada", &["word of ada"]), talk("b", "bo", &["word of bo"])]);
    let mut ada = place.signed_in("ada");
    let archive = ada.submit("/privacy", "/privacy/export", &[]);
    assert_eq!(archive.header("content-disposition").unwrap(), "attachment; filename=\"candor-export.zip\"");
    assert_eq!(archive.header("x-content-type-options").unwrap(), "nosniff");
    assert!(archive.header("content-security-policy").unwrap().contains("sandbox"));
    let mut archive = zip::ZipArchive::new(Cursor::new(archive.body)).unwrap();
    for name in ["export.json", "export.html"] {
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        assert!(text.contains("word of ada") && !text.contains("word of bo"), "{name}");
    }
}

#[test]
fn who_is_erased_is_signed_out_everywhere_and_told_calmly_when_they_come_back() {
    let mut place = Place::new();
    place.capture(vec![talk("a", "ada", &["hello"]), talk("b", "bo", &["hello"])]);
    let receipts = place.root().join("receipts");
    let id = place.vault().subject(&crate::place::tenant(), "ada").unwrap().id.to_string();
    std::fs::create_dir_all(receipts.join(&id)).unwrap();
    let (mut here, mut elsewhere) = (place.signed_in("ada"), place.signed_in("ada"));
    assert!(here.get("/privacy/erase").text().contains("At once"));
    assert_eq!(elsewhere.get("/privacy/kept").status, 200, "asking changes nothing");
    let done = here.submit("/privacy/erase", "/privacy/erase", &[]);
    assert!(done.text().contains("Everything of yours is erased"), "{}", done.text());
    assert!(!receipts.join(&id).exists());
    for browser in [&mut here, &mut elsewhere] {
        assert_eq!(browser.get("/privacy/kept").status, 303);
    }
    let again = here.submit("/sign-in", "/sign-in", &[("person", "ada")]);
    assert_eq!(again.status, 410);
    assert!(again.text().contains("Everything of yours was erased"), "{}", again.text());
    assert!(place.signed_in("bo").get("/privacy/kept").text().contains("2 of 2"), "nobody else's");
}
