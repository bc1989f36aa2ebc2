//! The generated sample, from choices to release: nothing planted comes through, and every story ends as it is
//! told.

use std::collections::{HashMap, HashSet};
use std::fs;

use candor_conversation::{Message, Timestamp};
use candor_deid::{Engine, Settings};
use candor_release::stage::deidentify_row;
use candor_sample::{
    Person, Plan, PlantedKind, Story, TENANT_WITH_CONTRACT, near_copies, notice_times, people, planted,
    write_consents_csv, write_conversations,
};
use serde_json::Value;

use crate::rows::{self, Row, adds_up, publish, sums_agree, total};
use crate::run::World;

const NOW: &str = "2026-06-01T12:00:00Z";

struct Sample {
    plan: Plan,
    people: Vec<Person>,
    conversations: Vec<Value>,
    world: World,
    import: Value,
}

/// The sample imported, each message as `change` leaves it, with its two notices, its choices and the one contract.
fn sample(mut change: impl FnMut(&mut Value)) -> Sample {
    let plan = Plan::quickstart(NOW.parse().unwrap());
    let world = World::empty(NOW);
    let (first, second) = notice_times(&plan);
    publish(&world, 1, &first.to_string(), 365);
    publish(&world, 2, &second.to_string(), 366);
    world.ok(&["tenant", "contract", TENANT_WITH_CONTRACT, "history", "train"]);
    let (mut lines, mut choices) = (Vec::new(), Vec::new());
    write_conversations(&plan, &mut lines).unwrap();
    write_consents_csv(&plan, &mut choices).unwrap();
    let csv = world.write("choices.csv", &choices);
    world.ok(&["consent", "import", csv.to_str().unwrap(), "--attested-by", "records"]);
    let people = people(&plan);
    for person in people.iter().filter(|person| person.story == Story::NeverAsked) {
        world.ok(&["enrol", &person.name, "--tenant", person.tenant, "--tier", person.tier.as_str()]);
    }
    let text = String::from_utf8(lines).unwrap();
    let mut conversations: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    conversations.iter_mut().flat_map(|one| one["messages"].as_array_mut().unwrap()).for_each(&mut change);
    let lines: String = conversations.iter().map(|conversation| format!("{conversation}\n")).collect();
    let log = world.write("conversations.jsonl", &lines);
    let import = world.json(&["import", log.to_str().unwrap()]);
    Sample { plan, people, conversations, world, import }
}

#[test]
fn the_sample_is_released_as_its_stories_are_told() {
    let sample = sample(|_| {});
    adds_up(&sample.import);
    assert_eq!(total(&sample.import["failed"]), 0);
    let turns: usize = sample.conversations.iter().map(|c| c["messages"].as_array().unwrap().len()).sum();
    assert_eq!(total(&sample.import["examined"]), turns as u64);

    sample.world.ok(&["release", "build", "first"]);
    let release = sample.world.release("first");
    let (manifest, released) = (rows::manifest(&release), rows::rows(&release));
    sums_agree(&manifest, &released);
    let verified = sample.world.verifies(&release);
    assert_eq!(verified.code, Some(0), "{verified:?}");

    nothing_planted_is_in(&sample, &released);
    near_copies_are_merged(&sample, &manifest, &released);
    proofs_say_what_stories_say(&sample);
}

/// No identifier and no canary stands in any text, the manifest or the card.
fn nothing_planted_is_in(sample: &Sample, released: &[Row]) {
    let folder = sample.world.release("first");
    let described = ["release.json", "README.md"].map(|name| fs::read_to_string(folder.join(name)).unwrap());
    let texts = || released.iter().flat_map(|row| row.messages.iter().map(|(_, text)| text.as_str()));
    let planted = planted(&sample.plan);
    assert!(planted.len() > 60, "{} planted", planted.len());
    for plant in &planted {
        let found =
            texts().chain(described.iter().map(String::as_str)).find(|text| text.contains(&plant.value));
        assert!(found.is_none(), "{:?} of {} came through", plant.kind, plant.conversation);
    }
    let kinds: HashSet<PlantedKind> = planted.iter().map(|plant| plant.kind).collect();
    assert_eq!(kinds.len(), PlantedKind::IDENTIFIERS.len() + 1);
    assert!(
        texts().any(|text| text.contains("[EMAIL_1]")),
        "an identifier is replaced, not its turn dropped"
    );
}

/// What a story allows of a turn said at a time.
fn agreed(sample: &Sample, person: &Person, at: Timestamp) -> bool {
    let (_, second) = notice_times(&sample.plan);
    match person.story {
        story if story.never_permits_training() => false,
        Story::AgreesThenWithdraws => false,
        Story::OldNoticeOnly => at < second,
        // When they answered is chance; that it counts from then on is tested on the decision.
        _ => true,
    }
}

/// A word that nobody else says and that identifies nobody, so that no replacement touches it.
fn marker(number: usize) -> String {
    const SYLLABLES: [&str; 16] =
        ["ba", "do", "fi", "gu", "ka", "lo", "mi", "nu", "pa", "ro", "si", "tu", "va", "wo", "zi", "ju"];
    let syllable = |place: u32| SYLLABLES[number >> (4 * place) & 15];
    format!("quib{}{}{}{}", syllable(3), syllable(2), syllable(1), syllable(0))
}

#[test]
fn a_released_turn_is_one_that_its_author_agreed_to() {
    let mut turns = 0;
    let sample = sample(|message| {
        if message["role"] == "user" {
            let said = message["content"].as_str().unwrap();
            message["content"] = format!("{said}\n\nit was {} again", marker(turns)).into();
            turns += 1;
        }
    });
    assert!(turns > 500, "{turns}");
    sample.world.keep_what_is_sensitive();
    sample.world.ok(&["release", "build", "first"]);
    let released = rows::rows(&sample.world.release("first"));
    let texts = released.iter().flat_map(|row| row.messages.iter().map(|(_, text)| text.as_str()));
    let words: HashSet<&str> = texts.flat_map(str::split_whitespace).collect();
    let by_name: HashMap<(&str, &str), &Person> =
        sample.people.iter().map(|person| ((person.tenant, person.name.as_str()), person)).collect();
    let (mut number, mut forbidden, mut stories) = (0, 0, HashMap::<Story, [u32; 2]>::new());
    for conversation in &sample.conversations {
        for message in conversation["messages"].as_array().unwrap().iter().filter(|m| m["role"] == "user") {
            let name = message["user"].as_str().or(conversation["user"].as_str()).unwrap();
            let person = by_name[&(conversation["tenant"].as_str().unwrap(), name)];
            let agreed = agreed(&sample, person, message["created_at"].as_str().unwrap().parse().unwrap());
            let is_released = words.contains(marker(number).as_str());
            number += 1;
            assert!(agreed || !is_released, "a turn of {:?} is released", person.story);
            forbidden += usize::from(!agreed);
            let [released, of] = stories.entry(person.story).or_default();
            (*released, *of) = (*released + u32::from(is_released), *of + 1);
        }
    }
    assert_eq!(number, turns);
    assert!(forbidden > 100, "{forbidden}");
    for story in [Story::AgreesEarly, Story::BusinessWithContract, Story::OldNoticeOnly, Story::Renews] {
        assert!(stories[&story][0] > 0, "{story:?} has turns in the release");
    }
    // Others are merged with a near copy, or follow a turn of somebody who did not agree.
    let [released, of] = stories[&Story::AgreesEarly];
    assert!(10 * released > 8 * of, "{released} of {of}");
}

/// Most copies whose people agreed are merged, and what they repeat stays.
fn near_copies_are_merged(sample: &Sample, manifest: &Value, released: &[Row]) {
    let merged = total(&manifest["rows"]["exact_duplicates"]) + total(&manifest["rows"]["near_duplicates"]);
    assert_eq!(released.iter().map(|row| u64::from(row.weight) - 1).sum::<u64>(), merged);
    let by_id: HashMap<&str, &Value> = sample
        .conversations
        .iter()
        .map(|conversation| (conversation["id"].as_str().unwrap(), conversation))
        .collect();
    let early =
        |story| matches!(story, Story::AgreesEarly | Story::BusinessWithContract | Story::AsksErasure);
    let agrees = |tenant: &Value, name: &str| {
        let is_it = |person: &&Person| person.tenant == tenant.as_str().unwrap() && person.name == name;
        sample.people.iter().find(is_it).is_some_and(|person| early(person.story))
    };
    let texts: HashSet<&str> =
        released.iter().flat_map(|row| &row.messages).map(|(_, text)| text.as_str()).collect();
    let engine = Engine::new(Settings::release());
    let (mut pairs, mut twice) = (0, 0);
    for copy in near_copies(&sample.plan) {
        let both = [&copy.original, &copy.copy].map(|id| by_id[id.as_str()]);
        let spoken = both.map(|conversation| {
            let messages = conversation["messages"].as_array().unwrap().iter();
            let own: Vec<&Value> = messages.filter(|message| message["role"] == "user").collect();
            let name = |message: &Value| {
                message["user"].as_str().or(conversation["user"].as_str()).unwrap().to_owned()
            };
            let all_agree = own.iter().all(|message| agrees(&conversation["tenant"], &name(message)));
            let seen = seen_by_training(&engine, conversation);
            let stands = seen.iter().all(|text| texts.contains(text.as_str()));
            (all_agree, stands, seen)
        });
        if spoken.iter().all(|(agree, ..)| *agree) && spoken.iter().any(|(_, stands, _)| *stands) {
            pairs += 1;
            // Texts that are the same once names are replaced are one row at most.
            let differ = spoken[0].2 != spoken[1].2;
            twice += u32::from(differ && spoken.iter().all(|(_, stands, _)| *stands));
        }
    }
    assert!(pairs >= 4, "{pairs} pairs of people who agree");
    // A word that only one of two copies has as a name differs once names are replaced, and such differences are kept.
    assert!(twice * 2 <= pairs, "{twice} of {pairs} pairs stand there twice; {merged} are merged");
    assert!(merged >= u64::from(pairs - twice), "{merged} merged, {pairs} pairs, {twice} not");
}

/// What a release makes of the people's turns of a conversation.
fn seen_by_training(engine: &Engine, conversation: &Value) -> Vec<String> {
    let text = |message: &Value, name: &str| message[name].as_str().unwrap().to_owned();
    let mut messages: Vec<Message> = conversation["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| Message { role: text(message, "role"), content: text(message, "content") })
        .collect();
    deidentify_row(engine, &mut messages, &[]);
    messages.into_iter().filter(|message| message.role == "user").map(|message| message.content).collect()
}

fn proofs_say_what_stories_say(sample: &Sample) {
    let claim = |person: &Person| {
        rows::proof_claim(&sample.world, "first", &[&person.name, "--tenant", person.tenant])
    };
    let mut told = HashSet::new();
    for person in &sample.people {
        let never = person.story.never_permits_training() || person.story == Story::AgreesThenWithdraws;
        if never && told.insert(person.story) {
            assert_eq!(claim(person), "absent", "{:?}", person.story);
        }
    }
    assert_eq!(told.len(), 8);
    for story in [Story::AgreesEarly, Story::BusinessWithContract] {
        let claims: Vec<String> =
            sample.people.iter().filter(|person| person.story == story).map(claim).collect();
        assert!(claims.iter().any(|claim| claim == "present"), "{story:?}: {claims:?}");
    }
}
