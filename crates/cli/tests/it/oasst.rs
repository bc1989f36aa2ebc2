//! Real threads of several authors, with consents generated from a seed onto the real user ids.
//!
//! The bookkeeping here is made from the raw rows alone, apart from the program.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;

use serde_json::Value;

use crate::rows::{self, Row, adds_up, publish, sums_agree, total};
use crate::run::World;

const NOW: &str = "2026-03-01T00:00:00Z";
const NOTICE_1: &str = "2023-01-01T00:00:00Z";
/// Broader than the first: what was said from then on needs a renewed yes.
const NOTICE_2: &str = "2023-03-01T00:00:00Z";
const EARLY: &str = "2023-01-05T00:00:00Z";
const LATE: &str = "2023-02-15T00:00:00Z";
const WITHDRAWN: &str = "2023-06-01T00:00:00Z";
const DELETED: &str = "deleted-at-source";
const MISSING: &str = "parent-missing";
/// Another seed gives other people other stories.
const SEED: u64 = 11;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Story {
    GivesEarly,
    GivesLate,
    Refuses,
    Defers,
    Withdraws,
    NeverAsked,
    Unknown,
    Minor,
    BusinessWithoutContract,
    OldNoticeOnly,
}

/// One message as the file has it.
struct Message {
    id: String,
    parent: Option<String>,
    user: String,
    role: &'static str,
    at: String,
    text: String,
    /// Why it is no turn at all: it, or one above it, was deleted at the source or is not in the file.
    lost: Option<&'static str>,
}

fn messages() -> Option<Vec<Message>> {
    let path = rows::corpus("a01_oasst1_en_fi")?.join("en-validation.jsonl.zst");
    let text = String::from_utf8(zstd::decode_all(fs::File::open(path).unwrap()).unwrap()).unwrap();
    let message = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        let field = |name: &str| row[name].as_str().map(str::to_owned);
        let role = if row["role"] == "prompter" { "user" } else { "assistant" };
        Message {
            id: field("message_id").unwrap(),
            parent: field("parent_id"),
            user: field("user_id").unwrap(),
            role,
            at: field("created_date").unwrap(),
            text: field("text").unwrap(),
            lost: row["deleted"].as_bool().unwrap().then_some(DELETED),
        }
    };
    let mut messages: Vec<Message> = text.lines().map(message).collect();
    let mut seen: HashMap<String, Option<&'static str>> = HashMap::new();
    for message in &mut messages {
        // A parent stands before its children.
        let above = message.parent.as_ref().and_then(|parent| *seen.get(parent).unwrap_or(&Some(MISSING)));
        message.lost = above.or(message.lost);
        seen.insert(message.id.clone(), message.lost);
    }
    Some(messages)
}

/// More than half of the people agree, so that threads of several authors get through at all.
fn story(user: &str) -> Story {
    let hash = user.bytes().fold(0xcbf2_9ce4_8422_2325 ^ SEED, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    match (hash >> 20) % 24 {
        0..14 => Story::GivesEarly,
        14 | 15 => Story::GivesLate,
        16 => Story::Refuses,
        17 => Story::Defers,
        18 => Story::Withdraws,
        19 => Story::NeverAsked,
        20 => Story::Unknown,
        21 => Story::Minor,
        22 => Story::BusinessWithoutContract,
        _ => Story::OldNoticeOnly,
    }
}

/// Why a message of its own may not be used; times in RFC 3339 compare as text.
fn objection(message: &Message) -> Option<&'static str> {
    if message.lost.is_some() {
        return message.lost;
    }
    match story(&message.user) {
        Story::GivesEarly => None,
        Story::GivesLate => (message.at.as_str() < LATE).then_some("before-consent"),
        Story::Refuses => Some("refused"),
        Story::Defers => Some("deferred"),
        Story::Withdraws => Some("withdrawn"),
        Story::NeverAsked => Some("never-asked"),
        Story::Unknown => Some("unknown-subject"),
        Story::Minor => Some("under-age"),
        Story::BusinessWithoutContract => Some("no-contract"),
        Story::OldNoticeOnly => (message.at.as_str() >= NOTICE_2).then_some("notice-broader"),
    }
}

fn choices(messages: &[Message]) -> String {
    let users: std::collections::BTreeSet<&str> =
        messages.iter().map(|message| message.user.as_str()).collect();
    let mut csv = "subject,tier,age,purpose,state,effective_at,notice\n".to_owned();
    for user in users {
        let mut add = |tier: &str, age: &str, choice: &str| csv += &format!("{user},{tier},{age},{choice}\n");
        let given = |at: &str| format!("train,given,{at},1");
        let renewed = format!("train,renewed,{NOTICE_2},2");
        match story(user) {
            Story::Unknown => {}
            Story::NeverAsked => add("consumer", "18+", ",,,"),
            Story::Refuses => add("consumer", "18+", &format!("train,refused,{EARLY},1")),
            Story::Defers => add("consumer", "18+", &format!("train,deferred,{EARLY},1")),
            Story::OldNoticeOnly => add("consumer", "18+", &given(EARLY)),
            agrees => {
                let tier = if agrees == Story::BusinessWithoutContract { "business" } else { "consumer" };
                let age = if agrees == Story::Minor { "13-17" } else { "18+" };
                add(tier, age, &given(if agrees == Story::GivesLate { LATE } else { EARLY }));
                add(tier, age, &renewed);
                if agrees == Story::Withdraws {
                    add(tier, age, &format!("train,withdrawn,{WITHDRAWN},2"));
                }
            }
        }
    }
    csv
}

/// The corpus imported under generated consents; with what the import said.
fn world(messages: &[Message]) -> (World, Value) {
    let world = World::empty(NOW);
    publish(&world, 1, NOTICE_1, 3650);
    publish(&world, 2, NOTICE_2, 3651);
    let csv = world.write("choices.csv", choices(messages));
    world.ok(&["consent", "import", csv.to_str().unwrap(), "--attested-by", "records"]);
    let config = fs::read_to_string(world.data().join("candor.toml")).unwrap();
    let exact = config.replace("near_duplicates = true", "near_duplicates = false");
    fs::write(world.data().join("candor.toml"), exact).unwrap();
    world.keep_what_is_sensitive();
    let path = rows::corpus("a01_oasst1_en_fi").unwrap().join("en-validation.jsonl.zst");
    let import = world.json(&["import", path.to_str().unwrap()]);
    (world, import)
}

/// Whether a released text is this one, a placeholder standing for any run of characters.
fn stands_for(released: &str, raw: &str) -> bool {
    let parts = split_at_placeholders(released);
    let [first, between @ .., last] = parts.as_slice() else { return released == raw };
    let Some(mut rest) = raw.strip_prefix(first.as_str()) else { return false };
    for part in between {
        let Some(at) = rest.find(part.as_str()) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last.as_str())
}

/// The texts between `[EMAIL_1]` and its like.
fn split_at_placeholders(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        let close = rest[open..].find(']').map(|length| open + length);
        let inside = close.map_or("", |close| &rest[open + 1..close]);
        let is_placeholder = inside.len() > 3
            && inside.starts_with(|c: char| c.is_ascii_uppercase())
            && inside.ends_with(|c: char| c.is_ascii_digit())
            && inside.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        let end = if is_placeholder { open } else { open + 1 };
        parts.last_mut().unwrap().push_str(&rest[..end]);
        rest = &rest[end..];
        if is_placeholder {
            parts.push(String::new());
            rest = &rest[inside.len() + 2..];
        }
    }
    parts.last_mut().unwrap().push_str(rest);
    parts
}

/// Paths of allowed messages that no allowed message continues.
fn allowed_paths(messages: &[Message]) -> Vec<Vec<usize>> {
    let index: HashMap<&str, usize> =
        messages.iter().enumerate().map(|(at, m)| (m.id.as_str(), at)).collect();
    let parent = |at: usize| messages[at].parent.as_deref().and_then(|parent| index.get(parent).copied());
    let path = |end: usize| -> Vec<usize> {
        let mut path: Vec<usize> = std::iter::successors(Some(end), |at| parent(*at)).collect();
        path.reverse();
        path
    };
    let allowed: Vec<Vec<usize>> = (0..messages.len())
        .map(path)
        .filter(|path| path.iter().all(|at| objection(&messages[*at]).is_none()))
        .collect();
    let continued: HashSet<usize> = allowed.iter().filter_map(|path| parent(*path.last().unwrap())).collect();
    allowed.into_iter().filter(|path| !continued.contains(path.last().unwrap())).collect()
}

#[test]
fn what_is_released_of_real_threads_is_what_their_authors_agreed_to() {
    let Some(messages) = messages() else { return };
    let (world, import) = world(&messages);
    adds_up(&import);

    let mut withheld: BTreeMap<&str, u64> = BTreeMap::new();
    for reason in messages.iter().filter_map(objection) {
        *withheld.entry(reason).or_default() += 1;
    }
    let failed = [DELETED, MISSING].map(|reason| withheld.remove(reason).unwrap());
    assert_eq!(import["failed"], serde_json::json!({ DELETED: failed[0], MISSING: failed[1] }));
    assert_eq!(withheld.len(), 9, "every story has messages: {withheld:?}");
    assert_eq!(import["withheld"], serde_json::to_value(&withheld).unwrap());
    let kept = messages.len() as u64 - failed.iter().sum::<u64>() - withheld.values().sum::<u64>();
    assert_eq!((total(&import["examined"]), total(&import["imported"])), (messages.len() as u64, kept));

    let paths = allowed_paths(&messages);
    let used: HashSet<usize> = paths.iter().flatten().copied().collect();
    let several =
        paths.iter().filter(|path| path.iter().any(|at| messages[*at].user != messages[path[0]].user));
    assert!(several.count() > 50, "threads of several authors are released");
    world.ok(&["release", "build", "first"]);
    let manifest = rows::manifest(&world.release("first"));
    let released = rows::rows(&world.release("first"));
    sums_agree(&manifest, &released);
    let turns = &manifest["turns"];
    assert_eq!((total(&turns["examined"]), total(&turns["used"])), (kept, used.len() as u64));
    assert_eq!(turns["withheld"], serde_json::json!({ "after-withheld": kept - used.len() as u64 }));
    assert_eq!(turns["basis"], serde_json::json!({ "attested-consent": used.len() as u64 }));
    assert_eq!(total(&manifest["rows"]["candidates"]), paths.len() as u64);
    same_texts(&messages, &paths, &released);
    no_forbidden_text(&messages, &used, &released);

    let verified = world.verifies(&world.release("first"));
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let somebody = |wanted: Story| {
        let found = messages.iter().enumerate().find(|(at, message)| {
            story(&message.user) == wanted && (wanted != Story::GivesEarly || used.contains(at))
        });
        found.unwrap().1.user.as_str()
    };
    for (wanted, claim) in [
        (Story::Refuses, "absent"),
        (Story::Defers, "absent"),
        (Story::Withdraws, "absent"),
        (Story::Minor, "absent"),
        (Story::GivesEarly, "present"),
    ] {
        assert_eq!(rows::proof_claim(&world, "first", &[somebody(wanted)]), claim, "{wanted:?}");
    }
}

/// Every row is an allowed path, and every allowed path is a row or has a copy that stands for it.
fn same_texts(messages: &[Message], paths: &[Vec<usize>], released: &[Row]) {
    let is_row_of = |row: &Row, path: &Vec<usize>| {
        row.messages.len() == path.len()
            && row.messages.iter().zip(path).all(|((role, text), at)| {
                *role == messages[*at].role && stands_for(text, &messages[*at].text)
            })
    };
    let mut found = HashSet::new();
    for row in released {
        let path = paths.iter().position(|path| is_row_of(row, path));
        assert!(path.is_some(), "a row of {} messages is no allowed path", row.messages.len());
        found.extend(path);
    }
    let merged: u32 = released.iter().map(|row| row.weight - 1).sum();
    assert_eq!(paths.len(), found.len() + merged as usize, "paths that no row stands for");
}

/// No text is released that only people said who did not agree.
fn no_forbidden_text(messages: &[Message], used: &HashSet<usize>, released: &[Row]) {
    let texts: HashSet<&str> =
        released.iter().flat_map(|row| &row.messages).map(|(_, text)| text.as_str()).collect();
    let allowed: HashSet<&str> = used.iter().map(|at| messages[*at].text.as_str()).collect();
    for message in messages.iter().filter(|message| objection(message).is_some()) {
        let text = message.text.as_str();
        assert!(allowed.contains(text) || !texts.contains(text), "message {} is released", message.id);
    }
}
