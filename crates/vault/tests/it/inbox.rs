//! Capture by a serving process: the same as capture, durable, and closed by an erasure.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use candor_consent::{Purpose, Reason, State};
use candor_conversation::{Kind, Part, Role, Timestamp, Turn};
use candor_vault::{Act, Appended, Capture, Defaults, Fresh, Inbox, KeyChain, Lowered, Spoken, Vault};
use proptest::prelude::*;

use super::place::{Place, person, tenant, time, wrapped_keys};
use super::speech::{
    Kept, SAID, conversation, entropy, everything, exchange, files, inbox, path, said, spoken, take_in, texts,
};

fn now() -> Timestamp {
    time("2026-01-04T00:00:10Z")
}

fn append(inbox: &mut Inbox, fresh: &[Fresh]) -> Appended {
    inbox.append(fresh, now()).unwrap()
}

fn withdraw(vault: &mut Vault, name: &str, purposes: &[Purpose]) {
    act(vault, name, (purposes, State::Withdrawn, time("2026-01-04T00:00:05Z")));
}

fn give(vault: &mut Vault, name: &str, purpose: Purpose) {
    act(vault, name, (&[purpose], State::Given, time("2026-01-04T00:00:06Z")));
}

fn act(vault: &mut Vault, name: &str, (purposes, state, then): (&[Purpose], State, Timestamp)) {
    let (notice, _) = vault.notice(None, then).unwrap();
    let subject = person(vault, name).id;
    let act = |purpose: &Purpose| Act {
        subject,
        purpose: *purpose,
        state,
        notice,
        effective_at: then,
        attested_by: None,
        evidence: None,
    };
    let acts: Vec<Act> = purposes.iter().map(act).collect();
    let seed = if state == State::Given { 8 } else { 9 };
    vault.record(&acts, then, &mut entropy(seed)).unwrap();
}

const BOTH: [Purpose; 2] = [Purpose::History, Purpose::Train];

/// All bytes of all files under a folder.
fn all_bytes(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        all.extend(if path.is_dir() { all_bytes(&path) } else { fs::read(&path).unwrap() });
    }
    all
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn an_exchange_is_in_the_vault_once_it_is_taken_in_and_never_in_the_clear() {
    let place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    let fresh = exchange(inbox.policy(), "ada", "canary-4711", 0);
    let appended = append(&mut inbox, &[fresh]);
    assert_eq!((appended.exchanges, appended.turns), (1, 2));
    assert_eq!(files(&place.root()), ["open"]);
    assert!(appended.bytes > 0 && !holds(&all_bytes(&place.root()), "canary-4711"));

    let mut vault = place.open();
    assert_eq!(take_in(&mut vault, now()).files, 0, "it is still written to");
    assert!(inbox.roll().unwrap() && !inbox.roll().unwrap());
    let absorbed = take_in(&mut vault, now());
    assert_eq!((absorbed.files, absorbed.turns, absorbed.damaged), (1, 2, 0));
    assert_eq!(files(&place.root()), [""; 0]);
    assert_eq!(
        texts(&vault),
        ["user says 0 in thread canary-4711", "assistant says 0 in thread canary-4711"]
    );
    assert!(!holds(&all_bytes(&place.root()), "canary-4711"));
}

#[cfg(unix)]
#[test]
fn nobody_else_on_the_machine_may_read_the_inbox() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    let fresh = exchange(inbox.policy(), "ada", "a", 0);
    append(&mut inbox, &[fresh]);
    for entry in fs::read_dir(place.root().join("inbox")).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn what_is_taken_back_or_erased_between_the_ruling_and_the_writing_is_not_written() {
    for erased in [false, true] {
        let place = Place::new();
        let mut inbox = inbox(&place.root(), 1);
        let fresh = [exchange(inbox.policy(), "ada", "a", 0)];
        let mut vault = place.open();
        let reason = if erased {
            vault.erase(&person(&vault, "ada"), &[], now()).unwrap();
            Reason::Erased
        } else {
            withdraw(&mut vault, "ada", &BOTH);
            Reason::Withdrawn
        };
        let appended = append(&mut inbox, &fresh);
        assert!(appended.policy_changed);
        assert_eq!((appended.turns, appended.bytes), (0, 0));
        assert!(appended.withheld.contains_key(&reason), "{appended:?}");
        assert_eq!(appended.withheld.values().sum::<u64>(), 2);
        assert_eq!(files(&place.root()), [""; 0], "not even a file is made");
    }
}

#[test]
fn a_purpose_that_was_not_among_what_the_person_was_told_is_not_kept() {
    let place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    let lowered = Spoken { lowered: Lowered::AllButHistory, ..spoken(time(SAID)) };
    let talk = path(&[('u', "hello"), ('a', "hi")]);
    let fresh = said(inbox.policy(), "ada", (&talk, 0), &lowered).unwrap();
    // Even where whoever appends forgets that the request lowered it.
    append(&mut inbox, &[Fresh { spoken: spoken(time(SAID)), ..fresh }]);
    inbox.roll().unwrap();
    let mut vault = place.open();
    take_in(&mut vault, now());
    for kept in everything(&vault).into_values() {
        let purposes: Vec<Purpose> = kept.turn.bindings.iter().map(|binding| binding.purpose).collect();
        assert_eq!(purposes, [Purpose::History]);
    }
}

#[test]
fn what_is_taken_back_before_it_is_taken_in_does_not_come_in() {
    let place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    let fresh: Vec<Fresh> =
        ["ada", "bo"].iter().map(|name| exchange(inbox.policy(), name, name, 0)).collect();
    assert_eq!(append(&mut inbox, &fresh).turns, 4);
    inbox.roll().unwrap();
    let mut vault = place.open();
    withdraw(&mut vault, "bo", &BOTH);
    let absorbed = take_in(&mut vault, now());
    assert_eq!((absorbed.turns, absorbed.withheld), (2, BTreeMap::from([(Reason::Withdrawn, 2)])));
    assert!(everything(&vault).values().all(|kept| kept.authors == [person(&vault, "ada").tag]));
}

#[test]
fn a_piece_is_taken_in_as_it_was_sealed_unless_something_of_it_may_not_be_kept_any_more() {
    for is_taken_back in [false, true] {
        let place = Place::new();
        let mut inbox = inbox(&place.root(), 1);
        let fresh = exchange(inbox.policy(), "ada", "a", 0);
        append(&mut inbox, &[fresh]);
        inbox.roll().unwrap();
        let written = all_bytes(&place.root().join("inbox"));
        let mut vault = place.open();
        if is_taken_back {
            withdraw(&mut vault, "ada", &[Purpose::Train]);
        }
        assert_eq!(take_in(&mut vault, now()).turns, 2);
        for piece in super::place::pieces(&vault).unwrap() {
            for sealed in [&piece.meta, &piece.text, &piece.wrapped_key] {
                let is_there = written.windows(sealed.len()).any(|window| window == sealed);
                assert_eq!(is_there, !is_taken_back);
            }
        }
        let has_train = |kept: Kept| kept.turn.bindings.iter().any(|bound| bound.purpose == Purpose::Train);
        assert!(everything(&vault).into_values().all(|kept| has_train(kept) != is_taken_back));
    }
}

#[test]
fn a_process_that_holds_everybody_takes_in_the_same_and_reads_again_who_changed_since() {
    for is_stale in [false, true] {
        let place = Place::new();
        let mut inbox = inbox(&place.root(), 1);
        let fresh: Vec<Fresh> =
            ["ada", "bo"].iter().map(|name| exchange(inbox.policy(), name, name, 0)).collect();
        append(&mut inbox, &fresh);
        inbox.roll().unwrap();
        let mut vault = place.open();
        if is_stale {
            withdraw(&mut vault, "ada", &BOTH);
            vault.erase(&person(&vault, "bo"), &[], now()).unwrap();
        }
        let absorbed = vault.absorb_inbox_of(inbox.policy(), now(), &mut entropy(2)).unwrap();
        let taken_back: u64 = absorbed.withheld.values().sum();
        assert_eq!(
            (absorbed.turns, taken_back, absorbed.erased),
            if is_stale { (0, 2, 2) } else { (4, 0, 0) }
        );
    }
}

#[test]
fn an_erasure_closes_the_inbox_at_once_and_nothing_of_it_comes_back() {
    let mut place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    let older = wrapped_keys(&place);
    let fresh: Vec<Fresh> =
        ["ada", "bo"].iter().map(|name| exchange(inbox.policy(), name, name, 0)).collect();
    assert_eq!(append(&mut inbox, &fresh).turns, 4);
    inbox.roll().unwrap();
    let mut vault = place.open();
    let bo = person(&vault, "bo");
    vault.erase(&bo, &[], now()).unwrap();
    vault.rotate_epoch(time("2026-01-07T00:00:00Z"), &mut place.entropy).unwrap();
    // No key that is left anywhere, with any copy of the catalogue, opens his key, from which the records hang.
    let keys = KeyChain::open(&place.root().join("keys")).unwrap();
    let (_, _, wrapped) = older.iter().find(|(id, ..)| id == bo.id.as_bytes()).unwrap();
    for epoch in keys.epochs() {
        assert!(keys.epoch(epoch).unwrap().unwrap(bo.id.as_bytes(), wrapped).is_err());
    }
    let report = vault.run_retention(now(), &mut place.entropy).unwrap();
    assert_eq!(report.turns_purged, 0);
    assert_eq!(files(&place.root()), [""; 0], "a retention run takes the inbox in, so that its bytes go");
    assert!(everything(&vault).values().all(|kept| !kept.authors.contains(&bo.tag)));
    assert_eq!(everything(&vault).len(), 2);
}

#[test]
fn what_is_sent_again_is_written_once() {
    let place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    let talk = path(&[('s', "be kind"), ('u', "hello"), ('a', "hi")]);
    let again = path(&[('s', "be kind"), ('u', "hello"), ('a', "good day")]);
    let fresh = |talk: &[Turn]| said(inbox.policy(), "ada", (talk, 1), &spoken(time(SAID))).unwrap();
    let group = [fresh(&talk), fresh(&again)];
    let appended = append(&mut inbox, &group);
    assert_eq!((appended.turns, appended.duplicates), (4, 2), "another answer, and nothing else");
    inbox.roll().unwrap();
    let mut vault = place.open();
    assert_eq!(take_in(&mut vault, now()).turns, 4);
    assert_eq!(texts(&vault), ["be kind", "hello", "good day", "hi"]);

    // Another process knows nothing of it, and the vault does.
    let mut other = Inbox::open(&place.root(), entropy(2)).unwrap();
    assert_eq!(append(&mut other, &group).turns, 4);
    other.roll().unwrap();
    let absorbed = take_in(&mut vault, now());
    assert_eq!((absorbed.turns, absorbed.duplicates), (0, 4));
    assert_eq!(everything(&vault).len(), 4);
}

#[test]
fn an_answer_stands_only_on_turns_that_were_kept() {
    let place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    let talk = path(&[('s', "be kind"), ('u', "not kept"), ('a', "one"), ('u', "kept"), ('a', "two")]);
    let fresh = said(inbox.policy(), "ada", (&talk, 3), &spoken(time(SAID))).unwrap();
    let appended = append(&mut inbox, &[fresh]);
    assert_eq!((appended.turns, &appended.withheld), (1, &BTreeMap::from([(Reason::AfterWithheld, 1)])));
    inbox.roll().unwrap();
    let mut vault = place.open();
    take_in(&mut vault, now());
    assert_eq!(texts(&vault), ["kept"]);
}

#[test]
fn a_conversation_goes_on_after_a_restart_from_what_is_in_the_vault() {
    let place = Place::new();
    let mut before = inbox(&place.root(), 1);
    let fresh = exchange(before.policy(), "ada", "a", 0);
    append(&mut before, &[fresh]);
    drop(before);
    let mut vault = place.open();
    assert_eq!(take_in(&mut vault, now()).turns, 2, "a file that its writer left is taken in");
    let mut after = inbox(&place.root(), 2);
    let fresh = exchange(after.policy(), "ada", "a", 1);
    assert_eq!(append(&mut after, &[fresh]).turns, 2);
}

#[test]
fn after_a_restart_an_answer_is_kept_for_no_more_than_the_turns_before_it_were() {
    // What the first turn was kept for, and whether its author took a yes back since and gave it again.
    for (lowered, is_regained) in
        [(Lowered::Nothing, false), (Lowered::AllButHistory, false), (Lowered::Nothing, true)]
    {
        let place = Place::new();
        let mut before = inbox(&place.root(), 1);
        let talk = path(&[('u', "one"), ('a', "first"), ('u', "two"), ('a', "second")]);
        let first = Spoken { lowered, ..spoken(time(SAID)) };
        let fresh = said(before.policy(), "ada", (&talk[..2], 0), &first).unwrap();
        append(&mut before, &[fresh]);
        drop(before);
        let mut vault = place.open();
        assert_eq!(take_in(&mut vault, now()).turns, 2);
        if is_regained {
            withdraw(&mut vault, "ada", &[Purpose::Train]);
            give(&mut vault, "ada", Purpose::Train);
        }
        let mut after = inbox(&place.root(), 2);
        let later = time("2026-01-04T00:00:09Z");
        let fresh = said(after.policy(), "ada", (&talk, 2), &spoken(later)).unwrap();
        assert_eq!(append(&mut after, &[fresh]).turns, 2);
        after.roll().unwrap();
        take_in(&mut vault, now());
        let purposes_of = |text: &str| -> Vec<Purpose> {
            let kept = everything(&vault).into_values().find(|kept| kept.parts == [Part::Text(text.into())]);
            kept.unwrap().turn.bindings.iter().map(|binding| binding.purpose).collect()
        };
        assert_eq!(purposes_of("two"), BOTH, "it is the person's own");
        let is_plain = lowered == Lowered::Nothing && !is_regained;
        assert_eq!(purposes_of("second"), if is_plain { &BOTH[..] } else { &BOTH[..1] });
    }
}

#[test]
fn the_results_of_tools_and_the_answers_to_them_stand_on_the_turn_that_asked() {
    let place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    let talk = path(&[('u', "weather?"), ('a', "calling"), ('t', "rain"), ('a', "take a coat")]);
    let at = |text: &str| spoken(time(text));
    let first = said(inbox.policy(), "ada", (&talk[..2], 0), &at(SAID)).unwrap();
    let later = said(inbox.policy(), "ada", (&talk, 2), &at("2026-01-04T00:00:02Z")).unwrap();
    assert_eq!(append(&mut inbox, &[first, later]).turns, 4);

    // A request that asks not to be used for training has its answer kept for the person alone.
    let talk = path(&[('u', "weather?"), ('a', "calling"), ('t', "sun"), ('a', "no coat")]);
    let lowered = Spoken { lowered: Lowered::AllButHistory, ..at("2026-01-04T00:00:03Z") };
    let fresh = said(inbox.policy(), "ada", (&talk, 2), &lowered).unwrap();
    assert_eq!(append(&mut inbox, &[fresh]).turns, 2);

    // A tool loop of which nobody remembers the question is not kept.
    let unknown = path(&[('u', "another"), ('a', "calling"), ('t', "snow"), ('a', "stay in")]);
    let fresh = said(inbox.policy(), "ada", (&unknown, 2), &at(SAID)).unwrap();
    let withheld = append(&mut inbox, &[fresh]).withheld;
    assert_eq!(withheld, BTreeMap::from([(Reason::AfterWithheld, 2)]));

    inbox.roll().unwrap();
    let mut vault = place.open();
    take_in(&mut vault, now());
    let trained: Vec<bool> = everything(&vault)
        .into_values()
        .filter(|kept| kept.parts == [Part::Text("no coat".into())] || kept.turn.role == Role::User)
        .map(|kept| kept.turn.bindings.iter().any(|binding| binding.purpose == Purpose::Train))
        .collect();
    assert!(trained.contains(&true) && trained.contains(&false) && trained.len() == 2, "{trained:?}");
}

#[test]
fn where_the_models_author_keeps_the_rights_only_the_persons_turn_is_kept() {
    let place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    let talk = path(&[('s', "be kind"), ('u', "hello"), ('a', "hi")]);
    let fresh = said(inbox.policy(), "ada", (&talk, 0), &spoken(time(SAID))).unwrap();
    let appended = append(&mut inbox, &[Fresh { reply_may_be_kept: false, ..fresh }]);
    assert_eq!((appended.turns, appended.left_out), (1, 2));
    inbox.roll().unwrap();
    let mut vault = place.open();
    take_in(&mut vault, now());
    assert_eq!(texts(&vault), ["hello"]);
}

#[test]
fn an_answer_that_broke_off_is_marked_and_the_others_are_not() {
    let place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    let mut talk = path(&[('u', "hello"), ('a', "h"), ('a', "good d")]);
    talk[2].parent = Some(0);
    let fresh = said(inbox.policy(), "ada", (&talk, 0), &spoken(time(SAID))).unwrap();
    assert_eq!(append(&mut inbox, &[Fresh { complete: false, ..fresh }]).turns, 3);
    inbox.roll().unwrap();
    let mut vault = place.open();
    take_in(&mut vault, now());
    for kept in everything(&vault).into_values() {
        assert_eq!(kept.turn.complete, kept.turn.role == Role::User);
        assert_eq!(kept.turn.parent.is_none(), kept.turn.role == Role::User);
    }
}

#[test]
fn nobody_writes_in_anothers_name_or_tenant() {
    let place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    let mut talk = path(&[('u', "hello"), ('a', "hi")]);
    talk[0].author = Some("bo".into());
    let fresh = |talk: &[Turn]| said(inbox.policy(), "ada", (talk, 0), &spoken(time(SAID))).unwrap();
    let elsewhere = Fresh { tenant: "other".parse().unwrap(), ..fresh(&path(&[('u', "x"), ('a', "y")])) };
    let group = [fresh(&talk), elsewhere];
    let appended = append(&mut inbox, &group);
    assert_eq!(appended.turns, 0);
    assert_eq!(appended.withheld, BTreeMap::from([(Reason::UnknownSubject, 3), (Reason::AfterWithheld, 1)]));
}

#[test]
fn a_file_cut_at_any_byte_gives_every_whole_record_and_no_error() {
    let place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    for name in ["ada", "bo"] {
        let fresh = exchange(inbox.policy(), name, name, 0);
        append(&mut inbox, &[fresh]);
    }
    inbox.roll().unwrap();
    let folder = place.root().join("inbox");
    let full = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&full).unwrap();
    fs::remove_file(&full).unwrap();
    let mut vault = place.open();
    let mut turns = 0;
    let mut grew = Vec::new();
    for cut in 0..=whole.len() {
        fs::write(folder.join("left.open"), &whole[..cut]).unwrap();
        let absorbed = take_in(&mut vault, now());
        assert_eq!((absorbed.files, absorbed.damaged, absorbed.duplicates), (1, 0, turns), "{cut}");
        if absorbed.turns > 0 {
            grew.push((cut, absorbed.turns));
        }
        turns += absorbed.turns;
    }
    assert_eq!(turns, 4);
    assert_eq!(grew.len(), 2, "{grew:?}");
    assert_eq!(grew[1], (whole.len(), 2), "the last record needs its last byte");
}

#[test]
fn a_file_that_was_ended_and_is_not_whole_is_told_about_and_set_aside() {
    let mut place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    for name in ["ada", "bo"] {
        let fresh = exchange(inbox.policy(), name, name, 0);
        append(&mut inbox, &[fresh]);
    }
    inbox.roll().unwrap();
    let full = fs::read_dir(place.root().join("inbox")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&full).unwrap();
    bytes[40] ^= 1;
    fs::write(&full, bytes).unwrap();
    let mut vault = place.open();
    let absorbed = take_in(&mut vault, now());
    assert_eq!((absorbed.turns, absorbed.damaged), (2, 1), "the other record is whole");
    assert_eq!(files(&place.root()), ["damaged"]);
    assert_eq!(take_in(&mut vault, now()).damaged, 0, "told once");
    vault.run_retention(now(), &mut place.entropy).unwrap();
    assert_eq!(files(&place.root()), [""; 0]);
}

#[test]
fn two_serving_processes_share_a_data_directory_with_commands() {
    let place = Place::new();
    let (mut one, mut two) = (inbox(&place.root(), 1), inbox(&place.root(), 2));
    let mut turns = 0;
    for number in 0..4 {
        for (inbox, name) in [(&mut one, "ada"), (&mut two, "bo")] {
            let fresh = exchange(inbox.policy(), name, name, number);
            turns += append(inbox, &[fresh]).turns;
        }
        assert!(one.roll().unwrap());
        let mut vault = place.open();
        assert_eq!(take_in(&mut vault, now()).turns, 2, "the other's file is left alone");
    }
    assert_eq!(turns, 16);
    drop(two);
    let mut vault = place.open();
    assert_eq!(take_in(&mut vault, now()).turns, 8);
    assert_eq!(everything(&vault).len(), 16);
}

#[test]
fn a_record_that_was_forged_keeps_nothing_else_out() {
    use sha2::{Digest, Sha256};
    let place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    for name in ["ada", "bo"] {
        let fresh = exchange(inbox.policy(), name, name, 0);
        append(&mut inbox, &[fresh]);
    }
    inbox.roll().unwrap();
    let full = fs::read_dir(place.root().join("inbox")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&full).unwrap();
    // Length, check, content: the last byte of the first record's sealed text, with a check that is right.
    let length = u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;
    bytes[20 + length - 1] ^= 1;
    let check = Sha256::new_with_prefix(&bytes[..4]).chain_update(&bytes[20..20 + length]).finalize();
    bytes[4..20].copy_from_slice(&check[..16]);
    fs::write(&full, bytes).unwrap();
    let mut vault = place.open();
    let absorbed = take_in(&mut vault, now());
    assert_eq!((absorbed.turns, absorbed.damaged, absorbed.files), (2, 1, 1));
    assert_eq!(files(&place.root()), [""; 0]);
}

#[test]
fn more_files_than_a_process_may_open_at_once_are_taken_in() {
    let place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    for number in 0..150 {
        let fresh = exchange(inbox.policy(), "ada", "a", number % 75);
        append(&mut inbox, &[fresh]);
        inbox.roll().unwrap();
    }
    let mut vault = place.open();
    let absorbed = take_in(&mut vault, now());
    assert_eq!((absorbed.files, absorbed.turns), (150, 150));
    assert_eq!(absorbed.duplicates, 75, "answers that were given again");
    assert_eq!(files(&place.root()), [""; 0]);
}

#[test]
fn taking_in_often_leaves_few_files() {
    let place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    let mut vault = place.open();
    for number in 0..30 {
        let fresh = exchange(inbox.policy(), "ada", "a", number);
        append(&mut inbox, &[fresh]);
        inbox.roll().unwrap();
        assert_eq!(take_in(&mut vault, now()).turns, 2);
        assert_eq!(vault.holdings().unwrap().segments, 1);
    }
    assert_eq!(everything(&vault).len(), 60);
    assert_eq!(fs::read_dir(place.root().join("objects/segments")).unwrap().count(), 1);
}

#[test]
fn a_group_that_could_not_be_written_is_written_when_it_is_given_again() {
    let place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    let fresh = [exchange(inbox.policy(), "ada", "a", 0)];
    let folder = place.root().join("inbox");
    fs::remove_dir(&folder).unwrap();
    let error = inbox.append(&fresh, now()).unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    fs::create_dir(&folder).unwrap();
    let appended = append(&mut inbox, &fresh);
    assert_eq!((appended.turns, appended.duplicates), (2, 0), "it was not taken for written");
}

#[test]
fn a_command_that_is_given_an_earlier_time_loses_nothing() {
    let place = Place::new();
    let mut inbox = inbox(&place.root(), 1);
    let fresh = exchange(inbox.policy(), "ada", "a", 0);
    append(&mut inbox, &[fresh]);
    inbox.roll().unwrap();
    assert_eq!(take_in(&mut place.open(), time("2026-01-01T00:00:00Z")).turns, 2);
}

/// What a random conversation is made of.
#[derive(Clone, Debug)]
struct Step {
    /// Whether a person speaks, or the results of a tool are sent.
    is_said: bool,
    lowered: bool,
    days_later: u32,
    tier: Option<candor_conversation::Tier>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    use candor_conversation::Tier;
    let tier = prop_oneof![Just(None), Just(Some(Tier::Consumer)), Just(Some(Tier::Business))];
    let step = (prop::bool::weighted(0.7), prop::bool::weighted(0.2), 0..40u32, tier);
    let step =
        step.prop_map(|(is_said, lowered, days_later, tier)| Step { is_said, lowered, days_later, tier });
    prop::collection::vec(step, 1..7).prop_map(|mut steps: Vec<Step>| {
        steps[0].is_said = true;
        // The results of tools come through the account that the question came through. Where they do not, the inbox
        // keeps less: an import does not know that they were a request of their own.
        for index in 1..steps.len() {
            if !steps[index].is_said {
                steps[index].tier = steps[index - 1].tier;
            }
        }
        steps
    })
}

/// The conversation as an import sees it afterwards, and where each step ends.
fn talk(name: &str, steps: &[Step], has_opening: bool) -> (Vec<Turn>, Vec<(usize, Timestamp)>) {
    let mut turns = if has_opening { path(&[('s', "be kind")]) } else { Vec::new() };
    let mut at = time(SAID);
    let mut ends = Vec::new();
    for turn in &mut turns {
        turn.at = Some(at.plus_days(steps[0].days_later));
    }
    for step in steps {
        at = at.plus_days(step.days_later);
        for role in [if step.is_said { Role::User } else { Role::Tool }, Role::Assistant] {
            let number = turns.len();
            let parts = vec![Part::Text(format!("text {number}"))];
            let mut turn = Turn::new(format!("t{number}"), number.checked_sub(1), role, parts);
            turn.at = Some(at);
            turn.author = (role == Role::User).then(|| name.to_owned());
            turn.opted_out = step.lowered && role == Role::User;
            turn.tier = step.tier;
            turns.push(turn);
        }
        ends.push((turns.len(), at));
    }
    (turns, ends)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn what_goes_through_the_inbox_is_what_an_import_of_the_same_conversation_keeps(
        steps in steps(), has_opening: bool, name in prop_oneof![Just("ada"), Just("cy"), Just("di")],
        restarts: bool,
    ) {
        let world = || {
            let mut place = Place::new();
            let mut vault = place.open();
            place.enrol(&mut vault, ["cy".to_owned(), "di".to_owned()]);
            let then = time("2026-01-03T00:00:00Z");
            let (notice, _) = vault.notice(None, then).unwrap();
            for (name, purposes) in [("cy", &[Purpose::Train][..]), ("di", &BOTH)] {
                let subject = person(&vault, name).id;
                let act = |purpose: &Purpose| Act {
                    subject, purpose: *purpose, state: State::Withdrawn, notice, effective_at: then, attested_by: None, evidence: None,
                };
                let acts: Vec<Act> = purposes.iter().map(act).collect();
                vault.record(&acts, then, &mut place.entropy).unwrap();
            }
            (place, vault)
        };
        let (turns, ends) = talk(name, &steps, has_opening);
        let last = ends.last().unwrap().1;

        let (mut place, mut vault) = world();
        let defaults = Defaults {
            tenant: tenant(), author: None, tier: None, region: None, age: None, said_at: None,
        };
        let mut capture = Capture::begin(&mut vault, defaults, last, &mut place.entropy).unwrap();
        capture.add(vec![conversation(turns.clone())]).unwrap();
        capture.commit(None).unwrap();
        let imported = everything(&vault);

        let (other, mut vault) = world();
        let mut inbox = inbox(&other.root(), 3);
        let mut from = 0;
        for (step, (end, at)) in steps.iter().zip(&ends) {
            let spoken = Spoken {
                lowered: if step.lowered && step.is_said { Lowered::Everything } else { Lowered::Nothing },
                tier: step.tier,
                ..spoken(*at)
            };
            if let Ok(fresh) = said(inbox.policy(), name, (&turns[..*end], from), &spoken) {
                inbox.append(&[fresh], *at).unwrap();
            }
            from = *end;
            // A tool loop after a restart is not kept, for nobody remembers under what its question was kept.
            if restarts && steps.iter().all(|step| step.is_said) {
                inbox.roll().unwrap();
                take_in(&mut vault, *at);
                inbox = Inbox::open(&other.root(), entropy(from as u8)).unwrap();
            }
        }
        inbox.roll().unwrap();
        take_in(&mut vault, last);
        let mut captured = everything(&vault);
        if restarts {
            // How long a question is kept that only the vault knows is known by the day, rounded down.
            for (reference, captured) in &mut captured {
                let promised = imported.get(reference).map_or(0, |imported| imported.expires_day);
                prop_assert!((0..8).contains(&(promised - captured.expires_day)));
                captured.expires_day = promised;
            }
        }
        // Both worlds were made with the same keys and ids.
        prop_assert_eq!(captured, imported);
    }
}
