//! Keys that die, pieces that close, bytes that change.

use std::fs;
use std::time::Duration;

use candor_conversation::Kind;
use candor_vault::{Capture, Decompressor, Entropy, Epoch, Key, KeyChain, PieceError, Vault};

use super::place::{Place, TURNS, defaults, only_segment, person, pieces, time, wrapped_keys};

fn filled() -> Place {
    let mut place = Place::new();
    let mut vault = place.open();
    let now = time("2026-01-05T00:00:00Z");
    let mut capture = Capture::begin(&mut vault, defaults(), now, &mut place.entropy).unwrap();
    assert_eq!(capture.add(super::place::threads()).unwrap().imported, TURNS);
    capture.commit(None).unwrap();
    place
}

#[test]
fn no_key_that_exists_after_a_rotation_unwraps_a_key_of_an_older_catalogue() {
    let mut place = filled();
    let older = wrapped_keys(&place);
    let mut vault = place.open();
    let (ada, bo) = (person(&vault, "ada"), person(&vault, "bo"));
    vault.erase(&ada, &[], time("2026-01-06T00:00:00Z")).unwrap();
    let epoch = vault.rotate_epoch(time("2026-01-07T00:00:00Z"), &mut place.entropy).unwrap();
    assert_eq!(person(&vault, "bo").key.as_bytes(), bo.key.as_bytes(), "wrapped again, the same key");
    drop(vault);

    let keys = KeyChain::open(&place.root().join("keys")).unwrap();
    assert_eq!(keys.epochs(), [epoch]);
    assert_eq!(keys.epoch(Epoch(1)).unwrap_err().kind(), Kind::Corrupt);
    assert_eq!(older.len(), 2);
    for (id, wrapped_in, wrapped) in older {
        assert_eq!(wrapped_in, Epoch(1));
        for existing in keys.epochs() {
            assert!(keys.epoch(existing).unwrap().unwrap(&id, &wrapped).is_err());
        }
    }
}

#[test]
fn an_epoch_key_that_a_crash_left_condemned_keeps_nothing_shut_and_goes() {
    let place = filled();
    let keys = place.root().join("keys");
    for half_gone in [&[0; 72][..], &[]] {
        fs::write(keys.join("epoch-000000.condemned"), half_gone).unwrap();
        drop(place.open());
        assert!(!keys.join("epoch-000000.condemned").exists());
    }
}

#[test]
fn a_rotation_that_was_cut_short_is_finished_when_the_vault_is_opened() {
    let mut place = filled();
    let keys = place.root().join("keys");
    let first = fs::read(keys.join("epoch-000001.key")).unwrap();
    place.open().rotate_epoch(time("2026-01-07T00:00:00Z"), &mut place.entropy).unwrap();
    // As if it had been killed before it destroyed the old key.
    fs::write(keys.join("epoch-000001.key"), first).unwrap();
    drop(place.open());
    assert!(!keys.join("epoch-000001.key").exists());
    // As if it had been killed before anything was wrapped again: both keys stay, the older one is in use.
    let mut chain = KeyChain::open(&keys).unwrap();
    chain.add_epoch(Epoch(3), &mut place.entropy).unwrap();
    let vault = place.open();
    assert!(keys.join("epoch-000002.key").exists());
    person(&vault, "ada");
}

#[test]
fn a_reply_to_two_people_opens_only_with_both_their_keys() {
    let place = filled();
    let vault = place.open();
    let (ada, bo) = (person(&vault, "ada"), person(&vault, "bo"));
    let pieces = pieces(&vault).unwrap();
    let joint: Vec<_> = pieces.iter().filter(|piece| piece.authors.len() == 2).collect();
    assert_eq!(joint.len(), 1);
    let in_order = |tag| if tag == ada.tag { &ada.key } else { &bo.key };
    let keys: Vec<&Key> = joint[0].authors.iter().map(|tag| in_order(*tag)).collect();
    let mut decompressor = Decompressor::new().unwrap();
    assert_eq!(joint[0].open(&keys, &mut decompressor).unwrap().turns.len(), 1);
    let other = Key::random(&mut Entropy::from_seed([9; 32]));
    for wrong in [[keys[0], &other], [&other, keys[1]], [keys[1], keys[0]]] {
        assert!(matches!(joint[0].open(&wrong, &mut decompressor), Err(PieceError::Sealed(_))));
    }
    for wrong in [&keys[..1], &keys[1..], &[]] {
        assert!(joint[0].open(wrong, &mut decompressor).is_err());
    }
}

#[test]
fn a_segment_with_any_byte_changed_or_cut_is_not_read() {
    let place = filled();
    let vault = place.open();
    let path = only_segment(&place.root());
    let whole = fs::read(&path).unwrap();
    for at in (0..whole.len()).step_by(13) {
        let mut changed = whole.clone();
        changed[at] ^= 0x20;
        fs::write(&path, changed).unwrap();
        let error = pieces(&vault).unwrap_err();
        assert_eq!(error.kind(), Kind::Corrupt, "byte {at}: {error}");
    }
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(pieces(&vault).unwrap_err().kind(), Kind::Corrupt);
    fs::write(&path, whole).unwrap();
    pieces(&vault).unwrap();
}

#[test]
fn two_processes_do_not_work_on_one_vault() {
    let place = filled();
    let held = place.open();
    let error = Vault::open_within(&place.root(), Duration::from_millis(50)).err().unwrap();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.to_string().contains("in use by another candor process"), "{error}");
    drop(held);
    place.open();
}
