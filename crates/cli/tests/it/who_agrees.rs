//! How the people who agree differ from all others, and what may not be told.

use insta::assert_snapshot;
use serde_json::Value;

use crate::run::World;
use crate::town;

/// So many people of a country, of whom the first ones agree to training, the next refuse and the rest never answer.
struct Country {
    region: &'static str,
    people: usize,
    agree: usize,
    refuse: usize,
}

const COUNTRIES: [Country; 4] = [
    Country { region: "DE", people: 30, agree: 6, refuse: 20 },
    Country { region: "US-CA", people: 40, agree: 34, refuse: 2 },
    Country { region: "FR", people: 12, agree: 7, refuse: 5 },
    Country { region: "IT", people: 9, agree: 4, refuse: 5 },
];

/// People of four countries. Those of Germany and the United States who are at an even place agree to insights, whatever
/// they say to training, and everybody wrote one thing.
fn world() -> World {
    let world = World::new();
    let mut rows = "subject,region,age,purpose,state,effective_at\n".to_owned();
    let mut log = String::new();
    for Country { region, people, agree, refuse } in COUNTRIES {
        for n in 0..people {
            let name = format!("{region}-{n:02}").to_lowercase();
            let mut row = |purpose: &str, state: &str| {
                let at = if state.is_empty() { "" } else { "2026-01-02T00:00:00Z" };
                rows += &format!("{name},{region},34,{purpose},{state},{at}\n");
            };
            match n {
                _ if n < agree => row("train", "given"),
                _ if n < agree + refuse => row("train", "refused"),
                _ => row("", ""),
            }
            if people >= 30 && n % 2 == 0 {
                row("insights", "given");
            }
            let german =
                "Wie lange muss ich die Kartoffeln kochen, damit sie weich werden und nicht zerfallen?";
            let english =
                "How long should I boil the potatoes so that they become soft and do not fall apart?";
            let text = if region == "DE" { german } else { english };
            log += &town::thread(&name, &[(&name, text), ("", "Twenty minutes.")]);
        }
    }
    let choices = world.write("choices.csv", rows);
    world.ok(&["consent", "import", choices.to_str().unwrap(), "--attested-by", "crm"]);
    let log = world.write("log.jsonl", log);
    world.ok(&["import", log.to_str().unwrap()]);
    world
}

fn groups(report: &Value, by: &str) -> Vec<(String, u64)> {
    let tables = report["tables"].as_array().unwrap();
    let table = tables.iter().find(|table| table["by"] == by).unwrap();
    let group =
        |group: &Value| (group["group"].as_str().unwrap().to_owned(), group["people"].as_u64().unwrap());
    table["groups"].as_array().unwrap().iter().map(group).collect()
}

#[test]
fn who_agrees_is_told_by_groups_that_are_large_enough() {
    let world = world();
    let told = world.ok(&["consent", "report", "--min-group", "15"]);
    assert_snapshot!("who_agrees", told.out);
    let report = world.json(&["consent", "report"]);
    // France and Italy are too small, but together they are not.
    let wanted = [("US", 40), ("DE", 30), ("other", 21)].map(|(name, people)| (name.to_owned(), people));
    assert_eq!(groups(&report, "region"), wanted);
    let report = world.json(&["consent", "report", "--min-group", "25"]);
    // Alone, the twenty-one would follow from the total.
    let wanted = [("US", 40), ("other", 51)].map(|(name, people)| (name.to_owned(), people));
    assert_eq!(groups(&report, "region"), wanted);
    assert!(groups(&world.json(&["consent", "report", "--min-group", "60"]), "region").is_empty());
}

#[test]
fn what_people_wrote_is_told_only_of_those_who_agree_to_insights() {
    let world = world();
    let report = world.json(&["consent", "report", "--min-group", "15"]);
    let wanted = [("no yes to insights", 56), ("may be counted", 35)];
    assert_eq!(groups(&report, "reading"), wanted.map(|(name, people)| (name.to_owned(), people)));
    let wanted = [("English", 20), ("German", 15)].map(|(name, people)| (name.to_owned(), people));
    assert_eq!(
        groups(&report, "language"),
        wanted,
        "those who refuse training and agree to insights are in it"
    );
    assert!(report["limits"].as_str().unwrap().contains("Of 56 people nothing can be said"));

    // One who takes the yes to insights back is out of it at once.
    world.ok(&["consent", "withdraw", "de-00", "insights"]);
    let report = world.json(&["consent", "report", "--min-group", "5"]);
    let wanted = [("English", 20), ("German", 14)].map(|(name, people)| (name.to_owned(), people));
    assert_eq!(groups(&report, "language"), wanted);
}

#[test]
fn choices_are_told_as_they_stood_at_a_time() {
    let world = world();
    let before = world.json(&["consent", "report", "--at", "2026-02-01"]);
    assert_eq!(before["people"], Value::Null, "nobody was enrolled yet: {before}");
    world.run(&["consent", "report", "--min-group", "4"]).fails(1, "--min-group 4 is below 5");
    let other = world.json(&["consent", "report", "--purpose", "insights"]);
    assert_eq!(other["purpose"], "insights");
}
