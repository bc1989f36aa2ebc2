//! What becomes known of people, when, and what of it can be read without keys.

use candor_consent::{Purpose, State};
use candor_conversation::{Age, Kind, Tier, Timestamp};
use candor_testbed::Cell;
use candor_vault::{Act, Profile, Vault};

use super::place::{Place, person, tenant, time};

const THEN: &str = "2026-01-05T00:00:00Z";

fn profile(name: &str, tier: Tier, age: Option<u8>) -> Profile {
    Profile { name: name.into(), tier, region: None, age: age.map(Age::at_least), called: Vec::new() }
}

fn act(vault: &Vault, name: &str, state: State, at: Timestamp) -> Act {
    let (notice, _) = vault.notice(None, at).unwrap();
    let subject = person(vault, name).id;
    Act {
        subject,
        purpose: Purpose::Train,
        state,
        notice,
        effective_at: at,
        attested_by: None,
        evidence: None,
    }
}

#[test]
fn enrolling_again_forgets_neither_an_age_nor_an_organisation() {
    let mut place = Place::new();
    let mut vault = place.open();
    let facts = |vault: &Vault, name| {
        let profile = person(vault, name).profile;
        (profile.tier, profile.age.map(Age::years))
    };
    let known = [profile("kid", Tier::Consumer, Some(15)), profile("biz", Tier::Business, None)];
    vault.enrol(&tenant(), &known, time(THEN), &mut place.entropy).unwrap();
    let again = [profile("kid", Tier::Consumer, None), profile("biz", Tier::Consumer, Some(30))];
    vault.enrol(&tenant(), &again, time(THEN), &mut place.entropy).unwrap();
    assert_eq!(facts(&vault, "kid"), (Tier::Consumer, Some(15)));
    assert_eq!(facts(&vault, "biz"), (Tier::Business, Some(30)));
    let biz = person(&vault, "biz");
    vault.change_tier(&biz, Tier::Consumer, &mut place.entropy).unwrap();
    assert_eq!(facts(&vault, "biz"), (Tier::Consumer, Some(30)), "left only on purpose");
}

#[test]
fn a_clock_turned_back_records_nothing() {
    let mut place = Place::new();
    let mut vault = place.open();
    let (early, late) = (time("2026-01-03T00:00:00Z"), time("2026-01-05T00:00:00Z"));
    let ada = act(&vault, "ada", State::Withdrawn, late);
    vault.record(&[ada], late, &mut place.entropy).unwrap();
    let bo = act(&vault, "bo", State::Withdrawn, early);
    let error = vault.record(std::slice::from_ref(&bo), early, &mut place.entropy).unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    assert!(error.to_string().contains("newest record is of 2026-01-05T00:00:00Z"), "{error}");
    let newcomer = [profile("cy", Tier::Consumer, None)];
    assert!(vault.enrol(&tenant(), &newcomer, early, &mut place.entropy).is_err());
    assert!(vault.run_retention(early, &mut place.entropy).is_err());
    vault.record(&[bo], late, &mut place.entropy).unwrap();
}

#[test]
fn a_name_that_cannot_be_told_from_others_is_refused() {
    let mut place = Place::new();
    let mut vault = place.open();
    for name in ["", "  ", "ada\n", "a\tda", "\u{1b}[2J"] {
        let error = vault
            .enrol(&tenant(), &[profile(name, Tier::Consumer, None)], time(THEN), &mut place.entropy)
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid, "{name:?}");
    }
    assert_eq!(vault.subject_count().unwrap(), 2);
}

#[test]
fn who_vouched_for_a_choice_is_read_from_the_sealed_record_only() {
    let mut place = Place::new();
    let mut vault = place.open();
    let source = "carol.the.clerk@records.example";
    let attested =
        Act { attested_by: Some(source.into()), ..act(&vault, "ada", State::Withdrawn, time(THEN)) };
    vault.record(&[attested], time(THEN), &mut place.entropy).unwrap();
    let ada = person(&vault, "ada");
    let events = vault.history(ada.id, Purpose::Train).unwrap();
    let sources: Vec<Option<String>> =
        events.iter().map(|event| vault.attested_by(&ada, event).unwrap()).collect();
    assert_eq!(sources, [None, Some(source.to_owned())]);
    drop(vault);
    assert!(!place.catalogue_bytes().windows(source.len()).any(|window| window == source.as_bytes()));
}

#[test]
fn recalled_rows_tell_the_day_and_not_which_were_recalled_together() {
    let place = Place::new();
    let mut vault = place.open();
    let (ada, bo) = (person(&vault, "ada"), person(&vault, "bo"));
    let rows = |rows: &[u64]| rows.iter().map(|row| ("first".to_owned(), *row)).collect::<Vec<_>>();
    vault.erase(&ada, &rows(&[7, 2]), time("2026-01-05T01:02:03Z")).unwrap();
    vault.erase(&bo, &rows(&[5, 1]), time("2026-01-05T14:15:16Z")).unwrap();
    let recalls = vault.recalls().unwrap();
    assert!(recalls.iter().all(|recall| recall.recalled_on == "2026-01-05"), "{recalls:?}");
    drop(vault);
    let stored = place.rows("SELECT row_number, recorded_day FROM recall");
    let day = time("2026-01-05T00:00:00Z").day();
    let expected = [1, 2, 5, 7].map(|row| vec![Cell::Number(row), Cell::Number(day)]);
    assert_eq!(stored, expected, "in the order of their numbers, as stored");
    if place.database.url().starts_with("postgres:") {
        let writers = place.rows("SELECT COUNT(DISTINCT xmin::TEXT) FROM recall");
        assert_eq!(writers, [[Cell::Number(1)]], "no row tells which transaction wrote it");
    }
}
