//! What a build counts, and what it does not depend on.

use std::path::Path;

use candor_consent::{Notice, Purpose, Reason, State, examples};
use candor_conversation::{Conversation, Part, Role, TenantId, Tier, Timestamp, Turn};
use candor_deid::Settings;
use candor_deid::sensitive::Policy;
use candor_release::assemble::{Row, Rule, TurnCounts, assemble};
use candor_release::build::{BuildError, MEMORY_BYTES_MIN};
use candor_release::data;
use candor_release::origin::SpanKind;
use candor_release::{Built, MEMORY_BYTES, Plan, build};
use candor_vault::{
    Act, Author, Capture, Decompressor, Defaults, Entropy, Fresh, Inbox, Lowered, Profile, SealedPiece,
    Spoken, Vault,
};
use tempfile::TempDir;

pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) vault: Vault,
    entropy: Entropy,
}

impl World {
    /// Ada said yes to training, then said what these conversations hold.
    pub(crate) fn new(conversations: Vec<Conversation>) -> Self {
        let folder = TempDir::new().unwrap();
        let mut entropy = Entropy::from_seed([1; 32]);
        let mut vault =
            Vault::create(&folder.path().join("vault"), "chat.example.org", &mut entropy).unwrap();
        let notice = Notice::parse(examples::OURS).unwrap();
        vault.publish_notice(&notice, time("2026-01-01T00:00:00Z")).unwrap();
        enrol(&mut vault, Tier::Consumer, "2026-01-02T00:00:00Z", &mut entropy);
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
        capture.add(conversations).unwrap();
        capture.commit(None).unwrap();
        Self { folder, vault, entropy }
    }

    fn assemble(&self, messages_max: usize) -> (Vec<Row>, TurnCounts) {
        let mut pieces: Vec<SealedPiece> = Vec::new();
        let collect = |found: Vec<SealedPiece>| -> Result<(), BuildError> {
            pieces.extend(found);
            Ok(())
        };
        self.vault.each_segment(collect).unwrap();
        let tags = pieces.iter().flat_map(|piece| piece.authors.iter().copied());
        let people = self.vault.people(tags).unwrap();
        let now = time("2026-01-06T00:00:00Z");
        let notices = self.vault.notices().unwrap();
        let rule = Rule {
            purpose: Purpose::Train,
            as_of: now,
            now,
            notices: &notices,
            people: &people,
            messages_max,
            attachments: candor_release::Attachments::Withhold,
            sensitive: &Policy::standard(),
        };
        assemble(&pieces, &rule, &mut Decompressor::new().unwrap()).unwrap()
    }

    /// Ada has everything erased.
    pub(crate) fn erase_ada(&mut self) {
        let subject = self.vault.subject(&tenant(), "ada").unwrap();
        self.vault.erase(&subject, &[], time("2026-01-06T00:00:00Z")).unwrap();
    }

    fn build(vault: &mut Vault, output: &Path, memory_bytes: usize) -> Built {
        Self::build_plan(vault, &Self::plan(output, memory_bytes))
    }

    pub(crate) fn build_plan(vault: &mut Vault, plan: &Plan) -> Built {
        build(vault, plan, &mut Entropy::from_seed([9; 32]), &|_| {}).unwrap()
    }

    pub(crate) fn plan(output: &Path, memory_bytes: usize) -> Plan {
        Plan {
            name: "first".into(),
            purpose: Purpose::Train,
            as_of: time("2026-01-06T00:00:00Z"),
            now: time("2026-01-06T00:00:00Z"),
            output: output.to_owned(),
            identifiers: Settings::release(),
            near_duplicates: true,
            pasted_permille: candor_release::origin::SAMPLING_FULL,
            reference: None,
            attachments: candor_release::Attachments::Withhold,
            sensitive: Policy::standard(),
            replacement: candor_release::Replacement::Placeholders,
            second_reader: None,
            look: candor_release::residual::Look::default(),
            memory_bytes,
            tool: "candor 0.0.0".into(),
        }
    }
}

fn enrol(vault: &mut Vault, tier: Tier, at: &str, entropy: &mut Entropy) {
    let profile = Profile { name: "ada".into(), tier, region: None, age: None, called: Vec::new() };
    vault.enrol(&tenant(), &[profile], time(at), entropy).unwrap();
}

fn tenant() -> TenantId {
    "home".parse().unwrap()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn turn(number: usize, parent: Option<usize>, text: &str) -> Turn {
    let parts = vec![Part::Text(text.into())];
    Turn::new(format!("t{number}"), parent, Role::User, parts)
}

/// Single turns, each a conversation of its own.
fn singles(texts: &[String]) -> Vec<Conversation> {
    let one = |(number, text): (usize, &String)| {
        Conversation::new(format!("c{number}"), vec![turn(0, None, text)]).unwrap()
    };
    texts.iter().enumerate().map(one).collect()
}

#[test]
fn branches_beyond_the_limit_are_left_out_under_their_own_name_and_shorter_ones_still_fit() {
    // A trunk of three turns; branches of one, four and one turns more.
    let mut turns: Vec<Turn> =
        (0..3).map(|number: usize| turn(number, number.checked_sub(1), "trunk")).collect();
    turns.push(turn(3, Some(2), "short"));
    turns.push(turn(4, Some(2), "long"));
    turns.extend((5..8).map(|number| turn(number, Some(number - 1), "long")));
    turns.push(turn(8, Some(2), "short too"));
    let world = World::new(vec![Conversation::new("c", turns).unwrap()]);
    for (messages_max, rows, left_out, withheld) in [(15, 3, 0, 0), (14, 2, 1, 1), (8, 2, 1, 4), (3, 0, 3, 9)]
    {
        let (found, counts) = world.assemble(messages_max);
        assert_eq!((found.len(), counts.paths_left_out), (rows, left_out), "at most {messages_max}");
        let expected = [(Reason::TooManyBranches, withheld)].into_iter().filter(|(_, count)| *count > 0);
        assert_eq!(counts.withheld, expected.collect(), "at most {messages_max}");
        assert_eq!(counts.examined, counts.used + withheld);
    }
}

#[test]
fn a_person_known_to_be_of_an_organisation_later_is_held_to_its_contract_in_what_they_said_before() {
    let mut world = World::new(singles(&["How long does dough rest?".to_owned()]));
    assert_eq!(world.assemble(100).1.used, 1);
    enrol(&mut world.vault, Tier::Business, "2026-01-05T00:00:00Z", &mut world.entropy);
    let (rows, counts) = world.assemble(100);
    assert_eq!((rows.len(), counts.withheld), (0, [(Reason::NoContract, 1)].into()));
}

/// Ada asks, is answered, asks again and is answered again; the first answer may break off.
fn talk(world: &mut World, first_is_whole: bool) {
    let at = time("2026-01-04T00:00:00Z");
    let spoken = Spoken { at, now: at, lowered: Lowered::Nothing, tier: None, region: None, age: None };
    let mut inbox = Inbox::open(world.vault.root(), Entropy::from_seed([2; 32])).unwrap();
    let author = inbox.policy().author(&tenant(), "ada");
    let ruling = inbox.policy().rule(&author, &spoken).unwrap();
    let Author::Person(author) = author else { panic!("nobody") };
    let said =
        [(Role::User, "one?"), (Role::Assistant, "One"), (Role::User, "two?"), (Role::Assistant, "Two.")];
    let turn = |(index, (role, text)): (usize, &(Role, &str))| {
        let parts = vec![Part::Text((*text).to_owned())];
        Turn::new(index.to_string(), index.checked_sub(1), *role, parts)
    };
    let path: Vec<Turn> = said.iter().enumerate().map(turn).collect();
    for (turns, complete) in [(2, first_is_whole), (4, true)] {
        let fresh = Fresh {
            tenant: tenant(),
            conversation: "talk".into(),
            path: path[..turns].to_vec(),
            fresh_from: turns - 2,
            author: author.clone(),
            spoken: spoken.clone(),
            ruling: ruling.clone(),
            reply_may_be_kept: true,
            complete,
        };
        assert_eq!(inbox.append(&[fresh], at).unwrap().turns, 2);
    }
    drop(inbox);
    assert_eq!(world.vault.absorb_inbox(at, &mut world.entropy).unwrap().turns, 4);
}

#[test]
fn an_answer_that_broke_off_ends_the_row_before_it() {
    for (first_is_whole, expected) in [(true, vec!["one?", "One", "two?", "Two."]), (false, vec!["one?"])] {
        let mut world = World::new(Vec::new());
        talk(&mut world, first_is_whole);
        let (rows, counts) = world.assemble(100);
        let contents: Vec<&str> = rows[0].messages.iter().map(|message| message.content.as_str()).collect();
        assert_eq!((rows.len(), contents), (1, expected));
        let withheld = [(Reason::BrokenOff, 1), (Reason::AfterWithheld, 2)];
        assert_eq!(counts.withheld, withheld.into_iter().filter(|_| !first_is_whole).collect());
        assert_eq!(counts.examined, 4);
    }
}

#[test]
fn identifiers_are_counted_in_the_rows_that_are_released() {
    let text = "Write a letter to anna@example.org about the broken window.".to_owned();
    let mut world = World::new(singles(&[text.clone(), text.to_uppercase(), text]));
    let output = world.folder.path().join("first");
    let manifest = World::build(&mut world.vault, &output, MEMORY_BYTES).manifest;
    assert_eq!((manifest.rows.candidates, manifest.rows.released), (3, 1));
    assert_eq!(manifest.identifiers, [("EMAIL".to_owned(), 1)].into());
}

const ANSWER: &str = "A lichen is a partnership of a fungus and an alga; neither lives as well alone.";

/// Ada asks and is answered; she pastes the answer back, and into another conversation.
fn pasted() -> Vec<Conversation> {
    let said = |number: usize, role, text: &str| {
        let parts = vec![Part::Text(text.to_owned())];
        Turn::new(number.to_string(), number.checked_sub(1), role, parts)
    };
    let quoted = format!("Is this right? {ANSWER}");
    let first = vec![
        said(0, Role::User, "What is a lichen?"),
        said(1, Role::Assistant, ANSWER),
        said(2, Role::User, &quoted),
    ];
    let second = vec![said(0, Role::User, &format!("Say it simply: {ANSWER}"))];
    vec![Conversation::new("c1", first).unwrap(), Conversation::new("c2", second).unwrap()]
}

#[test]
fn what_was_pasted_is_shown_counted_and_drawn_less_where_that_is_set_and_never_left_out() {
    let mut world = World::new(pasted());
    let output = world.folder.path().join("first");
    let plan = Plan { pasted_permille: 0, ..World::plan(&output, MEMORY_BYTES) };
    let built = World::build_plan(&mut world.vault, &plan);
    assert_eq!(built.manifest.rows.released, 2);
    let answer = ANSWER.len() as u64;
    let (pasted, unknown) = (SpanKind::PastedFromAssistant, SpanKind::Unknown);
    assert_eq!(built.manifest.origin.bytes, [(pasted, 2 * answer), (unknown, 17 + 15 + 15)].into());
    let mut rows = Vec::new();
    let bytes = std::fs::read(output.join(&built.manifest.files[0].path)).unwrap();
    data::read::<data::DataError>(bytes.into(), "part", |batch| {
        let sampling = batch.sampling_permille.values();
        rows.extend(sampling.iter().zip(&batch.origins).map(|(s, o)| (*s, o.unwrap().to_owned())));
        Ok(())
    })
    .unwrap();
    rows.sort();
    let own = |human: u64, all: u64| ((2_000 * human + all) / (2 * all)) as u32;
    assert_eq!(rows[0].0, own(15, 15 + answer));
    assert!(rows[0].1.ends_with(r#""from":"another conversation"}]"#), "{rows:?}");
    assert_eq!(rows[1].0, own(32, 32 + answer));
    let span = r#"[{"message":2,"start":15,"end":94,"kind":"pasted-from-assistant","from":{"message":1,"start":0,"end":79}}]"#;
    assert_eq!(rows[1].1, span);
    let card = std::fs::read_to_string(output.join("README.md")).unwrap();
    assert!(
        card.contains("| pasted-from-assistant | 2 | 158 |")
            && card.contains("counts pasted bytes 0 thousandths")
    );
}

#[test]
fn a_release_is_compared_with_the_last_one_against_what_the_first_one_froze() {
    let texts: Vec<String> =
        (0..700).map(|n| format!("Row {n} of {} tells {} again.", n * 7, n * 31)).collect();
    let mut world = World::new(singles(&texts));
    let folder = world.folder.path().to_owned();
    let mut built = |name: &str| {
        let plan = Plan { name: name.into(), ..World::plan(&folder.join(name), MEMORY_BYTES) };
        World::build_plan(&mut world.vault, &plan).manifest.language
    };
    let (one, two, three) = (built("one"), built("two"), built("three"));
    assert_eq!((one.compared_with, two.compared_with.as_deref()), (None, Some("one")));
    assert_eq!(three.compared_with.as_deref(), Some("two"));
    assert_eq!(three.reference, one.reference);
    assert_eq!(one.reference.from, "release one");
    assert!(three.human.changes.iter().all(|change| change.tokens == 4_096 && !change.alarm));
    assert_eq!(three.human.changes.len(), 7);
}

#[test]
fn the_memory_of_a_build_changes_nothing_in_it() {
    // Enough different words that a small sketch of them has collisions.
    let texts: Vec<String> = (0..400)
        .map(|row: u64| {
            let words =
                (0..60).map(|at| format!("w{:x}", (row / 2 * 60 + at).wrapping_mul(0x9e37_79b9_7f4a)));
            let mut words: Vec<String> = words.collect();
            if row % 2 == 1 {
                words[30].push('q');
            }
            words.join(" ")
        })
        .collect();
    let mut world = World::new(singles(&texts));
    let copy = world.folder.path().join("copy");
    copy_folder(world.vault.root(), &copy);
    let (one, other) = (world.folder.path().join("one"), world.folder.path().join("other"));
    let small = World::build(&mut world.vault, &one, MEMORY_BYTES_MIN).manifest;
    let large = World::build(&mut Vault::open(&copy).unwrap(), &other, MEMORY_BYTES).manifest;
    assert_eq!(small, large);
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copy = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &copy);
        } else {
            std::fs::copy(&path, &copy).unwrap();
        }
    }
}

#[test]
fn the_card_says_what_was_left_out_and_reads_as_yaml_whatever_the_name() {
    let mut world = World::new(singles(&["How long does dough rest?".to_owned()]));
    let output = world.folder.path().join("first");
    World::build(&mut world.vault, &output, MEMORY_BYTES);
    let card = std::fs::read_to_string(output.join("README.md")).unwrap();
    for words in [
        "pretty_name: \"first\"",
        "| branches left out of conversations with too many | 0 |",
        "No identifiers were replaced",
        "confidence below 0.50",
    ] {
        assert!(card.contains(words), "{words}: {card}");
    }
}
