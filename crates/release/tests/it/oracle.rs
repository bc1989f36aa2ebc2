//! Random histories through the public API of vault and release, beside an oracle written apart from `decide`.
//!
//! Every turn says a word of its own, so that a text in a release is traced to its turn. What is compared: the
//! outcome of every capture and retention run, and of every release its texts, weights, people and counts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use candor_consent::{
    AfterWithdrawal, Default, DefaultFor, LocaleText, Notice, NoticeId, NoticeVersion, Purpose, State, Terms,
};
use candor_conversation::{Age, Conversation, Part, Role, TenantId, Tier, Timestamp, Turn};
use candor_deid::Settings;
use candor_release::build::MEMORY_BYTES_MIN;
use candor_release::prove::{Departure, recalls};
use candor_release::verify::verify_release;
use candor_release::{Built, Plan, build, data, stage};
use candor_vault::{Act, Capture, Defaults, Entropy, Known, Profile, Subject, Vault, VaultError};
use proptest::prelude::*;

mod rules;

use rules::{Captured, PURPOSES, REGIONS, Released, Row, Said, Silence, Thread, World};

const HOUR_MS: i64 = 3_600_000;
/// Hours between 1970 and the start of every history.
const START: i64 = 24 * 20_454;
const TENANTS: [&str; 2] = ["home", "fernhill"];
/// People in a history; a stranger is nobody's account.
const PEOPLE: usize = 4;

#[derive(Clone, Debug)]
struct PersonPlan {
    tenant: usize,
    tier: Tier,
    region: Option<&'static str>,
    age: Option<u8>,
    enrolled: bool,
}

#[derive(Clone, Debug)]
struct TermsPlan {
    days: i64,
    silence: Silence,
    business: bool,
}

/// Whom a turn names as its author.
#[derive(Clone, Copy, Debug)]
enum Author {
    /// One of the thread's tenant, counted round.
    Member(usize),
    /// Somebody, perhaps of another tenant.
    Anybody(usize),
    /// Nobody known.
    Stranger,
}

#[derive(Clone, Debug)]
struct TurnPlan {
    /// Picks the parent among the turns before; most often the one just before.
    parent: Option<usize>,
    role: Role,
    author: Option<Author>,
    /// Hours before the capture; negative is the future.
    age_hours: Option<i64>,
    opted_out: bool,
    young: bool,
}

#[derive(Clone, Debug)]
enum Step {
    Wait {
        hours: i64,
    },
    Publish {
        delay_hours: i64,
        minimum_age: u8,
        keep: bool,
        controller: u8,
        train: Option<TermsPlan>,
        history: Option<i64>,
    },
    Enrol {
        person: usize,
    },
    Contract {
        tenant: usize,
        purposes: Vec<Purpose>,
    },
    Choose {
        person: usize,
        purpose: Purpose,
        state: State,
        ago_hours: i64,
        attested: bool,
        older_notice: bool,
    },
    Capture {
        tenant: usize,
        turns: Vec<TurnPlan>,
    },
    /// The words of an earlier thread, said by other people.
    Echo {
        thread: usize,
        shift: usize,
    },
    ImportAgain,
    Erase {
        person: usize,
    },
    Rotate,
    Retention,
    Release {
        ago_hours: i64,
    },
}

fn person() -> impl Strategy<Value = PersonPlan> {
    let tiers = prop_oneof![6 => Just(Tier::Consumer), 1 => prop::sample::select(Tier::ALL.to_vec())];
    let ages =
        prop::sample::select(vec![None, Some(12), Some(15), Some(18), Some(40), Some(40), None, Some(30)]);
    let regions = prop::sample::select(REGIONS.to_vec());
    (prop::bool::weighted(0.2), tiers, regions, ages, prop::bool::weighted(0.9)).prop_map(
        |(elsewhere, tier, region, age, enrolled)| PersonPlan {
            tenant: usize::from(elsewhere),
            tier,
            region,
            age,
            enrolled,
        },
    )
}

fn terms() -> impl Strategy<Value = TermsPlan> {
    use Silence::{No, Yes, YesButForApi, YesInTheStates};
    let silence = prop::sample::select(vec![No, No, No, Yes, YesInTheStates, YesButForApi]);
    // Below 64 days the vault keeps expiry to the day; see the vault for how it rounds longer terms down.
    (prop::sample::select(vec![7, 30, 30, 60]), silence, any::<bool>())
        .prop_map(|(days, silence, business)| TermsPlan { days, silence, business })
}

fn publish() -> impl Strategy<Value = Step> {
    (
        -30_i64..20,
        prop::sample::select(vec![13, 13, 18]),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.1),
        prop::option::weighted(0.95, terms()),
        prop::option::weighted(0.7, prop::sample::select(vec![7, 30, 60])),
    )
        .prop_map(|(delay_hours, minimum_age, keep, controller, train, history)| Step::Publish {
            delay_hours,
            minimum_age,
            keep,
            controller: u8::from(controller),
            train,
            history,
        })
}

fn turn() -> impl Strategy<Value = TurnPlan> {
    let parent = prop_oneof![9 => Just(Some(0_usize)), 3 => (1..4_usize).prop_map(Some), 1 => Just(None)];
    let author = || prop_oneof![3 => Just(Author::Member(0)), 2 => (1..PEOPLE).prop_map(Author::Member)];
    let odd = || prop_oneof![(0..PEOPLE).prop_map(Author::Anybody), Just(Author::Stranger)];
    let speaker = prop_oneof![
        20 => author().prop_map(|author| (Role::User, Some(author))),
        15 => Just((Role::Assistant, None)),
        1 => author().prop_map(|author| (Role::Assistant, Some(author))),
        1 => Just((Role::System, None)),
        1 => Just((Role::Tool, None)),
        1 => prop::option::of(odd()).prop_map(|author| (Role::User, author)),
    ];
    let age_hours = prop_oneof![
        16 => (0..4_i64).prop_map(Some),
        2 => (0..400_i64).prop_map(Some),
        1 => prop_oneof![Just(None), Just(Some(-1))],
    ];
    let rarely = || prop::bool::weighted(0.03);
    (parent, speaker, age_hours, rarely(), rarely()).prop_map(
        |(parent, (role, author), age_hours, opted_out, young)| {
            let human = author.is_some() || role == Role::User;
            TurnPlan { parent, role, author, age_hours, opted_out: opted_out && human, young: young && human }
        },
    )
}

fn choose() -> impl Strategy<Value = Step> {
    let state = prop_oneof![6 => Just(State::Given), 2 => Just(State::Renewed), 2 => Just(State::Withdrawn),
        4 => prop::sample::select(State::ALL.to_vec())];
    let purpose = prop_oneof![4 => Just(Purpose::Train), 1 => Just(Purpose::History)];
    let ago_hours = prop_oneof![8 => Just(0), 3 => 0..100_i64, 1 => Just(-1)];
    (0..PEOPLE, purpose, state, ago_hours, any::<bool>(), prop::bool::weighted(0.15)).prop_map(
        |(person, purpose, state, ago_hours, attested, older_notice)| Step::Choose {
            person,
            purpose,
            state,
            ago_hours,
            attested,
            older_notice,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let contract = (0..2_usize, prop::sample::subsequence(PURPOSES.to_vec(), 0..=2));
    prop_oneof![
        3 => (1..30_i64).prop_map(|hours| Step::Wait { hours }),
        1 => (30..300_i64).prop_map(|hours| Step::Wait { hours }),
        2 => publish(),
        1 => (0..PEOPLE).prop_map(|person| Step::Enrol { person }),
        1 => contract.prop_map(|(tenant, purposes)| Step::Contract { tenant, purposes }),
        10 => choose(),
        8 => (prop::bool::weighted(0.2), prop::collection::vec(turn(), 1..8))
            .prop_map(|(elsewhere, turns)| Step::Capture { tenant: usize::from(elsewhere), turns }),
        1 => (0..4_usize, 0..PEOPLE).prop_map(|(thread, shift)| Step::Echo { thread, shift }),
        1 => Just(Step::ImportAgain),
        1 => (0..PEOPLE).prop_map(|person| Step::Erase { person }),
        1 => Just(Step::Rotate),
        1 => Just(Step::Retention),
        2 => prop_oneof![2 => Just(0), 1 => 0..150_i64].prop_map(|ago_hours| Step::Release { ago_hours }),
    ]
}

/// People, a first notice with first choices, a history, and a release at its end.
fn history() -> impl Strategy<Value = (Vec<PersonPlan>, Vec<Step>)> {
    let agrees = prop::option::weighted(0.85, prop::bool::weighted(0.9));
    (prop::collection::vec((person(), agrees), PEOPLE), terms(), prop::collection::vec(step(), 1..40))
        .prop_map(|(people, train, steps)| {
            let (people, agreed): (Vec<PersonPlan>, Vec<Option<bool>>) = people.into_iter().unzip();
            let yes = |(person, train): (usize, bool)| Step::Choose {
                person,
                purpose: if train { Purpose::Train } else { Purpose::History },
                state: State::Given,
                ago_hours: 0,
                attested: false,
                older_notice: false,
            };
            let agreed: Vec<Step> =
                agreed.into_iter().enumerate().filter_map(|(who, train)| Some(yes((who, train?)))).collect();
            let wait = Step::Wait { hours: 5 };
            let first = Step::Publish {
                delay_hours: -300,
                minimum_age: 18,
                keep: false,
                controller: 0,
                train: Some(train),
                history: Some(30),
            };
            let last = Step::Release { ago_hours: 0 };
            (people, [vec![first], agreed, vec![wait], steps, vec![last]].concat())
        })
}

/// The system under test beside the oracle.
struct Run {
    folder: tempfile::TempDir,
    vault: Option<Vault>,
    entropy: Entropy,
    now: i64,
    world: World,
    notice_ids: Vec<NoticeId>,
    releases: Vec<PastRelease>,
}

/// A release with what the oracle says of who wrote what.
struct PastRelease {
    name: String,
    rows: Vec<Row>,
    texts: Vec<Vec<(String, String)>>,
}

fn time(hours: i64) -> Timestamp {
    Timestamp::from_millis((START + hours) * HOUR_MS)
}

fn tenant(number: usize) -> TenantId {
    TENANTS[number].parse().unwrap()
}

/// A word that no other number gives and that no detector takes for anything.
fn unique_word(mut number: usize) -> String {
    const SYLLABLES: [&str; 8] = ["ba", "de", "fi", "go", "lu", "mo", "ne", "ra"];
    let mut word = String::from("wo");
    for _ in 0..7 {
        word += SYLLABLES[number % 8];
        number /= 8;
    }
    word
}

impl Run {
    fn start(people: &[PersonPlan]) -> Self {
        // In memory where the system has it: what lasts and what does not is tested elsewhere.
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let folder = tempfile::tempdir_in(parent).unwrap();
        let mut entropy = Entropy::from_seed([7; 32]);
        let vault = Vault::create(&folder.path().join("vault"), "oracle.example", &mut entropy).unwrap();
        let mut world = World::default();
        for plan in people {
            world.people.push(rules::Person {
                tenant: plan.tenant,
                tier: plan.tier,
                region: plan.region,
                age: plan.age,
                enrolled: false,
                erased: false,
                purged: false,
                events: BTreeMap::new(),
            });
        }
        let mut run = Self {
            folder,
            vault: Some(vault),
            entropy,
            now: 0,
            world,
            notice_ids: Vec::new(),
            releases: Vec::new(),
        };
        for (number, plan) in people.iter().enumerate() {
            if plan.enrolled {
                run.enrol(number);
            }
        }
        run
    }

    fn vault(&mut self) -> &mut Vault {
        self.vault.as_mut().unwrap()
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Wait { hours } => self.now += hours,
            Step::Publish { .. } => self.publish(step),
            Step::Enrol { person } => self.enrol(*person),
            Step::Contract { tenant: number, purposes } => {
                self.world.set_contract(*number, purposes);
                self.vault().set_contract(&tenant(*number), purposes).unwrap();
            }
            Step::Choose { .. } => self.choose(step),
            Step::Capture { tenant, turns } => self.say(*tenant, turns),
            Step::Echo { thread, shift } => self.echo(*thread, *shift),
            Step::ImportAgain => self.capture(&(0..self.world.threads.len()).collect::<Vec<_>>()),
            Step::Erase { person } => self.erase(*person),
            Step::Rotate => {
                let (at, mut entropy) = (time(self.now), self.entropy.fork());
                self.vault().rotate_epoch(at, &mut entropy).unwrap();
            }
            Step::Retention => {
                let (at, mut entropy) = (time(self.now), self.entropy.fork());
                let report = self.vault().run_retention(at, &mut entropy).unwrap();
                let expected = self.world.run_retention(START + self.now);
                assert_eq!((report.turns_expired, report.turns_purged), expected, "turns dropped and purged");
            }
            Step::Release { ago_hours } => self.release(self.now - ago_hours),
        }
    }

    fn enrol(&mut self, person: usize) {
        let facts = self.world.people[person].clone();
        let profile = Profile {
            name: format!("person-{person}"),
            tier: facts.tier,
            region: facts.region.map(|region| region.parse().unwrap()),
            age: facts.age.map(Age::at_least),
            called: Vec::new(),
        };
        let (at, mut entropy) = (time(self.now), self.entropy.fork());
        let outcome = self.vault().enrol(&tenant(facts.tenant), &[profile], at, &mut entropy);
        if facts.erased {
            assert!(matches!(outcome, Err(VaultError::Erased { .. })), "an erased person enrolled again");
        } else {
            outcome.unwrap();
            self.world.people[person].enrolled = true;
        }
    }

    fn subject(&mut self, person: usize) -> Option<Subject> {
        let home = tenant(self.world.people[person].tenant);
        match self.vault().known(&home, &format!("person-{person}")).unwrap() {
            Known::Subject(subject) => Some(*subject),
            Known::Erased | Known::Nobody => None,
        }
    }

    fn publish(&mut self, step: &Step) {
        let Step::Publish { delay_hours, minimum_age, keep, controller, train, history } = step else {
            return;
        };
        let rule = |plan: &TermsPlan| rules::Terms {
            days: plan.days,
            silence: plan.silence,
            business: plan.business,
        };
        let kept = history.map(|days| rules::Terms { days, silence: Silence::No, business: true });
        let terms: BTreeMap<Purpose, rules::Terms> =
            [(Purpose::Train, train.as_ref().map(rule)), (Purpose::History, kept)]
                .into_iter()
                .filter_map(|(purpose, terms)| Some((purpose, terms?)))
                .collect();
        if terms.is_empty() {
            return;
        }
        let rule = rules::Notice {
            from: START + self.now + delay_hours,
            minimum_age: *minimum_age,
            keeps_after_withdrawal: *keep,
            controller: *controller,
            terms,
        };
        let notice = notice(&rule, self.world.notices.len() as u32 + 1);
        let at = time(self.now);
        let outcome = self.vault().publish_notice(&notice, at);
        let follows = self.world.notices.last().is_none_or(|last| last.from < rule.from);
        assert_eq!(outcome.is_ok(), follows, "publish: {:?}", outcome.as_ref().err());
        if let Ok(id) = outcome {
            self.notice_ids.push(id);
            self.world.notices.push(rule);
        }
    }

    fn choose(&mut self, step: &Step) {
        let Step::Choose { person, purpose, state, ago_hours, attested, older_notice } = step else { return };
        let Some(subject) = self.subject(*person) else { return };
        let from = START + self.now - ago_hours;
        let in_force = self.world.in_force(from).filter(|_| !older_notice).unwrap_or(0);
        let Some(notice) = self.notice_ids.get(in_force).copied() else { return };
        let act = Act {
            subject: subject.id,
            purpose: *purpose,
            state: *state,
            notice,
            effective_at: time(from - START),
            attested_by: attested.then(|| "records".into()),
            evidence: None,
        };
        let (at, mut entropy) = (time(self.now), self.entropy.fork());
        let outcome = self.vault().record(&[act], at, &mut entropy);
        let recorded = START + self.now;
        let event = rules::Event { state: *state, notice: in_force, from, recorded, attested: *attested };
        let legal = self.world.legal(*person, *purpose, &event);
        assert_eq!(outcome.is_ok(), legal, "record: {:?}", outcome.err());
        if legal {
            self.world.people[*person].events.entry(*purpose).or_default().push(event);
        }
    }

    fn say(&mut self, tenant: usize, plans: &[TurnPlan]) {
        let number = self.world.threads.len();
        let people = &self.world.people;
        let members: Vec<usize> = (0..people.len()).filter(|who| people[*who].tenant == tenant).collect();
        let author = |author: Author| match author {
            Author::Member(which) if members.is_empty() => which,
            Author::Member(which) => members[which % members.len()],
            Author::Anybody(which) => which,
            Author::Stranger => people.len(),
        };
        let turn = |(index, plan): (usize, &TurnPlan)| Said {
            parent: plan.parent.filter(|_| index > 0).map(|back| index - 1 - back.min(index - 1)),
            role: plan.role,
            author: plan.author.map(author),
            at: plan.age_hours.map(|hours| START + self.now - hours),
            opted_out: plan.opted_out,
            young: plan.young,
            text: format!("here is {} again", unique_word(number * 16 + index)),
        };
        let turns = plans.iter().enumerate().map(turn).collect();
        self.world.threads.push(Thread { tenant, turns });
        self.capture(&[number]);
    }

    fn echo(&mut self, thread: usize, shift: usize) {
        if self.world.threads.is_empty() {
            return;
        }
        let mut copy = self.world.threads[thread % self.world.threads.len()].clone();
        let people = self.world.people.len();
        for turn in &mut copy.turns {
            turn.author = turn.author.map(|author| (author + shift) % people);
        }
        self.world.threads.push(copy);
        self.capture(&[self.world.threads.len() - 1]);
    }

    fn capture(&mut self, threads: &[usize]) {
        let conversations = threads.iter().map(|thread| conversation(&self.world.threads[*thread], *thread));
        let conversations: Vec<Conversation> = conversations.collect();
        let defaults = Defaults {
            tenant: "nobody-home".parse().unwrap(),
            author: None,
            tier: None,
            region: None,
            age: None,
            said_at: None,
        };
        let (at, mut entropy) = (time(self.now), self.entropy.fork());
        let mut capture = Capture::begin(self.vault(), defaults, at, &mut entropy).unwrap();
        let counts = capture.add(conversations).unwrap();
        capture.commit(None).unwrap();
        let mut expected = Captured::default();
        for thread in threads {
            let one = self.world.capture(*thread, START + self.now);
            expected.examined += one.examined;
            expected.imported += one.imported;
            expected.duplicate += one.duplicate;
            for (reason, count) in one.withheld {
                *expected.withheld.entry(reason).or_default() += count;
            }
        }
        let found = Captured {
            examined: counts.examined,
            imported: counts.imported,
            duplicate: counts.duplicate,
            withheld: counts.withheld,
        };
        assert_eq!(found, expected, "capture");
    }

    /// Erases a person; the rows recalled are those that the oracle says they had a part in.
    fn erase(&mut self, person: usize) {
        let Some(subject) = self.subject(person) else { return };
        let at = time(self.now);
        let recalls = recalls(self.vault(), &[Departure { subject: &subject, purpose: None }]).unwrap();
        assert_eq!(recalls.unknown, Vec::<String>::new());
        for release in &self.releases {
            let rows = recalls.rows.iter().filter(|(name, _)| *name == release.name).map(|(_, row)| *row);
            assert_eq!(release.said(rows), release.said_by(person), "recalled rows of {}", release.name);
        }
        self.vault().erase(&subject, &recalls.rows, at).unwrap();
        let facts = &mut self.world.people[person];
        facts.erased = true;
        facts.events.clear();
    }

    fn release(&mut self, as_of: i64) {
        let name = format!("r{}", self.releases.len());
        let (root, now) = (self.folder.path().to_owned(), self.now);
        let plan = |output: &str| Plan {
            name: name.clone(),
            purpose: Purpose::Train,
            as_of: time(as_of),
            now: time(now),
            output: root.join(output),
            identifiers: Settings::release(),
            near_duplicates: false,
            pasted_permille: candor_release::origin::SAMPLING_FULL,
            reference: None,
            attachments: candor_release::Attachments::Withhold,
            sensitive: candor_deid::sensitive::Policy::standard(),
            replacement: candor_release::Replacement::Placeholders,
            second_reader: None,
            look: candor_release::residual::Look::default(),
            memory_bytes: MEMORY_BYTES_MIN,
            tool: "candor oracle".into(),
        };
        drop(self.vault.take());
        copy_folder(&root.join("vault"), &root.join("copy"));
        let mut vault = Vault::open(&root.join("vault")).unwrap();
        let (mut one, mut other) = (self.entropy.fork(), self.entropy.fork());
        let built = build(&mut vault, &plan(&name), &mut one, &|_| {}).unwrap();
        self.vault = Some(vault);
        let mut copy = Vault::open(&root.join("copy")).unwrap();
        build(&mut copy, &plan("again"), &mut other, &|_| {}).unwrap();
        assert_eq!(
            files(&root.join(&name)),
            files(&root.join("again")),
            "the same vault gave other bytes (N8)"
        );
        fs::remove_dir_all(root.join("copy")).unwrap();
        fs::remove_dir_all(root.join("again")).unwrap();
        verify_release(&built.folder, None).unwrap();
        let expected = self.world.release(START + as_of, START + self.now);
        let texts = check(&built, &expected);
        let release = PastRelease { name, rows: expected.rows, texts };
        for person in 0..self.world.people.len() {
            if let Some(subject) = self.subject(person) {
                let of_all =
                    recalls(self.vault(), &[Departure { subject: &subject, purpose: None }]).unwrap();
                let rows = of_all.rows.into_iter().filter(|(name, _)| *name == release.name);
                assert_eq!(
                    release.said(rows.map(|(_, row)| row)),
                    release.said_by(person),
                    "rows of person {person}"
                );
            }
        }
        self.releases.push(release);
    }
}

impl PastRelease {
    fn said(&self, rows: impl Iterator<Item = u64>) -> BTreeSet<&[(String, String)]> {
        rows.map(|row| self.texts[row as usize].as_slice()).collect()
    }

    fn said_by(&self, person: usize) -> BTreeSet<&[(String, String)]> {
        let own: BTreeSet<Vec<(&str, &str)>> = self
            .rows
            .iter()
            .filter(|(_, people)| people.contains(&person))
            .map(|(row, _)| row.iter().map(|(role, text)| (*role, text.as_str())).collect())
            .collect();
        let plain = |text: &[(String, String)]| -> Vec<(String, String)> { text.to_vec() };
        let is_own = |text: &&[(String, String)]| {
            let text = plain(text);
            let text: Vec<(&str, &str)> =
                text.iter().map(|(role, text)| (role.as_str(), text.as_str())).collect();
            own.contains(&text)
        };
        self.texts.iter().map(Vec::as_slice).filter(is_own).collect()
    }
}

/// Compares a release with what the oracle expects; gives the texts of its rows.
fn check(built: &Built, expected: &Released) -> Vec<Vec<(String, String)>> {
    let manifest = &built.manifest;
    let found = Released {
        examined: manifest.turns.examined,
        used: manifest.turns.used,
        withheld: manifest.turns.withheld.clone(),
        basis: manifest.turns.basis.clone(),
        notices: manifest.notices.iter().map(|notice| (notice.version as usize - 1, notice.turns)).collect(),
        rows: expected.rows.clone(),
    };
    assert_eq!(&found, expected, "turns of the release");
    assert_eq!(manifest.wrong_sum(), None);
    let mut weights: BTreeMap<Vec<(String, String)>, u32> = BTreeMap::new();
    for (row, _) in &expected.rows {
        let row = row.iter().map(|(role, text)| ((*role).to_owned(), text.clone())).collect();
        *weights.entry(row).or_default() += 1;
    }
    let mut read = Vec::new();
    let mut read_weights = BTreeMap::new();
    for file in &manifest.files {
        let bytes = fs::read(built.folder.join(&file.path)).unwrap();
        let visit = |batch: &stage::RowBatch| {
            let rows = stage::messages_of(&batch.messages).unwrap();
            for (row, weight) in rows.into_iter().zip(batch.weights.values()) {
                let row: Vec<(String, String)> = row.into_iter().map(|m| (m.role, m.content)).collect();
                assert_eq!(read_weights.insert(row.clone(), *weight), None, "a row stands twice: {row:?}");
                read.push(row);
            }
            Ok::<(), data::DataError>(())
        };
        data::read(bytes.into(), &file.path, visit).unwrap();
    }
    assert_eq!(read_weights, weights, "rows of the release with their weights");
    assert_eq!(manifest.rows.candidates, expected.rows.len() as u64);
    assert_eq!(manifest.rows.released, weights.len() as u64);
    let people: BTreeSet<usize> =
        expected.rows.iter().flat_map(|(_, people)| people.iter().copied()).collect();
    assert_eq!(manifest.people, people.len() as u64, "people");
    read
}

fn notice(rule: &rules::Notice, version: u32) -> Notice {
    let silence = |silence| match silence {
        Silence::No => (Default::Off, Vec::new()),
        Silence::Yes => (Default::On, Vec::new()),
        Silence::YesInTheStates => {
            let regions = vec!["US".parse().unwrap()];
            (Default::Off, vec![DefaultFor { tiers: Vec::new(), regions, default: Default::On }])
        }
        Silence::YesButForApi => {
            let tiers = vec![Tier::Api];
            (Default::On, vec![DefaultFor { tiers, regions: Vec::new(), default: Default::Off }])
        }
    };
    let terms = |terms: &rules::Terms| {
        let (default, default_for) = silence(terms.silence);
        Terms {
            retention_days: terms.days as u32,
            default,
            default_for,
            business_with_contract: terms.business,
            recipients: Vec::new(),
        }
    };
    let words = rule.terms.keys().map(|purpose| (*purpose, "Yes or no.".to_owned())).collect();
    let text = LocaleText { title: "Title".into(), body: "Body.".into(), purposes: words };
    Notice {
        version: NoticeVersion(version),
        effective_at: time(rule.from - START),
        controller: format!("Controller {}", rule.controller),
        contact: "privacy@example.org".into(),
        address: None,
        jurisdiction: None,
        stored_in: Vec::new(),
        minimum_age: rule.minimum_age,
        after_withdrawal: if rule.keeps_after_withdrawal {
            AfterWithdrawal::Keep
        } else {
            AfterWithdrawal::Purge
        },
        feedback_overrides: false,
        purposes: rule.terms.iter().map(|(purpose, rule)| (*purpose, terms(rule))).collect(),
        text: [("en".to_owned(), text)].into(),
    }
}

fn conversation(thread: &Thread, number: usize) -> Conversation {
    let turn = |(index, said): (usize, &Said)| {
        let mut turn =
            Turn::new(format!("t{index}"), said.parent, said.role, vec![Part::Text(said.text.clone())]);
        turn.author = said.author.map(|author| format!("person-{author}"));
        turn.at = said.at.map(|at| time(at - START));
        turn.opted_out = said.opted_out;
        turn.age = said.young.then_some(Age::at_least(10));
        turn
    };
    let turns = thread.turns.iter().enumerate().map(turn).collect();
    let mut conversation = Conversation::new(format!("thread-{number}"), turns).unwrap();
    conversation.tenant = Some(tenant(thread.tenant));
    conversation
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(next).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                waiting.push(entry.path());
            } else {
                let name = entry.path().strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 40,
        max_shrink_iters: 600,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_histories_end_as_the_oracle_says((people, steps) in history()) {
        let mut run = Run::start(&people);
        for step in &steps {
            run.take(step);
        }
    }
}

/// A history of one adult of the United States under a notice whose default is on, with a release at its end.
fn alone(steps: Vec<Step>) {
    let train = TermsPlan { days: 30, silence: Silence::Yes, business: false };
    let first = Step::Publish {
        delay_hours: -300,
        minimum_age: 18,
        keep: false,
        controller: 0,
        train: Some(train),
        history: Some(30),
    };
    let person =
        PersonPlan { tenant: 0, tier: Tier::Consumer, region: Some("US"), age: Some(40), enrolled: true };
    let all = [vec![first], steps, vec![Step::Release { ago_hours: 0 }]].concat();
    let mut run = Run::start(&[person]);
    all.iter().for_each(|step| run.take(step));
}

fn chooses(purpose: Purpose, state: State) -> Step {
    Step::Choose { person: 0, purpose, state, ago_hours: 0, attested: false, older_notice: false }
}

fn says(turns: &[(Role, i64)]) -> Step {
    let turn = |(role, age_hours): &(Role, i64)| TurnPlan {
        parent: Some(0),
        role: *role,
        author: (*role == Role::User).then_some(Author::Member(0)),
        age_hours: Some(*age_hours),
        opted_out: false,
        young: false,
    };
    Step::Capture { tenant: 0, turns: turns.iter().map(turn).collect() }
}

#[test]
fn a_thread_that_grew_is_known_as_a_whole_when_it_is_imported_again() {
    // The second turn claims to be from the future at first.
    let grows = says(&[(Role::User, 0), (Role::User, -1)]);
    alone(vec![grows, Step::Wait { hours: 2 }, Step::ImportAgain, Step::ImportAgain]);
}

#[test]
fn who_refused_and_was_asked_again_is_not_taken_for_silent() {
    let asked = [State::Refused, State::Requested].map(|state| chooses(Purpose::Train, state));
    alone([&asked[..], &[says(&[(Role::User, 0)])]].concat());
}

#[test]
fn a_release_as_of_an_earlier_time_sees_the_withdrawals_since() {
    let given = chooses(Purpose::Train, State::Given);
    let withdrawn = chooses(Purpose::Train, State::Withdrawn);
    let said = says(&[(Role::User, 0), (Role::Assistant, 0)]);
    let steps = [given, said, Step::Wait { hours: 48 }, withdrawn, Step::Release { ago_hours: 24 }];
    alone(steps.to_vec());
}

#[test]
fn replies_stay_through_a_purge_that_leaves_their_purpose_alone() {
    let kept = chooses(Purpose::History, State::Given);
    let no_longer = chooses(Purpose::History, State::Withdrawn);
    let said = says(&[(Role::User, 0), (Role::Assistant, 0), (Role::User, 0)]);
    alone(vec![kept, said, no_longer, Step::Retention]);
}
