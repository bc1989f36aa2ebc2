//! The generator seen from outside: what it writes, and whether its lists are true of it.

use std::collections::{HashMap, HashSet};

use candor_conversation::{Region, TenantId, Timestamp};
use candor_sample::{
    Choice, CopyKind, Plan, PlantedKind, Story, Written, consents, near_copies, notice_times, people,
    planted, write_consents_csv, write_conversations,
};
use serde_json::Value;

fn quickstart() -> Plan {
    Plan::quickstart("2026-06-01T12:00:00Z".parse().unwrap())
}

fn conversations(plan: &Plan) -> (Vec<Value>, Written) {
    let mut lines = Vec::new();
    let written = write_conversations(plan, &mut lines).unwrap();
    let text = String::from_utf8(lines).unwrap();
    (text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), written)
}

fn text(conversation: &Value) -> String {
    let messages = conversation["messages"].as_array().unwrap();
    messages.iter().map(|message| message["content"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

/// Letters and digits only, in lower case.
fn normalised(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

fn by_id(conversations: &[Value]) -> HashMap<&str, &Value> {
    conversations.iter().map(|conversation| (conversation["id"].as_str().unwrap(), conversation)).collect()
}

fn time(value: &Value) -> Timestamp {
    value["created_at"].as_str().unwrap().parse().unwrap()
}

#[test]
fn the_same_plan_gives_the_same_bytes_and_another_seed_gives_others() {
    let bytes = |plan: &Plan| {
        let mut bytes = Vec::new();
        write_conversations(plan, &mut bytes).unwrap();
        write_consents_csv(plan, &mut bytes).unwrap();
        bytes
    };
    let plan = quickstart();
    assert!(bytes(&plan) == bytes(&plan.clone()));
    assert!(bytes(&plan) != bytes(&Plan { seed: 8, ..plan.clone() }));
}

#[test]
fn counts_are_as_planned() {
    let plan = quickstart();
    let (lines, written) = conversations(&plan);
    assert_eq!((lines.len(), written.conversations), (400, 400));
    assert_eq!(people(&plan).len(), 60);
    assert_eq!(near_copies(&plan).len(), 32);
    let turns: usize = lines.iter().map(|line| line["messages"].as_array().unwrap().len()).sum();
    assert_eq!(turns as u64, written.turns);

    let plan = Plan::benchmark(3, 64_000);
    let (_, written) = conversations(&plan);
    assert_eq!(near_copies(&plan).len(), 3200);
    assert!(written.turns.abs_diff(64_000) <= 64, "{written:?}");
    let turn_bytes = written.text_bytes / written.turns;
    assert!((340..=460).contains(&turn_bytes), "{turn_bytes} bytes for each turn");
}

#[test]
fn every_story_is_lived_in_the_quickstart_and_says_something() {
    let plan = quickstart();
    let people = people(&plan);
    let (lines, _) = conversations(&plan);
    let speakers: HashSet<&str> = lines.iter().map(|line| line["user"].as_str().unwrap()).collect();
    for story in Story::ALL {
        let mut telling = people.iter().filter(|person| person.story == story);
        assert!(telling.any(|person| speakers.contains(person.name.as_str())), "{story:?}");
    }
    let names: HashSet<&str> = people.iter().map(|person| person.name.as_str()).collect();
    assert_eq!(names.len(), people.len());
    for person in &people {
        assert!(person.tenant.parse::<TenantId>().is_ok() && person.region.parse::<Region>().is_ok());
        assert!(!person.name.contains([',', '"', '\\']), "{}", person.name);
    }
}

#[test]
fn turns_lie_within_the_nine_months_and_on_both_sides_of_what_was_chosen() {
    let plan = quickstart();
    let people = people(&plan);
    let (first, broader) = notice_times(&plan);
    let (lines, _) = conversations(&plan);
    let mut times: HashMap<&str, Vec<Timestamp>> = HashMap::new();
    for line in &lines {
        let messages = line["messages"].as_array().unwrap();
        let said: Vec<Timestamp> = messages.iter().map(time).collect();
        assert!(said.is_sorted() && first < said[0] && *said.last().unwrap() < plan.now);
        times.entry(line["user"].as_str().unwrap()).or_default().extend(said);
    }
    for (index, person) in people.iter().enumerate() {
        let said = &times[person.name.as_str()];
        let both_sides =
            |moment: Timestamp| said.iter().any(|t| *t < moment) && said.iter().any(|t| *t > moment);
        assert!(both_sides(broader), "{}", person.name);
        for choice in consents(&plan).iter().filter(|c| c.person == index && c.purpose == "train") {
            let turning =
                matches!(person.story, Story::AgreesLate | Story::AgreesThenWithdraws | Story::Renews);
            assert!(!turning || choice.notice == 1 && choice.state == "given" || both_sides(choice.at));
        }
    }
}

#[test]
fn choices_are_legal_sequences_under_the_notice_in_force() {
    for plan in [quickstart(), Plan::benchmark(5, 100_000)] {
        let (first, broader) = notice_times(&plan);
        let choices = consents(&plan);
        assert!(choices.is_sorted_by_key(|choice| choice.at));
        let mut states: HashMap<(usize, &str), &str> = HashMap::new();
        for Choice { person, purpose, state, at, notice } in choices {
            let before = states.insert((person, purpose), state);
            let legal = match state {
                "given" | "refused" | "deferred" => before.is_none(),
                "renewed" | "withdrawn" => matches!(before, Some("given" | "renewed")),
                _ => false,
            };
            assert!(legal, "{purpose} {state} after {before:?}");
            assert_eq!(notice, if at >= broader { 2 } else { 1 });
            assert!(at >= first && at < plan.now);
        }
    }
}

#[test]
fn the_consents_file_has_a_row_for_each_choice_and_none_for_who_was_never_asked() {
    let plan = quickstart();
    let mut file = Vec::new();
    write_consents_csv(&plan, &mut file).unwrap();
    let file = String::from_utf8(file).unwrap();
    let mut rows = file.lines();
    assert_eq!(rows.next(), Some("subject,tenant,tier,region,age,purpose,state,effective_at,notice"));
    assert_eq!(rows.clone().count(), consents(&plan).len());
    assert!(rows.clone().all(|row| row.split(',').count() == 9));
    for person in people(&plan).iter().filter(|person| person.story == Story::NeverAsked) {
        assert!(rows.clone().all(|row| row.split(',').next() != Some(person.name.as_str())));
    }
}

#[test]
fn everything_planted_is_said_by_its_person_and_canaries_only_by_those_who_never_permit() {
    let plan = quickstart();
    let people = people(&plan);
    let (lines, _) = conversations(&plan);
    let by_id = by_id(&lines);
    let planted = planted(&plan);
    for plant in &planted {
        let line = by_id[plant.conversation.as_str()];
        let name = people[plant.person].name.as_str();
        let said = line["messages"].as_array().unwrap().iter().any(|message| {
            let speaker = message["user"].as_str().or(line["user"].as_str());
            message["role"] == "user"
                && speaker == Some(name)
                && message["content"].as_str().unwrap().contains(&plant.value)
        });
        assert!(said, "{plant:?}");
        if plant.kind == PlantedKind::Canary {
            assert!(people[plant.person].story.never_permits_training());
            assert_eq!(lines.iter().filter(|line| text(line).contains(&plant.value)).count(), 1);
        }
    }
    let kinds: HashSet<PlantedKind> = planted.iter().map(|plant| plant.kind).collect();
    assert_eq!(kinds.len(), PlantedKind::IDENTIFIERS.len() + 1, "{kinds:?}");
    let refusers = people.iter().enumerate().filter(|(_, person)| person.story.never_permits_training());
    for (index, _) in refusers {
        assert!(planted.iter().any(|plant| plant.person == index && plant.kind == PlantedKind::Canary));
    }
}

#[test]
fn near_copies_differ_from_their_originals_only_as_their_kind_says() {
    let plan = Plan::benchmark(11, 16_000);
    let (lines, _) = conversations(&plan);
    let by_id = by_id(&lines);
    let copies = near_copies(&plan);
    let (ids, repeated): (HashSet<&str>, HashSet<&str>) =
        copies.iter().map(|copy| (copy.copy.as_str(), copy.original.as_str())).unzip();
    assert!(ids.is_disjoint(&repeated));
    for copy in &copies {
        let (copied, original) = (text(by_id[copy.copy.as_str()]), text(by_id[copy.original.as_str()]));
        assert_ne!(copied, original);
        let (a, b) = (normalised(&copied), normalised(&original));
        match copy.kind {
            CopyKind::Case | CopyKind::Punctuation => assert_eq!(a, b),
            CopyKind::Affix => assert!(a.len() > b.len()),
            CopyKind::Typo => assert_eq!(a.len(), b.len()),
        }
    }
}

#[test]
fn originals_are_distinct_and_no_slot_is_left_open() {
    let plan = Plan::benchmark(2, 80_000);
    let (lines, _) = conversations(&plan);
    let copies = near_copies(&plan);
    let copies: HashSet<&str> = copies.iter().map(|copy| copy.copy.as_str()).collect();
    let mut seen = HashSet::new();
    for line in &lines {
        let text = text(line);
        assert!(!text.contains(['{', '}']), "{text}");
        if !copies.contains(line["id"].as_str().unwrap()) {
            assert!(seen.insert(normalised(&text)), "{text}");
        }
    }
}

#[test]
fn some_threads_are_shared_with_a_person_who_refuses_and_some_have_a_system_message() {
    let plan = quickstart();
    let people = people(&plan);
    let refuses = |name: &str| people.iter().any(|p| p.name == name && p.story.never_permits_training());
    let (lines, _) = conversations(&plan);
    let authors = |line: &Value| -> HashSet<String> {
        let messages = line["messages"].as_array().unwrap();
        messages.iter().filter_map(|message| message["user"].as_str().map(str::to_owned)).collect()
    };
    let shared: Vec<_> = lines.iter().map(authors).filter(|authors| authors.len() == 2).collect();
    assert!(shared.len() >= 5, "{}", shared.len());
    assert!(shared.iter().any(|authors| authors.iter().any(|name| refuses(name))));
    assert!(lines.iter().any(|line| line["messages"][0]["role"] == "system"));
}

#[test]
fn a_plan_without_people_or_conversations_writes_nothing() {
    let plan = Plan { people: 0, ..quickstart() };
    assert_eq!(conversations(&plan).1, Written::default());
    let plan = Plan { conversations: 0, ..quickstart() };
    assert_eq!(conversations(&plan).1, Written::default());
    assert!(near_copies(&plan).is_empty() && planted(&plan).is_empty());
}
