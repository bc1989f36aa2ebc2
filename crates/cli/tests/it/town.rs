//! A few people who talk to a model, each with words that nobody else says.

use std::path::PathBuf;

use serde_json::json;

use crate::run::World;

/// When everything was said.
pub(crate) const SAID_AT: &str = "2026-01-20T10:00:00Z";

/// Choices: Ada, Bo and Fay agree to history and training, Cy to history alone, Ned refuses everything.
const CHOICES: &str = "subject,region,age,purpose,state,effective_at
ada,DE,34,history,given,2026-01-02T00:00:00Z
ada,DE,34,train,given,2026-01-02T00:00:00Z
bo,FR,41,history,given,2026-01-02T00:00:00Z
bo,FR,41,train,given,2026-01-02T00:00:00Z
fay,US-CA,52,history,given,2026-01-02T00:00:00Z
fay,US-CA,52,train,given,2026-01-02T00:00:00Z
cy,GB,29,history,given,2026-01-02T00:00:00Z
cy,GB,29,train,refused,2026-01-02T00:00:00Z
ned,DE,47,history,refused,2026-01-02T00:00:00Z
ned,DE,47,train,refused,2026-01-02T00:00:00Z
";

/// Said by Ned, who refuses everything, and by a stranger: it may be kept nowhere.
pub(crate) const CANARIES: [&str; 2] = ["canary-quagga-5521", "canary-axolotl-7743"];

/// What a person alone says, apart from the thread that Ada and Bo share.
pub(crate) fn own_words(name: &str) -> &'static [&'static str] {
    match name {
        "ada" => &["marmalade", "zeppelin"],
        "bo" => &["trombone", "peninsula"],
        "cy" => &["obsidian", "gazebo"],
        _ => &["lighthouse", "turmeric"],
    }
}

/// Ada speaks, the model answers her, then Bo, and the model answers both.
pub(crate) const SHARED: [(&str, &str); 4] = [
    ("ada", "Could you plan an outing with a zeppelin for our choir in June?"),
    ("", "A quiet airfield near the meadow would suit a gondola."),
    ("bo", "Rather along the peninsula, and with my trombone in the luggage."),
    ("", "Then board at the southern pier, where a crate is weighed beforehand."),
];

/// One conversation as a line: author and text; the model has no name.
pub(crate) fn thread(id: &str, said: &[(&str, &str)]) -> String {
    let message = |(author, text): &(&str, &str)| match *author {
        "" => json!({ "role": "assistant", "content": text, "created_at": SAID_AT }),
        author => json!({ "role": "user", "user": author, "content": text, "created_at": SAID_AT }),
    };
    let messages: Vec<_> = said.iter().map(message).collect();
    json!({ "id": format!("thread-{id}"), "messages": messages }).to_string() + "\n"
}

/// The log of the town: nine conversations, twenty turns.
pub(crate) fn log() -> String {
    [
        thread(
            "0001",
            &[
                ("ada", "How long does bitter marmalade keep in a cold pantry?"),
                ("", "Two years unopened, if the jars were boiled."),
            ],
        ),
        thread(
            "0002",
            &[
                ("ada", "Write four lines about a zeppelin over harvested fields."),
                ("", "Silver it hangs above the stubble."),
            ],
        ),
        thread(
            "0003",
            &[
                ("bo", "My trombone slide sticks after rain, what helps?"),
                ("", "Wipe it dry and use a thin film of cream."),
            ],
        ),
        thread(
            "0004",
            &[
                ("cy", "Is obsidian sharp enough to cut leather?"),
                ("", "Freshly flaked it is, yet it chips quickly."),
            ],
        ),
        thread(
            "0005",
            &[
                ("cy", "Which timber lasts longest for a gazebo?"),
                ("", "Larch or robinia, kept off the ground."),
            ],
        ),
        thread(
            "0006",
            &[
                ("fay", "When was the first lighthouse lit with gas?"),
                ("", "Early in the nineteenth century, in several harbours."),
            ],
        ),
        thread(
            "0007",
            &[
                ("fay", "Does turmeric stain oak worktops for good?"),
                ("", "Sunlight bleaches most of it within days."),
            ],
        ),
        thread(
            "0008",
            &[("ned", &format!("My locker code is {}.", CANARIES[0])), ("", "Thank you, noted for today.")],
        ),
        thread(
            "0009",
            &[
                ("stranger", &format!("Call me {} please.", CANARIES[1])),
                ("", "Certainly, whatever you prefer."),
            ],
        ),
        thread("0010", &SHARED),
    ]
    .concat()
}

/// Turns of the log, and those of them that may be kept.
pub(crate) const LOG_TURNS: u64 = 22;
pub(crate) const KEPT_TURNS: u64 = 18;

/// The town with its choices, and nothing imported.
pub(crate) fn agreed() -> World {
    let world = World::new();
    let choices = world.write("choices.csv", CHOICES);
    world.ok(&["consent", "import", choices.to_str().unwrap(), "--attested-by", "crm"]);
    world
}

/// The town with its log imported.
pub(crate) fn settled() -> World {
    let world = agreed();
    let log = import_file(&world);
    let counts = world.json(&["import", log.to_str().unwrap()]);
    assert_eq!(
        (counts["examined"].as_u64(), counts["imported"].as_u64()),
        (Some(LOG_TURNS), Some(KEPT_TURNS))
    );
    world
}

/// The town's log as a file.
pub(crate) fn import_file(world: &World) -> PathBuf {
    world.write("log.jsonl", log())
}

/// Hands a person their receipts; gives the folder.
pub(crate) fn receipts_of(world: &World, name: &str) -> PathBuf {
    let folder = world.beside(&format!("receipts-of-{name}"));
    world.ok(&["consent", "log", name, "--receipts", folder.to_str().unwrap()]);
    let own = std::fs::read_dir(&folder).unwrap().next().unwrap();
    own.unwrap().path()
}
