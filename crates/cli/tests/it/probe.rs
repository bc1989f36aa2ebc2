//! `candor probe`, as operators run it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::run::{World, copy_folder};

const NOW: &str = "2026-06-01T12:00:00Z";

/// The generated sample with two releases; somebody was erased in between.
fn sample() -> World {
    let world = World::empty(NOW);
    let folder = world.beside("quickstart");
    world.ok(&["quickstart", "--folder", folder.to_str().unwrap()]);
    fs::remove_dir_all(world.data()).unwrap();
    fs::rename(folder.join("ours"), world.data()).unwrap();
    world
}

fn reported(folder: &Path) -> (String, Value) {
    let report = fs::read_to_string(folder.join("report.md")).unwrap();
    let figures = fs::read_to_string(folder.join("figures.json")).unwrap();
    (report, serde_json::from_str(&figures).unwrap())
}

fn in_its_interval(figure: &Value) -> bool {
    let of = |name: &str| figure[name].as_f64().unwrap();
    of("low") <= of("value") && of("value") <= of("high")
}

/// Natural logarithm of the chance, by Fisher's method, of ranks as good as these among so many.
fn log_chance(ranks: &[Value], of: f64) -> f64 {
    let half: f64 = ranks.iter().map(|rank| -(rank.as_f64().unwrap() / of).ln()).sum();
    // The upper tail of chi squared with an even number of degrees of freedom is a Poisson sum.
    let terms = (0..ranks.len()).scan(1.0, |term, at| {
        let value = *term;
        *term *= half / (at + 1) as f64;
        Some(value)
    });
    terms.sum::<f64>().ln() - half
}

#[test]
fn secrets_of_who_refused_are_at_chance_and_of_who_agreed_only_what_de_identification_cannot_find_shows() {
    let world = World::empty(NOW);
    let into = world.beside("canaries");
    let arguments =
        ["probe", "canaries", "--candidates", "63", "--steps", "150", "--into", into.to_str().unwrap()];
    let told = world.json(&arguments);
    let groups = told["figures"].as_array().unwrap();
    assert_eq!(groups.len(), 13);
    for group in groups {
        let ranks = group["ranks"].as_array().unwrap();
        assert_eq!(ranks.len(), 8);
        let chance = log_chance(ranks, 64.0).exp();
        let identifier = matches!(group["kind"].as_str().unwrap(), "card" | "iban" | "email");
        let must_show = group["agreed"] == true && (!identifier || group["learned_from"] == "as-said");
        assert_eq!(group["must_show"], must_show, "{group:#}");
        assert_eq!(chance < 1e-3, must_show, "{chance} {group:#}");
    }
    let (report, figures) = reported(&into);
    assert_eq!(figures["figures"], told["figures"]);
    assert!(
        report.contains("## People who refused") && report.contains("at chance, as it must be"),
        "{report}"
    );
    // Nothing of the secrets is left behind.
    assert!(!report.contains("400000") && !report.contains("example.org"));
}

#[test]
fn a_probe_that_could_not_have_seen_a_secret_says_so_and_fails() {
    let world = World::empty(NOW);
    let into = world.beside("blind");
    let arguments =
        ["probe", "canaries", "--candidates", "31", "--steps", "1", "--into", into.to_str().unwrap()];
    let told = world.run(&arguments);
    told.fails(1, "");
    assert!(told.printed().contains("the probe cannot see"), "{}", told.printed());
}

#[test]
fn what_is_measured_on_a_release_stands_in_a_report_with_intervals_and_pictures() {
    let world = sample();
    let probes = world.data().join("probes");
    let gain = world.json(&["probe", "gain", "first", "--steps", "5"]);
    let figures = &gain["figures"];
    assert_eq!(figures["people_known"], true);
    assert!(in_its_interval(&figures["gains"]["all"]["gain"]), "{figures:#}");
    assert!(figures["gains"]["all"]["gain"]["low"].as_f64().unwrap() > 0.0, "{figures:#}");
    assert_eq!(figures["curve"].as_array().unwrap().len(), 4);
    let (report, _) = reported(&probes.join("gain-first"));
    assert!(report.contains("![What sharing gained"), "{report}");
    let picture = fs::read_to_string(probes.join("gain-first/gain.svg")).unwrap();
    assert!(picture.starts_with("<svg") && picture.contains("<circle"), "{picture}");

    let memory = world.json(&["probe", "memory", "first", "--steps", "5"]);
    let membership = &memory["figures"]["membership"];
    assert!(in_its_interval(&membership["by_loss"]) && in_its_interval(&membership["by_loss_over_zlib"]));
    assert!(in_its_interval(&memory["figures"]["verbatim"]["learned"]));

    let collapse = world.json(&["probe", "collapse", "first", "--steps", "5", "--generations", "1"]);
    let generations = collapse["figures"].as_array().unwrap();
    let of = |one: &Value| (one["mixture"].as_str().unwrap().to_owned(), one["generation"].as_u64().unwrap());
    let expected = [("own-output", 0), ("own-output", 1), ("with-people", 0), ("with-people", 1)];
    assert_eq!(generations.iter().map(of).collect::<Vec<_>>(), expected.map(|(m, n)| (m.to_owned(), n)));
    assert!(generations.iter().all(|one| in_its_interval(&one["language"]["tail-coverage"])), "{collapse:#}");
    assert!(probes.join("collapse-first/tail-coverage.svg").is_file());
    // What training left is gone.
    let left = fs::read_dir(&probes).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let left: std::collections::BTreeSet<String> = left.collect();
    assert_eq!(left, ["collapse-first", "gain-first", "memory-first"].map(String::from).into());
}

#[test]
fn outside_the_vault_that_made_a_release_nobody_knows_whose_rows_are_whose() {
    let world = sample();
    let elsewhere = World::empty(NOW);
    let release = elsewhere.beside("release");
    copy_folder(&world.release("first"), &release);
    let keys = world.data().join("trust.keys");
    let trusted = ["--trust", keys.to_str().unwrap(), "--steps", "2"];
    let gain = elsewhere.json(&[&["probe", "gain", release.to_str().unwrap()][..], &trusted].concat());
    assert_eq!(gain["figures"]["people_known"], false);
    assert!(gain["about"].as_str().unwrap().contains("one person may be on both sides"), "{gain:#}");
}

#[test]
fn a_probe_that_was_killed_goes_on_and_ends_as_if_it_had_not_been() {
    let stage = sample();
    // More than one checkpoint's worth of steps.
    let memory = ["probe", "memory", "first", "--steps", "26"];
    let undisturbed = stage.copy();
    let expected = undisturbed.json(&memory);
    stage.aborted("train-checkpoint", &memory);
    assert!(stage.data().join("probes/memory-first.training").is_dir());
    assert_eq!(stage.json(&memory)["figures"], expected["figures"]);
    assert!(!stage.data().join("probes/memory-first.training").exists());
}

#[test]
fn after_an_erasure_it_is_told_which_models_saw_the_rows_and_what_training_again_changed() {
    let world = sample();
    for release in ["first", "second"] {
        world.ok(&["train", release, "--steps", "15", "--held-out", "0"]);
    }
    let told = world.json(&["probe", "erasure", "first", "--retrained", "second"]);
    let [first] = &told["figures"]["models"].as_array().unwrap()[..] else { panic!("{told:#}") };
    assert!(first["rows_learned"].as_u64().unwrap() > 0, "{told:#}");
    assert_eq!(first["rows_learned"], first["rows_recalled"]);
    assert!(first["seconds_to_train"].as_f64().unwrap() > 0.0);
    assert!(in_its_interval(&told["figures"]["compared"]["rows_of_both_more_bits_per_byte"]), "{told:#}");

    let all = world.json(&["probe", "erasure"]);
    let learned = |model: &str| {
        let models = all["figures"]["models"].as_array().unwrap().iter();
        models
            .filter(|one| one["model"] == model)
            .map(|one| one["rows_learned"].as_u64().unwrap())
            .sum::<u64>()
    };
    assert!(learned("first") > 0 && learned("second") == 0, "{all:#}");
}

#[test]
fn a_probe_says_what_is_missing() {
    let world = sample();
    world.run(&["probe", "gain", "nowhere"]).fails(1, "no such release");
    world.run(&["probe", "erasure", "nowhere"]).fails(1, "no such model");
    world.ok(&["train", "first", "--steps", "1", "--held-out", "0"]);
    world.run(&["probe", "memory", "first", "--model", "first"]).fails(1, "--held-out 30");
    world
        .run(&["probe", "memory", "second", "--model", "first"])
        .fails(1, "was not trained on release second");
}
