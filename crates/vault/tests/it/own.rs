//! What a person sees of their own beside the process that has the vault.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use candor_consent::{AccessPermit, Purpose, Reason, State};
use candor_conversation::{Conversation, Kind, Part, Timestamp};
use candor_vault::{
    Act, Author, Capture, CaptureCounts, ConversationKey, Live, Look, Own, OwnList, OwnOpened, OwnSummary,
    Person, Policy, Vault, VaultError, Wanted,
};

use super::place::{
    Place, TURNS, defaults, only_segment, person, pieces, tenant, test_named, thread, threads, time,
};
use super::speech::{SAID, entropy, exchange, inbox, take_in};

const CAPTURED: &str = "2026-01-05T00:00:00Z";
const ALL: Wanted = Wanted { purpose: None, skip: 0, limit: 100 };

fn capture(place: &mut Place, conversations: Vec<Conversation>) {
    let mut vault = place.open();
    let mut capture = Capture::begin(&mut vault, defaults(), time(CAPTURED), &mut place.entropy).unwrap();
    capture.add(conversations).unwrap();
    capture.commit(None).unwrap();
}

/// Whoever looks, as of a time.
struct Looking<'a> {
    own: &'a Own,
    policy: Policy,
    name: &'static str,
    at: Timestamp,
}

impl<'a> Looking<'a> {
    fn new(place: &Place, own: &'a Own, name: &'static str) -> Self {
        let policy = Live::open(&place.root()).unwrap().policy().unwrap();
        Self { own, policy, name, at: time(CAPTURED) }
    }

    fn person(&self, name: &str) -> Arc<Person> {
        let Author::Person(person) = self.policy.author(&tenant(), name) else { panic!("not enrolled") };
        person
    }

    fn look<T>(&self, look: impl FnOnce(Look<'_>) -> T) -> T {
        let person = self.person(self.name);
        let permit = AccessPermit::for_own(person.subject.id, person.subject.id).unwrap();
        look(Look { person: &person, permit: &permit, policy: &self.policy, now: self.at })
    }

    fn try_list(&self, wanted: Wanted) -> Result<OwnList, VaultError> {
        self.look(|look| self.own.list(look, wanted))
    }

    fn list(&self, wanted: Wanted) -> OwnList {
        self.try_list(wanted).unwrap()
    }

    fn open(&self, key: ConversationKey) -> Option<OwnOpened> {
        self.look(|look| self.own.open_conversation(look, key)).unwrap()
    }
}

fn withdraw(place: &mut Place, name: &str, purpose: Purpose, at: &str) {
    let mut vault = place.open();
    let (notice, _) = vault.notice(None, time(at)).unwrap();
    let subject = person(&vault, name).id;
    let state = State::Withdrawn;
    let act =
        Act { subject, purpose, state, notice, effective_at: time(at), attested_by: None, evidence: None };
    vault.record(&[act], time(at), &mut place.entropy).unwrap();
}

fn allowed(summary: &OwnSummary, purpose: Purpose) -> (u32, Vec<Reason>) {
    let found = summary.standing.iter().find(|standing| standing.purpose == purpose).unwrap();
    (found.allowed, found.reasons.clone())
}

#[test]
fn a_person_sees_their_own_conversations_and_of_shared_replies_only_how_many_there_are() {
    let mut place = Place::new();
    capture(&mut place, threads());
    let own = Own::open(&place.root()).unwrap();
    let list = Looking::new(&place, &own, "ada").list(ALL);
    let counts = |summary: &OwnSummary| (summary.turns, summary.own_turns, summary.joint_turns);
    let mut found: Vec<_> = list.conversations.iter().map(counts).collect();
    found.sort_unstable();
    assert_eq!(found, [(2, 1, 0), (2, 1, 1)]);
    assert_eq!((list.total, list.has_older), (2, false));
    let begins: Vec<_> = list.conversations.iter().map(|one| one.begins.as_ref().unwrap().as_str()).collect();
    assert!(begins.contains(&"user says 0 in thread thread-0"), "{begins:?}");
    assert!(!format!("{list:?}").contains("says"), "no text in what is logged");
    let purposes = |purpose| list.conversations.iter().map(|one| allowed(one, purpose)).collect::<Vec<_>>();
    assert_eq!(purposes(Purpose::Train), [(2, vec![]), (2, vec![])]);
    assert_eq!(purposes(Purpose::Publish), [(0, vec![Reason::NeverAsked]), (0, vec![Reason::NeverAsked])]);
}

#[test]
fn a_conversation_opens_for_its_author_and_its_name_is_nothing_to_another() {
    let mut place = Place::new();
    capture(&mut place, threads());
    let own = Own::open(&place.root()).unwrap();
    let (ada, bo) = (Looking::new(&place, &own, "ada"), Looking::new(&place, &own, "bo"));
    let alone = ada.list(ALL).conversations.into_iter().find(|one| one.joint_turns == 0).unwrap().key;
    let opened = ada.open(alone).unwrap();
    let texts: Vec<_> = opened.turns.iter().flat_map(|turn| turn.parts.clone()).collect();
    let said = |text: &str| Part::Text(text.into());
    assert_eq!(texts, [said("user says 0 in thread thread-0"), said("assistant says 0 in thread thread-0")]);
    assert!(opened.turns.iter().all(|turn| turn.standing[1].1.is_ok()));
    assert!(bo.open(alone).is_none());
    assert!(ada.open("00".repeat(16).parse().unwrap()).is_none());
    let another = bo.person("bo");
    let permit = AccessPermit::for_own(another.subject.id, another.subject.id).unwrap();
    let forged = ada.look(|look| own.list(Look { permit: &permit, ..look }, ALL)).unwrap_err();
    assert_eq!(forged.kind(), Kind::Denied);
    for key in bo.list(ALL).conversations.iter().map(|one| one.key) {
        let opened = bo.open(key).unwrap();
        assert!(opened.turns.iter().all(|turn| !format!("{:?}", turn.turn.author).contains("ada")));
        assert!(opened.turns.iter().flat_map(|turn| &turn.parts).all(|part| *part != texts[0]));
    }
}

#[test]
fn a_list_follows_a_withdrawal_retention_and_an_erasure() {
    let mut place = Place::new();
    capture(&mut place, threads());
    let own = Own::open(&place.root()).unwrap();
    let training = Wanted { purpose: Some(Purpose::Train), ..ALL };
    assert_eq!(Looking::new(&place, &own, "ada").list(training).conversations.len(), 2);

    withdraw(&mut place, "ada", Purpose::Train, "2026-01-06T00:00:00Z");
    let mut ada = Looking::new(&place, &own, "ada");
    ada.at = time("2026-01-06T00:00:00Z");
    assert_eq!(ada.list(training).conversations, []);
    let list = ada.list(ALL);
    assert_eq!(list.conversations.len(), 2);
    assert!(
        list.conversations.iter().all(|one| allowed(one, Purpose::Train) == (0, vec![Reason::Withdrawn]))
    );

    withdraw(&mut place, "ada", Purpose::History, "2026-01-06T00:00:00Z");
    place.open().run_retention(time("2026-01-07T00:00:00Z"), &mut place.entropy).unwrap();
    let list = Looking::new(&place, &own, "ada").list(ALL);
    assert_eq!((list.conversations, list.total), (vec![], 0));
    assert_eq!(Looking::new(&place, &own, "bo").list(ALL).total, 3, "nobody else's");

    let mut vault = place.open();
    let bo = person(&vault, "bo");
    vault.erase(&bo, &[], time("2026-01-08T00:00:00Z")).unwrap();
    assert_eq!(own.memory().0, 2);
    let policy = Live::open(&place.root()).unwrap().policy().unwrap();
    own.tidy(&policy, time(CAPTURED));
    assert_eq!(own.memory().0, 1, "what was remembered of whoever was erased is gone");
    own.tidy(&policy, time("2026-01-05T01:00:00Z"));
    assert_eq!(own.memory(), (0, 0), "and of who did not look for an hour");
}

#[test]
fn a_list_comes_page_by_page_the_newest_first_and_shows_what_came_since() {
    let mut place = Place::new();
    let at = |number: usize| Timestamp::from_millis(time("2026-01-03T00:00:00Z").millis() + number as i64);
    let dated = |number: usize| {
        let mut talk = thread(&format!("dated-{number}"), &["ada"]);
        talk.turns_mut().for_each(|turn| turn.at = Some(at(number)));
        talk
    };
    capture(&mut place, (0..7).map(dated).collect());
    let own = Own::open(&place.root()).unwrap();
    let ada = Looking::new(&place, &own, "ada");
    let page = |skip| {
        let list = ada.list(Wanted { purpose: Some(Purpose::Train), skip, limit: 3 });
        let times: Vec<_> = list.conversations.iter().map(|one| one.last_at.unwrap()).collect();
        (times, list.has_older)
    };
    assert_eq!(page(0), (vec![at(6), at(5), at(4)], true));
    assert_eq!(page(3), (vec![at(3), at(2), at(1)], true));
    assert_eq!(page(6), (vec![at(0)], false));
    assert_eq!(page(900), (vec![], false));
    capture(&mut place, vec![dated(7)]);
    assert_eq!(page(0), (vec![at(7), at(6), at(5)], true));
}

#[test]
fn a_segment_that_was_changed_is_not_shown_from() {
    let mut place = Place::new();
    capture(&mut place, threads());
    let path = only_segment(&place.root());
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let own = Own::open(&place.root()).unwrap();
    let ada = Looking::new(&place, &own, "ada");
    let error = ada.try_list(ALL).unwrap_err();
    assert_eq!(error.kind(), Kind::Corrupt);
}

#[test]
fn a_name_of_a_conversation_is_32_digits_and_nothing_else() {
    let name = "0123456789abcdef0123456789abcdef";
    assert_eq!(name.parse::<ConversationKey>().unwrap().to_string(), name);
    for other in ["", "0123", "+123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdeg"] {
        assert!(other.parse::<ConversationKey>().is_err(), "{other}");
    }
    assert!(Own::open(std::path::Path::new("/nowhere")).is_err_and(|error| error.kind() == Kind::Invalid));
}

#[test]
fn looking_keeps_nobody_from_the_vault() {
    let mut place = Place::new();
    capture(&mut place, threads());
    let own = Own::open(&place.root()).unwrap();
    let held: Vault = place.open();
    assert_eq!(Looking::new(&place, &own, "ada").list(ALL).total, 2);
    drop(held);
}

fn forget(place: &mut Place, name: &str, key: ConversationKey, at: &str) -> candor_vault::Forgotten {
    let mut vault = place.open();
    let subject = person(&vault, name);
    vault.forget_conversation(&subject, key, &[], (time(at), &mut place.entropy)).unwrap()
}

/// The turns of one kind that importing everything again brings.
fn import_again(place: &mut Place, at: &str) -> CaptureCounts {
    let mut vault = place.open();
    let mut capture = Capture::begin(&mut vault, defaults(), time(at), &mut place.entropy).unwrap();
    let counts = capture.add(threads()).unwrap();
    capture.commit(None).unwrap();
    counts
}

#[test]
fn a_conversation_that_was_forgotten_is_nowhere_and_importing_the_old_logs_brings_nothing_of_it_back() {
    let mut place = Place::new();
    capture(&mut place, threads());
    let own = Own::open(&place.root()).unwrap();
    let before = Looking::new(&place, &own, "ada").list(ALL);
    let shared = before.conversations.iter().find(|one| one.joint_turns > 0).unwrap().key;
    let forgotten = forget(&mut place, "ada", shared, "2026-01-06T00:00:00Z");
    assert_eq!(forgotten.turns, 3, "her turn, the reply to it, and the reply to both");

    let ada = Looking::new(&place, &own, "ada");
    assert_eq!(ada.list(ALL).total, 1);
    assert!(ada.open(shared).is_none());
    let bo = Looking::new(&place, &own, "bo").open(shared).unwrap();
    assert_eq!((bo.turns.len(), bo.joint_turns), (1, 0), "what another wrote is theirs");
    assert_eq!(pieces(&place.open()).unwrap().iter().map(|piece| piece.turns).sum::<u32>(), TURNS as u32 - 3);

    let again = import_again(&mut place, "2026-01-07T00:00:00Z");
    assert_eq!((again.imported, again.duplicate), (0, TURNS - 1));
    assert_eq!(again.withheld.get(&Reason::Erased), Some(&1));
    assert_eq!(ada.list(ALL).total, 1);

    let nothing = forget(&mut place, "ada", shared, "2026-01-08T00:00:00Z");
    assert_eq!(nothing.turns, 0, "twice is once");
}

#[test]
fn what_is_said_in_a_forgotten_conversation_later_is_kept_as_anything_is() {
    let mut place = Place::new();
    capture(&mut place, vec![thread("chat", &["ada"])]);
    let own = Own::open(&place.root()).unwrap();
    let key = Looking::new(&place, &own, "ada").list(ALL).conversations[0].key;
    forget(&mut place, "ada", key, "2026-01-06T00:00:00Z");
    let mut longer = thread("chat", &["ada", "ada"]);
    for (index, turn) in longer.turns_mut().enumerate() {
        turn.at = Some(time(if index < 2 { "2026-01-04T00:00:00Z" } else { "2026-01-06T00:00:01Z" }));
    }
    {
        let mut vault = place.open();
        let now = time("2026-01-07T00:00:00Z");
        let mut capture = Capture::begin(&mut vault, defaults(), now, &mut place.entropy).unwrap();
        let counts = capture.add(vec![longer]).unwrap();
        assert_eq!((counts.imported, counts.withheld.get(&Reason::Erased)), (1, Some(&1)), "{counts:?}");
        capture.commit(None).unwrap();
    }
    assert_eq!(Looking::new(&place, &own, "ada").open(key).unwrap().turns.len(), 1);
}

#[test]
fn what_waits_in_the_inbox_of_a_forgotten_conversation_is_dropped() {
    let mut place = Place::new();
    let mut inbox = inbox(&place.root(), 3);
    let first = exchange(inbox.policy(), "ada", "chat", 0);
    inbox.append(&[first], time(SAID)).unwrap();
    inbox.roll().unwrap();
    take_in(&mut place.open(), time(SAID));
    let own = Own::open(&place.root()).unwrap();
    let key = Looking::new(&place, &own, "ada").list(ALL).conversations[0].key;
    // Acknowledged, and in a file that is still written to.
    let second = exchange(inbox.policy(), "ada", "chat", 1);
    assert_eq!(inbox.append(&[second], time(SAID)).unwrap().turns, 2);
    assert_eq!(forget(&mut place, "ada", key, "2026-01-06T00:00:00Z").turns, 2);
    inbox.roll().unwrap();
    let absorbed = take_in(&mut place.open(), time("2026-01-06T00:00:01Z"));
    assert_eq!((absorbed.turns, absorbed.withheld.get(&Reason::Erased)), (0, Some(&2)), "{absorbed:?}");
    assert!(Looking::new(&place, &own, "ada").open(key).is_none());
}

/// Names the data directory to the process that is to die.
const ROOT: &str = "CANDOR_TEST_ROOT";

#[test]
fn a_conversation_is_forgotten_or_as_it_was_whatever_step_a_process_dies_at() {
    if let Some(root) = std::env::var_os(ROOT) {
        let mut vault = Vault::open(std::path::Path::new(&root)).unwrap();
        let subject = person(&vault, "ada");
        let key = std::env::var_os("CANDOR_TEST_KEY").unwrap().to_str().unwrap().parse().unwrap();
        let moment = (time("2026-01-06T00:00:00Z"), &mut entropy(9));
        vault.forget_conversation(&subject, key, &[("r".into(), 4)], moment).unwrap();
        return;
    }
    let test = "a_conversation_is_forgotten_or_as_it_was_whatever_step_a_process_dies_at";
    let test = test_named(module_path!(), test);
    for (step, is_done) in
        [("conversation-rewritten", false), ("conversation-forgotten", true), ("none", true)]
    {
        let mut place = Place::new();
        capture(&mut place, threads());
        let own = Own::open(&place.root()).unwrap();
        let before = Looking::new(&place, &own, "ada").list(ALL);
        let key = before.conversations[0].key;
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", &test, "--quiet"]).env(ROOT, place.root());
        command.env("CANDOR_TEST_KEY", key.to_string()).env("CANDOR_ABORT_AT", step);
        assert_eq!(command.output().unwrap().status.success(), step == "none", "{step}");
        let after = Looking::new(&place, &own, "ada").list(ALL);
        assert_eq!(after.total, before.total - usize::from(is_done), "{step}");
        let mut vault = place.open();
        assert_eq!(vault.recalls().unwrap().len(), usize::from(is_done), "{step}");
        // What the crash left behind goes with the next run, and nothing else.
        vault.run_retention(time("2026-01-07T00:00:00Z"), &mut place.entropy).unwrap();
        let files = fs::read_dir(place.root().join("objects/segments")).unwrap().count();
        assert_eq!(files as u64, vault.holdings().unwrap().segments, "{step}");
        drop(vault);
        assert_eq!(import_again(&mut place, "2026-01-07T00:00:00Z").imported, 0, "{step}");
    }
}
