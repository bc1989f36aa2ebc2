//! The rows that one conversation went into, when its author has it forgotten.

use std::collections::BTreeSet;
use std::fs;

use candor_consent::{AccessPermit, Notice, Purpose, State, examples};
use candor_conversation::{Conversation, Part, Role, TenantId, Tier, Timestamp, Turn};
use candor_deid::sensitive::Policy;
use candor_deid::{Engine, Settings};
use candor_release::prove::Recalls;
use candor_release::recall::of_conversation;
use candor_release::{Attachments, MEMORY_BYTES, Making, Plan, build, data, layout, stage};
use candor_vault::{
    Act, Author, Capture, ConversationKey, Defaults, Entropy, Live, Look, Own, OwnSummary, Profile, Subject,
    Vault, Wanted,
};
use tempfile::TempDir;

const RELEASE: &str = "first";
const ANSWER: &str = "The tide turns about every six hours and a quarter on most of the coasts of this sea.";
/// What was said: the author, and the texts of the author and the model in turn.
const SAID: [(&str, &[&str]); 6] = [
    ("ada", &["Name three rivers in France.", "Loire, Seine and Rhône."]),
    ("ada", &["My address is ada@example.org, write it down.", "Noted: ada@example.org."]),
    // Pasted from the model, and counted by half: the row's leaf depends on what is known of that.
    ("ada", &["When does the tide turn?", ANSWER, ANSWER, "That is what I said."]),
    ("ada", &["How do I keep bread fresh for a week?", "In a cloth bag, cut side down."]),
    ("ada", &["how do I keep bread fresh for a week", "In a cloth bag, cut side down."]),
    ("eve", &["Write a verse about snow.", "White and slow, on roofs below."]),
];

struct World {
    root: TempDir,
    vault: Vault,
}

impl World {
    /// Ada and Eve agreed to training; what they said is in a release.
    fn new() -> Self {
        let root = TempDir::new().unwrap();
        let mut entropy = Entropy::from_seed([3; 32]);
        let mut vault = Vault::create(&root.path().join("vault"), "chat.example.org", &mut entropy).unwrap();
        let notice = Notice::parse(examples::OURS).unwrap();
        let then = time("2026-01-03T00:00:00Z");
        vault.publish_notice(&notice, time("2026-01-01T00:00:00Z")).unwrap();
        for name in ["ada", "eve"] {
            let profile = Profile {
                name: name.into(),
                tier: Tier::Consumer,
                region: None,
                age: None,
                called: Vec::new(),
            };
            let ids = vault.enrol(&tenant(), &[profile], then, &mut entropy).unwrap();
            let (purpose, state, notice) = (Purpose::Train, State::Given, notice.id());
            let (attested_by, evidence) = (None, None);
            let act =
                Act { subject: ids[0], purpose, state, notice, effective_at: then, attested_by, evidence };
            vault.record(&[act], then, &mut entropy).unwrap();
        }
        let defaults = Defaults {
            tenant: tenant(),
            author: None,
            tier: Some(Tier::Consumer),
            region: None,
            age: None,
            said_at: Some(time("2026-01-04T00:00:00Z")),
        };
        let mut capture =
            Capture::begin(&mut vault, defaults, time("2026-01-05T00:00:00Z"), &mut entropy).unwrap();
        capture.add(SAID.iter().enumerate().map(conversation).collect()).unwrap();
        capture.commit(None).unwrap();
        let plan = Plan {
            name: RELEASE.into(),
            purpose: Purpose::Train,
            as_of: time("2026-01-06T00:00:00Z"),
            now: time("2026-01-06T00:00:00Z"),
            output: root.path().join(RELEASE),
            identifiers: Settings::release(),
            near_duplicates: true,
            pasted_permille: 500,
            reference: None,
            attachments: Attachments::Withhold,
            sensitive: Policy::standard(),
            replacement: candor_release::Replacement::Placeholders,
            second_reader: None,
            look: candor_release::residual::Look::default(),
            memory_bytes: MEMORY_BYTES,
            tool: "candor 0.0.0".into(),
        };
        build(&mut vault, &plan, &mut entropy, &|_| {}).unwrap();
        Self { root, vault }
    }

    fn person(&self, name: &str) -> Subject {
        self.vault.subject(&tenant(), name).unwrap()
    }

    /// The conversation of a person that begins so.
    fn key(&self, name: &str, begins: &str) -> ConversationKey {
        let policy = Live::open(self.vault.root()).unwrap().policy().unwrap();
        let Author::Person(person) = policy.author(&tenant(), name) else { panic!("not enrolled") };
        let permit = AccessPermit::for_own(person.subject.id, person.subject.id).unwrap();
        let look =
            Look { person: &person, permit: &permit, policy: &policy, now: time("2026-01-07T00:00:00Z") };
        let list = Own::open(self.vault.root()).unwrap();
        let list = list.list(look, Wanted { purpose: None, skip: 0, limit: 100 }).unwrap();
        let begins_so = |one: &OwnSummary| one.begins.as_ref().unwrap().as_str().starts_with(begins);
        list.conversations.into_iter().find(begins_so).unwrap().key
    }

    fn recalls(&self, name: &str, key: ConversationKey, settings: Settings) -> Recalls {
        let making = Making {
            engine: Engine::new(settings),
            sensitive: Policy::standard(),
            attachments: Attachments::Withhold,
        };
        of_conversation(&self.vault, &self.person(name), key, &making).unwrap()
    }

    /// The rows of the release that are recalled, each by how it begins.
    fn recalled(&self, name: &str, key: ConversationKey, settings: Settings) -> BTreeSet<String> {
        let recalls = self.recalls(name, key, settings);
        assert!(recalls.unknown.is_empty() && recalls.rows.iter().all(|(release, _)| release == RELEASE));
        let rows = self.rows();
        recalls.rows.iter().map(|(_, row)| rows[*row as usize].clone()).collect()
    }

    /// How each row of the release begins.
    fn rows(&self) -> Vec<String> {
        let name = "data/part-00000.parquet";
        let bytes = fs::read(self.root.path().join(RELEASE).join(name)).unwrap();
        let mut rows = Vec::new();
        let visit = |batch: &stage::RowBatch| {
            let texts = stage::messages_of(&batch.messages).unwrap();
            rows.extend(texts.into_iter().map(|messages| messages[0].content.clone()));
            Ok::<(), data::DataError>(())
        };
        data::read(bytes.into(), name, visit).unwrap();
        rows
    }

    fn rows_of_ada(&self) -> BTreeSet<String> {
        self.rows().into_iter().filter(|begins| !begins.contains("snow")).collect()
    }

    fn remove_record(&self, record: &str) {
        let path = layout::record_path(RELEASE, record);
        fs::remove_file(self.vault.root().join("objects").join(path)).unwrap();
    }
}

fn conversation((number, (author, texts)): (usize, &(&str, &[&str]))) -> Conversation {
    let turn = |(at, text): (usize, &&str)| {
        let role = if at % 2 == 0 { Role::User } else { Role::Assistant };
        let mut turn = Turn::new(format!("t{at}"), at.checked_sub(1), role, vec![Part::Text((*text).into())]);
        turn.author = (at % 2 == 0).then(|| (*author).to_owned());
        turn
    };
    Conversation::new(format!("c{number}"), texts.iter().enumerate().map(turn).collect()).unwrap()
}

fn tenant() -> TenantId {
    "home".parse().unwrap()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_conversation_recalls_its_own_rows_and_no_other() {
    let world = World::new();
    assert_eq!(world.rows_of_ada().len(), 4, "two of her five are the same");
    for (begins, row) in [
        ("Name three", "Name three rivers in France."),
        ("My address", "My address is [EMAIL_1], write it down."),
        ("When does", "When does the tide turn?"),
    ] {
        let found = world.recalled("ada", world.key("ada", begins), Settings::release());
        assert_eq!(found, BTreeSet::from([row.to_owned()]), "{begins}");
    }
    let of_eve = world.recalled("eve", world.key("eve", "Write"), Settings::release());
    assert_eq!(of_eve, BTreeSet::from(["Write a verse about snow.".to_owned()]));
}

#[test]
fn of_two_copies_the_released_one_recalls_its_row_and_the_merged_one_all_rows_of_its_author() {
    let world = World::new();
    let released = world.rows().into_iter().find(|begins| begins.contains("bread")).unwrap();
    let (own, merged) = if released.starts_with('H') { ("How do", "how do") } else { ("how do", "How do") };
    let found = world.recalled("ada", world.key("ada", own), Settings::release());
    assert_eq!(found, BTreeSet::from([released]));
    let found = world.recalled("ada", world.key("ada", merged), Settings::release());
    assert_eq!(found, world.rows_of_ada());
}

#[test]
fn where_a_row_cannot_be_made_again_all_rows_of_the_author_are_recalled() {
    let world = World::new();
    let key = world.key("ada", "My address");
    let nothing = Settings { kinds: Vec::new(), ..Settings::release() };
    assert_eq!(world.recalled("ada", key, nothing), world.rows_of_ada(), "other settings");
    world.remove_record(layout::RECORD_SAID);
    assert_eq!(world.recalled("ada", key, Settings::release()), world.rows_of_ada(), "a lost record");
}

#[test]
fn a_release_whose_people_cannot_be_read_is_named_and_keeps_nobody_from_forgetting() {
    let world = World::new();
    let key = world.key("ada", "Name three");
    world.remove_record(layout::RECORD_SUBJECTS);
    let recalls = world.recalls("ada", key, Settings::release());
    assert_eq!((recalls.rows, recalls.unknown), (Vec::new(), vec![RELEASE.to_owned()]));
}
