//! The files in a person's export.

use std::fs;

use candor_conversation::{Attachment, Conversation, File, Held, Part, Role, TenantId, Tier, Turn};
use candor_vault::{Capture, Defaults, Entropy, Vault};
use serde_json::{Value, json};

use crate::run::{World, files};
use crate::town;

/// A conversation of Ada's: a picture that is kept, one that was too large, and one that is elsewhere.
fn show_pictures(world: &World) {
    let held = |held| Attachment { held, ..Attachment::of_kind("image") };
    let picture = Attachment {
        media_type: Some("image/png".into()),
        name: Some("my <picture>.png".into()),
        ..held(Held::File(File::new(b"a picture".to_vec())))
    };
    let large = held(Held::File(File::from(File::new(b"a large one".to_vec()).digest())));
    let elsewhere = held(Held::Reference("https://example.org/a.png".into()));
    let parts = [picture, large, elsewhere].map(Part::Attachment);
    let mut turn = Turn::new("t", None, Role::User, parts.to_vec());
    turn.at = Some(town::SAID_AT.parse().unwrap());
    turn.author = Some("ada".into());
    let tenant: TenantId = "default".parse().unwrap();
    let defaults =
        Defaults { tenant, author: None, tier: Some(Tier::Consumer), region: None, age: None, said_at: None };
    let (mut vault, mut entropy) = (Vault::open(&world.data()).unwrap(), Entropy::from_seed([9; 32]));
    let now = "2026-03-01T00:00:00Z".parse().unwrap();
    let mut capture = Capture::begin(&mut vault, defaults, now, &mut entropy).unwrap();
    let counts = capture.add(vec![Conversation::new("pictures", vec![turn]).unwrap()]).unwrap();
    assert_eq!(counts.imported, 1, "{counts:?}");
    capture.commit(None).unwrap();
}

#[test]
fn an_export_holds_the_files_and_says_of_each_where_it_is() {
    let world = town::settled();
    show_pictures(&world);
    let folder = world.beside("export");
    let told = world.json(&["export", "ada", "--folder", folder.to_str().unwrap()]);
    assert_eq!(told["files"], 1);
    let digest = File::new(b"a picture".to_vec()).digest();
    let place = format!("files/{digest}.png");
    assert_eq!(fs::read(folder.join(&place)).unwrap(), b"a picture");
    assert_eq!(files(&folder).len(), 3);
    let export: Value = serde_json::from_slice(&fs::read(folder.join("export.json")).unwrap()).unwrap();
    let turns =
        export["conversations"].as_array().unwrap().iter().flat_map(|one| one["turns"].as_array().unwrap());
    let shown = turns.clone().find(|turn| turn["attachments"] != json!([])).unwrap();
    assert_eq!(shown["complete"], true);
    let large = File::new(b"a large one".to_vec()).digest().to_string();
    let expected = json!([
        { "kind": "image", "media_type": "image/png", "name": "my <picture>.png", "sha256": digest.to_string(), "file": place, "reference": null },
        { "kind": "image", "media_type": null, "name": null, "sha256": large, "file": null, "reference": null },
        { "kind": "image", "media_type": null, "name": null, "sha256": null, "file": null, "reference": "https://example.org/a.png" },
    ]);
    assert_eq!(shown["attachments"], expected);
    let page = fs::read_to_string(folder.join("export.html")).unwrap();
    assert!(page.contains(&format!("<a href=\"{place}\">my &lt;picture&gt;.png</a>")), "{page}");
    assert!(page.contains(&format!("image, not kept; SHA-256 {large}")));
    assert!(page.contains("image, which was at https://example.org/a.png"));
    // Bo has none of it, and the release names what was there by its kind alone.
    let of_bo = world.beside("of-bo");
    assert_eq!(world.json(&["export", "bo", "--folder", of_bo.to_str().unwrap()])["files"], 0);
    assert_eq!(files(&of_bo).len(), 2);
    world.ok(&["release", "build", "first", "--as-of", "2026-03-01T00:00:00Z"]);
    for bytes in files(&world.release("first")).into_values() {
        for trace in [&b"a picture"[..], digest.to_string().as_bytes(), b"my <picture>", b"example.org/a.png"]
        {
            assert!(!bytes.windows(trace.len()).any(|window| window == trace));
        }
    }
}
