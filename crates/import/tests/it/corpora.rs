//! Real exports and data sets, where they are at hand.

use std::collections::BTreeSet;
use std::path::PathBuf;

use candor_conversation::Role;

use crate::support::{Outcome, read};

/// A folder of the corpora beside the project; `None`, with a message, where they are absent.
fn corpus(name: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("../shared/corpora").join(name);
    if !path.exists() {
        println!("skipped: corpus {name} is absent");
        return None;
    }
    Some(path)
}

fn shape(outcome: &Outcome) -> Vec<(usize, usize)> {
    outcome.conversations().iter().map(|c| (c.turns().len(), c.paths().len())).collect()
}

#[test]
fn oasst_validation_rows_become_188_trees_and_every_other_row_has_its_reason() {
    let Some(folder) = corpus("a01_oasst1_en_fi") else { return };
    let outcome = read(&folder.join("en-validation.jsonl.zst"));
    let trees = outcome.conversations();
    assert_eq!(trees.len(), 188);
    // The file's own rows say so: 40 are deleted or below a deleted one, 3 name a parent that is not there.
    let codes = outcome.codes();
    let count = |code: &str| codes.iter().filter(|found| **found == code).count();
    assert_eq!((count("deleted-at-source"), count("parent-missing"), codes.len()), (40, 3, 43));
    let turns: Vec<_> = trees.iter().flat_map(|tree| tree.turns()).collect();
    assert_eq!(turns.len() + codes.len(), 2022);
    let authors: BTreeSet<&str> = turns.iter().map(|turn| turn.author.as_deref().unwrap()).collect();
    assert_eq!(authors.len(), 1031);
    assert!(turns.iter().all(|turn| turn.at.is_some() && turn.text_bytes() > 0));
    let several = trees.iter().filter(|tree| tree.turns().iter().any(|t| t.author != tree.turns()[0].author));
    assert!(several.count() > 180);
}

#[test]
fn rows_that_are_no_conversations_are_passed_over_with_a_reason() {
    let Some(folder) = corpus("a01_oasst1_en_fi") else { return };
    let outcome = read(&folder.join("oasst1-en-train-messages-with-fi.jsonl.zst"));
    assert!(outcome.items.is_empty());
    assert_eq!(outcome.ignored[0].1, "no-conversation");
}

#[test]
fn chatgpt_exports_keep_every_branch_and_name_no_author() {
    let Some(folder) = corpus("c01_export_fixtures") else { return };
    let files = [
        ("knowledgemaxxing/conversations_chatgpt.json", 1),
        ("librechat/chatgpt-citations.json", 1),
        ("librechat/chatgpt-export.json", 2),
        ("librechat/chatgpt-tree.json", 1),
        ("polylogue/fixtures.chatgpt.native-conversation-v1.json", 1),
        ("polylogue/fixtures.origin-capability.chatgpt-export.json", 1),
    ];
    for (name, conversations) in files {
        let outcome = read(&folder.join(name));
        assert_eq!(outcome.codes(), Vec::<&str>::new(), "{name}");
        assert_eq!(outcome.conversations().len(), conversations, "{name}");
        for conversation in outcome.conversations() {
            assert!(conversation.source_id.starts_with("chatgpt:"), "{name}");
            let turns = conversation.turns();
            assert!(turns.iter().all(|turn| turn.author.is_none() && !turn.parts.is_empty()), "{name}");
            let asked = turns.iter().any(|turn| turn.role == Role::User);
            assert!(asked || name.ends_with("citations.json"), "{name}");
        }
    }
    // One of its three entries is damaged on purpose: it has no messages at all.
    let modern = read(&folder.join("librechat/chatgpt-modern-export.json"));
    assert_eq!((modern.conversations().len(), modern.codes()), (2, vec!["unknown-format"]));
    let tree = shape(&read(&folder.join("librechat/chatgpt-tree.json")));
    assert!(tree[0].1 > 1, "a tree has several branches: {tree:?}");
}

#[test]
fn the_folder_of_fixtures_is_read_whole_and_what_is_not_known_yet_is_listed() {
    let Some(folder) = corpus("c01_export_fixtures") else { return };
    let outcome = read(&folder);
    let ids = outcome.conversations();
    let known = |id: &str| id.starts_with("chatgpt:") || id.starts_with("messages:");
    assert!(ids.len() >= 10 && ids.iter().all(|c| known(&c.source_id)));
    for name in ["knowledgemaxxing/MyActivity.html", "knowledgemaxxing/LICENSE"] {
        assert!(outcome.ignored.contains(&(name.to_owned(), "not-json")), "{name}");
    }
    let other =
        ["conversations_claude.json", "grok-export.json", "openwebui-export.json", "librechat-tree.json"];
    for name in other {
        let listed = outcome.ignored.iter().find(|(file, _)| file.ends_with(name));
        assert_eq!(listed.map(|(_, why)| *why), Some("no-conversation"), "{name}");
    }
    // Generated fixtures hold nonsense for times and roles: each is refused by the name of its field.
    for failure in outcome.failures() {
        let damaged = failure.source.file.ends_with("chatgpt-modern-export.json");
        let expected = if damaged { "unknown-format" } else { "invalid-field" };
        assert_eq!(failure.reason.code(), expected, "{failure}");
    }
}
