//! The state map: everybody can prove where their choice stood, or that they made none, and nobody anything else.

use std::collections::HashMap;

use candor_consent::receipt::Receipt;
use candor_consent::states::{StateProofError, verify};
use candor_consent::{Purpose, State};
use candor_conversation::{SubjectId, Tier, Timestamp};
use candor_tlog::note::VerifierKey;
use candor_vault::{Act, Profile, StateError, Vault};
use proptest::prelude::*;
use serde_json::Value;

use super::place::{Place, person, tenant, time};

fn keys(vault: &Vault) -> (VerifierKey, VerifierKey) {
    let text = vault.public_keys();
    let mut lines = text.lines().map(|line| line.parse().unwrap());
    (lines.next().unwrap(), lines.next().unwrap())
}

fn enrolment(vault: &Vault, name: &str) -> Receipt {
    vault.receipts(&person(vault, name)).unwrap().remove(0)
}

fn act(vault: &Vault, subject: SubjectId, purpose: Purpose, (state, at): (State, Timestamp)) -> Act {
    let (notice, _) = vault.notice(None, at).unwrap();
    Act { subject, purpose, state, notice, effective_at: at, attested_by: None, evidence: None }
}

fn shown(vault: &Vault, proof: &Value) -> Option<State> {
    let (operator, log) = keys(vault);
    verify(proof, Some((&operator, &log))).unwrap().stated.map(|stated| stated.state)
}

#[test]
fn a_person_proves_each_state_at_its_epoch_and_that_there_was_none() {
    let mut place = Place::new();
    let mut vault = place.open();
    let ada = enrolment(&vault, "ada");
    vault.commit_states(time("2026-01-03T00:00:00Z"), &mut place.entropy).unwrap();
    assert!(!vault.states_changed().unwrap());
    let withdrawn = (State::Withdrawn, time("2026-01-04T00:00:00Z"));
    let withdrawal = act(&vault, person(&vault, "ada").id, Purpose::Train, withdrawn);
    vault.record(&[withdrawal], withdrawn.1, &mut place.entropy).unwrap();
    assert!(vault.states_changed().unwrap());
    vault.commit_states(time("2026-01-05T00:00:00Z"), &mut place.entropy).unwrap();
    let prove = |purpose, epoch| shown(&vault, &vault.prove_state(&ada, purpose, epoch, &[]).unwrap());
    assert_eq!(prove(Purpose::Train, Some(1)), Some(State::Given));
    assert_eq!(prove(Purpose::Train, None), Some(State::Withdrawn));
    assert_eq!(prove(Purpose::Publish, None), None);
    let unknown = vault.prove_state(&ada, Purpose::Train, Some(3), &[]).unwrap_err();
    assert!(matches!(unknown, StateError::UnknownEpoch(3)), "{unknown}");
}

#[test]
fn who_was_erased_proves_it_by_their_receipts_and_nobody_without_them() {
    let mut place = Place::new();
    let mut vault = place.open();
    vault.commit_states(time("2026-01-03T00:00:00Z"), &mut place.entropy).unwrap();
    let receipts = vault.receipts(&person(&vault, "ada")).unwrap();
    let ada = person(&vault, "ada");
    vault.erase(&ada, &[], time("2026-01-04T00:00:00Z")).unwrap();
    let alone = vault.prove_state(&receipts[0], Purpose::Train, None, &[]).unwrap_err();
    assert!(matches!(alone, StateError::Unopened { epoch: 1, .. }), "{alone}");
    let proof = vault.prove_state(&receipts[0], Purpose::Train, None, &receipts[1..]).unwrap();
    assert_eq!(shown(&vault, &proof), Some(State::Given));
}

#[test]
fn a_proof_shows_no_other_state_purpose_person_or_epoch() {
    let mut place = Place::new();
    let mut vault = place.open();
    let epoch = vault.commit_states(time("2026-01-03T00:00:00Z"), &mut place.entropy).unwrap();
    vault.commit_states(time("2026-01-04T00:00:00Z"), &mut place.entropy).unwrap();
    let keys = keys(&vault);
    let trusted = Some((&keys.0, &keys.1));
    let proof = |name, number| {
        vault.prove_state(&enrolment(&vault, name), Purpose::Train, Some(number), &[]).unwrap()
    };
    let (of_ada, of_bo, later) = (proof("ada", 1), proof("bo", 1), proof("ada", 2));
    assert_eq!(verify(&of_ada, trusted).unwrap().position, epoch.position);
    let with = |path: &str, value: Value| {
        let mut changed = of_ada.clone();
        *changed.pointer_mut(path).unwrap() = value;
        verify(&changed, trusted).unwrap_err()
    };
    assert!(matches!(with("/opening/state", "refused".into()), StateProofError::Opening));
    assert!(matches!(with("/opening/blind", "00".repeat(32).into()), StateProofError::Opening));
    assert!(matches!(with("/purpose", "publish".into()), StateProofError::Tree));
    assert!(matches!(with("/receipt", of_bo["receipt"].clone()), StateProofError::Tree));
    assert!(matches!(with("/epoch", later["epoch"].clone()), StateProofError::Tree));
    assert!(matches!(with("/epoch/entry/root", "11".repeat(32).into()), StateProofError::Log(_)));
    assert!(matches!(with("/opening", Value::Null), StateProofError::Shape("opening")));
    let cy = Profile { name: "cy".into(), tier: Tier::Consumer, region: None, age: None, called: Vec::new() };
    vault.enrol(&tenant(), &[cy], time("2026-01-05T00:00:00Z"), &mut place.entropy).unwrap();
    let late = vault.prove_state(&enrolment(&vault, "cy"), Purpose::Train, Some(1), &[]).unwrap();
    assert!(matches!(verify(&late, trusted), Err(StateProofError::EnrolledLate { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn every_epoch_shows_the_last_act_of_everybody_about_everything(
        steps in prop::collection::vec((0..3_usize, 0..5_usize, 0..State::ALL.len(), any::<bool>()), 1..24),
    ) {
        let mut place = Place::new();
        let mut vault = place.open();
        place.enrol(&mut vault, ["cy".to_owned()]);
        let names = ["ada", "bo", "cy"];
        let mut now = time("2026-01-03T00:00:00Z");
        let mut stands: HashMap<(usize, Purpose), State> = HashMap::new();
        for who in 0..names.len() {
            stands.extend([Purpose::History, Purpose::Train].map(|purpose| ((who, purpose), State::Given)));
        }
        let mut epochs = Vec::new();
        for (who, purpose, state, commit) in steps {
            now = now.plus_days(1);
            let (purpose, state) = (Purpose::ALL[purpose], State::ALL[state]);
            let subject = person(&vault, names[who]).id;
            let next = act(&vault, subject, purpose, (state, now));
            if vault.record(&[next], now, &mut place.entropy).is_ok() {
                stands.insert((who, purpose), state);
            }
            if commit {
                vault.commit_states(now, &mut place.entropy).unwrap();
                epochs.push(stands.clone());
            }
        }
        for (number, expected) in epochs.iter().enumerate() {
            for (who, name) in names.iter().enumerate() {
                for purpose in Purpose::ALL {
                    let epoch = Some(number as u64 + 1);
                    let proof = vault.prove_state(&enrolment(&vault, name), purpose, epoch, &[]).unwrap();
                    prop_assert_eq!(shown(&vault, &proof), expected.get(&(who, purpose)).copied());
                }
            }
        }
    }
}
