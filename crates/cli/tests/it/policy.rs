//! House rules, why something was decided, who is asked again, and what was shown to whoever chose.

use insta::assert_snapshot;

use crate::rows::publish;
use crate::run::World;
use crate::town;

/// A place with one notice for adults.
fn world() -> World {
    let world = World::empty("2026-03-01T00:00:00Z");
    publish(&world, 1, "2026-01-01T00:00:00Z", 365);
    world
}

/// The last line that failed, and the first: what decided, and what was decided.
fn decided(world: &World, arguments: &[&str]) -> String {
    let told = world.ok(&[&["policy", "explain"], arguments].concat()).out;
    let failed = told.lines().find(|line| line.trim_start().starts_with("failed")).unwrap_or_default();
    format!("{} |{failed}", told.lines().next().unwrap_or_default())
}

#[test]
fn a_decision_is_explained_rule_by_rule_with_its_evidence() {
    let mut world = world();
    world.ok(&["enrol", "ada", "--region", "DE", "--age", "34"]);
    world.ok(&["consent", "give", "ada", "train"]);
    world.set_now("2026-03-10T00:00:00Z");
    let yes = world.ok(&["policy", "explain", "ada", "--purpose", "train"]).out;
    world.ok(&["consent", "withdraw", "ada", "train"]);
    let no = world.ok(&["policy", "explain", "ada", "--purpose", "train", "--said-at", "2026-03-05"]).out;
    let event = regex_free(&yes);
    assert_snapshot!(format!("{event}\n{}", regex_free(&no)));
    let value = world.json(&["policy", "explain", "ada", "--purpose", "train", "--said-at", "2026-03-05"]);
    assert_eq!((&value["allowed"], &value["reason"]), (&false.into(), &"withdrawn".into()));
    let rules = value["rules"].as_array().unwrap();
    let failed: Vec<_> = rules.iter().filter(|rule| rule["outcome"] == "failed").collect();
    assert_eq!((failed.len(), &failed[0]["rule"]), (1, &"later-no".into()), "{value}");
    // As of a time before the withdrawal, which is known all the same.
    let earlier = ["ada", "--purpose", "train", "--said-at", "2026-03-05", "--at", "2026-03-06"];
    assert!(decided(&world, &earlier).contains("(withdrawn)"));
}

/// Without ids and digests.
fn regex_free(text: &str) -> String {
    let is_chance = |word: &&str| {
        word.trim_end_matches(',').len() >= 32
            && word.trim_end_matches(',').bytes().all(|b| b.is_ascii_hexdigit())
    };
    let line = |line: &str| {
        line.split(' ').map(|word| if is_chance(&word) { "HEX" } else { word }).collect::<Vec<_>>().join(" ")
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

#[test]
fn house_rules_hold_for_what_is_imported_and_for_what_was_kept_before() {
    let mut world = world();
    world.set_now("2026-03-02T00:00:00Z");
    for (name, region) in [("ada", "FR"), ("bo", "US-NY")] {
        world.ok(&["enrol", name, "--region", region, "--age", "34"]);
        world.ok(&["consent", "give", name, "train"]);
        world.ok(&["consent", "give", name, "history"]);
    }
    world.set_now("2026-03-20T00:00:00Z");
    let said = [
        town::thread("1", &[("ada", "one kite"), ("", "yes")]),
        town::thread("2", &[("bo", "two kites"), ("", "no")]),
    ];
    let said = said.concat().replace(town::SAID_AT, "2026-03-05T00:00:00Z");
    let log = world.write("log.jsonl", said);
    let before = world.json(&["import", log.to_str().unwrap()]);
    assert_eq!(before["imported"], 4, "{before}");
    let rules = world.write("rules.toml", "not_kept = [\"FR\"]\n");
    world.ok(&["policy", "set", rules.to_str().unwrap()]);
    let other =
        world.write("more.jsonl", std::fs::read_to_string(&log).unwrap().replace("thread-", "thread-more-"));
    let after = world.json(&["import", other.to_str().unwrap()]);
    assert!(decided(&world, &["ada", "--purpose", "train"]).contains("(region-not-kept)"));
    assert!(after["withheld"]["region-not-kept"].as_u64().is_some_and(|count| count > 0), "{after}");
    let laxer = world.write("laxer.toml", "[alone_from]\nDE = 12\n");
    world.run(&["policy", "set", laxer.to_str().unwrap()]).fails(1, "law asks for 16");
    assert!(world.ok(&["policy", "show"]).out.contains("FR"), "the ones before hold");
    world.ok(&["retention", "run"]);
    let export = world.beside("export");
    world.ok(&["export", "ada", "--folder", export.to_str().unwrap()]);
    let kept = crate::run::files(&export);
    assert!(!kept.values().any(|bytes| bytes.windows(8).any(|window| window == b"one kite")));
}

#[test]
fn a_guardian_agrees_for_a_child_and_for_nobody_else() {
    let world = World::empty("2026-03-01T00:00:00Z");
    let draft = std::fs::read_to_string(world.data().join("notices/draft.toml")).unwrap();
    let young = world.write("young.toml", draft.replace("minimum_age = 18", "minimum_age = 13"));
    world.ok(&["notice", "publish", young.to_str().unwrap()]);
    world.ok(&["enrol", "kid", "--region", "DE", "--age", "14"]);
    world.ok(&["enrol", "ada", "--region", "DE", "--age", "34"]);
    world.ok(&["consent", "give", "kid", "train"]);
    assert!(decided(&world, &["kid", "--purpose", "train"]).contains("(guardian-needed)"));
    world.run(&["consent", "give", "kid", "train", "--guardian"]).fails(2, "--attested-by");
    let by = ["--guardian", "--attested-by", "school office"];
    world.run(&[&["consent", "give", "ada", "train"], &by[..]].concat()).fails(1, "below 16 years");
    world
        .run(&[&["consent", "refuse", "kid", "history"], &by[..]].concat())
        .fails(1, "a guardian's act is a yes");
    world.ok(&[&["consent", "give", "kid", "history"], &by[..]].concat());
    assert!(decided(&world, &["kid", "--purpose", "history"]).contains("by guardian-consent"));
    let log = world.json(&["consent", "log", "kid"]);
    let acts = log["events"].as_array().unwrap();
    let guardian: Vec<_> = acts.iter().filter(|act| act["guardian"] == true).collect();
    assert_eq!((guardian.len(), &guardian[0]["attested_by"]), (1, &"school office".into()), "{log}");
    world.ok(&["consent", "withdraw", "kid", "history"]);
    assert!(decided(&world, &["kid", "--purpose", "history"]).contains("(withdrawn)"));
}

#[test]
fn who_agreed_to_less_is_asked_once_a_month_and_is_left_out_until_they_answer() {
    let mut world = world();
    for name in ["ada", "bo", "cy"] {
        world.ok(&["enrol", name, "--region", "DE", "--age", "34"]);
    }
    world.ok(&["consent", "give", "ada", "train"]);
    world.ok(&["consent", "give", "bo", "train"]);
    world.ok(&["consent", "give", "bo", "history"]);
    publish(&world, 2, "2026-03-10T00:00:00Z", 1825);
    let due = |world: &World, arguments: &[&str]| {
        let told = world.json(&[&["notice", "campaign"], arguments].concat());
        ["outgrown", "to_ask", "asked_and_silent", "recorded"].map(|key| told[key].as_u64().unwrap())
    };
    assert_eq!(due(&world, &[]), [0, 0, 0, 0], "it is published, and not in force yet");
    assert!(decided(&world, &["ada", "--purpose", "train"]).contains("may be used"));
    world.set_now("2026-03-11T00:00:00Z");
    assert!(decided(&world, &["ada", "--purpose", "train"]).contains("(notice-broader)"));
    let before = ["ada", "--purpose", "train", "--said-at", "2026-03-09"];
    assert!(decided(&world, &before).contains("may be used"), "for the old terms the yes is good");
    assert_eq!(due(&world, &[]), [2, 2, 0, 0]);
    assert_eq!(due(&world, &["--asked"]), [2, 2, 0, 2]);
    assert_eq!(due(&world, &["--asked"]), [2, 0, 2, 0], "nobody is asked twice");
    assert!(decided(&world, &["ada", "--purpose", "train"]).contains("(notice-broader)"), "silence is a no");
    assert!(decided(&world, &before).contains("may be used"), "being asked ends nothing");
    world.ok(&["consent", "give", "ada", "train"]);
    assert!(decided(&world, &["ada", "--purpose", "train"]).contains("may be used"));
    assert_eq!(due(&world, &[]), [1, 0, 1, 0]);
    world.set_now("2026-04-10T00:00:00Z");
    assert_eq!(due(&world, &["--asked", "--purpose", "train"]), [1, 1, 1, 1]);
    assert!(world.ok(&["notice", "campaign"]).out.contains("not before 2026-05-10"));
}

#[test]
fn a_notice_that_loses_a_language_is_refused() {
    let world = world();
    let text = std::fs::read_to_string(world.beside("notice-1.toml")).unwrap();
    let (english, _) = text.split_once("[text.de]").unwrap();
    let next = english.replace("version = 1", "version = 2").replace("2026-01-01T", "2026-04-01T");
    let next = world.write("next.toml", next);
    world.run(&["notice", "publish", next.to_str().unwrap()]).fails(1, "no text for `de`");
}

#[test]
fn what_another_system_showed_is_in_the_record_and_the_receipt() {
    let world = world();
    world.ok(&["enrol", "ada"]);
    let hash = "ab".repeat(32);
    let shown = ["--shown-in", "de", "--shown-at", "2026-02-28T23:59:00Z", "--shown-sha256", &hash];
    let receipts = world.beside("receipts");
    let to = ["--receipts", receipts.to_str().unwrap()];
    world.run(&["consent", "give", "ada", "train", "--shown-in", "fr"]).fails(1, "no text for `fr`");
    world.ok(&[&["consent", "give", "ada", "train"], &shown[..], &to[..]].concat());
    let log = world.json(&["consent", "log", "ada"]);
    let evidence = &log["events"][0]["evidence"];
    assert_eq!(
        (&evidence["locale"], &evidence["method"], &evidence["shown_for_ms"], &evidence["layout_sha256"]),
        (&"de".into(), &"reported".into(), &60_000.into(), &hash.as_str().into()),
        "{log}"
    );
    let receipt =
        crate::run::files(&receipts).into_iter().find(|(path, _)| path.to_string_lossy().contains("consent"));
    assert!(String::from_utf8(receipt.unwrap().1).unwrap().contains(&hash));
    let rows =
        format!("subject,purpose,state,locale,shown_at,layout_sha256\nbo,train,give,en,2026-02-28,{hash}\n");
    let file = world.write("choices.csv", rows);
    world.ok(&["consent", "import", file.to_str().unwrap(), "--attested-by", "crm"]);
    assert_eq!(world.json(&["consent", "log", "bo"])["events"][0]["evidence"]["layout_sha256"], hash);
}

#[test]
fn a_comparison_of_notices_says_what_asks_for_more_and_what_for_less() {
    let world = world();
    publish(&world, 2, "2026-03-10T00:00:00Z", 1825);
    let told = |old: &str, new: &str| {
        let value = world.json(&["notice", "diff", old, new]);
        (value["broader"].clone(), value["changes"][0]["scope"].clone())
    };
    assert_eq!(told("1", "2"), (true.into(), "broader".into()));
    assert_eq!(told("2", "1"), (false.into(), "narrower".into()));
}
