//! Imports of people whom the vault does not know.

use serde_json::json;

use crate::run::World;

fn thread(user: &str) -> String {
    let messages = json!([
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "A question"},
        {"role": "assistant", "content": "An answer"}
    ]);
    let created = "2026-02-01T00:00:00Z";
    json!({"id": user, "user": user, "created": created, "messages": messages}).to_string()
}

#[test]
fn an_import_in_which_nobody_is_known_says_so_and_one_with_a_known_person_does_not() {
    let world = World::new();
    world.ok(&["enrol", "ada", "--tenant", "acme"]);
    let logs = world.write("logs.jsonl", format!("{}\n{}\n", thread("ada"), thread("bo")));
    let logs = logs.to_str().unwrap();
    let wrong = world.ok(&["import", logs]);
    assert!(wrong.err.contains("hint: nobody in these logs is enrolled in tenant `"), "{wrong:?}");
    assert!(wrong.err.contains("wrong --tenant?"), "{wrong:?}");
    let right = world.ok(&["import", logs, "--tenant", "acme"]);
    assert!(!right.err.contains("hint"), "{right:?}");
    let nothing = world.write("empty.jsonl", "");
    assert!(!world.run(&["import", nothing.to_str().unwrap()]).err.contains("nobody"));
}
