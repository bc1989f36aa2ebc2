//! A release to learn from, made the way operators make them, and a corpus that needs no release.

use std::path::{Path, PathBuf};

use candor_consent::{Notice, Purpose, State, examples};
use candor_conversation::{Conversation, Message, Part, Role, TenantId, Tier, Timestamp, Turn};
use candor_deid::Settings;
use candor_learn::{Corpus, ModelShape, Plan, ReadSet, Row};
use candor_release::manifest::Commitment;
use candor_release::origin::SAMPLING_FULL;
use candor_release::{MEMORY_BYTES, build};
use candor_vault::{Act, Capture, Defaults, Entropy, Profile, Vault};
use tempfile::TempDir;

/// What one person asks and hears, in a few words that vary.
pub(crate) fn dialogue(number: usize) -> (String, String) {
    let things = ["bread", "soup", "a fern", "a bicycle", "a lamp", "the garden", "an old map", "tea"];
    let wishes = ["mend", "make", "keep", "paint", "find", "carry"];
    let (thing, wish) = (things[number % 8], wishes[number / 8 % 6]);
    let question = format!("How do I {wish} {thing} when it is day {number}?");
    let answer =
        format!("To {wish} {thing}, begin slowly. Day {number} suits it well, if the weather holds.");
    (question, answer)
}

/// A vault with one person who said yes, and a release of what they said.
pub(crate) struct Town {
    _folder: TempDir,
    pub(crate) vault: Vault,
    pub(crate) release: PathBuf,
}

impl Town {
    pub(crate) fn new(dialogues: usize) -> Self {
        let folder = TempDir::new().unwrap();
        let mut entropy = Entropy::from_seed([1; 32]);
        let mut vault =
            Vault::create(&folder.path().join("vault"), "chat.example.org", &mut entropy).unwrap();
        let notice = Notice::parse(examples::OURS).unwrap();
        vault.publish_notice(&notice, time("2026-01-01T00:00:00Z")).unwrap();
        let profile =
            Profile { name: "ada".into(), tier: Tier::Consumer, region: None, age: None, called: Vec::new() };
        vault.enrol(&tenant(), &[profile], time("2026-01-02T00:00:00Z"), &mut entropy).unwrap();
        let act = Act {
            subject: vault.subject(&tenant(), "ada").unwrap().id,
            purpose: Purpose::Train,
            state: State::Given,
            notice: notice.id(),
            effective_at: time("2026-01-03T00:00:00Z"),
            attested_by: None,
            evidence: None,
        };
        vault.record(&[act], time("2026-01-03T00:00:00Z"), &mut entropy).unwrap();
        let defaults = Defaults {
            tenant: tenant(),
            author: Some("ada".into()),
            tier: Some(Tier::Consumer),
            region: None,
            age: None,
            said_at: Some(time("2026-01-04T00:00:00Z")),
        };
        let mut capture =
            Capture::begin(&mut vault, defaults, time("2026-01-05T00:00:00Z"), &mut entropy).unwrap();
        capture.add((0..dialogues).map(conversation).collect()).unwrap();
        capture.commit(None).unwrap();
        let release = folder.path().join("first");
        build_release(&mut vault, &release);
        Self { _folder: folder, vault, release }
    }
}

fn build_release(vault: &mut Vault, output: &Path) {
    let plan = candor_release::Plan {
        name: "first".into(),
        purpose: Purpose::Train,
        as_of: time("2026-01-06T00:00:00Z"),
        now: time("2026-01-06T00:00:00Z"),
        output: output.to_owned(),
        identifiers: Settings::release(),
        near_duplicates: false,
        pasted_permille: SAMPLING_FULL,
        reference: None,
        attachments: candor_release::Attachments::Withhold,
        sensitive: candor_deid::sensitive::Policy::standard(),
        replacement: candor_release::Replacement::Placeholders,
        second_reader: None,
        look: candor_release::residual::Look::default(),
        memory_bytes: MEMORY_BYTES,
        tool: "candor 0.0.0".into(),
    };
    build(vault, &plan, &mut Entropy::from_seed([9; 32]), &|_| {}).unwrap();
}

fn conversation(number: usize) -> Conversation {
    let (question, answer) = dialogue(number);
    let question = Turn::new("t1", None, Role::User, vec![Part::Text(question)]);
    let answer = Turn::new("t2", Some(0), Role::Assistant, vec![Part::Text(answer)]);
    Conversation::new(format!("c{number}"), vec![question, answer]).unwrap()
}

fn tenant() -> TenantId {
    "home".parse().unwrap()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn message(role: &str, content: &str) -> Message {
    Message { role: role.into(), content: content.into() }
}

/// The same dialogues without a vault.
pub(crate) fn corpus(dialogues: usize) -> Corpus {
    let row = |number: usize| {
        let (question, answer) = dialogue(number);
        let messages = vec![message("user", &question), message("assistant", &answer)];
        Row {
            number: number as u64,
            leaf: [number as u8; 32],
            messages,
            weight: 1,
            sampling_permille: SAMPLING_FULL,
        }
    };
    let read_set = ReadSet {
        release: "made-up".into(),
        release_id: "0".repeat(64),
        manifest_sha256: "0".repeat(64),
        commitment: Commitment {
            rows_root: "0".repeat(64),
            rows: dialogues as u64,
            subjects_root: "0".repeat(64),
            subjects: 1,
        },
        notices: Vec::new(),
        signer_trusted: false,
        files: Vec::new(),
    };
    Corpus { read_set, rows: (0..dialogues).map(row).collect() }
}

/// A model that is small enough for tests.
pub(crate) fn plan(corpus: &Corpus, steps: u32) -> Plan {
    let shape = ModelShape { context: 48, ..ModelShape::new(400, 32, 2) };
    Plan { steps, shape, ..Plan::new(corpus, 7) }
}
