//! Measures what the database of the catalogue costs: the same work on SQLite and on PostgreSQL, side by side.
//!
//! Usage: `catalogue_times [TURNS] [EVENTS]`. PostgreSQL is started from Debian's package as the tests do, and waits for
//! the disk as SQLite does; both are on the same machine.

#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use candor_consent::{Notice, Purpose, State, examples};
use candor_conversation::{Conversation, Part, Role, SubjectId, Tier, Timestamp, Turn};
use candor_testbed::Database;
use candor_vault::{Act, Capture, Defaults, Entropy, Live, Profile, Vault};

type Outcome<T> = Result<T, Box<dyn Error>>;

const PEOPLE: usize = 1_000;
const TURNS_OF_A_CONVERSATION: usize = 10;
/// Conversations that are captured together.
const BATCH: usize = 1_000;
/// Events of one transaction, where several come together.
const TOGETHER: usize = 100;
/// Events that come alone.
const ALONE: usize = 300;
/// How often a short thing is done.
const TIMES: u32 = 1_000;

fn main() -> Outcome<()> {
    let mut given = std::env::args().skip(1);
    let mut number = |default: usize| given.next().map_or(Ok(default), |text| text.parse::<usize>());
    let (turns, events) = (number(100_000)?, number(10_000)?);
    let sqlite = measure(&Database::sqlite(), turns, events)?;
    let database = Database::postgres().map_err(|error| error.to_string())?;
    let database = database.ok_or("without PostgreSQL there is nothing to compare")?;
    let as_in_use =
        ["ALTER SYSTEM SET fsync = on", "ALTER SYSTEM SET full_page_writes = on", "SELECT pg_reload_conf()"];
    for statement in as_in_use {
        database.run(Path::new(""), statement).map_err(|error| error.to_string())?;
    }
    let postgres = measure(&database, turns, events)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:38} {:>12} {:>12}  ratio", "", "SQLite", "PostgreSQL")?;
    for ((name, unit, ours), (.., theirs)) in sqlite.iter().zip(&postgres) {
        writeln!(out, "{name:38} {ours:9.1} {unit:2} {theirs:9.1} {unit:2}  {:.1}", theirs / ours)?;
    }
    Ok(())
}

/// What was done, its unit, and how many of them it took.
type Measured = (&'static str, &'static str, f64);

fn measure(database: &Database, turns: usize, events: usize) -> Outcome<Vec<Measured>> {
    let folder = tempfile::tempdir()?;
    let root = folder.path().join("vault");
    let mut entropy = Entropy::from_seed([1; 32]);
    let then: Timestamp = "2026-01-01T00:00:00Z".parse()?;
    let mut vault = Vault::create_with(&root, "chat.example.org", &database.url().parse()?, &mut entropy)?;
    vault.publish_notice(&Notice::parse(examples::OURS)?, then)?;
    let mut measured = Vec::new();

    let start = Instant::now();
    let people = enrol(&mut vault, then, &mut entropy)?;
    measured.push(("enrol 1,000 people", "ms", ms(start)));

    let acts = acts_for(&vault, &people, (Purpose::Train, then), events + ALONE)?;
    let (together, alone) = acts.split_at(events);
    let start = Instant::now();
    for some in together.chunks(TOGETHER) {
        vault.record(some, then, &mut entropy)?;
    }
    measured.push(("record an event, 100 together", "ms", ms(start) / events as f64));
    let start = Instant::now();
    for one in alone.chunks(1) {
        vault.record(one, then, &mut entropy)?;
    }
    measured.push(("record an event alone", "ms", ms(start) / ALONE as f64));

    let now: Timestamp = "2026-01-05T00:00:00Z".parse()?;
    let agreed = acts_for(&vault, &people, (Purpose::History, now), PEOPLE)?;
    vault.record(&agreed, now, &mut entropy)?;
    let start = Instant::now();
    import(&mut vault, turns, &mut entropy)?;
    measured.push(("import 1,000 turns", "ms", ms(start) / (turns as f64 / 1_000.0)));
    drop(vault);

    let start = Instant::now();
    let mut live = Live::open(&root)?;
    let mut policy = live.policy()?;
    measured.push(("read what decides about all", "ms", ms(start)));
    let start = Instant::now();
    for _ in 0..TIMES {
        live.refresh(&mut policy)?;
    }
    measured.push(("see that nothing changed", "µs", ms(start) * 1_000.0 / f64::from(TIMES)));
    let start = Instant::now();
    drop(Vault::open(&root)?);
    measured.push(("open and close the vault", "ms", ms(start)));
    Ok(measured)
}

fn ms(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1_000.0
}

fn enrol(vault: &mut Vault, now: Timestamp, entropy: &mut Entropy) -> Outcome<Vec<SubjectId>> {
    let profile = |number| Profile {
        name: format!("person-{number}"),
        tier: Tier::Consumer,
        region: None,
        age: None,
        called: Vec::new(),
    };
    let profiles: Vec<Profile> = (0..PEOPLE).map(profile).collect();
    Ok(vault.enrol(&"home".parse()?, &profiles, now, entropy)?)
}

/// Everybody agrees, and then takes it back and agrees again, as often as it takes.
fn acts_for(
    vault: &Vault,
    people: &[SubjectId],
    (purpose, effective_at): (Purpose, Timestamp),
    count: usize,
) -> Outcome<Vec<Act>> {
    let (notice, _) = vault.notice(None, effective_at)?;
    let rounds = [State::Given, State::Withdrawn].into_iter().cycle();
    let acts = rounds.flat_map(|state| people.iter().map(move |subject| (state, *subject)));
    let act = |(state, subject)| Act {
        subject,
        purpose,
        state,
        notice,
        effective_at,
        attested_by: None,
        evidence: None,
    };
    Ok(acts.take(count).map(act).collect())
}

fn import(vault: &mut Vault, turns: usize, entropy: &mut Entropy) -> Outcome<()> {
    let said_at = Some("2026-01-06T00:00:00Z".parse()?);
    let tenant = "home".parse()?;
    let defaults =
        Defaults { tenant, author: None, tier: Some(Tier::Consumer), region: None, age: None, said_at };
    let mut capture = Capture::begin(vault, defaults, "2026-01-07T00:00:00Z".parse()?, entropy)?;
    let all = turns / TURNS_OF_A_CONVERSATION;
    for batch in (0..all).step_by(BATCH) {
        capture.add((batch..(batch + BATCH).min(all)).map(talk).collect::<Result<_, _>>()?)?;
        capture.commit(None)?;
    }
    Ok(())
}

fn talk(number: usize) -> Outcome<Conversation> {
    let mut turns: Vec<Turn> = Vec::with_capacity(TURNS_OF_A_CONVERSATION);
    for at in 0..TURNS_OF_A_CONVERSATION {
        let role = if at % 2 == 0 { Role::User } else { Role::Assistant };
        let text = format!("In conversation {number} this is what {} says as number {at}. ", role.as_str())
            .repeat(4);
        let mut turn = Turn::new(format!("t{at}"), at.checked_sub(1), role, vec![Part::Text(text)]);
        turn.author = (role == Role::User).then(|| format!("person-{}", number % PEOPLE));
        turns.push(turn);
    }
    Ok(Conversation::new(format!("talk-{number}"), turns)?)
}
