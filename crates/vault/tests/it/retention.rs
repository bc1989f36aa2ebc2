//! What a retention run drops, purges and dates anew.

use candor_consent::{Notice, Purpose, State, examples};
use candor_conversation::{Age, Tier, Timestamp};
use candor_testbed::Cell;
use candor_vault::{Act, Capture, Entropy, Profile, RetentionReport, Vault};

use super::place::{Place, TURNS, defaults, person, pieces, tenant, time};

const CAPTURED: &str = "2026-01-05T00:00:00Z";

fn filled() -> Place {
    captured(Place::new())
}

fn captured(mut place: Place) -> Place {
    let mut vault = place.open();
    let mut capture = Capture::begin(&mut vault, defaults(), time(CAPTURED), &mut place.entropy).unwrap();
    assert_eq!(capture.add(super::place::threads()).unwrap().imported, TURNS);
    capture.commit(None).unwrap();
    place
}

fn withdraw(vault: &mut Vault, purpose: Purpose, at: Timestamp, entropy: &mut Entropy) {
    let (notice, _) = vault.notice(None, at).unwrap();
    let subject = person(vault, "ada").id;
    let act = Act {
        subject,
        purpose,
        state: State::Withdrawn,
        notice,
        effective_at: at,
        attested_by: None,
        evidence: None,
    };
    vault.record(&[act], at, entropy).unwrap();
}

fn expiry_of(vault: &Vault, name: &str) -> Vec<i64> {
    let tag = person(vault, name).tag;
    let own = pieces(vault).unwrap().into_iter().filter(|piece| piece.authors == [tag]);
    own.map(|piece| piece.expires_day).collect()
}

#[test]
fn a_run_with_a_clock_ahead_overlooks_no_later_withdrawal() {
    let mut place = filled();
    let mut vault = place.open();
    assert_eq!(
        vault.run_retention(time("2026-02-20T00:00:00Z"), &mut place.entropy).unwrap().turns_purged,
        0
    );
    let then = time("2026-01-10T00:00:00Z");
    for purpose in [Purpose::History, Purpose::Train] {
        withdraw(&mut vault, purpose, then, &mut place.entropy);
    }
    let report = vault.run_retention(time("2026-01-11T00:00:00Z"), &mut place.entropy).unwrap();
    assert!(report.turns_purged > 0, "{report:?}");
    assert_eq!(expiry_of(&vault, "ada"), Vec::<i64>::new());
    let again = vault.run_retention(time("2026-01-11T00:00:00Z"), &mut place.entropy).unwrap();
    assert_eq!(again, RetentionReport::default(), "each act is seen once");
}

#[test]
fn when_the_longest_purpose_is_taken_back_the_text_goes_when_the_remaining_one_ends() {
    let mut notice = Notice::parse(examples::OURS).unwrap();
    notice.purposes.get_mut(&Purpose::Train).unwrap().retention_days = 200;
    notice.purposes.get_mut(&Purpose::History).unwrap().retention_days = 40;
    let mut place = captured(Place::under(&notice));
    let mut vault = place.open();
    let before = expiry_of(&vault, "ada");
    let bo = expiry_of(&vault, "bo");
    withdraw(&mut vault, Purpose::Train, time("2026-01-10T00:00:00Z"), &mut place.entropy);
    let report = vault.run_retention(time("2026-01-11T00:00:00Z"), &mut place.entropy).unwrap();
    assert_eq!((report.turns_purged, report.segments_rewritten), (0, 1), "{report:?}");
    let promised = time("2026-01-04T00:00:00Z").plus_days(40);
    let after = expiry_of(&vault, "ada");
    assert_eq!(after.len(), before.len());
    assert!(after.iter().all(|day| *day <= promised.day()), "{after:?}, promised {}", promised.day());
    assert_eq!(expiry_of(&vault, "bo"), bo, "nobody else's term changed");
    let report = vault.run_retention(promised, &mut place.entropy).unwrap();
    assert!(report.turns_expired > 0, "{report:?}");
    assert_eq!(expiry_of(&vault, "ada"), Vec::<i64>::new(), "dropped when the remaining promise ends");
}

#[test]
fn what_is_learned_of_a_person_later_purges_what_they_said_before() {
    for learned in [(Tier::Consumer, Some(Age::at_least(9))), (Tier::Business, None)] {
        let mut place = filled();
        let mut vault = place.open();
        let (tier, age) = learned;
        let profile = Profile { name: "ada".into(), tier, region: None, age, called: Vec::new() };
        let then = time("2026-01-10T00:00:00Z");
        vault.enrol(&tenant(), &[profile], then, &mut place.entropy).unwrap();
        let report = vault.run_retention(then, &mut place.entropy).unwrap();
        assert!(report.turns_purged > 0, "{learned:?}: {report:?}");
        assert_eq!(expiry_of(&vault, "ada"), Vec::<i64>::new(), "{learned:?}");
        assert!(!expiry_of(&vault, "bo").is_empty());
    }
}

#[test]
fn a_contract_that_ends_purges_what_rested_on_it() {
    let mut place = Place::new();
    let mut vault = place.open();
    vault.set_contract(&tenant(), &[Purpose::History, Purpose::Train]).unwrap();
    let profile =
        Profile { name: "ada".into(), tier: Tier::Business, region: None, age: None, called: Vec::new() };
    vault.enrol(&tenant(), &[profile], time(CAPTURED), &mut place.entropy).unwrap();
    let mut capture = Capture::begin(&mut vault, defaults(), time(CAPTURED), &mut place.entropy).unwrap();
    capture.add(super::place::threads()).unwrap();
    capture.commit(None).unwrap();
    assert!(!expiry_of(&vault, "ada").is_empty());
    vault.set_contract(&tenant(), &[]).unwrap();
    vault.run_retention(time("2026-01-10T00:00:00Z"), &mut place.entropy).unwrap();
    assert_eq!(expiry_of(&vault, "ada"), Vec::<i64>::new());
    assert!(!expiry_of(&vault, "bo").is_empty(), "a contract decides about its organisation's accounts only");
}

#[test]
fn after_the_purge_a_tombstone_names_no_ciphertext() {
    let mut place = filled();
    let mut vault = place.open();
    let ada = person(&vault, "ada");
    vault.erase(&ada, &[], time("2026-01-10T00:00:00Z")).unwrap();
    vault.run_retention(time("2026-01-11T00:00:00Z"), &mut place.entropy).unwrap();
    drop(vault);
    let left = place.rows("SELECT COUNT(*), COUNT(tag) FROM tombstone");
    assert_eq!(left, [[Cell::Number(1), Cell::Number(0)]]);
}
