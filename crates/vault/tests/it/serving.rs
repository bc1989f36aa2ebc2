//! What decides, read beside the process that has the vault.

use candor_consent::{Notice, NoticeVersion, Purpose, Reason, State, examples};
use candor_conversation::{Age, Kind, Tier};
use candor_vault::{Act, Author, Live, Lowered, Policy, Profile, Spoken, Vault, VaultError};

use super::place::{Place, person, tenant, time};
use super::speech::{SAID, spoken};

fn ruling(policy: &Policy, name: &str, spoken: &Spoken) -> Result<Vec<Purpose>, Reason> {
    let permits = policy.rule(&policy.author(&tenant(), name), spoken)?;
    Ok(permits.all().iter().map(|permit| permit.purpose()).collect())
}

fn act(vault: &mut Vault, place: &mut Place, name: &str, purpose: Purpose, state: State) {
    let now = time("2026-01-03T00:00:00Z");
    let (notice, _) = vault.notice(None, now).unwrap();
    let subject = person(vault, name).id;
    let act = Act { subject, purpose, state, notice, effective_at: now, attested_by: None, evidence: None };
    vault.record(&[act], now, &mut place.entropy).unwrap();
}

#[test]
fn a_policy_is_read_while_another_process_has_the_vault_and_names_who_is_who() {
    let place = Place::new();
    let mut held = place.open();
    held.erase(&person(&held, "bo"), &[], time(SAID)).unwrap();
    let policy = Live::open(&place.root()).unwrap().policy().unwrap();
    let said = spoken(time(SAID));
    assert_eq!(ruling(&policy, "ada", &said), Ok(vec![Purpose::History, Purpose::Train]));
    assert_eq!(ruling(&policy, "bo", &said), Err(Reason::Erased));
    assert_eq!(ruling(&policy, "cy", &said), Err(Reason::UnknownSubject));
    assert!(matches!(policy.author(&"other".parse().unwrap(), "ada"), Author::Nobody), "another tenant's");
    assert_eq!(policy.people_count(), 2);
}

#[test]
fn a_request_only_lowers_what_its_author_agreed_to() {
    let place = Place::new();
    let policy = Live::open(&place.root()).unwrap().policy().unwrap();
    let said = spoken(time(SAID));
    let lowered = |lowered| ruling(&policy, "ada", &Spoken { lowered, ..said.clone() });
    assert_eq!(lowered(Lowered::AllButHistory), Ok(vec![Purpose::History]));
    assert_eq!(lowered(Lowered::Everything), Err(Reason::OptedOut));
    let minor = Spoken { age: Some(Age::at_least(15)), ..said.clone() };
    assert_eq!(ruling(&policy, "ada", &minor), Err(Reason::UnderAge));
    let at_work = Spoken { tier: Some(Tier::Business), ..said.clone() };
    assert_eq!(ruling(&policy, "ada", &at_work), Err(Reason::NoContract));
    let earlier = spoken(time("2026-01-01T12:00:00Z"));
    assert_eq!(ruling(&policy, "ada", &Spoken { now: said.now, ..earlier }), Err(Reason::BeforeConsent));
}

#[test]
fn a_refresh_sees_every_kind_of_change_and_nothing_where_there_is_none() {
    let mut place = Place::new();
    let mut vault = place.open();
    let mut live = Live::open(&place.root()).unwrap();
    let mut policy = live.policy().unwrap();
    let said = spoken(time(SAID));
    let mut check = |vault: &Vault, what: &str, name: &str, expected: Result<Vec<Purpose>, Reason>| {
        let before = policy.clone();
        assert!(live.refresh(&mut policy).unwrap(), "{what}");
        assert_eq!(ruling(&policy, name, &said), expected, "{what}");
        assert_ne!(ruling(&before, name, &said), expected, "{what}: a clone stays as it is");
        assert!(!live.refresh(&mut policy).unwrap(), "{what}: once");
        let whole = Live::open(vault.root()).unwrap().policy().unwrap();
        for name in ["ada", "bo", "cy"] {
            assert_eq!(ruling(&policy, name, &said), ruling(&whole, name, &said), "{what}: {name}");
        }
        assert_eq!(policy.people_count(), whole.people_count());
    };
    place.enrol(&mut vault, ["cy".to_owned()]);
    check(&vault, "enrolment and consent", "cy", Ok(vec![Purpose::History, Purpose::Train]));
    act(&mut vault, &mut place, "ada", Purpose::Train, State::Withdrawn);
    check(&vault, "withdrawal", "ada", Ok(vec![Purpose::History]));
    let bo = person(&vault, "bo");
    vault.change_tier(&bo, Tier::Business, &mut place.entropy).unwrap();
    check(&vault, "tier", "bo", Err(Reason::NoContract));
    vault.set_contract(&tenant(), &[Purpose::Train]).unwrap();
    check(&vault, "contract", "bo", Ok(vec![Purpose::Train]));
    let younger = Profile {
        name: "cy".into(),
        tier: Tier::Consumer,
        region: None,
        age: Some(Age::at_least(12)),
        called: Vec::new(),
    };
    vault.enrol(&tenant(), &[younger], time("2026-01-03T00:00:00Z"), &mut place.entropy).unwrap();
    check(&vault, "profile", "cy", Err(Reason::UnderAge));
    let mut next = Notice::parse(examples::OURS).unwrap();
    next.version = NoticeVersion(2);
    next.effective_at = time("2026-01-03T12:00:00Z");
    next.purposes.remove(&Purpose::History);
    vault.publish_notice(&next, time("2026-01-03T00:00:00Z")).unwrap();
    check(&vault, "notice", "ada", Err(Reason::Withdrawn));
    vault.erase(&bo, &[], time(SAID)).unwrap();
    check(&vault, "erasure", "bo", Err(Reason::Erased));
}

#[test]
fn a_rotation_keeps_nobody_from_being_read() {
    let mut place = Place::new();
    let mut vault = place.open();
    let mut live = Live::open(&place.root()).unwrap();
    let mut policy = live.policy().unwrap();
    vault.rotate_epoch(time("2026-01-07T00:00:00Z"), &mut place.entropy).unwrap();
    assert!(!live.refresh(&mut policy).unwrap(), "it changes nothing that decides");
    act(&mut vault, &mut place, "ada", Purpose::Train, State::Withdrawn);
    assert!(live.refresh(&mut policy).unwrap());
    assert_eq!(ruling(&policy, "ada", &spoken(time(SAID))), Ok(vec![Purpose::History]));
}

#[test]
fn a_reader_keeps_no_erasure_waiting() {
    let place = Place::new();
    let mut vault = place.open();
    let mut live = Live::open(&place.root()).unwrap();
    let mut policy = live.policy().unwrap();
    vault.erase(&person(&vault, "ada"), &[], time(SAID)).unwrap();
    let log = std::fs::metadata(place.root().join("catalogue.sqlite-wal"));
    assert_eq!(log.map_or(0, |log| log.len()), 0, "no copy of what was deleted is left");
    live.refresh(&mut policy).unwrap();
    assert!(matches!(policy.author(&tenant(), "ada"), Author::Erased));
}

#[test]
fn a_catalogue_of_another_version_is_left_as_it_is() {
    let place = Place::new();
    let added = "INSERT INTO schema_version SELECT 99, name, digest, program FROM schema_version";
    let changed = "DELETE FROM schema_version WHERE number = 99; \
                   UPDATE schema_version SET digest = (SELECT id FROM notice)";
    for (tampering, expected) in [(added, "use the newer program"), (changed, "step 1 of its schema")] {
        place.tamper(tampering);
        for error in [Live::open(&place.root()).err(), Vault::open(&place.root()).err()] {
            let error = error.unwrap();
            assert!(error.to_string().contains(expected), "{error}");
            assert_eq!(error.kind(), Kind::Invalid);
        }
    }
}

#[test]
fn who_finds_the_vault_taken_waits_until_it_is_free() {
    let place = Place::new();
    let held = place.open();
    assert!(matches!(Vault::open_now(&place.root()), Err(VaultError::Lock(_))));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| Vault::open(&place.root()).map(drop));
        drop(held);
        waiting.join().unwrap().unwrap();
    });
}
